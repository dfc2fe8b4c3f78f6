"""A law by straight lines through a table of percentiles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True)
class Piecewise(Sampled):
    """Every value between two listed ones is as likely as another.

    Parameters
    ----------
    values : tuple of float
        Ascending; the first and the last are the bounds.
    levels : tuple of float
        Probability at or below each value, ascending from 0 to 1.

    Examples
    --------
    >>> Piecewise((0.0, 10.0, 40.0), (0.0, 0.5, 1.0)).quantile(np.array([0.25, 0.75]))
    array([ 5., 25.])
    """

    values: tuple[float, ...]
    levels: tuple[float, ...]
    discrete = False
    rough = True

    def __post_init__(self) -> None:
        if len(self.values) != len(self.levels) or len(self.values) < 2:
            got = f"{len(self.values)} values, {len(self.levels)} levels"
            message = "values and levels must be as many, two or more"
            raise ParameterError("E302", "levels", message, got=got)
        for name, numbers in (("values", self.values), ("levels", self.levels)):
            _require.finite(**{f"{name}[{k}]": v for k, v in enumerate(numbers)})
            for k in range(1, len(numbers)):
                if not numbers[k - 1] < numbers[k]:
                    got = f"{_require.number(numbers[k - 1])}, {_require.number(numbers[k])}"
                    raise ParameterError("E304", f"{name}[{k}]", "must ascend", got=got)
        if (self.levels[0], self.levels[-1]) != (0.0, 1.0):
            got = f"{_require.number(self.levels[0])} to {_require.number(self.levels[-1])}"
            raise ParameterError("E303", "levels", "must begin at 0 and end at 1", got=got)

    @property
    def mean(self) -> float:
        """Expected value."""
        values, weights = np.array(self.values), np.diff(self.levels)
        return float(weights @ (values[1:] + values[:-1]) / 2)

    @property
    def sd(self) -> float:
        """Standard deviation."""
        values, weights = np.array(self.values), np.diff(self.levels)
        middle, width = (values[1:] + values[:-1]) / 2 - self.mean, np.diff(values)
        return math.sqrt(float(weights @ (middle**2 + width**2 / 12)))

    @property
    def support(self) -> tuple[float, float]:
        """The first and the last value."""
        return self.values[0], self.values[-1]

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return np.asarray(np.interp(np.asarray(u, dtype=float), self.levels, self.values))

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        above = 1.0 - np.array(self.levels[::-1])
        return np.asarray(np.interp(np.asarray(q, dtype=float), above, self.values[::-1]))

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return np.asarray(np.interp(np.asarray(x, dtype=float), self.values, self.levels))

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        levels, values = np.array(self.levels), np.array(self.values)
        x = -np.asarray(x, dtype=float)  # from the upper end, where no digits cancel
        return np.asarray(np.interp(x, -values[::-1], (1 - levels)[::-1]))

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        x = np.asarray(x, dtype=float)
        heights = np.diff(self.levels) / np.diff(self.values)
        place = np.searchsorted(self.values, x, side="right") - 1
        inside = (x >= self.values[0]) & (x <= self.values[-1])
        return np.where(inside, heights[np.clip(place, 0, len(heights) - 1)], 0.0)
