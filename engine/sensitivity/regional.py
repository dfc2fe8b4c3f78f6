"""Regional sensitivity: which inputs bring about the highest twentieth of the output.

Spear and Hornberger (1980): the largest gap between an input's distribution among the scenarios
with the output above its P95 and among all. The sign tells which end of the input leads there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.sensitivity.bars import Bar
from rangecast.engine.sensitivity.indices import bars_from

if TYPE_CHECKING:
    from rangecast.engine.result import Result

SLICES = 60
TOP = 0.05


def _in_top(counts: Array, share: float) -> Array:
    """Scenarios of each slice among the highest share of the output, shape (draws, slices)."""
    by_bin = counts.sum(axis=1, keepdims=True)
    total = by_bin.sum(axis=2, keepdims=True)
    above = np.cumsum(by_bin[..., ::-1], axis=2)[..., ::-1] - by_bin
    with np.errstate(all="ignore"):  # the bin that holds the threshold counts in part
        part = np.clip((share * total - above) / by_bin, 0.0, 1.0)
    found: Array = (counts * np.nan_to_num(part)).sum(axis=2)
    return found


def measure_of(share: float) -> Callable[[Array], Array]:
    """Give the measure for a share of the output."""

    def measure(counts: Array) -> Array:
        top, every = _in_top(counts, share), counts.sum(axis=2)
        with np.errstate(all="ignore"):
            gap = np.cumsum(every / every.sum(axis=1, keepdims=True), axis=1)
            gap = gap - np.cumsum(top / top.sum(axis=1, keepdims=True), axis=1)
        widest = np.argmax(np.abs(gap), axis=1)
        found: Array = np.take_along_axis(gap, widest[:, None], axis=1)[:, 0]
        return found

    return measure


def estimate(result: Result, output: str) -> list[Bar]:
    """Signed distances between −1 and 1 with bootstrap intervals."""
    return bars_from(result, output, "regional", "KS in top 5 %", measure_of(TOP), SLICES, -1.0)
