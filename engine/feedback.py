"""Feedback on elicited inputs: what each distribution implies, shown back to the analyst.

Percentiles that were asked for say little of the mean, the tails or what lies below zero; showing
those back before anything is computed is the last step of an elicitation (O'Hagan et al., Uncertain
Judgements, 2006).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rangecast.distributions import Normal, ParameterError
from rangecast.distributions.composed.masses import exceedance, masses
from rangecast.distributions.protocol import Array, Distribution
from rangecast.engine.attained import attained_spearman
from rangecast.engine.conversion import Unreachable
from rangecast.engine.dependence import groups
from rangecast.engine.errors import Problem
from rangecast.engine.model.document import Document
from rangecast.engine.model.model import Input, Model
from rangecast.engine.model.physical import UNBOUNDED, Bounds
from rangecast.engine.model.positions import Path

LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
FEW_VALUES = 6
"""Most values of a discrete input that are listed one by one."""
CELLS = 48
"""Most cells of the picture of a density."""
LOGARITHMIC = 8.0
"""P99 over P50 from which a positive input is drawn on a logarithmic axis."""
SLIVER = 1e-3
"""Share of draws beyond what a unit allows that is worth a word."""
HEAVY = 3.0
"""Mean over median from which a right tail is worth a word."""
FAR = 0.05
"""Distance of an attained coefficient from the one asked for that is worth a word."""


@dataclass(frozen=True, slots=True)
class Surprise:
    """Something that a distribution implies and its author may not have meant.

    Parameters
    ----------
    code : str
        W358 to W361, or W553.
    sentence : str
        With places in braces, in English; reports say it in the reader's language.
    values : mapping of str to str
        What stands in the places.
    hint : str
        How to mend it, with the same places.
    """

    code: str
    sentence: str
    values: Mapping[str, str]
    hint: str = ""

    @property
    def text(self) -> str:
        """The sentence in English."""
        return self.sentence.format(**self.values)

    def problem(self, place: Problem) -> Problem:
        """Give it as a warning at a place."""
        hint = self.hint.format(**self.values)
        return replace(place, code=self.code, message=self.text, hint=hint)

    @property
    def is_minor(self) -> bool:
        """Whether it is common and often meant, so that only ``check -v`` shows it."""
        return self.code == "W361"


@dataclass(frozen=True, slots=True)
class Density:
    """A picture of a distribution: the share of draws in cells from P1 to P99.

    Parameters
    ----------
    low, high : float
        Ends of the axis.
    shares : tuple of float
        Share of draws in each cell; cells are of equal width, or one value each.
    tallest : float
        Share to draw at full height: the largest but for those of single values of a law that is
        continuous otherwise, which would leave the rest flat.
    is_logarithmic : bool
        Whether they are of equal width in logarithms.
    """

    low: float
    high: float
    shares: tuple[float, ...]
    tallest: float
    is_logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value lies on the axis: 0 at its low end, 1 at its high end."""
        ends = (self.low, self.high)
        if self.is_logarithmic:
            if value <= 0:
                return -math.inf
            ends, value = (math.log(self.low), math.log(self.high)), math.log(value)
        return (value - ends[0]) / (ends[1] - ends[0])


