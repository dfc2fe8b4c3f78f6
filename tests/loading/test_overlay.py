"""Inputs from a workbook or a CSV file: every problem names its cell."""

import csv
import datetime as dt
import io
import math
import re
import sys
import zipfile
from pathlib import Path
from random import Random

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


@pytest.mark.nightly
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


# ------------------------------------------------------------------ CSV files, cell by cell

COLUMNS_USED = (
    *("input", "unit", "distribution", "parameter 1", "value 1", "parameter 2", "value 2"),
    *("base", "min", "round", "more parameters", "same as", "basis", "note"),
)


def table(tmp_path, *rows, header=COLUMNS_USED, above=()):
    """Write rows, each a dictionary by column, as a CSV file."""
    path = tmp_path / "plan.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([*above, header])
        writer.writerows([row.get(column, "") for column in header] for row in rows)
    return str(path)


def refusal(model, path):
    """Give the problems of a file that is refused."""
    with pytest.raises(rc.RangecastError) as refused:
        with_inputs(model, str(path))
    return refused.value.problems


def place(problem):
    """Code, line and column of a problem in a CSV file; the column by its name."""
    return problem.code, problem.line, COLUMNS_USED[problem.column - 1]


NORMAL = {"distribution": "normal", "parameter 1": "mean", "value 1": "1"}
NORMAL |= {"parameter 2": "sd", "value 2": "2"}
KEPT = {"distribution": "as in the model"}


def test_a_table_may_stand_below_a_title_and_among_empty_lines(model, tmp_path):
    above = [["Plan for 2027"], [], ["", "draft"]]
    row = {"input": "price", **NORMAL, "round": "TRUE", "note": "from Ann", "basis": "report"}
    path = table(tmp_path, {}, row, {}, above=above)
    price = with_inputs(model, path).inputs["price"]
    assert price.law.support[0] == -math.inf  # `min` of the model went with its distribution
    assert price.description == "normal(mean=1, sd=2), rounded"
    assert (price.note, price.basis) == ("from Ann", "report")


def test_false_is_a_flag_and_a_quoted_text_loses_its_apostrophe(model, tmp_path):
    row = {"input": "price", **NORMAL, "round": "false", "note": "'=1+1", "value 1": "'-3"}
    price = with_inputs(model, table(tmp_path, row)).inputs["price"]
    assert price.description == "normal(mean=-3, sd=2)"
    assert price.note == "=1+1"
    kept = {"input": "price", **KEPT, "note": "'tis"}
    assert with_inputs(model, table(tmp_path, kept)).inputs["price"].note == "'tis"


