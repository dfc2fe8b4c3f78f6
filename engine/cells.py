"""Fine cells of an output: a histogram without a range, and the quantile curve it gives.

A value y is mapped to z = (y − centre) · scale (a power of two); the upper 16 bits of z as a 32-bit
float number its cell: 128 cells per octave around the centre, both signs, infinity and NaN
included. There is no range to guess, nothing to clip and no logarithm. Cells are numbered here in
the order of their values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array

CELLS = 65_536
_BITS = np.arange(CELLS, dtype=np.uint32)
IN_ORDER = np.where(_BITS < CELLS // 2, _BITS + CELLS // 2, CELLS - 1 - _BITS).astype(np.intp)
"""Place of a bit pattern among the cells in the order of their values."""

Counts = NDArray[np.int64]


def _bounds() -> tuple[Array, Array]:
    """Smallest and largest |z| of each bit pattern, signed, in the order of values."""
    edges = (np.arange(CELLS // 2 + 1, dtype=np.uint32) << 16).view(np.float32).astype(float)
    low, high = edges[:-1], edges[1:]
    return np.concatenate([-high[::-1], low]), np.concatenate([-low[::-1], high])


with np.errstate(all="ignore"):
    LOW, HIGH = _bounds()


@dataclass(frozen=True)
class Mapping:
    """How the values of one output fall into cells; fixed by the first scenarios of the run.

    Parameters
    ----------
    centre, scale : float
        z = (y − centre) · scale.
    edges : ndarray
        Last cell of each coarse bin but the last, ascending; coarse bins are unions of cells.
    tied : ndarray or None
        Per cell, the only value seen in it (NaN if none or several); None for a continuous output.
    """

    centre: float
    scale: float
    edges: NDArray[np.intp]
    tied: Array | None = None

    def cells(self, y: Array) -> NDArray[np.intp]:
        """Cell of each value, in the order of values."""
        with np.errstate(all="ignore"):
            z = ((y - self.centre) * self.scale).astype(np.float32)
        ordered: NDArray[np.intp] = IN_ORDER[z.view(np.uint32) >> 16]
        return ordered

    def coarse(self) -> NDArray[np.intp]:
        """Coarse bin of each bit pattern (not of each ordered cell), for the hot path."""
        return np.searchsorted(self.edges, IN_ORDER, side="left").astype(np.intp)

    def values(self, z: Array) -> Array:
        """Map z back to values of the output."""
        with np.errstate(over="ignore", invalid="ignore"):
            return z / self.scale + self.centre


def _centre_and_scale(y: Array) -> tuple[float, float]:
    """Zero for a one-signed output that spans octaves, else the median; scale near its spread."""
    p05, p25, p50, p75, p95 = np.quantile(y, [0.05, 0.25, 0.5, 0.75, 0.95])
    wide = (y[0] > 0 and p95 > 4 * p05) or (y[-1] < 0 and p05 < 4 * p95)
    centre = 0.0 if wide else float(p50)
    spread = abs(p50) if wide else (p75 - p25 or p95 - p05 or y[-1] - y[0] or abs(p50) or 1.0)
    exponent = np.clip(-np.round(np.log2(spread)), -1000, 1000) if spread > 0 else 0.0
    return centre, float(2.0**exponent)


def _levels(bins: int) -> Array:
    """Cut probabilities of the coarse bins: equal mass, finer towards both tails."""
    tail = 2.0 ** -np.arange(7, 13)
    inner = np.linspace(0, 1, bins - 2 * len(tail) + 1)[1:-1]
    return np.sort(np.concatenate([inner, tail, 1 - tail]))


def choose(pilot: Array, bins: int) -> Mapping:
    """Fit the mapping of one output to its first values.

    Parameters
    ----------
    pilot : ndarray of shape (m,)
        First values of the run; those that are not finite are left out.
    bins : int
        Number of coarse bins.
    """
    y = np.sort(pilot[np.isfinite(pilot)])
    y = y if y.size else np.zeros(1)
    with np.errstate(all="ignore"):
        centre, scale = _centre_and_scale(y)
    plain = Mapping(centre, scale, np.zeros(0, dtype=np.intp))
    edges = np.unique(plain.cells(np.quantile(y, _levels(bins))))
    distinct = np.unique(y)
    tied = None
    if distinct.size <= max(2, y.size // 8):
        cells = plain.cells(distinct)
        counts = np.bincount(cells, minlength=CELLS)
        tied = np.where(counts == 1, np.bincount(cells, distinct, CELLS), np.nan)
    return Mapping(centre, scale, edges, tied)


class Curve:
    """Quantiles and probabilities of an output from the counts of its cells.

    Parameters
    ----------
    counts : ndarray of shape (CELLS,)
        Scenarios per cell, in the order of values.
    mapping : Mapping
    extremes : (float, float), optional
        Smallest and largest value, which end the first and the last cell.
    """

    def __init__(
        self, counts: Counts, mapping: Mapping, extremes: tuple[float, float] | None = None
    ) -> None:
        self.mapping = mapping
        self.used = np.flatnonzero(counts)
        self.counts = counts[self.used].astype(float)
        self.below = np.concatenate([[0.0], np.cumsum(self.counts)])
        self.total = float(self.below[-1])
        self.low, self.high = mapping.values(LOW[self.used]), mapping.values(HIGH[self.used])
        if extremes is not None and len(self.used):
            self.low[0] = max(self.low[0], extremes[0])
            self.high[-1] = min(self.high[-1], extremes[1])
        if mapping.tied is not None:
            tied = mapping.tied[self.used]
            self.low = np.where(np.isnan(tied), self.low, tied)
            self.high = np.where(np.isnan(tied), self.high, tied)

    def _cell(self, rank: Array) -> NDArray[np.intp]:
        return np.clip(np.searchsorted(self.below, rank, side="left") - 1, 0, len(self.used) - 1)

    def at_rank(self, rank: Array) -> Array:
        """Value at a rank between 0 and the number of scenarios, straight inside a cell."""
        place = self._cell(rank)
        part = np.clip((rank - self.below[place]) / self.counts[place], 0, 1)
        low, high = self.low[place], self.high[place]
        return np.asarray(low + part * (high - low))

    def floor(self, rank: Array) -> Array:
        """Lower end of the cell that holds a rank."""
        return np.asarray(self.low[self._cell(rank)])

    def ceiling(self, rank: Array) -> Array:
        """Upper end of the cell that holds a rank."""
        return np.asarray(self.high[self._cell(rank)])

    def quantile(self, p: Array) -> Array:
        """Value not exceeded with probability `p`."""
        return self.at_rank(np.asarray(p, dtype=float) * self.total)

    def rank_of(self, value: float) -> tuple[float, float, float]:
        """Count the scenarios at or below `value`: at least, best estimate, at most."""
        cell = int(self.mapping.cells(np.array([value]))[0])
        place = int(np.searchsorted(self.used, cell))
        low = self.below[place]
        if place == len(self.used) or self.used[place] != cell:
            return float(low), float(low), float(low)
        high = self.below[place + 1]
        if self.mapping.tied is not None and not np.isnan(self.mapping.tied[cell]):
            known = high if value >= self.mapping.tied[cell] else low
            return float(known), float(known), float(known)
        left, right = self.low[place], self.high[place]
        part = np.clip((value - left) / (right - left), 0, 1) if right > left else 1.0
        return float(low), float(low + part * (high - low)), float(high)
