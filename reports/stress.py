"""The bands of an output where one input is in a part of its range, beside all scenarios."""

from __future__ import annotations

import math
from typing import Any

from rangecast.engine.result import Result
from rangecast.reports import style
from rangecast.reports.numbers import level_name, scale_for, unit_words
from rangecast.reports.words import left, right, say, width_of


def stress_lines(result: Result, output: str, rows: list[dict[str, Any]]) -> list[str]:
    """Give what `Result.stress` found as text.

    Parameters
    ----------
    result : Result
    output : str
    rows : list of dict
        One per percentile, of one input.
    """
    first = rows[0]
    model, name = result.model, first["input"]
    label = style.plain((model.paths.get(name) or model.inputs[name]).label, 60)
    part = f"P{100 * first['from']:.3g}–P{100 * first['to']:.3g}"
    count = f"{first['n_used']:,}"
    lines = [
        say("Stress: {label} in its {part}, {count} scenarios", label=label, part=part, count=count)
    ]
    scale = scale_for(result.quantile(output, 0.5))
    quantity = model.quantities[output]
    words = unit_words(quantity.unit, quantity.label, scale)
    table = [
        [
            style.plain(f"{quantity.label} {words}".strip(), 40),
            *(level_name(r["quantile"]) for r in rows),
        ]
    ]
    for key, title in (("value", say("under stress")), ("unstressed", say("all scenarios"))):
        cells = [scale.write(r[key]) if math.isfinite(r[key]) else say("n/a") for r in rows]
        table.append([title, *cells])
    widths = [max(width_of(row[k]) for row in table) for k in range(len(table[0]))]
    for row in table:
        cells = [right(c, w) for c, w in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([left(row[0], widths[0]), *cells]))
    return lines
