"""Turn the table of one input into an `Input`, with every problem it has."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from rangecast.distributions import Discrete, Empirical, Rounded, registry
from rangecast.distributions.protocol import Distribution
from rangecast.engine.errors import Problem, did_you_mean
from rangecast.engine.model import shape
from rangecast.engine.model.conditional import CHOICES, Choice, read_choice
from rangecast.engine.model.data_law import describe, law_of_data
from rangecast.engine.model.document import Document
from rangecast.engine.model.laws import missed, placed
from rangecast.engine.model.model import Input
from rangecast.engine.model.positions import Path

PER_PERIOD = ("constant", "independent", "autocorrelated")
NO_BASE = "a constant takes no base: its value is used"
BASES = ("data", "report", "judgement")
NUMBERS = ("base", "value", *registry.CHANGES)
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
        elif key in NUMBERS and key in table and (why := shape.not_finite(table[key])):
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
    if any(k in table and not shape.fits(table[k], "number") for k in registry.CHANGES):
        return None, []  # told already
    changes = {k: table[k] for k in registry.CHANGES if k in table}
    if dist == "data":
        law, problems = law_of_data(document, path, given, changes)
        return (_rounded(law) if law is not None and table.get("round") else law), problems
    law, wrong = registry.read({"dist": dist, **given, **changes})
    problems = [placed(document, path, one) for one in wrong]
    if law is None:
        return None, problems
    problems += [*_spreadless(document, path, law), *_repeated(document, path, given)]
    law = _rounded(law) if table.get("round") else law
    problems += missed(document, path, {"dist": dist, **given, **changes})
    return law, [*problems, *_inexact(document, path, given)]


def _spreadless(document: Document, path: Path, law: Distribution) -> list[Problem]:
    """Warn of a law without spread (W350), or whose draws run together (W353)."""
    low, high = law.support
    if low == high:
        return [document.problem("W350", path, "the input is constant: no spread")]
    if law.sd < max(1e-300, 2.0**-54 * abs(median(law))):
        message = "the input is constant: its spread is too small for a 64-bit float"
        return [document.problem("W350", path, message)]
    if law.discrete:
        return []
    drawn = np.asarray(law.quantile(_LEVELS), dtype=float)
    values, counts = np.unique(drawn, return_counts=True)
    share = counts[counts > 1].sum() / len(_LEVELS)
    if getattr(law, "rough", False) or share < _TOGETHER:
        return []
    near = 1e-12 * (high - low)
    if math.isfinite(near) and (np.minimum(values - low, high - values) <= near).all():
        words = f"draws are practically {low:g} or {high:g}"
    else:
        most = values[np.argmax(counts)]
        words = f"most draws underflow to {most:g}: share of draws equal to {most:g} is {share:.2g}"
    hint = "a law with values of their own says so plainly: discrete, bernoulli, zero_inflated"
    return [document.problem("W353", path, words, hint=hint)]


_LEVELS = (np.arange(200) + 0.5) / 200
_TOGETHER = 0.5  # share of draws that are equal, from which a continuous law is none


def _repeated(document: Document, path: Path, given: Mapping[str, Any]) -> list[Problem]:
    """Warn of values that are listed more than once (W355)."""
    values = given.get("values")
    if not isinstance(values, list):
        return []
    times = Counter(v for v in values if isinstance(v, int | float))
    return [
        document.problem(
            "W355",
            (*path, "values"),
            f"value {value:g} appears {'twice' if count == 2 else f'{count} times'}; "
            "its weights added",
        )
        for value, count in times.items()
        if count > 1
    ]


def _rounded(law: Distribution) -> Distribution:
    """Round the draws of a law; observed values are rounded one by one."""
    return law.rounded() if isinstance(law, Empirical) else Rounded(law)


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
    table = _with_base_number(table)
    problems = [*_check_kinds(document, path, table), *_check_together(document, path, table)]
    problems += _check_per_period(document, path, table)
    choice = Choice()
    if table.get("dist") in CHOICES:
        choice, wrong = read_choice(document, path, table, parameters(table))
        law = choice.law
    else:
        law, wrong = _build_law(document, path, table)
    problems += wrong
    if any(p.is_error for p in problems):
        return None, problems
    value = None if table.get("value") is None else float(table["value"])
    base = table.get("base", value if law is None else median(law))
    if isinstance(law, Discrete) and "labels" in choice.fields and "base" not in table:
        base = law.values[int(np.argmax(law.weights))]  # names have no middle
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
        description=choice.description or _description(document, table, law),
        persistence=_persistence(table),
        label_zh=table.get("label_zh", ""),
        stated=_stated(table),
    )
    return replace(built, **choice.fields), problems


def _stated(table: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of the distribution; a base too where there is none: a constant root hides it."""
    left_out = {*DESCRIPTIVE, "label_zh"} - (set() if "dist" in table else {"base"})
    return {k: v for k, v in table.items() if k not in left_out}


