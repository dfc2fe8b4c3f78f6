"""The triangular law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
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

    @classmethod
    def from_percentiles(
        cls, percentiles: dict[float, float], mode: float | None = None
    ) -> Triangular:
        """Fit three percentiles exactly, or two beside the mode."""

        def standard(peaked: float, u: Array) -> Array:
            return Triangular(0.0, peaked, 1.0).quantile(u)

        found = _fit.peak("a triangular", standard, percentiles, mode)
        return _fit.met("a triangular", lambda: cls(*found), percentiles)

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
        """Each half from the nearer of its ends, so that no digits cancel."""
        width, left = self.high - self.low, self.mode - self.low
        right = self.high - self.mode
        if width == 0:
            return np.full_like(below, self.low)
        with np.errstate(all="ignore"):
            down = (above * width - right) / (1 + np.sqrt(below * width / left))
            up = (below * width - left) / (1 + np.sqrt(above * width / right))
        from_low = self.low + width * np.sqrt(below * (left / width))
        from_high = self.high - width * np.sqrt(above * (right / width))
        rising = np.where(below <= 0.5, from_low, self.mode - down)
        falling = np.where(above <= 0.5, from_high, self.mode + up)
        rises = (below * width <= left) & (left > 0)
        return np.where(rises, rising, falling)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        if self.high == self.low:
            return np.where(np.asarray(x) >= self.low, 1.0, 0.0)
        x = np.clip(x, self.low, self.high)
        return _share(x - self.low, self.high - x, self.mode - self.low, self.high - self.mode)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        if self.high == self.low:
            return np.where(np.asarray(x) >= self.low, 0.0, 1.0)
        x = np.clip(x, self.low, self.high)
        return _share(self.high - x, x - self.low, self.high - self.mode, self.mode - self.low)

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


def _share(near: Array, far: Array, left: float, right: float) -> Array:
    """Probability between an end and a value, in sums of positive parts only.

    `near` and `far` are the distances of the value from this end and from the other one, `left`
    and `right` those of the mode.
    """
    width = left + right
    with np.errstate(all="ignore"):
        rising = near / width * (near / left)
        falling = (left + (near - left) * (right + far) / right) / width
    rises = ((near < left) | (right == 0)) & (left > 0)
    return np.where(rises, rising, falling)
