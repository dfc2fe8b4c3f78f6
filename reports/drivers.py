"""A ranking made ready to show: the widest bars, the rest together, and who acts by correlation."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rangecast.engine.result import Result
from rangecast.engine.sensitivity import Bar, tornado
from rangecast.engine.sensitivity.profile import TRANCHES, turns
from rangecast.reports.words import say

WIDE = 10.0
"""A bar that spans more than this factor calls for a logarithmic axis."""

_QUESTIONS = {
    "rank": "Spearman rank correlation with each input",
    "regression": "standardised coefficient of each input in a linear regression",
    "variance": "share of variance that each input explains alone (first-order index S1)",
    "pearson": "Pearson correlation with each input",
    "partial": "partial correlation with each input, what others explain linearly taken out",
    "rank-regression": "standardised coefficient of each input in a linear regression of ranks",
    "rank-partial": "partial correlation of ranks with each input",
    "lmg": "fair share of each input in the variance of ranks (LMG)",
    "delta": "how far knowing each input moves the whole distribution (Borgonovo's δ)",
    "pawn": "distance between the distribution in slices of each input and in all (PAWN, median)",
    "regional": "which inputs lead to the highest twentieth (signed KS distance)",
}


_NAMES = {"rank": "rank correlation", "lmg": "fair shares (LMG)", "swing": "swing"}


@dataclass(frozen=True)
class Ranking:
    """Bars of one output.

    Parameters
    ----------
    output, method, statistic : str
    baseline : float
    top : list of Bar
        The widest.
    others : list of Bar
        The rest that a formula reaches.
    linked : list of Bar
        Inputs that act through correlation only.
    logarithmic : bool
    tranches : int
        Slices of each input, of which the bars compare the lowest and the highest.
    """

    output: str
    method: str
    statistic: str
    baseline: float
    top: list[Bar]
    others: list[Bar]
    linked: list[Bar]
    logarithmic: bool
    tranches: int = TRANCHES

    @property
    def together(self) -> float:
        """Root sum of squares of the other swings: on a log axis a factor, else an amount."""
        if self.logarithmic:
            logs = [math.log(b.high / b.low) for b in self.others if b.low > 0 and b.high > 0]
            return math.exp(math.sqrt(sum(v * v for v in logs)))
        return math.sqrt(sum(b.swing**2 for b in self.others if math.isfinite(b.swing)))


def rank(
    result: Result,
    output: str,
    method: str = "conditional",
    statistic: str = "p50",
    most: int = 8,
    ends: tuple[float, float] | None = None,
    tranches: int = TRANCHES,
) -> Ranking:
    """Rank the drivers of an output for showing."""
    bars = tornado(result, output, method, statistic, ends, tranches)
    direct = [b for b in bars if b.reach == "direct"]
    values = [v for b in direct for v in (b.low, b.high)]
    spans = [max(b.low, b.high) / min(b.low, b.high) for b in direct if min(b.low, b.high) > 0]
    logarithmic = bool(values) and all(v > 0 for v in values) and max(spans, default=1.0) > WIDE
    return Ranking(
        output,
        method,
        bars[0].statistic if bars else statistic,
        bars[0].baseline if bars else math.nan,
        direct[:most],
        direct[most:],
        [b for b in bars if b.reach != "direct"],
        logarithmic,
        tranches,
    )


def _top(bars: list[Bar]) -> list[str]:
    return [b.label for b in bars if b.reach == "direct"][:3]


def disagreement(result: Result, ranking: Ranking) -> str:
    """Say which other rankings name another top three than the bars, and why they can.

    Compared are the rank correlation (the whole range), the fair share (correlation shared out) and
    the swing (each input alone); "" where all name the same three.
    """
    own = {b.label for b in ranking.top[:3]}
    differing = []
    for method in ("rank", "lmg", "swing"):
        other = _top(tornado(result, ranking.output, method))
        if set(other) != own:
            names = ", ".join("".join(c if c.isprintable() else " " for c in n) for n in other)
            differing.append(say("by {method}: {names}", method=say(_NAMES[method]), names=names))
    if not differing or len(own) < 3:
        return ""
    reasons = []
    if result.correlated:
        reasons.append(say("correlation"))
    if turns(result, ranking.output):
        reasons.append(say("inputs that are not monotone"))
    first = tornado(result, ranking.output, "variance")
    if sum(b.swing for b in first if b.reach == "direct") < 0.8:
        reasons.append(say("interaction"))
    reasons.append(say("tails, which the bars compare in units of the output"))
    return say(
        "another top three {others}; reasons: {reasons}",
        others="; ".join(differing),
        reasons=", ".join(reasons),
    )


def question(ranking: Ranking) -> str:
    """Say what the bars show."""
    if ranking.method == "conditional":
        statistic = ranking.statistic.upper().replace("P0", "P")
        if ranking.tranches != TRANCHES:
            words = "{statistic} in the lowest and highest of {count} slices of each input"
            return say(words, statistic=statistic, count=ranking.tranches)
        words = "{statistic} in the lowest and highest tenth of each input"
        return say(words, statistic=statistic)
    if ranking.method == "swing":
        if ranking.statistic.startswith("P"):
            ends, _, centre = ranking.statistic.partition(", ")
            low, high = ends.split(" to ")
            words = "each input alone from its {low} to its {high}, others at median"
            if centre.endswith("base"):
                words = "each input alone from its {low} to its {high}, others at base"
            return say(words, low=low, high=high)
        if ranking.statistic.endswith("base"):
            return say("each input alone from its P10 to its P90, others at base")
        return say("each input alone from its P10 to its P90, others at median")
    return say(_QUESTIONS[ranking.method])
