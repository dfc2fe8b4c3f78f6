"""Designs: where in (0, 1) the points of every input lie.

``random`` draws independently. ``lhs`` makes independent Latin hypercubes of 1,024 consecutive
scenarios. Both are pure functions of seed, name and scenario, so other inputs and longer runs
change nothing. ``sobol`` gives every batch a scrambled Sobol' sequence of its own; the dimension of
an input is its position among all declared inputs, so inserting one changes the draws.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.plan import HYPERCUBE, Plan
from rangecast.engine.streams import BLOCK, SMALLEST, Stream, key

_BELOW_ONE = 1.0 - 2.0**-53
_BITS = 52  # of a Sobol' point; half a step is added, and the sum is still exact
_CHUNK = 8192
_KEPT = 500  # dimensions of a scrambled sequence that is kept for the next pass, some 200 kB
_LOW = np.uint64(HYPERCUBE - 1)
_NOT_LOW = ~_LOW
_PLACES = np.arange(HYPERCUBE, dtype=np.uint64)


class Points(Protocol):
    """The points of some inputs, a pass at a time."""

    def move(self, start: int, rows: int) -> None:
        """Go to the pass that begins with scenario `start`."""

    def column(self, k: int) -> Array:
        """Points (rows,) of the k-th input in this pass; to be asked for once, and used at once."""
        ...


class RandomPoints:
    """Independent points; a pass that follows the last goes on from it."""

    def __init__(self, plan: Plan, names: Sequence[str]) -> None:
        self.streams = [Stream(plan.seed, name) for name in names]
        rows = min(plan.rows, plan.scenarios)
        self.own = np.empty(-(-rows // HYPERCUBE) * HYPERCUBE if plan.reordered else rows)
        self.next, self.rows = -1, 0

    def move(self, start: int, rows: int) -> None:
        """Go to the pass that begins with scenario `start`."""
        block, first = divmod(start, BLOCK)
        if start != self.next or first == 0:
            self.turn_to(block, first)
        self.next, self.rows = start + rows, rows

    def turn_to(self, block: int, first: int) -> None:
        """Bring every stream to a scenario of a block."""
        for stream in self.streams:
            stream.turn_to(block, first)

    def column(self, k: int) -> Array:
        """Points of the k-th input."""
        u: Array = self.own[: self.rows]
        self.streams[k].fill(u)
        return u


class LatinHypercubes(RandomPoints):
    """Each 1,024 consecutive points have one in every 1,024th of (0, 1), in random order.

    A pass begins with a hypercube; the last hypercube of a run may be cut short.
    """

    def __init__(self, plan: Plan, names: Sequence[str]) -> None:
        super().__init__(plan, names)
        self.orders = [Stream(plan.seed, name, "lhs") for name in names]

    def turn_to(self, block: int, first: int) -> None:
        """Bring every stream to a scenario of a block."""
        super().turn_to(block, first)
        for order in self.orders:
            order.turn_to(block, first)

    def column(self, k: int) -> Array:
        """Strata in the order of random keys, and a random place in each."""
        u = super().column(k)
        cubes = -(-self.rows // HYPERCUBE)
        keys = self.orders[k].words(cubes * HYPERCUBE).reshape(cubes, -1)
        keys &= _NOT_LOW
        keys |= _PLACES  # so that a sorted key tells where it came from
        keys.sort(axis=1)
        keys &= _LOW
        u += keys.reshape(-1)[: self.rows]
        u /= HYPERCUBE
        np.minimum(u, _BELOW_ONE, out=u)
        np.maximum(u, SMALLEST, out=u)
        return u


@functools.lru_cache(maxsize=64)
def _scrambled(seed: int, dimensions: int) -> Any:
    """Scramble a sequence: a ranking passes over the same ones again for each input."""
    from scipy.stats import qmc

    generator = np.random.Generator(np.random.SFC64(seed))
    return qmc.Sobol(dimensions, scramble=True, bits=_BITS, rng=generator)


class SobolPoints:
    """One scrambled Sobol' sequence per batch (Owen's scrambling as SciPy makes it).

    Parameters
    ----------
    plan : Plan
    dimensions : sequence of int
        Dimension of each input.
    total : int
        Number of dimensions.
    """

    def __init__(self, plan: Plan, dimensions: Sequence[int], total: int) -> None:
        self.seed, self.total = plan.seed, total
        self.dimensions = np.array(dimensions, dtype=np.intp)
        self.per_batch = plan.scenarios // plan.batches
        self.u = np.empty((len(dimensions), min(plan.rows, plan.scenarios)))
        self.engine: Any = None
        self.next = -1

    def move(self, start: int, rows: int) -> None:
        """Make the points of a pass; one that follows the last goes on from it."""
        if start != self.next or start % self.per_batch == 0:
            self._restart(*divmod(start, self.per_batch))
        for first in range(0, rows, _CHUNK):
            count = min(_CHUNK, rows - first)
            part = self.engine.random(count).T[self.dimensions]
            np.add(part, 2.0 ** -(_BITS + 1), out=self.u[:, first : first + count])
        self.next = start + rows

    def _restart(self, batch: int, skipped: int) -> None:
        make = _scrambled if self.total <= _KEPT else _scrambled.__wrapped__
        # SciPy draws from a child of the generator's seed, so the stream's key must be that seed.
        seed = int.from_bytes(key(self.seed, "", "sobol", batch), "little")
        self.engine = copy.copy(make(seed, self.total)).reset()
        if skipped:
            self.engine.fast_forward(skipped)

    def column(self, k: int) -> Array:
        """Points of the k-th input."""
        row: Array = self.u[k]
        return row


def points(plan: Plan, names: Sequence[str], declared: Sequence[str]) -> Points:
    """Make the points of a design.

    Parameters
    ----------
    plan : Plan
    names : sequence of str
        Inputs whose points are wanted.
    declared : sequence of str
        All inputs of the model file, in its order.
    """
    if plan.design == "sobol":
        place = {name: k for k, name in enumerate(declared)}
        return SobolPoints(plan, [place[name] for name in names], len(declared))
    if plan.design == "lhs":
        return LatinHypercubes(plan, names)
    return RandomPoints(plan, names)
