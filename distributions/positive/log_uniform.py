"""The log-uniform law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class LogUniform(Sampled):
    """Every order of magnitude between the bounds is as likely as another.

    Parameters
    ----------
    low, high : float
        Above 0.

    Examples
    --------
    >>> LogUniform(1.0, 100.0).quantile(np.array([0.25, 0.5])).round(6)
    array([ 3.162278, 10.      ])
    """

    low: float
    high: float
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(low=self.low, high=self.high)
        _require.ordered(low=self.low, high=self.high)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> LogUniform:
        """Fit two positive percentiles exactly."""
        p, a, q, b = _require.two_levels(percentiles, 0.0)
        step = (math.log(b) - math.log(a)) / (q - p)
        low = math.log(a) - p * step
        if max(abs(low), abs(low + step)) > 709:
            got = f"{_require.number(a)} and {_require.number(b)}"
            raise ParameterError("E308", "", "bounds would overflow", got=got)
        return cls(math.exp(low), math.exp(low + step))

    @property
    def _width(self) -> float:
        return float(_log_ratio(np.array(self.high), self.low))

    @property
    def mean(self) -> float:
        """Expected value."""
        width = self._width
        return (self.high - self.low) / width if width else self.low

    @property
    def sd(self) -> float:
        """Standard deviation."""
        width = self._width
        if width < 0.1:  # the closed form cancels: (w/2) coth(w/2) − 1 as a series
            square = width * width
            share = square / 12 - square**2 / 720 + square**3 / 30240 - square**4 / 1209600
        else:
            share = width / 2 / math.tanh(width / 2) - 1
        return self.mean * math.sqrt(share)

    @property
    def support(self) -> tuple[float, float]:
        """The two bounds."""
        return self.low, self.high

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        u = np.asarray(u, dtype=float)
        return self._from_ends(u, 1 - u)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        q = np.asarray(q, dtype=float)
        return self._from_ends(1 - q, q)

    def _from_ends(self, below: Array, above: Array) -> Array:
        """From the nearer end, so that nothing overflows."""
        low = self.low * np.exp(np.minimum(below, 0.5) * self._width)
        high = self.high * np.exp(-np.minimum(above, 0.5) * self._width)
        return np.clip(np.where(below < 0.5, low, high), self.low, self.high)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x, dtype=float)
        if self.low == self.high:
            return np.where(x >= self.low, 1.0, 0.0)
        inside = np.clip(x, self.low, self.high)
        return _log_ratio(inside, self.low) / self._width

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x = np.asarray(x, dtype=float)
        if self.low == self.high:
            return np.where(x >= self.low, 0.0, 1.0)
        inside = np.clip(x, self.low, self.high)
        return _log_ratio(np.array(self.high), inside) / self._width

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        inside = (x >= self.low) & (x <= self.high)
        with np.errstate(all="ignore"):
            return np.where(inside, 1 / (x * self._width), 0.0)


def _log_ratio(upper: Array, lower: Array | float) -> Array:
    """Logarithm of a ratio of 1 or more, with all digits where it is near 1."""
    with np.errstate(over="ignore"):
        near = np.log1p((upper - lower) / lower)
    return np.where(upper < 2 * np.asarray(lower), near, np.log(upper) - np.log(lower))
