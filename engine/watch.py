"""Nothing outlives a run: worker processes end with their parent, temporary folders with both."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_EVERY = 0.2
_LEAST_PATIENCE = 120.0  # seconds
_TIMES_LONGER = 20

_JANITOR = """
import shutil, sys, time
sys.stdin.buffer.read()
for _ in range(10):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    time.sleep(0.1)
"""


def end_with_parent(parent: int) -> None:
    """Start a thread that ends this process when its parent is gone.

    Without it the workers of a killed run would wait for work for minutes.

    Parameters
    ----------
    parent : int
        Process that started this one.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_EVERY)
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


@contextlib.contextmanager
def temporary_folder() -> Generator[Path]:
    """Give a private folder that is removed at the end, even if this process is killed.

    A helper process waits for the end of a pipe that only this process holds open.
    """
    folder = Path(tempfile.gettempdir()) / f"rangecast-{secrets.token_hex(8)}"
    command = [sys.executable, "-I", "-S", "-c", _JANITOR, str(folder)]
    janitor = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        janitor.kill()
        janitor.communicate()


@contextlib.contextmanager
def quietly(items: Iterator[T]) -> Generator[Iterator[T]]:
    """Close a generator at the end, without its warning of tasks that are given up."""
    try:
        yield items
    finally:
        if isinstance(items, Generator):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                items.close()


class Patience:
    """Gives workers up that send nothing for far longer than they ever took.

    Parameters
    ----------
    give_up : callable
        Ends the workers, so that waiting for them ends too.
    least : float, optional
        Seconds that are always waited; 120 unless given. Only seconds count in which this process
        was running and waiting: not those of a closed laptop, nor of a checkpoint being written.
    """

    def __init__(self, give_up: Callable[[], None], least: float | None = None) -> None:
        self.give_up = give_up
        self.least = _LEAST_PATIENCE if least is None else least
        self.waited, self.longest = 0.0, 0.0
        self.waiting, self.ended = False, threading.Event()

    def over(self, items: Iterable[T]) -> Generator[T]:
        """Pass items on, watching how long each takes to come."""
        threading.Thread(target=self._watch, name="watch-workers", daemon=True).start()
        each = iter(items)
        try:
            while True:
                self.waited, self.waiting = 0.0, True
                try:
                    item = next(each)
                except StopIteration:
                    return
                finally:
                    self.waiting = False
                self.longest = max(self.longest, self.waited, _EVERY)
                yield item
        finally:
            self.ended.set()

    def _watch(self) -> None:
        while not self.ended.wait(_EVERY):
            if self.waiting:
                self.waited += _EVERY
            # before the first item nothing is known of how long a task takes
            if self.longest and self.waited > max(self.least, _TIMES_LONGER * self.longest):
                self.waited = 0.0
                self.give_up()
