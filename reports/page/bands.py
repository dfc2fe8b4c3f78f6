"""Ranges as strips: P5 to P95, P25 to P75 and the median of outputs and of cases."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

from rangecast.engine.result import Result
from rangecast.reports.axis import Axis, axis_of
from rangecast.reports.fan import fan_rows, first_likely, rows_of
from rangecast.reports.numbers import compact, level_name, percent, scale_for
from rangecast.reports.page.contents import LEVELS, Contents, Sheet, name_of, named, scale_of
from rangecast.reports.words import say


@dataclass(frozen=True)
class Strip:
    """Places of P5, P25, P50, P75 and P95, and of a mark, in per cent of an axis.

    Parameters
    ----------
    places : tuple of float
    mark : float or None
    alt : str
        The same in words.
    """

    places: tuple[float, ...]
    mark: float | None
    alt: str


def strip(axis: Axis, values: list[float], mark: float, name: str) -> Strip:
    """Place five percentiles and a mark on an axis."""
    words = "{name}: P5 {low}, P50 {middle}, P95 {high}"
    said = {"low": compact(values[0]), "middle": compact(values[2]), "high": compact(values[4])}
    place = axis.place(mark) if math.isfinite(mark) else None
    return Strip(tuple(axis.place(v) for v in values), place, say(words, name=name, **said))


def _row(result: Result, output: str) -> dict[str, Any]:
    values = [result.quantile(output, p) for p in LEVELS]
    scale, base = scale_of(result, output), result.base[output].value
    axis = axis_of([*values, base], room=0.04)
    mean = result.moments_of(output).mean
    label = named(result, output, scale)
    return {
        "label": label,
        "cells": [*(scale.write(v) for v in values), scale.write(mean)],
        "strip": strip(axis, values, base, name_of(result, output)),
    }


def _errors(contents: Contents) -> Sheet:
    """Every percentile with its 95 % interval."""
    result = contents.result
    rows = []
    for output in contents.names:
        if not result.count(output):
            continue
        scale = scale_of(result, output)
        for p in result.setup.plan.percentiles:
            band = result.band(output, p)
            cells = (scale.write(v) for v in (band.value, band.ci_low, band.ci_high))
            rows.append((named(result, output, scale), level_name(p), *cells))
    heads = (say("output"), say("percentile"), say("value"), say("from"), say("to"))
    return Sheet(heads, tuple(rows), 2, say("Percentiles with their 95 % intervals"))


def bands(contents: Contents) -> dict[str, Any]:
    """Give the bands of the outputs shown and of some beside them, and the fans."""
    result = contents.result
    found = [n for n in contents.plain if result.count(n)]
    return {
        "heads": [*(level_name(p) for p in LEVELS), say("mean")],
        "rows": [_row(result, n) for n in found],
        "errors": _errors(contents),
        "fans": [fan(contents, series) for series in contents.series],
    }


# ---------------------------------------------------------------------- over time


def _path(xs: list[float], ys: list[float]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in zip(xs, ys, strict=True))


def _area(xs: list[float], low: list[float], high: list[float]) -> str:
    return _path(xs, high) + "L" + _path(xs[::-1], low[::-1])[1:] + "Z"


def spread(places: list[float], gap: float, most: float = 100.0) -> list[float]:
    """Push places apart to a least distance, in their order, and keep them below `most`.

    Examples
    --------
    >>> spread([10.0, 11.0, 50.0], 5.0), spread([98.0, 99.0], 5.0)
    ([10.0, 15.0, 50.0], [95.0, 100.0])
    """
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for before, k in itertools.pairwise(order):
        moved[k] = max(moved[k], moved[before] + gap)
    ceiling = most
    for k in reversed(order):
        moved[k] = min(moved[k], ceiling)
        ceiling = moved[k] - gap
    return moved


def _fan_axis(values: list[list[float]], limit: float | None) -> Axis:
    ends = [v for row in values for v in row if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(ends), max(ends)
    if limit is not None:
        high = max(high, limit)
    if 0 <= low <= 0.6 * high:
        return Axis(0.0, 1.05 * high)
    return axis_of([low, high], wide=math.inf, room=0.06)


def fan(contents: Contents, series: str) -> dict[str, Any]:
    """Give the bands of a series by period, ready to draw."""
    result, limit = contents.result, contents.limits.get(series)
    names, periods = rows_of(result, series), result.model.periods
    assert periods is not None
    values = [[result.quantile(n, p) for p in LEVELS] for n in names]
    axis = _fan_axis(values, limit)
    step = 100 / max(len(names) - 1, 1)
    xs = [round(k * step, 2) for k in range(len(names))]
    ys = [[round(100 - axis.place(row[k]), 2) for row in values] for k in range(len(LEVELS))]
    if len(names) == 1:
        xs, ys = [30.0, 70.0], [[row[0]] * 2 for row in ys]
    quantity = result.model.quantities[names[0]]
    label = name_of(result, names[0]).removesuffix(quantity.period).strip()
    scale = axis.scale
    title = say("{label} by {step}", label=label[:1].upper() + label[1:], step=say(periods.step))
    last = [compact(v) for v in values[-1]]
    return {
        "title": title,
        "unit": named(result, names[0], scale).replace(name_of(result, names[0]), label),
        "outer": _area(xs, ys[0], ys[4]),
        "inner": _area(xs, ys[1], ys[3]),
        "median": _path(xs, ys[2]),
        "ticks": axis.ticks_up(220),
        "periods": _period_ticks(list(periods.labels), xs if len(names) > 1 else [50.0]),
        "labels": list(
            zip(
                [level_name(p) for p in LEVELS[::-1]],
                last[::-1],
                spread([row[-1] for row in ys[::-1]], 7.2),
                strict=True,
            )
        ),
        "limit": _limit(contents, series, axis),
        "sheet": _fan_sheet(contents, series),
        "alt": say(
            "{title}: P50 {first} in {start}, {last} in {end}",
            title=title,
            first=compact(values[0][2]),
            start=periods.labels[0],
            last=last[2],
            end=periods.labels[-1],
        ),
    }


def _period_ticks(labels: list[str], places: list[float]) -> list[tuple[float, str, str]]:
    """Labels of periods; every so many on a wide page, fewer on a narrow one."""
    wide, narrow = (-(-len(labels) // most) for most in (9, 4))
    found = []
    for k, (label, place) in enumerate(zip(labels, places, strict=False)):
        if k % wide == 0 or k % narrow == 0:
            on = "both" if not k % wide and not k % narrow else "wide" if not k % wide else "narrow"
            found.append((place, label, on))
    return found


def _limit(contents: Contents, series: str, axis: Axis) -> dict[str, Any] | None:
    limit = contents.limits.get(series)
    if limit is None:
        return None
    found = first_likely(contents.result, series, limit)
    chance = say("never 10 % above")
    if found:
        chance = say("{period}: {share} chance above", period=found[0], share=percent(found[1]))
    said = say("limit {limit}; {chance}", limit=compact(limit), chance=chance)
    return {"place": round(100 - axis.place(limit), 2), "text": said}


def _fan_sheet(contents: Contents, series: str) -> Sheet:
    result, limit = contents.result, contents.limits.get(series)
    rows = fan_rows(result, series)
    scale = scale_for(max((abs(r["value"]) for r in rows if r["quantile"] == 0.5), default=1.0))
    lines = []
    for name in rows_of(result, series):
        period = result.model.quantities[name].period
        cells = [scale.write(r["value"]) for r in rows if r["period"] == period]
        cells.append(scale.write(result.moments_of(name).mean))
        if limit is not None:
            cells.append(percent(result.probability(name, above=limit).value))
        lines.append((period, *cells))
    over = (say("above {limit}", limit=compact(limit)),) if limit is not None else ()
    heads = (say("period"), *(level_name(p) for p in LEVELS), say("mean"), *over)
    return Sheet(heads, tuple(lines), 1, named(result, rows_of(result, series)[0], scale))
