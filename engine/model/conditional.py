"""Inputs that depend on another one: a distribution for each value of a discrete input.

All branches are read off one draw. What the input is altogether, the mixture of its branches, is
found again whenever its condition changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from rangecast.distributions import Discrete, ParameterError, Rounded, registry
from rangecast.distributions.composed.masses import masses
from rangecast.distributions.composed.mixture import mixture
from rangecast.distributions.protocol import Distribution
from rangecast.engine.errors import Problem
from rangecast.engine.model import shape
from rangecast.engine.model.document import Document
from rangecast.engine.model.laws import missed, placed
from rangecast.engine.model.model import Branch, Input
from rangecast.engine.model.positions import Path

CHOICES = ("categorical", "conditional")
"""What `dist` may be beside a family: it depends on other parts of the model."""
MOST_BRANCHES = 50
MOST_VALUES = 1_000
"""Of a condition; each must have its branch."""
RARE = 1e-12
"""Probability of values that need no branch: rounding left it."""


# ------------------------------------------------------------------------------- reading


@dataclass(frozen=True)
class Choice:
    """What the keys of a conditional or categorical input say."""

    law: Distribution | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""


def read_choice(
    document: Document, path: Path, table: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[Choice, list[Problem]]:
    """Read an input that is conditional or categorical; `given` are the keys of its distribution.

    Names of inputs, cases and values are checked once the whole model is known.
    """
    problems = []
    for key in (*registry.CHANGES, "round", "per_period", "autocorrelation"):
        if key in table and table[key] != "constant":
            message = f"not of a {table['dist']} input"
            problems.append(document.problem("E302", (*path, key), message))
    read = _read_conditional if table["dist"] == "conditional" else _read_categorical
    choice, wrong = read(document, path, given)
    return choice, [*problems, *wrong]


_CONDITIONAL = {"on": "text", "given": "list"}


def _read_conditional(
    document: Document, path: Path, given: Mapping[str, Any]
) -> tuple[Choice, list[Problem]]:
    problems = shape.check(document, path, given, _CONDITIONAL, ("on", "given"))
    if problems:
        return Choice(), problems
    rows = given["given"]
    if not rows or len(rows) > MOST_BRANCHES or not all(isinstance(r, dict) for r in rows):
        hint = 'write given = [{when = 0, dist = "normal", mean = 1, sd = 1}, …]'
        message, got = f"expected 1 to {MOST_BRANCHES} tables", shape.found(rows)
        key = (*path, "given")
        return Choice(), [document.problem("E115", key, message, got=got, hint=hint)]
    branches, words = [], []
    for k, row in enumerate(rows):
        branch, wrong = _read_branch(document, (*path, "given", k), row)
        problems += wrong
        if branch is not None:
            branches.append(branch)
            words.append(_describe(row))
    fields = {"on": given["on"], "branches": tuple(branches)}
    return Choice(None, fields, f"given {given['on']}: {'; '.join(words)}"), problems


def _describe(row: Mapping[str, Any]) -> str:
    law = {k: v for k, v in row.items() if k not in {"when", "value", "round"}}
    when = row["when"] if isinstance(row["when"], list) else [row["when"]]
    named = " or ".join(v if isinstance(v, str) else f"{v:g}" for v in when)
    return f"{named}: {row['value'] if 'value' in row else registry.describe_table(law)}"


def _read_branch(
    document: Document, path: Path, row: Mapping[str, Any]
) -> tuple[Branch | None, list[Problem]]:
    if "when" not in row:
        return None, [document.problem("E114", (*path, "when"), "missing")]
    listed = row["when"] if isinstance(row["when"], list) else [row["when"]]
    if not listed or not all(isinstance(v, str) or _is_number(v) for v in listed):
        allowed, got = "a value, its name, or a list of them", shape.found(row["when"])
        return None, [document.problem("E115", (*path, "when"), allowed, got=got)]
    when = tuple(v if isinstance(v, str) else float(v) for v in listed)
    if "value" in row:
        known = dict.fromkeys(("when", "value"), "any")
        problems = shape.check(document, path, row, known)
        if not _is_number(row["value"]):
            got = shape.found(row["value"])
            message = "expected a finite number"
            problems.append(document.problem("E115", (*path, "value"), message, got=got))
        return (None if problems else Branch(when, None, float(row["value"]))), problems
    law, wrong = registry.read(row, ("when", "round"))
    if law is None:
        return None, [placed(document, path, one) for one in wrong]
    law = Rounded(law) if row.get("round") is True else law
    try:
        masses(law)  # as the mixture of all branches will need them
    except ParameterError as unlisted:
        return None, [placed(document, path, unlisted)]
    words = missed(document, path, {k: v for k, v in row.items() if k != "when"})
    return Branch(when, law), words


_CATEGORICAL = {"values": "list", "cases": "list", "weights": "list"}


def _read_categorical(
    document: Document, path: Path, given: Mapping[str, Any]
) -> tuple[Choice, list[Problem]]:
    problems = shape.check(document, path, given, _CATEGORICAL, ("weights",))
    if not problems and ("values" in given) == ("cases" in given):
        message = "give either values, which are names, or cases of the model"
        problems.append(document.problem("E302", path, message))
    if problems:
        return Choice(), problems
    key = "values" if "values" in given else "cases"
    names, weights = given[key], given["weights"]
    if not all(isinstance(n, str) and n for n in names) or len(set(names)) < len(names):
        message, got = "expected different names", shape.found(names)
        return Choice(), [document.problem("E115", (*path, key), message, got=got)]
    if not 1 < len(names) <= MOST_BRANCHES or len(names) != len(weights):
        got, message = f"{len(names)} names, {len(weights)} weights", "needs as many weights"
        allowed = f"2 to {MOST_BRANCHES} of each"
        wrong = document.problem("E302", (*path, "weights"), message, got=got, allowed=allowed)
        return Choice(), [wrong]
    parameters = {"values": list(range(len(names))), "weights": weights}
    law, found = registry.read({"dist": "discrete", **parameters})
    if law is None:
        return Choice(), [placed(document, path, one) for one in found]
    fields: dict[str, Any] = {"labels": tuple(names)}
    if key == "cases":
        fields["drawn"] = tuple(names)
    total = math.fsum(weights)
    words = ", ".join(f"{n} {w / total:.3g}" for n, w in zip(names, weights, strict=True))
    kind = "one case per scenario" if key == "cases" else "categorical"
    return Choice(law, fields, f"{kind}: {words}"), []


def _is_number(value: object) -> bool:
    return shape.fits(value, "number") and not shape.not_finite(value)  # type: ignore[arg-type]


# ------------------------------------------------------------- what a conditional input amounts to


def codes_of(one: Input) -> dict[float, str]:
    """Values of a discrete input, each with its name ("" where it has none)."""
    if one.law is None:
        return {one.base: _name(one, one.base)}
    values, shares = masses(one.law)
    return {float(v): _name(one, float(v)) for v, s in zip(values, shares, strict=True) if s > 0}


def _name(one: Input, value: float) -> str:
    place = int(value) if value.is_integer() else -1
    return one.labels[place] if 0 <= place < len(one.labels) else ""


def matches(one: Input, condition: Input) -> list[list[float]]:
    """Values of the condition to which each branch belongs; each value goes to the first."""
    left, found = codes_of(condition), []
    for branch in one.branches:
        wanted = [
            v for v, name in left.items() if v in branch.when or (name and name in branch.when)
        ]
        left = {v: name for v, name in left.items() if v not in wanted}
        found.append(wanted)
    return found


def share_of(condition: Input, values: list[float]) -> float:
    """Probability that a condition has one of these values."""
    if condition.law is None:
        return 1.0 if values else 0.0
    listed, shares = masses(condition.law)
    return float(shares[np.isin(listed, values)].sum())


def law_of_branch(branch: Branch) -> Distribution:
    """Law of a branch; a number has all its probability in one place."""
    return branch.law if branch.law is not None else Discrete((branch.value or 0.0,), (1.0,))


def settle(inputs: Mapping[str, Input]) -> dict[str, Input]:
    """Give every conditional input the distribution that its condition, as it is now, leaves it.

    That is the mixture of its branches, each with the probability of its values; one branch alone
    where the condition is fixed. It is what tables show of the input.
    """
    settled = dict(inputs)
    for name, one in inputs.items():
        condition = inputs.get(one.on)
        if not one.branches or condition is None or cannot_be_on(condition):
            continue
        matched = matches(one, condition)
        shares = [share_of(condition, values) for values in matched]
        kept = [(b, s) for b, s in zip(one.branches, shares, strict=True) if s > RARE]
        if not kept:
            continue
        at_base = [b for b, v in zip(one.branches, matched, strict=True) if condition.base in v]
        lone = law_of_branch(at_base[0] if at_base else kept[0][0])
        base = one.base if one.base_given else float(lone.quantile(np.array([0.5]))[0])
        if len(kept) > 1:
            laws = tuple(law_of_branch(b) for b, _ in kept)
            settled[name] = _with_law(one, mixture(laws, tuple(s for _, s in kept)), base)
        elif kept[0][0].law is None:
            settled[name] = _constant(one, kept[0][0].value or 0.0)
        else:
            settled[name] = _with_law(one, kept[0][0].law, base)
    return settled


def _with_law(one: Input, law: Distribution | None, base: float) -> Input:
    """One that never varies stays constant, so that nothing is drawn for it."""
    if isinstance(law, Discrete) and len(law.values) == 1:
        return _constant(one, law.values[0])
    return replace(one, law=law, value=None, base=base)


def _constant(one: Input, value: float) -> Input:
    return replace(one, law=None, value=value, base=value)


def cannot_be_on(condition: Input) -> str:
    """Why an input cannot be a condition, or nothing."""
    if condition.branches:
        return "is conditional itself"
    if condition.persistence is not None:
        return "has a value of its own in each period"
    if condition.law is not None and not condition.law.discrete:
        return "is continuous; a condition takes listed values"
    if condition.law is not None and _is_long(condition.law):
        return f"has more than {MOST_VALUES:,} possible values"
    return ""


def _is_long(law: Distribution) -> bool:
    try:
        return len(masses(law)[0]) > MOST_VALUES
    except ParameterError:
        return True


# ---------------------------------------------------------------------------- Python functions


@dataclass(frozen=True)
class Conditional:
    """What is believed of an input while another one has certain values.

    Parameters
    ----------
    on : str
        Name of a discrete input.
    given : mapping of float to Distribution or float
        A distribution, or a number, for every value that `on` can take.

    Examples
    --------
    >>> from rangecast.distributions import Normal
    >>> Conditional("regime", {0: Normal(0.0, 1.0), 1: Normal(10.0, 2.0)}).on
    'regime'
    """

    on: str
    given: Mapping[float, Any]

    def branches(self) -> tuple[Branch, ...]:
        """Give a branch for each value."""
        made = []
        for value, given in self.given.items():
            if isinstance(given, int | float) and not isinstance(given, bool):
                made.append(Branch((float(value),), None, float(given)))
            else:
                made.append(Branch((float(value),), given))
        return tuple(made)
