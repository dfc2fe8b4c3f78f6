"""Limits on a TOML text, checked on its tokens before any parser sees it.

On valid text the tokens agree with TOML. On other text they may differ only behind the first
mistake, where the real parser has stopped already, so the limits hold for it too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_LEVELS = 50
MOST_PARTS = 32
MOST_ITEMS = 200_000
LONGEST_WORD = 400

# Possessive repeats (*+) keep every match linear in time and constant in memory; a string that is
# never closed runs to the end of its line or of the text, so that no text is looked at twice.
_TEXT = (
    r'"""(?:[^\\"]++|\\.|"{1,2}(?!"))*+(?:"{3,5}|\Z)'
    r"|'''(?:[^']++|'{1,2}(?!'))*+(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]++|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
)
_TOKEN = re.compile(
    rf"(?P<text>{_TEXT})"
    r"|(?P<comment>#[^\n]*+)"
    r"|(?P<mark>[\[\]{}=,.]|\n[ \t\r\n]*+)"
    rf"|(?P<long>(?<![0-9A-Za-z_])[0-9A-Za-z_]{{{LONGEST_WORD + 1},}}+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that a text goes beyond: code, words, and the offset where it does."""

    code: str
    message: str
    allowed: str
    offset: int


def excess(text: str) -> Excess | None:
    """Give the first limit that a text goes beyond.

    Nesting costs a parser its stack, long dotted keys cost it quadratic time, and the number of
    keys and values bounds all the work that follows.

    Examples
    --------
    >>> excess("a = " + "[" * 60).message
    'nested too deeply'
    """
    level = parts = items = 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "long":
            return _too_long(match.group(), match.start())
        mark = match.group()[0] if match.lastgroup == "mark" else ""
        parts = parts + 1 if mark == "." else 0 if mark else parts
        level += (mark != "" and mark in "[{") - (mark != "" and mark in "]}")
        items += mark != "" and mark in "=,["
        if level > MOST_LEVELS:
            allowed = f"limit {MOST_LEVELS} levels"
            return Excess("E107", "nested too deeply", allowed, match.start())
        if parts >= MOST_PARTS:
            allowed = f"limit {MOST_PARTS} parts of a key"
            return Excess("E107", "nested too deeply", allowed, match.start())
        if items > MOST_ITEMS:
            allowed = f"limit {MOST_ITEMS:,}"
            return Excess("E117", "too many keys and values", allowed, match.start())
    return None


def _too_long(word: str, offset: int) -> Excess:
    what, code = ("number", "E105") if word[0].isdigit() else ("name", "E117")
    return Excess(code, f"{what} too long", f"limit {LONGEST_WORD} characters", offset)
