"""Inputs from a workbook or a CSV file: every problem names its cell."""

import io
import re
import zipfile

import openpyxl
import pytest
from rangecast.engine.model.overlay import with_inputs
from rangecast.engine.model.sheet import COLUMNS, input_rows

import rangecast as rc

MODEL = """
[inputs.visits]
dist = "lognormal"
p10 = 2e7
p90 = 1.2e8
unit = "visit"
label = '=HYPERLINK("x") <b>&$x$ [red]服务器'
[inputs.price]
dist = "normal"
mean = 5
sd = 1
min = 0
shift = 2
[inputs.kind]
dist = "mixture"
components = [
  {dist = "normal", mean = 0, sd = 1, weight = 0.9},
  {dist = "lognormal", p10 = 1, p90 = 10, weight = 0.1},
]
[inputs.share]
value = 0.25
[inputs.same]
same_as = "price"
[outputs.y]
formula = "visits * price * share + kind + same"
"""


@pytest.fixture
def model():
    return rc.loads(MODEL)


def workbook(model, tmp_path, change=None):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Inputs"
    sheet.append(list(COLUMNS))
    for row in input_rows(model):
        sheet.append([row.get(c) for c in COLUMNS])
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    if change is not None:
        change(sheet)
    path = tmp_path / "plan.xlsx"
    book.save(path)
    return path


def cell_of(name, column):
    row = ["visits", "price", "kind", "share", "same"].index(name) + 2
    return f"{openpyxl.utils.get_column_letter(COLUMNS.index(column) + 1)}{row}"


def digest(model):
    return rc.simulate(model, scenarios=5_000, seed=1).digest


def test_a_sheet_left_alone_changes_nothing(model, tmp_path):
    again = with_inputs(model, str(workbook(model, tmp_path)))
    assert [one.law for one in again.inputs.values()] == [o.law for o in model.inputs.values()]
    assert digest(again) == digest(model)
    assert again.overlay[0][0].endswith("plan.xlsx")
    assert len(again.overlay[0][1]) == 64


def test_the_shipped_model_goes_out_and_comes_back(tmp_path):
    from rangecast.engine.model.cases import apply_case
    from rangecast.reports.workbook import write_workbook

    whole = apply_case(rc.load("ai-servers"), "exante+token")
    result = rc.simulate(whole, scenarios=500, seed=1)
    write_workbook(result, tmp_path / "plan.xlsx")
    again = with_inputs(whole, str(tmp_path / "plan.xlsx"))
    assert rc.simulate(again, scenarios=500, seed=1).digest == result.digest


def test_changes_are_laid_over(model, tmp_path):
    def change(sheet):
        sheet[cell_of("share", "value 1")] = 0.5
        sheet[cell_of("price", "distribution")] = "uniform"
        sheet[cell_of("price", "parameter 1")] = "low"
        sheet[cell_of("price", "parameter 2")] = "high"
        sheet[cell_of("price", "value 1")] = 1
        sheet[cell_of("price", "value 2")] = 3

    laid = with_inputs(model, str(workbook(model, tmp_path, change)))
    assert laid.inputs["share"].value == 0.5
    assert laid.inputs["price"].law.mean == pytest.approx(4)  # moved by 2
    assert laid.inputs["same"].law == laid.inputs["price"].law


def test_csv_has_the_same_layout(model, tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("input,distribution,parameter 1,value 1\nshare,constant,value,0.75\n")
    assert with_inputs(model, str(path)).inputs["share"].value == 0.75
    path.write_text("input,distribution,parameter 1,value 1\nshare,constant,value,abc\n")
    with pytest.raises(rc.ModelError, match=r"plan.csv:2:4 .*expected a number; got 'abc'"):
        with_inputs(model, str(path))


@pytest.mark.parametrize(
    ("name", "column", "value", "code", "words"),
    [
        ("price", "value 1", "five", "E115", "expected a number; got 'five'"),
        ("price", "value 1", "1,000", "E115", "write 1000"),
        ("price", "value 1", "5%", "E115", "write 0.05"),
        ("price", "value 1", True, "E115", "true/false"),
        ("price", "value 1", "=A1*2", "E115", "formula without a stored value"),
        ("price", "value 1", "#N/A", "E115", "error"),
        ("price", "value 2", -1, "E303", "sd"),
        ("price", "parameter 2", "sdd", "E113", "did you mean 'sd'"),
        ("price", "parameter 2", None, "E114", "left"),
        ("price", "value 2", None, "E114", "right"),
        ("price", "distribution", "nrmal", "E301", "did you mean 'normal'"),
        ("price", "input", "prise", "E204", "did you mean 'price'"),
        ("price", "input", "visits", "E106", "twice"),
        ("visits", "unit", "kvisit", "E208", "another unit"),
        ("kind", "more parameters", "components = [", "E105", "TOML"),
        ("kind", "more parameters", 'components = [{dist = "normal"}]', "E114", "weight"),
        ("price", "round", "yes", "E115", "true or false"),
        ("price", "basis", "dream", "E115", "data"),
        ("same", "same as", "nothing", "E204", "unknown input"),
    ],
)
def test_a_wrong_cell_is_named(model, tmp_path, name, column, value, code, words):
    def change(sheet):
        sheet[cell_of(name, column)] = value

    with pytest.raises(rc.ModelError) as refused:
        with_inputs(model, str(workbook(model, tmp_path, change)))
    said = str(refused.value)
    assert code in said
    assert words in said
    row = cell_of(name, column)[-1]
    assert re.search(rf"Inputs!\w+{row}\b", said)


def test_every_problem_is_told_at_once(model, tmp_path):
    def change(sheet):
        sheet[cell_of("price", "value 1")] = "a"
        sheet[cell_of("visits", "value 1")] = "b"
        sheet[cell_of("share", "value 1")] = "c"

    with pytest.raises(rc.ModelError) as refused:
        with_inputs(model, str(workbook(model, tmp_path, change)))
    assert len(refused.value.problems) == 3


def test_other_files_are_refused_in_words(model, tmp_path):
    path = tmp_path / "plan.xlsx"
    for content, code, words in (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "E119", "password"),
        (b"PK\x03\x04 broken", "E119", "not a workbook"),
        (b"hello", "E119", "not a workbook"),
        (bomb(), "E103", "unpacked"),
    ):
        path.write_bytes(content)
        with pytest.raises(rc.ModelError) as refused:
            with_inputs(model, str(path))
        assert code in str(refused.value)
        assert words in str(refused.value)
    with pytest.raises(rc.ModelError, match="E101"):
        with_inputs(model, str(tmp_path / "none.xlsx"))
    book = openpyxl.Workbook()
    book.active.title = "Input"
    book.save(path)
    with pytest.raises(rc.ModelError, match="no sheet named 'Inputs'"):
        with_inputs(model, str(path))


def bomb():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(80 * 2**20))
    return held.getvalue()
