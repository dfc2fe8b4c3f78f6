"""How a series unfolds: bands per period, the median as a line, the numbers beside it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.result import Result
from rangecast.reports import lettering, style
from rangecast.reports.numbers import Scale, level_name, percent, scale_for, unit_words
from rangecast.reports.words import is_chinese, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
MEDIAN = "#003B5C"
LIKELY = 0.10
"""A limit is named where the chance of passing it first exceeds this."""
_GAP = 0.052  # of the height, between labels: 11 px at 4 in and 72 dpi


def rows_of(result: Result, series: str) -> tuple[str, ...]:
    """Give the rows of a series, one per period.

    Raises
    ------
    SettingsError
        For a name that is no series of this run.
    """
    rows = result.model.series.get(series, ())
    if not rows or not set(rows) <= set(result.rows):
        known = [s for s, r in result.model.series.items() if r and set(r) <= set(result.rows)]
        allowed = f"known: {', '.join(known) or 'none'}"
        hint = did_you_mean(series, known) or f"simulate with outputs=['{series}']"
        raise SettingsError(Problem("E204", "series", "not in this run", series, allowed, hint))
    return rows


def fan_rows(result: Result, series: str) -> list[dict[str, Any]]:
    """Give the numbers of the fan: one row per period and percentile, with its 95 % interval."""
    found = []
    for name in rows_of(result, series):
        period = result.model.quantities[name].period
        for p in LEVELS:
            band = result.band(name, p)
            found.append({"output": series, "period": period, **vars(band)})
    return found


def first_likely(
    result: Result, series: str, limit: float, chance: float = LIKELY
) -> tuple[str, float] | None:
    """Find the first period in which the chance of a value above a limit exceeds `chance`.

    Returns
    -------
    (period, chance) or None
    """
    for name in rows_of(result, series):
        found = result.probability(name, above=limit).value
        if found > chance:
            return result.model.quantities[name].period, found
    return None


def fan_chart(
    result: Result, series: str, limit: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the bands of a series over its periods.

    Parameters
    ----------
    result : Result
    series : str
    limit : float, optional
        A capacity or budget to draw, with the first period in which passing it has a chance
        above 10 %.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
    """
    names = rows_of(result, series)
    values = np.array([[result.quantile(name, p) for p in LEVELS] for name in names])
    scale = scale_for(float(np.nanmax(np.abs(values[:, 3]))))
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.2, 4.0)
        _draw(ax, values / scale.divisor)
        _axes(result, series, ax, values / scale.divisor, scale)
        if limit is not None:
            _limit(result, series, ax, limit, scale)
        _labels(ax, values[-1], scale)
    return ax


def _draw(ax: Axes, values: Array) -> None:
    periods = np.arange(len(values))
    if len(values) == 1:  # a band needs two points
        periods, values = np.array([-0.2, 0.2]), np.repeat(values, 2, axis=0)
    low, lower, middle, upper, high = values.T
    ax.fill_between(periods, low, high, color=style.LOW, alpha=0.18, linewidth=0)
    ax.fill_between(periods, lower, upper, color=style.LOW, alpha=0.32, linewidth=0)
    ax.plot(periods, middle, color=MEDIAN, linewidth=2, marker="o", markersize=3)


def _axes(result: Result, series: str, ax: Axes, values: Array, scale: Scale) -> None:
    names = result.model.series[series]
    quantity = result.model.quantities[names[0]]
    label = style.plain(quantity.label.removesuffix(quantity.period).strip(), 60)
    periods = result.model.periods
    assert periods is not None
    every = math.ceil(len(names) / 12)
    ax.set_xticks(range(0, len(names), every), list(periods.labels[::every]))
    lowest, highest = float(np.nanmin(values)), float(np.nanmax(values))
    if lowest > 0.6 * highest:
        ax.set_ylim(lowest - 0.08 * (highest - lowest), highest + 0.06 * (highest - lowest))
    else:
        ax.set_ylim(min(0.0, lowest * 1.05), highest * 1.06 or 1.0)
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.6g}")
    unit = unit_words(quantity.unit, label, scale)
    lettering.y_label(ax, f"{label} ({unit})" if unit else label)
    first = periods.starts[0]
    if periods.step == "year" and (first.month, first.day) != (1, 1):
        day = f"{first.month}月{first.day}日" if is_chinese() else f"{first.day} {first:%B}"
        ax.set_xlabel(say("year from {day}", day=day))
    case = f"{style.plain(result.model.case, 60)} · " if result.model.case else ""
    counted = say("{count} scenarios", count=f"{result.scenarios:,}")
    counted += f" · {say('seed')} {result.setup.plan.seed}"
    start = say("axis starts at {value}", value=f"{ax.get_ylim()[0]:,.3g}")
    started = f" · {start}" if lowest > 0.6 * highest else ""
    step = say(periods.step)
    title = say("{label} by {step}", label=f"{label[:1].upper()}{label[1:]}", step=step)
    subtitle = f"{case}{counted} · {say('bands P5–P95 and P25–P75')}{started}"
    lettering.title(ax, f"{title}\n{subtitle}", 9)


def _spread(places: list[float], gap: float) -> list[float]:
    """Push ascending places apart to a least distance, moving each as little as is easy."""
    moved = list(places)
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + gap)
    return moved


def _labels(ax: Axes, last: Array, scale: Scale) -> None:
    """Write the last period's percentiles at the right, none over another."""
    bottom, top = ax.get_ylim()
    places = [(v / scale.divisor - bottom) / (top - bottom) for v in last]
    for p, value, y in zip(LEVELS, last, _spread(places, _GAP), strict=True):
        ax.annotate(
            f"{level_name(p)} {scale.write(float(value))}{scale.word}",
            (1.0, y),
            xycoords="axes fraction",
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            fontweight="bold" if p == 0.5 else "normal",
            color=style.INK,
            annotation_clip=False,
        )


def _limit(result: Result, series: str, ax: Axes, limit: float, scale: Scale) -> None:
    y = limit / scale.divisor
    ax.axhline(y, color=style.MUTED, linestyle="--", linewidth=1.2)
    ax.set_ylim(ax.get_ylim()[0], max(ax.get_ylim()[1], 1.08 * y))
    limit_words = f"{scale.write(limit)}{scale.word}"
    found = first_likely(result, series, limit)
    chance = say("never 10 % above")
    if found:
        words = "{period}: {share} chance above"
        chance = say(words, period=found[0], share=percent(found[1]))
    ax.annotate(
        say("limit {limit}; {chance}", limit=limit_words, chance=chance),
        (0.01, y),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=8,
        color=style.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1},
    )
