"""Who does the tasks: this thread, other threads, processes of this machine, or a cluster."""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
import os
import platform
import signal
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from rangecast.engine import watch
from rangecast.engine.checkpoint import Stored, decode, encode
from rangecast.engine.errors import FileError, Problem, ResourceError
from rangecast.engine.files import refuse
from rangecast.engine.numerics import fingerprint
from rangecast.engine.summary import Part
from rangecast.engine.task import Setup, Stop, run_task

BACKENDS = ("auto", "sequential", "threads", "loky", "dask")
_THREADS_FROM = 3_000_000
_LOKY_FROM = 20_000_000
_ATTEMPTS = 3
_REACHED_WITHIN = 10  # seconds

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


def parts(
    setup: Setup, tasks: Sequence[Task], pool: Pool, stop: Stop, notes: list[str]
) -> Iterator[Part]:
    """Do tasks and give their parts in the order of arrival, each once.

    Parameters
    ----------
    setup : Setup
    tasks : sequence of (batch, part)
    pool : Pool
    stop : Stop
    notes : list of str
        Takes what went wrong with workers and was made good.

    Raises
    ------
    ResourceError
        When worker processes die again and again, or a cluster or dask cannot be used.
    """
    if not tasks:
        return
    if pool.backend == "sequential":
        for task in tasks:
            part = run_task(setup, *task, stop)
            if part is not None:
                yield part
    elif pool.backend == "threads":
        yield from _threads(setup, tasks, pool, stop)
    elif pool.backend == "loky":
        yield from _processes(setup, tasks, pool, notes)
    else:
        yield from _cluster(setup, tasks, pool)


def _threads(setup: Setup, tasks: Sequence[Task], pool: Pool, stop: Stop) -> Iterator[Part]:
    from joblib import Parallel, delayed

    runner = Parallel(
        n_jobs=pool.workers,
        backend="threading",
        return_as="generator_unordered",
        pre_dispatch="2*n_jobs",
        batch_size=1,
    )
    try:
        for part in runner(delayed(run_task)(setup, *task, stop) for task in tasks):
            if part is not None:
                yield part
    except RuntimeError as problem:
        if "new thread" not in str(problem):
            raise
        hint = "raise the limit of processes, or use --workers 1"
        limit = Problem("E707", "workers", "no more threads can be started", hint=hint)
        raise ResourceError(limit) from None
    finally:
        stop.set()


