"""``dist = "data"``: what is read, what is refused, and where it may lie."""

import errno
import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rangecast.distributions import Empirical, Lognormal, Smoothed, Truncated
from rangecast.engine.errors import FileError, ModelError, SettingsError
from rangecast.engine.model import datafile
from rangecast.engine.model.cases import apply_case, set_inputs
from rangecast.engine.model.datafile import column_of, read_file, read_source, table_of
from rangecast.engine.model.identity import identity
from rangecast.engine.model.load import load, loads

CSV = "day,visits,size\n1,30,1.5\n2,10,2.5\n3,20,2.5\n4,40,9\n"
SHAPE = '[inputs.visits]\ndist = "data"\n{keys}\n[outputs.y]\nformula = "visits * 2"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "d.csv").write_text(CSV)
    return tmp_path


def model(folder: Path, keys: str):
    (folder / "model.toml").write_text(SHAPE.format(keys=keys))
    return load(folder / "model.toml")


def refusal(folder: Path, keys: str) -> tuple[str, int]:
    with pytest.raises((ModelError, FileError)) as refused:
        model(folder, keys)
    return str(refused.value).replace(str(folder), "…"), refused.value.exit_status


def numbers(folder: Path, text: str, column: str = "", name: str = "x.csv"):
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return column_of(table_of(read_file(folder / name, name)), column)


def test_three_methods(folder):
    where = 'file = "d.csv"\ncolumn = "visits"'
    law = model(folder, where).inputs["visits"].law
    assert law == Empirical([10.0, 20.0, 30.0, 40.0])
    smoothed = model(folder, f'{where}\nmethod = "smoothed"').inputs["visits"]
    assert smoothed.law == Smoothed([10.0, 20.0, 30.0, 40.0])
    assert smoothed.description == "4 values of d.csv, column visits, smoothed"
    fitted = model(folder, f'{where}\nmethod = "fitted"\nfamily = "lognormal"').inputs["visits"]
    logs = np.log([10.0, 20.0, 30.0, 40.0])
    assert isinstance(fitted.law, Lognormal)
    assert (fitted.law.mu, fitted.law.sigma) == pytest.approx((logs.mean(), logs.std()))
    assert fitted.description.startswith("lognormal(mu=3.0971, sigma=0.520626) fitted to 4 values")
    assert fitted.base == pytest.approx(np.exp(logs.mean()))


def test_cut_off_and_rounded(folder):
    where = 'file = "d.csv"\ncolumn = "size"'
    assert model(folder, f"{where}\nmin = 2").inputs["visits"].law == Empirical([2.5, 2.5, 9])
    rounded = model(folder, f"{where}\nround = true").inputs["visits"].law
    assert rounded == Empirical(np.rint([1.5, 2.5, 2.5, 9]))
    cut = model(folder, f'{where}\nmethod = "smoothed"\nmax = 8').inputs["visits"].law
    assert isinstance(cut, Truncated)
    assert cut.support == (0.0, 8.0)
    whole = model(folder, f'{where}\nmethod = "fitted"\nfamily = "gamma"\nmax = 8')
    assert "gamma(shape=" in whole.inputs["visits"].description
    assert "cut off at max 8" in whole.inputs["visits"].description
    where = 'file = "d.csv"\ncolumn = "visits"\nmethod = "fitted"\nround = true\nmax = 35'
    for family in ("lognormal", "negative_binomial"):
        one = model(folder, f'{where}\nfamily = "{family}"').inputs["visits"]
        assert one.description.startswith(f"{family}(")
        assert one.law.support[1] == 35


def test_paths_are_those_of_the_models_folder(folder, monkeypatch):
    (folder / "data").mkdir()
    (folder / "data" / "v.csv").write_text("5\n7\n")
    monkeypatch.chdir("/")
    assert model(folder, 'file = "data/v.csv"').inputs["visits"].law == Empirical([5.0, 7.0])
    os.symlink(folder / "data" / "v.csv", folder / "inside.csv")
    assert model(folder, 'file = "inside.csv"').inputs["visits"].law == Empirical([5.0, 7.0])


