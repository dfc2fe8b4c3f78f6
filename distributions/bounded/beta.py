"""The beta law between any two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special

_LARGEST = 80.0
"""Largest logarithm of a shape in a fit."""


@dataclass(frozen=True, slots=True)
class Beta(Sampled):
    """A share between two bounds, with a shape of its own.

    Parameters
    ----------
    a, b : float
        Shapes, above 0.
    low, high : float
        Hard bounds.

    Examples
    --------
    >>> round(float(Beta(2.0, 5.0).mean), 6)
    0.285714
    """

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0
    discrete = False

    def __post_init__(self) -> None:
        _require.positive(a=self.a, b=self.b)
        _require.ordered(low=self.low, high=self.high)

    @classmethod
    def from_mean_sd(cls, mean: float, sd: float, low: float = 0.0, high: float = 1.0) -> Beta:
        """Build from mean and standard deviation."""
        _check_bounds(low, high)
        _require.positive(sd=sd)
        _require.inside(low, high, mean=mean)
        share, spread = (mean - low) / (high - low), sd / (high - low)
        total = share * (1 - share) / spread**2 - 1
        if not total > 0:
            most = _require.number(math.sqrt((mean - low) * (high - mean)))
            message = f"must be < {most} with this mean between these bounds"
            raise ParameterError("E303", "sd", message, got=_require.number(sd))
        return cls(share * total, (1 - share) * total, low, high)

    @classmethod
    def from_percentiles(
        cls, percentiles: dict[float, float], low: float = 0.0, high: float = 1.0
    ) -> Beta:
        """Fit any two percentiles between the bounds exactly."""
        _check_bounds(low, high)
        _require.inside(low, high, **{_require.percentile(p): v for p, v in percentiles.items()})
        p, x, q, y = _require.two_levels(percentiles)
        width = high - low
        shapes = _shapes(p, (x - low) / width, q, (y - low) / width)
        return _fit.met("a beta", lambda: cls(*shapes, low, high), percentiles)

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.low + (self.high - self.low) * self.a / (self.a + self.b)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        total = self.a + self.b
        shares = self.a / total, self.b / total  # a * b may underflow
        return (self.high - self.low) * math.sqrt(shares[0] * shares[1] / (total + 1))

    @property
    def support(self) -> tuple[float, float]:
        """The two bounds."""
        return self.low, self.high

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        u = np.asarray(u, dtype=float)
        return self._place(u, 1 - u)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        q = np.asarray(q, dtype=float)
        return self._place(1 - q, q)

    def _place(self, below: Array, above: Array) -> Array:
        """Measure from the nearer bound, so that both ends keep their digits."""
        width = self.high - self.low
        a, b = self.a, self.b
        lower = np.where(below < 0.5, _inverse(a, b, below), _inverse(a, b, above, complement=True))
        upper = np.where(below < 0.5, _inverse(b, a, below, complement=True), _inverse(b, a, above))
        near_low = lower < 0.5
        return np.asarray(np.where(near_low, self.low + width * lower, self.high - width * upper))

    def _shares(self, x: Array) -> tuple[Array, Array]:
        """Distance from each bound, as a share of the width."""
        if self.high == self.low:
            below = np.where(np.asarray(x) >= self.low, 1.0, 0.0)
            return below, 1 - below
        x, width = np.clip(x, self.low, self.high), self.high - self.low
        return (x - self.low) / width, (self.high - x) / width

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return _probability(self.a, self.b, *self._shares(x))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return _probability(self.b, self.a, *self._shares(x)[::-1])

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        share, rest = self._shares(x)
        with np.errstate(all="ignore"):
            logs = special.xlogy(self.a - 1, share) + special.xlogy(self.b - 1, rest)
            density = np.exp(logs - special.betaln(self.a, self.b)) / (self.high - self.low)
        inside = (np.asarray(x) >= self.low) & (np.asarray(x) <= self.high)
        return np.where(inside, density, 0.0)


def _inverse(a: float, b: float, p: Array, complement: bool = False) -> Array:
    """Invert the incomplete beta function, or its complement.

    Where SciPy's inverse misses the probability asked, as it does for some a near 1 and at 1/2 for
    some a = b, Newton's method takes one step more.
    """
    if complement:
        x, sign = special.betainccinv(a, b, p), -1.0
        miss = special.betaincc(a, b, x) - p
    else:
        x, sign = special.betaincinv(a, b, p), 1.0
        miss = special.betainc(a, b, x) - p
    with np.errstate(all="ignore"):
        logs = special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)
        nearer = x - sign * miss / np.exp(logs)
    off = (np.abs(miss) > 1e-11 * p) & (nearer > 0) & (nearer < 1)
    return np.asarray(np.where(off, nearer, x))


def _probability(a: float, b: float, near: Array, far: Array) -> Array:
    """Probability between one bound and a value, from the bound that is nearer to it."""
    from_far = special.betaincc(b, a, far)
    return np.asarray(np.where(near < 0.5, special.betainc(a, b, near), from_far))


def _check_bounds(low: float, high: float) -> None:
    _require.finite(low=low, high=high)
    if not low < high:
        got = f"low = {_require.number(low)}, high = {_require.number(high)}"
        raise ParameterError("E304", "low", "low must be < high", got=got)


def _shapes(p: float, x: float, q: float, y: float) -> tuple[float, float]:
    """Solve for the shapes of a beta on 0 … 1 with F(x) = p and F(y) = q.

    For each a there is one b with F(x) = p; along them F(y) rises from p, two lumps at the ends,
    to 1, a single lump. So every pair has one solution.
    """

    def second(log_a: float) -> float:
        a = math.exp(min(log_a, _LARGEST))
        start = log_a + math.log((1 - x) / x)

        def apart(log_b: float) -> float:
            return float(special.betainc(a, math.exp(min(log_b, _LARGEST)), x)) - p

        found = _fit.around(apart, start, 0.5)
        return _fit.root(apart, *found) if found else start

    def apart(log_a: float) -> float:
        a, b = (math.exp(min(at, _LARGEST)) for at in (log_a, second(log_a)))
        return float(special.betainc(a, b, y)) - q

    found = _fit.around(apart, 0.0, 1.0)
    log_a = _fit.root(apart, *found) if found else 0.0
    return math.exp(min(log_a, _LARGEST)), math.exp(min(second(log_a), _LARGEST))
