"""Run the tasks of a plan on one or many workers and merge what they send back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine import figures
from rangecast.engine.errors import Problem, ResourceError
from rangecast.engine.plan import PILOT, Plan
from rangecast.engine.cells import Locator
from rangecast.engine.scenarios import Driver, Program, Sampler, Scheme
from rangecast.engine.summary import (
    Ints,
    Part,
    Scratch,
    Summary,
    Totals,
    add_counts,
    add_floats,
)

BACKENDS = ("auto", "sequential", "threads", "loky")
_THREADS_FROM = 3_000_000
_LOKY_FROM = 20_000_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Setup:
    """Everything a worker needs; it travels to worker processes.

    Parameters
    ----------
    token : str
        Tells setups apart, so that a worker keeps its arrays between the tasks of one run.
    """

    token: str
    plan: Plan
    scheme: Scheme
    reading: figures.Reading

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """Drivers of the scenarios."""
        return self.scheme.drivers

    @property
    def program(self) -> Program:
        """What turns inputs into outputs."""
        return self.scheme.program


_local = threading.local()


def _equipment(setup: Setup) -> tuple[Sampler, list[Locator], Scratch]:
    """Arrays of this thread for this run, made once."""
    if getattr(_local, "token", None) != setup.token:
        sampler = Sampler(setup.plan, setup.scheme)
        locators = [Locator(mapping) for mapping in setup.reading.mappings]
        rows = min(setup.plan.rows, setup.plan.scenarios)
        _local.kept = (sampler, locators, Scratch(rows, setup.reading.layout))
        _local.token = setup.token
    kept: tuple[Sampler, list[Locator], Scratch] = _local.kept
    return kept


def release() -> None:
    """Forget this thread's arrays."""
    _local.token = _local.kept = None


class Stop(threading.Event):
    """Set to make running tasks give up at their next pass."""


def run_task(setup: Setup, batch: int, part: int, stop: Stop | None = None) -> Part | None:
    """Simulate and summarise one task; None when told to stop."""
    with np.errstate(all="ignore"):
        sampler, locators, scratch = _equipment(setup)
        summary = Summary(setup.reading.layout, locators, scratch)
        for number in setup.plan.passes_of(batch, part):
            if stop is not None and stop.is_set():
                return None
            summary.add(sampler.make(number))
    return summary.finish(batch, part)


def pilot(plan: Plan, scheme: Scheme) -> Array:
    """Outputs of the first scenarios of the run: so many, or all if there are fewer."""
    with np.errstate(all="ignore"):
        sampler = Sampler(plan, scheme)
        enough = min(plan.passes, max(1, PILOT // plan.rows))
        return np.concatenate([sampler.make(k).y.copy() for k in range(enough)], axis=1)


def choose_backend(backend: str, workers: int, scenarios: int) -> str:
    """Settle `auto`: no pool for short runs, threads for middling ones, processes beyond."""
    if workers == 1:
        return "sequential"
    if backend != "auto":
        return backend
    if scenarios < _THREADS_FROM:
        return "sequential"
    return "threads" if scenarios < _LOKY_FROM else "loky"


def _parts(setup: Setup, backend: str, workers: int, stop: Stop) -> Iterator[Part]:
    tasks = setup.plan.tasks()
    if backend == "sequential":
        done = (run_task(setup, *task, stop) for task in tasks)
        yield from (part for part in done if part is not None)
        return
    from joblib import Parallel, delayed

    shared = stop if backend == "threads" else None  # an event does not travel to processes
    pool = Parallel(
        n_jobs=workers,
        backend="threading" if backend == "threads" else "loky",
        return_as="generator_unordered",
        pre_dispatch="2*n_jobs",
        batch_size=1,
        max_nbytes=None,
    )
    arriving = pool(delayed(run_task)(setup, *task, shared) for task in tasks)
    yield from (part for part in arriving if part is not None)


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


def run(
    setup: Setup, workers: int = 1, backend: str = "auto", progress: Progress | None = None
) -> Ensemble:
    """Run every task and merge.

    Parameters
    ----------
    setup : Setup
    workers : int
        At least 1.
    backend : str
        ``auto``, ``sequential``, ``threads`` or ``loky``; the result is the same.
    progress : callable, optional
        Called with scenarios done and scenarios in all.

    Raises
    ------
    ResourceError
        When a worker process dies.
    """
    stop, merger = Stop(), Merger(setup)
    chosen = choose_backend(backend, workers, setup.plan.scenarios)
    try:
        for part in _parts(setup, chosen, workers, stop):
            merger.add(part)
            if progress is not None:
                progress(merger.rows, setup.plan.scenarios)
    except BaseException as problem:
        stop.set()
        _abandon(chosen)
        if type(problem).__name__ in {"TerminatedWorkerError", "BrokenProcessPool"}:
            hint = "probably out of memory; try fewer workers"
            died = Problem("E811", "", "a worker process was killed", hint=hint)
            raise ResourceError(died) from None
        raise
    finally:
        release()
    return merger.finish()


def _abandon(backend: str) -> None:
    """Leave no worker process behind when a run is cut short."""
    if backend == "loky":
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=False, kill_workers=True)
