"""Quantiles from cells against those of the values themselves."""

import numpy as np
import pytest
from rangecast.engine import cells

RNG = np.random.default_rng(11)
N = 400_000
SHAPES = {
    "normal": RNG.normal(size=N),
    "far normal": 1e9 + RNG.normal(size=N),
    "lognormal .7": RNG.lognormal(0, 0.7, N),
    "lognormal 5": RNG.lognormal(0, 5, N),
    "negative": -RNG.lognormal(0, 1, N),
    "cauchy": RNG.standard_cauchy(N),
    "uniform": RNG.random(N),
    "huge": 1e300 * RNG.random(N),
    "tiny": 1e-300 * RNG.random(N),
}
LEVELS = np.array([0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999])


def curve_of(y):
    mapping = cells.choose(y[:65_536], 64)
    counts = np.bincount(mapping.cells(y), minlength=cells.CELLS)
    return cells.Curve(counts, mapping, (y.min(), y.max()))


@pytest.mark.parametrize("name", SHAPES)
def test_rank_error(name):
    y = SHAPES[name]
    found = curve_of(y).quantile(LEVELS)
    ranks = np.searchsorted(np.sort(y), found) / N
    assert np.abs(ranks - LEVELS).max() <= 2e-4


@pytest.mark.parametrize("name", SHAPES)
def test_the_cell_of_a_rank_holds_the_true_value(name):
    y = SHAPES[name]
    curve, ordered = curve_of(y), np.sort(y)
    for p in LEVELS:
        rank = np.array([np.ceil(p * N)])
        truth = ordered[int(rank[0]) - 1]
        assert curve.floor(rank)[0] <= truth * (1 + 1e-12 * np.sign(truth))
        assert curve.ceiling(rank)[0] >= truth * (1 - 1e-12 * np.sign(truth))
        low, best, high = curve.rank_of(float(truth))
        assert low <= np.searchsorted(ordered, truth, side="right") <= high
        assert low <= best <= high


def test_ties_and_constants_are_exact():
    dice = RNG.integers(1, 7, N).astype(float)
    assert curve_of(dice).quantile(np.array([0.1, 0.5001, 0.9])).tolist() == [1.0, 4.0, 6.0]
    constant = np.full(N, 3.7)
    assert curve_of(constant).quantile(LEVELS).tolist() == [3.7] * len(LEVELS)
