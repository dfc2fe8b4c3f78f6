"""The few rules that parameters are held to; each refuses in the same words."""

from __future__ import annotations

import math

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


def two_levels(percentiles: dict[float, float]) -> tuple[float, float, float, float]:
    """Give (p, value at p, q, value at q) of two percentiles in increasing order."""
    if len(percentiles) != 2:
        raise ParameterError("E302", "", "two percentiles are needed, such as p10 and p90")
    (p, a), (q, b) = sorted(percentiles.items())
    names = [f"p{100 * level:02.4g}".replace(".", "_") for level in (p, q)]
    finite(**{names[0]: a, names[1]: b})
    if not a < b:
        got = f"{names[0]} = {number(a)}, {names[1]} = {number(b)}"
        raise ParameterError("E304", names[0], f"{names[0]} must be < {names[1]}", got=got)
    return p, a, q, b
