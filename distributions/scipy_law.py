"""Let a frozen SciPy distribution serve as a law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rangecast.distributions._sampling import Sampled
from rangecast.distributions.protocol import Array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScipyLaw(Sampled):
    """A frozen object of ``scipy.stats`` behind the engine's protocol.

    Parameters
    ----------
    frozen : object
        Anything with ``ppf``, ``isf``, ``cdf``, ``sf``, ``mean()``, ``std()`` and ``support()``.
    """

    frozen: Any

    def __repr__(self) -> str:
        """Name and parameters, the same in every process: a run's identity is made of it."""
        name = getattr(getattr(self.frozen, "dist", None), "name", type(self.frozen).__name__)
        arguments = [repr(one) for one in getattr(self.frozen, "args", ())]
        named = getattr(self.frozen, "kwds", {})
        arguments += [f"{key}={value!r}" for key, value in named.items()]
        return f"ScipyLaw({name}({', '.join(arguments)}))"

    @property
    def discrete(self) -> bool:
        """Whether SciPy gives it a probability mass function."""
        return hasattr(getattr(self.frozen, "dist", self.frozen), "pmf")

    @property
    def mean(self) -> float:
        """Expected value."""
        return float(self.frozen.mean())

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return float(self.frozen.std())

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        low, high = self.frozen.support()
        return float(low), float(high)

    def atoms(self) -> tuple[Array, Array] | None:
        """Whole numbers between the extreme quantiles, for a discrete law; None above a million."""
        low, high = (float(v) for v in self.frozen.ppf([2.0**-53, 1 - 2.0**-53]))
        if not high - low < 1_000_000:
            return None
        values = np.arange(low, high + 1)
        return values, np.append(self.frozen.cdf(values[:-1]), 1.0)

    def quantile(self, u: Array) -> Array:
        """Value not exceeded with probability `u`."""
        return np.asarray(self.frozen.ppf(u), dtype=float)

    def upper_quantile(self, q: Array) -> Array:
        """Value exceeded with probability `q`."""
        return np.asarray(self.frozen.isf(q), dtype=float)

    def cdf(self, x: Array) -> Array:
        """Probability at or below `x`."""
        return np.asarray(self.frozen.cdf(x), dtype=float)

    def sf(self, x: Array) -> Array:
        """Probability above `x`."""
        return np.asarray(self.frozen.sf(x), dtype=float)


def from_scipy(frozen: Any) -> ScipyLaw:
    """Wrap a frozen SciPy distribution.

    Raises
    ------
    TypeError
        When the object lacks a method that is needed.
    """
    missing = [
        m for m in ("ppf", "isf", "cdf", "sf", "mean", "std", "support") if not hasattr(frozen, m)
    ]
    if missing:
        raise TypeError(f"not a frozen scipy.stats distribution: {', '.join(missing)} missing")
    return ScipyLaw(frozen)
