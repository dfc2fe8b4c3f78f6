"""Correlated inputs: a Gaussian copula that holds given Spearman coefficients.

A group is a set of inputs that are connected by coefficients. Its normal scores have Pearson
correlation r = 2 sin(π ρ / 6) (Pearson, 1907), which gives the uniform scores, and so any
continuous marginals, the Spearman coefficient ρ. Groups and their order come from the whole model,
so fixing one member by a case changes no draw of the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem
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
        Pearson correlation of the normal scores.
    """

    names: tuple[str, ...]
    matrix: Array

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


def normal_score_correlation(spearman: float) -> float:
    """Pearson correlation of normal scores whose ranks correlate by `spearman`.

    Examples
    --------
    >>> round(normal_score_correlation(0.5), 6)
    0.517638
    """
    return 2.0 * math.sin(math.pi * spearman / 6.0)


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


def groups(model: Model) -> tuple[Group, ...]:
    """Give the dependence groups of a model, in alphabetical order of their first members."""
    found = []
    for members in sorted(_connected(model.correlations), key=min):
        names = tuple(sorted(members))
        place = {name: k for k, name in enumerate(names)}
        matrix = np.eye(len(names))
        for pair in model.correlations:
            if pair.first in place:
                i, j = place[pair.first], place[pair.second]
                matrix[i, j] = matrix[j, i] = normal_score_correlation(pair.spearman)
        found.append(Group(names, matrix))
    return tuple(found)


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
    """Report every group whose coefficients cannot all hold together (E504)."""
    problems = []
    for group in groups(model):
        smallest = smallest_eigenvalue(group.matrix)
        if smallest >= -TOLERANCE:
            continue
        block = offending_block(group)
        pairs = [p for p in model.correlations if {p.first, p.second} <= set(block)]
        listed = ", ".join(f"{p.first}–{p.second} {p.spearman:+g}" for p in pairs)
        problems.append(
            Problem(
                "E504",
                "correlations",
                f"these coefficients cannot all hold together: {listed}",
                got=f"smallest eigenvalue {smallest:.4g}",
                allowed="a positive definite matrix",
                hint="weaken one, or give the missing pairs (a pair not given is 0)",
                file=model.file,
                line=max((p.line for p in pairs), default=0),
                column=1,
            )
        )
    return problems
