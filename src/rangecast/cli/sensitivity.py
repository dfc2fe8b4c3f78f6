"""``rangecast sensitivity``: rankings that take model runs of their own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.progress import progress
from rangecast.cli.screen import show, tell
from rangecast.cli.values import Count, Seed

if TYPE_CHECKING:
    from rangecast.engine.sensitivity.morris import MorrisEffects
    from rangecast.engine.sensitivity.pick_freeze import SobolIndices
    from rangecast.engine.sensitivity.shapley import ShapleyEffects

    Found = SobolIndices | ShapleyEffects | MorrisEffects


@click.command()
@click.argument("model")
@click.option(
    "--method",
    type=click.Choice(["sobol", "shapley", "morris"]),
    default="sobol",
    show_default=True,
    help="Which ranking; rangecast explain has a word on each.",
)
@click.option("--output", default="", metavar="NAME", help="By default the first that is shown.")
@click.option("--case", default=None, metavar="A+B", help="By default the model's own.")
@click.option(
    "--runs", type=Count(), help="Model runs in all; 1,048,576, or 100 trajectories of morris."
)
@click.option("--seed", type=Seed(), help="Start of the random numbers; the model's, else 1.")
@click.option(
    "--design",
    type=click.Choice(["random", "lhs", "sobol"]),
    default="sobol",
    show_default=True,
    help="Where the points lie.",
)
@click.option("--second-order", is_flag=True, help="Indices of pairs, too (sobol).")
@click.option("--grouped", is_flag=True, help="Take the model's [groups.*] as one each.")
@click.option("--no-correlations", is_flag=True, help="Draw every input independently.")
@click.option("--log", is_flag=True, help="Of the logarithm: for outputs with heavy tails.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for files.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def sensitivity(model: str, **options: Any) -> int:
    """Rank the inputs of MODEL with model runs of their own.

    sobol: first-order and total indices, correlated inputs as one factor. shapley: a share of the
    variance for every input, right for correlated inputs too. morris: which of many inputs matter
    at all, with few runs.
    """
    from rangecast.engine.model.load import load
    from rangecast.reports.folder import json_text
    from rangecast.reports.results_json import without_nan

    loaded, case = load(model), options["case"]
    chosen = case if case is not None else (loaded.run.cases or ("",))[0]
    with progress(options["quiet"]) as callback:
        found = _computed(loaded, chosen, options, callback)
    one = {"schema_version": 1, "method": options["method"], "case": chosen, **asdict(found)}
    text = json_text(without_nan(one))
    if options["as_json"]:
        click.echo(text, nl=False)
    else:
        _print(found, chosen)
    if options["out"] is not None:
        _write(found, options["method"], text, options["out"])
    return 0


def _computed(model: Any, case: str, options: dict[str, Any], callback: Any) -> Found:
    """Run the method, after saying how many model runs it takes."""
    from rangecast.engine.errors import Problem, SettingsError
    from rangecast.engine.sensitivity.morris import morris
    from rangecast.engine.sensitivity.pick_freeze import RUNS, sobol
    from rangecast.engine.sensitivity.shapley import shapley

    method, runs = options["method"], options["runs"]
    unfit = {"--second-order": options["second_order"] and method != "sobol"}
    unfit["--no-correlations"] = options["no_correlations"] and method == "morris"
    for flag in (name for name, wrong in unfit.items() if wrong):
        allowed = "sobol" if flag == "--second-order" else "sobol or shapley"
        raise SettingsError(Problem("E700", flag, "not for this method", method, allowed))
    if not options["quiet"]:
        words = "100 trajectories of one run more than inputs"
        words = words if method == "morris" and not runs else f"{runs or RUNS:,} model runs"
        tell(f"at most {words}" if "model" in words else words)
    common = {"case": case, "progress": callback}
    common |= {name: options[name] for name in ("seed", "grouped", "log")}
    if method == "morris":
        return morris(model, options["output"], runs=runs, **common)
    common |= {"runs": runs or RUNS, "design": options["design"]}
    common |= {"correlations": not options["no_correlations"]}
    if method == "shapley":
        return shapley(model, options["output"], **common)
    return sobol(model, options["output"], second_order=options["second_order"], **common)


def _write(found: Found, method: str, text: str, folder: Path) -> None:
    """Write the numbers as JSON and CSV, and the chart."""
    from rangecast.engine.files import write_set
    from rangecast.reports import morris_chart, shapley_chart, sobol_chart, style
    from rangecast.reports.folder import csv_bytes, file_name

    stem = f"{method}_{file_name(found.output)}"
    rows = [{str(k): v for k, v in row.items()} for row in _rows(found)]
    contents = {f"{stem}.json": text.encode("utf-8"), f"{stem}.csv": csv_bytes(rows)}
    charts: dict[str, Any] = {"sobol": sobol_chart, "shapley": shapley_chart}
    figure = charts.get(method, morris_chart)(found).figure
    for kind in ("png", "svg"):
        contents[f"{stem}.{kind}"] = style.encode(figure, kind)
    write_set(folder, contents)
    tell(f"wrote {len(contents)} files to {folder}")


def _rows(found: Found) -> list[dict[Any, Any]]:
    rows: list[dict[Any, Any]] = found.frame().reset_index().to_dict("records")
    return rows


def _print(found: Found, case: str) -> None:
    from rangecast.engine.sensitivity.morris import MorrisEffects
    from rangecast.engine.sensitivity.shapley import ShapleyEffects

    if isinstance(found, MorrisEffects):
        _print_effects(found, case)
    elif isinstance(found, ShapleyEffects):
        _print_shares(found, case)
    else:
        _print_indices(found, case)


def _labelled(labels: list[str]) -> tuple[list[str], int]:
    from rangecast.reports.style import plain
    from rangecast.reports.words import width_of

    shown = [plain(label, 60) for label in labels]
    return shown, max(width_of(label) for label in shown)


def _print_effects(found: MorrisEffects, case: str) -> None:
    from rangecast.reports.numbers import three_digits
    from rangecast.reports.words import left

    name = f"log {found.output}" if found.log else found.output
    head = f"Elementary effects on {name}" + (f" in {case}" if case else "")
    show(f"{head}: {found.runs:,} model runs, {found.trajectories:,} trajectories")
    labels, width = _labelled([e.label for e in found.effects])
    show(f"{' ' * width}  {'mean absolute effect μ*':<30}{'σ/μ*':<8}verdict")
    for label, e in zip(labels, found.effects, strict=True):
        ends = f"[{three_digits(e.mu_star_low)}, {three_digits(e.mu_star_high)}]"
        star = f"{three_digits(e.mu_star)} {ends}"
        ratio = f"{e.sigma / e.mu_star:.2f}" if e.mu_star > 0 and e.sigma == e.sigma else ""
        show(f"{left(label, width)}  {star:<30}{ratio:<8}{e.verdict}".rstrip())
    show(f"{len(found.kept)} of {len(found.effects)} matter; effects are per whole range")
    if found.dropped:
        show(f"{found.dropped:,} trajectories left out: a run gave no finite number")
    if found.correlated:
        show(f"moved without those they are correlated with: {', '.join(found.correlated)}")


def _print_shares(found: ShapleyEffects, case: str) -> None:
    from rangecast.reports.words import left

    name = f"log {found.output}" if found.log else found.output
    head = f"Shapley effects of {name}" + (f" in {case}" if case else "")
    show(f"{head}: {found.runs:,} model runs, {found.orders:,} orders of the inputs")
    labels, width = _labelled([s.label for s in found.shares])
    split = found.is_correlated
    if split:
        show(f"{' ' * width}  {'share':<24}{'own':>7}  {'through correlation':<20}")
    for label, one in zip(labels, found.shares, strict=True):
        bar = "█" * round(max(one.share, 0.0) * 40)
        share = f"{100 * one.share:5.1f} % [{100 * one.low:.1f}, {100 * one.high:.1f}]"
        parts = f"{100 * one.own:5.1f} %  {100 * one.through:+5.1f} %  " if split else ""
        if split and one.through == 0.0:
            parts = f"{100 * one.own:5.1f} %{'':>11}"
        show(f"{left(label, width)}  {share:<24}{parts}{bar}".rstrip())
    show("shares of the variance, each input with what it shares with correlated ones")
    if split:
        show("own: what only this input can tell, all that it is correlated with being known")
    if found.dropped:
        show(f"{found.dropped:,} base scenarios left out: a run gave no finite number")
    if max(s.high - s.low for s in found.shares) > 0.2 and not found.log:
        show("a few scenarios make up the variance: intervals are wide; try --log")


def _print_indices(found: SobolIndices, case: str) -> None:
    from rangecast.reports.style import plain
    from rangecast.reports.words import left

    name = f"log {found.output}" if found.log else found.output
    head = f"Sobol' indices of {name}" + (f" in {case}" if case else "")
    show(f"{head}: {found.runs:,} model runs, {found.base:,} base scenarios")
    labels, width = _labelled([i.label for i in found.indices])
    show(f"{' ' * width}  {'first-order S1':<26}{'total ST':<26}")
    for label, i in zip(labels, found.indices, strict=True):
        first = f"{i.s1:+.3f} [{i.s1_low:+.3f}, {i.s1_high:+.3f}]"
        total = f"{i.st:+.3f} [{i.st_low:+.3f}, {i.st_high:+.3f}]"
        show(f"{left(label, width)}  {first:<26}{total:<26}".rstrip())
    show(f"the rest, {found.interaction:.3f} of the variance, is interaction of factors")
    if found.pairs:
        show("widest second-order indices S2:")
        names = {i.factor: i.label for i in found.indices}
        for pair in found.pairs[:8]:
            ends = f"{pair.s2:+.3f} [{pair.s2_low:+.3f}, {pair.s2_high:+.3f}]"
            both = " × ".join(plain(names[n], 36) for n in (pair.first, pair.second))
            show(f"  {both}  {ends}")
    if found.dropped:
        show(f"{found.dropped:,} base scenarios left out: a run gave no finite number")
    if not found.is_sure and not found.log:
        show("a few scenarios make up the variance: intervals are wide; try --log")
    if any("+" in i.factor for i in found.indices):
        show("correlated inputs are one factor; --no-correlations takes them apart")
