"""What every law must do."""

import math
import pickle

import numpy as np
import pytest
import scipy.stats
from rangecast.distributions.protocol import Distribution

from rangecast import distributions as laws

CONTINUOUS = [
    laws.Uniform(-1, 3),
    laws.Normal(2, 0.5),
    laws.Lognormal(1, 2),
    laws.Lognormal.from_mean_sd(300, 30),
    laws.LogitNormal.from_percentiles({0.1: 0.45, 0.9: 0.9}),
    laws.Triangular(0, 0.3, 1),
    laws.Triangular(0, 0, 1),
    laws.Triangular(0, 1, 1),
    laws.PERT(0.5, 1, 3),
    laws.PERT(0, 0, 1),
    laws.Beta(2, 5, 0.3, 1),
    laws.Exponential(2),
    laws.Gamma(2.5, 3),
    laws.Weibull(1.5, 2),
    laws.from_scipy(scipy.stats.norm(1, 2)),
    laws.LogUniform(0.01, 1e4),
    laws.LogUniform(1, 1.001),
    laws.Logistic.from_percentiles({0.1: 10, 0.9: 30}),
    laws.LogLogistic(3, 2.5),
    laws.GumbelMax(1, 2),
    laws.GumbelMin(1, 2),
    laws.GEV(0, 1, 0.3),
    laws.GEV(0, 1, -0.3),
    laws.GEV(0, 1, 1e-7),
    laws.GEV(0, 1, 0),
    laws.Pareto(1.5, 2),
    laws.InverseGaussian(2, 8),
    laws.InverseGaussian(1, 0.05),
    laws.StudentT(3),
    laws.StudentT.from_mean_sd(5, 10, 2),
    laws.JohnsonSU(-1.5, 2),
    laws.Trapezoidal(0, 1, 3, 7),
    laws.Trapezoidal(0, 0, 1, 1),
    laws.Piecewise((-1, 2, 3, 9), (0, 0.2, 0.7, 1)),
    laws.Smoothed([1.0, 2.0, 2.5, 9.0, 30.0]),
    laws.Smoothed([-3.0, 0.0, 0.5, 4.0]),
    laws.Truncated(laws.Normal(0, 1), 1.0, 1.5),
    laws.Truncated(laws.Lognormal(0, 2), high=30.0),
    laws.Truncated(laws.StudentT(2), low=-5.0),
    laws.JQPD.from_percentiles({0.1: 10, 0.5: 25, 0.9: 60}),
    laws.JQPD.from_percentiles({0.05: 10, 0.5: 50, 0.95: 70}, high=80),
    laws.Metalog.from_percentiles({0.1: 10, 0.5: 25, 0.9: 60}),
    laws.Metalog.from_percentiles({0.1: 1, 0.25: 2, 0.5: 3, 0.75: 5, 0.9: 8}, low=0),
    laws.Metalog.from_percentiles({0.1: 10, 0.5: 25, 0.9: 60}, low=0, high=100),
]
DISCRETE = [
    laws.Bernoulli(0.05),
    laws.Discrete((3, 1, 1), (1, 1, 2)),
    laws.Integers(5, 20),
    laws.Poisson(4.2),
    laws.Poisson(1e4),
    laws.Rounded(laws.Lognormal.from_percentiles({0.1: 5, 0.9: 30})),
    laws.from_scipy(scipy.stats.binom(10, 0.3)),
    laws.Binomial(10, 0.3),
    laws.Binomial(1e6, 0.001),
    laws.NegativeBinomial(2.5, 0.2),
    laws.NegativeBinomial.from_mean_sd(0.5, 3),
    laws.Geometric(0.05),
    laws.truncate(laws.Poisson(4.2), 1, 8),
    laws.Empirical([3.0, 1.0, 3.0, 8.0, -2.5]),
]
U = np.array([1e-12, 1e-6, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999])
DRAWS = (
    20_000  # the engine draws of every family are tested with more in tests/engine/test_draws.py
)
# Dvoretzky–Kiefer–Wolfowitz with Massart's constant; family-wise false alarm 1e-6.
LIMIT = math.sqrt(math.log(2 * len(CONTINUOUS) / 1e-6) / (2 * DRAWS))


