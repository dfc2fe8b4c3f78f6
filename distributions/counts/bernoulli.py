"""Yes or no."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Bernoulli(Sampled):
    """1 with probability `p`, else 0.

    Parameters
    ----------
    p : float
        Between 0 and 1.

    Examples
    --------
    >>> Bernoulli(0.25).quantile(np.array([0.7, 0.8]))
    array([0., 1.])
    """

    p: float
    discrete = True

    def __post_init__(self) -> None:
        _require.probability(p=self.p)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.p

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.p * (1 - self.p))

    @property
    def support(self) -> tuple[float, float]:
        """0 and 1, as far as they are possible."""
        return float(self.p == 1), float(self.p > 0)

    def atoms(self) -> tuple[Array, Array]:
        """Values, and the probability at or below each."""
        if self.p in (0.0, 1.0):
            return np.array([self.p]), np.array([1.0])
        return np.array([0.0, 1.0]), np.array([1 - self.p, 1.0])

    def quantile(self, u: Array) -> Array:
        """0 up to 1 − p, then 1."""
        return np.where(np.asarray(u) <= 1 - self.p, 0.0, 1.0) if self.p < 1 else np.ones_like(u)

    def upper_quantile(self, q: Array) -> Array:
        """1 below p, else 0."""
        return np.where(np.asarray(q) < self.p, 1.0, 0.0)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x)
        return np.where(x >= 1, 1.0, np.where(x >= 0, 1 - self.p, 0.0))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x = np.asarray(x)
        return np.where(x >= 1, 0.0, np.where(x >= 0, self.p, 1.0))

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        x = np.asarray(x)
        return np.where(x == 1, self.p, np.where(x == 0, 1 - self.p, 0.0))
