"""A model as plain, frozen values: what a model file says after it has been checked.

Words: an *input* is an uncertain assumption or a constant, a *quantity* a named intermediate
formula, an *output* a quantity whose range is wanted, a *case* an overlay on the model.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Distribution
from rangecast.engine.errors import Problem
from rangecast.engine.formula.tree import Node
from rangecast.engine.model.datafile import DataFile


@dataclass(frozen=True, slots=True)
class Branch:
    """What a conditional input is while its condition has certain values.

    Parameters
    ----------
    when : tuple of float or str
        Values of the condition, or their names.
    law : Distribution or None
    value : float or None
        The number it is, when there is no law.
    same_as : str
        Input whose draw it shares; ``""`` for the conditional input's own.
    base : float or None
        Value in the base case, where the branch has one of its own.
    """

    when: tuple[float | str, ...]
    law: Distribution | None = None
    value: float | None = None
    same_as: str = ""
    base: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """How a conditional input is chosen among its branches, once spelled out.

    Parameters
    ----------
    name, on : str
        The input, and its condition.
    terms : tuple of (str, tuple of float)
        Input of each branch, and the values of the condition to which it belongs.
    """

    name: str
    on: str
    terms: tuple[tuple[str, tuple[float, ...]], ...]

    @property
    def formula(self) -> str:
        """Formula that takes the input of the branch whose values the condition has.

        Examples
        --------
        >>> Selection("x", "s", (("x__0", (0.0,)), ("x__1", (1.0, -1.0)))).formula
        'where(s == 0.0, x__0, x__1)'
        """
        formula = self.terms[-1][0]
        for name, values in reversed(self.terms[:-1]):
            literals = [f"({v!r})" if v < 0 else repr(v) for v in values]
            test = " or ".join(f"{self.on} == {v}" for v in literals)
            formula = f"where({test}, {name}, {formula})"
        return formula

    def among(self, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Choose in arrays as the formula does."""
        condition, found = values[self.on], values[self.terms[-1][0]]
        for name, wanted in reversed(self.terms[:-1]):
            found = np.where(np.isin(condition, wanted), values[name], found)
        return found


