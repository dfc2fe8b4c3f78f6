"""Laws of observed values: against definitions, other packages' estimates and published fits."""

import math
import pickle
from pathlib import Path

import numpy as np
import pytest
import scipy.stats as st
from rangecast.distributions import Empirical, ParameterError, Smoothed, from_data, truncate
from rangecast.distributions.data.likelihood import (
    CANDIDATES,
    NoFitError,
    fit_family,
    parameters_of,
)
from rangecast.distributions.data.log_density import LOG_DENSITY, log_likelihood
from rangecast.distributions.data.smoothed import bandwidth

from rangecast import distributions as laws

# Lieblein & Zelen (1956): million revolutions until ball bearings fail.
BEARINGS = [
    *(17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.80, 51.84, 51.96, 54.12, 55.56, 67.80),
    *(68.44, 68.64, 68.88, 84.12, 93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.40),
]
# Proschan (1963): hours between failures of an air conditioning system.
AIR = [
    *(23, 261, 87, 7, 120, 14, 62, 47, 225, 71, 246, 21, 42, 20, 5),
    *(12, 120, 11, 3, 14, 71, 11, 14, 11, 16, 90, 1, 16, 52, 95),
]
SEA_LEVELS = np.loadtxt(
    Path(__file__).parents[2] / "docs" / "sea_levels.csv", delimiter=",", skiprows=1, usecols=1
)
"""Yearly maxima at Port Pirie, 1923 to 1987; fits of Coles (2001), sections 3.4.1 and 3.4.3."""
U = np.array([2.0**-53, 1e-9, 0.01, 0.25, 0.5, 0.75, 0.99])


def test_empirical_quantiles_are_those_of_type_one():
    values = np.random.default_rng(1).normal(size=37)
    law, u = Empirical(values), np.random.default_rng(2).random(1000)
    expected = np.quantile(values, u, method="inverted_cdf")
    assert law.quantile(u).tolist() == expected.tolist()
    assert law.upper_quantile(1 - u).tolist() == law.quantile(u).tolist()


@pytest.mark.parametrize("n", [1, 3, 10, 49, 1000, 4099])
def test_quantile_and_share_invert_each_other_at_every_step(n):
    law = Empirical(np.arange(n, dtype=float))
    share = law.cdf(law.values)
    assert law.quantile(share).tolist() == law.values.tolist()
    assert law.quantile(np.nextafter(share, 2))[:-1].tolist() == law.values[1:].tolist()
    above = np.arange(n) / n  # at most so many exceed the (n − k)-th
    assert law.upper_quantile(above).tolist() == law.values[::-1].tolist()


def test_empirical_moments_and_shares():
    values = [3.0, 1.0, 3.0, 8.0]
    law = Empirical(values)
    assert law.mean == np.mean(values)
    assert law.sd == pytest.approx(np.std(values), rel=1e-15)
    assert law.pmf(np.array([3.0, 2.0])).tolist() == [0.5, 0.0]
    assert law.cdf(np.array([0.0, 3.0, 9.0])).tolist() == [0.0, 0.75, 1.0]
    assert law.sf(np.array([0.0, 3.0, 9.0])).tolist() == [1.0, 0.25, 0.0]
    values, below = law.atoms()
    assert (values.tolist(), below.tolist()) == ([1.0, 3.0, 8.0], [0.25, 0.75, 1.0])


def test_many_values_are_drawn_by_rank_unless_one_is_frequent():
    assert Empirical(np.arange(1001.0)).atoms() is None
    assert Empirical([*range(1001), *[7] * 20]).atoms() is not None


def test_equal_data_are_the_same_law_in_any_order():
    a, b = Empirical([1.0, 2.0, 2.0]), Empirical([2.0, 1.0, 2.0])
    assert a == b
    assert hash(a) == hash(b)
    assert a != Empirical([1.0, 2.0])
    assert repr(a) == f"Empirical(3 values from 1 to 2, sha256 {a.digest[:16]})"
    with pytest.raises(ValueError, match="read-only"):
        a.values[0] = 5


def test_cut_off_and_rounded_data():
    law = Empirical([1.4, 2.6, 3.5, 9.0])
    assert truncate(law, 2.0, 5.0).values.tolist() == [2.6, 3.5]
    assert law.rounded().values.tolist() == [1.0, 3.0, 4.0, 9.0]
    with pytest.raises(ParameterError, match="no observed value lies between"):
        truncate(law, 10.0, 20.0)


