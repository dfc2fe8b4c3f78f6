"""Number of independent events."""

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

LARGEST_MEAN = 1e8


@functools.lru_cache(maxsize=128)
def _table(mean: float) -> tuple[Array, Array, Array]:
    """Values that can be drawn, probability at or below each and above each."""
    reach = 12 * math.sqrt(mean) + 40
    first = float(max(0, math.floor(mean - reach)))
    values = np.arange(first, math.ceil(mean + reach) + 1)
    return values, np.asarray(special.pdtr(values, mean)), np.asarray(special.pdtrc(values, mean))


@dataclass(frozen=True, slots=True)
class Poisson(Listed):
    """How often something happens when each event is independent of the others.

    Parameters
    ----------
    mean : float
        Expected number, from 0 to 1e8.

    Examples
    --------
    >>> Poisson(4.2).quantile(np.array([0.05, 0.5, 0.95]))
    array([1., 4., 8.])
    """

    mean: float

    def __post_init__(self) -> None:
        _require.not_negative(mean=self.mean)
        if self.mean > LARGEST_MEAN:
            message = f"rate too large; the largest allowed is {LARGEST_MEAN:g}"
            got, hint = _require.number(self.mean), "use a normal with sd = sqrt(mean)"
            raise ParameterError("E303", "mean", message, got=got, hint=hint)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return math.sqrt(self.mean)

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to infinity."""
        return 0.0, math.inf if self.mean else 0.0

    def _listed(self) -> tuple[Array, Array, Array]:
        return _table(self.mean)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x, dtype=float)
        return np.where(x < 0, 0.0, special.pdtr(np.maximum(np.floor(x), 0), self.mean))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x = np.asarray(x, dtype=float)
        return np.where(x < 0, 1.0, special.pdtrc(np.maximum(np.floor(x), 0), self.mean))

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        x = np.asarray(x, dtype=float)
        known = np.maximum(x, 0)
        logs = special.xlogy(known, self.mean) - self.mean - special.gammaln(known + 1)
        return np.where((x >= 0) & (x == np.floor(x)), np.exp(logs), 0.0)
