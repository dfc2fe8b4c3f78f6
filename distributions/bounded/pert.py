"""The PERT law: a beta given by lowest, likeliest and highest value."""

from __future__ import annotations

from dataclasses import dataclass

from rangecast.distributions import _fit, _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.bounded.beta import Beta
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class PERT(Sampled):
    """A smooth lowest–likeliest–highest estimate (Malcolm et al., 1959).

    Parameters
    ----------
    low, mode, high : float
        Hard bounds and peak, ``low <= mode <= high``.
    weight : float
        Weight of the mode, above 0; 4 by custom, more is narrower.

    Examples
    --------
    >>> PERT(10.0, 20.0, 60.0).mean
    25.0
    """

    low: float
    mode: float
    high: float
    weight: float = 4.0
    discrete = False

    def __post_init__(self) -> None:
        _require.between(self.low, self.mode, self.high)
        _require.positive(weight=self.weight)

    @classmethod
    def from_percentiles(
        cls, percentiles: dict[float, float], mode: float | None = None, weight: float = 4.0
    ) -> PERT:
        """Fit three percentiles exactly, or two beside the mode."""
        _require.positive(weight=weight)

        def standard(peaked: float, u: Array) -> Array:
            return PERT(0.0, peaked, 1.0, weight).quantile(u)

        found = _fit.peak("a pert", standard, percentiles, mode)
        return _fit.met("a pert", lambda: cls(*found, weight), percentiles)

    @property
    def beta(self) -> Beta:
        """The same law as a beta."""
        width = self.high - self.low
        if width == 0:
            return Beta(1.0, 1.0, self.low, self.high)
        a = 1 + self.weight * (self.mode - self.low) / width
        return Beta(a, 1 + self.weight * (self.high - self.mode) / width, self.low, self.high)

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + self.weight * self.mode + self.high) / (self.weight + 2)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return self.beta.sd

    @property
    def support(self) -> tuple[float, float]:
        """The two bounds."""
        return self.low, self.high

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self.beta.quantile(u)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self.beta.upper_quantile(q)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return self.beta.cdf(x)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return self.beta.sf(x)

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        return self.beta.pdf(x)
