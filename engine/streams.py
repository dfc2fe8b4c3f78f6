"""Random numbers as a pure function of (seed, name, purpose, block): nothing is ever spawned.

A stream is one SFC64 generator, re-keyed for every block of scenarios by a fixed-width hash.
Adding, removing or reordering inputs, another number of workers or a longer run therefore changes
no existing draw. The block size is part of that promise and must never change.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
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


class Stream:
    """The points of one input, block after block; it holds a generator, so one per thread.

    Parameters
    ----------
    seed : int
        Seed of the run.
    name : str
        Of the input.
    purpose : str
        What the points are for.

    Examples
    --------
    >>> stream, points = Stream(1, "visits"), np.empty(3)
    >>> stream.turn_to(0)
    >>> stream.fill(points)
    >>> bool((points > 0).all() and (points < 1).all())
    True
    """

    def __init__(self, seed: int, name: str, purpose: str = "draw") -> None:
        self.seed, self.name, self.purpose = seed, name, purpose
        self.bits = np.random.SFC64(0)
        self.generator = np.random.Generator(self.bits)

    def turn_to(self, block: int, skipped: int = 0) -> None:
        """Go to the start of a block, or so many points into it."""
        words = np.frombuffer(
            key(self.seed, self.name, self.purpose, block) + _COUNTER, dtype="<u8"
        )
        state: Any = {
            "bit_generator": "SFC64",
            "state": {"state": words.astype(np.uint64)},
            "has_uint32": 0,
            "uinteger": 0,
        }
        self.bits.state = state
        if skipped:
            self.bits.random_raw(skipped, output=False)

    def fill(self, out: Array) -> None:
        """Fill `out` with the next points."""
        self.generator.random(out=out)
        if out.min() == 0.0:
            np.maximum(out, SMALLEST, out=out)

    def words(self, count: int) -> NDArray[np.uint64]:
        """Give the next `count` words of 64 random bits, one per point."""
        words: NDArray[np.uint64] = self.bits.random_raw(count)
        return words
