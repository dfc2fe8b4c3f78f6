"""Bad parameters: the whole message and code, as the loader and the command line show them."""

import math
from typing import Any

import pytest
from rangecast.distributions import Lognormal, Normal, ParameterError, Rounded
from rangecast.distributions.registry import FAMILIES, build, describe, parse_call, problems

TWO = "two percentiles such as p10 and p90"
THREE = "three percentiles such as p10, p50 and p90"
LOGNORMAL = (
    f"a lognormal takes mean and sd, or mu and sigma, or {TWO} (a third is compared) "
    "(optional: low)"
)
NORMAL = f"a normal takes mean and sd, or {TWO} (a third is compared)"
TRIANGULAR = f"a triangular takes low and mode and high, or mode and {TWO}, or {THREE}"
JQPD = "use a J-QPD (dist = 'jqpd')"
LAWS = (
    "unknown distribution; known: bernoulli, beta, binomial, discrete, exponential, gamma, "
    "geometric, gev, gumbel, gumbel_min, integers, inverse_gaussian, johnson_su, jqpd, "
    "log_logistic, log_uniform, logistic, logit_normal, lognormal, metalog, mixture, "
    "negative_binomial, normal, pareto, pert, piecewise, poisson, shifted_lognormal, student_t, "
    "trapezoidal, triangular, uniform, weibull, zero_inflated, data, conditional, categorical"
)
INFINITE = "is more than 1e+290 away from the median; narrow it, or use another unit"
TOO_LARGE = "must be finite; perhaps too large for a 64-bit float"
POISSON = (
    "rate too large; the largest allowed is 1e+08; got 1e+20; use a normal with sd = sqrt(mean)"
)
OVERFLOW = "draws would overflow: a share of draws of about"

