"""Every family from a model file through the engine, and moments against quadrature."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from scipy import integrate

import rangecast as rc
from rangecast import distributions as laws

FAMILIES = {
    "log_uniform": ("low = 0.01\nhigh = 1e4", laws.LogUniform(0.01, 1e4)),
    "logistic": ("loc = 3\nscale = 2", laws.Logistic(3, 2)),
    "log_logistic": ("scale = 3\nshape = 1.5", laws.LogLogistic(3, 1.5)),
    "gumbel": ("loc = 1\nscale = 2", laws.GumbelMax(1, 2)),
    "gumbel_min": ("loc = 1\nscale = 2", laws.GumbelMin(1, 2)),
    "gev": ("loc = 0\nscale = 1\nshape = 0.4", laws.GEV(0, 1, 0.4)),
    "pareto": ("shape = 1.2\nscale = 5", laws.Pareto(1.2, 5)),
    "inverse_gaussian": ("mean = 2\nshape = 0.5", laws.InverseGaussian(2, 0.5)),
    "johnson_su": ("gamma = -1.5\ndelta = 1.2", laws.JohnsonSU(-1.5, 1.2)),
    "student_t": ("df = 2.5", laws.StudentT(2.5)),
    "trapezoidal": (
        "low = 0\nmode_low = 1\nmode_high = 3\nhigh = 7",
        laws.Trapezoidal(0, 1, 3, 7),
    ),
    "jqpd": (
        "p10 = 10\np50 = 25\np90 = 90",
        laws.JQPD.from_percentiles({0.1: 10, 0.5: 25, 0.9: 90}),
    ),
    "metalog": (
        "p10 = 10\np50 = 25\np90 = 60\nlow = 0",
        laws.Metalog.from_percentiles({0.1: 10, 0.5: 25, 0.9: 60}, low=0),
    ),
    "piecewise": (
        "values = [-1, 2, 3, 9]\nlevels = [0, 0.2, 0.7, 1]",
        laws.Piecewise((-1, 2, 3, 9), (0, 0.2, 0.7, 1)),
    ),
    "binomial": ("n = 40\np = 0.1", laws.Binomial(40, 0.1)),
    "negative_binomial": ("size = 0.7\np = 0.1", laws.NegativeBinomial(0.7, 0.1)),
    "geometric": ("p = 0.2", laws.Geometric(0.2)),
}
N = 65_536
# Dvoretzky-Kiefer-Wolfowitz with Massart's constant; family-wise false alarm 1e-6
LIMIT = math.sqrt(math.log(2 * len(FAMILIES) / 1e-6) / (2 * N))


@pytest.mark.parametrize("name", list(FAMILIES))
def test_runs_follow_the_law(name):
    """Draws by the run's tables or atoms, at the law's own quantiles."""
    text, law = FAMILIES[name]
    model = rc.loads(f'[inputs.x]\ndist = "{name}"\n{text}\n[outputs.y]\nformula = "x"\n')
    result = rc.simulate(model, scenarios=N, seed=2)
    values = result.ordered("y")
    at = np.unique(law.quantile(np.linspace(0.001, 0.999, 500)))
    share = np.searchsorted(values, at, side="right") / N
    assert np.abs(share - law.cdf(at)).max() < LIMIT


@pytest.mark.parametrize(
    "law",
    [
        laws.LogUniform(0.1, 30),
        laws.LogUniform(5, 5.2),
        laws.LogLogistic(3, 4.5),
        laws.LogLogistic(3, 200.0),
        laws.GEV(1, 2, 0.2),
        laws.GEV(1, 2, -0.4),
        laws.GEV(1, 2, 0.005),
        laws.GEV(1, 2, 1e-9),
        laws.GumbelMin(1, 2),
        laws.Pareto(6, 2),
        laws.InverseGaussian(2, 3),
        laws.InverseGaussian(2, 300),
        laws.JohnsonSU(-1, 3, 2, 5),
        laws.StudentT(8, 1, 2),
        laws.Trapezoidal(0, 1, 3, 7),
        laws.Trapezoidal(1e6, 1e6 + 1, 1e6 + 3, 1e6 + 3),
        laws.Logistic(3, 2),
    ],
    ids=str,
)
def test_moments_by_quadrature(law):
    """Mean and variance as integrals of the density around the median; the density is that of F."""
    ends = [float(law.quantile(np.array(p))) for p in (1e-14, 1e-4, 0.5, 1 - 1e-4)]
    ends.append(float(law.upper_quantile(np.array(1e-14))))
    middle = ends[2]

    def part(power):
        return sum(
            integrate.quad(lambda x: (x - middle) ** power * float(law.pdf(x)), a, b, limit=200)[0]
            for a, b in itertools.pairwise(ends)
        )

    total, first, second = part(0), part(1), part(2)
    assert total == pytest.approx(1.0, abs=1e-7)
    assert law.mean - middle == pytest.approx(first, abs=2e-6 * law.sd)
    assert law.sd**2 == pytest.approx(second - first**2, rel=1e-4)


PAIRS = [
    (laws.LogUniform(0.1, 30), scipy.stats.loguniform(0.1, 30)),
    (laws.LogLogistic(3, 4.5), scipy.stats.fisk(4.5, scale=3)),
    (laws.GEV(1, 2, 0.2), scipy.stats.genextreme(-0.2, 1, 2)),
    (laws.GEV(1, 2, -0.4), scipy.stats.genextreme(0.4, 1, 2)),
    (laws.GumbelMin(1, 2), scipy.stats.gumbel_l(1, 2)),
    (laws.InverseGaussian(2, 3), scipy.stats.invgauss(2 / 3, scale=3)),
    (laws.InverseGaussian(1, 0.05), scipy.stats.invgauss(20, scale=0.05)),
    (laws.Trapezoidal(0, 1, 3, 7), scipy.stats.trapezoid(1 / 7, 3 / 7, 0, 7)),
    (laws.StudentT(0.7, 1, 2), scipy.stats.t(0.7, 1, 2)),
    (laws.JohnsonSU(-1, 3, 2, 5), scipy.stats.johnsonsu(-1, 3, 2, 5)),
    (laws.NegativeBinomial(2.5, 0.2), scipy.stats.nbinom(2.5, 0.2)),
    (laws.Geometric(0.05), scipy.stats.geom(0.05)),
    (laws.Binomial(1000, 0.01), scipy.stats.binom(1000, 0.01)),
]


@pytest.mark.parametrize(("law", "other"), PAIRS, ids=[str(law) for law, _ in PAIRS])
def test_against_scipy(law, other):
    """Two codes for one law: quantiles from both tails, probabilities, moments."""
    u = np.array([1e-9, 1e-4, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999])
    assert law.quantile(u) == pytest.approx(other.ppf(u), rel=1e-9)
    assert law.upper_quantile(u) == pytest.approx(other.isf(u), rel=1e-9)
    x = other.ppf(u)
    assert law.cdf(x) == pytest.approx(other.cdf(x), rel=1e-9)
    if math.isfinite(law.sd):
        assert (law.mean, law.sd) == pytest.approx((other.mean(), other.std()), rel=1e-9)
    if law.discrete:
        assert law.pmf(x) == pytest.approx(other.pmf(x), rel=1e-9)
    else:
        assert law.pdf(x) == pytest.approx(other.pdf(x), rel=1e-8)


def test_moments_of_straight_lines():
    """Parts U(−1, 2), U(2, 3), U(3, 9) with weights 0.2, 0.5, 0.3, by hand."""
    law = laws.Piecewise((-1, 2, 3, 9), (0, 0.2, 0.7, 1))
    assert law.mean == pytest.approx(0.2 * 0.5 + 0.5 * 2.5 + 0.3 * 6)
    square = 0.2 * (0.25 + 9 / 12) + 0.5 * (6.25 + 1 / 12) + 0.3 * (36 + 36 / 12)
    assert law.sd**2 == pytest.approx(square - law.mean**2)
    assert law.pdf(np.array([-2, 0, 2.5, 8.9, 9.1])).tolist() == pytest.approx(
        [0, 0.2 / 3, 0.5, 0.05, 0]
    )


def test_moments_that_do_not_exist():
    assert laws.Pareto(0.9, 1).mean == math.inf
    assert laws.Pareto(1.5, 1).sd == math.inf
    assert laws.LogLogistic(1, 0.9).mean == math.inf
    assert math.isnan(laws.StudentT(1).mean)
    assert laws.StudentT(2).sd == math.inf
    assert laws.GEV(0, 1, 1.2).mean == math.inf
    assert laws.GEV(0, 1, 0.6).sd == math.inf


@pytest.mark.parametrize(
    "law", [laws.InverseGaussian(m, s) for m in (1e-3, 1.0, 1e6) for s in (1e-3, 1.0, 1e6)], ids=str
)
def test_inverse_gaussian_round_trips(law):
    """From both tails, over nine orders of magnitude of skewness."""
    u = np.array([1e-300, 1e-12, 1e-3, 0.25, 0.5, 0.75, 0.999])
    values = law.quantile(u)
    assert (np.diff(values) > 0).all()
    assert law.cdf(values) == pytest.approx(u, rel=1e-8)
    upper = law.upper_quantile(u[1:])
    assert (np.diff(upper) < 0).all()
    assert np.isfinite(upper).all()
