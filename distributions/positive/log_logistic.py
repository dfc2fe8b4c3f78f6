"""The log-logistic law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array
from scipy import special


@dataclass(frozen=True, slots=True)
class LogLogistic(Sampled):
    """A value whose logarithm is logistic: like the lognormal, with a heavier tail.

    Parameters
    ----------
    scale : float
        Median, above 0.
    shape : float
        Above 0; the mean exists above 1, the variance above 2.

    Examples
    --------
    >>> LogLogistic(3.0, 2.0).quantile(np.array([0.5]))
    array([3.])
    """

    scale: float
    shape: float
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(scale=self.scale, shape=self.shape)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> LogLogistic:
        """Fit two positive percentiles exactly."""
        p, a, q, b = _require.two_levels(percentiles, 0.0)
        low, high = float(special.logit(p)), float(special.logit(q))
        shape = (high - low) / (math.log(b) - math.log(a))
        log_scale = math.log(a) - low / shape
        return _fit.met("a log_logistic", lambda: cls(math.exp(log_scale), shape), percentiles)

    @property
    def mean(self) -> float:
        """Expected value; infinite up to shape 1."""
        turn = math.pi / self.shape
        return self.scale * turn / math.sin(turn) if self.shape > 1 else math.inf

    @property
    def sd(self) -> float:
        """Standard deviation; infinite up to shape 2."""
        if self.shape <= 2:
            return math.inf if self.shape > 1 else math.nan
        turn = math.pi / self.shape
        if turn < 0.05:  # t / tan t − … cancels: tan t / t − 1 as a series
            ratio = turn**2 / 3 + 2 * turn**4 / 15 + 17 * turn**6 / 315
        else:
            ratio = math.tan(turn) / turn - 1
        return self.mean * math.sqrt(ratio)

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to infinity."""
        return 0.0, math.inf

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        u = np.asarray(u, dtype=float)
        with np.errstate(all="ignore"):
            return self.scale * np.exp((np.log(u) - np.log1p(-u)) / self.shape)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        q = np.asarray(q, dtype=float)
        with np.errstate(all="ignore"):
            return self.scale * np.exp((np.log1p(-q) - np.log(q)) / self.shape)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        with np.errstate(all="ignore"):
            logs = np.log(np.maximum(x, 0.0)) - math.log(self.scale)
        return np.asarray(special.expit(self.shape * logs))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        with np.errstate(all="ignore"):
            logs = np.log(np.maximum(x, 0.0)) - math.log(self.scale)
        return np.asarray(special.expit(-self.shape * logs))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            z = self.shape * (np.log(np.maximum(x, 0.0)) - math.log(self.scale))
            density = self.shape / x * special.expit(z) * special.expit(-z)
        return np.where(x > 0, density, 0.0)