REFUSED: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("mixture", {}, [("E302", "a mixture takes components; got none")]),
    (
        "mixture",
        {"components": [{"dist": "normal", "mean": 0, "sd": 1, "weight": 2}]},
        [
            (
                "E302",
                "components: needs 2 to 64 components, each with a weight; "
                "got 1 components, 1 weights",
            )
        ],
    ),
    (
        "mixture",
        {"components": [{"dist": "normal", "mean": "a", "sd": 1}, {"dist": "nrmal", "weight": -1}]},
        [
            ("E114", "components[0].weight: missing"),
            ("E115", "components[0].mean: expected a number; got 'a'"),
            ("E307", "components[1].weight: must be above 0; got -1"),
            ("E301", f"components[1].dist: {LAWS}; got nrmal; did you mean 'normal'?"),
        ],
    ),
    (
        "zero_inflated",
        {"zero": 1.5, "of": {"dist": "exponential", "mean": 2}},
        [("E303", "zero: must lie between 0 and 1, both excluded; got 1.5")],
    ),
    (
        "zero_inflated",
        {"zero": 0.5, "of": 3},
        [
            (
                "E115",
                'of: expected a table; got 3; write of = {dist = "lognormal", p10 = 1, p90 = 10}',
            )
        ],
    ),
    (
        "jqpd",
        {"p10": 1, "p90": 3},
        [
            (
                "E302",
                "a jqpd takes three percentiles such as p10, p50 and p90 (optional: low, high); "
                "got p10, p90",
            )
        ],
    ),
    (
        "jqpd",
        {"p10": 1, "p50": 2, "p95": 3},
        [
            (
                "E302",
                "three symmetric percentiles are needed, such as p10, p50 and p90; "
                "got p10, p50, p95",
            )
        ],
    ),
    (
        "metalog",
        {"p10": 1, "p50": 2, "p90": 100},
        [
            (
                "E306",
                "no metalog goes through these percentiles without turning back; got p10 = 1, "
                "p50 = 2, p90 = 100; give fewer percentiles, other bounds, or a J-QPD "
                "(dist = 'jqpd')",
            )
        ],
    ),
    (
        "metalog",
        {"p10": -1, "p90": 3, "low": 0},
        [("E303", "p10: must lie between 0 and inf; got -1")],
    ),
    (
        "binomial",
        {"n": 2.5, "p": 0.5},
        [("E303", "n: must be a whole number; the largest allowed is 1e+12; got 2.5")],
    ),
    (
        "geometric",
        {"p": 1e-6},
        [
            (
                "E303",
                "p: more than 1,000,000 values can occur; got 1e-06; "
                "use an exponential with round = true",
            )
        ],
    ),
    ("geometric", {"p": 0}, [("E303", "p: must be > 0; got 0")]),
    ("gev", {"loc": 0, "scale": 0, "shape": 0}, [("E303", "scale: must be > 0; got 0")]),
    (
        "gumbel",
        {"p10": 3, "p90": 1},
        [("E304", "p10: p10 must be < p90; got p10 = 3, p90 = 1")],
    ),
    ("gumbel_min", {"loc": 0, "scale": -1}, [("E303", "scale: must be > 0; got -1")]),
    ("inverse_gaussian", {"mean": 0, "shape": 1}, [("E303", "mean: must be > 0; got 0")]),
    ("johnson_su", {"gamma": 0, "delta": 0}, [("E303", "delta: must be > 0; got 0")]),
    ("log_logistic", {"p10": 0, "p90": 1}, [("E303", "p10: must be > 0; got 0")]),
    ("log_uniform", {"low": 0, "high": 1}, [("E303", "low: must be > 0; got 0")]),
    (
        "log_uniform",
        {"low": 2, "high": 1},
        [("E304", "low: low must not exceed high; got low = 2, high = 1")],
    ),
    (
        "log_uniform",
        {"p49": 1e-150, "p51": 1e150},
        [("E308", "bounds would overflow; got 1e-150 and 1e+150")],
    ),
    ("logistic", {"loc": 0, "scale": 0}, [("E303", "scale: must be > 0; got 0")]),
    (
        "negative_binomial",
        {"mean": 10, "sd": 3},
        [
            (
                "E304",
                "sd: the variance must exceed the mean; got mean 10, variance 9; "
                "use poisson or binomial",
            )
        ],
    ),
    (
        "negative_binomial",
        {"mean": 1e7, "sd": 1e7},
        [
            (
                "E303",
                "p: more than 1,000,000 values can occur; got mean 1e+07; "
                "use a gamma with round = true",
            )
        ],
    ),
    (
        "piecewise",
        {"values": [0, 1, 5], "levels": [0, 1]},
        [
            (
                "E302",
                "levels: values and levels must be as many, two or more; got 3 values, 2 levels",
            )
        ],
    ),
    (
        "piecewise",
        {"values": [0, 5, 5], "levels": [0, 0.5, 1]},
        [("E304", "values[2]: must ascend; got 5, 5")],
    ),
    (
        "piecewise",
        {"values": [0, 5], "levels": [0.1, 1]},
        [("E303", "levels: must begin at 0 and end at 1; got 0.1 to 1")],
    ),
    ("pareto", {"shape": 0, "scale": 1}, [("E303", "shape: must be > 0; got 0")]),
    (
        "student_t",
        {"df": 2, "mean": 0, "sd": 1},
        [("E303", "df: must be above 2 for a standard deviation to exist; got 2")],
    ),
    (
        "trapezoidal",
        {"low": 0, "mode_low": 2, "mode_high": 1, "high": 3},
        [
            (
                "E304",
                "mode_low: mode_low must not exceed mode_high; got mode_low = 2, mode_high = 1",
            )
        ],
    ),
    ("normal", {"mean": math.inf, "sd": 1}, [("E305", f"mean: {TOO_LARGE}; got inf")]),
    ("normal", {"mean": -math.inf, "sd": 1}, [("E305", f"mean: {TOO_LARGE}; got -inf")]),
    (
        "normal",
        {"mean": 10**400, "sd": 1},
        [
            (
                "E305",
                "mean: too large for a 64-bit float; got 1000000000000000000000000000000000000000",
            )
        ],
    ),
    ("normal", {"mean": 1, "sd": math.nan}, [("E305", "sd: must be finite; got nan")]),
    (
        "normal",
        {"mean": True, "sd": 1},
        [("E115", "mean: expected a number; got a true/false value")],
    ),
    (
        "lognormal",
        {"p10": "50,000,000", "p90": 300000000.0},
        [("E115", "p10: expected a number; got '50,000,000'; write 50000000 or 5e7")],
    ),
    (
        "normal",
        {"mean": "10%", "sd": 0.01},
        [("E115", "mean: expected a number; got '10%'; write 0.10")],
    ),
    (
        "normal",
        {"mean": "2,5", "sd": 0.01},
        [("E115", "mean: expected a number; got '2,5'; write 2.5")],
    ),
    ("normal", {"mean": 0, "sd": 1e308}, [("E308", f"{OVERFLOW} 0.5 {INFINITE}")]),
    (
        "lognormal",
        {"p10": 300000000.0, "p90": 50000000.0},
        [("E304", "p10: p10 must be < p90; got p10 = 3e+08, p90 = 5e+07")],
    ),
    ("lognormal", {"p10": -5, "p90": 300000000.0}, [("E303", "p10: must be > 0; got -5")]),
    ("lognormal", {"p10": 0, "p90": 300000000.0}, [("E303", "p10: must be > 0; got 0")]),
    ("weibull", {"p10": -5, "p90": 300000000.0}, [("E303", "p10: must be > 0; got -5")]),
    (
        "logit_normal",
        {"p10": 0.2, "p90": 1.0},
        [("E303", "p90: must lie strictly between 0 and 1; got 1")],
    ),
    (
        "triangular",
        {"low": 0, "mode": 5, "high": 1},
        [("E304", "mode: mode = 5 must lie between low = 0 and high = 1")],
    ),
    (
        "pert",
        {"low": 2, "mode": 1, "high": 1},
        [("E304", "low: low must not exceed high; got low = 2, high = 1")],
    ),
    (
        "uniform",
        {"low": 2, "high": 1},
        [("E304", "low: low must not exceed high; got low = 2, high = 1")],
    ),
    ("beta", {"a": 0, "b": 1}, [("E303", "a: must be > 0; got 0")]),
    ("poisson", {"mean": 1e20}, [("E303", f"mean: {POISSON}")]),
    ("poisson", {"mean": -1}, [("E303", "mean: must be 0 or more; got -1")]),
    ("bernoulli", {"p": 1.1}, [("E303", "p: must lie between 0 and 1; got 1.1")]),
    (
        "discrete",
        {"values": [1, 2], "weights": [1.5, -0.5]},
        [("E307", "weights[1]: must be 0 or more; got -0.5")],
    ),
    ("discrete", {"values": [1, 2], "weights": [0, 0]}, [("E307", "weights: must not all be 0")]),
    (
        "discrete",
        {"values": [1, 2], "weights": [1]},
        [("E302", "weights: must be as many as values; got 2 values and 1 weights")],
    ),
    ("discrete", {"values": [], "weights": []}, [("E302", "values: must list at least one value")]),
    (
        "discrete",
        {"values": [1, "two"], "weights": [0.5, 0.5]},
        [("E115", "values[1]: expected numbers; got 'two'")],
    ),
    (
        "discrete",
        {"values": [1, math.nan], "weights": [0.5, 0.5]},
        [("E305", "values[1]: must be finite; got nan")],
    ),
    (
        "discrete",
        {"values": [1, 2], "weights": [math.inf, 0.5]},
        [("E305", f"weights[0]: {TOO_LARGE}; got inf")],
    ),
    (
        "discrete",
        {"values": [1, 2], "weights": [math.nan, 0.5]},
        [("E305", "weights[0]: must be finite; got nan")],
    ),
    (
        "discrete",
        {"values": 3, "weights": [1]},
        [("E115", "values: expected a list of numbers; got 3")],
    ),
    (
        "discrete",
        {"values": [1, True], "weights": [0.5, 0.5]},
        [("E115", "values[1]: expected numbers; got True")],
    ),
    ("weibull", {"shape": 0.001, "scale": 1}, [("E308", f"{OVERFLOW} 0.12 {INFINITE}")]),
    (
        "triangular",
        {"low": 0, "mode": 1, "high": 2, "mu": 1},
        [("E302", f"mu: not a parameter of 'triangular'; {TRIANGULAR}")],
    ),
    (
        "lognormal",
        {"p1O": 50000000.0, "p90": 300000000.0},
        [("E113", f"p1O: unknown key; {LOGNORMAL}; did you mean 'p10'?")],
    ),
    (
        "lognormal",
        {"p5": 50000000.0, "p90": 300000000.0},
        [("E113", f"p5: unknown key; {LOGNORMAL}; write p05")],
    ),
    ("normal", {"mean": 1}, [("E302", f"{NORMAL}; got mean")]),
    ("normal", {}, [("E302", f"{NORMAL}; got none")]),
    ("lognormal", {"mean": 1, "sigma": 2}, [("E302", f"{LOGNORMAL}; got mean, sigma")]),
    ("lognormal", {"p10": 1, "p90": 2, "mu": 3}, [("E302", f"{LOGNORMAL}; got p10, p90, mu")]),
    (
        "lognormal",
        {"p10": 1, "p20": 2, "p50": 3, "p90": 4},
        [("E302", f"{LOGNORMAL}; got p10, p20, p50, p90")],
    ),
    (
        "lognormal",
        {"p10": 10, "p50": 9, "p90": 40},
        [("E304", "p10: p10 must be < p50; got p10 = 10, p50 = 9")],
    ),
    ("lognormal", {"p10": 10, "p90": 40, "low": 12}, [("E303", "p10: must be > 12; got 10")]),
    ("lognormal", {"mean": 10, "sd": 4, "low": 12}, [("E303", "mean: must be > 12; got 10")]),
    (
        "shifted_lognormal",
        {"p10": 10, "p50": 38, "p90": 40},
        [
            (
                "E306",
                "p50: a shifted lognormal with p10 = 10 and p90 = 40 has its p50 between 10 and "
                f"24.9997, 0 to 50 % of the way; got 38, 93.3 %; {JQPD}",
            )
        ],
    ),
    (
        "shifted_lognormal",
        {"p10": 10, "p90": 40},
        [
            (
                "E302",
                "a shifted_lognormal takes mean and sd and low, or mu and sigma and low, or "
                f"{THREE}; got p10, p90",
            )
        ],
    ),
    (
        "beta",
        {"mean": 0.3, "sd": 0.9},
        [("E303", "sd: must be < 0.458258 with this mean between these bounds; got 0.9")],
    ),
    ("beta", {"mean": 1.3, "sd": 0.1}, [("E303", "mean: must lie between 0 and 1; got 1.3")]),
    ("beta", {"p10": 0.2, "p90": 1.2}, [("E303", "p90: must lie between 0 and 1; got 1.2")]),
    (
        "beta",
        {"p10": 0.2, "p90": 0.6, "low": 1, "high": 0},
        [("E304", "low: low must be < high; got low = 1, high = 0")],
    ),
    (
        "beta",
        {"p10": 0.9, "p90": 0.2},
        [("E304", "p10: p10 must be < p90; got p10 = 0.9, p90 = 0.2")],
    ),
    (
        "exponential",
        {"p10": 1, "p90": 2},
        [
            (
                "E302",
                "an exponential takes mean, or rate, or one percentile such as p50; got p10, p90",
            )
        ],
    ),
    ("exponential", {"p50": -1}, [("E303", "p50: must be > 0; got -1")]),
    ("gamma", {"p10": -1, "p90": 2}, [("E303", "p10: must be > 0; got -1")]),
    ("gamma", {"p10": 3, "p90": 2}, [("E304", "p10: p10 must be < p90; got p10 = 3, p90 = 2")]),
    (
        "gamma",
        {"p10": 1, "p90": 1 + 1e-12},
        [
            (
                "E306",
                "a gamma through these percentiles is beyond what numbers of 64 bits can hold; "
                "got 1.0, 1.000000000001",
            )
        ],
    ),
    (
        "log_logistic",
        {"p06": 1, "p07": 1e20},
        [
            (
                "E306",
                "a log_logistic through these percentiles is beyond what numbers of 64 bits can "
                "hold; got 1.0, 1e+20",
            )
        ],
    ),
    (
        "gev",
        {"p10": 1, "p90": 2},
        [("E302", f"a gev takes loc and scale and shape, or {THREE}; got p10, p90")],
    ),
    (
        "gev",
        {"p10": 1, "p50": 1, "p90": 2},
        [("E304", "p10: p10 must be < p50; got p10 = 1, p50 = 1")],
    ),
    (
        "inverse_gaussian",
        {"p10": 1, "p90": 200},
        [
            (
                "E306",
                "p90: is at most 171.3 times p10 in an inverse_gaussian; got 200 times; "
                "use a lognormal, which has no such limit",
            )
        ],
    ),
    ("inverse_gaussian", {"p10": 0, "p90": 2}, [("E303", "p10: must be > 0; got 0")]),
    (
        "johnson_su",
        {"p10": 1, "p50": 2, "p90": 3},
        [
            (
                "E302",
                f"a johnson_su takes gamma and delta, or delta and {THREE} (optional: loc, "
                "scale); got p10, p50, p90",
            )
        ],
    ),
    (
        "johnson_su",
        {"p10": 1, "p50": 2, "p90": 30, "delta": 2},
        [
            (
                "E306",
                "p50: a johnson_su of delta 2 with p10 = 1 and p90 = 30 has its p50 between "
                f"11.0071 and 19.9929, 34.5 to 65.5 % of the way; got 2, 3.45 %; {JQPD}",
            )
        ],
    ),
    (
        "johnson_su",
        {"p10": 1, "p50": 2, "p90": 3, "delta": 0},
        [("E303", "delta: must be > 0.05; got 0")],
    ),
    (
        "pert",
        {"p10": 10, "mode": 45, "p90": 40},
        [
            (
                "E306",
                "mode: a pert with p10 = 10 and p90 = 40 has its mode between 8.20343 and "
                f"41.7966, -5.99 to 106 % of the way; got 45, 117 %; {JQPD}",
            )
        ],
    ),
    (
        "pert",
        {"p10": 10, "p50": 38, "p90": 40},
        [
            (
                "E306",
                "p50: a pert with p10 = 10 and p90 = 40 has its p50 between 19.3567 and 30.6433, "
                f"31.2 to 68.8 % of the way; got 38, 93.3 %; {JQPD}",
            )
        ],
    ),
    (
        "pert",
        {"p10": 10, "p50": 20, "p90": 40, "weight": 0},
        [("E303", "weight: must be > 0; got 0")],
    ),
    (
        "pert",
        {"p10": 10, "p90": 40},
        [
            (
                "E302",
                f"a pert takes low and mode and high, or mode and {TWO}, or {THREE} (optional: "
                "weight); got p10, p90",
            )
        ],
    ),
    (
        "student_t",
        {"p10": 10, "p90": 40},
        [
            (
                "E302",
                f"a student_t takes df, or df and mean and sd, or df and {TWO} (a third is "
                "compared) (optional: loc, scale); got p10, p90",
            )
        ],
    ),
    ("student_t", {"p10": 10, "p90": 40, "df": 0}, [("E303", "df: must be > 0; got 0")]),
    (
        "triangular",
        {"p10": 10, "p50": 38, "p90": 40},
        [
            (
                "E306",
                "p50: a triangular with p10 = 10 and p90 = 40 has its p50 between 21.459 and "
                f"28.541, 38.2 to 61.8 % of the way; got 38, 93.3 %; {JQPD}",
            )
        ],
    ),
    (
        "triangular",
        {"p10": 10, "mode": 60, "p90": 40},
        [
            (
                "E306",
                "mode: a triangular with p10 = 10 and p90 = 40 has its mode between 7.56584 and "
                f"42.4342, -8.11 to 108 % of the way; got 60, 167 %; {JQPD}",
            )
        ],
    ),
    (
        "uniform",
        {"p10": 40, "p90": 10},
        [("E304", "p10: p10 must be < p90; got p10 = 40, p90 = 10")],
    ),
    (
        "uniform",
        {"low": 1, "p90": 10},
        [("E302", f"a uniform takes low and high, or {TWO} (a third is compared); got low, p90")],
    ),
    ("lognormal", {"p10": 1}, [("E302", f"{LOGNORMAL}; got p10")]),
    ("gauss", {}, [("E301", f"dist: {LAWS}; got gauss; did you mean 'normal'?")]),
    ("Normal", {}, [("E301", f"dist: {LAWS}; got Normal; did you mean 'normal'?")]),
    ("zzz", {}, [("E301", f"dist: {LAWS}; got zzz")]),
    (
        "integers",
        {"low": 1.5, "high": 3},
        [("E303", "low: must be a whole number below 2^53; got 1.5")],
    ),
    (
        "integers",
        {"low": 1, "high": 1e17},
        [("E303", "high: must be a whole number below 2^53; got 1e+17")],
    ),
    ("gamma", {"shape": -1, "scale": 1}, [("E303", "shape: must be > 0; got -1")]),
    ("exponential", {"rate": 0}, [("E303", "rate: must be > 0; got 0")]),
    (
        "pert",
        {"low": 0, "mode": 1, "high": 2, "weight": 0},
        [("E303", "weight: must be > 0; got 0")],
    ),
    ("lognormal", {"mu": 0, "sigma": -1}, [("E303", "sigma: must be 0 or more; got -1")]),
    ("uniform", {"low": -1.7e308, "high": 1.7e308}, [("E308", f"{OVERFLOW} 1 {INFINITE}")]),
    ("lognormal", {"mean": 1e-200, "sd": 1e200}, [("E305", "mu: must be finite; got -inf")]),
    ("lognormal", {"p10": 5e-324, "p90": 1e308}, [("E308", f"{OVERFLOW} 0.062 {INFINITE}")]),
    ("exponential", {"rate": 5e-324}, [("E305", "mean: must be finite; got inf")]),
    ("gamma", {"mean": 1e-200, "sd": 1e200}, [("E305", "scale: must be finite; got inf")]),
    ("normal", {"p10": -1.7e308, "p90": 1.7e308}, [("E305", "mean: must be finite; got inf")]),
    ("normal", {"mean": [1], "sd": 1}, [("E115", "mean: expected a number; got [1]")]),
    ("normal", {"mean": None, "sd": 1}, [("E115", "mean: expected a number; got None")]),
    (
        "discrete",
        {"values": ["1"], "weights": ["x"]},
        [
            ("E115", "values[0]: expected numbers; got '1'"),
            ("E115", "weights[0]: expected numbers; got 'x'"),
        ],
    ),
    ("beta", {"a": 1e308, "b": 1e308}, [("E308", f"{OVERFLOW} 1 {INFINITE}")]),
    (
        "beta",
        {"a": 1, "b": 1, "low": -1.7e308, "high": 1.7e308},
        [("E308", f"{OVERFLOW} 1 {INFINITE}")],
    ),
    (
        "normal",
        {"mean": 1, "sd": 1, "low": 2, "hihg": 3},
        [
            ("E302", f"low: not a parameter of 'normal'; {NORMAL}"),
            ("E113", f"hihg: unknown key; {NORMAL}"),
        ],
    ),
]


