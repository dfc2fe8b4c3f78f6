"""Correlated inputs: groups of scores that hold the coefficients stated.

A group is a set of inputs that are connected by coefficients. `conversion` gives the correlation of
their scores, normal or Student t; ranks then have the coefficients stated, whatever the inputs'
distributions. Groups and their order come from the whole model, so fixing one member by a case
changes no draw of the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.conversion import (
    Unreachable,
    from_kendall,
    normal_score_correlation,
    pearson_score_correlation,
    t_score_correlation,
)
from rangecast.engine.errors import ModelError, Problem
from rangecast.engine.model.correlations import LARGEST_REORDERED
from rangecast.engine.model.model import Correlation, Model

TOLERANCE = 1e-9
"""An eigenvalue above minus this counts as zero: perfect correlation is allowed."""


@dataclass(frozen=True)
class Group:
    """Inputs that depend on each other.

    Parameters
    ----------
    names : tuple of str
        Members in alphabetical order, the order of the factorisation.
    matrix : ndarray of shape (d, d)
        Pearson correlation of the scores.
    copula : str
    df : float
        Degrees of freedom of t scores; infinite for normal ones.
    """

    names: tuple[str, ...]
    matrix: Array
    copula: str = "gaussian"
    df: float = math.inf

    def factor(self) -> Array:
        """Lower triangular L with L Lᵀ = matrix; a zero pivot gives a zero column."""
        size = len(self.names)
        lower = np.zeros((size, size))
        for j in range(size):
            pivot = self.matrix[j, j] - float(np.sum(lower[j, :j] ** 2))
            if pivot <= TOLERANCE:
                continue
            lower[j, j] = math.sqrt(pivot)
            for i in range(j + 1, size):
                shared = float(np.sum(lower[i, :j] * lower[j, :j]))
                lower[i, j] = (self.matrix[i, j] - shared) / lower[j, j]
        return lower


def _connected(pairs: Iterable[Correlation]) -> list[set[str]]:
    groups: list[set[str]] = []
    for pair in pairs:
        touching = [g for g in groups if pair.first in g or pair.second in g]
        groups = [g for g in groups if g not in touching]
        groups.append(set().union({pair.first, pair.second}, *touching))
    return groups


def path_groups(model: Model) -> tuple[Group, ...]:
    """Give a group for each input that varies over the periods.

    Its members are the normal scores of the periods, a stationary chain with correlation
    persistence ** distance, and last the standardised mean of them, which stands for the input
    where drivers are ranked.
    """
    found = []
    for name, one in model.paths.items():
        rows = model.series[name]
        rho, places = one.persistence or 0.0, np.arange(len(rows))
        chain = rho ** np.abs(places[:, None] - places)
        mean = chain.sum(axis=1) / math.sqrt(chain.sum())
        matrix = np.block([[chain, mean[:, None]], [mean[None, :], np.ones((1, 1))]])
        found.append(Group((*rows, name), matrix))
    return tuple(found)


def score_correlation(model: Model, pair: Correlation) -> float:
    """Correlation of the scores of two inputs that a coefficient between them asks for.

    Raises
    ------
    Unreachable
        For a Pearson coefficient that the two distributions do not allow.
    """
    if pair.measure == "kendall":
        return from_kendall(pair.coefficient)
    if pair.measure == "pearson":
        laws = model.inputs[pair.first].law, model.inputs[pair.second].law
        if laws[0] is None or laws[1] is None:  # fixed by a case: any value does
            return pair.coefficient
        return pearson_score_correlation(pair.coefficient, laws[0], laws[1])
    if model.dependence.copula == "t":
        return t_score_correlation(pair.coefficient, model.dependence.df)
    return normal_score_correlation(pair.coefficient)


def stated_groups(model: Model) -> tuple[Group, ...]:
    """Give the groups with the coefficients as stated, whether they can hold or not."""
    found, how = [], model.dependence
    for members in sorted(_connected(model.correlations), key=min):
        names = tuple(sorted(members))
        place = {name: k for k, name in enumerate(names)}
        matrix = np.eye(len(names))
        for pair in model.correlations:
            if pair.first in place:
                i, j = place[pair.first], place[pair.second]
                matrix[i, j] = matrix[j, i] = score_correlation(model, pair)
        found.append(Group(names, matrix, how.copula, how.df))
    return tuple(found)


def groups(model: Model) -> tuple[Group, ...]:
    """Give the dependence groups of a model, in alphabetical order of their first members.

    Coefficients that cannot hold together are repaired where the model asks for it.

    Raises
    ------
    ModelError
        When a case puts a Pearson coefficient out of reach.
    """
    try:
        stated = stated_groups(model)
    except Unreachable:
        raise ModelError(*_out_of_reach(model)) from None
    if not model.dependence.repair:
        return stated
    return tuple(replace(g, matrix=nearest_correlation(g.matrix)) for g in stated)


_PROJECTIONS = 10_000


def nearest_correlation(matrix: Array) -> Array:
    """Correlation matrix nearest to a symmetric one, by the sum of squares of what changes.

    Alternating projections with Dykstra's correction (Higham, 2002, Algorithm 3.3). A matrix that
    is one already is given back.

    Examples
    --------
    >>> wrong = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    >>> nearest_correlation(wrong).round(4)[0]
    array([1.    , 0.7607, 0.1573])
    """
    if smallest_eigenvalue(matrix) >= -TOLERANCE:
        return matrix
    unit, shift = matrix.copy(), np.zeros_like(matrix)
    for _ in range(_PROJECTIONS):
        reduced = unit - shift
        values, vectors = np.linalg.eigh(reduced)
        positive = (vectors * np.maximum(values, 0.0)) @ vectors.T
        shift = positive - reduced
        before, unit = unit, positive.copy()
        np.fill_diagonal(unit, 1.0)
        if np.abs(unit - before).max() < 1e-13:
            break
    found: Array = np.clip((unit + unit.T) / 2, -1.0, 1.0)
    return found


def smallest_eigenvalue(matrix: Array) -> float:
    """Smallest eigenvalue of a symmetric matrix."""
    return float(np.linalg.eigvalsh(matrix)[0])


def offending_block(group: Group) -> tuple[str, ...]:
    """Fewest members whose coefficients already contradict each other.

    Members are dropped one by one as long as the rest stays impossible, so what remains is a
    contradiction in which every member takes part.
    """
    kept = list(range(len(group.names)))
    for k in range(len(group.names)):
        rest = [i for i in kept if i != k]
        if len(rest) > 1 and smallest_eigenvalue(group.matrix[np.ix_(rest, rest)]) < -TOLERANCE:
            kept = rest
    return tuple(group.names[i] for i in kept)


def check(model: Model) -> list[Problem]:
    """Report coefficients out of reach (E508), contradicting ones (E504), and repairs (W510)."""
    problems = _out_of_reach(model)
    problems += _too_many_reordered(model)
    if problems:
        return problems
    for group in stated_groups(model):
        smallest = smallest_eigenvalue(group.matrix)
        if smallest >= -TOLERANCE:
            problems += _rounded_off(model, group, smallest)
            continue
        problems.append(
            _repaired(model, group) if model.dependence.repair else _wrong(model, group)
        )
    return problems


def _at(model: Model, pair: Correlation) -> dict[str, Any]:
    """Where a coefficient stands."""
    return {"file": model.file, "line": pair.line, "column": 1 if pair.line else 0}


def _out_of_reach(model: Model) -> list[Problem]:
    problems = []
    for pair in model.correlations:
        if pair.measure != "pearson":
            continue
        names = f"{pair.first}–{pair.second}"
        if model.dependence.copula == "t":
            message = f"{names}: a t copula takes coefficients of ranks"
            hint = "give spearman or kendall"
            at = _at(model, pair)
            problems.append(Problem("E508", "correlations", message, "pearson", hint=hint, **at))
            continue
        infinite = [
            n
            for n in (pair.first, pair.second)
            if (law := model.inputs[n].law) is not None and not math.isfinite(law.sd)
        ]
        if infinite:
            message = f"{names}: {infinite[0]} has no finite variance"
            at, hint = _at(model, pair), "give spearman or kendall"
            problems.append(Problem("E508", "correlations", message, "pearson", hint=hint, **at))
            continue
        try:
            score_correlation(model, pair)
        except Unreachable as limits:
            message = f"{names}: these distributions do not allow this Pearson coefficient"
            got, at = f"{pair.coefficient:g}", _at(model, pair)
            hint = "rank correlations (spearman, kendall) are always in reach"
            problems.append(Problem("E508", "correlations", message, got, str(limits), hint, **at))
    return problems


def _too_many_reordered(model: Model) -> list[Problem]:
    if model.dependence.copula != "iman-conover":
        return []
    return [
        Problem(
            "E510",
            "dependence.copula",
            "iman-conover reorders groups of limited size",
            f"{len(g.names)} inputs",
            f"at most {LARGEST_REORDERED} in a group",
            "use the gaussian copula",
            model.file,
        )
        for g in stated_groups(model)
        if len(g.names) > LARGEST_REORDERED
    ]


def _rounded_off(model: Model, group: Group, smallest: float) -> list[Problem]:
    """Say that coefficients contradict each other by no more than roundings (W551)."""
    if smallest > -_ROUNDING * len(group.names):
        return []
    names = ", ".join(group.names[:_LISTED])
    message = f"{names}: coefficients are adjusted by less than 1e-9 to hold together"
    return [Problem("W551", "correlations", message, file=model.file, line=1, column=1)]


_ROUNDING = 5e-16


def _wrong(model: Model, group: Group) -> Problem:
    block = offending_block(group)
    pairs = [p for p in model.correlations if {p.first, p.second} <= set(block)]
    listed = ", ".join(f"{p.first}–{p.second} {p.coefficient:+g}" for p in pairs)
    away = float(np.abs(nearest_correlation(group.matrix) - group.matrix).max())
    return Problem(
        "E504",
        "correlations",
        f"these coefficients cannot all hold together: {listed}",
        got=f"smallest eigenvalue {smallest_eigenvalue(group.matrix):.4g}",
        allowed="a positive definite matrix",
        hint="weaken one, or give the missing pairs (a pair not given is 0); "
        f'or let [dependence] repair = "nearest": the nearest valid matrix has a largest change '
        f"of {away:.2g}",
        file=model.file,
        line=max((p.line for p in pairs), default=0),
        column=1,
    )


_LISTED = 6


def _repaired(model: Model, group: Group) -> Problem:
    """Say what repair changes, the most first: correlations of scores before and after."""
    after = nearest_correlation(group.matrix)
    above = np.triu_indices(len(group.names), 1)
    changes = np.abs(after - group.matrix)[above].round(9)  # equal ones in the order of inputs
    order = np.argsort(-changes, kind="stable")
    words = []
    for k in order[:_LISTED]:
        i, j = above[0][k], above[1][k]
        if abs(after[i, j] - group.matrix[i, j]) >= 5e-4:
            pair = f"{group.names[i]}–{group.names[j]}"
            words.append(f"{pair} {group.matrix[i, j]:+.3f} → {after[i, j]:+.3f}")
    largest = float(np.abs(after - group.matrix).max())
    return Problem(
        "W510",
        "dependence.repair",
        f"coefficients that cannot all hold were replaced by the nearest: {', '.join(words)}",
        got=f"largest change {largest:.3g}, of correlations of scores",
        file=model.file,
    )
