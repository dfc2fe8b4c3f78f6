"""Read [[outcomes]], what happened since, and [backtest], what is held against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rangecast.engine.errors import did_you_mean
from rangecast.engine.model.model import BacktestSettings, Outcome, Quantity
from rangecast.engine.model.positions import Path

if TYPE_CHECKING:
    from rangecast.engine.model.build import Builder

READINGS = ("to_date", "level")
_REQUIRED = ("name", "output", "date", "value")


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def read_outcomes(builder: Builder, quantities: Mapping[str, Quantity]) -> tuple[Outcome, ...]:
    """Read every outcome; what is wrong is noted."""
    found: dict[str, Outcome] = {}
    for path, row in builder.rows("outcomes"):
        if not builder.check(path, row, "outcome", _REQUIRED):
            continue
        output, name = row["output"], row["name"]
        if output not in quantities:
            hint = did_you_mean(output, quantities)
            builder.add("E204", (*path, "output"), "unknown output", got=output, hint=hint)
        if name in found:
            builder.add("E203", (*path, "name"), "used twice", got=name)
        if row.get("reading", READINGS[0]) not in READINGS:
            allowed, got = ", ".join(READINGS), row["reading"]
            builder.add("E115", (*path, "reading"), "unknown reading", got=got, allowed=allowed)
        _check_interval(builder, path, row)
        found[name] = Outcome(
            name,
            row.get("label", "") or name.replace("_", " "),
            output,
            row["date"],
            row.get("unit", ""),
            float(row["value"]),
            row.get("p5"),
            row.get("p95"),
            row.get("reading", READINGS[0]),
            _texts(row.get("source")),
            row.get("note", ""),
            builder.document.problem("E100", path, "").line,
            row.get("label_zh", ""),
        )
    return tuple(found.values())


def _check_interval(builder: Builder, path: Path, row: Mapping[str, Any]) -> None:
    """Refuse an interval that has one end only, or not the value between its ends."""
    if ("p5" in row) != ("p95" in row):
        builder.add("E302", path, "give both p5 and p95, or neither")
    elif "p5" in row and not row["p5"] <= row["value"] <= row["p95"]:
        got = f"{row['p5']:g}, {row['value']:g}, {row['p95']:g}"
        builder.add("E303", (*path, "value"), "must lie between p5 and p95", got=got)


def read_backtest(builder: Builder) -> BacktestSettings:
    """Read [backtest]."""
    row = builder.section("backtest")
    if not builder.check(("backtest",), row, "backtest"):
        return BacktestSettings()
    return BacktestSettings(_texts(row.get("cases")), row.get("note", ""), row.get("note_zh", ""))
