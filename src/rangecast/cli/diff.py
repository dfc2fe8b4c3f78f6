"""``rangecast diff``: what explains the difference between two models or result folders."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.progress import progress
from rangecast.cli.screen import show
from rangecast.cli.values import Count, Seed

if TYPE_CHECKING:
    from rangecast.engine.model.model import Model


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--case", default=None, metavar="A+B", help="Case of both; '' for none.")
@click.option("--case-first", default=None, metavar="A+B", help="Case of the first.")
@click.option("--case-second", default=None, metavar="A+B", help="Case of the second.")
@click.option("--output", default="", metavar="NAME", help="By default the first that is shown.")
@click.option(
    "--percentile",
    type=click.FloatRange(0, 100, True, True),
    default=50.0,
    show_default=True,
    help="Whose change is explained.",
)
@click.option("-n", "--scenarios", type=Count(), help="Per model in between; 200,000 by default.")
@click.option("--seed", type=Seed(), help="Start of the random numbers; the model's, else 1.")
@click.option(
    "--workers", type=click.IntRange(1, 1024), help="Threads or processes; the result is the same."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def diff(first: str, second: str, **options: Any) -> int:
    """Explain the change from FIRST to SECOND: models, or folders written by `run --out`."""
    from rangecast.engine.diff import SCENARIOS, difference
    from rangecast.reports.difference import difference_dict, difference_lines
    from rangecast.reports.folder import json_text

    a, before = _load(first, options["case_first"], options["case"])
    b, after = _load(second, options["case_second"], options["case"])
    with progress(options["quiet"]) as callback:
        found = difference(
            a,
            b,
            options["output"],
            quantile=options["percentile"] / 100,
            scenarios=options["scenarios"] or SCENARIOS,
            seed=options["seed"],
            workers=options["workers"] or min(2, os.cpu_count() or 1),
            progress=callback,
        )
    if options["as_json"]:
        click.echo(json_text(difference_dict(found, (before, after))), nl=False)
    else:
        show("\n".join(difference_lines(found, (before, after))))
    return 0


def _load(source: str, own: str | None, both: str | None) -> tuple[Model, str]:
    """Load one side with its case; gives its name for the reader, too."""
    from rangecast.engine.model.cases import apply_case, set_inputs
    from rangecast.engine.model.load import load

    case = own if own is not None else both
    if Path(source).is_dir():
        return _from_folder(Path(source), case)
    model = load(source)
    chosen = case if case is not None else (model.run.cases or ("",))[0]
    laid = set_inputs(apply_case(model, chosen) if chosen else model, [])
    return laid, f"{source} {chosen}".strip()


def _from_folder(folder: Path, case: str | None) -> tuple[Model, str]:
    """Load the model that a result folder keeps, with the case and settings of its run."""
    from rangecast.engine.errors import FileError, Problem
    from rangecast.engine.model.cases import apply_case, set_inputs
    from rangecast.engine.model.load import load

    try:
        manifest = json.loads((folder / "results.json").read_text(encoding="utf-8"))["manifest"]
        model = load(folder / "model.toml")
        cases, settings = manifest["cases"], manifest["set"]
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        hint = "a folder written by: rangecast run MODEL --out FOLDER"
        problem = Problem("E102", str(folder), "no results that can be read", str(wrong), hint=hint)
        raise FileError(problem) from None
    chosen = case if case is not None else "+".join(cases)
    laid = apply_case(model, chosen) if chosen else model
    return set_inputs(laid, settings), f"{folder} ({chosen or 'no case'})"