@pytest.mark.parametrize("law", CONTINUOUS + DISCRETE, ids=str)
def test_every_law(law):
    assert isinstance(law, Distribution)
    values = law.quantile(U)
    low, high = law.support
    assert (np.diff(values) >= 0).all()
    assert ((values >= low) & (values <= high)).all()
    assert law.sd > 0
    assert pickle.loads(pickle.dumps(law)).quantile(U).tolist() == values.tolist()


@pytest.mark.parametrize("law", CONTINUOUS, ids=str)
def test_continuous_laws(law):
    assert not law.discrete
    assert law.cdf(law.quantile(U)) == pytest.approx(U, rel=1e-9)
    upper = law.upper_quantile(np.array([0.001, 0.25, 0.5, 0.9]))
    assert upper == pytest.approx(law.quantile(np.array([0.999, 0.75, 0.5, 0.1])), rel=1e-11)
    assert np.isfinite(law.upper_quantile(np.array([2.0**-53]))).all()
    deep = np.array([2.0**-53, 1e-12, 1e-6, 0.001, 0.25, 0.5, 0.9])
    x = law.upper_quantile(deep)
    found = law.sf(x)
    # near an upper bound the value itself has few digits for its tail: what 5 of its last steps do
    steps = np.maximum(*(np.abs(law.sf(x * (1 + s)) - found) for s in (-1e-15, 1e-15)))
    assert (np.abs(found - deep) <= 1e-9 * deep + steps).all()
    assert law.sf(values := law.quantile(U)) == pytest.approx(1 - law.cdf(values), abs=1e-13)


@pytest.mark.parametrize("law", CONTINUOUS, ids=str)
def test_samples_follow_the_law(law):
    ordered = np.sort(law.sample(DRAWS, seed=1))
    below = law.cdf(ordered)
    steps = np.arange(DRAWS + 1) / DRAWS
    assert max(np.abs(below - steps[1:]).max(), np.abs(below - steps[:-1]).max()) < LIMIT


@pytest.mark.parametrize("law", DISCRETE, ids=str)
def test_discrete_laws(law):
    values, below = law.atoms()
    assert law.discrete
    assert (np.diff(values) > 0).all()
    assert below[-1] == 1.0
    assert law.cdf(values[:-1]) == pytest.approx(below[:-1], rel=1e-12)
    weights = np.diff(below, prepend=0.0)
    solid = weights > 1e-6  # so that a step of 1e-9 down stays inside the atom
    assert law.quantile(below[solid] * (1 - 1e-9)).tolist() == values[solid].tolist()
    assert law.mean == pytest.approx(float(weights @ values), rel=1e-9)
    above = np.append(np.cumsum(weights[::-1])[::-1][1:], 0.0)
    assert law.sf(values) == pytest.approx(above, abs=1e-13)
    assert float(law.sf(values[0] - 1)) == 1.0
    q = law.sf(values[:-1])  # relative: this deep in the tail 1 − F has no digits left
    deep = q > 1e-300
    assert (law.upper_quantile(q[deep] * (1 + 1e-9)) <= values[:-1][deep]).all()
    assert (law.upper_quantile(q[deep] * (1 - 1e-9)) > values[:-1][deep]).all()


@pytest.mark.parametrize("law", [laws.Uniform(2, 2), laws.Normal(2, 0), laws.Triangular(2, 2, 2)])
def test_degenerate_laws_are_constants(law):
    assert law.quantile(U).tolist() == [2.0] * len(U)
    assert law.sd == 0


def test_scipy_objects_that_are_not_frozen_are_refused():
    with pytest.raises(TypeError, match="not a frozen"):
        laws.from_scipy("normal")
