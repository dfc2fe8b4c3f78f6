"""Every code that the source can print is known to `explain`, and every known code is used."""

import re
from pathlib import Path

from rangecast.engine.codes import CODES

ROOT = Path(__file__).parents[2]
PLACEHOLDERS = {"E100", "E500"}
"""Codes used to look up a position only."""


def used() -> set[str]:
    found = set()
    for folder in ("engine", "distributions", "reports", "src"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "codes.py":
                found |= set(re.findall(r"\b[EW]\d{3}\b", path.read_text()))
    return found


def test_codes_and_source_agree():
    documented_only = {"E306"}
    assert used() - set(CODES) - PLACEHOLDERS - documented_only == set()
    assert set(CODES) - used() == set()
