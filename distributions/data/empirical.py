"""Observed values, each as likely as another."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.data import _observed
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array

MOST_ATOMS = 1000
"""Distinct values that are listed; more are looked up by their rank, unless one is frequent."""
FREQUENT = 1e-3
"""Share of a value from which a list is kept, so that rankings never split it."""


@functools.lru_cache(maxsize=128)
def _distinct(law: Empirical) -> tuple[Array, Array]:
    """Distinct values, and how many lie at or below each."""
    last = np.append(law.values[1:] != law.values[:-1], True)
    below = np.asarray(np.flatnonzero(last) + 1, dtype=float)
    return law.values[last], below


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Empirical(Sampled):
    """The empirical distribution: draws are observed values, with replacement.

    Quantiles are type 1 of Hyndman & Fan (1996), the inverse of the empirical distribution
    function; nothing below the smallest or above the largest observation can occur.

    Parameters
    ----------
    given : sequence of float
        The values: finite, in any order, equal ones counted as often as they occur.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> law = Empirical([3.0, 1.0, 3.0, 8.0])
    >>> law.quantile(np.array([0.25, 0.5, 0.9])), law.mean
    (array([1., 3., 8.]), 3.75)
    """

    given: InitVar[Sequence[float] | Array]
    values: Array = field(init=False)
    digest: str = field(init=False)
    discrete = True

    def __post_init__(self, given: Sequence[float] | Array) -> None:
        object.__setattr__(self, "values", _observed.ordered(given))
        object.__setattr__(self, "digest", _observed.digest(self.values))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Empirical) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        low, high = (_require.number(v) for v in self.support)
        count = len(self.values)
        return f"Empirical({count:,} values from {low} to {high}, sha256 {self.digest[:16]})"

    @property
    def mean(self) -> float:
        """Mean of the observed values."""
        middle = float(self.values[len(self.values) // 2])
        return middle + float((self.values - middle).mean())

    @property
    def sd(self) -> float:
        """Standard deviation of a draw: the root mean square from the mean, not n − 1."""
        return math.sqrt(float(((self.values - self.mean) ** 2).mean()))

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest observed value."""
        return float(self.values[0]), float(self.values[-1])

    def atoms(self) -> tuple[Array, Array] | None:
        """Distinct values and the probability at or below each.

        None above 1,000 distinct values none of which makes up a thousandth: then draws are looked
        up by rank, which is as fast for millions of values.
        """
        values, below = _distinct(self)
        often = float(np.diff(below, prepend=0.0).max())
        if len(values) > MOST_ATOMS and often < FREQUENT * len(self.values):
            return None
        return values, below / len(self.values)

    def quantile(self, u: Array) -> Array:
        """Smallest observed value with at least the share `u` at or below it."""
        u, n = np.asarray(u, dtype=float), len(self.values)
        rank = np.ceil(u * n)
        rank = rank - ((rank - 1) / n >= u)  # the product may have been rounded up
        rank = np.clip(rank + (rank / n < u), 1, n)
        return np.asarray(self.values[rank.astype(np.intp) - 1])

    def upper_quantile(self, q: Array) -> Array:
        """Smallest observed value that at most the share `q` exceeds."""
        q, n = np.asarray(q, dtype=float), len(self.values)
        above = np.floor(q * n)
        above = above + ((above + 1) / n <= q)
        above = np.clip(above - (above / n > q), 0, n - 1)
        return np.asarray(self.values[n - 1 - above.astype(np.intp)])

    def cdf(self, x: Array) -> Array:
        """Share of observed values at or below `x`."""
        return np.asarray(np.searchsorted(self.values, x, side="right") / len(self.values))

    def sf(self, x: Array) -> Array:
        """Share of observed values above `x`."""
        below = np.searchsorted(self.values, x, side="right")
        return np.asarray((len(self.values) - below) / len(self.values))

    def pmf(self, x: Array) -> Array:
        """Share of observed values equal to `x`."""
        below = np.searchsorted(self.values, x, side="left")
        return self.cdf(x) - np.asarray(below / len(self.values))

    def between(self, low: float, high: float) -> Empirical:
        """Give the law of the observed values from `low` to `high`.

        Raises
        ------
        ParameterError
            When there is none.
        """
        kept = self.values[(self.values >= low) & (self.values <= high)]
        if not len(kept):
            ends = " to ".join(_require.number(v) for v in self.support)
            message = "no observed value lies between min and max"
            raise ParameterError("E303", "min", message, got=f"values from {ends}")
        return Empirical(kept)

    def rounded(self) -> Empirical:
        """Give the law of the observed values, each rounded to a whole number."""
        return Empirical(np.rint(self.values))
