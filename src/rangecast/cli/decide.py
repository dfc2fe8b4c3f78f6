"""``rangecast decide``: expected payoffs, and what it is worth to know more first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from rangecast.cli.progress import progress
from rangecast.cli.screen import show
from rangecast.cli.values import Count, Seed

if TYPE_CHECKING:
    from rangecast.engine.decide import Advice, Worth


@click.command()
@click.argument("model")
@click.argument("name", metavar="[DECISION]", default="")
@click.option("--case", default=None, metavar="A+B", help="By default the model's own.")
@click.option("-n", "--scenarios", type=Count(), help="Such as 1e6 or 1M.")
@click.option("--seed", type=Seed(), help="Start of the random numbers; the model's, else 1.")
@click.option(
    "--workers", type=click.IntRange(1, 1024), help="Threads or processes; the result is the same."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def decide(
    model: str,
    name: str,
    case: str | None,
    scenarios: int | None,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Value a DECISION of MODEL: the first one by default."""
    from dataclasses import asdict

    from rangecast.engine.decide import decide as value
    from rangecast.engine.model.load import load
    from rangecast.reports.folder import json_text
    from rangecast.reports.results_json import without_nan

    loaded = load(model)
    chosen = case if case is not None else (loaded.run.cases or ("",))[0]
    with progress(quiet) as callback:
        found = value(
            loaded,
            name,
            case=chosen,
            scenarios=scenarios,
            seed=seed,
            workers=workers or min(2, os.cpu_count() or 1),
            progress=callback,
        )
    if as_json:
        click.echo(json_text(without_nan({"schema_version": 1, **asdict(found)})), nl=False)
    else:
        _print(found)
    return 0


def _print(found: Advice) -> None:
    from rangecast.reports.numbers import percent, scale_for, unit_words
    from rangecast.reports.style import plain
    from rangecast.reports.words import left, right, width_of

    scale = scale_for(max(abs(a.mean.value) for a in found.alternatives))
    unit = unit_words(found.unit, "", scale)

    def said(worth: Worth) -> str:
        ends = f"[{scale.write(worth.ci_low)}, {scale.write(worth.ci_high)}]"
        return f"{scale.write(worth.value)} {ends}"

    case = f" · {found.case}" if found.case else ""
    wanted = "largest" if found.decision.goal == "max" else "smallest"
    head = f"{plain(found.decision.label, 60)}{case} · {wanted} expected payoff {unit}".strip()
    show(f"{head} · {found.scenarios:,} scenarios")
    labels = [plain(a.label, 40) for a in found.alternatives]
    name = max(width_of(label) for label in labels)
    means = [said(a.mean) for a in found.alternatives]
    for label, mean, one in zip(labels, means, found.alternatives, strict=True):
        wide = max(len(m) for m in means)
        show(f"{left(label, name)}  {right(mean, wide)}  best in {percent(one.best)}")
    show(f"worth of knowing everything (EVPI): {said(found.evpi)}")
    show("worth of knowing one input (EVPPI, cross-fitted; in brackets 95 % intervals):")
    shown = [i for i in found.information if i.evppi.value > 0]
    for known in shown[:10]:
        show(f"  {left(plain(known.label, 28), 28)}  {said(known.evppi)}")
    rest = len(found.information) - len(shown)
    if rest:
        show(f"  {rest} other inputs: not distinguishable from 0")
