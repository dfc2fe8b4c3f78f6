"""From trees to a graph of distinct operations: constants folded, common parts shared.

No reassociation and no other rewriting: a result is bit for bit that of the written order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.formula.errors import FormulaError
from rangecast.engine.formula.functions import ALL
from rangecast.engine.formula.tree import Call, Name, Node, Number, walk

MOST_COST = 1_000_000
_COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}
_CONDITIONS = {"and", "or", "not"}
_RISKY = {"/", "**", "log", "log10", "sqrt", "exp"}
"""Operations that make NaN of numbers, or infinities whose difference is NaN."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Whether a value has an axis of periods, of scenarios, both, or neither."""

    periods: bool = False
    scenarios: bool = False

    def __or__(self, other: Shape) -> Shape:
        return Shape(self.periods or other.periods, self.scenarios or other.scenarios)


SCALAR, ROWS = Shape(), Shape(scenarios=True)
PERIODS, GRID = Shape(periods=True), Shape(periods=True, scenarios=True)


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A known value: a number, or one per period with shape (p, 1)."""

    value: Any
    literal: bool


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A sampled input."""

    name: str
    shape: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """A ufunc, or ``where``, applied to other vertices."""

    function: str
    arguments: tuple[Vertex, ...]
    shape: Shape
    is_bool: bool


Vertex: TypeAlias = Constant | Variable | Operation


def shape_of(vertex: Vertex) -> Shape:
    """Shape of what a vertex computes."""
    if isinstance(vertex, Constant):
        return PERIODS if np.ndim(vertex.value) else SCALAR
    return vertex.shape


def apply(function: str, values: tuple[Any, ...]) -> Any:
    """Apply a primitive operation to values."""
    if function == "where":
        return np.where(*values)
    return ALL[function].ufunc(*values)


class Graph:
    """Grows vertex by vertex; equal operations are one vertex.

    A comparison with NaN is neither true nor false: it is in doubt, and so is what is chosen or
    computed by it, unless the other side of an `and` or `or` decides alone. Doubt ends as NaN.

    Parameters
    ----------
    inputs : mapping of str to Shape
        Sampled inputs.
    constants : mapping of str to float or ndarray
        Known values, numbers or one per period.
    """

    def __init__(self, inputs: Mapping[str, Shape], constants: Mapping[str, float | Array]) -> None:
        self.named: dict[str, Vertex] = {n: Variable(n, s) for n, s in inputs.items()}
        for name, value in constants.items():
            known = np.asarray(value, dtype=float)
            self.named[name] = Constant(known.reshape(-1, 1) if known.ndim else known[()], False)
        self._operations: dict[tuple[Any, ...], Vertex] = {}
        self._literals: dict[float, Constant] = {}
        self._nan = Constant(np.float64(np.nan), False)
        self._doubts: dict[int, Vertex] = {}
        self._is_risky: dict[int, bool] = {}

    def add(self, name: str, root: Node) -> Vertex:
        """Add a formula whose needs are all added, under its name."""
        stack: list[Vertex] = []
        for node in walk(root):
            if isinstance(node, Number):
                stack.append(self._literal(node.value))
            elif isinstance(node, Name):
                stack.append(self.named[node.name])
            else:
                count = len(node.arguments)
                arguments = tuple(stack[len(stack) - count :])
                del stack[len(stack) - count :]
                stack.append(self._call(node, arguments))
        self.named[name] = stack[0]
        return stack[0]

    def _literal(self, value: float) -> Constant:
        return self._literals.setdefault(value, Constant(np.float64(value), True))

    def _call(self, node: Call, arguments: tuple[Vertex, ...]) -> Vertex:
        if node.function == "clip":  # clip(x, low, high) = min(max(x, low), high)
            inner = self._call(Call("max", (), node.offset), arguments[:2])
            return self._call(Call("min", (), node.offset), (inner, arguments[2]))
        if node.function in {"min", "max"} and len(arguments) > 2:
            folded, *others = arguments
            for other in others:
                folded = self._call(Call(node.function, (), node.offset), (folded, other))
            return folded
        if node.function == "/" and _is_literal_zero(arguments[1]):
            raise FormulaError("E408", node.offset, "divides by the constant 0")
        if node.function == "where" and _is_nan(arguments[0]):
            return self._nan
        if node.function not in _CONDITIONS:
            first = node.function == "where"  # its condition stays a condition
            values = (self.number(a) for a in arguments[first:])
            arguments = (*arguments[:first], *values)
        if all(isinstance(a, Constant) for a in arguments):
            return self._fold(node, arguments)
        return self._doubted(node.function, arguments)

    def number(self, vertex: Vertex) -> Vertex:
        """Give a vertex as a number: NaN where it is a condition in doubt."""
        doubt = self._doubts.get(id(vertex))
        return vertex if doubt is None else self._share("where", (doubt, self._nan, vertex))

    def _doubted(self, function: str, arguments: tuple[Vertex, ...]) -> Vertex:
        """Share an operation and remember where it is in doubt."""
        made = self._share(function, arguments)
        if function in _COMPARISONS:
            risky = [a for a in arguments if self._may_be_nan(a)]
            doubts = [self._share("isnan", (a,)) for a in risky]
            if doubts:
                self._doubts[id(made)] = self._any(doubts)
        elif function in _CONDITIONS:
            self._weigh(function, made, arguments)
        elif function == "where" and (doubt := self._doubt_of(arguments[0])) is not None:
            return self._share("where", (doubt, self._nan, made))
        return made

    def _doubt_of(self, condition: Vertex) -> Vertex | None:
        """Where a condition is in doubt, if it can be; a known one is so in periods with NaN."""
        if isinstance(condition, Constant):
            unknown = np.isnan(condition.value)
            return Constant(unknown.astype(float), False) if unknown.any() else None
        return self._doubts.get(id(condition))

    def _weigh(self, function: str, made: Vertex, arguments: tuple[Vertex, ...]) -> None:
        """Put a condition in doubt where a part is and no other part decides."""
        doubts = [doubt for a in arguments if (doubt := self._doubt_of(a)) is not None]
        if not doubts:
            return
        parts = [self._any(doubts)]
        for a in arguments if function != "not" else ():
            doubt = self._doubt_of(a)
            open_ = a if function == "and" else self._share("not", (a,))
            parts.append(open_ if doubt is None else self._share("or", (open_, doubt)))
        for part in parts[1:]:
            parts[0] = self._share("and", (parts[0], part))
        self._doubts[id(made)] = parts[0]

    def _any(self, conditions: list[Vertex]) -> Vertex:
        found = conditions[0]
        for other in conditions[1:]:
            found = self._share("or", (found, other))
        return found

    def _may_be_nan(self, vertex: Vertex) -> bool:
        """Whether finite inputs can make NaN of a vertex."""
        if not isinstance(vertex, Operation):
            return False
        for operation in in_order([vertex]):
            if id(operation) not in self._is_risky:
                self._is_risky[id(operation)] = _makes_nan(operation) or any(
                    self._is_risky.get(id(a), False) for a in operation.arguments
                )
        return self._is_risky[id(vertex)]

    def _fold(self, node: Call, arguments: tuple[Any, ...]) -> Constant:
        """Compute a constant part now; among literals a bad result is an error (E408)."""
        values = tuple(a.value for a in arguments)
        literal = all(a.literal for a in arguments)
        with np.errstate(all="ignore"):
            result = np.asarray(apply(node.function, values), dtype=float)[()]
            if node.function in _COMPARISONS | _CONDITIONS:
                result = np.where(_in_doubt(node.function, values), np.nan, result)[()]
            elif node.function == "where":
                result = np.where(np.isnan(values[0]), np.nan, result)[()]
        if literal and not np.isfinite(result):
            raise FormulaError("E408", node.offset, *_why_not_finite(node.function, values))
        return Constant(result, literal)

    def _share(self, function: str, arguments: tuple[Vertex, ...]) -> Vertex:
        key = (function, *(self._identity(a) for a in arguments))
        if key not in self._operations:
            shape = SCALAR
            for argument in arguments:
                shape = shape | shape_of(argument)
            is_bool = ALL[function].gives == "bool"
            self._operations[key] = Operation(function, arguments, shape, is_bool)
        return self._operations[key]

    @staticmethod
    def _identity(vertex: Vertex) -> Any:
        if isinstance(vertex, Constant) and not np.ndim(vertex.value):
            return float(vertex.value).hex()  # tells 0 from -0
        return id(vertex)


