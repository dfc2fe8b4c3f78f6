"""Counts that vary more than independent events do, and waiting for a success."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions.counts.atoms import MOST, Listed
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special


@functools.lru_cache(maxsize=128)
def _table(size: float, p: float) -> tuple[Array, Array, Array]:
    values = np.arange(math.ceil(_reach(size, p)) + 1.0)
    below = special.betainc(size, values + 1, p)
    return values, below, np.asarray(special.betaincc(size, values + 1, p))


def _reach(size: float, p: float) -> float:
    """Value that is exceeded with less than the smallest probability drawn."""
    return size * (1 - p) / p + 12 * math.sqrt(size * (1 - p)) / p + 40 / p


@dataclass(frozen=True, slots=True)
class NegativeBinomial(Listed):
    """Failures before a number of successes; or a count whose rate itself varies (gamma).

    Parameters
    ----------
    size : float
        Successes waited for, above 0, not only whole: the smaller, the more the count varies.
    p : float
        Chance of success of each trial, above 0, at most 1; the mean is size (1 − p) / p.

    Examples
    --------
    >>> NegativeBinomial.from_mean_sd(10.0, 5.0).mean
    10.0
    """

    size: float
    p: float

    def __post_init__(self) -> None:
        _require.positive(size=self.size, p=self.p)
        _require.probability(p=self.p)
        if _reach(self.size, self.p) > MOST:
            got = f"mean {_require.number(self.mean)}"
            hint = "use a gamma with round = true"
            message = f"more than {MOST:,} values can occur"
            raise ParameterError("E303", "p", message, got=got, hint=hint)

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float) -> NegativeBinomial:
        """Build from mean and standard deviation; the variance must exceed the mean."""
        _require.positive(mean=mean, sd=sd)
        if not sd * sd > mean:
            got = f"mean {_require.number(mean)}, variance {_require.number(sd * sd)}"
            message = "the variance must exceed the mean"
            hint = "use poisson or binomial"
            raise ParameterError("E304", "sd", message, got=got, hint=hint)
        return cls(mean * mean / (sd * sd - mean), mean / (sd * sd))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.size * (1 - self.p) / self.p

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.size * (1 - self.p)) / self.p

    def _listed(self) -> tuple[Array, Array, Array]:
        return _table(self.size, self.p)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        k = np.floor(np.asarray(x, dtype=float))
        found = special.betainc(self.size, np.maximum(k, 0) + 1, self.p)
        return np.where(k < 0, 0.0, found)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        k = np.floor(np.asarray(x, dtype=float))
        found = special.betaincc(self.size, np.maximum(k, 0) + 1, self.p)
        return np.where(k < 0, 1.0, found)

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        x = np.asarray(x, dtype=float)
        k = np.maximum(x, 0)
        logs = special.xlog1py(k, -self.p) + self.size * math.log(self.p)
        logs = logs - np.log(k + self.size) - special.betaln(self.size, k + 1)
        return np.where((x >= 0) & (x == np.floor(x)), np.exp(logs), 0.0)


@functools.lru_cache(maxsize=128)
def _waits(p: float) -> tuple[Array, Array, Array]:
    last = 1 if p == 1 else math.ceil(40 / -math.log1p(-p))
    values = np.arange(1.0, last + 1)
    with np.errstate(divide="ignore"):
        logs = values * np.log1p(-p)
    return values, -np.expm1(logs), np.exp(logs)


@dataclass(frozen=True, slots=True)
class Geometric(Listed):
    """Trials until the first success, that one included.

    Parameters
    ----------
    p : float
        Chance of success of each trial, above 0, at most 1.

    Examples
    --------
    >>> Geometric(0.25).mean
    4.0
    """

    p: float

    def __post_init__(self) -> None:
        _require.positive(p=self.p)
        _require.probability(p=self.p)
        if 40 / self.p > MOST:
            message = f"more than {MOST:,} values can occur"
            hint = "use an exponential with round = true"
            raise ParameterError("E303", "p", message, got=_require.number(self.p), hint=hint)

    @property
    def mean(self) -> float:
        """Expected value."""
        return 1 / self.p

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(1 - self.p) / self.p

    @property
    def support(self) -> tuple[float, float]:
        """From 1 to infinity."""
        return 1.0, math.inf if self.p < 1 else 1.0

    def _listed(self) -> tuple[Array, Array, Array]:
        return _waits(self.p)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        k = np.maximum(np.floor(np.asarray(x, dtype=float)), 0.0)
        with np.errstate(all="ignore"):
            return -np.expm1(np.where(k > 0, k * np.log1p(-self.p), 0.0))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        k = np.maximum(np.floor(np.asarray(x, dtype=float)), 0.0)
        with np.errstate(all="ignore"):
            return np.exp(np.where(k > 0, k * np.log1p(-self.p), 0.0))

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        x = np.asarray(x, dtype=float)
        k = np.maximum(x, 1.0)
        mass = self.p * np.exp(special.xlog1py(k - 1, -self.p))
        return np.where((x >= 1) & (x == np.floor(x)), mass, 0.0)
