"""Why the point estimate is not the median, nor the median the mean, and what is worth learning."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.sensitivity.bars import face, reach_of
from rangecast.engine.sensitivity.slices import bootstrap, joint_counts
from rangecast.engine.sensitivity.swing import design, run
from rangecast.engine.simulate import simulate

if TYPE_CHECKING:
    from rangecast.distributions.protocol import Array
    from rangecast.engine.result import Result

SLICES = 20
MOST = 200_000
"""Scenarios of the run without correlations, at most."""


@dataclass(frozen=True)
class Step:
    """One value on the way from the point estimate to the mean.

    Parameters
    ----------
    name : str
        ``base``, ``medians``, ``independent``, ``median`` or ``mean``.
    value, ci_low, ci_high : float
        With a 95 % interval; exact values have themselves.
    change : float
        From the step before.
    """

    name: str
    value: float
    ci_low: float
    ci_high: float
    change: float


@dataclass(frozen=True)
class Learned:
    """What knowing one input exactly would do to the range of the output, on average.

    Parameters
    ----------
    input, label : str
    narrower : float
        Share by which P95 − P5 shrinks on average, 0 to 1; of an output whose P95 is above ten
        times a positive P5, its logarithm.
    ci_low, ci_high : float
        95 % interval by the sampling.
    """

    input: str
    label: str
    narrower: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Explanation:
    """Where an output's numbers come from.

    Parameters
    ----------
    output : str
    steps : tuple of Step
        All inputs at their base values; all at their medians; the median of the output with inputs
        drawn independently; its median; its mean.
    learned : tuple of Learned
        The input most worth knowing first.
    runs : int
        Further scenarios this took.
    log : bool
        Whether `learned` is of the output's logarithm.
    """

    output: str
    steps: tuple[Step, ...]
    learned: tuple[Learned, ...]
    runs: int
    log: bool = False


def _width(counts: Array, edges: Array) -> Array:
    """Mean over slices of P95 − P5, of counts (draws, slices, bins) with bin values `edges`."""
    n = counts.sum(axis=2)
    widths = np.zeros(n.shape)
    for draw, slices in enumerate(counts):
        for k, row in enumerate(slices):
            if n[draw, k] > 0:
                below = np.concatenate([[0.0], np.cumsum(row)]) / n[draw, k]
                low, high = np.interp([0.05, 0.95], below, edges)
                widths[draw, k] = high - low
    found: Array = (widths * n).sum(axis=1) / n.sum(axis=1)
    return found


def is_wide(result: Result, output: str) -> bool:
    """Whether an output spans more than a factor of ten, so that factors say more than amounts."""
    low, high = result.quantile(output, 0.05), result.quantile(output, 0.95)
    return low > 0 and high > 10 * low


def learned(result: Result, output: str) -> list[Learned]:
    """Find how much narrower P5–P95 gets, on average, if each input were known.

    Parameters
    ----------
    result : Result
    output : str
        One whose drivers were ranked.
    """
    reach, log = reach_of(result, output), is_wide(result, output)
    found = []
    for d, (driver, counts) in enumerate(
        zip(result.setup.drivers, joint_counts(result, output, SLICES), strict=True)
    ):
        if reach.get(driver.name) != "direct" or not counts.any():
            continue
        ranks = np.concatenate([[0.0], np.cumsum(counts.sum(axis=0))])
        edges = np.asarray(result.curve(output).at_rank(np.maximum(ranks, 1.0)), dtype=float)
        if log:  # what lies at or below 0 is left at the least positive value
            edges = np.log(np.maximum(edges, edges[edges > 0].min()))
        whole = float(_width(counts.sum(axis=0)[None, None].astype(float), edges)[0])
        if not whole > 0:
            continue

        def narrower(drawn: Array, edges: Array = edges, whole: float = whole) -> Array:
            return 1 - _width(drawn, edges) / whole

        value = float(narrower(counts[None].astype(float))[0])
        half = 1.96 * bootstrap(counts, narrower, d)
        label = face(result.model, driver)[1]
        found.append(Learned(driver.name, label, value, value - half, value + half))
    return sorted(found, key=lambda one: -one.narrower)


def explain(result: Result, output: str) -> Explanation:
    """Explain the way from the point estimate of an output to its median and mean.

    Parameters
    ----------
    result : Result
    output : str
        One whose drivers were ranked.

    Returns
    -------
    Explanation
        Where inputs are correlated this takes a further run without correlations, of at most
        200,000 scenarios.

    Raises
    ------
    SettingsError
        For an output without finite values.

    Examples
    --------
    >>> import rangecast as rc
    >>> law = rc.distributions.Lognormal.from_percentiles({0.1: 1, 0.9: 10})
    >>> own = rc.Model({"a": law, "b": law}, lambda a, b: {"y": a + b})
    >>> found = explain(rc.simulate(own, scenarios=20_000), "y")
    >>> [step.name for step in found.steps]
    ['base', 'medians', 'independent', 'median', 'mean']
    """
    if not result.count(output):
        raise SettingsError(Problem("E700", "explain", "no finite value", output))
    medians = float(np.ravel(run(result, design(result))[output])[0])  # the first is the centre
    base = result.base[output].value
    band, runs = result.band(output, 0.5), 0
    independent = band
    if result.correlated:
        runs = min(result.scenarios, MOST)
        free = simulate(
            result.model,
            scenarios=runs,
            seed=result.setup.plan.seed,
            design=result.setup.plan.design,
            correlations=False,
            percentiles=[0.5],
            max_failures=1.0,
        )
        independent = free.band(output, 0.5)
    moments = result.moments_of(output)
    ends = [
        ("base", base, base, base),
        ("medians", medians, medians, medians),
        ("independent", independent.value, independent.ci_low, independent.ci_high),
        ("median", band.value, band.ci_low, band.ci_high),
        ("mean", moments.mean, moments.mean_ci_low, moments.mean_ci_high),
    ]
    steps, before = [], math.nan
    for name, value, low, high in ends:
        steps.append(Step(name, value, low, high, value - before))
        before = value
    wide = is_wide(result, output)
    return Explanation(output, tuple(steps), tuple(learned(result, output)), runs, wide)


def explanation_dict(found: Explanation) -> dict[str, Any]:
    """Give an explanation as plain values."""
    return {
        "output": found.output,
        "steps": [vars(step) for step in found.steps],
        "learned": [vars(one) for one in found.learned],
        "runs": found.runs,
        "log": found.log,
    }
