"""Keelin's metalog: a smooth law through any number of percentiles."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special

MOST_TERMS = 16
_STEPS = 40_000
_GRID = np.linspace(-40.0, 40.0, 8_001)
"""Log-odds at which the slope is checked; beyond, the tails follow their last term."""


def basis(log_odds: Array, place: Array, terms: int) -> Array:
    """Terms of the metalog at given log-odds L and place c = y − 1/2 (Keelin, 2016, eq. 6).

    Returns
    -------
    ndarray of shape (terms, …)
        1, L, cL, c, c², c²L, c³, c³L, …
    """
    columns = [np.ones_like(place), log_odds, place * log_odds, place]
    for k in range(4, terms):
        power = place ** (k // 2)
        columns.append(power if k % 2 == 0 else power * log_odds)
    return np.stack(columns[:terms])


def slope(coefficients: tuple[float, ...], log_odds: Array) -> Array:
    """Derivative of the metalog by the log-odds: positive everywhere for a law."""
    y = special.expit(log_odds)
    place, spread = y - 0.5, y * special.expit(-log_odds)
    found = np.zeros_like(log_odds)
    for k, a in enumerate(coefficients):
        if k == 1:
            found += a
        elif k in {2, 3}:
            found += a * (place + log_odds * spread if k == 2 else spread)
        elif k >= 4:
            n = k // 2
            steep = n * place ** (n - 1) * spread
            found += a * (steep if k % 2 == 0 else place**n + steep * log_odds)
    return found


def is_law(coefficients: tuple[float, ...]) -> bool:
    """Whether the metalog of these coefficients increases everywhere."""
    if len(coefficients) < 2 or not np.isfinite(coefficients).all():
        return False
    return bool((slope(coefficients, _GRID) > 0).all()) and min(_tails(coefficients)) > 0


def _tails(coefficients: tuple[float, ...]) -> tuple[float, float]:
    """How steeply the metalog rises with the log-odds at its two far ends."""
    ends = []
    for place in (-0.5, 0.5):
        powers = [1.0 if k == 1 else place ** (k // 2) for k in range(len(coefficients))]
        logs = [k for k in range(len(coefficients)) if k in {1, 2} or (k >= 5 and k % 2)]
        steep = [powers[k] if k != 2 else place for k in logs]
        ends.append(sum(coefficients[k] * p for k, p in zip(logs, steep, strict=True)))
    return ends[0], ends[1]


@dataclass(frozen=True, slots=True)
class Metalog(Sampled):
    """A law whose quantile function is a sum of simple terms: it takes any smooth shape.

    Parameters
    ----------
    a : tuple of float
        Coefficients, at least two (Keelin, 2016).
    low, high : float
        Bounds; infinite for none. With bounds the sum is that of log(x − low), of −log(high − x) or
        of the log-odds of x between them.

    Examples
    --------
    >>> law = Metalog.from_percentiles({0.1: 10.0, 0.5: 25.0, 0.9: 60.0}, low=0.0)
    >>> law.quantile(np.array([0.1, 0.5, 0.9])).round(9)
    array([10., 25., 60.])
    """

    a: tuple[float, ...]
    low: float = -math.inf
    high: float = math.inf
    discrete = False

    def __post_init__(self) -> None:
        if not 2 <= len(self.a) <= MOST_TERMS:
            got, allowed = str(len(self.a)), f"2 to {MOST_TERMS}"
            raise ParameterError("E302", "a", f"needs {allowed} coefficients", got=got)
        if not self.low < self.high:
            got = f"low = {_require.number(self.low)}, high = {_require.number(self.high)}"
            raise ParameterError("E304", "low", "low must be < high", got=got)
        if not is_law(self.a):
            message = "no metalog: its quantiles would not increase everywhere"
            got = ", ".join(map(_require.number, self.a))
            raise ParameterError("E304", "", message, got=got, hint=_HINT)

    @classmethod
    def from_percentiles(
        cls, percentiles: dict[float, float], low: float = -math.inf, high: float = math.inf
    ) -> Metalog:
        """Fit any number of percentiles exactly, one term for each."""
        levels = sorted(percentiles)
        values = [float(percentiles[p]) for p in levels]
        names = [f"p{100 * p:02.4g}" for p in levels]
        if not 2 <= len(levels) <= MOST_TERMS:
            message = f"2 to {MOST_TERMS} percentiles are needed"
            raise ParameterError("E302", "", message, got=", ".join(names))
        for one, name in zip(values, names, strict=True):
            if not low < one < high:
                allowed = f"must lie between {_require.number(low)} and {_require.number(high)}"
                raise ParameterError("E303", name, allowed, got=_require.number(one))
        for k in range(len(values) - 1):
            if not values[k] < values[k + 1]:
                got = f"{names[k]} = {_require.number(values[k])}, "
                got += f"{names[k + 1]} = {_require.number(values[k + 1])}"
                message = f"{names[k]} must be < {names[k + 1]}"
                raise ParameterError("E304", names[k], message, got=got)
        y = np.array(levels)
        matrix = basis(special.logit(y), y - 0.5, len(y)).T
        scores = _to_scores(np.array(values), low, high)
        found = tuple(np.linalg.solve(matrix, scores).tolist())
        if not is_law(found):
            message = "no metalog goes through these percentiles without turning back"
            got = ", ".join(
                f"{n} = {_require.number(v)}" for n, v in zip(names, values, strict=True)
            )
            raise ParameterError("E306", "", message, got=got, hint=_HINT)
        return cls(found, low, high)

    def _at(self, log_odds: Array, place: Array) -> Array:
        with np.errstate(all="ignore"):
            score = np.tensordot(np.array(self.a), basis(log_odds, place, len(self.a)), axes=1)
            return _from_scores(score, self.low, self.high)

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        u = np.asarray(u, dtype=float)
        with np.errstate(all="ignore"):
            return self._at(np.log(u) - np.log1p(-u), u - 0.5)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        q = np.asarray(q, dtype=float)
        with np.errstate(all="ignore"):
            return self._at(np.log1p(-q) - np.log(q), 0.5 - q)

    def _log_odds(self, x: Array) -> Array:
        """Log-odds at which the quantile function reaches a value inside the bounds.

        Newton's steps kept inside a bracket; the function rises everywhere.
        """
        wanted = _to_scores(x, self.low, self.high)
        at = np.zeros_like(wanted)
        low, high = np.full_like(wanted, -745.0), np.full_like(wanted, 745.0)
        for _ in range(100):
            place = special.expit(at) - 0.5
            score = np.tensordot(np.array(self.a), basis(at, place, len(self.a)), axes=1)
            apart = score - wanted
            low, high = np.where(apart < 0, at, low), np.where(apart > 0, at, high)
            following = at - apart / slope(self.a, at)
            inside = (following > low) & (following < high)
            following = np.where(inside, following, (low + high) / 2)
            if not (np.abs(following - at) > 1e-15 * np.maximum(np.abs(at), 1.0)).any():
                break
            at = following
        return at

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x, dtype=float)
        inside, log_odds = self._placed(x)
        return np.where(inside, special.expit(log_odds), np.where(x >= self.high, 1.0, 0.0))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x = np.asarray(x, dtype=float)
        inside, log_odds = self._placed(x)
        return np.where(inside, special.expit(-log_odds), np.where(x >= self.high, 0.0, 1.0))

    def _placed(self, x: Array) -> tuple[NDArray[np.bool_], Array]:
        """Whether values are possible, and the log-odds of those that are."""
        inside = (x > self.low) & (x < self.high) & np.isfinite(x)
        return inside, self._log_odds(np.where(inside, x, self.quantile(np.array(0.5))))

    def _tail_index(self) -> float:
        """Power of 1/(1 − y) with which values grow at a far end without a bound; 0 for none."""
        left, right = _tails(self.a)
        if math.isfinite(self.low) and math.isinf(self.high):
            return right
        return left if math.isfinite(self.high) and math.isinf(self.low) else 0.0

    @property
    def mean(self) -> float:
        """Expected value."""
        return _moments(self)[0]

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return _moments(self)[1]

    @property
    def support(self) -> tuple[float, float]:
        """The two bounds."""
        return self.low, self.high


_HINT = "give fewer percentiles, other bounds, or a J-QPD (dist = 'jqpd')"


def _to_scores(x: Array, low: float, high: float) -> Array:
    if math.isinf(low) and math.isinf(high):
        return x
    if math.isinf(high):
        return np.asarray(np.log(x - low))
    if math.isinf(low):
        return np.asarray(-np.log(high - x))
    return np.asarray(np.log(x - low) - np.log(high - x))


def _from_scores(score: Array, low: float, high: float) -> Array:
    if math.isinf(low) and math.isinf(high):
        return score
    if math.isinf(high):
        return np.asarray(low + np.exp(score))
    if math.isinf(low):
        return np.asarray(high - np.exp(-score))
    share, rest = special.expit(score), special.expit(-score)
    width = high - low
    found: Array = np.where(share < 0.5, low + width * share, high - width * rest)
    return found


@functools.lru_cache(maxsize=128)
def _moments(law: Metalog) -> tuple[float, float]:
    """Mean and standard deviation by the trapezoidal rule in the log-odds."""
    index = law._tail_index()
    if index >= 1:
        return (math.inf if math.isinf(law.high) else -math.inf), math.nan
    reach = min(700.0, 40.0 / max(1 - 2 * index if index < 0.5 else 1 - index, 0.05))
    t = np.linspace(-reach, reach, _STEPS + 1)
    weight = special.expit(t) * special.expit(-t) * (2 * reach / _STEPS)
    values = law._at(t, special.expit(t) - 0.5)
    middle = float(law.quantile(np.array(0.5)))
    mean = middle + float(((values - middle) * weight).sum())
    if index >= 0.5:
        return mean, math.inf
    return mean, math.sqrt(float(((values - mean) ** 2 * weight).sum()))
