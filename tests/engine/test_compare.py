"""Cases side by side: the same bands as apart, and differences scenario by scenario."""

import json
import math
import sys

import inprocess
import numpy as np
import pytest
from rangecast.reports.comparison import comparison_lines

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


def test_a_correlation_that_the_first_case_lacks_is_not_lost():
    model = rc.loads(SHARED_FIRST)
    with pytest.raises(rc.SettingsError, match="shares a draw in the first case"):
        rc.compare(model, ["a", "b"], scenarios=1000)
    both = rc.compare(model, ["b", "a"], scenarios=5000)
    alone = rc.simulate(model, case="b", scenarios=5000)
    assert both.result.quantile(both.row("d", 0), 0.95) == alone.quantile("d", 0.95)
