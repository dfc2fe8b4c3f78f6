"""Draws of every family, made as a run makes them, against SciPy's distribution functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.distributions.registry import build
from rangecast.engine.scenarios import Drawer
from rangecast.engine.streams import Stream
from rangecast.engine.verify.claims import Claim, count, distance

_DRAWS = 2**21
_ROWS = 32_768
_LEVELS = np.array([0.01, 0.05, 0.16, 0.3, 0.5, 0.7, 0.84, 0.95, 0.99])
_POINTS = np.unique(np.concatenate([_LEVELS, np.arange(1, 200) / 200]))

Cdf = Callable[[Array], Array]


def references() -> dict[str, tuple[dict[str, Any], Any]]:
    """Parameters of a law of each family, and SciPy's law of the same name.

    Families without one in SciPy name points of their distribution function instead.
    """
    from scipy import stats as s

    return {
        "bernoulli": ({"p": 0.3}, s.bernoulli(0.3)),
        "beta": ({"a": 2, "b": 5}, s.beta(2, 5)),
        "binomial": ({"n": 40, "p": 0.3}, s.binom(40, 0.3)),
        "discrete": (
            {"values": [1, 2, 5], "weights": [0.2, 0.5, 0.3]},
            s.rv_discrete(values=([1, 2, 5], [0.2, 0.5, 0.3])),
        ),
        "exponential": ({"mean": 2}, s.expon(scale=2)),
        "gamma": ({"shape": 2.5, "scale": 3}, s.gamma(2.5, scale=3)),
        "geometric": ({"p": 0.05}, s.geom(0.05)),
        "gev": ({"loc": 0, "scale": 1, "shape": 0.2}, s.genextreme(-0.2)),
        "gumbel": ({"loc": 1, "scale": 2}, s.gumbel_r(1, 2)),
        "gumbel_min": ({"loc": 1, "scale": 2}, s.gumbel_l(1, 2)),
        "integers": ({"low": 5, "high": 20}, s.randint(5, 21)),
        "inverse_gaussian": ({"mean": 2, "shape": 8}, s.invgauss(0.25, scale=8)),
        "johnson_su": ({"gamma": -1.5, "delta": 2}, s.johnsonsu(-1.5, 2)),
        "jqpd": ({"p10": 10, "p50": 25, "p90": 60}, {0.1: 10, 0.5: 25, 0.9: 60}),
        "log_logistic": ({"scale": 3, "shape": 2.5}, s.fisk(2.5, scale=3)),
        "log_uniform": ({"low": 0.01, "high": 1e4}, s.loguniform(0.01, 1e4)),
        "logistic": ({"loc": 1, "scale": 2}, s.logistic(1, 2)),
        "logit_normal": ({"mu": 0.5, "sigma": 0.8}, _LogitNormal(0.5, 0.8)),
        "lognormal": ({"mu": 1, "sigma": 0.8}, s.lognorm(0.8, scale=math.e)),
        "metalog": ({"p10": 10, "p50": 25, "p90": 60}, {0.1: 10, 0.5: 25, 0.9: 60}),
        "mixture": (
            {
                "components": [
                    {"dist": "normal", "mean": 0, "sd": 1, "weight": 3},
                    {"dist": "exponential", "mean": 4, "weight": 1},
                ]
            },
            _along(lambda x: 0.75 * s.norm.cdf(x) + 0.25 * s.expon.cdf(x, scale=4), -2.5, 9.0),
        ),
        "negative_binomial": ({"size": 2.5, "p": 0.2}, s.nbinom(2.5, 0.2)),
        "normal": ({"mean": 2, "sd": 0.5}, s.norm(2, 0.5)),
        "pareto": ({"shape": 3, "scale": 2}, s.pareto(3, scale=2)),
        "pert": ({"low": 0.5, "mode": 1, "high": 3}, s.beta(1.8, 4.2, 0.5, 2.5)),
        "piecewise": (
            {"values": [-1, 2, 3, 9], "levels": [0, 0.2, 0.7, 1]},
            {0.1: 0.5, 0.2: 2, 0.45: 2.5, 0.7: 3, 0.85: 6},
        ),
        "poisson": ({"mean": 4.2}, s.poisson(4.2)),
        "shifted_lognormal": (
            {"mu": 1, "sigma": 0.8, "low": -2},
            s.lognorm(0.8, loc=-2, scale=math.e),
        ),
        "student_t": ({"df": 4}, s.t(4)),
        "trapezoidal": (
            {"low": 0, "mode_low": 1, "mode_high": 3, "high": 7},
            s.trapezoid(1 / 7, 3 / 7, 0, 7),
        ),
        "triangular": ({"low": 0, "mode": 1, "high": 4}, s.triang(0.25, 0, 4)),
        "uniform": ({"low": -1, "high": 3}, s.uniform(-1, 4)),
        "weibull": ({"shape": 1.5, "scale": 2}, s.weibull_min(1.5, scale=2)),
        "zero_inflated": (
            {"zero": 0.3, "of": {"dist": "gamma", "shape": 2, "scale": 1}},
            _along(lambda x: 0.3 + 0.7 * s.gamma.cdf(x, 2), 0.0, 6.0),
        ),
    }


def _along(cdf: Cdf, low: float, high: float) -> dict[float, float]:
    """Points of a distribution function that SciPy gives in parts only."""
    at = np.linspace(low, high, 200)
    return dict(zip(cdf(at).tolist(), at.tolist(), strict=True))


class _LogitNormal:
    """Logit of a share is normal; SciPy has no such law."""

    def __init__(self, mu: float, sigma: float) -> None:
        from scipy import stats

        self.normal = stats.norm(mu, sigma)

    def ppf(self, p: Array) -> Array:
        """Logistic function of the normal's percentile."""
        found: Array = 1 / (1 + np.exp(-self.normal.ppf(p)))
        return found

    def cdf(self, x: Array) -> Array:
        """Normal distribution function of the log-odds."""
        found: Array = self.normal.cdf(np.log(x / (1 - x)))
        return found


