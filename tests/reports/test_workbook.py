"""The workbook of a run, and its samples: read back by other programs, equal to the results."""

import csv
import io
import json
import math
import re
import sys

import inprocess
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest
from rangecast.engine.model.cases import set_inputs
from rangecast.reports.comparison import comparison_dict
from rangecast.reports.results_json import as_dict
from rangecast.reports.samples import write_samples
from rangecast.reports.sheets import Book, number_format
from rangecast.reports.workbook import workbook, write_workbook
from rangecast.reports.workbook_cases import cases_workbook

import rangecast as rc

HOSTILE = '=HYPERLINK("x") <b>&$x$ [red]服务器'
MODEL = f"""
[inputs.a]
label = '{HOSTILE}'
note = "+1"
dist = "normal"
p10 = -5
p90 = 1
[inputs.b]
label = "@cmd"
dist = "lognormal"
p10 = 1
p90 = 10
[outputs.y]
label = '{HOSTILE}'
formula = "a * b"
"""


@pytest.fixture(scope="module")
def result():
    return rc.simulate(rc.loads(MODEL), scenarios=4_000, seed=1)


@pytest.fixture(scope="module")
def book(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "results.xlsx"
    write_workbook(result, path)
    return openpyxl.load_workbook(path)


def table(sheet, first):
    """Rows below the header that begins with a word, by column name."""
    rows = list(sheet.iter_rows())
    at = next(k for k, row in enumerate(rows) if row[0].value == first)
    heads = [cell.value for cell in rows[at]]
    found = []
    for row in rows[at + 1 :]:
        if all(cell.value is None for cell in row):
            break
        found.append({h: c.value for h, c in zip(heads, row, strict=True) if h is not None})
    return found


def test_percentiles_equal_the_results_to_the_last_digit(result, book):
    wanted = as_dict(result)["outputs"]["y"]["bands"]
    rows = table(book["Percentiles"], "output")
    assert len(rows) == len(wanted)
    for row, band in zip(rows, wanted, strict=True):
        assert row["quantile"] == band["quantile"]
        for key in ("value", "ci_low", "ci_high"):
            assert row[key] == band[key]


def test_samples_are_the_scenarios_of_the_run(result, book):
    rows = table(book["Samples"], "scenario")
    values = result.ensemble.totals.floats["values"][0]
    assert [row["y"] for row in rows[:50]] == values[:50].tolist()
    assert rows[3]["scenario"] == 3


def test_text_stays_text(book):
    seen = 0
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":  # ours: changes from the baseline
                    assert re.fullmatch(r"=[A-Z]+\d+-[$\w!']+", cell.value), cell.value
                    continue
                if isinstance(cell.value, str) and cell.value in {HOSTILE, "@cmd", "+1"}:
                    assert cell.data_type in {"s", "inlineStr"}
                    seen += 1
    assert seen >= 5


def test_charts_are_native_and_named_ranges_lead_to_cells(book):
    charts = sum(len(sheet._charts) for sheet in book.worksheets)
    assert charts >= 2
    assert book.vba_archive is None
    for name, defined in book.defined_names.items():
        for title, cells in defined.destinations:
            assert title in book.sheetnames, name
            assert cells


def test_the_bytes_are_the_same_again(result):
    results, names = as_dict(result), list(result.shown)
    assert workbook(result, results, names) == workbook(result, results, names)


def test_samples_in_parquet_and_csv_are_those_of_the_run(result, tmp_path):
    y = result.ensemble.totals.floats["values"][0]
    assert write_samples(result, tmp_path / "s.parquet") == 4_000
    read = pq.read_table(tmp_path / "s.parquet")
    assert np.array_equal(read["y"].to_numpy(), y)
    assert np.array_equal(read["y"].to_numpy(), read["a"].to_numpy() * read["b"].to_numpy())
    assert json.loads(read.schema.metadata[b"rangecast"])["digest"] == result.digest
    assert write_samples(result, tmp_path / "s.csv", rows=100) == 100
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["y"]) for row in rows] == y[:100].tolist()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s.csv", "s.parquet"]


def test_a_failed_scenario_is_an_empty_cell(tmp_path):
    model = rc.loads(
        '[inputs.x]\ndist = "normal"\nmean = 0\nsd = 1\n[outputs.y]\nformula = "log(x)"'
    )
    found = rc.simulate(model, scenarios=1_000, seed=1, max_failures=1.0)
    write_samples(found, tmp_path / "s.csv")
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all((row["y"] == "") == (float(row["x"]) <= 0) for row in rows)
    assert math.isclose(sum(row["y"] == "" for row in rows) / 1000, 0.5, abs_tol=0.1)


