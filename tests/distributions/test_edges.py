"""Inverse problems with known answers, and laws at the edge of their parameters."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rangecast.distributions import (
    JQPD,
    PERT,
    Bernoulli,
    Beta,
    Binomial,
    Discrete,
    Distribution,
    Gamma,
    LogitNormal,
    Lognormal,
    LogUniform,
    Metalog,
    Mixture,
    Normal,
    ParameterError,
    Pareto,
    Poisson,
    Rounded,
    Trapezoidal,
    Triangular,
    Uniform,
    Weibull,
    ZeroInflated,
    from_scipy,
    registry,
    truncate,
)
from scipy import stats

DATA = Path(__file__).parents[1] / "data" / "reference_inverse_problems.json"
INVERSE = {c["id"]: c for c in json.loads(DATA.read_text("utf-8"))["cases"]}
FIT: dict[str, Any] = {"normal": Normal, "lognormal": Lognormal, "weibull": Weibull, "gamma": Gamma}
SOLVED = [k for k, c in INVERSE.items() if c["dist"] in FIT and c["find"] != "error"]


def test_seven_inverse_problems_are_ours() -> None:
    assert len(SOLVED) == 7


@pytest.mark.parametrize("name", SOLVED)
def test_inverse_problems(name: str) -> None:
    case = INVERSE[name]
    given = {key: float(value) for key, value in case["given"].items()}
    family = FIT[case["dist"]]
    levels = {int(k[1:]) / 100: v for k, v in given.items() if k[0] == "p"}
    law = family.from_percentiles(levels) if levels else family.from_mean_sd(**given)
    for key, value in case["find"].items():
        assert getattr(law, key) == pytest.approx(float(value), rel=1e-9), key
    for key, value in case.get("check", {}).items():
        at = law.quantile(np.array(int(key[1:]) / 100)) if key[0] == "p" else getattr(law, key)
        assert float(at) == pytest.approx(float(value), rel=1e-9), key


@pytest.mark.parametrize("family", [Normal, Lognormal, Weibull, LogitNormal])
@pytest.mark.parametrize("levels", [(0.1, 0.9), (0.05, 0.95), (0.01, 0.5), (0.25, 0.3)])
@pytest.mark.parametrize("values", [(0.02, 0.9), (0.4, 0.41), (1e-6, 1e-3)])
def test_fitted_percentiles_come_back(
    family: Any, levels: tuple[float, float], values: tuple[float, float]
) -> None:
    law = family.from_percentiles(dict(zip(levels, values, strict=True)))
    assert np.allclose(law.quantile(np.array(levels)), values, rtol=1e-9, atol=0)
    with pytest.raises(ParameterError) as refused:
        family.from_percentiles(dict(zip(levels, values[::-1], strict=True)))
    assert refused.value.code == "E304"


def test_a_beta_that_is_nearly_a_power_keeps_its_digits() -> None:
    """1 - (1 - x)^0.1 at a = 1; SciPy's own inverse is off by 4e-9."""
    u = 2.0**-30
    found = Beta(0.9999999999999994, 0.1).quantile(np.array([u]))
    assert found == pytest.approx(-math.expm1(10 * math.log1p(-u)), rel=1e-12)


@pytest.mark.parametrize("shape", [1.1547819846894583, 1.2061116947457597])
def test_the_median_of_a_symmetric_beta_is_its_middle(shape: float) -> None:
    """SciPy's own is off by 1e-8 and more."""
    law = Beta(shape, shape, -2.0, 6.0)
    assert law.quantile(np.array([0.5])) == pytest.approx(2.0, rel=1e-14)
    assert law.upper_quantile(np.array([0.5])) == pytest.approx(2.0, rel=1e-14)
    pert = PERT(0.0, 1.0, 2.0, weight=2 * (shape - 1))
    assert pert.quantile(np.array([0.5])) == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize(
    "law",
    [
        Normal(0.0, 1.0),
        Uniform(-1.0, 1.0),
        Triangular(-1.0, 0.0, 1.0),
        Beta(3.0, 3.0, -1.0, 1.0),
        PERT(-1.0, 0.0, 1.0),
    ],
)
def test_symmetric_laws_mirror_exactly(law: Distribution) -> None:
    """Both tails keep the same digits, far below the smallest draw, 2^-54."""
    p = 10.0 ** -np.arange(1.0, 100.0, 3.0)
    assert np.array_equal(law.upper_quantile(p), -law.quantile(p))


@pytest.mark.parametrize(
    "law",
    [
        Uniform(4.0, 4.0),
        Triangular(4.0, 4.0, 4.0),
        PERT(4.0, 4.0, 4.0),
        Beta(2.0, 2.0, 4.0, 4.0),
        Normal(4.0, 0.0),
        Lognormal(math.log(4.0), 0.0),
        LogitNormal(0.5, 0.0),
    ],
    ids=str,
)
def test_constants(law: Distribution) -> None:
    value = float(law.quantile(np.array(0.5)))
    assert law.sd == 0.0
    assert law.mean == pytest.approx(value, rel=1e-12)
    assert law.cdf(np.array([value - 1e-3, value, value + 1e-3])).tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize("law", [Poisson(4.2), Poisson(5000.0), Rounded(Normal(0.0, 3.0))], ids=str)
