"""The Pareto law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Pareto(Sampled):
    """A least value and a power-law tail above it: sizes of cities, of losses.

    Parameters
    ----------
    shape : float
        Above 0: the chance of more than x falls as x to the power −shape. The mean exists above 1,
        the variance above 2.
    scale : float
        Least value, above 0.

    Examples
    --------
    >>> Pareto(2.0, 10.0).mean
    20.0
    """

    shape: float
    scale: float
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(shape=self.shape, scale=self.scale)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> Pareto:
        """Fit two positive percentiles exactly."""
        p, a, q, b = _require.two_levels(percentiles, 0.0)
        shape = (math.log1p(-p) - math.log1p(-q)) / (math.log(b) - math.log(a))
        log_scale = math.log(a) + math.log1p(-p) / shape
        return _fit.met("a pareto", lambda: cls(shape, math.exp(log_scale)), percentiles)

    @property
    def mean(self) -> float:
        """Expected value; infinite up to shape 1."""
        return self.shape * self.scale / (self.shape - 1) if self.shape > 1 else math.inf

    @property
    def sd(self) -> float:
        """Standard deviation; infinite up to shape 2."""
        if self.shape <= 2:
            return math.inf if self.shape > 1 else math.nan
        return self.mean / math.sqrt(self.shape * (self.shape - 2))

    @property
    def support(self) -> tuple[float, float]:
        """From the least value to infinity."""
        return self.scale, math.inf

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        with np.errstate(all="ignore"):
            return np.asarray(self.scale * np.exp(-np.log1p(-np.asarray(u)) / self.shape))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        with np.errstate(all="ignore"):
            return np.asarray(self.scale * np.exp(-np.log(np.asarray(q)) / self.shape))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        ratio = np.maximum(np.asarray(x, dtype=float), self.scale)
        return np.asarray(-np.expm1(-self.shape * np.log1p((ratio - self.scale) / self.scale)))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        ratio = np.maximum(np.asarray(x, dtype=float), self.scale)
        return np.asarray(np.exp(-self.shape * np.log1p((ratio - self.scale) / self.scale)))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        inside = np.maximum(x, self.scale)
        density = self.shape / inside * np.exp(self.shape * (math.log(self.scale) - np.log(inside)))
        return np.where(x >= self.scale, density, 0.0)
