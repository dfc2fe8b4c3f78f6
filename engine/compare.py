"""Several cases side by side on the same draws, and the differences between them.

The cases become one model: the formulas of each later case get names of their own, and an input
that differs between cases shares its draw with itself. One run of that model pairs the scenarios,
so that percentiles of the differences, which separate results cannot give, come with intervals.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.formula import rename, series_of
from rangecast.engine.model.cases import apply_case
from rangecast.engine.model.choices import spell_out
from rangecast.engine.model.model import Input, Model, Quantity
from rangecast.engine.result import Probability, Result
from rangecast.engine.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """Cases run together; the first is the reference of the differences.

    Parameters
    ----------
    models : tuple of Model
        With their cases applied.
    outputs : tuple of str
    result : Result
        The run of all cases as one model.
    """

    models: tuple[Model, ...]
    outputs: tuple[str, ...]
    result: Result

    @property
    def cases(self) -> tuple[str, ...]:
        """Names of the cases."""
        return tuple(model.case or "no case" for model in self.models)

    def quantity(self, output: str) -> Quantity:
        """Label and unit of an output."""
        return self.result.model.quantities[output]

    def row(self, output: str, case: int) -> str:
        """Name of an output of a case in `result`."""
        return _name(output, case)

    def difference(self, output: str, case: int) -> str:
        """Name of the difference of a later case from the first in `result`."""
        return _difference(output, case)

    def higher(self, output: str, case: int) -> Probability:
        """Chance that a case gives more than the first one in the same scenario."""
        return self.result.probability(self.difference(output, case), above=0.0)

    def rows(self) -> list[dict[str, Any]]:
        """Give every band: of each case, then of each difference from the first (`minus`)."""
        found = []
        for output in self.outputs:
            names = [(self.row(output, k), k, "") for k in range(len(self.models))]
            later = range(1, len(self.models))
            names += [(self.difference(output, k), k, self.cases[0]) for k in later]
            for name, k, minus in names:
                for p in self.result.setup.plan.percentiles:
                    band = vars(self.result.band(name, p))
                    found.append({"output": output, "case": self.cases[k], "minus": minus, **band})
        return found

    def _repr_html_(self) -> str:
        from rangecast.engine.notebook import table

        return table(self.bands())

    def bands(self) -> pd.DataFrame:
        """Give `rows` as a table."""
        import pandas as pd

        return pd.DataFrame(self.rows())


def _name(name: str, case: int) -> str:
    return f"case{case + 1}_{name}" if case else name


def _difference(name: str, case: int) -> str:
    return f"difference{case + 1}_{name}"


def _same(one: Input, other: Input) -> bool:
    return (one.law, one.value, one.base, one.same_as, one.persistence) == (
        other.law,
        other.value,
        other.base,
        other.same_as,
        other.persistence,
    )


def _is_correlated(model: Model, name: str) -> bool:
    return any(name in (pair.first, pair.second) for pair in model.correlations)


def _add_case(
    case: int,
    model: Model,
    inputs: dict[str, Input],
    quantities: dict[str, Quantity],
    outputs: Collection[str],
) -> None:
    """Add the inputs and formulas of a later case under names of its own."""
    new = {name: _name(name, case) for name in model.quantities}
    for name, one in model.inputs.items():
        if name not in inputs:
            inputs[name] = one
        elif not _same(one, inputs[name]):
            new[name] = _name(name, case)
            before = inputs[name]
            if before.same_as and not one.same_as and _is_correlated(model, name):
                message = f"{name} shares a draw in the first case and is correlated in a later one"
                hint = "name the later case first"
                raise SettingsError(Problem("E700", "case", message, hint=hint))
            apart = before.same_as or (before.persistence, one.persistence) != (None, None)
            root = one.same_as or ("" if apart else name)
            inputs[new[name]] = replace(one, name=new[name], same_as=root)
    for name, other in new.items():  # a root that draws apart takes along what shares its draw
        made = inputs.get(other)
        if made is not None and name in model.inputs and model.inputs[name].same_as in new:
            root = new[made.same_as]
            inputs[other] = replace(made, same_as=inputs[root].same_as or root)
    for name, quantity in model.quantities.items():
        formula = rename(quantity.formula, new)
        shown = name in outputs
        quantities[new[name]] = replace(quantity, name=new[name], formula=formula, is_output=shown)
    for name in outputs:
        unit, difference = model.quantities[name].unit, _difference(name, case)
        formula = f"{new[name]} - {name}"
        quantities[difference] = Quantity(difference, formula, unit, is_output=True)


def combine(models: Sequence[Model], outputs: Sequence[str]) -> Model:
    """Make one model of several cases of a model.

    Parameters
    ----------
    models : sequence of Model
        The same model under different cases.
    outputs : sequence of str
        Outputs wanted of each.

    Raises
    ------
    SettingsError
        For fewer than two cases, an unknown output, or a Python function.
    """
    if len(models) < 2 or any(model.function is not None for model in models):
        message = "needs two cases or more of a model with formulas"
        raise SettingsError(Problem("E700", "case", message, str(len(models))))
    if any(model.series for model in models):  # its trees would not be renamed
        message = "takes models as loaded, not as spelled out by periods"
        raise SettingsError(Problem("E700", "case", message))
    for name in outputs:
        if name not in models[0].quantities:
            allowed = f"known: {', '.join(q.name for q in models[0].outputs)}"
            raise SettingsError(Problem("E204", "output", "unknown output", name, allowed))
    models = [spell_out(model) for model in models]  # a choice may differ from case to case
    first = models[0]
    inputs = dict(first.inputs)
    quantities = {n: replace(q, is_output=n in outputs) for n, q in first.quantities.items()}
    for case, model in enumerate(models[1:], 1):
        _add_case(case, model, inputs, quantities, outputs)
    return replace(
        first,
        inputs=inputs,
        quantities=quantities,
        checks=(),
        run=replace(first.run, outputs=tuple(outputs[:1])),
        case="",
    )


def compare(
    model: Model, cases: Sequence[str], outputs: Sequence[str] = (), **settings: Any
) -> Comparison:
    """Run cases of a model side by side on the same draws.

    Parameters
    ----------
    model : Model
        Without a case.
    cases : sequence of str
        Such as ``["exante", "exante+token"]``; differences are from the first.
    outputs : sequence of str
        By default those that the model shows.
    **settings
        As of `simulate`: scenarios, seed, workers, design, percentiles …

    Returns
    -------
    Comparison

    Examples
    --------
    >>> import rangecast as rc
    >>> found = compare(rc.load("ai-servers"), ["exante", "exante+token"], scenarios=10_000)
    >>> found.outputs, len(found.rows())
    (('servers', 'market_cny'), 42)
    """
    laid = [apply_case(model, case) if case else model for case in cases]
    return compare_models(laid, outputs, **settings)


def compare_models(
    models: Sequence[Model], outputs: Sequence[str] = (), **settings: Any
) -> Comparison:
    """Run models that differ by their cases or settings only; see `compare`."""
    shown = tuple(outputs or models[0].run.outputs or [q.name for q in models[0].outputs])
    series = tuple(dict.fromkeys(series_of(name)[0] for name in shown))
    result = simulate(combine(models, series), **settings)
    rows = [row for name in shown for row in result.model.series.get(name, (name,))]
    return Comparison(tuple(models), tuple(rows), result)
