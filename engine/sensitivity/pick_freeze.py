"""Sobol' indices by pick-freeze: first-order and total, with extra model runs.

Two sets of scenarios A and B, and for every factor the scenarios of A with that factor taken from
B: (factors + 2) runs per base scenario (Saltelli et al., 2010). Total indices follow Jansen (1999),
first-order ones Janon et al. (2014). Inputs that are correlated form one factor, for which the
indices hold; single inputs of such a group have none, which is said and not glossed over. Indices
of pairs need B with each factor from A, too: (2 factors + 2) runs per base scenario (Saltelli,
2002).
Sums are streamed per batch, so memory does not grow with the runs, and the batches give intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.model.model import Model
from rangecast.engine.plan import Plan
from rangecast.engine.quantiles import LEVEL
from rangecast.engine.scenarios import Sampler, Scheme
from rangecast.engine.sensitivity.factors import (
    Factor,
    base_scenarios,
    factors_of,
    prepared,
    refuse_constant,
    second_scheme,
)
from scipy import special

if TYPE_CHECKING:
    import pandas as pd

RUNS = 2**20
_SUMS = ("n", "a", "aa", "b", "bb", "h", "hh", "bh", "dd", "ab")


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
class Pair:
    """Second-order index of two factors: what they do together beyond what each does alone.

    Parameters
    ----------
    first, second : str
    s2, s2_se, s2_low, s2_high : float
    """

    first: str
    second: str
    s2: float
    s2_se: float
    s2_low: float
    s2_high: float


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
    pairs : tuple of Pair
        The largest first, where they were asked for.
    """

    output: str
    indices: tuple[Index, ...]
    base: int
    runs: int
    dropped: int
    interaction: float
    design: str
    log: bool = False
    pairs: tuple[Pair, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether every interval of a total index is narrower than 0.2."""
        return all(i.st_high - i.st_low < 0.2 for i in self.indices)

    def _repr_html_(self) -> str:
        from rangecast.engine.notebook import framed

        return framed(self)

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

    def pair_frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Give S2 and S2_conf as SALib does: upper triangles, NaN elsewhere."""
        import pandas as pd

        names = [i.factor for i in self.indices]
        values, halves = (np.full((len(names), len(names)), np.nan) for _ in range(2))
        for pair in self.pairs:
            i, j = sorted((names.index(pair.first), names.index(pair.second)))
            values[i, j], halves[i, j] = pair.s2, (pair.s2_high - pair.s2_low) / 2
        first, second = (pd.DataFrame(v, index=names, columns=names) for v in (values, halves))
        return first, second


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
        self,
        plan: Plan,
        scheme: Scheme,
        output: str,
        factors: Sequence[Factor],
        log: bool,
        pairs: bool,
    ) -> None:
        one, other = second_scheme(scheme)
        self.first, self.second = Sampler(plan, one), Sampler(plan, other)
        self.row = [name for name, _ in scheme.program.row_names].index(output)
        self.factors, self.log, self.pairs = factors, log, pairs

    @property
    def each(self) -> int:
        """Model runs per base scenario."""
        return (2 if self.pairs else 1) * len(self.factors) + 2

    def _output(self, y: Array) -> Array:
        values: Array = y[self.row].copy()
        if self.log:
            values = np.where(values > 0, np.log(values), math.nan)
        return values

    def passed(self, number: int) -> tuple[Array, Array, list[Array], list[Array]]:
        """Give the output in A, in B, in A with each factor from B, and in B with each from A."""
        ya = self._output(self.first.make(number).y)
        yb = self._output(self.second.make(number).y)
        hybrids = [self._hybrid(self.first, self.second, f) for f in self.factors]
        reverse = [self._hybrid(self.second, self.first, f) for f in self.factors if self.pairs]
        return ya, yb, hybrids, reverse

    def _hybrid(self, own: Sampler, other: Sampler, factor: Factor) -> Array:
        """Output of one set of scenarios with a factor taken from the other."""
        kept = {n: own.by_name[n].copy() for n in factor.inputs}
        for name in factor.inputs:
            own.by_name[name][:] = other.by_name[name]
        own.bound.run()
        found = self._output(own.y)
        for name, values in kept.items():
            own.by_name[name][:] = values
        return found


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
    second_order: bool = False,
    grouped: bool = False,
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
    second_order : bool
        Whether indices of pairs are found, too: (2 factors + 2) runs per base scenario.
    grouped : bool
        Whether the groups that the model declares are factors.
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
    ready = prepared(model, output, case, seed, design, correlations)
    scheme, name = ready.setup.scheme, ready.output
    reached = scheme.program.reached(name)
    found = factors_of(ready.model, scheme.drivers, grouped=grouped)
    used = [f for f in found if reached & set(f.inputs)]
    if not used:
        refuse_constant(0.0, 2, name)
    each = (2 if second_order else 1) * len(used) + 2
    base = base_scenarios(int(runs), each, ready.setup.plan, len(used))
    plan = replace(ready.setup.plan, scenarios=base)
    frozen = _Frozen(plan, scheme, name, used, log, second_order)
    sums, dropped = _stream(frozen, plan, progress)
    counts = (base, base * each, dropped)
    return _result(name, used, sums, counts, design, log)


