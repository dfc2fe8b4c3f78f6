"""The normal law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array
from scipy import special


@dataclass(frozen=True, slots=True)
class Normal(Sampled):
    """A bell around a mean.

    Parameters
    ----------
    mean : float
    sd : float
        Standard deviation, 0 or more.

    Examples
    --------
    >>> float(Normal(10.0, 2.0).quantile(np.array(0.5)))
    10.0
    """

    mean: float
    sd: float
    discrete = False

    def __post_init__(self) -> None:
        _require.finite(mean=self.mean)
        _require.not_negative(sd=self.sd)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> Normal:
        """Fit two percentiles exactly, such as ``{0.1: 6.6, 0.9: 7.2}``."""
        p, a, q, b = _require.two_levels(percentiles)
        low, high = special.ndtri(p), special.ndtri(q)
        sd = (b - a) / (high - low)
        return cls(float(a - sd * low), float(sd))

    @property
    def support(self) -> tuple[float, float]:
        """The whole line, or the mean alone when sd is 0."""
        return (self.mean, self.mean) if self.sd == 0 else (-math.inf, math.inf)

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self._at(special.ndtri(u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self._at(-special.ndtri(q))

    def _at(self, z: Array) -> Array:
        return self.mean + self.sd * z if self.sd else np.full_like(z, self.mean)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        if not self.sd:
            return np.where(np.asarray(x) >= self.mean, 1.0, 0.0)
        return np.asarray(special.ndtr((np.asarray(x) - self.mean) / self.sd))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        if not self.sd:
            return np.where(np.asarray(x) >= self.mean, 0.0, 1.0)
        return np.asarray(special.ndtr((self.mean - np.asarray(x)) / self.sd))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        z = (np.asarray(x) - self.mean) / self.sd
        return np.exp(-0.5 * z * z) / (self.sd * math.sqrt(2 * math.pi))