@functools.cache
def one_blas_thread() -> None:
    """Hold this worker process to one BLAS thread: two would change bits and double the work."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    """Start processes that Ctrl-C and a closed terminal do not disturb: the parent answers those.

    They reach every process of a terminal, and workers would die of them with a traceback, even
    before they begin; what is blocked here stays blocked there.
    """
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as loky_tracker

    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # starting these would unblock the signals again
    loky_tracker.ensure_running()
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    )
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    watch.end_with_parent(parent)
    one_blas_thread()


def _worker_task(setup: Setup, batch: int, part: int) -> Part | None:
    one_blas_thread()
    return run_task(setup, batch, part)


class _Damaged(Exception):
    """A part did not arrive as it was sent."""


_LOSSES = {
    "TerminatedWorkerError": "a worker process ended or hung",
    "BrokenProcessPool": "a worker process ended or hung",
    "_Damaged": "a worker's part arrived damaged",
}


def _processes(setup: Setup, tasks: Sequence[Task], pool: Pool, notes: list[str]) -> Iterator[Part]:
    """Work in processes of this machine; tasks lost with a worker are done again.

    A task that was lost twice is done alone, so that one which ends its worker every time is found
    out and keeps no other from being done. Only what is lost alone, three times, ends the run.
    """
    todo, lost, alone = list(tasks), Counter[Task](), Counter[Task]()
    while todo:
        begun, arrived = list[Task](), set[Task]()
        try:
            chosen = [t for t in todo if lost[t] < 2] or [min(todo, key=alone.__getitem__)]
            for part in _loky(setup, chosen, pool, begun):
                arrived.add((part.batch, part.part))
                yield part
        except BaseException as problem:
            _kill_workers()
            if isinstance(problem, OSError):
                raise refuse("worker processes", problem, "start") from None
            if type(problem).__name__ not in _LOSSES:
                raise
            if missing := _not_importable(problem):
                raise _unreadable(missing) from None
            notes.append(_LOSSES[type(problem).__name__])
            gone = [t for t in begun if t not in arrived] or chosen[:1]
            lost.update(gone)
            alone.update(gone if len(chosen) == 1 else ())
            if alone[gone[0]] >= _ATTEMPTS:
                raise _given_up(setup, gone[0]) from None
        todo = [task for task in todo if task not in arrived]


def _not_importable(problem: BaseException) -> str:
    """Say which import failed when a process unpacked the model; empty if that was not it."""
    lines = str(problem.__cause__ or "").strip(' \n"').splitlines()
    last = lines[-1] if lines else ""
    return last if last.startswith(("ModuleNotFoundError", "ImportError", "AttributeError")) else ""


def _unreadable(missing: str) -> ResourceError:
    """Name what a worker lacks; every other one would lack it too."""
    message = "a worker process cannot import the module of the model's function"
    hint = "install the module, or put its folder on PYTHONPATH; threads need neither"
    return ResourceError(Problem("E813", "workers", message, missing, hint=hint))


def _given_up(setup: Setup, task: Task) -> ResourceError:
    """Name the scenarios at which worker after worker died."""
    passes, rows = setup.plan.passes_of(*task), setup.plan.rows
    last = min(passes.stop * rows, setup.plan.scenarios)
    message = f"{_ATTEMPTS} worker processes were lost one after another"
    got = f"scenarios {passes.start * rows + 1:,} to {last:,}"
    hint = "out of memory, or the model ends its process there; --workers 1 shows which"
    return ResourceError(Problem("E811", "workers", message, got, hint=hint))


def _loky(setup: Setup, tasks: Sequence[Task], pool: Pool, begun: list[Task]) -> Iterator[Part]:
    """Send tasks to processes, noting which were sent; parts come back as files.

    A process killed in the middle of a large message would leave its pipe unreadable and every
    other process waiting; a file name is written in one piece.
    """
    from joblib import Parallel, delayed

    with (
        watch.temporary_folder() as folder,
        _release_feeder() as queues,
        contextlib.ExitStack() as begun_work,
    ):
        logging.getLogger("concurrent.futures").addFilter(_worth_saying)
        runner = Parallel(
            n_jobs=pool.workers,
            backend="loky",
            return_as="generator_unordered",
            pre_dispatch="2*n_jobs",
            batch_size=1,
            max_nbytes=None,
            initializer=_start_worker,
            initargs=(os.getpid(),),
        )

        def calls() -> Iterator[Any]:
            queues.append(_call_queue())
            for task in tasks:
                begun.append(task)
                yield delayed(_filing_task)(setup, *task, str(folder))

        with _signals_blocked():  # by processes that start now, for good
            named = begun_work.enter_context(watch.quietly(runner(calls())))
        # a signal that came meanwhile is answered here
        with contextlib.closing(watch.Patience(_end_processes).over(named)) as names:
            for name in names:
                yield _filed(folder / name)


def _worth_saying(record: logging.LogRecord) -> bool:
    """Drop what joblib logs of a task that it was about to send when the run was cut short."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or kind.__name__ != "ShutdownExecutorError"


def _call_queue() -> Any:
    """Give the queue by which loky sends tasks to processes; None if there is none."""
    return getattr(_executor(), "_call_queue", None)


@contextlib.contextmanager
def _release_feeder() -> Iterator[list[Any]]:
    """Let loky's thread that sends tasks end when the processes that took them are gone.

    Else it waits for ever, with all that it was to send, for somebody to read from its pipe. The
    list given is to take the queue it sends from: an executor that was shut down has forgotten it.
    """
    queues = list[Any]()
    try:
        yield queues
    except BaseException:
        for queue in queues:
            with contextlib.suppress(AttributeError, OSError):
                queue._reader.close()  # the last one, once the processes are gone
        raise


def _filed(file: Path) -> Part:
    """Read a part that a process left in a file, and remove the file."""
    try:
        part = _from_bytes(file.read_bytes())
    except FileError:
        raise _Damaged from None
    file.unlink()
    return part


def _filing_task(setup: Setup, batch: int, part: int, folder: str) -> str:
    """Do a task and leave its part in a file."""
    made = run_task(setup, batch, part)
    assert made is not None  # nothing stops a task in another process
    name = f"{batch}-{part}-{os.getpid()}"
    try:
        (Path(folder) / name).write_bytes(_to_bytes(made))
    except OSError as problem:
        raise refuse(folder, problem) from None
    return name


