"""A claim, the probability of its deviation, and the deviation that a level allows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special


@dataclass(frozen=True)
class Claim:
    """One figure of the engine beside its closed form.

    Parameters
    ----------
    area, what : str
    source : str
        The closed form, and how its bound is derived.
    expected, measured : float
    p : float
        Probability of a deviation at least as large without a fault.
    bound : callable
        Largest deviation that a level of p allows.
    """

    area: str
    what: str
    source: str
    expected: float
    measured: float
    p: float
    bound: Callable[[float], float]


def distance(area: str, what: str, source: str, measured: float, n: int) -> Claim:
    """Claim the distance of an empirical distribution (Dvoretzky–Kiefer–Wolfowitz, Massart)."""

    def bound(level: float) -> float:
        return math.sqrt(math.log(2 / level) / (2 * n))

    p = min(1.0, 2 * math.exp(-2 * n * measured**2))
    return Claim(area, what, f"{source}; DKW, n = {n:,}", 0.0, measured, p, bound)


def _tail(hits: int, n: int, share: float) -> float:
    """Exact binomial probability of a count at least as far out, doubled."""
    lower = float(special.bdtr(hits, n, share)) if hits < n else 1.0
    upper = float(special.bdtrc(hits - 1, n, share)) if hits > 0 else 1.0
    return min(1.0, 2 * min(lower, upper))


def count(
    area: str,
    what: str,
    source: str,
    hits: int,
    n: int,
    share: float,
    one_sided: bool = False,
    tests: int = 1,
) -> Claim:
    """Claim that a count is binomial, exactly; `one_sided` counts only too few as a fault.

    `tests` is the number of counts of which this is the worst.
    """
    p = float(special.bdtr(hits, n, share)) if one_sided else _tail(hits, n, share)

    def bound(level: float) -> float:
        lowest = special.bdtrik(level / tests / (1 if one_sided else 2), n, share)
        return share - float(lowest) / n

    kind = f"exact binomial, n = {n:,}"
    return Claim(area, what, f"{source}; {kind}", share, hits / n, min(1.0, p * tests), bound)


def estimate(
    area: str,
    what: str,
    source: str,
    expected: float,
    measured: float,
    error: float,
    degrees: int,
    bias: float = 0.0,
) -> Claim:
    """Claim an estimate with a standard error of so many degrees of freedom (Student's t).

    `bias` is what cells and slices may add; it is stated, not estimated.
    """
    excess = max(0.0, abs(measured - expected) - bias)
    t = excess / error if error > 0 else (0.0 if excess == 0 else math.inf)
    p = 2 * float(special.stdtr(degrees, -t)) if math.isfinite(t) else 0.0

    def bound(level: float) -> float:
        return bias - error * float(special.stdtrit(degrees, level / 2))

    kind = f"t of {degrees} degrees" + (f" + {bias:g} of cells" if bias else "")
    return Claim(area, what, f"{source}; {kind}", expected, measured, p, bound)


def exact(
    area: str, what: str, source: str, expected: float, measured: float, tolerance: float = 0.0
) -> Claim:
    """Claim a figure that is not random, up to a tolerance."""
    p = 1.0 if abs(measured - expected) <= tolerance else 0.0
    return Claim(area, what, source, expected, measured, p, lambda _: tolerance)
