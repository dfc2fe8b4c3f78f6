"""Formulas over periods, spelled out period by period.

A formula that depends on the period becomes one formula per period, ``stock[2024]``, so that what
follows knows of no time. Everything said once is computed once: a recursion over p periods costs
p times one step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rangecast.engine.formula.errors import FormulaError
from rangecast.engine.formula.functions import ALL, PERIODIC
from rangecast.engine.formula.tree import Call, Known, Name, Node, Number, same, walk

CLOCK = ("t", "year")
_SCALAR = ("total", "at")  # of a series, but the same in every period
_RUNNING = ("cumulative", "compound")


def row_name(series: str, label: str) -> str:
    """Name of a series in one period.

    Examples
    --------
    >>> row_name("stock", "2024")
    'stock[2024]'
    """
    return f"{series}[{label}]"


def series_of(row: str) -> tuple[str, str]:
    """Split the name of a row into series and period; "" for a name without a period.

    Examples
    --------
    >>> series_of("stock[2024]"), series_of("stock")
    (('stock', '2024'), ('stock', ''))
    """
    series, _, label = row.partition("[")
    return series, label.rstrip("]")


@dataclass(frozen=True)
class Unrolled:
    """Formulas without periods, and what became of each.

    Parameters
    ----------
    trees : mapping of str to Node
        With the rows that carry running sums and products.
    rows : mapping of str to tuple of str
        Rows of each formula that depends on the period, one per period.
    """

    trees: Mapping[str, Node]
    rows: Mapping[str, tuple[str, ...]]


def _varying_nodes(root: Node) -> Iterator[Node]:
    """Nodes whose dependence on the period makes the formula depend on it."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Call) and node.function not in _SCALAR:
            stack.extend(node.arguments)


def timed(trees: Mapping[str, Node], paths: Collection[str]) -> set[str]:
    """Names of the formulas (and inputs) that differ from period to period."""
    varying = {*paths, *CLOCK}
    direct: set[str] = set()
    users: dict[str, set[str]] = {}
    for name, root in trees.items():
        for node in _varying_nodes(root):
            if isinstance(node, Name):
                users.setdefault(node.name, set()).add(name)
                if node.name in varying:
                    direct.add(name)
            elif isinstance(node, Call) and node.function in {"previous", *_RUNNING}:
                direct.add(name)
    found, stack = set(), list(direct)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(users.get(name, ()))
    return {*found, *paths}


def without_lags(root: Node) -> Node:
    """Give a formula with `previous(x, initial)` reduced to its initial value.

    What remains is what the formula needs of its own period.
    """
    done: list[Node] = []
    todo: list[tuple[Node, bool]] = [(root, False)]
    while todo:
        node, ready = todo.pop()
        if not isinstance(node, Call):
            done.append(node)
        elif ready:
            _gather(node, done)
        elif node.function == "previous":
            todo.append((node.arguments[1], False))
        else:
            todo.append((node, True))
            todo.extend((a, False) for a in reversed(node.arguments))
    return done[0]


def _gather(node: Call, done: list[Node]) -> None:
    """Put a call in place of its arguments, the last of what is done."""
    first = len(done) - len(node.arguments)
    done[first:] = [Call(node.function, tuple(done[first:]), node.offset)]


def spelled_cost(trees: Mapping[str, Node], periods: int, paths: Collection[str] = ()) -> int:
    """Most that formulas cost as spelled out over so many periods, in additions, without doing so.

    What `at` and `previous` leave out inside each other is counted all the same.
    """
    varying, total = timed(trees, paths), 0
    known: Known = {}
    running: set[int] = set()
    for name, root in trees.items():
        stack = [(root, periods if name in varying else 1)]
        while stack:
            node, times = stack.pop()
            if not isinstance(node, Call):
                continue
            if node.function == "previous":  # the second argument is for the first period only
                stack += [(node.arguments[0], times), (node.arguments[1], 1)]
                continue
            if node.function in {"total", *_RUNNING}:  # a row per period, whoever asks for it
                kind = "cumulative" if node.function == "total" else node.function
                number = same(Call(kind, node.arguments, node.offset), known)
                if number in running:
                    continue
                running.add(number)
                times = periods
            total += times * ALL[node.function].cost
            stack += [(a, times) for a in node.arguments]
    return total


