"""Scenarios that gave no finite number: counted, blamed, and never dropped in silence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.engine.errors import FailedScenariosError, Problem
from rangecast.engine.formula import blame
from rangecast.engine.model.formulas import tree_of, used_by
from rangecast.engine.quantiles import proportion_interval
from rangecast.engine.scenarios import Sampler

if TYPE_CHECKING:
    from rangecast.engine.result import Result

_SEARCHED_PASSES = 64


@dataclass(frozen=True)
class WorstCase:
    """Where a percentile lies whatever the failed scenarios would have given.

    Parameters
    ----------
    quantile : float
    value : float
        Percentile of the finite scenarios.
    low, high : float
        Percentile of all scenarios if the failed ones were all below, or all above, the finite
        ones; infinite where the percentile would be one of them.
    """

    quantile: float
    value: float
    low: float
    high: float


def worst_case(result: Result, output: str) -> tuple[WorstCase, ...]:
    """Bound every percentile of an output against its failed scenarios.

    Parameters
    ----------
    result : Result
    output : str

    Returns
    -------
    tuple of WorstCase
        Empty without a finite value. Without failures `low` and `high` are the value.

    Examples
    --------
    >>> import rangecast as rc
    >>> model = rc.loads('[inputs.x]\\ndist = "uniform"\\nlow = -1\\nhigh = 9\\n'
    ...     '[outputs.y]\\nformula = "sqrt(x)"\\n')
    >>> found = worst_case(rc.simulate(model, scenarios=10_000, max_failures=1), "y")
    >>> p50 = next(one for one in found if one.quantile == 0.5)
    >>> abs(p50.low - 2) < 0.1, p50.value > p50.low, p50.high > p50.value  # 10 % fail
    (True, True, True)
    """
    finite, n = result.count(output), result.scenarios
    lost = n - finite
    if not finite:
        return ()

    def at(rank: float) -> float:
        if not 0 < rank < finite:
            return -math.inf if rank <= 0 else math.inf
        return result.quantile(output, rank / finite)

    levels = result.setup.plan.percentiles
    values = {p: result.quantile(output, p) for p in levels}
    if not lost:
        return tuple(WorstCase(p, v, v, v) for p, v in values.items())
    return tuple(WorstCase(p, v, at(p * n - lost), at(p * n)) for p, v in values.items())


def failure_drivers(result: Result, row: int) -> list[tuple[str, float]]:
    """Inputs by the share of the failures' variance that each explains alone, largest first.

    The share is that of a first-order index over the input's cells, with the part that chance
    gives to any input taken off; inputs that explain nothing are left out.
    """
    joint = result.ensemble.totals
    failed = joint.ints["failed"][row].sum()
    n = joint.rows
    rate = failed / n
    if not failed or failed == n:
        return []
    found = []
    for d, driver in enumerate(result.setup.drivers):
        lost = joint.ints["lost"][row, d].astype(float)
        scale = result.setup.reading.scales[d].probabilities
        expected = np.zeros(len(lost))
        expected[: len(scale)] = scale * n
        used = expected > 0
        between = float(np.sum((lost[used] - rate * expected[used]) ** 2 / expected[used])) / n
        share = between / (rate * (1 - rate)) - (used.sum() - 1) / n
        if share > 4 * np.sqrt(2.0 * used.sum()) / n:
            found.append((driver.name, min(share, 1.0)))  # an estimate may exceed 1
    return sorted(found, key=lambda pair: -pair[1])


def _cause(result: Result, row: int) -> str:
    """Say which operation failed first in one of the failing scenarios."""
    setup, model = result.setup, result.model
    if model.function is not None:
        return ""
    sampler = Sampler(setup.plan, setup.scheme)
    for number in range(min(setup.plan.passes, _SEARCHED_PASSES)):
        with np.errstate(all="ignore"):
            y = sampler.make(number).y
        bad = np.flatnonzero(~np.isfinite(y[row]))
        if len(bad):
            scenario = {n: float(x[bad[0]]) for n, x in sampler.by_name.items()}
            used = used_by(model.quantities, [result.rows[row]])  # another output may fail, too
            formulas = {n: tree_of(q) for n, q in model.quantities.items() if n in used}
            constants = {n: one.base for n, one in model.inputs.items() if one.is_constant}
            return blame(formulas, constants, scenario)
    return ""


def failure_rows(result: Result) -> list[dict[str, Any]]:
    """Give a row per output with failed scenarios: how many, the rate, and which inputs drive it.

    Returns
    -------
    list of dict
        output, failed, rate with its 95 % interval (Clopper–Pearson), nan, plus_inf, minus_inf, and
        drivers: inputs by the share of the failures' variance that each explains alone.
    """
    rows = []
    for row, counts in enumerate(result.ensemble.totals.ints["failed"].tolist()):
        failed, n = sum(counts), result.scenarios
        if failed:
            low, high = proportion_interval(failed, failed, n)
            kinds = dict(zip(("nan", "plus_inf", "minus_inf"), counts, strict=True))
            rate = {"failed": failed, "rate": failed / n, "ci_low": low, "ci_high": high}
            drivers = dict(failure_drivers(result, row))
            rows.append({"output": result.rows[row], **rate, **kinds, "drivers": drivers})
    return rows


def describe_failures(result: Result, row: int, limit: float) -> Problem:
    """Describe the failures of one output: count, rate with interval, drivers, first cause."""
    name = result.rows[row]
    nan, positive, negative = (int(v) for v in result.ensemble.totals.ints["failed"][row])
    failed, n = nan + positive + negative, result.ensemble.totals.rows
    low, high = proportion_interval(failed, failed, n)
    kinds = {"nan": nan, "+inf": positive, "−inf": negative}
    listed = ", ".join(f"{k} {v:,}" for k, v in kinds.items() if v)
    rate = f"{failed / n:.3%} [{low:.3%}, {high:.3%}]"
    everything = failed == n
    message = f"{failed:,} of {n:,} scenarios are not finite ({listed}), a rate of {rate}"
    if everything:
        message = f"all scenarios are not finite ({listed})"
    cause = _cause(result, row)
    drivers = ", ".join(f"{n} ({s:.0%})" for n, s in failure_drivers(result, row)[:3])
    hint = "; ".join(
        p
        for p in (
            f"first cause: {cause}" if cause else "",
            f"driven by {drivers}" if drivers else "",
        )
        if p
    )
    over = everything or failed / n > limit
    code = "E603" if everything else ("E601" if over else "W602")
    allowed = f"allowed: {limit:.3%}" if code == "E601" else ""
    if code == "W602":
        middle = next((w for w in worst_case(result, name) if w.quantile == 0.5), None)
        message += "; figures are of the finite ones"
        if middle is not None:
            ends = f"{middle.low:.4g} and {middle.high:.4g}"
            message += f"; whatever the others are, P50 lies between {ends}"
    return Problem(code, f"outputs.{name}", message, allowed=allowed, hint=hint)


def check_failures(result: Result, limit: float) -> None:
    """Raise when any output failed more often than allowed.

    Raises
    ------
    FailedScenariosError
        Its `problems` describe every such output.
    """
    failed = result.ensemble.totals.ints["failed"].sum(axis=1)
    found = [describe_failures(result, int(row), limit) for row in np.flatnonzero(failed)]
    errors = [p for p in found if p.is_error]
    if errors:
        raise FailedScenariosError(*errors)
    result.warnings.extend(found)
    if result.scenarios == 1:
        result.warnings.append(Problem("W608", "scenarios", "one scenario: no spread"))
    for name in result.ranked:
        low, high = result.ensemble.totals.floats["extremes"][result.row(name)]
        if low == high and result.scenarios > 1:
            message = "the output is constant: sensitivity is not defined"
            result.warnings.append(Problem("W604", f"outputs.{name}", message))
    _withheld_means(result)


def _withheld_means(result: Result) -> None:
    """Say which means have no interval, and why."""
    skewed = [name for name in result.shown if result.count(name) > 1 and result.is_skewed(name)]
    if skewed:
        worst = max(float(result.ensemble.total["skewness"][result.row(n)]) for n in skewed)
        message = "no interval of the mean: a few scenarios dominate it"
        got = f"{', '.join(skewed)}: skewness up to {worst:.0f}"
        hint = "trust the percentiles, or run more scenarios"
        result.warnings.append(Problem("W609", "outputs", message, got, hint=hint))
