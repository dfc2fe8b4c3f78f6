"""Draws for use outside the engine, by inversion."""

from __future__ import annotations

import numpy as np
from rangecast.distributions.protocol import Array


class Sampled:
    """Gives a law a `sample` method built on its `quantile`; carries no state."""

    __slots__ = ()

    def quantile(self, u: Array) -> Array:
        """Map probabilities to values."""
        raise NotImplementedError

    def sample(self, n: int, seed: int) -> Array:
        """Draw `n` independent values with NumPy's default generator.

        Parameters
        ----------
        n : int
        seed : int
            Same seed, same values.
        """
        u = np.random.default_rng(seed).random(n)
        return self.quantile(np.maximum(u, 2.0**-54))


class TwoTailed(Sampled):
    """Reads quantiles off both tails at once, so that neither loses digits; carries no state.

    A subclass gives `_from_tails`: values of points by their probabilities below and above.
    """

    __slots__ = ()

    def _from_tails(self, below: Array, above: Array) -> Array:
        raise NotImplementedError

    def quantile(self, u: Array) -> Array:
        """Smallest value with a probability of at least `u` at or below it."""
        u = np.asarray(u, dtype=float)
        return self._from_tails(u, 1.0 - u)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        q = np.asarray(q, dtype=float)
        return self._from_tails(1.0 - q, q)