@pytest.mark.parametrize(
    ("row", "code", "column", "words"),
    [
        ({"round": "yes"}, "E115", "round", "expected true or false; got 'yes'"),
        ({"value 1": "1_000"}, "E115", "value 1", "got '1_000'"),
        ({"value 1": "nan"}, "E305", "value 1", "must be finite"),
        ({"value 1": "1" + "0" * 400}, "E305", "value 1", "too large for a 64-bit float"),
        ({"value 1": "1" * 5000}, "E305", "value 1", "must be finite"),
        ({"more parameters": "a = " + "9" * 5000}, "E105", "more parameters", "is not TOML"),
        ({"more parameters": "a = " + "[" * 5000}, "E105", "more parameters", "is not TOML"),
        ({"more parameters": "#" * 100_001}, "E117", "more parameters", "too long"),
        ({"more parameters": "sd = 3"}, "E106", "more parameters", "price.sd: defined twice"),
        ({"more parameters": 'unit = "kg"'}, "E302", "more parameters", "set it in the model"),
        ({"more parameters": 'source = "x"'}, "E302", "more parameters", "price.source"),
        ({"parameter 1": "min", "min": "0"}, "E106", "min", "price.min: defined twice"),
        ({"parameter 1": ""}, "E114", "value 1", "without a parameter's name to its left"),
        ({"value 2": ""}, "E114", "parameter 2", "without a value to its right; got sd"),
        ({"distribution": ""}, "E114", "input", "price.dist: missing"),
        ({"input": ""}, "E114", "distribution", "a row without an input's name"),
        ({"unit": "EUR"}, "E208", "unit", "another unit; got EUR; the model has ''"),
        ({"same as": "vists"}, "E204", "same as", "got vists; did you mean 'visits'?"),
        ({"same as": "price"}, "E205", "same as", "must name an input that shares no other"),
        ({"same as": "same"}, "E205", "same as", "must name an input that shares no other"),
        ({"same as": "visits"}, "E205", "same as", "since 'same' shares it; got visits"),
    ],
)
def test_a_wrong_cell_of_csv_is_named_by_line_and_column(model, tmp_path, row, code, column, words):
    path = table(tmp_path, {"input": "visits", **KEPT}, {"input": "price", **NORMAL, **row})
    problems = refusal(model, path)
    assert (code, 3, column) in map(place, problems)
    assert words in "\n".join(map(str, problems))
    if column == "same as":
        assert len(problems) == 1  # one mistake, told once


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("12.5 %", "write 0.125"),
        ("1,234,567.5", "write 1234567.5"),
        ("-1,000", "write -1000"),
        ("1,5", "write 1.5"),  # a decimal comma, not fifteen
        ("1.234,5", ""),
        ("five", ""),
        ("inf%", ""),
        ("1" + "0" * 400 + "%", ""),
    ],
)
def test_a_number_in_other_clothes_is_hinted_at(model, tmp_path, text, hint):
    [problem] = refusal(model, table(tmp_path, {"input": "price", **NORMAL, "value 1": text}))
    assert (problem.code, problem.hint) == ("E115", hint)


def test_the_place_of_a_row_is_the_line_where_it_begins(model, tmp_path):
    above = [["a title\nof two lines"], []]
    row = {"input": "price", **NORMAL, "value 1": "x", "note": "one\ntwo\nthree"}
    path = table(tmp_path, row, {"input": "visits", **NORMAL, "value 1": "y"}, above=above)
    assert list(map(place, refusal(model, path))) == [
        ("E115", 5, "value 1"),
        ("E115", 8, "value 1"),
    ]


def test_a_row_that_is_there_twice_names_the_first(model, tmp_path):
    path = table(tmp_path, {"input": "price", **NORMAL}, {"input": "price", **NORMAL})
    [problem] = refusal(model, path)
    assert place(problem) == ("E106", 3, "input")
    assert problem.got == "also at line 2"


def test_a_problem_within_a_list_is_at_the_cell_of_the_list(model, tmp_path):
    lines = 'components = [{dist = "normal", mean = 0, sd = -1, weight = 1}]'
    row = {"input": "kind", "distribution": "mixture", "more parameters": lines}
    [problem] = refusal(model, table(tmp_path, row))
    assert place(problem) == ("E303", 2, "more parameters")
    assert problem.key == "kind.components[0].sd"


def test_no_more_than_twenty_problems_are_listed(model, tmp_path):
    rows = [{"input": f"nothing {k}", **NORMAL} for k in range(23)]
    problems = refusal(model, table(tmp_path, *rows))
    assert len(problems) == 21
    assert [p.line for p in problems[:20]] == list(range(2, 22))
    assert problems[-1].code == "E117"
    assert problems[-1].message == "… and 3 more problems in this file"
    assert len(refusal(model, table(tmp_path, *rows[:20]))) == 20


def test_warnings_are_kept_with_their_cells(model, tmp_path):
    row = {"input": "price", **NORMAL, "value 2": "0"}
    laid = with_inputs(model, table(tmp_path, row))
    [warning] = laid.warnings[len(model.warnings) :]
    assert place(warning)[:2] == ("W350", 2)
    assert "no spread" in warning.message


# ------------------------------------------------------------------ rows that keep or share a law


