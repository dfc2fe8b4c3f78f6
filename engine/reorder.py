"""Iman and Conover's method: independent draws put in an order that has given rank correlations.

Done in units of 1,024 consecutive scenarios, so that a scenario depends on its own unit alone. The
values of every input stay as drawn, and with them its Latin hypercube.

Iman and Conover (1982), Communications in Statistics B11, 311–334.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine.plan import HYPERCUBE
from scipy import special


@functools.lru_cache(maxsize=8)
def _van_der_waerden(size: int) -> Array:
    """Normal quantiles of i/(n+1), scaled to a mean square of 1."""
    scores = np.asarray(special.ndtri(np.arange(1, size + 1) / (size + 1)))
    scaled: Array = scores / np.sqrt(np.mean(scores**2))
    return scaled


def _ranks(values: Array) -> NDArray[np.intp]:
    """Rank of each value in its row, from 0."""
    order = np.argsort(values, axis=-1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(values.shape[-1]), axis=-1)
    return ranks


def reorder(points: Array, lower: Array, unit: int = HYPERCUBE) -> None:
    """Put points in order, in place.

    Parameters
    ----------
    points : ndarray of shape (d, units · unit)
        Independent points of d inputs.
    lower : ndarray of shape (d, d)
        Lower triangular factor of the correlation wanted.
    unit : int
        Points that are put in order together.

    Examples
    --------
    >>> points = np.random.default_rng(1).random((2, 1024))
    >>> reorder(points, np.array([[1.0, 0.0], [0.8, 0.6]]))
    >>> round(float(np.corrcoef(special.ndtri(points))[0, 1]), 2)
    0.8
    """
    for start in range(0, points.shape[1], unit):
        part = points[:, start : start + unit]
        scores = _van_der_waerden(part.shape[1])[_ranks(part)]
        # Chance correlation of the scores is taken out before the wanted one is put in.
        chance = np.linalg.cholesky(scores @ scores.T / part.shape[1])
        wanted = lower @ np.linalg.solve(chance, scores)
        part[:] = np.take_along_axis(np.sort(part, axis=1), _ranks(wanted), axis=1)
