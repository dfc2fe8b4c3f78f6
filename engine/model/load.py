"""Load a model: read, check everything, and report all problems at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from rangecast.engine import dependence
from rangecast.engine.errors import FileError, ModelError, Problem, did_you_mean
from rangecast.engine.formula import Node, names, parse, series_of
from rangecast.engine.model import document as documents
from rangecast.engine.model.build import Builder, assemble, read_case
from rangecast.engine.model.cases import apply_case, check_lineage
from rangecast.engine.model.choices import Wrong, spell_out, wrong_choices
from rangecast.engine.model.formulas import check_trees
from rangecast.engine.model.inputs import NO_BASE, build_input, path_inputs
from rangecast.engine.model.model import Case, Input, Model
from rangecast.engine.model.naming import check_case_name
from rangecast.engine.model.periods import expand
from rangecast.engine.model.positions import Path
from rangecast.engine.model.sheet import LONGEST_CELL

MOST_PROBLEMS = 20


def load(source: str | os.PathLike[str]) -> Model:
    """Load and check a model file.

    Parameters
    ----------
    source : str or path
        A path, ``-`` for standard input, or the name of a shipped model.

    Raises
    ------
    ModelError
        With every problem of the file: code, place, key, what was found, what is allowed, a hint.
    FileError
        When a file that exists cannot be read.

    Examples
    --------
    >>> load("ai-servers").outputs[0].name
    'servers'
    """
    return build(documents.read(os.fspath(source)))


def loads(text: str, file: str = "<text>", folder: str | os.PathLike[str] | None = None) -> Model:
    """Check a model given as text.

    Parameters
    ----------
    text : str
    file : str
        Name for messages.
    folder : str or path, optional
        Where the data files lie that it names.

    Examples
    --------
    >>> model = loads('[inputs.x]\\nvalue = 2\\n[outputs.y]\\nformula = "x * 3"\\n')
    >>> model.inputs["x"].value
    2.0
    """
    document = documents.parse(file, text.encode("utf-8"))
    return build(replace(document, folder=FilePath(folder) if folder is not None else None))


def build(document: documents.Document) -> Model:
    """Turn a parsed document into a model."""
    builder = Builder(document)
    if not builder.document_shape():
        raise ModelError(*builder.problems)
    model = assemble(builder)
    model = replace(model, cases=_cases(builder, model))
    _check_sources(builder, model)
    _stop(builder.problems)
    builder.problems += dependence.check(model)
    _check_case_names(builder, model)
    _check_choices(builder, model)
    _check_bases(builder, model)
    _stop(builder.problems)
    _check_case_formulas(builder, model)
    _stop(builder.problems)
    _check_rows(builder, model)
    builder.problems += _unused(builder, model)
    builder.problems += _too_long_for_cells(document)
    _stop(builder.problems)
    files = tuple(document.data_files[name].to_keep() for name in sorted(document.data_files))
    return replace(model, warnings=tuple(builder.problems), data_files=files)


def _stop(problems: list[Problem]) -> None:
    """Raise when there are errors: the first twenty in the order of the file, and their number."""
    errors = sorted({p for p in problems if p.is_error}, key=lambda p: (p.line, p.column, p.code))
    if not errors:
        return
    listed = errors[:MOST_PROBLEMS]
    if len(errors) > MOST_PROBLEMS:
        more = f"… and {len(errors) - MOST_PROBLEMS} more problems in this file"
        listed.append(
            replace(
                listed[-1],
                code="E117",
                key="",
                message=more,
                got="",
                allowed="",
                hint="mend these first",
            )
        )
    of_files = all(p.code.startswith("E8") for p in listed)
    raise (FileError if of_files else ModelError)(*listed)


def _cases(builder: Builder, model: Model) -> dict[str, Case]:
    cases: dict[str, Case] = {}
    for name, row in builder.section("cases").items():
        if not isinstance(row, dict):
            builder.check(("cases", name), row, "case")
            continue
        wrong = check_case_name(builder.document, ("cases", name))
        if wrong is not None:
            builder.problems.append(wrong)
            continue
        case = read_case(builder, name, row)
        if case is not None:
            cases[name] = _check_case(builder, model, case)
    for name, reason in check_lineage(cases):
        builder.add(
            "E204", ("cases", name, "extends"), reason, allowed=f"known: {', '.join(cases)}"
        )
    return cases


def _check_case(builder: Builder, model: Model, case: Case) -> Case:
    """Build the overlays of a case, so that each is checked even if it is never run."""
    overlays: dict[str, Mapping[str, Any]] = {}
    for name, table in case.inputs.items():
        path: Path = ("cases", case.name, "inputs", name)
        if name not in model.inputs:
            hint = did_you_mean(name, model.inputs)
            builder.add("E204", path, "unknown input", got=name, hint=hint)
        elif not isinstance(table, dict):
            builder.add("E115", path, "expected a number or a table", got=repr(table))
        else:
            built = _build_overlay(builder, path, name, table)
            if built is not None and _root_is_right(builder, path, name, built, model):
                overlays[name] = {"built": built, "keys": tuple(table)}
    formulas = {}
    for name, formula in case.quantities.items():
        section = "outputs" if name in builder.section("outputs") else "quantities"
        path = ("cases", case.name, section, name)
        if name not in model.quantities:
            hint = did_you_mean(name, model.quantities)
            builder.add("E204", path, "unknown quantity", got=name, hint=hint)
        elif not isinstance(formula, str):
            builder.add("E115", path, "expected text", got=repr(formula))
        elif builder.parse(path, formula) is not None:
            formulas[name] = formula
    return replace(case, inputs=overlays, quantities=formulas)


def _root_is_right(builder: Builder, path: Path, name: str, built: Input, model: Model) -> bool:
    """Check `same_as` of an overlay: a known input that shares no other."""
    if not built.same_as:
        return True
    key, root = (*path, "same_as"), model.inputs.get(built.same_as)
    if root is None:
        hint = did_you_mean(built.same_as, model.inputs)
        builder.add("E204", key, "unknown input", got=built.same_as, hint=hint)
    elif root.same_as or built.same_as == name:
        message = "must name an input that shares no other"
        builder.add("E205", key, message, got=built.same_as)
    return root is not None and not root.same_as and built.same_as != name


def _build_overlay(
    builder: Builder, path: Path, name: str, table: Mapping[str, Any]
) -> Input | None:
    """Build an overlaid input; one that only sets texts or a base stays what it is."""
    texts_only = not {"dist", "value", "same_as"} & set(table) and set(table) <= {
        "label",
        "unit",
        "note",
        "basis",
        "source",
        "base",
        "label_zh",
    }
    trial = {**table, "same_as": name} if texts_only else table
    built, problems = build_input(builder.document, path, name, trial)
    builder.problems += problems
    return replace(built, same_as="") if built is not None and texts_only else built


def _check_bases(builder: Builder, model: Model) -> None:
    """Refuse a base that a case gives to an input which is a constant there."""
    for case in model.cases.values():
        own = [n for n, overlay in case.inputs.items() if "base" in overlay["keys"]]
        laid = apply_case(model, case.name).inputs if own else {}
        for name in own:
            if laid[name].is_constant and not laid[name].same_as:
                path: Path = ("cases", case.name, "inputs", name, "base")
                builder.add("E302", path, NO_BASE)


def _check_sources(builder: Builder, model: Model) -> None:
    known = model.sources
    used: list[tuple[Path, str]] = []
    for one in model.inputs.values():
        used += [(("inputs", one.name, "source"), key) for key in one.sources]
    for case in model.cases.values():
        for name, overlay in case.inputs.items():
            path: Path = ("cases", case.name, "inputs", name, "source")
            used += [(path, key) for key in overlay["built"].sources]
    for k, check in enumerate(model.checks):
        used += [(("checks", k, "source"), check.source)] if check.source else []
    for k, outcome in enumerate(model.outcomes):
        used += [(("outcomes", k, "source"), key) for key in outcome.sources]
    for place, key in used:
        if key not in known:
            builder.add("E204", place, "unknown source", got=key, hint=did_you_mean(key, known))


def _check_case_names(builder: Builder, model: Model) -> None:
    """Check that every case named by [run], a check or a table exists."""
    named: list[tuple[Path, str]] = [
        (("run", "cases", k), spec) for k, spec in enumerate(model.run.cases)
    ]
    named += [(("checks", k, "case"), check.case) for k, check in enumerate(model.checks)]
    named += [(("tables", name, "case"), table.case) for name, table in model.tables.items()]
    named += [(("backtest", "cases", k), spec) for k, spec in enumerate(model.backtest.cases)]
    for path, specification in named:
        for name in str(specification).split("+"):
            if name.strip() and name.strip() not in model.cases:
                hint = did_you_mean(name, model.cases)
                builder.add("E204", path, "unknown case", got=name, hint=hint)


def _check_choices(builder: Builder, model: Model) -> None:
    """Check what conditional inputs and switches refer to, under every case on its own."""
    found: dict[tuple[str, str, str], tuple[Wrong, Path]] = {}
    for wrong in wrong_choices(model):
        place: Path = ("inputs", wrong.input, wrong.key)
        found.setdefault((wrong.input, wrong.key, wrong.message), (wrong, place))
    for name, case in model.cases.items():
        if not case.inputs and not case.at_base:
            continue
        for wrong in wrong_choices(apply_case(model, name)):
            path: Path = ("cases", name, "inputs", wrong.input)
            path = path if path in builder.document.places else ("cases", name)
            found.setdefault((wrong.input, wrong.key, wrong.message), (wrong, path))
    for one, path in found.values():
        parts = {"got": one.got, "allowed": one.allowed, "hint": one.hint}
        builder.add(one.code, path, one.message, **parts)
    if not found:
        _check_drawn(builder, model)


def _check_drawn(builder: Builder, model: Model) -> None:
    """Check that the formulas of drawn cases work together: each alone may be right (E205)."""
    switches = [name for name, one in model.inputs.items() if one.drawn]
    if not switches:
        return
    spelled = spell_out(model)
    trees = {name: parse(q.formula) for name, q in spelled.quantities.items()}
    paths = path_inputs(spelled.inputs)
    for name, problem in check_trees(trees, spelled.inputs, model.periods, paths):
        message = f"with its cases drawn, {name}: {problem.message}"
        parts = {"got": problem.got, "allowed": problem.allowed, "hint": problem.hint}
        builder.add(problem.code, ("inputs", switches[0], "cases"), message, **parts)


def _check_case_formulas(builder: Builder, model: Model) -> None:
    """Resolve the formulas under every case on its own (unknown names, cycles)."""
    base = {n: parse(q.formula) for n, q in model.quantities.items()}
    for case in model.cases.values():
        if not case.quantities:
            continue
        laid_model = apply_case(model, case.name)
        laid = laid_model.quantities
        trees = {
            n: t if laid[n] == model.quantities[n] else parse(laid[n].formula)
            for n, t in base.items()
        }
        paths = path_inputs(laid_model.inputs)
        for name, problem in check_trees(trees, model.inputs, model.periods, paths):
            section = "outputs" if model.quantities[name].is_output else "quantities"
            path: Path = ("cases", case.name, section, name)
            if path not in builder.document.places:
                path = ("cases", case.name)
            builder.formula_problem(path, problem)


def _check_rows(builder: Builder, model: Model) -> None:
    """Check that what a check or a table names is one row: of a series, a period (E417)."""
    places = [(("checks", k, "output"), c.output, c.case) for k, c in enumerate(model.checks)]
    named: list[tuple[Path, str, str]] = list(places)
    named += [(("tables", n, "output"), t.output, t.case) for n, t in model.tables.items()]
    wanted: dict[str, set[str]] = {}
    for _, output, case in named:
        wanted.setdefault(case, set()).add(output)
    laid_by = {case: expand(apply_case(model, case), names) for case, names in wanted.items()}
    for path, output, case in named:
        laid = laid_by[case]
        if output not in laid.quantities:
            rows = laid.series.get(series_of(output)[0], (series_of(output)[0],))
            hint = f"known: {rows[0]} to {rows[-1]}" if len(rows) > 1 else f"known: {rows[0]}"
            builder.add("E417", path, "names no row", got=output, hint=hint)
    if model.periods is not None and model.periods.outputs:
        series = expand(model).series
        for name in model.periods.outputs:
            if name not in series:
                hint = did_you_mean(name, series)
                path = ("time", "outputs")
                builder.add("E417", path, "names no series", got=name, hint=hint)


def _unused(builder: Builder, model: Model) -> list[Problem]:
    """Warn of inputs that no formula uses in any case (W204)."""
    texts = [q.formula for q in model.quantities.values()]
    texts += [f for case in model.cases.values() for f in case.quantities.values()]
    trees: list[Node] = [parse(text) for text in texts]
    used = {name for tree in trees for name, _ in names(tree)}
    used |= {name for one in model.inputs.values() for name in (one.same_as, one.on)}
    used |= {one.name for one in model.inputs.values() if one.drawn}
    return [
        builder.document.problem("W204", ("inputs", name), "the input is used by no formula")
        for name in model.inputs
        if name not in used
    ]


def _too_long_for_cells(document: documents.Document) -> list[Problem]:
    """Warn of texts that a spreadsheet's cell cannot hold (W209)."""
    found: list[Problem] = []
    open_: list[tuple[Path, Any]] = [((), document.data)]
    while open_:
        path, value = open_.pop()
        if isinstance(value, str) and len(value) > LONGEST_CELL and path[-1] != "formula":
            words = (
                f"text of {len(value):,} characters; in a workbook it is cut to 32767 characters"
            )
            found.append(document.problem("W209", path, words))
        elif isinstance(value, dict):
            open_ += [((*path, key), one) for key, one in value.items()]
        elif isinstance(value, list):
            open_ += [((*path, k), one) for k, one in enumerate(value)]
    return found
