"""Parameters of a model file: what is accepted, and the words of every refusal."""

import math

import pytest
from rangecast.distributions import ParameterError, registry

REFUSED = [
    ("nomral", {}, "E301", "did you mean 'normal'?"),
    ("gaussian", {}, "E301", "did you mean 'normal'?"),
    ("normal", {"mean": 1, "sd": float("nan")}, "E305", "must be finite"),
    ("normal", {"mean": float("inf"), "sd": 1}, "E305", "too large for a 64-bit float"),
    ("normal", {"mean": True, "sd": 1}, "E115", "got a true/false value"),
    ("lognormal", {"p10": "50,000,000", "p90": 3e8}, "E115", "write 50000000 or 5e7"),
    ("lognormal", {"p10": "50,000", "p90": 3e8}, "E115", "write 50000 or 5e4"),
    ("normal", {"mean": "10%", "sd": 0.01}, "E115", "write 0.10"),
    ("normal", {"mean": 0, "sd": 1e308}, "E308", "would overflow"),
    ("lognormal", {"p10": 3e8, "p90": 5e7}, "E304", "p10 must be < p90"),
    ("lognormal", {"p10": -5, "p90": 3e8}, "E303", "must be > 0"),
    ("triangular", {"low": 0, "mode": 5, "high": 1}, "E304", "mode = 5 must lie between low = 0"),
    ("beta", {"a": 0, "b": 1}, "E303", "a: must be > 0"),
    ("poisson", {"mean": 1e20}, "E303", "use a normal"),
    ("bernoulli", {"p": 1.1}, "E303", "between 0 and 1"),
    ("discrete", {"values": [1, 2], "weights": [1.5, -0.5]}, "E307", "weights[1]"),
    (
        "discrete",
        {"values": [1, "two"], "weights": [0.5, 0.5]},
        "E115",
        "values[1]: expected numbers",
    ),
    ("weibull", {"shape": 1e-3, "scale": 1}, "E308", "would overflow"),
    (
        "triangular",
        {"low": 0, "mode": 1, "high": 2, "mu": 1},
        "E302",
        "not a parameter of 'triangular'",
    ),
    ("lognormal", {"p1O": 5e7, "p90": 3e8}, "E113", "did you mean 'p10'?"),
    ("lognormal", {"p10": 5e7}, "E302", "two percentiles such as p10 and p90"),
    ("lognormal", {"p5": 5e7, "p95": 3e8}, "E113", "write p05"),
    ("triangular", {"low": 0, "high": 2}, "E302", "low and mode and high"),
    ("integers", {"low": 0.5, "high": 2}, "E303", "must be a whole number"),
    ("normal", {"mean": 1, "sd": -1}, "E303", "must be 0 or more"),
]


@pytest.mark.parametrize(("dist", "parameters", "code", "words"), REFUSED)
def test_refusals(dist, parameters, code, words):
    found = registry.problems(dist, parameters)
    assert found[0].code == code
    assert words in str(found[0])
    with pytest.raises(ParameterError):
        registry.build(dist, parameters)


def test_a_number_is_not_rounded_in_a_hint():
    found = registry.problems("lognormal", {"p10": "1,234,567.8", "p90": 3e8})
    assert str(found[0]).endswith("write 1234567.8")


def test_every_problem_is_listed():
    found = registry.problems("triangular", {"low": True, "hihg": 1, "mode": float("nan")})
    assert sorted(p.code for p in found) == ["E113", "E115", "E305"]


@pytest.mark.parametrize(
    ("dist", "parameters"),
    [
        ("beta", {"mean": 0.5, "sd": 1e-320}),
        ("inverse_gaussian", {"mean": 1e300, "sd": 3}),
        ("shifted_lognormal", {"mean": 0, "sd": 1e300, "low": -1}),
    ],
)
def test_parameters_too_far_apart_to_compute_with_are_refused(dist, parameters):
    (found,) = registry.problems(dist, parameters)
    assert found.code == "E308"
    assert "too far apart" in str(found)


@pytest.mark.parametrize(
    ("dist", "parameters", "wanted"),
    [
        ("normal", {"mean": math.nan, "sd": -1}, {"mean": "finite", "sd": "0 or more"}),
        ("gamma", {"shape": "much", "scale": -3}, {"shape": "a number", "scale": "> 0"}),
        ("lognormal", {"mean": -1, "sd": -2}, {"mean": "> 0", "sd": "0 or more"}),
        ("binomial", {"n": -1, "p": 2}, {"n": "0 or more", "p": "between 0 and 1"}),
        ("student_t", {"df": math.nan, "loc": 0, "scale": 0}, {"df": "finite", "scale": "> 0"}),
        # what the others must be depends on the one that is no number: nothing is made up
        ("triangular", {"low": math.nan, "mode": 5, "high": 3}, {"low": "finite"}),
        ("beta", {"mean": 3, "sd": 1, "low": math.nan, "high": 4}, {"low": "finite"}),
    ],
)
def test_every_parameter_that_is_wrong_by_itself_is_named(dist, parameters, wanted):
    found = registry.problems(dist, parameters)
    assert {p.parameter for p in found} == set(wanted)
    assert len(found) == len(wanted)
    assert all(wanted[p.parameter] in str(p) for p in found)


@pytest.mark.parametrize(
    ("dist", "parameters", "mean"),
    [
        ("exponential", {"rate": 2}, 0.5),
        ("gamma", {"mean": 1.5, "sd": 0.5}, 1.5),
        ("lognormal", {"mean": 300, "sd": 30}, 300),
        ("normal", {"p10": 10, "p90": 90}, 50),
        ("pert", {"low": 10, "mode": 20, "high": 60, "weight": 2}, 27.5),
        ("beta", {"a": 2, "b": 2, "low": 0, "high": 10}, 5),
    ],
)
def test_ways_to_give_a_law(dist, parameters, mean):
    assert registry.build(dist, parameters).mean == pytest.approx(mean)


def test_calls_are_read():
    assert registry.parse_call("normal(mean=1e5, sd = 1e4)") == ("normal", {"mean": 1e5, "sd": 1e4})
    for text in ("normal", "normal(mean)", "normal(mean=x)", "__import__('os')"):
        with pytest.raises(ParameterError):
            registry.parse_call(text)
