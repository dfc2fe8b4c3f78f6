"""Lay the inputs of a workbook or a CSV file over a model, with every problem and its cell."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from rangecast.engine.errors import (
    FileError,
    ModelError,
    Problem,
    ResourceError,
    did_you_mean,
    shown,
)
from rangecast.engine.model import shape
from rangecast.engine.model.cases import lay_over, share_again
from rangecast.engine.model.document import Document
from rangecast.engine.model.inputs import NO_BASE, build_input
from rangecast.engine.model.model import Input, Model
from rangecast.engine.model.positions import Path
from rangecast.engine.model.sheet import COLUMNS, CONSTANT, KEY_OF, PAIRS, SHEET, UNCHANGED

MOST_MEMBERS = 2_000
MOST_UNPACKED = 64 * 2**20
MOST_RATIO = 200
MOST_ROWS = 20_000
MOST_COLUMNS = 200
LARGEST = 20 * 2**20
_MOST_PROBLEMS = 20
_ALLOWED = f"limit {MOST_ROWS:,} rows, {MOST_COLUMNS} columns"
_OF_THE_MODEL = ("unit", "label", "label_zh", "source")
_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Cell:
    """One cell: its name, what it holds, and why that cannot be used ("" if it can)."""

    name: str
    value: Any
    wrong: str = ""
    hint: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet that are not empty, row by row.

    Parameters
    ----------
    file, sha256 : str
    rows : list of dict of int to Cell
        By column, from 0.
    typed : bool
        Whether cells know numbers from texts (a workbook), or all are texts (CSV).
    problems : list of Problem
        Found while reading.
    """

    file: str
    sha256: str
    rows: list[dict[int, Cell]]
    typed: bool
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _CellDocument(Document):
    """A document whose keys stand in cells, so that problems name the cell."""

    cells: Mapping[Path, Cell] = field(default_factory=dict)

    def problem(
        self, code: str, path: Path, message: str, *, offset: int = -1, **parts: str
    ) -> Problem:
        """Make a problem at the cell of a key, or of the row's distribution or name."""
        nearest = (path, path[:3], (*path[:2], "dist"), path[:2])
        known = next(place for place in nearest if place in self.cells)
        return at(self.file, self.cells[known], code, ".".join(map(str, path[1:])), message, parts)


def at(
    file: str, cell: Cell, code: str, key: str, message: str, parts: Mapping[str, str]
) -> Problem:
    """Make a problem at a cell."""
    words = f"{cell.name} {key}".strip()
    told = (parts.get("got", ""), parts.get("allowed", ""), parts.get("hint", ""))
    return Problem(code, words, message, *told, file, cell.line, cell.column)


# ------------------------------------------------------------------ reading files


def _refuse(file: str, code: str, message: str, **parts: str) -> ModelError:
    told = (parts.get("got", ""), parts.get("allowed", ""), parts.get("hint", ""))
    return ModelError(Problem(code, "", message, *told, file))


def _read(file: str) -> bytes:
    path = FilePath(file)
    try:
        if not path.exists():
            near = [str(p) for kind in ("*.xlsx", "*.csv") for p in path.parent.glob(kind)]
            raise _refuse(file, "E101", "file not found", hint=did_you_mean(file, near))
        if not path.is_file():
            raise _refuse(file, "E102", "is not a regular file", allowed="a workbook or CSV file")
        if path.stat().st_size > LARGEST:
            size = f"file is {path.stat().st_size / 2**20:.0f} MB"
            raise _refuse(file, "E103", size, allowed=f"limit {LARGEST // 2**20} MB")
        return path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise FileError(Problem("E802", "", f"cannot read: {reason}", file=file)) from None


def read_sheet(file: str) -> Sheet:
    """Read the sheet of inputs of a workbook (.xlsx), or a CSV file of the same layout.

    Raises
    ------
    ModelError
        When the file is no such file, or too large when unpacked.
    ResourceError
        When openpyxl is missing.
    """
    raw = _read(file)
    if raw.startswith(b"PK"):
        return _read_workbook(file, raw)
    if raw.startswith(_OLD_FORMAT):
        message = "encrypted, or in the format of Excel 97"
        raise _refuse(file, "E119", message, hint="save it as .xlsx without a password")
    if FilePath(file).suffix.lower() in {".xlsx", ".xlsm", ".xls", ".ods"} or b"\0" in raw:
        raise _refuse(file, "E119", "is not a workbook", allowed="an .xlsx or CSV file")
    return _read_csv(file, raw)


