"""A workbook of a run: tables with native charts, and the inputs to change and feed back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rangecast.distributions import registry
from rangecast.engine.files import write_whole
from rangecast.engine.formula import series_of
from rangecast.engine.model.sheet import COLUMNS, CONSTANT, SHEET, UNCHANGED, input_rows
from rangecast.engine.result import Result
from rangecast.engine.sample import sample_names, samples
from rangecast.reports import style
from rangecast.reports.drivers import question, rank
from rangecast.reports.fan import LEVELS, fan_rows
from rangecast.reports.numbers import level_name, percentile_name, scale_for
from rangecast.reports.results_json import as_dict
from rangecast.reports.sheets import MOST_ROWS, Book, Page, axis_format
from rangecast.reports.terminal import heading
from rangecast.reports.words import say

SAMPLES = 1_000
_MOST_BARS = 10
_MOST_CURVES = 4
_GREYS = ("#CFE3F1", "#7FB5D9")
_MEDIAN = "#003B5C"
_SIZE = {"width": 960, "height": 380}
_CHART_ROWS = 20  # that a chart of this size takes


def write_workbook(
    result: Result, path: Path, statistic: str = "p50", shown: Sequence[str] = ()
) -> None:
    """Write a workbook of a run.

    Parameters
    ----------
    result : Result
    path : Path
        Replaced as a whole.
    statistic : str
        Of the conditional ranking.
    shown : sequence of str
        Outputs with a ranking; by default those that the model shows.

    Raises
    ------
    FileError
    ResourceError
        When xlsxwriter is missing.
    """
    names = list(shown or result.shown)
    write_whole(path, workbook(result, as_dict(result, statistic, shown=names), names, statistic))


def workbook(
    result: Result,
    results: Mapping[str, Any],
    shown: Sequence[str],
    statistic: str = "p50",
) -> bytes:
    """Give the bytes of a workbook; its numbers are those of `results`, to the last digit.

    Parameters
    ----------
    result : Result
    results : mapping
        From `as_dict`.
    shown : sequence of str
    statistic : str
    """
    book = Book(heading(result))
    curves = [n for n in shown if result.count(n) and not results["outputs"][n]["period"]]
    series = [s for s in dict.fromkeys(series_of(n)[0] for n in shown) if s in result.model.series]
    ends = None
    summary = _summary(book, result, results, shown)
    for name in series:
        _over_time(book, result, name)
    for name in shown:
        if name in result.ranked and result.count(name) and result.scenarios > 1:
            _tornado(book, result, name, statistic)
    _percentiles(book, results)
    if results["tornado"]:
        _rankings(book, results)
    if curves and result.scenarios > 1:
        ends = _curves(book, result, curves[:_MOST_CURVES])
    distributions = _inputs(book, result)
    _samples(book, result)
    _distributions(book, distributions)
    _method(book, result, results)
    if ends is not None:
        page, below = summary
        page.sheet.insert_chart(below, 0, ends, {"description": _alternative(result, curves[0])})
    return book.finish()


def _note(result: Result) -> str:
    plan = result.setup.plan
    return say("{count} scenarios · seed {seed}", count=f"{plan.scenarios:,}", seed=plan.seed)


def _label(result: Result, name: str) -> str:
    return result.model.quantities[name].label


def _unit(result: Result, name: str) -> str:
    unit = result.model.quantities[name].unit
    return "" if unit == "1" else unit


def _answer(result: Result, name: str) -> str:
    """Say the middle and the range of an output in a sentence."""
    low, middle, high = (result.quantile(name, p) for p in (0.05, 0.5, 0.95))
    scale = scale_for(max(abs(low), abs(middle), abs(high)))
    if scale.divisor > 1 and abs(middle) < scale.divisor:
        scale = scale_for(middle)
    write = [f"{scale.write(v)}{scale.word}" for v in (low, middle, high)]
    words = say(
        "{label}: {middle} (P50); nine in ten scenarios between {low} and {high}",
        label=_label(result, name),
        low=write[0],
        middle=write[1],
        high=write[2],
    )
    unit = _unit(result, name)
    return f"{words} {unit}" if unit else words


def _alternative(result: Result, name: str) -> str:
    return say("Share of scenarios at or below each value") + ": " + _label(result, name)[:200]


# ------------------------------------------------------------------ sheets


def _summary(
    book: Book, result: Result, results: Mapping[str, Any], shown: Sequence[str]
) -> tuple[Page, int]:
    page = book.sheet("Summary", heading(result), _note(result))
    row = 3
    for name in shown[:6]:
        if result.count(name):
            page.text(row, 0, _answer(result, name), font_size=11)
            row += 1
    levels = result.setup.plan.percentiles
    headers = {"label": say("output"), "unit": say("unit")}
    headers |= {level_name(p): level_name(p) for p in levels}
    headers |= {"mean": say("mean"), "base": say("base case"), "place": say("base case at")}
    printed = len(headers)
    headers |= {"sd": say("sd"), "n": say("scenarios"), "failed": say("failed")}
    rows = []
    for name in shown:
        out = results["outputs"][name]
        bands = {level_name(b["quantile"]): b["value"] for b in out["bands"]}
        base = out["base"]["percentile"]
        place = None if base is None else percentile_name(base)
        some = {k: out[k] for k in ("label", "unit", "mean", "sd", "n", "failed")}
        rows.append({**some, **bands, "base": out["base"]["value"], "place": place})
    top = row + 1
    below = page.table(top, rows, headers, freeze=0)
    for i, name in enumerate(shown, top + 1):
        for k, key in enumerate(headers):
            if key.startswith("P") or key in {"mean", "base"}:
                book.define(f"{name}_{key}", page, i, k)
    page.text(below, 0, say("Numbers carry every digit; formats only show fewer."), italic=True)
    page.sheet.print_area(0, 0, below + 2 + _CHART_ROWS, printed - 1)
    return page, below + 2


def _over_time(book: Book, result: Result, name: str) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for one in fan_rows(result, name):
        row = rows.setdefault(one["period"], {"period": one["period"]})
        value = one["value"]
        row[level_name(one["quantile"])] = value if math.isfinite(value) else None
    first = result.model.series[name][0]
    unit = _unit(result, first)
    label = _label(result, first).removesuffix(result.model.quantities[first].period).strip()
    title = f"{label} ({unit})" if unit else label
    page = book.sheet(f"Over time {name}", title, _note(result))
    names = [level_name(p) for p in LEVELS]
    table, top = list(rows.values()), 20
    page.table(top, table, {"period": say("period"), **{n: n for n in names}}, freeze=0)
    last = top + len(table)
    steps = len(names) + 2
    for k in range(len(names)):  # what the chart stacks: the lowest band, then each step up
        head = names[0] if not k else f"{names[k]} − {names[k - 1]}"
        page.text(top, steps + k, head, bold=True, bottom=1, font_color=style.MUTED)
        page.widen(steps + k, head)
        for i, row in enumerate(table, top + 1):
            high, low = row[names[k]], row[names[k - 1]] if k else 0.0
            value = None if high is None or low is None else high - low
            page.widen(steps + k, f"{value or 0.0:,.3f}")
            page.put(i, steps + k, value, num_format="#,##0.###", font_color=style.MUTED)
    chart = book.file.add_chart({"type": "area", "subtype": "stacked"})
    colours = (None, _GREYS[0], _GREYS[1], _GREYS[1], _GREYS[0])
    for k, colour in enumerate(colours):
        fill = {"none": True} if colour is None else {"color": colour}
        words = {1: "P5–P95", 2: "P25–P75"}.get(k, names[k])
        chart.add_series(
            {
                "name": words,
                "categories": page.range(top + 1, last, 0),
                "values": page.range(top + 1, last, steps + k),
                "fill": fill,
                "border": {"none": True},
            }
        )
    line = book.file.add_chart({"type": "line"})
    line.add_series(
        {
            "name": "P50",
            "categories": page.range(top + 1, last, 0),
            "values": page.range(top + 1, last, 3),
            "line": {"color": _MEDIAN, "width": 2.25},
        }
    )
    chart.combine(line)
    largest = max((abs(v) for r in table for v in r.values() if isinstance(v, float)), default=1.0)
    chart.set_title({"name": page.cell(0, 0), "name_font": _TITLE})
    chart.set_y_axis({"num_format": axis_format(largest), "major_gridlines": _GRID})
    chart.set_legend({"position": "bottom", "delete_series": [0, 3, 4]})
    chart.set_size({"width": 960, "height": 340})
    words = say("{label}: bands per period", label=label)
    page.sheet.insert_chart(2, 0, chart, {"description": words})


_TITLE = {"size": 12, "bold": True, "color": style.INK}
_GRID = {"visible": True, "line": {"color": "#E5E7EB", "width": 0.75}}


def _tornado(book: Book, result: Result, name: str, statistic: str) -> None:
    ranking = rank(result, name, "conditional", statistic, most=_MOST_BARS)
    unit = _unit(result, name)
    label = _label(result, name)
    title = say("What moves {label}", label=f"{label} ({unit})" if unit else label)
    page = book.sheet(f"Tornado {name}", title, f"{question(ranking)} · {_note(result)}")
    top = 25
    page.text(2, 0, say("baseline"))
    page.put(2, 1, ranking.baseline, num_format="#,##0.###")
    headers = {
        "label": say("input"),
        "unit": say("unit"),
        "input_low": say("input low"),
        "input_high": say("input high"),
        "low": say("output at low"),
        "high": say("output at high"),
    }
    bars = [*ranking.top, *ranking.others][: 60 if len(ranking.others) > 50 else 70]
    rows = [{k: _finite(getattr(bar, k)) for k in headers} for bar in bars]
    last = page.table(top, rows, headers, freeze=0) - 1
    for k, key in enumerate(("low", "high")):
        words = {"low": say("change, input low"), "high": say("change, input high")}[key]
        page.text(top, 6 + k, words, bold=True, bottom=1, align="right", bg_color="#EEF2F6")
        page.widen(6 + k, words)
        for i, bar in enumerate(bars, top + 1):
            change = getattr(bar, key) - ranking.baseline
            source = f"={'EF'[k]}{i + 1}-$B$3"
            made = book.format(num_format="+#,##0.###;-#,##0.###;0")
            if math.isfinite(change):
                page.sheet.write_formula(i, 6 + k, source, made, change)
    count = min(_MOST_BARS, len(bars))
    if not count:
        return
    chart = book.file.add_chart({"type": "bar"})
    for k, (colour, key) in enumerate(((style.LOW, "low"), (style.HIGH, "high"))):
        look: dict[str, Any] = {"fill": {"color": colour}}
        if key == "high":
            look = {
                "pattern": {
                    "pattern": "wide_upward_diagonal",
                    "fg_color": colour,
                    "bg_color": "#F7C9A6",
                }
            }
        chart.add_series(
            {
                "name": page.cell(top, 6 + k),
                "categories": page.range(top + 1, top + count, 0),
                "values": page.range(top + 1, top + count, 6 + k),
                "overlap": 100,
                "gap": 45,
                "border": {"color": colour, "width": 0.75},
                **look,
            }
        )
    largest = max(
        (abs(v - ranking.baseline) for b in bars for v in (b.low, b.high) if math.isfinite(v)),
        default=1.0,
    )
    chart.set_title({"name": page.cell(0, 0), "name_font": _TITLE})
    chart.set_y_axis({"reverse": True, "label_position": "low", "major_tick_mark": "none"})
    words = say("change from the baseline")
    chart.set_x_axis({"num_format": axis_format(largest), "name": words, "major_gridlines": _GRID})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 960, "height": 430})
    page.sheet.insert_chart(3, 0, chart, {"description": question(ranking)})
    assert last >= top


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _percentiles(book: Book, results: Mapping[str, Any]) -> None:
    page = book.sheet(
        "Percentiles", say("Percentiles"), say("95 % intervals of the sampling error"), 0
    )
    rows = [
        {**{k: out[k] for k in ("case", "output", "label", "unit", "period")}, **band}
        for out in results["outputs"].values()
        for band in out["bands"]
    ]
    keys = ("output", "label", "unit", "period", "quantile", "value", "ci_low", "ci_high")
    headers = {k: k for k in (*keys, "method", "rank_error", "case")}
    below = page.table(3, rows, headers, freeze=2, formats={"quantile": "0.0##"})
    page.sheet.autofilter(3, 0, max(below - 1, 4), len(headers) - 1)


def _rankings(book: Book, results: Mapping[str, Any]) -> None:
    rows = results["tornado"]
    note = say("every method of every output shown; see rangecast explain METHOD")
    page = book.sheet("Rankings", say("Rankings"), note, 0)
    known = dict.fromkeys(k for row in rows for k in row)
    headers = {k: k for k in (*_PRINTED, *(k for k in known if k not in _PRINTED))}
    below = page.table(_RANKINGS, rows, headers, freeze=0)
    page.sheet.autofilter(_RANKINGS, 0, max(below - 1, _RANKINGS + 1), len(headers) - 1)
    page.sheet.print_area(0, 0, max(below - 1, _RANKINGS + 1), len(_PRINTED) - 1)
    starts = [
        _RANKINGS + 1 + k
        for k, (one, before) in enumerate(zip(rows[1:], rows, strict=False), 1)
        if (one["output"], one["period"]) != (before["output"], before["period"])
    ]
    page.sheet.set_h_pagebreaks(starts)


_RANKINGS = 3  # row of the header
_PRINTED = (
    "output",
    "period",
    "method",
    "statistic",
    "rank",
    "label",
    "swing",
    "ci_low",
    "ci_high",
    "low",
    "high",
    "input_low",
    "input_high",
)
"""Columns of the rankings that are printed; the others stand to their right."""


def _curves(book: Book, result: Result, names: Sequence[str]) -> Any:
    """Write P1 to P99 of the outputs with a chart of each; give one more chart of the first."""
    note = say("Share of scenarios at or below each value")
    page = book.sheet("Curves", say("Percentile curves"), note, 1 if len(names) < 3 else 0)
    rows = [
        {"level": p / 100, **{n: _finite(result.quantile(n, p / 100)) for n in names}}
        for p in range(1, 100)
    ]
    headers = {"level": say("share"), **{n: _label(result, n) for n in names}}
    page.table(3, rows, headers, freeze=1, formats={"level": "0 %"})
    page.sheet.print_area(2, len(names) + 2, 3 + _CHART_ROWS * len(names), len(names) + 17)
    for k in range(len(names)):
        chart = _curve(book, page, result, names[k], k + 1)
        place = len(names) + 2
        page.sheet.insert_chart(
            3 + _CHART_ROWS * k, place, chart, {"description": _alternative(result, names[k])}
        )
    return _curve(book, page, result, names[0], 1)


def _curve(book: Book, page: Page, result: Result, name: str, column: int) -> Any:
    chart = book.file.add_chart({"type": "scatter", "subtype": "straight"})
    chart.add_series(
        {
            "name": page.cell(3, column),
            "categories": page.range(4, 102, column),
            "values": page.range(4, 102, 0),
            "line": {"color": style.LOW, "width": 2.25},
        }
    )
    low, high = result.quantile(name, 0.01), result.quantile(name, 0.99)
    axis: dict[str, Any] = {"num_format": axis_format(high), "major_gridlines": _GRID}
    if low > 0 and high > 30 * low:
        axis |= {"log_base": 10, "min": 10.0 ** math.floor(math.log10(low))}
        axis["num_format"] = "#,##0" if low >= 1 else "General"
    unit = _unit(result, name)
    if unit and not unit.startswith("="):
        axis["name"] = unit
    chart.set_x_axis({**axis, "label_position": "low"})
    chart.set_y_axis({"min": 0, "max": 1, "num_format": "0 %", "major_gridlines": _GRID})
    chart.set_title({"name": page.cell(3, column), "name_font": _TITLE})
    chart.set_legend({"none": True})
    chart.set_size(_SIZE)
    return chart


def _inputs(book: Book, result: Result) -> Page:
    note = say("Change values, save, and run again: rangecast run MODEL --inputs FILE.xlsx")
    page = book.sheet(SHEET, say("Inputs"), note, 0)
    rows = input_rows(result.model)
    top = 3
    numbers = dict.fromkeys((c for c in COLUMNS if c.startswith("value")), "General")
    below = page.table(top, rows, {c: c for c in COLUMNS}, freeze=1, formats=numbers)
    if rows:
        page.sheet.add_table(
            top,
            0,
            below - 1,
            len(COLUMNS) - 1,
            {
                "name": "rangecast_inputs",
                "style": "Table Style Light 1",
                "banded_rows": False,
                "columns": [{"header": c} for c in COLUMNS],
            },
        )
        page.sheet.data_validation(
            top + 1,
            3,
            below + 50,
            3,
            {
                "validate": "list",
                "source": f"=Distributions!$A$5:$A${6 + len(registry.FAMILIES)}",
                "error_type": "warning",
                "error_title": "Distribution",
                "error_message": "Not one of the names on the sheet Distributions.",
            },
        )
    page.sheet.print_area(0, 0, max(below - 1, top + 1), COLUMNS.index("value 3"))
    return page


def _distributions(book: Book, inputs: Page) -> None:
    note = say("What may stand in the column distribution of the sheet {name}", name=inputs.name)
    page = book.sheet("Distributions", say("Distributions"), note)
    rows = [
        {"name": CONSTANT, "what": "a number without spread", "takes": "value"},
        {"name": UNCHANGED, "what": "leaves the distribution of the model file", "takes": ""},
    ]
    rows += [
        {"name": name, "what": family.summary, "takes": family.taken}
        for name, family in registry.FAMILIES.items()
    ]
    headers = {"name": "distribution", "what": "what it is", "takes": "parameters"}
    page.table(3, rows, headers, freeze=0)


def _samples(book: Book, result: Result) -> None:
    wanted = min(SAMPLES, result.scenarios, MOST_ROWS - 4)
    names = sample_names(result)
    rows: list[dict[str, Any]] = []
    for block in samples(result, wanted):
        columns = {n: block[n].tolist() for n in names}
        start = len(rows)
        count = len(next(iter(columns.values()), []))
        rows += [
            {"": start + i, **{n: _finite(columns[n][i]) for n in names}} for i in range(count)
        ]
    note = say(
        "the first {shown} of {count} scenarios",
        shown=f"{len(rows):,}",
        count=f"{result.scenarios:,}",
    )
    page = book.sheet("Samples", say("Samples"), note, 0)
    page.table(3, rows, {"": "scenario", **{n: n for n in names}}, freeze=1)
    page.sheet.print_area(0, 0, 43, min(len(names), 12))


def _method(book: Book, result: Result, results: Mapping[str, Any]) -> None:
    page = book.sheet("Method", say("Method and limits"), heading(result))
    manifest = results["manifest"]
    rows: list[dict[str, Any]] = []
    for key, value in manifest.items():
        if key in {"seconds", "workers", "backend", "reused"}:  # not of the result
            continue
        words = value
        if isinstance(value, dict):
            words = ", ".join(f"{k} {v}" for k, v in value.items())
        elif isinstance(value, list):
            words = ", ".join(map(str, value))
        rows.append({"what": key, "value": words})
    rows.append({"what": "reproduce", "value": reproduce(result)})
    rows += [
        {"what": "warning", "value": f"{w['code']} {w['key']}: {w['problem']} {w['got']}".strip()}
        for w in results["warnings"]
    ]
    for what, text in _DEFINITIONS:
        rows.append({"what": what, "value": say(text)})
    page.table(3, rows, {"what": "", "value": ""}, freeze=0, formats={"value": "0"})
    page.sheet.set_column(1, 1, 110)


_DEFINITIONS = (
    ("P5, P50, P95", "95 % of scenarios lie at or below P95: percentiles are cumulative."),
    ("ci_low, ci_high", "95 % interval of the sampling error; model error is not part of it."),
    ("tornado", "The output's statistic in the lowest and highest tenth of each input."),
    ("base case", "Every input at its base value, else at its median."),
)


def reproduce(result: Result) -> str:
    """Give the command that repeats a run.

    Examples
    --------
    >>> import rangecast as rc
    >>> reproduce(rc.simulate(rc.load("ai-servers"), scenarios=1000, case="exante"))
    'rangecast run ai-servers.toml --case exante -n 1000 --seed 1'
    """
    import shlex

    model, plan = result.model, result.setup.plan
    parts = ["rangecast", "run", model.file or "MODEL"]
    parts += ["--case", model.case] if model.case else []
    parts += ["-n", str(plan.scenarios), "--seed", str(plan.seed)]
    parts += ["--design", plan.design] if plan.design != "random" else []
    for file, _ in model.overlay:
        parts += ["--inputs", file]
    for setting in model.settings:
        parts += ["--set", setting]
    return shlex.join(parts)
