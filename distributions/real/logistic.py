"""The logistic law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions._location_scale import LocationScale
from rangecast.distributions.protocol import Array
from scipy import special


@dataclass(frozen=True, slots=True)
class Logistic(LocationScale):
    """A bell with tails a little heavier than the normal's.

    Parameters
    ----------
    loc : float
        Mean and median.
    scale : float
        Above 0; the standard deviation is scale · π / √3.

    Examples
    --------
    >>> float(Logistic.from_percentiles({0.1: 10.0, 0.9: 30.0}).loc)
    20.0
    """

    loc: float
    scale: float

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> Logistic:
        """Fit two percentiles exactly."""
        return cls._through(percentiles)

    def _standard(self, u: Array) -> Array:
        return np.log(u) - np.log1p(-u)

    def _upper(self, q: Array) -> Array:
        return np.log1p(-q) - np.log(q)

    def _below(self, z: Array) -> Array:
        return np.asarray(special.expit(z))

    def _above(self, z: Array) -> Array:
        return np.asarray(special.expit(-z))

    def _density(self, z: Array) -> Array:
        return np.asarray(special.expit(z) * special.expit(-z))

    def _moments(self) -> tuple[float, float]:
        return 0.0, math.pi / math.sqrt(3)
