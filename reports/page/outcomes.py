"""What happened, held against the ranges."""

from __future__ import annotations

import math
from typing import Any

from rangecast.engine.backtest import BAND, Backtested
from rangecast.reports import style
from rangecast.reports.numbers import percentile_name, scale_for, unit_words
from rangecast.reports.page.contents import Contents, Sheet
from rangecast.reports.words import say

_MARKS = ("circle", "square", "diamond", "triangle")


def _sheet(found: list[Backtested], name: str) -> Sheet:
    rows = []
    for one in found:
        scale = scale_for(max(abs(one.p50), abs(one.value)))
        unit = unit_words(one.outcome.unit, one.outcome.label, scale)
        label = style.plain(f"{one.outcome.label} {f'({unit})' if unit else ''}".strip(), 200)
        numbers = (scale.write(v) for v in (one.value, one.p05, one.p50, one.p95))
        place = percentile_name(one.percentile)
        if math.isfinite(one.percentile_low):
            low, high = (percentile_name(v) for v in (one.percentile_low, one.percentile_high))
            place += f" [{low}, {high}]"
        rows.append((label, one.outcome.date.isoformat(), *numbers, place, say(one.verdict)))
    heads = (
        say("outcome"),
        say("date"),
        say("observed"),
        "P5",
        "P50",
        "P95",
        say("percentile"),
        say("90 % band"),
    )
    return Sheet(heads, tuple(rows), 2, name)


def _point(one: Backtested, kind: str) -> dict[str, Any]:
    ends = (one.percentile_low, one.percentile_high)
    return {
        "kind": kind,
        "place": round(100 * one.percentile, 2),
        "ends": tuple(round(100 * v, 2) for v in ends) if math.isfinite(sum(ends)) else None,
        "text": percentile_name(one.percentile),
    }


def outcomes(contents: Contents) -> dict[str, Any] | None:
    """Give the back-test as a chart of percentiles and a table per case; None without outcomes."""
    found = contents.backtest
    if not found:
        return None
    cases = list(dict.fromkeys(one.case for one in found))
    kinds = {case: _MARKS[k % len(_MARKS)] for k, case in enumerate(cases)}
    names = {case: style.plain(case.replace("+", " + "), 120) or say("model") for case in cases}
    rows = []
    for name in dict.fromkeys(one.outcome.name for one in found):
        own = [one for one in found if one.outcome.name == name]
        points = [_point(one, kinds[one.case]) for one in own if math.isfinite(one.percentile)]
        date = own[0].outcome.date.isoformat()
        rows.append(
            {"label": style.plain(own[0].outcome.label, 200), "date": date, "points": points}
        )
    sheets = []
    for case in cases:
        own = [one for one in found if one.case == case]
        inside = sum(one.verdict == "inside" for one in own)
        many = sum(one.verdict == "open" for one in own)
        head = "{case}: {inside} of {count} outcomes inside"
        if many:
            head = "{case}: {inside} of {count} outcomes inside, {many} open"
        text = say(head, case=names[case], inside=inside, count=len(own), many=many)
        sheets.append(_sheet(own, text))
    return {
        "note": style.plain(contents.result.model.backtest.note, 2000),
        "legend": [(kinds[case], names[case]) for case in cases],
        "band": (100 * BAND[0], 100 * (BAND[1] - BAND[0])),
        "rows": rows,
        "sheets": sheets,
    }
