"""A law cut off below, above, or both."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import TwoTailed
from rangecast.distributions.counts.discrete import Discrete
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array, Distribution

LEAST = 1e-6
"""Share of a law that is taken without a closer look."""
_EXACT = 1e-6
_PROBES = np.array([0.01, 0.25, 0.5, 0.75, 0.99])
_ROUNDS = 500


@functools.lru_cache(maxsize=512)
def _cut(law: Distribution, low: float, high: float) -> tuple[float, float, float]:
    """Probability below the lower end, above the upper one and between, without cancellation."""
    below = float(law.cdf(np.array(low))) if low > law.support[0] else 0.0
    above = float(law.sf(np.array(high))) if high < law.support[1] else 0.0
    if below > 0.5:
        return below, above, float(law.sf(np.array(low))) - above
    if above > 0.5:
        return below, above, float(law.cdf(np.array(high))) - below
    return below, above, 1 - below - above


@functools.lru_cache(maxsize=512)
def _moments(law: Truncated) -> tuple[float, float]:
    """Mean and standard deviation by Gauss–Legendre over the quantiles, graded into both tails."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    half = np.concatenate([[0.0], 2.0 ** np.arange(-53.0, 0.0)])
    edges, widths = half[:-1], np.diff(half)
    p = edges[:, None] + widths[:, None] * (nodes + 1) / 2
    share = np.broadcast_to(widths[:, None] * weights / 2, p.shape)
    middle = float(law.quantile(np.array(0.5)))
    apart = np.stack([law.quantile(p), law.upper_quantile(p)]) - middle
    mean = float((apart * share).sum())
    return middle + mean, math.sqrt(max(float(((apart - mean) ** 2 * share).sum()), 0.0))


@dataclass(frozen=True, slots=True)
class Truncated(TwoTailed):
    """A continuous law of which only the part between two ends can occur.

    Parameters
    ----------
    law : Distribution
    low, high : float
        Ends; infinite for none. Where less than a millionth of the law lies between, its tails must
        have digits enough to be drawn from.

    Examples
    --------
    >>> from rangecast.distributions import Normal
    >>> Truncated(Normal(0.0, 1.0), low=0.0).quantile(np.array([0.5])).round(6)
    array([0.67449])
    """

    law: Distribution
    low: float = -math.inf
    high: float = math.inf
    discrete = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            got = f"min = {_require.number(self.low)}, max = {_require.number(self.high)}"
            raise ParameterError("E304", "min", "min must be < max", got=got)
        if not (self._parts[2] >= LEAST or self._is_exact()):
            raise nothing_left(self.low, self.high)

    def _is_exact(self) -> bool:
        """Whether quantiles between the ends lie where the distribution function says."""
        if not self._parts[2] > 0:
            return False
        with np.errstate(all="ignore"):
            apart = self.cdf(self.quantile(_PROBES)) - _PROBES
        return bool((np.abs(apart) < _EXACT).all())

    @property
    def _parts(self) -> tuple[float, float, float]:
        return _cut(self.law, self.low, self.high)

    @property
    def rough(self) -> bool:
        """Whether the quantile function has jumps or corners."""
        return bool(getattr(self.law, "rough", False))

    @property
    def support(self) -> tuple[float, float]:
        """The ends, or those of the law itself."""
        low, high = self.law.support
        return max(low, self.low), min(high, self.high)

    @property
    def mean(self) -> float:
        """Expected value."""
        return _moments(self)[0]

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return _moments(self)[1]

    def _from_tails(self, below: Array, above: Array) -> Array:
        cut_low, cut_high, inside = self._parts
        lower, upper = cut_low + inside * below, cut_high + inside * above
        near = lower <= 0.5
        values = np.where(
            near,
            self.law.quantile(np.where(near, lower, 0.25)),
            self.law.upper_quantile(np.where(near, 0.25, upper)),
        )
        return np.clip(values, *self.support)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x, (cut_low, cut_high, inside) = np.asarray(x, dtype=float), self._parts
        at = np.clip(x, *self.support)
        share = (
            self.law.cdf(at) - cut_low if cut_low <= 0.5 else inside + cut_high - self.law.sf(at)
        )
        found = np.where(
            x < self.support[0], 0.0, np.where(x >= self.support[1], 1.0, share / inside)
        )
        return np.clip(found, 0.0, 1.0)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x, (cut_low, cut_high, inside) = np.asarray(x, dtype=float), self._parts
        at = np.clip(x, *self.support)
        share = (
            self.law.sf(at) - cut_high if cut_high <= 0.5 else inside + cut_low - self.law.cdf(at)
        )
        found = np.where(
            x < self.support[0], 1.0, np.where(x >= self.support[1], 0.0, share / inside)
        )
        return np.clip(found, 0.0, 1.0)


def nothing_left(low: float, high: float) -> ParameterError:
    """Say that no draw can lie between two ends (E309)."""
    message = "no probability left between min and max"
    got = f"min = {_require.number(low)}, max = {_require.number(high)}"
    return ParameterError("E309", "min", message, got=got)


def truncate(law: Distribution, low: float, high: float) -> Distribution:
    """Cut a law off: a continuous one by its quantiles, a discrete one by its values.

    A law made of others says itself what is left of it (`between`).

    Raises
    ------
    ParameterError
    """
    between: Any = getattr(law, "between", None)
    if between is not None:
        found: Distribution = between(low, high)
        return found
    if not law.discrete:
        return Truncated(law, low, high)
    listed = law.atoms()  # type: ignore[attr-defined]  # discrete laws
    if listed is None:
        raise ParameterError("E302", "min", "has too many values to be cut off")
    values, cumulative = listed
    weights = np.diff(cumulative, prepend=0.0)
    kept = (values >= low) & (values <= high)
    if weights[kept].sum() < LEAST:
        raise nothing_left(low, high)
    return Discrete(tuple(values[kept].tolist()), tuple(weights[kept].tolist()))


def truncated_through(
    fit: Callable[[dict[float, float]], Distribution],
    percentiles: dict[float, float],
    low: float,
    high: float,
) -> Distribution:
    """Fit a law whose percentiles hold after it is cut off.

    The levels that the uncut law must meet are found by repeated fitting.

    Raises
    ------
    ParameterError
        When a percentile lies outside the ends, or no law of the family meets them.
    """
    for level, value in percentiles.items():
        if not low < value < high:
            name = _require.percentile(level)
            allowed = f"must lie between {_require.number(low)} and {_require.number(high)}"
            raise ParameterError("E303", name, allowed, got=_require.number(value))
    _require.ascending(percentiles)
    levels = {p: p for p in percentiles}
    inside = 0.0
    for _ in range(_ROUNDS):
        try:
            law = fit({levels[p]: value for p, value in percentiles.items()})
        except ParameterError as refusal:
            if refusal.code != "E306":
                raise
            inside = 0.0
            break
        below, _, inside = _cut(law, low, high)
        following = {p: below + p * inside for p in percentiles}
        apart = max(abs(following[p] - levels[p]) for p in percentiles)
        levels = following
        if inside < LEAST or len(set(levels.values())) < len(levels):
            break
        if apart < 1e-15:
            break
    found = Truncated(law, low, high) if inside >= LEAST else None
    exact = found is not None and all(
        abs(float(found.cdf(np.array(value))) - p) < 1e-9 for p, value in percentiles.items()
    )
    if found is None or not exact:
        message = "no law of this family has these percentiles once it is cut off"
        raise ParameterError("E306", "min", message, hint="use a J-QPD or a metalog with bounds")
    return found
