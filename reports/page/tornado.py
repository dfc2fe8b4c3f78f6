"""What moves an output, as bars, and what other rankings say of it."""

from __future__ import annotations

import math
from typing import Any

from rangecast.engine.errors import SettingsError
from rangecast.engine.result import FEWEST_FOR_ERRORS, Result
from rangecast.engine.sensitivity import INDICES, UNDER_CORRELATION, Bar, tornado
from rangecast.engine.sensitivity.profile import turns
from rangecast.engine.sensitivity.ranks import WITH_RANKS, rank_probabilities
from rangecast.reports import style
from rangecast.reports.axis import Axis, axis_of
from rangecast.reports.drivers import Ranking, disagreement, question, rank
from rangecast.reports.drivers_by_period import table_of
from rangecast.reports.numbers import compact, percent, three_digits, trimmed
from rangecast.reports.page.contents import Contents, Sheet, axis_title, name_of, shown_unit
from rangecast.reports.words import say

MOST = 10
WIDE, NARROW = 300.0, 170.0
"""Room for the ticks of the bars, px."""
_OTHERS = ("conditional", "swing", "rank", "lmg", "variance")
_COLUMNS = {
    "conditional": "tenths",
    "swing": "alone",
    "rank": "rank correlation",
    "lmg": "fair share",
    "variance": "share of variance",
}


def _value(value: float, unit: str) -> str:
    return f"{trimmed(value)} {shown_unit(unit)}".strip()


def _input_ends(bar: Bar) -> str:
    """Where the input stands at the ends of its bar."""
    if not math.isfinite(bar.input_low + bar.input_high):
        return ""
    ends = {"low": trimmed(bar.input_low), "high": _value(bar.input_high, bar.unit)}
    return say("{low} to {high}", **ends)


def _end(axis: Axis, value: float, kind: str, base: float) -> dict[str, Any]:
    place = axis.place(value)
    return {"kind": kind, "left": round(min(place, base), 2), "width": round(abs(place - base), 2)}


def _bar(bar: Bar, axis: Axis, index: bool) -> dict[str, Any]:
    low, high = (0.0, bar.swing) if index else (bar.low, bar.high)
    base = axis.place(0.0 if index else bar.baseline)
    parts = [_end(axis, low, "low", base), _end(axis, high, "high", base)]
    if index:
        kind = "high" if bar.swing >= 0 else "low"
        parts = [_end(axis, bar.swing, kind, base)]
    parts.sort(key=lambda p: -p["width"])  # of two on one side the shorter is drawn on top
    labels = _end_labels(bar, axis, base, index)
    whisker = None
    if index and math.isfinite(bar.ci_low):
        whisker = (axis.place(bar.ci_low), axis.place(bar.ci_high))
    return {
        "name": style.plain(bar.label, 300),
        "ends": _input_ends(bar) if not index else "",
        "parts": [p for p in parts if math.isfinite(p["width"])],
        "labels": labels,
        "whisker": whisker,
        "faint": bar.is_nothing,
    }


def _end_labels(bar: Bar, axis: Axis, base: float, index: bool) -> list[tuple[float, str, str]]:
    """Place, text and anchor of the values at the outer ends of a bar."""
    if index:
        side = "end" if bar.swing < 0 else "start"
        return [(axis.place(bar.swing), f"{bar.swing:+.2f}", side)]
    low, high = sorted((bar.low, bar.high))
    found = []
    if axis.place(low) <= base:
        found.append((axis.place(low), compact(low), "end"))
    if axis.place(high) >= base:
        found.append((axis.place(high), compact(high), "start"))
    return found


def _axis(ranking: Ranking) -> Axis:
    if ranking.method in INDICES:
        most = max([1.0, *(abs(b.swing) for b in ranking.top if math.isfinite(b.swing))])
        signed = any(b.swing < 0 for b in ranking.top)
        return Axis(-most if signed else 0.0, most)
    ends = [v for b in ranking.top for v in (b.low, b.high, b.baseline)]
    return axis_of(ends, wide=10.0 if ranking.logarithmic else math.inf)