@pytest.mark.parametrize("words", ["as in the model", "As in the model"])
def test_a_row_may_keep_the_distribution(model, tmp_path, words):
    row = {"input": "price", "distribution": words, "base": "6", "basis": "data", "note": "seen"}
    price = with_inputs(model, table(tmp_path, row)).inputs["price"]
    assert price.law == model.inputs["price"].law
    assert (price.base, price.base_given, price.basis, price.note) == (6.0, True, "data", "seen")
    price = with_inputs(model, table(tmp_path, {"input": "price", **KEPT})).inputs["price"]
    assert price == model.inputs["price"]


@pytest.mark.parametrize(
    ("name", "row", "code", "column", "words"),
    [
        ("price", {"min": "1"}, "E302", "min", "goes with a distribution, not 'as in the model'"),
        ("price", {"parameter 1": "sd", "value 1": "1"}, "E302", "value 1", "price.sd: goes with"),
        ("price", {"basis": "dream"}, "E115", "basis", "data, report, judgement; got 'dream'"),
        ("price", {"base": "nan"}, "E305", "base", "must be finite"),
        ("price", {"base": "1" + "0" * 400}, "E305", "base", "too large for a 64-bit float"),
        ("share", {"base": "3"}, "E302", "base", "a constant takes no base"),
    ],
)
def test_what_a_kept_distribution_cannot_take_is_refused(
    model, tmp_path, name, row, code, column, words
):
    [problem] = refusal(model, table(tmp_path, {"input": name, **KEPT, **row}))
    assert place(problem) == (code, 2, column)
    assert words in str(problem)


def test_problems_of_a_kept_distribution_come_in_the_order_of_the_row(model, tmp_path):
    lines = "low = 1\nhigh = 2\nmode = 1\nmean = 3"
    row = {"input": "price", **KEPT, "more parameters": lines, "min": "0"}
    keys = [p.key.strip() for p in refusal(model, table(tmp_path, row))]
    assert keys == ["price.low", "price.high", "price.mode", "price.mean", "price.min"]


def test_an_input_is_fixed_by_the_word_constant(model, tmp_path):
    row = {"input": "price", "distribution": "Constant", "parameter 1": "value", "value 1": "4"}
    laid = with_inputs(model, table(tmp_path, row))
    assert laid.inputs["price"].value == 4.0
    assert laid.inputs["price"].is_constant
    assert laid.inputs["same"].law == model.inputs["same"].law  # goes on varying


@pytest.mark.parametrize("row", [{"same as": "price"}, {"more parameters": 'same_as = "price"'}])
def test_an_input_may_come_to_share_another(model, tmp_path, row):
    laid = with_inputs(model, table(tmp_path, {"input": "visits", **row}))
    assert laid.inputs["visits"].same_as == "price"
    assert laid.inputs["visits"].law == model.inputs["price"].law
    row = {"more parameters": 'same_as = "nothing"'}
    [problem] = refusal(model, table(tmp_path, {"input": "visits", **row}))
    assert place(problem) == ("E204", 2, "more parameters")


def test_sharing_is_judged_by_what_the_whole_file_leaves(model, tmp_path):
    rows = ({"input": "visits", "same as": "same"}, {"input": "same", **NORMAL})
    laid = with_inputs(model, table(tmp_path, *rows))
    assert laid.inputs["same"].same_as == ""
    assert laid.inputs["visits"].law == laid.inputs["same"].law
    assert laid.inputs["same"].description == "normal(mean=1, sd=2)"
    rows = ({"input": "kind", "same as": "visits"}, {"input": "visits", "same as": "price"})
    [problem] = refusal(model, table(tmp_path, *rows))
    assert place(problem) == ("E205", 2, "same as")


def test_rows_that_are_written_of_data_are_read_again(tmp_path):
    (tmp_path / "seen.csv").write_text("x\n" + "".join(f"{k}\n" for k in range(60)))
    (tmp_path / "model.toml").write_text(
        '[inputs.x]\ndist = "data"\nfile = "seen.csv"\nmin = 3\nround = true\nfactor = 2\n'
        'base = 7\n[outputs.y]\nformula = "x"\n'
    )
    model = rc.load(str(tmp_path / "model.toml"))
    [row] = input_rows(model)
    assert row == {"input": "x", "label": "x", "distribution": "as in the model", "base": 7.0}
    assert digest(with_inputs(model, table(tmp_path, row))) == digest(model)