@dataclass(frozen=True, slots=True)
class Input:
    """An assumption: a distribution, or a constant when `law` is None.

    Parameters
    ----------
    name : str
    law : Distribution or None
        What is believed of it; None for a constant.
    value : float or None
        The constant's value; None for an uncertain input.
    base : float
        Value in the base case: `base` of the file, else the constant, else the median.
    base_given : bool
        Whether the file states the base value.
    unit, label, note, basis : str
        `label` falls back to the name with spaces for underscores.
    sources : tuple of str
        Keys of the model's sources.
    same_as : str
        Name of the input whose draw (not value) this one shares, or ``""``.
    description : str
        The distribution in words as written, such as ``lognormal(p10=90, p90=1000)``.
    persistence : float or None
        None for one value in all periods; else each period has its own, and this is the
        correlation of the normal scores of a period and the next (0: independent).
    on : str
        The discrete input on which this one depends; its law is then what that leaves of it.
    branches : tuple of Branch
        What it is for each value of `on`.
    labels : tuple of str
        Names of the values 0, 1, 2 … of a categorical input.
    drawn : tuple of str
        Cases of which one is drawn in each scenario.
    part_of : str
        Once spelled out: the conditional input of which this is one branch.
    stream : str
        Once compared: the input whose random numbers its draw is made of, where not its own.
    stated : mapping
        Keys of its distribution or value as written, for sheets of inputs; empty in Python.
    """

    name: str
    law: Distribution | None = None
    value: float | None = None
    base: float = 0.0
    base_given: bool = False
    unit: str = ""
    label: str = ""
    note: str = ""
    basis: str = ""
    sources: tuple[str, ...] = ()
    same_as: str = ""
    description: str = ""
    persistence: float | None = None
    label_zh: str = ""
    on: str = ""
    branches: tuple[Branch, ...] = ()
    labels: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    part_of: str = ""
    stream: str = ""
    stated: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_constant(self) -> bool:
        """Whether the input never varies."""
        return self.law is None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named formula; an output when the user wants its range.

    `tree` and `period` are set once a model has been spelled out by periods: the formula of this
    period, and the period's label ("" for what does not depend on it). `headline` is the
    sentence of an output in a report, with ``{range}`` where its range goes.
    """

    name: str
    formula: str
    unit: str = ""
    label: str = ""
    note: str = ""
    is_output: bool = False
    tree: Node | None = None
    period: str = ""
    label_zh: str = ""
    headline: str = ""
    headline_zh: str = ""


@dataclass(frozen=True, slots=True)
class Periods:
    """The time axis of a model: years, quarters or months in a row.

    Parameters
    ----------
    step : str
        ``year``, ``quarter`` or ``month``.
    labels : tuple of str
        Such as ``2024``, ``2024Q2`` or ``2024-05``.
    years : tuple of float
        Start of each period as a year: 2024.25 for the second quarter.
    starts : tuple of date
        First day of each period, and the day after the last one.
    outputs : tuple of str
        Series that are worth a fan.
    """

    step: str
    labels: tuple[str, ...]
    years: tuple[float, ...]
    starts: tuple[dt.date, ...]
    outputs: tuple[str, ...] = ()

    def position(self, date: dt.date) -> float:
        """Periods that have passed by the end of a day: 0 before the first, all after the last.

        Examples
        --------
        >>> year = Periods("year", ("2024",), (2024.0,), (dt.date(2024, 1, 1), dt.date(2025, 1, 1)))
        >>> year.position(dt.date(2024, 6, 30)), year.position(dt.date(2030, 1, 1))
        (0.4972677595628415, 1.0)
        """
        day = date + dt.timedelta(days=1)
        for k, (first, following) in enumerate(zip(self.starts, self.starts[1:], strict=False)):
            if day < following:
                return k + max((day - first).days, 0) / (following - first).days
        return float(len(self.labels))


@dataclass(frozen=True, slots=True)
class Correlation:
    """A coefficient of correlation between two inputs.

    Parameters
    ----------
    first, second : str
    coefficient : float
        From −1 to 1.
    note, basis : str
    line : int
        Where it stands in the file.
    measure : str
        ``spearman`` and ``kendall`` are of ranks, ``pearson`` of the values.
    """

    first: str
    second: str
    coefficient: float
    note: str = ""
    basis: str = ""
    line: int = 0
    measure: str = "spearman"


@dataclass(frozen=True, slots=True)
class Dependence:
    """How correlated inputs move together beyond their coefficients.

    Parameters
    ----------
    copula : str
        ``gaussian``; ``t``, whose extremes come together; or ``iman-conover``, which reorders
        independent draws.
    df : float
        Degrees of freedom of the t copula.
    repair : bool
        Whether coefficients that cannot all hold give way to the nearest ones that can.
    """

    copula: str = "gaussian"
    df: float = math.inf
    repair: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A figure that the base case must reproduce, and how its source printed it.

    Parameters
    ----------
    case : str
        Case specification such as ``"article+enterprise"``; ``""`` for the bare model.
    output : str
        An output or a quantity.
    equals : float or None
        Exact value, held to a relative 1e-9.
    stated : float or None
        The figure as the source prints it; its difference is shown, not judged.
    label, note, source : str
    line : int
        Where the check stands in the file.
    audit : int
        Row of the audit of the source that it belongs to; 0 for none.
    """

    case: str
    output: str
    equals: float | None = None
    stated: float | None = None
    label: str = ""
    note: str = ""
    source: str = ""
    line: int = 0
    audit: int = 0
    label_zh: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an assumption comes from; `date` is ISO, perhaps partial (``2024``, ``2024-09``)."""

    key: str
    title: str = ""
    publisher: str = ""
    date: str = ""
    url: str = ""
    short: str = ""
    short_zh: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """An overlay: what a case changes, already merged with the case it extends.

    Parameters
    ----------
    name, label, note : str
    as_of : datetime.date or None
        Date of the view, when the case is one.
    at_base : bool
        Whether it first fixes every uncertain input at its base value (``inputs = "base"``).
    inputs : mapping of str to Mapping
        Raw overlay of each input: ``{"value": 3e8}`` for a number, else the keys of its table.
    quantities : mapping of str to str
        Formulas replaced, of quantities and of outputs.
    extends : str
    """

    name: str
    label: str = ""
    note: str = ""
    as_of: dt.date | None = None
    at_base: bool = False
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    quantities: Mapping[str, str] = field(default_factory=dict)
    extends: str = ""
    label_zh: str = ""


@dataclass(frozen=True, slots=True)
class InputGroup:
    """Inputs that are ranked as one where a ranking is asked for by groups."""

    name: str
    inputs: tuple[str, ...]
    label: str = ""
    note: str = ""
    label_zh: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """What one side of a two-way table varies: an input or a quantity, and at which values."""

    name: str
    points: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A two-way table: statistics of an output over a grid of two inputs or quantities.

    Parameters
    ----------
    name, output : str
    rows, columns : Axis
        A quantity on an axis has its formula replaced by the value.
    statistics : tuple of str
        ``base``, ``mean``, ``sd`` or percentiles such as ``p10``.
    case : str
        Case it is made under unless the caller names one.
    mark : str
        ``diagonal`` marks the cells (k, k); ``note`` says why.
    label, note : str
    """

    name: str
    output: str
    rows: Axis
    columns: Axis
    statistics: tuple[str, ...] = ("base",)
    case: str = ""
    mark: str = ""
    label: str = ""
    note: str = ""
    label_zh: str = ""
    note_zh: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What really happened: a published figure to hold the ranges against.

    Parameters
    ----------
    name, label : str
    output : str
        Quantity or series that it is a value of.
    date : datetime.date
        Day by which, or on which, it held.
    unit : str
        Unit of `value`; "" for that of the output.
    value : float
    p5, p95 : float or None
        Its own uncertainty, where the source gives one.
    reading : str
        Of a series: ``to_date`` for a running total, which grows evenly within a period from 0 on
        the first day; ``level`` for the value of the period that holds the date.
    sources : tuple of str
    note : str
    line : int
        Where it stands in the file.
    """

    name: str
    label: str
    output: str
    date: dt.date
    unit: str
    value: float
    p5: float | None = None
    p95: float | None = None
    reading: str = "to_date"
    sources: tuple[str, ...] = ()
    note: str = ""
    line: int = 0
    label_zh: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A choice between alternatives, each the name of the quantity that is its payoff.

    Parameters
    ----------
    name : str
    alternatives : tuple of str
    goal : str
        ``max`` or ``min``.
    label, note : str
    """

    name: str
    alternatives: tuple[str, ...]
    goal: str = "max"
    label: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class BacktestSettings:
    """Cases held against the outcomes unless others are named, and the caution to print."""

    cases: tuple[str, ...] = ()
    note: str = ""
    note_zh: str = ""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run does unless told otherwise."""

    cases: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    scenarios: int = 1_000_000
    seed: int = 1
    design: str = "random"
    max_failures: float = 0.001


@dataclass(frozen=True, slots=True)
class Model:
    """A checked model: inputs, formulas, and everything said about them.

    Two models that compare equal give the same draws and the same results. `Model` is made by
    `rangecast.load` or, for Python functions, by `rangecast.Model`.

    Parameters
    ----------
    inputs : mapping of str to Input
        In the order of the file.
    quantities : mapping of str to Quantity
        Intermediates and outputs, in the order of the file.
    correlations, checks : tuple
    dependence : Dependence
    cases, sources : mapping by name
    run : RunSettings
    title, description : str
    as_of : datetime.date or None
    file : str
        Name of the file as given; ``""`` for a model made in Python.
    sha256 : str
        Hash of the bytes that were parsed.
    warnings : tuple of Problem
    case : str
        The case applied, such as ``"exante+token"``; ``""`` for the bare model.
    case_labels : tuple of str
        Labels of the cases applied, in order.
    units : mapping of str to str
        Declared unit words: ``"base"``, or a definition such as ``"1000 token"``.
    tables : mapping of str to Table
    decisions : mapping of str to Decision
    groups : mapping of str to InputGroup
    outcomes : tuple of Outcome
    backtest : BacktestSettings
    periods : Periods or None
    series : mapping of str to tuple of str
        Once spelled out by periods: the rows of everything that has a value in each.
    paths : mapping of str to Input
        Once spelled out: the inputs that have a value of their own in each period.
    selections : tuple of Selection
        Once spelled out: how conditional inputs are chosen.
    function : callable or None
        A Python function in place of formulas.
    text : str
        The file that was parsed.
    settings : tuple of str
        Inputs changed after loading, as ``companies=20``.
    overlay : tuple of (str, str)
        Files of inputs laid over, each with the SHA-256 of its bytes.
    title_zh, description_zh : str
    units_zh : mapping of str to str
        Unit words in Chinese.
    data_files : tuple of DataFile
        Files of observed values that inputs name, as they were read.
    """

    inputs: Mapping[str, Input]
    quantities: Mapping[str, Quantity]
    correlations: tuple[Correlation, ...] = ()
    dependence: Dependence = field(default_factory=Dependence)
    checks: tuple[Check, ...] = ()
    cases: Mapping[str, Case] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    run: RunSettings = field(default_factory=RunSettings)
    title: str = ""
    description: str = ""
    as_of: dt.date | None = None
    file: str = ""
    sha256: str = ""
    warnings: tuple[Problem, ...] = ()
    case: str = ""
    case_labels: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    groups: Mapping[str, InputGroup] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    backtest: BacktestSettings = field(default_factory=BacktestSettings)
    periods: Periods | None = None
    series: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paths: Mapping[str, Input] = field(default_factory=dict)
    selections: tuple[Selection, ...] = ()
    function: Callable[..., Any] | None = None
    text: str = field(default="", compare=False, repr=False)
    settings: tuple[str, ...] = field(default=(), compare=False)
    overlay: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    title_zh: str = field(default="", compare=False)
    description_zh: str = field(default="", compare=False)
    units_zh: Mapping[str, str] = field(default_factory=dict, compare=False)
    data_files: tuple[DataFile, ...] = field(default=(), compare=False, repr=False)

    def _repr_html_(self) -> str:
        from rangecast.engine.notebook import model_html

        return model_html(self)

    @property
    def outputs(self) -> tuple[Quantity, ...]:
        """The quantities whose ranges are wanted, in the order of the file."""
        return tuple(q for q in self.quantities.values() if q.is_output)