@dataclass(frozen=True)
class _Sums:
    """Sums of each batch: of factors (batches, factors, sums), and of pairs of hybrids.

    `products` (batches, factors, factors) are those of B with a factor from A (rows) and A with a
    factor from B; `reverse` (batches, 2, factors) sums and squares of the former. Both are empty
    unless pairs are wanted.
    """

    factors: Array
    products: Array
    reverse: Array

    def whole(self) -> _Sums:
        """Add all batches up."""
        return _Sums(*(part.sum(axis=0) for part in (self.factors, self.products, self.reverse)))


def _stream(
    frozen: _Frozen, plan: Plan, progress: Callable[[int, int], None] | None
) -> tuple[_Sums, int]:
    """Sums of all passes, and base scenarios dropped."""
    count, pairs = len(frozen.factors), len(frozen.factors) if frozen.pairs else 0
    sums = _Sums(
        np.zeros((plan.batches, count, len(_SUMS))),
        np.zeros((plan.batches, pairs, pairs)),
        np.zeros((plan.batches, 2, pairs)),
    )
    dropped, centre = 0, math.nan
    for batch in range(plan.batches):
        for part in range(plan.parts):
            for number in plan.passes_of(batch, part):
                with np.errstate(all="ignore"):
                    ya, yb, hybrids, reverse = frozen.passed(number)
                whole = np.isfinite(ya) & np.isfinite(yb)
                for hybrid in (*hybrids, *reverse):
                    whole &= np.isfinite(hybrid)
                dropped += len(ya) - int(whole.sum())
                ya, yb = ya[whole], yb[whole]
                if not math.isfinite(centre) and len(ya):
                    centre = float(ya.mean())  # so that squares do not cancel
                apart = [hybrid[whole] - centre for hybrid in hybrids]
                for i, hybrid in enumerate(apart):
                    sums.factors[batch, i] += _sums(ya - centre, yb - centre, hybrid)
                if reverse:
                    other = np.stack([hybrid[whole] - centre for hybrid in reverse])
                    sums.products[batch] += other @ np.stack(apart).T
                    sums.reverse[batch] += other.sum(axis=1), (other * other).sum(axis=1)
                if progress is not None:
                    done = min((number + 1) * plan.rows, plan.scenarios)
                    progress(done * frozen.each, plan.scenarios * frozen.each)
    return sums, dropped


def _closed(sums: _Sums) -> Array:
    """Share of variance that each pair explains, alone and together, from sums of any batches.

    Returns
    -------
    ndarray of shape (..., factors, factors)
        Symmetric: the mean of both ways to freeze the pair.
    """
    with np.errstate(all="ignore"):
        n, h, hh = (sums.factors[..., k] for k in (0, 5, 6))
        n, h, hh = n[..., :1, None], h[..., None, :], hh[..., None, :]
        k, kk = sums.reverse[..., 0, :, None], sums.reverse[..., 1, :, None]
        mean = (h + k) / (2 * n)
        found: Array = (sums.products / n - mean**2) / ((hh + kk) / (2 * n) - mean**2)
    return (found + np.swapaxes(found, -1, -2)) / 2