def test_rounded_branches_go_out_and_come_back(tmp_path):
    model = rc.loads(
        '[inputs.c]\ndist = "bernoulli"\np = 0.5\n[inputs.x]\ndist = "conditional"\non = "c"\n'
        'given = [{when = 0, value = 3}, {when = 1, dist = "normal", mean = 9, sd = 2, '
        'round = true}]\n[outputs.y]\nformula = "x"\n'
    )
    row = input_rows(model)[1]
    assert "round = true" in row["more parameters"]
    assert digest(with_inputs(model, table(tmp_path, row))) == digest(model)


# ------------------------------------------------------------------ headers


@pytest.mark.parametrize(
    ("header", "code", "column", "words"),
    [
        ("input,distribution,nots", "E113", 3, "unknown column; got nots; allowed: input"),
        ("input,distribution,Base,base", "E106", 4, "column is there twice; got base"),
        ("note,Input,value 1", "E114", 1, "no column 'distribution'"),
    ],
)
def test_a_wrong_header_is_named(model, tmp_path, header, code, column, words):
    [problem] = refusal(model, table(tmp_path, header=header.split(","), above=[["a title"]]))
    assert (problem.code, problem.line, problem.column) == (code, 2, column)
    assert words in str(problem)


@pytest.mark.parametrize("text", ["", "\n\n", "inputs;distribution\nprice;normal\n"])
def test_a_file_without_a_header_is_refused(model, tmp_path, text):
    path = tmp_path / "plan.csv"
    path.write_text(text)
    [problem] = refusal(model, path)
    assert problem.code == "E114"
    assert "no row with the header 'input'; columns: input, label, unit" in str(problem)


def test_a_value_without_a_column_is_named(model, tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("input,distribution,,note\nprice,as in the model,stray,fine\n,,alone\n")
    problems = refusal(model, path)
    assert [(p.code, p.line, p.column, p.got) for p in problems] == [
        ("E113", 2, 3, "stray"),
        ("E113", 3, 3, "alone"),
    ]
    assert problems[0].hint == "give the column a header, or clear the cell"


# ------------------------------------------------------------------ files as a whole


def test_a_missing_file_is_told_with_the_nearest(model, tmp_path):
    (tmp_path / "plan.csv").write_text("input,distribution\n")
    [problem] = refusal(model, tmp_path / "plam.csv")
    assert problem.code == "E101"
    assert problem.hint == f"did you mean '{tmp_path / 'plan.csv'}'?"


def test_a_folder_is_no_file(model, tmp_path):
    [problem] = refusal(model, tmp_path)
    assert (problem.code, problem.allowed) == ("E102", "a workbook or CSV file")


def test_a_file_of_21_mb_is_refused_unread(model, tmp_path):
    with (tmp_path / "plan.csv").open("wb") as file:
        file.truncate(21 * 2**20)
    [problem] = refusal(model, tmp_path / "plan.csv")
    assert problem.code == "E103"
    assert "file is 21 MB; limit 20 MB" in str(problem)


def test_a_file_that_cannot_be_read_says_why(model, tmp_path, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "plan.csv").write_text("input,distribution\n")
    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(rc.engine.errors.FileError, match=r"E802.*cannot read: Permission denied"):
        with_inputs(model, str(tmp_path / "plan.csv"))


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"input,distribution\nprix\xe9,normal\n", "E104", "not valid UTF-8 at byte offset 23"),
        (b'input,distribution\nprice,"normal\n', "E105", "line 2 is not CSV"),
        (b'input,distribution\nprice,"nor"mal\n', "E105", "line 2 is not CSV"),
        (b"input\n" + b"price\n" * 20_000, "E117", "too many cells; got over 20,000 rows; limit"),
        (b"\n" * 20_001, "E117", "too many cells; got over 20,000 rows; limit 20,000 rows"),
        (b"input" + b"," * 200 + b"distribution\n", "E117", "201 columns in line 1"),
        ("input,distribution\n".encode("utf-16"), "E119", "is not a workbook"),
    ],
)
def test_text_that_is_no_table_is_refused(model, tmp_path, content, code, words):
    path = tmp_path / "plan.csv"
    path.write_bytes(content)
    [problem] = refusal(model, path)
    assert problem.code == code
    assert words in str(problem)


