"""Number of independent events."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.counts import atoms
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
class Poisson(Sampled):
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
    discrete = True

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

    def atoms(self) -> tuple[Array, Array]:
        """Values, and the probability at or below each."""
        values, cumulative, above = _table(self.mean)
        last = int(np.argmax(above < atoms.TAIL))
        return values[: last + 1], np.append(cumulative[:last], 1.0)

    def quantile(self, u: Array) -> Array:
        """Smallest value with probability at or below it of at least `u`."""
        values, cumulative, _ = _table(self.mean)
        found = atoms.look_up(values, cumulative, u)
        return np.where(np.asarray(u) >= 1.0, self.support[1], found)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability at most `q`."""
        values, _, above = _table(self.mean)
        return atoms.look_up_above(values, above, q)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x, dtype=float)
        return np.where(x < 0, 0.0, special.pdtr(np.maximum(np.floor(x), 0), self.mean))

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        x = np.asarray(x, dtype=float)
        known = np.maximum(x, 0)
        logs = special.xlogy(known, self.mean) - self.mean - special.gammaln(known + 1)
        return np.where((x >= 0) & (x == np.floor(x)), np.exp(logs), 0.0)
