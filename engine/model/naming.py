"""Names of inputs, quantities and outputs: identifiers of any script, each used once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from rangecast.engine.errors import Problem, shown
from rangecast.engine.formula import CLOCK, FUNCTIONS, PERIODIC
from rangecast.engine.model.document import Document
from rangecast.engine.model.positions import Path

RESERVED = {
    *FUNCTIONS,
    *PERIODIC,
    *CLOCK,
    *("and", "or", "not", "if", "else", "for", "in", "is", "lambda", "import", "def", "class"),
    *("None", "True", "False", "true", "false", "nan", "inf"),
}
LONGEST = 100

# Cyrillic and Greek letters that look like a Latin one in most fonts.
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТХІЈЅУονιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijshdqwABEKMHOPCTXIJSYoviABEZHIKMNOPTYX",
)


def check_name(document: Document, path: Path) -> Problem | None:
    """Report a name that a formula could not use (E201, E202, E206), if it is one."""
    name = str(path[-1])
    for character in name:
        if unicodedata.category(character) in {"Cf", "Cc", "Co", "Cs"}:
            message = f"invisible or control character U+{ord(character):04X} in a name"
            return document.problem("E206", path, message)
    if name.startswith("_"):
        return document.problem("E201", path, "a name must not start with '_'", got=name)
    wrong = dict.fromkeys(c for c in name if not (c.isalnum() or c == "_"))
    if wrong:
        what = " and ".join("a space" if c == " " else f"'{c}'" for c in list(wrong)[:4])
        is_or_are = "is" if len(wrong) == 1 else "are"
        hint = "use _" if set(wrong) <= set(" -.") else ""
        message = f"{what} {is_or_are} not allowed in a name"
        return document.problem("E201", path, message, hint=hint)
    if not name or name[0].isdigit() or len(name) > LONGEST:
        message = f"a name starts with a letter and has at most {LONGEST} characters"
        return document.problem("E201", path, message, got=name)
    plain = unicodedata.normalize("NFKC", name)
    if plain != name:
        message, hint = "look-alike characters in a name", f"did you mean '{plain}'?"
        return document.problem("E206", path, message, hint=hint)
    if re.search("[A-Za-z]", name) and (alike := [c for c in name if ord(c) in _LOOK_ALIKE]):
        message = f"look-alike character U+{ord(alike[0]):04X} among Latin letters"
        hint = f"did you mean '{name.translate(_LOOK_ALIKE)}'?"
        return document.problem("E206", path, message, hint=hint)
    if name in RESERVED:
        return document.problem("E202", path, f"'{name}' is reserved", hint="choose another name")
    return None


def check_case_name(document: Document, path: Path) -> Problem | None:
    """Report a name of a case that could not be asked for (E201): no formula uses it."""
    name = str(path[-1])
    wrong = next((c for c in name if c in "+,=/\\" or not c.isprintable() or c.isspace()), None)
    if name and wrong is None:
        return None
    message = f"{wrong!r} is not allowed in the name of a case" if name else "a name is missing"
    return document.problem("E201", path, message, hint="use letters, digits, _ and -")


def check_names(document: Document, kinds: Mapping[str, Mapping[str, object]]) -> list[Problem]:
    """Check every declared name alone, and that none is used twice (E203, W211)."""
    problems: list[Problem] = []
    seen: dict[str, Path] = {}
    folded: dict[str, Path] = {}
    for kind, table in kinds.items():
        for name in table:
            path: Path = (kind, name)
            wrong = check_name(document, path)
            plain = unicodedata.normalize("NFKC", name)
            if wrong is not None and not (plain != name and plain in seen):
                problems.append(wrong)
            if plain in seen:
                problems.append(_used_twice(document, path, seen[plain], plain))
            elif plain.casefold() in folded:
                message = f"'{name}' and '{folded[plain.casefold()][-1]}' differ by case only"
                problems.append(document.problem("W211", path, message))
            seen.setdefault(plain, path)
            folded.setdefault(plain.casefold(), path)
    return problems


def _used_twice(document: Document, path: Path, first: Path, plain: str) -> Problem:
    if path[-1] != first[-1]:
        message = f"same name after normalisation: '{shown(plain)}'"
    else:
        singular = {"inputs": "input", "quantities": "quantity", "outputs": "output"}
        kinds = f"{singular[str(first[0])]} and {singular[str(path[0])]}"
        message = f"the name '{shown(plain)}' is used twice: {kinds}"
    return document.problem("E203", path, message)
