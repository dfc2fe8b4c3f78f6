"""One input at a time from a low to a high percentile, the others held; exact, so no interval.

With several points between the ends the bars become curves: a spider.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.sensitivity.bars import Bar, face, reach_of
from rangecast.engine.sensitivity.points import outputs_of, values_at

if TYPE_CHECKING:
    from rangecast.engine.result import Result

ENDS = (0.10, 0.90)
POINTS = 11
MOST_POINTS = 1_001


@dataclass(frozen=True)
class SpiderPoint:
    """An output with one input at one percentile and the others held.

    Parameters
    ----------
    output, input, label : str
    level : float
        Place in the input's distribution, 0 to 1.
    input_value, value : float
    rank : int
        Of the input by the spread of its curve, 1 for the widest.
    """

    output: str
    input: str
    label: str
    level: float
    input_value: float
    value: float
    rank: int = 0


def _held(result: Result, centre: str) -> dict[str, float] | None:
    if centre not in {"median", "base"}:
        raise SettingsError(Problem("E700", "centre", "unknown centre", centre, "median or base"))
    if centre == "median":
        return None
    return {name: one.base for name, one in result.model.inputs.items()}


def _check_ends(ends: tuple[float, float]) -> None:
    if not 0 < ends[0] < ends[1] < 1:
        got, allowed = f"{ends[0]:g} to {ends[1]:g}", "two levels between 0 and 1, ascending"
        raise SettingsError(Problem("E700", "ends", "bad percentiles", got, allowed))


def design(
    result: Result, centre: str = "median", places: tuple[float, ...] = ENDS
) -> dict[str, Array]:
    """Scenarios to evaluate: all inputs at the centre, then each driver at each place in turn.

    Returns
    -------
    dict of str to ndarray of shape (1 + drivers · places,)
    """
    drivers, count = result.setup.drivers, len(places)
    levels = np.full((1 + count * len(drivers), len(drivers)), 0.5)
    for d in range(len(drivers)):
        levels[1 + count * d : 1 + count * (d + 1), d] = places
    return values_at(drivers, levels, _held(result, centre))


def run(result: Result, values: dict[str, Array], output: str) -> Array:
    """Evaluate the model on the design."""
    return outputs_of(result.setup.program, values, output)


def estimate(
    result: Result, output: str, centre: str = "median", ends: tuple[float, float] = ENDS
) -> list[Bar]:
    """Bars from the evaluated design.

    Parameters
    ----------
    result : Result
    output : str
    centre : str
        ``median`` or ``base``: where the other inputs are held.
    ends : (float, float)
        Percentiles between which an input moves.
    """
    _check_ends(ends)
    result.row(output)
    values = design(result, centre, ends)
    y = run(result, values, output)
    reach = reach_of(result, output)
    moved = "" if ends == ENDS else f"P{100 * ends[0]:.4g} to P{100 * ends[1]:.4g}, "
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
                f"{moved}others at {centre}",
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


def spider(
    result: Result,
    output: str,
    points: int = POINTS,
    ends: tuple[float, float] = ENDS,
    centre: str = "median",
) -> list[SpiderPoint]:
    """Follow an output along each input alone, the others held.

    Parameters
    ----------
    result : Result
    output : str
    points : int
        Places from one end to the other, evenly; an odd number has the median among them.
    ends : (float, float)
    centre : str
        ``median`` or ``base``.

    Returns
    -------
    list of SpiderPoint
        Input by input, the widest curve first; direct inputs only.

    Raises
    ------
    SettingsError
    """
    _check_ends(ends)
    if not 2 <= points <= MOST_POINTS:
        allowed = f"2 to {MOST_POINTS:,}"
        raise SettingsError(Problem("E700", "points", "out of range", str(points), allowed))
    result.row(output)
    places = tuple(float(v) for v in np.linspace(*ends, points).round(12))
    values = design(result, centre, places)
    y, reach = run(result, values, output), reach_of(result, output)
    curves = []
    for d, driver in enumerate(result.setup.drivers):
        if reach.get(driver.name) != "direct":
            continue
        part = slice(1 + points * d, 1 + points * (d + 1))
        name, label, _ = face(result.model, driver)
        own = values[driver.inputs[0]][part]
        rows = zip(places, own.tolist(), y[part].tolist(), strict=True)
        curves.append([(output, name, label, *row) for row in rows])
    curves.sort(key=lambda rows: min(row[5] for row in rows) - max(row[5] for row in rows))
    return [SpiderPoint(*row, rank=k) for k, rows in enumerate(curves, 1) for row in rows]
