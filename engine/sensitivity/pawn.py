"""PAWN: the largest gap between the output's distribution and that inside a slice of an input.

Pianosi and Wagener (2015, 2018): Kolmogorov–Smirnov distances, here of ten slices of equal
probability against all scenarios, and of these the median, which is the usual statistic. It is
above 0 by sampling even for an inert input; the lower end of its interval gives way by so much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.sensitivity.bars import Bar
from rangecast.engine.sensitivity.indices import bars_from
from rangecast.engine.sensitivity.slices import shares

if TYPE_CHECKING:
    from rangecast.engine.result import Result

SLICES = 10


def distances(counts: Array) -> Array:
    """Kolmogorov–Smirnov distance of every slice, shape (draws, slices); NaN for empty ones."""
    _, inside, overall, n = shares(counts)
    gap = np.abs(np.cumsum(inside - overall, axis=2)).max(axis=2)
    return np.where(n[..., 0] > 0, gap, np.nan)


def measure(counts: Array) -> Array:
    """Give the median distance of counts of shape (draws, slices, bins); NaN without any."""
    apart = distances(counts)
    found = np.full(len(apart), np.nan)
    some = np.isfinite(apart).any(axis=1)
    found[some] = np.nanmedian(apart[some], axis=1)
    return found


def estimate(result: Result, output: str) -> list[Bar]:
    """Indices between 0 and 1 with bootstrap intervals."""
    return bars_from(result, output, "pawn", "median KS", measure, SLICES, distance=True)
