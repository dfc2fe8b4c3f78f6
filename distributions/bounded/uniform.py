"""The uniform law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Uniform(Sampled):
    """Anything between two bounds is equally likely.

    Parameters
    ----------
    low, high : float
        Hard bounds, ``low <= high``.

    Examples
    --------
    >>> float(Uniform(2.0, 6.0).quantile(np.array(0.25)))
    3.0
    """

    low: float
    high: float
    discrete = False

    def __post_init__(self) -> None:
        _require.ordered(low=self.low, high=self.high)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> Uniform:
        """Fit two percentiles exactly."""
        p, a, q, b = _require.two_levels(percentiles)
        step = (b - a) / (q - p)
        return cls(a - p * step, b + (1 - q) * step)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.low + (self.high - self.low) / 2

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return (self.high - self.low) / math.sqrt(12)

    @property
    def support(self) -> tuple[float, float]:
        """The two bounds."""
        return self.low, self.high

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self.low + (self.high - self.low) * np.asarray(u)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self.high - (self.high - self.low) * np.asarray(q)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        if self.low == self.high:
            return np.where(np.asarray(x) >= self.low, 1.0, 0.0)
        return np.clip((np.asarray(x) - self.low) / (self.high - self.low), 0.0, 1.0)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        if self.low == self.high:
            return np.where(np.asarray(x) >= self.low, 0.0, 1.0)
        return np.clip((self.high - np.asarray(x)) / (self.high - self.low), 0.0, 1.0)

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        inside = (np.asarray(x) >= self.low) & (np.asarray(x) <= self.high)
        return np.where(inside, 1.0 / (self.high - self.low), 0.0)
