"""``rangecast sensitivity``: rankings that take model runs of their own."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.progress import progress
from rangecast.cli.values import Count

if TYPE_CHECKING:
    from rangecast.engine.sensitivity.pick_freeze import SobolIndices
    from rangecast.engine.sensitivity.shapley import ShapleyEffects


@click.command()
@click.argument("model")
@click.option("--method", type=click.Choice(["sobol", "shapley"]), default="sobol")
@click.option("--output", default="", metavar="NAME", help="By default the first that is shown.")
@click.option("--case", default=None, metavar="A+B", help="By default the model's own.")
@click.option("--runs", type=Count(), help="Model runs in all; 1,048,576 by default.")
@click.option("--seed", type=click.IntRange(min=0))
@click.option("--design", type=click.Choice(["random", "lhs", "sobol"]), default="sobol")
@click.option("--no-correlations", is_flag=True, help="Draw every input independently.")
@click.option("--log", is_flag=True, help="Of the logarithm: for outputs with heavy tails.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def sensitivity(
    model: str,
    method: str,
    output: str,
    case: str | None,
    runs: int | None,
    seed: int | None,
    design: str,
    no_correlations: bool,
    log: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Rank the inputs of MODEL with model runs of their own.

    sobol: first-order and total indices, correlated inputs as one factor. shapley: a share of the
    variance for every input, right for correlated inputs too.
    """
    from rangecast.engine.model.load import load
    from rangecast.engine.sensitivity.pick_freeze import RUNS, sobol
    from rangecast.engine.sensitivity.shapley import ShapleyEffects, shapley
    from rangecast.reports.folder import json_text
    from rangecast.reports.results_json import without_nan

    loaded = load(model)
    chosen = case if case is not None else (loaded.run.cases or ("",))[0]
    if not quiet:
        click.echo(f"at most {runs or RUNS:,} model runs", err=True)
    with progress(quiet) as callback:
        compute: Any = sobol if method == "sobol" else shapley
        found = compute(
            loaded,
            output,
            runs=runs or RUNS,
            case=chosen,
            seed=seed,
            design=design,
            correlations=not no_correlations,
            log=log,
            progress=callback,
        )
    if as_json:
        one = {"schema_version": 1, "method": method, "case": chosen, **asdict(found)}
        click.echo(json_text(without_nan(one)), nl=False)
    elif isinstance(found, ShapleyEffects):
        _print_shares(found, chosen)
    else:
        _print(found, chosen)
    return 0


def _print_shares(found: ShapleyEffects, case: str) -> None:
    from rangecast.reports.style import plain
    from rangecast.reports.words import left, width_of

    name = f"log {found.output}" if found.log else found.output
    head = f"Shapley effects of {name}" + (f" in {case}" if case else "")
    click.echo(f"{head}: {found.runs:,} model runs, {found.orders:,} orders of the inputs")
    labels = [plain(s.label, 60) for s in found.shares]
    width = max(width_of(label) for label in labels)
    for label, one in zip(labels, found.shares, strict=True):
        bar = "█" * round(max(one.share, 0.0) * 40)
        share = f"{100 * one.share:5.1f} % [{100 * one.low:.1f}, {100 * one.high:.1f}]"
        click.echo(f"{left(label, width)}  {share:<24}{bar}".rstrip())
    click.echo("shares of the variance, each input with what it shares with correlated ones")
    if found.dropped:
        click.echo(f"{found.dropped:,} base scenarios left out: a run gave no finite number")
    if max(s.high - s.low for s in found.shares) > 0.2 and not found.log:
        click.echo("a few scenarios make up the variance: intervals are wide; try --log")


def _print(found: SobolIndices, case: str) -> None:
    from rangecast.reports.style import plain
    from rangecast.reports.words import left, width_of

    name = f"log {found.output}" if found.log else found.output
    head = f"Sobol' indices of {name}" + (f" in {case}" if case else "")
    click.echo(f"{head}: {found.runs:,} model runs, {found.base:,} base scenarios")
    labels = [plain(i.label, 60) for i in found.indices]
    width = max(width_of(label) for label in labels)
    click.echo(f"{' ' * width}  {'first-order S1':<26}{'total ST':<26}")
    for label, i in zip(labels, found.indices, strict=True):
        first = f"{i.s1:+.3f} [{i.s1_low:+.3f}, {i.s1_high:+.3f}]"
        total = f"{i.st:+.3f} [{i.st_low:+.3f}, {i.st_high:+.3f}]"
        click.echo(f"{left(label, width)}  {first:<26}{total:<26}".rstrip())
    click.echo(f"the rest, {found.interaction:.3f} of the variance, is interaction of factors")
    if found.dropped:
        click.echo(f"{found.dropped:,} base scenarios left out: a run gave no finite number")
    if not found.is_sure and not found.log:
        click.echo("a few scenarios make up the variance: intervals are wide; try --log")
    if any(len(i.members) > 1 for i in found.indices):
        click.echo("correlated inputs are one factor; --no-correlations takes them apart")
