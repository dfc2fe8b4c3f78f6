"""A two-way table as text and as a heat map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.grid import Grid
from rangecast.engine.model.model import Axis
from rangecast.reports import lettering, style
from rangecast.reports.numbers import Scale, briefly, level_name, scale_for, unit_words
from rangecast.reports.words import right, say, unit_in_words, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARK = "*"


def _writer(values: Array) -> tuple[Scale, int]:
    """One scale and one number of decimals for all cells: four digits in the largest."""
    sizes = np.abs(values[np.isfinite(values)])
    largest = float(sizes.max()) if sizes.size else 0.0
    scale = scale_for(largest)
    digits = math.floor(math.log10(largest / scale.divisor)) if largest else 0
    return scale, min(6, max(0, 3 - digits))


def _write(value: float, scale: Scale, decimals: int) -> str:
    return f"{value / scale.divisor:,.{decimals}f}" if math.isfinite(value) else "n/a"


def _name(grid: Grid, name: str) -> tuple[str, str]:
    """Label and unit of an input or a quantity."""
    shown = grid.model.inputs.get(name) or grid.model.quantities[name]
    return style.plain(shown.label, 60), style.plain(shown.unit, 40)


def _side(grid: Grid, axis: Axis) -> str:
    label, unit = _name(grid, axis.name)
    return f"{label} ({unit_in_words(unit)})" if unit not in {"", "1"} else label


def _statistic(grid: Grid, index: int) -> str:
    statistic = grid.table.statistics[index]
    if statistic == "base":
        return say("base case")
    return level_name(float(statistic[1:]) / 100) if statistic[0] == "p" else statistic


def _title(grid: Grid) -> str:
    label, unit = _name(grid, grid.table.output)
    scale, _ = _writer(grid.values)
    words = unit_words(unit, label, scale)
    cells = say("{count} scenarios per cell, the same draws", count=f"{grid.scenarios:,}")
    counted = f" · {cells}" if grid.scenarios else ""
    case = f" · {grid.model.case.replace('+', ' + ')}" if grid.model.case else ""
    return f"{style.plain(grid.table.label)}: {label} {words}{case}{counted}".replace("  ", " ")


def _worst(grid: Grid) -> float:
    """Largest half-width of an interval, as a share of its value."""
    with np.errstate(all="ignore"):
        shares = (grid.ci_high - grid.ci_low) / 2 / np.abs(grid.values)
    finite = shares[np.isfinite(shares)]
    return float(finite.max()) if finite.size else math.nan


def two_way_lines(grid: Grid) -> list[str]:
    """Give a table as text, one block per statistic.

    Parameters
    ----------
    grid : Grid

    Returns
    -------
    list of str
    """
    table, (scale, decimals) = grid.table, _writer(grid.values)
    lines = [
        _title(grid),
        say(
            "down: {rows} · across: {columns}",
            rows=_side(grid, table.rows),
            columns=_side(grid, table.columns),
        ),
    ]
    for s in range(len(table.statistics)):
        rows = [[_statistic(grid, s), *(briefly(v) for v in table.columns.points)]]
        for i, value in enumerate(table.rows.points):
            cells = [
                _write(grid.values[s, i, j], scale, decimals)
                + (MARK if grid.is_marked(i, j) else " ")
                for j in range(len(table.columns.points))
            ]
            rows.append([briefly(value), *cells])
        rows[0][1:] = [f"{head} " for head in rows[0][1:]]
        widths = [max(width_of(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines += ["  ".join(right(c, w) for c, w in zip(row, widths, strict=True)) for row in rows]
    if table.note:
        lines.append(f"{MARK if table.mark else ''} {style.plain(table.note, 300)}".strip())
    if math.isfinite(_worst(grid)):
        share = f"{100 * _worst(grid):.2g}"
        lines.append(say("sampling error (95 %): at most ±{share} % of a value", share=share))
    return lines


def _panel(grid: Grid, s: int, axes: Axes) -> None:
    from matplotlib.patches import Rectangle

    table, (scale, decimals) = grid.table, _writer(grid.values)
    finite = grid.values[np.isfinite(grid.values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    axes.imshow(grid.values[s], cmap="cividis", vmin=low, vmax=high, aspect="auto", origin="lower")
    for i, j in np.ndindex(*grid.values[s].shape):
        value = float(grid.values[s, i, j])
        dark = high > low and (value - low) / (high - low) < 0.55
        text = _write(value, scale, decimals)
        weight = "bold" if grid.is_marked(i, j) else "normal"
        colour = "white" if dark else "black"
        axes.text(j, i, text, ha="center", va="center", color=colour, weight=weight, size=8)
        if grid.is_marked(i, j):
            box = Rectangle((j - 0.46, i - 0.46), 0.92, 0.92, fill=False, ec=colour, lw=1.2)
            axes.add_patch(box)
    axes.set_xticks(range(len(table.columns.points)), [briefly(v) for v in table.columns.points])
    axes.set_yticks(range(len(table.rows.points)), [briefly(v) for v in table.rows.points])
    lettering.x_label(axes, _side(grid, table.columns))
    axes.set_title(_statistic(grid, s), size=9, color=style.INK)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def heat_map(grid: Grid, ax: Axes | Sequence[Axes] | None = None) -> Figure:
    """Draw a two-way table, one panel per statistic on one colour scale; marked cells are framed.

    Parameters
    ----------
    grid : Grid
    ax : Axes or sequence of Axes, optional
        Where to draw, one for each statistic; a new figure otherwise.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    if ax is not None:
        with style.theme():
            drawn = style.given_axes(ax, len(grid.table.statistics))
            for s, axes in enumerate(drawn):
                _panel(grid, s, axes)
            axes = drawn[0]
            lettering.y_label(axes, _side(grid, grid.table.rows))
            lettering.title(axes, f"{_title(grid)}\n{_statistic(grid, 0)}", 9)
        own: Figure = axes.figure  # type: ignore[assignment]
        return own
    panels = len(grid.table.statistics)
    rows, columns = grid.values.shape[1:]
    size = (1.4 + panels * max(3.2, 0.75 * columns), 1.5 + max(1.6, 0.42 * rows))
    with style.theme():
        figure = Figure(figsize=size, layout="constrained", facecolor="white")
        drawn = figure.subplots(1, panels, squeeze=False, sharey=True)[0]
        for s, axes in enumerate(drawn):
            _panel(grid, s, axes)
        lettering.y_label(drawn[0], _side(grid, grid.table.rows))
        wide = lettering.POINTS * size[0] - 20
        figure.suptitle(lettering.wrapped(_title(grid), wide, 10), size=10, color=style.INK)
        if grid.table.note and grid.table.mark:
            note = say("framed: {note}", note=style.plain(grid.table.note, 160))
            figure.supxlabel(lettering.wrapped(note, wide, 8), size=8, color=style.MUTED)
    return figure
