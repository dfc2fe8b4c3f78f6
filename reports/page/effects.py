"""A closer look: the output along its widest inputs, scenario by scenario and in the middle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.result import Result
from rangecast.engine.sample import Sample, sample
from rangecast.engine.sensitivity import tornado
from rangecast.engine.sensitivity.profile import Tranche, profile
from rangecast.engine.sensitivity.swing import SpiderPoint, spider
from rangecast.reports import style
from rangecast.reports.axis import Axis, axis_of
from rangecast.reports.density import is_logarithmic
from rangecast.reports.numbers import compact, trimmed
from rangecast.reports.page.bands import spread
from rangecast.reports.page.contents import (
    Contents,
    Sheet,
    axis_title,
    capital,
    name_of,
    shown_unit,
)
from rangecast.reports.words import say

PANELS, POINTS, SLICES, LINES = 6, 800, 20, 7
_SHOWN = (0.01, 0.99)  # of the output: the height of the panels
_MARKED = (0.1, 0.5, 0.9)


def _height(axis: Axis, value: float) -> float:
    """Place on an axis that runs upwards, in thousandths from the top."""
    return round(10 * (100 - axis.place(value)), 1)


def _ranks(values: Array) -> Array:
    """Place of each value among all, from 0 to 1; equal values share one."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    found: Array = ((upto - counts / 2) / len(values))[where]
    return found


def _dots(x: Array, y: Array, axis: Axis) -> str:
    inside = np.isfinite(y) & (y >= axis.low) & (y <= axis.high)
    pairs = zip((1000 * _ranks(x))[inside].tolist(), y[inside].tolist(), strict=True)
    return "".join(f"M{a:.0f} {_height(axis, b):.0f}h0" for a, b in pairs)


def _line(points: list[tuple[float, float]], axis: Axis) -> str:
    finite = [(x, y) for x, y in points if math.isfinite(y)]
    return "M" + "L".join(f"{1000 * x:g} {_height(axis, y):g}" for x, y in finite) if finite else ""


def _ribbon(curve: list[Tranche], axis: Axis) -> str:
    known = [t for t in curve if math.isfinite(t.ci_low + t.ci_high)]
    if len(known) < 2:
        return ""
    xs = [500 * (t.low + t.high) for t in known]
    up = [f"{x:g} {_height(axis, t.ci_high):g}" for x, t in zip(xs, known, strict=True)]
    down = [f"{x:g} {_height(axis, t.ci_low):g}" for x, t in zip(xs, known, strict=True)]
    return "M" + "L".join([*up, *down[::-1]]) + "Z"


def _x_ticks(alone: list[SpiderPoint]) -> list[tuple[float, str]]:
    """The input's own value at its P10, P50 and P90."""
    found = []
    for level in _MARKED:
        near = min(alone, key=lambda p: abs(p.level - level), default=None)
        value = near.input_value if near is not None else math.nan
        text = trimmed(value) if math.isfinite(value) else f"P{100 * level:.0f}"
        found.append((100 * level, text))
    return found


def _panel(
    result: Result,
    output: str,
    name: str,
    alone: list[SpiderPoint],
    seen: Sample,
    axis: Axis,
    statistic: str,
) -> dict[str, Any]:
    curve = profile(result, output, name, SLICES, statistic)
    label = style.plain(curve[0].label if curve else name, 300)
    middle = [((t.low + t.high) / 2, t.value) for t in curve]
    ends = [compact(v) for _, v in middle[:1] + middle[-1:]]
    known = result.model.inputs.get(name)
    unit = shown_unit(known.unit) if known is not None else ""
    alt = say(
        "{output} along {input}: from {low} to {high}",
        output=name_of(result, output),
        input=label,
        low=ends[0] if ends else "",
        high=ends[-1] if ends else "",
    )
    return {
        "label": label,
        "unit": unit,
        "dots": _dots(seen.inputs[name], seen.outputs[output], axis),
        "ribbon": _ribbon(curve, axis),
        "line": _line(middle, axis),
        "alone": _line([(p.level, p.value) for p in alone], axis),
        "ticks": _x_ticks(alone),
        "alt": alt,
        "rows": [
            (
                label,
                f"P{100 * t.low:.0f}–P{100 * t.high:.0f}",
                trimmed(t.input_value),
                compact(t.value),
                compact(t.ci_low),
                compact(t.ci_high),
            )
            for t in curve
        ],
    }


