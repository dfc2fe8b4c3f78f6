"""The generalised extreme value law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._location_scale import LocationScale
from rangecast.distributions.protocol import Array
from rangecast.distributions.real.gumbel import SD
from scipy import special

_ZETA = [float(special.zeta(k)) for k in range(2, 9)]
_NONE = 1e-100
"""Shape up to which the law is Gumbel's to the last digit."""
_SMALL = 1e-2
"""Shapes up to which gamma functions cancel; a series takes over."""


@dataclass(frozen=True, slots=True)
class GEV(LocationScale):
    """The largest of many values, tails as heavy as its shape says (Jenkinson, 1955).

    Parameters
    ----------
    loc : float
    scale : float
        Above 0.
    shape : float
        ξ: above 0 a heavy right tail (Fréchet), 0 Gumbel's, below 0 an upper bound (Weibull). It is
        −c of ``scipy.stats.genextreme``. The mean exists below 1, the variance below 1/2.

    Examples
    --------
    >>> GEV(0.0, 1.0, 0.5).support
    (-2.0, inf)
    """

    loc: float
    scale: float
    shape: float

    def __post_init__(self) -> None:
        _require.finite(loc=self.loc, shape=self.shape)
        _require.positive(scale=self.scale)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> GEV:
        """Fit any three ascending percentiles exactly."""
        levels, values = _require.levels(percentiles, 3)
        g = (-np.log(-np.log(levels))).tolist()
        shape = _fit.exponential_growth(g, values)

        def make() -> GEV:
            first, last = cls(0.0, 1.0, shape).quantile(np.array([levels[0], levels[2]])).tolist()
            scale = (values[2] - values[0]) / (last - first)
            return cls(values[0] - scale * first, scale, shape)

        return _fit.met("a gev", make, percentiles)

    @property
    def support(self) -> tuple[float, float]:
        """Bounded on one side unless the shape is 0."""
        if not self.shape:
            return -math.inf, math.inf
        end = self.loc + self.scale * (-1 / self.shape)  # as `_from_gumbel` rounds it
        return (end, math.inf) if self.shape > 0 else (-math.inf, end)

    def _from_gumbel(self, g: Array) -> Array:
        return np.expm1(self.shape * g) / self.shape if abs(self.shape) > _NONE else g

    def _to_gumbel(self, z: Array) -> Array:
        if abs(self.shape) <= _NONE:
            return z
        inside = np.maximum(self.shape * z, -1.0)
        return np.log1p(inside) / self.shape

    def _standard(self, u: Array) -> Array:
        return self._from_gumbel(-np.log(-np.log(u)))

    def _upper(self, q: Array) -> Array:
        return self._from_gumbel(-np.log(-np.log1p(-q)))

    def _below(self, z: Array) -> Array:
        return np.exp(-np.exp(-self._to_gumbel(z)))

    def _above(self, z: Array) -> Array:
        return -np.expm1(-np.exp(-self._to_gumbel(z)))

    def _density(self, z: Array) -> Array:
        g = self._to_gumbel(z)
        return np.nan_to_num(np.exp(-g - np.exp(-g)) / np.maximum(1 + self.shape * z, 0.0))

    def _moments(self) -> tuple[float, float]:
        shape = self.shape
        if not shape:
            return float(np.euler_gamma), SD
        mean = math.inf if shape >= 1 else math.expm1(_log_gamma(shape)) / shape
        if shape >= 0.5:
            return mean, math.inf if shape < 1 else math.nan
        apart = float(special.gammaln(1 - 2 * shape) - 2 * special.gammaln(1 - shape))
        if abs(shape) <= _SMALL:  # Σ ζ(k) ((2ξ)^k − 2 ξ^k) / k
            terms = (z * (2.0**k - 2) / k * shape**k for k, z in enumerate(_ZETA, 2))
            apart = sum(terms)
        size = math.exp(_log_gamma(shape)) * math.sqrt(math.expm1(apart))
        return mean, size / abs(shape)


def _log_gamma(shape: float) -> float:
    """Logarithm of Γ(1 − ξ), exact for small ξ too."""
    if abs(shape) > _SMALL:
        return float(special.gammaln(1 - shape))
    return float(np.euler_gamma) * shape + sum(z / k * shape**k for k, z in enumerate(_ZETA, 2))
