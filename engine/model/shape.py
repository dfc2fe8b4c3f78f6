"""Which keys each table of a model file may have, and of what kind: declared once, as data."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from rangecast.engine.errors import Problem, did_you_mean
from rangecast.engine.model.document import Document
from rangecast.engine.model.positions import Path

KINDS = {
    "text": "text",
    "texts": "text or a list of texts",
    "number": "a number",
    "count": "a whole number",
    "flag": "true or false",
    "date": "a date such as 2026-01-31",
    "table": "a table",
    "tables": "named tables",
}

INPUT_KEYS = {
    "dist": "text",
    "value": "number",
    "base": "number",
    "round": "flag",
    "same_as": "text",
    "label": "text",
    "unit": "text",
    "note": "text",
    "basis": "text",
    "source": "texts",
    "per_period": "text",
    "autocorrelation": "number",
    "label_zh": "text",
    "min": "number",
    "max": "number",
    "shift": "number",
    "factor": "number",
}
"""Keys of an input beside the parameters of its distribution."""

TABLES: Mapping[str, Mapping[str, str]] = {
    "document": {
        "format": "count",
        "model": "table",
        "units": "table",
        "units_zh": "table",
        "inputs": "tables",
        "quantities": "tables",
        "outputs": "tables",
        "correlations": "list",
        "dependence": "table",
        "cases": "tables",
        "run": "table",
        "checks": "list",
        "tables": "tables",
        "time": "table",
        "outcomes": "list",
        "decisions": "tables",
        "groups": "tables",
        "backtest": "table",
        "sources": "tables",
    },
    "model": {
        "title": "text",
        "description": "text",
        "as_of": "date",
        "note": "text",
        "title_zh": "text",
        "description_zh": "text",
    },
    "quantity": {
        "formula": "text",
        "unit": "text",
        "label": "text",
        "note": "text",
        "label_zh": "text",
    },
    "output": {
        "formula": "text",
        "unit": "text",
        "label": "text",
        "note": "text",
        "label_zh": "text",
        "headline": "text",
        "headline_zh": "text",
    },
    "correlation": {
        "between": "list",
        "among": "any",
        "spearman": "number",
        "kendall": "number",
        "pearson": "number",
        "note": "text",
        "basis": "text",
        "source": "texts",
    },
    "dependence": {"copula": "text", "df": "number", "repair": "text", "note": "text"},
    "case": {
        "label": "text",
        "note": "text",
        "as_of": "date",
        "extends": "text",
        "label_zh": "text",
        "inputs": "any",
        "quantities": "table",
        "outputs": "table",
    },
    "run": {
        "cases": "list",
        "outputs": "list",
        "scenarios": "count",
        "seed": "count",
        "design": "text",
        "max_failures": "number",
    },
    "check": {
        "case": "text",
        "output": "text",
        "equals": "number",
        "stated": "number",
        "audit": "count",
        "label_zh": "text",
        "label": "text",
        "note": "text",
        "source": "text",
    },
    "table": {
        "output": "text",
        "rows": "table",
        "columns": "table",
        "statistic": "texts",
        "case": "text",
        "mark": "text",
        "label": "text",
        "note": "text",
        "label_zh": "text",
        "note_zh": "text",
    },
    "time": {"start": "any", "periods": "count", "end": "any", "outputs": "texts"},
    "outcome": {
        "name": "text",
        "label": "text",
        "output": "text",
        "date": "date",
        "unit": "text",
        "value": "number",
        "p5": "number",
        "p95": "number",
        "reading": "text",
        "source": "texts",
        "note": "text",
        "label_zh": "text",
    },
    "decision": {"alternatives": "list", "goal": "text", "label": "text", "note": "text"},
    "group": {"inputs": "list", "label": "text", "note": "text", "label_zh": "text"},
    "backtest": {"cases": "texts", "note": "text", "note_zh": "text"},
    "axis": {"name": "text", "values": "list"},
    "source": {
        "title": "text",
        "publisher": "text",
        "date": "any",
        "url": "text",
        "short": "text",
        "short_zh": "text",
        "note": "text",
    },
}


OWN_RANGE = ("spearman", "kendall", "pearson", "max_failures")
"""Numbers whose range is checked where they are used, with a code of their own."""


def fits(value: object, kind: str) -> bool:
    """Whether a value is of a kind."""
    if kind == "any":
        return True
    if kind == "text":
        return isinstance(value, str)
    if kind == "texts":
        return isinstance(value, str) or (
            isinstance(value, list) and all(isinstance(v, str) for v in value)
        )
    if kind in {"number", "count"}:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return kind == "number" or isinstance(value, int) or value.is_integer()
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "date":
        return isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return isinstance(value, list if kind == "list" else dict)


def not_finite(value: float) -> str:
    """Say why a number cannot be used, or nothing."""
    try:
        number = float(value)
    except OverflowError:
        return "too large for a 64-bit float"
    return "" if math.isfinite(number) else "must be finite"


def found(value: object) -> str:
    """Describe a value of the wrong kind."""
    if isinstance(value, bool):
        return "a true/false value"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else repr(value)


def check(
    document: Document,
    path: Path,
    table: Mapping[str, Any],
    keys: Mapping[str, str],
    required: tuple[str, ...] = (),
) -> list[Problem]:
    """Report unknown keys (E113), values of a wrong kind (E115) and missing keys (E114)."""
    problems = []
    guessed = set()
    for key, value in table.items():
        if key not in keys:
            hint = did_you_mean(key, keys)
            guessed |= {r for r in required if f"'{r}'" in hint}
            allowed = f"allowed: {', '.join(keys)}"
            problems.append(
                document.problem("E113", (*path, key), "unknown key", allowed=allowed, hint=hint)
            )
        elif not fits(value, keys[key]):
            problems.append(wrong_kind(document, (*path, key), value, keys[key]))
        elif keys[key] == "number" and key not in OWN_RANGE and (why := not_finite(value)):
            problems.append(document.problem("E305", (*path, key), why, got=str(value)))
    for key in required:
        if key not in table and key not in guessed:
            problems.append(document.problem("E114", (*path, key), "missing"))
    return problems


def wrong_kind(document: Document, path: Path, value: object, kind: str) -> Problem:
    """Report a value of the wrong kind (E115), with the way to write it where that is clear."""
    message, hint = f"expected {KINDS.get(kind, 'a list')}", ""
    if kind == "tables":
        message = f"expected named tables like [{path[-1]}.visits]"
    elif path[-1] == "formula" and isinstance(value, int | float):
        hint = f'write formula = "{value}"'
    return document.problem("E115", path, message, got=found(value), hint=hint)
