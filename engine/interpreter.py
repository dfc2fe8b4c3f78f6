"""Whether a Python function lets other threads run while it computes.

Array code releases the interpreter's lock inside NumPy; a loop over scenarios holds it, and threads
would only take turns. The probe runs the function on scenarios of the run in one thread and
measures how long another thread waits for the interpreter: microseconds in the first case, the
switch interval of 5 ms in the second.
"""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass

import numpy as np
from rangecast.engine.scenarios import Sampler
from rangecast.engine.task import Setup

_NAP = 0.0005
_WAITS = 15
_LONGEST = 0.15  # seconds
_LONG_WAIT = 0.0005
_POOL_FROM = 1.0  # seconds of work that make up for starting processes


@dataclass(frozen=True)
class Probe:
    """What the probe found.

    Parameters
    ----------
    wait : float
        Seconds, the median wait of another thread for the interpreter.
    seconds_per_scenario : float
    """

    wait: float
    seconds_per_scenario: float

    @property
    def holds_lock(self) -> bool:
        """Whether threads would have to take turns."""
        return self.wait > _LONG_WAIT

    def backend(self, scenarios: int) -> str:
        """Back end for so many scenarios: `auto` unless the function holds the lock."""
        if not self.holds_lock:
            return "auto"
        return "loky" if self.seconds_per_scenario * scenarios > _POOL_FROM else "sequential"

    def note(self, backend: str) -> str:
        """Say what was chosen and why."""
        if not self.holds_lock:
            return ""
        chosen = "processes instead of threads" if backend == "loky" else "one worker, a short run"
        return f"the function holds Python's interpreter lock: {chosen}"


def probe(setup: Setup) -> Probe:
    """Run the model on its first scenarios, and measure another thread's wait meanwhile.

    Parameters
    ----------
    setup : Setup

    Returns
    -------
    Probe
    """
    sampler = Sampler(setup.plan, setup.scheme)
    with np.errstate(all="ignore"):
        sampler.make(0)
    ended = threading.Event()
    times: list[float] = []

    def work() -> None:
        with np.errstate(all="ignore"):
            # A waiting thread can starve for seconds, so this one ends by itself.
            while not ended.is_set() and sum(times) < _LONGEST:
                began = time.perf_counter()
                sampler.bound.run()
                times.append(time.perf_counter() - began)
        ended.set()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    waits: list[float] = []
    while len(waits) < _WAITS and not ended.is_set():
        began = time.perf_counter()
        time.sleep(_NAP)
        waits.append(time.perf_counter() - began - _NAP)
    ended.set()
    worker.join()
    return Probe(statistics.median(waits or [_LONGEST]), statistics.median(times) / sampler.rows)
