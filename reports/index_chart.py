"""Rankings that took model runs of their own: bars with intervals, and the map of a screening."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.engine.sensitivity.morris import Effect, MorrisEffects
from rangecast.engine.sensitivity.pick_freeze import SobolIndices
from rangecast.engine.sensitivity.shapley import ShapleyEffects
from rangecast.reports import lettering, style
from rangecast.reports.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12


def _axes(ax: Axes | None, rows: int) -> Axes:
    if ax is not None:
        return ax
    made: Axes = style.new_axes(7.2, 0.42 * max(1, rows) + 1.5)[1]
    return made


def _finish(
    ax: Axes, labels: Sequence[str], title: str, axis: str, handles: Sequence[Any] = ()
) -> None:
    ax.axvline(0, color=style.INK, linewidth=1)
    names = [style.plain(label, 28) for label in labels]
    ax.set_yticks(range(len(labels)), names)
    ax.set_ylim(len(labels) - 0.4, -0.7)
    ax.tick_params(axis="y", length=0)
    pad = lettering.legend_above(ax, handles, names) if handles else 6.0
    lettering.x_label(ax, axis, names)
    lettering.title(ax, title, names=names, pad=pad)


def _is_nothing(low: float) -> bool:
    """Whether an index cannot be told from 0: its bar is grey."""
    return not low > 0


def _named(output: str, log: bool) -> str:
    return say("log of {output}", output=output) if log else output


def sobol_chart(found: SobolIndices, ax: Axes | None = None) -> Axes:
    """Draw first-order and total indices of each factor, with 95 % intervals.

    Parameters
    ----------
    found : SobolIndices
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    """
    shown = found.indices[:MOST]
    with style.theme():
        ax = _axes(ax, len(shown))
        for k, i in enumerate(shown):
            pairs = ((i.s1, i.s1_low, i.s1_high), (i.st, i.st_low, i.st_high))
            for (value, low, high), side in zip(pairs, (-0.19, 0.19), strict=True):
                colour = (style.LOW, style.HIGH)[side > 0]
                colour = style.FAINT if _is_nothing(low) else colour
                hatch = "///" if side > 0 else ""
                ax.barh(k + side, value, 0.36, color=colour, hatch=hatch, edgecolor="white")
                ax.plot([low, high], [k + side] * 2, color=style.INK, linewidth=1)
        from matplotlib.patches import Patch

        handles = [
            Patch(facecolor=style.LOW, label=say("first-order S1: alone")),
            Patch(
                facecolor=style.HIGH,
                hatch="///",
                edgecolor="white",
                label=say("total ST: with its interactions"),
            ),
        ]
        runs = f"{found.runs:,}"
        title = say(
            "Sobol' indices of {output}\n{runs} model runs, 95 % intervals; grey: not told from 0",
            output=_named(found.output, found.log),
            runs=runs,
        )
        _finish(ax, [i.label for i in shown], title, say("share of variance"), handles)
    return ax


def shapley_chart(found: ShapleyEffects, ax: Axes | None = None) -> Axes:
    """Draw the share of each input, its own part and what acts through correlation.

    Parameters
    ----------
    found : ShapleyEffects
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    """
    shown = found.shares[:MOST]
    with style.theme():
        ax = _axes(ax, len(shown))
        for k, s in enumerate(shown):
            colour = style.FAINT if _is_nothing(s.low) else style.LOW
            ax.barh(k, s.share, 0.62, color=colour)
            split = s.through != 0 and np.isfinite(s.own) and not _is_nothing(s.low)
            if split:
                ax.barh(
                    k,
                    s.through,
                    0.62,
                    left=s.own,
                    facecolor="none" if s.through < 0 else style.HIGH,
                    hatch="///",
                    edgecolor="white" if s.through > 0 else style.HIGH,
                    linewidth=0.6,
                )
            ax.plot([s.low, s.high], [k, k], color=style.INK, linewidth=1)
        handles: list[Any] = []
        if found.is_correlated:
            from matplotlib.patches import Patch

            handles = [
                Patch(facecolor=style.LOW, label=say("own")),
                Patch(
                    facecolor=style.HIGH,
                    hatch="///",
                    edgecolor="white",
                    label=say("through correlation"),
                ),
            ]
        title = say(
            "Shapley effects of {output}\n{runs} model runs, 95 % intervals; grey: not told from 0",
            output=_named(found.output, found.log),
            runs=f"{found.runs:,}",
        )
        _finish(ax, [s.label for s in shown], title, say("share of variance"), handles)
    return ax


def _name_points(ax: Axes, effects: Sequence[Effect], most: float, high: float) -> None:
    """Write names beside points, each moved up or down until it meets no other."""
    across, up = lettering.room_across(ax) / (1.3 * most), lettering.room_up(ax) / high
    taken: list[tuple[float, float, float]] = []
    for e in effects:
        name = style.plain(e.label, 28)
        left = across * e.mu_star + 5
        right = left + lettering.width(name, 7.5)
        for shift in (6, -11, 17, -22, 28, -33, 39, 50, 61):
            y = up * e.sigma + shift
            if y > 0 and not any(
                left < far and near < right and abs(y - other) < 11 for near, far, other in taken
            ):
                break
        taken.append((left, right, y))
        ax.annotate(
            name, (e.mu_star, e.sigma), xytext=(5, shift), textcoords="offset points", fontsize=7.5
        )


def morris_chart(found: MorrisEffects, ax: Axes | None = None) -> Axes:
    """Draw μ* across and σ up: what lies near the bottom is linear, near the corner negligible.

    Parameters
    ----------
    found : MorrisEffects
    ax : Axes, optional
        Where to draw; a new figure otherwise.
    """
    with style.theme():
        if ax is None:
            ax = style.new_axes(7.2, 4.4)[1]
        lone = [e for e in found.effects if len(e.members) == 1]
        most = max((e.mu_star for e in lone), default=1.0) or 1.0
        for e in lone:
            colour = style.FAINT if e.verdict == "negligible" else style.LOW
            ax.plot([e.mu_star_low, e.mu_star_high], [e.sigma] * 2, color=colour, linewidth=1)
            ax.plot([e.mu_star], [e.sigma], "o", color=colour, markersize=5)
        high = 1.08 * max((e.sigma for e in lone), default=0.0) or 1.0
        ax.plot([0, most], [0, most], color=style.MUTED, linewidth=0.8, linestyle="--")
        ax.set_xlim(0, 1.3 * most)
        ax.set_ylim(0, high)
        _name_points(ax, [e for e in lone[:8] if e.verdict != "negligible"], most, high)
        ax.set_xlabel(say("μ*: mean absolute effect over the input's range"))
        ax.set_ylabel(say("σ: spread of effects (non-linear, interacting)"))
        title = say(
            "Elementary effects on {output}\n{runs} model runs; dashed: σ = μ*; grey: negligible",
            output=_named(found.output, found.log),
            runs=f"{found.runs:,}",
        )
        lettering.title(ax, title)
    return ax
