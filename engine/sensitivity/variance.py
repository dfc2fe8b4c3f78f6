"""First-order Sobol' indices from the ensemble itself, without further model runs (Sobol', 1993).

The share of the output's variance that would go if the input were known: the variance of the
output's mean over slices of the input, freed of sampling noise. With correlated inputs it contains
what moves with the input, so that indices may add up to more than 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rangecast.engine.sensitivity.bars import Bar
from rangecast.engine.sensitivity.indices import bars_of

if TYPE_CHECKING:
    from rangecast.engine.result import Result


def estimate(result: Result, output: str) -> list[Bar]:
    """Indices with intervals from the spread of the batches; noise can take one below 0."""
    return bars_of(result, output, "variance", "S1", "first_order", (0.0, 1.0))
