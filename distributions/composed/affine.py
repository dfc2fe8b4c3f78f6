"""A law moved and stretched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.composed.masses import exceedance, masses
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array, Distribution
from rangecast.distributions.truncated import truncate


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
        ends = sorted((end - self.shift) / self.factor for end in (low, high))
        return affine(truncate(self.law, *ends), self.shift, self.factor)

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        inner = self.law.quantile if self.factor > 0 else self.law.upper_quantile
        return np.asarray(self.shift + self.factor * inner(u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        inner = self.law.upper_quantile if self.factor > 0 else self.law.quantile
        return np.asarray(self.shift + self.factor * inner(q))

    def _below(self, x: Array, upper: bool) -> Array:
        """Probability on one side of `x`; where the law is mirrored, its own other side."""
        inside = (np.asarray(x, dtype=float) - self.shift) / self.factor
        if self.factor > 0:
            return exceedance(self.law, inside) if upper else self.law.cdf(inside)
        values, weights = masses(self.law)
        at = np.zeros(inside.shape)
        if values.size:
            place = np.minimum(np.searchsorted(values, inside), len(values) - 1)
            at = np.where(values[place] == inside, weights[place], 0.0)
        return self.law.cdf(inside) - at if upper else exceedance(self.law, inside) + at

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