def test_a_smoothed_law_is_a_mixture_of_kernels():
    law = Smoothed(BEARINGS)
    z = np.log(np.array(sorted(BEARINGS)))
    ratio = math.sqrt(z.var() / (z.var() + bandwidth(z) ** 2))
    centres, width = z.mean() + ratio * (z - z.mean()), ratio * bandwidth(z)
    x = np.array([10.0, 60.0, 200.0])
    by_hand = st.norm.cdf((np.log(x)[:, None] - centres) / width).mean(axis=1)
    assert law.cdf(x) == pytest.approx(by_hand, rel=1e-12)
    density = st.norm.pdf(np.log(x)[:, None], centres, width).mean(axis=1) / x
    assert law.pdf(x) == pytest.approx(density, rel=1e-12)
    assert law.sf(x) == pytest.approx(1 - by_hand, rel=1e-9)


def test_the_bandwidth_is_silvermans():
    z = np.random.default_rng(4).normal(size=50)
    spread = min(z.std(ddof=1), st.iqr(z) / 1.34)
    assert bandwidth(z) == pytest.approx(0.9 * spread * 50**-0.2, rel=1e-14)
    assert bandwidth(np.array([0.0, 1, 1, 1, 1, 1, 1, 1, 9])) > 0  # quartiles coincide


@pytest.mark.parametrize("n", [2, 30, 700, 20_000])
@pytest.mark.parametrize("positive", [False, True])
def test_smoothing_keeps_mean_and_spread(n, positive):
    z = np.random.default_rng(n).normal(1.0, 0.5, size=n) - 1.0
    law = Smoothed(np.exp(z) if positive else z)
    assert law.cdf(law.quantile(U)) == pytest.approx(U, rel=1e-9)
    assert law.sf(law.upper_quantile(U)) == pytest.approx(U, rel=1e-9)
    if positive:
        assert law.support == (0.0, math.inf)
        t = np.linspace(0.005, 8.995, 900)  # trapezoidal rule in the normal score, both tails
        tail, weight = st.norm.sf(t), 0.01 * st.norm.pdf(t)
        x = np.concatenate([law.quantile(tail), law.upper_quantile(tail)])
        weight = np.concatenate([weight, weight])
        assert float(weight @ np.log(x)) == pytest.approx(z.mean(), abs=1e-5)
        assert float(weight @ x) == pytest.approx(law.mean, rel=1e-5)
        assert float(weight @ x**2) == pytest.approx(law.mean**2 + law.sd**2, rel=1e-5)
    else:
        assert law.mean == pytest.approx(z.mean(), abs=1e-13)
        assert law.sd == pytest.approx(z.std(), rel=1e-12)


def test_merged_kernels_say_the_same():
    values = np.random.default_rng(9).lognormal(size=5000)
    law, z = Smoothed(values), np.log(np.sort(values))
    assert len(law.centres) < 600
    ratio = math.sqrt(z.var() / (z.var() + bandwidth(z) ** 2))
    centres, width = z.mean() + ratio * (z - z.mean()), ratio * bandwidth(z)
    x = np.array([0.05, 0.5, 2.0, 20.0])
    each = st.norm.cdf((np.log(x)[:, None] - centres) / width).mean(axis=1)
    # a cell of 1/16 bandwidth moves a kernel's share by at most φ'max/24/256 = 4e-5
    assert law.cdf(x) == pytest.approx(each, abs=4e-5)


@pytest.mark.parametrize("law", [Empirical(BEARINGS), Smoothed(BEARINGS), Smoothed([-1.0, 2.0])])
def test_laws_of_data_travel(law):
    again = pickle.loads(pickle.dumps(law))
    assert again == law
    assert again.quantile(U).tolist() == law.quantile(U).tolist()
    assert isinstance(law, laws.Distribution)


@pytest.mark.parametrize(
    ("values", "method", "family", "code", "words"),
    [
        ([], "empirical", "", "E310", "at least one"),
        ([1.0, math.nan, math.inf], "empirical", "", "E305", "2 that are not"),
        ([1.0], "smoothed", "", "E310", "two different values"),
        ([1.0, 2.0], "smoothd", "", "E115", "did you mean 'smoothed'?"),
        ([1.0, 2.0], "fitted", "", "E302", "names its family"),
        ([1.0, 2.0], "empirical", "normal", "E302", 'only method = "fitted"'),
        ([1.0, 2.0], "fitted", "lognorml", "E301", "did you mean 'lognormal'?"),
        ([-1.0, 2.0], "fitted", "lognormal", "E310", "needs values above 0"),
        ([2.0, 2.0], "fitted", "normal", "E310", "all values are equal"),
    ],
)
def test_refusals(values, method, family, code, words):
    with pytest.raises(ParameterError) as refused:
        from_data(values, method, family)
    assert refused.value.code == code
    assert words in str(refused.value)


