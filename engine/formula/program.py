"""Formulas compiled to a flat list of NumPy calls on reused scratch rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.formula.errors import FormulaError
from rangecast.engine.formula.functions import ALL
from rangecast.engine.formula.graph import (
    MOST_COST,
    ROWS,
    Constant,
    Graph,
    Operation,
    Shape,
    Variable,
    Vertex,
    cost,
    in_order,
    shape_of,
)
from rangecast.engine.formula.order import resolve
from rangecast.engine.formula.tree import Call, Node, names, walk


def _where(condition: Any, a: Any, b: Any, out: Array) -> None:
    """Choose by scenario; `out` never shares memory with an operand."""
    np.copyto(out, b)
    np.copyto(out, a, where=condition)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value lies: ``input`` by name, ``constant``, or ``scratch`` / ``flag`` by number."""

    kind: str
    key: Any
    shape: Shape


@dataclass(frozen=True, slots=True)
class _Step:
    function: str
    arguments: tuple[_Place, ...]
    out: _Place


class BoundProgram:
    """A program tied to arrays: `run` computes the outputs of what the inputs now hold."""

    def __init__(self, calls: list[Callable[[], Any]]) -> None:
        self._calls = calls

    def run(self) -> None:
        """Execute every call in order; the caller decides about floating-point warnings."""
        for call in self._calls:
            call()


