"""Scenarios at given places of the inputs' distributions, for methods that move inputs by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.scenarios import Driver, Program


def values_at(
    drivers: Sequence[Driver], levels: Array, held: Mapping[str, float] | None = None
) -> dict[str, Array]:
    """Value of every sampled input at given levels of the drivers.

    Parameters
    ----------
    drivers : sequence of Driver
        Inputs that share a draw move together, and so do the periods of a path.
    levels : ndarray of shape (n, drivers)
        Places in (0, 1) of each driver's distribution.
    held : mapping of str to float, optional
        Values that stand for the median.

    Returns
    -------
    dict of str to ndarray of shape (n,)
    """
    values = {}
    for d, driver in enumerate(drivers):
        for name, law in driver.path or driver.laws:
            column = np.asarray(law.quantile(levels[:, d]), dtype=float)
            if held is not None:
                column = np.where(levels[:, d] == 0.5, held[name], column)
            values[name] = column
    return values


def outputs_of(program: Program, values: Mapping[str, Array], output: str) -> Array:
    """Output of each scenario; not finite where the model has no value."""
    count = len(next(iter(values.values()))) if values else 1
    with np.errstate(all="ignore"):
        found = program.evaluate(values)[output]
    return np.array(np.broadcast_to(found, (count,)), dtype=float)
