"""Files of observed values: found inside a folder, read as a table, one column as numbers."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import stat
import sys
from array import array
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import (
    FileError,
    ModelError,
    Problem,
    RangecastError,
    did_you_mean,
    shown,
)

LARGEST_FILE = 64 * 2**20
LARGEST_COPY = 5 * 2**20
MOST_ROWS = 5_000_000
MOST_LISTED = 5
"""Cells of one file that are complained of one by one."""
MOST_NAMES = 12


@dataclass(frozen=True)
class DataFile:
    """A file of data as it was read.

    Parameters
    ----------
    file : str
        Name as given.
    sha256 : str
        Hash of its bytes.
    content : bytes
        Empty in a model, where it has more than 5 MB.
    """

    file: str
    sha256: str
    content: bytes

    def to_keep(self) -> DataFile:
        """Give what a model keeps, so that results can hold a copy of small files."""
        return self if len(self.content) <= LARGEST_COPY else replace(self, content=b"")


def _refuse(
    file: str, code: str, message: str, line: int = 0, key: str = "", **parts: Any
) -> RangecastError:
    problem = Problem(code, key, message, file=file, line=line, **parts)
    return FileError(problem) if code.startswith("E8") else ModelError(problem)


def confined(folder: Path, file: str) -> Path:
    """Find a file inside a folder; nothing outside can be reached, not even through a link.

    Raises
    ------
    FileError
        E807 for an absolute path, ``..``, or a link that leaves the folder.
    """
    windows = PureWindowsPath(file)
    outside = bool(windows.drive or windows.root) or ".." in windows.parts or not windows.parts
    try:
        target = (folder / file).resolve()
        outside = outside or not target.is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        outside = True
    if outside:
        hint = "give a path inside it, such as data/visits.csv"
        raise _refuse(file, "E807", "outside the model folder", hint=hint)
    return target


def read_file(path: Path, file: str) -> DataFile:
    """Read a regular file of at most 64 MB; its last part must be no link.

    Raises
    ------
    ModelError
        E101 to E103.
    FileError
        E802 when the system refuses.
    """
    try:
        flags = os.O_RDONLY  # no waiting for a pipe, no link put there since it was looked at
        for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY"):
            flags |= getattr(os, name, 0)
        with open(os.open(path, flags), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _refuse(file, "E102", "is not a regular file", allowed="expected a CSV file")
            if status.st_size > LARGEST_FILE:
                size = f"file is {status.st_size / 2**20:.0f} MB"
                raise _refuse(file, "E103", size, allowed=f"limit {LARGEST_FILE >> 20} MB")
            content = stream.read(LARGEST_FILE)
    except FileNotFoundError:
        near = [p.name for p in path.parent.glob("*.[ct]sv")] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near)
        raise _refuse(file, "E101", "data file not found", hint=hint) from None
    except IsADirectoryError:
        raise _refuse(file, "E102", "is a directory", allowed="expected a CSV file") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise _refuse(file, "E802", f"cannot read: {reason}") from None
    return DataFile(file, hashlib.sha256(content).hexdigest(), content)


def read_source(source: str) -> DataFile:
    """Read the data that a command names: a path, or ``-`` for standard input."""
    if source != "-":
        return read_file(Path(os.path.realpath(source)), source)
    content = sys.stdin.buffer.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise _refuse("<stdin>", "E103", "more than 64 MB", allowed="limit 64 MB")
    return DataFile("<stdin>", hashlib.sha256(content).hexdigest(), content)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _reader(text: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


@dataclass(frozen=True)
class Table:
    """The text of a data file as a table.

    Parameters
    ----------
    file : str
    text : str
    delimiter : str
        Tab where the first line has one, else semicolon where it has one, else comma.
    names : tuple of str
        Of the columns; empty for a single column without a header.
    width : int
        Cells of a row.
    """

    file: str
    text: str
    delimiter: str
    names: tuple[str, ...]
    width: int

    def rows(self) -> Any:
        """Give the rows below the header; the iterator's `line_num` is the line it has read."""
        reader = csv.reader(
            io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True
        )
        if self.names:
            next(reader)
        return reader

    @property
    def known(self) -> str:
        """The names of the columns, for messages."""
        listed = ", ".join(shown(name) for name in self.names[:MOST_NAMES])
        more = len(self.names) - MOST_NAMES
        return f"{listed} and {more} more" if more > 0 else listed


