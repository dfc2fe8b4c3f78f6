"""Pearson and partial correlations: how linear the way from an input to the output is.

Pearson's coefficient mixes what moves with the input; the partial one is that of what the other
inputs of a linear model leave unexplained of both. `Result.explained` gives the share of variance
(R²) without which neither means much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rangecast.engine.sensitivity.bars import Bar
from rangecast.engine.sensitivity.indices import bars_of

if TYPE_CHECKING:
    from rangecast.engine.result import Result


def pearson(result: Result, output: str) -> list[Bar]:
    """Coefficients between −1 and 1 with intervals from the spread of the batches."""
    return bars_of(result, output, "pearson", "pearson", "pearson", (-1.0, 1.0))


def rank_partial(result: Result, output: str) -> list[Bar]:
    """Partial coefficients of ranks (PRCC); direct inputs only."""
    bars = bars_of(result, output, "rank-partial", "prcc", "prcc", (-1.0, 1.0))
    return [bar for bar in bars if bar.reach == "direct"]


def partial(result: Result, output: str) -> list[Bar]:
    """Partial coefficients, likewise; direct inputs only."""
    bars = bars_of(result, output, "partial", "pcc", "pcc", (-1.0, 1.0))
    return [bar for bar in bars if bar.reach == "direct"]
