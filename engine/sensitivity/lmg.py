"""Shapley shares of R²: the explained variance of ranks shared out fairly, without more runs.

Every input gets the mean, over the orders in which inputs may enter a linear regression of ranks,
of what it adds to R² (Lindeman, Merenda and Gold, 1980; the LMG share of Grömping, 2007), so that
correlated inputs share what they explain together. The shares add up to R², not to 1: what is
missing is not linear in ranks, and says how far the shares can be trusted.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine.figures import rank_gram
from rangecast.engine.sensitivity.bars import Bar, face, ranked_row, reach_of

if TYPE_CHECKING:
    from rangecast.engine.result import Result

MOST_EXACT = 20
"""Inputs up to which all orders count; beyond, a sample of them."""
ORDERS = 1_000
_SEED = 20_250_105
_SINGULAR = 1e-6  # sums of ranks are of single precision


def shares(correlation: Array, with_y: Array) -> Array:
    """Share of R² of each input.

    Parameters
    ----------
    correlation : ndarray of shape (k, k)
        Of the inputs.
    with_y : ndarray of shape (k,)
        Of the inputs with the output.

    Returns
    -------
    ndarray of shape (k,)
        They add up to R²; exact up to 20 inputs, else over 1,000 orders.

    Examples
    --------
    >>> shares(np.eye(2), np.array([0.6, 0.8])).round(4).tolist()
    [0.36, 0.64]
    """
    if len(with_y) > MOST_EXACT:
        return over_orders(correlation, with_y, orders_of(len(with_y), ORDERS))
    return _of_subsets(explained_by_subsets(correlation, with_y))


def explained_by_subsets(correlation: Array, with_y: Array) -> Array:
    """R² of the regression on every subset; bit j of its index says whether input j is in it.

    One input after the other is swept out of the matrix, or dropped from it.
    """
    k = len(with_y)
    matrix = np.block([[correlation, with_y[:, None]], [with_y[None, :], np.ones((1, 1))]])
    left = matrix[None]
    for _ in range(k):
        rest, pivot, edge = left[:, 1:, 1:], left[:, 0, 0], left[:, 1:, 0]
        with np.errstate(all="ignore"):
            factor = np.where(pivot > _SINGULAR, 1 / pivot, 0.0)
        swept = rest - edge[:, :, None] * (edge * factor[:, None])[:, None, :]
        left = np.concatenate([rest, swept])
    return 1.0 - left[:, 0, 0]


def _of_subsets(explained: Array) -> Array:
    k = int(math.log2(len(explained)))
    size = np.zeros(1, dtype=np.intp)
    for _ in range(k - 1):
        size = np.concatenate([size, size + 1])
    ways = [1 / (k * math.comb(k - 1, s)) for s in range(k)]
    weight = np.array(ways)[size] if k else np.zeros(0)
    found = np.zeros(k)
    for j in range(k):
        split = explained.reshape(-1, 2, 1 << j)
        found[j] = float((split[:, 1] - split[:, 0]).ravel() @ weight)
    return found


@functools.lru_cache(maxsize=8)
def orders_of(k: int, count: int) -> NDArray[np.intp]:
    """Orders of k inputs, each followed by its reverse."""
    rng = np.random.default_rng([_SEED, k])
    half = np.stack([rng.permutation(k) for _ in range(count // 2)])
    return np.stack([half, half[:, ::-1]], axis=1).reshape(-1, k)


def over_orders(correlation: Array, with_y: Array, orders: NDArray[np.intp]) -> Array:
    """Mean over orders of what each input adds to R²: the last row of a Cholesky factor, squared.

    Parameters
    ----------
    correlation, with_y
        As of `shares`, each perhaps with leading axes.
    orders : ndarray of int of shape (orders, k)

    Returns
    -------
    ndarray of shape (..., k)
    """
    k = orders.shape[1]
    found = np.zeros(with_y.shape)
    least = np.linalg.eigvalsh(correlation)[..., :1, None]
    ridged = correlation + np.maximum(_SINGULAR, -2 * least) * np.eye(k)
    for order in orders:
        lower = np.linalg.cholesky(ridged[..., order[:, None], order])
        added = np.linalg.solve(lower, with_y[..., order, None])[..., 0] ** 2
        found[..., order] += added
    return found / len(orders)


@dataclass(frozen=True)
class _Products:
    """Rank correlations of inputs with each other (..., k, k) and with the output (..., k)."""

    between: Array
    with_y: Array


def _products(gram: Array, cross: Array, square: Array, used: list[int]) -> _Products:
    """Turn sums of rank products into correlations."""
    with np.errstate(all="ignore"):
        n = gram[..., :1, :1]
        centre = gram[..., :1, 1:] / n
        covariance = gram[..., 1:, 1:] / n - np.swapaxes(centre, -1, -2) * centre
        sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
        shared = cross / n[..., 0] / sd / np.sqrt(square[..., None] / n[..., 0])
        between = covariance / (sd[..., :, None] * sd[..., None, :])
    return _Products(between[..., used, :][..., used], shared[..., used])


def _measured(result: Result, output: str) -> tuple[list[int], _Products, _Products]:
    """Drivers used, and the correlations of the whole run and of each batch."""
    r = ranked_row(result, output)
    each, totals = result.ensemble.batches, result.ensemble.totals.floats
    grams = rank_gram(each["rank_gram"] - each["lost_rank_gram"][:, r], result.setup.reading)
    cross, square = each["rank_cross"][:, r], each["rank_square"][:, r]
    varies = np.isfinite(result.ensemble.total["srrc"][r])
    used = [int(d) for d in np.flatnonzero(varies)]
    gram = rank_gram(totals["rank_gram"] - totals["lost_rank_gram"][r], result.setup.reading)
    total = result.ensemble.total
    whole = _products(gram, total["rank_cross"][r], total["rank_square"][r], used)
    return used, whole, _products(grams, cross, square, used)


def estimate(result: Result, output: str) -> list[Bar]:
    """Shares with intervals from the spread of the batches; direct inputs only."""
    reach = reach_of(result, output)
    used, whole, each = _measured(result, output)
    if not used or not np.isfinite(whole.with_y).all():
        return []
    found = shares(whole.between, whole.with_y)
    error = np.full(len(used), math.nan)
    if np.isfinite(each.between).all() and np.isfinite(each.with_y).all():
        error = _errors(result, whole, each)
    bars = []
    for d, share, wide in zip(used, found, error, strict=True):
        driver = result.setup.drivers[d]
        half = result.half_width(float(wide)) if result.scenarios >= 320 else math.nan
        bars.append(
            Bar(
                output,
                "lmg",
                "LMG",
                *face(result.model, driver),
                reach[driver.name],
                *(math.nan,) * 4,
                swing=float(share),
                ci_low=max(0.0, float(share) - half) if math.isfinite(half) else math.nan,
                ci_high=min(1.0, float(share) + half) if math.isfinite(half) else math.nan,
                baseline=0.0,
                n_used=result.count(output),
            )
        )
    return bars


def _errors(result: Result, whole: _Products, each: _Products) -> Array:
    """Standard errors from the batches, over few orders: the same for each batch."""
    orders = orders_of(len(whole.with_y), 64)
    middle = over_orders(whole.between, whole.with_y, orders)
    apart = over_orders(each.between, each.with_y, orders) - middle
    weight = np.array(result.ensemble.weights)
    error: Array = np.sqrt((weight[:, None] * apart**2).sum(axis=0) / max(len(weight) - 1, 1))
    return error
