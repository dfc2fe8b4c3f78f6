"""From a model and a few settings to a result."""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rangecast.distributions import Normal
from rangecast.engine import cells, dependence, figures, interpreter, pools
from rangecast.engine.checkpoint import Checkpoint, Saver, environment
from rangecast.engine.errors import ModelError, Problem, SettingsError, did_you_mean
from rangecast.engine.failures import check_failures
from rangecast.engine.formula import ROWS, FormulaError, compile_program
from rangecast.engine.model.cases import apply_case, show
from rangecast.engine.model.formulas import tree_of
from rangecast.engine.model.identity import identity
from rangecast.engine.model.model import Model
from rangecast.engine.model.periods import expand
from rangecast.engine.plan import DESIGNS, MAX_SCENARIOS, PERCENTILES, Plan, rounded_up
from rangecast.engine.precision import FIRST, MOST, measure, next_round
from rangecast.engine.python_model import FunctionProgram
from rangecast.engine.result import Result, Timing
from rangecast.engine.run import Progress, run
from rangecast.engine.scenarios import (
    Driver,
    GroupFactor,
    Program,
    Scheme,
    scale_of,
    spread_of,
)
from rangecast.engine.summary import Layout
from rangecast.engine.task import Setup, pilot


@dataclass(frozen=True)
class Settings:
    """The settings of a run, checked.

    Parameters
    ----------
    scenarios, seed, workers : int
    backend, design : str
    percentiles : tuple of float
    address : str
    correlations : bool
    rank : tuple of str
    max_failures : float
    precision : float or None
    max_scenarios : int
    """

    scenarios: int
    seed: int
    workers: int
    backend: str
    design: str
    percentiles: tuple[float, ...]
    address: str = ""
    correlations: bool = True
    rank: tuple[str, ...] = ()
    max_failures: float = 0.001
    precision: float | None = None
    max_scenarios: int = MOST

    def check(self) -> None:
        """Refuse settings that cannot be used, all at once."""
        problems = []
        if not 1 <= self.scenarios <= MAX_SCENARIOS:
            got, allowed = f"{self.scenarios:g}", "a whole number; the largest allowed is 2^53"
            problems.append(Problem("E701", "scenarios", "bad number of scenarios", got, allowed))
        if not 0 <= self.seed < 2**256:
            problems.append(Problem("E702", "seed", "bad seed", str(self.seed), "0 or more"))
        if not 1 <= self.workers <= 1024:
            got = str(self.workers)
            problems.append(Problem("E703", "workers", "bad number of workers", got, "1 to 1024"))
        if self.backend not in pools.BACKENDS:
            allowed = f"known: {', '.join(pools.BACKENDS)}"
            problems.append(
                Problem("E706", "backend", "back end not usable", self.backend, allowed)
            )
        if self.design not in DESIGNS:
            allowed, hint = f"known: {', '.join(DESIGNS)}", did_you_mean(self.design, DESIGNS)
            problems.append(Problem("E700", "design", "unknown design", self.design, allowed, hint))
        levels = self.percentiles
        if not levels or list(levels) != sorted(set(levels)) or not 0 < levels[0] <= levels[-1] < 1:
            allowed = "ascending, between 0 and 1"
            problems.append(Problem("E700", "percentiles", "bad list", str(levels), allowed))
        if self.precision is not None and not 0 < self.precision < 1:
            got, allowed = f"{self.precision:g}", "between 0 and 100 %, such as 0.5%"
            problems.append(Problem("E700", "precision", "bad precision", got, allowed))
        if not 1 <= self.max_scenarios <= MAX_SCENARIOS:
            got, allowed = f"{self.max_scenarios:g}", "1 to 2^53"
            problems.append(Problem("E701", "max_scenarios", "bad number", got, allowed))
        if problems:
            raise SettingsError(*problems)


def compiled_program(model: Model) -> Program:
    """Compile a model under its case."""
    model = expand(model)
    sampled = {n for n, one in model.inputs.items() if not one.is_constant}
    constants = {n: one.base for n, one in model.inputs.items() if one.is_constant}
    outputs = [q.name for q in model.outputs]
    if model.function is not None:
        chosen = frozenset(sampled) - {one.name for one in model.selections}
        return FunctionProgram(model.function, tuple(outputs), chosen, constants, model.selections)
    formulas = {name: tree_of(q) for name, q in model.quantities.items()}
    try:
        return compile_program(formulas, outputs, dict.fromkeys(sampled, ROWS), constants)
    except FormulaError as wrong:
        parts = (wrong.message, wrong.got, wrong.allowed, wrong.hint)
        raise ModelError(Problem(wrong.code, "formulas", *parts, file=model.file)) from None