def table_of(data: DataFile) -> Table:
    """Take a file as a table: UTF-8, comma, semicolon or tab, a header unless it is one column.

    Raises
    ------
    ModelError
        E103, E104 or E310.
    """
    try:
        text = data.content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.content[: problem.start].count(b"\n") + 1
        message = f"not valid UTF-8 at byte offset {problem.start}"
        raise _refuse(data.file, "E104", message, line) from None
    text = text.rstrip("\r\n")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text:
        raise _refuse(data.file, "E310", "the file is empty")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _refuse(data.file, "E310", "a NUL character: not a text file", line)
    if (lines := text.count("\n") + 1) > MOST_ROWS + 1:
        allowed = f"limit {MOST_ROWS:,}"
        raise _refuse(data.file, "E103", f"{lines:,} lines", allowed=allowed)
    first = text.partition("\n")[0]
    delimiter = next((d for d in ("\t", ";") if d in first), ",")
    try:
        cells = next(_reader(text, delimiter))
    except csv.Error as problem:
        raise _refuse(data.file, "E310", f"not a table: {problem}", 1) from None
    if not cells:
        raise _refuse(data.file, "E310", "the first line is empty", 1)
    names = tuple(cell.strip() for cell in cells)
    if all(_is_number(name) for name in names):
        if len(names) > 1:
            message = "no header: the first line holds numbers"
            raise _refuse(data.file, "E310", message, 1, hint="name the columns in the first line")
        names = ()
    return Table(data.file, text, delimiter, names, len(cells))


def _place(table: Table, column: str) -> int:
    """Number of the column that is asked for, from 0."""
    if not table.names:
        if column:
            message, hint = "the file is one column without a header", "leave column out"
            raise _refuse(table.file, "E310", message, key="column", got=column, hint=hint)
        return 0
    if not column:
        if len(table.names) > 1:
            allowed = f"name one: {table.known}"
            raise _refuse(table.file, "E310", "several columns", key="column", allowed=allowed)
        return 0
    if (count := table.names.count(column)) != 1:
        message = "unknown column" if not count else f"{count} columns have this name"
        hint = did_you_mean(column, table.names) if not count else ""
        allowed = f"known: {table.known}"
        raise _refuse(
            table.file, "E310", message, key="column", got=column, allowed=allowed, hint=hint
        )
    return table.names.index(column)


@dataclass(frozen=True)
class Column:
    """The numbers of one column, in the order of the file."""

    name: str
    values: Array


def column_of(table: Table, column: str = "") -> Column:
    """Read a column as numbers; one wrong cell refuses them all, nothing is dropped.

    Parameters
    ----------
    table : Table
    column : str
        May be left out where there is only one.

    Raises
    ------
    ModelError
        E310, for the first five cells with their lines, and the number of all.
    """
    place = _place(table, column)
    name = table.names[place] if table.names else ""
    values = _numbers(table, place)
    if values is None:
        raise ModelError(*_wrong_cells(table, place, name))
    if not len(values):
        raise _refuse(table.file, "E310", "no values below the header", 1)
    return Column(name, values)


def _numbers(table: Table, place: int) -> Array | None:
    """Every cell of a column; None when one cannot be used."""
    found = array("d")
    append, width = found.append, table.width
    try:
        for row in table.rows():
            if len(row) != width:
                return None
            append(float(row[place]))
    except (ValueError, csv.Error):
        return None
    values = np.array(found)
    return values if np.isfinite(values).all() else None


def _wrong_cells(table: Table, place: int, name: str) -> list[Problem]:
    """Say what is wrong with the first few cells that cannot be used, and how many there are."""
    listed: list[Problem] = []
    count, rows = 0, table.rows()
    lines = table.text.split("\n")
    key = f"column {name}" if name else ""
    while True:
        try:
            row = next(rows, None)
        except csv.Error as problem:
            line = rows.line_num
            message = f"not a table: {problem}"
            return [*listed, Problem("E310", key, message, file=table.file, line=line, column=1)]
        if row is None:
            break
        wrong = _why(row, place, table.width)
        if wrong is None:
            continue
        count += 1
        if len(listed) < MOST_LISTED:
            line = rows.line_num
            simple = '"' not in lines[line - 1]
            at = sum(len(cell) + 1 for cell in row[:place]) + 1 if simple else 1
            message, got, hint = wrong
            listed.append(
                Problem("E310", key, message, got, "", hint, file=table.file, line=line, column=at)
            )
    if count > len(listed):
        message = f"{count:,} cells cannot be used; the first {MOST_LISTED} are listed"
        hint = "mend the file, or leave these rows out of it"
        listed.append(Problem("E310", key, message, hint=hint, file=table.file))
    return listed


def _why(row: list[str], place: int, width: int) -> tuple[str, str, str] | None:
    """Say why a row gives no number: message, what was found, hint."""
    if len(row) != width and not (width == 1 and not row):
        return f"{len(row)} cells in a table of {width} columns", "", ""
    text = row[place].strip() if row else ""
    if not text:
        return "empty cell", "", ""
    try:
        value = float(text)
    except ValueError:
        return "not a number", repr(text), _hint(text)
    return None if math.isfinite(value) else ("must be finite", text, "")


def _hint(text: str) -> str:
    """Guess at a number that is written another way."""
    if text.endswith("%") and _is_number(text[:-1]):
        return f"write {float(text[:-1]) / 100:.6g}"
    without = text.replace(",", "").replace("'", "").replace(" ", "").replace("\u00a0", "")
    if text.count(",") == 1 and len(text.partition(",")[2]) != 3 and _is_number(without):
        return f"write {text.replace(',', '.')}"
    return f"write {without}" if _is_number(without) else ""
