"""Spearman's rank correlation of the output with each input (Spearman, 1904)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rangecast.engine.sensitivity.bars import Bar
from rangecast.engine.sensitivity.indices import bars_of

if TYPE_CHECKING:
    from rangecast.engine.result import Result


def estimate(result: Result, output: str) -> list[Bar]:
    """Coefficients between −1 and 1 with intervals from the spread of the batches."""
    return bars_of(result, output, "rank", "spearman", "spearman", (-1.0, 1.0))
