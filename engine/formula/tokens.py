"""Cut a formula into tokens; whatever is not part of the language is refused by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from rangecast.engine.formula.errors import FormulaError

MOST_CHARACTERS = 10_000
MOST_DIGITS = 40

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|//|<<|>>|&&|\|\||:=|[-+*/<>(),])"
    r"|(?P<other>.)",
    re.DOTALL,
)

_REPLACEMENTS = {
    "|": "use 'or'",
    "||": "use 'or'",
    "&": "use 'and'",
    "&&": "use 'and'",
    "~": "use 'not'",
    "!": "use 'not'",
    "^": "use '**'",
    "//": "use floor(a / b)",
    "=": "use '==' to compare",
    ":=": "a formula assigns nothing",
    "<<": "use '*' and '**'",
    ">>": "use '/' and '**'",
    "×": "use '*'",
    "÷": "use '/'",
    "{": "use parentheses",
    "}": "use parentheses",
}

_WORDS = {"and", "or", "not"}


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a formula; kind is ``number``, ``name``, ``op`` or ``end``."""

    kind: str
    text: str
    offset: int


def _check_characters(text: str) -> None:
    """Refuse invisible characters and names that change under NFKC normalisation (E206)."""
    for offset, character in enumerate(text):
        if (
            unicodedata.category(character) in {"Cf", "Cc", "Co", "Cs"}
            and character not in "\t\r\n"
        ):
            point = f"U+{ord(character):04X}"
            message = f"invisible or control character {point}"
            raise FormulaError("E206", offset, message, hint="remove it")
        folded = unicodedata.normalize("NFKC", character)
        if folded != character and (character.isalnum() or folded.isalnum()):
            word = re.search(r"\w*$", text[:offset])
            start = word.start() if word else offset
            whole = re.match(r"\w+", text[start:])
            hint = unicodedata.normalize("NFKC", whole.group() if whole else character)
            message = f"look-alike character U+{ord(character):04X}"
            raise FormulaError("E206", offset, message, hint=f"did you mean '{hint}'?")


def _refuse(text: str, offset: int, character: str, before: list[Token]) -> FormulaError:
    """Name a character that is not part of the language, and what to write instead."""
    if character == "." and re.match(r"\.[^\W\d]\w*", text[offset:]):
        return _attribute(text, offset)
    if character in "[]":
        message = "'[ ]' is not allowed: one scenario cannot see another"
        return FormulaError("E402", offset, message, hint="write a quantity of its own")
    if character == ";":
        return FormulaError("E402", offset, "';' is not allowed", allowed="one expression only")
    if character == "%":
        kinds = [token.kind for token in before[-2:]]
        clear = kinds[-1:] == ["number"] and kinds != ["number", "number"]
        hint = f"write {_share(before[-1].text)}" if clear else "write a share such as 0.10"
        return FormulaError("E401", offset, "'%' is not part of a formula", hint=hint)
    if character in "'\"":
        return FormulaError("E409", offset, "text is not allowed in a formula")
    if character == "#":
        return FormulaError("E401", offset, "'#' starts no comment here", hint='use note = "…"')
    if character == "=" and not text[:offset].strip():
        return FormulaError("E401", offset, "a leading '=' is not needed", hint="remove it")
    hint = _REPLACEMENTS.get(character, "")
    named = f"'{character}'" if character.isprintable() else f"U+{ord(character):04X}"
    return FormulaError("E402", offset, f"{named} is not allowed in a formula", hint=hint)


def _share(percent: str) -> str:
    """Write a percentage as a share: with two decimals, or more where it has more."""
    share = float(percent) / 100
    return f"{share:.2f}" if share == round(share, 2) else f"{share:.10g}"


def _attribute(text: str, offset: int) -> FormulaError:
    found = re.match(r"\.(\w+)(\(.*)?", text[offset:], re.DOTALL)
    attribute = found[1] if found else ""
    before = re.search(r"(\w+)$", text[:offset])
    if before and before[1] in {"np", "numpy", "math"}:
        hint = f"write {attribute}{(found[2] or '') if found else ''}"
        message = f"'{before[1]}' is not needed: functions have plain names"
        return FormulaError("E402", before.start(), message, hint=hint)
    return FormulaError("E402", offset, f"attribute access is not allowed: '.{attribute}'")


def _number(text: str, offset: int, literal: str) -> None:
    """Refuse numbers that run into a name, are too long, or use commas."""
    if sum(c.isdigit() for c in literal) > MOST_DIGITS:
        raise FormulaError("E408", offset, "number too long", got=literal[:20] + "…")
    if float(literal.replace("_", "")) == float("inf"):
        raise FormulaError("E408", offset, "number too large", got=literal)
    rest = text[offset + len(literal) :]
    word = re.match(r"[^\W\d]\w*", rest)
    if word:
        if word[0] in {"j", "J"}:
            raise FormulaError("E409", offset, "a complex number is not allowed")
        joined = literal + word[0]
        hint = f"write {literal}*{word[0]}"
        raise FormulaError("E401", offset, f"'{joined}' is not a name", hint=hint)


def tokenize(text: str) -> list[Token]:
    """Cut `text` into tokens, the last of kind ``end``.

    Raises
    ------
    FormulaError
        E401, E402, E405, E408, E409 or E206, at the character at fault.

    Examples
    --------
    >>> [t.text for t in tokenize("2*visits")]
    ['2', '*', 'visits', '']
    """
    if len(text) > MOST_CHARACTERS:
        message = f"formula is {len(text)} characters"
        raise FormulaError("E405", 0, message, allowed=f"limit {MOST_CHARACTERS:,}")
    if not text.strip():
        raise FormulaError("E401", 0, "the formula is empty")
    _check_characters(text)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, piece, offset = str(match.lastgroup), match.group(), match.start()
        if kind == "space":
            continue
        if kind == "other" or piece in _REPLACEMENTS:
            raise _refuse(text, offset, piece, tokens)
        if kind == "number":
            _number(text, offset, piece)
        tokens.append(Token("op" if piece in _WORDS else kind, piece, offset))
    return [*tokens, Token("end", "", len(text))]


def rename(formula: str, new: Mapping[str, str]) -> str:
    """Replace names in a formula.

    Examples
    --------
    >>> rename("a + ab * a", {"a": "x"})
    'x + ab * x'
    """
    text, at = [], 0
    for token in tokenize(formula):
        if token.kind == "name" and token.text in new:
            text += [formula[at : token.offset], new[token.text]]
            at = token.offset + len(token.text)
    return "".join([*text, formula[at:]])
