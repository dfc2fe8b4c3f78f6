"""Laws against values computed elsewhere with 50 digits, and by benchmarks/reference_values.py.

Tolerances: a quantile may be off by 8 rounding steps of its size and of the spread between the
quartiles, and by what two rounding steps of p change (third column of the data); of our own
families, whose formulas take more steps (logarithms of logarithms), by 32. A probability may be off
by 1e-13, and by 1e-13 of what a relative change of x by 1 changes: |x| f / F.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rangecast.distributions import registry

from rangecast import distributions as laws

EPS = 2.0**-52


def metalog(params: Any) -> Any:
    low, high = (params[k] for k in ("low", "high"))
    bounds = (-math.inf if low is None else low, math.inf if high is None else high)
    return laws.Metalog(tuple(params["a"]), *bounds)


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
    "arcsine": lambda p: laws.Beta(0.5, 0.5, p["low"], p["high"]),
    "metalog": lambda p: metalog(p),
    "mixture": lambda p: laws.Mixture(
        tuple(laws.Normal(c["mean"], c["sd"]) for c in p["components"]), tuple(p["weights"])
    ),
    "discrete": lambda p: laws.Discrete(tuple(p["values"]), tuple(p["probs"])),
}


def cases(file):
    found = json.loads((DATA / file).read_text())["cases"]
    return [pytest.param(c, id=c["id"]) for c in found if c["dist"] in MAKERS]


def law_of(case):
    return MAKERS[case["dist"]](case["params"])


def quartiles(law: Any) -> float:
    low, high = law.quantile(np.array([0.25, 0.75]))
    return float(high - low)


def close(found: Any, expected: str, step: float, spread: float, steps: int) -> bool:
    wanted = float(expected)
    return abs(float(found) - wanted) <= steps * EPS * (abs(wanted) + spread) + 4 * step


def agrees(found: Any, expected: str, x: Any, density: Any) -> bool:
    wanted = float(expected)
    return abs(float(found) - wanted) <= 1e-13 * (wanted + abs(float(x)) * float(density))


def test_every_case_that_a_family_can_express_is_tried():
    found = json.loads((DATA / "reference_distributions.json").read_text())["cases"]
    assert {c["id"] for c in found if c["dist"] not in MAKERS} == set()


@pytest.mark.parametrize("case", cases("reference_distributions.json"))
def test_quantiles(case):
    law = law_of(case)
    spread = quartiles(law)
    for p, expected, step in case["ppf"]:
        p = float(p)
        assert close(law.quantile(np.array(p)), expected, step, spread, 8), p
        if p >= 0.5:  # 1 − p is exact
            assert close(law.upper_quantile(np.array(1 - p)), expected, step, spread, 8), p


@pytest.mark.parametrize("case", cases("reference_distributions.json"))
def test_probabilities(case):
    law = law_of(case)
    for x, below, above, density in case["cdf"]:
        at = np.array(float(x))
        assert agrees(law.cdf(at), below, x, density), x
        assert agrees(law.sf(at), above, x, density), x


@pytest.mark.parametrize("case", cases("reference_distributions.json"))
def test_moments(case):
    law = law_of(case)
    mean, variance = (float(case["moments"][k]) for k in ("mean", "variance"))
    assert abs(law.mean - mean) <= 1e-13 * (abs(mean) + math.sqrt(variance))
    if case["id"] == "metalog3_lower0":  # it has none: see test_elicited
        assert law.sd == math.inf
        return
    assert law.sd**2 == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize("case", cases("reference_distributions_discrete.json"))
def test_discrete_laws(case):
    law = law_of(case)
    for p, expected, distance in case["ppf"]:
        if distance > 1e-12:
            assert float(law.quantile(np.array(float(p)))) == expected, p
            assert float(law.upper_quantile(np.array(1 - float(p)))) == expected, p
    for x, mass, below, above in case["pmf_cdf_sf"]:
        at = np.array(x)
        assert float(law.pmf(at)) == pytest.approx(float(mass), rel=1e-12)
        assert float(law.cdf(at)) == pytest.approx(float(below), rel=1e-13)
        assert float(law.sf(at)) == pytest.approx(float(above), rel=1e-13, abs=0)


# ------------------------------------------------------------------ families without a table there

OWN = json.loads((DATA / "reference_families.json").read_text("utf-8"))["cases"]


def own(case: Any) -> Any:
    params = dict(case["params"])
    if case["family"] == "metalog":
        return metalog(params)
    ends = (params.pop("min", -math.inf), params.pop("max", math.inf))
    return registry.build(case["family"], params, ends)


@pytest.mark.parametrize("case", [c for c in OWN if "mean" in c], ids=lambda c: c["id"])
def test_own_families(case: Any) -> None:
    law = own(case)
    spread = quartiles(law)
    for p, expected, step in case["quantile"]:
        assert close(law.quantile(np.array(p)), expected, step, spread, 32), p
    for q, expected, step in case["upper_quantile"]:
        assert close(law.upper_quantile(np.array(q)), expected, step, spread, 32), q
    for x, below, above, density in case["cdf_sf_pdf"]:
        assert agrees(law.cdf(np.array(x)), below, x, density), x
        assert agrees(law.sf(np.array(x)), above, x, density), x
    mean, variance = float(case["mean"]), float(case["variance"])
    if math.isfinite(variance):
        assert abs(law.mean - mean) <= 1e-12 * (abs(mean) + math.sqrt(variance))
        assert law.sd**2 == pytest.approx(variance, rel=1e-10)
    else:
        assert not math.isfinite(law.sd)


@pytest.mark.parametrize("case", [c for c in OWN if "pmf_cdf_sf" in c], ids=lambda c: c["id"])
def test_own_counts(case: Any) -> None:
    law = own(case)
    for k, mass, below, above in case["pmf_cdf_sf"]:
        at = np.array(float(k))
        assert float(law.pmf(at)) == pytest.approx(float(mass), rel=1e-11)
        assert float(law.cdf(at)) == pytest.approx(float(below), rel=1e-12)
        assert float(law.sf(at)) == pytest.approx(float(above), rel=1e-12, abs=0)
