"""The words of reports, in English or Chinese, and text in columns.

`say` takes the English sentence; the Chinese one stands beside it in `chinese.CHINESE`.
"""

from __future__ import annotations

import contextlib
import contextvars
import re
import unicodedata
from collections.abc import Iterator, Mapping

from rangecast.reports.chinese import CHINESE, UNITS

_LANGUAGE = contextvars.ContextVar("rangecast_language", default="en")
_UNITS: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar(
    "rangecast_units", default=UNITS
)


@contextlib.contextmanager
def language(name: str, units: Mapping[str, str] | None = None) -> Iterator[None]:
    """Write everything inside the block in a language.

    Parameters
    ----------
    name : str
        ``en`` or ``zh``.
    units : mapping of str to str, optional
        Unit words of a model in that language, `Model.units_zh`.

    Examples
    --------
    >>> with language("zh"):
    ...     say("mean")
    '均值'
    """
    tokens = _LANGUAGE.set(name), _UNITS.set({**UNITS, **(units or {})})
    try:
        yield
    finally:
        _LANGUAGE.reset(tokens[0])
        _UNITS.reset(tokens[1])


def is_chinese() -> bool:
    """Whether reports are written in Chinese now."""
    return _LANGUAGE.get() == "zh"


def say(sentence: str, **values: object) -> str:
    """Write a sentence in the language of the report, with values put in.

    Examples
    --------
    >>> say("{count} scenarios", count="1,000")
    '1,000 scenarios'
    """
    template = CHINESE.get(sentence, sentence) if is_chinese() else sentence
    return template.format(**values) if values else template


def unit_in_words(unit: str) -> str:
    """Translate the words of a unit.

    Examples
    --------
    >>> with language("zh", {"card": "张"}):
    ...     unit_in_words("CNY/card")
    '元/张'
    """
    if not is_chinese():
        return unit
    names = _UNITS.get()
    words = re.sub(r"[^\W\d]\w*", lambda m: names.get(m[0], m[0]), unit)
    return "".join(c if c.isprintable() else " " for c in words)


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal.

    Examples
    --------
    >>> width_of("server"), width_of("服务器")
    (6, 6)
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def left(text: str, width: int) -> str:
    """Fill a text up to a width, on its right."""
    return text + " " * max(0, width - width_of(text))


def right(text: str, width: int) -> str:
    """Fill a text up to a width, on its left."""
    return " " * max(0, width - width_of(text)) + text


def clip(text: str, width: int) -> str:
    """Cut a text to a width, and show that it was.

    Examples
    --------
    >>> clip("server", 6), clip("servers", 6), clip("服务器", 5)
    ('server', 'serve…', '服务…')
    """
    if width_of(text) <= width:
        return text
    kept = text
    while width_of(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…"


def wrapped(text: str, columns: int, first: str = "", rest: str = "") -> list[str]:
    """Break a text into lines of a terminal; wide characters may break anywhere.

    Parameters
    ----------
    text : str
    columns : int
        That a line may take, with its indent.
    first, rest : str
        Indent of the first line and of those below it.

    Examples
    --------
    >>> wrapped("as far as it goes", 9), wrapped("服务器需求", 8, rest="  ")
    (['as far as', 'it goes'], ['服务器需', '  求'])
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        indent = rest if lines else first
        if line and width_of(indent + line + piece.rstrip()) > columns:
            lines.append((indent + line).rstrip())
            line = ""
        line += piece
    return [*lines, ((rest if lines else first) + line).rstrip()]


def _pieces(text: str) -> list[str]:
    """Words with the space behind them; a wide character is a word of its own."""
    pieces: list[str] = []
    for c in text:
        wide = width_of(c) == 2
        if not pieces or wide or pieces[-1].endswith(" ") or width_of(pieces[-1][-1]) == 2:
            pieces.append(c)
        else:
            pieces[-1] += c
    return pieces


_IN_ASCII = {
    **dict.fromkeys("░─", "-"), "█": "#", "▒": "=", "│": "|", "·": "-", "…": "...", "–": "-",
    "—": "-", "−": "-", "×": "x", "±": "+/-", "→": "->", "≤": "<=", "≥": ">=", "≈": "~",
    "“": '"', "”": '"', "‘": "'", "’": "'", "¥": "CNY", "€": "EUR", "£": "GBP", "μ": "mu",
    "σ": "sigma", "δ": "delta", "ρ": "rho", "°": "deg", "²": "^2", "³": "^3", "½": "1/2",
    "\u00a0": " ",
}  # fmt: skip
"""What stands for a letter where only ASCII can be shown."""


def in_ascii(text: str) -> str:
    """Write a text in ASCII; letters that nothing stands for become question marks.

    Examples
    --------
    >>> in_ascii("swing ×1.5 … “high”, 服务器")
    'swing x1.5 ... "high", ???'
    """
    found = "".join(_IN_ASCII.get(c, c) for c in text)
    bare = unicodedata.normalize("NFKD", found)
    return "".join(c if c.isascii() else "?" for c in bare if not unicodedata.combining(c))
