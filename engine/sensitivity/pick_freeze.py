"""Sobol' indices by pick-freeze: first-order and total, with extra model runs.

Two sets of scenarios A and B, and for every factor the scenarios of A with that factor taken from
B: (factors + 2) runs per base scenario (Saltelli et al., 2010). Total indices follow Jansen (1999),
first-order ones Janon et al. (2014). Inputs that are correlated form one factor, for which the
indices hold; single inputs of such a group have none, which is said and not glossed over.
Sums are streamed per batch, so memory does not grow with the runs, and the batches give intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.model.cases import apply_case, show
from rangecast.engine.model.model import Model
from rangecast.engine.model.periods import expand
from rangecast.engine.plan import BATCHES, Plan
from rangecast.engine.quantiles import LEVEL
from rangecast.engine.scenarios import Driver, GroupFactor, Sampler, Scheme
from rangecast.engine.simulate import Settings, prepare
from scipy import special

if TYPE_CHECKING:
    import pandas as pd

RUNS = 2**20
_OTHER = "\0other"  # no name in a model has it
_SUMS = ("n", "a", "aa", "b", "bb", "h", "hh", "bh", "dd", "ab")


@dataclass(frozen=True)
class Factor:
    """What is frozen as one: an independent input, or inputs that are correlated.

    Parameters
    ----------
    name, label : str
    inputs : tuple of str
        Inputs read off it.
    members : tuple of str
        Drivers in it, one unless correlated.
    """

    name: str
    label: str
    inputs: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """Sobol' indices of one factor.

    Parameters
    ----------
    factor, label : str
    members : tuple of str
    s1, s1_se, s1_low, s1_high : float
        First-order index: share of the variance that goes if the factor is known.
    st, st_se, st_low, st_high : float
        Total index: share that stays if all other factors are known.
    """

    factor: str
    label: str
    members: tuple[str, ...]
    s1: float
    s1_se: float
    s1_low: float
    s1_high: float
    st: float
    st_se: float
    st_low: float
    st_high: float


@dataclass(frozen=True)
class SobolIndices:
    """Sobol' indices of one output.

    Parameters
    ----------
    output : str
    indices : tuple of Index
        The largest total first.
    base, runs : int
        Base scenarios, and model runs in all.
    dropped : int
        Base scenarios left out, in all their runs, because one of them gave no finite number.
    interaction : float
        1 less the sum of first-order indices.
    design : str
    log : bool
        Whether they share out the variance of the output's logarithm.
    """

    output: str
    indices: tuple[Index, ...]
    base: int
    runs: int
    dropped: int
    interaction: float
    design: str
    log: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether every interval of a total index is narrower than 0.2."""
        return all(i.st_high - i.st_low < 0.2 for i in self.indices)

    def frame(self) -> pd.DataFrame:
        """Give the indices under the names that SALib uses; intervals are half widths."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "factor": i.factor,
                    "S1": i.s1,
                    "S1_conf": (i.s1_high - i.s1_low) / 2,
                    "ST": i.st,
                    "ST_conf": (i.st_high - i.st_low) / 2,
                }
                for i in self.indices
            ]
        ).set_index("factor")


def factors_of(model: Model, drivers: Sequence[Driver]) -> list[Factor]:
    """Give the factors of a model: correlated drivers together, the others alone."""
    together: dict[tuple[int, str], list[Driver]] = {}
    for driver in drivers:
        alone = driver.group < 0 or driver.path
        together.setdefault((-1, driver.name) if alone else (driver.group, ""), []).append(driver)
    found = []
    for members in together.values():
        names = tuple(d.name for d in members)
        labels = [(model.paths.get(n) or model.inputs[n]).label for n in names]
        label = labels[0] if len(labels) == 1 else f"group of {', '.join(labels)}"
        name = names[0] if len(names) == 1 else "+".join(names)
        inputs = tuple(n for d in members for n in d.inputs)
        found.append(Factor(name, label, inputs, names))
    return found


def second_scheme(scheme: Scheme) -> tuple[Scheme, Scheme]:
    """Give a scheme, and one of the same laws on other streams and other Sobol' dimensions."""
    declared = (*scheme.declared, *(n + _OTHER for n in scheme.declared))
    scheme = replace(scheme, declared=declared)
    drivers = tuple(replace(d, name=d.name + _OTHER) for d in scheme.drivers)
    factors = tuple(
        GroupFactor(tuple(n + _OTHER for n in f.names), f.lower) for f in scheme.factors
    )
    return scheme, replace(scheme, drivers=drivers, factors=factors)


