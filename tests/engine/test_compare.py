"""Cases side by side: the same bands as apart, and differences scenario by scenario."""

import json
import math
import sys

import inprocess
import numpy as np
import pytest
from rangecast.engine.compare import compare_models
from rangecast.engine.model.cases import apply_case, set_inputs
from rangecast.reports.comparison import comparison_dict, comparison_lines

import rangecast as rc

MODEL = """
[inputs.x]
dist = "normal"
mean = 10
sd = 1
[inputs.k]
dist = "lognormal"
p10 = 1
p90 = 4
[inputs.twin]
same_as = "x"
[outputs.y]
formula = "x * k + 0 * twin"
unit = "m"
[outputs.z]
formula = "y - x"
[cases.shift]
inputs.x = { dist = "normal", mean = 13, sd = 1 }
[cases.fixed]
inputs.k = 2
[cases.formula]
outputs.y = "x * k * 2"
[[correlations]]
between = ["x", "k"]
spearman = 0.4
"""


@pytest.fixture(scope="module")
def model():
    return rc.loads(MODEL)


@pytest.mark.parametrize("case", ["", "shift", "fixed", "formula", "shift+formula"])
@pytest.mark.parametrize("design", ["random", "lhs"])
def test_each_column_is_the_run_of_its_case_alone(model, case, design):
    both = rc.compare(model, ["fixed", case], scenarios=20_000, design=design, seed=4)
    alone = rc.simulate(model, case=case, scenarios=20_000, design=design, seed=4)
    for output in ("y", "z"):
        for p in (0.05, 0.5, 0.95):
            assert both.result.band(both.row(output, 1), p) == alone.band(output, p)


@pytest.mark.nightly
def test_the_ai_servers_cases_equal_their_own_runs():
    model = rc.load("ai-servers")
    cases = ["exante", "exante+token", "hindsight+token"]
    both = rc.compare(model, cases, scenarios=10_000)
    for k, case in enumerate(cases):
        alone = rc.simulate(model, case=case, scenarios=10_000)
        for output in ("servers", "market_cny"):
            assert both.result.band(both.row(output, k), 0.5) == alone.band(output, 0.5)


def test_differences_are_paired(model):
    # 13 + e - (10 + e) is 3 in every scenario; unpaired draws would give a spread of 1.4.
    text = MODEL.replace('formula = "x * k + 0 * twin"', 'formula = "x"')
    both = rc.compare(rc.loads(text), ["", "shift"], ["y"], scenarios=4096)
    moments = both.result.moments_of(both.difference("y", 1))
    assert abs(moments.minimum - 3) < 1e-9 > abs(moments.maximum - 3)
    assert both.higher("y", 1).value == 1
    low = both.higher("y", 1).ci_low
    assert low == pytest.approx(0.025 ** (1 / 4096), rel=1e-9)  # Clopper–Pearson


def test_the_difference_is_that_of_the_scenarios(model):
    both = rc.compare(model, ["", "formula"], ["y"], scenarios=4096)
    # The formula of the case is twice the other: the difference is the first itself.
    first, difference = both.row("y", 0), both.difference("y", 1)
    for p in (0.1, 0.5, 0.9):
        found = both.result.quantile(difference, p)
        assert found == pytest.approx(both.result.quantile(first, p), rel=1e-12)


@pytest.mark.nightly
def test_the_interval_of_a_paired_median_covers():
    """95 % intervals over 200 seeds: fewer than 179 hits has a chance of 0.1 %."""
    model = rc.loads(MODEL)
    truth = rc.compare(model, ["", "shift"], ["y"], scenarios=200_000, seed=99)
    centre = truth.result.quantile(truth.difference("y", 1), 0.5)
    hits = 0
    for seed in range(200):
        found = rc.compare(model, ["", "shift"], ["y"], scenarios=500, seed=seed)
        band = found.result.band(found.difference("y", 1), 0.5)
        hits += band.ci_low <= centre <= band.ci_high
    assert hits >= 179


