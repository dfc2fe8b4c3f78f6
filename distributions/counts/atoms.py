"""What laws of single values share: look-up among a list of atoms."""

from __future__ import annotations

import numpy as np
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
