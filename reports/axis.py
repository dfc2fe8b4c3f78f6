"""Where values lie on an axis of a page, in per cent of its length, and what its ticks say."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.reports.numbers import Scale, scale_for, trimmed
from rangecast.reports.words import width_of

WIDE_ROOM, NARROW_ROOM = 560.0, 230.0
"""Shortest length in px for which the ticks of a wide and of a narrow page are chosen."""
_LETTER, _GAP = 7.0, 14.0  # px of a character of a tick, and between two labels
_LINE = 30.0  # px between the ticks of an upright axis
_FINEST, _COARSEST = 1e-305, 1e307  # lengths of which round steps are ordinary floats


@dataclass(frozen=True)
class Tick:
    """A labelled place.

    Parameters
    ----------
    place : float
        Per cent of the axis.
    text : str
    on : str
        ``both``, ``wide`` or ``narrow``: on which pages it is shown.
    """

    place: float
    text: str
    on: str = "both"


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`, linear or logarithmic.

    Parameters
    ----------
    low, high : float
        Ascending; positive where logarithmic.
    logarithmic : bool
    """

    low: float
    high: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Per cent of the length at which a value lies, cut off at the ends.

        Examples
        --------
        >>> Axis(0, 200).place(50), Axis(1, 100, True).place(10)
        (25.0, 50.0)
        """
        if not math.isfinite(value):
            return 0.0 if not value > 0 else 100.0
        if self.logarithmic:
            if value <= 0:
                return 0.0
            share = math.log(value) - math.log(self.low)
            share /= math.log(self.high) - math.log(self.low)
        else:
            share = share_between(value, self.low, self.high)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    @property
    def scale(self) -> Scale:
        """Scale word that all ticks of a linear axis share."""
        return scale_for(max(abs(self.low), abs(self.high)))

    def ticks(self, wide: float = WIDE_ROOM, narrow: float = NARROW_ROOM) -> tuple[Tick, ...]:
        """Choose ticks so that no two labels meet, on a wide and on a narrow page."""
        many, few = self.chosen(wide), self.chosen(narrow)
        both = [v for v in few if v in many]
        marked = [(v, "both") for v in both]
        marked += [(v, "wide") for v in many if v not in both]
        marked += [(v, "narrow") for v in few if v not in both]
        return tuple(Tick(self.place(v), self.write(v), on) for v, on in sorted(marked))

    def ticks_up(self, room: float) -> tuple[tuple[float, str], ...]:
        """Choose ticks of an upright axis so many px high: per cent from the top, and text."""
        found = self.chosen_up(room)
        return tuple((round(100 - self.place(v), 2), self.write(v)) for v in found)

    def chosen_up(self, room: float) -> list[float]:
        """Choose values that lie a line apart on an upright axis of so many px."""
        found: list[float] = []
        for values in self._candidates():
            found = [v for v in values if self._holds(v)]
            places = [self.place(v) / 100 * room for v in found]
            if all(b - a >= _LINE for a, b in itertools.pairwise(places)):
                break
        return found

    def write(self, value: float) -> str:
        """Write a value as its tick."""
        if self.logarithmic and 1e-4 <= value < 1e15:
            return trimmed(value)
        return _plain_number(value, Scale(1.0, "") if self.logarithmic else self.scale)

    def chosen(self, room: float) -> list[float]:
        """Choose values whose labels do not meet on so many px."""
        fitting: list[float] = []
        for values in self._candidates():
            fitting = [v for v in values if self._holds(v)]
            if self._fits(fitting, room):
                return fitting
        return fitting[:1]

    def _holds(self, value: float) -> bool:
        slack = 1e-9 * self.high - 1e-9 * self.low
        return self.low - slack <= value <= self.high + slack

    def _fits(self, values: Sequence[float], room: float) -> bool:
        places = [self.place(v) / 100 * room for v in values]
        halves = [width_of(self.write(v)) * _LETTER / 2 for v in values]
        return all(
            places[k + 1] - places[k] >= halves[k] + halves[k + 1] + _GAP
            for k in range(len(places) - 1)
        )

    def _candidates(self) -> Iterable[list[float]]:
        """Sets of round values, from many to few."""
        if self.logarithmic:
            yield from self._decades()
        if not _FINEST <= self.high - self.low <= _COARSEST:
            yield [self.low, self.high]
            return
        size = math.floor(math.log10(self.high - self.low))
        for power in range(size - 1, size + 2):
            for digit in (1.0, 2.0, 2.5, 5.0):
                step = digit * 10.0**power
                first = math.ceil(self.low / step - 1e-9)
                last = math.floor(self.high / step + 1e-9)
                yield [step * k for k in range(first, min(last, first + 60) + 1)]

    def _decades(self) -> Iterable[list[float]]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        last = min(max(last, first), 308)
        for digits in ((1, 2, 5), (1, 3), (1,)):
            found = [d * 10.0**p for p in range(first, last + 1) for d in digits]
            if sum(self._holds(v) for v in found) >= 2:
                yield found
        for every in (2, 3, 5, 10, 20, 50, 100, 200):
            found = [10.0**p for p in range(first, last + 1) if p % every == 0]
            if sum(self._holds(v) for v in found) >= 2:
                yield found


def _plain_number(value: float, scale: Scale) -> str:
    shown = value / scale.divisor
    if shown and not 1e-4 <= abs(shown) < 1e15:
        return f"{shown:.3g}"
    return f"{shown:,.10g}"


def share_between(value: float, low: float, high: float) -> float:
    """Share of the way from one end to the other, however far apart or close the ends are.

    Examples
    --------
    >>> share_between(50, 0, 200), share_between(0, -1.7e308, 1.7e308), share_between(3, 3, 3)
    (0.25, 0.5, 0.0)
    """
    if not low < high:
        return 0.0
    power = _power(low, high)
    within = min(max(value, low), high)
    value, low, high = (math.ldexp(v, -power) for v in (within, low, high))
    return (value - low) / (high - low)


def evenly(low: float, high: float, count: int) -> Array:
    """So many values at equal distances, however far apart or close the ends are.

    Examples
    --------
    >>> evenly(-1.6e308, 1.6e308, 3).tolist()
    [-1.6e+308, 0.0, 1.6e+308]
    """
    power = _power(low, high)
    found = np.linspace(math.ldexp(low, -power), math.ldexp(high, -power), count)
    return np.asarray(np.ldexp(found, power))


def _power(low: float, high: float) -> int:
    """Power of 2 to take out of both ends, so that their difference is an ordinary float."""
    return math.frexp(max(abs(low), abs(high)))[1]


def widened(low: float, high: float, room: float) -> tuple[float, float]:
    """Add room at both ends of a logarithmic axis, a share of its length; stay within floats.

    Examples
    --------
    >>> low, high = widened(1.0, 100.0, 0.5)
    >>> round(low, 6), round(high, 6)
    (0.1, 1000.0)
    """
    grown = math.exp(min(room * (math.log(high) - math.log(low)), 700.0))
    least = min(low, sys.float_info.min)
    return max(low / grown, least), min(high * grown, sys.float_info.max)


def axis_of(values: Iterable[float], wide: float = 10.0, room: float = 0.0) -> Axis:
    """Give an axis that holds values; logarithmic where they are positive and span a factor.

    Parameters
    ----------
    values : iterable of float
        Those that are not finite are left out.
    wide : float
        Factor between largest and smallest beyond which the axis is logarithmic.
    room : float
        Share of its length that is added at both ends.

    Examples
    --------
    >>> axis_of([1, 5]), axis_of([1, 500]).logarithmic, axis_of([3.0]).high
    (Axis(low=1.0, high=5.0, logarithmic=False), True, 4.5)
    """
    found = [v for v in values if math.isfinite(v)] or [0.0, 1.0]
    low, high, most = min(found), max(found), sys.float_info.max
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        half = abs(low) / 2 or 1.0
        low, high = max(low - half, -most), min(high + half, most)
    if low > 0 and high > wide * low:
        return Axis(*widened(low, high, room), True)
    extra = room * high - room * low
    return Axis(max(low - extra, -most), min(high + extra, most))
