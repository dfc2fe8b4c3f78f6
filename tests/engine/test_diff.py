"""What explains the difference between two models."""

import json
import math
import sys

import inprocess
import pytest
from rangecast.engine.diff import changed, hybrid
from rangecast.engine.model.cases import apply_case, set_inputs

import rangecast as rc

TEXT = """
[inputs.a]
dist = "lognormal"
p10 = 1
p90 = 4
[inputs.b]
dist = "lognormal"
p10 = 2
p90 = 5
[inputs.c]
value = 3
[quantities.ab]
formula = "a * b"
[outputs.y]
formula = "ab * c"
[outputs.z]
formula = "a + b - c"
[cases.changed]
inputs.a = { dist = "lognormal", p10 = 2, p90 = 8 }
inputs.c = 6
[cases.formula]
quantities.ab = "a * b * 1.5"
"""
MODEL = rc.loads(TEXT)


def parts(found):
    return {c.name: c.part for c in found.changes}


def test_factors_of_a_product_add_up_exactly():
    """y = a b c: doubling a and c gives ln 2 each, halves of the change, whatever the draws."""
    other = apply_case(MODEL, "changed")
    found = rc.difference(MODEL, other, "y", scenarios=5000)
    assert found.after == pytest.approx(4 * found.before, rel=1e-12)
    assert parts(found)["a"] == pytest.approx(found.total / 2, rel=1e-9)
    assert parts(found)["c"] == pytest.approx(found.total / 2, rel=1e-9)
    assert parts(found)["interaction"] == pytest.approx(0, abs=1e-9 * found.total)
    assert {c.case for c in found.changes[:-1]} == {"changed"}


@pytest.mark.nightly
def test_parts_and_interaction_add_up_to_the_change():
    both = apply_case(MODEL, "changed+formula")
    for output in ("y", "z"):
        found = rc.difference(MODEL, both, output, scenarios=5000)
        assert sum(parts(found).values()) == pytest.approx(found.total, rel=1e-9)
    assert parts(found)["ab"] == 0  # z does not use it
    assert [c.case for c in found.changes if c.name == "ab"] == ["formula"]


def test_the_intervals_hold_the_exact_change():
    """P50 of a lognormal is exact; t interval of five seeds, so 95 % of runs: seed fixed."""
    other = set_inputs(MODEL, ["a=lognormal(p10=2, p90=8)"])
    found = rc.difference(MODEL, other, "y", scenarios=50_000, seed=1)
    exact = math.sqrt(1 * 4) * math.sqrt(2 * 5) * 3
    assert found.ci_low <= exact <= found.ci_high
    assert found.total == pytest.approx(exact, rel=0.03)


@pytest.mark.nightly
def test_values_that_change_sign_are_taken_as_they_are():
    other = set_inputs(MODEL, ["c=20"])
    found = rc.difference(MODEL, other, "z", scenarios=5000)
    assert found.total == pytest.approx(-17, rel=1e-9)
    assert parts(found)["c"] == pytest.approx(-17, rel=1e-9)


def test_equal_models_differ_in_nothing():
    found = rc.difference(MODEL, rc.loads(TEXT), "y", scenarios=1000)
    assert [c.kind for c in found.changes] == ["interaction"]
    assert found.total == 0


def test_hybrids_take_what_they_are_told():
    other = apply_case(MODEL, "changed+formula")
    keys = changed(MODEL, other)
    assert keys == [("input", "a"), ("input", "c"), ("formula", "ab")]
    mixed = hybrid(MODEL, other, [("input", "c")])
    assert mixed.inputs["c"].value == 6
    assert mixed.inputs["a"].law == MODEL.inputs["a"].law
    assert hybrid(MODEL, other, keys).quantities["ab"].formula == "a * b * 1.5"


def test_correlations_are_one_change():
    linked = rc.loads(TEXT + '[[correlations]]\nbetween = ["a", "b"]\nspearman = 0.8\n')
    found = rc.difference(MODEL, linked, "y", quantile=0.95, scenarios=50_000)
    assert [c.kind for c in found.changes] == ["correlations", "interaction"]
    assert found.changes[0].ci_low > 0


