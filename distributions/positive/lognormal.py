"""The lognormal law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special


@dataclass(frozen=True, slots=True)
class Lognormal(Sampled):
    """A value whose logarithm is normal: uncertain by factors, not by amounts.

    Parameters
    ----------
    mu, sigma : float
        Mean and standard deviation of the natural logarithm; `sigma` 0 or more.

    Examples
    --------
    >>> law = Lognormal.from_percentiles({0.10: 5e6, 0.90: 2e8})
    >>> law.quantile(np.array([0.1, 0.9])).round()
    array([5.e+06, 2.e+08])
    """

    mu: float
    sigma: float
    discrete = False

    def __post_init__(self) -> None:
        _require.finite(mu=self.mu)
        _require.not_negative(sigma=self.sigma)

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float) -> Lognormal:
        """Build from the mean and standard deviation of the value itself."""
        _require.positive(mean=mean)
        _require.not_negative(sd=sd)
        variance = math.log1p((sd / mean) ** 2)
        return cls(math.log(mean) - variance / 2, math.sqrt(variance))

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> Lognormal:
        """Fit two positive percentiles exactly."""
        for level, value in percentiles.items():
            if not value > 0:
                name = f"p{100 * level:02.4g}"
                raise ParameterError("E303", name, "must be > 0", got=_require.number(value))
        p, a, q, b = _require.two_levels(percentiles)
        low, high = float(special.ndtri(p)), float(special.ndtri(q))
        sigma = (math.log(b) - math.log(a)) / (high - low)
        return cls(math.log(a) - sigma * low, sigma)

    @property
    def mean(self) -> float:
        """Expected value."""
        return _exp(self.mu + self.sigma**2 / 2)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean * math.sqrt(_expm1(self.sigma**2))

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to infinity."""
        return (_exp(self.mu), _exp(self.mu)) if self.sigma == 0 else (0.0, math.inf)

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self._at(special.ndtri(u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self._at(-special.ndtri(q))

    def _at(self, z: Array) -> Array:
        if not self.sigma:
            return np.full_like(z, math.exp(self.mu))
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.mu + self.sigma * z))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        with np.errstate(all="ignore"):
            logs = np.log(np.maximum(x, 0.0))
            if not self.sigma:
                return np.where(logs >= self.mu, 1.0, 0.0)
            return np.asarray(special.ndtr((logs - self.mu) / self.sigma))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            z = (np.log(x) - self.mu) / self.sigma
            density = np.exp(-0.5 * z * z) / (x * self.sigma * math.sqrt(2 * math.pi))
        return np.where(x > 0, density, 0.0)


def _exp(x: float) -> float:
    return math.exp(x) if x < 709.78 else math.inf


def _expm1(x: float) -> float:
    return math.expm1(x) if x < 709.78 else math.inf
