"""Inputs that depend on another one: conditional beliefs, and cases drawn per scenario.

A *conditional* input has a distribution for each value of a discrete input (`on`). All of them are
read off one draw. A *switch* is a categorical input that names cases of the model: each scenario
runs under the case that was drawn. Both are spelled out before anything runs: every branch becomes
an input that shares the draw, and formulas choose among them with `where`, so that sampler and
rankings know of neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from rangecast.engine.errors import ModelError, Problem, did_you_mean
from rangecast.engine.formula import rename
from rangecast.engine.model.cases import apply_one, lineage
from rangecast.engine.model.conditional import (
    RARE,
    cannot_be_on,
    codes_of,
    law_of_branch,
    matches,
    settle,
    share_of,
)
from rangecast.engine.model.model import Branch, Input, Model, Quantity, Selection


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a choice, and at which key of its input."""

    input: str
    key: str
    code: str
    message: str
    got: str = ""
    allowed: str = ""
    hint: str = ""


def wrong_choices(model: Model) -> list[Wrong]:
    """Everything that keeps the choices of a model from being spelled out, and draws from sharing.

    What an input shares or depends on may be changed by a case, so this is asked under every one.
    """
    found: list[Wrong] = []
    correlated = {name for pair in model.correlations for name in (pair.first, pair.second)}
    for one in model.inputs.values():
        if one.name in correlated and one.law is not None and one.persistence is not None:
            message = "has a value of its own in each period, and is correlated"
            found.append(Wrong(one.name, "per_period", "E505", message))
        if one.same_as:
            found += _wrong_sharing(model, one)
        if one.branches:
            found += _wrong_condition(model, one)
        if one.drawn:
            found += _wrong_switch(model, one)
    switches = [one for one in model.inputs.values() if one.drawn and one.law is not None]
    return found or [w for k, one in enumerate(switches) for w in _clash(model, one, switches[:k])]


def _wrong_sharing(model: Model, one: Input) -> list[Wrong]:
    root = model.inputs[one.same_as]
    own = one.branches or (one.law is not None and one.description != f"same as {one.same_as}")
    if root.same_as:
        message = "must name an input that shares no other"
    elif root.persistence is not None and root.law is not None:
        message = "must name an input with one value in all periods"
    elif root.branches and not own:
        message = "must name an input that is not conditional, or have a distribution of its own"
    else:
        return []
    return [Wrong(one.name, "same_as", "E205", message, one.same_as)]


def _wrong_condition(model: Model, one: Input) -> list[Wrong]:
    condition = model.inputs.get(one.on)
    if condition is None or one.on == one.name:
        hint = did_you_mean(one.on, [n for n in model.inputs if n != one.name])
        return [Wrong(one.name, "on", "E204", "unknown input", one.on, hint=hint)]
    if why := cannot_be_on(condition):
        return [Wrong(one.name, "on", "E312", f"'{one.on}' {why}", one.on)]
    known = codes_of(condition)
    covered = {value for values in matches(one, condition) for value in values}
    missing = [v for v in known if v not in covered and share_of(condition, [v]) > RARE]
    found = []
    if missing:
        listed = ", ".join(known[v] or f"{v:g}" for v in missing[:5])
        message = f"no distribution for {one.on} = {listed}"
        found.append(Wrong(one.name, "given", "E312", message, hint="add {when = …, dist = …}"))
    names = {name for name in (*known.values(), *condition.labels) if name}
    for branch in one.branches:
        for value in branch.when:
            if isinstance(value, str) and value not in names:
                hint = did_you_mean(value, names)
                message = f"'{one.on}' has no such value"
                found.append(Wrong(one.name, "given", "E312", message, value, hint=hint))
    return found


def _wrong_switch(model: Model, one: Input) -> list[Wrong]:
    found = []
    for case in one.drawn:
        if case not in model.cases:
            hint = did_you_mean(case, model.cases)
            found.append(Wrong(one.name, "cases", "E204", "unknown case", case, hint=hint))
            continue
        chain = lineage(model.cases, case)
        if any(one.name in c.inputs for c in chain) or any(c.at_base for c in chain):
            message = "a drawn case cannot fix the draw itself"
            found.append(Wrong(one.name, "cases", "E312", message, case))
        laid = [(n, overlay["built"]) for c in chain for n, overlay in c.inputs.items()]
        for name in sorted({n for n, _ in laid}):
            both = [model.inputs[name], *(new for n, new in laid if n == name)]
            if any(i.branches or i.drawn or i.persistence is not None for i in both):
                message = f"a drawn case cannot change '{name}': it depends on others itself"
                found.append(Wrong(one.name, "cases", "E312", message, case))
    return found


def _touched(model: Model, one: Input) -> set[str]:
    chains = [c for case in one.drawn for c in lineage(model.cases, case)]
    return {n for c in chains for n in (*c.inputs, *c.quantities)}


def _clash(model: Model, one: Input, others: Iterable[Input]) -> list[Wrong]:
    """Refuse two switches that change the same thing: neither could win."""
    found = []
    for other in others:
        if both := sorted(_touched(model, one) & _touched(model, other)):
            message = f"its cases change '{both[0]}', and so do those of '{other.name}'"
            found.append(Wrong(one.name, "cases", "E312", message))
    return found


