"""Bars of methods that give each input a dimensionless index instead of a low and a high end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rangecast.engine.sensitivity.bars import Bar, face, ranked_row, reach_of

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
