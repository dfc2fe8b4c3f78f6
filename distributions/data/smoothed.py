"""Observed values, smoothed by a Gaussian kernel."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.data import _observed
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array
from scipy import special

MOST_CENTRES = 512
"""Kernels up to which every value has its own; more values share one within a grid cell."""
CELLS_PER_BANDWIDTH = 16
_MATRIX = 1_000_000  # points times centres that are evaluated at once
_NEAR = 1e-9  # of a bandwidth: a last step so short leaves an error of its square


def bandwidth(values: Array) -> float:
    """Silverman's rule of thumb: 0.9 min(sd, IQR / 1.34) n^(−1/5), sd with n − 1 (1986, eq. 3.31).

    Where the quartiles are equal, the standard deviation alone.

    Examples
    --------
    >>> round(bandwidth(np.array([1.0, 2.0, 3.0, 4.0, 5.0])), 6)
    0.973585
    """
    sd = float(values.std(ddof=1))
    quarter = float(np.subtract(*np.quantile(values, [0.75, 0.25]))) / 1.34
    return 0.9 * (min(sd, quarter) if quarter > 0 else sd) * math.pow(len(values), -0.2)


def _merged(z: Array, width: float) -> tuple[Array, Array]:
    """Give centres and weights: sorted values, those that share a cell merged at their mean."""
    if len(z) <= MOST_CENTRES:
        centres, counts = np.unique(z, return_counts=True)
        return centres, counts / len(z)
    cell = np.floor((z - z[0]) / width)
    first = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
    counts = np.diff(np.append(first, len(z)))
    return np.add.reduceat(z, first) / counts, counts / len(z)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Smoothed(Sampled):
    """A kernel density estimate that keeps the mean and the spread of the data.

    A normal law lies around every value, of the width of Silverman's rule. The values are drawn
    together first, so that smoothing adds no variance (Silverman & Young, 1987). Positive values
    are smoothed as logarithms, so that draws are positive; else on their own scale. It reaches
    somewhat beyond the observed values on both sides.

    Parameters
    ----------
    given : sequence of float
        The values: finite, at least two different ones.

    Raises
    ------
    ParameterError

    Notes
    -----
    Above 512 values, those within a sixteenth of the bandwidth share one kernel at their mean.

    Examples
    --------
    >>> law = Smoothed([2.0, 3.0, 5.0, 9.0])
    >>> law.support, bool(law.quantile(np.array(0.99)) > 9)
    ((0.0, inf), True)
    """

    given: InitVar[Sequence[float] | Array]
    count: int = field(init=False)
    centres: Array = field(init=False)
    weights: Array = field(init=False)
    width: float = field(init=False)
    log: bool = field(init=False)
    digest: str = field(init=False)
    discrete = False

    def __post_init__(self, given: Sequence[float] | Array) -> None:
        values = _observed.ordered(given)
        if values[0] == values[-1]:
            message = "smoothing needs two different values"
            got = f"{len(values):,} of {_require.number(float(values[0]))}"
            raise ParameterError("E310", "values", message, got=got)
        log = bool(values[0] > 0)
        z = np.log(values) if log else values
        width = bandwidth(z)
        centres, weights = _merged(z, width / CELLS_PER_BANDWIDTH)
        mean, variance = float(z.mean()), float(z.var())
        kept = float(weights @ (centres - mean) ** 2)
        # Kernels of variance w² at centres drawn together by r: r² kept + w² is the variance of z
        # where w = r · width.
        ratio = math.sqrt(variance / (kept + width * width))
        found = {
            "count": len(values),
            "centres": mean + ratio * (centres - mean),
            "weights": weights,
            "width": ratio * width,
            "log": log,
            "digest": _observed.digest(values),
        }
        for name, part in found.items():
            object.__setattr__(self, name, part)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Smoothed) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash((self.digest, "smoothed"))

    def __repr__(self) -> str:
        scale = "logarithms" if self.log else "values"
        text = f"bandwidth {_require.number(self.width)} of {scale}"
        return f"Smoothed({self.count:,} values, {text}, sha256 {self.digest[:16]})"

    @property
    def mean(self) -> float:
        """Expected value: of values smoothed as they are, their mean exactly."""
        if not self.log:
            return float(self.weights @ self.centres)
        return float(self.weights @ np.exp(self.centres + self.width**2 / 2))

    @property
    def sd(self) -> float:
        """Standard deviation: of values smoothed as they are, theirs exactly."""
        if not self.log:
            apart = self.centres - self.mean
            return math.sqrt(float(self.weights @ apart**2) + self.width**2)
        mean = self.mean
        each = np.exp(self.centres + self.width**2 / 2)
        inner = each**2 * math.expm1(self.width**2)
        return math.sqrt(float(self.weights @ ((each - mean) ** 2 + inner)))

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to infinity where all values are positive, else the whole line."""
        return (0.0 if self.log else -math.inf), math.inf

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return self._from_tails(u, below=True)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return self._from_tails(q, below=False)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return self._share(self._z(x), 1.0)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return self._share(self._z(x), -1.0)

    def pdf(self, x: Array) -> Array:
        """Density at `x`."""
        z = self._z(x)
        if not self.log:
            return self._density(z)
        with np.errstate(all="ignore"):
            return np.where(np.isfinite(z), self._density(z) / np.asarray(x, dtype=float), 0.0)

    def _z(self, x: Array) -> Array:
        """Values on the scale of the kernels."""
        with np.errstate(all="ignore"):
            return np.log(np.maximum(x, 0.0)) if self.log else np.asarray(x, dtype=float)

    def _share(self, z: Array, sign: float) -> Array:
        return self._mixed(z, lambda t: np.asarray(special.ndtr(sign * t)))

    def _density(self, z: Array) -> Array:
        constant = self.width * math.sqrt(2 * math.pi)
        return self._mixed(z, lambda t: np.exp(-0.5 * t * t)) / constant

    def _mixed(self, z: Array, kernel: Callable[[Array], Array]) -> Array:
        """Weighted sum of a kernel over all centres, in pieces that fit into memory."""
        flat = np.ravel(z)
        found, step = np.empty(len(flat)), max(1, _MATRIX // len(self.centres))
        for at in range(0, len(flat), step):
            apart = (flat[at : at + step, None] - self.centres) / self.width
            found[at : at + step] = kernel(apart) @ self.weights
        return found.reshape(np.shape(z))

    def _from_tails(self, p: Array, below: bool) -> Array:
        """Solve from the nearer tail, so that no digits cancel."""
        p = np.asarray(p, dtype=float)
        flat = np.ravel(p)
        found = np.where(flat <= 0, -math.inf if below else math.inf, math.inf)
        found[flat >= 1] = math.inf if below else -math.inf
        inner = (flat > 0) & (flat < 1)
        near = inner & (flat <= 0.5)
        for part, wanted, sign in (
            (near, flat, 1.0 if below else -1.0),
            (inner & ~near, 1 - flat, -1.0 if below else 1.0),
        ):
            if part.any():
                found[part] = _solve(self, np.log(wanted[part]), sign)
        with np.errstate(over="ignore"):
            return (np.exp(found) if self.log else found).reshape(np.shape(p))


@functools.lru_cache(maxsize=64)
def _guide(law: Smoothed, sign: float) -> tuple[Array, Array]:
    """Points on the kernels' scale and the logarithm of the share below (or above) each."""
    apart = law.width * np.array([-38.0, -24.0, -14.0, -8.0, -5.0, -3.0, -1.5])
    inside = np.linspace(law.centres[0], law.centres[-1], 257)
    points = np.concatenate([law.centres[0] + apart, inside, law.centres[-1] - apart[::-1]])
    with np.errstate(divide="ignore"):
        logs = np.log(law._share(points, sign))
    return (points, logs) if sign > 0 else (points[::-1], logs[::-1])


def _solve(law: Smoothed, wanted: Array, sign: float) -> Array:
    """Point whose log share below (sign 1) or above (sign −1) is as wanted.

    Newton's steps inside a bracket that shrinks, from a table; log shares are smooth in both tails.
    """
    points, logs = _guide(law, sign)
    place = np.clip(np.searchsorted(logs, wanted), 1, len(logs) - 1)
    ends = np.stack([points[place - 1], points[place]])
    low, high = ends.min(axis=0), ends.max(axis=0)
    found = np.interp(wanted, logs, points)
    near = _NEAR * law.width
    left = np.arange(len(found))
    for _ in range(100):
        at = found[left]
        with np.errstate(all="ignore"):
            apart = np.log(law._share(at, sign)) - wanted[left]
            slope = law._density(at) * np.exp(-(wanted[left] + apart)) * sign
            step = at - apart / slope
        under = apart * sign < 0
        low[left] = np.where(under, at, low[left])
        high[left] = np.where(under, high[left], at)
        inside = (step > low[left] - near) & (step < high[left] + near)
        found[left] = np.where(inside, step, (low[left] + high[left]) / 2)
        left = left[np.abs(found[left] - at) > near]
        if not len(left):
            break
    return found
