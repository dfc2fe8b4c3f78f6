"""Regional sensitivity: which inputs lead into a region of the output.

Spear and Hornberger (1980): the largest gap between an input's distribution among the scenarios of
the region (the highest twentieth, above or below a value, failed) and among all. The sign tells
which end of the input leads there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.sensitivity.bars import Bar
from rangecast.engine.sensitivity.indices import bars_from
from rangecast.engine.sensitivity.slices import Counts

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
    """Bars of the highest twentieth."""
    return bars_from(result, output, "regional", "KS in top 5 %", measure_of(TOP), SLICES, -1.0)


def crossing(
    result: Result, output: str, above: float | None = None, below: float | None = None
) -> list[Bar]:
    """Bars of the scenarios above, or below, a value: which inputs lead there.

    Raises
    ------
    SettingsError
        When no scenario lies there, or all do.
    """
    share = result.probability(output, above, below).value
    sign, limit = (">", above) if above is not None else ("<", below)
    if not 0 < share < 1:
        got = f"{share:.0%} of scenarios"
        message = f"{output} {sign} {limit:g} tells no scenarios apart"
        raise SettingsError(Problem("E700", "region", message, got))
    top = measure_of(share)

    def measure(counts: Array) -> Array:
        return top(counts if above is not None else counts[..., ::-1])

    return bars_from(
        result, output, "regional", f"KS where {sign} {limit:g}", measure, SLICES, -1.0
    )


def failures(result: Result, output: str) -> list[Bar]:
    """Bars of the scenarios in which the output is not finite.

    Raises
    ------
    SettingsError
        When there are none.
    """
    lost = result.ensemble.totals.ints["lost"][result.row(output)]
    if not lost.any():
        raise SettingsError(Problem("E700", "region", "no scenario failed", output))

    def table(d: int, counts: Counts, number: NDArray[np.intp]) -> Counts:
        failed = np.bincount(number, lost[d, : len(number)], minlength=len(counts))
        return np.stack([counts.sum(axis=1), failed.astype(np.int64)], axis=1)

    def measure(counts: Array) -> Array:  # bins: finite, failed
        share = counts[..., 1].sum(axis=1) / counts.sum(axis=(1, 2))
        return np.concatenate(
            [measure_of(float(s))(one[None]) for s, one in zip(share, counts, strict=True)]
        )

    return bars_from(result, output, "regional", "KS where failed", measure, SLICES, -1.0, table)
