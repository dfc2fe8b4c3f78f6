"""The few rules that parameters are held to; each refuses in the same words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from rangecast.distributions.errors import ParameterError


def number(value: float) -> str:
    """Write a number as briefly as it allows.

    Examples
    --------
    >>> number(5e7), number(0.25)
    ('5e+07', '0.25')
    """
    return f"{value:.6g}"


def finite(**named: float) -> None:
    """Refuse NaN and infinity."""
    for name, value in named.items():
        if not math.isfinite(value):
            raise ParameterError("E305", name, "must be finite", got=str(value))


def positive(**named: float) -> None:
    """Refuse anything but finite numbers above zero."""
    finite(**named)
    for name, value in named.items():
        if not value > 0:
            raise ParameterError("E303", name, "must be > 0", got=number(value))


def not_negative(**named: float) -> None:
    """Refuse anything but finite numbers from zero."""
    finite(**named)
    for name, value in named.items():
        if not value >= 0:
            raise ParameterError("E303", name, "must be 0 or more", got=number(value))


def probability(**named: float) -> None:
    """Refuse anything outside 0 … 1."""
    finite(**named)
    for name, value in named.items():
        if not 0 <= value <= 1:
            raise ParameterError("E303", name, "must lie between 0 and 1", got=number(value))


def ordered(**named: float) -> None:
    """Refuse neighbours that decrease."""
    finite(**named)
    names, values = list(named), list(named.values())
    for k in range(len(values) - 1):
        if not values[k] <= values[k + 1]:
            got = f"{names[k]} = {number(values[k])}, {names[k + 1]} = {number(values[k + 1])}"
            message = f"{names[k]} must not exceed {names[k + 1]}"
            raise ParameterError("E304", names[k], message, got=got)


def between(low: float, mode: float, high: float) -> None:
    """Refuse a mode outside its bounds."""
    ordered(low=low, high=high)
    finite(mode=mode)
    if not low <= mode <= high:
        message = (
            f"mode = {number(mode)} must lie between low = {number(low)} and high = {number(high)}"
        )
        raise ParameterError("E304", "mode", message)


def above(least: float, **named: float) -> None:
    """Refuse anything but finite numbers above a bound."""
    finite(**named)
    for name, value in named.items():
        if not value > least:
            raise ParameterError("E303", name, f"must be > {number(least)}", got=number(value))


def inside(low: float, high: float, **named: float) -> None:
    """Refuse anything that does not lie between two bounds."""
    finite(**named)
    for name, value in named.items():
        if not low < value < high:
            allowed = f"must lie between {number(low)} and {number(high)}"
            raise ParameterError("E303", name, allowed, got=number(value))


def percentile(level: float) -> str:
    """Name of a percentile in a model file.

    Examples
    --------
    >>> percentile(0.05), percentile(0.975)
    ('p05', 'p97.5')
    """
    return f"p{100 * level:02.4g}"


def levels(percentiles: Mapping[float, float], count: int) -> tuple[list[float], list[float]]:
    """Give so many percentiles, levels and values apart, in increasing order."""
    if len(percentiles) != count:
        words = {1: "one percentile is", 2: "two percentiles are", 3: "three percentiles are"}
        such = {1: "p50", 2: "p10 and p90", 3: "p10, p50 and p90"}
        raise ParameterError("E302", "", f"{words[count]} needed, such as {such[count]}")
    ascending(percentiles)
    places = sorted(percentiles)
    return places, [float(percentiles[p]) for p in places]


def ascending(percentiles: Mapping[float, float]) -> None:
    """Refuse percentiles that are not finite or do not ascend."""
    pairs = sorted(percentiles.items())
    finite(**{percentile(p): value for p, value in pairs})
    for (p, a), (q, b) in pairwise(pairs):
        if not a < b:
            first, second = percentile(p), percentile(q)
            got = f"{first} = {number(a)}, {second} = {number(b)}"
            raise ParameterError("E304", first, f"{first} must be < {second}", got=got)


def two_levels(
    percentiles: Mapping[float, float], least: float = -math.inf
) -> tuple[float, float, float, float]:
    """Give (p, value at p, q, value at q) of two percentiles above a bound, in increasing order."""
    if least > -math.inf:
        above(least, **{percentile(p): value for p, value in percentiles.items()})
    (p, q), (a, b) = levels(percentiles, 2)
    return p, a, q, b
