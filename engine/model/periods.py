"""The time axis of a model, and the model spelled out period by period."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rangecast.engine.formula import Node, row_name, series_of, unroll
from rangecast.engine.model import shape
from rangecast.engine.model.choices import spell_out
from rangecast.engine.model.formulas import tree_of, used_by
from rangecast.engine.model.inputs import path_inputs
from rangecast.engine.model.model import Input, Model, Periods, Quantity
from rangecast.engine.model.positions import Path

if TYPE_CHECKING:
    from rangecast.engine.model.build import Builder

MOST = 1_200
_PER_YEAR = {"year": 1, "quarter": 4, "month": 12}
_FORMS = (
    ("year", re.compile(r"(\d{4})")),
    ("quarter", re.compile(r"(\d{4})Q([1-4])")),
    ("month", re.compile(r"(\d{4})-(0[1-9]|1[0-2])")),
)
_ALLOWED = 'a year 2024, a day 2024-04-07, a quarter "2024Q2" or a month "2024-05"'


def _label(step: str, number: int) -> str:
    """Name a period by its number since the year 0."""
    year, part = divmod(number, _PER_YEAR[step])
    return {"year": f"{year}", "quarter": f"{year}Q{part + 1}", "month": f"{year}-{part + 1:02}"}[
        step
    ]


def _number(text: str) -> tuple[str, int] | None:
    for step, form in _FORMS:
        found = form.fullmatch(text)
        if found:
            part = int(found[2]) - 1 if step != "year" else 0
            return step, int(found[1]) * _PER_YEAR[step] + part
    return None


def _day(step: str, number: int, first: dt.date | None) -> dt.date:
    """First day of a period."""
    year, part = divmod(number, _PER_YEAR[step])
    if first is None:
        return dt.date(year, 1 + part * 12 // _PER_YEAR[step], 1)
    leap = (first.month, first.day) == (2, 29)
    return dt.date(year, 3, 1) if leap else first.replace(year=year)


def make_periods(start: str, count: int, first_day: dt.date | None = None) -> Periods:
    """Give so many periods from a first one on.

    Parameters
    ----------
    start : str
        ``2024`` for years, ``2024Q2`` for quarters, ``2024-05`` for months.
    count : int
    first_day : date, optional
        Day on which the first of the years begins, when they are not calendar years.

    Raises
    ------
    ValueError
        For a start of another form.

    Examples
    --------
    >>> make_periods("2024Q3", 3).labels
    ('2024Q3', '2024Q4', '2025Q1')
    """
    found = _number(start)
    if found is None:
        raise ValueError(f"expected {_ALLOWED}, found {start}")
    step, first = found
    numbers = range(first, first + count)
    years = tuple(number / _PER_YEAR[step] for number in numbers)
    starts = tuple(_day(step, number, first_day) for number in range(first, first + count + 1))
    return Periods(step, tuple(_label(step, number) for number in numbers), years, starts)


def read_periods(builder: Builder) -> Periods | None:
    """Read [time]; None when there is none or it is wrong."""
    row, path = builder.section("time"), ("time",)
    if "time" not in builder.data or not builder.check(path, row, "time", ("start",)):
        return None
    start, problems = row["start"], len(builder.problems)
    day = start if shape.fits(start, "date") else None
    start = day.year if day is not None else start
    found = _number(str(start)) if shape.fits(start, "count") or isinstance(start, str) else None
    if found is None:
        builder.add("E115", (*path, "start"), f"expected {_ALLOWED}", got=shape.found(start))
        return None
    count = _count(builder, row, found)
    if len(builder.problems) > problems:
        return None
    given = row.get("outputs", [])
    return replace(
        make_periods(str(start), count, day),
        outputs=(given,) if isinstance(given, str) else tuple(given),
    )


def _count(builder: Builder, row: Mapping[str, Any], first: tuple[str, int]) -> int:
    """Read how many periods there are: `periods`, or from `start` to `end`."""
    path: Path = ("time",)
    if ("periods" in row) == ("end" in row):
        builder.add("E302", path, "give either periods or end")
        return 0
    if "periods" in row:
        count, key = row["periods"], "periods"
    else:
        last, key = _number(str(row["end"])), "end"
        if last is None or last[0] != first[0]:
            message = f"expected a {first[0]} as in start"
            builder.add("E115", (*path, "end"), message, got=shape.found(row["end"]))
            return 0
        count = last[1] - first[1] + 1
    if not 1 <= count <= MOST:
        allowed = f"1 to {MOST:,} periods"
        builder.add("E303", (*path, key), "out of range", got=f"{count:,}", allowed=allowed)
    return int(count)


def _rows_of(one: Input, labels: tuple[str, ...]) -> dict[str, Input]:
    rows = {}
    for label in labels:
        name = row_name(one.name, label)
        stream = row_name(one.stream, label) if one.stream else ""
        rows[name] = replace(one, name=name, label=f"{one.label} {label}", stream=stream)
    return rows


def _quantities(
    model: Model, trees: Mapping[str, Node], rows: Mapping[str, tuple[str, ...]]
) -> dict[str, Quantity]:
    """Give every quantity once, or once per period."""
    labels = model.periods.labels if model.periods else ()
    found: dict[str, Quantity] = {}
    for name, quantity in model.quantities.items():
        if name not in rows:
            found[name] = replace(quantity, tree=trees[name])
            continue
        for row, label in zip(rows[name], labels, strict=True):
            words = f"{quantity.label} {label}"
            found[row] = replace(quantity, name=row, label=words, tree=trees[row], period=label)
    helpers = {n: Quantity(n, n, tree=tree) for n, tree in trees.items() if n not in found}
    return {**helpers, **found}


def expand(model: Model, outputs: Collection[str] = ()) -> Model:
    """Spell a model out: choices first, then a row per period for all that depends on it.

    Parameters
    ----------
    model : Model
        With its case applied. One without periods, or spelled out already, is given back.
    outputs : collection of str
        Only these quantities (or rows of them) and what they use are kept; all when empty.

    Raises
    ------
    ModelError

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> model = loads('[time]\\nstart = 2024\\nperiods = 2\\n[inputs.x]\\nvalue = 1\\n'
    ...               '[outputs.y]\\nformula = "x * year"\\n')
    >>> [q.name for q in expand(model).outputs]
    ['y[2024]', 'y[2025]']
    """
    model = spell_out(model)  # first: a choice may need what nothing else does
    if outputs and not model.series:
        used = used_by(model.quantities, [series_of(name)[0] for name in outputs])
        kept = {n: q for n, q in model.quantities.items() if n in used}
        model = replace(model, quantities=kept)
    if model.periods is None or model.series or model.function is not None:
        return model
    periods, paths = model.periods, path_inputs(model.inputs)
    trees = {name: tree_of(q) for name, q in model.quantities.items()}
    unrolled, _ = unroll(trees, periods.labels, periods.years, paths)  # checked when loaded
    inputs: dict[str, Input] = {}
    series = dict(unrolled.rows)
    for name, one in model.inputs.items():
        if name in paths:
            inputs |= _rows_of(one, periods.labels)
            series[name] = tuple(row_name(name, label) for label in periods.labels)
        else:
            inputs[name] = one
    shown = [row for name in model.run.outputs for row in unrolled.rows.get(name, (name,))]
    return replace(
        model,
        inputs=inputs,
        quantities=_quantities(model, unrolled.trees, unrolled.rows),
        run=replace(model.run, outputs=tuple(shown)),
        series=series or {"": ()},
        paths={name: model.inputs[name] for name in paths},
    )
