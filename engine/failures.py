"""Scenarios that gave no finite number: counted, blamed, and never dropped in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rangecast.engine.errors import FailedScenariosError, Problem
from rangecast.engine.formula import blame
from rangecast.engine.model.formulas import tree_of
from rangecast.engine.quantiles import proportion_interval
from rangecast.engine.scenarios import Sampler

if TYPE_CHECKING:
    from rangecast.engine.result import Result

_SEARCHED_PASSES = 64


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
            found.append((driver.name, share))
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
            formulas = {n: tree_of(q) for n, q in model.quantities.items()}
            constants = {n: one.base for n, one in model.inputs.items() if one.is_constant}
            return blame(formulas, constants, scenario)
    return ""


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
        message += "; figures are of the finite ones"
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
