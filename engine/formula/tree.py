"""A formula as a tree of three kinds of node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: float
    offset: int


@dataclass(frozen=True, slots=True)
class Name:
    """An input, a quantity or an output."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator (``+``, ``and``, ``neg`` …) and its arguments."""

    function: str
    arguments: tuple[Node, ...]
    offset: int


Node: TypeAlias = Number | Name | Call


def walk(root: Node) -> Iterator[Node]:
    """Give every node, arguments before the call that takes them; needs no recursion."""
    stack: list[Node] = [root]
    found: list[Node] = []
    while stack:  # each call before its arguments, the last argument first: the order turned round
        node = stack.pop()
        found.append(node)
        if isinstance(node, Call):
            stack.extend(node.arguments)
    return reversed(found)


def names(root: Node) -> tuple[tuple[str, int], ...]:
    """Give every name used, with the offset of its first use, in order.

    Examples
    --------
    >>> from rangecast.engine.formula.parser import parse
    >>> names(parse("a * b + a"))
    (('a', 0), ('b', 4))
    """
    found: dict[str, int] = {}
    for node in walk(root):
        if isinstance(node, Name):
            found.setdefault(node.name, node.offset)
    return tuple(found.items())
