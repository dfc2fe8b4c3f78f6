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
from rangecast.engine import cells, tranches

COARSE_BINS = 64
POWERS = 4
_PAIR_BYTES = 48 * 2**20


@dataclass(frozen=True)
class Sparse:
    """Counts of which most are zero, small enough to wait in a queue or travel.

    Parameters
    ----------
    shape : tuple of int
    at : ndarray of int
        Flat positions of the counts that are not zero.
    counts : ndarray of int
    """

    shape: tuple[int, ...]
    at: NDArray[np.int32]
    counts: NDArray[np.int32]

    @classmethod
    def of(cls, dense: NDArray[Any]) -> Sparse:
        """Keep what is not zero."""
        at = np.flatnonzero(dense)
        return cls(dense.shape, at.astype(np.int32), dense.ravel()[at].astype(np.int32))


Ints = Mapping[str, NDArray[Any]]
Sent = Mapping[str, "NDArray[Any] | Sparse"]
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
    """

    outputs: int
    ranked: tuple[int, ...]
    drivers: int
    thresholds: tuple[tuple[int, float], ...] = ()
    keep_values: bool = False

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
        ``cells`` (outputs, CELLS) in bit-pattern order, ``joint`` (ranked, drivers, cells, bins),
        ``lost`` (outputs, drivers, cells) failed rows, ``failed`` (outputs, 3) as nan, +inf, −inf,
        ``ranks`` (thresholds, 2) rows below and rows equal.
    floats : mapping of str to ndarray
        ``powers`` (outputs, 4) sums of z, z², z³, z⁴; ``sums`` and ``squares`` (ranked, drivers,
        cells) of z and z²; ``extremes`` (outputs, 2); ``values`` (outputs, rows) if kept.
    """

    batch: int
    part: int
    rows: int
    ints: Sent
    floats: Floats


class Scratch:
    """Vectors that one thread reuses for every pass."""

    def __init__(self, rows: int) -> None:
        self.z = np.empty(rows)
        self.power = np.empty(rows)
        self.single = np.empty(rows, dtype=np.float32)
        self.pattern = np.empty(rows, dtype=np.intp)
        self.bin = np.empty(rows, dtype=np.intp)
        self.pair = np.empty(rows, dtype=np.intp)


