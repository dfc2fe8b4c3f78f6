"""Bars of methods that give each input a dimensionless index instead of a low and a high end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine.quantiles import Z
from rangecast.engine.sensitivity.bars import Bar, face, ranked_row, reach_of
from rangecast.engine.sensitivity.slices import (
    Counts,
    bootstrap,
    by_chance,
    joint_counts,
    slice_numbers,
)

if TYPE_CHECKING:
    from rangecast.engine.result import Result


def bars_of(
    result: Result, output: str, method: str, index: str, figure: str, bounds: tuple[float, float]
) -> list[Bar]:
    """Bars of a derived figure of shape (ranked, drivers), with intervals from the batches.

    Parameters
    ----------
    result : Result
    output, method, index : str
    figure : str
        Name of the figure.
    bounds : (float, float)
        What the index cannot exceed; its interval is cut there.
    """
    r, reach = ranked_row(result, output), reach_of(result, output)
    bars = []
    for d, driver in enumerate(result.setup.drivers):
        value = float(result.ensemble.total[figure][r, d])
        if driver.name not in reach:
            continue
        half = result.half_width(result.standard_error(figure, r, d))
        bars.append(
            Bar(
                output,
                method,
                index,
                *face(result.model, driver),
                reach[driver.name],
                *(math.nan,) * 4,
                swing=value,
                ci_low=max(bounds[0], value - half) if math.isfinite(half) else math.nan,
                ci_high=min(bounds[1], value + half) if math.isfinite(half) else math.nan,
                baseline=0.0,
                n_used=result.count(output),
            )
        )
    return bars


def bars_from(
    result: Result,
    output: str,
    method: str,
    index: str,
    measure: Callable[[Array], Array],
    slices: int,
    least: float = 0.0,
    table: Callable[[int, Counts, NDArray[np.intp]], Counts] | None = None,
    distance: bool = False,
) -> list[Bar]:
    """Bars of a measure of the joint counts, with intervals by a Poisson bootstrap.

    Parameters
    ----------
    result : Result
    output, method, index : str
    measure : callable
        Takes counts (draws, slices, bins), gives (draws,).
    slices : int
        Slices of each continuous driver.
    least : float
        What the index cannot fall below; it cannot exceed 1.
    table : callable, optional
        Makes other counts of a driver's number, its counts and the slice of each of its cells.
    distance : bool
        Whether the measure is above 0 by sampling alone; by how much, the lower end gives way.
    """
    reach = reach_of(result, output)
    bars = []
    counted = joint_counts(result, output, slices)
    for d, (driver, counts) in enumerate(zip(result.setup.drivers, counted, strict=True)):
        if driver.name not in reach or not counts.any():
            continue
        if table is not None:
            scale = result.setup.reading.scales[d]
            number = slice_numbers(scale.probabilities, slices, scale.discrete)
            counts = table(d, counts, number)
        value = float(measure(counts[None].astype(float))[0])
        half = Z * bootstrap(counts, measure, d)
        chance = by_chance(counts, measure, d) if distance else 0.0
        bars.append(
            Bar(
                output,
                method,
                index,
                *face(result.model, driver),
                reach[driver.name],
                *(math.nan,) * 4,
                swing=value,
                ci_low=float(np.clip(value - half - chance, least, 1.0)),
                ci_high=float(np.clip(value + half, least, 1.0)),
                baseline=0.0,
                n_used=int(counts.sum()),
            )
        )
    return bars
