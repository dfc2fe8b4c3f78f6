"""The rank correlation that two laws attain under a copula: ties make it smaller.

A coefficient that is asked for holds for continuous inputs. Where draws tie, Spearman's coefficient
is the correlation of mid-ranks, G(x) = (P(X < x) + P(X ≤ x)) / 2 (Nešlehová, 2007), and smaller in
size. It is computed, not simulated: by Hoeffding's identity the covariance of the mid-ranks is

    ∬ [P(Z₁ > s, Z₂ > t) − P(Z₁ > s) P(Z₂ > t)] dG₁(s) dG₂(t)

over the scores. Of normal scores the bracket is an integral over their correlation (Plackett,
1954), taken by Gauss–Legendre rules that are graded towards ±1. Student t scores are normal ones
times a common random factor: the same for each value of it, and the covariance of what it explains.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import ParameterError
from rangecast.distributions.composed.masses import exceedance, masses
from rangecast.distributions.protocol import Array, Distribution
from rangecast.engine.conversion import spearman_of_t
from scipy import special

PRECISION = 2e-4
"""Largest error of an attained coefficient; only two laws that are continuous in part come near it,
at a correlation of ±1."""
LEAST_MASS = 2e-3
"""Probability of a single value below which its ties count as none: together under 4e-6."""
_FARTHEST = 8.0  # normal scores beyond are not worth a node
_STEP = 0.25
_END = 37.0  # normal score of the smallest probability there is
_PANELS, _NODES = 12, 12


@dataclass(frozen=True)
class _Ranks:
    """How the mid-rank of a law rises along its normal score.

    `at` and `rise` are nodes and weights of dG; None where the law is continuous, which has a
    closed form. `variance` is that of the mid-ranks.
    """

    at: Array | None
    rise: Array | None
    variance: float


def _tied(law: Distribution) -> tuple[Array, Array, Array]:
    """Normal scores where a value with a probability of its own begins and ends; its probability.

    The probabilities are all of them; the scores those worth keeping.
    """
    try:
        values, weights = masses(law)
    except ParameterError:  # too many values to list: none of them matters
        values, weights = np.empty(0), np.empty(0)
    kept = weights >= LEAST_MASS
    values, shares = values[kept], weights[kept]
    upper, lower = exceedance(law, values), np.asarray(law.cdf(values), dtype=float)
    begins = _score(lower - shares, upper + shares)
    return np.stack([begins, _score(lower, upper)]), shares, weights


def _score(below: Array, above: Array) -> Array:
    """Normal score of a probability, from the smaller of its two tails."""
    low = special.ndtri(np.clip(below, 0.0, 1.0))
    high = -special.ndtri(np.clip(above, 0.0, 1.0))
    return np.asarray(np.clip(np.where(below < 0.5, low, high), -_END, _END), dtype=float)


def _between(ends: Array) -> tuple[Array, Array]:
    """Nodes and weights of the normal density outside the intervals of tied values."""
    nodes, weights = np.polynomial.legendre.leggauss(6)
    gaps = np.concatenate([[-_FARTHEST], ends.T.ravel(), [_FARTHEST]]).reshape(-1, 2)
    found_at, found_rise = [np.empty(0)], [np.empty(0)]
    for low, high in np.clip(gaps, -_FARTHEST, _FARTHEST):
        if high - low < 1e-9:
            continue
        edges = np.linspace(low, high, 1 + math.ceil((high - low) / _STEP))
        half = np.diff(edges)[:, None] / 2
        at = (edges[:-1, None] + half + half * nodes).ravel()
        density = np.exp(-(at**2) / 2) / math.sqrt(2 * math.pi)
        found_at.append(at)
        found_rise.append((half * weights).ravel() * density)
    return np.concatenate(found_at), np.concatenate(found_rise)


@functools.lru_cache(maxsize=512)
def _ranks(law: Distribution) -> _Ranks:
    ends, shares, every = _tied(law)
    variance = (1.0 - float(np.sum(every**3))) / 12
    if not shares.size:
        return _Ranks(None, None, variance)
    at, rise = ends.ravel(), np.tile(shares / 2, 2)  # half of the jump at either end
    if float(shares.sum()) < 1 - 1e-9:
        more_at, more_rise = _between(ends)
        at, rise = np.concatenate([at, more_at]), np.concatenate([rise, more_rise])
    inside = np.abs(at) < _END  # the ends of the whole say nothing
    at, place = np.unique(at[inside], return_inverse=True)
    return _Ranks(at, np.bincount(place, rise[inside]).astype(float), variance)


def _angles(rho: float) -> tuple[Array, Array]:
    """Nodes and weights over the angle from 0 to asin ρ, closer and closer towards ±90°."""
    last = math.asin(min(abs(rho), 1.0))
    edges = math.pi / 2 * (1 - 2.0 ** -np.arange(0.0, _PANELS + 1))
    edges = np.append(edges[edges < last], last)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges)[:, None] / 2
    angles = (edges[:-1, None] + half + half * nodes).ravel()
    return math.copysign(1.0, rho) * angles, (half * weights).ravel() * math.copysign(1.0, rho)


def _covariance(first: _Ranks, second: _Ranks, rho: float) -> float:
    """Covariance of the mid-ranks of two laws whose normal scores correlate by `rho`."""
    if first.at is None and second.at is None:
        return math.asin(rho / 2) / (2 * math.pi)
    if first.at is None or second.at is None:
        # Φ(Z) is the chance of W < Z for another score W: a threshold of (Z − W)/√2 at 0.
        tied = second if first.at is None else first
        assert tied.at is not None
        assert tied.rise is not None
        return _summed(tied.at, tied.rise, np.zeros(1), np.ones(1), rho / math.sqrt(2))
    assert first.rise is not None
    assert second.rise is not None
    return _summed(first.at, first.rise, second.at, second.rise, rho)


def _summed(s: Array, left: Array, t: Array, right: Array, rho: float) -> float:
    """Weighted sum of P(Z₁ > s, Z₂ > t) − P(Z₁ > s) P(Z₂ > t) over all pairs."""
    total = 0.0
    squares, product = s[:, None] ** 2 + t**2, s[:, None] * t
    for angle, weight in zip(*_angles(rho), strict=True):
        sine, cosine = math.sin(angle), math.cos(angle)
        height = np.exp((product * sine - squares / 2) / cosine**2)
        total += weight * float(left @ height @ right)
    return total / (2 * math.pi)


_MIXING = 32


def _mixing(df: float) -> tuple[Array, Array]:
    """Values of √(χ² / df), by which t scores are divided normal ones, and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(_MIXING)
    t = (nodes + 1) / 2
    u = t * t * (3 - 2 * t)  # crowds the nodes at both ends, where the factor changes fastest
    weights = weights * 3 * t * (1 - t)
    return np.sqrt(special.gammaincinv(df / 2, u) * 2 / df), weights / weights.sum()


