"""Listed values with weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.counts import atoms
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Discrete(Sampled):
    """One of several values.

    Parameters
    ----------
    values : tuple of float
        Possible values in any order; equal ones are merged.
    weights : tuple of float
        0 or more, not all 0; they are divided by their sum.

    Examples
    --------
    >>> Discrete((10.0, 20.0), (3.0, 1.0)).mean
    12.5
    """

    values: tuple[float, ...]
    weights: tuple[float, ...]
    discrete = True

    def __post_init__(self) -> None:
        _check(self.values, self.weights)
        merged: dict[float, float] = {}
        for value, weight in sorted(zip(self.values, self.weights, strict=True)):
            if weight > 0:
                merged[value + 0.0] = merged.get(value + 0.0, 0.0) + weight
        total = math.fsum(merged.values())
        object.__setattr__(self, "values", tuple(merged))
        object.__setattr__(self, "weights", tuple(w / total for w in merged.values()))

    @property
    def mean(self) -> float:
        """Expected value."""
        return math.fsum(v * w for v, w in zip(self.values, self.weights, strict=True))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        mean = self.mean
        pairs = zip(self.values, self.weights, strict=True)
        return math.sqrt(math.fsum(w * (v - mean) ** 2 for v, w in pairs))

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return self.values[0], self.values[-1]

    def atoms(self) -> tuple[Array, Array]:
        """Values, and the probability at or below each."""
        cumulative = np.cumsum(self.weights)
        cumulative[-1] = 1.0
        return np.array(self.values), cumulative

    def quantile(self, u: Array) -> Array:
        """Smallest value with probability at or below it of at least `u`."""
        return atoms.look_up(*self.atoms(), u)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability at most `q`."""
        return atoms.look_up_above(np.array(self.values), self._from()[1:], q)

    def _from(self) -> Array:
        """Probability at or above each value, and above the last."""
        tail = np.append(np.cumsum(self.weights[::-1])[::-1], 0.0)
        tail[0] = 1.0
        return tail

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        index = np.searchsorted(self.values, np.asarray(x, dtype=float), side="right")
        return np.asarray(np.concatenate([[0.0], self.atoms()[1]])[index])

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        index = np.searchsorted(self.values, np.asarray(x, dtype=float), side="right")
        return np.asarray(self._from()[index])

    def pmf(self, x: Array) -> Array:
        """Probability of `x` itself."""
        place = np.searchsorted(self.values, np.asarray(x, dtype=float))
        index = np.minimum(place, len(self.values) - 1)
        found = np.array(self.values)[index] == np.asarray(x)
        return np.where(found, np.array(self.weights)[index], 0.0)


def _check(values: tuple[float, ...], weights: tuple[float, ...]) -> None:
    if not values:
        raise ParameterError("E302", "values", "must list at least one value")
    if len(values) != len(weights):
        got = f"{len(values)} values and {len(weights)} weights"
        raise ParameterError("E302", "weights", "must be as many as values", got=got)
    for k, value in enumerate(values):
        _require.finite(**{f"values[{k}]": value})
    for k, weight in enumerate(weights):
        if not (math.isfinite(weight) and weight >= 0):
            got = _require.number(weight)
            raise ParameterError("E307", f"weights[{k}]", "must be 0 or more", got=got)
    if not sum(weights) < math.inf:
        raise ParameterError("E307", "weights", "their sum is too large for a 64-bit float")
    if not math.fsum(weights) > 0:
        raise ParameterError("E307", "weights", "must not all be 0")
