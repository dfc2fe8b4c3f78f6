"""Which inputs matter most: one ranking method per module, all giving bars."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.sensitivity import (
    conditional,
    correlation,
    delta,
    lmg,
    pawn,
    rank,
    regional,
    regression,
    swing,
    variance,
)
from rangecast.engine.sensitivity.bars import Bar
from rangecast.engine.sensitivity.profile import TRANCHES

if TYPE_CHECKING:
    from rangecast.engine.result import Result

METHODS = {
    "conditional": "a statistic of the output in the lowest and the highest tenth of each input",
    "swing": "each input alone from its P10 to its P90, the others at their medians",
    "rank": "Spearman's rank correlation of output and input",
    "regression": "standardised coefficients of a linear regression on all inputs",
    "variance": "share of the output's variance that knowing the input would take away (S1)",
    "pearson": "Pearson's correlation of output and input",
    "partial": "partial correlation: with what the other inputs explain linearly taken out (PCC)",
    "rank-regression": "standardised coefficients of a linear regression of ranks (SRRC)",
    "rank-partial": "partial correlation of ranks (PRCC)",
    "lmg": "fair (Shapley) share of each input in R² of the regression of ranks (LMG)",
    "delta": "Borgonovo's delta: how far knowing the input moves the output's distribution",
    "pawn": "PAWN: median Kolmogorov-Smirnov distance of ten slices of the input",
    "regional": "which inputs lead to the output's highest twentieth (signed KS distance)",
}
INDICES = {
    "rank": "Spearman",
    "regression": "SRC",
    "variance": "S1",
    "pearson": "Pearson",
    "partial": "PCC",
    "rank-regression": "SRRC",
    "rank-partial": "PRCC",
    "lmg": "LMG",
    "delta": "delta",
    "pawn": "median KS",
    "regional": "KS in top 5 %",
}
"""Methods that give an index instead of a low and a high end, and what the index is called."""

UNDER_CORRELATION = {
    "conditional": "a bar includes what moves with its input",
    "swing": "each input moves alone here, which its correlation makes unlikely",
    "rank": "a bar includes what moves with its input",
    "regression": "others held; strong correlation makes coefficients unsteady",
    "variance": "a share includes what moves with its input; shares overlap",
    "pearson": "a bar includes what moves with its input",
    "partial": "what inputs explain together counts for none of them",
    "rank-regression": "others held; strong correlation makes coefficients unsteady",
    "rank-partial": "what inputs explain together counts for none of them",
    "lmg": "what inputs explain together is shared fairly",
    "delta": "a bar includes what moves with its input",
    "pawn": "a bar includes what moves with its input",
    "regional": "a bar includes what moves with its input",
}
"""What a bar mixes where inputs are correlated."""

_ESTIMATES = {
    "rank": rank.estimate,
    "regression": regression.estimate,
    "variance": variance.estimate,
    "pearson": correlation.pearson,
    "partial": correlation.partial,
    "rank-regression": regression.of_ranks,
    "rank-partial": correlation.rank_partial,
    "lmg": lmg.estimate,
    "delta": delta.estimate,
    "pawn": pawn.estimate,
    "regional": regional.estimate,
}

__all__ = ["INDICES", "METHODS", "UNDER_CORRELATION", "Bar", "ranked", "tornado"]


def _by_width(bar: Bar) -> float:
    return -abs(bar.swing) if math.isfinite(bar.swing) else math.inf


def tornado(
    result: Result,
    output: str,
    method: str = "conditional",
    statistic: str = "p50",
    ends: tuple[float, float] | None = None,
    tranches: int = TRANCHES,
) -> list[Bar]:
    """Rank the inputs of one output, the widest first; those without a formula's way to it last.

    Parameters
    ----------
    result : Result
    output : str
    method : str
        One of `METHODS`.
    statistic : str
        For ``conditional``; for ``swing``, ``base`` holds the others at their base values.
    ends : (float, float), optional
        For ``swing``: levels between which an input moves.
    tranches : int
        For ``conditional``: slices of each input, of which the lowest and the highest are compared.

    Raises
    ------
    SettingsError
        For an unknown output, method or statistic.
    """
    if method not in METHODS:
        hint = did_you_mean(method, METHODS)
        allowed = f"known: {', '.join(METHODS)}"
        raise SettingsError(Problem("E700", "method", "unknown method", method, allowed, hint))
    if method == "swing":
        centre = "base" if statistic == "base" else "median"
        bars = swing.estimate(result, output, centre, ends or swing.ENDS)
    elif method in _ESTIMATES:
        bars = _ESTIMATES[method](result, output)
    else:
        bars = conditional.estimate(result, output, statistic)
        if tranches != TRANCHES:
            bars = conditional.by_tranches(result, output, statistic, tranches)
        alone = {bar.input: bar for bar in swing.estimate(result, output)}
        bars = [
            replace(b, alone_low=alone[b.input].low, alone_high=alone[b.input].high) for b in bars
        ]
    return ranked(bars)


def ranked(bars: list[Bar]) -> list[Bar]:
    """Put bars in order and number those that a formula reaches."""
    direct = sorted((b for b in bars if b.reach == "direct"), key=_by_width)
    through = sorted((b for b in bars if b.reach != "direct"), key=_by_width)
    return [*(replace(b, rank=k) for k, b in enumerate(direct, 1)), *through]
