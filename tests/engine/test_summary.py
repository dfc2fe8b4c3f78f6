"""What one task says of its scenarios: sizes, and the way to another process."""

import pickle

import numpy as np
import pytest
from rangecast.engine.summary import COARSE_BINS, Layout, Part
from rangecast.engine.tranches import CELLS


@pytest.mark.parametrize(
    ("ranked", "drivers"), [(0, 0), (1, 1_666), (1, 1_667), (2, 1_666), (2, 1_667), (40, 300)]
)
def test_pairs_of_inputs_and_outputs_stay_within_48_mib(ranked, drivers):
    """Bins are halved, but never below 16; no fewer than memory asks for."""
    bins = Layout(ranked, tuple(range(ranked)), drivers).bins

    def room(bins):
        return ranked * drivers * CELLS * bins * 4

    assert bins in {COARSE_BINS, COARSE_BINS // 2, COARSE_BINS // 4}
    assert room(bins) <= 48 * 2**20 or bins == 16
    assert bins == COARSE_BINS or room(2 * bins) > 48 * 2**20


def test_a_part_travels_with_the_cells_that_hold_something():
    cells = np.zeros((3, 50_000), np.int32)
    cells[0, 7], cells[2, 49_999] = 5, 2**31 - 1
    ints = {"cells": cells, "lost": np.arange(6).reshape(1, 2, 3)}
    part = Part(4, 2, 65_536, ints, {"values": np.array([[0.1, np.nan]])})
    packed = pickle.dumps(part)
    assert len(packed) < 2_000
    there = pickle.loads(packed)
    assert (there.batch, there.part, there.rows) == (4, 2, 65_536)
    assert there.ints["cells"].dtype == np.int32
    assert np.array_equal(there.ints["cells"], cells)
    assert np.array_equal(there.ints["lost"], ints["lost"])
    assert np.array_equal(there.floats["values"], part.floats["values"], equal_nan=True)
    assert part.ints["cells"] is cells
