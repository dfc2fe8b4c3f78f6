"""What fits through percentiles share: a root, the place between percentiles, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array

JQPD_HINT = "use a J-QPD (dist = 'jqpd')"
_ROUNDS = 200
_DOUBLINGS = 24
_SHAPES = 40.0
"""Largest size of the logarithm of a shape."""
_CLOSE = 1e-9
"""Largest distance of a fitted percentile from the given one, of that between the outer two."""


def root(f: Callable[[float], float], low: float, high: float) -> float:
    """Find where a function changes sign between two points, to the last digits.

    Inverse quadratic steps where they are safe, else halves (Chandrupatla, 1997).

    Examples
    --------
    >>> round(root(lambda x: x * x - 2.0, 0.0, 2.0), 12)
    1.414213562373
    """
    a, b, fa, fb = high, low, f(high), f(low)
    c, fc, share = a, fa, 0.5
    for _ in range(_ROUNDS):
        x = a + share * (b - a)
        fx = f(x)
        if math.copysign(1.0, fx) == math.copysign(1.0, fa):
            c, fc = a, fa
        else:
            c, b, fc, fb = b, a, fb, fa
        a, fa = x, fx
        best = a if abs(fa) < abs(fb) else b
        tolerance = 2e-16 * abs(best) + 1e-300
        if fx == 0 or abs(b - a) <= 4 * tolerance:
            return best
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        share = 0.5
        if phi**2 < xi and (1 - phi) ** 2 < 1 - xi:
            share = fa / (fb - fa) * fc / (fb - fc)
            share += (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        least = tolerance / abs(b - a)
        share = min(1 - least, max(least, share))
    return best


def around(f: Callable[[float], float], start: float, step: float) -> tuple[float, float] | None:
    """Bracket the root of a rising function by steps that double; None where none is found."""
    below = above = start
    for _ in range(_DOUBLINGS):
        if f(below) <= 0:
            break
        above, below, step = below, below - step, 2 * step
    for _ in range(_DOUBLINGS):
        if f(above) >= 0:
            return (below, above) if f(below) <= 0 else None
        below, above, step = above, above + step, 2 * step
    return None


def exponential_growth(z: list[float], values: list[float]) -> float:
    """Rate σ of exp(σ z) whose steps between three points have the ratio of those of three values.

    It is negative where the values bend the other way, and 0 where they lie on a line.
    """
    first, second, whole = z[1] - z[0], z[2] - z[1], z[2] - z[0]
    wanted = math.log((values[2] - values[1]) / second) - math.log((values[1] - values[0]) / first)

    def apart(rate: float) -> float:
        bent = _log_sinhc(rate * second / 2) - _log_sinhc(rate * first / 2)
        return rate * whole / 2 + bent - wanted

    found = around(apart, 0.0, 1.0)
    assert found is not None  # it rises without bounds
    return root(apart, *found)


def _log_sinhc(x: float) -> float:
    """Logarithm of sinh(x) / x."""
    x = abs(x)
    return x * x / 6 if x < 1e-4 else x + math.log(-math.expm1(-2 * x) / (2 * x))


def shape_of_ratio(
    family: str, standard: Callable[[float, Array], Array], percentiles: Mapping[float, float]
) -> tuple[float, float]:
    """Fit the shape and the scale of a positive law whose percentiles draw together as it grows.

    Parameters
    ----------
    family : str
    standard : callable
        Quantiles of the law of scale 1, from the logarithm of its shape and probabilities.
    percentiles : dict
        Two, positive.

    Returns
    -------
    shape, scale : float

    Raises
    ------
    ParameterError
        When the upper percentile is too many times the lower one (E306).
    """
    p, a, q, b = _require.two_levels(percentiles, 0.0)
    levels, wanted = np.array([p, q]), math.log(b) - math.log(a)

    def apart(log_shape: float) -> float:
        bounded = min(max(log_shape, -_SHAPES), _SHAPES)
        low, high = standard(bounded, levels).tolist()
        if not low > 0:
            return -1e9
        return wanted - (math.log(high) - math.log(low))

    found = around(apart, 0.0, 1.0)
    if found is None and apart(-_SHAPES) > 0:
        most = math.exp(wanted - apart(-_SHAPES))
        raise ParameterError(
            "E306",
            _require.percentile(q),
            f"is at most {most:.4g} times {_require.percentile(p)} in {family}",
            got=f"{b / a:.4g} times",
            hint="use a lognormal, which has no such limit",
        )
    log_shape = root(apart, *found) if found else _SHAPES
    return math.exp(log_shape), b / float(standard(log_shape, levels)[1])


def check_place(
    family: str,
    percentiles: Mapping[float, float],
    least: float,
    most: float,
    mode: float | None = None,
) -> float:
    """Refuse a middle percentile, or a mode, where the family cannot have it (E306).

    Parameters
    ----------
    family : str
    percentiles : dict
        Three, or two beside a mode.
    least, most : float
        Where the family can have it, of the way from the lowest to the highest percentile.
    mode : float, optional

    Returns
    -------
    float
        Its place.
    """
    levels = sorted(percentiles)
    low, high = percentiles[levels[0]], percentiles[levels[-1]]
    name = _require.percentile(levels[1]) if mode is None else "mode"
    value = percentiles[levels[1]] if mode is None else mode
    place = (value - low) / (high - low)
    if least <= place <= most:
        return place
    ends = [_require.number(low + share * (high - low)) for share in (least, most)]
    first, last = _require.percentile(levels[0]), _require.percentile(levels[-1])
    message = (
        f"{family} with {first} = {_require.number(low)} and {last} = {_require.number(high)} has "
        f"its {name} between {ends[0]} and {ends[1]}, {100 * least:.3g} to {100 * most:.3g} % of "
        "the way"
    )
    got = f"{_require.number(value)}, {100 * place:.3g} %"
    raise ParameterError("E306", name, message, got=got, hint=JQPD_HINT)


def peak(
    family: str,
    standard: Callable[[float, Array], Array],
    percentiles: dict[float, float],
    mode: float | None,
) -> tuple[float, float, float]:
    """Fit bounds and mode to three percentiles, or to two beside a mode.

    Parameters
    ----------
    family : str
    standard : callable
        Quantiles of the law on 0 … 1, from its mode and probabilities.
    percentiles : dict
    mode : float or None

    Returns
    -------
    low, mode, high : float
    """
    levels, values = _require.levels(percentiles, 3 if mode is None else 2)
    if mode is not None:
        _require.finite(mode=mode)

    def place(peaked: float) -> float:
        at = standard(peaked, np.array(levels)).tolist()
        middle = at[1] if mode is None else peaked
        return float((middle - at[0]) / (at[-1] - at[0]))

    wanted = check_place(family, percentiles, place(0.0), place(1.0), mode)
    peaked = root(lambda m: place(m) - wanted, 0.0, 1.0)
    at = standard(peaked, np.array(levels)).tolist()
    width = (values[-1] - values[0]) / (at[-1] - at[0])
    low = values[0] - width * at[0]
    high = values[-1] + width * (1 - at[-1])
    inside = min(max(low + width * peaked, low), high) if mode is None else mode
    return low, inside, high


class _Law(Protocol):
    def quantile(self, u: Array) -> Array: ...


L = TypeVar("L", bound=_Law)


def met(family: str, make: Callable[[], L], percentiles: Mapping[float, float]) -> L:
    """Make a law and see that it has the percentiles that it was made for.

    Raises
    ------
    ParameterError
        When rounding has spoilt it (E306): percentiles too close together, or too far apart.
    """
    levels, values = np.array(list(percentiles)), np.array(list(percentiles.values()))
    near = _CLOSE * np.ptp(values) + 4 * np.finfo(float).eps * np.abs(values)
    try:
        with np.errstate(all="ignore"):
            law = make()
            good = bool((np.abs(law.quantile(levels) - values) <= near).all())
    except (ParameterError, ArithmeticError):
        good = False
    if not good:
        message = f"{family} through these percentiles is beyond what numbers of 64 bits can hold"
        got = ", ".join(map(repr, values.tolist()))
        raise ParameterError("E306", "", message, got=got)
    return law
