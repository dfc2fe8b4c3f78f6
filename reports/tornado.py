"""What moves an output: horizontal bars, the widest on top."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rangecast.engine.result import Result
from rangecast.engine.sensitivity import INDICES, Bar
from rangecast.reports import lettering, style
from rangecast.reports.axis import widened
from rangecast.reports.density import scale_text
from rangecast.reports.drivers import Ranking, question, rank
from rangecast.reports.numbers import Scale, briefly, scale_over, unit_words
from rangecast.reports.words import say

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MOST = 10
_AXES = {
    "rank": "Spearman coefficient",
    "regression": "standardised regression coefficient",
    "variance": "share of variance (first-order index S1)",
    "pearson": "Pearson coefficient",
    "partial": "partial correlation coefficient",
    "rank-regression": "standardised regression coefficient of ranks",
    "rank-partial": "partial correlation coefficient of ranks",
    "lmg": "share of the variance of ranks",
    "delta": "Borgonovo's δ",
    "pawn": "PAWN (median KS distance of ten slices)",
    "regional": "signed KS distance, highest twentieth against all",
}


def tornado_table(
    result: Result, output: str, method: str = "conditional", statistic: str = "p50"
) -> pd.DataFrame:
    """Give the bars that the chart draws, the widest first."""
    import pandas as pd

    ranking = rank(result, output, method, statistic, MOST)
    return pd.DataFrame([bar.as_dict() for bar in ranking.top])


def tornado_chart(
    result: Result,
    output: str,
    method: str = "conditional",
    statistic: str = "p50",
    ax: Axes | None = None,
) -> Axes:
    """Draw the ranking of an output's inputs.

    Parameters
    ----------
    result : Result
    output : str
    method, statistic : str
        As for `Result.tornado`.
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
    """
    ranking = rank(result, output, method, statistic, MOST)
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.2, 0.42 * max(1, len(ranking.top)) + 1.5)
        pad = _draw_index(ranking, ax) if method in INDICES else _draw_bars(ranking, ax)
        quantity = result.model.quantities[output]
        scale = _scale(ranking) if method not in INDICES else Scale(1.0, "")
        words = unit_words(quantity.unit, quantity.label, scale) if method not in INDICES else ""
        label = style.plain(f"{quantity.label} {words}".strip())
        log = say(" (log scale)") if ranking.logarithmic and method not in INDICES else ""
        names = _names_of(ranking)
        across = say(_AXES[method]) if method in _AXES else f"{label}{log}"
        lettering.x_label(ax, across, names)
        lettering.title(ax, _title(ranking, result), names=names, pad=pad)
    return ax


def _scale(ranking: Ranking) -> Scale:
    return scale_over(ranking.baseline, [v for b in ranking.top for v in (b.low, b.high)])


def _title(ranking: Ranking, result: Result) -> str:
    label = style.plain(result.model.quantities[ranking.output].label, 40)
    asked = question(ranking)
    notes = [say("inputs correlated" if result.correlated else "inputs independent")]
    if any(bar.is_nothing for bar in ranking.top):
        notes.append(say("grey: not told from 0 at this n"))
    if ranking.others:
        notes.append(say("{count} smaller inputs not shown", count=len(ranking.others)))
    first = say("What moves {label}: {asked}", label=label, asked=asked)
    return f"{first}\n{', '.join(notes)}"


def _names_of(ranking: Ranking) -> list[str]:
    return [style.plain(bar.label, 28) for bar in ranking.top]


def _names(ranking: Ranking, ax: Axes) -> None:
    ax.set_yticks(range(len(ranking.top)), _names_of(ranking))
    ax.set_ylim(len(ranking.top) - 0.4, -1.3)
    ax.tick_params(axis="y", length=0)


def _ends(bar: Bar, scale: Scale) -> tuple[float, float, float]:
    return tuple(v / scale.divisor for v in (bar.low, bar.high, bar.baseline))  # type: ignore[return-value]


def _draw_bars(ranking: Ranking, ax: Axes) -> float:
    """Draw swings with a legend above; give the room that the legend takes."""
    from matplotlib.patches import Patch

    scale = _scale(ranking)
    if ranking.logarithmic:
        ax.set_xscale("log")
    for k, bar in enumerate(ranking.top):
        low, high, base = _ends(bar, scale)
        for end, colour, hatch in ((low, style.LOW, ""), (high, style.HIGH, "///")):
            left, width = min(base, end), abs(end - base)
            colour = style.FAINT if bar.is_nothing else colour
            ax.barh(
                k,
                width,
                left=left,
                height=0.62,
                color=colour,
                hatch=hatch,
                edgecolor="white",
                linewidth=0.6,
            )
        _label_ends(bar, (low, high), k, ax)
    base = ranking.baseline / scale.divisor
    ax.axvline(base, color=style.INK, linewidth=1.2)
    name = ranking.statistic.upper() if ranking.method == "conditional" else say("all at median")
    ax.annotate(
        f"{name} {scale.write(ranking.baseline)}",
        (base, -0.75),
        ha="center",
        va="center",
        fontsize=8,
        annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )
    _names(ranking, ax)
    ax.set_xlim(*_limits(ranking, scale))
    ax.xaxis.set_major_formatter(lambda v, _: scale_text(v))
    if ranking.logarithmic:
        lettering.log_ticks_across(ax, *ax.get_xlim(), _names_of(ranking))
    low_end, high_end = say("input at its P10"), say("input at its P90")
    if ranking.method == "conditional":
        low_end, high_end = say("input in its lowest tenth"), say("input in its highest tenth")
    handles = [
        Patch(facecolor=style.LOW, label=low_end),
        Patch(facecolor=style.HIGH, hatch="///", edgecolor="white", label=high_end),
    ]
    return lettering.legend_above(ax, handles, _names_of(ranking))


def _limits(ranking: Ranking, scale: Scale) -> tuple[float, float]:
    """Leave room for the values written at the ends of the widest bars."""
    ends = [v for bar in ranking.top for v in _ends(bar, scale) if math.isfinite(v)]
    if not ends or min(ends) == max(ends):
        middle = ends[0] if ends else 0.0
        return middle - 1.0, middle + 1.0
    if ranking.logarithmic:
        return widened(min(ends), max(ends), 0.14)
    extra = 0.14 * (max(ends) - min(ends))
    return min(ends) - extra, max(ends) + extra


def _label_ends(bar: Bar, ends: tuple[float, float], k: int, ax: Axes) -> None:
    """Write the input's own value at each end of its bar."""
    pairs = sorted(zip(ends, (bar.input_low, bar.input_high), strict=True))
    for (x, value), side in zip(pairs, ("right", "left"), strict=True):
        if not math.isfinite(x):
            continue
        text = briefly(value)
        offset = (-4, 0) if side == "right" else (4, 0)
        ax.annotate(
            text,
            (x, k),
            xytext=offset,
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=7.5,
            color=style.MUTED,
        )


def _draw_index(ranking: Ranking, ax: Axes) -> float:
    """Draw indices from 0; give the room between axes and title."""
    for k, bar in enumerate(ranking.top):
        colour = style.HIGH if bar.swing >= 0 else style.LOW
        colour = style.FAINT if bar.is_nothing else colour
        ax.barh(k, bar.swing, height=0.62, color=colour)
        if math.isfinite(bar.ci_low):
            ax.plot([bar.ci_low, bar.ci_high], [k, k], color=style.INK, linewidth=1)
    ax.axvline(0, color=style.INK, linewidth=1)
    most = max([1.0, *(abs(bar.swing) for bar in ranking.top if math.isfinite(bar.swing))])
    signed = ranking.method not in {"variance", "delta", "pawn", "lmg"}
    ax.set_xlim(-most if signed else 0, most)
    _names(ranking, ax)
    return 6.0
