"""What the sixth part promises, line by line."""

import html
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from charts import faults
from pages import HOSTILE, TEXTS
from rangecast.reports.page.contents import Contents
from rangecast.reports.page.render import page as written
from rangecast.reports.results_json import as_dict
from rangecast.reports.workbook import write_workbook

import rangecast as rc

ROOT = Path(__file__).parents[2]


def module_of(path):
    """Load a module of tests, to use what it checks with."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ------------------------- Headless Chromium opens the report offline in light, dark and print:
#                           0 requests, 0 console messages, axe-core passes; the boxes of all
#                           text in the page: none overlaps, none leaves the page


@pytest.mark.browser
def test_the_report_opens_offline_in_light_dark_and_print_and_axe_finds_nothing(tmp_path):
    browser = module_of("tests/reports/test_page_browser.py")
    if browser.BROWSER is None or not importlib.util.find_spec("playwright"):
        pytest.skip(browser.NO_BROWSER)
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    pages = {}
    for name in ("one", "twelve hostile", "forty long", "negative", "huge", "one-sided"):
        result = rc.simulate(rc.loads(TEXTS[name]), scenarios=1_000, max_failures=1)
        pages[name] = tmp_path / f"{name}.html"
        pages[name].write_text(written(Contents((result,))), encoding="utf-8")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.BROWSER, args=["--no-sandbox"]
        )
        for path in pages.values():
            for scheme, media, width in (
                ("light", "screen", 1280),
                ("dark", "screen", 1280),
                ("light", "print", browser.PRINTED),
            ):
                with browser.Opened(chromium, path, width, scheme, media) as opened:
                    browser.check_boxes(opened, width)
                    assert opened.asked == []
                    assert opened.said == []
        for scheme in ("light", "dark"):
            with browser.Opened(chromium, pages["twelve hostile"], scheme=scheme) as opened:
                assert Axe().run(opened.page).response["violations"] == []
        chromium.close()


def test_a_report_is_one_file_of_at_most_a_megabyte_and_a_half_with_a_strict_policy():
    result = rc.simulate(rc.loads(TEXTS["forty long"]), scenarios=500)
    text = rc.reports.html(result)
    assert len(text.encode("utf-8")) <= 1_500_000
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r'(?:src|href)="(?!#|data:)', text)


# ------------------------- the boxes of all text artists of every chart


def test_no_text_of_any_chart_overlaps_or_leaves_the_page():
    charts = module_of("tests/reports/test_charts.py")
    known = {name for name in rc.reports.__all__ if re.search(r"chart|map|waterfall", name)}
    tested = (ROOT / "tests/reports/test_charts.py").read_text(encoding="utf-8")
    assert {name for name in known if f"rc.reports.{name}(" not in tested} == set()
    assert set(charts.PLAIN) >= {"one", "twelve hostile"}
    assert set(charts.TEXTS) >= {"forty long", "negative", "huge", "one-sided"}  # those at night
    assert faults(charts.CHARTS["tornado"](charts.result("forty long")).figure) == []


# ------------------------- LibreOffice renders each workbook sheet to one readable page per chart;
#                           openpyxl reads the tables back equal to results.json


@pytest.mark.nightly
def test_libreoffice_prints_each_chart_on_one_page():
    pages = ROOT / "tests/reports/test_workbook_pages.py"
    line = ["-m", "pytest", "-q", "-n", "0", "-m", "nightly", str(pages)]
    done = subprocess.run([sys.executable, *line], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_openpyxl_reads_the_tables_back_equal_to_the_results(tmp_path):
    result = rc.simulate(rc.loads(TEXTS["negative"]), scenarios=2_000)
    write_workbook(result, tmp_path / "r.xlsx")
    book, wanted = openpyxl.load_workbook(tmp_path / "r.xlsx"), as_dict(result)

    def rows(sheet):
        found = list(book[sheet].iter_rows(min_row=4, values_only=True))
        return [dict(zip(found[0], row, strict=True)) for row in found[1:]]

    def filled(row):
        return {k: v for k, v in row.items() if v not in (None, "")}

    bars = [filled(row) for row in rows("Rankings")]
    assert bars == [filled(bar) for bar in wanted["tornado"]]
    bands = [
        filled({k: out[k] for k in ("output", "label", "unit", "case", "period")} | band)
        for out in wanted["outputs"].values()
        for band in out["bands"]
    ]
    assert [filled(row) for row in rows("Percentiles")] == bands
    bases = {row["input"]: row["base"] for row in wanted["inputs"]}
    found = {row["input"]: row["label"] for row in rows("Inputs")}
    assert set(found) == set(bases)


# ------------------------- a hostile label appears literally in every format


def test_a_hostile_label_is_literal_in_every_format():
    formats = (ROOT / "tests/reports/test_formats.py").read_text(encoding="utf-8")
    for kind in ("on_the_terminal", "json", "csv", "markdown", "html", "svg", "a_workbook"):
        assert re.search(rf"def test_a_hostile_label_stands_(in_)?{kind}_", formats), kind
    assert HOSTILE == '=HYPERLINK("x") <b>&$x$ [red]服务器'


# ------------------------- the quick start is extracted from README and executed


def test_the_quick_start_is_extracted_and_executed():
    tested = (ROOT / "tests/packaging/test_walkthroughs.py").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "README.md" in tested
    part = re.search(r"^## Quick start\n(.*?)^## ", readme, re.MULTILINE | re.DOTALL)[1]
    blocks = re.findall(r"<!-- run -->\n```sh\n(.*?)```", part, re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert 4 <= len(commands) <= 8
    for verb in ("run", "new", "report", "--set"):
        assert any(verb in command for command in commands), verb