def test_refuses_one_case_and_functions(model):
    with pytest.raises(rc.SettingsError, match="needs two cases"):
        rc.compare(model, ["shift"])
    function = rc.Model({"x": rc.distributions.Uniform(0, 1)}, lambda x: {"y": x})
    with pytest.raises(rc.SettingsError, match="needs two cases"):
        rc.compare(function, ["", ""])
    with pytest.raises(rc.SettingsError, match="unknown output"):
        rc.compare(model, ["", "shift"], ["nothing"])


def test_rows_and_text(model):
    both = rc.compare(model, ["", "shift"], ["y"], scenarios=2000)
    frame = both.bands()
    assert set(frame["minus"]) == {"", "no case"}
    assert set(frame["case"]) == {"no case", "shift"}
    text = "\n".join(comparison_lines(both))
    assert "shift minus no case, scenario by scenario" in text
    assert "higher in " in text


@pytest.mark.nightly
def test_the_command_prints_and_writes(tmp_path):
    (tmp_path / "m.toml").write_text(MODEL)
    command = [
        sys.executable,
        "-m",
        "rangecast",
        "run",
        str(tmp_path / "m.toml"),
        "--case",
        "shift",
        "--case",
        "fixed",
        "-n",
        "2000",
    ]
    written_to = [*command, "--out", str(tmp_path / "out")]
    shown = inprocess.run(written_to, capture_output=True, text=True, check=True)
    assert "Side by side · 2,000 scenarios" in shown.stdout
    folder = tmp_path / "out"
    names = {"comparison.csv", "comparison.json", "comparison_y.png", "comparison_z.svg"}
    assert names <= {p.name for p in folder.iterdir()}
    written = json.loads((folder / "comparison.json").read_text())
    quiet = [*command, "--json", "-q"]
    printed = inprocess.run(quiet, capture_output=True, text=True, check=True)
    comparison = json.loads(printed.stdout)["comparison"]
    assert comparison["bands"] == written["bands"]
    assert all(math.isfinite(row["value"]) for row in comparison["bands"])
    assert np.isclose(sum(r["quantile"] == 0.5 for r in comparison["bands"]), 6)


SHARING = """
[inputs.u]
dist = "uniform"
low = 0
high = 1
[inputs.v]
dist = "uniform"
low = 0
high = 1
[inputs.w]
dist = "uniform"
low = 0
high = 1
[outputs.y]
formula = "u - v"
[outputs.z]
formula = "u - w"
[cases.apart]
[cases.follows]
inputs.v = { same_as = "u" }
[cases.moved]
inputs.u = { same_as = "w" }
"""


def test_what_shares_a_draw_in_one_case_only_is_compared():
    sd = {"apart": 6**-0.5, "follows": 0.0, "moved": 6**-0.5}
    for first, second in (("follows", "apart"), ("moved", "follows"), ("apart", "moved")):
        result = rc.compare(rc.loads(SHARING), [first, second], scenarios=4_000).result
        assert result.moments_of("y").sd == pytest.approx(sd[first], abs=0.03)
        assert result.moments_of("case2_y").sd == pytest.approx(sd[second], abs=0.03)
        moved = result.moments_of("z" if first == "moved" else "case2_z").sd
        assert moved == pytest.approx(0.0 if "moved" in (first, second) else 6**-0.5, abs=0.03)


def test_another_law_in_every_period_is_compared():
    model = rc.loads(
        "[time]\nstart = 2024\nperiods = 2\n"
        "[inputs.u]\ndist = 'uniform'\nlow = 0\nhigh = 1\nper_period = 'independent'\n"
        "[outputs.y]\nformula = 'u'\n"
        "[cases.a]\n[cases.b]\ninputs.u = { dist = 'uniform', low = 2, high = 3 }\n"
    )
    result = rc.compare(model, ["a", "b"], scenarios=4_000).result
    assert result.moments_of("difference2_y[2025]").mean == pytest.approx(2.0, abs=0.05)


