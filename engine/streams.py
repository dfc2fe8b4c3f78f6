"""Random numbers as a pure function of (seed, name, purpose, block): nothing is ever spawned.

A stream is one SFC64 generator, re-keyed for every block of scenarios by a fixed-width hash.
Adding, removing or reordering inputs, another number of workers or a longer run therefore changes
no existing draw. The block size is part of that promise and must never change.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array

BLOCK = 65_536
"""Scenarios in a block, the unit of the random streams."""

STREAM_VERSION = b"rangecast-1"
"""Changes when the draws of a seed change; hashed into every key."""

SMALLEST = 2.0**-54
"""Stands in for a drawn 0, so that points lie strictly inside (0, 1)."""

_COUNTER = (1).to_bytes(8, "little")  # the fourth word of SFC64's state


def key(seed: int, name: str, purpose: str, block: int) -> bytes:
    """Hash the coordinates of a stream into the 24 bytes that key a generator.

    Every field has a fixed width or carries its length, so no two coordinates share an encoding.

    Parameters
    ----------
    seed : int
        Not negative, below 2**256.
    name, purpose : str
        Whose stream it is, and what for.
    block : int
        Number of the block, from 0.

    Examples
    --------
    >>> key(1, "visits", "draw", 0) == key(1, "visits", "draw", 1)
    False
    """
    words = [seed.to_bytes(32, "little"), block.to_bytes(8, "little")]
    for text in (purpose, name):
        encoded = text.encode("utf-8")
        words += [len(encoded).to_bytes(4, "little"), encoded]
    return hashlib.blake2b(b"".join(words), digest_size=24, person=STREAM_VERSION).digest()


class Streams:
    """Points in (0, 1) by name and block; one object per thread, since it holds a generator.

    Parameters
    ----------
    seed : int
        Seed of the run.

    Examples
    --------
    >>> points = np.empty(3)
    >>> Streams(1).fill("visits", 0, points)
    >>> bool((points > 0).all() and (points < 1).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._bits = np.random.SFC64(0)
        self._generator = np.random.Generator(self._bits)

    def fill(self, name: str, block: int, out: Array, purpose: str = "draw") -> None:
        """Fill `out` with the first ``out.size`` points of a block's stream."""
        words = np.frombuffer(key(self.seed, name, purpose, block) + _COUNTER, dtype="<u8")
        state: Any = {
            "bit_generator": "SFC64",
            "state": {"state": words.astype(np.uint64)},
            "has_uint32": 0,
            "uinteger": 0,
        }
        self._bits.state = state
        self._generator.random(out=out)
        np.maximum(out, SMALLEST, out=out)