@pytest.mark.parametrize(
    "path",
    [
        "../secret.csv",
        "data/../../secret.csv",
        "/etc/passwd",
        "link.csv",
        "out/secret.csv",
        "C:\\\\secret.csv",
        "..\\\\secret.csv",
        "\\\\\\\\host\\\\share\\\\x.csv",
        "",
        ".",
        "\\u0000",
        "loop.csv",
    ],
)
def test_nothing_outside_the_folder_is_read(folder, path):
    inside = folder / "inside"
    inside.mkdir()
    (folder / "secret.csv").write_text("42\n43\n")
    os.symlink(folder / "secret.csv", inside / "link.csv")
    os.symlink(folder, inside / "out")
    os.symlink("loop.csv", inside / "loop.csv")
    text, status = refusal(inside, f'file = "{path}"')
    assert text.startswith("error[E807] …/model.toml:3:1 inputs.visits.file: ")
    assert "outside the model folder" in text
    assert "\0" not in text
    assert status == 6


@pytest.mark.parametrize(
    ("keys", "code", "words"),
    [
        ('file = "d.cvs"', "E101", ":3:1 inputs.visits.file: d.cvs: data file not found; did you"),
        ('file = "sub"', "E102", "sub: is a directory"),
        ('file = "fifo"', "E102", "fifo: is not a regular file"),
        ('file = "d.csv"', "E310", "d.csv: several columns; name one: day, visits, size"),
        ('file = "d.csv"\ncolumn = "visit"', "E310", ":4:1 inputs.visits.column: d.csv: unknown"),
        ('file = "d.csv"\ncolumn = "visit"', "E310", "did you mean 'visits'?"),
        ('file = "d.csv"\ncolumn = 2', "E115", ":4:1 inputs.visits.column: expected text; got 2"),
        ('fiel = "d.csv"', "E114", "did you mean 'file'?"),
        ('column = "visits"', "E114", 'missing; data lie in a file: file = "visits.csv"'),
        ('file = "d.csv"\nmethod = "resampled"', "E115", "one of empirical, smoothed, fitted"),
        ('file = "d.csv"\nmethod = "fitted"', "E302", "a fitted law names its family"),
        ('file = "d.csv"\nfamily = "normal"', "E302", 'only method = "fitted" takes a family'),
        ('file = "d.csv"\ncolumn = "size"\nmin = 20', "E303", ":5:1 inputs.visits.min: no observ"),
        (
            'file = "d.csv"\ncolumn = "size"\nmethod = "fitted"\nfamily = "beta"',
            "E310",
            ":6:1 inputs.visits.family: no beta fits these values: needs values between 0 and 1",
        ),
    ],
)
def test_refusals_at_the_key(folder, keys, code, words):
    (folder / "sub").mkdir()
    os.mkfifo(folder / "fifo")
    text, status = refusal(folder, keys)
    assert text.startswith(f"error[{code}] …/model.toml")
    assert words in text
    assert status == 2


def test_wrong_cells_are_named_by_line_and_counted(folder):
    rows = "day,visits\n1,30\n2,\n3,x\n4,10%\n5,nan\n6,-inf\n7\n8,1,2\n\n"
    (folder / "d.csv").write_text(rows + '9,"1,5"\n10,3\n')
    text, status = refusal(folder, 'file = "d.csv"\ncolumn = "visits"')
    lines = text.splitlines()
    where = "inputs.visits.file: column visits"
    assert lines == [
        "error[E310] …/model.toml:3:1 inputs.visits.file: d.csv: 9 cells cannot be used; the first "
        "5 are listed; mend the file, or leave these rows out of it",
        f"error[E310] d.csv:3:3 {where}: empty cell",
        f"error[E310] d.csv:4:3 {where}: not a number; got 'x'",
        f"error[E310] d.csv:5:3 {where}: not a number; got '10%'; write 0.1",
        f"error[E310] d.csv:6:3 {where}: must be finite; got nan",
        f"error[E310] d.csv:7:3 {where}: must be finite; got -inf",
    ]
    assert status == 2