def _read_csv(file: str, raw: bytes) -> Sheet:
    try:
        text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as problem:
        message = f"not valid UTF-8 at byte offset {problem.start}"
        hint = "in Excel, save as 'CSV UTF-8'"
        raise _refuse(file, "E104", message, hint=hint) from None
    rows: list[dict[int, Cell]] = []
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for row in reader:
            rows.append(
                {
                    k: Cell("", _unquoted(v), line=line, column=k + 1)
                    for k, v in enumerate(row[:MOST_COLUMNS])
                    if v.strip()
                }
            )
            wide = any(v.strip() for v in row[MOST_COLUMNS:])
            if wide or len(rows) > MOST_ROWS:
                got = (
                    f"{len(row):,} columns in line {line:,}" if wide else f"over {MOST_ROWS:,} rows"
                )
                raise _refuse(file, "E117", "too many cells", got=got, allowed=_ALLOWED)
            line = reader.line_num + 1  # of a row's beginning: cells may have several lines
    except csv.Error as problem:
        words = f"line {reader.line_num} is not CSV: {problem}"
        raise _refuse(file, "E105", words) from None
    return Sheet(file, hashlib.sha256(raw).hexdigest(), rows, typed=False)


def _unquoted(text: str) -> str:
    """Take away the apostrophe that keeps spreadsheets from running a text."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS) else text


def _refuse_archive(file: str, raw: bytes) -> None:
    """Refuse an archive that is broken, hostile, or much larger than it looks."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            unpacked = sum(m.file_size for m in members)
            steep = [
                m
                for m in members
                if m.file_size > 2**20 and m.file_size > MOST_RATIO * max(m.compress_size, 1)
            ]
            if any(m.flag_bits & 1 for m in members):
                hint = "save it without a password"
                raise _refuse(file, "E119", "encrypted", hint=hint)
            if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or steep:
                got = f"{unpacked / 2**20:,.0f} MB in {len(members):,} parts"
                allowed = f"limit {MOST_UNPACKED // 2**20} MB"
                raise _refuse(file, "E103", "too large when unpacked", got=got, allowed=allowed)
            if "xl/workbook.xml" not in {m.filename for m in members}:
                raise _refuse(file, "E119", "is not a workbook", allowed="an .xlsx or CSV file")
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    content = archive.read(member)
                    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content[:200]:
                        raise _refuse(file, "E119", "holds XML that no spreadsheet writes")
    except ModelError:
        raise
    except Exception as problem:  # zipfile and zlib raise whatever damaged bytes led them into
        raise _refuse(file, "E119", f"is not a workbook: {shown(problem)}") from None


def _load(file: str, raw: bytes, values: bool) -> Any:
    import warnings

    try:
        from openpyxl import load_workbook
    except ModuleNotFoundError:
        hint = 'pip install "rangecast[xlsx]"'
        problem = Problem("E810", "--inputs", "workbooks need openpyxl", hint=hint)
        raise ResourceError(problem) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drawings and validations, which are not read
            return load_workbook(io.BytesIO(raw), data_only=values, keep_links=False)
    except Exception as problem:  # openpyxl raises whatever its parsing ran into
        words = f"is not a workbook that can be read: {shown(problem)}"
        raise _refuse(file, "E119", words, hint="open and save it in a spreadsheet") from None


def _read_workbook(file: str, raw: bytes) -> Sheet:
    _refuse_archive(file, raw)
    book, formulas = _load(file, raw, values=True), _load(file, raw, values=False)
    worksheets = {sheet.title: sheet for sheet in book.worksheets}
    if SHEET not in worksheets:
        names = ", ".join(list(worksheets)[:20])
        hint = did_you_mean(SHEET, worksheets)
        allowed = f"found: {shown(names)}"
        raise _refuse(file, "E204", f"no sheet named '{SHEET}'", allowed=allowed, hint=hint)
    sheet, written = worksheets[SHEET], formulas[SHEET]
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        got = f"{sheet.max_row:,} rows, {sheet.max_column:,} columns"
        raise _refuse(file, "E117", "too many cells", got=got, allowed=_ALLOWED)
    problems = [
        Problem(
            "E115",
            f"{SHEET}!{merged.coord}",
            "merged cells",
            file=file,
            hint="unmerge them: each input has a row of its own",
        )
        for merged in sheet.merged_cells.ranges
        if merged.min_row > 2
    ]
    rows = []
    for read, typed in zip(sheet.iter_rows(), written.iter_rows(), strict=True):
        cells = (_cell(a, b) for a, b in zip(read, typed, strict=True))
        rows.append({k: one for k, one in enumerate(cells) if one is not None})
    return Sheet(file, hashlib.sha256(raw).hexdigest(), rows, True, problems)


