"""Inverse problems with known answers, and laws at the edge of their parameters."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rangecast.distributions import (
    PERT,
    Beta,
    Discrete,
    Distribution,
    Gamma,
    LogitNormal,
    Lognormal,
    Normal,
    ParameterError,
    Poisson,
    Rounded,
    Triangular,
    Uniform,
    Weibull,
)

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
