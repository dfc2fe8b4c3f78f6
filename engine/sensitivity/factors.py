"""What rankings with runs of their own move as one, and on which scenarios."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.model.cases import apply_case, show
from rangecast.engine.model.model import Model
from rangecast.engine.model.periods import expand
from rangecast.engine.plan import BATCHES, FEWEST_REPLICATES, HYPERCUBE, Plan
from rangecast.engine.scenarios import Driver, Scheme
from rangecast.engine.simulate import Settings, prepare
from rangecast.engine.task import Setup

_OTHER = "\0other"  # no name in a model has it


@dataclass(frozen=True)
class Factor:
    """What moves as one: an input, inputs that are correlated, or a group of the model.

    Parameters
    ----------
    name, label : str
    inputs : tuple of str
        Inputs read off it.
    members : tuple of str
        Drivers in it.
    """

    name: str
    label: str
    inputs: tuple[str, ...]
    members: tuple[str, ...]


def _joined(parts: list[set[str]], more: set[str]) -> list[set[str]]:
    """Join what overlaps with `more`, and what is in it."""
    touching = [p for p in parts if p & more]
    return [p for p in parts if not p & more] + [set().union(more, *touching)]


def _label(model: Model, names: Sequence[str]) -> tuple[str, str]:
    """Name and label of a factor: of its input, of the group it is, or a list."""
    if len(names) == 1:
        return names[0], (model.paths.get(names[0]) or model.inputs[names[0]]).label
    inside = [g for g in model.groups.values() if set(names) & set(g.inputs)]
    if len(inside) == 1 and set(names) <= set(inside[0].inputs):
        return inside[0].name, inside[0].label
    labels = [(model.paths.get(n) or model.inputs[n]).label for n in names]
    return "+".join(names), f"group of {', '.join(labels)}"


def factors_of(
    model: Model, drivers: Sequence[Driver], together: bool = True, grouped: bool = False
) -> list[Factor]:
    """Give the factors of a model, in the order of their first inputs.

    Parameters
    ----------
    model : Model
    drivers : sequence of Driver
    together : bool
        Whether correlated drivers are one factor.
    grouped : bool
        Whether the groups that the model declares are; one with a single driver left keeps its
        input's name.
    """
    parts: list[set[str]] = [{d.name} for d in drivers]
    names = {d.name for d in drivers}
    dependent = {d.name: d.group for d in drivers if d.group >= 0 and not d.path}
    for group in dict.fromkeys(dependent.values()) if together else ():
        parts = _joined(parts, {n for n, g in dependent.items() if g == group})
    if grouped and not model.groups:
        hint = "declare them: [groups.NAME] inputs = [...]"
        raise SettingsError(Problem("E700", "grouped", "the model declares no groups", hint=hint))
    for declared in model.groups.values() if grouped else ():
        if members := names & set(declared.inputs):
            parts = _joined(parts, members)
    found = []
    for part in parts:
        inside = [d for d in drivers if d.name in part]
        members_of = tuple(d.name for d in inside)
        inputs = tuple(n for d in inside for n in d.inputs)
        found.append(Factor(*_label(model, members_of), inputs, members_of))
    place = {d.name: k for k, d in enumerate(drivers)}
    return sorted(found, key=lambda f: place[f.members[0]])


def second_scheme(scheme: Scheme) -> tuple[Scheme, Scheme]:
    """Give a scheme, and one of the same laws on other streams and other Sobol' dimensions."""
    own = tuple(dict.fromkeys((*scheme.declared, *scheme.streams)))  # factors are independent
    declared = (*own, *(n + _OTHER for n in own))
    scheme = replace(scheme, declared=declared, streams={})
    drivers = tuple(replace(d, name=d.name + _OTHER) for d in scheme.drivers)
    factors = tuple(
        replace(
            f,
            names=tuple(n + _OTHER for n in f.names),
            mixing=f.mixing + _OTHER if f.mixing else "",
        )
        for f in scheme.factors
    )
    return scheme, replace(scheme, drivers=drivers, factors=factors)


def laid_out(model: Model, output: str, case: str) -> tuple[Model, str]:
    """Lay the case, and make the output the only one."""
    named = apply_case(model, case) if case else model
    laid = expand(show(named, [output] if output else []))
    rows = [q.name for q in laid.outputs]
    name = output or next((n for n in laid.run.outputs if n in rows), rows[0])
    if name not in rows:
        hint, allowed = did_you_mean(name, rows), f"known: {', '.join(rows[:20])}"
        raise SettingsError(Problem("E204", "output", "unknown output", name, allowed, hint))
    if laid.function is None:
        quantities = {n: replace(q, is_output=n == name) for n, q in laid.quantities.items()}
        laid = replace(laid, quantities=quantities, run=replace(laid.run, outputs=(name,)))
    return laid, name


@dataclass(frozen=True)
class Prepared:
    """A model with its case laid and one output, ready for runs of its own.

    Parameters
    ----------
    model : Model
    output : str
    setup : Setup
    """

    model: Model
    output: str
    setup: Setup


def prepared(
    model: Model,
    output: str,
    case: str,
    seed: int | None,
    design: str = "random",
    correlations: bool = True,
) -> Prepared:
    """Lay the case, choose the output and compile.

    Raises
    ------
    SettingsError
    """
    laid, name = laid_out(model, output, case)
    chosen = int(laid.run.seed if seed is None else seed)
    settings = Settings(1, chosen, 1, "sequential", design, (0.5,), correlations=correlations)
    settings.check()
    return Prepared(laid, name, prepare(laid, settings, settings.scenarios)[0])


def base_scenarios(runs: int, each: int, plan: Plan, factors: int) -> int:
    """Base scenarios that a number of runs pays for, at so many runs each.

    Of Latin hypercubes, and of units that are reordered, it takes some: within one of them no error
    can be told.

    Raises
    ------
    SettingsError
        When that is too few for standard errors.
    """
    base = runs // each
    if plan.design == "sobol":
        base = BATCHES << int(math.log2(base // BATCHES)) if base >= BATCHES else 0
    whole = plan.design == "lhs" or plan.reordered
    fewest = FEWEST_REPLICATES * HYPERCUBE if whole else 2 * BATCHES
    if base < fewest:
        allowed = f"at least {fewest * each:,} for {say_factors(factors)}"
        raise SettingsError(Problem("E701", "runs", "too few runs", f"{runs:,}", allowed))
    return base


def say_factors(count: int) -> str:
    """Say how many factors there are.

    Examples
    --------
    >>> say_factors(1), say_factors(2)
    ('1 factor', '2 factors')
    """
    return f"{count} factor" if count == 1 else f"{count} factors"


def refuse_constant(variance: float, finite: int, output: str) -> None:
    """Refuse to share out a variance that is not there.

    Raises
    ------
    SettingsError
        When no scenario was finite in all its runs, or the output did not vary.
    """
    if finite < 2:
        message = "no scenario gave finite numbers in all its runs"
        raise SettingsError(Problem("E700", "output", message, output))
    if not variance > 0:
        raise SettingsError(
            Problem("E700", "output", "does not vary: nothing to share out", output)
        )