def _sheet(ranking: Ranking) -> Sheet:
    """Every bar of the chart and the smaller ones as numbers."""
    bars = [*ranking.top, *ranking.others]
    heads: tuple[str, ...]
    cells: list[tuple[str, ...]]
    if ranking.method in INDICES:
        heads = (say("input"), say("index"), say("from"), say("to"))
        cells = [
            (f"{b.swing:+.3f}", *(three_digits(v) for v in (b.ci_low, b.ci_high))) for b in bars
        ]
    else:
        heads = (
            say("input"),
            say("input low"),
            say("input high"),
            say("output at low"),
            say("output at high"),
            say("swing"),
            say("95 % interval"),
            say("alone"),
        )
        cells = [
            (
                trimmed(b.input_low),
                _value(b.input_high, b.unit),
                compact(b.low),
                compact(b.high),
                compact(b.swing),
                _interval(b),
                f"{compact(b.alone_low)} … {compact(b.alone_high)}",
            )
            for b in bars
        ]
    rows = [(style.plain(b.label, 300), *c) for b, c in zip(bars, cells, strict=True)]
    return Sheet(heads, tuple(rows), 1, question(ranking))


def _interval(bar: Bar) -> str:
    if not math.isfinite(bar.ci_low):
        return say("exact") if not bar.n_used else say("n/a")
    return say("{low} to {high}", low=compact(bar.ci_low), high=compact(bar.ci_high))


def _notes(result: Result, ranking: Ranking) -> list[str]:
    """What must be known to read the bars rightly."""
    notes = []
    if ranking.others:
        words = "other {count} inputs together: {amount} (root sum of squares)"
        size = f"×{ranking.together:.3g}" if ranking.logarithmic else compact(ranking.together)
        if ranking.method not in INDICES:
            notes.append(say(words, count=len(ranking.others), amount=size))
    if ranking.linked:
        names = ", ".join(style.plain(b.label, 80) for b in ranking.linked)
        notes.append(say("act only through correlation: {names}", names=names))
    if result.correlated:
        meaning = say(UNDER_CORRELATION[ranking.method])
        notes.append(say("inputs are correlated: {meaning}", meaning=meaning))
    faint = ", ".join(style.plain(b.label, 80) for b in ranking.top if b.is_nothing)
    if faint:
        notes.append(say("hollow bars cannot be told from 0 at this n: {names}", names=faint))
    if ranking.method == "conditional":
        notes += _turning(result, ranking)
        notes += [text for text in (disagreement(result, ranking),) if text]
    return notes + _sure(result, ranking)


def _turning(result: Result, ranking: Ranking) -> list[str]:
    if ranking.statistic.lower() == "sd":
        return []
    found, model, lines = turns(result, ranking.output, ranking.statistic.lower()), result.model, []
    for name, turn in found.items():
        label = style.plain((model.paths.get(name) or model.inputs[name]).label, 80)
        if turn == "peaks inside":
            lines.append(say("{label} peaks inside its range", label=label))
        else:
            lines.append(say("{label} dips inside its range", label=label))
    return [say("not monotone: {names}", names="; ".join(lines))] if lines else []


def _sure(result: Result, ranking: Ranking) -> list[str]:
    if ranking.method not in WITH_RANKS or result.scenarios < FEWEST_FOR_ERRORS:
        return []
    found = rank_probabilities(result, ranking.output, ranking.method, ranking.statistic.lower())
    if len(found.inputs) < 4:
        return []
    words = "first is {first} in {one} of redrawn rankings, the top three are the same in {three}"
    one, three = (percent(found.together[k]) for k in (0, 2))
    return [say(words, first=style.plain(found.labels[0], 80), one=one, three=three)]


