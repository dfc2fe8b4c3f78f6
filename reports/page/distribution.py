"""One output in detail: histogram and cumulative curve, with two limits to move."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.result import Result
from rangecast.reports import style
from rangecast.reports.axis import Axis
from rangecast.reports.density import density_table, is_logarithmic
from rangecast.reports.figures import placed_figures
from rangecast.reports.numbers import Scale, compact, percent, percentile_name
from rangecast.reports.page.answer import BAND, amount
from rangecast.reports.page.contents import Contents, Sheet, axis_title, name_of, named, scale_of
from rangecast.reports.words import say

_TOGETHER = 2  # bins of the density table that share a bar
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _bars(shares: Any, low: float = 0.0, high: float = 1000.0) -> str:
    """Bars of equal width as one path, in a box of 1000 by 100."""
    top = float(shares.max()) or 1.0
    width = (high - low) / len(shares)
    gap = 0.1 * width if len(shares) > 1 else 0.0
    parts = []
    for k, share in enumerate(shares.tolist()):
        left, height = low + k * width, 100 - 96 * share / top
        parts.append(f"M{left + gap / 2:.1f} 100V{height:.2f}h{width - gap:.1f}V100Z")
    return "".join(parts)


def _flags(result: Result, output: str, axis: Axis) -> list[dict[str, Any]]:
    """Published figures and the base case as lettered flags, no two over another."""
    marks = [
        (
            f.value,
            f"{style.plain(f.source, 60)} {f'“{style.plain(f.label, 60)}”' if f.label else ''}",
        )
        for f in placed_figures(result, output)
    ]
    base = result.base[output].value
    near = any(math.isclose(v, base, rel_tol=1e-9) for v, _ in marks)
    if math.isfinite(base) and not near:
        marks.append((base, say("base case")))
    flags: list[dict[str, Any]] = []
    for (value, text), letter in zip(sorted(marks), _LETTERS, strict=False):
        place = axis.place(value)
        taken = {f["level"] for f in flags if abs(f["place"] - place) < 7}
        level = next(k for k in range(len(_LETTERS)) if k not in taken)
        where = percentile_name(result.percentile_of(output, value))
        words = f"{text.strip()} {amount(result, output, value, exactly=True)} = {where}"
        flags.append({"place": place, "letter": letter, "level": level, "text": words})
    return flags


def _upto(result: Result, output: str, edges: list[float]) -> Array:
    """Share of scenarios at or below each edge."""
    return np.array([1.0 - result.probability(output, above=e).value for e in edges])


def _live(logarithmic: bool, edges: list[float], below: Array, scale: Scale) -> dict[str, Any]:
    """What the page needs to read probabilities off: shares of scenarios up to the edges."""
    return {
        "log": logarithmic,
        "word": scale.word,
        "edges": [float(f"{e / scale.divisor:.7g}") for e in edges],
        "below": [round(b, 6) for b in below.tolist()],
    }


def _sheet(edges: list[float], shares: Array, below: Array, scale: Scale, name: str) -> Sheet:
    rows, step = [], 2 * _TOGETHER
    for k in range(0, len(shares), step):
        ends = (scale.write(edges[k]), scale.write(edges[k + step]))
        share = percent(float(shares[k : k + step].sum()))
        rows.append((*ends, share, percent(float(below[k + step]))))
    heads = (say("from"), say("to"), say("share of scenarios"), say("share at or below the end"))
    return Sheet(heads, tuple(rows), 0, name)


def distribution(contents: Contents, output: str) -> dict[str, Any] | None:
    """Give histogram, cumulative curve and marks of an output; None without a finite value.

    Parameters
    ----------
    contents : Contents
    output : str
    """
    result = contents.result
    if not result.count(output):
        return None
    table = density_table(result, output)
    scale = scale_of(result, output)
    low, high = float(table["low"].iloc[0]), float(table["high"].iloc[-1])
    if len(table) == 1:
        return {"constant": amount(result, output, low), "label": name_of(result, output)}
    axis = Axis(low, high, is_logarithmic(result, output))
    edges = [*table["low"].tolist(), high]
    below, under = _upto(result, output, edges), result.probability(output, below=low).value
    shares = np.diff(below)
    shares[0] += below[0] - under  # scenarios that lie on the first edge
    live = _live(axis.logarithmic, edges, below, scale)
    curve = "L".join(
        f"{10 * axis.place(e):g} {100 - 100 * b:.2f}"
        for e, b in zip(edges, live["below"], strict=True)
    )
    limits = [result.quantile(output, p) for p in BAND]
    beyond = round(result.count(output) * (1 - float(shares.sum())))
    return {
        "constant": "",
        "output": output,
        "label": name_of(result, output),
        "axis_title": axis_title(result, output, axis),
        "field_title": named(result, output, scale),
        "logarithmic": axis.logarithmic,
        "bars": _bars(shares.reshape(-1, _TOGETHER).sum(axis=1)),
        "curve": f"M{curve}",
        "ticks": axis.ticks(),
        "flags": _flags(result, output, axis),
        "live": live,
        "limits": [
            {
                "place": axis.place(v),
                "text": scale.write(v) + scale.word,
                "value": f"{v / scale.divisor:.6g}",
                "step": 2,
            }
            for v in limits
        ],
        "median": axis.place(result.quantile(output, 0.5)),
        "readout": [percent(BAND[0]), percent(BAND[1] - BAND[0]), percent(1 - BAND[1])],
        "beyond": beyond,
        "beyond_text": f"{beyond:,}",
        "sheet": _sheet(edges, shares, below, scale, named(result, output, scale)),
        "alt": say(
            "Histogram of {label}: P5 {low}, P50 {middle}, P95 {high}",
            label=name_of(result, output),
            **{
                k: compact(result.quantile(output, p))
                for k, p in (("low", 0.05), ("middle", 0.5), ("high", 0.95))
            },
        ),
    }
