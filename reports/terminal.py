"""The first screen: bands, what the source said, what moves the answer."""

from __future__ import annotations

import math

from rangecast.engine.formula import series_of
from rangecast.engine.model.checks import late_sources
from rangecast.engine.precision import half_width, is_relative
from rangecast.engine.result import FEWEST_FOR_ERRORS, Result
from rangecast.engine.sensitivity import INDICES, UNDER_CORRELATION, Bar, ranked, tornado
from rangecast.engine.sensitivity.profile import TRANCHES, turns
from rangecast.engine.sensitivity.ranks import WITH_RANKS, rank_probabilities
from rangecast.engine.sensitivity.regional import crossing, failures
from rangecast.reports.axis import share_between
from rangecast.reports.drivers import Ranking, disagreement, question, rank
from rangecast.reports.drivers_by_period import driver_lines
from rangecast.reports.figures import placed_figures
from rangecast.reports.numbers import (
    Scale,
    compact,
    level_name,
    percent,
    percentile_name,
    scale_for,
    three_digits,
    unit_words,
)
from rangecast.reports.words import clip, left, right, say, width_of

COLUMNS = (0.05, 0.25, 0.50, 0.75, 0.95)
BAR_WIDTH = 41
LABEL_WIDTH = 28
_SHORTEST = 12  # columns of a label, however narrow the terminal
ROOM = 120
"""Columns of a line where nobody says how many there are."""
_MIXES = UNDER_CORRELATION
_NOTHING = "."  # draws a bar that cannot be told from 0


def _plain(text: str) -> str:
    """Drop control characters from a user's text."""
    return "".join(c if c.isprintable() else " " for c in text)


def heading(result: Result) -> str:
    """Line 1: title, cases, date of the view, what is counted."""
    model = result.model
    view = ""
    if model.as_of is not None:
        day = model.as_of.isoformat()
        view = say("view as of {day}", day=day)
        if late_sources(model):
            view = say("reconstructed view as of {day}", day=day)
    parts = [model.title or model.file, model.case.replace("+", " + "), view, model.description]
    return " · ".join(_plain(p) for p in parts if p)


def _cut(width: int, room: int) -> int:
    """Columns for labels, of as many as are left."""
    return min(width, max(_SHORTEST, room))


def _row_label(result: Result, output: str, scale: Scale) -> str:
    quantity = result.model.quantities[output]
    words = unit_words(quantity.unit, quantity.label, scale)
    return clip(f"{_plain(quantity.label)} {words}".strip(), LABEL_WIDTH)


def _scale(result: Result, output: str, outputs: list[str], middle: float) -> Scale:
    """Choose the scale of an output; rows of one series share that of the largest."""
    series = series_of(output)[0]
    rows = [n for n in outputs if series_of(n)[0] == series and result.count(n)]
    return scale_for(max((abs(result.quantile(n, middle)) for n in rows), default=math.nan))


