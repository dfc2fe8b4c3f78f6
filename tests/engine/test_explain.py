"""Explanations, stress and goal seek against closed forms."""

import json
import math
import sys

import inprocess
import numpy as np
import pytest
from rangecast.engine.explain import explain, explanation_dict

import rangecast as rc

LAWS = rc.distributions
LOG = '[inputs.{0}]\ndist = "lognormal"\np10 = 1\np90 = 10\nbase = 2\n'
PRODUCT = LOG.format("a") + LOG.format("b") + '[outputs.y]\nformula = "a * b"\n'
Z10 = 1.2815515655446004
SIGMA = math.log(10) / 2 / Z10


def test_the_steps_of_a_product_of_lognormals():
    """All five values are known; 5 standard errors of the run: 1 false alarm in 500,000 each."""
    rho = 0.5
    pair = (
        f'[[correlations]]\nbetween = ["a", "b"]\nspearman = {6 / math.pi * math.asin(rho / 2)}\n'
    )
    result = rc.simulate(rc.loads(PRODUCT + pair), scenarios=200_000)
    found = explain(result, "y")
    values = {step.name: step for step in found.steps}
    assert values["base"].value == 4
    assert values["medians"].value == pytest.approx(10)
    assert found.runs == 200_000
    for name, r in (("independent", 0.0), ("median", rho)):
        error = 10 * SIGMA * math.sqrt(2 + 2 * r) * math.sqrt(math.pi / 2 / 200_000)
        assert values[name].value == pytest.approx(10, abs=5 * error)
        assert values[name].ci_low <= values[name].value <= values[name].ci_high
    assert values["mean"].value == result.moments_of("y").mean
    assert sum(step.change for step in found.steps[1:]) == pytest.approx(
        values["mean"].value - values["base"].value
    )


def test_a_sum_has_no_jensen_gap_but_a_maximum_has():
    text = PRODUCT.replace("a * b", "max(a, b)")
    found = {s.name: s for s in explain(rc.simulate(rc.loads(text), scenarios=100_000), "y").steps}
    exact = math.exp(math.log(10) / 2 + SIGMA * 0.5449521356173604)  # P50 of the larger: Φ(z)² = ½
    assert found["medians"].value == pytest.approx(math.sqrt(10))
    assert found["independent"].value == pytest.approx(exact, rel=0.02)
    assert found["independent"] == found["median"].__class__(
        "independent", *list(vars(found["independent"]).values())[1:]
    )
    assert found["median"].change == 0  # no correlations: no further run


def test_knowing_an_input_narrows_the_range_as_it_should():
    """log y is a sum of two normals, 3 and 1: knowing the first leaves 1/√10 of the width."""
    text = (
        '[inputs.a]\ndist = "normal"\nmean = 0\nsd = 3\n[inputs.b]\ndist = "normal"\nmean = 0\n'
        'sd = 1\n[outputs.y]\nformula = "{}"\n'
    )
    for formula, log in (("a + b", False), ("exp(a + b)", True)):
        found = explain(rc.simulate(rc.loads(text.format(formula)), scenarios=400_000), "y")
        assert found.log == log
        narrower = {one.input: one for one in found.learned}
        assert found.learned[0].input == "a"
        # twenty slices leave some of a's own width: sd inside a slice is about 3 × 0.12
        assert narrower["a"].narrower == pytest.approx(1 - 1 / math.sqrt(10), abs=0.05)
        assert narrower["b"].narrower == pytest.approx(1 - 3 / math.sqrt(10), abs=0.02)
        assert narrower["a"].ci_low <= narrower["a"].narrower <= narrower["a"].ci_high


@pytest.mark.nightly
def test_an_explanation_is_printed_and_drawn(tmp_path):
    result = rc.simulate(rc.load("ai-servers"), scenarios=4_000, case="exante+token")
    found = explain(result, "servers")
    lines = rc.reports.explanation_lines(result, found)
    assert any("correlation" in line and "-" in line for line in lines)
    ax = rc.reports.waterfall(result, found)
    assert len(ax.get_yticklabels()) == 5
    assert explanation_dict(found)["steps"][0]["name"] == "base"
    command = [sys.executable, "-m", "rangecast", "run", "ai-servers", "-n", "2e3", "--explain"]
    line = [*command, "-q", "--out", str(tmp_path)]
    shown = inprocess.run(line, capture_output=True, text=True, check=True).stdout
    assert "Worth knowing" in shown
    assert "every input at its median" in shown
    assert shown.count("Where the variance of ranks comes from") == 1
    quiet = inprocess.run([*command, "-q", "--json"], capture_output=True, text=True, check=True)
    assert json.loads(quiet.stdout)["explanation"]["steps"][3]["name"] == "median"
    assert (tmp_path / "waterfall_servers.png").stat().st_size > 10_000
    assert json.loads((tmp_path / "explanation_servers.json").read_text())["log"] is True


