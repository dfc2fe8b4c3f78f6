"""Where each key of a TOML text stands.

The standard parser gives values without places. This scanner walks a text that it has already
accepted, so it may trust the syntax: it only has to tell keys, values, strings and brackets apart.
"""

from __future__ import annotations

import bisect
import contextlib
import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


class Place(NamedTuple):
    """Line and column, from 1, of a key and of the start of its value's text."""

    line: int
    column: int
    value_line: int = 0
    value_column: int = 0


_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'"""(?:[^\\"]++|\\.|"{1,2}(?!"))*+"{3,5}|\'\'\'.*?\'{3,5}'
    r'|"(?:[^"\\\n]++|\\.)*+"|\'[^\'\n]*+\'',
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^\s,\]}#]+(?: \d\d:[^\s,\]}#]*)?")


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines = [0, *(m.end() for m in re.finditer(r"\n", text))]
        self.found: dict[Path, Place] = {}
        self.arrays: dict[Path, int] = {}

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def key(self) -> tuple[str, ...]:
        """Read a dotted key."""
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            match = _STRING.match(self.text, self.at) or _BARE_KEY.match(self.text, self.at)
            if match is None:
                return tuple(parts)
            parts.append(_unquote(match.group()))
            self.at = match.end()
            self.skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                return tuple(parts)
            self.at += 1

    def document(self) -> None:
        table: Path = ()
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return
            start = self.at
            if self.text.startswith("[[", self.at):
                table = self.header(2, start)
            elif self.text[self.at] == "[":
                table = self.header(1, start)
            elif not self.pair(table):
                return

    def header(self, brackets: int, start: int) -> Path:
        self.at += brackets
        name = self.resolve(self.key())
        if brackets == 2:
            self.arrays[name] = self.arrays.get(name, -1) + 1
            name = (*name, self.arrays[name])
        self.at += brackets
        line, column = self.place(start)
        for length in range(1, len(name) + 1):
            self.found.setdefault(name[:length], Place(line, column, line, column))
        return name

    def resolve(self, parts: tuple[str, ...]) -> Path:
        """Put the current index behind every part that names an array of tables."""
        path: Path = ()
        for k, part in enumerate(parts):
            path = (*path, part)
            if path in self.arrays and k < len(parts) - 1:
                path = (*path, self.arrays[path])
        return path

    def pair(self, table: Path) -> bool:
        line, column = self.place(self.at)
        path: Path = (*table, *self.key())
        self.skip(_SPACE)
        if self.text[self.at : self.at + 1] != "=":
            return False
        self.at += 1
        self.skip(_SPACE)
        value = self.at
        self.value(path)
        quotes = re.match(r'"""\r?\n?|\'\'\'\r?\n?|"|\'', self.text[value : value + 5])
        inside = self.place(value + (quotes.end() if quotes else 0))
        self.found[path] = Place(line, column, *inside)
        for length in range(len(table) + 1, len(path)):
            self.found.setdefault(path[:length], Place(line, column, line, column))
        return True

    def value(self, path: Path) -> None:
        string = _STRING.match(self.text, self.at)
        if string:
            self.at = string.end()
        elif self.text[self.at] == "[":
            self.array(path)
        elif self.text[self.at] == "{":
            self.inline_table(path)
        else:
            self.skip(_PLAIN)

    def array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == "]":
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            line, column = self.place(self.at)
            self.found[(*path, index)] = Place(line, column, line, column)
            self.value((*path, index))
            index += 1

    def inline_table(self, path: Path) -> None:
        self.at += 1
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == "}":
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
                continue
            if not self.pair(path):
                return


def _unquote(text: str) -> str:
    if text[0] not in "\"'":
        return text
    if text[0] == "'":
        return text[1:-1]
    return re.sub(
        r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)",
        lambda m: chr(int(m[1][1:], 16)) if m[1][0] in "uU" else _ESCAPES.get(m[1], m[1]),
        text[1:-1],
    )


_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def positions(text: str) -> Mapping[Path, Place]:
    """Give the place of every table, key and array element of a valid TOML text.

    Examples
    --------
    >>> places = positions('[inputs.a]\\nlow = 1\\n')
    >>> places["inputs", "a", "low"].line
    2
    """
    scanner = _Scanner(text)
    with contextlib.suppress(IndexError):  # an unknown syntax: what was found so far still helps
        scanner.document()
    return scanner.found
