"""Show an output in another unit: the model with that output multiplied, everything else kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.formula import rename
from rangecast.engine.model.model import Check, Model, Quantity
from rangecast.engine.model.units import factor_between


def in_units(model: Model, units: Mapping[str, str]) -> Model:
    """Give outputs in other units.

    Parameters
    ----------
    model : Model
        Before any case is laid over it.
    units : mapping of str to str
        Output or quantity → unit wanted, of the same dimension. Words of the model and prefixes
        such as ``k``, ``万`` and ``亿`` may be used.

    Returns
    -------
    Model
        Formulas, cases and outcomes that use the quantity go on in its own unit; its checked
        figures are converted.

    Raises
    ------
    SettingsError
        For an unknown name or unit, or a unit of another dimension.

    Examples
    --------
    >>> from rangecast.engine.model.load import load
    >>> in_units(load("ai-servers"), {"market_cny": "亿CNY"}).quantities["market_cny"].unit
    '亿CNY'
    """
    for name, unit in units.items():
        if name not in model.quantities:
            hint = did_you_mean(name, model.quantities)
            raise SettingsError(Problem("E204", "unit", "unknown output", name, hint=hint))
        factor = factor_between(model, model.quantities[name].unit, unit)
        model = _converted(model, name, unit, factor)
    return model


def _converted(model: Model, name: str, unit: str, factor: float) -> Model:
    own = f"{name}_in_own_unit"
    while own in model.quantities or own in model.inputs:
        own += "_"
    new = {name: own}
    quantities: dict[str, Quantity] = {}
    for key, one in model.quantities.items():
        formula = rename(one.formula, new)
        if key == name:
            quantities[own] = replace(one, name=own, formula=formula, is_output=False)
            one = replace(one, headline="", headline_zh="")  # it may name the old unit
            quantities[name] = replace(one, formula=f"{own} * {factor!r}", unit=unit)
        else:
            quantities[key] = replace(one, formula=formula)
    cases = {
        key: replace(
            case, quantities={new.get(n, n): rename(f, new) for n, f in case.quantities.items()}
        )
        for key, case in model.cases.items()
    }
    return replace(
        model,
        quantities=quantities,
        cases=cases,
        checks=tuple(_check(c, name, factor) for c in model.checks),
        outcomes=tuple(replace(o, output=own) if o.output == name else o for o in model.outcomes),
    )


def _check(check: Check, name: str, factor: float) -> Check:
    """Convert the figures of a check of the quantity, or of one of its rows."""
    if check.output != name and not check.output.startswith(f"{name}["):
        return check
    equals, stated = (None if v is None else v * factor for v in (check.equals, check.stated))
    return replace(check, equals=equals, stated=stated)
