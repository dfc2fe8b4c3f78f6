"""Goal seek: which value of an input brings the chance of an outcome to a target."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.model.cases import apply_case, set_inputs
from rangecast.engine.model.model import Model
from rangecast.engine.result import Probability
from rangecast.engine.simulate import simulate

STEPS = 40
RANGE = (0.0005, 0.9995)


@dataclass(frozen=True)
class Goal:
    """The value of an input at which a chance reaches its target.

    Parameters
    ----------
    input, output : str
    value : float
        The input fixed at this value; NaN where no value inside its range does it.
    percentile : float
        Share of the input's own distribution at or below it; NaN for a constant.
    chance : Probability
        Chance reached there, with its 95 % interval.
    low, high : (float, float)
        Ends of the range that was searched, as value and chance.
    runs : int
        Scenarios run in all.
    """

    input: str
    output: str
    value: float
    percentile: float
    chance: Probability
    low: tuple[float, float]
    high: tuple[float, float]
    runs: int


def seek(
    model: Model,
    name: str,
    output: str,
    *,
    above: float | None = None,
    below: float | None = None,
    chance: float = 0.9,
    between: tuple[float, float] | None = None,
    case: str = "",
    scenarios: int = 100_000,
    **settings: Any,
) -> Goal:
    """Find the value of an input that brings the chance of an outcome to a target.

    Parameters
    ----------
    model : Model
    name : str
        Input that is fixed, an intervention: inputs correlated with it do not move along.
    output : str
    above, below : float, optional
        The outcome: the output above, or below, this limit.
    chance : float
        Target, inside (0, 1).
    between : (float, float), optional
        Where to search; by default from P0.05 to P99.95 of the input.
    case : str
    scenarios : int
        Of every step; all steps use the same draws.
    **settings
        As of `simulate`.

    Returns
    -------
    Goal
        Found by bisection of a chance that rises or falls along the input; where both ends lie on
        the same side of the target, `value` is NaN and the ends say how far the chance goes.

    Raises
    ------
    SettingsError

    Examples
    --------
    >>> import rangecast as rc
    >>> law = rc.distributions.Uniform(0, 1)
    >>> own = rc.Model({"a": law, "b": law}, lambda a, b: {"y": a + b})
    >>> found = seek(own, "a", "y", below=1.2, chance=0.9)
    >>> round(found.value, 1)
    0.3
    """
    laid = apply_case(model, case) if case else model
    low, high = _ends(laid, name, between)
    if (above is None) == (below is None) or not 0 < chance < 1:
        message = "give either above or below, and a chance inside (0, 1)"
        raise SettingsError(Problem("E700", "goal", message))
    side = {"below": below} if above is None else {"above": above}
    count = 0

    def at(value: float) -> Probability:
        nonlocal count
        fixed = set_inputs(laid, [f"{name}={value!r}"])
        result = simulate(fixed, scenarios=scenarios, outputs=_asked(laid, output), **settings)
        count += result.scenarios
        return result.probability(output, **side)

    ends = (low, at(low).value), (high, at(high).value)
    rising = ends[1][1] >= ends[0][1]
    if not min(ends[0][1], ends[1][1]) <= chance <= max(ends[0][1], ends[1][1]):
        nothing = Probability(math.nan, math.nan, math.nan)
        return Goal(name, output, math.nan, math.nan, nothing, *ends, count)
    value = _bisect(at, low, high, chance, rising)
    law = laid.inputs[name].law
    place = float(law.cdf(np.array([value]))[0]) if law is not None else math.nan
    return Goal(name, output, value, place, at(value), *ends, count)


def _asked(model: Model, output: str) -> list[str]:
    return [] if model.function is not None else [output]


def _ends(model: Model, name: str, between: tuple[float, float] | None) -> tuple[float, float]:
    one = model.inputs.get(name)
    if one is None:
        hint = did_you_mean(name, model.inputs)
        raise SettingsError(Problem("E204", "input", "unknown input", name, hint=hint))
    if between is not None:
        return between
    if one.law is None:
        hint = "say where to search: between=(low, high)"
        raise SettingsError(Problem("E700", "input", "is a constant", name, hint=hint))
    low, high = one.law.quantile(np.array(RANGE))
    return float(low), float(high)


def _bisect(
    at: Callable[[float], Probability], low: float, high: float, chance: float, rising: bool
) -> float:
    """Halve the range, on a log scale where it is positive and wide."""
    logarithmic = low > 0 and high > 10 * low
    for _ in range(STEPS):
        middle = math.sqrt(low * high) if logarithmic else (low + high) / 2
        if (at(middle).value < chance) == rising:
            low = middle
        else:
            high = middle
        if high - low <= 1e-4 * max(abs(low), abs(high)):
            break
    return math.sqrt(low * high) if logarithmic else (low + high) / 2
