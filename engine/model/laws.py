"""What is wrong with the law of a table, and what it misses, at its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rangecast.distributions import ParameterError, registry
from rangecast.engine.errors import Problem
from rangecast.engine.model.document import Document
from rangecast.engine.model.positions import Path

MISSED = 0.01
"""Largest distance of a percentile from the law, of that between the outer two, without a word."""
_STEP = re.compile(r"(\w+)|\[(\d+)\]")


def placed(document: Document, path: Path, wrong: ParameterError) -> Problem:
    """Say where in the file the parameter stands that is wrong."""
    steps = [name or int(index) for name, index in _STEP.findall(wrong.parameter)]
    at: Path = (*path, *steps)
    while at not in document.places and len(at) > len(path) + 1:
        at = at[:-1]
    problem = document.problem(wrong.code, at, wrong.message, got=wrong.got, hint=wrong.hint)
    rest = steps[len(at) - len(path) :]
    said = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)
    return replace(problem, key=problem.key + said)


def missed(document: Document, path: Path, table: Mapping[str, Any]) -> list[Problem]:
    """Warn of percentiles between the outer two that a law, or one it is made of, is far from."""
    found = []
    for at, part in _parts(path, table):
        given = {k: v for k, v in part.items() if k not in _NO_PARAMETERS}
        for one in registry.missed(part["dist"], given, registry.inner_ends(part)):
            if registry.how_far(given, one) > MISSED:
                words, hint = registry.say_missed(part["dist"], given, one)
                found.append(document.problem("W351", (*at, one.name), words, hint=hint))
    return found


_NO_PARAMETERS = {"dist", "weight", "round", *registry.CHANGES}


def _parts(path: Path, table: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Give a table and those inside it, each with its place."""
    yield path, table
    for k, part in enumerate(table.get("components", ())):
        yield from _parts((*path, "components", k), part)
    if isinstance(table.get("of"), dict):
        yield from _parts((*path, "of"), table["of"])
