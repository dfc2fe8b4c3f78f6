"""What can be wrong with formulas together: names, circles, constant parts, cost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from rangecast.engine.errors import did_you_mean
from rangecast.engine.formula import (
    CLOCK,
    ROWS,
    FormulaError,
    Node,
    names,
    parse,
    refuse_time,
    resolve,
    row_name,
    series_of,
    unroll,
)
from rangecast.engine.formula.graph import MOST_COST, Graph, cost
from rangecast.engine.formula.unroll import spelled_cost
from rangecast.engine.model.model import Periods, Quantity

MOST_HINTS = 20


def tree_of(quantity: Quantity) -> Node:
    """Give the formula of a quantity as a tree."""
    return quantity.tree if quantity.tree is not None else parse(quantity.formula)


def used_by(quantities: Mapping[str, Quantity], outputs: Iterable[str]) -> set[str]:
    """Every name that the formulas of some outputs reach, their own included."""
    found: set[str] = set()
    stack = list(outputs)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            if name in quantities:
                stack += [used for used, _ in names(tree_of(quantities[name]))]
    return found


def check_trees(
    trees: Mapping[str, Node],
    known: Collection[str],
    periods: Periods | None = None,
    paths: Collection[str] = (),
) -> list[tuple[str, FormulaError]]:
    """Unknown names (E204), cycles (E205), constant parts that are no number (E408), cost (E415).

    Names near an unknown one are looked for 20 times only: it is slow among thousands of names.
    Words of the clock need periods (E417); with them, formulas are checked as spelled out, and of
    the problems of a formula in several periods the first is given.
    """
    if periods is None:
        clock = {*CLOCK} & {n for tree in trees.values() for n, _ in names(tree)}
        timeless = refuse_time(trees)
        wrong = {name for name, _ in timeless}
        sound = {name: tree for name, tree in trees.items() if name not in wrong}
        return [*timeless, *_check_sound(sound, {*known, *clock, *wrong})]
    found, forgiven = _unknown(trees, {*known, *CLOCK})
    most = spelled_cost(trees, len(periods.labels), paths)
    if over := _too_costly(trees, most, "up to "):
        return [*found, over]
    unrolled, problems = unroll(trees, periods.labels, periods.years, paths)
    broken = {row for name, _ in problems for row in unrolled.rows.get(name, (name,))}
    rows = {row_name(path, label) for path in paths for label in periods.labels}
    spelled = _check_sound(unrolled.trees, {*known, *forgiven, *rows, *broken})
    first: dict[tuple[str, str], FormulaError] = {}
    for row, problem in spelled:
        name = series_of(row)[0]
        owner = name if name in trees else next(iter(trees))
        first.setdefault((owner, problem.code), problem)
    return [*found, *problems, *((name, problem) for (name, _), problem in first.items())]


def _unknown(
    trees: Mapping[str, Node], known: Collection[str]
) -> tuple[list[tuple[str, FormulaError]], set[str]]:
    """Every unknown name where it is used, and the set of them."""
    found: list[tuple[str, FormulaError]] = []
    forgiven: set[str] = set()
    everything = [*known, *trees]
    declared = set(everything)
    for name, tree in trees.items():
        for used, offset in names(tree):
            if used not in declared:
                hint = did_you_mean(used, everything) if len(found) < MOST_HINTS else ""
                wrong = FormulaError("E204", offset, "unknown name", got=used, hint=hint)
                found.append((name, wrong))
                forgiven.add(used)
    return found, forgiven


def _check_sound(
    trees: Mapping[str, Node], known: Collection[str]
) -> list[tuple[str, FormulaError]]:
    """Check formulas without periods."""
    found, forgiven = _unknown(trees, known)
    order, cycles = resolve(trees, {*known, *forgiven})
    if over := _too_costly(trees, sum(cost(tree) for tree in trees.values())):
        return [*found, *cycles, over]
    return [*found, *cycles, *_fold(trees, order, {*known, *forgiven, *trees})]


def _too_costly(
    trees: Mapping[str, Node], total: int, about: str = ""
) -> tuple[str, FormulaError] | None:
    """Say that formulas are too long in total, at the first of them."""
    if total <= MOST_COST:
        return None
    words, allowed = f"total cost of the formulas is {about}{total:,}", f"limit {MOST_COST:,}"
    return next(iter(trees)), FormulaError("E415", 0, words, allowed=allowed)


def _fold(
    trees: Mapping[str, Node], order: list[str], names_used: set[str]
) -> list[tuple[str, FormulaError]]:
    """Compute the constant parts as the compiler will, to find those that are no number."""
    graph = Graph(dict.fromkeys(names_used, ROWS), {})
    found = []
    for name in order:
        try:
            graph.add(name, trees[name])
        except FormulaError as problem:
            found.append((name, problem))
    return found
