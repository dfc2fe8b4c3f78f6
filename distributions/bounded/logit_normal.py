"""The logit-normal law: a share whose log-odds are normal."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special


@functools.lru_cache(maxsize=512)
def _moments(mu: float, sigma: float) -> tuple[float, float]:
    """Mean and sd by the trapezoidal rule in z, which converges geometrically for this integrand.

    The step shrinks with sigma because the integrand's poles lie at distance π / sigma; beyond
    sigma = 100 the rule is applied to the other factor, the logistic density.
    """
    if sigma == 0:
        return float(special.expit(mu)), 0.0
    if sigma > 100:
        t = np.arange(-45.0, 45.0, 0.25)
        weight = special.expit(t) * special.expit(-t)
        weight /= weight.sum()
        mean = float(weight @ special.ndtr((mu + t) / sigma))
        normal = np.exp(-0.5 * ((t - mu) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
        return mean, math.sqrt(max(0.0, mean * (1 - mean) - float(weight @ normal)))
    step = min(0.05, 0.15 / sigma)
    z = np.arange(-9.5, 9.5, step)
    weight = np.exp(-0.5 * z * z)
    weight /= weight.sum()
    share = special.expit(mu + sigma * z)
    mean = float(weight @ share)
    return mean, math.sqrt(float(weight @ (share - mean) ** 2))


@dataclass(frozen=True, slots=True)
class LogitNormal(Sampled):
    """A share strictly between 0 and 1.

    Parameters
    ----------
    mu, sigma : float
        Mean and standard deviation of log(x / (1 − x)); `sigma` 0 or more.

    Examples
    --------
    >>> law = LogitNormal.from_percentiles({0.1: 0.45, 0.9: 0.90})
    >>> law.quantile(np.array([0.1, 0.9])).round(12)
    array([0.45, 0.9 ])
    """

    mu: float
    sigma: float
    discrete = False

    def __post_init__(self) -> None:
        _require.finite(mu=self.mu)
        _require.not_negative(sigma=self.sigma)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> LogitNormal:
        """Fit two percentiles inside (0, 1) exactly."""
        for level, value in percentiles.items():
            if not 0 < value < 1:
                name, got = f"p{100 * level:02.4g}", _require.number(value)
                raise ParameterError("E303", name, "must lie strictly between 0 and 1", got=got)
        p, a, q, b = _require.two_levels(percentiles)
        low, high = float(special.ndtri(p)), float(special.ndtri(q))
        sigma = float(special.logit(b) - special.logit(a)) / (high - low)
        return cls(float(special.logit(a)) - sigma * low, sigma)

    @property
    def mean(self) -> float:
        """Expected value (numerical, to 1e-12)."""
        return _moments(self.mu, self.sigma)[0]

    @property
    def sd(self) -> float:
        """Standard deviation (numerical, to 1e-12)."""
        return _moments(self.mu, self.sigma)[1]

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to 1, or the one value when sigma is 0."""
        return (0.0, 1.0) if self.sigma else (self.mean, self.mean)

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return np.asarray(special.expit(self._logit(special.ndtri(u))))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return np.asarray(special.expit(self._logit(-special.ndtri(q))))

    def _logit(self, z: Array) -> Array:
        return self.mu + self.sigma * z if self.sigma else np.full_like(z, self.mu)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        if not self.sigma:  # compared as a share: its log-odds may round to less than mu
            return np.where(np.asarray(x) >= self.mean, 1.0, 0.0)
        logit = special.logit(np.clip(x, 0.0, 1.0))
        return np.asarray(special.ndtr((logit - self.mu) / self.sigma))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        if not self.sigma:
            return 1.0 - self.cdf(x)
        logit = special.logit(np.clip(x, 0.0, 1.0))
        return np.asarray(special.ndtr((self.mu - logit) / self.sigma))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            z = (special.logit(x) - self.mu) / self.sigma
            scale = self.sigma * math.sqrt(2 * math.pi) * x * (1 - x)
            return np.where((x > 0) & (x < 1), np.exp(-0.5 * z * z) / scale, 0.0)
