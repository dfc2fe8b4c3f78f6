"""The rank correlation that ties leave, against closed forms, exact sums and simulation."""

import math

import numpy as np
import pytest
from rangecast.distributions import (
    Bernoulli,
    Binomial,
    Discrete,
    Exponential,
    Geometric,
    Lognormal,
    Normal,
    Poisson,
    Rounded,
    ZeroInflated,
)
from rangecast.engine.attained import PRECISION, attained_spearman
from scipy import special, stats

ZERO_OR_MORE = ZeroInflated(Exponential(1.0), 0.4)


@pytest.mark.parametrize("rho", [-1.0, -0.7, 0.0, 0.3, 0.99, 1.0])
def test_continuous_inputs_follow_pearsons_formula(rho):
    found = attained_spearman(Normal(0.0, 1.0), Lognormal(1.0, 2.0), rho)
    assert found == pytest.approx(6 / math.pi * math.asin(rho / 2), abs=1e-14)


@pytest.mark.parametrize("rho", [-1.0, -0.7, 0.0, 0.3, 0.99, 1.0])
def test_two_fair_coins_follow_sheppards_formula(rho):
    found = attained_spearman(Bernoulli(0.5), Bernoulli(0.5), rho)
    assert found == pytest.approx(2 / math.pi * math.asin(rho), abs=1e-9)


@pytest.mark.parametrize("rho", [-0.95, -0.4, 0.6, 0.98])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Discrete((1.0, 2.0, 5.0), (2.0, 1.0, 1.0)), Binomial(4, 0.3)),
        (Bernoulli(0.01), Discrete((1.0, 7.0), (0.3, 0.7))),
    ],
)
def test_discrete_inputs_agree_with_a_sum_over_rectangles(first, second, rho):
    """The joint probabilities from SciPy's own bivariate normal, then the definition."""
    ends, grades, variances = [], [], []
    for law in (first, second):
        cumulative = law.atoms()[1]
        weights = np.diff(cumulative, prepend=0.0)
        ends.append(special.ndtri(np.concatenate([[0.0], cumulative])).clip(-12, 12))
        grades.append(cumulative - weights / 2 - 0.5)
        variances.append(float(weights @ grades[-1] ** 2))
    law = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    joint = law.cdf(np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1), rng=1)
    joint = np.diff(np.diff(joint, axis=0), axis=1)
    wanted = float(grades[0] @ joint @ grades[1]) / math.sqrt(variances[0] * variances[1])
    assert attained_spearman(first, second, rho) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "rho"),
    [
        (Bernoulli(0.05), Normal(0.0, 1.0), 0.9),
        (Poisson(2.0), Geometric(0.3), -0.6),
        (ZERO_OR_MORE, Normal(0.0, 1.0), 0.8),
        (ZERO_OR_MORE, ZeroInflated(Normal(0.0, 1.0), 0.6), 0.9),
        (Rounded(Lognormal(1.0, 1.0)), ZERO_OR_MORE, -0.9),
    ],
)
def test_draws_have_the_coefficient(first, second, rho):
    """Batches of draws: their mean within 4.5 standard errors (t with 39 degrees: 6e-5 each)."""
    draws = np.random.default_rng(7).standard_normal((2, 40, 5_000))
    draws[1] = rho * draws[0] + math.sqrt(1 - rho**2) * draws[1]
    x, y = (law.quantile(special.ndtr(z)) for law, z in zip((first, second), draws, strict=True))
    found = np.array([stats.spearmanr(a, b).statistic for a, b in zip(x, y, strict=True)])
    error = found.std(ddof=1) / math.sqrt(len(found))
    bias = 1 / 5_000  # of a batch's coefficient
    wanted = attained_spearman(first, second, rho)
    assert abs(found.mean() - wanted) < 4.5 * error + bias


@pytest.mark.parametrize("df", [1.0, 4.0, 30.0])
def test_two_fair_coins_are_alike_under_every_t_copula(df):
    found = attained_spearman(Bernoulli(0.5), Bernoulli(0.5), 0.7, df)
    assert found == pytest.approx(2 / math.pi * math.asin(0.7), abs=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "rho", "df"),
    [
        (Bernoulli(0.05), Normal(0.0, 1.0), 0.9, 3.0),
        (Poisson(2.0), Geometric(0.3), -0.6, 3.0),
        (ZERO_OR_MORE, Bernoulli(0.3), 0.8, 2.0),
        (Bernoulli(0.02), Bernoulli(0.02), 0.0, 3.0),
    ],
)
def test_draws_of_a_t_copula_have_the_coefficient(first, second, rho, df):
    """Batches as above."""
    random = np.random.default_rng(11)
    draws = random.standard_normal((2, 40, 5_000))
    draws[1] = rho * draws[0] + math.sqrt(1 - rho**2) * draws[1]
    scores = special.stdtr(df, draws / np.sqrt(random.chisquare(df, (40, 5_000)) / df))
    x, y = first.quantile(scores[0]), second.quantile(scores[1])
    found = np.array([stats.spearmanr(a, b).statistic for a, b in zip(x, y, strict=True)])
    error = found.std(ddof=1) / math.sqrt(len(found))
    wanted = attained_spearman(first, second, rho, df)
    assert abs(found.mean() - wanted) < 4.5 * error + 1 / 5_000


@pytest.mark.parametrize("law", [Poisson(3.0), Poisson(3e6), Bernoulli(0.02), ZERO_OR_MORE])
def test_an_input_and_itself_correlate_fully(law):
    assert attained_spearman(law, law, 1.0) == pytest.approx(1.0, abs=PRECISION)


def test_one_value_has_no_rank_correlation():
    assert math.isnan(attained_spearman(Discrete((3.0,), (1.0,)), Normal(0.0, 1.0), 0.5))
