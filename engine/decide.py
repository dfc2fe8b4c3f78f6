"""Decisions under uncertainty: expected payoffs, and what it is worth to know more first.

EVPI is the mean of the best payoff of every scenario less the best mean payoff. EVPPI of an input
is the same with only that input known: in each of 20 slices of the input the alternative with the
best mean is taken. Choosing and valuing on the same scenarios rewards noise, so the choice is made
on half of the batches and valued on the other half, and the reverse (cross-fitting); the plug-in
value stands beside it. Intervals come from drawing the batches again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.formula.tree import Call, Name, Node
from rangecast.engine.model.cases import apply_case, show
from rangecast.engine.model.model import Decision, Model, Quantity
from rangecast.engine.model.periods import expand
from rangecast.engine.quantiles import Z
from rangecast.engine.sensitivity.bars import face
from rangecast.engine.sensitivity.slices import slice_numbers
from rangecast.engine.simulate import simulate

if TYPE_CHECKING:
    from rangecast.engine.result import Result

SLICES = 20
BOOTSTRAP = 400
_SEED = 20_250_104
_BEST = "best payoff"


@dataclass(frozen=True)
class Worth:
    """A value with its 95 % interval."""

    value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Alternative:
    """One alternative of a decision.

    Parameters
    ----------
    name, label : str
    mean : Worth
        Expected payoff.
    best : float
        Share of scenarios in which it is the best.
    """

    name: str
    label: str
    mean: Worth
    best: float


@dataclass(frozen=True)
class Information:
    """What knowing one input is worth before deciding.

    Parameters
    ----------
    input, label : str
    evppi : Worth
        Cross-fitted; 0 where its interval holds 0.
    plug_in : float
        Chosen and valued on the same scenarios: never below 0, and too high by noise.
    """

    input: str
    label: str
    evppi: Worth
    plug_in: float


@dataclass(frozen=True)
class Advice:
    """A decision, valued.

    Parameters
    ----------
    decision : Decision
    unit, case : str
    alternatives : tuple of Alternative
        The best expected payoff first.
    evpi : Worth
        Worth of knowing everything.
    information : tuple of Information
        The most valuable input first.
    scenarios : int
    """

    decision: Decision
    unit: str
    case: str
    alternatives: tuple[Alternative, ...]
    evpi: Worth
    information: tuple[Information, ...]
    scenarios: int


def _with_best(model: Model, decision: Decision) -> Model:
    """Make outputs of the alternatives, of the best of them, and of which it is."""
    rows = decision.alternatives
    quantities = {n: replace(q, is_output=n in rows) for n, q in model.quantities.items()}
    function = "max" if decision.goal == "max" else "min"
    best: Node = Call(function, tuple(Name(row, 0) for row in rows), 0)
    quantities[_BEST] = Quantity(_BEST, repr(best), "", _BEST, "", True, best)
    for k, row in enumerate(rows):
        first = [Call("==", (Name(row, 0), Name(_BEST, 0)), 0)]
        tree: Node = Call("where", (*first, _number(1.0), _number(0.0)), 0)
        name = f"best {k}"
        quantities[name] = Quantity(name, repr(tree), "1", name, "", True, tree)
    return replace(model, quantities=quantities, checks=(), run=replace(model.run, outputs=rows))


def _number(value: float) -> Node:
    from rangecast.engine.formula.tree import Number

    return Number(value, 0)


def decide(model: Model, name: str = "", *, case: str = "", **settings: Any) -> Advice:
    """Value a decision of a model.

    Parameters
    ----------
    model : Model
        With [decisions.*].
    name : str
        By default the first decision.
    case : str
        Case to lay over the model.
    **settings
        As of `simulate`: scenarios, seed, workers, design …

    Returns
    -------
    Advice

    Raises
    ------
    SettingsError
        For an unknown decision, or a model without any.

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> text = '[inputs.x]\\ndist = "normal"\\nmean = 0\\nsd = 1\\n[quantities.wait]\\n'
    >>> text += 'formula = "0 * x"\\n[outputs.buy]\\nformula = "x"\\n'
    >>> text += '[decisions.d]\\nalternatives = ["wait", "buy"]\\n'
    >>> 0.35 < decide(loads(text), scenarios=20_000).evpi.value < 0.45
    True
    """
    known = model.decisions
    chosen = known.get(name or next(iter(known), ""))
    if chosen is None:
        allowed, hint = f"known: {', '.join(known) or 'none'}", did_you_mean(name, known)
        raise SettingsError(Problem("E204", "decision", "unknown decision", name, allowed, hint))
    named = apply_case(model, case) if case else model
    laid = expand(show(named, chosen.alternatives))
    result = simulate(_with_best(laid, chosen), **settings)
    return _advice(result, chosen, case)


def _advice(result: Result, decision: Decision, case: str) -> Advice:
    sign = 1.0 if decision.goal == "max" else -1.0
    moments = [result.moments_of(row) for row in decision.alternatives]
    alternatives = [
        Alternative(
            row,
            result.model.quantities[row].label,
            Worth(m.mean, m.mean_ci_low, m.mean_ci_high),
            result.moments_of(f"best {k}").mean,
        )
        for k, (row, m) in enumerate(zip(decision.alternatives, moments, strict=True))
    ]
    alternatives.sort(key=lambda one: -sign * one.mean.value)
    sums, counts = _payoffs(result, decision)
    unit = result.model.quantities[decision.alternatives[0]].unit
    return Advice(
        decision,
        unit,
        case,
        tuple(alternatives),
        _perfect(result, alternatives[0].name, sign),
        tuple(_information(result, sign * sums, counts)),
        result.scenarios,
    )


def _perfect(result: Result, leader: str, sign: float) -> Worth:
    """EVPI: mean gain of the best over the leader; its error from the batches of both."""
    best, first = result.row(_BEST), result.row(leader)
    figures = result.ensemble.batches["mean"]
    weight = np.array(result.ensemble.weights)
    gains = sign * (figures[:, best] - figures[:, first])
    value = sign * (result.moments_of(_BEST).mean - result.moments_of(leader).mean)
    error = math.sqrt(float((weight * (gains - value) ** 2).sum()) / max(len(weight) - 1, 1))
    half = result.half_width(error)
    return Worth(max(value, 0.0), max(value - half, 0.0), value + half)


def _payoffs(result: Result, decision: Decision) -> tuple[Array, Array]:
    """Sums of payoffs (batches, alternatives, drivers, cells), and scenarios without the second."""
    places = [result.ranked.index(row) for row in decision.alternatives]
    counts = result.ensemble.batches["by_cell"][:, places[0]].astype(float)
    sums = np.empty((len(counts), len(places), *counts.shape[1:]))
    for k, place in enumerate(places):
        mapping = result.setup.reading.mappings[result.setup.reading.layout.ranked[place]]
        own = result.ensemble.batches["sums"][:, place]
        sums[:, k] = own / mapping.scale + mapping.centre * counts
    return sums, counts


def _information(result: Result, sums: Array, counts: Array) -> list[Information]:
    found = []
    rng = np.random.default_rng(_SEED)
    batches = len(counts)
    halves = np.arange(batches) % 2 == 0
    again = rng.multinomial(batches, np.full(batches, 1 / batches), size=BOOTSTRAP).astype(float)
    weights = np.concatenate([np.ones((1, batches)), again])
    for d, driver in enumerate(result.setup.drivers):
        scale = result.setup.reading.scales[d]
        number = slice_numbers(scale.probabilities, SLICES, scale.discrete)
        member = (number[:, None] == np.arange(number.max() + 1)).astype(float)
        own = sums[:, :, d, : len(number)] @ member  # batches, alternatives, slices
        n = counts[:, d, : len(number)] @ member
        plug = _value(own, n, weights[:1], halves=None)
        crossed = _value(own, n, weights, halves)
        value, error = float(crossed[0]), float(np.std(crossed[1:], ddof=1))
        low, high = value - Z * error, value + Z * error
        shown = 0.0 if low <= 0 else value
        worth = Worth(shown, max(low, 0.0), max(high, 0.0))
        label = face(result.model, driver)[1]
        found.append(Information(driver.name, label, worth, float(plug[0])))
    return sorted(found, key=lambda one: (-one.evppi.value, -one.plug_in))


def _value(own: Array, n: Array, weights: Array, halves: Any) -> Array:
    """EVPPI for each set of batch weights: chosen on one half, valued on the other, or plug-in."""
    parts = [(None, None)] if halves is None else [(halves, ~halves), (~halves, halves)]
    gained = np.zeros(len(weights))
    total = np.zeros(len(weights))
    for choosing, valuing in parts:
        first = weights if choosing is None else weights * choosing
        second = weights if valuing is None else weights * valuing
        with np.errstate(all="ignore"):
            means = np.einsum("wb,bas->was", first, own) / np.einsum("wb,bs->ws", first, n)[:, None]
        choice = np.nan_to_num(means, nan=-math.inf).argmax(axis=1)
        overall = np.einsum("wb,bas->wa", first, own).argmax(axis=1)
        valued = np.einsum("wb,bas->was", second, own)
        known = np.take_along_axis(valued, choice[:, None], axis=1)[:, 0].sum(axis=1)
        unknown = np.take_along_axis(valued.sum(axis=2), overall[:, None], axis=1)[:, 0]
        gained += known - unknown
        total += np.einsum("wb,bs->w", second, n)
    found: Array = gained / np.maximum(total, 1.0)
    return found
