"""``rangecast seek``: the value of an input that brings a chance to a target."""

from __future__ import annotations

import math

import click

from rangecast.cli.screen import show
from rangecast.cli.values import Condition, Count, Seed, Share


@click.command()
@click.argument("model")
@click.argument("name", metavar="INPUT")
@click.argument("condition", type=Condition())
@click.option("--chance", type=Share(), default="90%", show_default=True, help="Target.")
@click.option("--case", default=None, metavar="A+B", help="By default the model's own.")
@click.option("--between", nargs=2, type=float, default=None, help="Where to search: LOW HIGH.")
@click.option("-n", "--scenarios", type=Count(), help="Of every step; 100,000 by default.")
@click.option("--seed", type=Seed(), help="Start of the random numbers; the model's, else 1.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def seek(
    model: str,
    name: str,
    condition: tuple[str, str, float],
    chance: float,
    case: str | None,
    between: tuple[float, float] | None,
    scenarios: int | None,
    seed: int | None,
    as_json: bool,
) -> int:
    """Find the value of INPUT at which CONDITION, such as 'servers < 50000', is that likely."""
    from dataclasses import asdict

    from rangecast.engine import goal
    from rangecast.engine.model.load import load
    from rangecast.reports.folder import json_text
    from rangecast.reports.results_json import without_nan

    loaded = load(model)
    chosen = case if case is not None else (loaded.run.cases or ("",))[0]
    output, sign, limit = condition
    found = goal.seek(
        loaded,
        name,
        output,
        above=limit if sign == ">" else None,
        below=limit if sign == "<" else None,
        chance=chance,
        between=between,
        case=chosen,
        scenarios=scenarios or 100_000,
        seed=seed,
    )
    if as_json:
        one = {"schema_version": 1, "case": chosen, "target": chance, **asdict(found)}
        click.echo(json_text(without_nan(one)), nl=False)
        return 0
    said = f"P({output} {sign} {limit:,.10g})"
    if math.isnan(found.value):
        (low, first), (high, last) = found.low, found.high
        show(
            f"No value of {name} brings {said} to {100 * chance:g} %: it is {100 * first:.4g} % at "
            f"{low:,.4g} and {100 * last:.4g} % at {high:,.4g}"
        )
        return 0
    interval = f"[{100 * found.chance.ci_low:.4g} %, {100 * found.chance.ci_high:.4g} %]"
    place = "" if math.isnan(found.percentile) else f" = P{100 * found.percentile:.3g} of its range"
    show(
        f"{name} = {found.value:,.4g}{place}: {said} = {100 * found.chance.value:.4g} % {interval}"
    )
    show(f"{found.runs:,} scenarios in all; the input is set, what is correlated stays")
    return 0
