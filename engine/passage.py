"""When a series passes a limit: the chance in each period, and of the first time in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.formula import row_name
from rangecast.engine.formula.tree import Call, Name, Node, Number
from rangecast.engine.model.cases import apply_case, show
from rangecast.engine.model.model import Model, Quantity
from rangecast.engine.model.periods import expand
from rangecast.engine.quantiles import proportion_interval
from rangecast.engine.result import Probability
from rangecast.engine.simulate import simulate

_IN, _BY = "past in", "passed by"


@dataclass(frozen=True)
class Passage:
    """One period of a series and a limit.

    Parameters
    ----------
    period : str
    inside : Probability
        Chance of being past the limit in this period.
    first : Probability
        Chance that this is the first period past it.
    by : Probability
        Chance of having been past it in this or an earlier period.
    """

    period: str
    inside: Probability
    first: Probability
    by: Probability


def _passed(row: str, sign: str, limit: float, before: str) -> Node:
    """1 from the first period past the limit on; not finite where the series is not."""
    past = Call(sign, (Name(row, 0), Number(limit, 0)), 0)
    earlier: Node = Name(before, 0) if before else Number(0.0, 0)
    chosen = Call("where", (past, Number(1.0, 0), earlier), 0)
    return Call("+", (chosen, Call("*", (Number(0.0, 0), Name(row, 0)), 0)), 0)


def _watched(model: Model, series: str, sign: str, limit: float) -> Model:
    rows = model.series[series]
    quantities = {n: replace(q, is_output=False) for n, q in model.quantities.items()}
    before = ""
    for row in rows:
        period = model.quantities[row].period
        name = row_name(_BY, period)
        for key, earlier in ((row_name(_IN, period), ""), (name, before)):
            tree = _passed(row, sign, limit, earlier)
            quantities[key] = Quantity(key, repr(tree), "1", key, "", True, tree, period)
        before = name
    return replace(model, quantities=quantities, checks=(), run=replace(model.run, outputs=()))


def first_passage(
    model: Model, series: str, limit: float, *, below: bool = False, case: str = "", **settings: Any
) -> list[Passage]:
    """Find when a series passes a limit.

    Parameters
    ----------
    model : Model
        With periods.
    series : str
    limit : float
    below : bool
        Whether falling below the limit counts, not rising above it.
    case : str
        Case to lay over the model.
    **settings
        As of `simulate`: scenarios, seed, workers, design …

    Returns
    -------
    list of Passage
        One per period, each chance with its 95 % interval.

    Raises
    ------
    SettingsError
        For a name that is no series of the model.

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> model = loads('[time]\\nstart = 2024\\nperiods = 2\\n[inputs.x]\\ndist = "uniform"\\n'
    ...               'low = 0\\nhigh = 1\\n[outputs.y]\\nformula = "x * (t + 1)"\\n')
    >>> found = first_passage(model, "y", 1.0, scenarios=1000)
    >>> found[0].by.value, 0.4 < found[1].first.value < 0.6
    (0.0, True)
    """
    laid = expand(show(apply_case(model, case) if case else model, [series]))
    if series not in laid.series or laid.series[series][0] not in laid.quantities:
        known = [s for s, rows in laid.series.items() if rows and rows[0] in laid.quantities]
        allowed, hint = f"known: {', '.join(known) or 'none'}", did_you_mean(series, known)
        raise SettingsError(Problem("E204", "series", "unknown series", series, allowed, hint))
    result = simulate(_watched(laid, series, "<" if below else ">", limit), **settings)
    found: list[Passage] = []
    for row in laid.series[series]:
        period, earlier = laid.quantities[row].period, found[-1].by.value if found else 0.0
        name = row_name(_BY, period)
        by, n = result.probability(name, above=0.5), result.count(name)
        count = round((by.value - earlier) * n)
        first = Probability(count / n, *proportion_interval(count, count, n))
        inside = result.probability(row_name(_IN, period), above=0.5)
        found.append(Passage(period, inside, first, by))
    return found
