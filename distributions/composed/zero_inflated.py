"""Zero with some probability, else another law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import TwoTailed
from rangecast.distributions.composed.masses import exceedance, masses, share_between
from rangecast.distributions.counts.discrete import Discrete
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array, Distribution
from rangecast.distributions.truncated import LEAST, truncate


def zero_inflated(law: Distribution, zero: float) -> Distribution:
    """Add a probability of zero to a law; a discrete one gives a discrete law.

    Parameters
    ----------
    law : Distribution
    zero : float
        Probability of zero beside the law's own, above 0 and below 1.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> from rangecast.distributions import Poisson
    >>> zero_inflated(Poisson(2.0), 0.25).mean
    1.5
    """
    inflated = ZeroInflated(law, zero)
    if not law.discrete:
        return inflated
    values, shares = masses(law)
    weights = (zero, *((1 - zero) * shares).tolist())
    return Discrete((0.0, *values.tolist()), weights)


@dataclass(frozen=True, slots=True)
class ZeroInflated(TwoTailed):
    """Zero with probability `zero`, otherwise a draw of `law`.

    Parameters
    ----------
    law : Distribution
        Continuous; it may take either sign.
    zero : float
        Above 0 and below 1.

    Examples
    --------
    >>> from rangecast.distributions import Exponential
    >>> ZeroInflated(Exponential(2.0), 0.5).quantile(np.array([0.25, 0.5, 0.75])).round(6)
    array([0.      , 0.      , 1.386294])
    """

    law: Distribution
    zero: float
    discrete = False
    rough = True

    def __post_init__(self) -> None:
        _require.finite(zero=self.zero)
        if not 0 < self.zero < 1:
            got = _require.number(self.zero)
            raise ParameterError("E303", "zero", "must lie between 0 and 1, both excluded", got=got)

    @property
    def mean(self) -> float:
        """Expected value."""
        return (1 - self.zero) * self.law.mean

    @property
    def sd(self) -> float:
        """Standard deviation."""
        rest = 1 - self.zero
        return math.sqrt(rest * (self.law.sd**2 + self.zero * self.law.mean**2))

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible value, zero among them."""
        low, high = self.law.support
        return min(low, 0.0), max(high, 0.0)

    def masses(self) -> tuple[Array, Array]:
        """Zero and its probability."""
        return np.zeros(1), np.array([self.zero])

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x, dtype=float)
        return np.asarray((1 - self.zero) * self.law.cdf(x) + self.zero * (x >= 0))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x = np.asarray(x, dtype=float)
        return np.asarray((1 - self.zero) * exceedance(self.law, x) + self.zero * (x < 0))

    def pdf(self, x: Array) -> Array:
        """Density at `x` of the part that has one."""
        return np.asarray((1 - self.zero) * self.law.pdf(x))  # type: ignore[attr-defined]

    def between(self, low: float, high: float) -> Distribution:
        """Cut off: zero, where it lies between the ends, and what is left of the law."""
        share = (1 - self.zero) * share_between(self.law, low, high)
        if not low <= 0 <= high:
            return truncate(self.law, low, high)
        if share < LEAST:
            return Discrete((0.0,), (1.0,))
        return zero_inflated(truncate(self.law, low, high), self.zero / (self.zero + share))

    def _from_tails(self, below: Array, above: Array) -> Array:
        rest, nought = 1 - self.zero, np.zeros(1)
        negative, positive = (float(t(nought)[0]) for t in (self.law.cdf, self._above))
        found = np.zeros(below.shape)
        left, right = below < rest * negative, above < rest * positive
        found[left] = self.law.quantile(below[left] / rest)
        found[right] = self.law.upper_quantile(above[right] / rest)
        return found

    def _above(self, x: Array) -> Array:
        return exceedance(self.law, x)