def test_a_byte_order_mark_and_empty_columns_do_no_harm(model, tmp_path):
    path = tmp_path / "plan.csv"
    lines = "input,distribution,parameter 1,value 1" + "," * 300 + "\r\nshare,constant,value,3\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + lines.encode())
    assert with_inputs(model, str(path)).inputs["share"].value == 3.0


# ------------------------------------------------------------------ workbooks as a whole


def archive(tmp_path, parts, flag=0):
    """Write an archive of parts; `flag` is set in each, as encryption does."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    raw = bytearray(held.getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(mark), raw):
            raw[found.start() + offset] |= flag
    path = tmp_path / "plan.xlsx"
    path.write_bytes(raw)
    return path


BOOK = "xl/workbook.xml"


@pytest.mark.parametrize(
    ("parts", "flag", "code", "words"),
    [
        ({BOOK: "<a/>"}, 1, "E119", "encrypted; save it without a password"),
        ({"word/document.xml": "<a/>"}, 0, "E119", "an .xlsx or CSV file"),
        ({BOOK: '<!DOCTYPE a [<!ENTITY b "c">]><a/>'}, 0, "E119", "XML that no spreadsheet writes"),
        ({BOOK: "<a/>".encode("utf-16")}, 0, "E119", "XML that no spreadsheet writes"),
        ({BOOK: "<a/>", "xl/media/a.png": b"\0\1"}, 0, "E119", "open and save it in a spreadsheet"),
        ({f"{k}": "" for k in range(2_001)}, 0, "E103", "got 0 MB in 2,001 parts; limit 64 MB"),
        ({BOOK: bytes(2**21)}, 0, "E103", "too large when unpacked; got 2 MB in 1 parts"),
    ],
)
def test_an_archive_that_is_no_workbook_is_refused(model, tmp_path, parts, flag, code, words):
    [problem] = refusal(model, archive(tmp_path, parts, flag))
    assert problem.code == code
    assert words in str(problem)


def test_a_damaged_workbook_is_refused_in_words(model, tmp_path):
    path = workbook(model, tmp_path)
    whole, random = path.read_bytes(), Random(5)
    refused = 0
    for _ in range(60):  # in packed parts, in their names, in the directory
        raw = bytearray(whole)
        for _ in range(10):
            raw[random.randrange(4, len(raw))] = random.randrange(256)
        path.write_bytes(raw)
        try:
            with_inputs(model, str(path))
        except rc.ModelError:
            refused += 1
    assert refused > 30  # some bytes, such as times of the parts, do not matter


def test_packed_bytes_that_cannot_be_unpacked_are_refused(model, tmp_path):
    path = archive(tmp_path, {BOOK: "<a>" + "abcdefgh" * 50 + "</a>"})
    raw = bytearray(path.read_bytes())
    start = 30 + len(BOOK)
    raw[start : start + 8] = b"\xff" * 8
    path.write_bytes(raw)
    [problem] = refusal(model, path)
    assert problem.code == "E119"
    assert "is not a workbook: Error -3 while decompressing" in problem.message


def test_without_openpyxl_the_extra_is_named(model, tmp_path, monkeypatch):
    path = workbook(model, tmp_path)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(rc.engine.errors.ResourceError, match=r'pip install "rangecast\[xlsx\]"'):
        with_inputs(model, str(path))


def test_sheets_that_are_there_are_told_safely(model, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Inptus"
    book.create_sheet("a\u202eb")
    book.save(tmp_path / "plan.xlsx")
    [problem] = refusal(model, tmp_path / "plan.xlsx")
    assert problem.code == "E204"
    assert problem.allowed == "found: Inptus, a\\u202eb"
    assert problem.hint == "did you mean 'Inptus'?"


@pytest.mark.parametrize(
    ("cell", "got"), [("A20002", "20,002 rows, 22 columns"), ("GS1", "6 rows, 201 columns")]
)
def test_a_sheet_with_a_cell_far_away_is_refused(model, tmp_path, cell, got):
    path = workbook(model, tmp_path, lambda sheet: sheet.__setitem__(cell, "here"))
    [problem] = refusal(model, path)
    assert (problem.code, problem.got) == ("E117", got)
    assert problem.allowed == "limit 20,000 rows, 200 columns"


def test_merged_cells_are_refused_below_the_header(model, tmp_path):
    def change(sheet):
        sheet.insert_rows(1)
        sheet["A1"] = "The plan"
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("S3:S5")

    [problem] = refusal(model, workbook(model, tmp_path, change))
    assert (problem.code, problem.key) == ("E115", "Inputs!S3:S5")
    assert problem.hint == "unmerge them: each input has a row of its own"


@pytest.mark.parametrize(
    ("name", "column", "value", "words"),
    [
        ("price", "value 1", dt.date(2026, 1, 2), "got a date or time; format the cell as"),
        ("price", "value 1", dt.time(3, 4), "got a date or time"),
        ("price", "value 1", "#DIV/0!", "got the error #DIV/0!; mend the formula"),
        ("price", "value 1", "5", "the cell holds text: write 5 as a number"),
        ("price", "value 1", "1" + "0" * 400, "expected a number; got '1000"),
        ("price", "value 1", "nan", "expected a number; got 'nan'"),
        ("price", "round", "#N/A", "expected true or false; got the error #N/A"),
        ("price", "round", "true", "expected true or false; got 'true'"),
        ("price", "distribution", 3, "expected text; got 3"),
        ("price", "distribution", True, "expected text; got a true/false value"),
        ("price", "distribution", "=B1", "expected text; got a formula without a stored value"),
        ("price", "parameter 1", 3, "expected text; got 3"),
        ("price", "note", 3, "price.note: expected text; got 3"),
        ("price", "min", "low", "price.min: expected a number; got 'low'"),
    ],
)
def test_a_cell_of_another_kind_is_named(model, tmp_path, name, column, value, words):
    def change(sheet):
        sheet[cell_of(name, column)] = value

    [problem] = refusal(model, workbook(model, tmp_path, change))
    assert problem.code == "E115"
    assert problem.key.startswith(f"Inputs!{cell_of(name, column)} price")
    assert words in str(problem)


def test_a_number_may_be_whole_and_a_flag_true(model, tmp_path):
    def change(sheet):
        sheet[cell_of("price", "value 1")] = 7
        sheet[cell_of("price", "round")] = True
        sheet[cell_of("price", "note")] = "   "

    price = with_inputs(model, str(workbook(model, tmp_path, change))).inputs["price"]
    assert price.description == "normal(mean=7, sd=1), moved by 2, cut off at min 0, rounded"
    assert price.note == ""


def test_the_size_of_an_unpacked_workbook_has_a_limit(model, tmp_path, monkeypatch):
    from rangecast.engine.model import overlay

    path = workbook(model, tmp_path)
    size = sum(member.file_size for member in zipfile.ZipFile(path).infolist())
    monkeypatch.setattr(overlay, "MOST_UNPACKED", size)
    assert digest(with_inputs(model, str(path))) == digest(model)
    monkeypatch.setattr(overlay, "MOST_UNPACKED", size - 1)
    with pytest.raises(rc.ModelError, match="too large when unpacked"):
        with_inputs(model, str(path))


def test_a_cell_of_a_workbook_has_a_name_and_no_line(model, tmp_path):
    def change(sheet):
        sheet[cell_of("price", "distribution")] = "nromal"

    with pytest.raises(rc.ModelError) as refused:
        with_inputs(model, str(workbook(model, tmp_path, change)))
    assert {(p.line, p.column) for p in refused.value.problems} == {(0, 0)}