@pytest.mark.parametrize(
    ("text", "column", "found"),
    [
        ("3\n4\n", "", [3, 4]),
        ("\ufeffv\r\n3\r\n4", "", [3, 4]),
        ("v\r3\r4\r", "v", [3, 4]),
        ('"a, b";c\n1;2\n', "a, b", [1]),
        ("a\tb\n1\t2e3\n3\t-4\n", "b", [2000, -4]),
        ('a,b\n"1","2"\n', "b", [2]),
        (" a , b \n 1 , 2 \n", "b", [2]),
        ("v\n1\n2\n\n\n", "v", [1, 2]),
        ("数\n1\n", "数", [1]),
    ],
)
def test_forms_of_tables(folder, text, column, found):
    assert numbers(folder, text, column).values.tolist() == found


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "E310", "the file is empty"),
        ("\nv\n1\n", "E310", "x.csv:1:1: the first line is empty"),
        ("v\n", "E310", "x.csv:1:1: no values below the header"),
        ("1,2\n3,4\n", "E310", "x.csv:1:1: no header: the first line holds numbers"),
        ("a,a\n1,2\n", "E310", "2 columns have this name; got a"),
        (b"v\n1\n\xff\n", "E104", "x.csv:3:1: not valid UTF-8 at byte offset 4"),
        ("v\n1\n\0\n", "E310", "x.csv:3:1: a NUL character"),
        ('v\n1\n"2\n', "E310", "not a table: unexpected end of data"),
        ("v\n1\n\n2\n", "E310", "x.csv:3:1 column v: empty cell"),
        ("v\n1,5\n", "E310", "2 cells in a table of 1 columns"),
        ("v;w\n1,5;2\n", "E310", "not a number; got '1,5'; write 1.5"),
        ('v,w\n"1,500",2\n', "E310", "not a number; got '1,500'; write 1500"),
    ],
)
def test_refusals_of_tables(folder, text, code, words):
    column = "a" if "a,a" in str(text) else "v" if str(text)[:2] in {"v;", "v,"} else ""
    with pytest.raises(ModelError) as refused:
        numbers(folder, text, column)
    assert f"[{code}]" in str(refused.value)
    assert words in str(refused.value)


def test_limits_hold_before_work(folder, monkeypatch):
    monkeypatch.setattr(datafile, "MOST_ROWS", 3)
    with pytest.raises(ModelError, match=r"E103.*6 lines; limit 3"):
        numbers(folder, "v\n1\n2\n3\n4\n5\n")
    with open(folder / "big.csv", "wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(ModelError, match=r"E103.*file is 65 MB; limit 64 MB"):
        read_file(folder / "big.csv", "big.csv")


def test_few_and_constant_data_are_warned_of(folder):
    (folder / "d.csv").write_text("visits\n3.0\n")
    warned = model(folder, 'file = "d.csv"\ncolumn = "visits"').warnings
    assert [str(p).partition(": ")[2] for p in warned] == ["the input is constant: 1 data point"]
    assert warned[0].code == "W350"
    (folder / "d.csv").write_text("3\n3\n")
    assert "2 equal data points" in str(model(folder, 'file = "d.csv"').warnings[0])
    (folder / "d.csv").write_text("".join(f"{k}\n" for k in range(19)))
    assert [p.code for p in model(folder, 'file = "d.csv"').warnings] == ["W356"]
    (folder / "d.csv").write_text("".join(f"{k}\n" for k in range(20)))
    assert model(folder, 'file = "d.csv"').warnings == ()


def test_a_text_without_a_folder_names_no_data(folder):
    text = SHAPE.format(keys='file = "d.csv"\ncolumn = "visits"')
    with pytest.raises(ModelError, match=r"E310.*a model without a folder.*folder= to loads"):
        loads(text)
    assert loads(text, folder=folder).inputs["visits"].law.mean == 25.0


def test_data_are_part_of_what_a_run_is(folder):
    keys = 'file = "d.csv"\ncolumn = "visits"'
    first = model(folder, keys)
    (folder / "d.csv").write_text(CSV.replace("40", "41"))
    second = model(folder, keys)
    assert identity(first) != identity(second)
    assert first.sha256 == second.sha256
    assert first.data_files[0].sha256 == hashlib.sha256(CSV.encode()).hexdigest()
    (folder / "d.csv").write_text(CSV.replace("day", "week"))  # nothing that is drawn
    assert identity(model(folder, keys)) == identity(first)


def test_a_file_is_read_once_for_all_inputs(folder, monkeypatch):
    read = []
    original = datafile.read_file
    monkeypatch.setattr(
        "rangecast.engine.model.data_law.read_file",
        lambda path, file: read.append(file) or original(path, file),
    )
    text = "".join(
        f'[inputs.{n}]\ndist = "data"\nfile = "d.csv"\ncolumn = "{n}"\n' for n in ("visits", "size")
    )
    found = loads(text + '[outputs.y]\nformula = "visits * size"\n', folder=folder)
    assert read == ["d.csv"]
    assert len(found.data_files) == 1


def test_cases_and_settings(folder):
    text = '[inputs.visits]\nvalue = 3\n[outputs.y]\nformula = "visits * 2"\n'
    text += '[cases.seen.inputs.visits]\ndist = "data"\nfile = "d.csv"\ncolumn = "visits"\n'
    found = loads(text, folder=folder)
    assert apply_case(found, "seen").inputs["visits"].law == Empirical([10.0, 20.0, 30.0, 40.0])
    with pytest.raises(SettingsError, match=r"data are read for an input of a model file only"):
        set_inputs(found, ['visits=data(file="d.csv", column="visits")'])


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text("0123456789.,;\t\n\r\"'eE+-naif%xy \0\ufeff", max_size=60).map(str.encode),
    )
)
def test_any_bytes_are_numbers_or_a_refusal(content):
    try:
        found = column_of(table_of(datafile.DataFile("x.csv", "", content)))
    except ModelError as refused:
        wrong = [p for p in refused.problems if p.code not in {"E103", "E104", "E310"}]
        assert not wrong
    else:
        assert len(found.values) > 0
        assert np.isfinite(found.values).all()


