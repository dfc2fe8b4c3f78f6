"""A law whose draw is rounded to a whole number."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.counts import atoms
from rangecast.distributions.protocol import Array, Distribution


@functools.lru_cache(maxsize=512)
def _atoms(law: Distribution) -> tuple[Array, Array] | None:
    """Whole numbers that can be drawn and the probability at or below each."""
    tail = np.array(atoms.TAIL)
    low, high = float(np.rint(law.quantile(tail))), float(np.rint(law.upper_quantile(tail)))
    if not high - low < atoms.MOST:
        return None
    values = np.arange(low, high + 1)
    cumulative = np.append(law.cdf(_edge(values[:-1])), 1.0)
    return values, cumulative


def _edge(x: Array) -> Array:
    """Largest number that rounds to the whole number at or below `x`; halves go to the even one."""
    whole = np.floor(x)
    return np.where(whole % 2 == 0, whole + 0.5, np.nextafter(whole + 0.5, -math.inf))


@functools.lru_cache(maxsize=512)
def _moments(law: Distribution) -> tuple[float, float]:
    """Exact by summation, or, with too many atoms, those of the law itself plus 1/12."""
    listed = _atoms(law)
    if listed is None:
        return law.mean, math.sqrt(law.sd**2 + 1 / 12)
    values, cumulative = listed
    weights = np.diff(cumulative, prepend=0.0)
    mean = float(weights @ values)
    return mean, math.sqrt(float(weights @ (values - mean) ** 2))


@dataclass(frozen=True, slots=True)
class Rounded(Sampled):
    """Another law, rounded to the nearest whole number after the draw.

    Parameters
    ----------
    law : Distribution
        Percentiles it was given stay those of the value before rounding.

    Examples
    --------
    >>> from rangecast.distributions import Uniform
    >>> Rounded(Uniform(0.5, 3.5)).mean
    2.0
    """

    law: Distribution
    discrete = True

    @property
    def mean(self) -> float:
        """Expected value after rounding."""
        return _moments(self.law)[0]

    @property
    def sd(self) -> float:
        """Standard deviation after rounding."""
        return _moments(self.law)[1]

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest whole number."""
        low, high = self.law.support
        return float(np.rint(low)), float(np.rint(high))

    def atoms(self) -> tuple[Array, Array] | None:
        """Values, and the probability at or below each; None above a million."""
        return _atoms(self.law)

    def quantile(self, u: Array) -> Array:
        """Round the law's own quantile."""
        return np.rint(self.law.quantile(u))

    def upper_quantile(self, q: Array) -> Array:
        """Round the law's own upper quantile."""
        return np.rint(self.law.upper_quantile(q))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return self.law.cdf(_edge(np.asarray(x, dtype=float)))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return self.law.sf(_edge(np.asarray(x, dtype=float)))

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        x = np.asarray(x, dtype=float)
        return np.where(x == np.floor(x), self.cdf(x) - self.cdf(x - 1), 0.0)
