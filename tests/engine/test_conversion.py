"""Coefficients of correlation against closed forms and published values."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from rangecast.engine.conversion import (
    Unreachable,
    from_kendall,
    normal_score_correlation,
    pearson_curve,
    pearson_score_correlation,
    spearman_of_t,
    t_score_correlation,
)
from rangecast.engine.dependence import nearest_correlation
from rangecast.engine.reorder import _van_der_waerden, reorder
from scipy import special, stats

from rangecast import distributions as laws

CASES = {
    c["id"]: c
    for c in json.loads(
        (Path(__file__).parents[1] / "data" / "reference_rank_correlation.json").read_text()
    )["cases"]
}
PAIRS = {
    "exp_exp": (laws.Exponential(1.0), laws.Exponential(1.0)),
    "uniform_exp": (laws.Uniform(0, 1), laws.Exponential(1.0)),
    "triangular03_exp": (laws.Triangular(0, 0.3, 1), laws.Exponential(1.0)),
}


def test_ranks_and_signs_of_normal_scores():
    table = CASES["gaussian_copula_conversions"]
    for r, spearman, kendall in table["rows"]:
        assert normal_score_correlation(spearman) == pytest.approx(r, abs=1e-12)
        assert from_kendall(kendall) == pytest.approx(r, abs=1e-12)
    for target, by_spearman, by_kendall in table["inverse_rows"]:
        assert normal_score_correlation(target) == pytest.approx(by_spearman, abs=1e-12)
        assert from_kendall(target) == pytest.approx(by_kendall, abs=1e-12)


@pytest.mark.parametrize("row", CASES["gaussian_copula_pearson_other_marginals"]["rows"])
def test_pearson_of_other_distributions(row):
    first, second = PAIRS[row["pair"]]
    # half a digit printed, and twice what two orders of its quadrature differ by at the kink
    exact = 5e-9 + 2 * row["diff_two_orders"]
    assert pearson_curve(first, second).at(row["r"]) == pytest.approx(row["pearson"], abs=exact)
    found = pearson_score_correlation(row["pearson"], first, second)
    assert found == pytest.approx(row["r"], abs=10 * exact)


@pytest.mark.parametrize(("s", "t"), [(1.0, 2.0), (0.5, 0.5), (0.1, 1.5)])
@pytest.mark.parametrize("r", [-0.9, -0.3, 0.2, 0.99])
def test_pearson_of_lognormals_has_a_closed_form(s, t, r):
    scale = math.sqrt(math.expm1(s * s) * math.expm1(t * t))
    found = pearson_curve(laws.Lognormal(0, s), laws.Lognormal(3, t)).at(r)
    assert found == pytest.approx(math.expm1(r * s * t) / scale, abs=1e-10)


@pytest.mark.parametrize(("p", "r"), [(0.5, 0.5), (0.5, -0.9), (0.5, 0.95)])
def test_pearson_of_coins_is_an_orthant_probability(p, r):
    coin = laws.Bernoulli(p)
    assert pearson_curve(coin, coin).at(r) == pytest.approx(2 / math.pi * math.asin(r), abs=1e-6)


def test_coefficients_out_of_reach_are_refused_with_the_range():
    limits = CASES["frechet_limits_lognormal_1.0_2.0"]
    pair = laws.Lognormal(0, 1), laws.Lognormal(0, 2)
    curve = pearson_curve(*pair)
    assert curve.low == pytest.approx(limits["min_pearson"], abs=1e-10)
    assert curve.high == pytest.approx(limits["max_pearson"], abs=1e-10)
    with pytest.raises(Unreachable):
        pearson_score_correlation(limits["max_pearson"] + 1e-3, *pair)
    with pytest.raises(Unreachable):
        pearson_score_correlation(limits["min_pearson"] - 1e-3, *pair)
    assert pearson_score_correlation(limits["max_pearson"] - 1e-6, *pair) > 0.99


def test_the_t_copula_becomes_the_normal_one():
    for r in (-0.7, 0.2, 0.9):
        normal = 6 / math.pi * math.asin(r / 2)
        assert spearman_of_t(r, 1e7) == pytest.approx(normal, abs=2e-6)


@pytest.mark.parametrize("df", [1.0, 3.0, 8.0])
def test_ranks_of_the_t_copula_by_simulation(df):
    """Four standard errors of 400,000 draws: false alarm below 1e-3 for the three (seed fixed)."""
    rng, n = np.random.default_rng(int(df)), 400_000
    r = t_score_correlation(0.5, df)
    z = np.array([[1.0, 0.0], [r, math.sqrt(1 - r * r)]]) @ rng.standard_normal((2, n))
    t = z / np.sqrt(rng.chisquare(df, n) / df)
    assert stats.spearmanr(*t).statistic == pytest.approx(0.5, abs=4 * 1.1 / math.sqrt(n))
    assert t_score_correlation(-1.0, df) == -1.0
    assert t_score_correlation(-0.5, df) == -r


def test_the_nearest_matrix_is_the_published_one():
    case = CASES["nearest_corr_higham3"]
    found = nearest_correlation(np.array(case["matrix"]))
    assert found == pytest.approx(np.array(case["nearest"]), abs=1e-7)
    assert np.linalg.eigvalsh(found)[0] > -1e-9
    right = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert nearest_correlation(right) is right


@pytest.mark.parametrize("case", CASES["rankcorr_property_N"]["cases"])
def test_reordering_keeps_the_values_and_reaches_the_ranks(case):
    target, n = np.array(case["target"], dtype=float), case["N"]
    points = np.random.default_rng(7).random((case["K"], n))
    before = np.sort(points, axis=1)
    reorder(points, np.linalg.cholesky(2 * np.sin(np.pi * target / 6)), n)
    assert np.array_equal(np.sort(points, axis=1), before)
    assert np.abs(stats.spearmanr(points.T).statistic - target).max() <= 0.05


def test_reordered_scores_have_exactly_the_correlation_wanted_before_ranks_are_taken():
    scores = _van_der_waerden(1024)
    assert np.mean(scores**2) == pytest.approx(1)
    target = np.array(CASES["iman_conover_mildenhall_20x4"]["target"])
    points = np.random.default_rng(3).random((4, 1024))
    reorder(points, np.linalg.cholesky(target))
    found = np.corrcoef(special.ndtri(points))
    assert np.abs(found - target).max() < 0.02
