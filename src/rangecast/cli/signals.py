"""Ctrl-C, SIGTERM, a closed terminal, a CPU limit: the first ends a command in good order."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU")
_GRACE = 2.0  # seconds
_last = [-_GRACE]
_asked: list[int] = []


class Interrupted(KeyboardInterrupt):
    """A signal asked for the end.

    Parameters
    ----------
    number : int
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    @property
    def status(self) -> int:
        """Exit status: 130 after Ctrl-C, 143 after SIGTERM, 129 when the terminal was closed."""
        return 128 + self.number


def _end(number: int, _: Any) -> None:
    """Interrupt; impatient repetitions while things are put away would only break that."""
    now = time.monotonic()
    if now - _last[0] >= _GRACE:
        _last[0] = now
        _asked[:] = [number]
        raise Interrupted(number)


def _set(handler: Any) -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    for name in _NAMES:
        number = getattr(signal, name, None)
        # what nohup, or a shell that started us in the background, has us ignore stays ignored
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def again() -> None:
    """Interrupt once more if something went on all the same.

    What a signal raises is lost where Python cannot pass it on, as in the callbacks of an import.
    """
    if _asked and threading.current_thread() is threading.main_thread():
        raise Interrupted(_asked[0])


def leave_unsaid(lost: Any) -> None:
    """Say nothing of an interruption that Python cannot pass on; `again` or the end answers it."""
    if not isinstance(lost.exc_value, Interrupted):
        sys.__unraisablehook__(lost)


def listen() -> dict[int, Any]:
    """Have signals raise `Interrupted`, one in two seconds; give what handled them before."""
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    _last[0] = -_GRACE
    _asked.clear()
    _set(_end)
    return before


def ignore() -> None:
    """Let nothing disturb the end of the process."""
    _set(signal.SIG_IGN)


def restore(before: dict[int, Any]) -> None:
    """Have signals handled as before a command that was called from Python."""
    if threading.current_thread() is threading.main_thread():
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
