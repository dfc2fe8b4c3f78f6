"""One task: so many passes, simulated and summarised."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.cells import Locator
from rangecast.engine.figures import Reading
from rangecast.engine.plan import PILOT, Plan
from rangecast.engine.scenarios import Driver, Program, Sampler, Scheme
from rangecast.engine.summary import Part, Scratch, Summary


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
    reading: Reading

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """Drivers of the scenarios."""
        return self.scheme.drivers

    @property
    def program(self) -> Program:
        """What turns inputs into outputs."""
        return self.scheme.program


_local = threading.local()


@functools.lru_cache(maxsize=1)
def _locators(reading: Reading) -> list[Locator]:
    """Tables that the threads of a run share."""
    ranked = set(reading.layout.ranked)
    return [Locator(mapping, row in ranked) for row, mapping in enumerate(reading.mappings)]


def _equipment(setup: Setup) -> tuple[Sampler, list[Locator], Scratch]:
    """Arrays of this thread for this run, made once."""
    if getattr(_local, "token", None) != setup.token:
        sampler = Sampler(setup.plan, setup.scheme)
        rows = min(setup.plan.rows, setup.plan.scenarios)
        _local.kept = (sampler, _locators(setup.reading), Scratch(rows, setup.reading.layout))
        _local.token = setup.token
    kept: tuple[Sampler, list[Locator], Scratch] = _local.kept
    return kept


def release() -> None:
    """Forget this thread's arrays, and those that threads share."""
    _locators.cache_clear()
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
