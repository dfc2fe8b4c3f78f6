"""The Weibull law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array
from scipy import special


@dataclass(frozen=True, slots=True)
class Weibull(Sampled):
    """A lifetime whose hazard rises (shape above 1) or falls with age.

    Parameters
    ----------
    shape, scale : float
        Above 0; 63.2 % lies below `scale`.

    Examples
    --------
    >>> round(Weibull.from_percentiles({0.1: 500.0, 0.9: 3000.0}).shape, 6)
    1.721436
    """

    shape: float
    scale: float
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(shape=self.shape, scale=self.scale)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> Weibull:
        """Fit two positive percentiles exactly."""
        p, a, q, b = _require.two_levels(percentiles, 0.0)
        low, high = math.log(-math.log1p(-p)), math.log(-math.log1p(-q))
        shape = (high - low) / (math.log(b) - math.log(a))
        log_scale = math.log(a) - low / shape
        return _fit.met("a weibull", lambda: cls(shape, math.exp(log_scale)), percentiles)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.scale * float(special.gamma(1 + 1 / self.shape))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        first, second = special.gammaln(1 + 1 / self.shape), special.gammaln(1 + 2 / self.shape)
        return self.mean * math.sqrt(float(np.expm1(second - 2 * first)))

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to infinity."""
        return 0.0, math.inf

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        with np.errstate(all="ignore"):
            return np.asarray(self.scale * (-np.log1p(-np.asarray(u))) ** (1 / self.shape))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        with np.errstate(all="ignore"):
            return np.asarray(self.scale * (-np.log(np.asarray(q))) ** (1 / self.shape))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return -np.expm1(-((np.maximum(x, 0.0) / self.scale) ** self.shape))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return np.asarray(np.exp(-((np.maximum(x, 0.0) / self.scale) ** self.shape)))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        z = np.maximum(np.asarray(x, dtype=float), 0.0) / self.scale
        with np.errstate(all="ignore"):
            density = self.shape / self.scale * z ** (self.shape - 1) * np.exp(-(z**self.shape))
        return np.where(np.asarray(x) >= 0, density, 0.0)
