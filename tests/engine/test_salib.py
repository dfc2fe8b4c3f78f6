"""SALib's problems, in and out."""

import numpy as np
import pytest

import rangecast as rc

PROBLEM = {
    "num_vars": 4,
    "names": ["u", "n", "l", "t"],
    "bounds": [[-1.0, 3.0], [2.0, 0.5], [0.1, 0.7], [1.0, 5.0, 0.25]],
    "dists": ["unif", "norm", "lognorm", "triang"],
}


def total(u, n, l, t):  # noqa: E741
    return {"y": u + n + l + t}


def test_a_problem_comes_back_as_it_went_in():
    model = rc.from_salib(PROBLEM, total)
    assert rc.to_salib(model) == PROBLEM


def test_the_laws_are_those_that_salib_means():
    model = rc.from_salib(PROBLEM, total)
    levels = np.array([0.1, 0.5, 0.9])
    z = np.array([-1.2815515655446004, 0.0, 1.2815515655446004])
    laws = {name: one.law.quantile(levels) for name, one in model.inputs.items()}
    assert laws["u"] == pytest.approx(-1 + 4 * levels)
    assert laws["n"] == pytest.approx(2 + 0.5 * z)
    assert laws["l"] == pytest.approx(np.exp(0.1 + 0.7 * z))
    assert model.inputs["t"].law.mode == 2.0


def test_sobol_of_a_problem():
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 2], [0, 1]]}
    found = rc.sobol(rc.from_salib(problem, lambda a, b: {"y": a + b}), runs=2**14).frame()
    assert found.loc["a"]["S1"] == pytest.approx(0.8, abs=0.01)
    assert list(found.columns) == ["S1", "S1_conf", "ST", "ST_conf"]


def test_other_laws_are_given_by_their_quantile():
    found = rc.to_salib(rc.load("ai-servers"))
    assert found["num_vars"] == len(found["names"]) == len(found["bounds"]) > 25
    place = found["names"].index("training_reuse")
    assert found["bounds"][place] == [0.0, 1.0]
    assert "training_reuse" in found["quantile"]


def test_a_shifted_lognormal_is_none_of_theirs():
    inputs = {
        "a": rc.distributions.Lognormal(0.1, 0.7),
        "b": rc.distributions.Lognormal(0.1, 0.7, 5),
    }
    found = rc.to_salib(rc.Model(inputs, lambda a, b: {"y": a + b}))
    assert found["dists"] == ["lognorm", "unif"]
    assert found["quantile"] == ["b"]


@pytest.mark.parametrize(
    "change",
    [{"dists": ["unif", "norm", "lognorm", "weird"]}, {"names": ["u", "n"]}],
)
def test_wrong_problems_are_refused(change):
    with pytest.raises(rc.SettingsError):
        rc.from_salib({**PROBLEM, **change}, total)


def test_each_name_has_its_group():
    problem = {"names": ["a", "b"], "bounds": [[0, 1], [0, 1]], "groups": ["g"]}
    with pytest.raises(rc.SettingsError) as refused:
        rc.from_salib(problem, lambda a, b: {"y": a + b})
    assert "lists of different lengths; got 2 names, 1 groups" in str(refused.value)


def test_an_input_that_depends_on_another_is_not_known_to_salib():
    text = """
[inputs.kind]
dist = "categorical"
values = ["low", "high"]
weights = [1, 1]
[inputs.x]
dist = "conditional"
on = "kind"
given = [
    {when = "low", dist = "uniform", low = 0, high = 1},
    {when = "high", dist = "uniform", low = 5, high = 9},
]
[outputs.y]
formula = "x"
"""
    with pytest.raises(rc.SettingsError) as refused:
        rc.to_salib(rc.loads(text))
    assert "SALib knows no input that depends on another" in str(refused.value)
