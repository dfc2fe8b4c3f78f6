"""What a run keeps of its scenarios: counts and sums, never the scenarios themselves.

Everything a result can answer without another run derives from here. Counts are integers and add
up in any order; floating sums are formed per task in the order of its rows and added along one
fixed tree, so a result does not depend on workers or on the order of their arrival.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine import cells, loops, tranches
from rangecast.engine.scenarios import Pass

COARSE_BINS = 64
POWERS = 4
_PAIR_BYTES = 48 * 2**20


Ints = Mapping[str, NDArray[Any]]
Floats = Mapping[str, Array]


@dataclass(frozen=True)
class Layout:
    """The sizes of a summary.

    Parameters
    ----------
    outputs : int
        Output rows.
    ranked : tuple of int
        Output rows for which drivers are ranked.
    drivers : int
        Inputs whose cells are counted.
    thresholds : tuple of (int, float)
        Output row and value whose exact rank is counted.
    keep_values : bool
        Whether every output value is kept, in the order of scenarios.
    centres : tuple of float
        Near the median of each driver; products are of the differences from it.
    middles : tuple of tuple of float
        Rank of each driver in the middle of each of its cells, less a half.
    """

    outputs: int
    ranked: tuple[int, ...]
    drivers: int
    thresholds: tuple[tuple[int, float], ...] = ()
    keep_values: bool = False
    centres: tuple[float, ...] = ()
    middles: tuple[tuple[float, ...], ...] = ()

    @property
    def bins(self) -> int:
        """Coarse bins per output; halved while the pairs would take too much memory."""
        bins, pairs = COARSE_BINS, max(1, len(self.ranked) * self.drivers)
        while bins > 16 and pairs * tranches.CELLS * bins * 4 > _PAIR_BYTES:
            bins //= 2
        return bins


@dataclass(frozen=True)
class Part:
    """The summary of one task.

    Parameters
    ----------
    batch, part : int
    rows : int
        Scenarios summarised.
    ints : mapping of str to ndarray
        ``cells`` (outputs, most cells of a mapping), ``joint`` (ranked, drivers, cells, bins),
        ``lost`` (outputs, drivers, cells) failed rows, ``failed`` (outputs, 3) as nan, +inf, −inf,
        ``ranks`` (thresholds, 2) rows below and rows equal.
    floats : mapping of str to ndarray
        ``powers`` (outputs, 4) sums of z, z², z³, z⁴; ``sums`` and ``squares`` (ranked, drivers,
        cells) of z and z²; ``gram`` (1 + drivers, same) products of 1 and the centred drivers,
        ``cross`` (ranked, 1 + drivers) of these with z, ``lost_gram`` (ranked, 1 + drivers, same)
        of failed rows; ``rank_gram`` and ``lost_rank_gram``, the same of ranks; ``extremes``
        (outputs, 2); ``values`` (outputs, rows) if kept.
    """

    batch: int
    part: int
    rows: int
    ints: Ints
    floats: Floats

    def __getstate__(self) -> dict[str, Any]:
        """Travel with the cells that hold something only: most are empty."""
        dense = self.ints["cells"]
        at = np.flatnonzero(dense != 0)
        packed = (dense.shape, at.astype(np.int32), dense.ravel()[at])
        return {**vars(self), "ints": {**self.ints, "cells": packed}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Unpack what travelled."""
        shape, at, counts = state["ints"]["cells"]
        dense = np.zeros(shape, np.int32)
        dense.ravel()[at] = counts
        vars(self).update(state, ints={**state["ints"], "cells": dense})


class Scratch(cells.Scratch):
    """Vectors that one thread reuses for every pass."""

    def __init__(self, rows: int, layout: Layout) -> None:
        super().__init__(rows)
        d = layout.drivers
        self.square = np.empty(rows)
        self.columns = np.empty((1 + d, rows))
        self.ranks = np.empty((1 + d, rows), np.float32)
        self.z = np.empty(rows)


