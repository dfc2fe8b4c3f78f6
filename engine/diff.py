"""What explains the difference between two models: each input and formula that changed.

Every change is made alone in the first model, and taken back alone in the second, on the same
draws; its part is the mean of both (for two changes their Shapley values). Where all values are
positive the parts are those of the logarithm, brought to the unit of the output by the logarithmic
mean of its two values, as in index decomposition (Ang, 2004): factors then add up. What the parts
leave over is the interaction of the changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.formula import series_of
from rangecast.engine.model.cases import show
from rangecast.engine.model.choices import spell_out
from rangecast.engine.model.formulas import used_by
from rangecast.engine.model.model import Input, Model, Quantity
from rangecast.engine.quantiles import LEVEL
from rangecast.engine.simulate import simulate
from scipy import special

SEEDS = 5
SCENARIOS = 200_000
"""In all, shared by the seeds."""


@dataclass(frozen=True)
class Change:
    """One thing that differs, and its part in the change of the output.

    Parameters
    ----------
    kind : str
        ``input``, ``formula``, ``correlations`` or ``interaction`` for what is left over.
    name, label, before, after : str
    case : str
        Case that made the change, where one did.
    part : float
        Of the change of the statistic, in units of the output.
    ci_low, ci_high : float
        95 % interval of `part` by the sampling.
    first, last : float
        Effect of the change made alone in the first model, and taken back alone in the second.
    """

    kind: str
    name: str
    label: str
    before: str
    after: str
    case: str
    part: float
    ci_low: float
    ci_high: float
    first: float
    last: float


@dataclass(frozen=True)
class Difference:
    """The change of one percentile of an output between two models.

    Parameters
    ----------
    output, label, unit : str
    quantile : float
    before, after : float
    total, ci_low, ci_high : float
        after − before with its 95 % interval.
    scenarios : int
    changes : tuple of Change
        The largest part first, interaction last.
    """

    output: str
    label: str
    unit: str
    quantile: float
    before: float
    after: float
    total: float
    ci_low: float
    ci_high: float
    scenarios: int
    changes: tuple[Change, ...]


Key = tuple[str, str]


def _law(one: Input | None) -> tuple[Any, ...]:
    if one is None:
        return ()
    value = one.base if one.is_constant else None
    return one.law, value, one.same_as, one.persistence, one.on, one.branches, one.drawn


def _said(one: Input | None) -> str:
    if one is None:
        return "absent"
    number = one.is_constant and one.same_as  # it follows a constant: say what that is
    return f"{one.base:,.10g}" if number or not one.description else one.description


def _links(model: Model) -> frozenset[tuple[str, str, float, str]]:
    """Correlations in effect: pairs of inputs that vary."""
    return frozenset((p.first, p.second, p.coefficient, p.measure) for p in model.correlations)


def changed(a: Model, b: Model) -> list[Key]:
    """Say which inputs, formulas and correlations differ."""
    keys: list[Key] = []
    for name in dict.fromkeys([*a.inputs, *b.inputs]):
        old, new = a.inputs.get(name), b.inputs.get(name)
        if old is not None and new is not None and _law(old) != _law(new):
            keys.append(("input", name))
    for name in dict.fromkeys([*a.quantities, *b.quantities]):
        one, other = a.quantities.get(name), b.quantities.get(name)
        if one is not None and other is not None and one.formula != other.formula:
            keys.append(("formula", name))
    if (_links(a), a.dependence) != (_links(b), b.dependence):
        keys.append(("correlations", "correlations"))
    return keys


def hybrid(a: Model, b: Model, taken: Collection[Key]) -> Model:
    """Give the first model with some of the changes of the second.

    Names that only one of them knows are there in any case: they matter when a formula uses them.
    """
    inputs: dict[str, Input] = {**b.inputs, **a.inputs}
    quantities: dict[str, Quantity] = {**b.quantities, **a.quantities}
    for kind, name in taken:
        if kind == "input":
            inputs[name] = b.inputs[name]
        elif kind == "formula":
            quantities[name] = replace(
                quantities[name], formula=b.quantities[name].formula, tree=None
            )
    links = b if ("correlations", "correlations") in taken else a
    return replace(
        a,
        inputs={name: inputs[name] for name in dict.fromkeys([*a.inputs, *b.inputs])},
        quantities={n: quantities[n] for n in dict.fromkeys([*a.quantities, *b.quantities])},
        correlations=tuple(
            p for p in links.correlations if p.first in inputs and p.second in inputs
        ),
        dependence=links.dependence,
    )


def _alone(model: Model, output: str) -> Model:
    shown, own = show(model, [output]), series_of(output)[0]
    used = used_by(shown.quantities, [own])
    quantities = {
        n: replace(q, is_output=n == own) for n, q in shown.quantities.items() if n in used
    }
    run = replace(shown.run, outputs=())
    return replace(shown, quantities=quantities, checks=(), run=run)


def _used(model: Model, output: str) -> set[str]:
    """Inputs and quantities that an output depends on, by formulas or by a shared draw."""
    used = used_by(model.quantities, [series_of(output)[0]])
    return used | {model.inputs[n].same_as for n in used if n in model.inputs}


def _compatible(a: Model, b: Model, output: str) -> None:
    for model in (a, b):
        if model.function is not None or model.series:
            message = "takes models with formulas, as loaded"
            raise SettingsError(Problem("E700", "diff", message))
        if series_of(output)[0] not in model.quantities:
            allowed = f"known: {', '.join(q.name for q in model.outputs)}"
            raise SettingsError(Problem("E204", "output", "unknown output", output, allowed))
    if (a.periods and a.periods.labels) != (b.periods and b.periods.labels):
        raise SettingsError(Problem("E700", "diff", "the models have different periods"))


def difference(
    a: Model,
    b: Model,
    output: str = "",
    *,
    quantile: float = 0.5,
    scenarios: int = SCENARIOS,
    seed: int | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Difference:
    """Explain the change of a percentile between two models by what changed.

    Parameters
    ----------
    a, b : Model
        With their cases applied. What they share is found by name.
    output : str
        Output, quantity or row of a series; by default the first that `a` shows.
    quantile : float
        Inside (0, 1).
    scenarios : int
        In all for each of the models in between, shared by five seeds.
    seed : int, optional
        The first of five.
    workers : int
    progress : callable, optional
        Called with runs done and runs in all.

    Returns
    -------
    Difference

    Raises
    ------
    SettingsError
        For Python functions, different periods, or an output that one of them lacks.

    Examples
    --------
    >>> from rangecast.engine.model.cases import set_inputs
    >>> from rangecast.engine.model.load import loads
    >>> a = loads('[inputs.x]\\ndist = "uniform"\\nlow = 1\\nhigh = 2\\n'
    ...     '[inputs.k]\\nvalue = 3\\n[outputs.y]\\nformula = "k * x"\\n')
    >>> found = difference(a, set_inputs(a, ["k=4"]), "y", scenarios=1_000)
    >>> [c.name for c in found.changes]
    ['k', 'interaction']
    """
    name = output or (a.run.outputs or [q.name for q in a.outputs])[0]
    _compatible(a, b, name)
    a, b = spell_out(a), spell_out(b)  # what is chosen is compared branch by branch
    found = changed(a, b)
    used = _used(a, name) | _used(b, name)
    keys = [key for key in found if key[0] == "correlations" or key[1] in used]
    idle = [key for key in found if key not in keys]
    sets = [set[Key](), set(keys), *({k} for k in keys), *(set(keys) - {k} for k in keys)]
    first_seed = a.run.seed if seed is None else seed
    each = max(scenarios // SEEDS, 1)
    values = np.empty((len(sets), SEEDS))
    for k, taken in enumerate(sets):
        model = _alone(hybrid(a, b, taken), name)
        for s in range(SEEDS):
            result = simulate(
                model, scenarios=each, seed=first_seed + s, workers=workers, percentiles=[quantile]
            )
            values[k, s] = result.quantile(name, quantile)
        if progress is not None:
            progress((k + 1) * SEEDS, len(sets) * SEEDS)
    quantity = _alone(a, name).quantities[series_of(name)[0]]
    total = _estimate(values[1] - values[0])
    return Difference(
        name,
        quantity.label,
        quantity.unit,
        quantile,
        float(values[0].mean()),
        float(values[1].mean()),
        *total,
        each * SEEDS,
        tuple(_changes(a, b, keys, idle, values)),
    )


def _estimate(values: Array) -> tuple[float, float, float]:
    """Mean of the seeds with a 95 % interval (Student's t)."""
    middle = float(values.mean())
    half = float(special.stdtrit(SEEDS - 1, 0.5 + LEVEL / 2))
    half *= float(values.std(ddof=1)) / math.sqrt(SEEDS)
    return middle, middle - half, middle + half


def _effects(ends: Array, alone: Array, without: Array) -> tuple[Array, Array]:
    """Effect of each change made alone, and of each taken back alone, in units of the output."""
    before, after = ends
    if min(ends.min(), alone.min(initial=1.0), without.min(initial=1.0)) <= 0:
        return alone - before, after - without
    ratio = np.log(after / before)
    with np.errstate(all="ignore"):
        mean = np.where(np.abs(ratio) < 1e-9, (before + after) / 2, (after - before) / ratio)
    return mean * np.log(alone / before), mean * np.log(after / without)


def _changes(a: Model, b: Model, keys: list[Key], idle: list[Key], values: Array) -> list[Change]:
    """Parts of the changes that the output uses, the largest first; the others have none."""
    k = len(keys)
    before, after = values[0], values[1]
    first, last = _effects(values[:2], values[2 : 2 + k], values[2 + k :])
    parts = (first + last) / 2
    found = []
    for i, (kind, name) in enumerate(keys):
        label, old, new = _words(a, b, kind, name)
        ends = _estimate(parts[i])
        means = float(first[i].mean()), float(last[i].mean())
        found.append(Change(kind, name, label, old, new, _origin(a, b, kind, name), *ends, *means))
    found.sort(key=lambda change: -abs(change.part))
    for kind, name in idle:
        words = _words(a, b, kind, name)
        found.append(Change(kind, name, *words, _origin(a, b, kind, name), *(0.0,) * 5))
    left = _estimate(after - before - parts.sum(axis=0))
    nothing = math.nan, math.nan
    return [
        *found,
        Change("interaction", "interaction", "interaction", "", "", "", *left, *nothing),
    ]


def _words(a: Model, b: Model, kind: str, name: str) -> tuple[str, str, str]:
    if kind == "input":
        return b.inputs[name].label, _said(a.inputs[name]), _said(b.inputs[name])
    if kind == "formula":
        label = f"formula of {b.quantities[name].label}"
        return label, a.quantities[name].formula, b.quantities[name].formula
    before, after = (f"{len(_links(m))} pairs, {m.dependence.copula}" for m in (a, b))
    return "correlations", before, after


def _origin(a: Model, b: Model, kind: str, name: str) -> str:
    """Name the case that made a change: the last of the second model's, else of the first's."""
    for model in (b, a):
        for case in reversed([c for c in model.case.split("+") if c]):
            made: Mapping[str, Any] = {}
            known = model.cases[case]
            made = known.inputs if kind == "input" else known.quantities
            if name in made or (kind == "input" and known.at_base):
                return case
    return ""
