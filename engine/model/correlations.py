"""Read [[correlations]] and [dependence]: which inputs move together, and how."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rangecast.engine.conversion import MEASURES
from rangecast.engine.errors import did_you_mean
from rangecast.engine.model import shape
from rangecast.engine.model.model import Correlation, Dependence, Input
from rangecast.engine.model.positions import Path

if TYPE_CHECKING:
    from rangecast.engine.model.build import Builder

COPULAS = ("gaussian", "t", "iman-conover")
LARGEST_REORDERED = 100
"""Inputs of one group that can be reordered; a unit of 1,024 scenarios must tell them apart."""


def members_named(builder: Builder) -> set[str]:
    """Every input that some coefficient names, right or wrong."""
    named: list[Any] = []
    for _, row in builder.rows("correlations"):
        among = row.get("among")
        found = row.get("between", _members(builder, among) if among is not None else [])
        named += found if isinstance(found, list) else []
    return {str(name) for name in named}


def _members(builder: Builder, among: Any) -> Any:
    """Inputs of `among`: those listed, or of the group that it names."""
    if not isinstance(among, str):
        return among
    group = builder.section("groups").get(among)
    return group.get("inputs") if isinstance(group, dict) else None


def read_dependence(builder: Builder) -> Dependence:
    """Read [dependence]."""
    row, path = builder.section("dependence"), ("dependence",)
    if "dependence" not in builder.data or not builder.check(path, row, "dependence"):
        return Dependence()
    copula, df = row.get("copula", "gaussian"), row.get("df", math.inf)
    if copula not in COPULAS:
        hint, allowed = did_you_mean(copula, COPULAS), f"known: {', '.join(COPULAS)}"
        builder.add(
            "E510", (*path, "copula"), "unknown copula", got=copula, allowed=allowed, hint=hint
        )
    elif (copula == "t") != ("df" in row):
        message = "a t copula needs df, and no other takes it"
        builder.add("E510", (*path, "df"), message, hint="df = 4 has strong tails, 30 weak ones")
    elif copula == "t" and not 1 <= df <= 1000:
        allowed = "1 to 1,000; above, a gaussian copula is the same"
        builder.add("E303", (*path, "df"), "out of range", got=f"{df:g}", allowed=allowed)
    if row.get("repair", "nearest") != "nearest":
        got, allowed = str(row["repair"]), 'repair = "nearest"'
        builder.add("E510", (*path, "repair"), "unknown repair", got=got, allowed=allowed)
    return Dependence(copula, float(df), row.get("repair") == "nearest")


def read_correlations(builder: Builder, inputs: Mapping[str, Input]) -> tuple[Correlation, ...]:
    """Read the coefficients, each pair once, between uncertain inputs."""
    built: dict[frozenset[str], Correlation] = {}
    for path, row in builder.rows("correlations"):
        if not builder.check(path, row, "correlation"):
            continue
        pairs, stated = _pairs(builder, path, row), _stated(builder, path, row)
        if pairs is None or stated is None:
            continue
        line = builder.document.problem("E500", path, "").line
        texts = row.get("note", ""), row.get("basis", "")
        names = list(dict.fromkeys(itertools.chain.from_iterable(pairs)))
        key: Path = (*path, "between" if "between" in row else "among")
        right = [_member_is_right(builder, key, name, inputs) for name in names]
        for first, second in pairs:
            one = Correlation(first, second, stated[1], *texts, line, stated[0])
            if _pair_is_right(builder, path, one, built) and all(right):
                built[frozenset((first, second))] = one
    return tuple(built.values())


def _pairs(builder: Builder, path: Path, row: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Pairs of one row: the two of `between`, or every two of `among`."""
    if ("between" in row) == ("among" in row):
        if "among" in row:
            builder.add("E302", path, "give either between or among")
        else:
            builder.add("E114", (*path, "between"), "missing")
        return None
    key = "between" if "between" in row else "among"
    members = row["between"] if key == "between" else _members(builder, row["among"])
    if members is None:
        groups = list(builder.section("groups"))
        got, hint = str(row["among"]), did_you_mean(str(row["among"]), groups)
        builder.add("E204", (*path, key), "unknown group", got=got, hint=hint)
        return None
    is_list = isinstance(members, list) and all(isinstance(n, str) for n in members)
    if not is_list or (len(members) != 2 if key == "between" else len(members) < 2):
        message = "expected two names" if key == "between" else "expected names, or a group"
        builder.add("E115", (*path, key), message, got=shape.found(row[key]))
        return None
    return list(itertools.combinations(members, 2))


def _stated(builder: Builder, path: Path, row: Mapping[str, Any]) -> tuple[str, float] | None:
    """Which coefficient a row states, and its value."""
    given = [measure for measure in MEASURES if measure in row]
    if len(given) != 1:
        if given:
            builder.add("E302", path, "give one coefficient", got=", ".join(given))
        else:
            allowed = "spearman or kendall (of ranks), or pearson (of values)"
            builder.add("E114", (*path, "spearman"), "missing", allowed=allowed)
        return None
    value = row[given[0]]
    huge = shape.not_finite(value) and abs(value) > 1
    return given[0], math.copysign(math.inf, value > 0 or -1) if huge else float(value)


def _pair_is_right(
    builder: Builder, path: Path, one: Correlation, built: Mapping[frozenset[str], Correlation]
) -> bool:
    names, key = f"{one.first},{one.second}", (*path, one.measure)
    before = built.get(frozenset((one.first, one.second)))
    if one.first == one.second:
        builder.add("E506", path, f"{names}: an input cannot be correlated with itself")
    elif math.isnan(one.coefficient):
        builder.add("E507", key, f"{names}: must be a number", got="nan")
    elif not -1 <= one.coefficient <= 1:
        got = f"{one.coefficient:g}"
        builder.add("E503", key, f"{names}: must lie between -1 and 1", got=got)
    elif before is not None:
        both = f"{before.coefficient:g} and {one.coefficient:g}"
        builder.add("E506", path, f"{names} is given twice: {both}")
    else:
        return True
    return False


def _member_is_right(builder: Builder, key: Path, name: str, inputs: Mapping[str, Input]) -> bool:
    known = inputs.get(name)
    if known is None:
        hint = did_you_mean(name, inputs)
        builder.add("E505", key, "unknown input in a correlation", got=name, hint=hint)
    elif known.persistence is not None:
        builder.add("E505", key, f"'{name}' has a value of its own in each period")
    elif known.same_as:
        hint = f"name {known.same_as} instead"
        builder.add("E505", key, f"'{name}' shares its draw", hint=hint)
    elif known.is_constant and not math.isnan(known.value or 0.0):
        builder.add("E505", key, f"'{name}' is a constant and cannot be correlated")
    else:
        return True
    return False
