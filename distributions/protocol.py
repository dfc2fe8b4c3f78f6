"""What the engine needs of a belief about an input."""

from __future__ import annotations

from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]


@runtime_checkable
class Distribution(Protocol):
    """A frozen distribution: from probability to value and back.

    Every design (plain random, stratified, low-discrepancy, correlated) enters through `quantile`
    and `upper_quantile`; the pair keeps full precision in both tails.
    """

    def __hash__(self) -> int: ...

    @property
    def mean(self) -> float:
        """Expected value (``inf`` or ``nan`` where it does not exist)."""
        ...

    @property
    def sd(self) -> float:
        """Standard deviation (``inf`` or ``nan`` where it does not exist)."""
        ...

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest possible value, infinite where unbounded."""
        ...

    @property
    def discrete(self) -> bool:
        """Whether probability sits on single values."""
        ...

    def quantile(self, u: Array) -> Array:
        """Value that is not exceeded with probability `u` (smallest x with F(x) ≥ u)."""
        ...

    def upper_quantile(self, q: Array) -> Array:
        """Value that is exceeded with probability `q`: `quantile` of 1 − q without cancellation."""
        ...

    def cdf(self, x: Array) -> Array:
        """Probability of a value at or below `x`."""
        ...

    def sf(self, x: Array) -> Array:
        """Probability of a value above `x`: 1 − `cdf` without cancellation."""
        ...
