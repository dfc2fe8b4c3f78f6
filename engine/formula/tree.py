"""A formula as a tree of three kinds of node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias


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


Known: TypeAlias = dict[Any, int]


def same(root: Node, known: Known) -> int:
    """Number a formula by what it says, wherever it stands: equal formulas have equal numbers.

    Parameters
    ----------
    root : Node
    known : dict
        Numbers given so far; takes those of the parts.

    Examples
    --------
    >>> from rangecast.engine.formula.parser import parse
    >>> known = {}
    >>> [same(parse(text), known) for text in ("a*2", "a", " a * 2")]
    [2, 0, 2]
    """
    numbers: list[int] = []
    for node in walk(root):
        if isinstance(node, Call):
            first = len(numbers) - len(node.arguments)
            key: Any = ("call", node.function, *numbers[first:])
            del numbers[first:]
        else:
            key = ("name", node.name) if isinstance(node, Name) else ("number", node.value.hex())
        numbers.append(known.setdefault(key, len(known)))
    return numbers[0]
