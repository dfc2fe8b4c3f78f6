"""Which inputs matter for which output: drivers down, outputs across."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.result import Result
from rangecast.engine.sensitivity import tornado
from rangecast.reports import lettering, style
from rangecast.reports.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12


def shares_by_output(result: Result, outputs: Sequence[str]) -> tuple[list[str], Array]:
    """Give labels of the drivers, and their LMG shares of shape (drivers, outputs).

    Shares of R² on ranks have no unit, add up within an output, and hold for correlated inputs:
    so they can stand side by side. Drivers come in the order of their largest share; one that does
    not act on an output has NaN there.
    """
    labels: dict[str, str] = {}
    found: dict[tuple[str, int], float] = {}
    for k, output in enumerate(outputs):
        for bar in tornado(result, output, "lmg"):
            if bar.reach == "direct":
                labels[bar.input] = bar.label
                found[bar.input, k] = bar.swing
    names = list(labels)
    shares = np.full((len(names), len(outputs)), math.nan)
    for (name, k), share in found.items():
        shares[names.index(name), k] = share
    size = np.nan_to_num(shares).max(axis=1, initial=0.0)
    order = np.argsort(-size, kind="stable")[:MOST]
    return [labels[names[k]] for k in order], shares[order]


def output_map(result: Result, outputs: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw drivers × outputs: the share of each output's variance of ranks.

    Parameters
    ----------
    result : Result
    outputs : sequence of str
        By default all whose drivers were ranked.
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    """
    names = list(outputs) or list(result.ranked)
    labels, shares = shares_by_output(result, names)
    with style.theme():
        if ax is None:
            width = min(4.2 + 1.25 * len(names), 14.0)
            _, ax = style.new_axes(max(width, 6.4), 1.9 + 0.34 * len(labels))
        if not labels:
            ax.set_axis_off()
            lettering.title(ax, say("(no input moves this output)"), 9)
            return ax
        most = float(np.nanmax(shares)) if np.isfinite(shares).any() else 1.0
        ax.imshow(shares, cmap="Blues", vmin=0.0, vmax=most or 1.0, aspect="auto")
        for (i, j), share in np.ndenumerate(shares):
            if math.isfinite(share):
                colour = "white" if share > 0.6 * most else style.INK
                text = f"{100 * share:.0f}" if share >= 0.005 else "0"
                ax.text(j, i, text, ha="center", va="center", size=8, color=colour)
        columns = [style.plain(result.model.quantities[n].label, 16) for n in names]
        ax.set_xticks(range(len(names)), columns, fontsize=8)
        rows = [style.plain(label, 28) for label in labels]
        ax.set_yticks(range(len(labels)), rows)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        first = say("What moves each output")
        words = "share of the variance of ranks, in % (LMG)"
        lettering.title(ax, f"{first}\n{say(words)}", 9, rows)
    return ax