@pytest.mark.parametrize(("dist", "parameters", "wanted"), REFUSED)
def test_whole_messages(
    dist: str, parameters: dict[str, Any], wanted: list[tuple[str, str]]
) -> None:
    assert [(p.code, str(p)) for p in problems(dist, parameters)] == wanted
    with pytest.raises(ParameterError) as refused:
        build(dist, parameters)
    assert (refused.value.code, str(refused.value)) == wanted[0]


def codes(dist: str, parameters: dict[str, Any]) -> list[str]:
    return [p.code for p in problems(dist, parameters)]


@pytest.mark.parametrize("text", [",", "1.2.3%", "1.%.", "abc%", "%", "1,2.3,4"])
def test_text_that_only_looks_like_a_number_is_refused_not_a_crash(text: str) -> None:
    assert codes("normal", {"mean": text, "sd": 1}) == ["E115"]


def test_weights_whose_sum_overflows_are_refused_not_a_crash() -> None:
    found = codes("discrete", {"values": [1, 2], "weights": [1.7e308, 1.7e308]})
    assert set(found) <= {"E305", "E307", "E308"}


@pytest.mark.parametrize("dist", ["normal", "lognormal", "weibull", "logit_normal"])
def test_the_zeroth_percentile_is_refused_without_a_warning(dist: str) -> None:
    assert codes(dist, {"p00": 0.1, "p90": 0.2}) != []


