"""Why the point estimate is not the median, nor the median the mean, and what is worth learning."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.result import FEWEST_FOR_ERRORS
from rangecast.engine.sensitivity import INDICES, tornado
from rangecast.engine.sensitivity.bars import face, ranked_row, reach_of
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
class VarianceShare:
    """Part of an output's variance.

    Parameters
    ----------
    input, label : str
        Both "" for the rest: interactions, and what the measure does not see.
    share, ci_low, ci_high : float
        With a 95 % interval.
    """

    input: str
    label: str
    share: float
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
    shares : tuple of VarianceShare
        The largest input first, the rest last.
    measure : str
        What the shares are of: ``S1``, first-order indices, of independent inputs; ``LMG``, fair
        shares of the variance of ranks, of correlated ones.
    """

    output: str
    steps: tuple[Step, ...]
    learned: tuple[Learned, ...]
    runs: int
    log: bool = False
    shares: tuple[VarianceShare, ...] = ()
    measure: str = ""


def variance_shares(result: Result, output: str) -> tuple[str, list[VarianceShare]]:
    """Share the variance of an output out among its inputs, and leave the rest to interactions.

    Returns
    -------
    str
        ``S1`` or ``LMG``.
    list of VarianceShare
    """
    method = "lmg" if result.correlated else "variance"
    bars = [b for b in tornado(result, output, method) if b.reach == "direct"]
    found = [VarianceShare(b.input, b.label, b.swing, b.ci_low, b.ci_high) for b in bars]
    if not found:
        return INDICES[method], []
    r = ranked_row(result, output)
    error = result.standard_error("rank_r2", r)
    if method == "variance":
        used = [
            d for d, one in enumerate(result.setup.drivers) if one.name in {b.input for b in bars}
        ]
        each = result.ensemble.batches["first_order"][:, r, used].sum(axis=1)
        apart = each - result.ensemble.total["first_order"][r, used].sum()
        weight = np.array(result.ensemble.weights)
        error = math.sqrt(float(weight @ apart**2) / max(len(each) - 1, 1))
        error = error if result.scenarios >= FEWEST_FOR_ERRORS else math.nan
    rest, half = 1.0 - sum(one.share for one in found), result.half_width(error)
    return INDICES[method], [*found, VarianceShare("", "", rest, rest - half, rest + half)]


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
    medians = float(run(result, design(result), output)[0])  # the first is the centre
    base = result.base[output].value
    band, runs = result.band(output, 0.5), 0
    independent = band
    if result.correlated:
        runs = min(result.scenarios, MOST)
        free = simulate(
            replace(result.model, checks=()),  # of a model whose series are spelled out already
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
    measure, shares = variance_shares(result, output)
    known = tuple(learned(result, output))
    return Explanation(output, tuple(steps), known, runs, wide, tuple(shares), measure)


def explanation_dict(found: Explanation) -> dict[str, Any]:
    """Give an explanation as plain values."""
    return {
        "output": found.output,
        "steps": [vars(step) for step in found.steps],
        "learned": [vars(one) for one in found.learned],
        "variance": {"measure": found.measure, "shares": [vars(one) for one in found.shares]},
        "runs": found.runs,
        "log": found.log,
    }
