"""Outputs in other units, figures in the ensemble, assumptions with their sources."""

import json
import sys
import tomllib

import inprocess
import pytest
from rangecast.engine.model import base_case
from rangecast.engine.model.cases import apply_case
from rangecast.engine.model.localise import localise
from rangecast.engine.model.sheet import input_rows
from rangecast.reports.assumptions import assumption_lines, assumption_rows
from rangecast.reports.figures import figure_lines, figure_rows

import rangecast as rc

MODEL = rc.load("ai-servers")


@pytest.mark.parametrize(
    ("output", "unit", "factor"),
    [
        ("market_cny", "亿CNY", 1e-8),
        pytest.param("api_cost_cny_day", "CNY/year", 365.25, marks=pytest.mark.nightly),
        pytest.param("images_day", "万image/day", 1e-4, marks=pytest.mark.nightly),
        pytest.param("servers_year", "kserver", 1e-3, marks=pytest.mark.nightly),
    ],
)
def test_an_output_in_another_unit_is_scaled_and_nothing_else(output, unit, factor):
    shown = rc.in_units(MODEL, {output: unit})
    one = rc.simulate(MODEL, scenarios=2000, case="exante+token", outputs=[output])
    other = rc.simulate(shown, scenarios=2000, case="exante+token", outputs=[output])
    for row in one.rows:
        ratio = factor if row.partition("[")[0] == output else 1.0
        assert other.quantile(row, 0.3) == pytest.approx(ratio * one.quantile(row, 0.3), rel=1e-12)
    row = one.model.series.get(output, (output,))[0]
    assert other.model.quantities[row].unit == unit


@pytest.mark.nightly
def test_checks_cases_and_outcomes_follow():
    shown = rc.in_units(MODEL, {"market_cny": "亿CNY", "cards_inference": "kcard"})
    assert all(r.ok for r in rc.run_checks(shown))
    one = rc.backtest(MODEL, ["exante+token"], scenarios=2000)
    other = rc.backtest(
        rc.in_units(MODEL, {"cards_to_date": "kcard"}), ["exante+token"], scenarios=2000
    )
    assert [b.percentile for b in one] == [b.percentile for b in other]


@pytest.mark.parametrize(
    ("units", "code"),
    [({"market_cny": "USD"}, "E208"), ({"market": "CNY"}, "E204"), ({"servers": "cupz"}, "E207")],
)
def test_units_that_do_not_fit_are_refused(units, code):
    with pytest.raises(rc.SettingsError) as caught:
        rc.in_units(MODEL, units)
    assert caught.value.problems[0].code == code


def test_figures_are_placed_with_an_interval():
    result = rc.simulate(MODEL, scenarios=20_000, case="exante+token", outputs=["server_price"])
    rows = figure_rows(result)
    optimistic = [r for r in rows if r["output"] == "servers" and r["label"] == "optimistic"]
    assert len(optimistic) == 1
    assert optimistic[0]["ci_low"] < optimistic[0]["percentile"] < optimistic[0]["ci_high"]
    assert 0.45 < optimistic[0]["percentile"] < 0.53
    assert any("servers (“optimistic”)" in line for line in figure_lines(result))


def test_assumptions_carry_source_date_basis_and_note():
    laid = apply_case(MODEL, "exante+token")
    rows = {row["input"]: row for row in assumption_rows(laid)}
    assert set(rows) == set(MODEL.inputs)
    row = rows["tokens_per_card_s"]
    assert row["basis"] == "data"
    assert row["used"]
    assert {s["key"] for s in row["sources"]} >= {"ft175b", "deepseek2025"}
    late = {s["key"]: s["after_view"] for s in row["sources"]}
    assert late["deepseek2025"]
    assert not late["ft175b"]
    assert all(s["date"] and s["title"] for r in rows.values() for s in r["sources"])
    text = "\n".join(assumption_lines(laid))
    assert "lognormal(p10=60, p90=1500) token/s/card · base 1,757" in text
    assert "deepseek2025 2025-03-01 (after the view)" in text


def test_a_path_input_is_listed_once():
    model = rc.load("data-centres")
    result = rc.simulate(model, scenarios=1000)
    rows = [r for r in assumption_rows(result.model) if r["input"].startswith("growth_rate")]
    assert [r["input"] for r in rows] == ["growth_rate"]
    assert rows[0]["per_period"]


@pytest.mark.nightly
def test_files_and_options(tmp_path, monkeypatch):
    monkeypatch.setattr("rangecast.reports.folder._charts", lambda *_: {})  # none is looked at
    command = [sys.executable, "-m", "rangecast", "run", "ai-servers", "-n", "2e4", "-q"]
    options = ["--figures", "--unit", "market_cny=亿CNY", "--output", "market_cny"]
    options += ["--out", str(tmp_path)]
    run = inprocess.run([*command, *options], capture_output=True, check=True)
    shown = run.stdout.decode("utf-8")
    assert "market 亿CNY" in shown
    assert "Published figures in the ensemble" in shown
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert any(f["output"] == "market_cny" and f["value"] < 1000 for f in found["figures"])
    assert found["inputs"][0]["sources"][0]["date"]
    assert (tmp_path / "model.toml").read_text(encoding="utf-8") == MODEL.text
    assert "FasterTransformer" in (tmp_path / "assumptions.csv").read_text(encoding="utf-8")


def test_a_unit_without_a_sign_is_refused():
    command = [sys.executable, "-m", "rangecast", "run", "ai-servers", "--unit", "market_cny"]
    run = inprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 2
    assert "E700" in run.stderr


def test_the_output_in_its_own_unit_takes_a_name_that_is_free():
    text = "[inputs.y_in_own_unit]\nvalue = 3\nunit = 'm'\n"
    model = rc.loads(text + "[outputs.y]\nformula = 'y_in_own_unit'\nunit = 'm'\n")
    shown = rc.in_units(model, {"y": "km"})
    assert list(shown.quantities) == ["y_in_own_unit_", "y"]
    assert base_case(shown) == {"y_in_own_unit_": 3.0, "y": 0.003}


def test_a_language_that_is_none_is_refused():
    line = r"error\[E700\] language: unknown language; got fr; known: en, zh"
    with pytest.raises(rc.SettingsError, match=line):
        localise(MODEL, "fr")


SHEET = """
[inputs.d]
dist = "discrete"
values = [0, 1]
weights = [1, 1]
[inputs.c]
dist = "conditional"
on = "d"
given = [
    { when = 0, dist = "normal", mean = 1, sd = 1, round = true },
    { when = 1, dist = "normal", mean = 2, sd = 1, round = false },
]
[inputs.long]
dist = "discrete"
values = %s
weights = %s
basis = "judgement"
[outputs.y]
formula = "c + long"
"""


def test_a_sheet_has_flags_as_text_and_leaves_what_no_cell_can_hold_to_the_model():
    many = [k + 0.123456 for k in range(4_000)]
    row, long = input_rows(rc.loads(SHEET % (many, [1] * 4_000)))[1:]
    given = tomllib.loads(row["more parameters"])["given"]
    assert [one["round"] for one in given] == [True, False]
    wanted = {"input": "long", "label": "long", "distribution": "as in the model"}
    assert long == {**wanted, "basis": "judgement"}
