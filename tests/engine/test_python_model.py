"""Python functions under the same engine."""

import numpy as np
import pytest
import scipy.stats

import rangecast as rc

LAWS = {"a": rc.distributions.Normal(1, 2), "b": rc.distributions.Uniform(1, 2)}
TWIN = """
[inputs.a]
dist = "normal"
mean = 1
sd = 2
[inputs.b]
dist = "uniform"
low = 1
high = 2
[outputs.y]
formula = "a * b"
"""


def test_a_function_gives_what_its_formula_gives():
    model = rc.Model(LAWS, lambda a, b: {"y": a * b})
    own, twin = (rc.simulate(m, scenarios=100_000, seed=5) for m in (model, rc.loads(TWIN)))
    assert own.digest == twin.digest


def test_scipy_objects_and_numbers_are_accepted():
    model = rc.Model({"x": scipy.stats.gamma(2), "k": 3}, lambda x, k: {"y": x * k})
    result = rc.simulate(model, scenarios=50_000)
    assert abs(result.moments_of("y").mean - 6) < 5 * result.moments_of("y").mean_se


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (lambda a, b: {"y": a + np.random.default_rng().normal(size=len(a))}, "E413"),
        (lambda a, b: {"y": a - a.mean()}, "E414"),
        (lambda a, b: {"y": np.sort(a)}, "E414"),
        (lambda a, b: {"y": a[:3]}, "E410"),
        (lambda a, b: a, "E410"),
        (lambda a, b: {"y": 1 / 0}, "E420"),
    ],
)
def test_misbehaving_functions_are_refused(function, code):
    with pytest.raises(rc.ModelError) as caught:
        rc.Model(LAWS, function)
    assert caught.value.problems[0].code == code


def test_a_scipy_law_is_named_alike_in_every_process():
    from scipy import stats

    first, second = (rc.distributions.from_scipy(stats.gamma(2, scale=3)) for _ in range(2))
    assert repr(first) == repr(second) == "ScipyLaw(gamma(2, scale=3))"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"correlations": [("a", "b", 2)]}, "E503] a,b: must lie between -1 and 1; got 2"),
        ({"correlations": [("a", "a", 0.5)]}, "E506] a,a: each pair of two different inputs once"),
        (
            {"correlations": [("a", "b", 0.5), ("b", "a", 0.5)]},
            "E506] b,a: each pair of two different inputs once",
        ),
        (
            {"correlations": [("a", "b", 0.5)], "copula": "gausian"},
            "E510] copula: unknown copula; got gausian; known: gaussian, t, iman-conover; "
            "did you mean 'gaussian'?",
        ),
    ],
)
def test_dependence_in_python_is_refused_as_in_a_file(given, words):
    with pytest.raises(rc.ModelError) as refused:
        rc.Model(LAWS, lambda a, b: {"y": a * b}, **given)
    assert words in str(refused.value)


def test_what_a_function_raises_is_said_and_lack_of_memory_is_not_its_fault():
    def wrong(a, b):
        raise ValueError("no such thing")

    def large(a, b):
        raise MemoryError("too large")

    with pytest.raises(rc.ModelError, match="the function raised ValueError: no such thing"):
        rc.simulate(rc.Model(LAWS, wrong), scenarios=100)
    with pytest.raises(MemoryError, match="too large"):
        rc.simulate(rc.Model(LAWS, large), scenarios=100)