def _to_bytes(part: Part) -> bytes:
    arrays = {f"ints/{k}": v for k, v in part.ints.items()}
    arrays |= {f"floats/{k}": v for k, v in part.floats.items()}
    about = {"batch": part.batch, "part": part.part, "rows": part.rows}
    return encode(Stored({}, {}, about, arrays))


def _from_bytes(content: bytes) -> Part:
    stored = decode(content, "a worker's part")
    ints, floats = (
        {k.split("/")[1]: v for k, v in stored.arrays.items() if k.startswith(kind)}
        for kind in ("ints", "floats")
    )
    return Part(**stored.state, ints=ints, floats=floats)


def _executor() -> Any:
    """Give loky's processes and what manages them; None if there are none.

    To ask for them as joblib does would start them anew, and wait meanwhile for a thread that may
    itself wait for the lock held during that.
    """
    try:
        from joblib.externals.loky import reusable_executor
    except (ImportError, AttributeError):  # interrupted while joblib was imported
        return None
    return reusable_executor._executor


def _kill_workers() -> None:
    """Leave no worker process behind when a run is cut short."""
    if (executor := _executor()) is not None:
        executor.shutdown(wait=False, kill_workers=True)


def _end_processes() -> None:
    """End worker processes that hang; what waits for them is told that they are gone."""
    for pid in list(getattr(_executor(), "_processes", ())):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


# ---------------------------------------------------------------------- dask


def _cluster(setup: Setup, tasks: Sequence[Task], pool: Pool) -> Iterator[Part]:
    """Work on a dask cluster through joblib; dask itself repeats what a lost worker had to do."""
    from joblib import Parallel, delayed, parallel_config

    todo = set(tasks)
    with warnings.catch_warnings(), _client(pool) as client:
        warnings.simplefilter("ignore")  # of tasks given up at the end, and of their size
        _check_versions(client)
        with parallel_config(backend="dask", client=client, wait_for_workers_timeout=30):
            runner = Parallel(
                n_jobs=-1,
                return_as="generator_unordered",
                pre_dispatch="2*n_jobs",
                batch_size=1,
            )
            for part in runner(delayed(_worker_task)(setup, *task) for task in tasks):
                if part is not None and (part.batch, part.part) in todo:
                    todo.discard((part.batch, part.part))
                    yield part


@contextlib.contextmanager
def _client(pool: Pool) -> Iterator[Any]:
    """Connect to a scheduler, or start one with workers on this machine."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        hint = "pip install 'rangecast[dask]'"
        missing = Problem("E706", "backend", "dask is not installed", hint=hint)
        raise ResourceError(missing) from None
    for chatty in ("distributed", "tornado.application"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    if pool.address:
        try:
            client = distributed.Client(pool.address, timeout=_REACHED_WITHIN, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as problem:
            message = "no dask scheduler answers here"
            got, hint = pool.address, f"start one with: dask scheduler ({type(problem).__name__})"
            raise ResourceError(Problem("E706", "address", message, got, hint=hint)) from None
        with client:
            yield client
        return
    with watch.temporary_folder() as folder, _scratch(folder):
        local = distributed.LocalCluster(
            n_workers=pool.workers,
            threads_per_worker=1,
            dashboard_address=None,
            local_directory=str(folder),
            silence_logs=logging.CRITICAL,
        )
        with local, distributed.Client(local, set_as_default=False) as client:
            yield client


def _scratch(folder: Path) -> Any:
    import dask

    return dask.config.set({"temporary-directory": str(folder)})


def _versions() -> dict[str, str]:
    """Versions that must be equal everywhere for results to be."""
    found = {"python": platform.python_version(), "numpy": np.__version__}
    found["arithmetic"] = fingerprint()
    for package in ("rangecast", "scipy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def _check_versions(client: Any) -> None:
    """Refuse workers that would compute something else."""
    ours, problems = _versions(), []
    for worker, theirs in client.run(_versions).items():
        different = [f"{k} {theirs[k]} there, {v} here" for k, v in ours.items() if theirs[k] != v]
        if different:
            message = f"worker {worker} has other versions or another arithmetic"
            problems.append(Problem("E706", "backend", message, "; ".join(different)))
    if problems:
        raise ResourceError(*problems)
