"""The inverse Gaussian law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array
from scipy import special

_ROOT2 = math.sqrt(2)
_CLOSE = 1e-3
_LEAP = 3.0
"""Longest step in the logarithm: from a flat end Newton's would throw far beyond the root."""


@dataclass(frozen=True, slots=True)
class InverseGaussian(Sampled):
    """The time until a drifting random walk reaches a mark (Schrödinger, 1915).

    Parameters
    ----------
    mean : float
        Above 0.
    shape : float
        λ, above 0: the variance is mean³ / λ.

    Examples
    --------
    >>> InverseGaussian(2.0, 8.0).sd
    1.0
    """

    mean: float
    shape: float
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(mean=self.mean, shape=self.shape)

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float) -> InverseGaussian:
        """Build from mean and standard deviation."""
        _require.positive(mean=mean, sd=sd)
        return cls(mean, mean * (mean / sd) ** 2)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float]) -> InverseGaussian:
        """Fit two positive percentiles exactly.

        Their ratio has a limit, that of the law of an infinite mean (Lévy's).
        """

        def standard(log_shape: float, u: Array) -> Array:
            return cls(1.0, math.exp(log_shape)).quantile(u)

        shape, mean = _fit.shape_of_ratio("an inverse_gaussian", standard, percentiles)
        return _fit.met("an inverse_gaussian", lambda: cls(mean, shape * mean), percentiles)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.mean * math.sqrt(self.mean / self.shape)

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to infinity."""
        return 0.0, math.inf

    def _ends(self, x: Array) -> tuple[Array, Array]:
        """Logarithms of the probability at or below, and above, `x`.

        Both terms of either have the factor exp(−z²/2), with z = root (ratio − 1): it is taken
        out, and only their Mills ratios are added or subtracted. The smaller of the two
        probabilities is found this way, the other as its complement.
        """
        root = np.sqrt(self.shape / x)
        near = root * (x - self.mean) / self.mean / _ROOT2
        far, half = root * (x / self.mean + 1) / _ROOT2, root / _ROOT2
        below = np.log((special.erfcx(-near) + special.erfcx(far)) / 2) - near * near
        above = np.log(_fall(near, far, half)) - near * near
        upper = (near > 0) | (below > math.log(0.5))
        side = np.where(upper, above, below)
        other = np.log1p(-np.exp(np.minimum(side, 0.0)))
        return np.where(upper, other, side), np.where(upper, side, other)

    def _solve(self, wanted: Array, side: int) -> Array:
        """Value whose log probability below (side 0) or above (side 1) is as wanted.

        Newton's steps in the logarithm of x / mean, kept inside a bracket that shrinks.
        """
        spread = math.sqrt(math.log1p(self.mean / self.shape))
        z = special.ndtri(np.exp(np.clip(wanted, -700.0, -1e-16)))
        at = spread * (z if side == 0 else -z) - spread**2 / 2
        low, high = np.full_like(at, -750.0), np.full_like(at, 750.0)
        constant = 0.5 * math.log(self.shape / self.mean / (2 * math.pi))
        for _ in range(80):
            apart = self._ends(self.mean * np.exp(at))[side] - wanted
            rises = apart < 0 if side == 0 else apart > 0
            low, high = np.where(rises, at, low), np.where(rises, high, at)
            away = np.expm1(at)
            log_pdf = constant - at / 2 - self.shape / self.mean * away * away / np.exp(at) / 2
            slope = np.exp(log_pdf - wanted - apart) * (1 if side == 0 else -1)
            step = at - np.clip(apart / slope, -_LEAP, _LEAP)
            inside = (step >= low) & (step <= high)
            following = np.where(inside, step, (low + high) / 2)
            moved = np.abs(following - at).max()
            at = following
            if moved < 1e-9:  # the error that is left is its square
                break
        return np.asarray(self.mean * np.exp(at))

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self._from_tails(np.asarray(u, dtype=float), 0)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self._from_tails(np.asarray(q, dtype=float), 1)

    def _from_tails(self, p: Array, side: int) -> Array:
        """Solve from the nearer tail, so that no digits cancel."""
        flat = np.atleast_1d(p).ravel()
        found = np.where(flat <= 0, (0.0, math.inf)[side], (math.inf, 0.0)[side])
        inner = (flat > 0) & (flat < 1)
        near = inner & (flat <= 0.5)
        with np.errstate(all="ignore"):
            if near.any():
                found[near] = self._solve(np.log(flat[near]), side)
            if (inner & ~near).any():
                found[inner & ~near] = self._solve(np.log1p(-flat[inner & ~near]), 1 - side)
        return found.reshape(np.shape(p))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            found = np.exp(self._ends(np.maximum(x, 1e-300))[0])
        return np.where(x <= 0, 0.0, np.where(np.isinf(x), 1.0, np.minimum(found, 1.0)))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            found = np.exp(self._ends(np.maximum(x, 1e-300))[1])
        return np.where(x <= 0, 1.0, np.where(np.isinf(x), 0.0, np.minimum(found, 1.0)))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            power = -self.shape * (x - self.mean) ** 2 / (2 * self.mean**2 * x)
            density = np.sqrt(self.shape / (2 * math.pi * x**3)) * np.exp(power)
        return np.where(x > 0, np.nan_to_num(density), 0.0)


def _fall(near: Array, far: Array, half: Array) -> Array:
    """Half of erfcx(near) − erfcx(far); where the two are close, by three terms around the middle.

    `half` is half of their distance.
    """
    middle = (near + far) / 2
    value = special.erfcx(middle)
    first = 2 * middle * value - 2 / math.sqrt(math.pi)
    second = 2 * value + 2 * middle * first
    third = 4 * first + 2 * middle * second
    series = -half * (first + half * half * third / 6)
    found: Array = np.where(half < _CLOSE, series, (special.erfcx(near) - special.erfcx(far)) / 2)
    return found
