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
