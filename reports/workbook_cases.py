"""A workbook of cases side by side: bands and paired differences, with columns to edit."""

from __future__ import annotations

import math
from typing import Any

from rangecast.engine.compare import Comparison
from rangecast.reports import style
from rangecast.reports.comparison import counted
from rangecast.reports.numbers import level_name
from rangecast.reports.sheets import Book, Page, axis_format
from rangecast.reports.words import say

_LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
_HEADS = {level_name(p): level_name(p) for p in _LEVELS}
_COLUMNS = ((0.05, "#CFE3F1"), (0.50, style.LOW), (0.95, "#003B5C"))
_CHARTS, _TABLES = 2, 20
"""Rows at which charts and tables begin."""


def cases_workbook(comparison: Comparison) -> bytes:
    """Give the bytes of a workbook; its numbers are those of `comparison_dict`, to the last digit.

    Parameters
    ----------
    comparison : Comparison
    """
    book = Book(say("Cases side by side"))
    for output in comparison.outputs:
        _output(book, comparison, output)
    _percentiles(book, comparison)
    return book.finish()


def _title(comparison: Comparison, output: str) -> str:
    quantity = comparison.quantity(output)
    unit = "" if quantity.unit == "1" else f" ({quantity.unit})"
    return say("{label} by case", label=quantity.label) + unit


def _output(book: Book, comparison: Comparison, output: str) -> None:
    page = book.sheet(f"Cases {output}", _title(comparison, output), counted(comparison))
    found, top = comparison.result, _TABLES
    rows: list[dict[str, Any]] = []
    for k, case in enumerate(comparison.cases):
        name = comparison.row(output, k)
        mean = found.moments_of(name).mean
        rows.append(_plain({"case": case, **_bands(comparison, name), "mean": mean}))
    heads = {"case": say("case"), **_HEADS, "mean": say("mean")}
    below = page.table(top, rows, heads, freeze=0)
    _chart(book, page, comparison, output, (top + 1, below - 1))
    page.text(below + 1, 0, _minus(comparison), bold=True)
    _differences(page, comparison, output, below + 2)


def _minus(comparison: Comparison) -> str:
    words = "Each case minus {first}, scenario by scenario, and how often it is higher"
    return say(words, first=comparison.cases[0])


def _differences(page: Page, comparison: Comparison, output: str, top: int) -> None:
    rows: list[dict[str, Any]] = []
    for k, case in enumerate(comparison.cases[1:], 1):
        name = comparison.difference(output, k)
        higher = comparison.higher(output, k)
        ends = {"higher": higher.value, "from": higher.ci_low, "to": higher.ci_high}
        rows.append(_plain({"case": case, **_bands(comparison, name), **ends}))
    heads = {
        "case": say("case"),
        **_HEADS,
        "higher": say("higher in"),
        "from": say("from"),
        "to": say("to"),
    }
    shares = dict.fromkeys(("higher", "from", "to"), "0.0 %")
    page.table(top, rows, heads, freeze=0, formats=shares)


def _bands(comparison: Comparison, name: str) -> dict[str, Any]:
    return {level_name(p): comparison.result.quantile(name, p) for p in _LEVELS}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Leave what is not finite empty."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}


def _chart(
    book: Book, page: Page, comparison: Comparison, output: str, rows: tuple[int, int]
) -> None:
    """Columns of P5, P50 and P95 of each case."""
    chart = book.file.add_chart({"type": "column"})
    for p, colour in _COLUMNS:
        column = 1 + _LEVELS.index(p)
        chart.add_series(
            {
                "name": page.cell(rows[0] - 1, column),
                "categories": page.range(*rows, 0),
                "values": page.range(*rows, column),
                "fill": {"color": colour},
                "border": {"color": "#003B5C", "width": 0.5},
                "gap": 80,
            }
        )
    found, cases = comparison.result, range(len(comparison.models))
    ends = [found.quantile(comparison.row(output, k), p) for k in cases for p, _ in _COLUMNS]
    axis: dict[str, Any] = {
        "num_format": axis_format(max(map(abs, ends))),
        "major_gridlines": _GRID,
    }
    if min(ends) > 0 and max(ends) > 30 * min(ends):
        axis |= {"log_base": 10, "min": 10.0 ** math.floor(math.log10(min(ends)))}
    chart.set_y_axis(axis)
    chart.set_x_axis({"label_position": "low"})
    title = {"name": page.cell(0, 0), "name_font": {"size": 12, "bold": True, "color": style.INK}}
    chart.set_title(title)
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 960, "height": 340})
    words = _title(comparison, output)
    page.sheet.insert_chart(_CHARTS, 0, chart, {"description": words})


_GRID = {"visible": True, "line": {"color": "#E5E7EB", "width": 0.75}}


def _percentiles(book: Book, comparison: Comparison) -> None:
    from rangecast.reports.comparison import comparison_dict

    note = say("95 % intervals of the sampling error")
    page = book.sheet("Percentiles", say("Percentiles"), note, 0)
    rows = comparison_dict(comparison)["bands"]
    headers = {k: k for k in dict.fromkeys(k for row in rows for k in row)}
    below = page.table(3, rows, headers, freeze=0, formats={"quantile": "0.0##"})
    page.sheet.autofilter(3, 0, max(below - 1, 4), len(headers) - 1)