@dataclass
class _Unroller:
    labels: Sequence[str]
    years: Sequence[float]
    varying: Collection[str]
    taken: Collection[str]
    trees: dict[str, Node] = field(default_factory=dict)
    helpers: dict[int, str] = field(default_factory=dict)
    known: Known = field(default_factory=dict)
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)

    def at(self, node: Node, k: int) -> Node:
        """Give a formula as it is in period `k`."""
        done: list[Node] = []
        todo = [(node, k, False)]
        while todo:
            node, k, ready = todo.pop()
            if not isinstance(node, Call):
                done.append(self._name(node, k) if isinstance(node, Name) else node)
            elif ready:
                _gather(node, done)
            elif node.function == "previous":
                todo.append(
                    (node.arguments[0], k - 1, False) if k else (node.arguments[1], 0, False)
                )
            elif node.function in _RUNNING:
                done.append(Name(row_name(self._helper(node), self.labels[k]), node.offset))
            elif node.function == "total":
                summed = Call("cumulative", node.arguments, node.offset)
                todo.append((summed, len(self.labels) - 1, False))
            elif node.function == "at":
                todo.append((node.arguments[0], self._period(node), False))
            else:
                todo.append((node, k, True))
                todo.extend((a, k, False) for a in reversed(node.arguments))
        return done[0]

    def _name(self, node: Name, k: int) -> Node:
        if node.name == "t":
            return Number(float(k), node.offset)
        if node.name == "year":
            return Number(self.years[k], node.offset)
        if node.name in self.varying:
            return Name(row_name(node.name, self.labels[k]), node.offset)
        return node

    def _period(self, node: Call) -> int:
        """Which period `at` names: a year written as a number."""
        when = node.arguments[1]
        allowed = f"{self.labels[0]} to {self.labels[-1]}"
        if not isinstance(when, Number):
            message = "at() takes a year written as a number"
            raise FormulaError("E417", node.offset, message, allowed=allowed)
        near = [k for k, year in enumerate(self.years) if abs(year - when.value) < 1e-3]
        if not near:
            got = f"{when.value:.10g}"
            raise FormulaError("E417", when.offset, "no such period", got=got, allowed=allowed)
        return near[0]

    def _helper(self, node: Call) -> str:
        """Add a running sum or product once, a row per period; each takes one step."""
        place = (node.function, id(node.arguments))  # of a formula that is kept: asked ever again
        if place not in self.numbers:
            self.numbers[place] = same(node, self.known)
        key = self.numbers[place]
        if key in self.helpers:
            return self.helpers[key]
        name = f"{node.function}_{len(self.helpers) + 1}"
        while name in self.taken:
            name += "_"
        self.helpers[key] = name
        for k, label in enumerate(self.labels):
            value = self.at(node.arguments[0], k)
            if k:
                before = Name(row_name(name, self.labels[k - 1]), node.offset)
                value = self._step(node, before, value, k)
            self.trees[row_name(name, label)] = value
        return name

    def _step(self, node: Call, before: Name, value: Node, k: int) -> Node:
        if node.function == "cumulative":
            return Call("+", (before, value), node.offset)
        rate = self.at(node.arguments[1], k)
        return Call(
            "*", (before, Call("+", (Number(1.0, node.offset), rate), node.offset)), node.offset
        )


def refuse_time(trees: Mapping[str, Node]) -> list[tuple[str, FormulaError]]:
    """Report clocks and functions over periods in a model that has no periods (E417)."""
    found = []
    for name, root in trees.items():
        for node in walk(root):
            if isinstance(node, Number):
                continue
            word = node.name if isinstance(node, Name) else node.function
            if word in CLOCK or word in PERIODIC:
                hint = "add [time] with start and periods"
                message = f"'{word}' needs periods"
                found.append((name, FormulaError("E417", node.offset, message, hint=hint)))
                break
    return found


def unroll(
    trees: Mapping[str, Node],
    labels: Sequence[str],
    years: Sequence[float],
    paths: Collection[str] = (),
) -> tuple[Unrolled, list[tuple[str, FormulaError]]]:
    """Spell out formulas period by period.

    Parameters
    ----------
    trees : mapping of str to Node
    labels : sequence of str
        Of the periods, in order of time.
    years : sequence of float
        Of the periods, as `year` gives them.
    paths : collection of str
        Inputs with a value of their own in each period.

    Returns
    -------
    unrolled : Unrolled
    problems : list of (str, FormulaError)
        Formula and what is wrong with it; such a formula is left out.

    Examples
    --------
    >>> from rangecast.engine.formula.parser import parse
    >>> trees = {"stock": parse("previous(stock, 5) + flow"), "end": parse("at(stock, 2024)")}
    >>> found, problems = unroll(trees, ["2023", "2024"], [2023, 2024])
    >>> list(found.trees)
    ['stock[2023]', 'stock[2024]', 'end']
    """
    varying = timed(trees, paths)
    unroller = _Unroller(labels, years, varying, {*trees, *paths})
    rows: dict[str, tuple[str, ...]] = {}
    problems: list[tuple[str, FormulaError]] = []
    own: dict[str, Node] = {}
    for name, root in trees.items():
        try:
            if name in varying:
                rows[name] = tuple(row_name(name, label) for label in labels)
                own |= {row: unroller.at(root, k) for k, row in enumerate(rows[name])}
            else:
                own[name] = unroller.at(root, 0)
        except FormulaError as problem:
            problems.append((name, problem))
    return Unrolled({**own, **unroller.trees}, rows), problems