class Summary:
    """Adds passes up; one object per task.

    Parameters
    ----------
    layout : Layout
    locators : sequence of cells.Locator
        One per output row.
    scratch : Scratch
    """

    def __init__(self, layout: Layout, locators: Sequence[cells.Locator], scratch: Scratch) -> None:
        k, r, d = layout.outputs, len(layout.ranked), layout.drivers
        self.layout, self.locators, self.scratch = layout, locators, scratch
        self.rank_row = {row: i for i, row in enumerate(layout.ranked)}
        self.rows = 0
        size = max(locator.mapping.size for locator in locators)
        self.cells = np.zeros((k, size), np.int32)
        self.joint = np.zeros((r, d, tranches.CELLS, layout.bins), np.int32)
        self.lost = np.zeros((k, d, tranches.CELLS), np.int64)
        self.failed = np.zeros((k, 3), np.int64)
        self.ranks = np.zeros((len(layout.thresholds), 2), np.int64)
        self.powers = np.zeros((k, POWERS))
        self.sums = np.zeros((r, d, tranches.CELLS))
        self.squares = np.zeros((r, d, tranches.CELLS))
        self.gram = np.zeros((1 + d, 1 + d))
        self.cross = np.zeros((r, 1 + d))
        self.lost_gram = np.zeros((r, 1 + d, 1 + d))
        self.middles = np.zeros((d, tranches.CELLS), np.float32)
        for row, middle in zip(self.middles, layout.middles, strict=True):
            row[: len(middle)] = middle
        self.rank_gram = np.zeros((1 + d, 1 + d))
        self.lost_rank_gram = np.zeros((r, 1 + d, 1 + d))
        self.extremes = np.tile([np.inf, -np.inf], (k, 1))
        self.values: list[Array] = []

    def add(self, made: Pass) -> None:
        """Add a pass."""
        y, m = made.y, made.y.shape[1]
        self.rows += m
        if self.layout.keep_values:
            self.values.append(y.copy())
        for t, (row, value) in enumerate(self.layout.thresholds):
            self.ranks[t] += np.count_nonzero(y[row] < value), np.count_nonzero(y[row] == value)
        columns = self._columns(made, m)
        self.gram += columns @ columns.T
        ranks = self._rank_columns(made, m)
        self.rank_gram += ranks @ ranks.T
        for row in range(self.layout.outputs):
            self._add_output(row, y[row], made, columns, ranks)

    def _columns(self, made: Pass, m: int) -> Array:
        """Write 1 and the centred drivers."""
        columns = self.scratch.columns
        if m < columns.shape[1]:
            columns = np.empty((len(columns), m))
        columns[0] = 1.0
        for d, (x, centre) in enumerate(zip(made.x, self.layout.centres, strict=True)):
            np.subtract(x, centre, out=columns[1 + d])
        return columns

    def _rank_columns(self, made: Pass, m: int) -> NDArray[np.float32]:
        """Write 1 and the rank of each driver, by its cell; single precision is ample here."""
        ranks = self.scratch.ranks
        if m < ranks.shape[1]:
            ranks = np.empty((len(ranks), m), np.float32)
        ranks[0] = 1.0
        for d, cell in enumerate(made.cells):
            self.middles[d].take(cell, out=ranks[1 + d], mode="clip")
        return ranks

    def _add_output(
        self, row: int, y: Array, made: Pass, columns: Array, ranks: NDArray[np.float32]
    ) -> None:
        rank, s = self.rank_row.get(row), self.scratch
        z = s.z[: len(y)]
        self.locators[row].scaled(y, z)
        bad = self._take_out_failures(row, y, z)
        self._add_moments(row, y, z, bad)
        fine, coarse = self.locators[row].place(y, z, s)
        loops.count(fine, self.cells[row])
        if len(bad):
            np.subtract.at(self.cells[row], fine[bad], 1)
            for d, cell in enumerate(made.cells):
                self.lost[row, d] += np.bincount(cell[bad], minlength=tranches.CELLS)
        if rank is not None:
            self._add_pairs(rank, coarse, z, made.cells, bad)
            self.cross[rank] += columns @ z
            if len(bad):
                lost = columns[:, bad]
                self.lost_gram[rank] += lost @ lost.T
                lost = ranks[:, bad].astype(float)
                self.lost_rank_gram[rank] += lost @ lost.T

    def _take_out_failures(self, row: int, y: Array, z: Array) -> NDArray[np.intp]:
        """Count what is not finite and set it to the centre; one test where nothing failed."""
        if np.isfinite(z.sum()):
            return np.zeros(0, dtype=np.intp)
        bad = np.flatnonzero(~np.isfinite(y))
        wrong = y[bad]
        self.failed[row] += (
            np.count_nonzero(np.isnan(wrong)),
            np.count_nonzero(wrong == np.inf),
            np.count_nonzero(wrong == -np.inf),
        )
        z[bad] = 0.0
        return bad

    def _add_moments(self, row: int, y: Array, z: Array, bad: NDArray[np.intp]) -> None:
        square = self.scratch.square[: len(z)]
        np.multiply(z, z, out=square)
        self.powers[row] += z.sum(), square.sum(), np.dot(square, z), np.dot(square, square)
        finite = np.delete(y, bad) if len(bad) else y
        if finite.size:
            low, high = self.extremes[row]
            self.extremes[row] = min(low, finite.min()), max(high, finite.max())

    def _add_pairs(
        self,
        rank: int,
        coarse: NDArray[np.intp],
        z: Array,
        driver_cells: NDArray[np.intp],
        bad: NDArray[np.intp],
    ) -> None:
        """Count and sum by the cells of every driver; failed rows have z = 0 and are taken off."""
        joint, square = self.joint[rank], self.scratch.square[: len(z)]
        loops.pairs(driver_cells, coarse, z, square, joint, self.sums[rank], self.squares[rank])
        if len(bad):
            for d, cell in enumerate(driver_cells):
                np.subtract.at(joint[d], (cell[bad], coarse[bad]), 1)

    def finish(self, batch: int, part: int) -> Part:
        """Give what was added up, ready to be sent and merged."""
        floats = {
            "powers": self.powers,
            "sums": self.sums,
            "squares": self.squares,
            "gram": self.gram,
            "cross": self.cross,
            "lost_gram": self.lost_gram,
            "rank_gram": self.rank_gram,
            "lost_rank_gram": self.lost_rank_gram,
            "extremes": self.extremes,
        }
        if self.layout.keep_values:
            floats["values"] = np.concatenate(self.values, axis=1)
        ints: dict[str, NDArray[Any]] = {
            "cells": self.cells,
            "joint": self.joint,
            "lost": self.lost,
            "failed": self.failed,
            "ranks": self.ranks,
        }
        return Part(batch, part, self.rows, ints, floats)


