"""What can be wrong with formulas together: names, circles, constant parts, cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rangecast.engine.errors import did_you_mean
from rangecast.engine.formula import ROWS, FormulaError, Node, names, resolve
from rangecast.engine.formula.graph import MOST_COST, Graph, cost

MOST_HINTS = 20


def check_trees(
    trees: Mapping[str, Node], known: Collection[str]
) -> list[tuple[str, FormulaError]]:
    """Unknown names (E204), cycles (E205), constant parts that are no number (E408), cost (E415).

    Names near an unknown one are looked for 20 times only: it is slow among thousands of names.
    """
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
    order, cycles = resolve(trees, {*known, *forgiven})
    total = sum(cost(tree) for tree in trees.values())
    if total > MOST_COST:
        words, allowed = f"total cost of the formulas is {total:,}", f"limit {MOST_COST:,}"
        found.append((order[0], FormulaError("E415", 0, words, allowed=allowed)))
    return [*found, *cycles, *_fold(trees, order, {*known, *forgiven, *trees})]


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