SHARED_FIRST = """
[inputs.x]
dist = "normal"
mean = 0
sd = 1
[inputs.y]
dist = "normal"
mean = 0
sd = 1
[inputs.z]
dist = "normal"
mean = 0
sd = 1
[outputs.d]
formula = "x - z"
[[correlations]]
between = ["x", "z"]
spearman = 0.95
[cases.a]
inputs.x = { same_as = "y" }
[cases.b]
label = "as it is"
"""


EACH = """
[time]
start = 2024
periods = 3
[inputs.u]
dist = "uniform"
low = 0
high = 1
per_period = "autocorrelated"
autocorrelation = 0.5
[inputs.v]
dist = "normal"
mean = 0
sd = 1
[outputs.d]
formula = "total(u) + v"
[cases.a]
[cases.b]
inputs.u = { dist = "uniform", low = 2, high = 3 }
[cases.c]
inputs.u = { dist = "uniform", low = 0, high = 1, per_period = "independent" }
[cases.e]
inputs.u = { dist = "uniform", low = 0, high = 1, per_period = "constant" }
[cases.f]
inputs.u = 2
"""

CONDITIONAL = """
[inputs.y]
dist = "normal"
mean = 0
sd = 1
[inputs.k]
dist = "bernoulli"
p = 0.5
[inputs.x]
dist = "conditional"
on = "k"
given = [{ when = 0, dist = "uniform", low = 0, high = 1 },
         { when = 1, dist = "uniform", low = 2, high = 3 }]
[outputs.d]
formula = "x - y"
[cases.a]
inputs.x = { same_as = "y" }
[cases.b]
[cases.c]
inputs.x = { dist = "uniform", low = 5, high = 7 }
"""

PEARSON = """
[inputs.x]
dist = "lognormal"
p10 = 1
p90 = 4
[inputs.y]
dist = "lognormal"
p10 = 2
p90 = 9
[inputs.z]
same_as = "x"
[inputs.w]
dist = "normal"
mean = 0
sd = 1
[outputs.d]
formula = "x * y + z + w"
[[correlations]]
between = ["x", "y"]
pearson = 0.6
[cases.a]
[cases.b]
inputs.x = { dist = "normal", mean = 3, sd = 1 }
[cases.c]
inputs.x = { same_as = "w" }
inputs.z = { dist = "uniform", low = 0, high = 1 }
"""

APART = SHARING.replace('formula = "u - v"', 'formula = "u - 2 * v"').replace(
    "[outputs.z]", "[outputs.d]"
)


@pytest.mark.parametrize(
    ("text", "cases"),
    [
        (SHARED_FIRST, "ab"),
        (EACH, "abcef"),
        (CONDITIONAL, "abc"),
        (PEARSON, "abc"),
        (APART, ("follows", "apart", "moved")),
    ],
)
@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
def test_every_case_is_its_own_run_in_any_order(text, cases, design):
    model, settings = rc.loads(text), {"scenarios": 2048, "design": design, "seed": 3}
    if design == "sobol":  # what a case adds or takes away moves the dimensions of its own run
        cases = [case for case in cases if (text, case) not in {(EACH, "e"), (EACH, "f")}]
        if text is CONDITIONAL:
            cases = ["a", "c"]
    own = {case: rc.simulate(model, case=case, **settings) for case in cases}
    for order in (list(cases), list(cases)[::-1]):
        both = rc.compare(model, order, ["d"], **settings)
        for k, case in enumerate(order):
            for p in (0.05, 0.5, 0.95):
                assert both.result.band(both.row("d", k), p) == own[case].band("d", p)