TRUTH = {
    "normal": laws.Normal(5, 2),
    "logistic": laws.Logistic(5, 2),
    "student_t": laws.StudentT(4, 5, 2),
    "gumbel": laws.GumbelMax(5, 2),
    "gumbel_min": laws.GumbelMin(5, 2),
    "gev": laws.GEV(5, 2, 0.2),
    "johnson_su": laws.JohnsonSU(-1, 1.5, 3, 2),
    "uniform": laws.Uniform(1, 2),
    "lognormal": laws.Lognormal(1, 0.8),
    "log_logistic": laws.LogLogistic(3, 2),
    "exponential": laws.Exponential(3),
    "gamma": laws.Gamma(2.5, 3),
    "weibull": laws.Weibull(1.5, 2),
    "inverse_gaussian": laws.InverseGaussian(2, 5),
    "pareto": laws.Pareto(2, 3),
    "log_uniform": laws.LogUniform(1, 50),
    "beta": laws.Beta(2, 5),
    "logit_normal": laws.LogitNormal(0.3, 0.8),
    "poisson": laws.Poisson(4),
    "negative_binomial": laws.NegativeBinomial(2.5, 0.3),
    "geometric": laws.Geometric(0.2),
    "integers": laws.Integers(2, 9),
    "bernoulli": laws.Bernoulli(0.3),
}
ENDS = {"uniform", "log_uniform", "pareto", "integers"}


def test_every_family_that_is_fitted_is_tested():
    assert set(TRUTH) == set(CANDIDATES)
    assert {type(law) for law in TRUTH.values()} == set(LOG_DENSITY)


@pytest.mark.parametrize("family", TRUTH)
def test_log_densities_are_those_of_the_laws(family):
    law = TRUTH[family]
    x = law.sample(200, seed=1)
    density = law.pmf(x) if law.discrete else law.pdf(x)
    assert np.exp(LOG_DENSITY[type(law)](law, x)) == pytest.approx(density, rel=1e-10)


def _information(law, family, x):
    """Observed information by central differences of the log-likelihood."""
    names = list(parameters_of(law))
    at = np.array([parameters_of(law)[n] for n in names])
    step = 1e-3 * np.maximum(np.abs(at), 0.1)
    found = np.empty((len(at), len(at)))

    def value(theta):
        return log_likelihood(type(law)(**dict(zip(names, theta, strict=True))), x)

    for i in range(len(at)):
        for j in range(len(at)):
            corners = [
                si * sj * value(at + si * step * (np.arange(len(at)) == i)
                                + sj * step * (np.arange(len(at)) == j))
                for si in (1, -1)
                for sj in (1, -1)
            ]  # fmt: skip
            found[i, j] = -sum(corners) / (4 * step[i] * step[j])
    return found


@pytest.mark.parametrize("family", [f for f in TRUTH if f not in ENDS])
def test_parameters_are_found_again(family):
    """Wilks: twice the gain in log-likelihood over the truth is chi-squared with k degrees.

    False alarms: 1e-6 over the 19 families. A fit that is not at the maximum is seen by the
    gradient: moving any parameter by a hundredth of its standard error gains less than 1e-4.
    """
    law = TRUTH[family]
    x = np.sort(law.sample(3000, seed=5))
    found = fit_family(family, x)
    gain = 2 * (log_likelihood(found, x) - log_likelihood(law, x))
    k = CANDIDATES[family].parameters
    assert -1e-6 <= gain <= st.chi2.isf(1e-6 / 19, k)
    se = np.sqrt(np.diag(np.linalg.inv(_information(found, family, x))))
    best = log_likelihood(found, x)
    for name, error in zip(parameters_of(found), se, strict=True):
        for sign in (-0.01, 0.01):
            moved = parameters_of(found) | {name: parameters_of(found)[name] + sign * error}
            assert log_likelihood(type(found)(**moved), x) - best < 1e-4


