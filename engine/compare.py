"""Several cases side by side on the same draws, and the differences between them.

The cases become one model: the formulas of each later case get names of their own, and an input
that differs between cases shares its draw with itself. One run of that model pairs the scenarios,
so that percentiles of the differences, which separate results cannot give, come with intervals.
Every case has the figures of its own run with the same seed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rangecast.engine import dependence
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.formula import rename, series_of
from rangecast.engine.model.cases import apply_case
from rangecast.engine.model.choices import spell_out
from rangecast.engine.model.model import Correlation, Input, Model, Quantity
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

    @property
    def unpaired(self) -> tuple[str, ...]:
        """Inputs with a value in each period in some cases and one for all of them in others.

        They are drawn apart, since one draw has no counterpart among many.
        """
        kinds: dict[str, set[bool]] = {}
        for model in self.models:
            for name, one in model.inputs.items():
                if one.law is not None and not one.same_as:
                    kinds.setdefault(name, set()).add(_is_path(one))
        return tuple(name for name, found in kinds.items() if len(found) > 1)

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


def _copy(name: str, case: int) -> str:
    return f"case{case + 1}_{name}"


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


def _is_path(one: Input) -> bool:
    return one.law is not None and one.persistence is not None


@dataclass(frozen=True)
class _Inputs:
    """The inputs of all cases, under names that are different where the inputs are.

    Streams go by names. So the plain name is that of the first case in which the input has a draw
    of its own; what differs is a copy that shares this draw. A copy that cannot, with a value in
    each period or other scores, draws apart, from the same random numbers.

    Parameters
    ----------
    models : sequence of Model
    plain : mapping of str to Input
    donor : mapping of str to int
        Case from which each of them is.
    apart : tuple of set of str
        Inputs of each case that draw apart.
    """

    models: Sequence[Model]
    plain: Mapping[str, Input]
    donor: Mapping[str, int]
    apart: tuple[set[str], ...]

    def root(self, case: int, name: str) -> str:
        """Name under which the draw that an input shares in its case is found; "" for its own."""
        root = self.models[case].inputs[name].same_as
        return _copy(root, case) if root in self.apart[case] else root

    def is_plain(self, case: int, name: str) -> bool:
        """Whether the input of a case is the one with the plain name."""
        alike = _same(self.models[case].inputs[name], self.plain[name])
        shared = self.root(case, name), self.root(self.donor[name], name)
        return alike and name not in self.apart[case] and shared[0] == shared[1]

    def names(self, case: int) -> dict[str, str]:
        """Names of the copies that a case needs."""
        own = self.models[case].inputs
        return {name: _copy(name, case) for name in own if not self.is_plain(case, name)}

    def all(self) -> dict[str, Input]:
        """Give the inputs by name: plain ones, then copies."""
        made = {n: replace(i, same_as=self.root(self.donor[n], n)) for n, i in self.plain.items()}
        for case, model in enumerate(self.models):
            for name, copy in self.names(case).items():
                one, root = model.inputs[name], self.root(case, name)
                if not (root or one.is_constant or name in self.apart[case]):
                    root = name
                made[copy] = replace(one, name=copy, same_as=root, stream=name)
        return made

    def correlations(self) -> tuple[Correlation, ...]:
        """Give the coefficients, again for the groups of a case that draw apart."""
        found = list(self.models[0].correlations)
        for case, model in enumerate(self.models):
            for pair in model.correlations:
                if {pair.first, pair.second} <= self.apart[case]:
                    both = _copy(pair.first, case), _copy(pair.second, case)
                    found.append(replace(pair, first=both[0], second=both[1]))
        return tuple(found)


def _laid_out(models: Sequence[Model]) -> _Inputs:
    plain: dict[str, Input] = {}
    donor: dict[str, int] = {}
    for case, model in enumerate(models):
        for name, one in model.inputs.items():
            if name not in plain or (plain[name].same_as and not one.same_as):
                plain[name], donor[name] = one, case
    scores = _scores(replace(models[0], inputs=plain))
    apart = []
    for model in models:
        differing = {n for n, one in model.inputs.items() if not _same(one, plain[n])}
        found = {n for n in differing if _is_path(model.inputs[n]) or _is_path(plain[n])}
        for names, matrix in _scores(model).items():
            if matrix != scores.get(names):
                found |= set(names)
        apart.append({n for n in found if n in model.inputs})
    return _Inputs(models, plain, donor, tuple(apart))


def _scores(model: Model) -> dict[tuple[str, ...], bytes]:
    """Correlations of scores by group, where they depend on the laws: Pearson's coefficient."""
    if all(pair.measure != "pearson" for pair in model.correlations):
        return {}
    return {group.names: group.matrix.tobytes() for group in dependence.groups(model)}


def _add_formulas(
    case: int,
    model: Model,
    copies: Mapping[str, str],
    quantities: dict[str, Quantity],
    outputs: Collection[str],
) -> None:
    """Add the formulas of a case, those of a later one under names of its own."""
    new = {**{name: _name(name, case) for name in model.quantities}, **copies}
    for name, quantity in model.quantities.items():
        formula = rename(quantity.formula, new)
        shown = name in outputs
        quantities[new[name]] = replace(quantity, name=new[name], formula=formula, is_output=shown)
    for name in outputs if case else ():
        unit, difference = model.quantities[name].unit, _difference(name, case)
        formula = f"{new[name]} - {name}"
        quantities[difference] = Quantity(difference, formula, unit, is_output=True)


def _refuse_taken(laid: _Inputs, outputs: Sequence[str]) -> None:
    """Refuse names of the model that the comparison needs."""
    known = {name for model in laid.models for name in (*model.inputs, *model.quantities)}
    needed = {copy for case in range(len(laid.models)) for copy in laid.names(case).values()}
    for case, model in enumerate(laid.models[1:], 1):
        needed |= {_name(name, case) for name in model.quantities}
        needed |= {_difference(name, case) for name in outputs}
    if both := sorted(known & needed):
        message, hint = "a comparison needs this name", "rename the input or quantity"
        raise SettingsError(Problem("E700", "case", message, both[0], hint=hint))


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
        For fewer than two cases, an unknown output, a Python function, or a name such as
        ``case2_x`` that stands for the x of the second case.
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
    first, laid = models[0], _laid_out(models)
    _refuse_taken(laid, outputs)
    quantities: dict[str, Quantity] = {}
    for case, model in enumerate(models):
        _add_formulas(case, model, laid.names(case), quantities, outputs)
    return replace(
        first,
        inputs=laid.all(),
        quantities=quantities,
        correlations=laid.correlations(),
        checks=(),
        run=replace(first.run, outputs=tuple(outputs[:1])),
        case="",
    )


def compare(
    model: Model, cases: Sequence[str], outputs: Sequence[str] = (), **settings: Any
) -> Comparison:
    """Run cases of a model side by side on the same draws.

    Every case has the figures of its own run with the same seed. Under the design ``sobol`` this
    holds where cases have the same inputs: one more, or another that varies per period, moves
    dimensions. An input with a value in each period in some cases only is drawn apart in these
    (`Comparison.unpaired`).

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
    linked = models
    if not settings.get("correlations", True):  # nor do coefficients out of reach matter
        linked = [replace(model, correlations=()) for model in models]
    result = simulate(combine(linked, series), **settings)
    rows = [row for name in shown for row in result.model.series.get(name, (name,))]
    return Comparison(tuple(models), tuple(rows), result)
