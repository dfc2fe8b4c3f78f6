"""Which inputs matter when: drivers down, periods across."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.result import Result
from rangecast.engine.sensitivity import INDICES, tornado
from rangecast.reports import lettering, style
from rangecast.reports.fan import rows_of
from rangecast.reports.words import left, say, width_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12
_OTHER = {
    "swing": "each input alone from its P10 to its P90, in % of P5–P95",
    "rank": "Spearman rank correlation with each input, in %",
    "regression": "standardised coefficient of each input in a linear regression, in %",
    "variance": "share of variance that each input explains alone (first-order index S1), in %",
    "pearson": "Pearson correlation with each input, in %",
    "partial": "partial correlation with each input, in %",
    "rank-regression": "standardised coefficient of each input in a regression of ranks, in %",
    "rank-partial": "partial correlation of ranks with each input, in %",
    "lmg": "fair share of each input in the variance of ranks (LMG), in %",
    "delta": "how far knowing each input moves the whole distribution (Borgonovo's δ), in %",
    "pawn": "distance of slices of each input from all (PAWN, median), in %",
    "regional": "which inputs lead to the highest twentieth (signed KS distance), in %",
}
_EXPLAINED = "change of {statistic} from lowest to highest tenth of the input, in % of P5–P95"


def driver_rows(
    result: Result, series: str, statistic: str = "p50", method: str = "conditional"
) -> list[dict[str, Any]]:
    """Give how far each input moves a series in each period.

    Parameters
    ----------
    result : Result
    series : str
        One whose drivers were ranked.
    statistic : str
        Of the conditional ranking.
    method : str
        One of the rankings of `tornado`.

    Returns
    -------
    list of dict
        Input, period, swing, and `share`: the index itself for a method that gives one, else the
        swing over the width P95 − P5 of that period, with its 95 % interval.
    """
    rows = []
    for name in rows_of(result, series):
        width = result.quantile(name, 0.95) - result.quantile(name, 0.05)
        width = 1.0 if method in INDICES else width
        for bar in tornado(result, name, method, statistic):
            if bar.reach != "direct":
                continue
            share, low, high = (
                v / width if width else math.nan for v in (bar.swing, bar.ci_low, bar.ci_high)
            )
            period = result.model.quantities[name].period
            rows.append(
                {
                    "output": series,
                    "period": period,
                    "input": bar.input,
                    "label": bar.label,
                    "method": method,
                    "statistic": bar.statistic,
                    "swing": bar.swing,
                    "share": share,
                    "share_ci_low": low,
                    "share_ci_high": high,
                }
            )
    return rows


def table_of(
    result: Result,
    series: str,
    statistic: str = "p50",
    most: int = MOST,
    method: str = "conditional",
) -> tuple[list[str], list[str], Array]:
    """Give labels of the drivers, the periods, and shares of shape (drivers, periods).

    The drivers come in the order of their largest share.
    """
    rows = driver_rows(result, series, statistic, method)
    labels = {row["input"]: str(row["label"]) for row in rows}
    periods = [result.model.quantities[n].period for n in rows_of(result, series)]
    if not rows:  # nothing varies
        return [], periods, np.zeros((0, len(periods)))
    names = list(labels)
    shares = np.full((len(names), len(periods)), math.nan)
    for row in rows:
        shares[names.index(row["input"]), periods.index(row["period"])] = row["share"]
    size = np.nanmax(np.abs(np.where(np.isfinite(shares), shares, 0.0)), axis=1)
    order = np.argsort(-size, kind="stable")[:most]
    return [labels[names[k]] for k in order], periods, shares[order]


def driver_map(result: Result, series: str, statistic: str = "p50", ax: Axes | None = None) -> Axes:
    """Draw drivers × periods: how much of a period's width each input moves.

    Parameters
    ----------
    result : Result
    series : str
    statistic : str
    ax : Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Axes
    """
    labels, periods, shares = table_of(result, series, statistic)
    most = float(np.nanmax(np.abs(shares))) if np.isfinite(shares).any() else 1.0
    with style.theme():
        if ax is None:
            width = min(3.6 + 0.62 * len(periods), 14.0)
            _, ax = style.new_axes(max(width, 6.4), 1.5 + 0.34 * len(labels))
        if not labels:
            ax.set_axis_off()
            lettering.title(ax, say("(no input moves this output)"), 9)
            return ax
        ax.imshow(shares, cmap="PuOr", vmin=-most or -1.0, vmax=most or 1.0, aspect="auto")
        if len(periods) <= 16:
            _write(ax, shares, most)
        every = math.ceil(len(periods) / 16)
        ax.set_xticks(range(0, len(periods), every), periods[::every])
        rows = [style.plain(label, 28) for label in labels]
        ax.set_yticks(range(len(labels)), rows)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        quantity = result.model.quantities[rows_of(result, series)[0]]
        label = style.plain(quantity.label.removesuffix(quantity.period).strip(), 50)
        first = say("What moves {label} by period", label=label)
        second = say(_EXPLAINED, statistic=statistic.upper())
        lettering.title(ax, f"{first}\n{second}", 9, rows)
    return ax


def _write(ax: Axes, shares: Array, most: float) -> None:
    for (i, j), share in np.ndenumerate(shares):
        if math.isfinite(share):
            dark = abs(share) > 0.6 * most
            colour = "white" if dark else style.INK
            ax.text(j, i, _percent(share), ha="center", va="center", size=8, color=colour)


def _percent(share: float) -> str:
    return f"{100 * share:+.0f}" if abs(share) >= 0.005 else "0"


def driver_lines(
    result: Result, series: str, statistic: str = "p50", method: str = "conditional"
) -> list[str]:
    """Give the same as text: one line per driver, one column per period."""
    labels, periods, shares = table_of(result, series, statistic, 8, method)
    width = max([width_of(label) for label in labels] + [16])
    cell = max([len(p) for p in periods] + [5])
    quantity = result.model.quantities[rows_of(result, series)[0]]
    label = style.plain(quantity.label.removesuffix(quantity.period).strip(), 50)
    first = say("What moves {label} by period", label=label)
    asked = say(_EXPLAINED, statistic=statistic.upper())
    if method != "conditional":
        asked = say(_OTHER[method])
    lines = [f"{first}: {asked}"]
    if not labels:
        return [*lines, "  " + say("(no input moves this output)")]
    lines.append(" " * width + "".join(f"  {p:>{cell}}" for p in periods))
    for name, row in zip(labels, shares, strict=True):
        cells = [_percent(v) if math.isfinite(v) else "n/a" for v in row]
        lines.append(
            left(style.plain(name, width), width) + "".join(f"  {c:>{cell}}" for c in cells)
        )
    return lines
