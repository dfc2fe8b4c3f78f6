"""Tables, screens, charts and files."""

import csv
import json
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from rangecast.engine import files
from rangecast.engine.errors import FileError
from rangecast.reports import numbers, tornado_chart, tornado_table, write_folder
from rangecast.reports.density import band_chart
from rangecast.reports.difference import difference_lines
from rangecast.reports.figures import figure_lines
from rangecast.reports.terminal import first_screen

import rangecast as rc

TEXT = """
[inputs.a]
label = "$x_{1$ =1+1"
dist = "lognormal"
p10 = 1
p90 = 20
[inputs.b]
label = "=HYPERLINK(1)"
dist = "normal"
mean = 5
sd = 1
[outputs.y]
formula = "a * b"
unit = "CNY"
label = "cost"
"""


@pytest.fixture(scope="module")
def result():
    return rc.simulate(rc.loads(TEXT), scenarios=20_000)


def test_the_tornado_draws_its_table(result):
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert tornado_chart(result, "y", ax=ax) is ax
    table = tornado_table(result, "y")
    assert [label.get_text() for label in ax.get_yticklabels()] == table["label"].tolist()
    assert len(ax.patches) == 2 * len(table)
    first = sorted(p.get_width() for p in ax.patches[:2])
    row = table.iloc[0]
    assert sum(first) == pytest.approx(abs(row.high - row.low))
    assert "P50" in [t.get_text() for t in ax.texts][-1]


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("method", ["conditional", "swing", "rank"])
def test_every_method_can_be_drawn_and_saved(result, method, tmp_path):
    ax = tornado_chart(result, "y", method)
    ax.figure.savefig(tmp_path / "t.png")
    assert (tmp_path / "t.png").stat().st_size > 5_000


def test_the_band_chart_is_logarithmic_where_the_spread_asks_for_it(result):
    assert band_chart(result, "y").get_xscale() == "log"
    narrow = rc.simulate(rc.loads(TEXT.replace("a * b", "b + 0 * a")), scenarios=2000)
    assert band_chart(narrow, "y").get_xscale() == "linear"


@pytest.mark.nightly
def test_drawing_leaves_matplotlib_alone():
    code = (
        "import sys, matplotlib as mpl, rangecast as rc\n"
        "keys = [k for k in mpl.rcParams if k != 'backend']  # reading that one loads pyplot\n"
        "before = {k: mpl.rcParams[k] for k in keys}\n"
        "r = rc.simulate(rc.load('ai-servers'), scenarios=1000, case='exante+token')\n"
        "rc.reports.band_chart(r, 'servers'); rc.reports.tornado_chart(r, 'servers')\n"
        "assert {k: mpl.rcParams[k] for k in keys} == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (999_600, "1,000,000"),
        (1234, "1,230"),
        (0.05678, "0.0568"),
        (float("nan"), "n/a"),
        (float("-inf"), "-∞"),
        (-25_000, "-25,000"),
        (1.5e20, "1.50e+20"),
    ],
)
def test_three_digits(value, text):
    assert numbers.three_digits(value) == text


def test_scales_are_chosen_after_rounding():
    assert numbers.scale_for(999_900).word == "M"
    assert numbers.scale_for(999_000).word == ""


def test_the_screen_shows_base_case_error_and_user_text_literally(result):
    screen = first_screen(result, ["y"])
    assert "Base case" in screen
    assert "Sampling error (P50 ±" in screen
    assert "$x_{1$ =1+1" in screen


def test_csv_cells_are_no_formulas(result, tmp_path):
    write_folder(result, tmp_path / "out")
    with open(tmp_path / "out" / "tornado.csv", newline="", encoding="utf-8") as file:
        labels = {row["label"] for row in csv.DictReader(file)}
    assert "'=HYPERLINK(1)" in labels
    assert not any(label.startswith("=") for label in labels)
    json.loads((tmp_path / "out" / "results.json").read_text(), parse_constant=pytest.fail)


