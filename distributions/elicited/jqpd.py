"""Johnson quantile-parameterised laws: three symmetric percentiles and one or two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special

_STEP, _REACH = 0.01, 38.0


@dataclass(frozen=True, slots=True)
class JQPD(Sampled):
    """A smooth law through three percentiles, with a lower bound or two (Hadlock and Bickel, 2017).

    Every three ascending values inside the bounds are met exactly; the tails are those of a
    lognormal without an upper bound.

    Parameters
    ----------
    level : float
        Of the lowest percentile: 0.1 for P10, P50 and P90; above 0, below 1/2.
    low_value, middle_value, high_value : float
        Percentiles at `level`, 1/2 and 1 − `level`.
    low : float
        Lower bound.
    high : float
        Upper bound; infinite for none.

    Examples
    --------
    >>> law = JQPD.from_percentiles({0.1: 10.0, 0.5: 25.0, 0.9: 60.0})
    >>> law.quantile(np.array([0.1, 0.5, 0.9])).round(9)
    array([10., 25., 60.])
    """

    level: float
    low_value: float
    middle_value: float
    high_value: float
    low: float = 0.0
    high: float = math.inf
    discrete = False

    def __post_init__(self) -> None:
        values = {"low_value": self.low_value, "middle_value": self.middle_value}
        _require.finite(low=self.low, **values, high_value=self.high_value)
        if not 0 < self.level < 0.5:
            got, message = _require.number(self.level), "must lie between 0 and 1/2"
            raise ParameterError("E303", "level", message, got=got)
        ends = (self.low, self.low_value, self.middle_value, self.high_value, self.high)
        if not all(a < b for a, b in pairwise(ends)):
            message = "low < lowest percentile < median < highest percentile < high must hold"
            raise ParameterError("E304", "", message, got=", ".join(map(_require.number, ends)))

    @classmethod
    def from_percentiles(
        cls, percentiles: dict[float, float], low: float = 0.0, high: float = math.inf
    ) -> JQPD:
        """Fit three symmetric percentiles such as P10, P50 and P90."""
        levels = sorted(percentiles)
        if len(levels) != 3 or levels[1] != 0.5 or abs(levels[0] + levels[2] - 1) > 1e-12:
            got = ", ".join(f"p{100 * p:02.4g}" for p in levels)
            message = "three symmetric percentiles are needed, such as p10, p50 and p90"
            raise ParameterError("E302", "", message, got=got)
        values = [float(percentiles[p]) for p in levels]
        return cls(levels[0], values[0], values[1], values[2], low, high)

    def _scores(self) -> tuple[float, float, float]:
        """Place of the three values on the scale where the law is simple."""
        values = (self.low_value, self.middle_value, self.high_value)
        if math.isinf(self.high):
            a, b, c = (math.log(v - self.low) for v in values)
            return a, b, c
        width = self.high - self.low
        shares = [((v - self.low) / width, (self.high - v) / width) for v in values]
        a, b, c = (
            float(special.ndtri(s)) if s < 0.5 else -float(special.ndtri(r)) for s, r in shares
        )
        return a, b, c

    def _shape(self) -> tuple[float, float, float, float, int]:
        """Centre, λ, δ, z of the upper level, and which way the law leans."""
        a, b, c = self._scores()
        z = -float(special.ndtri(self.level))
        least = min(b - a, c - b)
        ratio = (c - a) / (2 * least) if least > 0 else math.inf
        if not ratio > 1 + 1e-10:
            return b, (c - a) / (2 * z), 0.0, z, 0
        if math.isinf(ratio):
            raise ParameterError("E305", "", "two of the percentiles are too close to tell apart")
        lean = 1 if a + c > 2 * b else -1
        centre = a if lean > 0 else c
        if math.isinf(self.high):
            delta = math.sinh(math.acosh(ratio)) / z
            return centre, least / (delta * z), delta, z, lean
        delta = math.acosh(ratio) / z
        return centre, (c - a) / math.sinh(2 * delta * z), delta, z, lean

    def _at(self, z: Array) -> Array:
        centre, lam, delta, edge, lean = self._shape()
        with np.errstate(over="ignore"):
            if not lean:
                score = centre + lam * z
            elif math.isinf(self.high):
                turn = np.arcsinh(delta * z) + lean * math.asinh(delta * edge)
                score = centre + lam * np.sinh(turn)
            else:
                score = centre + lam * np.sinh(delta * (z + lean * edge))
            if math.isinf(self.high):
                return np.asarray(self.low + np.exp(score))
            width = self.high - self.low
            from_high = self.high - width * special.ndtr(-score)
            found: Array = np.where(score < 0, self.low + width * special.ndtr(score), from_high)
            return found

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self._at(special.ndtri(u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self._at(-special.ndtri(q))

    def _normal(self, x: Array) -> Array:
        """Normal score of a value inside the bounds."""
        centre, lam, delta, edge, lean = self._shape()
        with np.errstate(all="ignore"):
            if math.isinf(self.high):
                score = np.log(x - self.low)
            else:
                width = self.high - self.low
                above = -special.ndtri((self.high - x) / width)
                score = np.where(
                    x - self.low < width / 2, special.ndtri((x - self.low) / width), above
                )
            if not lean:
                return np.asarray((score - centre) / lam)
            turn = np.arcsinh((score - centre) / lam)
            if math.isinf(self.high):
                return np.asarray(np.sinh(turn - lean * math.asinh(delta * edge)) / delta)
            return np.asarray(turn / delta - lean * edge)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x, dtype=float)
        found = special.ndtr(self._normal(x))
        return np.where(x <= self.low, 0.0, np.where(x >= self.high, 1.0, found))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x = np.asarray(x, dtype=float)
        found = special.ndtr(-self._normal(x))
        return np.where(x <= self.low, 1.0, np.where(x >= self.high, 0.0, found))

    def _moment(self, power: int, around: float) -> float:
        """Moment by the trapezoidal rule in the normal score, which is as good as exact here."""
        z = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
        with np.errstate(over="ignore"):
            terms = (self._at(z) - around) ** power * np.exp(-0.5 * z * z)
        return float(terms.sum() * _STEP / math.sqrt(2 * math.pi))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.middle_value + self._moment(1, self.middle_value)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self._moment(2, self.mean))

    @property
    def support(self) -> tuple[float, float]:
        """The two bounds."""
        return self.low, self.high
