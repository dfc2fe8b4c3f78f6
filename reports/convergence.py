"""How the percentiles of a run settled: their distance from the final ones, against scenarios."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rangecast.engine.convergence import LEVELS, Settled, convergence
from rangecast.engine.precision import is_relative
from rangecast.engine.result import Result
from rangecast.reports import lettering, style
from rangecast.reports.comparison import STROKES
from rangecast.reports.numbers import level_name, scale_for
from rangecast.reports.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#003B5C", "#D55E00")
WIDEST = 0.5
"""Changes beyond this are cut off, unless all lie beyond."""


def reach_of(found: Sequence[Settled]) -> float:
    """Largest change to show: all estimates and later intervals, as first ones lie far out."""
    late = found[len(found) // 2 :]
    ends = [one.change for one in found]
    ends += [end for one in late for end in (one.change_low, one.change_high)]
    return min(WIDEST, 1.15 * max((abs(e) for e in ends if math.isfinite(e)), default=0.0)) or 0.01


def unit_of_change(result: Result, output: str) -> str:
    """Say what changes are shares of."""
    if is_relative(result, output):
        return say("difference from the final value, in %")
    return say("difference from the final value, in % of P95 − P5")


def convergence_chart(
    result: Result, output: str, levels: Sequence[float] = LEVELS, ax: Axes | None = None
) -> Axes:
    """Draw how percentiles of an output came to their final values.

    Parameters
    ----------
    result : Result
    output : str
    levels : sequence of float
        Up to three, inside (0, 1).
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        A line per percentile with its 95 % interval, over the number of scenarios; the table is
        `Result.convergence`.
    """
    found = convergence(result, output, levels)
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.2, 3.6)
        reach = 100 * reach_of(found)
        for k, p in enumerate(levels):
            _draw(ax, [one for one in found if one.quantile == p], k, reach)
        ax.axhline(0, color=style.MUTED, linewidth=0.8, zorder=0)
        ax.set_ylim(-reach, reach)
        ax.yaxis.set_major_formatter(lambda v, _: f"{v:+.3g}" if v else "0")
        _scenario_axis(ax, [one.scenarios for one in found])
        lettering.y_label(ax, unit_of_change(result, output))
        label = style.plain(result.model.quantities[output].label, 50)
        seed = f"{say('seed')} {result.setup.plan.seed}"
        counted = say("{count} scenarios", count=f"{result.scenarios:,}")
        first = say("{label}: how the percentiles settled", label=label)
        second = f"{counted} · {seed} · {say('shaded: 95 % intervals')}"
        lettering.title(ax, f"{first}\n{second}", 9)
        if found:
            ax.legend(frameon=False, fontsize=8, ncols=len(levels), loc="upper right")
    return ax


def _draw(ax: Axes, found: Sequence[Settled], k: int, reach: float) -> None:
    """Draw a percentile; what lies far outside is cut off, since Matplotlib is slow with it."""
    if not found:
        return

    def shown(part: str) -> list[float]:
        changes = (100 * getattr(one, part) for one in found)
        return [c if math.isnan(c) else min(max(c, -10 * reach), 10 * reach) for c in changes]

    n = [one.scenarios for one in found]
    colour, stroke = COLOURS[k % len(COLOURS)], STROKES[k % len(STROKES)]
    ax.fill_between(
        n, shown("change_low"), shown("change_high"), color=colour, alpha=0.12, linewidth=0
    )
    marker = "o" if len(found) == 1 else ""
    final = found[-1].value
    scale = scale_for(final)
    label = f"{level_name(found[-1].quantile)} → {scale.write(final)}{scale.word}"
    ax.plot(n, shown("change"), stroke, color=colour, linewidth=1.6, marker=marker, label=label)


def _scenario_axis(ax: Axes, counts: Sequence[int]) -> None:
    """Decades in words."""
    ax.set_xscale("log")
    low, high = min(counts, default=1), max(counts, default=10)
    ends = (low / 1.05, high * 1.05 if high > low else high * 10)
    ax.set_xlim(*ends)
    lettering.log_ticks_across(ax, *ends)
    ax.set_xlabel(say("scenarios (log scale)"))
