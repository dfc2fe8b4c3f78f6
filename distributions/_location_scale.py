"""What laws share that are a standard law, stretched and moved."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array


class LocationScale(Sampled):
    """A law of loc + scale · Z; a subclass says how Z is distributed.

    It has the fields ``loc`` and ``scale`` and gives `_standard` (quantile of Z from u), `_upper`
    (from 1 − u), `_below` and `_above` (probabilities of Z), `_density` and `_moments` (mean and sd
    of Z).
    """

    __slots__ = ()
    loc: float
    scale: float
    discrete = False

    def __post_init__(self) -> None:
        _require.finite(loc=self.loc)
        _require.positive(scale=self.scale)

    def _standard(self, u: Array) -> Array:
        raise NotImplementedError

    def _upper(self, q: Array) -> Array:
        raise NotImplementedError

    def _below(self, z: Array) -> Array:
        raise NotImplementedError

    def _above(self, z: Array) -> Array:
        raise NotImplementedError

    def _density(self, z: Array) -> Array:
        raise NotImplementedError

    def _moments(self) -> tuple[float, float]:
        raise NotImplementedError

    @classmethod
    def _through(cls, percentiles: dict[float, float], **fixed: Any) -> Self:
        """Fit loc and scale to two percentiles exactly."""
        make: Any = cls  # the fields are the subclass's
        p, a, q, b = _require.two_levels(percentiles)
        low, high = make(loc=0.0, scale=1.0, **fixed)._standard(np.array([p, q]))
        scale = (b - a) / float(high - low)
        found: Self = make(loc=a - scale * float(low), scale=scale, **fixed)
        return found

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.loc + self.scale * self._moments()[0]

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.scale * self._moments()[1]

    @property
    def support(self) -> tuple[float, float]:
        """The whole line."""
        return -math.inf, math.inf

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        with np.errstate(all="ignore"):
            return self.loc + self.scale * self._standard(np.asarray(u, dtype=float))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        with np.errstate(all="ignore"):
            return self.loc + self.scale * self._upper(np.asarray(q, dtype=float))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        with np.errstate(all="ignore"):
            return self._below((np.asarray(x, dtype=float) - self.loc) / self.scale)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        with np.errstate(all="ignore"):
            return self._above((np.asarray(x, dtype=float) - self.loc) / self.scale)

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        with np.errstate(all="ignore"):
            return self._density((np.asarray(x, dtype=float) - self.loc) / self.scale) / self.scale