class Summary:
    """Adds passes up; one object per task.

    Parameters
    ----------
    layout : Layout
    mappings : sequence of cells.Mapping
        One per output row.
    coarse : sequence of ndarray
        `Mapping.coarse` of each, computed once per thread.
    scratch : Scratch
    """

    def __init__(
        self,
        layout: Layout,
        mappings: Sequence[cells.Mapping],
        coarse: Sequence[NDArray[np.intp]],
        scratch: Scratch,
    ) -> None:
        k, r, d = layout.outputs, len(layout.ranked), layout.drivers
        self.layout, self.mappings, self.coarse = layout, mappings, coarse
        self.scratch = scratch
        self.rank_row = {row: i for i, row in enumerate(layout.ranked)}
        self.rows = 0
        self.cells = np.zeros((k, cells.CELLS), np.int64)
        self.joint = np.zeros((r, d, tranches.CELLS * layout.bins), np.int32)
        self.lost = np.zeros((k, d, tranches.CELLS), np.int64)
        self.failed = np.zeros((k, 3), np.int64)
        self.ranks = np.zeros((len(layout.thresholds), 2), np.int64)
        self.powers = np.zeros((k, POWERS))
        self.sums = np.zeros((r, d, tranches.CELLS))
        self.squares = np.zeros((r, d, tranches.CELLS))
        self.extremes = np.tile([np.inf, -np.inf], (k, 1))
        self.values: list[Array] = []

    def add(self, y: Array, driver_cells: NDArray[np.intp]) -> None:
        """Add a pass: outputs (outputs, m) and the cell of each driver (drivers, m)."""
        self.rows += y.shape[1]
        if self.layout.keep_values:
            self.values.append(y.copy())
        for t, (row, value) in enumerate(self.layout.thresholds):
            self.ranks[t] += np.count_nonzero(y[row] < value), np.count_nonzero(y[row] == value)
        for row in range(self.layout.outputs):
            self._add_output(row, y[row], driver_cells)

    def _add_output(self, row: int, y: Array, driver_cells: NDArray[np.intp]) -> None:
        m, s, mapping = len(y), self.scratch, self.mappings[row]
        z, pattern = s.z[:m], s.pattern[:m]
        np.subtract(y, mapping.centre, out=z)
        np.multiply(z, mapping.scale, out=z)
        bad = self._take_out_failures(row, y, z)
        self._add_moments(row, y, z, bad)
        single = s.single[:m]
        np.copyto(single, z, casting="unsafe")
        bits = single.view(np.uint32)
        np.right_shift(bits, 16, out=bits)
        np.copyto(pattern, bits)
        self.cells[row] += np.bincount(pattern, minlength=cells.CELLS)
        if len(bad):
            self.cells[row] -= np.bincount(pattern[bad], minlength=cells.CELLS)
            for d, cell in enumerate(driver_cells):
                self.lost[row, d] += np.bincount(cell[bad], minlength=tranches.CELLS)
        if row in self.rank_row:
            self._add_pairs(self.rank_row[row], row, z, driver_cells, bad)

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
        power = self.scratch.power[: len(z)]
        np.copyto(power, z)
        for k in range(POWERS):
            self.powers[row, k] += power.sum()
            if k < POWERS - 1:
                np.multiply(power, z, out=power)
        finite = np.delete(y, bad) if len(bad) else y
        if finite.size:
            low, high = self.extremes[row]
            self.extremes[row] = min(low, finite.min()), max(high, finite.max())

    def _add_pairs(
        self,
        rank: int,
        row: int,
        z: Array,
        driver_cells: NDArray[np.intp],
        bad: NDArray[np.intp],
    ) -> None:
        m, s, bins = len(z), self.scratch, self.layout.bins
        coarse, pair, square = s.bin[:m], s.pair[:m], s.power[:m]
        self.coarse[row].take(s.pattern[:m], out=coarse, mode="clip")
        np.multiply(z, z, out=square)
        for d, cell in enumerate(driver_cells):
            np.multiply(cell, bins, out=pair)
            np.add(pair, coarse, out=pair)
            joint = self.joint[rank, d]
            joint += np.bincount(pair, minlength=joint.size)
            if len(bad):
                joint -= np.bincount(pair[bad], minlength=joint.size)
            self.sums[rank, d] += np.bincount(cell, z, minlength=tranches.CELLS)
            self.squares[rank, d] += np.bincount(cell, square, minlength=tranches.CELLS)

    def finish(self, batch: int, part: int) -> Part:
        """Give what was added up, ready to be sent and merged."""
        floats = {
            "powers": self.powers,
            "sums": self.sums,
            "squares": self.squares,
            "extremes": self.extremes,
        }
        if self.layout.keep_values:
            floats["values"] = np.concatenate(self.values, axis=1)
        shape = (*self.joint.shape[:2], tranches.CELLS, self.layout.bins)
        ints: dict[str, NDArray[Any] | Sparse] = {
            "cells": Sparse.of(self.cells),
            "joint": self.joint.reshape(shape),
            "lost": self.lost,
            "failed": self.failed,
            "ranks": self.ranks,
        }
        return Part(batch, part, self.rows, ints, floats)


def add_counts(into: dict[str, NDArray[np.int64]], more: Sent) -> None:
    """Add integer counts in place; the order of calls does not matter."""
    for name, sent in more.items():
        if name not in into:
            into[name] = np.zeros(sent.shape, dtype=np.int64)
        if isinstance(sent, Sparse):
            into[name].ravel()[sent.at] += sent.counts
        else:
            into[name] += sent


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

    def digest(self, plan_key: str, ranked: int) -> str:
        """Hash every byte of the merged core summary together with the plan.

        Parameters
        ----------
        plan_key : str
        ranked : int
            Ranked outputs that belong to the core; those asked for on top come after them.
        """
        digest = hashlib.sha256(plan_key.encode())
        pairs = {"joint", "sums", "squares"}
        for name, whole in sorted({**self.ints, **self.floats}.items()):
            array = whole[:ranked] if name in pairs else whole
            digest.update(f"{name}{array.shape}{array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
