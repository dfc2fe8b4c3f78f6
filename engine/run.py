"""Run the tasks of a plan and merge what they send back."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine import figures, pools
from rangecast.engine.checkpoint import Saver
from rangecast.engine.errors import FileError, Problem, RangecastError, ResourceError
from rangecast.engine.summary import Ints, Part, Totals, add_counts, add_floats
from rangecast.engine.task import Setup, Stop, release

Progress = Callable[[int, int], None]
_KEPT = ("sums", "by_cell", "rank_gram", "lost_rank_gram", "rank_cross", "rank_square")
"""Sums of every batch from which figures are derived on demand."""


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
    batches : mapping of str to ndarray
        The figures behind rankings of every batch, with a leading axis of batches.
    weights : tuple of float
        Share of the scenarios in each batch.
    notes : tuple of str
        What went wrong with workers and was made good.
    """

    totals: Totals
    total: dict[str, Array]
    errors: dict[str, Array]
    strata: tuple[list[Array], ...] = ()
    batches: Mapping[str, Array] = field(default_factory=dict)
    weights: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


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
        self.restored = 0

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Tasks whose parts have not come yet, in the order of their scenarios."""
        return [task for task in self.setup.plan.tasks() if task not in self.floats]

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give everything added so far, as plain values and arrays by name."""
        arrays = {f"ints/{name}": array for name, array in self.ints.items()}
        for kind, group in (("open", self.open), ("batch", self.batches)):
            for batch, named in group.items():
                arrays |= {f"{kind}/{batch}/{name}": array for name, array in named.items()}
        for (batch, part), floats in self.floats.items():
            arrays |= {f"floats/{batch}/{part}/{name}": array for name, array in floats.items()}
        for batch, rows in self.strata.items():
            arrays |= {f"strata/{batch}/{row}": counts for row, counts in enumerate(rows)}
        return {"rows": self.rows, "seen": {str(b): n for b, n in self.seen.items()}}, arrays

    def restore(self, state: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self.rows = int(state["rows"])
        self.seen = {int(batch): int(count) for batch, count in state["seen"].items()}
        for path, array in arrays.items():
            kind, *places, name = path.split("/")
            if kind == "ints":
                self.ints[name] = array
            elif kind == "floats":
                self.floats.setdefault((int(places[0]), int(places[1])), {})[name] = array
            elif kind == "strata":
                self.strata.setdefault(int(places[0]), []).append(array)
            else:
                group = self.open if kind == "open" else self.batches
                group.setdefault(int(places[0]), {})[name] = array

    def add(self, part: Part) -> None:
        """Add one part; a batch whose parts are all there is turned into figures.

        A part that comes a second time counts once.

        Raises
        ------
        ResourceError
            When it comes with other numbers (E812).
        """
        if (part.batch, part.part) in self.floats:
            self._compare(part)
            return
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

    def _compare(self, part: Part) -> None:
        known = self.floats[part.batch, part.part]
        if not all(np.array_equal(known[k], v, equal_nan=True) for k, v in part.floats.items()):
            message = "two workers found different numbers for the same scenarios"
            hint = "is the model a function of its inputs alone? else the hardware is faulty"
            raise ResourceError(Problem("E812", "", message, hint=hint))

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
        total = figures.derive([figures.of_batch(totals, reading)], totals, reading)
        each = figures.derive([self.batches[b] for b in order], totals, reading)
        whole = {name: values[0] for name, values in total.items()}
        sizes = [self.setup.plan.size_of(b) for b in order]
        return Ensemble(
            totals,
            whole,
            figures.standard_errors(whole, each, sizes),
            tuple(self.strata[b] for b in sorted(self.strata)),
            {name: each[name] for name in figures.RANKINGS}
            | {k: np.stack([self.batches[b][k] for b in order]) for k in _KEPT},
            tuple(size / sum(sizes) for size in sizes),
        )


@contextlib.contextmanager
def unbroken() -> Iterator[None]:
    """Put Ctrl-C, SIGTERM and the like off to the end of the block, which is done whole."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU")
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {one: signal.signal(one, lambda number, _: held.append(number)) for one in signals}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler if handler is not None else signal.SIG_DFL)
        for number in held[:1]:
            signal.raise_signal(number)


def run(
    setup: Setup,
    pool: pools.Pool,
    progress: Progress | None = None,
    saver: Saver | None = None,
) -> tuple[Ensemble, int]:
    """Run every task and merge.

    Parameters
    ----------
    setup : Setup
    pool : pools.Pool
        Who does the tasks; the result is the same for all.
    progress : callable, optional
        Called with scenarios done and scenarios in all.
    saver : Saver, optional
        Where checkpoints go; one that is there is taken up.

    Returns
    -------
    Ensemble
    int
        Scenarios taken from a checkpoint.

    Raises
    ------
    ResourceError
        When a worker process dies.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):  # two threads would change bits
        return _run(setup, pool, progress, saver)


def _run(
    setup: Setup, pool: pools.Pool, progress: Progress | None, saver: Saver | None
) -> tuple[Ensemble, int]:
    stop, merger, notes = Stop(), Merger(setup), list[str]()
    try:
        reused = _take_up(merger, saver)
        for part in pools.parts(setup, merger.missing, pool, stop, notes):
            with unbroken():
                merger.add(part)
            if saver is not None and saver.is_due():
                saver.save(*merger.state())
            if progress is not None:
                progress(merger.rows, setup.plan.scenarios)
    except BaseException as problem:
        stop.set()
        if saver is not None and saver.has_begun() and merger.rows > merger.restored:
            try:
                with unbroken():
                    saver.save(*merger.state())
            except RangecastError as unsaved:  # what ended the run matters more
                problem.add_note(str(unsaved))
        raise
    finally:
        stop.set()
        release()
        if saver is not None:
            saver.close()
    return replace(merger.finish(), notes=tuple(notes)), reused


def _take_up(merger: Merger, saver: Saver | None) -> int:
    """Restore the merger from a checkpoint that is there; give the scenarios taken from it."""
    stored = saver.resume() if saver is not None else None
    if saver is not None and stored is not None:
        try:
            merger.restore(stored.state, stored.arrays)
        except (LookupError, TypeError, ValueError):
            message, file = "this is not a checkpoint of rangecast", str(saver.checkpoint.path)
            raise FileError(Problem("E803", "", message, file=file)) from None
    merger.restored = merger.rows
    return merger.rows
