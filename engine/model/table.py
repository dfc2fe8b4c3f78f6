"""Read [tables.*]: two-way tables over inputs or quantities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rangecast.engine.errors import did_you_mean
from rangecast.engine.formula import series_of
from rangecast.engine.model import shape
from rangecast.engine.model.inputs import as_tuple
from rangecast.engine.model.model import Axis, Input, Quantity, Table
from rangecast.engine.model.positions import Path

if TYPE_CHECKING:
    from rangecast.engine.model.build import Builder

MOST_VALUES = 50
MARKS = ("", "diagonal")
STATISTIC = re.compile(r"base|mean|sd|p(?!0+(?:\.0+)?$)\d{1,2}(?:\.\d+)?")


def read_tables(
    builder: Builder, inputs: Mapping[str, Input], quantities: Mapping[str, Quantity]
) -> dict[str, Table]:
    """Read every table; one with a fault is reported and left out."""
    built = {}
    for name, row in builder.section("tables").items():
        path: Path = ("tables", name)
        if not builder.check(path, row, "table", ("output", "rows", "columns")):
            continue
        before = len(builder.problems)
        if series_of(row["output"])[0] not in quantities:
            hint = did_you_mean(row["output"], quantities)
            key = (*path, "output")
            builder.add("E204", key, "unknown output", got=row["output"], hint=hint)
        _check_words(builder, path, row)
        known = {*inputs, *quantities}
        rows, columns = (_axis(builder, (*path, k), row[k], known) for k in ("rows", "columns"))
        if rows and columns and len({rows.name, columns.name, row["output"]}) < 3:
            builder.add("E302", path, "rows, columns and output must be three different names")
        if rows is None or columns is None or len(builder.problems) > before:
            continue
        texts = {k: row.get(k, "") for k in ("case", "mark", "note", "label_zh", "note_zh")}
        label = row.get("label", "") or name.replace("_", " ")
        chosen = as_tuple(row.get("statistic")) or ("base",)
        built[name] = Table(name, row["output"], rows, columns, chosen, label=label, **texts)
    return built


def _check_words(builder: Builder, path: Path, row: Mapping[str, Any]) -> None:
    for one in as_tuple(row.get("statistic")):
        if not STATISTIC.fullmatch(one):
            allowed = "base, mean, sd or a percentile such as p10"
            key = (*path, "statistic")
            builder.add("E700", key, "unknown statistic", got=one, allowed=allowed)
    if row.get("mark", "") not in MARKS:
        builder.add("E700", (*path, "mark"), "unknown mark", got=row["mark"], allowed="diagonal")


def _axis(builder: Builder, path: Path, row: dict[str, Any], known: set[str]) -> Axis | None:
    if not builder.check(path, row, "axis", ("name", "values")):
        return None
    values, key = row["values"], (*path, "values")
    right = True
    if row["name"] not in known:
        hint = did_you_mean(row["name"], known)
        name = (*path, "name")
        builder.add("E204", name, "unknown input or quantity", got=row["name"], hint=hint)
        right = False
    if not 1 <= len(values) <= MOST_VALUES:
        allowed = f"1 to {MOST_VALUES} numbers"
        builder.add("E115", key, "wrong number of values", got=str(len(values)), allowed=allowed)
        right = False
    for k, value in enumerate(values):
        if not shape.fits(value, "number"):
            builder.problems.append(shape.wrong_kind(builder.document, (*key, k), value, "number"))
            right = False
        elif why := shape.not_finite(value):
            builder.add("E305", (*key, k), why, got=str(value))
            right = False
    return Axis(row["name"], tuple(float(v) for v in values)) if right else None
