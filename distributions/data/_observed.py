"""What laws of observed values share: a sorted copy of them and a digest that names it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.protocol import Array


def ordered(values: Sequence[float] | Array) -> Array:
    """Give the values in ascending order, as an array that nobody can change.

    Raises
    ------
    ParameterError
        Without a value (E310), or when one is not finite (E305).
    """
    found = np.sort(np.asarray(values, dtype=float).ravel()) + 0.0  # no negative zeros
    if not len(found):
        raise ParameterError("E310", "values", "needs at least one value")
    if not np.isfinite(found).all():
        wrong = int((~np.isfinite(found)).sum())
        message = "every value must be finite"
        raise ParameterError("E305", "values", message, got=f"{wrong:,} that are not")
    found.flags.writeable = False
    return found


def digest(*parts: Array) -> str:
    """Hash numbers, whatever the byte order of the machine."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(np.ascontiguousarray(part, dtype="<f8").tobytes())
    return found.hexdigest()
