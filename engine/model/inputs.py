"""Turn the table of one input into an `Input`, with every problem it has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from rangecast.distributions import Rounded, registry
from rangecast.distributions.protocol import Distribution
from rangecast.engine.errors import Problem, did_you_mean
from rangecast.engine.model import shape
from rangecast.engine.model.document import Document
from rangecast.engine.model.model import Input
from rangecast.engine.model.positions import Path

PER_PERIOD = ("constant", "independent", "autocorrelated")
BASES = ("data", "report", "judgement")
NUMBERS = ("base", "value", "min", "max")
DESCRIPTIVE = ("base", "label", "unit", "note", "basis", "source")
"""Keys that survive an overlay unless it sets them."""


def parameters(table: Mapping[str, Any]) -> dict[str, Any]:
    """Give the keys of an input that belong to its distribution."""
    return {k: v for k, v in table.items() if k not in shape.INPUT_KEYS}


def median(law: Distribution) -> float:
    """Value of the base case where none is stated."""
    return float(law.quantile(np.array([0.5]))[0])


def as_tuple(value: Any) -> tuple[str, ...]:
    """Read a text or a list of texts."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def _check_kinds(document: Document, path: Path, table: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for key, kind in shape.INPUT_KEYS.items():
        if key in table and not shape.fits(table[key], kind):
            problems.append(shape.wrong_kind(document, (*path, key), table[key], kind))
        elif (
            key in {"base", "value", "min", "max"}
            and key in table
            and (why := shape.not_finite(table[key]))
        ):
            got = str(table[key])
            problems.append(document.problem("E305", (*path, key), why, got=got))
    if table.get("basis", BASES[0]) not in BASES:
        allowed, got = f"one of {', '.join(BASES)}", shape.found(table["basis"])
        hint = did_you_mean(str(table["basis"]), BASES)
        path = (*path, "basis")
        problems.append(document.problem("E115", path, allowed, got=got, hint=hint))
    return problems


def _build_law(
    document: Document, path: Path, table: Mapping[str, Any]
) -> tuple[Distribution | None, list[Problem]]:
    """Make the law that a table states; None when it states none or a wrong one."""
    dist, given = table.get("dist"), parameters(table)
    if dist is None:
        return None, _without_law(document, path, table, given)
    if not isinstance(dist, str):
        return None, []
    problems = []
    ends = _ends(table)
    for wrong in registry.problems(dist, given, ends):
        key = wrong.parameter.partition("[")[0]
        index = wrong.parameter[len(key) :]
        problem = document.problem(
            wrong.code, (*path, key) if key else path, wrong.message, got=wrong.got, hint=wrong.hint
        )
        problems.append(replace(problem, key=problem.key + index))
    if problems:
        return None, problems
    law = registry.build(dist, given, ends)
    if law.support[0] == law.support[1] or law.sd < 1e-300:
        problems.append(document.problem("W350", path, "the input is constant: no spread"))
    law = Rounded(law) if table.get("round") else law
    return law, [*problems, *_inexact(document, path, given)]


def _ends(table: Mapping[str, Any]) -> tuple[float, float]:
    """Where a law is cut off."""
    low, high = (table.get(key) for key in ("min", "max"))
    ends = [math.inf if v is None or not shape.fits(v, "number") else float(v) for v in (low, high)]
    return (-math.inf if math.isinf(ends[0]) else ends[0]), ends[1]


def _inexact(document: Document, path: Path, given: Mapping[str, Any]) -> list[Problem]:
    """Warn of whole numbers that a 64-bit float cannot hold (W352)."""
    return [
        document.problem(
            "W352", (*path, key), f"{value} is not exact as a 64-bit float; used {float(value)}"
        )
        for key, value in given.items()
        if isinstance(value, int) and int(float(value)) != value
    ]


def _without_law(
    document: Document, path: Path, table: Mapping[str, Any], given: Mapping[str, Any]
) -> list[Problem]:
    if "value" in table or "same_as" in table:
        known = list(shape.INPUT_KEYS)
        return [
            p
            for key in given
            for p in shape.check(document, path, {key: 0}, dict.fromkeys(known, "any"))
        ]
    near = shape.check(document, path, given, shape.INPUT_KEYS)
    guessed = [p for p in near if "'dist'" in p.hint]
    if guessed:
        return guessed
    allowed = "a constant has value = …, an uncertain input has dist = …"
    return [document.problem("E114", (*path, "dist"), "missing", allowed=allowed)]