def test_families_that_end_at_the_data():
    x = np.array([2.0, 3.0, 7.0, 8.0])
    assert parameters_of(fit_family("uniform", x)) == {"low": 2.0, "high": 8.0}
    assert parameters_of(fit_family("log_uniform", x)) == {"low": 2.0, "high": 8.0}
    assert parameters_of(fit_family("integers", x)) == {"low": 2.0, "high": 8.0}
    shape = 4 / (math.log(1.5) + math.log(3.5) + math.log(4))
    assert parameters_of(fit_family("pareto", x)) == pytest.approx({"shape": shape, "scale": 2.0})


def test_closed_forms():
    x = np.array(BEARINGS)
    mean, logs = x.mean(), np.log(x)
    expected = {
        "normal": {"mean": mean, "sd": x.std()},
        "lognormal": {"mu": logs.mean(), "sigma": logs.std()},
        "exponential": {"mean": mean},
        "inverse_gaussian": {"mean": mean, "shape": 1 / (np.mean(1 / x) - 1 / mean)},
    }
    for family, parameters in expected.items():
        assert parameters_of(fit_family(family, x)) == pytest.approx(parameters, rel=1e-12)


@pytest.mark.parametrize(
    ("family", "values", "parameters", "likelihood"),
    [
        ("weibull", BEARINGS, {"shape": 2.1021, "scale": 81.88}, -113.69),
        ("weibull", AIR, {"shape": 0.8536, "scale": 54.61}, -151.94),
        ("exponential", AIR, {"mean": 59.6}, -152.63),
        ("gev", SEA_LEVELS, {"loc": 3.87, "scale": 0.198, "shape": -0.050}, 4.34),
        ("gumbel", SEA_LEVELS, {"loc": 3.87, "scale": 0.195}, 4.22),
    ],
)
def test_published_fits(family, values, parameters, likelihood):
    """To the digits printed in the literature on these classical samples."""
    law = fit_family(family, values)
    for name, printed in parameters.items():
        digits = 0.5 * 10.0 ** -len(f"{printed:.10g}".partition(".")[2]) * 1.001
        assert parameters_of(law)[name] == pytest.approx(printed, abs=max(digits, 6e-4))
    assert log_likelihood(law, np.array(values)) == pytest.approx(likelihood, abs=0.006)


@pytest.mark.parametrize(
    ("family", "scipy_law", "fixed"),
    [
        ("gamma", st.gamma, {"floc": 0}),
        ("weibull", st.weibull_min, {"floc": 0}),
        ("logistic", st.logistic, {}),
        ("gumbel", st.gumbel_r, {}),
        ("gumbel_min", st.gumbel_l, {}),
        ("log_logistic", st.fisk, {"floc": 0}),
        ("student_t", st.t, {}),
        ("gev", st.genextreme, {}),
    ],
)
def test_no_less_likely_than_scipys_fit(family, scipy_law, fixed):
    """The same log-likelihood function, and a maximum at least as high (its searches are loose)."""
    x = np.sort(TRUTH[family].sample(400, seed=8))
    theirs = scipy_law.fit(x, **fixed)
    best = scipy_law.logpdf(x, *theirs).sum()
    assert log_likelihood(fit_family(family, x), x) == pytest.approx(best, abs=2e-3)
    assert log_likelihood(fit_family(family, x), x) >= best - 1e-6


def test_far_tails_neither_underflow_nor_end_a_search():
    x = np.array([1.0, 2.0, 3.0, 1e6])
    assert math.isfinite(log_likelihood(fit_family("normal", x), x))
    assert log_likelihood(laws.Normal(0, 1), np.array([50.0])) == pytest.approx(-1250.9189385)
    big = np.array([1e-200, 3e-200, 9e-200])
    assert fit_family("lognormal", big).sigma == pytest.approx(math.log(3) * math.sqrt(2 / 3))
    assert fit_family("gamma", big).mean == pytest.approx(big.mean())


@pytest.mark.parametrize(
    ("family", "values", "words"),
    [
        ("student_t", np.linspace(-1, 1, 50), "as likely as the normal"),
        ("student_t", [0.0] * 30 + [1.0, 2.0, -5.0], "grows without bound"),
        ("negative_binomial", [3, 4, 4, 5, 4, 3], "as likely as the Poisson"),
        ("geometric", [0, 1, 2], "whole numbers from 1"),
        ("poisson", [0.5, 1.0], "needs whole numbers"),
        ("bernoulli", [0, 1, 2], "values of 0 and 1"),
        ("beta", [0.0, 0.5], "between 0 and 1"),
        ("normal", [3.0, 3.0], "all values are equal"),
    ],
)
def test_a_family_says_why_it_has_no_fit(family, values, words):
    with pytest.raises(NoFitError, match=words):
        fit_family(family, values)
