"""The curve behind a bar: a statistic of the output along an input; and how sure the ranks are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rangecast.engine.result import Result
from rangecast.engine.sensitivity import tornado
from rangecast.engine.sensitivity.profile import profile
from rangecast.engine.sensitivity.ranks import rank_probabilities
from rangecast.engine.sensitivity.swing import spider
from rangecast.reports import lettering, style
from rangecast.reports.comparison import COLOURS, STROKES
from rangecast.reports.density import SHOWN, scale_text
from rangecast.reports.numbers import scale_over, unit_words
from rangecast.reports.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6


def profile_chart(
    result: Result,
    output: str,
    inputs: Sequence[str] = (),
    tranches: int = 20,
    statistic: str = "p50",
    ax: Axes | None = None,
) -> Axes:
    """Draw a statistic of an output along its inputs, slice by slice.

    Parameters
    ----------
    result : Result
    output : str
    inputs : sequence of str
        By default the six that move it most.
    tranches : int
    statistic : str
        ``mean`` or a percentile.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        Lines with their 95 % intervals, over the percentile of each input.
    """
    names = list(inputs) or [b.input for b in tornado(result, output) if b.reach == "direct"][:MOST]
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.2, 4.2)
        outer = [result.quantile(output, p) for p in SHOWN]
        scale = scale_over(result.quantile(output, 0.5), outer)
        lowest, highest = np.inf, -np.inf
        for k, name in enumerate(names):
            curve = profile(result, output, name, tranches, statistic)
            x = [50 * (t.low + t.high) for t in curve]
            y, low, high = (
                np.array([getattr(t, part) for t in curve]) / scale.divisor
                for part in ("value", "ci_low", "ci_high")
            )
            colour = COLOURS[k % len(COLOURS)]
            stroke = STROKES[k % len(STROKES)]
            ax.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
            ax.plot(x, y, stroke, color=colour, label=lettering.legend_name(curve[0].label))
            lowest, highest = min(lowest, float(y.min())), max(highest, float(y.max()))
        if lowest > 0 and highest > 10 * lowest:
            lettering.log_axis_up(ax, lowest, highest)
        ax.set_xlim(0, 100)
        ax.set_xlabel(say("percentile of the input"))
        quantity = result.model.quantities[output]
        unit = unit_words(quantity.unit, quantity.label, scale)
        lettering.y_label(ax, style.plain(f"{statistic.upper()} · {quantity.label} {unit}".strip()))
        title = say("{label} along its inputs", label=style.plain(quantity.label, 50))
        lettering.title(ax, title)
        if ax.lines:
            ax.legend(frameon=False, fontsize=8)
    return ax


def spider_chart(
    result: Result,
    output: str,
    points: int = 11,
    ends: tuple[float, float] = (0.1, 0.9),
    ax: Axes | None = None,
) -> Axes:
    """Draw an output along each input alone, the others at their medians.

    Parameters
    ----------
    result : Result
    output : str
    points : int
    ends : (float, float)
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
        The seven widest curves, which cross where all inputs are at their medians.
    """
    found = [p for p in spider(result, output, points, ends) if p.rank <= 7]
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.2, 4.2)
        middle = [p.value for p in found if abs(p.level - 0.5) < 1e-9] or [p.value for p in found]
        scale = scale_over(middle[0] if middle else 1.0, [p.value for p in found])
        for k in range(1, 8):
            curve = [p for p in found if p.rank == k]
            if curve:
                colour, stroke = COLOURS[(k - 1) % len(COLOURS)], STROKES[(k - 1) % len(STROKES)]
                y = [p.value / scale.divisor for p in curve]
                label = lettering.legend_name(curve[0].label)
                ax.plot([100 * p.level for p in curve], y, stroke, color=colour, label=label)
        values = [p.value for p in found]
        if values and min(values) > 0 and max(values) > 10 * min(values):
            lettering.log_axis_up(ax, min(values) / scale.divisor, max(values) / scale.divisor)
        else:
            ax.yaxis.set_major_formatter(lambda v, _: scale_text(v))
        ax.set_xlabel(say("percentile of the input"))
        quantity = result.model.quantities[output]
        unit = unit_words(quantity.unit, quantity.label, scale)
        lettering.y_label(ax, style.plain(f"{quantity.label} {unit}".strip()))
        title = say(
            "{label}: each input alone, others at their medians",
            label=style.plain(quantity.label, 40),
        )
        lettering.title(ax, title)
        if ax.lines:
            ax.legend(frameon=False, fontsize=8)
    return ax


def rank_chart(
    result: Result,
    output: str,
    method: str = "conditional",
    statistic: str = "p50",
    ax: Axes | None = None,
) -> Axes:
    """Draw the probability that each input takes each rank.

    Returns
    -------
    Axes
        Inputs down, ranks across, at most ten of each.
    """
    found = rank_probabilities(result, output, method, statistic)
    shown = found.probabilities[:10, :10]
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(6.8, 1.4 + 0.34 * len(shown))
        if shown.size:  # there may be no input that drives the output
            ax.imshow(shown, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (i, j), p in np.ndenumerate(shown):
            if p >= 0.005:
                colour = "white" if p > 0.6 else style.INK
                ax.text(j, i, f"{100 * p:.0f}", ha="center", va="center", size=8, color=colour)
        ax.set_xticks(range(shown.shape[1]), [str(k + 1) for k in range(shown.shape[1])])
        labels = [style.plain(label, 28) for label in found.labels[: len(shown)]]
        ax.set_yticks(range(len(shown)), labels)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_xlabel(say("rank"))
        label = style.plain(result.model.quantities[output].label, 40)
        title = say("{label}: probability of each rank in %", label=label)
        lettering.title(ax, title, names=labels)
    return ax