def test_values_in_each_period_are_paired_between_laws_and_persistences():
    model = rc.loads(EACH)
    moved = rc.compare(model, ["a", "b"], scenarios=1000)
    moments = moved.result.moments_of("difference2_d")
    assert (moments.minimum, moments.maximum) == pytest.approx((6.0, 6.0), abs=1e-5)
    # The sum has a standard deviation of 0.5 (c) to 0.7 (a), their difference unpaired 0.8.
    loose = rc.compare(model, ["a", "c"], scenarios=1000)
    assert loose.result.moments_of("difference2_d").sd < 0.3
    assert (moved.unpaired, loose.unpaired) == ((), ())


@pytest.mark.parametrize("design", ["random", "sobol"])
def test_indices_of_a_comparison_know_independent_inputs_only(design):
    model = rc.loads(EACH.replace("total(u) + v", "total(u)"))
    whole = rc.compare(model, ["a", "c"], scenarios=500).result.model
    total = rc.sobol(whole, "difference2_d", runs=16_384, design=design, seed=1).frame()["ST"]
    # Variances of the sums are 0.454 (correlated) and 3/12; intervals reach 0.024, five times that
    # is beyond chance. Moved on the same draws, the inputs would explain far less.
    assert total["u"] == pytest.approx(0.645, abs=0.06)
    assert total["case2_u"] == pytest.approx(0.355, abs=0.06)


def test_what_cannot_be_paired_is_named():
    both = rc.compare(rc.loads(EACH), ["a", "e"], scenarios=500)
    assert both.unpaired == ("u",)
    assert comparison_lines(both)[0] == (
        "Side by side · 500 scenarios, the same draws in every case except of u: "
        "a value in each period in some cases only"
    )
    assert comparison_dict(both)["unpaired"] == ["u"]
    fixed = rc.compare(rc.loads(EACH), ["a", "f"], scenarios=500)
    assert fixed.unpaired == ()
    assert comparison_lines(fixed)[0].endswith("500 scenarios, the same draws in every case")


def test_correlated_inputs_that_draw_apart_keep_the_coefficient_of_their_case():
    both = rc.compare(rc.loads(PEARSON), ["a", "b"], scenarios=1000)
    pairs = [(p.first, p.second) for p in both.result.model.correlations]
    assert pairs == [("x", "y"), ("case2_x", "case2_y")]


def test_without_correlations_no_coefficient_is_out_of_reach():
    far = "x=lognormal(p10=1, p90=100000)"  # its Pearson coefficients are small
    models = [set_inputs(apply_case(rc.loads(PEARSON), case), [far]) for case in "ab"]
    with pytest.raises(rc.ModelError, match="do not allow this Pearson coefficient"):
        compare_models(models, scenarios=500)
    both = compare_models(models, scenarios=500, correlations=False)
    alone = rc.simulate(models[1], scenarios=500, correlations=False)
    assert both.result.quantile("case2_d", 0.5) == alone.quantile("d", 0.5)


@pytest.mark.parametrize("name", ["case2_x", "case2_y", "difference2_y"])
def test_names_that_stand_for_those_of_a_case_are_refused(name):
    model = rc.loads(MODEL.replace("[cases.shift]", f"[inputs.{name}]\nvalue = 7\n[cases.shift]"))
    with pytest.raises(rc.SettingsError, match=f"a comparison needs this name; got {name}"):
        rc.compare(model, ["", "shift"], scenarios=500)
    if name == "case2_x":  # which is needed only where x differs
        rc.compare(model, ["", "fixed"], scenarios=500)


def test_a_correlation_that_the_first_case_lacks_is_not_lost():
    model = rc.loads(SHARED_FIRST)
    both = rc.compare(model, ["a", "b"], scenarios=5000)
    alone = rc.simulate(model, case="b", scenarios=5000)
    assert both.result.quantile(both.row("d", 1), 0.95) == alone.quantile("d", 0.95)
    assert both.result.moments_of(both.row("d", 1)).sd < 0.5  # 1.4 if it were lost
