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
FEWEST_PER_CELL = 500
FEWEST_PER_GROUP = 20
"""Scenarios in a group of neighbouring cells when variances are compared; less in short runs."""


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
    spreads : tuple of ndarray of shape (2, cells)
        Mean and variance of each driver inside each of its cells.
    reach : tuple of tuple of int
        Drivers that a formula of each ranked output uses.
    corrected : bool
        Whether the spread of cell means is freed of sampling noise; not so for ``sobol``, whose
        cells are balanced.
    """

    layout: Layout
    mappings: tuple[cells.Mapping, ...]
    scales: tuple[Scale, ...]
    percentiles: tuple[float, ...]
    spreads: tuple[Array, ...] = ()
    reach: tuple[tuple[int, ...], ...] = ()
    corrected: bool = True


def curve(totals: Totals, mapping: cells.Mapping, row: int) -> cells.Curve:
    """Quantile curve of one output row."""
    counts = totals.ints["cells"][row]
    used = np.flatnonzero(counts != 0)
    low, high = totals.floats["extremes"][row]
    return cells.Curve(used, counts[used], mapping, (float(low), float(high)))


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


def _end_masks(scales: Sequence[Scale], share: float, cell_count: int) -> Array:
    """Which cells form the lowest and the highest share of each driver: (drivers, 2, cells)."""
    masks = np.zeros((len(scales), 2, cell_count))
    for mask, scale in zip(masks, scales, strict=True):
        for side, end in enumerate(scale.ends(share)):
            mask[side, end] = 1.0
    return masks


def conditional(totals: Totals, reading: Reading, share: float = SHARE) -> dict[str, Array]:
    """Statistics of each ranked output in the lowest and the highest share of each driver.

    Returns
    -------
    dict of str to ndarray
        ``quantiles`` (ranked, drivers, 2, percentiles), ``mean`` and ``sd`` (ranked, drivers, 2),
        ``n`` (ranked, drivers, 2) scenarios used.
    """
    layout, levels = reading.layout, np.array(reading.percentiles)
    joint = totals.ints["joint"]
    masks = _end_masks(reading.scales, share, joint.shape[2])
    shape = (len(layout.ranked), layout.drivers, 2)
    found = {"quantiles": np.full((*shape, len(levels)), np.nan)}
    counts = np.matmul(masks, joint.astype(float)) if joint.size else np.zeros((*shape, 0))
    for r, row in enumerate(layout.ranked if layout.drivers else ()):
        edges = np.concatenate([[0.0], np.cumsum(joint[r, 0].sum(axis=0))])
        ranks = _read_ranks(counts[r].reshape(-1, layout.bins), edges, levels)
        known = np.isfinite(ranks)
        values = curve(totals, reading.mappings[row], row).at_rank(np.where(known, ranks, 1.0))
        found["quantiles"][r] = np.where(known, values, np.nan).reshape(layout.drivers, 2, -1)
    n = counts.sum(axis=3)
    of_ranked = [reading.mappings[row] for row in layout.ranked]
    scale = np.array([m.scale for m in of_ranked]).reshape(-1, 1, 1)
    centre = np.array([m.centre for m in of_ranked]).reshape(-1, 1, 1)
    with np.errstate(all="ignore"):
        mean = np.einsum("dsc,rdc->rds", masks, totals.floats["sums"]) / n
        square = np.einsum("dsc,rdc->rds", masks, totals.floats["squares"]) / n
        found["mean"] = mean / scale + centre
        found["sd"] = np.sqrt(np.maximum(square - mean * mean, 0)) / scale
    return {**found, "n": n}


def spearman(totals: Totals, reading: Reading) -> Array:
    """Rank correlation of every ranked output with every driver, by mid-ranks of the cells.

    Returns
    -------
    ndarray of shape (ranked, drivers)
        NaN where the driver or the output does not vary.
    """
    joint = totals.ints["joint"].astype(float)
    if not joint.size:
        return np.full(joint.shape[:2], np.nan)
    x, y = joint.sum(axis=3), joint[:, 0].sum(axis=1)
    n = y.sum(axis=1)[:, None]
    with np.errstate(all="ignore"):
        rank_x = (np.cumsum(x, axis=2) - x / 2) / n[..., None] - 0.5
        rank_y = (np.cumsum(y, axis=1) - y / 2) / n - 0.5
        covariance = (np.matmul(joint, rank_y[:, None, :, None])[..., 0] * rank_x).sum(axis=2)
        spread = (x * rank_x**2).sum(axis=2) * (y * rank_y**2).sum(axis=1)[:, None]
        found: Array = covariance / np.sqrt(spread)
    return found


@dataclass(frozen=True)
class _Groups:
    """Neighbouring cells of each driver put together, so that each group holds enough scenarios.

    Parameters
    ----------
    masks : ndarray of shape (drivers, groups, cells)
        1 where a cell belongs to a group; trailing groups may be empty.
    x, spread : ndarray of shape (drivers, groups)
        Mean and variance of the driver inside each group.
    last : ndarray of shape (drivers, 1)
        Last group that is not empty.
    """

    masks: Array
    x: Array
    spread: Array
    last: Array


def _groups(reading: Reading, n: int, cell_count: int) -> _Groups:
    """Group the cells of every driver by their place among `n` expected scenarios.

    A cell that is large enough stays alone; the fine cells of the tails come together.
    """
    p = np.zeros((len(reading.scales), cell_count))
    inside = np.zeros((2, len(reading.scales), cell_count))
    for d, (scale, spread) in enumerate(zip(reading.scales, reading.spreads, strict=True)):
        p[d, : len(scale.probabilities)] = scale.probabilities
        inside[:, d, : spread.shape[1]] = spread
    wanted = np.clip(n / 20, FEWEST_PER_GROUP, FEWEST_PER_CELL)
    places = max(1, int(np.ceil(n / wanted)))
    middle = np.cumsum(p, axis=1) - p / 2
    place = np.minimum((middle * places).astype(np.intp), places - 1)
    group = np.zeros_like(place)
    np.cumsum(np.diff(place, axis=1) > 0, axis=1, out=group[:, 1:])
    masks = (group[:, None, :] == np.arange(cell_count)[None, :, None]).astype(float)
    share = np.matmul(masks, p[..., None])[..., 0]
    with np.errstate(all="ignore"):
        x = np.matmul(masks, (p * inside[0])[..., None])[..., 0] / share
        square = np.matmul(masks, (p * (inside[1] + inside[0] ** 2))[..., None])[..., 0] / share
    return _Groups(masks, x, np.maximum(square - x * x, 0.0), group[:, -1:])


def _inside(groups: _Groups, n: Array, mean: Array, noise: Array) -> Array:
    """Variance that drivers explain inside their groups: squared slope times own variance."""
    places = np.arange(groups.x.shape[1])[None, :]
    before, after = np.maximum(places - 1, 0), np.minimum(places + 1, groups.last)
    before, after = np.broadcast_arrays(before, after)

    def difference(values: Array, sign: float) -> Array:
        found: Array = np.take_along_axis(values, after[None], 2) + sign * np.take_along_axis(
            values, before[None], 2
        )
        return found

    step = difference(groups.x[None], -1.0)
    squared = (difference(mean, -1.0) ** 2 - difference(noise, 1.0)) / step**2
    share = n / n.sum(axis=2, keepdims=True)
    gained = share * np.maximum(squared, 0.0) * groups.spread
    return np.where(np.isfinite(gained) & (step > 0), gained, 0.0).sum(axis=2)


def first_order(totals: Totals, reading: Reading) -> Array:
    """First-order Sobol' index of every driver for every ranked output.

    The variance of the output's mean over groups of a driver's cells, freed of the noise of those
    means (the ANOVA estimator, each group with its own variance), plus what the driver explains
    inside the groups. With correlated drivers it contains what moves with them.

    Returns
    -------
    ndarray of shape (ranked, drivers)
        NaN where the output does not vary.
    """
    joint, floats = totals.ints["joint"], totals.floats
    if not joint.size:
        return np.full(joint.shape[:2], np.nan)
    groups = _groups(reading, totals.rows, joint.shape[2])
    raw = np.stack([joint.sum(axis=3), floats["sums"], floats["squares"]])
    n, sums, squares = np.einsum("dgc,krdc->krdg", groups.masks, raw, optimize=True)
    with np.errstate(all="ignore"):
        total = n.sum(axis=2)
        overall = sums.sum(axis=2) / total
        variance = squares.sum(axis=2) / total - overall**2
        mean = np.where(n > 0, sums / n, 0.0)
        within = np.where(n > 1, np.maximum(squares / n - mean**2, 0.0) / (n - 1), 0.0)
        noise = within if reading.corrected else np.zeros_like(within)
        apart = n * ((mean - overall[..., None]) ** 2 - (1 - n / total[..., None]) * noise)
        between = np.where(n > 0, apart, 0.0).sum(axis=2) / total
        between += _inside(groups, n, mean, noise)
        index = between / variance
        return np.where((variance > 0) & (groups.last[:, 0] > 0), index, np.nan)


def regression(totals: Totals, reading: Reading) -> dict[str, Array]:
    """Linear regression of every ranked output on the drivers that its formulas use.

    Returns
    -------
    dict of str to ndarray
        ``src`` (ranked, drivers) standardised coefficients, NaN for drivers left out or constant;
        ``r2`` (ranked,) share of variance that the linear model explains.
    """
    ranked, d = len(reading.layout.ranked), reading.layout.drivers
    src, r2 = np.full((ranked, d), np.nan), np.full(ranked, np.nan)
    for r, row in enumerate(reading.layout.ranked):
        used = np.array(reading.reach[r], dtype=np.intp)
        gram = totals.floats["gram"] - totals.floats["lost_gram"][r]
        n = gram[0, 0]
        if n < 2 or not len(used):
            continue
        with np.errstate(all="ignore"):
            centre = gram[0, 1:] / n
            covariance = gram[1:, 1:] / n - np.outer(centre, centre)
            z, z2 = totals.floats["powers"][row, :2] / n
            cross = totals.floats["cross"][r, 1:] / n - centre * z
            sd, sd_z = np.sqrt(np.maximum(np.diag(covariance), 0)), np.sqrt(max(z2 - z * z, 0))
        if not np.isfinite(covariance).all() or not sd_z > 0:
            continue
        used = used[sd[used] > 0]
        if not len(used):
            continue
        correlation = covariance[np.ix_(used, used)] / np.outer(sd[used], sd[used])
        with_z = cross[used] / (sd[used] * sd_z)
        src[r, used] = np.linalg.lstsq(correlation, with_z, rcond=1e-10)[0]
        r2[r] = float(np.sum(src[r, used] * with_z))
    return {"src": src, "r2": r2}


def derive(totals: Totals, reading: Reading) -> dict[str, Array]:
    """All figures at once, of a whole run or of one batch."""
    ends = conditional(totals, reading)
    return {
        **moments(totals, reading.mappings),
        **{f"conditional_{name}": array for name, array in ends.items()},
        "spearman": spearman(totals, reading),
        "first_order": first_order(totals, reading),
        **regression(totals, reading),
    }


def strata_counts(totals: Totals, reading: Reading) -> list[Array]:
    """Scenarios of every output row in each of its strata: the coarse histogram of a batch."""
    counts = totals.ints["cells"]
    return [
        np.add.reduceat(counts[row], mapping.strata).astype(float)
        for row, mapping in enumerate(reading.mappings)
    ]


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
