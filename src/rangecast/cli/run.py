"""``rangecast run``: bands and tornado."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.backtest import show_backtest
from rangecast.cli.command import written
from rangecast.cli.comparison import comparison_as_dict, show_comparison, write_comparison
from rangecast.cli.inputs import changed
from rangecast.cli.probability import probabilities, probability_lines
from rangecast.cli.progress import progress
from rangecast.cli.screen import columns, is_plain, show, tell
from rangecast.cli.table import show_tables
from rangecast.cli.values import Condition, Count, Ends, Percentiles, Region, Seed, Share, Stress

if TYPE_CHECKING:
    from rangecast.engine.checkpoint import Checkpoint
    from rangecast.engine.compare import Comparison
    from rangecast.engine.model.model import Model
    from rangecast.engine.result import Result


CHECKPOINT = "checkpoint.rangecast"
_LONG = 60.0  # seconds after which a run that writes results keeps its state beside them


@click.command()
@click.argument("model")
@click.option("--case", "cases", multiple=True, metavar="A+B", help="Case to lay over; repeatable.")
@click.option("-n", "--scenarios", type=Count(), help="Such as 1e6 or 1M.")
@click.option(
    "--seed",
    type=Seed(),
    envvar="RANGECAST_SEED",
    show_envvar=True,
    help="Start of the random numbers; the model's, else 1.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    envvar="RANGECAST_JOBS",
    show_envvar=True,
    help="Threads or processes; the result is the same.",
)
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
    "--inputs",
    multiple=True,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Workbook or CSV of inputs to lay over the case, as --xlsx writes it.",
)
@click.option(
    "--prob", "conditions", multiple=True, type=Condition(), help="'servers > 50000'; repeatable."
)
@click.option(
    "--table", "tables", multiple=True, metavar="NAME", help="Two-way table instead; repeatable."
)
@click.option(
    "--unit", "units", multiple=True, metavar="OUTPUT=UNIT", help="Unit to show an output in."
)
@click.option("--figures", is_flag=True, help="Also the percentile of every published figure.")
@click.option("--explain", is_flag=True, help="Also why estimate, median and mean differ.")
@click.option("--backtest", is_flag=True, help="Hold the ranges against what happened instead.")
@click.option("--percentiles", type=Percentiles(), help="Bands, such as 5,50,95.")
@click.option("--no-correlations", is_flag=True, help="Draw every input independently.")
@click.option(
    "--tornado",
    "method",
    default="conditional",
    metavar="METHOD",
    help="conditional, swing, rank, lmg, variance …; rangecast explain lists them.",
)
@click.option("--tranches", type=click.IntRange(2, 60), help="Slices of an input; 10.")
@click.option(
    "--region",
    "regions",
    multiple=True,
    type=Region(),
    metavar="CONDITION",
    help="What leads there: 'servers > 50000', 'servers failed'; repeatable.",
)
@click.option("--ends", type=Ends(), metavar="5-95", help="Percentiles of the swing; 10-90.")
@click.option(
    "--stress",
    "stresses",
    multiple=True,
    type=Stress(),
    metavar="INPUT=90-100",
    help="Bands with an input in a part of its range; repeatable.",
)
@click.option(
    "--statistic", default="p50", help="p50, mean, p95, sd …; base for swing at base values."
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="NAME",
    help="Output, quantity or series to show; repeatable.",
)
@click.option("--over-time", is_flag=True, help="Show the model's series: bands per period.")
@click.option("--all", "show_all", is_flag=True, help="Show every output.")
@click.option(
    "--max-failures", type=click.FloatRange(0, 1), help="Share of scenarios that may fail."
)
@click.option("--precision", type=Share(), metavar="0.5%", help="Run until bands are so tight.")
@click.option("--max-scenarios", type=Count(), help="Most scenarios for --precision.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    help="File for the state of the run; taken up if it is there, removed at the end.",
)
@click.option(
    "--checkpoint-every", type=click.FloatRange(0), default=5.0, help="Seconds between states."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for files.")
@click.option("--xlsx", is_flag=True, help="Also a workbook, results.xlsx, in the folder of --out.")
@click.option(
    "--samples",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write the scenarios to FILE.csv or FILE.parquet.",
)
@click.option("--samples-rows", type=Count(), help="Only the first so many; 1M.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--lang",
    "lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    envvar="RANGECAST_LANG",
    show_envvar=True,
    help="Language of labels, sentences and numbers.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress, no warnings.")
@click.option("-v", "--verbose", is_flag=True, help="Also the digest and how the work was done.")
def run(model: str, cases: tuple[str, ...], **options: Any) -> int:
    """Simulate MODEL and print percentile bands and what moves them."""
    _refuse_clashes(options)
    options["inputs"] = [str(Path(file).resolve()) for file in options["inputs"]]
    out, checkpoint = options["out"], options["checkpoint"]
    options |= {"out": out and str(out), "checkpoint": checkpoint and str(checkpoint)}
    name = str(Path(model).resolve()) if Path(model).is_file() else model
    return execute(model, cases, options, name)


def _refuse_clashes(options: dict[str, Any]) -> None:
    """Refuse options that would do nothing, before anything runs."""
    from rangecast.engine.errors import Problem, SettingsError

    problems = []
    if options["xlsx"] and options["out"] is None:
        hint = "add --out results"
        problems.append(Problem("E700", "--xlsx", "needs a folder for the workbook", hint=hint))
    samples = options["samples"]
    if samples and Path(samples).suffix.lower() not in {".csv", ".parquet"}:
        allowed = "a name that ends in .csv or .parquet"
        problems.append(Problem("E700", "--samples", "unknown format", samples, allowed))
    if options["samples_rows"] and not samples:
        problems.append(Problem("E700", "--samples-rows", "needs --samples FILE"))
    if problems:
        raise SettingsError(*problems)


def execute(
    model: str, cases: tuple[str, ...], options: dict[str, Any], name: str | None = None
) -> int:
    """Do what `run` asks for.

    Parameters
    ----------
    model : str
    cases : tuple of str
    options : dict
        Plain values only, since checkpoints keep them.
    name : str, optional
        The model's name for a later `resume`, from any folder.
    """
    from rangecast.engine.model.load import load
    from rangecast.reports.words import language

    loaded = load(model)
    warn(loaded.warnings, options["quiet"])
    loaded = prepared(loaded, options)
    with language(options.get("lang", "en"), loaded.units_zh):
        if options.get("backtest"):
            return show_backtest(loaded, cases, options)
        if options.get("tables"):
            return show_tables(loaded, cases, options)
        chosen = cases or loaded.run.cases or ("",)
        return _run(model, loaded, chosen, options, _checkpoints(name or model, chosen, options))


def prepared(loaded: Model, options: dict[str, Any]) -> Model:
    """Apply what the options change of a model before its cases."""
    from rangecast.engine.model.localise import localise

    loaded = localise(loaded, options.get("lang", "en"))
    if options.get("units"):
        loaded = _in_units(loaded, options["units"])
    if options.get("over_time"):
        options |= {"outputs": (*options["outputs"], *_series(loaded))}
    return loaded


def _run(
    model: str,
    loaded: Model,
    cases: tuple[str, ...],
    options: dict[str, Any],
    places: list[Checkpoint | None],
) -> int:
    """Run every case, show and write what was found."""
    from rangecast.engine.files import check_writable

    if options["out"] is not None:
        check_writable(Path(options["out"]))
    if options.get("samples") and len(cases) > 1:
        from rangecast.engine.errors import Problem, SettingsError

        got, hint = " and ".join(cases), "name one with --case"
        raise SettingsError(Problem("E700", "--samples", "takes one case", got, hint=hint))
    models = [changed(lay(loaded, case), options) for case in cases]
    results = []
    try:
        for laid, place in zip(models, places, strict=True):
            results.append(simulated(laid, loaded, options, place))
            _say_reused(results[-1], options)
    except KeyboardInterrupt as stopped:
        first = places[0] and places[0].path
        stopped.saved = first if first and first.exists() else None  # type: ignore[attr-defined]
        raise
    compared = side_by_side(models, results, options)
    _show(model, results, compared, options)
    if options.get("samples"):
        _write_samples(results[0], options)
    if options["out"] is not None:
        _write(results, options)
        if compared is not None:
            write_comparison(compared, Path(options["out"]), bool(options.get("xlsx")))
        _write_report(model, results, compared, {**options, "cases": cases})
    for place in places:
        if place is not None:
            place.path.unlink(missing_ok=True)
    return 0


def _write_samples(result: Result, options: dict[str, Any]) -> None:
    from rangecast.reports.samples import write_samples

    count = write_samples(result, Path(options["samples"]), options["samples_rows"])
    if not options["quiet"]:
        tell(f"wrote {count:,} scenarios to {options['samples']}")


def _series(model: Model) -> tuple[str, ...]:
    """Give the series that the model names for a fan."""
    if model.periods is None or not model.periods.outputs:
        from rangecast.engine.errors import Problem, SettingsError

        hint = "name them: [time] outputs = [...], or use --output SERIES"
        message = "the model names no series"
        raise SettingsError(Problem("E700", "--over-time", message, hint=hint))
    return model.periods.outputs


def _in_units(model: Model, units: tuple[str, ...]) -> Model:
    from rangecast.engine.errors import Problem, SettingsError
    from rangecast.engine.model.convert import in_units

    wrong = [u for u in units if "=" not in u]
    if wrong:
        allowed = "OUTPUT=UNIT, such as market_cny=亿CNY"
        raise SettingsError(Problem("E700", "--unit", "bad unit", wrong[0], allowed))
    pairs = (u.partition("=") for u in units)
    return in_units(model, {name.strip(): unit.strip() for name, _, unit in pairs})


def _checkpoints(
    model: str, cases: tuple[str, ...], options: dict[str, Any]
) -> list[Checkpoint | None]:
    """Say where the state of each case goes: a file given, or beside the results of a long run."""
    from rangecast.engine.checkpoint import Checkpoint

    given, out = options["checkpoint"], options["out"]
    if given is None and out is None:
        return [None] * len(cases)
    path = Path(given) if given is not None else Path(out) / CHECKPOINT
    first = 0.0 if given is not None else _LONG
    request = {"model": model, "cases": list(cases), "options": options}
    return [
        Checkpoint(
            path if k == 0 else path.with_name(f"{path.name}.{k + 1}"),
            every=options["checkpoint_every"],
            first=first,
            request=request,
        )
        for k in range(len(cases))
    ]


def _say_reused(result: Result, options: dict[str, Any]) -> None:
    """Tell what came from a checkpoint and what was simulated now."""
    from rangecast.engine.streams import BLOCK

    reused = result.timing.reused
    if reused and not options["quiet"]:
        total, kept = -(-result.scenarios // BLOCK), reused // BLOCK
        text = f"resumed: {kept:,} blocks reused, {total - kept:,} redone"
        tell(f"{text} ({reused:,} of {result.scenarios:,} scenarios kept)")
    if result.timing.note and not options["quiet"]:
        tell(result.timing.note)


def lay(model: Model, case: str) -> Model:
    """Lay a case over a model, if one is named."""
    from rangecast.engine.model.cases import apply_case

    return apply_case(model, case) if case else model


def simulated(
    laid: Model, loaded: Model, options: dict[str, Any], checkpoint: Checkpoint | None
) -> Result:
    """Simulate a model under its case as the options say."""
    from dataclasses import replace

    from rangecast.engine.plan import PERCENTILES
    from rangecast.engine.precision import MOST
    from rangecast.engine.simulate import simulate

    wanted = list(options["outputs"])
    if options["show_all"]:
        wanted = []
    limited = [name for name, _, _ in options["conditions"]]
    if options.get("figures"):
        limited += [c.output for c in loaded.checks if c.source]
    with progress(options["quiet"], options.get("verbose", False)) as callback:
        result = simulate(
            laid,
            scenarios=options["scenarios"],
            seed=options["seed"],
            workers=options["workers"] or min(2, os.cpu_count() or 1),
            backend=options["backend"],
            address=options["address"],
            design=options["design"],
            percentiles=tuple(options["percentiles"] or PERCENTILES),
            correlations=not options["no_correlations"],
            max_failures=options["max_failures"],
            rank=wanted,
            outputs=limited,
            precision=options["precision"],
            max_scenarios=options["max_scenarios"] or MOST,
            checkpoint=checkpoint,
            progress=callback,
        )
    warn(tuple(result.warnings), options["quiet"])
    return replace(result, asked=loaded)  # figures are checked in the model before --set and cases


def warn(warnings: Any, quiet: bool) -> None:
    """Print warnings, unless told to be quiet."""
    if not quiet:
        for problem in warnings:
            tell(str(problem))


def _outputs(result: Result, options: dict[str, Any]) -> list[str]:
    if options["show_all"]:
        first = list(result.shown)
        return first + [n for n in result.rows if n not in first]
    series = result.model.series
    named = [row for name in options["outputs"] for row in series.get(name, (name,))]
    return named or list(result.shown)


def side_by_side(
    models: list[Model], results: list[Result], options: dict[str, Any]
) -> Comparison | None:
    """Pair the scenarios of several cases; None for a single one, or for Python functions."""
    if len(models) < 2 or any(model.function is not None for model in models):
        return None
    from rangecast.engine.compare import compare_models

    outputs = _outputs(results[0], options)
    with progress(options["quiet"], options.get("verbose", False)) as callback:
        return compare_models(
            models,
            outputs,
            scenarios=min(result.scenarios for result in results),
            seed=options["seed"],
            workers=options["workers"] or min(2, os.cpu_count() or 1),
            backend=options["backend"],
            address=options["address"],
            design=options["design"],
            percentiles=results[0].setup.plan.percentiles,
            correlations=not options["no_correlations"],
            max_failures=options["max_failures"],
            progress=callback,
        )


def _show(
    name: str, results: list[Result], compared: Comparison | None, options: dict[str, Any]
) -> None:
    if options["as_json"]:
        from rangecast.reports.folder import json_text

        found = [_as_plain(result, options) for result in results]
        one = found[0] if len(found) == 1 else {"schema_version": 1, "runs": found}
        if compared is not None:
            one["comparison"] = comparison_as_dict(compared)
        click.echo(json_text(one), nl=False)
        return
    for k, result in enumerate(results):
        if k:
            show("")
        _print(result, options)
    if compared is not None:
        show("")
        show_comparison(compared)
    if not options["quiet"]:
        _next_steps(name, results[0])


def _as_plain(result: Result, options: dict[str, Any]) -> dict[str, Any]:
    """Give one result and what was asked for beside it, ready for JSON."""
    from rangecast.reports.results_json import as_dict, without_nan

    shown = _outputs(result, options)
    found = as_dict(result, options["statistic"], probabilities(result, options), shown)
    if options.get("stresses"):
        found["stress"] = without_nan([row for one in _stressed(result, options) for row in one])
    if options.get("regions"):
        found["regions"] = without_nan(_regions(result, options))
    if options.get("explain"):
        found["explanation"] = _explained(result, shown[0])
    return found


def _print(result: Result, options: dict[str, Any]) -> None:
    from rangecast.engine.sensitivity.profile import TRANCHES
    from rangecast.reports.terminal import first_screen

    screen = first_screen(
        result,
        _outputs(result, options),
        options["method"],
        options["statistic"],
        columns(),
        is_plain(),
        options.get("ends"),
        options.get("tranches") or TRANCHES,
    )
    show(screen)
    _show_stress(result, options)
    _show_regions(result, options)
    if result.precision is not None:
        show(_precision_line(result))
    for line in probability_lines(probabilities(result, options)):
        show(line)
    if options.get("figures"):
        from rangecast.reports.figures import figure_lines

        show("")
        for line in figure_lines(result):
            show(line)
    if options.get("explain"):
        _explain(result, _outputs(result, options)[0])
    if options["verbose"]:
        plan, timing = result.setup.plan, result.timing
        tell(f"digest {result.digest}")
        words = f"{plan.batches} batches, passes of {plan.rows:,} scenarios"
        tell(f"{timing.backend}, {timing.workers} workers, {words}")


def _stressed(result: Result, options: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Bands of the first output under every stress asked for."""
    from rangecast.engine.sensitivity.profile import stress

    output = _outputs(result, options)[0]
    return [stress(result, output, *one) for one in options.get("stresses", ())]


