"""Cases: one mechanism for views, structures, levels and what-ifs, laid over a model."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rangecast.distributions import ParameterError, registry
from rangecast.engine.errors import ModelError, Problem, SettingsError, did_you_mean
from rangecast.engine.formula import FormulaError, parse, series_of
from rangecast.engine.model.conditional import settle
from rangecast.engine.model.formulas import check_trees
from rangecast.engine.model.inputs import follow, median, own_base, path_inputs
from rangecast.engine.model.model import Case, Input, Model, Periods


def fix(one: Input, value: float) -> Input:
    """Make an input a constant: an intervention, so it leaves any sharing and its spread."""
    return replace(
        one,
        law=None,
        value=value,
        base=value,
        base_given=True,
        same_as="",
        description="",
        on="",
        branches=(),
        stated={"value": value},
    )


def lay_over(one: Input, new: Input, keys: Iterable[str]) -> Input:
    """Replace the distribution as one set; what describes the input stays unless it is set."""
    given, own = set(keys), own_base(one)
    if new.is_constant and new.value is not None:
        changed = fix(one, new.value)
    elif new.law is not None or new.branches:
        base = new.base if own is None else own
        changed = replace(
            one,
            law=new.law,
            value=None,
            base=base,
            same_as=new.same_as,
            description=new.description,
            on=new.on,
            branches=new.branches,
            labels=new.labels,
            drawn=new.drawn,
            persistence=None if new.same_as or new.branches or new.labels else one.persistence,
            stated=new.stated,
        )
    elif new.same_as:
        words, stated = f"same as {new.same_as}", dict(new.stated)
        if own is not None:  # a constant root may hide it
            stated["base"] = own
        changed = replace(
            one,
            law=None,
            value=None,
            same_as=new.same_as,
            description=words,
            on="",
            branches=(),
            labels=(),
            drawn=(),
            persistence=None,
            stated=stated,
        )
    else:
        changed = one
    texts: dict[str, Any] = {
        k: getattr(new, k) for k in ("label", "unit", "note", "basis", "label_zh") if k in given
    }
    if "source" in given:
        texts["sources"] = new.sources
    if "per_period" in given:
        texts["persistence"] = new.persistence
    if "base" in given:
        texts |= {"base": new.base, "base_given": True}
        if changed.same_as:
            texts["stated"] = {**changed.stated, "base": new.base}
    return replace(changed, **texts)


def share_again(inputs: Mapping[str, Input]) -> dict[str, Input]:
    """Let inputs without a law of their own follow the present law of their root or condition.

    A root that was fixed gives no law; then they keep the one they have, and go on varying.
    """
    shared = dict(inputs)
    for name, one in inputs.items():
        root = inputs.get(one.same_as)
        if root is None or one.description != f"same as {one.same_as}":
            continue
        if (root.law is None and one.law is None) or (root.law is not None and one.law != root.law):
            shared[name] = follow(one, root)
    return settle(shared)


def apply_one(model: Model, case: Case) -> Model:
    """Lay one case over a model; its overlays must have been checked."""
    inputs = dict(model.inputs)
    if case.at_base:
        inputs = {n: i if i.is_constant else fix(i, i.base) for n, i in inputs.items()}
    for name, overlay in case.inputs.items():
        inputs[name] = lay_over(inputs[name], overlay["built"], overlay["keys"])
    inputs = share_again(inputs)
    quantities = dict(model.quantities)
    for name, formula in case.quantities.items():
        quantities[name] = replace(quantities[name], formula=formula)
    return replace(
        model,
        inputs=inputs,
        quantities=quantities,
        as_of=case.as_of or model.as_of,
        case_labels=(*model.case_labels, case.label or case.name),
    )


def lineage(cases: Mapping[str, Case], name: str) -> list[Case]:
    """Give a case and those it extends, the furthest first."""
    chain: list[Case] = []
    while name:
        chain.append(cases[name])
        name = cases[name].extends
    return chain[::-1]


def apply_case(model: Model, specification: str) -> Model:
    """Lay cases over a model.

    Parameters
    ----------
    model : Model
        A model without a case.
    specification : str
        ``"A"``, or ``"A+B"`` where B wins; ``""`` leaves the model as it is.

    Raises
    ------
    SettingsError
        For an unknown case, with the nearest name.
    ModelError
        When the formulas of several cases do not work together.
    """
    names = [part.strip() for part in specification.split("+") if part.strip()]
    for name in names:
        if name not in model.cases:
            allowed = f"known: {', '.join(model.cases) or 'none'}"
            hint = did_you_mean(name, model.cases)
            problem = Problem("E204", "case", "unknown case", got=name, allowed=allowed, hint=hint)
            raise SettingsError(problem)
    for name in names:
        for case in lineage(model.cases, name):
            own = case.name == name
            laid = apply_one(model, case)
            model = laid if own else replace(laid, case_labels=model.case_labels)
    changing = {
        case.name for name in names for case in lineage(model.cases, name) if case.quantities
    }
    if len(changing) > 1:  # one alone was checked when the model was loaded
        _refuse_formulas(model, "+".join(names))
    return replace(model, case="+".join(names))


def _refuse_formulas(model: Model, specification: str) -> None:
    """Raise when formulas that cases replaced one by one do not work together."""
    formulas = tuple((name, q.formula) for name, q in model.quantities.items())
    paths = tuple(path_inputs(model.inputs))
    found = _together(formulas, tuple(model.inputs), model.periods, paths)
    if found:
        raise ModelError(
            *(
                Problem(
                    wrong.code,
                    f"case {specification}, {name}",
                    wrong.message,
                    wrong.got,
                    wrong.allowed,
                    wrong.hint,
                    model.file,
                )
                for name, wrong in found[:20]
            )
        )


@functools.lru_cache(maxsize=64)
def _together(
    formulas: tuple[tuple[str, str], ...],
    known: tuple[str, ...],
    periods: Periods | None,
    paths: tuple[str, ...],
) -> list[tuple[str, FormulaError]]:
    """Check formulas together; the same ones come again for each check and run of a case."""
    trees = {name: parse(formula) for name, formula in formulas}
    return check_trees(trees, known, periods, paths)


def set_inputs(model: Model, settings: Iterable[str]) -> Model:
    """Change inputs from the command line: ``companies=20``, ``price=normal(mean=1, sd=0.1)``.

    Raises
    ------
    SettingsError
        For text of another form, an unknown input, or wrong parameters.
    """
    inputs = dict(model.inputs)
    problems, given = [], tuple(settings)
    for setting in given:
        name, sign, text = (part.strip() for part in setting.partition("="))
        if not sign or name not in inputs:
            hint = did_you_mean(name, inputs)
            message = "unknown input" if sign else "expected name=value"
            problems.append(Problem("E700", "--set", message, got=setting, hint=hint))
            continue
        try:
            inputs[name] = _set(inputs[name], text)
        except ParameterError as wrong:
            key = f"--set {name}" + (f".{wrong.parameter}" if wrong.parameter else "")
            problems.append(Problem(wrong.code, key, wrong.message, wrong.got, "", wrong.hint))
    if problems:
        raise SettingsError(*problems)
    return replace(model, inputs=share_again(inputs), settings=(*model.settings, *given))


def _set(one: Input, text: str) -> Input:
    if text in one.labels:
        return fix(one, float(one.labels.index(text)))
    try:
        value = float(text)
    except ValueError:
        dist, given = registry.parse_call(text)
        table = {"dist": dist, **given}
        law, wrong = registry.read(table)
        if law is None:
            raise wrong[0] from None
        law = registry.build(dist, given)
        own = own_base(one)
        base = median(law) if own is None else own
        described = registry.describe_table(table)
        plain = replace(one, same_as="", on="", branches=(), labels=(), drawn=())
        return replace(plain, law=law, value=None, base=base, description=described, stated=table)
    if value != value or value in (float("inf"), float("-inf")):
        raise ParameterError("E305", "", "must be finite", got=text)
    return fix(one, value)


def show(model: Model, names: Iterable[str]) -> Model:
    """Make outputs of quantities, so that their ranges are found too.

    Parameters
    ----------
    model : Model
    names : iterable of str
        Quantities, series or rows of series; those that are outputs already, or unknown, stay.
    """
    wanted = {row for n in names for row in model.series.get(n, (n, series_of(n)[0]))}
    hidden = {n for n in wanted if n in model.quantities and not model.quantities[n].is_output}
    if not hidden:
        return model
    quantities = {
        n: replace(q, is_output=True) if n in hidden else q for n, q in model.quantities.items()
    }
    return replace(model, quantities=quantities)


def check_lineage(cases: Mapping[str, Case]) -> list[tuple[str, str]]:
    """Give every case whose `extends` is unknown or goes round in a circle, with the reason."""
    wrong = []
    for name, case in cases.items():
        seen, at = [name], case.extends
        while at:
            if at not in cases:
                wrong.append((name, f"unknown case '{at}'"))
                break
            if at in seen:
                wrong.append((name, f"circular: {' -> '.join([*seen, at])}"))
                break
            seen.append(at)
            at = cases[at].extends
    return wrong