def test_what_the_system_refuses_is_said(folder):
    (folder / "link.csv").symlink_to(folder / "d.csv")
    for path in (folder / "link.csv", folder / ("x" * 300 + ".csv")):
        with pytest.raises(FileError, match=r"error\[E802\] d.csv: cannot read: ") as refused:
            read_file(path, "d.csv")
        assert refused.value.exit_status == 6
    said, status = refusal(folder, f'file = "{"x" * 300}.csv"')
    assert status == 6
    assert "error[E802]" in said
    assert said.endswith(f"cannot read: {os.strerror(errno.ENAMETOOLONG)}")


def test_a_column_is_not_asked_of_a_file_without_a_header(folder):
    (folder / "d.csv").write_text("1\n2\n3\n")
    said, _ = refusal(folder, 'file = "d.csv"\ncolumn = "visits"')
    words = "the file is one column without a header; got visits; leave column out"
    assert "error[E310]" in said
    assert said.endswith(words)


def test_standard_input_is_data_too(monkeypatch):
    def given(raw):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        return read_source("-")

    data = given(b"1\n2\n4\n")
    assert (data.file, data.sha256) == ("<stdin>", hashlib.sha256(b"1\n2\n4\n").hexdigest())
    assert list(column_of(table_of(data)).values) == [1.0, 2.0, 4.0]
    monkeypatch.setattr(datafile, "LARGEST_FILE", 5)
    with pytest.raises(ModelError, match=r"error\[E103\] <stdin>: more than 64 MB; limit 64 MB"):
        given(b"1\n2\n4\n")


@pytest.mark.parametrize(
    ("cell", "hint"),
    [("2,5", "write 2.5"), ("1,000", "write 1000"), ("1,2,3", "write 123"), ("1'000", "write 1000"),
     ("12.5%", "write 0.125"), ("2,5%", "")],
)  # fmt: skip
def test_a_number_written_another_way_is_hinted_at(folder, cell, hint):
    with pytest.raises(ModelError) as refused:
        numbers(folder, f"a;b\n1;2\n3;{cell}\n", "b")
    assert str(refused.value).partition(f"got {cell!r}")[2].strip("; \n") == hint


def test_the_number_of_lines_has_a_limit(folder, monkeypatch):
    monkeypatch.setattr(datafile, "MOST_ROWS", 3)
    assert list(numbers(folder, "a\n1\n2\n3").values) == [1, 2, 3]
    with pytest.raises(ModelError, match="5 lines; limit 3"):
        numbers(folder, "a\n1\n2\n3\n4")
