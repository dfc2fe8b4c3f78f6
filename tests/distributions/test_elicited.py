"""Laws from percentiles: met exactly, refused exactly where none exists."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

import rangecast as rc
from rangecast import distributions as laws

DATA = Path(__file__).parents[1] / "data"
CASES = [
    c
    for c in json.loads((DATA / "reference_distributions.json").read_text())["cases"]
    if c["dist"] == "metalog"
]
RNG = np.random.default_rng(20_261_124)
TRIPLES = np.sort(np.exp(RNG.normal(0, 2, (1_000, 3))), axis=1)
LEVELS = np.array([0.1, 0.5, 0.9])


def of(case):
    low, high = (case["params"][k] for k in ("low", "high"))
    bounds = (-math.inf if low is None else low, math.inf if high is None else high)
    return laws.Metalog(tuple(case["params"]["a"]), *bounds)


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_metalogs_meet_the_reference(case):
    law = of(case)
    for p, expected, half_ulp in case["ppf"]:
        found, expected = float(law.quantile(np.array(float(p)))), float(expected)
        assert abs(found - expected) <= 1e-12 * abs(expected) + 4 * half_ulp + 1e-14, p
    for x, below, *_ in case["cdf"]:
        assert float(law.cdf(np.array(float(x)))) == pytest.approx(float(below), rel=1e-10), x
    mean, variance = (case["moments"][k] for k in ("mean", "variance"))
    assert law.mean == pytest.approx(float(mean), rel=1e-9)
    if case["id"] == "metalog3_lower0":
        # log x grows as 0.543 log(1/(1 − y)): x² as its power 1.09, which has no integral; the
        # reference's variance is what quadrature cut off
        assert law.sd == math.inf
        return
    assert law.sd**2 == pytest.approx(float(variance), rel=1e-7)


def limit_of_skewness():
    """Largest a3/a2 of an increasing three-term metalog, from its slope: Keelin's 1.66711."""

    def worst(t):
        y = 1 / (1 + math.exp(-t))
        return (y - 0.5) + t * y * (1 - y)

    least = optimize.minimize_scalar(lambda t: worst(t), bounds=(-30, 0), method="bounded")
    return -1 / least.fun


def test_a_thousand_triples():
    """J-QPD refuses none and matches to 1e-6; the metalog refuses what its condition refuses."""
    limit = limit_of_skewness()
    assert limit == pytest.approx(1.66711, abs=1e-5)
    refused = 0
    for triple in TRIPLES:
        given = dict(zip(LEVELS.tolist(), triple.tolist(), strict=True))
        for law in (
            laws.JQPD.from_percentiles(given),
            laws.JQPD.from_percentiles(given, low=-1.0, high=float(3 * triple[2])),
        ):
            assert law.quantile(LEVELS) == pytest.approx(triple, rel=1e-6)
            assert (np.diff(law.quantile(np.linspace(1e-9, 1 - 1e-9, 400))) >= 0).all()
        a2 = (triple[2] - triple[0]) / (2 * math.log(9))
        a3 = (triple[2] + triple[0] - 2 * triple[1]) / (0.8 * math.log(9))
        feasible = abs(a3) < limit * a2
        if feasible:
            law = laws.Metalog.from_percentiles(given)
            assert law.quantile(LEVELS) == pytest.approx(triple, rel=1e-6)
            continue
        refused += 1
        with pytest.raises(laws.ParameterError, match="turning back"):
            laws.Metalog.from_percentiles(given)
    assert 200 < refused < 900


def test_two_parameter_families_match_two_percentiles():
    for make in (laws.Lognormal, laws.Weibull, laws.LogLogistic, laws.Logistic, laws.GumbelMax):
        for low, _, high in TRIPLES[:100]:
            law = make.from_percentiles({0.1: float(low), 0.9: float(high)})
            assert law.quantile(LEVELS[[0, 2]]) == pytest.approx([low, high], rel=1e-9)


@pytest.mark.parametrize(
    "law",
    [
        laws.JQPD.from_percentiles({0.1: 10, 0.5: 25, 0.9: 60}),
        laws.JQPD.from_percentiles({0.05: 10, 0.5: 50, 0.95: 70}, high=80),
        laws.JQPD.from_percentiles({0.1: 1, 0.5: 2, 0.9: 4}),  # symmetric on the log scale
        laws.Metalog.from_percentiles({0.1: 10, 0.5: 25, 0.9: 60}, low=0),
        laws.Metalog.from_percentiles({0.1: 10, 0.5: 25, 0.9: 38}, high=100),
    ],
    ids=str,
)
def test_moments_and_round_trips(law):
    u = np.array([1e-12, 1e-6, 0.01, 0.3, 0.5, 0.8, 0.99])
    assert law.cdf(law.quantile(u)) == pytest.approx(u, rel=1e-8)
    assert law.upper_quantile(1 - u[2:]) == pytest.approx(law.quantile(u[2:]), rel=1e-9)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    edges = np.concatenate([10.0 ** np.arange(-16, 0), [0.5], 1 - 10.0 ** np.arange(-1, -14, -1)])
    middle = (edges[1:] + edges[:-1]) / 2 + np.outer(nodes, np.diff(edges) / 2)
    mean = float((law.quantile(middle) * np.outer(weights, np.diff(edges) / 2)).sum())
    assert law.mean == pytest.approx(mean, rel=1e-5)
    assert law.sd > 0


