"""Nothing outlives a run: worker processes end with their parent, temporary folders with both."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_EVERY = 0.2

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
def temporary_folder() -> Iterator[Path]:
    """Give a private folder that is removed at the end, even if this process is killed.

    A helper process waits for the end of a pipe that only this process holds open.
    """
    folder = Path(tempfile.mkdtemp(prefix="rangecast-"))
    command = [sys.executable, "-I", "-S", "-c", _JANITOR, str(folder)]
    janitor = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        janitor.kill()
        janitor.communicate()
