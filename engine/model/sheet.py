"""The layout of a sheet of inputs: written into workbooks, read back by `overlay`.

One row per input. Numbers have a cell each, in up to four pairs of name and value; what does not
fit there (lists, tables, texts) stands in one cell as lines of TOML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rangecast.engine.model import shape
from rangecast.engine.model.model import Input, Model

SHEET = "Inputs"
PAIRS = 4
COLUMNS = (
    "input",
    "label",
    "unit",
    "distribution",
    *(f"{word} {k}" for k in range(1, PAIRS + 1) for word in ("parameter", "value")),
    "base",
    "min",
    "max",
    "round",
    "more parameters",
    "same as",
    "per period",
    "autocorrelation",
    "basis",
    "note",
)
CONSTANT = "constant"
UNCHANGED = "as in the model"
LONGEST_CELL = 32_767

KEY_OF = {
    "base": "base",
    "min": "min",
    "max": "max",
    "round": "round",
    "same as": "same_as",
    "per period": "per_period",
    "autocorrelation": "autocorrelation",
    "basis": "basis",
    "note": "note",
}
"""Columns that are keys of an input."""


def _toml(value: Any) -> str:
    """Write a value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(v) for v in value)}]"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: object) -> str:
    text = str(name)
    plain = text.replace("_", "").replace("-", "")
    return text if plain.isascii() and plain.isalnum() else _toml(text)


def _is_plain(value: object) -> bool:
    """Whether a number survives a cell, which holds a 64-bit float."""
    return shape.fits(value, "number") and float(value) == value  # type: ignore[arg-type]


def _pairs(given: Mapping[str, Any]) -> tuple[list[tuple[str, float]], str]:
    """Split parameters into pairs of name and number, and lines of TOML for the rest."""
    flat = [(k, v) for k, v in given.items() if _is_plain(v)][:PAIRS]
    placed = {k for k, _ in flat}
    rest = [f"{_key(k)} = {_toml(v)}" for k, v in given.items() if k not in placed]
    return flat, "\n".join(rest)


def input_row(one: Input) -> dict[str, Any]:
    """Give the cells of one input by column; empty cells are left out.

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> model = loads('[inputs.x]\\ndist = "uniform"\\nlow = 1\\nhigh = 2\\n'
    ...               '[outputs.y]\\nformula = "x"\\n')
    >>> [v for v in input_row(model.inputs["x"]).values()]
    ['x', 'x', 'uniform', 'low', 1, 'high', 2]
    """
    stated = one.stated
    row: dict[str, Any] = {"input": one.name, "label": one.label, "unit": one.unit}
    row |= {"distribution": stated.get("dist", "") or (CONSTANT if "value" in stated else "")}
    placed = {"dist", *KEY_OF.values()}
    given = {k: v for k, v in stated.items() if k not in placed}
    if "value" in stated:
        given = {"value": stated["value"]}
    flat, rest = _pairs(given)
    if not stated or stated.get("dist") == "data" or len(rest) > LONGEST_CELL:
        row["distribution"] = UNCHANGED
        stated, flat, rest = {}, [], ""
    for k, (name, value) in enumerate(flat, 1):
        row |= {f"parameter {k}": name, f"value {k}": value}
    row |= {c: stated[k] for c, k in KEY_OF.items() if k in stated}
    row |= {"more parameters": rest, "basis": one.basis, "note": one.note}
    if one.base_given and not one.is_constant:
        row["base"] = one.base
    return {c: row[c] for c in COLUMNS if row.get(c, "") not in {"", None}}


def input_rows(model: Model) -> list[dict[str, Any]]:
    """Give the rows of all inputs, as the cases of the model leave them.

    Parameters
    ----------
    model : Model
        Perhaps spelled out by periods: an input with a value in each has one row.
    """
    spelled = {row for path in model.paths for row in model.series.get(path, ())}
    own = {n: i for n, i in model.inputs.items() if n not in spelled and not i.part_of}
    inputs = own | dict(model.paths)
    return [input_row(one) for one in inputs.values()]
