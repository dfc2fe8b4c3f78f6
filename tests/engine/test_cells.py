"""Quantiles from cells against those of the values themselves."""

import numpy as np
import pytest
from rangecast.engine import cells
from rangecast.engine.plan import PILOT

RNG = np.random.default_rng(11)
N = 400_000
U = RNG.random(N)
SHAPES = {
    "normal": RNG.normal(size=N),
    "far normal": 1e9 + RNG.normal(size=N),
    "lognormal .7": RNG.lognormal(0, 0.7, N),
    "lognormal 2": RNG.lognormal(0, 2, N),
    "lognormal 5": RNG.lognormal(0, 5, N),
    "negative": -RNG.lognormal(0, 1, N),
    "both signs": RNG.lognormal(0, 2, N) * np.where(U < 0.4, -1, 1),
    "cauchy": RNG.standard_cauchy(N),
    "pareto 1.1": RNG.pareto(1.1, N),
    "uniform": RNG.random(N),
    "triangular": RNG.triangular(0, 1, 1, N),
    "huge": 1e300 * RNG.random(N),
    "tiny": 1e-300 * RNG.random(N),
    "bathtub": RNG.beta(0.3, 0.3, N),
    "two narrow peaks": np.where(U < 0.5, 0.0, 1e6) + RNG.normal(size=N),
    "peaks of a thousandth": np.where(U < 0.5, -1000.0, 1000.0) + 0.1 * RNG.normal(size=N),
    "a spike far out": np.where(U < 0.05, 1e6 + RNG.normal(size=N), RNG.lognormal(0, 1, N)),
    "rare huge outliers": 1e6 + RNG.random(N) + np.where(U < 1e-4, 1e9, 0.0),
    "capped": np.minimum(RNG.lognormal(0, 1, N), 1.7),
    "half at zero": np.maximum(RNG.normal(size=N), 0.0),
    "atom inside": np.where(U < 0.3, 0.123, RNG.normal(size=N)),
    "poisson 3": RNG.poisson(3, N).astype(float),
    "poisson 1e6": RNG.poisson(1e6, N).astype(float),
}
LEVELS = np.array([0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999])


def curve_of(y):
    mapping = cells.choose(y[:PILOT], 64)
    counts = np.bincount(cells.Locator(mapping).cells(y), minlength=mapping.size)
    assert len(counts) == mapping.size
    used = np.flatnonzero(counts)
    return cells.Curve(used, counts[used], mapping, (y.min(), y.max()))


@pytest.mark.parametrize("name", SHAPES)
def test_rank_error(name):
    """The reported error is at most 1e-4 and bounds the true one, at atoms too."""
    curve, ordered = curve_of(SHAPES[name]), np.sort(SHAPES[name])
    for p in LEVELS:
        value = curve.quantile(np.array([p]))[0]
        below = np.searchsorted(ordered, value, side="left") / N
        upto = np.searchsorted(ordered, value, side="right") / N
        error = max(below - p, p - upto, 0.0)
        assert error <= curve.rank_error(p) + 1 / N
        assert curve.rank_error(p) <= 1e-4, p


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