@pytest.mark.parametrize("n", [50_000, 300_000])
def test_stress_conditions_on_a_part_of_an_input(n):
    """y = a + e with a in its top tenth: bands of U(0.9, 1) + U(−0.1, 0.1); 5 standard errors."""
    model = rc.Model(
        {"a": LAWS.Uniform(0, 1), "e": LAWS.Uniform(-0.1, 0.1)}, lambda a, e: {"y": a + e}
    )
    table = rc.simulate(model, scenarios=n).stress("y", "a", 0.9, 1.0).set_index("quantile")
    rng = np.random.default_rng(1)
    draws = rng.uniform(0.9, 1, 10**6) + rng.uniform(-0.1, 0.1, 10**6)
    for p in (0.05, 0.5, 0.95):
        error = math.sqrt(p * (1 - p) / (n / 10)) * 0.2 + 1e-3  # density of at least 5 inside
        assert table.loc[p]["value"] == pytest.approx(np.quantile(draws, p), abs=5 * error)
        assert table.loc[p]["ci_low"] <= table.loc[p]["value"] <= table.loc[p]["ci_high"]
    assert table.loc[0.5]["from"] == pytest.approx(0.9)
    assert table.loc[0.5]["n_used"] == pytest.approx(n / 10, rel=0.05)


def test_stress_refuses_what_it_cannot_do():
    model = rc.Model({"a": LAWS.Uniform(0, 1)}, lambda a: {"y": a})
    result = rc.simulate(model, scenarios=1000)
    for arguments in (("y", "b"), ("y", "a", 0.9, 0.5), ("z", "a")):
        with pytest.raises(rc.SettingsError):
            result.stress(*arguments)


@pytest.mark.nightly
def test_seek_finds_the_value_that_brings_the_chance():
    """P(a + b < 1.2) = 0.9 with b uniform: a = 0.3.

    The chance of 30,000 scenarios has a standard error of 0.0017 (0.0029 at one half), and so has
    the value found; 5 of them.
    """
    model = rc.Model({"a": LAWS.Uniform(0, 1), "b": LAWS.Uniform(0, 1)}, lambda a, b: {"y": a + b})
    found = rc.seek(model, "a", "y", below=1.2, chance=0.9, scenarios=30_000)
    assert found.value == pytest.approx(0.3, abs=0.009)
    assert found.percentile == pytest.approx(found.value)
    assert found.chance.ci_low <= 0.9 <= found.chance.ci_high
    other = rc.seek(model, "a", "y", above=1.2, chance=0.5, scenarios=30_000)
    assert other.value == pytest.approx(0.7, abs=0.015)
    never = rc.seek(model, "a", "y", below=5, chance=0.5, scenarios=1000)
    assert math.isnan(never.value)
    assert never.low[1] == 1.0
    wide = rc.loads(PRODUCT)
    exact = 100 / math.exp(math.log(10) / 2 + 0 * SIGMA)  # P(a b < 100) = 1/2 where b's median is
    found = rc.seek(wide, "a", "y", below=100, chance=0.5, between=(0.1, 1000), scenarios=30_000)
    # the median of b has a relative standard error of 0.0065
    assert found.value == pytest.approx(exact, rel=0.033)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("c", {"below": 1}),
        ("a", {}),
        ("a", {"below": 1, "above": 1}),
        ("a", {"below": 1, "chance": 1}),
    ],
)
def test_seek_refuses_what_makes_no_sense(name, settings):
    with pytest.raises(rc.SettingsError):
        rc.seek(rc.loads(PRODUCT), name, "y", scenarios=1000, **settings)


@pytest.mark.nightly
def test_seek_from_the_command_line():
    command = [sys.executable, "-m", "rangecast", "seek", "ai-servers", "companies", "-n", "5e3"]
    found = inprocess.run(
        [*command, "servers < 100000", "--chance", "60%", "--json"], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    assert 10 < json.loads(found.stdout)["value"] < 100
    shown = inprocess.run([*command, "servers < 1"], capture_output=True, text=True, check=True)
    assert "No value of companies" in shown.stdout


@pytest.mark.nightly
def test_a_result_with_series_beside_its_outputs_is_explained_too():
    model = rc.load("ai-servers")
    plain = rc.simulate(model, scenarios=1_000).explain("servers")
    wide = rc.simulate(model, scenarios=1_000, outputs=["servers_year"]).explain("servers")
    assert [s.value for s in wide.steps] == [s.value for s in plain.steps]


def test_seek_asks_where_to_search_for_a_constant():
    text = '[inputs.k]\nvalue = 3\n[inputs.a]\ndist = "uniform"\nlow = 0\nhigh = 1\n'
    model = rc.loads(text + '[outputs.y]\nformula = "k * a"\n')
    with pytest.raises(rc.SettingsError) as refused:
        rc.seek(model, "k", "y", below=1, scenarios=1000)
    assert "is a constant; got k; say where to search: between=(low, high)" in str(refused.value)
