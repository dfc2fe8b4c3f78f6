"""One of several laws, each with its weight: regimes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import TwoTailed
from rangecast.distributions.composed.masses import exceedance, masses, share_between
from rangecast.distributions.counts.discrete import Discrete
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array, Distribution
from rangecast.distributions.truncated import LEAST, nothing_left, truncate

MOST = 64
"""Components of a mixture."""
_ROUNDS = 120
_TAILS = 2.0 ** -np.concatenate([np.arange(1.0, 8.0, 1 / 32), np.arange(8.0, 64.0, 1 / 4)])
_LEAST = 2.0**-1022
_Curve = Callable[[Array], Array]


def mixture(laws: tuple[Distribution, ...], weights: tuple[float, ...]) -> Distribution:
    """Mix laws; discrete ones give a discrete law.

    Parameters
    ----------
    laws : tuple of Distribution
    weights : tuple of float
        Above 0; they are divided by their sum.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> from rangecast.distributions import Normal
    >>> mixture((Normal(0.0, 1.0), Normal(10.0, 1.0)), (3.0, 1.0)).mean
    2.5
    """
    mixed = Mixture(laws, weights)
    if not all(law.discrete for law in laws):
        return mixed
    values, shares = mixed.masses()
    return Discrete(tuple(values.tolist()), tuple(shares.tolist()))


@dataclass(frozen=True, slots=True)
class Mixture(TwoTailed):
    """A draw comes from one of several laws, each with its probability.

    The quantile function solves F(x) = Σ wᵢ Fᵢ(x) = u, so a mixture takes part in correlations and
    stratified designs like any other law.

    Parameters
    ----------
    laws : tuple of Distribution
        Two or more.
    weights : tuple of float
        Above 0; they are divided by their sum.

    Examples
    --------
    >>> from rangecast.distributions import Normal
    >>> law = Mixture((Normal(0.0, 1.0), Normal(10.0, 1.0)), (0.5, 0.5))
    >>> float(law.quantile(np.array(0.5)).round(9)), round(law.sd, 6)
    (5.0, 5.09902)
    """

    laws: tuple[Distribution, ...]
    weights: tuple[float, ...]
    discrete = False
    rough = True

    def __post_init__(self) -> None:
        if not 2 <= len(self.laws) <= MOST or len(self.laws) != len(self.weights):
            got = f"{len(self.laws)} components, {len(self.weights)} weights"
            message = f"needs 2 to {MOST} components, each with a weight"
            raise ParameterError("E302", "components", message, got=got)
        for k, weight in enumerate(self.weights):
            if not (math.isfinite(weight) and weight > 0):
                got = _require.number(weight)
                key = f"components[{k}].weight"
                raise ParameterError("E307", key, "must be a finite number above 0", got=got)
        total = math.fsum(self.weights)
        object.__setattr__(self, "weights", tuple(w / total for w in self.weights))
        self.masses()  # refuses what has too many values to list, before it is to be drawn

    @property
    def mean(self) -> float:
        """Expected value."""
        return math.fsum(w * law.mean for w, law in zip(self.weights, self.laws, strict=True))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        mean, pairs = self.mean, zip(self.weights, self.laws, strict=True)
        if not math.isfinite(mean):
            return math.nan if math.isnan(mean) else math.inf
        return math.sqrt(math.fsum(w * (law.sd**2 + (law.mean - mean) ** 2) for w, law in pairs))

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value of any component."""
        lows, highs = zip(*(law.support for law in self.laws), strict=True)
        return min(lows), max(highs)

    def masses(self) -> tuple[Array, Array]:
        """Values with a probability of their own, ascending, and those probabilities."""
        parts = [masses(law) for law in self.laws]
        values = np.concatenate([v for v, _ in parts])
        shares = np.concatenate(
            [w * m for w, (_, m) in zip(self.weights, parts, strict=True)] or [values]
        )
        unique, place = np.unique(values, return_inverse=True)
        summed = np.bincount(place, shares, minlength=len(unique))
        return unique, summed.astype(float)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        pairs = zip(self.weights, self.laws, strict=True)
        return np.asarray(sum(w * law.cdf(x) for w, law in pairs))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        pairs = zip(self.weights, self.laws, strict=True)
        return np.asarray(sum(w * exceedance(law, x) for w, law in pairs))

    def pdf(self, x: Array) -> Array:
        """Density at `x` of the part that has one."""
        pairs = zip(self.weights, self.laws, strict=True)
        parts = [w * law.pdf(x) for w, law in pairs if not law.discrete]  # type: ignore[attr-defined]
        return np.asarray(sum(parts))

    def between(self, low: float, high: float) -> Distribution:
        """Cut off: what is left of each component, with its share of what is left."""
        shares = [
            w * share_between(law, low, high)
            for w, law in zip(self.weights, self.laws, strict=True)
        ]
        total = math.fsum(shares)
        if not total >= LEAST:
            raise nothing_left(low, high)
        kept = [(law, s) for law, s in zip(self.laws, shares, strict=True) if s > LEAST * total]
        laws = tuple(truncate(law, low, high) for law, _ in kept)
        return laws[0] if len(laws) == 1 else mixture(laws, tuple(s for _, s in kept))

    def _from_tails(self, below: Array, above: Array) -> Array:
        found = np.empty(below.shape)
        near = below <= 0.5
        found[near] = _Solver(self, upper=False).solve(below[near])
        found[~near] = _Solver(self, upper=True).solve(above[~near])
        return found