def _drivers(
    model: Model, active: frozenset[str], groups: Sequence[dependence.Group]
) -> tuple[Driver, ...]:
    """Inputs that some output reaches, and those that are correlated with one of them."""
    root = {n: one.same_as or n for n, one in model.inputs.items()}
    direct = {root[n] for n in active}
    linked = {n for g in groups if direct & set(g.names) for n in g.names}
    place = {n: (k, i) for k, g in enumerate(groups) for i, n in enumerate(g.names)}
    drivers = []
    first = {model.series[path][0]: path for path in model.paths}
    rows = {row for path in model.paths for row in model.series[path]}
    for name, one in model.inputs.items():
        if name in rows:
            path = first.get(name, "")
            members = model.series.get(path, ())
            if active & set(members):
                laws_of = tuple((n, law) for n in members if (law := model.inputs[n].law))
                score = (path, Normal(0.0, 1.0))
                drivers.append(Driver(path, (score,), *place[path], path=laws_of))
            continue
        if root[name] != name:  # read off the driver of its root
            continue
        followers = [n for n in active if root[n] == name and n != name]
        laws = [(n, model.inputs[n].law) for n in sorted(followers)]
        if one.law is not None and (name in active or name in linked or laws):
            laws.insert(0, (name, one.law))
        known = tuple((n, law) for n, law in laws if law is not None)
        if known:
            drivers.append(Driver(name, known, *place.get(name, (-1, -1))))
    return tuple(drivers)


def _thresholds(
    model: Model, base: dict[str, float], rows: Sequence[str]
) -> list[tuple[int, float]]:
    """Values whose exact rank is counted: base case and checked figures of every output."""
    wanted = [(k, base[name]) for k, name in enumerate(rows)]
    for check in model.checks:
        value = check.equals if check.equals is not None else check.stated
        if check.output in rows and value is not None:
            wanted.append((rows.index(check.output), value))
    return list(dict.fromkeys((k, v) for k, v in wanted if np.isfinite(v)))


def _ranked(model: Model, extra: Sequence[str]) -> tuple[list[str], int]:
    """Give the outputs whose drivers are ranked, and how many of them belong to the core."""
    outputs = [q.name for q in model.outputs]
    core = [n for n in model.run.outputs if n in outputs] or outputs
    for name in extra:
        if name not in outputs:
            allowed = f"known: {', '.join(outputs)}"
            raise SettingsError(Problem("E204", "output", "unknown output", name, allowed))
    return [*core, *(n for n in extra if n not in core)], len(core)


def _refuse_unknown(model: Model, names: Sequence[str]) -> None:
    """Raise for a name that is no output, quantity, series or row of the model."""
    if model.function is not None:  # its outputs are known once it has run
        return
    for name in names:
        if name not in model.quantities and name not in model.series:
            known = [n for n in (*model.series, *model.quantities) if n and "[" not in n]
            allowed = f"known: {', '.join(q.name for q in model.outputs)}"
            hint = did_you_mean(name, known)
            raise SettingsError(Problem("E204", "output", "unknown output", name, allowed, hint))


