"""Fine cells of an output: a histogram without a range, and the quantile curve it gives.

A value y is mapped to z = (y − centre) · scale (a power of two); the upper 16 bits of z as a 32-bit
float number its *octave cell*: 128 per octave around the centre, both signs, infinity included.
There is no range to guess, nothing to clip and no logarithm. Where the first scenarios of the run
lie close together, an octave cell is split into fine cells of equal width, two for each of those
scenarios, so that a fine cell holds some 2e-5 of all scenarios whatever the shape. An output whose
values crowd inside octave cells (narrow peaks far apart) is instead cut at the sorted first
scenarios themselves. Cells are numbered in the order of their values.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array

OCTAVE_CELLS = 65_536
STRATA = 4096
"""Coarse histogram that is kept per batch where intervals rest on replicates."""

_CELLS_PER_VALUE = 2  # of the first scenarios, where octave cells are split
_SMOOTHED = 9  # octave cells over which their number is averaged, since few are seen in each
_GAP_PARTS = 4  # cells between two neighbouring values where cells are cut by sorting
_CROWD = 12  # first scenarios that one cell may hold before cells are cut by sorting
_PER_OCTAVE = 128
_NEAR = 8 * _PER_OCTAVE  # cells beyond the first scenarios that keep the full resolution
_ATOM = 8  # equal values among the first scenarios that count as an atom

_PATTERNS = np.arange(OCTAVE_CELLS, dtype=np.uint32)
_HALF = OCTAVE_CELLS // 2
IN_ORDER = np.where(_PATTERNS < _HALF, _PATTERNS + _HALF, OCTAVE_CELLS - 1 - _PATTERNS).astype(
    np.intp
)
"""Place of a bit pattern among the octave cells in the order of their values."""

Counts = NDArray[np.int64]
Cells = NDArray[np.intp]


def _bounds() -> tuple[Array, Array]:
    """Smallest and largest z of each octave cell, in the order of values."""
    edges = (np.arange(_HALF + 1, dtype=np.uint32) << 16).view(np.float32).astype(float)
    low, high = edges[:-1], edges[1:]
    return np.concatenate([-high[::-1], low]), np.concatenate([-low[::-1], high])


with np.errstate(all="ignore"):
    LOW, HIGH = _bounds()


@dataclass(frozen=True)
class Atoms:
    """Values that hold most of their cell.

    Parameters
    ----------
    cells : ndarray of int
        Ascending.
    values : ndarray
    loose : ndarray of int
        Other values that the first scenarios put into the same cell.
    """

    cells: Cells
    values: Array
    loose: Counts


def _nothing() -> Cells:
    return np.zeros(0, dtype=np.intp)


NO_ATOMS = Atoms(_nothing(), np.zeros(0), np.zeros(0, np.int64))


@dataclass(frozen=True, eq=False)
class Mapping:
    """How the values of one output fall into cells; fixed by the first scenarios of the run.

    Parameters
    ----------
    centre, scale : float
        z = (y − centre) · scale.
    zones : tuple of (int, int)
        Octave cells (in the order of values) near the first scenarios, first and one past the last.
    split, into : ndarray of int
        Octave cells that are split, and into how many.
    grid : ndarray or None
        Ends of the cells where they are cut by sorting, each cell including its upper end.
    coarse : ndarray of int
        Last cell of each coarse bin but the last; octave cells, or cells of the grid.
    strata : ndarray of int
        First fine cell of each stratum.
    atoms : Atoms
    pilot : int
        Finite scenarios that fixed the mapping.
    """

    centre: float
    scale: float
    zones: tuple[tuple[int, int], ...]
    split: Cells
    into: Cells
    grid: Array | None = None
    coarse: Cells = field(default_factory=_nothing)
    strata: Cells = field(default_factory=_nothing)
    atoms: Atoms = NO_ATOMS
    pilot: int = 0

    @property
    def size(self) -> int:
        """Number of fine cells."""
        return len(self.grid) + 1 if self.grid is not None else _layout(self).size

    def ends(self, cells: Cells) -> tuple[Array, Array]:
        """Smallest and largest value of fine cells."""
        if self.grid is not None:
            whole = np.concatenate([[-np.inf], self.grid, [np.inf]])
            return whole[cells], whole[cells + 1]
        low, high = _layout(self).ends(cells)
        with np.errstate(all="ignore"):
            return low / self.scale + self.centre, high / self.scale + self.centre


@dataclass(frozen=True)
class _Layout:
    """Octave cells (or runs of them) of a mapping, and the fine cells of each.

    Parameters
    ----------
    octave, last : ndarray of int
        First and last octave cell of each run.
    first, parts : ndarray of int
        First fine cell of each run, and how many it has.
    """

    octave: Cells
    last: Cells
    first: Counts
    parts: Counts

    @property
    def size(self) -> int:
        """Number of fine cells."""
        return int(self.first[-1] + self.parts[-1])

    def ends(self, cells: Cells) -> tuple[Array, Array]:
        """Smallest and largest z of fine cells."""
        run = np.searchsorted(self.first, cells, side="right") - 1
        low, parts = LOW[self.octave[run]], self.parts[run]
        whole = HIGH[self.last[run]]
        with np.errstate(all="ignore"):
            width = np.where(parts > 1, (whole - low) / parts, 0.0)
            left = low + width * (cells - self.first[run])
            return left, np.where(parts > 1, left + width, whole)


@functools.lru_cache(maxsize=256)
def _layout(mapping: Mapping) -> _Layout:
    """Number the fine cells of a mapping."""
    near = np.zeros(OCTAVE_CELLS, dtype=np.int64)
    for start, stop in mapping.zones:
        near[start:stop] = 1
    outside = np.flatnonzero(near == 0)
    # far from the first scenarios one cell serves an octave
    near[outside[(outside % _PER_OCTAVE == 0) | (np.diff(outside, prepend=-9) > 1)]] = 1
    near[mapping.split] = mapping.into
    octave = np.flatnonzero(near)
    parts = near[octave]
    last = np.append(octave[1:], OCTAVE_CELLS) - 1
    return _Layout(octave, last, np.cumsum(parts) - parts, parts)


class Locator:
    """A mapping made ready for the hot path; threads share it.

    Parameters
    ----------
    mapping : Mapping
    coarse : bool
        Whether coarse bins are wanted as well.
    """

    def __init__(self, mapping: Mapping, coarse: bool = False) -> None:
        self.mapping, self.grid = mapping, mapping.grid
        self.bins: Cells | None = None
        if coarse:
            every = IN_ORDER if self.grid is None else np.arange(len(self.grid) + 1)
            self.bins = np.searchsorted(mapping.coarse, every, side="left").astype(np.intp)
        if self.grid is not None:
            return
        layout = _layout(mapping)
        length = layout.last - layout.octave + 1
        first, parts = np.repeat(layout.first, length), np.repeat(layout.parts, length)
        with np.errstate(all="ignore"):
            slope = np.where(parts > 1, parts / (HIGH - LOW), 0.0)
            start = np.where(parts > 1, first - slope * LOW, first)
        self.slope, self.start = slope[IN_ORDER], start[IN_ORDER]

    def scaled(self, y: Array, out: Array) -> None:
        """Write z = (y − centre) · scale."""
        np.subtract(y, self.mapping.centre, out=out)
        np.multiply(out, self.mapping.scale, out=out)

    def place(self, y: Array, z: Array, scratch: Scratch) -> tuple[Cells, Cells]:
        """Fine cell of each value, and coarse bin if wanted; the arrays belong to `scratch`."""
        m = len(z)
        fine, coarse = scratch.fine[:m], scratch.coarse[:m]
        if self.grid is not None:
            fine[:] = np.searchsorted(self.grid, y)
            if self.bins is not None:
                self.bins.take(fine, out=coarse, mode="clip")
            return fine, coarse
        single, real, start = scratch.single[:m], scratch.real[:m], scratch.start[:m]
        np.copyto(single, z, casting="unsafe")
        bits = single.view(np.uint32)
        np.right_shift(bits, 16, out=bits)
        np.copyto(fine, bits)
        if self.bins is not None:
            self.bins.take(fine, out=coarse, mode="clip")
        self.slope.take(fine, out=real, mode="clip")
        self.start.take(fine, out=start, mode="clip")
        np.multiply(real, z, out=real)
        np.add(real, start, out=real)
        np.copyto(fine, real, casting="unsafe")
        return fine, coarse

    def cells(self, y: Array) -> Cells:
        """Fine cell of each value."""
        y = np.asarray(y, dtype=float)
        z = np.empty(len(y))
        with np.errstate(all="ignore"):
            self.scaled(y, z)
            return self.place(y, z, Scratch(len(y)))[0]


class Scratch:
    """Vectors for placing values, reused for every pass."""

    def __init__(self, rows: int) -> None:
        self.single = np.empty(rows, dtype=np.float32)
        self.real, self.start = np.empty(rows), np.empty(rows)
        self.fine: Cells = np.empty(rows, dtype=np.intp)
        self.coarse: Cells = np.empty(rows, dtype=np.intp)


def _centre_and_scale(y: Array) -> tuple[float, float]:
    """Zero for a one-signed output that spans octaves, else the median; scale near its spread."""
    p05, p25, p50, p75, p95 = (y[int(p * (y.size - 1))] for p in (0.05, 0.25, 0.5, 0.75, 0.95))
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


def _octaves(y: Array, centre: float, scale: float) -> Cells:
    """Octave cell of each value, in the order of values."""
    with np.errstate(all="ignore"):
        z = ((y - centre) * scale).astype(np.float32)
    ordered: Cells = IN_ORDER[z.view(np.uint32) >> 16]
    return ordered


def _moving_mean(rows: Counts) -> Array:
    """Mean of each count and its neighbours, `_SMOOTHED` in all."""
    half = _SMOOTHED // 2
    sums = np.cumsum(np.concatenate([np.zeros(half + 1), rows, np.zeros(half)]))
    return np.asarray((sums[_SMOOTHED:] - sums[:-_SMOOTHED]) / _SMOOTHED)


def _zones(octaves: Cells) -> tuple[tuple[int, int], ...]:
    """Runs of octave cells within so many octaves of a cell in use (given ascending)."""
    used = octaves[np.flatnonzero(np.diff(octaves, prepend=-1))]
    gaps = np.flatnonzero(np.diff(used) > 2 * _NEAR) + 1
    return tuple(
        (max(0, int(run[0]) - _NEAR), min(OCTAVE_CELLS, int(run[-1]) + _NEAR + 1))
        for run in np.split(used, gaps)
    )


def _group(cells: Cells, values: Array, times: Counts) -> tuple[Cells, Counts, Counts, Array]:
    """Per cell in use: rows, rows of its commonest value, and that value (cells ascending)."""
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    rows, most = np.add.reduceat(times, starts), np.maximum.reduceat(times, starts)
    commonest = values[starts].copy()
    for k in np.flatnonzero(most > 1):
        stop = starts[k + 1] if k + 1 < len(starts) else len(cells)
        commonest[k] = values[starts[k] + np.argmax(times[starts[k] : stop])]
    return cells[starts], rows, most, commonest


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
    starts = np.flatnonzero(np.concatenate([[True], y[1:] != y[:-1]]))
    values, times = y[starts], np.diff(starts, append=y.size)
    octaves = _octaves(values, centre, scale)
    rows = np.bincount(octaves, minlength=OCTAVE_CELLS)
    around = _moving_mean(rows)
    wanted = np.ceil(_CELLS_PER_VALUE * np.maximum(rows, around) - 1e-9).astype(np.int64)
    into = np.where(wanted > _CELLS_PER_VALUE, wanted, 1)
    split = np.flatnonzero(into > 1)
    zones = _zones(octaves)
    mapping = Mapping(centre, scale, zones, split, into[split])
    cuts = y[np.maximum(np.ceil(_levels(bins) * y.size).astype(np.intp) - 1, 0)]
    coarse = np.unique(_octaves(cuts, centre, scale))
    cells = Locator(mapping).cells(values)
    atom = _ATOM if 4 * values.size > 3 * y.size else 2  # every repeated value of a discrete output
    used, rows, most, commonest = _group(cells, values, times)
    if (rows - np.where(most >= atom, most, 0)).max() > _CROWD:
        grid = _grid(values, times, atom)
        mapping = Mapping(centre, scale, (), split[:0], into[:0], grid)
        cells = np.searchsorted(grid, values)
        coarse = np.unique(np.searchsorted(grid, cuts))
        used, rows, most, commonest = _group(cells, values, times)
    tied = (most >= atom) & (2 * most > rows)
    atoms = Atoms(used[tied], commonest[tied], (rows - most)[tied])
    thin = np.linspace(0, len(used), min(STRATA, len(used)), endpoint=False).astype(np.intp)
    strata = used[thin]
    strata[0] = 0
    return replace(mapping, coarse=coarse, strata=strata, atoms=atoms, pilot=y.size)


def _grid(values: Array, times: Counts, atom: int) -> Array:
    """Cell ends at every value and between, with a cell of its own for each atom."""
    atoms = values[times >= atom]
    parts = np.arange(_GAP_PARTS) / _GAP_PARTS
    between = values[:-1, None] + np.diff(values)[:, None] * parts
    ends = [between.ravel(), values[-1:], atoms, np.nextafter(atoms, -np.inf)]
    return np.unique(np.concatenate(ends))


class Curve:
    """Quantiles and probabilities of an output from the counts of its cells.

    Parameters
    ----------
    used : ndarray of int
        Cells that hold scenarios, ascending.
    counts : ndarray of int
        Scenarios in each.
    mapping : Mapping
    extremes : (float, float), optional
        Smallest and largest value, which end the first and the last cell.
    """

    def __init__(
        self,
        used: Cells,
        counts: Counts,
        mapping: Mapping,
        extremes: tuple[float, float] = (-np.inf, np.inf),
    ) -> None:
        self.mapping, self.extremes = mapping, extremes
        self.used, self.counts = used, counts.astype(float)
        self.below = np.concatenate([[0.0], np.cumsum(self.counts)])
        self.total = float(self.below[-1])

    def _cell(self, rank: Array) -> Cells:
        place = np.searchsorted(self.below, rank, side="left") - 1
        return np.clip(place, 0, len(self.used) - 1)

    def _atom(self, cells: Cells) -> tuple[NDArray[np.bool_], Cells]:
        """Which cells are atoms, and which atom each is."""
        atoms = self.mapping.atoms
        if not len(atoms.cells):
            return np.zeros(cells.shape, bool), np.zeros(cells.shape, np.intp)
        at = np.minimum(np.searchsorted(atoms.cells, cells), len(atoms.cells) - 1)
        return atoms.cells[at] == cells, at

    def _ends(self, place: Cells) -> tuple[Array, Array]:
        """Smallest and largest value of the used cells at `place`."""
        cells = self.used[place]
        low, high = self.mapping.ends(cells)
        low, high = np.maximum(low, self.extremes[0]), np.minimum(high, self.extremes[1])
        tied, at = self._atom(cells)
        if tied.any():
            value = self.mapping.atoms.values[at]
            low, high = np.where(tied, value, low), np.where(tied, value, high)
        return low, high

    def at_rank(self, rank: Array) -> Array:
        """Value at a rank between 0 and the number of scenarios, straight inside a cell."""
        place = self._cell(rank)
        part = np.clip((rank - self.below[place]) / self.counts[place], 0, 1)
        low, high = self._ends(place)
        return np.asarray(low + part * (high - low))

    def floor(self, rank: Array) -> Array:
        """Lower end of the cell that holds a rank."""
        return self._ends(self._cell(rank))[0]

    def ceiling(self, rank: Array) -> Array:
        """Upper end of the cell that holds a rank."""
        return self._ends(self._cell(rank))[1]

    def quantile(self, p: Array) -> Array:
        """Value not exceeded with probability `p`."""
        return self.at_rank(np.asarray(p, dtype=float) * self.total)

    def rank_error(self, p: float) -> float:
        """How far the share of scenarios at or below `quantile(p)` can be from `p`.

        For an atom it is the share of other values in the atom's cell, from the first scenarios.
        """
        if self.extremes[0] == self.extremes[1]:
            return 0.0
        rank = np.array([p * self.total])
        place = self._cell(rank)
        tied, at = self._atom(self.used[place])
        if tied[0]:
            return float(self.mapping.atoms.loose[at[0]] + 1) / self.mapping.pilot
        below, count = self.below[place[0]], self.counts[place[0]]
        return float(max(rank[0] - below, below + count - rank[0]) / self.total)

    def rank_of(self, value: float) -> tuple[float, float, float]:
        """Count the scenarios at or below `value`: at least, best estimate, at most."""
        cell = Locator(self.mapping).cells(np.array([value]))
        place = int(np.searchsorted(self.used, cell[0]))
        low = self.below[place]
        if place == len(self.used) or self.used[place] != cell[0]:
            return float(low), float(low), float(low)
        high = self.below[place + 1]
        (left,), (right,) = self._ends(np.array([place]))
        if self._atom(cell)[0][0]:
            known = high if value >= left else low
            return float(known), float(known), float(known)
        part = np.clip((value - left) / (right - left), 0, 1) if right > left else 1.0
        return float(low), float(low + part * (high - low)), float(high)
