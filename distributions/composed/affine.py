"""A law moved and stretched."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.composed.masses import exceedance, masses
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array, Distribution
from rangecast.distributions.truncated import truncate

_ROUNDING = 1e-15
"""What moving and stretching a value rounds, as a share of the largest number in it."""


def origin(value: float, shift: float, factor: float) -> float:
    """Give the number that is moved and stretched to a value; of those that are, the shortest.

    A law of single values is cut off there: none is lost to rounding.

    Examples
    --------
    >>> origin(0.3, shift=0.0, factor=0.1), (0.3 - 0.0) / 0.1
    (3.0, 2.9999999999999996)
    """
    found = (value - shift) / factor
    most = _ROUNDING * max(abs(value), abs(shift))
    if not (math.isfinite(found) and 0 < most / abs(factor) < math.inf):
        return found
    try:
        short = round(found, math.floor(-math.log10(most / abs(factor))))
    except OverflowError:  # next to the largest float
        return found
    return short if abs(shift + factor * short - value) <= most else found


@functools.lru_cache(maxsize=64)
def _steps(law: Distribution, shift: float, factor: float) -> tuple[Array, Array, Array] | None:
    """Single values of a law as moved and stretched, ascending, and what lies between them.

    Between two of them the law itself is asked no lower than the one and below the other; None for
    too many to list.
    """
    try:
        values = masses(law)[0]
    except ParameterError:
        return None
    moved = np.sort(shift + factor * values)
    lowest = np.concatenate([[-math.inf], values])
    return moved, lowest, np.append(np.nextafter(values, -math.inf), math.inf)


def affine(law: Distribution, shift: float, factor: float) -> Distribution:
    """Move and stretch a law; no change gives the law itself."""
    return law if (shift, factor) == (0.0, 1.0) else Affine(law, shift, factor)


@dataclass(frozen=True, slots=True)
class Affine(Sampled):
    """``shift + factor · X`` for a draw X of another law.

    Parameters
    ----------
    law : Distribution
    shift : float
    factor : float
        Not 0; a negative one mirrors the law.

    Examples
    --------
    >>> from rangecast.distributions import Exponential
    >>> law = Affine(Exponential(2.0), shift=1.0, factor=10.0)
    >>> law.mean, law.support
    (21.0, (1.0, inf))
    """

    law: Distribution
    shift: float = 0.0
    factor: float = 1.0

    def __post_init__(self) -> None:
        _require.finite(shift=self.shift, factor=self.factor)
        if self.factor == 0:
            raise ParameterError("E303", "factor", "must not be 0", hint="state value = … instead")

    @property
    def discrete(self) -> bool:
        """Whether probability sits on single values."""
        return self.law.discrete

    @property
    def rough(self) -> bool:
        """Whether the quantile function has jumps or corners."""
        return bool(getattr(self.law, "rough", False))

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.shift + self.factor * self.law.mean

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return abs(self.factor) * self.law.sd

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        low, high = sorted(self.shift + self.factor * end for end in self.law.support)
        return low, high

    def atoms(self) -> tuple[Array, Array] | None:
        """Values of a discrete law, and the probability at or below each."""
        inner: Any = self.law
        if inner.atoms() is None:
            return None
        values, weights = self.masses()
        cumulative = np.cumsum(weights)
        cumulative[-1] = 1.0
        return values, cumulative

    def masses(self) -> tuple[Array, Array]:
        """Values with a probability of their own, ascending, and those probabilities."""
        values, weights = masses(self.law)
        step = -1 if self.factor < 0 else 1
        return (self.shift + self.factor * values)[::step], weights[::step]

    def between(self, low: float, high: float) -> Distribution:
        """Cut off: the law itself, at the ends as it sees them."""
        ends = sorted(origin(end, self.shift, self.factor) for end in (low, high))
        return affine(truncate(self.law, *ends), self.shift, self.factor)

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        inner = self.law.quantile if self.factor > 0 else self.law.upper_quantile
        return np.asarray(self.shift + self.factor * inner(u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        inner = self.law.upper_quantile if self.factor > 0 else self.law.quantile
        return np.asarray(self.shift + self.factor * inner(q))

    def _cut(self, x: Array) -> Array:
        """Where the law itself falls in two: what `x` reaches, and the rest.

        Single values are told apart as they are drawn, moved and stretched, so that rounding puts
        none on the wrong side.
        """
        x = np.asarray(x, dtype=float)
        inside = (x - self.shift) / self.factor
        steps = _steps(self.law, self.shift, self.factor)
        if steps is None:  # whole numbers
            nearest = np.rint(inside)
            inside = np.where(self.shift + self.factor * nearest == x, nearest, inside)
            return inside if self.factor > 0 else np.ceil(inside) - 1
        moved, lowest, highest = steps
        if not moved.size:
            return inside
        reached = np.searchsorted(moved, x, side="right")
        first = reached if self.factor > 0 else len(moved) - reached
        return np.clip(inside, lowest[first], highest[first])

    def _below(self, x: Array, upper: bool) -> Array:
        """Probability on one side of `x`; where the law is mirrored, its own other side."""
        inside, mirrored = self._cut(x), self.factor < 0
        return exceedance(self.law, inside) if upper != mirrored else self.law.cdf(inside)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return np.asarray(self._below(x, upper=False))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return np.asarray(self._below(x, upper=True))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        inner: Any = self.law
        inside = (np.asarray(x, dtype=float) - self.shift) / self.factor
        return np.asarray(inner.pdf(inside) / abs(self.factor))
