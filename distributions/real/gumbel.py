"""The Gumbel laws: of the largest, and of the smallest, of many values."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions._location_scale import LocationScale
from rangecast.distributions.protocol import Array

SD = math.pi / math.sqrt(6)


@dataclass(frozen=True, slots=True)
class GumbelMax(LocationScale):
    """The largest of many values with thin tails: a peak load, a flood.

    Parameters
    ----------
    loc : float
        Mode.
    scale : float
        Above 0.

    Examples
    --------
    >>> round(GumbelMax(0.0, 1.0).mean, 6)
    0.577216
    """

    loc: float
    scale: float

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> GumbelMax:
        """Fit two percentiles exactly."""
        return cls._through(percentiles)

    def _standard(self, u: Array) -> Array:
        return -np.log(-np.log(u))

    def _upper(self, q: Array) -> Array:
        return -np.log(-np.log1p(-q))

    def _below(self, z: Array) -> Array:
        return np.exp(-np.exp(-z))

    def _above(self, z: Array) -> Array:
        return -np.expm1(-np.exp(-z))

    def _density(self, z: Array) -> Array:
        return np.nan_to_num(np.exp(-z - np.exp(-z)))

    def _moments(self) -> tuple[float, float]:
        return float(np.euler_gamma), SD


@dataclass(frozen=True, slots=True)
class GumbelMin(LocationScale):
    """The smallest of many values with thin tails: a weakest link.

    Parameters
    ----------
    loc : float
        Mode.
    scale : float
        Above 0.

    Examples
    --------
    >>> round(GumbelMin(0.0, 1.0).mean, 6)
    -0.577216
    """

    loc: float
    scale: float

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> GumbelMin:
        """Fit two percentiles exactly."""
        return cls._through(percentiles)

    def _standard(self, u: Array) -> Array:
        return np.log(-np.log1p(-u))

    def _upper(self, q: Array) -> Array:
        return np.log(-np.log(q))

    def _below(self, z: Array) -> Array:
        return -np.expm1(-np.exp(z))

    def _above(self, z: Array) -> Array:
        return np.exp(-np.exp(z))

    def _density(self, z: Array) -> Array:
        return np.nan_to_num(np.exp(z - np.exp(z)))

    def _moments(self) -> tuple[float, float]:
        return -float(np.euler_gamma), SD
