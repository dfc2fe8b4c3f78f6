"""Progress of a long run, on stderr."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from rangecast.cli import signals
from rangecast.cli.screen import has_colour

_AFTER = 1.0


@contextlib.contextmanager
def progress(quiet: bool, verbose: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Give a callback for the engine: a bar on a terminal, a line per quarter when `verbose`.

    Nothing is shown in the first second, nor when `quiet`. A signal that was lost ends the run.
    """
    is_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    with contextlib.ExitStack() as stack:
        show: Callable[[int, int], None] | None = None
        if is_terminal and not quiet:
            show = stack.enter_context(_bar())
        elif verbose and not quiet:
            show = _lines()

        def callback(done: int, total: int) -> None:
            signals.again()
            if show is not None:
                show(done, total)

        yield callback


def _written(rate: float) -> str:
    """Write scenarios per second."""
    return f"{rate / 1e6:.2f} M/s" if rate >= 1e5 else f"{rate:,.0f} /s"


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
            text = f"{done:,} of {total:,} scenarios · {_written(rate)} · {left:.0f} s left"
            print(text, file=sys.stderr, flush=True)

    return callback


def _look() -> dict[str, Any]:
    """Leave colours out where they are not wanted."""
    return {} if has_colour(sys.stderr) else {"color_system": None, "highlight": False}


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    started = time.perf_counter()
    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True, **_look()), transient=True)
    task = bar.add_task("")
    running = [False]

    def callback(done: int, total: int) -> None:
        elapsed = time.perf_counter() - started
        if elapsed > _AFTER and not running[0] and done < total:
            bar.start()
            running[0] = True
        words = f"{done:,} of {total:,} scenarios · {_written(done / elapsed)}"
        bar.update(task, completed=done, total=total, description=words)

    try:
        yield callback
    finally:
        if running[0]:
            bar.stop()
