"""One call from observed values to a law."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from rangecast.distributions.data._observed import ordered
from rangecast.distributions.data.empirical import Empirical
from rangecast.distributions.data.likelihood import CANDIDATES, NoFitError, fit_family
from rangecast.distributions.data.smoothed import Smoothed
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array, Distribution

METHODS = ("empirical", "smoothed", "fitted")
FEW = 20
"""Values below which not even P5 and P95 lie inside what was observed."""


def _near(word: str, known: Sequence[str]) -> str:
    found = get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return f"did you mean '{found[0]}'?" if found else ""


def check_method(method: str, family: str) -> None:
    """Refuse an unknown method or family, and a family that is missing or not asked for.

    Raises
    ------
    ParameterError
    """
    if method not in METHODS:
        allowed = f"one of {', '.join(METHODS)}"
        hint = _near(method, METHODS)
        raise ParameterError("E115", "method", allowed, got=repr(method), hint=hint)
    if method != "fitted" and family:
        message = 'only method = "fitted" takes a family'
        raise ParameterError("E302", "family", message, got=repr(family))
    if method == "fitted" and not family:
        hint = "rangecast fit FILE ranks them"
        raise ParameterError("E302", "family", "a fitted law names its family", hint=hint)
    if family and family not in CANDIDATES:
        allowed = f"one of {', '.join(CANDIDATES)}"
        hint = _near(family, list(CANDIDATES))
        raise ParameterError("E301", "family", allowed, got=repr(family), hint=hint)


def from_data(
    values: Sequence[float] | Array, method: str = "empirical", family: str = ""
) -> Distribution:
    """Make a law of observed values.

    Parameters
    ----------
    values : sequence of float
        Finite; a list, an array or a pandas column.
    method : str
        ``empirical``: draws are observed values. ``smoothed``: a Gaussian kernel around each,
        which reaches a little beyond them. ``fitted``: the law of a family under which the values
        are most probable.
    family : str
        Of a fitted law, such as ``lognormal``; `rangecast.fit` ranks them.

    Raises
    ------
    ParameterError
        For values that are not finite, too few of them, or a family that does not fit.

    Examples
    --------
    >>> from_data([12.0, 15.0, 15.0, 40.0]).mean
    20.5
    >>> from_data([1.0, 2.0, 6.0], method="fitted", family="exponential")
    Exponential(mean=3.0)
    """
    check_method(method, family)
    if method == "empirical":
        return Empirical(values)
    found = ordered(values)
    if method == "smoothed":
        return Smoothed(found)
    try:
        return fit_family(family, found)
    except NoFitError as problem:
        message = f"no {family} fits these values: {problem}"
        hint = "rangecast fit FILE ranks the families"
        raise ParameterError("E310", "family", message, hint=hint) from None


def few(count: int) -> str:
    """Say what so few values cannot show; nothing from 20 values on.

    Examples
    --------
    >>> few(7)
    'only 7 values: they say nothing of the lowest and highest 1 in 7'
    """
    if count >= FEW:
        return ""
    return f"only {count} values: they say nothing of the lowest and highest 1 in {count}"
