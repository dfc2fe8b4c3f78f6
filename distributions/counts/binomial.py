"""Number of successes in independent trials."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions.counts.atoms import Listed
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special

MOST_TRIALS = 1e12


@functools.lru_cache(maxsize=128)
def _table(n: float, p: float) -> tuple[Array, Array, Array]:
    middle, reach = n * p, 12 * math.sqrt(n * p * (1 - p)) + 40
    values = np.arange(max(0.0, math.floor(middle - reach)), min(n, math.ceil(middle + reach)) + 1)
    above = special.betainc(values + 1, np.maximum(n - values, 1e-300), p)
    above = np.where(values >= n, 0.0, above)
    below = special.betaincc(values + 1, np.maximum(n - values, 1e-300), p)
    return values, np.where(values >= n, 1.0, below), above


@dataclass(frozen=True, slots=True)
class Binomial(Listed):
    """How many of n independent trials succeed.

    Parameters
    ----------
    n : float
        Trials: a whole number from 0 to 1e12.
    p : float
        Chance of each, 0 to 1.

    Examples
    --------
    >>> Binomial(10, 0.3).quantile(np.array([0.05, 0.5, 0.95]))
    array([1., 3., 5.])
    """

    n: float
    p: float

    def __post_init__(self) -> None:
        _require.not_negative(n=self.n)
        _require.probability(p=self.p)
        if self.n != math.floor(self.n) or self.n > MOST_TRIALS:
            allowed = f"must be a whole number; the largest allowed is {MOST_TRIALS:g}"
            raise ParameterError("E303", "n", allowed, got=_require.number(self.n))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.n * self.p

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.n * self.p * (1 - self.p))

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to n."""
        return (0.0 if self.p < 1 else self.n), (self.n if self.p > 0 else 0.0)

    def _listed(self) -> tuple[Array, Array, Array]:
        if self.p in {0.0, 1.0} or self.n == 0:
            only = np.array([self.n * self.p])
            return only, np.ones(1), np.zeros(1)
        return _table(self.n, self.p)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        k = np.floor(np.asarray(x, dtype=float))
        if self.p in {0.0, 1.0}:
            return np.where(k >= self.n * self.p, 1.0, 0.0)
        inside = np.clip(k, 0, max(self.n - 1, 0))
        found = special.betaincc(inside + 1, np.maximum(self.n - inside, 1e-300), self.p)
        return np.where(k < 0, 0.0, np.where(k >= self.n, 1.0, found))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        k = np.floor(np.asarray(x, dtype=float))
        if self.p in {0.0, 1.0}:
            return np.where(k >= self.n * self.p, 0.0, 1.0)
        inside = np.clip(k, 0, max(self.n - 1, 0))
        found = special.betainc(inside + 1, np.maximum(self.n - inside, 1e-300), self.p)
        return np.where(k < 0, 1.0, np.where(k >= self.n, 0.0, found))

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        x = np.asarray(x, dtype=float)
        k = np.clip(x, 0, self.n)
        logs = special.xlogy(k, self.p) + special.xlog1py(self.n - k, -self.p)
        logs = logs - math.log(self.n + 1) - special.betaln(self.n - k + 1, k + 1)
        return np.where((x == np.floor(x)) & (x >= 0) & (x <= self.n), np.exp(logs), 0.0)
