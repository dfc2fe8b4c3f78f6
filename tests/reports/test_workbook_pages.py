"""Workbooks as LibreOffice prints them: every chart on one page, nothing cut, nothing too small.

Long: it takes LibreOffice (soffice) and poppler (pdftotext, pdfinfo).
"""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile

import openpyxl
import pytest
from rangecast.reports.results_json import as_dict
from rangecast.reports.workbook import write_workbook
from rangecast.reports.workbook_cases import cases_workbook

import rangecast as rc

NO_OFFICE = "LibreOffice is not installed"
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(
        not all(map(shutil.which, ("soffice", "pdftotext", "pdfinfo"))), reason=NO_OFFICE
    ),
]
SMALLEST = {"chart": 6.0, "table": 5.0}
"""Points of a line of text; long tables are printed one page wide. Footers shrink with the page."""


def printed(path):
    """Let LibreOffice make a PDF; give the words of each page as (text, height)."""
    command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", path.parent, path]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    pdf, boxes = path.with_suffix(".pdf"), path.with_suffix(".html")
    subprocess.run(["pdftotext", "-bbox", pdf, boxes], check=True)
    text = re.sub(r"<(!DOCTYPE|meta)[^>]*>", "", boxes.read_text(encoding="utf-8"))
    pages = []
    for page in ET.fromstring(text).iter("{http://www.w3.org/1999/xhtml}page"):
        size = float(page.get("width")), float(page.get("height"))
        words = [
            (w.text, *(float(w.get(k)) for k in ("xMin", "yMin", "xMax", "yMax"))) for w in page
        ]
        pages.append((size, words))
    return pages


def footer(words):
    """Name of the sheet on a page: each has it in its footer."""
    last = max(w[2] for w in words)
    return " ".join(w[0] for w in words if w[2] > last - 4)


def sheet_of(book, words):
    """Name of the sheet that a page belongs to."""
    line = footer(words)
    return next(s for s in sorted(book.sheetnames, key=len, reverse=True) if s in line)


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("books")
    model = rc.load("ai-servers")
    result = rc.simulate(model, scenarios=10_000, seed=1, rank=["servers_year"])
    names = ["servers", "market_cny", *result.model.series["servers_year"]]
    write_workbook(result, folder / "results.xlsx", shown=names)
    compared = rc.compare(model, ["exante+token", "exante", "article"], scenarios=5_000)
    (folder / "cases.xlsx").write_bytes(cases_workbook(compared))
    return {"folder": folder, "result": result, "names": names}


@pytest.mark.parametrize("name", ["results", "cases"])
def test_each_chart_is_printed_on_one_page_and_nothing_is_cut(books, name):
    path = books["folder"] / f"{name}.xlsx"
    book = openpyxl.load_workbook(path)
    pages = printed(path)
    charts = {sheet.title for sheet in book if sheet._charts}
    for (width, height), words in pages:
        assert width > height  # landscape
        assert not [w for w in words if "###" in w[0]]  # a column that is too narrow
        least = SMALLEST["chart" if sheet_of(book, words) in charts else "table"]
        for text, left, top, right, bottom in words:
            assert 0 <= left < right <= width, text
            assert 0 <= top < bottom <= height, text
            assert bottom - top >= least or top > 0.95 * height, (footer(words), text)
    by_sheet = {}
    for _, words in pages:
        sheet = sheet_of(book, words)
        by_sheet[sheet] = by_sheet.get(sheet, 0) + 1
    assert list(by_sheet) == book.sheetnames  # in order, none empty
    assert charts
    assert {by_sheet[sheet] for sheet in charts} == {1}


def test_charts_have_a_title_and_words_for_screen_readers(books):
    for name in ("results", "cases"):
        with zipfile.ZipFile(books["folder"] / f"{name}.xlsx") as file:
            drawings = [n for n in file.namelist() if re.match(r"xl/drawings/drawing\d+\.xml", n)]
            text = "".join(file.read(n).decode() for n in drawings)
        frames = re.findall(r"<xdr:cNvPr [^>]*>", text)
        assert frames
        assert all('descr="' in frame for frame in frames)


def test_every_table_equals_the_results(books):
    """All rankings of the shipped model, by openpyxl against results.json."""
    book = openpyxl.load_workbook(books["folder"] / "results.xlsx")
    wanted = json.loads(json.dumps(as_dict(books["result"], shown=books["names"])))["tornado"]
    rows = list(book["Rankings"].iter_rows(min_row=4, values_only=True))
    found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert len(found) == len(wanted)
    for row, one in zip(found, wanted, strict=True):
        filled = ({k: v for k, v in d.items() if v not in (None, "")} for d in (row, one))
        assert next(filled) == next(filled)
