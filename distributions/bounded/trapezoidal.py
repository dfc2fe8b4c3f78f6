"""The trapezoidal law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Trapezoidal(Sampled):
    """A range of likeliest values between slopes that fall to hard bounds.

    Parameters
    ----------
    low, mode_low, mode_high, high : float
        In ascending order; between `mode_low` and `mode_high` every value is equally likely.

    Examples
    --------
    >>> Trapezoidal(0.0, 1.0, 3.0, 4.0).mean
    2.0
    """

    low: float
    mode_low: float
    mode_high: float
    high: float
    discrete = False

    def __post_init__(self) -> None:
        _require.ordered(
            low=self.low, mode_low=self.mode_low, mode_high=self.mode_high, high=self.high
        )

    @property
    def _parts(self) -> tuple[float, float, float, float]:
        """Lengths of the three parts, and the height of the middle one."""
        left, right = self.mode_low - self.low, self.high - self.mode_high
        middle = self.mode_high - self.mode_low
        area = left / 2 + middle + right / 2
        return left, middle, right, 1 / area if area else math.inf

    def _pieces(self) -> list[tuple[float, float, float]]:
        """Probability, mean and variance of each part; means from `low`."""
        left, middle, right, height = self._parts
        return [
            (height * left / 2, left * 2 / 3, left**2 / 18),
            (height * middle, left + middle / 2, middle**2 / 12),
            (height * right / 2, left + middle + right / 3, right**2 / 18),
        ]

    @property
    def mean(self) -> float:
        """Expected value."""
        if self.low == self.high:
            return self.low
        return self.low + sum(p * m for p, m, _ in self._pieces())

    @property
    def sd(self) -> float:
        """Standard deviation."""
        if self.low == self.high:
            return 0.0
        middle = sum(p * m for p, m, _ in self._pieces())
        return math.sqrt(sum(p * (v + (m - middle) ** 2) for p, m, v in self._pieces()))

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
        """Each part from the nearer of its ends, so that no digits cancel."""
        if self.low == self.high:
            return np.full_like(below, self.low)
        left, middle, right, height = self._parts
        rise, fall = height * left / 2, height * right / 2
        with np.errstate(all="ignore"):
            down = (above - fall - height * middle) * 2 / height / (1 + np.sqrt(below / rise))
            up = (below - rise - height * middle) * 2 / height / (1 + np.sqrt(above / fall))
        lower = below <= 0.5
        rising = np.where(
            lower, self.low + np.sqrt(2 * below * left / height), self.mode_low - down
        )
        falling = np.where(
            lower, self.mode_high + up, self.high - np.sqrt(2 * above * right / height)
        )
        flat = np.where(
            lower,
            self.mode_low + (below - rise) / height,
            self.mode_high - (above - fall) / height,
        )
        found = np.where((below <= rise) & (left > 0), rising, flat)
        falls = np.where(lower, below - rise > height * middle, above < fall) & (right > 0)
        return np.where(falls, falling, found)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x, dtype=float)
        if self.low == self.high:
            return np.where(x >= self.low, 1.0, 0.0)
        left, middle, right, height = self._parts
        x = np.clip(x, self.low, self.high)
        return height * _area(x - self.low, self.high - x, left, middle, right)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x = np.asarray(x, dtype=float)
        if self.low == self.high:
            return np.where(x >= self.low, 0.0, 1.0)
        left, middle, right, height = self._parts
        x = np.clip(x, self.low, self.high)
        return height * _area(self.high - x, x - self.low, right, middle, left)

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        left, _, right, height = self._parts
        with np.errstate(all="ignore"):
            rising, falling = (x - self.low) / left, (self.high - x) / right
        share = np.where(x < self.mode_low, rising, np.where(x > self.mode_high, falling, 1.0))
        return np.where((x >= self.low) & (x <= self.high), height * share, 0.0)


def _area(near: Array, far: Array, left: float, middle: float, right: float) -> Array:
    """Area, of height 1, between an end and a value, in sums of positive parts only.

    `near` and `far` are the distances of the value from this end and from the other one.
    """
    with np.errstate(all="ignore"):
        rising = near * (near / left) / 2
        falling = left / 2 + middle + (near - left - middle) * (1 + far / right) / 2
    found = np.where(near < left, rising, left / 2 + (near - left))
    return np.where(far < right, falling, found)
