"""Which formula needs which: unknown names, cycles, and the order of computation."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rangecast.engine.errors import did_you_mean
from rangecast.engine.formula.errors import FormulaError
from rangecast.engine.formula.tree import Node, names


def resolve(
    formulas: Mapping[str, Node], known: Collection[str]
) -> tuple[list[str], list[tuple[str, FormulaError]]]:
    """Order formulas so that each comes after those it needs.

    Parameters
    ----------
    formulas : mapping of str to Node
        Formula of each quantity.
    known : collection of str
        Names of inputs.

    Returns
    -------
    order : list of str
        Every formula that takes part in no cycle and uses known names only.
    problems : list of (str, FormulaError)
        Every unknown name (E204) and every cycle (E205, all members named).
    """
    problems: list[tuple[str, FormulaError]] = []
    needs: dict[str, list[str]] = {}
    everything = [*known, *formulas]
    for name, root in formulas.items():
        needs[name] = []
        for used, offset in names(root):
            if used in formulas:
                needs[name].append(used)
            elif used not in known:
                hint = did_you_mean(used, everything)
                unknown = FormulaError("E204", offset, "unknown name", got=used, hint=hint)
                problems.append((name, unknown))
    order, cycles = _sort(needs)
    for cycle in cycles:
        path = " -> ".join([*cycle, cycle[0]])
        problems.append((cycle[0], FormulaError("E205", 0, f"circular reference: {path}")))
    return order, problems


def _sort(needs: Mapping[str, list[str]]) -> tuple[list[str], list[list[str]]]:
    """Depth-first order without recursion; each cycle once, from its first member in the file."""
    order: list[str] = []
    state: dict[str, int] = {}  # 1 while on the path, 2 when done
    cycles: list[list[str]] = []
    for start in needs:
        path: list[tuple[str, int]] = [(start, 0)]
        while path:
            name, k = path.pop()
            if k == 0 and state.get(name):
                continue
            state[name] = 1
            if k == len(needs[name]):
                state[name] = 2
                order.append(name)
                continue
            path.append((name, k + 1))
            following = needs[name][k]
            if state.get(following) == 1:
                on_path = [n for n, _ in path]
                cycles.append(on_path[on_path.index(following) :])
            elif not state.get(following):
                path.append((following, 0))
    return order, cycles
