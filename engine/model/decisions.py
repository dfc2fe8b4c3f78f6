"""Read [decisions.*]: alternatives, each the name of a quantity that is its payoff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rangecast.engine.errors import did_you_mean
from rangecast.engine.formula import series_of
from rangecast.engine.model import shape
from rangecast.engine.model.model import Decision, Quantity
from rangecast.engine.model.positions import Path

if TYPE_CHECKING:
    from rangecast.engine.model.build import Builder

GOALS = ("max", "min")


def read_decisions(builder: Builder, quantities: Mapping[str, Quantity]) -> dict[str, Decision]:
    """Read every decision; what is wrong is noted."""
    found = {}
    for name, row in builder.section("decisions").items():
        path: Path = ("decisions", name)
        if not builder.check(path, row, "decision", ("alternatives",)):
            continue
        alternatives, key = row["alternatives"], (*path, "alternatives")
        texts = all(isinstance(one, str) for one in alternatives)
        if not texts or not 2 <= len(set(alternatives)) == len(alternatives) <= 20:
            got = shape.found(alternatives) if not texts else str(len(alternatives))
            builder.add("E115", key, "expected 2 to 20 different names of quantities", got=got)
            continue
        for one in alternatives:
            if series_of(one)[0] not in quantities:
                hint = did_you_mean(one, quantities)
                builder.add("E204", key, "unknown quantity", got=one, hint=hint)
        if row.get("goal", GOALS[0]) not in GOALS:
            allowed = ", ".join(GOALS)
            builder.add("E115", (*path, "goal"), "unknown goal", got=row["goal"], allowed=allowed)
        label = row.get("label", "") or name.replace("_", " ")
        goal = row.get("goal", GOALS[0])
        found[name] = Decision(name, tuple(alternatives), goal, label, row.get("note", ""))
    return found
