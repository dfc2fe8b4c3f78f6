"""Cases side by side: ranges on one axis, paired differences, and what each case changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rangecast.engine.compare import Comparison
from rangecast.engine.model.model import Input, Model
from rangecast.reports import style
from rangecast.reports.axis import Axis, axis_of
from rangecast.reports.comparison import OVERLAID, counted, overlay_table
from rangecast.reports.numbers import briefly, compact, level_name, percent, scale_for
from rangecast.reports.page.bands import strip
from rangecast.reports.page.contents import (
    LEVELS,
    Contents,
    Sheet,
    axis_title,
    capital,
    name_of,
    named,
)
from rangecast.reports.words import say

if TYPE_CHECKING:
    import pandas as pd

LINES = 7
"""Strokes that the style sheet tells apart."""


def _names(comparison: Comparison) -> list[str]:
    return [style.plain(case.replace("+", " + "), 120) for case in comparison.cases]


def _ranges(comparison: Comparison, output: str) -> dict[str, Any]:
    """Strips of all cases on one axis."""
    found, names = comparison.result, _names(comparison)
    rows = [comparison.row(output, k) for k in range(len(names))]
    values = [[found.quantile(row, p) for p in LEVELS] for row in rows]
    axis = axis_of([v for row in values for v in row], room=0.03)
    scale = scale_for(max(abs(row[2]) for row in values))
    lines = []
    for name, row, one in zip(names, rows, values, strict=True):
        mean = found.moments_of(row).mean
        lines.append((name, *(scale.write(v) for v in one), scale.write(mean)))
    heads = (say("case"), "P5", "P25", "P50", "P75", "P95", say("mean"))
    return {
        "overlay": _overlay(comparison, output, axis, values),
        "label": name_of(found, output),
        "title": say("{label} by case", label=capital(name_of(found, output))),
        "axis_title": axis_title(found, output, axis),
        "logarithmic": axis.logarithmic,
        "ticks": axis.ticks(),
        "rows": [
            {"name": name, "strip": strip(axis, one, math.nan, name), "middle": compact(one[2])}
            for name, one in zip(names, values, strict=True)
        ],
        "sheet": Sheet(heads, tuple(lines), 1, named(found, output, scale)),
        "differences": _differences(comparison, output),
    }


def _overlay(
    comparison: Comparison, output: str, axis: Axis, values: list[list[float]]
) -> dict[str, Any]:
    """Cumulative curves of the cases over each other, on the axis of the strips."""
    table, label = overlay_table(comparison, output), capital(name_of(comparison.result, output))
    curves = zip(_names(comparison), table.to_numpy().T.tolist(), values, strict=True)
    lines = [
        {
            "number": 1 + k % LINES,
            "path": "M"
            + "L".join(
                f"{10 * axis.place(v):g} {1000 - 1000 * p:g}"
                for p, v in zip(OVERLAID, curve, strict=True)
                if axis.low <= v <= axis.high
            ),
            "label": name,
            "middle": compact(middle[2]),
        }
        for k, (name, curve, middle) in enumerate(curves)
    ]
    return {
        "title": say("{label}: share of scenarios at or below a value", label=label),
        "lines": lines,
        "levels": [(round(100 - 100 * p, 2), f"P{100 * p:.0f}") for p in LEVELS],
        "sheet": _percentiles(comparison, output, table),
    }


def _percentiles(comparison: Comparison, output: str, table: pd.DataFrame) -> Sheet:
    """Twenty points of the cumulative curves."""
    rows = [
        (level_name(p), *(compact(v) for v in values))
        for p, values in zip(OVERLAID, table.to_numpy().tolist(), strict=True)
        if round(100 * p) % 5 == 0 or p in (OVERLAID[0], OVERLAID[-1])
    ]
    heads = (say("percentile"), *_names(comparison))
    return Sheet(heads, tuple(rows), 1, capital(name_of(comparison.result, output)))


def _differences(comparison: Comparison, output: str) -> Sheet:
    """Percentiles of each later case minus the first, scenario by scenario."""
    found, names = comparison.result, _names(comparison)
    rows = []
    for k in range(1, len(names)):
        name = comparison.difference(output, k)
        bands = [found.band(name, p) for p in (0.05, 0.5, 0.95)]
        higher = comparison.higher(output, k)
        middle = bands[1]
        interval = say("{low} to {high}", low=compact(middle.ci_low), high=compact(middle.ci_high))
        cells = (compact(b.value) for b in bands)
        rows.append((names[k], *cells, interval, percent(higher.value)))
    heads = (say("case"), "P5", "P50", "P95", say("P50, 95 % interval"), say("higher in"))
    words = "{label}: each case minus {first}, scenario by scenario"
    caption = say(words, label=capital(name_of(found, output)), first=names[0])
    return Sheet(heads, tuple(rows), 1, caption)


def _said(one: Input) -> str:
    return briefly(one.base) if one.is_constant else one.description


def _changes(first: Model, other: Model) -> list[tuple[str, str, str]]:
    """Inputs and formulas in which a case differs from the first."""
    found = []
    for name, one in other.inputs.items():
        before = first.inputs.get(name)
        if before is not None and (before.law, before.value) != (one.law, one.value):
            used = style.plain(one.label, 120)
            found.append((used, style.plain(_said(before), 120), style.plain(_said(one), 120)))
    for name, quantity in other.quantities.items():
        known = first.quantities.get(name)
        if known is not None and known.formula != quantity.formula:
            texts = (style.plain(t, 160) for t in (known.formula, quantity.formula))
            found.append((style.plain(quantity.label, 120), *texts))  # type: ignore[arg-type]
    return found


def cases(contents: Contents) -> dict[str, Any] | None:
    """Give the comparison of cases; None for a single one.

    Parameters
    ----------
    contents : Contents
    """
    comparison = contents.comparison
    if comparison is None:
        return None
    names, models = _names(comparison), comparison.models
    outputs = [
        output
        for output in comparison.outputs
        if all(comparison.result.count(comparison.row(output, k)) for k in range(len(names)))
    ]
    heads = (say("input or formula"), names[0], say("here"))
    changed = [
        (name, Sheet(heads, tuple(_changes(models[0], model)), 3, name))
        for name, model in zip(names[1:], models[1:], strict=True)
    ]
    return {
        "first": names[0],
        "lead": counted(comparison),
        "outputs": [_ranges(comparison, output) for output in outputs],
        "changes": changed,
    }
