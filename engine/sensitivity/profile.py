"""A statistic of the output along an input, slice by slice: the whole curve behind a bar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.quantiles import Z, rank_interval
from rangecast.engine.sensitivity.bars import face, ranked_row, reach_of
from rangecast.engine.sensitivity.slices import driver_counts, slice_numbers

if TYPE_CHECKING:
    from rangecast.engine.result import Result

TRANCHES = 10


@dataclass(frozen=True)
class Tranche:
    """One slice of an input.

    Parameters
    ----------
    output, input, label : str
    tranche : int
        0 for the lowest.
    low, high : float
        Share of the input's distribution where the slice begins and ends.
    input_value : float
        Mean of the input inside the slice.
    statistic : str
    value, ci_low, ci_high : float
        The output's statistic inside the slice with its 95 % interval.
    n_used : int
    """

    output: str
    input: str
    label: str
    tranche: int
    low: float
    high: float
    input_value: float
    statistic: str
    value: float
    ci_low: float
    ci_high: float
    n_used: int


def _percentile(statistic: str) -> float:
    """Level of a percentile such as ``p50``; NaN for the mean."""
    if statistic == "mean":
        return math.nan
    try:
        level = float(statistic.removeprefix("p")) / 100
    except ValueError:
        level = 0.0
    if not statistic.startswith("p") or not 0 < level < 1:
        allowed = "mean, or a percentile such as p50"
        raise SettingsError(Problem("E700", "statistic", "unknown statistic", statistic, allowed))
    return level


def profile(
    result: Result, output: str, name: str, tranches: int = TRANCHES, statistic: str = "p50"
) -> list[Tranche]:
    """Follow a statistic of an output along one input.

    Parameters
    ----------
    result : Result
    output : str
        One whose drivers were ranked.
    name : str
        The input.
    tranches : int
        Slices of equal probability, 2 to 60; a discrete input with few values has one per value.
    statistic : str
        ``mean`` or a percentile such as ``p90``.

    Raises
    ------
    SettingsError
    """
    level, reading = _percentile(statistic), result.setup.reading
    if not 2 <= tranches <= 60:
        raise SettingsError(Problem("E700", "tranches", "out of range", str(tranches), "2 to 60"))
    names = [driver.name for driver in result.setup.drivers]
    if name not in names:
        hint = did_you_mean(name, names)
        raise SettingsError(Problem("E204", "input", "drives no ranked output", name, hint=hint))
    d, r = names.index(name), ranked_row(result, output)
    scale = reading.scales[d]
    number = slice_numbers(scale.probabilities, tranches, scale.discrete)
    counts = driver_counts(result, output, d, tranches)
    p = np.bincount(number, scale.probabilities)
    edges = np.concatenate([[0.0], np.cumsum(p)])
    spread = reading.spreads[d][0]
    value = np.bincount(number, scale.probabilities * spread[: len(number)]) / p
    driver = result.setup.drivers[d]
    law = driver.path[0][1] if driver.path else None
    found = []
    for k in range(len(p)):
        n = int(counts[k].sum())
        own = float(value[k])
        if law is not None:  # the driver is a score: give the input's own value at its rank
            own = float(law.quantile(np.array([(edges[k] + edges[k + 1]) / 2]))[0])
        ends = _mean(result, r, d, number == k, n)
        if not math.isnan(level):
            ends = _quantile(result, output, counts, k, level)
        place = (float(edges[k]), float(edges[k + 1]), own)
        label = face(result.model, driver)[1]
        found.append(Tranche(output, name, label, k, *place, statistic, *ends, n))
    return found


def stress(
    result: Result, output: str, name: str, low: float = 0.9, high: float = 1.0
) -> list[dict[str, Any]]:
    """Give the bands of an output among the scenarios with an input in a part of its range.

    Parameters
    ----------
    result : Result
    output : str
        One whose drivers were ranked.
    name : str
        The input; what is correlated with it moves along.
    low, high : float
        Part of the input's distribution, as shares; its ends are moved to those of cells, which
        are a sixtieth of the range, or whole values of a discrete input.

    Returns
    -------
    list of dict
        One row per percentile of the run: value and 95 % interval, the value of all scenarios,
        the part really taken and the scenarios used.
    """
    names = [driver.name for driver in result.setup.drivers]
    if name not in names:
        hint = did_you_mean(name, names)
        raise SettingsError(Problem("E204", "input", "drives no ranked output", name, hint=hint))
    if not 0 <= low < high <= 1:
        got, allowed = f"{low:g} to {high:g}", "0 to 1, ascending"
        raise SettingsError(Problem("E700", "stress", "bad part of the range", got, allowed))
    d, r = names.index(name), ranked_row(result, output)
    p = result.setup.reading.scales[d].probabilities
    middle = np.cumsum(p) - p / 2
    chosen = (middle > low) & (middle < high)
    joint = result.ensemble.totals.ints["joint"][r, d, : len(p)]
    counts = np.stack([joint[chosen].sum(axis=0), joint[~chosen].sum(axis=0)])
    edges = np.concatenate([[0.0], np.cumsum(p)])
    used = np.flatnonzero(chosen)
    part = (float(edges[used[0]]), float(edges[used[-1] + 1])) if len(used) else (low, low)
    rows = []
    for level in result.setup.plan.percentiles:
        value, ci_low, ci_high = _quantile(result, output, counts, 0, level)
        rows.append(
            {
                "output": output,
                "input": name,
                "from": part[0],
                "to": part[1],
                "quantile": level,
                "value": value,
                "ci_low": ci_low,
                "ci_high": ci_high,
                "unstressed": result.quantile(output, level),
                "n_used": int(counts[0].sum()),
            }
        )
    return rows


def _quantile(
    result: Result, output: str, counts: Any, k: int, level: float
) -> tuple[float, float, float]:
    """Percentile inside a slice, with its interval from order statistics."""
    inside, overall = counts[k], counts.sum(axis=0)
    n = int(inside.sum())
    if n == 0:
        return (math.nan,) * 3
    below = np.concatenate([[0.0], np.cumsum(inside)])
    ranks = np.concatenate([[0.0], np.cumsum(overall)])
    wanted = np.array([level * n + 0.5, *rank_interval(n, level)], float)  # None becomes NaN
    place = np.interp(np.minimum(wanted, n), below, ranks)
    found = result.curve(output).at_rank(np.maximum(np.where(np.isnan(wanted), 1.0, place), 1.0))
    value, low, high = np.where(np.isnan(wanted), math.nan, found).tolist()
    return value, low, high


def _mean(result: Result, r: int, d: int, chosen: Any, n: int) -> tuple[float, float, float]:
    floats = result.ensemble.totals.floats
    if n < 2:
        return (math.nan,) * 3
    cells = len(chosen)
    total = float(floats["sums"][r, d, :cells][chosen].sum()) / n
    square = float(floats["squares"][r, d, :cells][chosen].sum()) / n
    mapping = result.setup.reading.mappings[result.setup.reading.layout.ranked[r]]
    half = Z * math.sqrt(max(square - total * total, 0.0) / (n - 1))
    ends = (total, total - half, total + half)
    middle, low, high = (v / mapping.scale + mapping.centre for v in ends)
    return middle, low, high


def turns(result: Result, output: str, statistic: str = "p50") -> dict[str, str]:
    """Say which inputs have their highest or lowest tranche inside their range, beyond doubt.

    Returns
    -------
    dict of str to str
        Input → ``peaks inside`` or ``dips inside``; monotone inputs are left out.
    """
    found = {}
    reach = reach_of(result, output)
    for driver in result.setup.drivers:
        if reach.get(driver.name) != "direct":
            continue
        curve = profile(result, output, driver.name, TRANCHES, statistic)
        if len(curve) < 3:
            continue
        inside, ends = curve[1:-1], (curve[0], curve[-1])
        if max(t.ci_low for t in inside) > max(e.ci_high for e in ends):
            found[driver.name] = "peaks inside"
        elif min(t.ci_high for t in inside) < min(e.ci_low for e in ends):
            found[driver.name] = "dips inside"
    return found