def add_counts(into: dict[str, NDArray[np.int64]], more: Ints) -> None:
    """Add integer counts in place; the order of calls does not matter."""
    for name, counts in more.items():
        if name in into:
            into[name] += counts
        else:
            into[name] = counts.astype(np.int64)


def add_floats(parts: Iterable[Floats]) -> dict[str, Array]:
    """Add floating sums of parts in the order given, which must be that of their scenarios."""
    total: dict[str, Array] = {}
    kept: list[Array] = []
    for part in parts:
        for name, array in part.items():
            if name == "values":
                kept.append(array)
            elif name not in total:
                total[name] = array.copy()
            elif name == "extremes":
                np.minimum(total[name][:, 0], array[:, 0], out=total[name][:, 0])
                np.maximum(total[name][:, 1], array[:, 1], out=total[name][:, 1])
            else:
                with np.errstate(all="ignore"):  # sums of squares of 1e200 are infinite
                    total[name] += array
    if kept:
        total["values"] = np.concatenate(kept, axis=1)
    return total


@dataclass(frozen=True)
class Totals:
    """The merged summary of a batch or of a whole run."""

    rows: int
    ints: Ints
    floats: Floats

    def core(self, ranked: int) -> dict[str, NDArray[Any]]:
        """Every array without the outputs that were ranked on top; these come last.

        Parameters
        ----------
        ranked : int
            Ranked outputs that belong to the core.
        """
        found = {**self.ints, **self.floats}
        for name in ("joint", "sums", "squares", "cross", "lost_gram", "lost_rank_gram"):
            found[name] = found[name][:ranked]
        return found

    def digest(self, plan_key: str, ranked: int) -> str:
        """Hash every byte of the merged core summary together with the plan.

        Parameters
        ----------
        plan_key : str
        ranked : int
            Ranked outputs that belong to the core.
        """
        digest = hashlib.sha256(plan_key.encode())
        for name, array in sorted(self.core(ranked).items()):
            digest.update(f"{name}{array.shape}{array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
