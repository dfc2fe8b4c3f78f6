"""Read [groups.*]: inputs that are ranked as one where a ranking is asked for by groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rangecast.engine.errors import did_you_mean
from rangecast.engine.model import shape
from rangecast.engine.model.model import Input, InputGroup
from rangecast.engine.model.positions import Path

if TYPE_CHECKING:
    from rangecast.engine.model.build import Builder


def read_groups(builder: Builder, inputs: Mapping[str, Input]) -> dict[str, InputGroup]:
    """Read every group; what is wrong is noted."""
    found: dict[str, InputGroup] = {}
    taken: dict[str, str] = {}
    for name, row in builder.section("groups").items():
        path: Path = ("groups", name)
        if not builder.check(path, row, "group", ("inputs",)):
            continue
        members, key = row["inputs"], (*path, "inputs")
        if not members or not all(isinstance(one, str) for one in members):
            builder.add("E115", key, "expected names of inputs", got=shape.found(members))
            continue
        for one in members:
            if one not in inputs:
                hint = did_you_mean(one, inputs)
                builder.add("E204", key, "unknown input", got=one, hint=hint)
            elif inputs[one].same_as:
                hint = f"name {inputs[one].same_as} instead"
                builder.add("E205", key, f"'{one}' shares its draw", hint=hint)
            elif one in taken:
                allowed = "each input in one group at most"
                got = f"{taken[one]} and {name}"
                builder.add("E115", key, f"'{one}' is in two groups", got=got, allowed=allowed)
            taken.setdefault(one, name)
        label = row.get("label", "") or name.replace("_", " ")
        texts = row.get("note", ""), row.get("label_zh", "")
        found[name] = InputGroup(name, tuple(members), label, *texts)
    return found
