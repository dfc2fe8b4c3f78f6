"""From the coefficient of correlation that is stated to that of the scores that are drawn.

Scores are normal, or Student t on a common mixing variable. Ranks and signs do not change when
inputs are read off scores, so Spearman's and Kendall's coefficients depend on the copula alone;
Pearson's depends on both distributions.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions.composed.masses import masses
from rangecast.distributions.protocol import Array, Distribution
from scipy import special

MEASURES = ("spearman", "kendall", "pearson")
_TERMS = 256
_FURTHEST = 20.0  # standard deviations; 5e-89 of the probability is beyond
_STEPS = 1281
_NODES = 6


def normal_score_correlation(spearman: float) -> float:
    """Pearson correlation of normal scores whose ranks correlate by `spearman` (Pearson, 1907).

    Examples
    --------
    >>> round(normal_score_correlation(0.5), 6)
    0.517638
    """
    return 2.0 * math.sin(math.pi * spearman / 6.0)


def from_kendall(tau: float) -> float:
    """Correlation of scores of any elliptical copula: sin(π τ / 2) (Lindskog et al., 2003).

    Examples
    --------
    >>> round(from_kendall(0.5), 6)
    0.707107
    """
    return math.sin(math.pi * tau / 2.0)


@functools.lru_cache(maxsize=64)
def _mixing(df: float) -> tuple[Array, Array]:
    """Value of a = V1 / √((V1+V2)(V1+V3)) for V = df / χ², and its weights."""
    x, w = np.polynomial.legendre.leggauss(40)
    # u = t²(3 − 2t) crowds the nodes at both ends, where V changes fastest
    t = (x + 1) / 2
    u, weights = t * t * (3 - 2 * t), w / 2 * 6 * t * (1 - t)
    v = df / (2 * special.gammainccinv(df / 2, u))
    first, second, third = np.meshgrid(v, v, v, indexing="ij")
    a = first / np.sqrt((first + second) * (first + third))
    shares = weights[:, None, None] * weights[:, None] * weights
    return a.ravel(), shares.ravel() / shares.sum()


def spearman_of_t(r: float, df: float) -> float:
    """Spearman coefficient of a t copula whose scores correlate by `r`.

    ρ = 3 E[(2/π) arcsin(r a)], where a = V₁ / √((V₁ + V₂)(V₁ + V₃)) of three independent mixing
    variables V = df / χ²: the sign of (X₁ − X₂)(Y₁ − Y₃) given the mixing variables.

    Examples
    --------
    >>> round(spearman_of_t(0.5, 1e6), 3)  # nearly normal: 6/π arcsin(r/2)
    0.483
    """
    a, weights = _mixing(df)
    return float(6 / math.pi * np.sum(weights * np.arcsin(r * a)))


@functools.lru_cache(maxsize=4096)
def t_score_correlation(spearman: float, df: float) -> float:
    """Correlation of t scores whose ranks correlate by `spearman`."""
    from scipy import optimize

    if abs(spearman) == 1.0:
        return spearman
    found, largest = abs(spearman), spearman_of_t(1.0, df)
    if found >= largest:  # rounding of the quadrature
        return math.copysign(1.0, spearman)
    root = optimize.brentq(lambda r: spearman_of_t(r, df) - found, 0.0, 1.0, xtol=1e-12)
    return math.copysign(float(root), spearman)


# ------------------------------------------------------------------------ Pearson's coefficient


@dataclass(frozen=True)
class _Scores:
    """A law as a function of a normal score: nodes, weights, standardised values."""

    z: Array
    weights: Array
    values: Array


def _edges(law: Distribution) -> Array:
    """Scores at which a law jumps."""
    values, shares = masses(law)
    if not values.size:
        return values
    below = law.cdf(values)
    with np.errstate(divide="ignore"):
        ends = special.ndtri(np.concatenate([below, below - shares]))
    return np.asarray(ends[np.isfinite(ends)])


def _scores(law: Distribution, edges: Array) -> _Scores:
    x, w = np.polynomial.legendre.leggauss(_NODES)
    left, width = edges[:-1], np.diff(edges)
    z = (left[:, None] + width[:, None] * (x + 1) / 2).ravel()
    weights = (width[:, None] * w / 2).ravel() * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    near = np.minimum(np.abs(z), 37.0)
    lower, upper = law.quantile(special.ndtr(-near)), law.upper_quantile(special.ndtr(-near))
    values = np.where(z < 0, lower, upper)
    values = values - np.sum(weights * values)
    return _Scores(z, weights, values / math.sqrt(float(np.sum(weights * values**2))))


def _hermite(one: _Scores) -> Array:
    """Coefficients of the values in orthonormal Hermite polynomials of the score, from degree 1."""
    found = np.empty(_TERMS)
    before, now = np.ones_like(one.z), one.z.copy()
    for k in range(1, _TERMS + 1):
        found[k - 1] = np.sum(one.weights * one.values * now)
        before, now = now, (one.z * now - math.sqrt(k) * before) / math.sqrt(k + 1)
    return found


@dataclass(frozen=True)
class PearsonCurve:
    """Pearson's coefficient of two inputs as a function of that of their normal scores.

    A power series in r (Mehler): its coefficients are products of Hermite coefficients, and what
    is beyond the last term is fixed by the two ends, where one score is the other or its negative.

    Parameters
    ----------
    terms : ndarray of shape (k,)
        Of r¹, r² …
    low, high : float
        Least and largest coefficient that the two distributions allow (Fréchet).
    """

    terms: Array
    low: float
    high: float

    def at(self, r: float) -> float:
        """Coefficient of the inputs where that of the scores is `r`."""
        powers = np.cumprod(np.full(len(self.terms), r))
        signs = np.where(np.arange(1, len(self.terms) + 1) % 2, -1.0, 1.0)
        rest, mirrored = self.high - self.terms.sum(), self.low - (signs * self.terms).sum()
        odd, even = (rest - mirrored) / 2, (rest + mirrored) / 2
        last = len(self.terms)  # even
        tail = odd * r ** (last + 1) + even * r ** (last + 2)
        return float(np.sum(self.terms * powers) + tail)


@functools.lru_cache(maxsize=512)
def pearson_curve(first: Distribution, second: Distribution) -> PearsonCurve:
    """Find how Pearson's coefficient of two laws follows from that of their normal scores."""
    steps = np.linspace(-_FURTHEST, _FURTHEST, _STEPS)
    jumps = np.concatenate([_edges(first), _edges(second)])
    edges = np.unique(np.concatenate([steps, jumps, -jumps]))
    one, other = _scores(first, edges), _scores(second, edges)
    high = float(np.sum(one.weights * one.values * other.values))
    low = float(np.sum(one.weights * one.values * other.values[::-1]))  # nodes are symmetric
    return PearsonCurve(_hermite(one) * _hermite(other), low, high)


class Unreachable(ValueError):
    """No dependence gives two distributions this Pearson coefficient."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__(f"between {low:.4g} and {high:.4g}")
        self.low, self.high = low, high


@functools.lru_cache(maxsize=4096)
def pearson_score_correlation(pearson: float, first: Distribution, second: Distribution) -> float:
    """Correlation of the normal scores of two inputs whose own values correlate by `pearson`.

    Raises
    ------
    Unreachable
        Where the two distributions do not allow it (Fréchet's bounds).

    Examples
    --------
    >>> from rangecast.distributions import Lognormal
    >>> law = Lognormal(0.0, 1.0)  # closed form: log(1 + ρ (e − 1))
    >>> round(pearson_score_correlation(0.5, law, law) - math.log1p(0.5 * math.expm1(1)), 9)
    0.0
    """
    from scipy import optimize

    curve = pearson_curve(first, second)
    if not curve.low - 1e-9 <= pearson <= curve.high + 1e-9:
        raise Unreachable(curve.low, curve.high)
    if pearson >= curve.high or pearson <= curve.low:
        return math.copysign(1.0, pearson)
    return float(optimize.brentq(lambda r: curve.at(r) - pearson, -1.0, 1.0, xtol=1e-12))
