"""How the percentiles of a run settled as its scenarios came in.

A run keeps its values up to 65,536 scenarios. Of a longer run the first 65,536 are made again,
which for independent draws and Latin hypercubes are those it began with; the last row is the run
itself. Where intervals rest on replicates, as for designs, a row ends with a whole replicate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.plan import EXACT_ROWS, FEWEST_REPLICATES, Plan
from rangecast.engine.precision import is_relative
from rangecast.engine.quantiles import hazen, rank_interval, replicate_ranks
from rangecast.engine.result import Result
from rangecast.engine.scenarios import Sampler

LEVELS = (0.05, 0.50, 0.95)
FEWEST = 64
"""Scenarios of the first row of independent draws."""
_STEP = math.sqrt(2.0)
_STRATA = 64  # of a replicate's histogram, as coarse as those that a run keeps


@dataclass(frozen=True)
class Settled:
    """A percentile after so many scenarios.

    Parameters
    ----------
    output : str
    scenarios : int
        So many were looked at, failed ones too.
    quantile : float
        Level of the percentile.
    value, ci_low, ci_high : float
        Its estimate then, with the 95 % interval; an end is NaN where too few scenarios lie beyond.
    change : float
        Estimate over the final one, less 1; where P5 and P95 differ in sign the difference in units
        of the final P95 - P5.
    change_low, change_high : float
        The same of the ends.
    """

    output: str
    scenarios: int
    quantile: float
    value: float
    ci_low: float
    ci_high: float
    change: float
    change_low: float
    change_high: float


def convergence(
    result: Result, output: str, levels: Sequence[float] = LEVELS
) -> tuple[Settled, ...]:
    """Follow percentiles of an output from the first scenarios of a run to its last.

    Parameters
    ----------
    result : Result
    output : str
    levels : sequence of float
        Inside (0, 1).

    Returns
    -------
    tuple of Settled
        By number of scenarios, then level; empty without a finite value.

    Raises
    ------
    SettingsError
        For an unknown output.

    Examples
    --------
    >>> import rangecast as rc
    >>> model = rc.Model({"x": rc.distributions.Uniform(0, 1)}, lambda x: {"y": x})
    >>> found = convergence(rc.simulate(model, scenarios=1_000, seed=1), "y", [0.5])
    >>> found[0].scenarios, found[-1].scenarios, found[-1].change
    (64, 1000, 0.0)
    """
    row = result.row(output)
    if not result.count(output):
        return ()
    plan = _kept(result.setup.plan)
    values = _values(result, plan, row)
    last = result.scenarios
    found = [
        (n, p, *_estimate(values[:n], p, sizes))
        for n, sizes in _stops(plan)
        if n < last and np.isfinite(values[:n]).any()
        for p in levels
    ]
    for p in levels:
        band = result.band(output, p)
        found.append((last, p, band.value, band.ci_low, band.ci_high))
    final = {p: value for _, p, value, _, _ in found[-len(levels) :]}
    return tuple(
        Settled(output, n, p, *ends, *(_change(result, output, final[p], v) for v in ends))
        for n, p, *ends in found
    )


def _change(result: Result, output: str, final: float, value: float) -> float:
    low, high = result.quantile(output, 0.05), result.quantile(output, 0.95)
    # Both are halved, since a difference could overflow.
    unit = abs(final) / 2 if is_relative(result, output) else high / 2 - low / 2
    change = value / 2 - final / 2
    return change / unit if unit else 0.0 * change


def _kept(plan: Plan) -> Plan:
    """Plan of the scenarios that are looked at one by one."""
    return plan if plan.exact else replace(plan, scenarios=EXACT_ROWS)


def _values(result: Result, plan: Plan, row: int) -> Array:
    """Values of an output in the order of scenarios, failed ones among them."""
    kept = result.ensemble.totals.floats.get("values")
    if kept is not None:
        own: Array = kept[row]
        return own
    found = np.empty(plan.scenarios)
    sampler = Sampler(plan, result.setup.scheme)
    for number in range(plan.passes):
        with np.errstate(all="ignore"):
            made = sampler.make(number).y[row]
        found[number * plan.rows :][: len(made)] = made
    return found


def _stops(plan: Plan) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Numbers of scenarios to look at, with the sizes of their replicates if these count."""
    if plan.replicates:
        sizes = [plan.size_of(batch) for batch in range(plan.batches)]
        for count in range(FEWEST_REPLICATES, len(sizes) + 1, 2):
            yield sum(sizes[:count]), tuple(sizes[:count])
        return
    n = float(FEWEST)
    while n < plan.scenarios:
        yield round(n), ()
        n *= _STEP
    yield plan.scenarios, ()


def _estimate(values: Array, p: float, sizes: tuple[int, ...]) -> tuple[float, float, float]:
    """Percentile of the finite values with its interval."""
    ordered = np.sort(values[np.isfinite(values)])
    if sizes:
        edges = np.unique(ordered[:: max(1, len(ordered) // _STRATA)][1:])
        parts = np.split(values, np.cumsum(sizes)[:-1])
        counts = [
            np.bincount(np.searchsorted(edges, x[np.isfinite(x)]), minlength=len(edges) + 1)
            for x in parts
        ]
        ranks = replicate_ranks([c.astype(float) for c in counts if c.sum()], p)
    else:
        ranks = rank_interval(len(ordered), p)
    low, high = (math.nan if rank is None else float(ordered[rank - 1]) for rank in ranks)
    return hazen(ordered, p), low, high
