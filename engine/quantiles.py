"""Quantiles and proportions with intervals that follow from counting alone.

Quantiles use Hazen's definition (order p·n + ½) and, at an atom, the lower value. Their intervals
are those of order statistics: the number of scenarios below the true quantile is binomial, so two
ranks bracket it with a known probability, whatever the distribution. Scenarios of the designs `lhs`
and `sobol` are not independent; there the spread of replicates brackets the quantile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from rangecast.distributions.protocol import Array
from scipy import special

LEVEL = 0.95
Z = float(special.ndtri(0.5 + LEVEL / 2))


def rank_interval(n: int, p: float) -> tuple[int | None, int | None]:
    """Ranks (from 1) between which the true p-quantile lies with 95 % probability.

    Parameters
    ----------
    n : int
        Number of scenarios, at least 1.
    p : float
        Inside (0, 1).

    Returns
    -------
    low, high : int or None
        None where so few scenarios lie beyond the quantile that no rank will do.

    Examples
    --------
    >>> rank_interval(1000, 0.5)
    (469, 532)
    >>> rank_interval(10, 0.95)
    (8, None)
    """
    tail = (1 - LEVEL) / 2
    spread = Z * math.sqrt(n * p * (1 - p))
    low = max(0, math.floor(n * p - spread))
    while low > 0 and special.bdtr(low - 1, n, p) > tail:
        low -= 1
    while low < n and special.bdtr(low, n, p) <= tail:
        low += 1
    high = min(n + 1, math.ceil(n * p + spread) + 1)
    while high <= n and special.bdtrc(high - 1, n, p) > tail:
        high += 1
    while high > 1 and special.bdtrc(high - 2, n, p) <= tail:
        high -= 1
    return (low if low >= 1 else None), (high if high <= n else None)


def proportion_interval(at_least: float, at_most: float, n: int) -> tuple[float, float]:
    """Clopper–Pearson interval of a proportion whose count is only known to lie in a range.

    Examples
    --------
    >>> low, high = proportion_interval(50, 50, 100)
    >>> round(low, 4), round(high, 4)
    (0.3983, 0.6017)
    """
    tail = (1 - LEVEL) / 2
    low = 0.0 if at_least <= 0 else float(special.betaincinv(at_least, n - at_least + 1, tail))
    high = 1.0 if at_most >= n else float(special.betaincinv(at_most + 1, n - at_most, 1 - tail))
    return low, high


def hazen(ordered: Array, p: float) -> float:
    """Give the p-quantile of sorted values, order p·n + ½, the lower value next to an atom.

    Examples
    --------
    >>> hazen(np.array([1.0, 2.0, 3.0, 4.0]), 0.5)
    2.5
    >>> hazen(np.array([0.0, 0.0, 10.0, 10.0]), 0.5)
    0.0
    """
    n = len(ordered)
    position = min(max(p * n - 0.5, 0.0), n - 1.0)
    before = int(position)
    after = min(before + 1, n - 1)
    low, high = float(ordered[before]), float(ordered[after])
    tied_low = before > 0 and ordered[before - 1] == low
    tied_high = after < n - 1 and ordered[after + 1] == high
    if low == high or tied_low or tied_high:
        return low
    part = position - before
    return low + part * (high - low) if math.isfinite(high - low) else low


def replicate_ranks(counts: Sequence[Array], p: float) -> tuple[int | None, int | None]:
    """Ranks that bracket the p-quantile, from the spread of independent replicates.

    For designs whose points are not independent: each replicate says which share of its scenarios
    lies at or below the common quantile, Student's t gives an interval on that scale, and the
    pooled distribution maps it back to ranks. The bracket is at least two neighbouring scenarios.

    Parameters
    ----------
    counts : sequence of ndarray of shape (strata,)
        Coarse histogram of each replicate, the same strata for all.
    p : float
        Inside (0, 1).

    Returns
    -------
    low, high : int or None
        None where the bracket reaches beyond the scenarios.

    Examples
    --------
    >>> even = [np.full(100, 10.0)] * 8
    >>> replicate_ranks(even, 0.5)
    (4000, 4001)
    """
    pooled = np.sum(counts, axis=0)
    n = float(pooled.sum())
    below = np.concatenate([[0.0], np.cumsum(pooled)])
    at = min(int(np.searchsorted(below, p * n, side="left")), len(pooled)) - 1
    part = (p * n - below[at]) / pooled[at] if pooled[at] else 0.0
    sizes = np.array([one.sum() for one in counts])
    shares = np.array([one[:at].sum() + part * one[at] for one in counts]) / sizes
    degrees = len(counts) - 1
    error = math.sqrt(float(np.sum(sizes / n * (shares - p) ** 2)) / degrees)
    half = float(special.stdtrit(degrees, 0.5 + LEVEL / 2)) * error
    # the p-quantile has Hazen's order n·p + ½: the same distance from either end
    low, high = math.ceil(n * (p - half) + 0.5) - 1, math.floor(n * (p + half) + 0.5) + 1
    return (low if low >= 1 else None), (high if high <= n else None)
