"""Progress of a long run, on stderr."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

_AFTER = 1.0


@contextlib.contextmanager
def progress(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give a callback for the engine: a bar on a terminal, else a line per quarter.

    Nothing is shown in the first second, nor when `quiet`.
    """
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as callback:
            yield callback
    else:
        yield _lines()


def _lines() -> Callable[[int, int], None]:
    started = time.perf_counter()
    said = [0]

    def callback(done: int, total: int) -> None:
        elapsed = time.perf_counter() - started
        quarter = 4 * done // total
        if elapsed > _AFTER and quarter > said[0]:
            said[0] = quarter
            rate = done / elapsed
            left = (total - done) / rate
            text = f"{done:,} of {total:,} scenarios · {rate / 1e6:.2f} M/s · {left:.0f} s left"
            print(text, file=sys.stderr, flush=True)

    return callback


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    started = time.perf_counter()
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("")
    running = [False]

    def callback(done: int, total: int) -> None:
        elapsed = time.perf_counter() - started
        if elapsed > _AFTER and not running[0] and done < total:
            bar.start()
            running[0] = True
        words = f"{done:,} of {total:,} scenarios · {done / elapsed / 1e6:.2f} M/s"
        bar.update(task, completed=done, total=total, description=words)

    try:
        yield callback
    finally:
        if running[0]:
            bar.stop()