def _calm(whole: Array, each: Array, chances: tuple[Array, Array], weight: Array) -> Array:
    """Slope by which an index goes with the chance correlation of A and B."""
    chance, per_batch = chances
    with np.errstate(all="ignore"):
        spread = (weight * (per_batch - chance) ** 2).sum(axis=0)
        shared = (weight * (per_batch - chance) * (each - whole)).sum(axis=0)
        slope: Array = np.where(spread > 0, shared / spread, 0.0)
    return slope


def _ends(
    whole: Array, each: Array, weight: Array, calmed: bool
) -> tuple[Array, Array, Array, Array]:
    """Index, standard error and interval from the spread of the batches.

    Calming takes a slope that is estimated from the same batches: it costs a degree of freedom,
    and its own error adds to that of the index.
    """
    degrees = max(len(each) - 1 - calmed, 1)
    t = float(special.stdtrit(degrees, 0.5 + LEVEL / 2))
    more = 1 + 1 / max(degrees - 1, 1) if calmed else 1.0
    error = np.sqrt((weight * (each - whole) ** 2).sum(axis=0) * more / degrees)
    return whole, error, whole - t * error, whole + t * error


def _result(
    output: str,
    factors: Sequence[Factor],
    sums: _Sums,
    counts: tuple[int, int, int],
    design: str,
    log: bool,
) -> SobolIndices:
    n, a, aa, b, bb = sums.factors.sum(axis=0)[0, :5]
    spread = max(aa - a * a / max(n, 1.0), bb - b * b / max(n, 1.0))
    refuse_constant(spread if spread > 1e-12 * max(aa, bb) else 0.0, int(n), output)
    size = sums.factors[:, :1, 0]
    weight = size / size.sum()
    first, total, chance = _indices(sums.factors.sum(axis=0))
    firsts, totals, chances = _indices(sums.factors)
    slope = _calm(first, firsts, (chance, chances), weight)
    first, firsts = first - slope * chance, firsts - slope * chances
    columns = [*_ends(first, firsts, weight, True), *_ends(total, totals, weight, False)]
    rows: list[Any] = [tuple(float(v) for v in row) for row in np.stack(columns, axis=1)]
    found = [Index(f.name, f.label, f.members, *row) for f, row in zip(factors, rows, strict=True)]
    found.sort(key=lambda i: -i.st if math.isfinite(i.st) else math.inf)
    interaction = 1.0 - sum(i.s1 for i in found)
    pairs = _pairs(factors, sums, (first, firsts), (chance, chances)) if sums.products.size else ()
    return SobolIndices(output, tuple(found), *counts, interaction, design, log, pairs)


def _pairs(
    factors: Sequence[Factor],
    sums: _Sums,
    alone: tuple[Array, Array],
    chances: tuple[Array, Array],
) -> tuple[Pair, ...]:
    """Second-order indices: what a pair explains, less what each of it explains alone."""
    weight = (sums.factors[:, 0, 0] / sums.factors[:, 0, 0].sum())[:, None, None]
    whole, each = _closed(sums.whole()), _closed(sums)
    shared = chances[0][:, None], chances[1][:, :, None]  # the same for all factors
    slope = _calm(whole, each, shared, weight)
    whole, each = whole - slope * shared[0], each - slope * shared[1]
    whole = whole - alone[0][:, None] - alone[0][None, :]
    each = each - alone[1][:, :, None] - alone[1][:, None, :]
    ends = _ends(whole, each, weight, True)
    found = [
        Pair(factors[i].name, factors[j].name, *(float(part[i, j]) for part in ends))
        for i, j in combinations(range(len(factors)), 2)
    ]
    return tuple(sorted(found, key=lambda p: -p.s2 if math.isfinite(p.s2) else math.inf))
