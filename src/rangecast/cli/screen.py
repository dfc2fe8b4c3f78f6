"""What a terminal is shown: lines that fit, colours where it has them, letters that it knows."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import Any

NARROWEST, USUAL = 40, 120
_LOW, _HIGH = "\x1b[38;5;33m", "\x1b[38;5;208m"
_BOLD, _RED, _YELLOW, _END = "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[0m"
_BARS = (("░", _LOW), ("█", _HIGH))
_ANSWERS = {"error": _RED, "warning": _YELLOW}


def columns(usual: int = USUAL) -> int:
    """Columns that a line may have: of the terminal, or COLUMNS, or as usual without either."""
    return max(NARROWEST, shutil.get_terminal_size((usual, 24)).columns)


def is_plain() -> bool:
    """Whether standard output knows no letters beyond ASCII."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    return "utf" not in encoding and "gb" not in encoding


def has_colour(stream: Any) -> bool:
    """Whether a stream may get colours.

    NO_COLOR forbids them, FORCE_COLOR (but 0) asks for them, else a terminal decides that is not
    TERM=dumb. See no-color.org and force-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] != "0"
    return os.environ.get("TERM") != "dumb" and bool(stream.isatty())


def show(text: str = "") -> None:
    """Print lines for people on standard output.

    On a terminal, or with COLUMNS set, sentences that are too long go on below; tables, whose cells
    stand two spaces apart, stay whole.
    """
    lines = text.split("\n")
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        lines = [part for line in lines for part in _fitted(line, columns())]
    if has_colour(sys.stdout):
        lines = [_painted(line) for line in lines]
    print("\n".join(lines), flush=True)


def _fitted(line: str, room: int) -> list[str]:
    from rangecast.reports.words import wrapped

    bare = line.strip()
    indent = line[: len(line) - len(line.lstrip(" "))]
    return [line] if "  " in bare else wrapped(bare, room, indent, indent + "  ")


def tell(text: str) -> None:
    """Print a line for people on standard error: whole, so that it can be searched for."""
    word = text.partition("[")[0]
    if word in _ANSWERS and has_colour(sys.stderr):
        head, _, rest = text.partition(" ")
        text = f"{_ANSWERS[word]}{head}{_END} {rest}"
    print(text, file=sys.stderr, flush=True)


def _painted(line: str) -> str:
    """Colour the bars of a line, and make its percentiles bold where it is the head of a table."""
    if re.fullmatch(r" +(P\d[\d.]* +)+\S+", line):
        return f"{_BOLD}{line}{_END}"
    for mark, colour in _BARS:
        line = re.sub(f"({mark}+)", rf"{colour}\1{_END}", line)
    return line
