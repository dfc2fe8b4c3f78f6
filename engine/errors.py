"""What can go wrong, and with which exit status the command line answers.

::

    RangecastError                 exit status
    ├── ModelError                 2   the model file or the Python model is wrong
    ├── SettingsError              2   an option or an argument is wrong
    ├── FailedScenariosError       4   too many scenarios gave no finite number
    ├── ResourceError              5   memory, workers, a back end that is not there
    └── FileError                  6   a file or folder cannot be read or written
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_LENGTH = 120
"""Longest piece of user text repeated in a message."""


def shown(text: object) -> str:
    """Make user text safe to print: control, bidi and invisible characters escaped, cut to 120.

    Examples
    --------
    >>> shown("bad\\x1b[2Jname")
    'bad\\\\x1b[2Jname'
    """
    raw = str(text)
    safe = "".join(
        c.encode("unicode_escape").decode("ascii")
        if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        else c
        for c in raw[: SHOWN_LENGTH + 1]
    )
    return safe if len(safe) <= SHOWN_LENGTH else safe[: SHOWN_LENGTH - 1] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Hint at the nearest known word, or nothing.

    Examples
    --------
    >>> did_you_mean("hihg", ["low", "mode", "high"])
    "did you mean 'high'?"
    """
    candidates = list(known)
    folded = {k.casefold(): k for k in candidates}
    near = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f"did you mean '{shown(folded[near[0]])}'?" if near else ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in the parts that a person or a program wants.

    Parameters
    ----------
    code : str
        Stable code, ``E…`` for an error and ``W…`` for a warning; ``rangecast explain`` knows it.
    key : str
        Dotted path of the key, such as ``inputs.growth.high``; may be empty.
    message : str
        What is wrong, in a few words.
    got, allowed, hint : str
        What was found, what is allowed, and how to mend it; each may be empty.
    file : str
        Name of the file as the user gave it; empty when there is none.
    line, column : int
        Position, counted from 1; 0 when it has none.

    Examples
    --------
    >>> print(Problem("E113", "inputs.growth.hihg", "unknown key", hint="did you mean 'high'?"))
    error[E113] inputs.growth.hihg: unknown key; did you mean 'high'?
    """

    code: str
    key: str
    message: str
    got: str = ""
    allowed: str = ""
    hint: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def is_error(self) -> bool:
        """Whether this stops the work (a warning does not)."""
        return self.code.startswith("E")

    @property
    def where(self) -> str:
        """``file:line:column``, as far as known."""
        parts = [shown(self.file)] if self.file else []
        if self.line:
            parts += [str(self.line), str(self.column or 1)]
        return ":".join(parts)

    def __str__(self) -> str:
        level = "error" if self.is_error else "warning"
        head = " ".join(p for p in (f"{level}[{self.code}]", self.where, shown(self.key)) if p)
        got = f"got {shown(self.got)}" if self.got else ""
        return f"{head}: " + "; ".join(p for p in (self.message, got, self.allowed, self.hint) if p)

    def as_dict(self) -> dict[str, str]:
        """Give the same parts as a flat dictionary, for ``--json``."""
        return {
            "code": self.code,
            "where": self.where,
            "key": self.key,
            "problem": self.message,
            "got": self.got,
            "allowed": self.allowed,
            "hint": self.hint,
        }


class RangecastError(Exception):
    """Base of every error that is answered with a message and an exit status."""

    exit_status = 3

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)


class ModelError(RangecastError):
    """The model is wrong; `problems` lists everything found, not only the first."""

    exit_status = 2


class SettingsError(RangecastError):
    """An option, argument or run setting is wrong."""

    exit_status = 2


class FailedScenariosError(RangecastError):
    """More scenarios than allowed gave no finite number."""

    exit_status = 4


class ResourceError(RangecastError):
    """Memory, workers or a back end are missing."""

    exit_status = 5


class FileError(RangecastError):
    """A file or folder cannot be read or written."""

    exit_status = 6
