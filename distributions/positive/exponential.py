"""The exponential law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Exponential(Sampled):
    """A waiting time without memory.

    Parameters
    ----------
    mean : float
        Above 0; also the standard deviation.

    Examples
    --------
    >>> float(Exponential(2.0).quantile(np.array(1 - np.exp(-1))))
    2.0
    """

    mean: float
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(mean=self.mean)

    @classmethod
    def from_rate(cls, rate: float) -> Exponential:
        """Build from the rate, 1 / mean."""
        _require.positive(rate=rate)
        return cls(1.0 / rate)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> Exponential:
        """Fit one positive percentile exactly."""
        (level,), (value,) = _require.levels(percentiles, 1)
        _require.positive(**{_require.percentile(level): value})
        return cls(-value / math.log1p(-level))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to infinity."""
        return 0.0, math.inf

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        with np.errstate(divide="ignore"):
            return -self.mean * np.log1p(-np.asarray(u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        with np.errstate(divide="ignore"):
            return -self.mean * np.log(np.asarray(q))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return -np.expm1(-np.maximum(x, 0.0) / self.mean)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return np.exp(-np.maximum(x, 0.0) / self.mean)

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        return np.where(x >= 0, np.exp(-np.maximum(x, 0) / self.mean) / self.mean, 0.0)
