"""Every figure of an ensemble, or of one batch of it, from its counts and sums."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine import cells
from rangecast.engine.summary import Layout, Totals
from rangecast.engine.tranches import Scale

SHARE = 0.1
"""Lowest and highest share of an input that the conditional figures compare."""
RANKINGS = (
    "conditional_quantiles",
    "conditional_mean",
    "conditional_sd",
    "spearman",
    "src",
    "pearson",
    "pcc",
    "srrc",
    "prcc",
    "first_order",
    "mean",
)
"""Figures that rank drivers; kept of every batch, so that ranks have probabilities."""
_STEADY = 0.01
"""Smallest eigenvalue of correlations of ranks from which what cells hide is made up for."""
FEWEST_PER_CELL = 500
FEWEST_PER_GROUP = 20
"""Scenarios in a group of neighbouring cells when variances are compared; less in short runs."""


@dataclass(frozen=True, eq=False)
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


def moments(
    powers: Array, extremes: Array, n: Array, mappings: Sequence[cells.Mapping]
) -> dict[str, Array]:
    """Mean, sd, skewness and excess kurtosis of every output row; NaN where not defined.

    Parameters
    ----------
    powers : ndarray of shape (..., outputs, 4)
    extremes : ndarray of shape (..., outputs, 2)
    n : ndarray of shape (..., outputs)
        Scenarios that did not fail.
    mappings : sequence of cells.Mapping
    """
    scale = np.array([m.scale for m in mappings])
    centre = np.array([m.centre for m in mappings])
    with np.errstate(all="ignore"):
        m1, m2, m3, m4 = np.moveaxis(powers / n[..., None], -1, 0)
        variance = np.maximum(m2 - m1 * m1, 0.0)
        # rounding leaves a constant output with a tiny variance: it has none
        constant = extremes[..., 0] == extremes[..., 1]
        variance = np.where((variance <= 1e-13 * m2) & constant, 0.0, variance)
        third = m3 - 3 * m1 * m2 + 2 * m1**3
        fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
        unbiased = variance * n / (n - 1)
        return {
            "mean": m1 / scale + centre,
            "sd": np.where(n > 1, np.sqrt(unbiased) / scale, np.nan),
            "skewness": np.where(variance > 0, third / variance**1.5, np.nan),
            "kurtosis": np.where(variance > 0, fourth / variance**2 - 3, np.nan),
        }


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


@functools.lru_cache(maxsize=8)
def _end_masks(reading: Reading, share: float, cell_count: int) -> Array:
    """Which cells form the lowest and the highest share of each driver: (drivers, 2, cells)."""
    masks = np.zeros((len(reading.scales), 2, cell_count))
    for mask, scale in zip(masks, reading.scales, strict=True):
        for side, end in enumerate(scale.ends(share)):
            mask[side, end] = 1.0
    return masks


@dataclass(frozen=True, eq=False)
class _Counts:
    """Scenarios of every pair: by cell and bin, by cell, and of every ranked output by bin."""

    joint: Array
    by_cell: Array
    by_bin: Array

    @classmethod
    def of(cls, totals: Totals) -> _Counts:
        joint = totals.ints["joint"].astype(float)
        ones = np.ones(joint.shape[3])
        return cls(joint, joint @ ones, joint[:, 0].sum(axis=1) if joint.size else joint[:, :0])


def _ends(counted: _Counts, reading: Reading) -> Array:
    """Scenarios by bin in the lowest and the highest share of each driver.

    Returns
    -------
    ndarray of int of shape (ranked, drivers, 2, bins)
    """
    masks = _end_masks(reading, SHARE, counted.joint.shape[2])
    if not counted.joint.size:
        return np.zeros((*counted.joint.shape[:2], 2, reading.layout.bins), np.int32)
    return np.asarray(np.matmul(masks, counted.joint).astype(np.int32))


def conditional(
    one: Mapping[str, Array], reading: Reading, curves: Sequence[cells.Curve], by_bin: Array
) -> dict[str, Array]:
    """Statistics of each ranked output in the lowest and the highest share of each driver.

    Parameters
    ----------
    one : mapping of str to ndarray
        ``ends``, ``sums`` and ``squares`` with a leading axis of batches.
    reading : Reading
    curves : sequence of cells.Curve
        Of each ranked output, from the whole run: a batch only says at which of its ranks a share
        of the scenarios is reached.
    by_bin : ndarray of shape (ranked, bins)
        Scenarios of the whole run in each coarse bin.

    Returns
    -------
    dict of str to ndarray
        ``quantiles`` (batches, ranked, drivers, 2, percentiles), ``mean``, ``sd`` and ``n``
        scenarios used (batches, ranked, drivers, 2).
    """
    levels, ends = np.array(reading.percentiles), one["ends"].astype(float)
    shape = ends.shape[:4]
    quantiles = np.full((*shape, len(levels)), np.nan)
    for r, whole in enumerate(curves if reading.layout.drivers else ()):
        edges = np.concatenate([[0.0], np.cumsum(by_bin[r])])
        ranks = _read_ranks(ends[:, r].reshape(-1, ends.shape[4]), edges, levels)
        known = np.isfinite(ranks)
        if not known.any():
            continue
        values = whole.at_rank(np.where(known, ranks, 1.0))
        quantiles[:, r] = np.where(known, values, np.nan).reshape(quantiles[:, r].shape)
    of_ranked = [reading.mappings[row] for row in reading.layout.ranked]
    scale = np.array([m.scale for m in of_ranked]).reshape(-1, 1, 1)
    centre = np.array([m.centre for m in of_ranked]).reshape(-1, 1, 1)
    masks, n = _end_masks(reading, SHARE, one["sums"].shape[3]), ends.sum(axis=4)
    with np.errstate(all="ignore"):
        mean = np.matmul(masks, one["sums"][..., None])[..., 0] / n
        square = np.matmul(masks, one["squares"][..., None])[..., 0] / n
        sd = np.sqrt(np.maximum(square - mean * mean, 0)) / scale
    return {"quantiles": quantiles, "mean": mean / scale + centre, "sd": sd, "n": n}


def _kept(totals: Totals, counted: _Counts, reading: Reading) -> Array:
    """Share of the variance of each ranked output's ranks that lies between its coarse bins.

    Returns
    -------
    ndarray of shape (ranked,)
    """
    found = np.ones(len(reading.layout.ranked))
    for r, row in enumerate(reading.layout.ranked if counted.joint.size else ()):
        fine = totals.ints["cells"][row]
        fine = fine[fine > 0].astype(float)
        n = max(float(fine.sum()), 1.0)
        between = 1.0 - float(((counted.by_bin[r] / n) ** 3).sum())
        all_of_it = 1.0 - float(((fine / n) ** 3).sum())
        found[r] = between / all_of_it if 0 < between <= all_of_it else 1.0
    return found


def spearman(counted: _Counts, reading: Reading, kept: Array) -> Array:
    """Rank correlation of every ranked output with every driver, by mid-ranks of the cells.

    What cells and bins hide of the ranks' variance is made up for (Sheppard, 1898).

    Returns
    -------
    ndarray of shape (ranked, drivers)
        NaN where the driver or the output does not vary.
    """
    joint, x, y = counted.joint, counted.by_cell, counted.by_bin
    if not joint.size:
        return np.full(joint.shape[:2], np.nan)
    n = y.sum(axis=1)[:, None]
    with np.errstate(all="ignore"):
        rank_x = (np.cumsum(x, axis=2) - x / 2) / n[..., None] - 0.5
        rank_y = (np.cumsum(y, axis=1) - y / 2) / n - 0.5
        covariance = (np.matmul(joint, rank_y[:, None, :, None])[..., 0] * rank_x).sum(axis=2)
        spread = (x * rank_x**2).sum(axis=2) * (y * rank_y**2).sum(axis=1)[:, None]
        found: Array = covariance / np.sqrt(spread)
    own = np.array([scale.kept for scale in reading.scales])
    return np.clip(found / np.sqrt(own * kept[:, None]), -1.0, 1.0)


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


@functools.lru_cache(maxsize=8)
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
    count = int(group.max(initial=0)) + 1
    masks = (group[:, None, :] == np.arange(count)[None, :, None]).astype(float)
    share = np.matmul(masks, p[..., None])[..., 0]
    with np.errstate(all="ignore"):
        x = np.matmul(masks, (p * inside[0])[..., None])[..., 0] / share
        square = np.matmul(masks, (p * (inside[1] + inside[0] ** 2))[..., None])[..., 0] / share
    return _Groups(masks, x, np.maximum(square - x * x, 0.0), group[:, -1:])


def _inside(groups: _Groups, n: Array, mean: Array, noise: Array) -> Array:
    """Variance that drivers explain inside their groups: squared slope times own variance."""
    places = np.arange(groups.x.shape[1])
    before = np.broadcast_to(np.maximum(places - 1, 0), groups.x.shape)
    after = np.minimum(places + 1, groups.last)
    driver = np.arange(len(groups.x))[:, None]
    step = groups.x[driver, after] - groups.x[driver, before]
    rise = mean[..., driver, after] - mean[..., driver, before]
    error = noise[..., driver, after] + noise[..., driver, before]
    squared = np.maximum((rise**2 - error) / step**2, 0.0)
    gained = n / n.sum(axis=-1, keepdims=True) * squared * groups.spread
    inside: Array = np.where(np.isfinite(gained) & (step > 0), gained, 0.0).sum(axis=-1)
    return inside


def first_order(by_cell: Array, sums: Array, squares: Array, reading: Reading) -> Array:
    """First-order Sobol' index of every driver for every ranked output.

    The variance of the output's mean over groups of a driver's cells, freed of the noise of those
    means (the ANOVA estimator, each group with its own variance), plus what the driver explains
    inside the groups. With correlated drivers it contains what moves with them.

    Parameters
    ----------
    by_cell, sums, squares : ndarray of shape (batches, ranked, drivers, cells)
        Scenarios, Σz and Σz².

    Returns
    -------
    ndarray of shape (batches, ranked, drivers)
        NaN where the output does not vary.
    """
    if not by_cell.size:
        return np.full(by_cell.shape[:3], np.nan)
    rows = int(by_cell[:, 0, 0].sum() / len(by_cell))
    groups = _groups(reading, rows, by_cell.shape[3])
    turned = groups.masks.transpose(0, 2, 1)

    def grouped(values: Array) -> Array:
        stacked = values.reshape(-1, *values.shape[2:]).transpose(1, 0, 2)
        found: Array = np.matmul(stacked, turned).transpose(1, 0, 2)
        return found.reshape(*values.shape[:3], -1)

    with np.errstate(all="ignore"):  # squares of an output of 1e200 are infinite
        n, sums, squares = grouped(by_cell), grouped(sums), grouped(squares)
        total = n.sum(axis=-1)
        overall = sums.sum(axis=-1) / total
        variance = squares.sum(axis=-1) / total - overall**2
        mean = np.where(n > 0, sums / n, 0.0)
        within = np.where(n > 1, np.maximum(squares / n - mean**2, 0.0) / (n - 1), 0.0)
        noise = within if reading.corrected else np.zeros_like(within)
        apart = n * ((mean - overall[..., None]) ** 2 - (1 - n / total[..., None]) * noise)
        between = np.where(n > 0, apart, 0.0).sum(axis=-1) / total
        between += _inside(groups, n, mean, noise)
        return np.where((variance > 0) & (groups.last[:, 0] > 0), between / variance, np.nan)


def _collinear(correlation: Array, least: float) -> NDArray[np.bool_]:
    """Which columns others explain wholly: nothing partial can be said of these."""
    values, vectors = np.linalg.eigh(correlation)
    null = vectors**2 * (values < least)[:, None, :]
    found: NDArray[np.bool_] = null.sum(axis=2) > 1e-8
    return found


def linear(
    gram: Array, cross: Array, z: Array, z2: Array, used: Sequence[int], least: float = 1e-10
) -> dict[str, Array]:
    """Linear regression on some columns, from sums of products.

    Parameters
    ----------
    gram : ndarray of shape (batches, 1 + d, 1 + d)
        Sums of products of 1 and the d columns.
    cross : ndarray of shape (batches, d)
        Sums of products of the columns with the output.
    z, z2 : ndarray of shape (batches,)
        Sum of the output, and of its squares.
    used : sequence of int
        Columns of the regression.
    least : float
        Eigenvalue of their correlations that counts as 0.

    Returns
    -------
    dict of str to ndarray
        ``src`` (batches, d) standardised coefficients, NaN for columns left out or constant;
        ``pcc`` partial correlations, likewise, and NaN where other columns explain one wholly;
        ``pearson`` correlations, of all columns; ``r2`` (batches,) share of variance that the
        linear model explains.
    """
    batches, d = cross.shape
    src, pcc, r2 = np.full((batches, d), np.nan), np.full((batches, d), np.nan), np.nan
    with np.errstate(all="ignore"):
        n = gram[:, 0, 0]
        centre = gram[:, 0, 1:] / n[:, None]
        covariance = gram[:, 1:, 1:] / n[:, None, None] - centre[:, :, None] * centre[:, None, :]
        shared = (cross - centre * z[:, None]) / n[:, None]
        sd = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0))
        sd_z = np.sqrt(np.maximum(z2 / n - (z / n) ** 2, 0))
        finite = np.isfinite(covariance).all(axis=(0, 1))
        pearson = np.where(sd > 0, shared / (sd * sd_z[:, None]), np.nan)
        varies = np.flatnonzero((sd > 0).all(axis=0) & finite)
    kept = np.intersect1d(np.array(used, dtype=np.intp), varies)
    if len(kept) and (sd_z > 0).all():
        own = sd[:, kept]
        correlation = covariance[:, kept][:, :, kept] / (own[:, :, None] * own[:, None, :])
        inverse = np.linalg.pinv(correlation, rcond=least, hermitian=True)
        found = np.matmul(inverse, pearson[:, kept, None])[..., 0]
        src[:, kept] = found
        r2 = (found * pearson[:, kept]).sum(axis=1)
        unexplained = np.maximum(1.0 - r2, 0.0)[:, None]
        own_inverse = np.diagonal(inverse, axis1=1, axis2=2)
        with np.errstate(all="ignore"):
            partial = found / np.sqrt(found**2 + unexplained * own_inverse)
        pcc[:, kept] = np.where(_collinear(correlation, least), np.nan, partial)
    return {"src": src, "pcc": pcc, "pearson": pearson, "r2": np.broadcast_to(r2, batches)}


def regression(sums: Mapping[str, Array], reading: Reading) -> dict[str, Array]:
    """Linear regression of every ranked output on the drivers that its formulas use.

    Parameters
    ----------
    sums : mapping of str to ndarray
        ``gram``, ``cross``, ``lost_gram``, ``powers``, and the same of ranks, each with a leading
        axis of batches.

    Returns
    -------
    dict of str to ndarray
        ``src``, ``pcc``, ``pearson`` (batches, ranked, drivers) and ``r2`` (batches, ranked) of
        values as of `linear`; ``srrc``, ``prcc`` and ``rank_r2`` of ranks.
    """
    batches, ranked, d = len(sums["gram"]), len(reading.layout.ranked), reading.layout.drivers
    values: dict[str, list[Array]] = {name: [] for name in ("src", "pcc", "pearson", "r2")}
    ranks: dict[str, list[Array]] = {name: [] for name in ("src", "pcc", "r2")}
    for r, row in enumerate(reading.layout.ranked):
        with np.errstate(all="ignore"):  # products of values beyond 1e154 are infinite
            gram = sums["gram"] - sums["lost_gram"][:, r]
        powers = sums["powers"][:, row]
        cross = sums["cross"][:, r, 1:]
        found = linear(gram, cross, powers[:, 0], powers[:, 1], reading.reach[r])
        for name, rows in values.items():
            rows.append(found[name])
        gram = rank_gram(sums["rank_gram"] - sums["lost_rank_gram"][:, r], reading)
        square = sums["rank_square"][:, r]
        cross = sums["rank_cross"][:, r]
        # ranks are summed in single precision
        found = linear(gram, cross, 0 * square, square, reading.reach[r], least=1e-6)
        for name, rows in ranks.items():
            rows.append(found[name])

    def stacked(rows: list[Array], *shape: int) -> Array:
        return np.stack(rows, axis=1) if rows else np.zeros((batches, ranked, *shape))

    return {
        **{name: stacked(rows, *(() if name == "r2" else (d,))) for name, rows in values.items()},
        "srrc": stacked(ranks["src"], d),
        "prcc": stacked(ranks["pcc"], d),
        "rank_r2": stacked(ranks["r2"]),
    }


def rank_gram(gram: Array, reading: Reading) -> Array:
    """Make up for what the cells hide in sums of products of ranks.

    Inputs that move in step hide less, since they share their cells: where the sums would come near
    to saying that some input is known from the others, they are only brought to a common scale.

    Parameters
    ----------
    gram : ndarray of shape (..., 1 + d, 1 + d)
    reading : Reading
    """
    own = np.array([1.0, *(scale.kept for scale in reading.scales)])
    plain: Array = gram / np.sqrt(own[:, None] * own)
    found: Array = gram / (own[:, None] * own)
    places = np.arange(len(own))
    found[..., places, places] *= own
    with np.errstate(all="ignore"):
        size = np.sqrt(np.diagonal(plain, axis1=-2, axis2=-1))
        scaled = np.nan_to_num(found / (size[..., :, None] * size[..., None, :]))
    scaled[..., places, places] = 1.0
    steady = np.linalg.eigvalsh(scaled)[..., 0] > _STEADY
    return np.where(steady[..., None, None], found, plain)


def _hidden(mean: Array, width: Array) -> Array:
    """Covariance that cells hide: that of ranks inside a cell, by the slope over its neighbours.

    Parameters
    ----------
    mean : ndarray of shape (..., cells)
        Mean rank of the other variable in each cell.
    width : ndarray, likewise
        Share of the scenarios in each cell; ranks are uniform inside.
    """
    place = np.cumsum(width, axis=-1) - width / 2
    last = mean.shape[-1] - 1
    before, after = (
        np.maximum(np.arange(last + 1) - 1, 0),
        np.minimum(np.arange(last + 1) + 1, last),
    )
    with np.errstate(all="ignore"):
        step = place[..., after] - place[..., before]
        slope = (mean[..., after] - mean[..., before]) / step
    gained = np.where(np.isfinite(slope) & (step > 0), slope, 0.0) * width**3 / 12
    found: Array = gained.sum(axis=-1)
    return found


def _rank_products(counted: _Counts, reading: Reading, kept: Array) -> dict[str, Array]:
    """Products of the ranks of drivers, by cell, with those of the outputs, by coarse bin.

    What cells and bins hide of the products is made up for.
    """
    joint, x, y = counted.joint, counted.by_cell, counted.by_bin
    if not joint.size:
        return {"rank_cross": np.zeros(joint.shape[:2]), "rank_square": np.zeros(len(joint))}
    middles = np.zeros((len(reading.scales), joint.shape[2]))
    for row, scale in zip(middles, reading.scales, strict=True):
        row[: len(scale.probabilities)] = scale.middles
    with np.errstate(all="ignore"):
        n = y.sum(axis=1)
        rank_y = np.nan_to_num((np.cumsum(y, axis=1) - y / 2) / n[:, None] - 0.5)
        by_cell = np.matmul(joint, rank_y[:, None, :, None])[..., 0]
        by_bin = np.matmul(middles[:, None, :], joint)[..., 0, :]
        share_x, share_y = x / n[:, None, None], (y / n[:, None])[:, None, :]
        between = (share_y[:, 0] ** 3).sum(axis=1)
        smooth = np.nan_to_num((1 - kept) * (1 - between) / kept / between)  # 0 for atoms
        hidden = smooth[:, None] * _hidden(by_bin / y[:, None, :], share_y)
        smooth_x = np.array([scale.kept < 1.0 for scale in reading.scales])
        hidden = hidden + smooth_x * _hidden(by_cell / x, share_x)
    cross = (by_cell * middles).sum(axis=2) + n[:, None] * np.nan_to_num(hidden)
    return {"rank_cross": cross, "rank_square": (y * rank_y**2).sum(axis=1) / kept}


@np.errstate(all="ignore")  # squares of values beyond 1e154 are infinite
def of_batch(totals: Totals, reading: Reading) -> dict[str, Array]:
    """What the figures of a batch (or of the whole run) derive from: small arrays only."""
    counted = _Counts.of(totals)
    kept = _kept(totals, counted, reading)
    sums = {k: v for k, v in totals.floats.items() if k != "values"}
    return {
        **sums,
        "ends": _ends(counted, reading),
        "spearman": spearman(counted, reading, kept),
        "by_cell": counted.by_cell,
        **_rank_products(counted, reading, kept),
        "n": totals.rows - totals.ints["failed"].sum(axis=1),
    }


@np.errstate(all="ignore")  # squares of values beyond 1e154 are infinite
def derive(
    batches: Sequence[Mapping[str, Array]], whole: Totals, reading: Reading
) -> dict[str, Array]:
    """All figures of some batches, each array with a leading axis of batches.

    Parameters
    ----------
    batches : sequence of mapping
        From `of_batch`.
    whole : Totals
        The whole run.
    reading : Reading
    """
    one = {name: np.stack([b[name] for b in batches]) for name in batches[0]}
    joint, ranked = whole.ints["joint"], reading.layout.ranked
    curves = [curve(whole, reading.mappings[row], row) for row in ranked]
    by_bin = joint[:, 0].sum(axis=1) if joint.size else np.zeros((len(ranked), 0))
    ends = conditional(one, reading, curves, by_bin)
    return {
        **{f"conditional_{name}": array for name, array in ends.items()},
        "spearman": one["spearman"],
        **moments(one["powers"], one["extremes"], one["n"], reading.mappings),
        "first_order": first_order(one["by_cell"], one["sums"], one["squares"], reading),
        **regression(one, reading),
        **{name: one[name] for name in ("rank_cross", "rank_square")},
    }


def strata_counts(totals: Totals, reading: Reading) -> list[Array]:
    """Scenarios of every output row in each of its strata: the coarse histogram of a batch."""
    counts = totals.ints["cells"]
    return [
        np.add.reduceat(counts[row], mapping.strata).astype(float)
        for row, mapping in enumerate(reading.mappings)
    ]


@np.errstate(all="ignore")  # squares of values beyond 1e154 are infinite
def standard_errors(
    total: Mapping[str, Array], batches: Mapping[str, Array], sizes: Sequence[int]
) -> dict[str, Array]:
    """Standard error of every figure from the spread of the batches, weighted by their size.

    A batch of size n_b spreads with variance σ²/n_b, so each weighted square has the same
    expectation and the sum estimates the variance of the whole run's figure, sizes equal or not.
    """
    weights = np.array(sizes) / sum(sizes)
    errors = {}
    for name, whole in total.items():
        apart = batches[name] - whole
        largest = np.abs(apart).max(axis=0)
        power = np.frexp(np.where(np.isfinite(largest), largest, 1.0))[1]
        # Powers of 2 are taken out: squares would overflow beyond 1e154 and vanish below 1e-162.
        squares = np.tensordot(weights, np.ldexp(apart, -power) ** 2, axes=1)
        spread = np.ldexp(np.sqrt(squares / (len(sizes) - 1)), power)
        errors[name] = spread if len(sizes) > 1 else whole * np.nan
    return errors