@dataclass(frozen=True, slots=True)
class Feedback:
    """What an input's distribution implies.

    Parameters
    ----------
    name, label, unit : str
    description : str
        The distribution as written; ``""`` for a constant.
    base : float
    base_given : bool
        Whether the file states it; else it is the median.
    base_level : float
        Share of draws at or below the base value; NaN for a constant.
    percentiles : tuple of (float, float)
        Level and value, at `LEVELS`, of the draws as they are: cut off and rounded. Empty for a
        constant.
    mean, sd : float
        Infinite or NaN where they do not exist.
    values : tuple of (float, float)
        Values that have a probability of their own, and that probability, where they are few: of a
        discrete input all, or of a mixed one such as a zero-inflated.
    density : Density or None
        None for a constant, and where all values are listed.
    labels : tuple of str
        Names of the values 0, 1, 2 … of a categorical input, which has no mean.
    same_as : str
        Input whose draw this one shares.
    persistence : float or None
        Correlation of a period's score with the next; None for one value in all periods.
    surprises : tuple of Surprise
    """

    name: str
    label: str
    unit: str
    description: str
    base: float
    base_given: bool = True
    base_level: float = math.nan
    percentiles: tuple[tuple[float, float], ...] = ()
    mean: float = math.nan
    sd: float = math.nan
    values: tuple[tuple[float, float], ...] = ()
    density: Density | None = None
    labels: tuple[str, ...] = ()
    same_as: str = ""
    persistence: float | None = None
    surprises: tuple[Surprise, ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether the input never varies."""
        return not self.percentiles

    def as_dict(self) -> dict[str, Any]:
        """Give plain values, for JSON."""
        return {
            "input": self.name,
            "label": self.label,
            "unit": self.unit,
            "distribution": self.description or "constant",
            "base": self.base,
            "base_given": self.base_given,
            "base_level": self.base_level,
            "percentiles": {f"p{100 * p:02.0f}": value for p, value in self.percentiles},
            "mean": self.mean,
            "sd": self.sd,
            "values": [{"value": v, "probability": p} for v, p in self.values],
            "labels": list(self.labels),
            "same_as": self.same_as or None,
            "persistence": self.persistence,
            "surprises": [{"code": s.code, "text": s.text} for s in self.surprises],
        }


def feedback(one: Input, bounds: Bounds = UNBOUNDED) -> Feedback:
    """Say what an input's distribution implies.

    Parameters
    ----------
    one : Input
        Such as ``model.inputs["visits"]``.
    bounds : (float, float)
        What its unit allows, as `rangecast.check_units` finds it.

    Returns
    -------
    Feedback

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> model = loads('''
    ... [inputs.visits]
    ... dist = "lognormal"
    ... p10 = 5e6
    ... p90 = 200e6
    ... [outputs.y]
    ... formula = "visits"
    ... ''')
    >>> told = feedback(model.inputs["visits"])
    >>> round(dict(told.percentiles)[0.5]), round(told.mean)
    (31622777, 89082281)
    """
    law = one.law
    told = (one.name, one.label, one.unit, one.description, one.base, one.base_given)
    if law is None:
        return Feedback(*told, same_as=one.same_as)
    found = np.asarray(law.quantile(np.array(LEVELS)), dtype=float)
    values = _few_values(law)
    return Feedback(
        *told,
        base_level=float(law.cdf(np.array(one.base))),
        percentiles=tuple(zip(LEVELS, found.tolist(), strict=True)),
        mean=float(law.mean),
        sd=float(law.sd),
        values=values,
        density=None if values and law.discrete else _density(law, values),
        labels=one.labels,
        same_as=one.same_as,
        persistence=one.persistence,
        surprises=tuple(_surprises(one, law, bounds)),
    )


def _few_values(law: Distribution) -> tuple[tuple[float, float], ...]:
    """Values with a probability of their own, unless they are many."""
    try:
        values, weights = masses(law)
    except ParameterError:
        return ()
    drawn = weights > 0
    if np.count_nonzero(drawn) > FEW_VALUES:
        return ()
    return tuple(zip(values[drawn].tolist(), weights[drawn].tolist(), strict=True))


def _density(law: Distribution, values: tuple[tuple[float, float], ...]) -> Density:
    """Picture a law from its P1 to its P99 by the share of draws in each cell."""
    low, middle, high = law.quantile(np.array([0.01, 0.5, 0.99])).tolist()
    if low == high:
        return Density(low, high, (1.0,), 1.0)
    logarithmic = low > 0 and high / middle >= LOGARITHMIC
    if law.discrete and not logarithmic and low.is_integer() and high.is_integer():
        step = math.ceil((high - low + 1) / CELLS)
        count = math.ceil((high - low + 1) / step)
        shares = _shares(law, low - 0.5 + step * np.arange(count + 1.0))
        return Density(low, low + step * count - 1, shares, max(shares))
    edges = np.geomspace(low, high, CELLS + 1) if logarithmic else np.linspace(low, high, CELLS + 1)
    edges[0], edges[-1] = np.nextafter(low, -math.inf), high
    shares = _shares(law, edges)
    holding = {int(np.searchsorted(edges, value)) - 1 for value, _ in values}
    others = [share for k, share in enumerate(shares) if k not in holding]
    return Density(low, high, shares, max(others, default=0.0) or max(shares), logarithmic)


def _shares(law: Distribution, edges: Array) -> tuple[float, ...]:
    return tuple(np.maximum(np.diff(law.cdf(edges)), 0.0).tolist())


def _surprises(one: Input, law: Distribution, bounds: Bounds) -> list[Surprise]:
    return [*_beyond(one, law, bounds), *_without_moments(law)]


def _share(value: float) -> str:
    return f"{100 * value:.2g} %"


def _beyond(one: Input, law: Distribution, bounds: Bounds) -> list[Surprise]:
    """Find draws beyond what the unit allows, where neither the law nor its author set an end."""
    found = []
    low, high = bounds
    if not low <= one.base <= high:
        return []  # the author knows of values beyond
    open_below = math.isfinite(low) and law.support[0] == -math.inf
    beneath = float(law.cdf(np.array(np.nextafter(low, -math.inf)))) if open_below else 0.0
    if beneath > SLIVER:
        words = "{share} of draws lie below {end}, unlikely for a number in {unit}"
        values = {"share": _share(beneath), "end": f"{low:g}", "unit": one.unit}
        hint = "min = {end} cuts them off; another min says that they are meant"
        found.append(Surprise("W358", words, values, hint))
    open_above = math.isfinite(high) and law.support[1] == math.inf
    above = float(exceedance(law, np.array(high))) if open_above else 0.0
    if above > SLIVER:
        words = "{share} of draws lie above {end}, unlikely for a number in {unit}"
        values = {"share": _share(above), "end": f"{high:g}", "unit": one.unit}
        hint = "max = {end} cuts them off; another max says that they are meant"
        found.append(Surprise("W358", words, values, hint))
    return found


def _without_moments(law: Distribution) -> list[Surprise]:
    """Find a mean or a standard deviation that does not exist, or lies far above the median."""
    mean = float(law.mean)
    if not math.isfinite(mean):
        words = "no finite mean: an average of draws never settles; use percentiles"
        return [Surprise("W359", words, {}, "a max or a lighter tail gives it one")]
    if not math.isfinite(law.sd):
        words = "no finite standard deviation: an average of draws settles slowly, its error is n/a"
        return [Surprise("W360", words, {}, "a max or a lighter tail gives it one")]
    least, middle = law.quantile(np.array([0.01, 0.5])).tolist()
    if least >= 0 < middle and mean > HEAVY * middle:  # a ratio says nothing around zero
        words = "the mean is {ratio} times the median: few large draws carry it"
        return [Surprise("W361", words, {"ratio": f"{mean / middle:.3g}"})]
    return []


@dataclass(frozen=True, slots=True)
class PairFeedback:
    """A coefficient of correlation that is asked for, and the rank correlation attained.

    Parameters
    ----------
    first, second : str
    measure : str
        ``spearman``, ``kendall`` or ``pearson``.
    asked : float
        Coefficient of that measure.
    attained : float
        Spearman's coefficient of the draws. It is smaller than the one asked for where values tie:
        of discrete inputs. NaN for a conditional input, whose branches share one draw.
    surprises : tuple of Surprise
    """

    first: str
    second: str
    measure: str
    asked: float
    attained: float
    surprises: tuple[Surprise, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Give plain values, for JSON."""
        return {
            "between": [self.first, self.second],
            "measure": self.measure,
            "asked": self.asked,
            "attained_spearman": self.attained,
            "surprises": [{"code": s.code, "text": s.text} for s in self.surprises],
        }


def pair_feedback(model: Model) -> tuple[PairFeedback, ...]:
    """Say of every correlated pair which rank correlation it attains.

    Parameters
    ----------
    model : Model
        With its case applied; pairs with an input that the case fixes are left out.

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> model = loads('''
    ... [inputs.a]
    ... dist = "normal"
    ... mean = 0
    ... sd = 1
    ... [inputs.b]
    ... dist = "bernoulli"
    ... p = 0.5
    ... [[correlations]]
    ... between = ["a", "b"]
    ... spearman = 0.6
    ... [outputs.y]
    ... formula = "a + b"
    ... ''')
    >>> [round(pair.attained, 3) for pair in pair_feedback(model)]
    [0.499]
    """
    scores, df = _scores(model), model.dependence.df
    found = []
    for pair in model.correlations:
        names = (pair.first, pair.second)
        first, second = (model.inputs[name].law for name in names)
        if first is None or second is None:
            continue
        rho = scores.get(frozenset(names), math.nan)
        attained = math.nan
        told: tuple[Surprise, ...] = ()
        if math.isfinite(rho) and not any(model.inputs[name].branches for name in names):
            attained = attained_spearman(first, second, rho, df)
            told = _unreached(names, (first, second), rho, df, attained)
        told = told if pair.measure != "pearson" else ()  # Pearson's takes account of ties
        found.append(PairFeedback(*names, pair.measure, pair.coefficient, attained, told))
    return tuple(found)


def _scores(model: Model) -> dict[frozenset[str], float]:
    """Correlation of the scores of each pair; none where a case put Pearson's out of reach."""
    try:
        joined = groups(model)
    except Unreachable:
        return {}
    return {
        frozenset((a, b)): float(group.matrix[i, j])
        for group in joined
        for i, a in enumerate(group.names)
        for j, b in enumerate(group.names)
        if i < j
    }


def _unreached(
    names: tuple[str, str],
    laws: tuple[Distribution, Distribution],
    rho: float,
    df: float,
    attained: float,
) -> tuple[Surprise, ...]:
    """Say that ties keep a pair from the coefficient that continuous inputs would have."""
    free = Normal(0.0, 1.0)
    untied = attained_spearman(free, free, rho, df)
    if not abs(attained - untied) > FAR:
        return ()
    tied = [name for name, law in zip(names, laws, strict=True) if _ties(law)]
    values = {
        "asked": f"{untied:.2g}",
        "attained": f"{attained:.2g}",
        "names": " and ".join(tied),
    }
    words = "asked {asked}, reached {attained}: values of {names} tie, and ties have no order"
    hint = "the scores behind them correlate as asked"
    return (Surprise("W553", words, values, hint),)


def _ties(law: Distribution) -> bool:
    try:
        return bool(masses(law)[0].size)
    except ParameterError:
        return False


def _stated(model: Model) -> list[tuple[Path, Input]]:
    """Inputs with a distribution of their own, and those that cases lay over them."""
    found: list[tuple[Path, Input]] = [(("inputs", n), one) for n, one in model.inputs.items()]
    for case in model.cases.values():
        for name, overlay in case.inputs.items():
            new, under = overlay["built"], model.inputs[name]
            base = new.base if new.base_given or not under.base_given else under.base
            laid = replace(new, base=base, unit=new.unit or under.unit)
            found.append((("cases", case.name, "inputs", name), laid))
    return [(path, one) for path, one in found if not one.description.startswith("same as")]


def warnings(
    model: Model, document: Document, bounds: Mapping[str, Bounds], minor: bool = False
) -> list[Problem]:
    """Give the surprises of a model and of its cases as warnings.

    Parameters
    ----------
    model : Model
        Without a case.
    document : Document
        For the place of each.
    bounds : mapping of str to (float, float)
        What each unit allows, from `UnitsReport`.
    minor : bool
        Whether those are included that are common and often meant.
    """
    found = []
    for path, one in _stated(model):
        if one.law is None:
            continue
        for told in _surprises(one, one.law, bounds.get(one.unit, UNBOUNDED)):
            if minor or not told.is_minor:
                found.append(told.problem(document.problem(told.code, path, "")))
    lines = {(pair.first, pair.second): pair.line for pair in model.correlations}
    for pair in pair_feedback(model):
        names = (pair.first, pair.second)
        for told in pair.surprises:
            key = f"correlations {', '.join(names)}"
            place = Problem(told.code, key, "", file=model.file, line=lines[names], column=1)
            found.append(told.problem(place))
    return found
