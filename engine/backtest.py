"""Hold ranges against what happened: where each outcome lies in the ensemble of its own date."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.formula.tree import Call, Name, Node, Number
from rangecast.engine.model.cases import apply_case, show
from rangecast.engine.model.model import Model, Outcome, Quantity
from rangecast.engine.model.periods import expand
from rangecast.engine.model.units import factor_between
from rangecast.engine.result import Result
from rangecast.engine.simulate import simulate

BAND = (0.05, 0.95)


@dataclass(frozen=True)
class Backtested:
    """One outcome under one case.

    Parameters
    ----------
    outcome : Outcome
    case : str
    value : float
        The outcome in the unit of the output.
    p05, p50, p95 : float
        Range of the output at the outcome's date.
    percentile : float
        Share of scenarios at or below the outcome (0 to 1): its probability integral transform.
    ci_low, ci_high : float
        95 % interval of `percentile` by the sampling.
    percentile_low, percentile_high : float
        The same at the ends of the outcome's own 90 % interval; NaN where it has none.
    """

    outcome: Outcome
    case: str
    value: float
    p05: float
    p50: float
    p95: float
    percentile: float
    ci_low: float
    ci_high: float
    percentile_low: float
    percentile_high: float

    @property
    def verdict(self) -> str:
        """``inside`` or ``outside`` the 90 % band; ``open`` if its own interval crosses an end."""
        ends = [v for v in (self.percentile_low, self.percentile_high) if math.isfinite(v)]
        inside = {BAND[0] <= v <= BAND[1] for v in (self.percentile, *ends)}
        return ("inside" if inside == {True} else "outside") if len(inside) == 1 else "open"

    def as_dict(self) -> dict[str, Any]:
        """Give the fields as plain values."""
        one = self.outcome
        numbers = {k: v for k, v in vars(self).items() if k not in {"outcome", "case", "value"}}
        return {
            "outcome": one.name,
            "label": one.label,
            "output": one.output,
            "date": one.date.isoformat(),
            "unit": one.unit,
            "observed": one.value,
            "observed_p5": one.p5,
            "observed_p95": one.p95,
            "case": self.case,
            "value": self.value,
            **numbers,
            "verdict": self.verdict,
            "source": list(one.sources),
            "note": one.note,
        }


def _tree(model: Model, outcome: Outcome) -> Node:
    """Formula of an outcome's output at its date."""
    rows = model.series.get(outcome.output)
    if rows is None or model.periods is None:
        return Name(outcome.output, 0)
    position = model.periods.position(outcome.date)
    k = min(int(position), len(rows) - 1)
    if outcome.reading == "level":  # the end of a day that ends a period is still inside it
        return Name(rows[max(math.ceil(position) - 1, 0)], 0)
    share = position - k
    after = Call("*", (Number(share, 0), Name(rows[k], 0)), 0)
    if k == 0:
        return after
    return Call("+", (Call("*", (Number(1 - share, 0), Name(rows[k - 1], 0)), 0), after), 0)


def _dated(model: Model, outcomes: Sequence[Outcome]) -> Model:
    """Give a model whose outputs are the outcomes' outputs at their dates."""
    laid = expand(show(model, [one.output for one in outcomes]))
    quantities = {n: replace(q, is_output=False) for n, q in laid.quantities.items()}
    for one in outcomes:
        quantity, name = model.quantities[one.output], f"outcome {one.name}"
        tree = _tree(laid, one)
        quantities[name] = Quantity(name, repr(tree), quantity.unit, one.label, "", True, tree)
    return replace(laid, quantities=quantities, checks=(), run=replace(laid.run, outputs=()))


def _one(result: Result, outcome: Outcome, model: Model) -> Backtested:
    name = f"outcome {outcome.name}"
    unit = model.quantities[outcome.output].unit
    factor = factor_between(model, outcome.unit, unit) if outcome.unit else 1.0
    value = factor * outcome.value
    chance = result.probability(name, below=value)
    low, high = (
        math.nan if v is None else result.percentile_of(name, factor * v)
        for v in (outcome.p5, outcome.p95)
    )
    p05, p50, p95 = (result.quantile(name, p) for p in (0.05, 0.5, 0.95))
    return Backtested(
        outcome=outcome,
        case=model.case,
        value=value,
        p05=p05,
        p50=p50,
        p95=p95,
        percentile=result.percentile_of(name, value),
        ci_low=chance.ci_low,
        ci_high=chance.ci_high,
        percentile_low=low,
        percentile_high=high,
    )


def backtest(model: Model, cases: Sequence[str] = (), **settings: Any) -> list[Backtested]:
    """Find where each outcome of a model lies in its ranges.

    Parameters
    ----------
    model : Model
        Without a case, and with outcomes.
    cases : sequence of str
        By default those that the model names for it.
    **settings
        As of `simulate`: scenarios, seed, workers, design …

    Returns
    -------
    list of Backtested
        Case by case, in the order of the file. Inputs are drawn with the cases' own dates; an
        outcome after the last period is held against the end of that period.

    Raises
    ------
    SettingsError
        For a model without outcomes, or an unknown case.

    Examples
    --------
    >>> from rangecast.engine.model.load import load
    >>> found = backtest(load("ai-servers"), ["exante+token"], scenarios=10_000)
    >>> len(found), found[0].verdict
    (13, 'inside')
    """
    if not model.outcomes:
        hint = "add [[outcomes]] with name, output, date and value"
        raise SettingsError(Problem("E700", "backtest", "the model has no outcomes", hint=hint))
    found = []
    for case in cases or model.backtest.cases or model.run.cases or ("",):
        laid = apply_case(model, case) if case else model
        result = simulate(_dated(laid, model.outcomes), **settings)
        found += [_one(result, outcome, laid) for outcome in model.outcomes]
    return found
