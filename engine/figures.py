"""Every figure of an ensemble, or of one batch of it, from its counts and sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine import cells
from rangecast.engine.summary import Layout, Totals
from rangecast.engine.tranches import Scale

SHARE = 0.1
"""Lowest and highest share of an input that the conditional figures compare."""


@dataclass(frozen=True)
class Reading:
    """What is needed to read figures off a summary.

    Parameters
    ----------
    layout : Layout
    mappings : tuple of cells.Mapping
        One per output row.
    scales : tuple of Scale
        One per driver.
    percentiles : tuple of float
    """

    layout: Layout
    mappings: tuple[cells.Mapping, ...]
    scales: tuple[Scale, ...]
    percentiles: tuple[float, ...]


def curve(totals: Totals, mapping: cells.Mapping, row: int) -> cells.Curve:
    """Quantile curve of one output row."""
    counts = np.empty(cells.CELLS, dtype=np.int64)
    counts[cells.IN_ORDER] = totals.ints["cells"][row]
    low, high = totals.floats["extremes"][row]
    return cells.Curve(counts, mapping, (float(low), float(high)))


def moments(totals: Totals, mappings: Sequence[cells.Mapping]) -> dict[str, Array]:
    """Mean, sd, skewness and excess kurtosis of every output row; NaN where not defined."""
    n = totals.rows - totals.ints["failed"].sum(axis=1)
    with np.errstate(all="ignore"):
        m1, m2, m3, m4 = (totals.floats["powers"] / n[:, None]).T
        variance = np.maximum(m2 - m1 * m1, 0.0)
        variance = np.where(variance <= 1e-13 * m2, _constant_or(variance, totals), variance)
        third = m3 - 3 * m1 * m2 + 2 * m1**3
        fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
        scale = np.array([m.scale for m in mappings])
        centre = np.array([m.centre for m in mappings])
        unbiased = variance * n / (n - 1)
        return {
            "mean": m1 / scale + centre,
            "sd": np.where(n > 1, np.sqrt(unbiased) / scale, np.nan),
            "skewness": np.where(variance > 0, third / variance**1.5, np.nan),
            "kurtosis": np.where(variance > 0, fourth / variance**2 - 3, np.nan),
        }


def _constant_or(variance: Array, totals: Totals) -> Array:
    """Rounding leaves a constant output with a tiny variance: it has none."""
    low, high = totals.floats["extremes"].T
    return np.where(low == high, 0.0, variance)


def _read_ranks(counts: Array, edges: Array, percentiles: Array) -> Array:
    """Overall rank at which each row of coarse-bin counts reaches each percentile."""
    below = np.zeros((len(counts), counts.shape[1] + 1))
    np.cumsum(counts, axis=1, out=below[:, 1:])
    total = below[:, -1:]
    with np.errstate(all="ignore"):
        below /= total
    shift = 2.0 * np.arange(len(counts))[:, None]
    ranks = np.interp(percentiles + shift, (below + shift).ravel(), np.tile(edges, len(counts)))
    return np.where(total > 0, ranks, np.nan)


def conditional(totals: Totals, reading: Reading, share: float = SHARE) -> dict[str, Array]:
    """Statistics of each ranked output in the lowest and the highest share of each driver.

    Returns
    -------
    dict of str to ndarray
        ``quantiles`` (ranked, drivers, 2, percentiles), ``mean`` and ``sd`` (ranked, drivers, 2),
        ``n`` (ranked, drivers, 2) scenarios used.
    """
    layout, levels = reading.layout, np.array(reading.percentiles)
    shape = (len(layout.ranked), layout.drivers, 2)
    found = {
        "quantiles": np.full((*shape, len(levels)), np.nan),
        "mean": np.full(shape, np.nan),
        "sd": np.full(shape, np.nan),
        "n": np.zeros(shape),
    }
    ends = [scale.ends(share) for scale in reading.scales]
    for r, row in enumerate(layout.ranked):
        joint = totals.ints["joint"][r]
        counts = np.array(
            [joint[d, end].sum(axis=0) for d, pair in enumerate(ends) for end in pair]
        )
        if not len(counts):
            continue
        counts = counts.reshape(-1, layout.bins).astype(float)
        edges = np.concatenate([[0.0], np.cumsum(joint[0].sum(axis=0))])
        ranks = _read_ranks(counts, edges, levels)
        known = np.isfinite(ranks)
        values = curve(totals, reading.mappings[row], row).at_rank(np.where(known, ranks, 1.0))
        found["quantiles"][r] = np.where(known, values, np.nan).reshape(layout.drivers, 2, -1)
        _conditional_moments(totals, reading, r, ends, found)
    return found


def _conditional_moments(
    totals: Totals,
    reading: Reading,
    r: int,
    ends: Sequence[tuple[slice, slice]],
    found: Mapping[str, Array],
) -> None:
    mapping = reading.mappings[reading.layout.ranked[r]]
    joint, floats = totals.ints["joint"][r], totals.floats
    with np.errstate(all="ignore"):
        for d, pair in enumerate(ends):
            for side, end in enumerate(pair):
                n = float(joint[d, end].sum())
                mean = floats["sums"][r, d, end].sum() / n
                variance = floats["squares"][r, d, end].sum() / n - mean * mean
                found["n"][r, d, side] = n
                found["mean"][r, d, side] = mean / mapping.scale + mapping.centre
                found["sd"][r, d, side] = np.sqrt(np.maximum(variance, 0)) / mapping.scale


def spearman(totals: Totals, reading: Reading) -> Array:
    """Rank correlation of every ranked output with every driver, by mid-ranks of the cells.

    Returns
    -------
    ndarray of shape (ranked, drivers)
        NaN where the driver or the output does not vary.
    """
    found = np.full((len(reading.layout.ranked), reading.layout.drivers), np.nan)
    with np.errstate(all="ignore"):
        for r in range(len(reading.layout.ranked)):
            joint = totals.ints["joint"][r].astype(float)
            if not len(joint):
                continue
            x, y = joint.sum(axis=2), joint[0].sum(axis=0)
            n = y.sum()
            rank_x = (np.cumsum(x, axis=1) - x / 2) / n - 0.5
            rank_y = (np.cumsum(y) - y / 2) / n - 0.5
            covariance = ((joint * rank_y).sum(axis=2) * rank_x).sum(axis=1)
            found[r] = covariance / np.sqrt((x * rank_x**2).sum(axis=1) * (y * rank_y**2).sum())
    return found


def derive(totals: Totals, reading: Reading) -> dict[str, Array]:
    """All figures at once, of a whole run or of one batch."""
    ends = conditional(totals, reading)
    return {
        **moments(totals, reading.mappings),
        **{f"conditional_{name}": array for name, array in ends.items()},
        "spearman": spearman(totals, reading),
    }


def standard_errors(
    total: Mapping[str, Array], batches: Sequence[Mapping[str, Array]], sizes: Sequence[int]
) -> dict[str, Array]:
    """Standard error of every figure from the spread of the batches, weighted by their size.

    A batch of size n_b spreads with variance σ²/n_b, so each weighted square has the same
    expectation and the sum estimates the variance of the whole run's figure, sizes equal or not.
    """
    weights = np.array(sizes) / sum(sizes)
    errors = {}
    for name, whole in total.items():
        deviations = np.array([b[name] for b in batches]) - whole
        squares = np.tensordot(weights, deviations**2, axes=1)
        errors[name] = np.sqrt(squares / (len(sizes) - 1)) if len(sizes) > 1 else whole * np.nan
    return errors