def simulate(
    model: Model,
    *,
    scenarios: int | None = None,
    seed: int | None = None,
    case: str = "",
    workers: int = 1,
    backend: str = "auto",
    address: str = "",
    design: str | None = None,
    percentiles: Sequence[float] = PERCENTILES,
    correlations: bool = True,
    max_failures: float | None = None,
    rank: Sequence[str] = (),
    outputs: Sequence[str] = (),
    precision: float | None = None,
    max_scenarios: int = MOST,
    checkpoint: Checkpoint | str | Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate a model.

    Parameters
    ----------
    model : Model
        From `rangecast.load` or `rangecast.Model`.
    scenarios : int, optional
        From 1 to 2**53; by default what the model says, else a million.
    seed : int, optional
        0 or more; the same seed gives the same draws for every input, whatever else changes.
    case : str
        Case to lay over the model, such as ``"exante+token"``; ``""`` for none.
    workers : int
        Threads or processes; the result does not depend on it.
    backend : str
        ``auto``, ``sequential``, ``threads``, ``loky`` or ``dask``.
    address : str
        Of a dask scheduler, such as ``tcp://host:8786``; "" starts workers of our own.
    design : str, optional
        ``random`` (unless the model says otherwise), ``lhs`` or ``sobol``, which rounds scenarios
        up to 32 times a power of two.
    percentiles : sequence of float
        Levels of the bands, ascending, inside (0, 1).
    correlations : bool
        False draws every input independently.
    max_failures : float, optional
        Largest share of scenarios that may give no finite number.
    rank : sequence of str
        Outputs, quantities or series whose drivers are ranked beside those the model shows.
    outputs : sequence of str
        Quantities or series whose ranges are found too, without a ranking.
    precision : float, optional
        Run rounds of 2**17, 2**18 … scenarios instead, until half of the 95 % interval of every
        shown band is below this share of its value (of P95 − P5 around a change of sign).
    max_scenarios : int
        Largest round of `precision`.
    checkpoint : Checkpoint, str or Path, optional
        File for the state of the run; one that is there is taken up, if it is of this very run.
        It is kept afterwards.
    progress : callable, optional
        Called with scenarios done and scenarios in all.

    Returns
    -------
    Result

    Raises
    ------
    ModelError, SettingsError
    FileError
        When a checkpoint is damaged or of another run, or cannot be written.
    FailedScenariosError
        When more scenarios failed than allowed; its message names the inputs that drive it.

    Examples
    --------
    >>> from rangecast.engine.model.load import loads
    >>> text = '[inputs.x]\\ndist="uniform"\\nlow=0\\nhigh=1\\n[outputs.y]\\nformula="2*x"\\n'
    >>> result = simulate(loads(text), scenarios=1000, seed=1)
    >>> bool(abs(result.quantile("y", 0.5) - 1.0) < 0.1)
    True
    """
    named = apply_case(model, case) if case else model
    laid = expand(show(named, (*rank, *outputs)))
    _refuse_unknown(laid, (*rank, *outputs))
    settings = Settings(
        int(scenarios if scenarios is not None else laid.run.scenarios),
        int(seed if seed is not None else laid.run.seed),
        workers,
        backend,
        design or laid.run.design,
        tuple(percentiles),
        address,
        correlations,
        tuple(row for name in rank for row in laid.series.get(name, (name,))),
        max_failures if max_failures is not None else laid.run.max_failures,
        precision,
        int(max_scenarios),
    )
    settings.check()
    if checkpoint is not None and not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(Path(checkpoint))
    job = _Job(model, laid, settings, checkpoint, progress)
    if precision is None:
        return job.round(settings.scenarios)
    return job.rounds(precision)


@dataclass(frozen=True)
class _Job:
    """One call of `simulate`."""

    model: Model
    laid: Model
    settings: Settings
    checkpoint: Checkpoint | None
    progress: Progress | None

    def rounds(self, target: float) -> Result:
        """Run larger and larger rounds until the target is met."""
        most = self.settings.max_scenarios
        following: int | None = min(FIRST, most)
        while following is not None:
            result = self.round(following)
            found = measure(result, target)
            following = next_round(following, found, most)
        result = replace(result, precision=found)
        if not found.is_met:
            got = f"±{found.reached:.2%} at {result.scenarios:,} scenarios"
            hint = f"±{target:.2%} would take about {found.needed:.2g}"
            result.warnings.append(Problem("W611", "precision", "not reached", got, hint=hint))
        return result

    def round(self, scenarios: int) -> Result:
        """Run so many scenarios."""
        started, settings, laid = time.perf_counter(), self.settings, self.laid
        setup, ranked, core = prepare(laid, settings, scenarios)
        base = base_values(laid, setup.program)
        setup = _with_pilot(setup, laid, base, ranked)
        pool, note = self._pool(setup)
        saver = self._saver(setup, ranked)
        ensemble, reused = run(setup, pool, self.progress, saver)
        result = Result(
            model=laid,
            setup=setup,
            ensemble=ensemble,
            ranked=tuple(ranked),
            core_ranked=core,
            base_values=base,
            correlated_pairs=_correlated_pairs(laid) if settings.correlations else 0,
            timing=Timing(time.perf_counter() - started, pool.workers, pool.backend, reused, note),
            asked=self.model,
        )
        if result.scenarios != scenarios:
            got = f"{scenarios:,} asked for, {result.scenarios:,} run"
            message = "the design sobol takes 32 times a power of two"
            result.warnings.append(Problem("W610", "scenarios", message, got))
        for note, times in Counter(ensemble.notes).items():
            text = f"{note}; its tasks were done again"
            result.warnings.append(Problem("W811", "workers", text, f"{times} times"))
        if saver is not None and saver.lock.problem:
            message = "two runs with this file would not notice each other"
            result.warnings.append(Problem("W806", "checkpoint", message, saver.lock.problem))
        if saver is not None and saver.notice is not None:
            result.warnings.append(saver.notice)
        if saver is not None and saver.problem is not None:
            message = "the last checkpoints could not be written"
            result.warnings.append(Problem("W801", "checkpoint", message, saver.problem.message))
        check_failures(result, settings.max_failures)
        return result

    def _pool(self, setup: Setup) -> tuple[pools.Pool, str]:
        """Choose who works; a Python function that holds the interpreter's lock needs processes."""
        settings, n = self.settings, setup.plan.scenarios
        asked, function = settings.backend, self.laid.function
        if function is None or asked != "auto" or settings.workers == 1 or settings.address:
            return pools.choose(asked, settings.workers, n, settings.address), ""
        probe = interpreter.probe(setup)
        backend = probe.backend(n)
        return pools.choose(backend, settings.workers, n), probe.note(backend)

    def _saver(self, setup: Setup, ranked: Sequence[str]) -> Saver | None:
        if self.checkpoint is None:
            return None
        plan = setup.plan
        key = {
            "model": identity(self.laid),
            "case": self.laid.case,
            "scenarios": plan.scenarios,
            "seed": plan.seed,
            "design": plan.design,
            "percentiles": list(plan.percentiles),
            "correlations": self.settings.correlations,
            "ranked": list(ranked),
            "tasks": [plan.rows, plan.batches, plan.parts],
            "environment": environment(),
        }
        return self.checkpoint.saver(key, in_rounds=self.settings.precision is not None)


def _correlated_pairs(model: Model) -> int:
    """Count the pairs whose members both vary."""
    varying = {name for name, one in model.inputs.items() if not one.is_constant}
    return sum({p.first, p.second} <= varying for p in model.correlations)


def _factor(group: dependence.Group) -> GroupFactor:
    """Make a group ready to draw."""
    is_t = group.copula == "t"
    return GroupFactor(
        group.names,
        group.factor(),
        group.df if is_t else math.inf,
        group.copula == "iman-conover",
        f"mixing {group.names[0]}" if is_t else "",
    )


def prepare(model: Model, settings: Settings, scenarios: int) -> tuple[Setup, list[str], int]:
    """Compile a model and lay out its drivers; cells of outputs are not fixed yet."""
    program = compiled_program(model)
    groups = dependence.groups(model) if settings.correlations else ()
    groups += dependence.path_groups(model)
    active = frozenset().union(*(program.reached(q.name) for q in model.outputs))
    drivers = _drivers(model, active, groups)
    used = {d.group for d in drivers}
    factors = tuple(
        _factor(g) if k in used else GroupFactor((), np.zeros((0, 0))) for k, g in enumerate(groups)
    )
    mixing = tuple(f.mixing for f in factors if f.mixing)
    reordered = any(f.reordered for f in factors)
    if reordered and settings.design == "sobol":
        message, hint = "iman-conover would undo the design sobol", "use lhs, or another copula"
        raise SettingsError(Problem("E700", "design", message, "sobol", hint=hint))
    width = sum(len(d.laws) + 2 * len(d.path) + 3 for d in drivers) + program.rows
    count = rounded_up(scenarios, settings.design)
    plan = Plan(count, settings.seed, width, settings.percentiles, settings.design, reordered)
    ranked, core = _ranked(model, settings.rank)
    empty = figures.Reading(Layout(0, (), 0), (), (), settings.percentiles)
    token = os.urandom(16).hex()
    known = {**model.inputs, **model.paths}
    streams = {name: one.stream for name, one in known.items() if one.stream}
    declared = tuple(dict.fromkeys([streams.get(n, n) for n in known] + list(mixing)))
    scheme = Scheme(drivers, factors, program, declared, streams)
    return Setup(token, plan, scheme, empty), ranked, core


def _with_pilot(setup: Setup, model: Model, base: dict[str, float], ranked: Sequence[str]) -> Setup:
    """Fix the cells of every output by the first scenarios of the run."""
    rows = [name for name, _ in setup.program.row_names]
    first = pilot(setup.plan, setup.scheme)
    leading = [driver.laws[0][1] for driver in setup.drivers]
    scales = tuple(scale_of(law) for law in leading)
    reached = [setup.program.reached(name) for name in ranked]
    layout = Layout(
        outputs=len(rows),
        ranked=tuple(rows.index(name) for name in ranked),
        drivers=len(setup.drivers),
        thresholds=tuple(_thresholds(model, base, rows)),
        keep_values=setup.plan.exact,
        centres=tuple(float(law.quantile(np.array([0.5]))[0]) for law in leading),
        middles=tuple(tuple(scale.middles.tolist()) for scale in scales),
    )
    reading = figures.Reading(
        layout,
        tuple(cells.choose(y, layout.bins) for y in first),
        scales,
        setup.plan.percentiles,
        tuple(spread_of(law) for law in leading),
        tuple(
            tuple(d for d, one in enumerate(setup.drivers) if any(n in names for n in one.inputs))
            for names in reached
        ),
        corrected=setup.plan.design != "sobol",
    )
    return replace(setup, reading=reading)


def base_values(model: Model, program: Program) -> dict[str, float]:
    """Every output with all inputs at their base values."""
    model = expand(model)
    values = {n: np.array([one.base]) for n, one in model.inputs.items() if not one.is_constant}
    with np.errstate(all="ignore"):
        found = program.evaluate(values)
    return {name: float(np.ravel(v)[0]) for name, v in found.items()}
