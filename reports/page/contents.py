"""What a report is made of: results that were found elsewhere, and what to show of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from rangecast.engine.backtest import Backtested
from rangecast.engine.compare import Comparison
from rangecast.engine.formula import series_of
from rangecast.engine.grid import Grid
from rangecast.engine.result import Result
from rangecast.reports import style
from rangecast.reports.axis import Axis
from rangecast.reports.numbers import Scale, scale_for, unit_words
from rangecast.reports.words import unit_in_words

LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)


@dataclass(frozen=True)
class Contents:
    """Everything that a report shows.

    Parameters
    ----------
    results : tuple of Result
        One per case; the first is told in detail.
    shown : tuple of str
        Outputs and rows of series; by default those that the model shows.
    comparison : Comparison, optional
        The cases on the same draws.
    backtest : tuple of Backtested
    grids : tuple of Grid
        Two-way tables.
    limits : mapping of str to float
        Value of an output or series whose passing is of interest.
    method, statistic : str
        Of the ranking.
    command : str
        What makes the report again.
    made : datetime, optional
        When; the only thing on the page that changes from run to run.
    """

    results: tuple[Result, ...]
    shown: tuple[str, ...] = ()
    comparison: Comparison | None = None
    backtest: tuple[Backtested, ...] = ()
    grids: tuple[Grid, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    method: str = "conditional"
    statistic: str = "p50"
    command: str = ""
    made: dt.datetime | None = None

    @property
    def result(self) -> Result:
        """The result that is told in detail."""
        return self.results[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Outputs and rows shown."""
        return tuple(self.shown) or self.result.shown

    @property
    def plain(self) -> tuple[str, ...]:
        """Outputs shown that have one value, not one per period."""
        quantities = self.result.model.quantities
        return tuple(n for n in self.names if not quantities[n].period)

    @property
    def series(self) -> tuple[str, ...]:
        """Series shown, whole."""
        known = self.result.model.series
        named = dict.fromkeys(series_of(n)[0] for n in self.names if n not in self.plain)
        return tuple(s for s in named if s in known and set(known[s]) <= set(self.result.rows))

    @property
    def first(self) -> str:
        """The output that the answer is about: the first, or the last period of a series."""
        return self.plain[0] if self.plain else self.names[-1]

    @property
    def detailed(self) -> tuple[str, ...]:
        """Outputs that are shown in detail."""
        return self.plain or (self.first,)


@dataclass(frozen=True)
class Sheet:
    """A table of texts.

    Parameters
    ----------
    heads : tuple of str
    rows : tuple of tuple of str
        The first cell of each names the row.
    words : int
        How many of the first columns are words; the others are numbers.
    caption : str
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    caption: str = ""


def name_of(result: Result, output: str) -> str:
    """Label of an output, safe to show."""
    return style.plain(result.model.quantities[output].label, 300)


def capital(text: str) -> str:
    """Write a text as the beginning of a title."""
    return text[:1].upper() + text[1:]


def shown_unit(unit: str) -> str:
    """Write a unit for people, nothing for a pure number.

    Examples
    --------
    >>> shown_unit("card*year/model"), shown_unit("1")
    ('card·year/model', '')
    """
    if unit in {"", "1"}:
        return ""
    return style.plain(unit_in_words(unit), 60).replace("*", "·")


def scale_of(result: Result, output: str) -> Scale:
    """Scale word for the figures of an output: of its median, or of its spread around zero."""
    low, middle, high = (result.quantile(output, p) for p in (0.05, 0.5, 0.95))
    if low < 0 < high:
        return scale_for(max(-low, high) / 2)
    return scale_for(middle or max(abs(low), abs(high)))


def axis_title(result: Result, output: str, axis: Axis) -> str:
    """Title of an axis whose ticks carry scale words of their own where it is logarithmic."""
    return capital(named(result, output, Scale(1.0, "") if axis.logarithmic else axis.scale))


def named(result: Result, output: str, scale: Scale) -> str:
    """Label of an output with scale word and unit, as the title of an axis or a row."""
    quantity = result.model.quantities[output]
    unit = unit_words(quantity.unit, quantity.label, scale)
    label = name_of(result, output)
    return f"{label} ({style.plain(unit, 60)})" if unit else label


def case_words(result: Result) -> str:
    """Say under which case a result stands: labels where the model has them."""
    labels = [label for label in result.model.case_labels if label]
    case = result.model.case.replace("+", " + ")
    return style.plain(" + ".join(labels) if labels else case, 200)
