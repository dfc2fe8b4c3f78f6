"""The workbook of a run, and its samples: read back by other programs, equal to the results."""

import csv
import json
import math
import re

import inprocess
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest
from rangecast.reports.results_json import as_dict
from rangecast.reports.samples import write_samples
from rangecast.reports.workbook import workbook, write_workbook

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
