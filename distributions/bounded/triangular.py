"""The triangular law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Triangular(Sampled):
    """A lowest, a likeliest and a highest value, joined by straight lines.

    Parameters
    ----------
    low, mode, high : float
        Hard bounds and peak, ``low <= mode <= high``.

    Examples
    --------
    >>> Triangular(2.0, 3.0, 7.0).quantile(np.array([0.0, 0.2, 1.0]))
    array([2., 3., 7.])
    """

    low: float
    mode: float
    high: float
    discrete = False

    def __post_init__(self) -> None:
        _require.between(self.low, self.mode, self.high)

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + self.mode + self.high) / 3

    @property
    def sd(self) -> float:
        """Standard deviation."""
        left, right = self.mode - self.low, self.high - self.mode
        return math.sqrt((left * left + left * right + right * right) / 18)

    @property
    def support(self) -> tuple[float, float]:
        """The two bounds."""
        return self.low, self.high

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        u = np.asarray(u, dtype=float)
        return self._from_tails(u, 1 - u)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        q = np.asarray(q, dtype=float)
        return self._from_tails(1 - q, q)

    def _from_tails(self, below: Array, above: Array) -> Array:
        """Each half from the probability of its own end.

        Where there is only the falling half, its far end goes through log1p: no digits cancel.
        """
        width, left = self.high - self.low, self.mode - self.low
        right = self.high - self.mode
        if width == 0:
            return np.full_like(below, self.low)
        with np.errstate(divide="ignore"):
            rising = self.low + np.sqrt(below * width * left)
            if left == 0:  # only the falling half: 1 − sqrt(1 − u) without cancellation
                exact = self.low - width * np.expm1(0.5 * np.log1p(-below))
                return np.where(below < 0.5, exact, self.high - np.sqrt(above) * width)
            falling = self.high - np.sqrt(above * width * right)
        return np.where(below * width <= left, rising, falling)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        width = self.high - self.low
        if width == 0:
            return np.where(np.asarray(x) >= self.low, 1.0, 0.0)
        x = np.clip(x, self.low, self.high)
        with np.errstate(all="ignore"):
            rising = (x - self.low) ** 2 / (width * (self.mode - self.low))
            falling = 1 - (self.high - x) ** 2 / (width * (self.high - self.mode))
        rises = (x < self.mode) | (self.mode == self.high)
        return np.where(rises, rising, falling)

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        width = self.high - self.low
        with np.errstate(all="ignore"):
            rising = 2 * (x - self.low) / (width * (self.mode - self.low))
            falling = 2 * (self.high - x) / (width * (self.high - self.mode))
        inside = (x >= self.low) & (x <= self.high)
        rises = (x < self.mode) | (self.mode == self.high)
        return np.where(inside, np.where(rises, rising, falling), 0.0)
