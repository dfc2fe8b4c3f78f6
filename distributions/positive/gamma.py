"""The gamma law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array
from scipy import special


@dataclass(frozen=True, slots=True)
class Gamma(Sampled):
    """A positive value with a moderate right tail.

    Parameters
    ----------
    shape, scale : float
        Above 0; the mean is their product.

    Examples
    --------
    >>> Gamma.from_mean_sd(1.5, 0.5).shape
    9.0
    """

    shape: float
    scale: float
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(shape=self.shape, scale=self.scale)

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float) -> Gamma:
        """Build from mean and standard deviation."""
        _require.positive(mean=mean, sd=sd)
        return cls((mean / sd) ** 2, sd * sd / mean)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> Gamma:
        """Fit two positive percentiles exactly."""

        def standard(log_shape: float, u: Array) -> Array:
            return np.asarray(special.gammaincinv(math.exp(log_shape), u))

        shape, scale = _fit.shape_of_ratio("a gamma", standard, percentiles)
        return _fit.met("a gamma", lambda: cls(shape, scale), percentiles)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.shape * self.scale

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.shape) * self.scale

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to infinity."""
        return 0.0, math.inf

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self.scale * np.asarray(special.gammaincinv(self.shape, u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self.scale * np.asarray(special.gammainccinv(self.shape, q))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return np.asarray(special.gammainc(self.shape, np.maximum(x, 0.0) / self.scale))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return np.asarray(special.gammaincc(self.shape, np.maximum(x, 0.0) / self.scale))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        z = np.asarray(x, dtype=float) / self.scale
        with np.errstate(all="ignore"):
            logs = special.xlogy(self.shape - 1, z) - z - special.gammaln(self.shape)
        return np.where(z >= 0, np.exp(logs) / self.scale, 0.0)
