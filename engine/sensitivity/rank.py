"""Spearman's rank correlation of the output with each input (Spearman, 1904)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rangecast.engine.sensitivity.bars import Bar, face, reach_of
from rangecast.engine.sensitivity.conditional import ranked_row

if TYPE_CHECKING:
    from rangecast.engine.result import Result


def estimate(result: Result, output: str) -> list[Bar]:
    """Coefficients between −1 and 1 with intervals from the spread of the batches."""
    r = ranked_row(result, output)
    reach = reach_of(result, output)
    bars = []
    for d, driver in enumerate(result.setup.drivers):
        if driver.name not in reach:
            continue
        rho = float(result.ensemble.total["spearman"][r, d])
        half = result.half_width(result.standard_error("spearman", r, d))
        bars.append(
            Bar(
                output,
                "rank",
                "spearman",
                *face(result.model, driver),
                reach[driver.name],
                math.nan,
                math.nan,
                math.nan,
                math.nan,
                rho,
                ci_low=max(-1.0, rho - half),
                ci_high=min(1.0, rho + half),
                baseline=0.0,
                n_used=result.count(output),
            )
        )
    return bars
