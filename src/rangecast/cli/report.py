"""``rangecast report``: one HTML page that tells the whole story of a model."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.command import written
from rangecast.cli.progress import progress
from rangecast.cli.run import lay, prepared, run, side_by_side, simulated, warn
from rangecast.cli.screen import tell

if TYPE_CHECKING:
    from rangecast.engine.backtest import Backtested
    from rangecast.engine.grid import Grid
    from rangecast.engine.model.model import Model
    from rangecast.engine.result import Result
    from rangecast.reports.page.contents import Contents

_SHARED = (
    "model",
    "cases",
    "scenarios",
    "seed",
    "workers",
    "backend",
    "address",
    "design",
    "settings",
    "conditions",
    "units",
    "no_correlations",
    "method",
    "statistic",
    "outputs",
    "show_all",
    "max_failures",
    "precision",
    "max_scenarios",
    "lang",
    "quiet",
)
"""Options that mean the same as those of `run`."""
_ENDINGS = {".html", ".htm", ".md"}
_CELL = 20_000
"""Scenarios per cell of a two-way table, unless fewer are asked for."""


@click.command()
@click.option(
    "--out",
    metavar="FILE",
    help="FILE.html, FILE.md (a summary), a folder, or '-'; MODEL-report.html by default.",
)
@click.option("--open", "opened", is_flag=True, help="Show the page in the browser.")
@click.option("--brief", is_flag=True, help="Without the model's tables and back-test.")
def report(model: str, cases: tuple[str, ...], **given: Any) -> int:
    """Write MODEL's results as one HTML page that works offline, or as Markdown."""
    from rangecast.engine.model.load import load
    from rangecast.reports.page.render import page, write_page
    from rangecast.reports.summary import write_markdown
    from rangecast.reports.words import language

    options = run.make_context("run", ["--", model]).params | {"cases": cases} | given
    loaded = load(model)
    warn(loaded.warnings, options["quiet"])
    loaded = prepared(loaded, options)
    with language(options["lang"], loaded.units_zh):
        contents = _gathered(model, loaded, cases, options)
        if options["out"] == "-":
            click.echo(page(contents), nl=False)
            return 0
        path = _place(model, options["out"])
        is_markdown = path.suffix.lower() == ".md"
        size = (write_markdown if is_markdown else write_page)(contents, path)
    if not options["quiet"]:
        about = f"{size / 1e3:.0f} kB" if is_markdown else f"{size / 1e6:.1f} MB, opens offline"
        tell(f"wrote {path} ({about})")
    if options["opened"]:
        click.launch(path.resolve().as_uri())
    return 0


report.params[:0] = [p for p in run.params if p.name in _SHARED]


def _place(model: str, out: str | None) -> Path:
    """Say where the report goes: a file by its ending, else a folder."""
    stem = Path(model).stem if model != "-" else "model"
    name = f"{stem}-report.html"
    if out is None:
        return Path(name)
    path = Path(out)
    return path if path.suffix.lower() in _ENDINGS and not path.is_dir() else path / name


def _now() -> dt.datetime:
    """Give the time in UTC; SOURCE_DATE_EPOCH stands in for it where pages must not differ."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    return dt.datetime.now(dt.UTC)


def _names(loaded: Model, result_model: Model, options: dict[str, Any]) -> list[str]:
    """Outputs and series to show: those asked for, or the model's own with its series."""
    if options["outputs"]:
        return list(options["outputs"])
    first = list(loaded.run.outputs) or [q.name for q in result_model.outputs]
    if options["show_all"]:
        first += [q.name for q in result_model.outputs if q.name not in first]
    series = loaded.periods.outputs if loaded.periods is not None else ()
    return [*first, *(name for name in series if name not in first)]


def _gathered(
    model: str,
    loaded: Model,
    cases: tuple[str, ...],
    options: dict[str, Any],
) -> Contents:
    """Run everything that the page shows."""
    from rangecast.engine.model.cases import set_inputs
    from rangecast.reports.page.contents import Contents

    chosen = cases or loaded.run.cases or ("",)
    models = [set_inputs(lay(loaded, case), options["settings"]) for case in chosen]
    names = _names(loaded, models[0], options)
    asked = options | {"outputs": tuple(names), "show_all": False, "checkpoint": None}
    result = simulated(models[0], loaded, asked, None)
    rows = [row for name in names for row in result.model.series.get(name, (name,))]
    plain = [row for row in rows if not result.model.quantities[row].period]
    sided = None
    if len(models) > 1 and plain:
        sided = side_by_side(models, [result], options | {"outputs": tuple(plain)})
    plan = result.setup.plan
    full = not options["brief"]
    return Contents(
        results=(result,),
        shown=tuple(rows),
        comparison=sided,
        backtest=tuple(_backtest(loaded, cases, result, options)) if full else (),
        grids=tuple(_grids(loaded, result, options)) if full else (),
        limits={name: limit for name, sign, limit in options["conditions"] if sign == ">"},
        method=options["method"],
        statistic=options["statistic"],
        command=written("report", model, report.params, options, plan.scenarios, plan.seed),
        made=_now(),
    )


def _workers(options: dict[str, Any]) -> int:
    return int(options["workers"] or min(2, os.cpu_count() or 1))


def _backtest(
    loaded: Model, cases: tuple[str, ...], result: Result, options: dict[str, Any]
) -> list[Backtested]:
    """Hold the ranges against what happened, where the model knows of it."""
    from rangecast.engine.backtest import backtest
    from rangecast.engine.model.cases import set_inputs

    if not loaded.outcomes:
        return []
    with progress(options["quiet"]) as callback:
        return backtest(
            set_inputs(loaded, options["settings"]),
            cases,
            scenarios=result.scenarios,
            seed=result.setup.plan.seed,
            workers=_workers(options),
            design=options["design"],
            correlations=not options["no_correlations"],
            max_failures=options["max_failures"],
            progress=callback,
        )


def _grids(loaded: Model, result: Result, options: dict[str, Any]) -> list[Grid]:
    """Fill the model's two-way tables."""
    from rangecast.engine.grid import two_way
    from rangecast.engine.model.cases import apply_case, set_inputs

    grids = []
    for name, table in loaded.tables.items():
        laid = apply_case(loaded, table.case) if table.case else loaded
        with progress(options["quiet"]) as callback:
            grid = two_way(
                set_inputs(laid, options["settings"]),
                name,
                case="",
                scenarios=min(result.scenarios, _CELL),
                seed=result.setup.plan.seed,
                workers=_workers(options),
                correlations=not options["no_correlations"],
                progress=callback,
            )
        grids.append(grid)
    return grids