@pytest.mark.nightly
def test_names_of_one_model_only_come_with_the_formula_that_uses_them():
    text = TEXT.replace('"ab * c"', '"ab * c * d"') + "[inputs.d]\nvalue = 2\n"
    found = rc.difference(MODEL, rc.loads(text), "y", scenarios=5000)
    assert found.changes[0].name == "y"
    assert found.changes[0].part == pytest.approx(found.total)


@pytest.mark.nightly
def test_other_percentiles_and_periods():
    text = "[time]\nstart = 2024\nperiods = 2\n" + TEXT.replace('"ab * c"', '"ab * c * (t + 1)"')
    model = rc.loads(text)
    found = rc.difference(
        model, set_inputs(model, ["c=6"]), "y[2025]", quantile=0.9, scenarios=2000
    )
    assert found.after == pytest.approx(2 * found.before)
    with pytest.raises(rc.SettingsError, match="periods"):
        rc.difference(model, MODEL, "z")


def test_unknown_outputs_and_functions_are_refused():
    with pytest.raises(rc.SettingsError, match="unknown output"):
        rc.difference(MODEL, MODEL, "x")
    own = rc.Model({"a": rc.distributions.Uniform(0, 1)}, lambda a: {"y": a})
    with pytest.raises(rc.SettingsError, match="formulas"):
        rc.difference(own, own, "y")


def run(*arguments):
    line = [sys.executable, "-m", "rangecast", *map(str, arguments)]
    return inprocess.run(line, capture_output=True, text=True)


@pytest.mark.nightly
def test_folders_keep_their_model_case_and_settings(tmp_path, monkeypatch):
    monkeypatch.setattr("rangecast.reports.folder._charts", lambda *_: {})  # none is looked at
    path = tmp_path / "m.toml"
    path.write_text(TEXT, encoding="utf-8")
    one, other = tmp_path / "one", tmp_path / "other"
    run("run", path, "-n", "2000", "--out", one, "-q")
    run("run", path, "-n", "2000", "--case", "changed", "--set", "b=3", "--out", other, "-q")
    path.unlink()
    found = run("diff", one, other, "-n", "2000", "--json", "-q")
    assert found.returncode == 0, found.stderr
    rows = json.loads(found.stdout)["changes"]
    assert {row["name"] for row in rows} == {"a", "b", "c", "interaction"}
    shown = run("diff", one, other, "-n", "2000", "-q").stdout
    assert "P50 of y" in shown
    assert "lognormal(p10=2, p90=5) → 3" in shown


def test_a_folder_without_results_is_refused(tmp_path):
    found = run("diff", tmp_path, "ai-servers")
    assert found.returncode not in {0, 3}
    assert "E102" in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.nightly
def test_cases_of_the_shipped_model():
    found = run(
        "diff", "ai-servers", "ai-servers", "--case-first", "exante", "--case-second",
        "exante+token+consumer_high", "-n", "5000", "-q",
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert "visits per app (consumer_high)" in found.stdout
    assert "formula of cards for inference (token)" in found.stdout
    assert "by case: consumer_high " in found.stdout
    assert "API users" not in found.stdout  # servers do not use them
    assert "1 more change, smaller or without effect" in found.stdout


@pytest.mark.nightly
def test_another_copula_is_a_change_of_correlations():
    text = """
[inputs.a]
dist = "lognormal"
p10 = 1
p90 = 10
[inputs.b]
dist = "lognormal"
p10 = 1
p90 = 10
[outputs.y]
formula = "a * b"
[[correlations]]
between = ["a", "b"]
kendall = 0.4
"""
    found = rc.difference(
        rc.loads(text),
        rc.loads(text + '[dependence]\ncopula = "t"\ndf = 3\n'),
        "y",
        scenarios=4_000,
    )
    assert {c.kind for c in found.changes} - {"interaction"} == {"correlations"}


def test_what_follows_a_constant_is_said_as_a_number():
    model = rc.loads(
        "[inputs.x]\nvalue = 3\n[inputs.z]\nsame_as = 'x'\n[inputs.u]\ndist = 'uniform'\n"
        "low = 0\nhigh = 1\n[outputs.y]\nformula = 'x + z + u'\n"
    )
    found = rc.difference(model, set_inputs(model, ["x=9"]), "y", scenarios=1000)
    said = {c.name: (c.before, c.after, c.part) for c in found.changes if c.kind == "input"}
    assert said == {n: ("3", "9", pytest.approx(6.0)) for n in "xz"}
