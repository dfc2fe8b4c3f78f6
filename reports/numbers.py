"""Write numbers for people: three significant digits, thousands separators, scale words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rangecast.reports.words import is_chinese, unit_in_words

NOT_AVAILABLE = "n/a"
_WORDS = ((1e12, "T"), (1e9, "bn"), (1e6, "M"))
_CHINESE = ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))
_MOST_DRAWN = 1e300  # twice of it a chart must be able to compute with
_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


def three_digits(value: float) -> str:
    """Write a number with three significant digits.

    Examples
    --------
    >>> [three_digits(v) for v in (39_412, 5.3412, 0.012345, -0.0, float("nan"))]
    ['39,400', '5.34', '0.0123', '0', 'n/a']
    """
    if not math.isfinite(value):
        return NOT_AVAILABLE if math.isnan(value) else ("∞" if value > 0 else "-∞")
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    rounded = round(value, 2 - size)
    size = math.floor(math.log10(abs(rounded)))
    if size >= 15 or size < -4:
        return f"{value:.2e}"
    return f"{rounded:,.{max(0, 2 - size)}f}"


def briefly(value: float) -> str:
    """Write an input's value: whole numbers without decimals, a scale word from a million.

    Examples
    --------
    >>> [briefly(v) for v in (4.0, 2.96e6, 0.916)]
    ['4', '2.96M', '0.916']
    """
    if value == round(value) and abs(value) < 10_000:
        return f"{value:,.0f}"
    scale = scale_for(value)
    return scale.write(value) + scale.word


def compact(value: float) -> str:
    """Write a number in little room: three digits with a scale word of its own.

    Examples
    --------
    >>> [compact(v) for v in (39_412, 4.9e10, -3e15)]
    ['39,400', '49.0bn', '-3.00e+15']
    """
    if not math.isfinite(value) or abs(value) >= 1e15:
        return three_digits(value)
    scale = scale_for(value)
    return scale.write(value) + scale.word


def trimmed(value: float) -> str:
    """Write the same without the zeros that end its decimals: for ticks and values of inputs.

    Examples
    --------
    >>> [trimmed(v) for v in (10_000.0, 4.9e10, 0.25, 3.0)]
    ['10,000', '49bn', '0.25', '3']
    """
    text = compact(value)
    return re.sub(r"\.?0+(?=\D*$)", "", text) if "." in text and "e" not in text else text


@dataclass(frozen=True)
class Scale:
    """A divisor with its word, chosen once for a row of numbers."""

    divisor: float
    word: str

    def write(self, value: float) -> str:
        """Write a value on this scale."""
        return three_digits(value / self.divisor)


def scale_for(typical: float) -> Scale:
    """Choose millions, billions or trillions from a typical value; below a million, none.

    Examples
    --------
    >>> scale_for(4.97e10).word
    'bn'
    """
    for divisor, word in _CHINESE if is_chinese() else _WORDS:
        if math.isfinite(typical) and abs(typical) >= divisor * 0.9995:
            return Scale(divisor, word)
    return Scale(1.0, "")


def scale_over(typical: float, values: Iterable[float]) -> Scale:
    """Choose the scale of a chart from a typical value; from the largest that no chart could hold.

    Examples
    --------
    >>> scale_over(2e6, [0, 5e9]).word, scale_over(0, [-1.7e308, 1.7e308]).word
    ('M', 'T')
    """
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    return scale_for(largest if largest > _MOST_DRAWN else typical)


def unit_words(unit: str, label: str, scale: Scale) -> str:
    """Give scale word and unit to stand behind a label; currencies as symbols.

    Examples
    --------
    >>> unit_words("CNY", "market", Scale(1e9, "bn"))
    'bn¥'
    """
    unit = "".join(c if c.isprintable() else " " for c in unit)
    if is_chinese():
        return scale.word + ("" if unit in {"", "1"} else unit_in_words(unit))
    head, slash, tail = unit.partition("/")
    shown = _SYMBOLS.get(head, head) + slash + tail
    if unit in {"", "1"} or head.casefold() in label.casefold():
        shown = slash + tail if head.casefold() in label.casefold() and unit else ""
    separator = " " if scale.word and shown and shown[0].isalpha() else ""
    return f"{scale.word}{separator}{shown}"


def percent(share: float) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.5123), percent(0.0004)
    ('51 %', '0.04 %')
    """
    if not math.isfinite(share):
        return NOT_AVAILABLE
    value = 100 * share
    if 1 <= value <= 99 or value in {0.0, 100.0}:
        return f"{value:.0f} %"
    return f"{value:.2g} %" if value < 1 else f"{value:.4g} %"


def percentile_name(share: float) -> str:
    """Write the place of a value in an ensemble.

    Examples
    --------
    >>> percentile_name(0.172), percentile_name(0.9996)
    ('P17', 'P99.96')
    """
    if not math.isfinite(share):
        return NOT_AVAILABLE
    value = 100 * share
    if 1 <= value <= 99:
        return f"P{value:.0f}"
    digits = 2 if 0.01 <= value <= 99.99 else 0
    return f"P{value:.{digits}f}"


def level_name(p: float) -> str:
    """Write the level of a band.

    Examples
    --------
    >>> level_name(0.05), level_name(0.975)
    ('P5', 'P97.5')
    """
    return f"P{100 * p:.10g}"
