"""One input at a time from its P10 to its P90, the others held; exact, so it has no interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.sensitivity.bars import Bar, face, reach_of

if TYPE_CHECKING:
    from rangecast.engine.result import Result

LOW, HIGH = 0.10, 0.90


def design(result: Result, centre: str = "median") -> dict[str, Array]:
    """Scenarios to evaluate: all inputs at the centre, then each driver low, then each high.

    Returns
    -------
    dict of str to ndarray of shape (1 + 2 drivers,)
    """
    drivers = result.setup.drivers
    levels = np.full((1 + 2 * len(drivers), len(drivers)), 0.5)
    for d in range(len(drivers)):
        levels[1 + 2 * d, d], levels[2 + 2 * d, d] = LOW, HIGH
    values = {}
    for d, driver in enumerate(drivers):
        for name, law in driver.path or driver.laws:
            column = np.asarray(law.quantile(levels[:, d]), dtype=float)
            if centre == "base":
                column = np.where(levels[:, d] == 0.5, result.model.inputs[name].base, column)
            values[name] = column
    return values


def run(result: Result, values: dict[str, Array]) -> dict[str, Array]:
    """Evaluate the model on the design."""
    with np.errstate(all="ignore"):
        found: dict[str, Array] = result.setup.program.evaluate(values)
    return found


def estimate(result: Result, output: str, centre: str = "median") -> list[Bar]:
    """Bars from the evaluated design.

    Parameters
    ----------
    result : Result
    output : str
    centre : str
        ``median`` or ``base``: where the other inputs are held.
    """
    if centre not in {"median", "base"}:
        raise SettingsError(Problem("E700", "centre", "unknown centre", centre, "median or base"))
    result.row(output)
    values = design(result, centre)
    y = np.broadcast_to(run(result, values)[output], (1 + 2 * len(result.setup.drivers),))
    reach = reach_of(result, output)
    bars = []
    for d, driver in enumerate(result.setup.drivers):
        if driver.name not in reach:
            continue
        low, high = float(y[1 + 2 * d]), float(y[2 + 2 * d])
        own = values[driver.inputs[0]]
        bars.append(
            Bar(
                output,
                "swing",
                f"others at {centre}",
                *face(result.model, driver),
                reach[driver.name],
                low,
                high,
                float(own[1 + 2 * d]),
                float(own[2 + 2 * d]),
                high - low,
                baseline=float(y[0]),
                alone_low=low,
                alone_high=high,
            )
        )
    return bars
