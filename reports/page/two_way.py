"""Two-way tables with shaded cells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from rangecast.engine.grid import Grid
from rangecast.engine.model.model import Axis
from rangecast.reports import style
from rangecast.reports.numbers import level_name, scale_for, trimmed, unit_words
from rangecast.reports.page.contents import Contents, shown_unit
from rangecast.reports.words import say

SHADES = 9


def _side(grid: Grid, axis: Axis) -> str:
    shown = grid.model.inputs.get(axis.name) or grid.model.quantities[axis.name]
    unit = shown_unit(shown.unit)
    return style.plain(shown.label, 120) + (f" ({unit})" if unit else "")


def _statistic(name: str) -> str:
    if name == "base":
        return say("base case")
    return level_name(float(name[1:]) / 100) if name[0] == "p" else say(name)


def _panel(grid: Grid, k: int) -> dict[str, Any]:
    values = grid.values[k]
    finite = np.abs(grid.values[np.isfinite(grid.values)])
    largest = float(finite.max()) if finite.size else 1.0
    low = float(np.nanmin(grid.values)) if finite.size else 0.0
    span = float(np.nanmax(grid.values)) - low if finite.size else 1.0
    scale = scale_for(largest)
    digits = math.floor(math.log10(largest / scale.divisor)) if largest else 0
    decimals = min(6, max(0, 3 - digits))
    rows = []
    for i, point in enumerate(grid.table.rows.points):
        cells = []
        for j, value in enumerate(values[i].tolist()):
            known = math.isfinite(value)
            text = f"{value / scale.divisor:,.{decimals}f}" if known else say("n/a")
            shade = round(SHADES * (value - low) / span) if known and span else 0
            cells.append((text, f"heat{shade}", grid.is_marked(i, j)))
        rows.append((trimmed(point), cells))
    quantity = grid.model.quantities[grid.table.output]
    unit = style.plain(unit_words(quantity.unit, quantity.label, scale), 60)
    return {"statistic": _statistic(grid.table.statistics[k]), "unit": unit, "rows": rows}


def _worst(grid: Grid) -> str:
    with np.errstate(all="ignore"):
        shares = (grid.ci_high - grid.ci_low) / 2 / np.abs(grid.values)
    finite = shares[np.isfinite(shares)]
    return f"{100 * float(finite.max()):.2g}" if finite.size else ""


def two_way(contents: Contents) -> list[dict[str, Any]]:
    """Give the tables of a report, one panel per statistic."""
    found = []
    for grid in contents.grids:
        table, quantity = grid.table, grid.model.quantities[grid.table.output]
        notes = []
        if grid.scenarios:
            words = "{count} scenarios per cell, the same draws"
            notes.append(say(words, count=f"{grid.scenarios:,}"))
            worst = _worst(grid)
            if worst:
                words = "sampling error (95 %): at most ±{share} % of a value"
                notes.append(say(words, share=worst))
        if table.note and table.mark:
            notes.append(say("framed: {note}", note=style.plain(table.note, 300)))
        found.append(
            {
                "title": style.plain(table.label, 200),
                "output": style.plain(quantity.label, 200),
                "case": style.plain(grid.model.case.replace("+", " + "), 120),
                "down": _side(grid, table.rows),
                "across": _side(grid, table.columns),
                "heads": [trimmed(v) for v in table.columns.points],
                "panels": [_panel(grid, k) for k in range(len(table.statistics))],
                "notes": notes,
            }
        )
    return found
