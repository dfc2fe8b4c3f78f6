"""Probability that sits on single values, whatever law it is part of."""

from __future__ import annotations

from typing import Any

import numpy as np
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array, Distribution


def masses(law: Distribution) -> tuple[Array, Array]:
    """Give the values that have a probability of their own, ascending, and those probabilities.

    Raises
    ------
    ParameterError
        For a discrete law with more values than are worth listing.

    Examples
    --------
    >>> from rangecast.distributions import Bernoulli
    >>> masses(Bernoulli(0.25))
    (array([0., 1.]), array([0.75, 0.25]))
    """
    listed: Any = getattr(law, "masses", None)
    if listed is not None:
        values, weights = listed()
        return np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    if not law.discrete:
        return np.empty(0), np.empty(0)
    atoms: Any = law.atoms()  # type: ignore[attr-defined]  # discrete laws
    if atoms is None:
        message = "has too many possible values to be part of another distribution"
        raise ParameterError("E303", "", message, hint="use a continuous one, without round")
    return np.asarray(atoms[0], dtype=float), np.diff(atoms[1], prepend=0.0)


def exceedance(law: Distribution, x: Array) -> Array:
    """Probability above `x`, with all its digits where the law can tell it."""
    tail: Any = getattr(law, "sf", None)
    return np.asarray(1.0 - law.cdf(x) if tail is None else tail(x), dtype=float)


def share_between(law: Distribution, low: float, high: float) -> float:
    """Probability of a value from `low` to `high`, both included."""
    values, weights = masses(law)
    ends = np.array([low, high])
    below, _ = law.cdf(ends)
    at_low = float(weights[values == low].sum())
    _, above = exceedance(law, ends)
    return max(1.0 - (float(below) - at_low) - float(above), 0.0)