@dataclass(frozen=True)
class _Grid:
    """Values at which the curve of a mixture is known; between two no component changes much."""

    x: Array
    at: Array  # the curve's height at x
    before: Array  # its height just below x: less where x has a probability of its own


class _Solver:
    """Inverts one tail of a mixture: F, or −S for the upper one, so that both rise."""

    def __init__(self, law: Mixture, upper: bool) -> None:
        self.law, self.sign = law, -1.0 if upper else 1.0
        self.curve: _Curve = (lambda x: -law.sf(x)) if upper else law.cdf
        self.grid = _grid(law, upper)

    def solve(self, tail: Array) -> Array:
        """Smallest x whose curve reaches each tail probability."""
        if not tail.size:
            return tail
        end = self.law.support[1 if self.sign < 0 else 0]
        return np.where(tail > 0, self._inside(np.maximum(tail, _LEAST)), end)

    def _inside(self, tail: Array) -> Array:
        target, grid = self.sign * tail, self.grid
        low, high, short, past = self._brackets(tail, target)
        place = np.minimum(np.searchsorted(grid.at, target, side="left"), len(grid.x) - 1)
        on_mass = (grid.at[place] >= target) & (grid.before[place] < target)
        on_mass &= grid.at[place] > grid.before[place]
        found = np.where(on_mass, grid.x[place], high)
        rest = np.flatnonzero(~on_mass & (low < high))
        if rest.size:
            parts = (low[rest], high[rest], short[rest], past[rest], target[rest])
            found[rest] = _false_position(self.curve, *parts)
        return found

    def _brackets(self, tail: Array, target: Array) -> tuple[Array, Array, Array, Array]:
        """Ends between which each solution lies, and how far the curve is from the target there."""
        grid = self.grid
        place = np.searchsorted(grid.at, target, side="left")
        inside = (place > 0) & (place < len(grid.x))
        at = np.where(inside, place, 1)
        low, high = grid.x[at - 1].copy(), grid.x[at].copy()
        short, past = grid.at[at - 1] - target, grid.before[at] - target
        far = np.flatnonzero(~inside)
        if far.size:  # beyond the grid: between the components' own quantiles
            laws = self.law.laws
            each = np.stack(
                [
                    law.upper_quantile(tail[far]) if self.sign < 0 else law.quantile(tail[far])
                    for law in laws
                ]
            )
            low[far], high[far] = each.min(axis=0), each.max(axis=0)
            short[far] = self.curve(low[far]) - target[far]
            past[far] = self.curve(high[far]) - target[far]
        return low, high, short, past


@functools.lru_cache(maxsize=64)
def _grid(law: Mixture, upper: bool) -> _Grid:
    """Quantiles of every component in both its tails, and values with probability of their own."""
    atoms, shares = law.masses()
    parts = [q(_TAILS) for one in law.laws for q in (one.quantile, one.upper_quantile)]
    x = np.unique(np.concatenate([*parts, atoms]))
    x = x[np.isfinite(x)]
    at = -law.sf(x) if upper else law.cdf(x)
    at = np.maximum.accumulate(at)
    before = at.copy()
    place = np.searchsorted(x, atoms)
    before[place] -= shares
    return _Grid(x, at, before)


def _false_position(
    curve: _Curve, low: Array, high: Array, short: Array, past: Array, target: Array
) -> Array:
    """Root of curve(x) = target between `low` and `high` by Illinois steps, halved now and then.

    Dowell and Jarratt (1971). `short` ≤ 0 ≤ `past` are the distances at the ends.
    """
    found, place = high.copy(), np.arange(len(low))
    for step in range(_ROUNDS):
        width = high - low
        x = low + width / 2
        if step % 4 < 3:
            with np.errstate(all="ignore"):
                chord = high - past * width / (past - short)
            np.copyto(x, chord, where=(chord > low) & (chord < high))
        at = curve(x) - target
        right = at >= 0
        # Illinois: halve the distance of an end that stays, lest it never moves.
        short, past = np.where(right, short / 2, at), np.where(right, at, past / 2)
        low, high = np.where(right, low, x), np.where(right, x, high)
        enough = np.abs(at) <= 1e-15 * np.abs(target)
        enough |= high - low <= 2 * np.spacing(np.maximum(np.abs(low), np.abs(high)))
        found[place] = np.where(np.abs(at) <= 1e-15 * np.abs(target), x, high)
        if enough.all():
            break
        if enough.any():
            kept = ~enough
            place, low, high, target = place[kept], low[kept], high[kept], target[kept]
            short, past = short[kept], past[kept]
    return found
