"""The scenarios of a run themselves, pass by pass: every input drawn and every output."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.result import Result
from rangecast.engine.scenarios import Sampler


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
