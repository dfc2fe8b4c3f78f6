"""``rangecast run --prob``: chances of conditions, of a series period by period."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rangecast.cli.progress import progress

if TYPE_CHECKING:
    from rangecast.engine.result import Result


def _passages(
    result: Result, options: dict[str, Any], condition: tuple[str, str, float]
) -> list[dict[str, Any]]:
    """Give one row per period of a series: the chance in it, and of the first time by then."""
    from rangecast.engine.passage import first_passage

    series, sign, limit = condition
    with progress(options["quiet"]) as callback:
        found = first_passage(
            result.model,
            series,
            limit,
            below=sign == "<",
            scenarios=result.scenarios,
            seed=result.setup.plan.seed,
            design=result.setup.plan.design,
            workers=options["workers"] or min(2, os.cpu_count() or 1),
            correlations=not options["no_correlations"],
            max_failures=options["max_failures"],
            progress=callback,
        )
    head = {"output": series, "condition": sign, "limit": limit}
    return [
        {
            **head,
            "period": one.period,
            **vars(one.inside),
            "first": one.first.value,
            "first_ci_low": one.first.ci_low,
            "first_ci_high": one.first.ci_high,
            "by": one.by.value,
        }
        for one in found
    ]


def probabilities(result: Result, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the chance of every condition asked for, of a series period by period."""
    from rangecast.engine.formula import series_of

    rows: list[dict[str, Any]] = []
    for output, sign, limit in options["conditions"]:
        if output in result.model.series:
            rows += _passages(result, options, (output, sign, limit))
            continue
        side = {"above": limit} if sign == ">" else {"below": limit}
        chance = result.probability(output, **side)
        name, period = series_of(output)
        head = {"output": name, "condition": sign, "limit": limit, "period": period or None}
        rows.append({**head, **vars(chance)})
    return rows


def probability_lines(rows: list[dict[str, Any]]) -> list[str]:
    """Write chances; of a series also the first period past the limit."""
    from rangecast.reports.words import say

    lines, named = [], ""
    for row in rows:
        value, low, high = (f"{100 * row[k]:.4g} %" for k in ("value", "ci_low", "ci_high"))
        period = f"[{row['period']}]" if row["period"] else ""
        condition = f"{row['output']}{period} {row['condition']} {row['limit']:,.10g}"
        line = f"P({condition}) = {value}  [{low}, {high}]"
        if "first" in row:
            share, total = (f"{100 * row[k]:.4g} %" for k in ("first", "by"))
            words = say("for the first time {share}, by then {total}", share=share, total=total)
            line += f"; {words}"
        lines.append(line)
        key = f"{row['output']} {row['condition']} {row['limit']:,.10g}"
        if "first" in row and row["value"] > 0.1 and named != key:
            lines[-1] += "  " + say("<- first period above 10 %")
            named = key
    return lines
