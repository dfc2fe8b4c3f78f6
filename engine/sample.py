"""Scenarios of a run, made again: a few to look at one by one, or all of them, pass by pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.result import Result
from rangecast.engine.scenarios import Sampler

MOST = 2_000


@dataclass(frozen=True)
class Sample:
    """Scenarios 0, 1, 2 … of a run.

    Parameters
    ----------
    inputs : mapping of str to ndarray of shape (count,)
        Value of each driver: of the first input read off it; of an input per period its score.
    outputs : mapping of str to ndarray of shape (count,)
        NaN or infinite where the output failed.
    """

    inputs: Mapping[str, Array]
    outputs: Mapping[str, Array]

    @property
    def count(self) -> int:
        """Number of scenarios."""
        return next((len(values) for values in self.outputs.values()), 0)


def sample(result: Result, count: int = 1_000) -> Sample:
    """Make the first scenarios of a run again, the very ones that it counted.

    Parameters
    ----------
    result : Result
    count : int
        1 to 2,000; a shorter run gives all it has.

    Returns
    -------
    Sample

    Raises
    ------
    SettingsError

    Examples
    --------
    >>> import rangecast as rc
    >>> model = rc.Model({"x": rc.distributions.Uniform(0, 1)}, lambda x: {"y": 2 * x})
    >>> found = sample(rc.simulate(model, scenarios=500, seed=1), count=100)
    >>> found.count, bool((found.outputs["y"] == 2 * found.inputs["x"]).all())
    (100, True)
    """
    if not 1 <= count <= MOST:
        allowed = f"1 to {MOST:,}"
        raise SettingsError(Problem("E700", "count", "out of range", str(count), allowed))
    plan, drivers = result.setup.plan, result.setup.drivers
    wanted = min(count, plan.scenarios)
    x = np.empty((len(drivers), wanted))
    y = np.empty((len(result.rows), wanted))
    with np.errstate(all="ignore"):
        sampler = Sampler(plan, result.setup.scheme)
        for number in range(-(-wanted // plan.rows)):
            made, start = sampler.make(number), number * plan.rows
            stop = min(start + plan.rows, wanted)
            y[:, start:stop] = made.y[:, : stop - start]
            for row, values in zip(x, made.x, strict=True):
                row[start:stop] = values[: stop - start]
    names = [driver.name for driver in drivers]
    return Sample(dict(zip(names, x, strict=True)), dict(zip(result.rows, y, strict=True)))


def sample_names(result: Result) -> tuple[str, ...]:
    """Give the columns of samples: inputs that some output needs, in their order, then outputs."""
    drawn = {n for d in result.setup.drivers for n in d.inputs}
    return (*(n for n in result.model.inputs if n in drawn), *result.rows)


def samples(result: Result, rows: int | None = None) -> Iterator[dict[str, Array]]:
    """Make the scenarios of a run again, in memory of one pass.

    Parameters
    ----------
    result : Result
    rows : int, optional
        Only the first so many scenarios.

    Yields
    ------
    dict of str to array
        Columns of one pass; the passes in order are scenarios 0, 1, 2, … of the run. A failed
        scenario is kept, its output not finite.

    Examples
    --------
    >>> import rangecast as rc
    >>> model = rc.Model({"x": rc.distributions.Uniform(0, 1)}, lambda x: {"y": 2 * x})
    >>> first = next(samples(rc.simulate(model, scenarios=1000), rows=3))
    >>> bool(np.array_equal(first["y"], 2 * first["x"]))
    True
    """
    plan, names = result.setup.plan, sample_names(result)
    left = plan.scenarios if rows is None else min(rows, plan.scenarios)
    sampler = Sampler(plan, result.setup.scheme)
    for number in range(plan.passes):
        if left <= 0:
            return
        with np.errstate(all="ignore"):
            made = sampler.make(number)
        found = {n: sampler.by_name[n] for n in names if n in sampler.by_name}
        found |= {name: made.y[k] for k, name in enumerate(result.rows)}
        yield {name: found[name][:left].copy() for name in names}
        left -= made.y.shape[1]