def check(seed: int) -> list[Claim]:
    """Claim the distribution of every family, and that points are uniform and independent."""
    found = []
    for name, (parameters, reference) in references().items():
        law: Any = build(name, parameters)
        drawer = Drawer(law, _ROWS)
        drawer.at = seed % 2048
        drawn = (drawer.draw() for _ in range(_DRAWS // _ROWS))
        found += _claims(name, reference, drawn)
    return found + _points(seed)


def _claims(name: str, reference: Any, drawn: Any) -> list[Claim]:
    if isinstance(reference, dict):
        at, below = np.array(list(reference.values()), float), np.array(list(reference))
    else:
        at = np.unique(reference.ppf(_POINTS))
        below = np.asarray(reference.cdf(at))
    inside = np.zeros(len(at) + 1, np.int64)
    for values in drawn:
        inside += np.bincount(np.searchsorted(at, values), minlength=len(at) + 1)
    hits = np.cumsum(inside)[:-1]
    wanted = _LEVELS if len(at) > 9 else below
    few = np.unique(np.clip(np.searchsorted(below, wanted - 1e-9), 0, len(at) - 1))
    few = few[(below[few] > 0) & (below[few] < 1)]
    source = f"F of {name}"
    each = [
        count(
            "samplers",
            f"{name}: share below, furthest off of {len(few)}",
            source,
            int(hits[k]),
            _DRAWS,
            float(below[k]),
            tests=len(few),
        )
        for k in few
    ]
    whole = float(np.abs(hits / _DRAWS - below).max())
    return [
        distance("samplers", f"{name}: distance to F", source, whole, _DRAWS),
        min(each, key=lambda claim: claim.p),
    ]


def _points(seed: int) -> list[Claim]:
    """Uniform points of two streams: their distribution, and quadrants between and along them."""
    n, halves = 2**20, []
    claims = []
    for name in ("a", "b"):
        points, stream = np.empty(65_536), Stream(seed, name)
        inside, half = np.zeros(256, np.int64), []
        for block in range(n // 65_536):
            stream.turn_to(block)
            stream.fill(points)
            inside += np.bincount((points * 256).astype(np.intp), minlength=256)
            half.append(points < 0.5)
        whole = float(np.abs(np.cumsum(inside) / n - np.arange(1, 257) / 256).max())
        claims.append(distance("samplers", f"points of stream {name}", "uniform", whole, n))
        halves.append(np.concatenate(half))
    pairs = {
        "two streams, same scenario": halves[0] == halves[1],
        "one stream, next scenario": halves[0][:-1:2] == halves[0][1::2],
        "one stream, next block": halves[0][:-65_536] == halves[0][65_536:],
    }
    pairs["one stream, next block"] = pairs["one stream, next block"].reshape(-1, 65_536)[::2]
    for what, same in pairs.items():
        claims.append(
            count("samplers", f"{what}: same half", "independent", int(same.sum()), same.size, 0.5)
        )
    return claims