def _in_doubt(function: str, values: tuple[Any, ...]) -> Any:
    """Whether known values leave a condition open: one is NaN, and no other decides."""
    deciding = {"and": 0.0, "or": 1.0}.get(function)
    unknown = np.isnan(sum(np.asarray(v, dtype=float) for v in values))
    for value in values if deciding is not None else ():
        unknown = unknown & (np.asarray(value, dtype=float) != deciding)
    return unknown


def _is_nan(vertex: Vertex) -> bool:
    return isinstance(vertex, Constant) and bool(np.isnan(vertex.value).all())


def _makes_nan(operation: Operation) -> bool:
    """Whether an operation does so by itself; a fixed divisor or a power of 2, 3 … does not."""
    if operation.function not in _RISKY:
        return False
    if operation.function not in {"/", "**"}:
        return True
    second = operation.arguments[1]
    if not isinstance(second, Constant) or np.ndim(second.value):
        return True
    value = float(second.value)
    return value == 0 if operation.function == "/" else value < 0 or not value.is_integer()


def _is_literal_zero(vertex: Vertex) -> bool:
    return isinstance(vertex, Constant) and vertex.literal and bool(vertex.value == 0)


def _why_not_finite(function: str, values: tuple[Any, ...]) -> tuple[str]:
    if function == "**" and values[0] < 0:
        return (
            "a negative number to a fractional power; for a cube root of x write "
            "where(x < 0, -(-x) ** (1/3), x ** (1/3)) (there is no cbrt)",
        )
    if function in {"log", "log10", "sqrt"}:
        return (f"{function} of {values[0]:g} is not a number",)
    return ("a constant part is too large for a 64-bit float",)


def in_order(roots: list[Vertex]) -> Iterator[Operation]:
    """Give every operation once, after its arguments."""
    done: set[int] = set()
    stack: list[tuple[Vertex, bool]] = [(r, False) for r in reversed(roots)]
    while stack:
        vertex, ready = stack.pop()
        if not isinstance(vertex, Operation) or id(vertex) in done:
            continue
        if ready:
            done.add(id(vertex))
            yield vertex
        else:
            stack.append((vertex, True))
            stack.extend((a, False) for a in reversed(vertex.arguments))


def cost(root: Node) -> int:
    """Cost of a formula as written, in additions."""
    return sum(ALL[n.function].cost for n in walk(root) if isinstance(n, Call))