def bands_table(result: Result, outputs: list[str], columns: int = ROOM) -> list[str]:
    """One line per output: percentiles and the mean; labels are cut where a line is too long."""
    levels = result.setup.plan.percentiles
    shown = [p for p in COLUMNS if p in levels] if set(COLUMNS) <= set(levels) else list(levels)
    rows = [["", *(level_name(p) for p in shown), say("mean")]]
    for output in outputs:
        values = [result.quantile(output, p) for p in shown] if result.count(output) else []
        scale = _scale(result, output, outputs, shown[len(shown) // 2])
        cells = [scale.write(v) for v in values] or [say("n/a")] * len(shown)
        mean = scale.write(result.moments_of(output).mean) if values else say("n/a")
        rows.append([_row_label(result, output, scale), *cells, mean])
    widths = [max(width_of(row[k]) for row in rows) for k in range(len(rows[0]))]
    widths[0] = _cut(widths[0], columns - sum(w + 2 for w in widths[1:]))
    return [
        "  ".join(
            [
                left(clip(row[0], widths[0]), widths[0]),
                *(right(c, w) for c, w in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]


def _figures_line(result: Result, output: str) -> str:
    placed = placed_figures(result, output)
    if not placed or not result.count(output):
        return ""
    scale = scale_for(placed[0].value)
    quantity = result.model.quantities[output]
    words = unit_words(quantity.unit, quantity.label, scale) if scale.word else ""
    parts = []
    for figure in placed:
        number = f"{figure.value:,.0f}" if not scale.word else scale.write(figure.value) + words
        label = f" (“{figure.label}”)" if figure.label else ""
        parts.append(f"{number}{label} = {percentile_name(figure.percentile)}")
    more = result.probability(output, above=placed[-1].value).value
    return say(
        "{source}: {figures}; chance of more: {chance}",
        source=placed[0].source,
        figures=" · ".join(parts),
        chance=percent(more),
    )


def _base_line(result: Result, output: str) -> str:
    base = result.base[output]
    if not math.isfinite(base.value):
        return say("Base case of {output}: not a finite number", output=output)
    scale = scale_for(base.value)
    label = result.model.quantities[output].label
    words = unit_words(result.model.quantities[output].unit, label, scale)
    value = f"{scale.write(base.value)}{words if scale.word else ''}"
    place = percentile_name(base.percentile)
    return say(
        "Base case (every input at its base value): {label} {value} = {place}",
        label=label,
        value=value,
        place=place,
    )


def _error_line(result: Result, output: str) -> str:
    error = say("sampling error n/a")
    share = math.inf
    if 0.5 in result.setup.plan.percentiles:
        share = 100 * half_width(result, output, 0.5)
    if 1000 < share < math.inf and is_relative(result, output):  # as a share it would say nothing
        band = result.band(output, 0.5)
        ends = [compact(v) for v in (band.ci_low, band.ci_high)]
        words = "P50 may be {low} to {high} by sampling error, which is not model error"
        error = say(words, low=ends[0], high=ends[1])
    elif math.isfinite(share):
        words = "Sampling error (P50 ±{share} %) is not model error"
        if not is_relative(result, output):
            words = "Sampling error (P50 ±{share} % of P5–P95) is not model error"
        error = say(words, share=f"{share:.2g}")
    pairs = len(result.model.correlations)
    words = say("inputs are independent")
    if result.correlated:
        words = say("one pair of inputs is correlated")
        if pairs != 1:
            words = say("{pairs} pairs of inputs are correlated", pairs=pairs)
    return say("{error}; {words}.", error=error, words=words)


def _is_switch(result: Result, output: str) -> bool:
    """Whether an output is 0 or 1 in every scenario: a diagnostic whose mean is a rate."""
    row = result.row(output)
    low, high = result.ensemble.totals.floats["extremes"][row]
    moments = result.moments_of(output)
    spread = moments.mean * (1 - moments.mean)
    return (low, high) == (0.0, 1.0) and abs(moments.sd**2 - spread) < 1e-3 * spread + 1e-9


def _switches_line(result: Result, shown: list[str]) -> str:
    """How often each diagnostic that is not in the table was on."""
    found = [
        say(
            "{label} in {share}",
            label=_plain(result.model.quantities[n].label),
            share=percent(result.moments_of(n).mean),
        )
        for n in result.rows
        if n not in shown
        and not result.model.quantities[n].period
        and result.count(n)
        and _is_switch(result, n)
    ]
    return say("{shares} of scenarios.", shares="; ".join(found)) if found else ""


def _position(value: float, low: float, high: float, logarithmic: bool, width: int) -> int:
    if not math.isfinite(value) or high <= low:
        return 0
    if logarithmic:
        share = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    else:
        share = share_between(value, low, high)
    return round(min(max(share, 0.0), 1.0) * (width - 1))


def _draw(bar: Bar, axis: tuple[float, float, bool], width: int, marks: tuple[str, str]) -> str:
    """Draw one bar: one mark for the input's low end, another for its high end."""
    low_mark, high_mark = marks
    line = [" "] * width
    middle = _position(bar.baseline, *axis, width)
    ends = [(bar.low, low_mark), (bar.high, high_mark)]
    for value, mark in sorted(ends, key=lambda e: -abs(_position(e[0], *axis, width) - middle)):
        at = _position(value, *axis, width)
        for k in range(min(at, middle), max(at, middle) + 1):
            line[k] = mark
    line[middle] = "│"
    return "".join(line)


def _bar_lines(
    ranking: Ranking, width: int, marks: tuple[str, str], columns: int = ROOM
) -> list[str]:
    ends = [v for b in ranking.top for v in (b.low, b.high, b.baseline) if math.isfinite(v)]
    if not ends:
        return ["  " + say("(no input moves this output)")]
    axis = (min(ends), max(ends), ranking.logarithmic)
    scale = scale_for(ranking.baseline)
    rows = []
    for bar in ranking.top:
        first, last = sorted((bar.low, bar.high))
        alone = f"{scale.write(bar.alone_low)} … {scale.write(bar.alone_high)}"
        rows.append((clip(_plain(bar.label), LABEL_WIDTH), first, last, bar, alone))
    name_width = max([width_of(r[0]) for r in rows] + [16])
    number = max(len(scale.write(v)) for r in rows for v in r[1:3])
    rest = 2 + number + 2 + width + 2 + number
    own = 2 + max(width_of(row[4]) for row in rows) if rows else 0
    with_own = name_width + rest + own <= columns
    name_width = _cut(name_width, columns - rest - (own if with_own else 0))
    lines = []
    for name, first, last, bar, alone in rows:
        drawn = _draw(bar, axis, width, (_NOTHING, _NOTHING) if bar.is_nothing else marks)
        before, after = scale.write(first).rjust(number), scale.write(last).ljust(number)
        line = f"{left(clip(name, name_width), name_width)}  {before}  {drawn}  {after}"
        lines.append(f"{line}  {alone}" if with_own else line.rstrip())
    offset = name_width + 2 + number + 2 + _position(ranking.baseline, *axis, width)
    conditional = ranking.method == "conditional"
    centre = say("all at base" if ranking.statistic.endswith("base") else "all at median")
    name = ranking.statistic.upper() if conditional else centre
    head = " " * offset + f"│ {name} {scale.write(ranking.baseline)}{scale.word}"
    return [left(head, name_width + rest + 2) + say("alone") if with_own else head, *lines]


def _index_notes(result: Result, output: str, method: str) -> list[str]:
    """Say how far an index can be trusted."""
    if method in {"regression", "pearson", "partial"}:
        share = result.explained(output)
        words = "the linear model explains {share} of the variance (R²)"
        return [say(words, share=f"{share:.0%}")]
    if method in {"rank-regression", "rank-partial", "lmg"}:
        share = result.explained(output, of_ranks=True)
        words = "the linear model of ranks explains {share} of their variance (R²)"
        return [say(words, share=f"{share:.0%}")]
    if method == "variance":
        total = sum(bar.swing for bar in tornado(result, output, method) if bar.reach == "direct")
        words = "the indices of single inputs add up to {total}; the rest is interaction"
        return [say(words, total=f"{total:.2f}")]
    return []


def _index_lines(ranking: Ranking, width: int, mark: str, columns: int = ROOM) -> list[str]:
    """Draw indices from −1 to 1 around zero, or beyond where one is larger."""
    half = width // 2
    most = max([1.0, *(abs(bar.swing) for bar in ranking.top if math.isfinite(bar.swing))])
    lines = []
    for bar in ranking.top:
        length = round(abs(bar.swing) / most * half) if math.isfinite(bar.swing) else 0
        drawn = (_NOTHING if bar.is_nothing else mark) * length
        below = (drawn if bar.swing < 0 else "").rjust(half)
        above = (drawn if bar.swing >= 0 else "").ljust(half)
        interval = f"{bar.swing:+.3f} [{bar.ci_low:+.3f}, {bar.ci_high:+.3f}]"
        room = _cut(LABEL_WIDTH, columns - 2 - width - 3 - len(interval))
        name = left(clip(_plain(bar.label), room), room)
        lines.append(f"{name}  {below}│{above}  {interval}")
    return lines


def _sure(result: Result, output: str, method: str, statistic: str) -> list[str]:
    """Say how sure the first places of a ranking are."""
    if method not in WITH_RANKS:
        return []
    if result.scenarios < FEWEST_FOR_ERRORS:
        return []
    found = rank_probabilities(result, output, method, statistic)
    if len(found.inputs) < 4:
        return []
    words = "first is {first} in {one} of redrawn rankings, the top three are the same in {three}"
    shares = [percent(found.together[k]) for k in (0, 2)]
    return [say(words, first=_plain(found.labels[0]), one=shares[0], three=shares[1])]


def _turning(result: Result, output: str, statistic: str) -> list[str]:
    """Name the inputs whose effect turns inside their range: their bars show the ends only."""
    if statistic == "sd":
        return []
    found = turns(result, output, statistic)
    model, lines = result.model, []
    for name, turn in found.items():
        label = _plain((model.paths.get(name) or model.inputs[name]).label)
        peak = turn == "peaks inside"
        words = "{label} peaks inside its range" if peak else "{label} dips inside its range"
        lines.append(say(words, label=label))
    return [say("not monotone: {names}", names="; ".join(lines))] if lines else []


def _others_line(ranking: Ranking) -> str:
    count, together = len(ranking.others), three_digits(ranking.together)
    amount = say("swing {width}", width=together)
    if ranking.logarithmic:
        amount = f"×{ranking.together:.3g}"
    words = "other {count} inputs together: {amount} (root sum of squares)"
    if count == 1:
        words = "other input: {amount}"
    return say(words, count=count, amount=amount)


def _legend(ranking: Ranking, marks: tuple[str, str], own_ends: bool) -> str:
    axis = say("log axis") + " · " if ranking.logarithmic else ""
    legend = "{low} input at its P10 · {high} at its P90"
    if own_ends:
        legend = "{low} input at its low end · {high} at its high end"
    if ranking.method == "conditional":
        legend = "{low} input in its lowest tenth · {high} in its highest tenth"
        if ranking.tranches != TRANCHES:
            legend = "{low} input in its lowest slice · {high} in its highest slice"
    ends = say(legend, low=marks[0], high=marks[1])
    return f"{axis}{ends} · {say('alone: P10 … P90, others at medians')}"


def tornado_lines(
    result: Result,
    output: str,
    method: str = "conditional",
    statistic: str = "p50",
    width: int = BAR_WIDTH,
    ascii_only: bool = False,
    swing_ends: tuple[float, float] | None = None,
    tranches: int = TRANCHES,
    columns: int = ROOM,
) -> list[str]:
    """Give the ranking of one output as text."""
    ranking = rank(result, output, method, statistic, ends=swing_ends, tranches=tranches)
    label = _plain(result.model.quantities[output].label)
    marks = ("-", "#") if ascii_only else ("░", "█")
    lines = [say("What moves {label}: {asked}", label=label, asked=question(ranking))]
    if method in INDICES:
        lines += _index_lines(ranking, width, marks[1], columns)
    else:
        lines += _bar_lines(ranking, width, marks, columns)
    if ranking.others and method not in INDICES:
        lines.append(_others_line(ranking))
    if ranking.linked:
        names = ", ".join(_plain(b.label) for b in ranking.linked)
        lines.append(say("act only through correlation: {names}", names=names))
    notes = _index_notes(result, output, method)
    if method not in INDICES:
        notes.append(_legend(ranking, marks, swing_ends is not None))
    if result.correlated:
        notes.append(say("inputs are correlated: {meaning}", meaning=say(_MIXES[method])))
    faint = [bar.label for bar in ranking.top if bar.is_nothing]
    if faint:
        names = ", ".join(_plain(label) for label in faint)
        notes.append(say("not told from 0 at this n (dotted): {names}", names=names))
    if tranches == TRANCHES:
        notes += _sure(result, output, method, statistic)
    if method == "conditional" and ranking.top:
        notes += _turning(result, output, statistic)
        differs = disagreement(result, ranking)
        notes += [differs] if differs else []
    return lines + notes


def region_lines(
    result: Result,
    output: str,
    above: float | None = None,
    below: float | None = None,
    failed: bool = False,
    ascii_only: bool = False,
) -> list[str]:
    """Say as text which inputs lead an output above or below a value, or make it fail."""
    bars = ranked(failures(result, output) if failed else crossing(result, output, above, below))
    direct = [bar for bar in bars if bar.reach == "direct"]
    label = _plain(result.model.quantities[output].label)
    limit = above if above is not None else below
    words = "What leads {label} above {limit}: signed distance of each input's distribution"
    if failed:
        words = "What makes {label} fail: signed distance of each input's distribution"
    elif above is None:
        words = "What leads {label} below {limit}: signed distance of each input's distribution"
    shown = Ranking(output, "regional", "", 0.0, direct[:8], direct[8:], [], False)
    head = say(words, label=label, limit="" if limit is None else f"{limit:,.10g}")
    return [head, *_index_lines(shown, BAR_WIDTH, "#" if ascii_only else "█")]


def _is_fan(result: Result, outputs: list[str]) -> bool:
    """Whether a whole ranked series is shown first."""
    rows = result.model.series.get(series_of(outputs[0])[0], ())
    return len(rows) > 1 and set(rows) <= set(outputs) and set(rows) <= set(result.ranked)


def _design(result: Result) -> str:
    design = result.setup.plan.design
    return "" if design == "random" else f" · {design}"


def first_screen(
    result: Result,
    outputs: list[str],
    method: str = "conditional",
    statistic: str = "p50",
    columns: int = 120,
    ascii_only: bool = False,
    swing_ends: tuple[float, float] | None = None,
    tranches: int = TRANCHES,
) -> str:
    """Give everything that a run prints.

    Parameters
    ----------
    result : Result
    outputs : list of str
        Outputs shown; the first has its drivers ranked.
    method, statistic : str
        Of the ranking.
    columns : int
        Width of the terminal.
    ascii_only : bool
        Whether block characters cannot be printed.
    swing_ends : (float, float), optional
        Levels between which an input moves, for the method ``swing``.
    tranches : int
        Slices of each input, for the method ``conditional``.
    """
    timing = result.timing
    counted = say("{count} scenarios", count=f"{result.scenarios:,}")
    if result.scenarios == 1:
        counted = say("1 scenario")
    seed = f"{say('seed')} {result.setup.plan.seed}"
    lines = [
        heading(result),
        f"{counted}{_design(result)} · {seed} · {timing.seconds:.1f} s",
        *bands_table(result, outputs, columns),
    ]
    first = outputs[0]
    if result.scenarios == 1:
        words = "One scenario, no spread: its values stand in every column; intervals n/a."
        lines.append(say(words))
        return "\n".join(lines)
    said = (
        _figures_line(result, first),
        _base_line(result, first),
        _switches_line(result, outputs),
    )
    lines += [line for line in said if line]
    lines.append(_error_line(result, first))
    if not result.count(first):
        lines.append(say("No finite value: nothing to rank."))
    elif _is_fan(result, outputs):
        lines += ["", *driver_lines(result, series_of(first)[0], statistic, method)]
    elif first in result.ranked:
        width = min(BAR_WIDTH, max(12, columns - 64))
        asked = (method, statistic, width, ascii_only, swing_ends, tranches, columns)
        lines += ["", *tornado_lines(result, first, *asked)]
    return "\n".join(lines)
