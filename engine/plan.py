"""How a run is cut up: passes, batches and tasks, from the number of scenarios alone.

A *pass* is what is worked on at once: a block, or a smaller power of two when scenarios are few or
inputs many. A *batch* is one of 32 contiguous runs of passes, the unit of merging and of standard
errors. A *task* is a batch, or an equal part of one when batches are large.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

DESIGNS = ("random", "lhs", "sobol")
BATCHES = 32
EXACT_ROWS = 65_536
"""Up to here every output value is kept, and quantiles are exact order statistics."""
PERCENTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
MAX_SCENARIOS = 2**53
PASS = 32_768
"""Most scenarios worked on at once: what a core's cache holds."""
PILOT = 32_768
"""First scenarios of a run that fix the cells of its outputs."""
HYPERCUBE = 1024
"""Consecutive scenarios of one Latin hypercube."""
FEWEST_REPLICATES = 8
"""Batches that intervals of `lhs` and `sobol` need."""
_SCRATCH_BYTES = 64 * 2**20
_TASK_PASSES = 128


@dataclass(frozen=True)
class Plan:
    """The size, seed and requests of a run.

    Parameters
    ----------
    scenarios : int
        From 1 to 2**53.
    seed : int
        Not negative.
    width : int
        Rows held at once per scenario (inputs and outputs); it bounds the pass.
    percentiles : tuple of float
        Ascending, inside (0, 1).
    design : str
        ``random``, ``lhs`` or ``sobol``.
    reordered : bool
        Whether draws are reordered in units of 1,024 consecutive scenarios.

    Examples
    --------
    >>> plan = Plan(1_000_000, seed=1, width=30)
    >>> plan.rows, plan.batches
    (16384, 32)
    """

    scenarios: int
    seed: int
    width: int = 1
    percentiles: tuple[float, ...] = PERCENTILES
    design: str = "random"
    reordered: bool = False

    @functools.cached_property
    def rows(self) -> int:
        """Scenarios in a pass: a power of two, such that there are at least 32 passes.

        A Latin hypercube, or a unit that is reordered, is never cut, so that batches are
        independent.
        """
        rows, fewest = PASS, HYPERCUBE if self.design == "lhs" or self.reordered else 1
        while rows > fewest and (
            rows * BATCHES > self.scenarios or rows * self.width * 24 > _SCRATCH_BYTES
        ):
            rows //= 2
        return rows

    @property
    def passes(self) -> int:
        """Number of passes; the last may be shorter."""
        return -(-self.scenarios // self.rows)

    @property
    def batches(self) -> int:
        """Number of batches: 32, or fewer below 32 scenarios."""
        return min(BATCHES, self.passes)

    @property
    def exact(self) -> bool:
        """Whether every output value is kept."""
        return self.scenarios <= EXACT_ROWS

    @property
    def parts(self) -> int:
        """Equal parts of a batch that are tasks of their own."""
        return max(1, -(-self.passes // (self.batches * _TASK_PASSES)))

    @property
    def replicates(self) -> bool:
        """Whether intervals rest on the spread of batches, as all but independent draws need."""
        dependent = self.design != "random" or self.reordered
        return dependent and self.batches >= FEWEST_REPLICATES

    @property
    def key(self) -> str:
        """Everything of the plan that a result depends on."""
        return f"{self.scenarios}|{self.seed}|{self.design}|{self.rows}|{self.batches}|{self.parts}"

    def tasks(self) -> list[tuple[int, int]]:
        """Every task as (batch, part), in the order of their scenarios."""
        return [(b, p) for b in range(self.batches) for p in range(self.parts)]

    def passes_of(self, batch: int, part: int) -> range:
        """Give the passes of one task."""
        first = self.passes * batch // self.batches
        length = self.passes * (batch + 1) // self.batches - first
        return range(first + length * part // self.parts, first + length * (part + 1) // self.parts)

    def size_of(self, batch: int) -> int:
        """Count the scenarios of one batch."""
        first = self.passes * batch // self.batches * self.rows
        return min(self.passes * (batch + 1) // self.batches * self.rows, self.scenarios) - first


def rounded_up(scenarios: int, design: str) -> int:
    """Number of scenarios a design can use: for ``sobol`` 32 times a power of two.

    Examples
    --------
    >>> rounded_up(10_000, "sobol"), rounded_up(10_000, "lhs")
    (16384, 10000)
    """
    if design != "sobol":
        return scenarios
    per_batch = -(-scenarios // BATCHES)
    return BATCHES << (per_batch - 1).bit_length()
