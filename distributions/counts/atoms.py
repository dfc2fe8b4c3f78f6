"""What laws of single values share: look-up among a list of atoms."""

from __future__ import annotations

import math

import numpy as np
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array

TAIL = 2.0**-54
"""Probability beyond which an atom is never drawn."""
MOST = 1_000_000
"""Longest list of atoms worth keeping."""


def look_up(values: Array, cumulative: Array, u: Array) -> Array:
    """Smallest listed value whose cumulative probability reaches `u`."""
    index = np.searchsorted(cumulative, np.asarray(u, dtype=float), side="left")
    return np.asarray(values[np.minimum(index, len(values) - 1)])


def look_up_above(values: Array, above: Array, q: Array) -> Array:
    """Smallest listed value that is exceeded with probability at most `q`."""
    index = np.searchsorted(-above, -np.asarray(q, dtype=float), side="left")
    return np.asarray(values[np.minimum(index, len(values) - 1)])


class Listed(Sampled):
    """A law of whole numbers that looks its values up; a subclass lists them.

    It gives `_listed`: values that can be drawn, probability at or below each and above each.
    """

    __slots__ = ()
    discrete = True

    def _listed(self) -> tuple[Array, Array, Array]:
        raise NotImplementedError

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        return 0.0, math.inf

    def atoms(self) -> tuple[Array, Array]:
        """Values, and the probability at or below each."""
        values, cumulative, above = self._listed()
        last = int(np.argmax(above < TAIL))
        return values[: last + 1], np.append(cumulative[:last], 1.0)

    def quantile(self, u: Array) -> Array:
        """Smallest value with probability at or below it of at least `u`."""
        values, cumulative, _ = self._listed()
        found = look_up(values, cumulative, u)
        return np.where(np.asarray(u) >= 1.0, self.support[1], found)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability at most `q`."""
        values, _, above = self._listed()
        return look_up_above(values, above, q)
