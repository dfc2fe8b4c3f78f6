"""A few scenarios of a run, made again: values of inputs and outputs to look at one by one."""

from __future__ import annotations

from collections.abc import Mapping
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
