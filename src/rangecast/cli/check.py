"""``rangecast check``: the model's validity, and the figures it must reproduce."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.screen import show, tell
from rangecast.cli.values import Seed

if TYPE_CHECKING:
    from collections.abc import Sized

    from rangecast.engine.model.checks import CheckResult
    from rangecast.engine.model.model import Model
    from rangecast.engine.model.units import UnitsReport


@click.command()
@click.argument("model", required=False)
@click.option("--engine", is_flag=True, help="Instead of a model, the engine on this machine.")
@click.option("--seed", type=Seed(), default=1, help="Of the draws of --engine.")
@click.option("--assumptions", is_flag=True, help="Every input with its law, basis and sources.")
@click.option("--case", default=None, metavar="A+B", help="Case of --assumptions and --verbose.")
@click.option("--audit", is_flag=True, help="Only the audit of the source, in its order.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    envvar="RANGECAST_LANG",
    show_envvar=True,
    help="Language of --verbose.",
)
@click.option("-q", "--quiet", is_flag=True, help="Only what fails.")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Also every input: percentiles, mean, a picture, what may surprise; correlations.",
)
def check(model: str | None, engine: bool, seed: int, as_json: bool, quiet: bool, **of: Any) -> int:
    """Validate MODEL and recompute every figure it must reproduce (exit 1 if one does not).

    With --engine, hold samplers, intervals, indices and sums against closed forms instead.
    """
    if engine:
        from rangecast.cli.engine import check_engine

        return check_engine(seed, as_json, quiet)
    if model is None:
        raise click.UsageError("give a MODEL, or --engine")
    return _check_model(model, as_json=as_json, quiet=quiet, **of)


def _check_model(
    model: str,
    assumptions: bool,
    case: str | None,
    audit: bool,
    as_json: bool,
    lang: str,
    quiet: bool,
    verbose: bool,
) -> int:
    """Check a model, and show it back where asked."""
    from rangecast.cli.feedback import feedback_as_dict, show_feedback
    from rangecast.engine.errors import ModelError
    from rangecast.engine.feedback import warnings as surprises
    from rangecast.engine.model import document as documents
    from rangecast.engine.model.checks import run_checks
    from rangecast.engine.model.load import MOST_PROBLEMS, build
    from rangecast.engine.model.localise import localise
    from rangecast.engine.model.units import check_units

    document = documents.read(model)
    loaded = build(document)
    if assumptions:
        return _show_assumptions(loaded, case, as_json)
    units = check_units(loaded, document)
    errors = [p for p in units.problems if p.is_error]
    if errors:
        raise ModelError(*errors[:MOST_PROBLEMS])
    warnings = [*loaded.warnings, *units.problems]
    warnings += surprises(loaded, document, units.bounds, minor=verbose)
    results = run_checks(loaded)
    if audit:
        results = sorted((r for r in results if r.check.audit), key=lambda r: r.check.audit)
    wrong = [r for r in results if not r.ok]
    if as_json:
        rows = [_row(r) for r in results]
        found = {
            "schema_version": 1,
            "checks": rows,
            "units": {k: v for k, v in units.as_dict().items() if k != "problems"},
            "warnings": [p.as_dict() for p in warnings],
            "ok": not wrong,
        }
        found |= feedback_as_dict(loaded, _laid(loaded, case), units) if verbose else {}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return 1 if wrong else 0
    for problem in warnings:
        tell(str(problem))
    _print(wrong if quiet else results, audit)
    if not quiet and not audit:
        _late(loaded)
        inputs = sum(not i.is_constant for i in loaded.inputs.values())
        show(
            f"{_counted(loaded.inputs, 'input')} ({inputs} uncertain), "
            f"{_counted(loaded.outputs, 'output')}, "
            f"{_counted(loaded.correlations, 'correlation')}, "
            f"{_counted(loaded.cases, 'case')}: valid"
        )
        _print_units(units)
    _print_verdict(results, wrong)
    if verbose:
        loaded = localise(loaded, lang)
        show_feedback(loaded, _laid(loaded, case), units, lang)
    return 1 if wrong else 0


def _laid(loaded: Model, case: str | None) -> Model:
    """Lay the case asked for over a model, else the first that a run shows."""
    from rangecast.engine.model.cases import apply_case

    chosen = case if case is not None else (loaded.run.cases or ("",))[0]
    return apply_case(loaded, chosen) if chosen else loaded


def _show_assumptions(loaded: Model, case: str | None, as_json: bool) -> int:
    from rangecast.reports.assumptions import assumption_lines, assumption_rows

    laid = _laid(loaded, case)
    if as_json:
        found = {"schema_version": 1, "case": laid.case, "inputs": assumption_rows(laid)}
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        show("\n".join(assumption_lines(laid)))
    return 0


def _counted(things: Sized, word: str) -> str:
    return f"{len(things)} {word}" + ("s" if len(things) != 1 else "")


def _print_units(units: UnitsReport) -> None:
    """Say what the units cover: nothing is proven of an input of unit 1 or without a unit."""
    show(f"units of {units.formulas} formulas fit in dimension and scale")
    if units.pure:
        show(f"inputs of unit 1, which units cannot tell apart: {', '.join(units.pure)}")
    if units.missing:
        show(f"inputs without a unit, whose formulas are not checked: {', '.join(units.missing)}")


def _print_verdict(results: list[CheckResult], wrong: list[CheckResult]) -> None:
    for r in wrong:
        tell(
            f"FAILED {r.check.output} ({r.check.case or 'no case'}): {r.value!r} is not "
            f"{r.check.equals!r}"
        )
    if results:
        show(f"{len(results) - len(wrong)} of {len(results)} checks pass")


def _row(result: CheckResult) -> dict[str, Any]:
    check = result.check
    return {
        "audit": check.audit or None,
        "case": check.case,
        "output": check.output,
        "stated": check.stated,
        "equals": check.equals,
        "value": result.value,
        "difference": result.difference,
        "ok": result.ok,
        "note": check.note,
    }


def _print(results: list[CheckResult], audit: bool = False) -> None:
    rows = [("", "output", "case", "printed", "recomputed", "printed is", "reason")]
    for r in results:
        stated = "" if r.check.stated is None else f"{r.check.stated:,.10g}"
        difference = "" if r.difference is None else f"{100 * r.difference:+.1f} %"
        if r.difference is not None and abs(r.difference) < 5e-10:
            difference = "exact"
        mark = "ok" if r.ok else "MISS"
        if audit and r.ok:
            mark = str(r.check.audit)
        rows.append(
            (
                mark,
                r.check.output,
                r.check.case,
                stated,
                _figure(r.value),
                difference,
                r.check.note,
            )
        )
    widths = [max(len(row[k]) for row in rows) for k in range(6)]
    for row in rows:
        left = [row[k].ljust(widths[k]) for k in range(3)]
        right = [row[k].rjust(widths[k]) for k in range(3, 6)]
        show("  ".join([*left, *right, row[6]]).rstrip())


def _figure(value: float) -> str:
    """Write a recomputed figure: two decimals, or four digits where those would show none."""
    return f"{value:,.2f}" if abs(value) >= 10 else f"{value:,.4g}"


def _late(model: Model) -> None:
    """Name the inputs whose sources are later than the date of their view."""
    from rangecast.engine.model.cases import apply_case
    from rangecast.engine.model.checks import late_sources

    for case in model.run.cases or ("",):
        laid = apply_case(model, case)
        late = late_sources(laid)
        if late:
            newest = max(source.date for _, source in late)[:4]
            names = ", ".join(dict.fromkeys(one.name for one, _ in late))
            show(
                f"reconstructed in {newest}: {case or 'the model'} is dated {laid.as_of}, "
                f"but these inputs cite later sources: {names}"
            )
