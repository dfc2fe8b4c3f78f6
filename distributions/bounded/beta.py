"""The beta law between any two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array
from scipy import special


@dataclass(frozen=True, slots=True)
class Beta(Sampled):
    """A share between two bounds, with a shape of its own.

    Parameters
    ----------
    a, b : float
        Shapes, above 0.
    low, high : float
        Hard bounds.

    Examples
    --------
    >>> round(float(Beta(2.0, 5.0).mean), 6)
    0.285714
    """

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(a=self.a, b=self.b)
        _require.ordered(low=self.low, high=self.high)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.low + (self.high - self.low) * self.a / (self.a + self.b)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        total = self.a + self.b
        return (self.high - self.low) / total * math.sqrt(self.a * self.b / (total + 1))

    @property
    def support(self) -> tuple[float, float]:
        """The two bounds."""
        return self.low, self.high

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        u = np.asarray(u, dtype=float)
        return self._place(u, 1 - u)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        q = np.asarray(q, dtype=float)
        return self._place(1 - q, q)

    def _place(self, below: Array, above: Array) -> Array:
        """Measure from the nearer bound, so that both ends keep their digits."""
        width = self.high - self.low
        lower = np.where(
            below < 0.5,
            special.betaincinv(self.a, self.b, below),
            special.betainccinv(self.a, self.b, above),
        )
        upper = np.where(
            below < 0.5,
            special.betainccinv(self.b, self.a, below),
            special.betaincinv(self.b, self.a, above),
        )
        near_low = lower < 0.5
        return np.asarray(np.where(near_low, self.low + width * lower, self.high - width * upper))

    def _share(self, x: Array) -> Array:
        if self.high == self.low:
            return np.where(np.asarray(x) >= self.low, 1.0, 0.0)
        return np.clip((np.asarray(x) - self.low) / (self.high - self.low), 0.0, 1.0)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return np.asarray(special.betainc(self.a, self.b, self._share(x)))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        s = self._share(x)
        with np.errstate(all="ignore"):
            logs = special.xlogy(self.a - 1, s) + special.xlog1py(self.b - 1, -s)
            density = np.exp(logs - special.betaln(self.a, self.b)) / (self.high - self.low)
        inside = (np.asarray(x) >= self.low) & (np.asarray(x) <= self.high)
        return np.where(inside, density, 0.0)
