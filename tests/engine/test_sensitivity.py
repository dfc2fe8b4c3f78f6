"""Rankings against closed forms of a linear model of normals."""

import math

import numpy as np
import pytest
from scipy import stats

import rangecast as rc

WEIGHTS = {"a": 3.0, "b": -2.0, "c": 1.0}
SD = math.sqrt(sum(w * w for w in WEIGHTS.values()))
N = 400_000
TEXT = "".join(f'[inputs.{n}]\ndist = "normal"\nmean = 0\nsd = 1\n' for n in WEIGHTS)
TEXT += '[outputs.y]\nformula = "100 + 3 * a - 2 * b + c"\n'


@pytest.fixture(scope="module")
def result():
    return rc.simulate(rc.loads(TEXT), scenarios=N, seed=2)


def test_rank_correlation(result):
    for _, bar in result.tornado("y", "rank").iterrows():
        truth = 6 / math.pi * math.asin(WEIGHTS[bar.input] / SD / 2)
        # 4 standard errors of 1.06/sqrt(n) plus 2e-4 for the width of the cells
        assert abs(bar.swing - truth) <= 4 * 1.06 / math.sqrt(N) + 2e-4 * abs(truth)
        assert bar.ci_low < bar.swing < bar.ci_high


def test_conditional_means(result):
    tail = -stats.norm.pdf(stats.norm.ppf(0.1)) / 0.1  # mean of the lowest tenth of a normal
    for _, bar in result.tornado("y", statistic="mean").iterrows():
        weight = WEIGHTS[bar.input]
        error = SD / math.sqrt(N / 10)
        assert abs(bar.low - (100 + weight * tail)) <= 4 * error
        assert abs(bar.high - (100 - weight * tail)) <= 4 * error


def test_conditional_medians_rank_by_weight(result):
    table = result.tornado("y")
    assert table["input"].tolist() == ["a", "b", "c"]
    assert table["rank"].tolist() == [1, 2, 3]
    tail = -stats.norm.pdf(stats.norm.ppf(0.1)) / 0.1
    for _, bar in table.iterrows():
        rest = math.sqrt(SD**2 - WEIGHTS[bar.input] ** 2)
        error = 1.2533 * math.hypot(rest, 0.4 * abs(WEIGHTS[bar.input])) / math.sqrt(N / 10)
        # the median of a slightly skew sum lies near its mean: allow 2 % of the weight
        assert abs(bar.low - (100 + WEIGHTS[bar.input] * tail)) <= 4 * error + 0.09 * abs(
            WEIGHTS[bar.input]
        )


def test_swings_are_exact(result):
    z = stats.norm.ppf(0.9)
    for _, bar in result.tornado("y", "swing").iterrows():
        assert bar.swing == pytest.approx(2 * z * WEIGHTS[bar.input], rel=1e-12)
        assert bar.baseline == pytest.approx(100, rel=1e-15)
        assert math.isnan(bar.ci_low)


def test_swing_at_base_values():
    text = TEXT.replace("sd = 1\n", "sd = 1\nbase = 2\n", 1)
    table = rc.simulate(rc.loads(text), scenarios=1000).tornado("y", "swing", "base")
    assert table.loc[table["input"] == "b", "baseline"].item() == pytest.approx(106)


def test_inputs_that_act_through_correlation_stand_apart():
    text = TEXT + '[inputs.d]\ndist = "normal"\nmean = 0\nsd = 1\n'
    text += '[inputs.e]\ndist = "normal"\nmean = 0\nsd = 1\n[outputs.other]\nformula = "d + e"\n'
    text += '[[correlations]]\nbetween = ["a", "d"]\nspearman = 0.8\n'
    table = rc.simulate(rc.loads(text), scenarios=20_000).tornado("y")
    assert table["input"].tolist() == ["a", "b", "c", "d"]
    assert table["reach"].tolist() == ["direct"] * 3 + ["correlation"]
    assert table["rank"].tolist() == [1, 2, 3, 0]


@pytest.mark.nightly
def test_batch_errors_cover_as_often_as_they_say():
    model, hits, runs = rc.loads(TEXT), 0, 80
    tail = -2 * 3.0 * stats.norm.pdf(stats.norm.ppf(0.1)) / 0.1
    for seed in range(runs):
        bar = rc.simulate(model, scenarios=20_000, seed=seed).tornado("y", statistic="mean").iloc[0]
        hits += bar.ci_low <= -tail <= bar.ci_high
    # at 95 % coverage fewer hits than this happen with probability 1e-4
    assert hits >= stats.binom.ppf(1e-4, runs, 0.95)


def test_unknown_words_are_refused(result):
    with pytest.raises(rc.SettingsError, match="did you mean 'swing'"):
        result.tornado("y", "swings")
    with pytest.raises(rc.SettingsError, match="unknown statistic"):
        result.tornado("y", statistic="p33")
    with pytest.raises(rc.SettingsError, match="unknown output"):
        result.tornado("yy")


def test_moments_against_closed_forms(result):
    row = result.moments().iloc[0]
    assert abs(row["mean"] - 100) <= 4 * row["mean_se"]
    assert abs(row["sd"] - SD) <= 4 * row["sd_se"]
    assert abs(row["skewness"]) <= 4 * row["skewness_se"]
    assert abs(row["kurtosis"]) <= 4 * row["kurtosis_se"]
    assert np.isclose(row["mean_se"], SD / math.sqrt(N), rtol=0.01)
