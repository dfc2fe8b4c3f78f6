"""Intervals against brute force, and the coverage they promise."""

from math import comb

import numpy as np
import pytest
from rangecast.engine.quantiles import (
    hazen,
    proportion_interval,
    rank_interval,
    replicate_ranks,
)
from scipy import stats

import rangecast as rc


def below(k, n, p):
    return sum(comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k))


@pytest.mark.parametrize("n", [1, 2, 7, 20, 59])
@pytest.mark.parametrize("p", [0.05, 0.5, 0.9])
def test_ranks_against_binomial_sums(n, p):
    low, high = rank_interval(n, p)
    lows = [k for k in range(1, n + 1) if below(k, n, p) <= 0.025]
    highs = [k for k in range(1, n + 1) if 1 - below(k, n, p) <= 0.025]
    assert low == (max(lows) if lows else None)
    assert high == (min(highs) if highs else None)


def test_proportions_against_scipy():
    known = stats.binomtest(37, 1000).proportion_ci(0.95, method="exact")
    assert proportion_interval(37, 37, 1000) == pytest.approx((known.low, known.high))
    assert proportion_interval(0, 0, 10)[0] == 0.0
    assert proportion_interval(10, 10, 10)[1] == 1.0


def test_ranks_of_replicates_are_the_same_from_either_end():
    """The interval of −y is that of y turned round, and it holds Hazen's order p·n + ½."""
    rng = np.random.default_rng(1)
    for spread in (0, 3):
        counts = [20.0 + rng.integers(-spread, spread + 1, 50) for _ in range(8)]
        n = int(np.sum(counts))
        for p in (0.05, 0.1234, 0.50001, 0.77777, 0.95):
            low, high = replicate_ranks(counts, p)
            turned = replicate_ranks([one[::-1] for one in counts], 1 - p)
            assert turned == (n + 1 - high, n + 1 - low)
            assert low < p * n + 0.5 < high


def test_hazen_is_numpys_hazen_for_continuous_values():
    y = np.sort(np.random.default_rng(1).normal(size=101))
    for p in (0.01, 0.3, 0.5, 0.99):
        assert hazen(y, p) == pytest.approx(np.quantile(y, p, method="hazen"))


@pytest.mark.nightly
def test_bands_cover_the_truth_as_often_as_they_say():
    model = rc.loads('[inputs.x]\ndist="normal"\nmean=0\nsd=1\n[outputs.y]\nformula="x"\n')
    levels = (0.05, 0.5, 0.95)
    truth = stats.norm.ppf(levels)
    runs, hits = 200, np.zeros(3)
    for seed in range(runs):
        result = rc.simulate(model, scenarios=2000, seed=seed, percentiles=levels)
        for k, p in enumerate(levels):
            band = result.band("y", p)
            hits[k] += band.ci_low <= truth[k] <= band.ci_high
    # at 95 % coverage fewer than 177 of 200 happens with probability 1e-4; three comparisons
    assert hits.min() >= stats.binom.ppf(1e-4, runs, 0.95)