def _other_rankings(result: Result, ranking: Ranking) -> Sheet | None:
    """Rank of each input by several methods, side by side."""
    ranks: dict[str, dict[str, str]] = {}
    for method in _OTHERS:
        try:
            bars = tornado(result, ranking.output, method)
        except SettingsError:
            continue
        for bar in bars:
            if bar.reach == "direct":
                text = "–" if not math.isfinite(bar.swing) else str(bar.rank)
                ranks.setdefault(bar.input, {})[method] = text
    shown = [b for b in ranking.top if b.input in ranks]
    if len(shown) < 2:
        return None
    rows = [
        (style.plain(b.label, 300), *(ranks[b.input].get(m, "–") for m in _OTHERS)) for b in shown
    ]
    heads = (say("input"), *(say(_COLUMNS[m]) for m in _OTHERS))
    return Sheet(heads, tuple(rows), 1, say("Place of each input by five rankings"))


def _title(ranking: Ranking, label: str) -> str:
    return say("What moves {label}: {asked}", label=label, asked=question(ranking))


def drivers(contents: Contents, output: str) -> dict[str, Any] | None:
    """Give the ranking of an output's inputs; None where it was not counted.

    Parameters
    ----------
    contents : Contents
    output : str
    """
    result = contents.result
    if output not in result.ranked or not result.count(output) or result.scenarios == 1:
        return None
    ranking = rank(result, output, contents.method, contents.statistic, MOST)
    if not ranking.top:
        return None
    index, axis = ranking.method in INDICES, _axis(ranking)
    centre = say("all at base" if ranking.statistic.endswith("base") else "all at median")
    name = ranking.statistic.upper() if ranking.method == "conditional" else centre
    baseline = "0" if index else f"{name} {compact(ranking.baseline)}"
    low, high = say("input at its P10"), say("input at its P90")
    if ranking.method == "conditional":
        low, high = say("input in its lowest tenth"), say("input in its highest tenth")
    if index:
        low, high = say("falls with the input"), say("rises with the input")
    return {
        "label": name_of(result, output),
        "title": _title(ranking, name_of(result, output)),
        "bars": [_bar(b, axis, index) for b in ranking.top if math.isfinite(b.swing)],
        "base": axis.place(0.0 if index else ranking.baseline),
        "baseline": baseline,
        "ticks": axis.ticks(WIDE, NARROW),
        "axis_title": axis_title(result, output, axis) if not index else "",
        "logarithmic": axis.logarithmic,
        "legend": (low, high),
        "notes": _notes(result, ranking),
        "sheet": _sheet(ranking),
        "others": _other_rankings(result, ranking),
    }


def drivers_by_period(contents: Contents, series: str) -> dict[str, Any] | None:
    """Give which inputs matter when, as a table with shades from −9 to 9."""
    result = contents.result
    if result.model.series[series][0] not in result.ranked or result.scenarios == 1:
        return None
    labels, periods, shares = table_of(result, series, contents.statistic)
    if not labels:
        return None
    finite = [abs(v) for v in shares.ravel().tolist() if math.isfinite(v)]
    most = max(finite, default=1.0) or 1.0
    rows = []
    for label, row in zip(labels, shares.tolist(), strict=True):
        cells = [
            (_signed(100 * v), shade(v / most)) if math.isfinite(v) else ("–", "") for v in row
        ]
        rows.append((style.plain(label, 300), cells))
    quantity = result.model.quantities[result.model.series[series][0]]
    label = style.plain(quantity.label.removesuffix(quantity.period).strip(), 120)
    words = "change of {statistic} from lowest to highest tenth of the input, in % of P5–P95"
    return {
        "title": say("What moves {label} by period", label=label),
        "note": say(words, statistic=contents.statistic.upper()),
        "heads": periods,
        "rows": rows,
    }


def _signed(value: float) -> str:
    return f"{value:+.0f}" if abs(value) >= 0.5 else "0"


def shade(share: float) -> str:
    """Give the class of a cell from −1 (blue) to 1 (vermillion); none near 0."""
    size = round(9 * abs(share))
    return f"{'up' if share > 0 else 'down'}{size}" if size else ""
