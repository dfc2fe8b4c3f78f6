"""Why the point estimate is not the median: as text and as a waterfall."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rangecast.engine.explain import Explanation, VarianceShare
from rangecast.engine.result import Result
from rangecast.reports import lettering, style
from rangecast.reports.density import scale_text
from rangecast.reports.numbers import percent, scale_for, unit_words
from rangecast.reports.words import left, right, say, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEPS = {
    "base": "every input at its base value",
    "medians": "every input at its median",
    "independent": "median of the output, inputs independent",
    "median": "median of the output (P50)",
    "mean": "mean",
}
_REASONS = {
    "medians": "base values are not medians",
    "independent": "non-linearity",
    "median": "correlation",
    "mean": "skew",
}
MOST = 8


def explanation_lines(result: Result, found: Explanation) -> list[str]:
    """Give an explanation as text.

    Parameters
    ----------
    result : Result
    found : Explanation
    """
    quantity = result.model.quantities[found.output]
    scale = scale_for(found.steps[3].value)
    unit = unit_words(quantity.unit, quantity.label, scale)
    label = f"{style.plain(quantity.label, 60)} {unit}".strip()
    lines = [say("From the point estimate of {label} to its median and mean:", label=label)]
    rows = []
    for step in found.steps:
        reason = ""
        if step.name in _REASONS:
            change = scale.write(step.change)
            sign = "+" if step.change > 0 else ""
            reason = f"{sign}{change}  {say(_REASONS[step.name])}"
        rows.append((say(_STEPS[step.name]), scale.write(step.value), reason))
    first, second = (max(width_of(row[k]) for row in rows) for k in (0, 1))
    lines += [f"{left(a, first)}  {right(b, second)}  {c}".rstrip() for a, b, c in rows]
    if found.runs:
        count = f"{found.runs:,}"
        lines.append(say("({count} further scenarios without correlations)", count=count))
    lines += _share_lines(found)
    words = "Worth knowing: how much narrower P5–P95 gets if an input is known exactly"
    if found.log:
        words = "Worth knowing: how much narrower P5–P95 gets on the log axis if an input is known"
    lines.append(say(words))
    shown = found.learned[:MOST]
    name = max((width_of(style.plain(one.label, 28)) for one in shown), default=0)
    for one in shown:
        ends = f"[{percent(max(one.ci_low, 0.0))}, {percent(max(one.ci_high, 0.0))}]"
        text = f"{percent(max(one.narrower, 0.0))} {ends}"
        lines.append(f"{left(style.plain(one.label, 28), name)}  {text}")
    return lines


def _share_lines(found: Explanation) -> list[str]:
    """Where the variance comes from: the widest inputs, the others together, interactions."""
    if not found.shares:
        return []
    words = "Where the variance comes from (first-order indices)"
    rest = say("interactions")
    if found.measure == "LMG":
        words = "Where the variance of ranks comes from (LMG: fair shares of correlated inputs)"
        rest = say("interactions, and what is not monotone")
    *inputs, last = found.shares
    rows = [(style.plain(one.label, 28), one) for one in inputs[:MOST]]
    if inputs[MOST:]:
        together = sum(one.share for one in inputs[MOST:])
        label = say("other {count} inputs", count=len(inputs[MOST:]))
        rows.append((label, VarianceShare("", "", together, math.nan, math.nan)))
    rows.append((rest, last))
    width = max(width_of(label) for label, _ in rows)
    lines = [say(words)]
    for label, one in rows:
        ends = f"[{percent(max(one.ci_low, 0.0))}, {percent(max(one.ci_high, 0.0))}]"
        ends = ends if math.isfinite(one.ci_low) else ""
        bar = "█" * round(40 * max(one.share, 0.0))
        line = f"{left(label, width)}  {right(percent(max(one.share, 0.0)), 6)} {ends:<18} {bar}"
        lines.append(line.rstrip())
    return lines


def waterfall(result: Result, found: Explanation, ax: Axes | None = None) -> Axes:
    """Draw the way from the point estimate to the mean.

    Parameters
    ----------
    result : Result
    found : Explanation
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
    """
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.2, 3.6)
        quantity = result.model.quantities[found.output]
        scale = scale_for(found.steps[3].value)
        before = math.nan
        values = [step.value / scale.divisor for step in found.steps]
        for k, (step, value) in enumerate(zip(found.steps, values, strict=True)):
            if k:
                colour = style.HIGH if value >= before else style.LOW
                hatch = "///" if value >= before else ""
                ax.barh(
                    k,
                    value - before,
                    left=before,
                    height=0.5,
                    color=colour,
                    hatch=hatch,
                    edgecolor="white",
                    linewidth=0.6,
                )
                ax.plot([before, before], [k - 1, k + 0.25], color=style.MUTED, linewidth=0.8)
            ax.plot([value], [k], "o", color=style.INK, markersize=4)
            falls = bool(k) and value < before
            ax.annotate(
                scale.write(step.value),
                (value, k),
                xytext=(-7, 0) if falls else (7, 0),
                textcoords="offset points",
                ha="right" if falls else "left",
                va="center",
                fontsize=8,
            )
            before = value
        names = [say(_STEPS[step.name]) for step in found.steps]
        ax.set_yticks(range(len(values)), names)
        ax.set_ylim(len(values) - 0.5, -0.6)
        ax.tick_params(axis="y", length=0)
        low, high = min(0.0, *values), max(0.0, *values)
        extra = 0.16 * (high - low)  # for the values beside the marks
        ax.set_xlim(low - extra if low < 0 else 0.0, high + extra if high > 0 else 0.0)
        ax.locator_params(axis="x", nbins=6)
        ax.xaxis.set_major_formatter(lambda v, _: scale_text(v))
        unit = unit_words(quantity.unit, quantity.label, scale)
        lettering.x_label(ax, style.plain(f"{quantity.label} {unit}".strip()), names)
        title = say("Why the estimate of {label} moves", label=style.plain(quantity.label, 50))
        lettering.title(ax, title, names=names)
    return ax