def _check_together(document: Document, path: Path, table: Mapping[str, Any]) -> list[Problem]:
    """Refuse keys that exclude each other."""
    problems = []
    if "value" in table and ("dist" in table or "same_as" in table):
        message = "an input has either a value or a distribution, not both"
        problems.append(document.problem("E302", (*path, "value"), message))
    if "value" in table and "base" in table:
        problems.append(document.problem("E302", (*path, "base"), NO_BASE))
    if table.get("round") and "dist" not in table and "same_as" not in table:
        problems.append(
            document.problem("E302", (*path, "round"), "only a distribution can be rounded")
        )
    for key in registry.CHANGES:
        if key in table and "dist" not in table:
            done = "cut off" if key in {"min", "max"} else "moved or stretched"
            message = f"only a distribution can be {done}"
            problems.append(document.problem("E302", (*path, key), message))
    return problems


def _description(document: Document, table: Mapping[str, Any], law: Distribution | None) -> str:
    """Say a law as it was written, and what is done to it."""
    if law is None:
        return ""
    given = parameters(table)
    changes = {k: table[k] for k in registry.CHANGES if k in table}
    told = describe(document, given, law) if table["dist"] == "data" else ""
    words = registry.done(told, changes) if told else ""
    words = words or registry.describe_table({"dist": table["dist"], **given, **changes})
    return words + (", rounded" if table.get("round") else "")


def _with_base_number(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the base of a categorical input be one of its names."""
    base, names = table.get("base"), table.get("values", table.get("cases"))
    if table.get("dist") == "categorical" and isinstance(base, str) and isinstance(names, list):
        return {**table, "base": names.index(base)} if base in names else table
    return table


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
    elif kind != PER_PERIOD[0] and ("dist" not in table or "same_as" in table):
        what = "draw" if "dist" in table else "distribution"
        message = f"only an input with a {what} of its own can vary per period"
        problems.append(document.problem("E302", (*path, "per_period"), message))
    if ("autocorrelation" in table) != (kind == "autocorrelated"):
        message = 'autocorrelation belongs to per_period = "autocorrelated", which needs it'
        problems.append(document.problem("E302", (*path, "autocorrelation"), message))
    rho = table.get("autocorrelation", 0.0)
    if shape.fits(rho, "number") and not -1 < rho < 1:
        message, key = "must lie between -1 and 1, both excluded", (*path, "autocorrelation")
        problems.append(document.problem("E303", key, message, got=str(rho)))
    return problems


def path_inputs(inputs: Mapping[str, Input]) -> list[str]:
    """Names of the uncertain inputs with a value of their own in each period."""
    return [n for n, one in inputs.items() if one.persistence is not None and one.law is not None]


def fill_same_as(inputs: dict[str, Input]) -> dict[str, Input]:
    """Give inputs that only say `same_as` the law of their root."""
    filled = dict(inputs)
    for name, one in inputs.items():
        root = inputs.get(one.same_as)
        if root is None or one.law is not None or one.value is not None or one.branches:
            continue
        filled[name] = follow(replace(one, description=f"same as {one.same_as}"), root)
    return filled


def own_base(one: Input) -> float | None:
    """Base value that an input has of its own; None for the median of its law."""
    if not one.base_given:
        return None
    return float(one.stated.get("base", one.base)) if one.is_constant else one.base


def follow(one: Input, root: Input) -> Input:
    """Take over what an input is that this one shares; of a constant its value, without a base."""
    if root.law is None:
        return replace(one, law=None, value=root.value, base=root.base)
    base = own_base(one)
    return replace(one, law=root.law, value=None, base=median(root.law) if base is None else base)
