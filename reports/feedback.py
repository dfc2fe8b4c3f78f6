"""Feedback on inputs as text: what each distribution implies, with a small picture."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rangecast.engine.feedback import Density, Feedback, PairFeedback, Surprise
from rangecast.engine.model.model import Dependence
from rangecast.reports import style
from rangecast.reports.numbers import briefly, level_name, percent, percentile_name
from rangecast.reports.words import clip, left, right, say, unit_in_words, width_of, wrapped

SHOWN = (0.1, 0.5, 0.9)
BLOCKS, ASCII_BLOCKS = " ▁▂▃▄▅▆▇█", " .:-=+*#@"
MARKS, ASCII_MARKS = "◄▲►", "<^>"
_INDENT = "  "
_LABEL_WIDTH = 20
MOST_PAIRS = 60
"""Most correlations that are listed one by one."""
_COPULAS = {
    "gaussian": "Correlations, Gaussian copula",
    "t": "Correlations, t copula (df {df})",
    "iman-conover": "Correlations, Iman–Conover",
}
_GAUSSIAN = Dependence()
_MEASURES = {"spearman": "Spearman", "kendall": "Kendall", "pearson": "Pearson"}


def _number(value: float) -> str:
    if math.isnan(value):
        return say("n/a")
    return briefly(float(f"{value:.9g}")) if math.isfinite(value) else say("infinite")


def _heading(told: Feedback, columns: int) -> str:
    """Label, name where it differs, and unit."""
    unit = unit_in_words(style.plain(told.unit))
    name = "" if told.label == told.name.replace("_", " ") else f" ({told.name})"
    tail = name + (say(", in {unit}", unit=unit) if unit not in {"", "1"} else "")
    return clip(style.plain(told.label), max(columns - width_of(tail), 20)) + tail


def _value(told: Feedback, value: float) -> str:
    """Write a value of a discrete input: its name, where it has one."""
    named = value.is_integer() and 0 <= value < len(told.labels)
    return style.plain(told.labels[int(value)]) if named else _number(value)


def _figures(told: Feedback) -> str:
    """Percentiles, mean and standard deviation in words; the values of a discrete input."""
    parts = [f"{_value(told, v)}: {percent(p)}" for v, p in told.values]
    if told.labels and parts:
        return ", ".join(parts)
    if told.density is not None or not parts:
        parts += [f"{level_name(p)} {_number(v)}" for p, v in told.percentiles if p in SHOWN]
    parts.append(say("mean {value}", value=_number(told.mean)))
    parts.append(say("sd {value}", value=_number(told.sd)))
    if told.density is None and told.base_given:
        parts.append(say("base {value}", value=_number(told.base)))
    return ", ".join(parts)


def picture(density: Density, ascii_only: bool = False) -> str:
    """Draw a density as one row of blocks.

    Examples
    --------
    >>> picture(Density(0.0, 3.0, (0.1, 0.5, 0.4, 0.0), 0.5))
    '▂█▆ '
    """
    levels = ASCII_BLOCKS if ascii_only else BLOCKS
    most = len(levels) - 1
    heights = [min(share / density.tallest, 1.0) * most for share in density.shares]
    return "".join(levels[min(max(round(h), 1 if h > 0 else 0), most)] for h in heights)


def _base_line(told: Feedback, density: Density, offset: int, ascii_only: bool) -> str:
    """Mark the base value under the picture; one outside it by an arrow."""
    cells = len(density.shares)
    place = density.place(told.base)
    marks = ASCII_MARKS if ascii_only else MARKS
    mark = marks[0] if place < 0 else marks[2] if place > 1 else marks[1]
    at = offset + min(max(math.floor(place * cells), 0), cells - 1) if place > 0 else offset
    level = percentile_name(told.base_level)
    text = say("base {value} = {level}", value=_number(told.base), level=level)
    if at - offset > cells // 2:
        return " " * (at - width_of(text) - 1) + f"{text} {mark}"
    return " " * at + f"{mark} {text}"


def _drawn(told: Feedback, ascii_only: bool) -> list[str]:
    density = told.density
    if density is None or density.low == density.high:
        return []
    ends = dict(told.percentiles)
    before = f"{_INDENT}P1 {_number(ends[0.01])} "
    after = f" P99 {_number(ends[0.99])}"
    if density.is_logarithmic:
        after += say(" (log)")
    lines = [before + picture(density, ascii_only) + after]
    if told.base_given:
        lines.append(_base_line(told, density, width_of(before), ascii_only))
    return lines


def _surprise_lines(surprises: Iterable[Surprise], columns: int) -> list[str]:
    lines = []
    for one in surprises:
        text = say(one.sentence, **one.values)
        hint = say(one.hint, **one.values)
        both = say("{text}; {hint}", text=text, hint=hint) if hint else text
        lines += _indented(f"! {one.code} {both}", columns)
    return lines


def _indented(text: str, columns: int) -> list[str]:
    return wrapped(text, columns, _INDENT, f"{_INDENT}  ")


def _how(told: Feedback) -> list[str]:
    """How the input is drawn, where it is not by itself once."""
    lines = []
    if told.same_as and told.description != f"same as {told.same_as}":
        lines.append(say("shares the draw of {name}", name=told.same_as))
    if told.persistence is not None and told.persistence:
        words = "a value in each period, correlated by {rho} with the next"
        lines.append(say(words, rho=f"{told.persistence:g}"))
    elif told.persistence is not None:
        lines.append(say("a value in each period, independent of the others"))
    return lines


def input_lines(told: Feedback, columns: int = 80, ascii_only: bool = False) -> list[str]:
    """Show one input: its distribution in words and numbers, a picture, what may surprise.

    Parameters
    ----------
    told : Feedback
    columns : int
        Width of the terminal.
    ascii_only : bool
        Whether block characters cannot be printed.

    Examples
    --------
    >>> from rangecast.engine.feedback import feedback
    >>> from rangecast.engine.model.model import Input
    >>> from rangecast.distributions import Bernoulli
    >>> one = Input("regime", Bernoulli(0.25), description="bernoulli(p=0.25)", label="regime")
    >>> print("\\n".join(input_lines(feedback(one))))
    regime
      bernoulli(p=0.25)
      0: 75 %, 1: 25 %, mean 0.250, sd 0.433
    """
    lines = [_heading(told, columns)]
    same = told.same_as and told.description == f"same as {told.same_as}"
    words = say("draw and distribution of {name}", name=told.same_as) if same else told.description
    lines += _indented(style.plain(words, 400), columns)
    lines += [_INDENT + line for line in _how(told)]
    lines += _indented(_figures(told), columns)
    if not same:
        lines += _drawn(told, ascii_only)
    return lines + _surprise_lines(told.surprises, columns)


def _constant_lines(constants: list[Feedback], columns: int) -> list[str]:
    if not constants:
        return []
    lines = [say("Constants")]
    for told in constants:
        value = _number(told.base)
        lines.append(f"{_INDENT}{_heading(told, columns - width_of(value) - 4)}: {value}")
    return ["", *lines]


def _pair_lines(
    pairs: Iterable[PairFeedback], labels: dict[str, str], columns: int, how: Dependence
) -> list[str]:
    """Table of correlations: asked and attained."""
    rows: list[tuple[str, str, str]] = []
    notes, left_out = [], 0
    for pair in pairs:
        notes += _surprise_lines(pair.surprises, columns)
        if len(rows) == MOST_PAIRS:
            left_out += 1
            continue
        ends = [clip(style.plain(labels[n]), _LABEL_WIDTH) for n in (pair.first, pair.second)]
        text = say("{first} and {second}", first=ends[0], second=ends[1])
        attained = say("n/a") if math.isnan(pair.attained) else f"{pair.attained:+.2f}"
        rows.append((text, f"{say(_MEASURES[pair.measure])} {pair.asked:+.2f}", attained))
    if not rows:
        return []
    words = _COPULAS[how.copula]
    head = (say(words, df=f"{how.df:g}"), say("asked"), say("Spearman attained"))
    table = [head, *rows]
    widths = [max(width_of(row[k]) for row in table) for k in range(3)]
    lines = [
        f"{left(row[0], widths[0])}  {right(row[1], widths[1])}  {right(row[2], widths[2])}"
        for row in table
    ]
    lines += [_INDENT + say("and {count} more pairs", count=left_out)] if left_out else []
    return ["", *lines, *notes]


def feedback_lines(
    told: Iterable[Feedback],
    pairs: Iterable[PairFeedback] = (),
    unused: Iterable[str] = (),
    how: Dependence = _GAUSSIAN,
    columns: int = 80,
    ascii_only: bool = False,
) -> list[str]:
    """Show all inputs of a model and their correlations.

    Parameters
    ----------
    told : iterable of Feedback
    pairs : iterable of PairFeedback
    unused : iterable of str
        Names of inputs that no formula of the case uses: named, not shown.
    how : Dependence
        How the model joins its inputs.
    columns : int
        Width of the terminal.
    ascii_only : bool
        Whether block characters cannot be printed.
    """
    every, apart, lines = list(told), set(unused), []
    labels = {one.name: one.label for one in every}
    for one in every:
        if not one.is_constant and one.name not in apart:
            lines += ["", *input_lines(one, columns, ascii_only)]
    lines += _constant_lines([o for o in every if o.is_constant and o.name not in apart], columns)
    lines += _pair_lines(pairs, labels, columns, how)
    if apart:
        names = ", ".join(style.plain(one.label) for one in every if one.name in apart)
        lines += ["", *_indented(say("Not used: {names}", names=names), columns)]
    return lines[1:]
