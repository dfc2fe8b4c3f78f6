"""Fans, drivers by period, and when a limit is passed."""

import json
import math
import sys

import inprocess
import numpy as np
import pytest
from rangecast.reports.drivers_by_period import driver_lines, driver_map, driver_rows
from rangecast.reports.fan import LEVELS, _spread, fan_rows, first_likely
from rangecast.reports.numbers import three_digits

import rangecast as rc

TEXT = """
[time]
start = 2024
periods = 4
outputs = ["stock"]
[inputs.rate]
dist = "uniform"
low = 0
high = 1
[inputs.noise]
dist = "uniform"
low = 0
high = 0.2
per_period = "independent"
[outputs.last]
formula = "at(stock, 2027)"
[quantities.stock]
formula = "previous(stock, 0) + rate + noise"
label = "stock"
"""
MODEL = rc.loads(TEXT)
N = 40_000


def command(tmp_path, *options):
    path = tmp_path / "model.toml"
    path.write_text(TEXT, encoding="utf-8")
    line = [sys.executable, "-m", "rangecast", "run", str(path), "-n", "2e4", *options]
    return inprocess.run(line, capture_output=True, text=True)


def test_a_quantity_is_an_output_when_asked_for():
    plain = rc.simulate(MODEL, scenarios=1000)
    assert plain.rows == ("last",)
    wide = rc.simulate(MODEL, scenarios=1000, outputs=["stock"])
    assert set(wide.rows) == {"last", *(f"stock[{y}]" for y in range(2024, 2028))}
    assert wide.quantile("last", 0.5) == wide.quantile("stock[2027]", 0.5)
    assert wide.quantile("last", 0.5) == plain.quantile("last", 0.5)


def test_fan_rows_are_the_bands_of_each_period():
    result = rc.simulate(MODEL, scenarios=N, outputs=["stock"])
    rows = fan_rows(result, "stock")
    assert len(rows) == 4 * len(LEVELS)
    assert {row["period"] for row in rows} == {"2024", "2025", "2026", "2027"}
    ax = rc.reports.fan_chart(result, "stock", limit=1.5)
    texts = [t.get_text() for t in ax.texts]
    period, chance = first_likely(result, "stock", 1.5)
    assert period == "2025"
    assert any(f"{period}: {100 * chance:.0f} % chance above" in t for t in texts)
    assert [t for t in texts if t.startswith("P")] == [
        f"P{100 * p:g} {three_digits(result.quantile('stock[2027]', p))}" for p in LEVELS
    ]


def test_labels_of_a_fan_never_overlap():
    moved = _spread([0.0, 0.001, 0.002, 0.5, 0.51], 0.05)
    assert np.diff(moved).min() >= 0.05 - 1e-12
    assert moved[0] == 0.0


def test_a_series_that_was_not_asked_for_is_named():
    result = rc.simulate(MODEL, scenarios=1000)
    with pytest.raises(rc.SettingsError, match=r"outputs=\['stock'\]"):
        rc.reports.fan_chart(result, "stock")


def test_driver_rows_are_the_tornado_of_each_period():
    result = rc.simulate(MODEL, scenarios=N, rank=["stock"])
    rows = driver_rows(result, "stock")
    for row in rows:
        bars = result.tornado(f"stock[{row['period']}]").set_index("input")
        assert row["swing"] == bars.loc[row["input"]]["swing"]
    rate = [row["share"] for row in rows if row["input"] == "rate"]
    assert len(rate) == 4
    assert rate[3] > rate[0]  # independent noise averages out over the years
    text = "\n".join(rc.reports.driver_lines(result, "stock"))
    assert "2027" in text
    assert "rate" in text


@pytest.mark.parametrize("method", ["swing", "rank", "regression", "variance"])
def test_other_rankings_by_period(method):
    result = rc.simulate(MODEL, scenarios=N, rank=["stock"])
    rows = driver_rows(result, "stock", method=method)
    width = result.quantile("stock[2026]", 0.95) - result.quantile("stock[2026]", 0.05)
    bar = result.tornado("stock[2026]", method).set_index("input").loc["rate"]
    (row,) = [r for r in rows if r["input"] == "rate" and r["period"] == "2026"]
    assert row["share"] == pytest.approx(bar["swing"] / (width if method == "swing" else 1))
    assert "in %" in rc.reports.driver_lines(result, "stock", method=method)[0]


def test_a_path_drivers_ends_are_values_of_the_input():
    result = rc.simulate(MODEL, scenarios=N, rank=["stock"])
    bar = result.tornado("stock[2027]").set_index("input").loc["noise"]
    assert bar["input_low"] == pytest.approx(0.2 * 0.05)
    assert bar["input_high"] == pytest.approx(0.2 * 0.95)


