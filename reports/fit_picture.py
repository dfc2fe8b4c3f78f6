"""A picture of data beside the families fitted to them: densities and quantiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from rangecast.distributions.protocol import Array
from rangecast.engine.fit import FitResult, Ranking
from rangecast.reports import lettering, style
from rangecast.reports.density import scale_text
from rangecast.reports.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 3
MOST_BINS = 60
MOST_POINTS = 500
_WIDE = 30.0  # ratio of P99 to P1 from which the axis is logarithmic
_COLOURS = (style.LOW, style.HIGH, "#009E73")
_LINES = ("-", "--", ":")
_MARKS = ("o", "s", "^")


def is_logarithmic(x: Array) -> bool:
    """Whether ordered values are drawn on a logarithmic axis."""
    low, high = np.quantile(x, [0.01, 0.99])
    return bool(x[0] > 0 and high > _WIDE * low)


def histogram(x: Array) -> pd.DataFrame:
    """Count ordered values in bins: low, high, share, and density on the axis that is drawn.

    Bins have the width of Freedman & Diaconis's rule, at most 60 of them; on a logarithmic axis the
    density is per factor of ten.
    """
    z = np.log10(x) if is_logarithmic(x) else x
    edges = np.histogram_bin_edges(z, "fd" if np.subtract(*np.quantile(z, [0.75, 0.25])) else 10)
    if not 8 <= len(edges) - 1 <= MOST_BINS:
        edges = np.linspace(z[0], z[-1], min(max(len(edges) - 1, 8), MOST_BINS) + 1)
    share = np.histogram(z, edges)[0] / len(z)
    values = 10**edges if is_logarithmic(x) else edges
    return pd.DataFrame(
        {
            "low": values[:-1],
            "high": values[1:],
            "share": share,
            "density": share / np.diff(edges),
        }
    )


def quantile_pairs(result: FitResult) -> pd.DataFrame:
    """Give observed values and, by family, the fitted quantile at (i − ½) / n; at most 500 rows."""
    x = np.asarray(result.values)
    n = len(x)
    places = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).astype(np.intp))
    level = (places + 0.5) / n
    columns = {"level": level, "observed": x[places]}
    for fit in result.rankings[0].fits[:SHOWN]:
        columns[fit.family] = np.asarray(fit.law.quantile(level))
    return pd.DataFrame(columns)


def fit_chart(result: FitResult, ax: Sequence[Axes] | None = None) -> Figure:
    """Draw a histogram with the three best families, and their quantiles against the observed ones.

    Parameters
    ----------
    result : FitResult
    ax : sequence of two Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    Figure
    """
    from matplotlib.figure import Figure

    with style.theme():
        if ax is None:
            figure = Figure(figsize=(10.0, 4.2), layout="constrained", facecolor="white")
            ax = figure.subplots(1, 2).tolist()
        left, right = style.given_axes(ax, 2)
        ranking = result.rankings[0]
        if ranking.kind == "counts":
            _draw_counts(result.values, ranking, left)
        else:
            _draw_densities(result.values, ranking, left)
        _draw_pairs(result, right)
        name = style.plain(result.source, 80) or say("value")
        for panel in (left, right):
            _write_linear(panel)
        lettering.x_label(left, name)
        words = say("{n} values and what fits them best", n=f"{len(result.values):,}")
        lettering.title(left, words)
        lettering.title(right, say("Observed against fitted quantiles"))
    own: Figure = left.figure  # type: ignore[assignment]
    return own


def _write_linear(ax: Axes) -> None:
    """Write the numbers of linear axes in full: no factor stands apart from them."""
    from matplotlib.ticker import MaxNLocator

    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "linear":
            axis.set_major_formatter(lambda v, _: scale_text(v))
            axis.set_major_locator(MaxNLocator(6))


def _label(ranking: Ranking, k: int) -> str:
    fit = ranking.fits[k]
    criterion = {"aic": "AIC", "aicc": "AICc"}[ranking.criterion]
    return f"{fit.family} (Δ{criterion} {fit.delta:.1f})"


def _draw_densities(x: Array, ranking: Ranking, ax: Axes) -> None:
    table, logarithmic = histogram(x), is_logarithmic(x)
    width = table["high"] - table["low"]
    words = say("data ({n} bins)", n=len(table))
    ax.bar(
        table["low"], table["density"], width, align="edge", color=style.FAINT, alpha=0.6,
        edgecolor="white", linewidth=0.5, label=words,
    )  # fmt: skip
    low, high = float(table["low"].iloc[0]), float(table["high"].iloc[-1])
    points = np.geomspace(low, high, 400) if logarithmic else np.linspace(low, high, 400)
    for k, fit in enumerate(ranking.fits[:SHOWN]):
        law: Any = fit.law
        density = law.pdf(points) * (points * np.log(10) if logarithmic else 1.0)
        ax.plot(points, density, _LINES[k], color=_COLOURS[k], lw=1.8, label=_label(ranking, k))
    if logarithmic:
        ax.set_xscale("log")
        lettering.log_ticks_across(ax, low, high)
    top = float(table["density"].max())
    ax.set_ylim(0, top * 1.35)  # a family may peak higher than the data: the curve is cut there
    ax.set_ylabel(say("density per factor of ten") if logarithmic else say("density"))
    ax.legend(frameon=False, fontsize=8)


def _draw_counts(x: Array, ranking: Ranking, ax: Axes) -> None:
    values, counts = np.unique(x, return_counts=True)
    ax.bar(values, counts / len(x), 0.9, color=style.FAINT, alpha=0.6, label=say("data"))
    points = np.arange(x[0], min(x[-1], x[0] + 1000) + 1)
    for k, fit in enumerate(ranking.fits[:SHOWN]):
        law: Any = fit.law
        chance = law.pmf(points)
        look: dict[str, Any] = {"color": _COLOURS[k], "marker": _MARKS[k], "ms": 4, "lw": 1}
        ax.plot(points, chance, _LINES[k], label=_label(ranking, k), **look)
    ax.set_ylabel(say("share"))
    ax.legend(frameon=False, fontsize=8)


def _draw_pairs(result: FitResult, ax: Axes) -> None:
    table = quantile_pairs(result)
    observed = table["observed"].to_numpy()
    ax.axline((observed[0], observed[0]), (observed[-1], observed[-1]), color=style.MUTED, lw=1)
    for k, family in reversed(list(enumerate(table.columns[2:]))):
        look: dict[str, Any] = {"color": _COLOURS[k], "marker": _MARKS[k], "ms": 3.5, "ls": ""}
        look |= {"fillstyle": "none" if k else "full", "mew": 0.8}
        ax.plot(table[family], observed, label=family, **look)
    if is_logarithmic(result.values):
        ax.set_xscale("log")
        ax.set_yscale("log")
        lettering.log_ticks_across(ax, *ax.get_xlim())
        lettering.log_ticks_up(ax, *ax.get_ylim())
    ax.set_xlabel(say("fitted quantile"))
    ax.set_ylabel(say("observed value"))
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], frameon=False, fontsize=8)
