"""Student's t law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._location_scale import LocationScale
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special


@dataclass(frozen=True, slots=True)
class StudentT(LocationScale):
    """A bell with heavy tails: an estimate from few data.

    Parameters
    ----------
    df : float
        Degrees of freedom, above 0; the mean exists above 1, the variance above 2.
    loc : float
    scale : float
        Above 0; of the standard law, not the standard deviation.

    Examples
    --------
    >>> StudentT.from_mean_sd(4.0, 10.0, 2.0).sd
    2.0
    """

    df: float
    loc: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        _require.finite(loc=self.loc)
        _require.positive(df=self.df, scale=self.scale)

    @classmethod
    def from_mean_sd(cls, df: float, mean: float, sd: float) -> StudentT:
        """Build from mean and standard deviation; needs more than 2 degrees of freedom."""
        if not df > 2:
            message = "must be above 2 for a standard deviation to exist"
            raise ParameterError("E303", "df", message, got=_require.number(df))
        return cls(df, mean, sd / math.sqrt(df / (df - 2)))

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float], df: float) -> StudentT:
        """Fit two percentiles exactly, with given degrees of freedom."""
        return cls._through(percentiles, df=df)

    def _standard(self, u: Array) -> Array:
        below = np.minimum(u, 1 - u)
        # SciPy's inverse gives the wrong sign of infinity at 0
        lower = np.where(below > 0, special.stdtrit(self.df, below), -math.inf)
        found: Array = np.where(u <= 0.5, 1.0, -1.0) * lower
        return found

    def _upper(self, q: Array) -> Array:
        return -self._standard(q)

    def _below(self, z: Array) -> Array:
        return np.asarray(special.stdtr(self.df, z))

    def _above(self, z: Array) -> Array:
        return np.asarray(special.stdtr(self.df, -z))

    def _density(self, z: Array) -> Array:
        half = self.df / 2
        constant = special.gammaln(half + 0.5) - special.gammaln(half)
        constant -= 0.5 * math.log(self.df * math.pi)
        density: Array = np.exp(constant - (half + 0.5) * np.log1p(z * z / self.df))
        return density

    def _moments(self) -> tuple[float, float]:
        if self.df <= 1:
            return math.nan, math.nan
        return 0.0, math.sqrt(self.df / (self.df - 2)) if self.df > 2 else math.inf