@pytest.mark.nightly
def test_the_command_writes_and_reads(tmp_path):
    (tmp_path / "m.toml").write_text(MODEL, encoding="utf-8")
    base = ["python", "-m", "rangecast", "run", str(tmp_path / "m.toml"), "-n", "2000", "-q"]
    out, samples = str(tmp_path / "out"), str(tmp_path / "s.csv")
    line = [*base, "--out", out, "--xlsx", "--samples", samples, "--samples-rows", "10"]
    inprocess.run(line, capture_output=True, text=True, check=True)
    plan = str(tmp_path / "out" / "results.xlsx")
    found = [
        json.loads(inprocess.run([*base, "--json", *more], capture_output=True, text=True).stdout)
        for more in ([], ["--inputs", plan])
    ]
    assert found[0]["manifest"]["digest"] == found[1]["manifest"]["digest"]
    assert found[1]["manifest"]["inputs"][0]["file"] == plan
    for more, words in (
        (["--xlsx"], "needs a folder"),
        (["--samples", "s.txt"], ".csv or .parquet"),
        (["--samples-rows", "5"], "needs --samples"),
        (["--inputs", str(tmp_path / "none.xlsx")], "E101"),
    ):
        refused = inprocess.run([*base, *more], capture_output=True, text=True)
        assert refused.returncode == 2, more
        assert words in refused.stderr


CASES = f"""
[inputs.x]
dist = "lognormal"
mu = 0
sigma = 1
[inputs.k]
value = 1
[outputs.y]
label = '{HOSTILE}'
unit = "m"
formula = "k * x"
[outputs.z]
formula = "log(x - 0.02 * k)"
[cases.wide]
inputs.k = 50
[cases.low]
inputs.k = 0.5
"""


@pytest.fixture(scope="module")
def compared():
    model = rc.loads(CASES)
    return rc.compare(model, ["", "wide", "low"], scenarios=2_000, seed=1, max_failures=1)


@pytest.fixture(scope="module")
def cases(compared, tmp_path_factory):
    path = tmp_path_factory.mktemp("cases") / "comparison.xlsx"
    path.write_bytes(cases_workbook(compared))
    return openpyxl.load_workbook(path)


def test_cases_side_by_side_equal_the_comparison_to_the_last_digit(compared, cases):
    assert cases.sheetnames == ["Cases y", "Cases z", "Percentiles"]
    wanted = comparison_dict(compared)["bands"]
    rows = table(cases["Percentiles"], "output")
    assert rows == wanted
    own = table(cases["Cases y"], "case")
    assert [row["case"] for row in own] == ["no case", "wide", "low"]
    found = compared.result
    for k, row in enumerate(own):
        name = compared.row("y", k)
        for p in (5, 25, 50, 75, 95):
            assert row[f"P{p}"] == found.quantile(name, p / 100)
        assert row["mean"] == found.moments_of(name).mean


def test_differences_of_cases_are_scenario_by_scenario(compared, cases):
    sheet = cases["Cases y"]
    rows = list(sheet.iter_rows(values_only=True))
    at = next(k for k, row in enumerate(rows) if row[0] and "scenario by scenario" in str(row[0]))
    assert rows[at][0].startswith("Each case minus no case")
    heads, wide, low = rows[at + 1 : at + 4]
    assert (wide[0], low[0]) == ("wide", "low")
    place = {name: k for k, name in enumerate(heads) if name}
    assert [wide[place[k]] for k in ("higher in", "from", "to")] == [
        1,
        pytest.approx(0.025 ** (1 / 2000), rel=1e-9),  # Clopper–Pearson
        1,
    ]
    assert low[place["higher in"]] == 0
    middle = compared.result.quantile(compared.row("y", 0), 0.5)
    assert wide[place["P50"]] == pytest.approx(49 * middle, rel=1e-9)


def test_charts_of_cases_are_logarithmic_where_cases_are_far_apart(cases):
    """P5 to P95 of y spread over a factor of 3,000, those of z are negative, too."""
    scales = {}
    for name in ("y", "z"):
        (chart,) = cases[f"Cases {name}"]._charts
        assert len(chart.series) == 3
        scales[name] = chart.y_axis.scaling.logBase
    assert scales == {"y": 10, "z": None}
    title = cases["Cases y"]["A1"]
    assert title.value == f"{HOSTILE} by case (m)"
    assert title.data_type in {"s", "inlineStr"}


