"""Who does the tasks: this thread, other threads, processes of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rangecast.engine.errors import Problem, ResourceError
from rangecast.engine.summary import Part
from rangecast.engine.task import Setup, Stop, run_task

BACKENDS = ("auto", "sequential", "threads", "loky", "dask")
_THREADS_FROM = 3_000_000
_LOKY_FROM = 20_000_000

Task = tuple[int, int]


@dataclass(frozen=True)
class Pool:
    """Workers.

    Parameters
    ----------
    backend : str
        ``sequential``, ``threads``, ``loky`` or ``dask``.
    workers : int
    address : str
        Of a dask scheduler; "" starts workers of our own.
    """

    backend: str = "sequential"
    workers: int = 1
    address: str = ""


def choose(backend: str, workers: int, scenarios: int, address: str = "") -> Pool:
    """Settle `auto`: no pool for short runs, threads for middling ones, processes beyond."""
    if backend == "dask" or address:
        return Pool("dask", workers, address)
    if workers == 1:
        return Pool()
    if backend == "auto":
        short = "threads" if scenarios < _LOKY_FROM else "loky"
        backend = "sequential" if scenarios < _THREADS_FROM else short
    return Pool(backend, 1 if backend == "sequential" else workers)


def parts(setup: Setup, tasks: Sequence[Task], pool: Pool, stop: Stop) -> Iterator[Part]:
    """Do tasks and give their parts in the order of arrival.

    Raises
    ------
    ResourceError
        When a worker process dies.
    """
    if pool.backend == "sequential":
        done = (run_task(setup, *task, stop) for task in tasks)
        yield from (part for part in done if part is not None)
        return
    from joblib import Parallel, delayed

    shared = stop if pool.backend == "threads" else None  # an event does not travel to processes
    runner = Parallel(
        n_jobs=pool.workers,
        backend="threading" if pool.backend == "threads" else "loky",
        return_as="generator_unordered",
        pre_dispatch="2*n_jobs",
        batch_size=1,
        max_nbytes=None,
    )
    try:
        arriving = runner(delayed(run_task)(setup, *task, shared) for task in tasks)
        yield from (part for part in arriving if part is not None)
    except BaseException as problem:
        stop.set()
        abandon(pool)
        if type(problem).__name__ in {"TerminatedWorkerError", "BrokenProcessPool"}:
            hint = "probably out of memory; try fewer workers"
            died = Problem("E811", "", "a worker process was killed", hint=hint)
            raise ResourceError(died) from None
        raise


def abandon(pool: Pool) -> None:
    """Leave no worker process behind when a run is cut short."""
    if pool.backend == "loky":
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=False, kill_workers=True)
