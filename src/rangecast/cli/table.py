"""``rangecast run --table``: two-way tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.inputs import changed
from rangecast.cli.progress import progress
from rangecast.cli.screen import show, tell

if TYPE_CHECKING:
    from rangecast.engine.grid import Grid
    from rangecast.engine.model.model import Model


def show_tables(loaded: Model, cases: tuple[str, ...], options: dict[str, Any]) -> int:
    """Fill, print and write the tables asked for, each under every case named."""
    from rangecast.reports.two_way import two_way_lines

    grids = [
        _fill(loaded, name, case, options)
        for name in options["tables"]
        for case in cases or (None,)
    ]
    if options["as_json"]:
        from rangecast.reports.folder import json_text

        click.echo(json_text(_as_dict(grids)), nl=False)
    else:
        show("\n\n".join("\n".join(two_way_lines(grid)) for grid in grids))
    if options["out"] is not None:
        _write(grids, Path(options["out"]))
    return 0


def _fill(loaded: Model, name: str, case: str | None, options: dict[str, Any]) -> Grid:
    import os

    from rangecast.engine.grid import SCENARIOS, two_way
    from rangecast.engine.model.cases import apply_case

    known = loaded.tables.get(name)
    specification = case if case is not None else (known.case if known else "")
    laid = apply_case(loaded, specification) if specification else loaded
    with progress(options["quiet"]) as callback:
        return two_way(
            changed(laid, options),
            name,
            case="",
            scenarios=options["scenarios"] or SCENARIOS,
            seed=options["seed"],
            workers=options["workers"] or min(2, os.cpu_count() or 1),
            correlations=not options["no_correlations"],
            progress=callback,
        )


def _as_dict(grids: list[Grid]) -> dict[str, Any]:
    return {"schema_version": 1, "tables": [_one(grid) for grid in grids]}


def _one(grid: Grid) -> dict[str, Any]:
    from rangecast.reports.results_json import without_nan

    table = grid.table
    found: dict[str, Any] = without_nan(
        {
            "table": table.name,
            "label": table.label,
            "note": table.note,
            "output": table.output,
            "cases": [c for c in grid.model.case.split("+") if c],
            "scenarios": grid.scenarios,
            "seed": grid.seed,
            "rows": {"name": table.rows.name, "values": list(table.rows.points)},
            "columns": {"name": table.columns.name, "values": list(table.columns.points)},
            "cells": list(grid.cells()),
        }
    )
    return found


def _write(grids: list[Grid], folder: Path) -> None:
    from rangecast.engine.files import write_set
    from rangecast.reports import style
    from rangecast.reports.folder import csv_bytes, file_name, json_text
    from rangecast.reports.two_way import heat_map

    contents: dict[str, bytes] = {}
    for grid in grids:
        several = sum(other.table.name == grid.table.name for other in grids) > 1
        stem = "table_" + file_name(grid.table.name + (f"_{grid.model.case}" if several else ""))
        contents[f"{stem}.csv"] = csv_bytes(list(grid.cells()))
        contents[f"{stem}.json"] = json_text(_as_dict([grid])).encode("utf-8")
        figure = heat_map(grid)
        contents |= {f"{stem}.{kind}": style.encode(figure, kind) for kind in ("png", "svg")}
    write_set(folder, contents)
    tell(f"wrote {len(contents)} files to {folder}")