def test_a_misspelt_law_is_recognised() -> None:
    (found,) = problems("gausian", {})
    assert found.code == "E301"
    (other,) = problems("lognorml", {"p10": 1, "p90": 2})
    assert other.hint == "did you mean 'lognormal'?"


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("gaussian", "normal"),
        ("gauss", "normal"),
        ("log-normal", "lognormal"),
        ("randint", "integers"),
        ("binary", "bernoulli"),
        ("triangle", "triangular"),
        ("choice", "discrete"),
        ("LOGNORMAL", "lognormal"),
    ],
)
def test_other_names_lead_to_ours(alias: str, name: str) -> None:
    (found,) = problems(alias, {})
    assert (found.code, found.parameter, found.got) == ("E301", "dist", alias)
    assert found.hint == f"did you mean '{name}'?"


def test_everything_wrong_is_said_at_once() -> None:
    found = problems("normal", {"mean": True, "sd": math.nan, "low": 1, "hihg": 2})
    assert [(p.code, p.parameter) for p in found] == [
        ("E302", "low"),
        ("E113", "hihg"),
        ("E115", "mean"),
        ("E305", "sd"),
    ]


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("mixture", {"components": [{"dist": "normal", "mean": 0, "sd": 1, "weight": 2}] * 2}),
    ("zero_inflated", {"zero": 0.5, "of": {"dist": "poisson", "mean": 2}}),
    ("beta", {"mean": 0.3, "sd": 0.1}),
    ("beta", {"p10": 0.2, "p90": 0.6}),
    ("beta", {"p10": 2, "p50": 5, "p90": 6, "low": 1, "high": 10}),
    ("exponential", {"p50": 3}),
    ("gamma", {"p10": 1, "p90": 5}),
    ("gev", {"p10": 1, "p50": 2, "p90": 5}),
    ("inverse_gaussian", {"p10": 1, "p50": 2, "p90": 5}),
    ("johnson_su", {"p10": 1, "p50": 2.5, "p90": 5, "delta": 1.5}),
    ("lognormal", {"p10": 11, "p90": 15, "low": 10}),
    ("lognormal", {"mean": 11, "sd": 3, "low": 10}),
    ("lognormal", {"mu": 1, "sigma": 0.5, "low": -3}),
    ("lognormal", {"p10": 11, "p50": 13, "p90": 15}),
    ("pert", {"p10": 10, "mode": 20, "p90": 40}),
    ("pert", {"p10": 10, "p50": 22, "p90": 40, "weight": 3}),
    ("shifted_lognormal", {"p10": 11, "p50": 13, "p90": 19}),
    ("shifted_lognormal", {"mu": 1, "sigma": 0.5, "low": -3}),
    ("student_t", {"p10": 1, "p90": 5, "df": 3}),
    ("triangular", {"p10": 10, "mode": 20, "p90": 40}),
    ("triangular", {"p10": 10, "p50": 22, "p90": 40}),
    ("uniform", {"p10": 10, "p90": 40}),
    ("bernoulli", {"p": 0.0}),
    ("beta", {"a": 1, "b": 2}),
    ("beta", {"a": 1, "b": 2, "low": 1}),
    ("discrete", {"values": [1, 2], "weights": [0, 1]}),
    ("exponential", {"rate": 2}),
    ("gamma", {"mean": 2, "sd": 1}),
    ("integers", {"low": 1, "high": 1}),
    ("logit_normal", {"p05": 0.1, "p95": 0.9}),
    ("lognormal", {"mean": 2, "sd": 0}),
    ("lognormal", {"p10": 1, "p50": 2}),
    ("normal", {"mean": -0.0, "sd": 1}),
    ("normal", {"mean": 0, "sd": 5e-324}),
    ("normal", {"p01": -1, "p99": 1}),
    ("pert", {"low": 0, "mode": 0, "high": 0}),
    ("pert", {"low": 0, "mode": 1, "high": 2, "weight": 2}),
    ("poisson", {"mean": 0}),
    ("triangular", {"low": 0, "mode": 2, "high": 2}),
    ("uniform", {"low": 1, "high": 1}),
    ("weibull", {"p10": 500, "p90": 3000}),
    ("jqpd", {"p10": 1, "p50": 2, "p90": 30}),
    ("jqpd", {"p05": 1, "p50": 2, "p95": 30, "low": -5, "high": 40}),
    ("metalog", {"p10": 1, "p90": 3}),
    ("metalog", {"p10": 1, "p25": 2, "p50": 3, "p75": 5, "p90": 8, "low": 0}),
    ("piecewise", {"values": [0, 1, 5], "levels": [0, 0.5, 1]}),
    ("binomial", {"n": 10, "p": 0.3}),
    ("binomial", {"n": 0, "p": 1}),
    ("geometric", {"p": 1}),
    ("gev", {"loc": 0, "scale": 1, "shape": -0.5}),
    ("gumbel", {"p10": 1, "p90": 3}),
    ("gumbel_min", {"loc": 0, "scale": 1}),
    ("inverse_gaussian", {"mean": 2, "sd": 1}),
    ("johnson_su", {"gamma": 0, "delta": 2}),
    ("log_logistic", {"p10": 1, "p90": 3}),
    ("log_uniform", {"low": 1, "high": 1}),
    ("log_uniform", {"p05": 2, "p95": 200}),
    ("logistic", {"p10": 1, "p90": 3}),
    ("negative_binomial", {"mean": 10, "sd": 5}),
    ("pareto", {"shape": 2, "scale": 1}),
    ("student_t", {"df": 3, "mean": 0, "sd": 1}),
    ("student_t", {"df": 3, "loc": 1}),
    ("trapezoidal", {"low": 0, "mode_low": 0, "mode_high": 1, "high": 1}),
]


