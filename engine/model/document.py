"""From a path to a dictionary with places: bytes, text, TOML, each step with its own refusals."""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, NoReturn

from rangecast.engine.errors import FileError, ModelError, Problem, did_you_mean
from rangecast.engine.model.datafile import Column, DataFile
from rangecast.engine.model.lexer import excess
from rangecast.engine.model.positions import Path, Place, positions
from rangecast.engine.model.shipped import shipped_models

LARGEST_FILE = 5 * 2**20


@dataclass(frozen=True)
class Document:
    """A parsed model file.

    Parameters
    ----------
    file : str
        Name as the user gave it.
    sha256 : str
        Hash of the bytes that were parsed.
    data : mapping
    places : mapping
        Place of each key.
    text : str
        The file itself.
    folder : Path or None
        Folder in which the model's data files lie; None for a text, standard input or a shipped
        model.
    data_files : dict of str to DataFile
        Data files read so far, by the name the model gives them.
    columns : dict of (str, str) to Column
        And the columns read as numbers.
    """

    file: str
    sha256: str
    data: Mapping[str, Any]
    places: Mapping[Path, Place] = field(default_factory=dict)
    text: str = ""
    folder: FilePath | None = None
    data_files: dict[str, DataFile] = field(default_factory=dict, compare=False, repr=False)
    columns: dict[tuple[str, str], Column] = field(default_factory=dict, compare=False, repr=False)

    def problem(
        self, code: str, path: Path, message: str, *, offset: int = -1, **parts: str
    ) -> Problem:
        """Make a problem at a key, or at a character of its value."""
        place = self._nearest(path)
        line, column = place.line, place.column
        text = self._text(path) if offset >= 0 else None
        if text is not None:
            line, column = place.value_line, place.value_column + offset
            before = text[:offset]
            if "\n" in before:  # a text of several lines: count from its last line break
                line, column = line + before.count("\n"), len(before) - before.rindex("\n")
        if parts.get("got") in {"inf", "-inf"}:
            parts["got"] = self._literal(place) or parts["got"]
        key = ".".join(str(p) for p in path)
        return Problem(code, key, message, file=self.file, line=line, column=column, **parts)

    def _literal(self, place: Place) -> str:
        """Give the number as it is written at a place, such as 1e400, which TOML reads as inf."""
        line = self.text.split("\n")[place.value_line - 1]
        found = re.match(r"[-+]?\d[\d_.eE+-]*", line[place.value_column - 1 :])
        return found[0] if found else ""

    def _text(self, path: Path) -> str | None:
        """Text that stands at a path, if one does."""
        found: Any = self.data if path in self.places else None
        for part in path if found is not None else ():
            found = found[part]
        return found if isinstance(found, str) else None

    def _nearest(self, path: Path) -> Place:
        """Place of the key, or of the closest table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(1, 1)


def _refuse(
    file: str, code: str, message: str, line: int = 0, column: int = 0, **parts: str
) -> NoReturn:
    raise ModelError(Problem(code, "", message, file=file, line=line, column=column, **parts))


def read_bytes(source: str) -> tuple[str, bytes]:
    """Find and read a model: a path, ``-`` for standard input, or a shipped name."""
    if source == "-":
        return "<stdin>", sys.stdin.buffer.read(LARGEST_FILE + 1)
    shipped = shipped_models()
    path = FilePath(source)
    if source in shipped and not path.is_file():
        return f"{source}.toml", shipped[source].read_bytes()
    try:
        if path.is_dir():
            _refuse(source, "E102", "is a directory", allowed="expected a model file")
        if not path.exists():
            folder = path.parent if path.parent.is_dir() else FilePath(".")
            near = [*shipped, *(str(p) for p in folder.glob("*.toml"))]
            allowed = f"a path, '-', or a shipped model: {', '.join(shipped)}"
            _refuse(
                source, "E101", "file not found", allowed=allowed, hint=did_you_mean(source, near)
            )
        if not path.is_file():
            _refuse(source, "E102", "is not a regular file", allowed="expected a model file")
        if path.stat().st_size > LARGEST_FILE:
            size = f"file is {path.stat().st_size / 2**20:.0f} MB"
            _refuse(source, "E103", size, allowed="limit 5 MB")
        return source, path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise FileError(Problem("E802", "", f"cannot read: {reason}", file=source)) from None


def _decode(file: str, raw: bytes) -> str:
    try:
        return raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        _refuse(
            file, "E104", f"not valid UTF-8 at byte offset {problem.start}, line {line}", line, 1
        )


def _limit(file: str, text: str) -> None:
    """Refuse what would take the parser long (E107), or be too much of it (E117)."""
    beyond = excess(text)
    if beyond is not None:
        line = text.count("\n", 0, beyond.offset) + 1
        column = beyond.offset - text.rfind("\n", 0, beyond.offset)
        _refuse(file, beyond.code, beyond.message, line, column, allowed=beyond.allowed)


def _syntax_problem(file: str, text: str, message: str) -> Problem:
    """Put the parser's complaint in a line with its place, and guess at common causes."""
    found = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    line, column = (int(found[1]), int(found[2])) if found and found[1] else (0, 0)
    lines = text.removesuffix("\n").split("\n")  # other ends of lines are none in TOML
    if not line:
        line, column = len(lines), 1
    words = re.sub(r" ?\(at [^)]*\)", "", message)
    content = lines[line - 1]
    hint = ""
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", content)
    if "Illegal character" in words and "\\n" in words:
        words = f"unterminated string on line {line}"
    elif control:
        words = f"control character U+{ord(control.group()):04X} on line {line}, column {column}"
    elif re.match(r"\s*[\w-]+:\s*(\S.*)?$", content):
        words, hint = f"line {line} looks like YAML", "a model file is TOML: write name = value"
        hint += " (files in YAML: rename to .yaml is not supported)"
    elif "overwrite" in words or "twice" in words:
        return Problem("E106", "", "defined twice", file=file, line=line, column=column)
    return Problem("E105", "", words, hint=hint, file=file, line=line, column=column)


def parse(file: str, raw: bytes) -> Document:
    """Parse the bytes of a model file.

    Raises
    ------
    ModelError
        E103 to E107, with the place.
    """
    if len(raw) > LARGEST_FILE:
        _refuse(file, "E103", "file is larger than 5 MB", allowed="limit 5 MB")
    text = _decode(file, raw)
    _limit(file, text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ModelError(_syntax_problem(file, text, str(problem))) from None
    places = positions(text.replace("\r\n", "\n") if "\r\n" in text else text)
    return Document(file, hashlib.sha256(raw).hexdigest(), data, places, text)


def read(source: str) -> Document:
    """Read and parse a model: a path, ``-`` for standard input, or a shipped name.

    Raises
    ------
    ModelError, FileError
    """
    document = parse(*read_bytes(source))
    path = FilePath(source)
    has_folder = source != "-" and path.is_file()
    return replace(document, folder=path.parent) if has_folder else document
