"""Tables, screens, charts and files."""

import csv
import json
import subprocess
import sys

import pytest
from rangecast.engine import files
from rangecast.engine.errors import FileError
from rangecast.reports import numbers, tornado_chart, tornado_table, write_folder
from rangecast.reports.density import band_chart
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