def test_a_failing_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "f.txt"
    files.write_whole(path, b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(FileError, match="No space left"):
        files.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f.txt"]


HISTORY = """
[sources.s]
title = "A paper"
short = "Paper"
date = 2024-01-01
[inputs.a]
dist = "normal"
mean = 10
sd = 1
[inputs.b]
dist = "normal"
mean = 0
sd = 1
[outputs.y]
formula = "a + b"
unit = "server"
[[checks]]
output = "y"
equals = 10
source = "s"
[[checks]]
output = "y"
equals = 10
label = "the forecast"
source = "s"
[[outcomes]]
name = "o"
label = "Outcome"
output = "y"
date = 2025-01-01
value = 10
p5 = 5
p95 = 12.1
unit = "server"
source = "s"
"""


@pytest.fixture(scope="module")
def history():
    model = rc.loads(HISTORY)
    return rc.simulate(model, scenarios=2000, seed=1)


def test_a_figure_that_is_checked_twice_is_shown_once_under_its_label(history):
    lines = figure_lines(history)
    assert len(lines) == 2
    assert lines[1].split("  ")[:3] == ["y (“the forecast”)", "10.0 server", "P51"]
    without = figure_lines(replace(history, asked=replace(history.asked, checks=())))
    assert without == ["No published figure of these outputs."]


def test_outcomes_that_cross_the_ends_of_the_band_are_open(history, tmp_path):
    found = rc.backtest(history.model, scenarios=2000)
    lines = rc.reports.backtest_lines(found, "few of them")
    assert lines[0] == "model: 0 of 1 outcomes inside, 1 open"
    assert lines[2].startswith("Outcome server  2025-01-01      10.0  7.6")
    assert lines[2].endswith("P51 [P0, P93]  open")
    assert lines[-1] == "Caution: few of them"
    text = rc.reports.markdown(history, tmp_path / "s.md", backtest=tuple(found))
    assert (tmp_path / "s.md").read_text(encoding="utf-8") == text
    assert "## Back-test\n\nmodel: 0 of 1 outcomes inside, 1 open" in text
    assert "model: 0 of 1 outcomes inside, 1 open" in rc.reports.html(history, backtest=found)


def test_outcomes_are_drawn_on_the_axes_that_are_given(history):
    ax = Figure().subplots()
    found = rc.backtest(history.model, scenarios=2000)
    assert rc.reports.pit_chart(found, ax=ax) is ax
    marks = [line for line in ax.lines if line.get_marker() not in {"None", None, ""}]
    assert [100 * one.percentile for one in found] == list(marks[0].get_xdata())


def test_models_that_do_not_differ_say_so(history):
    seen = []
    both = history.model, history.model
    found = rc.difference(*both, scenarios=500, progress=lambda *at: seen.append(at))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1] > 0
    lines = difference_lines(found, ("old", "new"))
    assert lines[0].endswith("change 0 [0, 0]")
    assert lines[-1] == "No input, formula or correlation differs."


def test_a_folder_of_one_scenario_has_figures_and_no_charts(history, tmp_path):
    one = rc.simulate(history.model, scenarios=1, seed=1)
    names = {path.name for path in write_folder(one, tmp_path / "out")}
    assert {"results.json", "bands.csv", "model.toml"} <= names
    assert not [name for name in names if name.endswith((".png", ".svg"))]


def test_a_function_has_no_model_file_in_its_folder(tmp_path):
    law = rc.distributions.Normal(0, 1)
    own = rc.simulate(rc.Model({"a": law}, lambda a: {"y": a}), scenarios=1, seed=1)
    names = {path.name for path in write_folder(own, tmp_path / "out")}
    assert "model.toml" not in names
    assert "results.json" in names


def test_a_share_that_is_no_number_has_no_percentile():
    assert numbers.percentile_name(float("nan")) == "n/a"


@pytest.mark.parametrize(
    "formula", ["1e-310 * x", "1e-323 * x", "1.7e308 * (2 * x - 1)", "1e308 * x", "-1e308 * x"]
)
def test_outputs_at_the_ends_of_floats_are_reported(tmp_path, formula):
    """Spans of axes may overflow or vanish: every file is written all the same."""
    text = '[inputs.x]\ndist = "uniform"\nlow = 0\nhigh = 1\n'
    result = rc.simulate(rc.loads(f'{text}[outputs.y]\nformula = "{formula}"\n'), scenarios=2_000)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module="rangecast")
        assert "not told from 0" not in "\n".join(first_screen(result, ["y"]))
        assert {"band_y.png", "spider_y.png"} <= {p.name for p in write_folder(result, tmp_path)}
        assert "<svg" in rc.reports.html(result)


def test_data_that_no_family_fits_are_better_taken_as_they_are():
    values = np.round(np.random.default_rng(1).uniform(0, 1, 200) ** 8 * 50) + 3
    lines = rc.reports.fit_lines(rc.fit(values, ["normal", "poisson"], bootstrap=100))
    advice = [line for line in lines if line.startswith("the data differ from the best family")]
    assert len(advice) == 2
    assert advice[0].endswith('(p = 0.0099): dist = "data" may serve better')
    assert lines[-1].startswith("the two tables cannot be compared")
