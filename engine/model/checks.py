"""The base case, and the figures it must reproduce."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from rangecast.engine.formula import compile_program, names
from rangecast.engine.model.cases import apply_case
from rangecast.engine.model.formulas import tree_of
from rangecast.engine.model.model import Check, Input, Model, Source
from rangecast.engine.model.periods import expand

TOLERANCE = 1e-9


@dataclass(frozen=True)
class CheckResult:
    """One checked figure.

    Parameters
    ----------
    check : Check
    label, unit : str
        Of the output.
    value : float
        What the base case gives.
    ok : bool
        Whether `equals` holds to a relative 1e-9 (true when only `stated` is given).
    difference : float or None
        Stated figure relative to the value, minus 1.
    """

    check: Check
    label: str
    unit: str
    value: float
    ok: bool
    difference: float | None


def base_case(model: Model, outputs: Collection[str] = ()) -> dict[str, float]:
    """Every quantity, or only some, with all inputs at their base values.

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> base_case(loads('[inputs.x]\\nvalue = 2\\n[outputs.y]\\nformula = "x * 3"\\n'))
    {'y': 6.0}
    """
    model = expand(model, outputs)
    formulas = {name: tree_of(q) for name, q in model.quantities.items()}
    values = {name: one.base for name, one in model.inputs.items()}
    program = compile_program(formulas, list(outputs or formulas), {}, values)
    return {name: float(np.ravel(v)[0]) for name, v in program.evaluate({}).items()}


def _holds(value: float, equals: float | None) -> bool:
    if equals is None:
        return math.isfinite(value)
    if equals == 0:
        return abs(value) <= 1e-12
    return abs(value / equals - 1) <= TOLERANCE


def run_checks(model: Model) -> list[CheckResult]:
    """Evaluate every check of a model that has no case applied."""
    wanted: dict[str, dict[str, None]] = {}
    for check in model.checks:
        wanted.setdefault(check.case, {})[check.output] = None
    cases: dict[str, tuple[Model, dict[str, float]]] = {}
    for case, outputs in wanted.items():
        laid = expand(apply_case(model, case), outputs)
        cases[case] = laid, base_case(laid, outputs)
    results = []
    for check in model.checks:
        laid, values = cases[check.case]
        value, quantity = values[check.output], laid.quantities[check.output]
        difference = None
        if check.stated is not None and value:
            difference = check.stated / value - 1
        ok = _holds(value, check.equals)
        results.append(CheckResult(check, quantity.label, quantity.unit, value, ok, difference))
    return results


def earliest(date: str) -> dt.date | None:
    """Read an ISO date that may lack day or month, as its first day.

    Examples
    --------
    >>> earliest("2024-09")
    datetime.date(2024, 9, 1)
    """
    parts = [int(p) for p in date.split("-") if p.isdigit()]
    try:
        return dt.date(*[*parts, 1, 1][:3]) if parts else None
    except ValueError:
        return None


def used_inputs(model: Model) -> set[str]:
    """Inputs that some formula of the model uses, with those on which these depend.

    These are the roots of shared draws, conditions, and what draws the case. A Python function may
    use all of its inputs.
    """
    if model.function is not None:
        return set(model.inputs)
    used = {n for q in model.quantities.values() for n, _ in names(tree_of(q))}
    found = {n for n, one in model.inputs.items() if n in used or one.drawn}
    others = {n for name in found for n in (model.inputs[name].same_as, model.inputs[name].on)}
    return found | (others - {""})


def late_sources(model: Model) -> list[tuple[Input, Source]]:
    """Uncertain inputs in use whose sources are later than the date of the view."""
    if model.as_of is None:
        return []
    late = []
    used = used_inputs(model)
    for one in model.inputs.values():
        if one.name not in used or one.is_constant:
            continue
        for key in one.sources:
            date = earliest(model.sources[key].date)
            if date is not None and date > model.as_of:
                late.append((one, model.sources[key]))
    return late
