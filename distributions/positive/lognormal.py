"""The lognormal law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array
from scipy import special

_STRAIGHT = 1e-5
"""How much nearer than in a normal law; below, the bound is too far away to keep its digits."""


@dataclass(frozen=True, slots=True)
class Lognormal(Sampled):
    """A value whose logarithm is normal: uncertain by factors, not by amounts.

    Parameters
    ----------
    mu, sigma : float
        Mean and standard deviation of the natural logarithm of x − `low`; `sigma` 0 or more.
    low : float
        Bound that no value falls below; another one than 0 makes it a shifted lognormal.

    Examples
    --------
    >>> law = Lognormal.from_percentiles({0.10: 5e6, 0.90: 2e8})
    >>> law.quantile(np.array([0.1, 0.9])).round()
    array([5.e+06, 2.e+08])
    """

    mu: float
    sigma: float
    low: float = 0.0
    discrete = False

    def __post_init__(self) -> None:
        _require.finite(mu=self.mu, low=self.low)
        _require.not_negative(sigma=self.sigma)

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float, low: float = 0.0) -> Lognormal:
        """Build from the mean and standard deviation of the value itself."""
        _require.finite(mean=mean, low=low)
        _require.not_negative(sd=sd)
        _require.above(low, mean=mean)
        variance = math.log1p((sd / (mean - low)) ** 2)
        return cls(math.log(mean - low) - variance / 2, math.sqrt(variance), low)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float], low: float = 0.0) -> Lognormal:
        """Fit two percentiles above `low` exactly."""
        _require.finite(low=low)
        p, a, q, b = _require.two_levels(percentiles, low)
        z, w = float(special.ndtri(p)), float(special.ndtri(q))
        sigma = (math.log(b - low) - math.log(a - low)) / (w - z)
        return cls(math.log(a - low) - sigma * z, sigma, low)

    @classmethod
    def through(cls, percentiles: dict[float, float]) -> Lognormal:
        """Fit three percentiles exactly, by the place of `low`.

        They must lean to the right: the middle one stands nearer to the lower one than it does in
        a normal law.
        """
        levels, values = _require.levels(percentiles, 3)
        z = special.ndtri(levels).tolist()
        share = (z[1] - z[0]) / (z[2] - z[0])
        _fit.check_place("a shifted lognormal", percentiles, 0.0, share - _STRAIGHT)
        sigma = _fit.exponential_growth(z, values)

        def make() -> Lognormal:
            grown = math.expm1(sigma * (z[2] - z[0]))
            mu = math.log((values[2] - values[0]) / grown) - sigma * z[0]
            return cls(mu, sigma, values[0] - math.exp(mu + sigma * z[0]))

        return _fit.met("a shifted lognormal", make, percentiles)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.low + _exp(self.mu + self.sigma**2 / 2)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return _exp(self.mu + self.sigma**2 / 2) * math.sqrt(_expm1(self.sigma**2))

    @property
    def support(self) -> tuple[float, float]:
        """From `low` to infinity."""
        if self.sigma == 0:
            return self.low + _exp(self.mu), self.low + _exp(self.mu)
        return self.low, math.inf

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self._at(special.ndtri(u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self._at(-special.ndtri(q))

    def _at(self, z: Array) -> Array:
        if not self.sigma:
            return np.full_like(z, self.low + math.exp(self.mu))
        with np.errstate(over="ignore"):
            return np.asarray(self.low + np.exp(self.mu + self.sigma * z))

    def _score(self, x: Array) -> Array:
        """Normal score of a value."""
        with np.errstate(all="ignore"):
            logs = np.log(np.maximum(np.asarray(x, dtype=float) - self.low, 0.0))
            if not self.sigma:
                return np.where(logs >= self.mu, math.inf, -math.inf)
            return np.asarray((logs - self.mu) / self.sigma)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return np.asarray(special.ndtr(self._score(x)))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return np.asarray(special.ndtr(-self._score(x)))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float) - self.low
        with np.errstate(all="ignore"):
            z = (np.log(x) - self.mu) / self.sigma
            density = np.exp(-0.5 * z * z) / (x * self.sigma * math.sqrt(2 * math.pi))
        return np.where(x > 0, density, 0.0)


def _exp(x: float) -> float:
    return math.exp(x) if x < 709.78 else math.inf


def _expm1(x: float) -> float:
    return math.expm1(x) if x < 709.78 else math.inf
