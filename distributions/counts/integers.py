"""Whole numbers, all equally likely."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.counts import atoms
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Integers(Sampled):
    """Each whole number from `low` to `high`, both included.

    Parameters
    ----------
    low, high : float
        Whole numbers below 2**53 in size.

    Examples
    --------
    >>> Integers(1, 6).quantile(np.array([0.01, 0.5, 0.99]))
    array([1., 3., 6.])
    """

    low: float
    high: float
    discrete = True

    def __post_init__(self) -> None:
        _require.ordered(low=self.low, high=self.high)
        for name, value in (("low", self.low), ("high", self.high)):
            if value != math.floor(value) or abs(value) >= 2**53:
                message, got = "must be a whole number below 2^53", _require.number(value)
                raise ParameterError("E303", name, message, got=got)

    @property
    def count(self) -> float:
        """How many values there are."""
        return self.high - self.low + 1

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + self.high) / 2

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt((self.count**2 - 1) / 12)

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return float(self.low), float(self.high)

    def atoms(self) -> tuple[Array, Array] | None:
        """Values, and the probability at or below each; None above a million."""
        if self.count > atoms.MOST:
            return None
        steps = np.arange(1.0, self.count + 1)
        return np.asarray(self.low + steps - 1.0), np.asarray(steps / self.count)

    def quantile(self, u: Array) -> Array:
        """Smallest value with probability at or below it of at least `u`."""
        step = np.ceil(np.asarray(u) * self.count)
        return self.low - 1.0 + np.clip(step, 1, self.count)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability at most `q`."""
        step = np.floor(np.asarray(q) * self.count)
        return self.high - np.clip(step, 0, self.count - 1)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return np.clip((np.floor(x) - self.low + 1) / self.count, 0.0, 1.0)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return np.clip((self.high - np.floor(x)) / self.count, 0.0, 1.0)

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        x = np.asarray(x)
        inside = (x >= self.low) & (x <= self.high) & (x == np.floor(x))
        return np.where(inside, 1 / self.count, 0.0)
