"""A statistic of the output in the lowest and in the highest tenth of each input.

Read from the ensemble itself, so it needs no further model runs and holds for correlated inputs:
the bar then mixes an input's own effect with that of the inputs that move with it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.figures import SHARE
from rangecast.engine.sensitivity.bars import Bar, face, ranked_row, reach_of
from rangecast.engine.sensitivity.profile import profile

if TYPE_CHECKING:
    from rangecast.engine.result import Result


def pick(result: Result, statistic: str) -> tuple[str, tuple[int, ...]]:
    """Which derived figure holds a statistic."""
    if statistic in {"mean", "sd"}:
        return f"conditional_{statistic}", ()
    levels = {f"p{100 * p:02.4g}": k for k, p in enumerate(result.setup.plan.percentiles)}
    if statistic not in levels:
        allowed = f"mean, sd, {', '.join(levels)}"
        raise SettingsError(Problem("E700", "statistic", "unknown statistic", statistic, allowed))
    return "conditional_quantiles", (levels[statistic],)


def _baseline(result: Result, output: str, statistic: str) -> float:
    if statistic in {"mean", "sd"}:
        return float(getattr(result.moments_of(output), statistic))
    return result.quantile(output, float(statistic[1:]) / 100)


def by_tranches(result: Result, output: str, statistic: str, tranches: int) -> list[Bar]:
    """Bars between the lowest and the highest of any number of tranches, from the profiles.

    Parameters
    ----------
    result : Result
    output : str
    statistic : str
        ``mean`` or any percentile such as ``p99``.
    tranches : int
        2 to 60.
    """
    reach, bars = reach_of(result, output), []
    baseline = _baseline(result, output, statistic)
    for driver in result.setup.drivers:
        if driver.name not in reach:
            continue
        curve = profile(result, output, driver.name, tranches, statistic)
        low, high = curve[0], curve[-1]
        spread = [(t.ci_high - t.ci_low) / 2 for t in (low, high)]
        swing, half = high.value - low.value, math.hypot(*spread)
        bars.append(
            Bar(
                output,
                "conditional",
                statistic,
                *face(result.model, driver),
                reach[driver.name],
                low.value,
                high.value,
                low.input_value,
                high.input_value,
                swing,
                ci_low=swing - half,
                ci_high=swing + half,
                baseline=baseline,
                n_used=low.n_used + high.n_used,
            )
        )
    return bars


def estimate(result: Result, output: str, statistic: str = "p50") -> list[Bar]:
    """Bars with intervals from the spread of the batches.

    Parameters
    ----------
    result : Result
    output : str
    statistic : str
        ``mean``, ``sd`` or a percentile of the run.
    """
    r = ranked_row(result, output)
    name, index = pick(result, statistic)
    figures, errors = result.ensemble.total[name], result.ensemble.errors[name]
    used = result.ensemble.total["conditional_n"]
    reach = reach_of(result, output)
    baseline = _baseline(result, output, statistic)
    bars = []
    for d, driver in enumerate(result.setup.drivers):
        if driver.name not in reach:
            continue
        low, high = (float(figures[(r, d, side, *index)]) for side in (0, 1))
        spread = np.hypot(*(errors[(r, d, side, *index)] for side in (0, 1)))
        half = result.half_width(float(spread)) if result.scenarios >= 320 else math.nan
        law = (driver.path or driver.laws)[0][1]  # of a path: its first period's, at equal rank
        ends = law.quantile(np.array([SHARE / 2, 1 - SHARE / 2]))
        bars.append(
            Bar(
                output,
                "conditional",
                statistic,
                *face(result.model, driver),
                reach[driver.name],
                low,
                high,
                float(ends[0]),
                float(ends[1]),
                high - low,
                ci_low=high - low - half,
                ci_high=high - low + half,
                baseline=baseline,
                n_used=int(used[r, d].sum()),
            )
        )
    return bars