def test_counts_are_floats_like_every_other_draw(law: Any) -> None:
    u = np.array([0.1, 0.5])
    arrays = (law.quantile(u), law.upper_quantile(u), *law.atoms(), law.sample(5, 1))
    assert [a.dtype for a in arrays] == [np.dtype(np.float64)] * 5


def test_a_very_wide_logit_normal_is_a_coin() -> None:
    law = LogitNormal(0.0, 1e9)
    assert law.mean == pytest.approx(0.5, rel=1e-10)
    assert law.sd == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize(("mu", "sigma"), [(0.3, 0.5), (-2.0, 1.5), (1.0, 8.0)])
def test_logit_normal_moments_by_another_quadrature(mu: float, sigma: float) -> None:
    """Gauss–Legendre in z over many panels."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = np.linspace(-12.0, 12.0, 401)
    half = (edges[1:] - edges[:-1]) / 2
    z = (edges[1:] + edges[:-1])[:, None] / 2 + half[:, None] * nodes
    density = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) * half[:, None] * weights
    share = 1 / (1 + np.exp(-(mu + sigma * z)))
    mean = float((density * share).sum())
    law = LogitNormal(mu, sigma)
    assert law.mean == pytest.approx(mean, rel=1e-10)
    assert law.sd**2 == pytest.approx(float((density * (share - mean) ** 2).sum()), rel=1e-10)


def test_equal_values_are_merged_and_impossible_ones_dropped() -> None:
    law = Discrete((1.0, 1.0, 2.0, 9.0), (1.0, 1.0, 2.0, 0.0))
    assert (law.values, law.weights, law.support) == ((1.0, 2.0), (0.5, 0.5), (1.0, 2.0))


@pytest.mark.parametrize(
    ("law", "value"),
    [
        (Uniform(2, 2), 2),
        (Triangular(2, 2, 2), 2),
        (Trapezoidal(2, 2, 2, 2), 2),
        (LogUniform(2, 2), 2),
        (Normal(2, 0), 2),
        (Lognormal(math.log(2), 0), 2),
        (LogitNormal(0, 0), 0.5),
        (Binomial(2, 1.0), 2),
        (Binomial(2, 0.0), 0),
        (Bernoulli(1.0), 1),
        (Bernoulli(0.0), 0),
    ],
)
def test_a_law_without_width_is_its_one_value(law: Any, value: float) -> None:
    around = np.array([value - 0.5, value, value + 0.5])
    assert law.mean == pytest.approx(value, rel=1e-15)
    assert law.sd == 0
    assert law.quantile(np.array([0.0, 0.1, 0.9, 1.0])) == pytest.approx([value] * 4, rel=1e-15)
    assert law.cdf(around).tolist() == [0, 1, 1]
    assert law.sf(around).tolist() == [1, 0, 0]
    if law.discrete:
        assert [part.tolist() for part in law.atoms()] == [[value], [1]]
    else:
        assert law.support == pytest.approx((value, value), rel=1e-15)


@pytest.mark.parametrize("mu", [-40.0, -0.3, 0.0, 0.1, 0.3, 2.0])
def test_a_logit_normal_without_spread_is_one_value(mu: float) -> None:
    """Its log-odds may round to less than mu: the distribution function steps at the value."""
    law = LogitNormal(mu, 0.0)
    low, high = law.support
    assert low == high == law.mean == float(law.quantile(np.array(0.7)))
    assert float(law.upper_quantile(np.array(0.7))) == low
    around = np.array([np.nextafter(low, 0.0), low])
    assert law.cdf(around).tolist() == [0.0, 1.0]
    assert law.sf(around).tolist() == [1.0, 0.0]


def test_densities_of_piecewise_and_composed_laws() -> None:
    x = np.array([-1, 0, 0.5, 1, 2.5, 4, 5])
    assert Triangular(0, 1, 4).pdf(x).tolist() == [0, 0, 0.25, 0.5, 0.25, 0, 0]
    at_the_end = Triangular(0, 4, 4).pdf(np.array([0.0, 2.0, 4.0]))
    assert at_the_end.tolist() == [0, 0.25, 0.5]
    both = Mixture((Normal(0, 1), Normal(4, 2), Poisson(3)), (1, 2, 1)).pdf(x)
    assert both == pytest.approx(stats.norm.pdf(x) / 4 + stats.norm.pdf(x, 4, 2) / 2, rel=1e-14)
    part = ZeroInflated(Normal(1, 1), 0.2).pdf(x)
    assert part == pytest.approx(0.8 * stats.norm.pdf(x, 1, 1), rel=1e-14)


def test_a_mixture_with_an_infinite_mean_has_an_infinite_sd() -> None:
    law = Mixture((Pareto(1, 0.5), Normal(0, 1)), (1, 1))
    assert (law.mean, law.sd) == (math.inf, math.inf)


def test_a_zero_inflated_law_that_is_cut_off_keeps_its_zeros_only_if_they_are_inside() -> None:
    law = ZeroInflated(Normal(100, 1), 0.2)
    apart = truncate(law, 99, 101)
    assert apart.mean == pytest.approx(100, rel=1e-12)
    assert apart.cdf(np.array(99.0)) == 0
    only = truncate(law, -1, 1)
    assert (only.mean, only.sd, only.discrete) == (0, 0, True)


MANY = Rounded(Normal(1e9, 1e8))
HUGE = from_scipy(stats.randint(0, 10**8))


def test_whole_numbers_too_many_to_list_are_described_by_their_law() -> None:
    assert MANY.mean == 1e9
    assert MANY.sd == pytest.approx(1e8, rel=1e-12)
    assert MANY.atoms() is None
    assert HUGE.atoms() is None
    assert HUGE.quantile(np.array([0.25, 0.5])).tolist() == [25e6 - 1, 5e7 - 1]


REFUSED = {
    "weights": lambda: Mixture((Normal(0, 1), Normal(0, 1)), (1, -1)),
    "mixture": lambda: truncate(Mixture((Normal(0, 1), Normal(4, 1)), (1, 1)), 900, 1000),
    "count": lambda: truncate(Poisson(3), 1000, 2000),
    "rounded": lambda: truncate(MANY, 9e8, 1.1e9),
    "one term": lambda: Metalog((1.0,)),
    "bounds": lambda: Metalog((1.0, 2.0), 3.0, 1.0),
    "infinite term": lambda: Metalog((1.0, math.inf)),
    "one percentile": lambda: Metalog.from_percentiles({0.5: 1}),
    "falling": lambda: Metalog.from_percentiles({0.1: 3, 0.9: 2}),
    "three": lambda: Uniform.from_percentiles({0.1: 1, 0.5: 2, 0.9: 3}),
    "level": lambda: JQPD(0.5, 1, 2, 3),
    "close": lambda: JQPD(0.1, 1e10, float(np.nextafter(1e10, 2e10)), 3e10).quantile(np.array(0.5)),
    "call": lambda: registry.parse_call("mixture(components=[{)"),
    "data": lambda: registry.build("data", {}),
}


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("weights", "E307", "components[1].weight: must be a finite number above 0; got -1"),
        ("mixture", "E309", "no probability left between min and max; got min = 900, max = 1000"),
        ("count", "E309", "no probability left between min and max; got min = 1000, max = 2000"),
        ("rounded", "E302", "min: has too many values to be cut off"),
        ("one term", "E302", "a: needs 2 to 16 coefficients; got 1"),
        ("bounds", "E304", "low must be < high; got low = 3, high = 1"),
        ("infinite term", "E304", "its quantiles would not increase everywhere; got 1, inf"),
        ("one percentile", "E302", "2 to 16 percentiles are needed; got p50"),
        ("falling", "E304", "p10 must be < p90; got p10 = 3, p90 = 2"),
        ("three", "E302", "two percentiles are needed, such as p10 and p90"),
        ("level", "E303", "level: must lie between 0 and 1/2; got 0.5"),
        ("close", "E305", "two of the percentiles are too close to tell apart"),
        ("call", "E302", "not parameters as TOML writes them between braces"),
        ("data", "E302", "in Python: rc.from_data(values)"),
    ],
)
def test_laws_made_in_python_are_refused_as_in_a_file(name: str, code: str, words: str) -> None:
    with pytest.raises(ParameterError) as refused:
        REFUSED[name]()
    assert refused.value.code == code
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ({}, [("E114", "dist: missing")]),
        ({"dist": 3}, [("E115", "dist: expected text; got 3")]),
        (
            {"dist": "normal", "mean": 0, "sd": -1, "factor": 0},
            [
                ("E303", "factor: must not be 0; state value = … instead"),
                ("E303", "sd: must be 0 or more; got -1"),
            ],
        ),
        (
            {"dist": "normal", "mean": 0, "sd": -1, "shift": "a"},
            [
                ("E115", "shift: expected a number; got 'a'"),
                ("E303", "sd: must be 0 or more; got -1"),
            ],
        ),
        (
            {"dist": "mixture", "components": 3},
            [
                (
                    "E115",
                    "components: expected a list of tables; got 3; write components = "
                    '[{dist = "normal", mean = 1, sd = 1, weight = 0.9}, …]',
                )
            ],
        ),
        (
            {
                "dist": "mixture",
                "components": [
                    {"dist": "normal", "mean": 0, "sd": 1, "weight": "a"},
                    {"dist": "normal", "mean": 0, "sd": 1, "weight": 2},
                ],
            },
            [("E115", "components[0].weight: expected a number; got 'a'")],
        ),
    ],
)
def test_every_problem_of_a_table_is_told(
    table: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    law, problems = registry.read(table)
    assert law is None
    assert [(one.code, str(one)) for one in problems] == found


def test_no_percentile_is_compared_with_a_law_that_does_not_exist() -> None:
    assert registry.missed("normal", {"p10": 3, "p50": 4, "p90": 1}) == []
