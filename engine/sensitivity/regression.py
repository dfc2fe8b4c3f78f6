"""Standardised regression coefficients: the linear part of what each input does.

One least-squares fit of the output on all inputs that its formulas use. A coefficient is the change
of the output, in its standard deviations, per standard deviation of the input with the others held;
`Result.explained` gives the share of variance that the linear model explains, without which the
coefficients mean little. Of ranks instead of values (Iman and Conover, 1979) the fit holds for all
monotone models; ranks are those of the cells of an input and of 64 bins of the output.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rangecast.engine.sensitivity.bars import Bar
from rangecast.engine.sensitivity.indices import bars_of

if TYPE_CHECKING:
    from rangecast.engine.result import Result


def estimate(result: Result, output: str) -> list[Bar]:
    """Coefficients with intervals from the spread of the batches; direct inputs only."""
    bars = bars_of(result, output, "regression", "src", "src", (-math.inf, math.inf))
    return [bar for bar in bars if bar.reach == "direct"]


def of_ranks(result: Result, output: str) -> list[Bar]:
    """Coefficients of the regression of ranks (SRRC), likewise."""
    bars = bars_of(result, output, "rank-regression", "srrc", "srrc", (-math.inf, math.inf))
    return [bar for bar in bars if bar.reach == "direct"]
