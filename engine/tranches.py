"""Slices of an input by its own rank: the cells of its score, and which of them form a tranche.

A continuous input has 60 cells of equal probability, whose unions are halves, tenths, twelfths and
twentieths; both end cells are graded finer, two steps per octave down to 2**-20, because equal
cells hide the spread inside a heavy tail. A discrete input has one cell per value up to 20 values,
else cells that group whole values: an atom is never split.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine import loops
from rangecast.engine.tables import SLOTS, Slots

EQUAL_CELLS = 60
SINGLE_VALUES = 20
_FINEST = 20  # the outermost cell ends at 2**-20

Cells = NDArray[np.intp]


def _graded_edges() -> Array:
    """Edges inside an end cell: 2**-20 … 2**-6, two per octave, each on a slot boundary."""
    whole = 2.0 ** np.arange(-_FINEST, -5)
    half = whole[:-1] * (1 + 53 / 128)  # the slot boundary nearest to the square root of two
    return np.sort(np.concatenate([whole, half]))


_EDGES = _graded_edges()
_GRADED = len(_EDGES)
CELLS = EQUAL_CELLS + 2 * _GRADED
"""Cells of a continuous input; a discrete one has at most as many."""


def _shift_by_slot() -> Cells:
    """What a slot adds to the number of its equal cell: the graded cells below and inside it."""
    slot = np.arange(SLOTS // 2, dtype=np.uint32)
    with np.errstate(invalid="ignore"):  # some patterns are NaN
        middle = ((slot << 16) | 0x8000).view(np.float32).astype(float)
    depth = _GRADED - np.searchsorted(_EDGES, np.nan_to_num(middle, nan=1.0), side="right")
    return np.concatenate([_GRADED - depth, _GRADED + depth]).astype(np.intp)


_SHIFT = _shift_by_slot()


def continuous_cells(u: Array, slots: Slots, out: Cells, scratch: Array, shift: Cells) -> None:
    """Number the cell of each point of a continuous input, 0 at its low end.

    `scratch` and `shift` are vectors of the same length, overwritten.
    """
    if loops.cells(u, slots, _SHIFT, out, EQUAL_CELLS):
        return
    np.multiply(u, EQUAL_CELLS, out=scratch)
    np.minimum(scratch, EQUAL_CELLS - 0.5, out=scratch)  # a point that rounds to 1
    np.copyto(out, scratch, casting="unsafe")
    _SHIFT.take(slots, out=shift, mode="clip")
    np.add(out, shift, out=out)


def _continuous_probabilities() -> Array:
    tail = np.diff(np.concatenate([[0.0], _EDGES, [1 / EQUAL_CELLS]]))
    middle = np.full(EQUAL_CELLS - 2, 1 / EQUAL_CELLS)
    return np.concatenate([tail, middle, tail[::-1]])


@dataclass(frozen=True)
class Scale:
    """The cells of one input's score.

    Parameters
    ----------
    probabilities : ndarray of shape (cells,)
        Probability of each cell, from the low end; they sum to 1.
    discrete : bool
        Whether a cell stands for whole atoms.
    atom_cells : ndarray or None
        Cell of each atom of a discrete input.
    """

    probabilities: Array
    discrete: bool = False
    atom_cells: Cells | None = None

    @property
    def middles(self) -> Array:
        """Rank in the middle of each cell, less a half; of shape (cells,)."""
        found: Array = np.cumsum(self.probabilities) - self.probabilities / 2 - 0.5
        return found

    @property
    def kept(self) -> float:
        """Share of the variance of ranks that lies between cells; all of it for whole values."""
        single = self.discrete and self.atom_cells is not None
        if single and len(self.atom_cells) == len(self.probabilities):  # type: ignore[arg-type]
            return 1.0
        return float(1.0 - (self.probabilities**3).sum())

    def ends(self, share: float) -> tuple[slice, slice]:
        """Cells of the lowest and of the highest `share` of the input; at least one each.

        For a discrete input these are whole values: as many as fit into the share.
        """
        below = np.cumsum(self.probabilities)
        above = np.cumsum(self.probabilities[::-1])
        count = len(self.probabilities)
        low = max(1, int(np.searchsorted(below, share * (1 + 1e-9), side="right")))
        high = max(1, int(np.searchsorted(above, share * (1 + 1e-9), side="right")))
        return slice(0, low), slice(count - high, count)


CONTINUOUS = Scale(_continuous_probabilities())
"""The scale every continuous input shares."""


def discrete_scale(cumulative: Array) -> Scale:
    """Group the atoms of a discrete law into cells.

    Parameters
    ----------
    cumulative : ndarray of shape (atoms,)
        Probability at or below each atom, ascending.
    """
    below = np.concatenate([[0.0], cumulative[:-1]])
    if len(cumulative) <= SINGLE_VALUES:
        cells = np.arange(len(cumulative), dtype=np.intp)
    else:
        edges = np.cumsum(CONTINUOUS.probabilities)[:-1]
        groups = np.searchsorted(edges, (below + cumulative) / 2, side="right")
        cells = np.unique(groups, return_inverse=True)[1].astype(np.intp)
    probabilities = np.bincount(cells, weights=cumulative - below)
    return Scale(probabilities / probabilities.sum(), discrete=True, atom_cells=cells)


def spread_inside(quantile: Callable[[Array], Array], scale: Scale) -> Array:
    """Mean and variance of a driver inside each of its cells.

    Parameters
    ----------
    quantile : callable
        The driver's quantile function.
    scale : Scale

    Returns
    -------
    ndarray of shape (2, cells)
        By Gauss–Legendre quadrature of eight points; the outermost cells are cut at their ends.
    """
    nodes, weights = np.polynomial.legendre.leggauss(8)
    edges = np.concatenate([[0.0], np.cumsum(scale.probabilities)])
    part = (nodes[None, :] + 1) / 2
    u = edges[:-1, None] + part * scale.probabilities[:, None]
    x = quantile(np.clip(u, 2.0**-50, 1 - 2.0**-50).ravel()).reshape(u.shape)
    with np.errstate(all="ignore"):  # squares of values beyond 1e154 are infinite
        mean = x @ weights / 2
        variance = np.maximum(((x - mean[:, None]) ** 2) @ weights / 2, 0.0)
    return np.stack([mean, variance])


def spread_of_atoms(values: Array, probabilities: Array, cells: Cells) -> Array:
    """Mean and variance of a discrete driver inside each of its cells, shape (2, cells)."""
    p = np.bincount(cells, probabilities)
    with np.errstate(all="ignore"):
        mean = np.bincount(cells, probabilities * values) / p
        square = np.bincount(cells, probabilities * (values - mean[cells]) ** 2) / p
    return np.nan_to_num(np.stack([mean, square]))