def _covariance_of_t(first: _Ranks, second: _Ranks, rho: float, df: float) -> float:
    """The same under a t copula."""
    if first.at is None and second.at is None:
        return spearman_of_t(rho, df) / 12
    sides = []
    for one in (first, second):
        at, rise = _between(np.empty((2, 0)))
        if one.at is not None and one.rise is not None:
            at, rise = one.at, one.rise
        near = special.stdtrit(df, special.ndtr(-np.abs(at)))  # a score of the same probability
        sides.append((np.where(at < 0, near, -near), rise))
    (s, left), (t, right) = sides
    inner, below = 0.0, []
    for stretch, weight in zip(*_mixing(df), strict=True):
        inner += weight * _summed(s * stretch, left, t * stretch, right, rho)
        below.append([left @ special.ndtr(-s * stretch), right @ special.ndtr(-t * stretch)])
    means, weights = np.array(below), _mixing(df)[1]
    apart = means - weights @ means
    return inner + float(weights @ (apart[:, 0] * apart[:, 1]))


def attained_spearman(
    first: Distribution, second: Distribution, rho: float, df: float = math.inf
) -> float:
    """Spearman's coefficient of two inputs joined by a copula, ties included.

    Parameters
    ----------
    first, second : Distribution
        Laws of the inputs: continuous, discrete, or with some values that have a probability of
        their own.
    rho : float
        Pearson correlation of their scores, −1 to 1.
    df : float
        Degrees of freedom of the t copula; infinite for the Gaussian one.

    Returns
    -------
    float
        Right to `PRECISION`; NaN where an input has one value only.

    Examples
    --------
    >>> from rangecast.distributions import Bernoulli, Normal
    >>> round(attained_spearman(Normal(0.0, 1.0), Normal(5.0, 2.0), 0.5), 6)
    0.482584
    >>> round(attained_spearman(Bernoulli(0.5), Bernoulli(0.5), 0.5), 6)
    0.333333
    """
    one, other = _ranks(first), _ranks(second)
    spread = math.sqrt(max(one.variance, 0.0) * max(other.variance, 0.0))
    if spread < 1e-15:
        return math.nan
    if math.isinf(df):
        found = _covariance(one, other, rho)
    else:
        found = _covariance_of_t(one, other, rho, df)
    return min(max(float(found) / spread, -1.0), 1.0)
