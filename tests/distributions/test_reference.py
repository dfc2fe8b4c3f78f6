"""Laws against values computed elsewhere with 50 digits."""

import json
from pathlib import Path

import numpy as np
import pytest

from rangecast import distributions as laws

DATA = Path(__file__).parents[1] / "data"
MAKERS = {
    "uniform": lambda p: laws.Uniform(**p),
    "normal": lambda p: laws.Normal(**p),
    "lognormal": lambda p: laws.Lognormal(**p),
    "lognormal_mean_sd": lambda p: laws.Lognormal.from_mean_sd(**p),
    "lognormal_p10_p90": lambda p: laws.Lognormal.from_percentiles({0.1: p["p10"], 0.9: p["p90"]}),
    "triangular": lambda p: laws.Triangular(**p),
    "pert": lambda p: laws.PERT(p["low"], p["mode"], p["high"], p["lam"]),
    "beta": lambda p: laws.Beta(p["alpha"], p["beta"], p["low"], p["high"]),
    "gamma": lambda p: laws.Gamma(**p),
    "weibull": lambda p: laws.Weibull(**p),
    "exponential": lambda p: laws.Exponential.from_rate(**p),
    "truncated_normal": lambda p: laws.Truncated(
        laws.Normal(p["mean"], p["sd"]), p["low"], p["high"]
    ),
    "student_t": lambda p: laws.StudentT(**p),
    "gumbel_max": lambda p: laws.GumbelMax(**p),
    "logistic": lambda p: laws.Logistic(**p),
    "pareto": lambda p: laws.Pareto(p["shape"], p["xm"]),
    "johnson_su": lambda p: laws.JohnsonSU(p["gamma"], p["delta"], p["xi"], p["lam"]),
    "binomial": lambda p: laws.Binomial(**p),
    "poisson": lambda p: laws.Poisson(p["mu"]),
    "discrete": lambda p: laws.Discrete(tuple(p["values"]), tuple(p["probs"])),
}


def cases(file):
    found = json.loads((DATA / file).read_text())["cases"]
    return [pytest.param(c, id=c["id"]) for c in found if c["dist"] in MAKERS]


def law_of(case):
    return MAKERS[case["dist"]](case["params"])


@pytest.mark.parametrize("case", cases("reference_distributions.json"))
def test_quantiles(case):
    law = law_of(case)
    for p, expected, half_ulp in case["ppf"]:
        found = float(law.quantile(np.array(float(p))))
        # the third column is what half a rounding step of p itself changes
        tolerance = 1e-10 * abs(float(expected)) + 4 * half_ulp + 1e-300
        assert abs(found - float(expected)) <= max(tolerance, 1e-16), (p, found, expected)


@pytest.mark.parametrize("case", cases("reference_distributions.json"))
def test_probabilities(case):
    law = law_of(case)
    for x, below, _, _ in case["cdf"]:
        found = float(law.cdf(np.array(float(x))))
        assert found == pytest.approx(float(below), rel=1e-10), x


@pytest.mark.parametrize("case", cases("reference_distributions.json"))
def test_moments(case):
    law = law_of(case)
    mean, variance = (float(case["moments"][k]) for k in ("mean", "variance"))
    assert law.mean == pytest.approx(mean, rel=1e-12, abs=1e-15)
    assert law.sd**2 == pytest.approx(variance, rel=1e-10)


@pytest.mark.parametrize("case", cases("reference_distributions_discrete.json"))
def test_discrete_laws(case):
    law = law_of(case)
    for p, expected, distance in case["ppf"]:
        if distance > 1e-12:
            assert float(law.quantile(np.array(float(p)))) == expected, p
    for x, mass, below, _ in case["pmf_cdf_sf"]:
        assert float(law.pmf(np.array(x))) == pytest.approx(float(mass), rel=1e-10)
        assert float(law.cdf(np.array(x))) == pytest.approx(float(below), rel=1e-10)
