"""Counts of scenarios by slice of each driver and by bin of an output, and how far they can vary.

Read from the ensemble's joint counts, so nothing is run again. The intervals come from a Poisson
bootstrap of these counts (seeded), which holds for independent scenarios and errs on the wide side
for the designs ``lhs`` and ``sobol``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine.sensitivity.bars import ranked_row
from scipy import special

if TYPE_CHECKING:
    from rangecast.engine.result import Result

BOOTSTRAP = 100
_SEED = 20_250_101
_FEW = 32
"""From so many on a count is drawn from the normal law instead of Poisson's."""
_QUANTILES = 4_096

Counts = NDArray[np.int64]


def slice_numbers(probabilities: Array, slices: int, discrete: bool) -> NDArray[np.intp]:
    """Slice of each cell of a driver; a discrete driver with few values keeps one per value."""
    if discrete and len(probabilities) <= 20:
        return np.arange(len(probabilities))
    middle = np.cumsum(probabilities) - probabilities / 2
    place = np.minimum((middle * slices).astype(np.intp), slices - 1)
    found: NDArray[np.intp] = np.unique(place, return_inverse=True)[1]
    return found


def driver_counts(result: Result, output: str, driver: int, slices: int) -> Counts:
    """Scenarios of an output by slice of one driver and by bin.

    Parameters
    ----------
    result : Result
    output : str
        One whose drivers were ranked.
    driver : int
        Its place among the drivers.
    slices : int
        Slices of equal probability of a continuous driver.

    Returns
    -------
    array of int64, shape (slices, bins)
    """
    joint = result.ensemble.totals.ints["joint"][ranked_row(result, output), driver]
    scale = result.setup.reading.scales[driver]
    number = slice_numbers(scale.probabilities, slices, scale.discrete)
    grouped = np.zeros((int(number.max()) + 1, joint.shape[1]), np.int64)
    np.add.at(grouped, number, joint[: len(number)])
    return grouped


def joint_counts(result: Result, output: str, slices: int) -> list[Counts]:
    """Scenarios of an output by slice and by bin, one array (slices, bins) per driver."""
    return [
        driver_counts(result, output, d, slices) for d in range(len(result.setup.reading.scales))
    ]


@functools.cache
def _poisson() -> Array:
    """Quantiles of Poisson's law for each small mean, (means, quantiles): drawn by their place."""
    below = special.pdtr(np.arange(4 * _FEW), np.arange(_FEW)[:, None])
    middle = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return np.stack([np.searchsorted(one, middle).astype(float) for one in below])


def bootstrap(counts: Counts, measure: Callable[[Array], Array], stream: int) -> float:
    """Standard error of a measure of counts: its spread when every count is drawn again.

    Parameters
    ----------
    counts : ndarray of int of shape (slices, bins)
    measure : callable
        Takes counts (draws, slices, bins), gives (draws,).
    stream : int
        Number of the driver, which decides the random numbers.
    """
    rng = np.random.default_rng([_SEED, stream])
    drawn = rng.standard_normal((BOOTSTRAP, *counts.shape))
    drawn *= np.sqrt(counts)
    drawn += counts
    few = counts < _FEW
    place = rng.integers(0, _QUANTILES, size=(BOOTSTRAP, int(few.sum())), dtype=np.uint16)
    drawn[:, few] = _poisson()[counts[few], place]
    return float(np.std(measure(drawn), ddof=1))


def by_chance(counts: Counts, measure: Callable[[Array], Array], stream: int) -> float:
    """What a measure gives on average for an input without effect: slices and bins independent.

    Parameters
    ----------
    counts : ndarray of int of shape (slices, bins)
        Their sums are kept in expectation.
    measure, stream
        As in `bootstrap`.
    """
    rng = np.random.default_rng([_SEED, stream, 1])
    expected = counts.sum(axis=1, keepdims=True) * (counts.sum(axis=0) / counts.sum())
    drawn = rng.poisson(expected, (BOOTSTRAP // 4, *counts.shape)).astype(float)
    found = measure(drawn)
    found = found[np.isfinite(found)]  # where a slice came out empty there is no measure
    return float(np.mean(found)) if found.size else float("nan")


def shares(counts: Array) -> tuple[Array, Array, Array, Array]:
    """Share of each slice, distribution over bins inside each slice and of all, and scenarios.

    Returns
    -------
    slices : ndarray of shape (draws, slices)
    inside : ndarray of shape (draws, slices, bins)
    overall : ndarray of shape (draws, 1, bins)
    n : ndarray of shape (draws, slices, 1)
    """
    n = counts.sum(axis=2, keepdims=True)
    total = n.sum(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        inside = np.where(n > 0, counts / n, 0.0)
        overall = counts.sum(axis=1, keepdims=True) / total
        return (n / total)[..., 0], inside, overall, n