def problems_of(model: Model) -> list[Problem]:
    """Say what is wrong with the choices of a model under a case or settings."""
    return [
        Problem(
            w.code, f"inputs.{w.input}.{w.key}", w.message, w.got, w.allowed, w.hint, model.file
        )
        for w in wrong_choices(model)
    ]


# ------------------------------------------------------------------------------------ spelling out


def spell_out(model: Model) -> Model:
    """Replace switches and conditional inputs by branches that formulas choose among.

    Parameters
    ----------
    model : Model
        With its case applied. One without choices is given back.

    Returns
    -------
    Model
        In which no input has branches or drawn cases.

    Raises
    ------
    ModelError
        When values of a condition are left without a branch, switches clash, or what shares a
        draw finds none to share.
    """
    if wrong := problems_of(model):
        raise ModelError(*wrong)
    if not any(one.branches or one.drawn for one in model.inputs.values()):
        return model
    for one in [i for i in model.inputs.values() if i.drawn]:
        model = _draw_cases(model, one)
    return _choose_inputs(model)


def _draw_cases(model: Model, switch: Input) -> Model:
    """Make what the cases of a switch change conditional on it."""
    bare = replace(model.inputs[switch.name], drawn=())
    model = replace(model, inputs={**model.inputs, switch.name: bare})
    if switch.law is None and switch.base not in range(len(switch.drawn)):  # no case at all
        return model
    kept = {text.partition("=")[0].strip() for text in model.settings}
    laid = []
    for name in switch.drawn:
        under = model
        for case in lineage(model.cases, name):
            # an axis of a table may stand in a quantity's place; what is set by hand stays
            formulas = {n: f for n, f in case.quantities.items() if n in model.quantities}
            under = apply_one(under, replace(case, quantities=formulas))
        laid.append(under)
    inputs, quantities = dict(model.inputs), dict(model.quantities)
    for name, one in model.inputs.items():
        variants = [under.inputs[name] for under in laid]
        if name not in kept and any(_differs(v, one) for v in variants):
            branches = tuple(
                Branch((float(k),), v.law, v.value if v.law is None else None, v.same_as, v.base)
                for k, v in enumerate(variants)
            )
            own = {v.same_as for v in variants} != {one.same_as}  # each branch knows its root
            same_as = "" if own else one.same_as
            inputs[name] = replace(one, on=switch.name, branches=branches, same_as=same_as)
    for name, quantity in model.quantities.items():
        texts = [under.quantities[name].formula for under in laid]
        if any(text != quantity.formula for text in texts):
            quantities[name] = replace(quantity, formula=_chosen(switch.name, texts))
    return replace(model, inputs=settle(inputs), quantities=quantities)


def _differs(one: Input, other: Input) -> bool:
    mine = (one.law, one.value, one.same_as)
    return mine != (other.law, other.value, other.same_as) or one.base != other.base


def _chosen(switch: str, texts: list[str]) -> str:
    """Formula that takes the k-th text where the switch is k."""
    if len(set(texts)) == 1:
        return texts[0]
    formula = f"({texts[-1]})"
    for k in range(len(texts) - 2, -1, -1):
        formula = f"where({switch} == {k}, ({texts[k]}), {formula})"
    return formula


def _choose_inputs(model: Model) -> Model:
    """Give every branch an input, and formulas the one that holds."""
    inputs: dict[str, Input] = {}
    helpers: dict[str, Quantity] = {}
    renamed: dict[str, str] = {}
    selections: list[Selection] = []
    taken = {*model.inputs, *model.quantities}
    for name, one in model.inputs.items():
        if not one.branches:
            inputs[name] = one
            continue
        inputs[name] = replace(one, on="", branches=())
        condition = model.inputs[one.on]
        matched = matches(one, condition)
        parts = [(b, v) for b, v in zip(one.branches, matched, strict=True) if v]
        if condition.law is None or len(parts) < 2:
            continue
        terms = []
        for k, (branch, values) in enumerate(parts):
            made = _branch_input(one, branch, _free(f"{name}__{k}", taken))
            inputs[made.name] = made
            terms.append((made.name, tuple(values)))
        chosen = Selection(name, one.on, tuple(terms))
        selections.append(chosen)
        helper = _free(f"{name}__", taken)
        helpers[helper] = Quantity(helper, chosen.formula, one.unit, one.label)
        renamed[name] = helper
    if model.function is not None or not renamed:
        return replace(model, inputs=inputs, selections=tuple(selections))
    quantities = {
        n: replace(q, formula=rename(q.formula, renamed)) for n, q in model.quantities.items()
    }
    return replace(model, inputs=inputs, quantities={**helpers, **quantities})


def _branch_input(one: Input, branch: Branch, name: str) -> Input:
    base = one.base
    if not one.base_given:
        base = float(law_of_branch(branch).quantile(np.array([0.5]))[0])
    base = base if branch.base is None else branch.base
    return replace(
        one,
        name=name,
        law=branch.law,
        value=branch.value,
        base=base if branch.value is None else branch.value,
        same_as=branch.same_as or one.same_as or one.name,
        on="",
        branches=(),
        part_of=one.name,
    )


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name