def _cell(shown: Any, written: Any) -> Cell | None:
    """Read one cell from its value and from what is written in it."""
    name, value = f"{SHEET}!{shown.coordinate}", shown.value
    if written.data_type == "f" and value is None:
        hint = "save the file in a spreadsheet, or write the number"
        return Cell(name, written.value, "a formula without a stored value", hint)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if shown.data_type == "e" or value in _ERRORS:
        return Cell(name, value, f"the error {value}", "mend the formula, or write the number")
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return Cell(name, value, "a date or time", "format the cell as a number")
    return Cell(name, value)


# ------------------------------------------------------------------ from cells to inputs


class _Reader:
    """Turns the rows of a sheet into inputs laid over a model."""

    def __init__(self, model: Model, sheet: Sheet) -> None:
        self.model, self.sheet = model, sheet
        self.problems = list(sheet.problems)
        self.shared: dict[str, Cell] = {}

    def add(self, code: str, cell: Cell, key: str, message: str, **parts: str) -> None:
        """Note a problem at a cell."""
        self.problems.append(at(self.sheet.file, cell, code, key, message, parts))

    def _header(self, rows: Iterator[dict[int, Cell]]) -> dict[int, str]:
        """Find the row of column names, and check them."""
        header: dict[int, Cell] = {}
        for row in rows:
            if any(str(c.value).strip().casefold() == COLUMNS[0] for c in row.values()):
                header = row
                break
        if not header:
            allowed = f"columns: {', '.join(COLUMNS)}"
            message = "no row with the header 'input'"
            raise _refuse(self.sheet.file, "E114", message, allowed=allowed)
        names = {k: str(cell.value).strip().casefold() for k, cell in header.items()}
        for k, name in names.items():
            if name not in COLUMNS:
                hint = did_you_mean(name, COLUMNS)
                allowed = f"allowed: {', '.join(COLUMNS)}"
                self.add(
                    "E113", header[k], "", "unknown column", got=name, allowed=allowed, hint=hint
                )
            elif list(names.values()).index(name) != list(names).index(k):
                self.add("E106", header[k], "", "column is there twice", got=name)
        if "distribution" not in names.values():
            self.add("E114", next(iter(header.values())), "", "no column 'distribution'")
        return names

    def rows(self) -> Iterator[dict[str, Cell]]:
        """Give the rows below the header by column name."""
        rows = iter(self.sheet.rows)
        names = self._header(rows)
        for row in rows:
            cells = {names[k]: cell for k, cell in row.items() if names.get(k) in COLUMNS}
            stray = [cell for k, cell in row.items() if k not in names]
            for cell in stray:
                hint = "give the column a header, or clear the cell"
                self.add("E113", cell, "", "value without a column", got=str(cell.value), hint=hint)
            if cells:
                yield cells

    def inputs(self) -> dict[str, tuple[Input, tuple[str, ...]]]:
        """Read every row; an input with problems is left out."""
        found: dict[str, tuple[Input, tuple[str, ...]]] = {}
        seen: dict[str, Cell] = {}
        for cells in self.rows():
            first = cells.get("input")
            if first is None:
                self.add("E114", next(iter(cells.values())), "", "a row without an input's name")
                continue
            name = str(first.value).strip()
            if name not in self.model.inputs:
                hint = did_you_mean(name, self.model.inputs)
                self.add("E204", first, "", "unknown input", got=name, hint=hint)
            elif name in seen:
                self.add("E106", first, name, "defined twice", got=f"also at {_place(seen[name])}")
            else:
                seen[name] = first
                built = self._input(name, cells)
                if built is not None:
                    found[name] = built
        return found

    def _input(self, name: str, cells: Mapping[str, Cell]) -> tuple[Input, tuple[str, ...]] | None:
        before = len(self.problems)
        self._check_unit(name, cells)
        table, places = self._table(name, cells)
        if len(self.problems) > before:
            return None
        if str(table.get("dist", "")) == UNCHANGED:
            return self._descriptive(name, table, places)
        document = _CellDocument(self.sheet.file, self.sheet.sha256, {}, cells=places)
        built, problems = build_input(document, ("inputs", name), name, table)
        self.problems += problems
        if built is not None and built.same_as:
            self.shared[name] = places["inputs", name, "same_as"]
        return None if built is None else (built, tuple(table))

    def _descriptive(
        self, name: str, table: dict[str, Any], places: Mapping[Path, Cell]
    ) -> tuple[Input, tuple[str, ...]] | None:
        """Read a row that keeps the distribution of the model."""
        kept = {k: v for k, v in table.items() if k in {"base", "note", "basis"}}
        wrong = {k: f"goes with a distribution, not '{UNCHANGED}'" for k in table if k not in kept}
        wrong.pop("dist")
        if "base" in kept and self.model.inputs[name].is_constant:
            wrong["base"] = NO_BASE
        for key, words in wrong.items():
            self.add("E302", places["inputs", name, key], f"{name}.{key}", words)
        document = _CellDocument(self.sheet.file, self.sheet.sha256, {}, cells=places)
        trial = {"dist": "uniform", "low": 0.0, "high": 1.0, **kept}
        built, problems = build_input(document, ("inputs", name), name, trial)
        self.problems += problems
        return None if built is None else (replace(built, law=None), tuple(kept))

    def _check_unit(self, name: str, cells: Mapping[str, Cell]) -> None:
        """Refuse another unit: the numbers would silently mean something else."""
        unit, cell = self.model.inputs[name].unit, cells.get("unit")
        if cell is not None and str(cell.value).strip() != unit.strip():
            hint = "convert the numbers to the model's unit"
            allowed = f"the model has '{unit}'"
            key = f"{name}.unit"
            self.add(
                "E208", cell, key, "another unit", got=str(cell.value), allowed=allowed, hint=hint
            )

    def laid(self) -> dict[str, Input]:
        """Lay the rows over the inputs of the model, and check what these then share."""
        inputs = dict(self.model.inputs)
        for name, (new, keys) in self.inputs().items():
            inputs[name] = lay_over(inputs[name], new, keys)
        wrong: set[str] = set()
        for name, cell in self.shared.items():
            key, got = f"{name}.same_as", inputs[name].same_as
            if got not in inputs:
                hint = did_you_mean(got, inputs)
                self.add("E204", cell, key, "unknown input", got=got, hint=hint)
                wrong.add(name)
            elif inputs[got].same_as:
                message = "must name an input that shares no other"
                self.add("E205", cell, key, message, got=got)
                wrong.add(name)
        for name, one in inputs.items():
            root = inputs.get(one.same_as)
            if (
                name not in self.shared
                and root is not None
                and root.name in self.shared.keys() - wrong
            ):
                message = f"must share no other, since '{shown(name)}' shares it"
                key = f"{root.name}.same_as"
                self.add("E205", self.shared[root.name], key, message, got=root.same_as)
        return inputs

    def _table(
        self, name: str, cells: Mapping[str, Cell]
    ) -> tuple[dict[str, Any], dict[Path, Cell]]:
        """Give the row as the table of an input, and the cell of each key."""
        path: Path = ("inputs", name)
        table: dict[str, Any] = {}
        places: dict[Path, Cell] = {path: cells["input"]}

        def put(key: str, value: Any, cell: Cell) -> None:
            if key in table:
                self.add("E106", cell, f"{name}.{key}", "defined twice")
            table[key] = value
            places[(*path, key)] = cell

        if "distribution" in cells:
            cell = cells["distribution"]
            dist = self._text(cell, f"{name}.dist")
            places[(*path, "dist")] = cell
            if dist.casefold() == UNCHANGED:
                put("dist", UNCHANGED, cell)
            elif dist and dist.casefold() != CONSTANT:
                put("dist", dist, cell)
        self._parameters(name, cells, put)
        for column, key in KEY_OF.items():
            if column in cells:
                value = self._value(key, cells[column], f"{name}.{key}")
                if value is not None:
                    put(key, value, cells[column])
        return table, places

    def _parameters(self, name: str, cells: Mapping[str, Cell], put: Any) -> None:
        """Read the pairs of name and number, and the lines of TOML."""
        for k in range(1, PAIRS + 1):
            self._pair(name, cells.get(f"parameter {k}"), cells.get(f"value {k}"), put)
        if "more parameters" in cells:
            cell = cells["more parameters"]
            for key, value in self._more(name, cell).items():
                if key in _OF_THE_MODEL:
                    hint = "set it in the model file"
                    self.add("E302", cell, f"{name}.{key}", "is not a parameter", hint=hint)
                put(key, value, cell)

    def _pair(self, name: str, key: Cell | None, value: Cell | None, put: Any) -> None:
        if key is None and value is None:
            return
        if key is None:
            assert value is not None
            self.add("E114", value, name, "a value without a parameter's name to its left")
        elif value is None:
            self.add(
                "E114", key, name, "a parameter without a value to its right", got=str(key.value)
            )
        else:
            word = self._text(key, name)
            number = self._number(value, f"{name}.{word}")
            if word and number is not None:
                put(word, number, value)

    def _more(self, name: str, cell: Cell) -> dict[str, Any]:
        text = self._text(cell, name)
        if len(text) > 100_000:
            self.add("E117", cell, name, "too long")
            return {}
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, ValueError, RecursionError) as problem:
            hint = "write lines such as values = [1, 2]"
            self.add("E105", cell, name, f"is not TOML: {problem}", hint=hint)
            return {}

    # -------------------------------------------------------------- single cells

    def _value(self, key: str, cell: Cell, path: str) -> Any:
        kind = shape.INPUT_KEYS[key]
        if kind == "number":
            return self._number(cell, path)
        return self._flag(cell, path) if kind == "flag" else self._text(cell, path)

    def _is_wrong(self, cell: Cell, path: str, wanted: str) -> bool:
        if cell.wrong:
            self.add("E115", cell, path, f"expected {wanted}", got=cell.wrong, hint=cell.hint)
        return bool(cell.wrong)

    def _text(self, cell: Cell, path: str) -> str:
        if self._is_wrong(cell, path, "text"):
            return ""
        if not isinstance(cell.value, str):
            self.add("E115", cell, path, "expected text", got=shape.found(cell.value))
            return ""
        return cell.value.strip()

    def _number(self, cell: Cell, path: str) -> float | None:
        if self._is_wrong(cell, path, "a number"):
            return None
        value = cell.value
        if isinstance(value, bool):
            self.add("E115", cell, path, "expected a number", got="a true/false value")
            return None
        if isinstance(value, int | float):
            return value
        number = _parsed(str(value))
        if number is not None and not self.sheet.typed:
            return number
        self.add("E115", cell, path, "expected a number", got=repr(value), hint=_meant(str(value)))
        return None

    def _flag(self, cell: Cell, path: str) -> bool | None:
        if self._is_wrong(cell, path, "true or false"):
            return None
        if isinstance(cell.value, bool):
            return cell.value
        word = str(cell.value).strip().casefold()
        if not self.sheet.typed and word in {"true", "false"}:
            return word == "true"
        self.add("E115", cell, path, "expected true or false", got=repr(cell.value))
        return None