def test_tails_without_moments():
    heavy = laws.Metalog((0.0, 1.5), low=0.0)
    assert heavy.mean == math.inf
    assert laws.Metalog((0.0, 0.7), low=0.0).sd == math.inf
    with pytest.raises(laws.ParameterError, match="increase everywhere"):
        laws.Metalog((0.0, 1.0, 2.0))
    with pytest.raises(laws.ParameterError, match="must hold"):
        laws.JQPD(0.1, 1.0, 2.0, 3.0, low=1.5)


# ------------------------------------------------------------------ cut off


def model(text):
    return rc.loads(f'[inputs.x]\n{text}\n[outputs.y]\nformula = "x"\n')


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ('dist = "lognormal"\np10 = 5\np90 = 200\nmax = 300', 0, 300),
        ('dist = "normal"\np10 = 1\np90 = 9\nmin = 0', 0, math.inf),
        ('dist = "weibull"\np10 = 500\np90 = 3000\nmin = 100\nmax = 4000', 100, 4000),
    ],
)
def test_percentiles_are_those_of_the_cut_law(text, low, high):
    law = model(text).inputs["x"].law
    given = {int(k[1:]) / 100: float(v) for k, v in (p.split(" = ") for p in text.split("\n")[1:3])}
    for level, value in given.items():
        assert float(law.quantile(np.array(level))) == pytest.approx(value, rel=1e-7)
    assert law.support == (low, high)


def test_a_cut_law_runs_and_says_so():
    built = model('dist = "normal"\nmean = 0\nsd = 1\nmin = -1\nmax = 2')
    assert built.inputs["x"].description == "normal(mean=0, sd=1), cut off at min -1 and max 2"
    result = rc.simulate(built, scenarios=100_000)
    moments = result.moments_of("y")
    assert moments.minimum >= -1
    assert moments.maximum <= 2
    phi = [math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) for z in (-1, 2)]
    mass = 0.5 * (math.erf(2 / math.sqrt(2)) + math.erf(1 / math.sqrt(2)))
    assert moments.mean == pytest.approx((phi[0] - phi[1]) / mass, abs=5 * moments.mean_se)
    counted = model('dist = "poisson"\nmean = 4\nmin = 2\nmax = 5').inputs["x"].law
    assert counted.support == (2.0, 5.0)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ('dist = "normal"\nmean = 0\nsd = 1\nmin = 2\nmax = 1', "E304", "min must be < max"),
        ('dist = "normal"\nmean = 0\nsd = 1\nmin = 40', "E309", "no probability left"),
        ('dist = "normal"\np10 = 1\np90 = 9\nmin = 2', "E303", "must lie between 2 and inf"),
        ('dist = "normal"\np10 = 1\np90 = 9\nmin = 0.9\nmax = 9.1', "E306", "no law of this"),
        ('dist = "normal"\nmean = 0\nsd = 1\nmin = "a"', "E115", "expected a number"),
        ("value = 3\nmin = 2", "E302", "only a distribution can be cut off"),
    ],
)
def test_wrong_ends_are_refused(text, code, said):
    with pytest.raises(rc.ModelError) as caught:
        model(text)
    assert any(p.code == code and said in str(p) for p in caught.value.problems)


# ------------------------------------------------------------------ the shorthand


@pytest.mark.parametrize(
    ("text", "kind", "given"),
    [
        ("2M to 5M (80%)", laws.Lognormal, {0.1: 2e6, 0.9: 5e6}),
        ("1_500 to 2,500 (90%)", laws.Lognormal, {0.05: 1500, 0.95: 2500}),
        ("-3 to 5.5 (95 %)", laws.Normal, {0.025: -3, 0.975: 5.5}),
        ("0 to 2 (50%)", laws.Normal, {0.25: 0, 0.75: 2}),
        ("1e3 to 1.5k (80%)", laws.Lognormal, {0.1: 1e3, 0.9: 1.5e3}),
    ],
)
def test_ranges(text, kind, given):
    one = model(f'dist = "{text}"').inputs["x"]
    assert isinstance(one.law, kind)
    for level, value in given.items():
        assert float(one.law.quantile(np.array(level))) == pytest.approx(value, rel=1e-9)
    assert one.description == f"{text}, {kind.__name__.lower()}"


def test_ranges_can_be_cut_off():
    law = model('dist = "2M to 5M (80%)"\nmax = 6e6').inputs["x"].law
    assert law.quantile(np.array([0.1, 0.9])) == pytest.approx([2e6, 5e6], rel=1e-7)
    assert law.support[1] == 6e6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2M to 5M", "'2M to 5M (80%)' for P10 to P90, or '2M to 5M (90%)' for P5 to P95"),
        ("5M to 2M (80%)", "a range ascends"),
        ("2M to 5M (100%)", "a level between 0 and 100 %"),
    ],
)
def test_wrong_ranges_are_refused(text, said):
    with pytest.raises(rc.ModelError) as caught:
        model(f'dist = "{text}"')
    assert said in str(caught.value)
    with pytest.raises(rc.ModelError, match="takes no parameters"):
        model('dist = "2 to 3 (80%)"\nlow = 1')
