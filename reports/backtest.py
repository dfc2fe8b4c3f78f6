"""Outcomes in the ranges: a table per case, and their percentiles as a chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rangecast.engine.backtest import BAND, Backtested
from rangecast.reports import lettering, style
from rangecast.reports.comparison import COLOURS
from rangecast.reports.numbers import percentile_name, scale_for, unit_words
from rangecast.reports.words import left, right, say, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def _place(found: Backtested) -> str:
    """Percentile of an outcome, and of the ends of its own interval."""
    text = percentile_name(found.percentile)
    if math.isfinite(found.percentile_low):
        ends = (percentile_name(found.percentile_low), percentile_name(found.percentile_high))
        text += f" [{ends[0]}, {ends[1]}]"
    return text


def _row(found: Backtested) -> list[str]:
    scale = scale_for(max(abs(found.p50), abs(found.value)))
    numbers = [scale.write(v) for v in (found.value, found.p05, found.p50, found.p95)]
    unit = unit_words(found.outcome.unit, found.outcome.label, scale)
    label = f"{style.plain(found.outcome.label, 44)} {unit}".strip()
    day = found.outcome.date.isoformat()
    return [label, day, *numbers, _place(found), say(found.verdict)]


def backtest_lines(found: Sequence[Backtested], note: str = "") -> list[str]:
    """Give the back-test as text: a block per case.

    Parameters
    ----------
    found : sequence of Backtested
    note : str
        Caution printed below.

    Returns
    -------
    list of str
    """
    words = [say(w) for w in ("date", "observed", "percentile", "90 % band")]
    heads = ["", *words[:2], "P5", "P50", "P95", *words[2:]]
    lines: list[str] = []
    rows = {id(one): _row(one) for one in found}
    widths = [max(width_of(r[k]) for r in [heads, *rows.values()]) for k in range(len(heads))]
    for case in dict.fromkeys(one.case for one in found):
        own = [one for one in found if one.case == case]
        inside = sum(one.verdict == "inside" for one in own)
        many = sum(one.verdict == "open" for one in own)
        head = "{case}: {inside} of {count} outcomes inside"
        if many:
            head = "{case}: {inside} of {count} outcomes inside, {many} open"
        name = case or say("model")
        lines += ["", say(head, case=name, inside=inside, count=len(own), many=many)]
        for row in [heads, *(rows[id(one)] for one in own)]:
            cells = [left(row[0], widths[0]), left(row[1], widths[1])]
            cells += [right(c, w) for c, w in zip(row[2:6], widths[2:6], strict=True)]
            cells += [left(c, w) for c, w in zip(row[6:], widths[6:], strict=True)]
            lines.append("  ".join(cells).rstrip())
    legend = "[ ]: at the ends of the outcome's own 90 % interval; open: it crosses P5 or P95"
    lines += ["", say(legend)]
    if note:
        lines.append(say("Caution: {note}", note=note))
    return lines[1:]


def pit_chart(found: Sequence[Backtested], ax: Axes | None = None) -> Axes:
    """Draw the percentile of every outcome, one mark per case, over the 90 % band.

    Parameters
    ----------
    found : sequence of Backtested
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        Lines show the outcome's own 90 % interval. Ranges that are neither too narrow nor too wide
        have their marks spread evenly from 0 to 100.
    """
    cases = list(dict.fromkeys(one.case for one in found))
    outcomes = list(dict.fromkeys(one.outcome for one in found))
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.6, 1.8 + 0.42 * len(outcomes))
        ax.axvspan(100 * BAND[0], 100 * BAND[1], color=style.LOW, alpha=0.10, linewidth=0)
        ax.axvline(50, color=style.MUTED, linewidth=0.6)
        for k, case in enumerate(cases):
            own = [one for one in found if one.case == case]
            offset = (k - (len(cases) - 1) / 2) * 0.7 / max(len(cases), 2)
            places = [outcomes.index(one.outcome) + offset for one in own]
            colour, marker = COLOURS[k % len(COLOURS)], _MARKERS[k % len(_MARKERS)]
            for y, one in zip(places, own, strict=True):
                ends = [100 * one.percentile_low, 100 * one.percentile_high]
                ax.plot(ends, [y, y], color=colour, linewidth=1)
            shares = [100 * one.percentile for one in own]
            name = lettering.legend_name(case or say("model"), 40)
            ax.plot(shares, places, marker, color=colour, markersize=4.5, label=name)
        names = [style.plain(o.label, 44) for o in outcomes]
        ax.set_yticks(range(len(outcomes)), names)
        ax.set_ylim(len(outcomes) - 0.5, -0.5)
        ax.set_xlim(-1, 101)
        ax.set_xticks((0, 5, 25, 50, 75, 95, 100))
        ax.tick_params(axis="y", length=0)
        lettering.x_label(ax, say("percentile of the outcome in the scenarios of its date"), names)
        title = say("Where the outcomes lie in the ranges · shaded: P5–P95")
        pad = lettering.legend_above(ax, ax.get_legend_handles_labels()[0], names)
        lettering.title(ax, title, names=names, pad=pad)
    return ax