def _place(cell: Cell) -> str:
    return cell.name or f"line {cell.line}"


def _parsed(text: str) -> float | None:
    if "_" in text:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _meant(text: str) -> str:
    """Hint at the number that a text stands for, or nothing."""
    text, words, parts = text.strip(), "write {}", 1
    number = _parsed(text)
    if number is not None:
        words = "the cell holds text: write {} as a number"
    elif text.endswith("%"):
        number, parts = _parsed(text[:-1]), 100
    else:
        thousands = re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?", text)
        number = _parsed(text.replace(",", "" if thousands else "."))
    if number is None or shape.not_finite(number):
        return ""
    return words.format(f"{number / parts:.15g}")


def with_inputs(model: Model, file: str) -> Model:
    """Lay the inputs of a file over a model, as a case would.

    Parameters
    ----------
    model : Model
        With its case applied, if any: the file wins over it.
    file : str
        A workbook (.xlsx) with a sheet ``Inputs`` as `rangecast run --xlsx` writes it, or a CSV
        file with the same columns. Inputs without a row stay as they are.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        With every problem of the file: its cell, what was found, what is allowed, a hint.
    FileError, ResourceError
        When it cannot be read, or openpyxl is missing.
    """
    sheet = read_sheet(str(file))
    reader = _Reader(model, sheet)
    inputs = reader.laid()
    errors = [p for p in reader.problems if p.is_error]
    if errors:
        more = len(errors) - _MOST_PROBLEMS
        listed = errors[:_MOST_PROBLEMS]
        if more > 0:
            message = f"… and {more} more problems in this file"
            listed.append(Problem("E117", "", message, file=sheet.file, hint="mend these first"))
        raise ModelError(*listed)
    return replace(
        model,
        inputs=share_again(inputs),
        overlay=(*model.overlay, (sheet.file, sheet.sha256)),
        warnings=(*model.warnings, *(p for p in reader.problems if not p.is_error)),
    )
