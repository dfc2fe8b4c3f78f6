"""What one task says of its scenarios: sizes, and the way to another process."""

import pickle

import numpy as np
import pytest
from rangecast.engine.summary import COARSE_BINS, Layout, Part
from rangecast.engine.tranches import CELLS

import rangecast as rc


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


def test_sums_of_a_run_are_those_of_its_draws():
    """Each sum of a few thousand terms within 1e-12; counts exactly. The base case is at y = 3."""
    seen = []

    def function(a, b):
        seen.append(np.array([a, b]))
        return {"y": np.where(a > 2.5, np.nan, a + np.rint(b))}

    laws = {"a": rc.distributions.Normal(0, 1), "b": rc.distributions.Uniform(0, 6)}
    model = rc.Model(laws, function)
    result = rc.simulate(model, scenarios=4_000, seed=3, workers=1, max_failures=1)
    draws = np.concatenate([s for s in seen if s.size > 2], axis=1)[:, -4_000:]
    totals, layout = result.ensemble.totals, result.setup.reading.layout
    x = np.vstack([np.ones(4_000), draws - np.array(layout.centres)[:, None]])
    assert totals.floats["gram"] == pytest.approx(x @ x.T, rel=1e-12, abs=1e-9)
    y = np.where(draws[0] > 2.5, np.nan, draws[0] + np.rint(draws[1]))
    bad = np.isnan(y)
    assert bad.any()
    assert totals.ints["failed"].tolist() == [[bad.sum(), 0, 0]]
    assert totals.ints["lost"].sum(axis=2).tolist() == [[bad.sum()] * 2]
    assert totals.floats["lost_gram"][0] == pytest.approx(x[:, bad] @ x[:, bad].T, abs=1e-9)
    assert totals.floats["extremes"][0].tolist() == [np.nanmin(y), np.nanmax(y)]
    ((row, value),) = layout.thresholds
    assert (row, value) == (0, 3.0)
    assert totals.ints["ranks"].tolist() == [[(y < 3).sum(), (y == 3).sum()]]
    assert totals.ints["joint"][0].sum(axis=(1, 2)).tolist() == [4_000 - bad.sum()] * 2
