"""The innermost loops, in C where the optional extension was built, else in NumPy.

Both ways round and add the same in the same order, so a result does not depend on which was used.
"""

from __future__ import annotations

import os
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array

Index = NDArray[np.intp]
Counts = NDArray[np.int32]


def _extension() -> ModuleType | None:
    """Give the compiled loops, unless they were not built or are switched off."""
    if os.environ.get("RANGECAST_COMPILED") == "0" or np.dtype(np.intp).itemsize != 8:
        return None
    try:
        from rangecast.engine import _loops
    except ImportError:
        return None
    return _loops


_COMPILED = _extension()


def compiled() -> bool:
    """Whether the compiled loops are in use."""
    return _COMPILED is not None


def look_up(u: Array, start: Array, slope: Array, out: Array, slots: Index) -> bool:
    """Write quantiles of points by straight lines and number their slots; False if not compiled.

    Parameters
    ----------
    u : ndarray of shape (m,)
        Inside (0, 1).
    start, slope : ndarray of shape (SLOTS,)
    out, slots : ndarray of shape (m,)
        Overwritten.
    """
    if _COMPILED is None:
        return False
    _COMPILED.look_up(u, start, slope, out, slots)
    return True


def cells(u: Array, slots: Index, shift: Index, out: Index, equal: int) -> bool:
    """Number cells: the equal cell of a point, and what its slot adds; False if not compiled."""
    if _COMPILED is None:
        return False
    _COMPILED.cells(u, slots, shift, out, float(equal))
    return True


def count(index: Index, into: Counts) -> None:
    """Add 1 to ``into[k]`` for every k in `index`."""
    if _COMPILED is not None:
        _COMPILED.count(index, into)
    else:
        into += np.bincount(index, minlength=len(into))


def pairs(
    cells: Index,
    coarse: Index,
    z: Array,
    square: Array,
    joint: Counts,
    sums: Array,
    squares: Array,
) -> None:
    """Add scenarios to the tables of one output by the cell of every driver.

    Parameters
    ----------
    cells : ndarray of int of shape (drivers, m)
    coarse : ndarray of int of shape (m,)
        Coarse bin of the output.
    z, square : ndarray of shape (m,)
        The output and its square.
    joint : ndarray of int32 of shape (drivers, cells, bins)
        Scenarios by cell and bin, changed in place; so are the two below.
    sums, squares : ndarray of shape (drivers, cells)
    """
    drivers, cell_count, bins = joint.shape
    if _COMPILED is not None:
        _COMPILED.pairs(cells, coarse, z, square, joint, sums, squares, cell_count, bins)
        return
    pair = np.empty(len(coarse), dtype=np.intp)
    for d in range(drivers):
        np.multiply(cells[d], bins, out=pair)
        np.add(pair, coarse, out=pair)
        joint[d] += np.bincount(pair, minlength=cell_count * bins).reshape(cell_count, bins)
        sums[d] += np.bincount(cells[d], z, minlength=cell_count)
        squares[d] += np.bincount(cells[d], square, minlength=cell_count)