def build_input(
    document: Document, path: Path, name: str, table: Mapping[str, Any]
) -> tuple[Input | None, list[Problem]]:
    """Make an `Input` from its table.

    Returns
    -------
    built : Input or None
        None when the table has errors. An input with `same_as` and no law of its own has a law
        of None and a value of None until the root's law is filled in.
    problems : list of Problem
    """
    problems = _check_kinds(document, path, table)
    if "value" in table and ("dist" in table or "same_as" in table):
        message = "an input has either a value or a distribution, not both"
        problems.append(document.problem("E302", (*path, "value"), message))
    if "value" in table and "base" in table:
        message = "a constant takes no base: its value is used"
        problems.append(document.problem("E302", (*path, "base"), message))
    if table.get("round") and "dist" not in table and "same_as" not in table:
        problems.append(
            document.problem("E302", (*path, "round"), "only a distribution can be rounded")
        )
    for key in ("min", "max"):
        if key in table and "dist" not in table:
            message = "only a distribution can be cut off"
            problems.append(document.problem("E302", (*path, key), message))
    problems += _check_per_period(document, path, table)
    law, wrong = _build_law(document, path, table)
    problems += wrong
    if any(p.is_error for p in problems):
        return None, problems
    value = None if table.get("value") is None else float(table["value"])
    base = table.get("base", value if law is None else median(law))
    description = ""
    if law is not None:
        description = registry.describe(table["dist"], parameters(table))
        cut = [f"{key} {table[key]:g}" for key in ("min", "max") if key in table]
        description += f", cut off at {' and '.join(cut)}" if cut else ""
        description += ", rounded" if table.get("round") else ""
    built = Input(
        name=name,
        law=law,
        value=value,
        base=float(base) if base is not None else 0.0,
        base_given="base" in table or value is not None,
        unit=table.get("unit", ""),
        label=table.get("label", "") or name.replace("_", " "),
        note=table.get("note", ""),
        basis=table.get("basis", ""),
        sources=as_tuple(table.get("source")),
        same_as=table.get("same_as", ""),
        description=description,
        persistence=_persistence(table),
        label_zh=table.get("label_zh", ""),
        stated={k: v for k, v in table.items() if k not in DESCRIPTIVE and k != "label_zh"},
    )
    return built, problems


def _persistence(table: Mapping[str, Any]) -> float | None:
    """Correlation of a period's score with the next; None for one value in all periods."""
    if table.get("per_period", PER_PERIOD[0]) == PER_PERIOD[0]:
        return None
    return float(table.get("autocorrelation", 0.0))


def _check_per_period(document: Document, path: Path, table: Mapping[str, Any]) -> list[Problem]:
    """Check how an input varies over the periods."""
    kind, problems = table.get("per_period", PER_PERIOD[0]), []
    if kind not in PER_PERIOD:
        hint, allowed = did_you_mean(str(kind), PER_PERIOD), f"one of {', '.join(PER_PERIOD)}"
        key = (*path, "per_period")
        problems.append(document.problem("E115", key, allowed, got=shape.found(kind), hint=hint))
    elif kind != PER_PERIOD[0] and "dist" not in table:
        message = "only an input with a distribution of its own can vary per period"
        problems.append(document.problem("E302", (*path, "per_period"), message))
    if ("autocorrelation" in table) != (kind == "autocorrelated"):
        message = 'autocorrelation belongs to per_period = "autocorrelated", which needs it'
        problems.append(document.problem("E302", (*path, "autocorrelation"), message))
    rho = table.get("autocorrelation", 0.0)
    if shape.fits(rho, "number") and not -1 < rho < 1:
        message, key = "must lie between -1 and 1, both excluded", (*path, "autocorrelation")
        problems.append(document.problem("E303", key, message, got=str(rho)))
    return problems


def fill_same_as(inputs: dict[str, Input]) -> dict[str, Input]:
    """Give inputs that only say `same_as` the law of their root."""
    filled = dict(inputs)
    for name, one in inputs.items():
        root = inputs.get(one.same_as)
        if root is None or one.law is not None or one.value is not None:
            continue
        if root.law is None:
            filled[name] = replace(
                one, value=root.value, base=one.base if one.base_given else root.base
            )
        else:
            base = one.base if one.base_given else median(root.law)
            filled[name] = replace(
                one, law=root.law, base=base, description=f"same as {one.same_as}"
            )
    return filled