def test_first_passage_of_a_known_path():
    """The stock k (rate), without noise, passes 1 first in period k when 1/k < rate < 1/(k-1).

    Exact; 5 standard errors of 40,000 scenarios: one false alarm in 600,000 for the four.
    """
    text = TEXT.replace("high = 0.2", "high = 1e-9")
    found = rc.first_passage(rc.loads(text), "stock", 1.0, scenarios=N)
    expected = [0.0, 1 / 2, 1 / 2 - 1 / 3, 1 / 3 - 1 / 4]
    for one, share in zip(found, expected, strict=True):
        assert one.first.value == pytest.approx(share, abs=5 * math.sqrt(0.25 / N))
        assert one.first.ci_low <= one.first.value <= one.first.ci_high
    assert found[-1].by.value == pytest.approx(sum(one.first.value for one in found))
    assert found[-1].by.value == found[-1].inside.value  # a stock that only grows


def test_falling_below_and_coming_back():
    text = TEXT.replace('"previous(stock, 0) + rate + noise"', '"abs(t - 1) + rate"')
    found = rc.first_passage(rc.loads(text), "stock", 1.0, below=True, scenarios=1000)
    assert [one.inside.value for one in found] == [0.0, 1.0, 0.0, 0.0]
    assert [one.first.value for one in found] == [0.0, 1.0, 0.0, 0.0]
    assert [one.by.value for one in found] == [0.0, 1.0, 1.0, 1.0]


def test_an_unknown_output_is_answered_with_the_nearest_series():
    with pytest.raises(rc.SettingsError, match="did you mean 'stock'"):
        rc.simulate(MODEL, scenarios=1000, outputs=["stok"])


def test_a_limit_of_an_unknown_series_is_refused():
    with pytest.raises(rc.SettingsError, match="stock"):
        rc.first_passage(MODEL, "stocks", 1.0, scenarios=1000)


@pytest.mark.nightly
def test_over_time_from_the_command_line(tmp_path):
    run = command(tmp_path, "--over-time", "--prob", "stock > 1.5", "--out", str(tmp_path / "o"))
    assert run.returncode == 0, run.stderr
    assert "stock 2024" in run.stdout
    assert "What moves stock by period" in run.stdout
    assert run.stdout.count("P(stock[") == 4
    assert run.stdout.count("first period above 10 %") == 1
    drawn = (tmp_path / "o" / "fan_stock.svg").read_text(encoding="utf-8")
    assert "limit 1.50; 2024" in drawn or "limit 1.50; 2025" in drawn
    files = {p.name for p in (tmp_path / "o").iterdir()}
    wanted = {"fan_stock.png", "fan_stock.csv", "drivers_stock.svg", "tornado_stock_2026_.png"}
    assert wanted <= files
    found = json.loads((tmp_path / "o" / "results.json").read_text(encoding="utf-8"))
    assert found["outputs"]["stock[2026]"]["output"] == "stock"
    assert found["outputs"]["stock[2026]"]["period"] == "2026"
    assert found["outputs"]["last"]["period"] is None
    assert {row["period"] for row in found["tornado"]} == {"2024", "2025", "2026", "2027"}
    assert {row["output"] for row in found["tornado"]} == {"stock"}
    assert [row["period"] for row in found["probabilities"]] == ["2024", "2025", "2026", "2027"]


def test_over_time_of_a_model_without_series_is_refused(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text('[inputs.x]\nvalue = 1\n[outputs.y]\nformula = "x"\n', encoding="utf-8")
    line = [sys.executable, "-m", "rangecast", "run", str(path), "--over-time"]
    run = inprocess.run(line, capture_output=True, text=True)
    assert run.returncode == 2
    assert "E700" in run.stderr


def test_a_series_of_time_outputs_must_exist():
    with pytest.raises(rc.ModelError, match="stock"):
        rc.loads(TEXT.replace('outputs = ["stock"]', 'outputs = ["stok"]'))


def test_years_may_begin_on_any_day():
    model = rc.loads(TEXT.replace("start = 2024", "start = 2024-02-29"))
    assert model.periods.labels[0] == "2024"
    assert [d.isoformat() for d in model.periods.starts[:3]] == [
        "2024-03-01",
        "2025-03-01",
        "2026-03-01",
    ]


def test_a_series_that_nothing_moves_says_so():
    text = TEXT.replace('dist = "uniform"\nlow = 0\nhigh = 1\n', "value = 0.5\n")
    text = text.replace(
        'dist = "uniform"\nlow = 0\nhigh = 0.2\nper_period = "independent"\n', "value = 0\n"
    )
    result = rc.simulate(rc.loads(text), scenarios=500, rank=["stock"])
    assert "no input moves" in driver_lines(result, "stock")[-1]
    assert "no input moves" in driver_map(result, "stock").get_title(loc="left")