def _base(runs: int, factors: int, design: str) -> int:
    """Base scenarios that a number of runs pays for."""
    base = runs // (factors + 2)
    if design == "sobol":
        base = BATCHES << int(math.log2(base // BATCHES)) if base >= BATCHES else 0
    if base < 2 * BATCHES:
        allowed = f"at least {2 * BATCHES * (factors + 2):,} for {factors} factors"
        raise SettingsError(Problem("E701", "runs", "too few runs", f"{runs:,}", allowed))
    return base


def _sums(ya: Array, yb: Array, hybrid: Array) -> Array:
    """Sums of one pass for one factor, in the order of `_SUMS`."""
    apart = ya - hybrid
    terms = (ya, ya * ya, yb, yb * yb, hybrid, hybrid * hybrid, yb * hybrid, apart * apart, ya * yb)
    return np.array([float(len(ya)), *(float(t.sum()) for t in terms)])


def _indices(sums: Array) -> tuple[Array, Array, Array]:
    """First-order and total indices from sums of shape (..., factors, sums).

    The third is the correlation of the output in A and in B: 0 but for the sampling, so that it
    can take some of the sampling out of the first.
    """
    with np.errstate(all="ignore"):
        n, a, aa, b, bb, h, hh, bh, dd, ab = np.moveaxis(sums, -1, 0)
        mean = (b + h) / (2 * n)
        first = (bh / n - mean**2) / ((bb + hh) / (2 * n) - mean**2)
        variance = ((aa / n - (a / n) ** 2) + (bb / n - (b / n) ** 2)) / 2
        return first, dd / (2 * n) / variance, (ab / n - a * b / n**2) / variance


class _Frozen:
    """Runs the passes of both sets of scenarios, and of the hybrids."""

    def __init__(
        self, plan: Plan, scheme: Scheme, output: str, factors: Sequence[Factor], log: bool
    ) -> None:
        one, other = second_scheme(scheme)
        self.first, self.second = Sampler(plan, one), Sampler(plan, other)
        self.row = [name for name, _ in scheme.program.row_names].index(output)
        self.factors, self.log = factors, log

    def _output(self, y: Array) -> Array:
        values: Array = y[self.row].copy()
        if self.log:
            values = np.where(values > 0, np.log(values), math.nan)
        return values

    def passed(self, number: int) -> tuple[Array, Array, list[Array]]:
        """Give the output in A, in B, and in A with each factor taken from B."""
        ya = self._output(self.first.make(number).y)
        yb = self._output(self.second.make(number).y)
        hybrids = []
        for factor in self.factors:
            kept = {n: self.first.by_name[n].copy() for n in factor.inputs}
            for name in factor.inputs:
                self.first.by_name[name][:] = self.second.by_name[name]
            self.first.bound.run()
            hybrids.append(self._output(self.first.y))
            for name, values in kept.items():
                self.first.by_name[name][:] = values
        return ya, yb, hybrids


def sobol(
    model: Model,
    output: str = "",
    *,
    runs: int = RUNS,
    case: str = "",
    seed: int | None = None,
    design: str = "sobol",
    correlations: bool = True,
    log: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SobolIndices:
    """Compute first-order and total Sobol' indices of an output with extra model runs.

    Parameters
    ----------
    model : Model
    output : str
        Output, quantity or row of a series; by default the first that the model shows.
    runs : int
        Model runs in all, of which (factors + 2) make a base scenario.
    case : str
        Case to lay over the model.
    seed : int, optional
    design : str
        ``sobol`` (a scrambled sequence per batch), ``random`` or ``lhs``.
    correlations : bool
        False draws every input independently, so that each is a factor of its own.
    log : bool
        Whether the variance of the output's logarithm is shared out: of a heavy-tailed output a few
        scenarios make up the variance, and no number of runs tells the indices well.
    progress : callable, optional
        Called with runs done and runs in all.

    Returns
    -------
    SobolIndices

    Raises
    ------
    SettingsError
        For an unknown output, or too few runs.

    Examples
    --------
    >>> import rangecast as rc
    >>> law = rc.distributions.Uniform(0, 1)
    >>> own = rc.Model({"a": law, "b": law}, lambda a, b: {"y": 2 * a + b})
    >>> found = sobol(own, runs=2**14)
    >>> [round(i.s1, 2) for i in found.indices]
    [0.8, 0.2]
    """
    laid, name = laid_out(model, output, case)
    settings = Settings(
        max(int(runs), 1),
        int(laid.run.seed if seed is None else seed),
        1,
        "sequential",
        design,
        (0.5,),
        correlations=correlations,
    )
    settings.check()
    setup, _, _ = prepare(laid, settings, settings.scenarios)
    scheme = setup.scheme
    reached = scheme.program.reached(name)
    used = [f for f in factors_of(laid, scheme.drivers) if reached & set(f.inputs)]
    base = _base(int(runs), len(used), design)
    plan = replace(setup.plan, scenarios=base)
    frozen = _Frozen(plan, scheme, name, used, log)
    sums, dropped = _stream(frozen, plan, progress)
    counts = (base, base * (len(used) + 2), dropped)
    return _result(name, used, sums, counts, design, log)


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


def _stream(
    frozen: _Frozen, plan: Plan, progress: Callable[[int, int], None] | None
) -> tuple[Array, int]:
    """Sums (batches, factors, sums) of all passes, and base scenarios dropped."""
    count = len(frozen.factors)
    sums = np.zeros((plan.batches, count, len(_SUMS)))
    dropped, centre, each = 0, math.nan, count + 2
    for batch in range(plan.batches):
        for part in range(plan.parts):
            for number in plan.passes_of(batch, part):
                with np.errstate(all="ignore"):
                    ya, yb, hybrids = frozen.passed(number)
                whole = np.isfinite(ya) & np.isfinite(yb)
                for hybrid in hybrids:
                    whole &= np.isfinite(hybrid)
                dropped += len(ya) - int(whole.sum())
                ya, yb = ya[whole], yb[whole]
                if not math.isfinite(centre) and len(ya):
                    centre = float(ya.mean())  # so that squares do not cancel
                for i, hybrid in enumerate(hybrids):
                    sums[batch, i] += _sums(ya - centre, yb - centre, hybrid[whole] - centre)
                if progress is not None:
                    done = min((number + 1) * plan.rows, plan.scenarios)
                    progress(done * each, plan.scenarios * each)
    return sums, dropped


def _calmed(
    whole: tuple[Array, Array, Array], each: tuple[Array, Array, Array], weight: Array
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Take out of the first-order indices what goes with the chance correlation of A and B."""
    (first, total, chance), (firsts, totals, chances) = whole, each
    with np.errstate(all="ignore"):
        spread = (weight * (chances - chance) ** 2).sum(axis=0)
        shared = (weight * (chances - chance) * (firsts - first)).sum(axis=0)
        slope = np.where(spread > 0, shared / spread, 0.0)
    return (first - slope * chance, total), (firsts - slope * chances, totals)


def _result(
    output: str,
    factors: Sequence[Factor],
    sums: Array,
    counts: tuple[int, int, int],
    design: str,
    log: bool,
) -> SobolIndices:
    size = sums[:, :1, 0]
    weight = size / size.sum()
    whole, each = _calmed(_indices(sums.sum(axis=0)), _indices(sums), weight)
    degrees = max(len(sums) - 1, 1)
    t = float(special.stdtrit(degrees, 0.5 + LEVEL / 2))
    columns = []
    for total, parts in zip(whole, each, strict=True):
        error = np.sqrt((weight * (parts - total) ** 2).sum(axis=0) / degrees)
        columns += [total, error, total - t * error, total + t * error]
    rows: list[Any] = [tuple(float(v) for v in row) for row in np.stack(columns, axis=1)]
    found = [Index(f.name, f.label, f.members, *row) for f, row in zip(factors, rows, strict=True)]
    found.sort(key=lambda i: -i.st if math.isfinite(i.st) else math.inf)
    interaction = 1.0 - sum(i.s1 for i in found)
    return SobolIndices(output, tuple(found), *counts, interaction, design, log)
