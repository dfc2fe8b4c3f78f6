"""Elementary effects: which of many inputs matter at all, with few model runs (Morris, 1991).

A trajectory starts at a random point in the inputs' ranks and moves one input after the other to
another place; what the output changes by, per full range, is an elementary effect. The mean of
their absolute values, μ* (Campolongo, Cariboni and Saltelli, 2007), ranks the inputs; σ, their
standard deviation, shows non-linearity and interaction. Places lie between P1 and P99, so that no
input moves to an infinite end. Steps are of random size, from a quarter of the range on: Morris's
grid with a step of one half does not see an effect that repeats with it (x2 of Ishigami's
function). Inputs move alone: one that is correlated with others leaves them where they are, which
the result says by name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.model.model import Model
from rangecast.engine.quantiles import LEVEL
from rangecast.engine.scenarios import Driver
from rangecast.engine.sensitivity.factors import (
    Factor,
    Prepared,
    factors_of,
    prepared,
    refuse_constant,
    say_factors,
)
from rangecast.engine.sensitivity.points import outputs_of, values_at
from scipy import special

if TYPE_CHECKING:
    import pandas as pd

TRAJECTORIES = 100
MARGIN = 0.01
"""Places stay so far from the ends of each distribution."""
LEAST_STEP = 0.25
"""Of the range of places."""
NEGLIGIBLE = 0.02
"""Mean square effect, as a share of the largest, below which an input is left aside."""
LINEAR = 0.1
"""Ratio σ/μ* up to which an input counts as linear and additive."""
_SEED = 20_250_106
_ROWS = 65_536
"""Scenarios evaluated at once."""


@dataclass(frozen=True)
class Effect:
    """Elementary effects of one input, or of a group.

    Parameters
    ----------
    factor, label : str
    members : tuple of str
    mu : float
        Mean effect over the input's whole range; NaN for a group, whose members move either way.
    mu_star, mu_star_se, mu_star_low, mu_star_high : float
        Mean absolute effect with its standard error and 95 % interval.
    sigma : float
        Standard deviation of the effects; NaN for a group.
    verdict : str
        ``negligible``, ``linear`` or ``non-linear or interacting``; of a group ``negligible`` or
        ``matters``.
    """

    factor: str
    label: str
    members: tuple[str, ...]
    mu: float
    mu_star: float
    mu_star_se: float
    mu_star_low: float
    mu_star_high: float
    sigma: float
    verdict: str


@dataclass(frozen=True)
class MorrisEffects:
    """Elementary effects of one output.

    Parameters
    ----------
    output : str
    effects : tuple of Effect
        The largest μ* first.
    trajectories, runs : int
    dropped : int
        Trajectories left out because a run gave no finite number.
    correlated : tuple of str
        Inputs that were moved without those they are correlated with.
    log : bool
        Whether the effects are on the output's logarithm.
    """

    output: str
    effects: tuple[Effect, ...]
    trajectories: int
    runs: int
    dropped: int
    correlated: tuple[str, ...] = ()
    log: bool = False

    @property
    def kept(self) -> tuple[str, ...]:
        """Factors that are not negligible: what a closer look needs."""
        return tuple(e.factor for e in self.effects if e.verdict != "negligible")

    def _repr_html_(self) -> str:
        from rangecast.engine.notebook import framed

        return framed(self)

    def frame(self) -> pd.DataFrame:
        """Give the effects under the names that SALib uses; the interval is a half width."""
        import pandas as pd

        rows = [
            {
                "factor": e.factor,
                "mu": e.mu,
                "mu_star": e.mu_star,
                "mu_star_conf": (e.mu_star_high - e.mu_star_low) / 2,
                "sigma": e.sigma,
                "verdict": e.verdict,
            }
            for e in self.effects
        ]
        return pd.DataFrame(rows).set_index("factor")


def effects_of(points: Array, y: Array) -> Array:
    """Elementary effects of given trajectories.

    Parameters
    ----------
    points : ndarray of shape (trajectories, d + 1, d)
        Each step of a trajectory moves one of the d columns.
    y : ndarray of shape (trajectories, d + 1)

    Returns
    -------
    ndarray of shape (trajectories, d)
        Change of the output per unit of the column that was moved.

    Examples
    --------
    >>> points = np.array([[[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]])
    >>> effects_of(points, np.array([[1.0, 2.0, 4.0]])).tolist()
    [[2.0, 4.0]]
    """
    steps = np.diff(points, axis=1)
    moved = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, moved[..., None], axis=2)[..., 0]
    found = np.empty(moved.shape)
    np.put_along_axis(found, moved, np.diff(y, axis=1) / size, axis=1)
    return found


def summary_of(effects: Array) -> dict[str, Array]:
    """Mean, mean absolute value and standard deviation of effects (trajectories, d)."""
    return {
        "mu": effects.mean(axis=0),
        "mu_star": np.abs(effects).mean(axis=0),
        "sigma": effects.std(axis=0, ddof=1),
    }


def _trajectories(
    rng: np.random.Generator, count: int, groups: Sequence[Sequence[int]], drivers: int
) -> Array:
    """Places (count, factors + 1, drivers) of trajectories, each of which moves every factor once.

    A new place lies beyond a quarter of the range from the old one, either way around: if the old
    one is uniform, so is the new one.
    """
    start = rng.random((count, drivers))
    shift = LEAST_STEP + (1 - 2 * LEAST_STEP) * rng.random((count, drivers))
    target = (start + shift) % 1.0
    turn = np.argsort(rng.random((count, len(groups))), axis=1)
    step = np.empty((count, drivers), dtype=np.intp)
    when = np.argsort(turn, axis=1)
    for g, members in enumerate(groups):
        step[:, list(members)] = when[:, g : g + 1]
    before = np.arange(len(groups) + 1)[None, :, None] <= step[:, None, :]
    places = np.where(before, start[:, None, :], target[:, None, :])
    found: Array = MARGIN + (1 - 2 * MARGIN) * places
    return found


def _group_effects(path: Array, y: Array, groups: Sequence[Sequence[int]]) -> Array:
    """Effects (trajectories, factors): of a lone input signed, of a group by its first member."""
    found = np.empty((len(y), len(groups)))
    steps, rise = np.diff(path, axis=1), np.diff(y, axis=1)
    for g, members in enumerate(groups):
        step = steps[:, :, members[0]]
        at = np.abs(step).argmax(axis=1)[:, None]
        size = np.take_along_axis(step, at, axis=1)
        found[:, g] = (np.take_along_axis(rise, at, axis=1) / size)[:, 0]
    return found


def morris(
    model: Model,
    output: str = "",
    *,
    runs: int | None = None,
    trajectories: int = TRAJECTORIES,
    case: str = "",
    seed: int | None = None,
    grouped: bool = False,
    log: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> MorrisEffects:
    """Screen the inputs of an output by elementary effects.

    Parameters
    ----------
    model : Model
    output : str
        Output, quantity or row of a series; by default the first that the model shows.
    runs : int, optional
        Model runs in all, instead of `trajectories`; each trajectory takes one more than inputs.
    trajectories : int
        At least 4.
    case : str
    seed : int, optional
    grouped : bool
        Whether the groups that the model declares move as one.
    log : bool
        Whether effects are on the output's logarithm, so that a few huge values do not rule.
    progress : callable, optional
        Called with runs done and runs in all.

    Returns
    -------
    MorrisEffects

    Raises
    ------
    SettingsError

    Examples
    --------
    >>> import rangecast as rc
    >>> law = rc.distributions.Uniform(0, 1)
    >>> own = rc.Model({"a": law, "b": law}, lambda a, b: {"y": 2 * a + 0 * b})
    >>> [(e.factor, round(e.mu_star, 6), e.verdict) for e in morris(own).effects]
    [('a', 2.0, 'linear'), ('b', 0.0, 'negligible')]
    """
    ready = prepared(model, output, case, seed)
    scheme = ready.setup.scheme
    reached = scheme.program.reached(ready.output)
    drivers = [d for d in scheme.drivers if reached & set(d.inputs)]
    factors = factors_of(ready.model, drivers, together=False, grouped=grouped)
    if not factors:
        refuse_constant(0.0, 2, ready.output)
    each = len(factors) + 1
    if runs is not None:
        trajectories = int(runs) // each
    _check(trajectories, len(factors), runs)
    effects, done = [], 0
    rng = np.random.default_rng([_SEED, ready.setup.plan.seed % 2**63])
    while done < trajectories:
        count = min(max(1, _ROWS // each), trajectories - done)
        effects.append(_chunk(ready, drivers, factors, rng, count, log))
        done += count
        if progress is not None:
            progress(done * each, trajectories * each)
    together = np.concatenate(effects)
    found, lost = _effects(factors, together), trajectories - len(together)
    total, name = trajectories * each, ready.output
    return MorrisEffects(name, found, trajectories, total, lost, _broken(drivers), log)


def _chunk(
    ready: Prepared,
    drivers: Sequence[Driver],
    factors: Sequence[Factor],
    rng: np.random.Generator,
    count: int,
    log: bool,
) -> Array:
    """Effects of some trajectories, those with finite outputs only."""
    scheme, place = ready.setup.scheme, {d.name: k for k, d in enumerate(drivers)}
    groups = [[place[m] for m in f.members] for f in factors]
    path = _trajectories(rng, count, groups, len(drivers))
    levels = path.reshape(-1, len(drivers))
    others = [d for d in scheme.drivers if d not in drivers]
    values = values_at(drivers, levels)
    values |= values_at(others, np.full((len(levels), len(others)), 0.5))
    y = outputs_of(scheme.program, values, ready.output).reshape(count, -1)
    if log:
        with np.errstate(all="ignore"):
            y = np.where(y > 0, np.log(y), math.nan)
    whole = np.isfinite(y).all(axis=1)
    return _group_effects(path[whole], y[whole], groups)


def _broken(drivers: Sequence[Driver]) -> tuple[str, ...]:
    """Inputs that are correlated with another input of the output."""
    groups = [d.group for d in drivers if d.group >= 0 and not d.path]
    return tuple(d.name for d in drivers if not d.path and groups.count(d.group) > 1)


def _check(trajectories: int, factors: int, runs: int | None) -> None:
    if trajectories < 4:
        allowed = f"at least {4 * (factors + 1):,} for {say_factors(factors)}"
        got = f"{runs:,} runs" if runs is not None else f"{trajectories} trajectories"
        raise SettingsError(Problem("E701", "runs", "too few runs", got, allowed))


def _effects(factors: Sequence[Factor], effects: Array) -> tuple[Effect, ...]:
    n = len(effects)
    if n < 2:
        message = "no trajectory with finite values only"
        raise SettingsError(Problem("E700", "output", message, f"{n} of them", "2 or more"))
    figures = summary_of(effects)
    size, square = np.abs(effects), effects**2
    error = size.std(axis=0, ddof=1) / math.sqrt(n)
    half = float(special.stdtrit(n - 1, 0.5 + LEVEL / 2)) * error
    mean_square, spread = square.mean(axis=0), square.std(axis=0, ddof=1) / math.sqrt(n)
    least = NEGLIGIBLE * mean_square.max(initial=0.0)
    found = []
    for k, factor in enumerate(factors):
        mu, star, sigma = (float(figures[name][k]) for name in ("mu", "mu_star", "sigma"))
        lone = len(factor.members) == 1
        verdict = "linear" if sigma <= LINEAR * star else "non-linear or interacting"
        verdict = verdict if lone else "matters"
        if star == 0.0 or mean_square[k] + 2 * spread[k] < least:
            verdict = "negligible"
        ends = max(0.0, star - float(half[k])), star + float(half[k])
        shown = (mu if lone else math.nan, star, float(error[k]), *ends)
        alone = sigma if lone else math.nan
        found.append(Effect(factor.name, factor.label, factor.members, *shown, alone, verdict))
    return tuple(sorted(found, key=lambda e: -e.mu_star))
