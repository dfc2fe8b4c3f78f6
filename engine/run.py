"""Run the tasks of a plan and merge what they send back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rangecast.distributions.protocol import Array
from rangecast.engine import figures, pools
from rangecast.engine.summary import Ints, Part, Totals, add_counts, add_floats
from rangecast.engine.task import Setup, Stop, release

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Ensemble:
    """The merged run.

    Parameters
    ----------
    totals : Totals
    total : dict of str to ndarray
        Figures of the whole run.
    errors : dict of str to ndarray
        Their standard errors.
    strata : tuple of list of ndarray
        Per batch, the coarse histogram of every output row, where intervals rest on replicates.
    """

    totals: Totals
    total: dict[str, Array]
    errors: dict[str, Array]
    strata: tuple[list[Array], ...] = ()


class Merger:
    """Takes the parts of a run in any order and gives one result for all orders."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.ints: dict[str, Any] = {}
        self.rows = 0
        self.floats: dict[tuple[int, int], Any] = {}
        self.open: dict[int, dict[str, Any]] = {}
        self.seen: dict[int, int] = {}
        self.batches: dict[int, dict[str, Array]] = {}
        self.strata: dict[int, list[Array]] = {}

    def add(self, part: Part) -> None:
        """Add one part; a batch whose parts are all there is turned into figures."""
        add_counts(self.ints, part.ints)
        self.rows += part.rows
        self.floats[part.batch, part.part] = part.floats
        batch, parts = part.batch, self.setup.plan.parts
        counts: Ints = part.ints
        if parts > 1:
            counts = self.open.setdefault(batch, {})
            add_counts(counts, part.ints)
        self.seen[batch] = self.seen.get(batch, 0) + 1
        if self.seen[batch] == parts:
            self._finish_batch(batch, counts)

    def _finish_batch(self, batch: int, counts: Ints) -> None:
        plan, reading = self.setup.plan, self.setup.reading
        floats = add_floats(self.floats[batch, k] for k in range(plan.parts))
        totals = Totals(plan.size_of(batch), counts, floats)
        self.batches[batch] = figures.of_batch(totals, reading)
        if plan.replicates:
            self.strata[batch] = figures.strata_counts(totals, reading)
        self.open.pop(batch, None)

    def finish(self) -> Ensemble:
        """Merge everything along the fixed order of batches and parts."""
        in_order = [self.floats[k] for k in sorted(self.floats)]
        totals = Totals(self.rows, self.ints, add_floats(in_order))
        reading, order = self.setup.reading, sorted(self.batches)
        total = figures.derive([figures.of_batch(totals, reading)], reading)
        each = figures.derive([self.batches[b] for b in order], reading)
        whole = {name: values[0] for name, values in total.items()}
        errors = figures.standard_errors(whole, each, [self.setup.plan.size_of(b) for b in order])
        return Ensemble(totals, whole, errors, tuple(self.strata[b] for b in sorted(self.strata)))


def run(setup: Setup, pool: pools.Pool, progress: Progress | None = None) -> Ensemble:
    """Run every task and merge.

    Parameters
    ----------
    setup : Setup
    pool : pools.Pool
        Who does the tasks; the result is the same for all.
    progress : callable, optional
        Called with scenarios done and scenarios in all.

    Raises
    ------
    ResourceError
        When a worker process dies.
    """
    stop, merger = Stop(), Merger(setup)
    try:
        for part in pools.parts(setup, setup.plan.tasks(), pool, stop):
            merger.add(part)
            if progress is not None:
                progress(merger.rows, setup.plan.scenarios)
    finally:
        stop.set()
        release()
    return merger.finish()
