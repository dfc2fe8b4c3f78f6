"""How many scenarios a wanted precision takes: rounds that double until every band is tight.

Rounds are looked at only at 2^17·2^k scenarios, each is an ordinary run of that many, and rounds
that cannot be enough are skipped: so few looks leave the coverage of the intervals as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rangecast.engine.result import Result

FIRST = 2**17
MOST = 2**30
_RESERVE = 1.1  # widths fluctuate: a little more than just enough


@dataclass(frozen=True)
class Precision:
    """How precise the shown bands are.

    Parameters
    ----------
    target : float
        Half-width wanted, as a share.
    reached : float
        Half-width of the widest shown band.
    output : str
        Output of that band.
    quantile : float
        Level of that band.
    needed : int
        Scenarios that the target would take, estimated from this run; for independent scenarios
        widths shrink with the root of their number, for other designs at least so.
    """

    target: float
    reached: float
    output: str
    quantile: float
    needed: int

    @property
    def is_met(self) -> bool:
        """Whether every shown band is as tight as wanted."""
        return self.reached <= self.target


def is_relative(result: Result, output: str) -> bool:
    """Whether errors and changes are shares of the value, as P5 and P95 have one sign."""
    return result.quantile(output, 0.05) > 0 or result.quantile(output, 0.95) < 0


def half_width(result: Result, output: str, p: float) -> float:
    """Half of a band's 95 % interval, as a share of its value or else of P95 − P5.

    `is_relative` says of which. Infinite where the interval has an open end.
    """
    band = result.band(output, p)
    unit, width = abs(band.value), band.ci_high / 2 - band.ci_low / 2
    if math.isnan(width):
        return math.inf
    if not is_relative(result, output):  # halved, since a difference could overflow
        unit = result.quantile(output, 0.95) / 2 - result.quantile(output, 0.05) / 2
        width /= 2
    return width / unit if unit > 0 else (0.0 if width == 0 else math.inf)


def measure(result: Result, target: float) -> Precision:
    """Find the widest shown band of a result."""
    widths = [
        (half_width(result, output, p), output, p)
        for output in result.shown
        if result.count(output)
        for p in result.setup.plan.percentiles
    ]
    worst, output, p = max(widths, default=(math.inf, "", 0.5))
    factor = (worst / target) ** 2 * _RESERVE if math.isfinite(worst) else 4.0
    return Precision(target, worst, output, p, math.ceil(result.scenarios * factor))


def next_round(scenarios: int, found: Precision, most: int) -> int | None:
    """Scenarios of the next round; None when the target is met or no more are allowed.

    Examples
    --------
    >>> next_round(2**17, Precision(0.01, 0.05, "y", 0.5, 3_600_000), 2**30) == 2**22
    True
    """
    if found.is_met:
        return None
    doublings = max(1, math.ceil(math.log2(max(found.needed / scenarios, 1.0))))
    largest = int(math.log2(most / scenarios)) if most >= scenarios else 0
    return scenarios << min(doublings, largest) if largest >= 1 else None