def _wide(result: Result, output: str) -> float:
    """Span of values that asks for a log axis, where the output's spread allows of one."""
    return 10.0 if is_logarithmic(result, output) else math.inf


def _spider(result: Result, output: str, found: list[SpiderPoint]) -> dict[str, Any] | None:
    """The curves of each input alone over each other, numbered at their right ends."""
    shown = [p for p in found if p.rank <= LINES and math.isfinite(p.value)]
    curves = [[p for p in shown if p.rank == k] for k in range(1, LINES + 1)]
    curves = [c for c in curves if c]
    if not curves:
        return None
    axis = axis_of([p.value for p in shown], wide=_wide(result, output), room=0.03)
    ends = [_height(axis, c[-1].value) / 10 for c in curves]
    lines = [
        {
            "path": _line([((p.level - 0.1) / 0.8, p.value) for p in c], axis),
            "number": k,
            "label": style.plain(c[0].label, 300),
            "place": place,
            "ends": say("{low} to {high}", low=compact(c[0].value), high=compact(c[-1].value)),
        }
        for k, (c, place) in enumerate(zip(curves, spread(ends, 6.5), strict=True), 1)
    ]
    rows = [
        (
            style.plain(p.label, 300),
            f"P{100 * p.level:.0f}",
            trimmed(p.input_value),
            compact(p.value),
        )
        for p in shown
    ]
    heads = (say("input"), say("its percentile"), say("its value"), say("output"))
    label = capital(name_of(result, output))
    return {
        "title": say("{label}: each input alone, others at their medians", label=label),
        "unit": axis_title(result, output, axis),
        "lines": lines,
        "ticks": axis.ticks_up(220),
        "levels": [
            (round(100 * (p - 0.1) / 0.8, 2), f"P{100 * p:.0f}") for p in (0.1, 0.3, 0.5, 0.7, 0.9)
        ],
        "sheet": Sheet(heads, tuple(rows), 2, label),
        "logarithmic": axis.logarithmic,
    }


def effects(contents: Contents, output: str) -> dict[str, Any] | None:
    """Give panels of the widest inputs and the spider; None where drivers were not counted.

    Parameters
    ----------
    contents : Contents
    output : str
    """
    result = contents.result
    if output not in result.ranked or not result.count(output) or result.scenarios == 1:
        return None
    statistic = contents.statistic if contents.statistic not in {"sd", "base"} else "p50"
    names = [b.input for b in tornado(result, output) if b.reach == "direct"][:PANELS]
    if not names:
        return None
    seen, found = sample(result, POINTS), spider(result, output)
    axis = axis_of([result.quantile(output, p) for p in _SHOWN], wide=_wide(result, output))
    alone = {name: [p for p in found if p.input == name] for name in names}
    panels = [_panel(result, output, n, alone[n], seen, axis, statistic) for n in names]
    heads = (
        say("input"),
        say("slice"),
        say("input in the slice"),
        statistic.upper(),
        say("from"),
        say("to"),
    )
    rows = tuple(row for p in panels for row in p["rows"])
    return {
        "label": capital(name_of(result, output)),
        "statistic": statistic.upper(),
        "count": f"{seen.count:,}",
        "panels": panels,
        "ticks": axis.ticks_up(140),
        "unit": axis_title(result, output, axis),
        "sheet": Sheet(heads, rows, 2, say("Slices of each input, with 95 % intervals")),
        "spider": _spider(result, output, found),
    }
