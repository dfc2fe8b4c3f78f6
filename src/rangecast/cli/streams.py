"""Standard streams that may be closed, full, or gone."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
from typing import Any


class Unbreakable:
    """Standard error on which everything can be written; what does not fit is left unsaid."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if it can be written."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, if it can be flushed."""
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_HANDLER = "rangecast"


def _in_ascii(problem: UnicodeError) -> tuple[str | bytes, int]:
    """Say letters that an encoding lacks in ASCII."""
    from rangecast.reports.words import in_ascii

    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    return in_ascii(problem.object[problem.start : problem.end]), problem.end


def prepare() -> None:
    """Stand in for streams that are closed, and print what the terminal cannot in ASCII."""
    codecs.register_error(_HANDLER, _in_ascii)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:  # else the next file that is opened would be taken for it
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            stand_in = open(os.devnull, "r" if number == 0 else "w", encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, stand_in)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_HANDLER)
    if not isinstance(sys.stderr, Unbreakable):
        sys.stderr = Unbreakable(sys.stderr)


def drop_output() -> bool:
    """Give up what standard output does not take, so that it is not tried again at the end.

    Returns
    -------
    bool
        Whether anything was given up.
    """
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False
