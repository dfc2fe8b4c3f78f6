"""Where an output lies: its density, bands, base case and published figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.result import Result
from rangecast.reports import lettering, style
from rangecast.reports.axis import evenly
from rangecast.reports.figures import placed_figures
from rangecast.reports.numbers import Scale, percentile_name, scale_over, unit_words
from rangecast.reports.words import say

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BINS = 120
SHOWN = (0.001, 0.999)


def is_logarithmic(result: Result, output: str) -> bool:
    """Whether the spread asks for a log axis: all positive, and P95 above ten times P5."""
    low, p05, p95 = (result.quantile(output, p) for p in (SHOWN[0], 0.05, 0.95))
    return low > 0 and p95 > 10 * p05


def density_table(result: Result, output: str) -> pd.DataFrame:
    """Share of scenarios per bin between P0.1 and P99.9.

    Returns
    -------
    DataFrame
        Columns low, high, share; the bins are equal on the axis the chart uses.
    """
    import pandas as pd

    low, high = (result.quantile(output, p) for p in SHOWN)
    if not high > low:
        return pd.DataFrame({"low": [low], "high": [high], "share": [1.0]})
    logarithmic = is_logarithmic(result, output)
    edges = np.geomspace(low, high, BINS + 1) if logarithmic else evenly(low, high, BINS + 1)
    below = np.array([result.percentile_of(output, float(e)) for e in edges])
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "share": np.diff(below)})


def _smooth(share: Array) -> Array:
    """Average over five bins, so that the curve shows the shape and not the sampling."""
    kernel = np.array([1, 2, 3, 2, 1]) / 9
    padded = np.concatenate([[0, 0], share, [0, 0]])
    return np.convolve(padded, kernel, mode="valid")


def _marks(result: Result, output: str, scale: Scale) -> list[tuple[float, str]]:
    """Vertical marks: published figures and the base case, each once."""
    marks = []
    placed = placed_figures(result, output)
    for figure in placed:
        name = style.plain(figure.label or figure.source, 28)
        marks.append(
            (
                figure.value,
                f"{name} {scale.write(figure.value)} = {percentile_name(figure.percentile)}",
            )
        )
    base = result.base[output]
    if math.isfinite(base.value) and all(
        abs(v / base.value - 1) > 1e-9 for v, _ in marks if base.value
    ):
        place = percentile_name(base.percentile)
        words = say("base case {value} = {place}", value=scale.write(base.value), place=place)
        marks.append((base.value, words))
    return sorted(marks)


def band_chart(result: Result, output: str, ax: Axes | None = None) -> Axes:
    """Draw the density of an output with its bands and marks.

    Parameters
    ----------
    result : Result
    output : str
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
    """
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.2, 4.0)
        _draw(result, output, ax)
    return ax


def _draw(result: Result, output: str, ax: Axes) -> None:
    table = density_table(result, output)
    median = result.quantile(output, 0.5)
    scale = scale_over(median, (table["low"].iloc[0], table["high"].iloc[-1]))
    quantity = result.model.quantities[output]
    edges = np.append(table["low"], table["high"].iloc[-1]) / scale.divisor
    share = _smooth(table["share"].to_numpy()) if len(table) > 1 else table["share"].to_numpy()
    logarithmic = is_logarithmic(result, output)
    if logarithmic:
        lettering.log_axis_across(ax, float(edges[0]), float(edges[-1]))
        middle = np.sqrt(edges[:-1]) * np.sqrt(edges[1:])  # a product could overflow
    else:
        middle = (edges[:-1] + edges[1:]) / 2
    ax.fill_between(middle, share, color=style.LOW, alpha=0.18, linewidth=0)
    ax.plot(middle, share, color=style.LOW, linewidth=1.2)
    for low, high, alpha in ((0.05, 0.95, 0.14), (0.25, 0.75, 0.22)):
        ends = [result.quantile(output, p) / scale.divisor for p in (low, high)]
        inside = (middle >= ends[0]) & (middle <= ends[1])
        ax.fill_between(
            middle, share, where=inside.tolist(), color=style.LOW, alpha=alpha, linewidth=0
        )
    _annotate(result, output, ax, float(share.max()), scale)
    label = style.plain(
        f"{quantity.label} {unit_words(quantity.unit, quantity.label, scale)}".strip()
    )
    lettering.x_label(ax, f"{label}{say(' (log scale)') if logarithmic else ''}")
    ax.xaxis.set_major_formatter(lambda v, _: scale_text(v))
    if logarithmic:
        lettering.log_ticks_across(ax, float(edges[0]), float(edges[-1]))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    lettering.title(ax, _title(result, output))


def scale_text(value: float) -> str:
    """Write a tick."""
    return f"{value:,.10g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.0e}"


def _title(result: Result, output: str) -> str:
    case = f"{style.plain(result.model.case)} · " if result.model.case else ""
    scenarios = say("{count} scenarios", count=f"{result.scenarios:,}")
    seed = f"{say('seed')} {result.setup.plan.seed}"
    return f"{case}{scenarios}, {seed} · {say('shaded: P5–P95 and P25–P75')}"


_STEP = 0.075  # of the curve's height, between labels over each other


def _levels(ax: Axes, places: list[float], texts: list[str]) -> list[int]:
    """Give each label, centred at its place, the lowest level on which it meets no other."""
    low, high = ax.get_xlim()
    across = ax.transData.transform([(x, 0.0) for x in (low, high, *places)])[:, 0]
    scale = lettering.room_across(ax) / (across[1] - across[0])
    taken: list[tuple[int, float, float]] = []
    for x, text in zip(scale * across[2:], texts, strict=True):
        half = lettering.width(text, 8) / 2 + 2
        meets = {level for level, left, right in taken if x - half < right and left < x + half}
        level = next(k for k in range(len(texts)) if k not in meets)
        taken.append((level, x - half, x + half))
    return [level for level, _, _ in taken]


def _annotate(result: Result, output: str, ax: Axes, top: float, scale: Scale) -> None:
    """Name P5, P50 and P95 below the curve's top and the marks above it, each on its own level."""
    top = top or 1.0
    marks = _marks(result, output, scale)
    values = {p: result.quantile(output, p) for p in (0.5, 0.05, 0.95)}
    texts = [f"P{100 * p:.0f} {scale.write(value)}" for p, value in values.items()]
    places = [value / scale.divisor for value in values.values()]
    for x, text, level in zip(places, texts, _levels(ax, places, texts), strict=True):
        height = top * (0.06 + _STEP * level)
        ax.plot([x, x], [0, height], color=style.INK, linewidth=1.4 if not level else 0.8)
        ax.annotate(
            text,
            (x, height + 0.01 * top),
            ha="center",
            va="bottom",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1},
        )
    for level, (value, text) in enumerate(marks):
        x, y = value / scale.divisor, top * (1.08 + 0.11 * level)
        ax.plot([x, x], [0, y], color=style.HIGH, linewidth=1, linestyle="--")
        ax.annotate(
            text,
            (x, y),
            xytext=(5, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=8,
            color="#8A3D00",
            zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )
    ax.set_ylim(0, top * (1.12 + 0.11 * len(marks)))
