"""``rangecast run --backtest``: ranges against what happened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.inputs import changed
from rangecast.cli.progress import progress
from rangecast.cli.screen import show, tell

if TYPE_CHECKING:
    from rangecast.engine.backtest import Backtested
    from rangecast.engine.model.model import Model


def show_backtest(loaded: Model, cases: tuple[str, ...], options: dict[str, Any]) -> int:
    """Run, print and write the back-test."""
    from rangecast.engine.backtest import backtest
    from rangecast.reports.backtest import backtest_lines
    from rangecast.reports.folder import json_text

    with progress(options["quiet"]) as callback:
        found = backtest(
            changed(loaded, options),
            cases,
            scenarios=options["scenarios"],
            seed=options["seed"],
            workers=options["workers"] or min(2, os.cpu_count() or 1),
            backend=options["backend"],
            design=options["design"],
            correlations=not options["no_correlations"],
            max_failures=options["max_failures"],
            progress=callback,
        )
    if options["as_json"]:
        click.echo(json_text(_as_dict(loaded, found)), nl=False)
    else:
        show("\n".join(backtest_lines(found, loaded.backtest.note)))
    if options["out"] is not None:
        _write(loaded, found, Path(options["out"]))
    return 0


def _as_dict(model: Model, found: list[Backtested]) -> dict[str, Any]:
    from rangecast.reports.results_json import without_nan

    rows = [one.as_dict() for one in found]
    caution = model.backtest.note
    plain: dict[str, Any] = without_nan(
        {"schema_version": 1, "model_sha256": model.sha256, "caution": caution, "backtest": rows}
    )
    return plain


def _write(model: Model, found: list[Backtested], folder: Path) -> None:
    from rangecast.engine.files import write_set
    from rangecast.reports import style
    from rangecast.reports.backtest import pit_chart
    from rangecast.reports.folder import csv_bytes, json_text

    rows = [{**one.as_dict(), "source": " ".join(one.outcome.sources)} for one in found]
    contents = {
        "backtest.csv": csv_bytes(rows),
        "backtest.json": json_text(_as_dict(model, found)).encode("utf-8"),
    }
    figure: Any = pit_chart(found).figure
    contents |= {f"backtest.{kind}": style.encode(figure, kind) for kind in ("png", "svg")}
    write_set(folder, contents)
    tell(f"wrote {len(contents)} files to {folder}")
