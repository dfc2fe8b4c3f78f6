"""Adding scenarios up by cell, in C where the optional extension was built, else in NumPy.

Both ways make the same additions in the same order, so a result does not depend on which was used.
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
        from rangecast.engine import _scatter
    except ImportError:
        return None
    return _scatter


_COMPILED = _extension()


def compiled() -> bool:
    """Whether the compiled loops are in use."""
    return _COMPILED is not None


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