def _regions(result: Result, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Rankings of every region asked for, as rows."""
    from rangecast.engine.sensitivity import ranked
    from rangecast.engine.sensitivity.regional import crossing, failures
    from rangecast.reports.results_json import bar_row

    rows = []
    for output, sign, limit in options["regions"]:
        above, below = (limit if sign == one else None for one in "><")
        lost = sign == "failed"
        bars = failures(result, output) if lost else crossing(result, output, above, below)
        rows += [bar_row(bar, result.model.case) for bar in ranked(bars)]
    return rows


def _show_stress(result: Result, options: dict[str, Any]) -> None:
    from rangecast.reports.stress import stress_lines

    for rows in _stressed(result, options):
        show("\n" + "\n".join(stress_lines(result, _outputs(result, options)[0], rows)))


def _show_regions(result: Result, options: dict[str, Any]) -> None:
    from rangecast.reports.terminal import region_lines

    for output, sign, limit in options.get("regions", ()):
        above, below = (limit if sign == one else None for one in "><")
        lines = region_lines(result, output, above, below, sign == "failed")
        show("\n" + "\n".join(lines))


def _explained(result: Result, output: str) -> dict[str, Any]:
    from rangecast.engine.explain import explain, explanation_dict
    from rangecast.reports.results_json import without_nan

    plain: dict[str, Any] = without_nan(explanation_dict(explain(result, output)))
    return plain


def _write_explanation(result: Result, output: str, folder: Path) -> None:
    """Write the waterfall and its numbers beside the other files."""
    from rangecast.engine.explain import explain, explanation_dict
    from rangecast.engine.files import write_set
    from rangecast.reports import style
    from rangecast.reports.explanation import waterfall
    from rangecast.reports.folder import file_name, json_text
    from rangecast.reports.results_json import without_nan

    found, stem = explain(result, output), file_name(output)
    plain = {"schema_version": 1, **without_nan(explanation_dict(found))}
    contents = {f"explanation_{stem}.json": json_text(plain).encode("utf-8")}
    figure: Any = waterfall(result, found).figure
    contents |= {f"waterfall_{stem}.{kind}": style.encode(figure, kind) for kind in ("png", "svg")}
    write_set(folder, contents)


def _explain(result: Result, output: str) -> None:
    from rangecast.engine.explain import explain
    from rangecast.reports.explanation import explanation_lines

    show("")
    for line in explanation_lines(result, explain(result, output)):
        show(line)


def _precision_line(result: Result) -> str:
    """Say what precision was reached, where, and what more would take."""
    found = result.precision
    assert found is not None
    level = f"P{100 * found.quantile:g} of {found.output}"
    reached = f"every band within ±{found.reached:.2%} (widest: {level})"
    tighter = 4 * result.scenarios
    more = f"half of that would take about {tighter:.2g} scenarios"
    if not found.is_met:
        more = f"±{found.target:.2%} would take about {found.needed:.2g} scenarios"
    return f"Precision: {reached} with {result.scenarios:,} scenarios; {more}"


def _next_steps(name: str, result: Result) -> None:
    from rangecast.reports.words import left, say, width_of

    output, head = result.shown[0], f"{say('Next:')} "
    indent = " " * width_of(head)
    steps = []
    if result.count(output):
        steps.append(f"--prob '{output} > {result.quantile(output, 0.9):.2g}'")
    steps.append("--out results --tornado swing")
    periods = result.model.periods
    if periods is not None and periods.outputs and not result.model.quantities[output].period:
        words = say(
            "{first} to {last}: fan and drivers by {step}",
            first=periods.labels[0],
            last=periods.labels[-1],
            step=say(periods.step),
        )
        steps.append(f"--over-time --out results   ({words})")
    if result.model.outcomes:
        steps.append("--backtest")
    lines = [*(f"rangecast run {name} {step}" for step in steps), f"rangecast check {name}"]
    show("")
    for k, line in enumerate(lines):
        show((indent if k else left(head, len(indent))) + line)


def _write(results: list[Result], options: dict[str, Any]) -> None:
    from rangecast.reports.folder import file_name, write_folder

    _warn_of_font(options)
    for result in results:
        folder = Path(options["out"])
        if len(results) > 1:
            folder = folder / file_name(result.model.case or "model")
        rows = probabilities(result, options)
        names = _outputs(result, options)
        limits = {name: limit for name, sign, limit in options["conditions"] if sign == ">"}
        statistic, xlsx = options["statistic"], bool(options.get("xlsx"))
        written = write_folder(result, folder, statistic, rows, names, limits, xlsx)
        if options.get("explain"):
            _write_explanation(result, names[0], folder)
        tell(f"wrote {len(written)} files to {folder}")


def _write_report(
    name: str, results: list[Result], compared: Comparison | None, options: dict[str, Any]
) -> None:
    """Write the page of what was run beside the other files."""
    import datetime as dt

    from rangecast.engine.files import write_set
    from rangecast.reports.page.contents import Contents
    from rangecast.reports.page.render import page
    from rangecast.reports.summary import summary

    plan = results[0].setup.plan
    contents = Contents(
        tuple(results),
        tuple(_outputs(results[0], options)),
        compared,
        limits={output: limit for output, sign, limit in options["conditions"] if sign == ">"},
        method=options["method"],
        statistic=options["statistic"],
        command=written("run", name, run.params, options, plan.scenarios, plan.seed),
        made=dt.datetime.now(dt.UTC),
    )
    folder = Path(options["out"])
    texts = {"report.html": page(contents), "summary.md": summary(contents)}
    write_set(folder, {name: text.encode("utf-8") for name, text in texts.items()})
    tell(f"wrote {folder / 'report.html'} and {folder / 'summary.md'}")


def _warn_of_font(options: dict[str, Any]) -> None:
    """Warn once when charts in Chinese would show boxes."""
    from rangecast.reports.style import missing_font

    problem = missing_font() if options.get("lang") == "zh" else None
    if problem is not None and not options["quiet"]:
        tell(str(problem))
