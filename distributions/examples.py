"""One example of every family: for the page of distributions, measurements and tests."""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions import registry
from rangecast.distributions.protocol import Distribution

EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "bernoulli": {"p": 0.3},
    "beta": {"a": 2, "b": 5},
    "binomial": {"n": 10, "p": 0.3},
    "discrete": {"values": [1, 2, 5], "weights": [2, 1, 1]},
    "exponential": {"mean": 2},
    "gamma": {"shape": 2.5, "scale": 3},
    "geometric": {"p": 0.2},
    "gev": {"loc": 10, "scale": 2, "shape": 0.2},
    "gumbel": {"loc": 10, "scale": 2},
    "gumbel_min": {"loc": 10, "scale": 2},
    "integers": {"low": 1, "high": 6},
    "inverse_gaussian": {"mean": 2, "sd": 1},
    "johnson_su": {"gamma": -1, "delta": 1.5},
    "jqpd": {"p10": 10, "p50": 25, "p90": 60},
    "log_logistic": {"p10": 10, "p90": 60},
    "log_uniform": {"low": 1, "high": 100},
    "logistic": {"p10": 10, "p90": 30},
    "logit_normal": {"p10": 0.3, "p90": 0.8},
    "lognormal": {"p10": 10, "p90": 60},
    "metalog": {"p10": 10, "p25": 15, "p50": 25, "p75": 40, "p90": 60},
    "mixture": {
        "components": [
            {"dist": "lognormal", "p10": 10, "p90": 60, "weight": 0.9},
            {"dist": "lognormal", "p10": 200, "p90": 900, "weight": 0.1},
        ]
    },
    "negative_binomial": {"mean": 5, "sd": 4},
    "normal": {"p10": 10, "p90": 30},
    "pareto": {"shape": 2.5, "scale": 10},
    "pert": {"low": 10, "mode": 15, "high": 40},
    "piecewise": {"values": [10, 20, 25, 40], "levels": [0, 0.3, 0.8, 1]},
    "poisson": {"mean": 4},
    "shifted_lognormal": {"p10": 10, "p50": 20, "p90": 60},
    "student_t": {"df": 3, "loc": 20, "scale": 5},
    "trapezoidal": {"low": 10, "mode_low": 15, "mode_high": 25, "high": 40},
    "triangular": {"low": 10, "mode": 15, "high": 40},
    "uniform": {"low": 10, "high": 40},
    "weibull": {"p10": 500, "p90": 3000},
    "zero_inflated": {"zero": 0.3, "of": {"dist": "gamma", "shape": 2, "scale": 5}},
}


def law_of(name: str) -> Distribution:
    """Law of a family's example.

    Examples
    --------
    >>> law_of("uniform").support
    (10.0, 40.0)
    """
    return registry.build(name, EXAMPLES[name])
