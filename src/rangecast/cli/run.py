"""``rangecast run``: bands and tornado."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.progress import progress
from rangecast.cli.values import Condition, Count, Percentiles

if TYPE_CHECKING:
    from rangecast.engine.model.model import Model
    from rangecast.engine.result import Result


@click.command()
@click.argument("model")
@click.option("--case", "cases", multiple=True, metavar="A+B", help="Case to lay over; repeatable.")
@click.option("-n", "--scenarios", type=Count(), help="Such as 1e6 or 1M.")
@click.option("--seed", type=click.IntRange(min=0), envvar="RANGECAST_SEED", show_envvar=True)
@click.option("--workers", type=click.IntRange(1, 1024), envvar="RANGECAST_JOBS", show_envvar=True)
@click.option(
    "--backend",
    type=click.Choice(["auto", "sequential", "threads", "loky", "dask"]),
    default="auto",
    help="Who does the work; the result is the same.",
)
@click.option("--address", default="", metavar="URL", help="Of a dask scheduler: tcp://host:8786.")
@click.option(
    "--design", type=click.Choice(["random", "lhs", "sobol"]), help="Where the points lie."
)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Fix or replace an input."
)
@click.option(
    "--prob", "conditions", multiple=True, type=Condition(), help="'servers > 50000'; repeatable."
)
@click.option("--percentiles", type=Percentiles(), help="Bands, such as 5,50,95.")
@click.option("--no-correlations", is_flag=True, help="Draw every input independently.")
@click.option(
    "--tornado",
    "method",
    default="conditional",
    metavar="METHOD",
    help="conditional, swing, rank, regression or variance.",
)
@click.option(
    "--statistic", default="p50", help="p50, mean, p95, sd …; base for swing at base values."
)
@click.option(
    "--output", "outputs", multiple=True, metavar="NAME", help="Output to show; repeatable."
)
@click.option("--all", "show_all", is_flag=True, help="Show every output.")
@click.option(
    "--max-failures", type=click.FloatRange(0, 1), help="Share of scenarios that may fail."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for files.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no warnings.")
@click.option("-v", "--verbose", is_flag=True, help="Also the digest and how the work was done.")
def run(model: str, cases: tuple[str, ...], **options: Any) -> int:
    """Simulate MODEL and print percentile bands and what moves them."""
    from rangecast.engine.model.cases import set_inputs
    from rangecast.engine.model.load import load

    loaded = load(model)
    _warn(loaded.warnings, options["quiet"])
    chosen = cases or loaded.run.cases or ("",)
    results = []
    for case in chosen:
        laid = _lay(loaded, case)
        results.append(_simulate(set_inputs(laid, options["settings"]), loaded, options))
    _show(model, results, options)
    if options["out"] is not None:
        _write(results, options)
    return 0


def _lay(model: Model, case: str) -> Model:
    from rangecast.engine.model.cases import apply_case

    return apply_case(model, case) if case else model


def _simulate(laid: Model, loaded: Model, options: dict[str, Any]) -> Result:
    import os
    from dataclasses import replace

    from rangecast.engine.model.checks import run_checks
    from rangecast.engine.plan import PERCENTILES
    from rangecast.engine.simulate import simulate

    wanted = list(options["outputs"])
    if options["show_all"]:
        wanted = []
    with progress(options["quiet"]) as callback:
        result = simulate(
            laid,
            scenarios=options["scenarios"],
            seed=options["seed"],
            workers=options["workers"] or min(2, os.cpu_count() or 1),
            backend=options["backend"],
            address=options["address"],
            design=options["design"],
            percentiles=options["percentiles"] or PERCENTILES,
            correlations=not options["no_correlations"],
            max_failures=options["max_failures"],
            rank=wanted,
            progress=callback,
        )
    _warn(tuple(result.warnings), options["quiet"])
    return replace(result, checks=tuple(run_checks(loaded)))


def _warn(warnings: Any, quiet: bool) -> None:
    if not quiet:
        for problem in warnings:
            click.echo(str(problem), err=True)


def _outputs(result: Result, options: dict[str, Any]) -> list[str]:
    if options["show_all"]:
        first = list(result.shown)
        return first + [n for n in result.rows if n not in first]
    return list(options["outputs"]) or list(result.shown)


def _probabilities(result: Result, options: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for output, sign, limit in options["conditions"]:
        side = {"above": limit} if sign == ">" else {"below": limit}
        chance = result.probability(output, **side)
        rows.append({"output": output, "condition": sign, "limit": limit, **vars(chance)})
    return rows


def _show(name: str, results: list[Result], options: dict[str, Any]) -> None:
    from rangecast.reports.folder import json_text
    from rangecast.reports.results_json import as_dict

    if options["as_json"]:
        found = [as_dict(r, options["statistic"], _probabilities(r, options)) for r in results]
        one = found[0] if len(found) == 1 else {"schema_version": 1, "runs": found}
        click.echo(json_text(one), nl=False)
        return
    for k, result in enumerate(results):
        if k:
            click.echo("")
        _print(result, options)
    if not options["quiet"]:
        _next_steps(name, results[0])


def _print(result: Result, options: dict[str, Any]) -> None:
    from rangecast.reports.terminal import first_screen

    encoding = (sys.stdout.encoding or "ascii").lower()
    screen = first_screen(
        result,
        _outputs(result, options),
        options["method"],
        options["statistic"],
        shutil.get_terminal_size((120, 24)).columns,
        "utf" not in encoding,
    )
    click.echo(screen)
    for row in _probabilities(result, options):
        value, low, high = (f"{100 * row[k]:.4g} %" for k in ("value", "ci_low", "ci_high"))
        condition = f"{row['output']} {row['condition']} {row['limit']:,.10g}"
        click.echo(f"P({condition}) = {value}  [{low}, {high}]")
    if options["verbose"]:
        plan, timing = result.setup.plan, result.timing
        click.echo(f"digest {result.digest}", err=True)
        words = f"{plan.batches} batches, passes of {plan.rows:,} scenarios"
        click.echo(f"{timing.backend}, {timing.workers} workers, {words}", err=True)


def _next_steps(name: str, result: Result) -> None:
    output = result.shown[0]
    click.echo("")
    click.echo(
        f"Next: rangecast run {name} --prob '{output} > {result.quantile(output, 0.9):.2g}'"
        if result.count(output)
        else "Next:"
    )
    click.echo(f"      rangecast run {name} --out results --tornado swing")
    click.echo(f"      rangecast check {name}")


def _write(results: list[Result], options: dict[str, Any]) -> None:
    from rangecast.reports.folder import file_name, write_folder

    for result in results:
        folder = options["out"]
        if len(results) > 1:
            folder = folder / file_name(result.model.case or "model")
        rows = _probabilities(result, options)
        written = write_folder(result, folder, options["statistic"], rows)
        click.echo(f"wrote {len(written)} files to {folder}", err=True)
