"""Cases side by side as text and as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.engine.compare import Comparison
from rangecast.reports import lettering, style
from rangecast.reports.numbers import (
    Scale,
    level_name,
    percent,
    scale_for,
    unit_words,
)
from rangecast.reports.words import left, right, say, width_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STROKES = ("-", "--", "-.", ":")
_LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95)
_NAMED = 3


def _levels(comparison: Comparison) -> list[float]:
    known = comparison.result.setup.plan.percentiles
    return [p for p in _LEVELS if p in known] if set(_LEVELS) <= set(known) else list(known)


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(width_of(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(
            [left(row[0], widths[0])]
            + [right(c, w) for c, w in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    ]


def _head(comparison: Comparison, output: str, scale: Scale) -> str:
    quantity = comparison.quantity(output)
    words = unit_words(quantity.unit, quantity.label, scale)
    return f"{style.plain(quantity.label, 60)} {words}".strip()


def _bands(comparison: Comparison, output: str) -> list[str]:
    """One column per case, one line per percentile."""
    found = comparison.result
    middle = max(abs(found.quantile(comparison.row(output, k), 0.5)) for k in _range(comparison))
    scale = scale_for(middle)
    rows = [[_head(comparison, output, scale), *comparison.cases]]
    for p in _levels(comparison):
        values = [found.quantile(comparison.row(output, k), p) for k in _range(comparison)]
        rows.append([f"  {level_name(p)}", *(scale.write(v) for v in values)])
    means = [found.moments_of(comparison.row(output, k)).mean for k in _range(comparison)]
    rows.append([f"  {say('mean')}", *(scale.write(v) for v in means)])
    return _aligned(rows)


def _range(comparison: Comparison) -> range:
    return range(len(comparison.models))


def _differences(comparison: Comparison, output: str) -> list[str]:
    """Percentiles of the difference of each later case from the first, scenario by scenario."""
    found, lines = comparison.result, []
    for k in _range(comparison)[1:]:
        name = comparison.difference(output, k)
        words = "  " + say(
            "{case} minus {first}, scenario by scenario:",
            case=comparison.cases[k],
            first=comparison.cases[0],
        )
        parts = []
        for p in (0.05, 0.5, 0.95):
            band = found.band(name, p)
            scale = scale_for(band.value)
            shown = [scale.write(v) for v in (band.value, band.ci_low, band.ci_high)]
            parts.append(f"{level_name(p)} {shown[0]}{scale.word} [{shown[1]}, {shown[2]}]")
        higher = comparison.higher(output, k)
        interval = f"[{percent(higher.ci_low)}, {percent(higher.ci_high)}]"
        lines += [words, f"    {' · '.join(parts)}"]
        share = percent(higher.value)
        text = say("higher in {share} {interval} of scenarios", share=share, interval=interval)
        lines.append(f"    {text}")
    return lines


def counted(comparison: Comparison) -> str:
    """Say how many scenarios there are, and which draws the cases do not have in common."""
    count, names = f"{comparison.result.scenarios:,}", comparison.unpaired
    if not names:
        return say("{count} scenarios, the same draws in every case", count=count)
    listed = ", ".join(style.plain(name, 60) for name in names[:_NAMED])
    words = (
        "{count} scenarios, the same draws in every case except of {names}: "
        "a value in each period in some cases only"
    )
    return say(words, count=count, names=listed + (", …" if len(names) > _NAMED else ""))


def comparison_lines(comparison: Comparison) -> list[str]:
    """Give the comparison as text: bands in columns, then paired differences with 95 % intervals.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    list of str
    """
    lines = [f"{say('Side by side')} · {counted(comparison)}"]
    for output in comparison.outputs:
        lines += [*_bands(comparison, output), *_differences(comparison, output)]
    lines.append(say("in brackets: 95 % intervals of the sampling error"))
    return lines


OVERLAID = tuple(round(0.01 * k, 2) for k in range(1, 100))
"""Levels of the cumulative curves."""


def overlay_table(comparison: Comparison, output: str) -> pd.DataFrame:
    """Give the cumulative curves that the overlay draws: values by percentile and case.

    Returns
    -------
    DataFrame
        Quantile levels as index, a column per case.
    """
    import pandas as pd

    rows = [comparison.row(output, k) for k in _range(comparison)]
    values = np.array([[comparison.result.quantile(row, p) for row in rows] for p in OVERLAID])
    levels = pd.Index(OVERLAID, name="quantile")
    return pd.DataFrame(values, index=levels, columns=list(comparison.cases))


def overlay_chart(comparison: Comparison, output: str, ax: Axes | None = None) -> Axes:
    """Draw the share of scenarios at or below each value, one line per case.

    Parameters
    ----------
    comparison : Comparison
    output : str
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        Each case has a colour and a stroke of its own and its name beside its line; a log axis
        where values are positive and span more than a factor of 30.
    """
    table = overlay_table(comparison, output)
    levels = 100 * table.index.to_numpy()
    curves = list(table.to_numpy().T)
    lowest, highest = min(c.min() for c in curves), max(c.max() for c in curves)
    logarithmic = bool(lowest > 0 and highest / lowest > 30)
    largest = max(abs(float(c[49])) for c in curves)
    scale = Scale(1.0, "") if logarithmic else scale_for(largest)
    with style.theme():
        if ax is None:
            _, ax = style.new_axes(7.2, 4.0)
        for k, values in enumerate(curves):
            colour, stroke = COLOURS[k % len(COLOURS)], STROKES[k % len(STROKES)]
            ax.plot(values / scale.divisor, levels, stroke, color=colour, linewidth=1.8)
        if logarithmic:
            lettering.log_axis_across(ax, lowest, highest)
            lettering.log_ticks_across(ax, lowest, highest)
        ax.set_ylim(0, 100)
        ax.axhline(50, color=style.MUTED, linewidth=0.6, zorder=0)
        ax.set_yticks((5, 25, 50, 75, 95), [f"{v} %" for v in (5, 25, 50, 75, 95)])
        lettering.y_label(ax, say("scenarios at or below"))
        lettering.x_label(ax, _axis_label(comparison, output, scale))
        handles = [
            f"{lettering.legend_name(name, 40)} (P50 {_short(float(c[49]))})"
            for name, c in zip(comparison.cases, curves, strict=True)
        ]
        ax.legend(ax.lines[: len(curves)], handles, frameon=False, loc="lower right")
        quantity = comparison.quantity(output)
        title = say("{label} by case", label=style.plain(quantity.label, 60))
        lettering.title(ax, f"{title}\n{counted(comparison)}", 9)
    return ax


def _short(value: float) -> str:
    scale = scale_for(value)
    return scale.write(value) + scale.word


def _axis_label(comparison: Comparison, output: str, scale: Scale) -> str:
    quantity = comparison.quantity(output)
    unit = unit_words(quantity.unit, quantity.label, scale)
    label = style.plain(quantity.label, 60)
    return f"{label} ({unit})" if unit else label


def comparison_dict(comparison: Comparison) -> dict[str, Any]:
    """Give the comparison as plain values for JSON."""
    from rangecast.reports.results_json import without_nan

    plain: dict[str, Any] = without_nan(
        {
            "reference": comparison.cases[0],
            "cases": list(comparison.cases),
            "scenarios": comparison.result.scenarios,
            "seed": comparison.result.setup.plan.seed,
            "unpaired": list(comparison.unpaired),
            "bands": comparison.rows(),
            "higher": [
                {
                    "output": output,
                    "case": comparison.cases[k],
                    "than": comparison.cases[0],
                    **vars(comparison.higher(output, k)),
                }
                for output in comparison.outputs
                for k in _range(comparison)[1:]
            ],
        }
    )
    return plain
