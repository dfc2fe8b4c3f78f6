"""How the percentiles of the first output settled while the run went on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rangecast.engine.convergence import LEVELS, Settled, convergence
from rangecast.reports.axis import Axis
from rangecast.reports.convergence import reach_of, unit_of_change
from rangecast.reports.numbers import compact, level_name, scale_for
from rangecast.reports.page.contents import Contents, Sheet, capital, name_of
from rangecast.reports.words import say

FEWEST = 1_000
"""Scenarios below which there is nothing to see."""
_ROOM = 1.3  # so that the last tick has its letters inside the figure


def settling(contents: Contents) -> dict[str, Any] | None:
    """Give the figure; None for a short run.

    Parameters
    ----------
    contents : Contents
    """
    result, output = contents.result, contents.first
    if result.scenarios < FEWEST or output not in result.rows:
        return None
    found = convergence(result, output)
    counts = [one.scenarios for one in found]
    if not found or min(counts) == max(counts):
        return None
    reach = 100 * reach_of(found)
    across, up = Axis(min(counts), max(counts) * _ROOM, True), Axis(-reach, reach)
    lines = [
        _line([one for one in found if one.quantile == p], across, up, k)
        for k, p in enumerate(LEVELS, 1)
    ]
    label = capital(name_of(result, output))
    return {
        "title": say("{label}: how the percentiles settled", label=label),
        "unit": unit_of_change(result, output),
        "lines": lines,
        "ticks": up.ticks_up(140),
        "across": across.ticks(),
        "axis_title": say("scenarios (log scale)"),
        "sheet": _sheet(found, label),
    }


def _line(found: Sequence[Settled], across: Axis, up: Axis, number: int) -> dict[str, Any]:
    final = found[-1].value
    scale = scale_for(final)
    points = [(across.place(one.scenarios), up.place(100 * one.change)) for one in found]
    known = [one for one in found if math.isfinite(one.change_low + one.change_high)]
    ends = [(across.place(one.scenarios), up.place(100 * one.change_high)) for one in known]
    ends += [(across.place(one.scenarios), up.place(100 * one.change_low)) for one in known[::-1]]
    return {
        "number": number,
        "path": _path(points),
        "ribbon": f"{_path(ends)}Z" if len(known) > 1 else "",
        "label": f"{level_name(found[-1].quantile)} → {scale.write(final)}{scale.word}",
    }


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{10 * x:g} {1000 - 10 * y:g}" for x, y in points)


def _sheet(found: Sequence[Settled], label: str) -> Sheet:
    heads = (say("scenarios"), say("percentile"), say("value"), say("from"), say("to"))
    rows = tuple(
        (
            f"{one.scenarios:,}",
            level_name(one.quantile),
            *(compact(v) for v in (one.value, one.ci_low, one.ci_high)),
        )
        for one in found
    )
    return Sheet(heads, rows, 2, label)