@dataclass(frozen=True)
class CompiledProgram:
    """Compiled formulas; picklable, and safe to bind once per thread.

    Parameters
    ----------
    outputs : tuple of str
    shapes : tuple of Shape
        One per output.
    periods : int
    steps, places : tuple
        The calls, and where each output lies after them.
    reach : mapping of str to frozenset of str
        Sampled inputs on which each output depends.
    scratch : tuple of (Shape, bool)
        Scratch arrays: shape, and whether they hold true/false.
    """

    outputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    periods: int
    steps: tuple[_Step, ...]
    places: tuple[_Place, ...]
    reach: Mapping[str, frozenset[str]]
    scratch: tuple[tuple[Shape, bool], ...]

    @property
    def rows(self) -> int:
        """Output rows: one per output, or one per period of an output that has them."""
        return len(self.row_names)

    @property
    def row_names(self) -> list[tuple[str, int | None]]:
        """Output and period of each row (None for an output without periods)."""
        rows: list[tuple[str, int | None]] = []
        for name, shape in zip(self.outputs, self.shapes, strict=True):
            rows += [(name, t) for t in range(self.periods)] if shape.periods else [(name, None)]
        return rows

    def reached(self, output: str) -> frozenset[str]:
        """Names of the sampled inputs on which an output depends."""
        return self.reach[output]

    def bind(self, x: Mapping[str, Array], y: Array) -> BoundProgram:
        """Tie the program to input rows (m,) or (p, m) by name and to outputs (rows, m)."""
        m = y.shape[1]
        scratch = [
            np.empty(_size(shape, self.periods, m), dtype=bool if flag else float)
            for shape, flag in self.scratch
        ]

        def array(place: _Place) -> Any:
            if place.kind == "constant":
                return place.key
            return x[place.key] if place.kind == "input" else scratch[place.key]

        calls: list[Callable[[], Any]] = []
        for step in self.steps:
            arguments = [array(place) for place in step.arguments]
            function = _function(step.function, arguments)
            calls.append(functools.partial(function, *arguments, out=array(step.out)))
        row = 0
        for place, shape in zip(self.places, self.shapes, strict=True):
            count = self.periods if shape.periods else 1
            target = y[row : row + count] if shape.periods else y[row]
            calls.append(functools.partial(np.copyto, target, array(place)))
            row += count
        return BoundProgram(calls)

    def evaluate(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Compute every output for small arrays of scenarios, all of one length."""
        m = len(next(iter(values.values()))) if values else 1
        y = np.empty((self.rows, m))
        with np.errstate(all="ignore"):
            self.bind(values, y).run()
        found: dict[str, Array] = {}
        for k, (name, period) in enumerate(self.row_names):
            if period is None:
                found[name] = y[k]
            elif period == 0:
                found[name] = y[k : k + self.periods]
        return found


def _function(name: str, arguments: list[Any]) -> Callable[..., Any]:
    """Pick what computes a step; true and false alone would select a logical or half-width loop."""
    if name == "where":
        arguments[0] = np.asarray(arguments[0]).astype(bool, copy=False)
        return _where
    known = ALL[name]
    function: Callable[..., Any] = known.ufunc
    flags = all(np.asarray(a).dtype.kind == "b" for a in arguments)
    return (
        functools.partial(function, dtype=float) if flags and known.gives == "float" else function
    )


def _size(shape: Shape, periods: int, m: int) -> tuple[int, ...]:
    if shape.periods:
        return (periods, m if shape.scenarios else 1)
    return (m,) if shape.scenarios else (1,)


class _Allocator:
    """Gives scratch arrays and takes them back after their last use."""

    def __init__(self) -> None:
        self.kinds: list[tuple[Shape, bool]] = []
        self.free: dict[tuple[Shape, bool], list[int]] = {}

    def take(self, shape: Shape, flag: bool) -> _Place:
        free = self.free.get((shape, flag))
        if free:
            return _Place("scratch", free.pop(), shape)
        self.kinds.append((shape, flag))
        return _Place("scratch", len(self.kinds) - 1, shape)

    def give_back(self, place: _Place) -> None:
        self.free.setdefault(self.kinds[place.key], []).append(place.key)


def _place(vertex: Vertex, placed: Mapping[int, _Place]) -> _Place:
    if isinstance(vertex, Constant):
        return _Place("constant", vertex.value, shape_of(vertex))
    if isinstance(vertex, Variable):
        return _Place("input", vertex.name, vertex.shape)
    return placed[id(vertex)]


def _assign(roots: list[Vertex]) -> tuple[list[_Step], dict[int, _Place], _Allocator]:
    """Order the operations and give each a scratch row, reused after its last reader."""
    operations = list(in_order(roots))
    last = {id(a): k for k, op in enumerate(operations) for a in op.arguments}
    last |= {id(root): len(operations) for root in roots}
    steps: list[_Step] = []
    placed: dict[int, _Place] = {}
    allocator = _Allocator()
    for k, op in enumerate(operations):
        arguments = tuple(_place(a, placed) for a in op.arguments)
        own = {id(a): a for a in op.arguments if isinstance(a, Operation)}
        finished = [placed[i] for i in own if last[i] == k]
        # A ufunc may overwrite an operand it has read; `where` takes several steps and may not.
        if op.function != "where":
            for place in finished:
                allocator.give_back(place)
        placed[id(op)] = allocator.take(op.shape, op.is_bool)
        if op.function == "where":
            for place in finished:
                allocator.give_back(place)
        steps.append(_Step(op.function, arguments, placed[id(op)]))
    return steps, placed, allocator


def _reached(root: Vertex) -> frozenset[str]:
    found, seen, stack = set(), set(), [root]
    while stack:
        vertex = stack.pop()
        if isinstance(vertex, Variable):
            found.add(vertex.name)
        elif isinstance(vertex, Operation) and id(vertex) not in seen:
            seen.add(id(vertex))
            stack.extend(vertex.arguments)
    return frozenset(found)


def _first_problem(formulas: Mapping[str, Node], known: set[str]) -> list[str]:
    order, problems = resolve(formulas, known)
    if problems:
        raise problems[0][1]
    total = sum(cost(root) for root in formulas.values())
    if total > MOST_COST:
        message = f"total cost of the formulas is {total:,}"
        raise FormulaError("E415", 0, message, allowed=f"limit {MOST_COST:,}")
    return order


def compile_program(
    formulas: Mapping[str, Node],
    outputs: Sequence[str],
    inputs: Mapping[str, Shape],
    constants: Mapping[str, float | Array],
    periods: int = 1,
) -> CompiledProgram:
    """Compile formulas, in any order, to a program.

    Parameters
    ----------
    formulas : mapping of str to Node
    outputs : sequence of str
        Formulas whose values are wanted.
    inputs : mapping of str to Shape
        Sampled inputs.
    constants : mapping of str to float or ndarray of shape (periods,)
    periods : int

    Raises
    ------
    FormulaError
        For an unknown name, a cycle, or a constant part that is no number.

    Examples
    --------
    >>> from rangecast.engine.formula.graph import ROWS
    >>> from rangecast.engine.formula.parser import parse
    >>> program = compile_program({"y": parse("2 * x + c")}, ["y"], {"x": ROWS}, {"c": 1.0})
    >>> program.evaluate({"x": np.array([1.0, 2.0])})["y"]
    array([3., 5.])
    """
    order = _first_problem(formulas, {*inputs, *constants})
    graph = Graph(inputs, constants)
    for name in order:
        graph.add(name, formulas[name])
    roots = [graph.number(graph.named[name]) for name in outputs]
    steps, placed, allocator = _assign(roots)
    return CompiledProgram(
        outputs=tuple(outputs),
        shapes=tuple(shape_of(root) for root in roots),
        periods=periods,
        steps=tuple(steps),
        places=tuple(_place(root, placed) for root in roots),
        reach={name: _reached(root) for name, root in zip(outputs, roots, strict=True)},
        scratch=tuple(allocator.kinds),
    )


_COMPARED = "nan used in a comparison"
_LATER = {_COMPARED, "inf - inf"}
"""What is told beside the first cause."""


def blame(
    formulas: Mapping[str, Node], constants: Mapping[str, float | Array], row: Mapping[str, float]
) -> str:
    """Say which operation first gave a value that is not finite, for one scenario.

    Names that are neither constants nor in the row were folded away: they play no part.
    """
    known = {*constants, *row}
    used = {name for root in formulas.values() for name, _ in names(root)}
    unknown = used - known - set(formulas)
    graph = Graph(dict.fromkeys(unknown, ROWS), {**constants, **row})
    order, _ = resolve(formulas, known | unknown)
    for name in order:
        found = list(dict.fromkeys(_watch(graph, formulas[name])))
        if found:
            later = [words for words in found[1:] if words in _LATER]
            return f"{'; '.join([found[0], *later])} in '{name}'"
        graph.add(name, formulas[name])
    return ""


def _watch(graph: Graph, root: Node) -> Iterator[str]:
    """Evaluate a formula part by part and describe the first part that is not finite."""
    for node in walk(root):
        if not isinstance(node, Call):
            continue
        probe = "\0"
        parts = [graph.add(probe, part) for part in (*node.arguments, node)]
        known = [np.asarray(part.value) for part in parts if isinstance(part, Constant)]
        if len(known) < len(parts):  # it uses a name that was folded away
            continue
        *values, result = known
        if node.function in {"<", "<=", ">", ">=", "==", "!="} and any(
            np.isnan(v).any() for v in values
        ):
            yield _COMPARED
        if not np.isfinite(result).all():
            k = int(np.argmin(np.isfinite(result)))  # the first period at fault
            at = [float(v.flat[k if v.size > 1 else 0]) for v in values]
            yield _describe(node.function, at)


def _describe(function: str, values: list[float]) -> str:
    if function == "/" and values[1] == 0:
        return "division by zero"
    if function in {"log", "log10"}:
        return f"{function} of zero" if values[0] == 0 else f"{function} of a negative number"
    if function == "sqrt":
        return "sqrt of a negative number"
    if function == "-" and np.isinf(values).all():
        return "inf - inf"
    if function == "**" and values[0] < 0:
        return "a negative number to a fractional power"
    return f"overflow in {function}"
