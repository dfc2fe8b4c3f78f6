"""What a unit says of the values it can have: a count, a mass or a sum of money is not negative."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rangecast.engine.model.units import Vocabulary

Bounds = tuple[float, float]
UNBOUNDED: Bounds = (-math.inf, math.inf)
SHARES = {"share": 1.0, "fraction": 1.0, "proportion": 1.0, "probability": 1.0}
"""Units of a share of something, and what the whole is."""
PERCENTAGES = {"%": 100.0, "percent": 100.0}
NEVER_NEGATIVE = ("[time]", "[mass]")
"""Dimensions of physics that cannot be below zero; a length or a temperature can."""


def bounds_of_unit(unit: str, words: Vocabulary) -> Bounds:
    """Give the values that a unit allows, infinite where it says nothing.

    A share lies from 0 to its whole. What is counted in words of the model's own (servers, visits,
    CNY), in time or in mass, or in these by something, starts at 0. A pure number, a growth rate
    (``1/year``, ``%/year``) or a unit with a length, a temperature or the like may be negative.

    Parameters
    ----------
    unit : str
    words : Vocabulary
        The model's.

    Examples
    --------
    >>> from rangecast.engine.model.units import Vocabulary
    >>> words = Vocabulary({"visit": "base"})
    >>> [bounds_of_unit(u, words) for u in ("%", "visit/day", "1/year", "m")]
    [(0.0, 100.0), (0.0, inf), (-inf, inf), (-inf, inf)]
    """
    whole = (SHARES | PERCENTAGES).get(unit.strip())
    if whole is not None:
        return 0.0, whole
    try:
        powers: Mapping[str, Any] = words.unit(unit).dimensionality
    except ValueError:
        return UNBOUNDED
    own = {f"[{word}]" for word in (*words.words, *words.invented)}
    above = [dimension for dimension, power in powers.items() if power > 0]
    if above and all(dimension in own or dimension in NEVER_NEGATIVE for dimension in above):
        return 0.0, math.inf
    return UNBOUNDED