@pytest.mark.parametrize(("dist", "parameters"), GOOD)
def test_good_parameters(dist: str, parameters: dict[str, Any]) -> None:
    assert problems(dist, parameters) == []
    law = build(dist, parameters)
    assert math.isfinite(law.mean)


def test_every_family_is_tried() -> None:
    assert {dist for dist, _ in GOOD} == set(FAMILIES)
    assert {dist for dist, _, _ in REFUSED} >= set(FAMILIES)


def test_integers_of_the_file_become_floats() -> None:
    law = build("normal", {"mean": 10**300, "sd": 1})
    assert law.mean == 1e300
    assert build("normal", {"mean": 3, "sd": 1}) == Normal(3.0, 1.0)


def test_percentiles_may_stand_in_any_order() -> None:
    one = build("lognormal", {"p90": 200, "p10": 100})
    assert one == Lognormal.from_percentiles({0.1: 100.0, 0.9: 200.0})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("normal(mean=1e5, sd=1e4)", ("normal", {"mean": 1e5, "sd": 1e4})),
        (" normal ( mean = 1 ) ", ("normal", {"mean": 1.0})),
        ("normal()", ("normal", {})),
        (
            "discrete(values=[1, 2], weights=[0.5,0.5])",
            ("discrete", {"values": [1.0, 2.0], "weights": [0.5, 0.5]}),
        ),
        ("log-normal(p10=1)", ("log-normal", {"p10": 1.0})),
        ("normal(mean=-1,sd=.5)", ("normal", {"mean": -1.0, "sd": 0.5})),
    ],
)
def test_calls(text: str, wanted: tuple[str, dict[str, Any]]) -> None:
    assert parse_call(text) == wanted


