"""Johnson's SU law."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array
from scipy import special

_LEAST_DELTA = 0.05
"""Of a fit; below, the tails leave the range of floats."""


@dataclass(frozen=True, slots=True)
class JohnsonSU(Sampled):
    """Any skewness and any heavy tails on the whole line (Johnson, 1949).

    Parameters
    ----------
    gamma : float
        Below 0 leans to the right.
    delta : float
        Above 0; the smaller, the heavier the tails.
    loc : float
        Place.
    scale : float
        Size, above 0.

    Examples
    --------
    >>> JohnsonSU(0.0, 1.0, 5.0, 2.0).mean
    5.0
    """

    gamma: float
    delta: float
    loc: float = 0.0
    scale: float = 1.0
    discrete = False

    def __post_init__(self) -> None:
        _require.finite(gamma=self.gamma, loc=self.loc)
        _require.positive(delta=self.delta, scale=self.scale)

    @classmethod
    def from_percentiles(cls, percentiles: dict[float, float], delta: float) -> JohnsonSU:
        """Fit three percentiles exactly, with tails as heavy as `delta` says.

        Steps of the quantile function are products of sinh and cosh, so that their ratio gives
        gamma in closed form.
        """
        _require.above(_LEAST_DELTA, delta=delta)
        levels, values = _require.levels(percentiles, 3)
        a, b, c = (float(z) / delta for z in special.ndtri(levels))
        upper, lower = math.sinh((c - b) / 2), math.sinh((b - a) / 2)
        least, most = (
            1 / (1 + upper / lower * math.exp(side * (c - a) / 2)) for side in (1.0, -1.0)
        )
        margin = 1e-9 * (most - least)  # at the very ends gamma is infinite
        _fit.check_place(
            f"a johnson_su of delta {delta:g}", percentiles, least + margin, most - margin
        )
        wanted = (values[2] - values[1]) / (values[1] - values[0]) * lower / upper
        rising, falling = (c + b) / 2, (b + a) / 2
        above = wanted * math.exp(falling) - math.exp(rising)
        below = math.exp(-rising) - wanted * math.exp(-falling)
        lean = math.log(above / below) / 2
        first, last = math.sinh(a - lean), math.sinh(c - lean)
        scale = (values[2] - values[0]) / (last - first)
        found = (delta * lean, delta, values[0] - scale * first, scale)
        return _fit.met("a johnson_su", lambda: cls(*found), percentiles)

    @property
    def mean(self) -> float:
        """Expected value."""
        with np.errstate(over="ignore"):
            lift = float(np.exp(0.5 / self.delta**2) * np.sinh(self.gamma / self.delta))
        return self.loc - self.scale * lift

    @property
    def sd(self) -> float:
        """Standard deviation."""
        spread = 1 / self.delta**2
        with np.errstate(over="ignore"):
            twice = float(np.exp(spread) * np.cosh(2 * self.gamma / self.delta)) + 1
            return self.scale * math.sqrt(float(np.expm1(spread)) * twice / 2)

    @property
    def support(self) -> tuple[float, float]:
        """The whole line."""
        return -math.inf, math.inf

    def _at(self, z: Array) -> Array:
        with np.errstate(over="ignore"):
            return self.loc + self.scale * np.sinh((z - self.gamma) / self.delta)

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self._at(special.ndtri(u))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self._at(-special.ndtri(q))

    def _normal(self, x: Array) -> Array:
        z = (np.asarray(x, dtype=float) - self.loc) / self.scale
        return self.gamma + self.delta * np.arcsinh(z)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return np.asarray(special.ndtr(self._normal(x)))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return np.asarray(special.ndtr(-self._normal(x)))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        z = (np.asarray(x, dtype=float) - self.loc) / self.scale
        normal = np.exp(-0.5 * self._normal(x) ** 2) / math.sqrt(2 * math.pi)
        return normal * self.delta / (self.scale * np.sqrt(1 + z * z))