def test_a_workbook_over_time_stacks_bands_of_every_period(tmp_path):
    text = (
        '[time]\nstart = 2024\nperiods = 3\n[inputs.g]\ndist = "lognormal"\nmu = 0\nsigma = 1\n'
        '[outputs.y]\nunit = "m"\nformula = "cumulative(g)"\n'
    )
    found = rc.simulate(rc.loads(text), scenarios=2_000, seed=1)
    names = found.model.series["y"]
    write_workbook(found, tmp_path / "r.xlsx", shown=names)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    sheet = book["Over time y"]
    assert sheet["A1"].value == "y (m)"
    rows = table(sheet, "period")
    assert [row["period"] for row in rows] == ["2024", "2025", "2026"]
    for row, name in zip(rows, names, strict=True):
        bands = [row[f"P{p}"] for p in (5, 25, 50, 75, 95)]
        assert bands == [found.quantile(name, p) for p in (0.05, 0.25, 0.5, 0.75, 0.95)]
        steps = [row["P5"], *(row[f"P{b} − P{a}"] for a, b in ((5, 25), (25, 50), (50, 75)))]
        assert sum(steps) == pytest.approx(row["P75"], rel=1e-12)
    assert "Curves" not in book.sheetnames  # of outputs without periods


def test_a_workbook_of_one_scenario_has_no_rankings(tmp_path):
    text = '[inputs.x]\ndist = "uniform"\nlow = 0\nhigh = 1\n[outputs.y]\nformula = "x"\n'
    one = rc.simulate(rc.loads(text), scenarios=1, seed=1)
    write_workbook(one, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert not [name for name in book.sheetnames if name.startswith(("Tornado", "Curves"))]
    assert table(book["Samples"], "scenario")[0]["y"] == one.quantile("y", 0.5)


def test_samples_that_cannot_be_written_leave_nothing(result, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(rc.ResourceError, match=r"pip install .rangecast\[parquet\]"):
        write_samples(result, tmp_path / "s.parquet")
    (tmp_path / "s.csv").mkdir()
    with pytest.raises(rc.FileError, match=r"s\.csv"):
        write_samples(result, tmp_path / "s.csv", rows=10)
    assert [p.name for p in tmp_path.iterdir()] == ["s.csv"]


def test_names_of_sheets_and_cells_are_those_that_spreadsheets_accept():
    book = Book("names")
    names = ["History", "a", "A", "b/c", "b?c", "x" * 40, "x" * 40, "''"]
    pages = [book.sheet(name, name) for name in names]
    wanted = ["History_", "a", "A 2", "b_c", "b_c 2", "x" * 31, "x" * 29 + " 2", "Sheet"]
    for k, name in enumerate(("y P50", "Y_P50", "2nd")):
        book.define(name, pages[0], k, 0)
    read = openpyxl.load_workbook(io.BytesIO(book.finish()))
    assert read.sheetnames == wanted
    assert {n: one.attr_text for n, one in read.defined_names.items()} == {
        "y_P50": "'History_'!$A$1"
    }


@pytest.mark.parametrize(("values", "form"), [([1e20], "0.00E+00"), ([1e-9, 2e-9], "0.00E+00")])
def test_numbers_far_from_one_are_shown_by_powers_of_ten(values, form):
    assert number_format(values) == form


def test_a_workbook_says_by_which_command_it_was_made(tmp_path):
    text = '[inputs.a]\ndist = "normal"\nmean = 1e4\nsd = 1e4\n[inputs.k]\nvalue = 1\n'
    text += '[outputs.y]\nformula = "a * k"\n'
    (tmp_path / "m.toml").write_text(text)
    model = set_inputs(rc.load(tmp_path / "m.toml"), ("k=2",))
    write_workbook(rc.simulate(model, scenarios=500, seed=1), tmp_path / "r.xlsx")
    sheets = openpyxl.load_workbook(tmp_path / "r.xlsx").worksheets
    cells = [str(c.value) for sheet in sheets for row in sheet.iter_rows() for c in row if c.value]
    made = [text for text in cells if text.startswith("rangecast run ")]
    assert len(made) == 1
    assert made[0].endswith("m.toml -n 500 --seed 1 --set k=2")