EXAMPLE = "write for example normal(mean=100, sd=10)"
PAIRS = "parameters are written name=value, separated by commas"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("", "E302", f"not a number or a distribution; {EXAMPLE}"),
        ("normal", "E302", f"not a number or a distribution; got normal; {EXAMPLE}"),
        ("5", "E302", f"not a number or a distribution; got 5; {EXAMPLE}"),
        ("normal(1,2)", "E302", f"{PAIRS}; got 1,2"),
        ("normal(mean=1,,sd=2)", "E302", f"{PAIRS}; got ,sd=2"),
        ("discrete(values=[1,[2]])", "E302", f"{PAIRS}; got values=[1,[2]]"),
        ("normal(mean=a)", "E115", "mean: expected a number; got a"),
        ("normal(mean=1 sd=2)", "E115", "mean: expected a number; got 1 sd=2"),
        ("discrete(values=[a])", "E115", "values: expected a number; got a"),
    ],
)
def test_bad_calls(text: str, code: str, message: str) -> None:
    with pytest.raises(ParameterError) as refused:
        parse_call(text)
    assert (refused.value.code, str(refused.value)) == (code, message)


def test_describe() -> None:
    assert describe("lognormal", {"p10": 90, "p90": 1e7}) == "lognormal(p10=90, p90=1e+07)"
    values = describe("discrete", {"values": [1, 2], "weights": [0.5, 0.5]})
    assert values == "discrete(values=[1, 2], weights=[0.5, 0.5])"


def test_a_rounded_law_is_built_from_the_plain_one() -> None:
    assert Rounded(build("normal", {"mean": 3, "sd": 0})).mean == 3.0
