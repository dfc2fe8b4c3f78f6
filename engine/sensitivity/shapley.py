"""Shapley effects: a fair share of the variance for every input, correlated or not.

Owen (2014); Song, Nelson and Staum (2016). Every input gets the mean, over the orders in which
inputs may become known, of the variance that knowing it takes away on top of those before; the
shares add up to 1 whatever the correlations. Orders are drawn, and what is not yet known is drawn
again given what is: exactly, since the dependence is a Gaussian copula. Each pass of scenarios goes
along an order and along its reverse, which takes (2 inputs - 1) model runs per base scenario; sums
are streamed, batches give errors.

Under correlation a share has two parts. An input's *own* part is what it takes away, on average,
where all that it is correlated with is known before: what only it can tell. The rest acts through
correlation: it is negative where correlation hides an input, and all there is where an input only
moves with others. Inputs that are not correlated have their own part alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.model.model import Model
from rangecast.engine.plan import Plan
from rangecast.engine.quantiles import LEVEL
from rangecast.engine.scenarios import Driver, Sampler, Scheme
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
_WIDTH = 5_461  # makes passes of at most 512 scenarios, so that many orders are seen
_SEED = 20_250_103

Order = NDArray[np.intp]


@dataclass(frozen=True)
class Share:
    """Shapley effect of one input, or of a group.

    Parameters
    ----------
    input, label : str
    share, se, low, high : float
        Share of the variance with its standard error and 95 % interval.
    own, own_se : float
        Part of the share that is the input's own; the share itself where it is not correlated. NaN
        where no order was drawn in which what it is correlated with comes first.
    through : float
        Part that acts through correlation: share less own.
    """

    input: str
    label: str
    share: float
    se: float
    low: float
    high: float
    own: float = math.nan
    own_se: float = math.nan
    through: float = math.nan


@dataclass(frozen=True)
class ShapleyEffects:
    """Shapley effects of one output.

    Parameters
    ----------
    output : str
    shares : tuple of Share
        The largest first; they add up to 1.
    base, runs : int
        Base scenarios, and model runs in all.
    orders : int
        Orders of the inputs that were drawn.
    dropped : int
        Base scenarios left out because one of their runs gave no finite number.
    log : bool
        Whether they share out the variance of the output's logarithm.
    """

    output: str
    shares: tuple[Share, ...]
    base: int
    runs: int
    orders: int
    dropped: int
    log: bool = False

    @property
    def is_correlated(self) -> bool:
        """Whether any share has a part through correlation."""
        return any(share.through != 0.0 for share in self.shares)

    def _repr_html_(self) -> str:
        from rangecast.engine.notebook import framed

        return framed(self)

    def frame(self) -> pd.DataFrame:
        """Give the shares as a table."""
        import pandas as pd

        return pd.DataFrame([vars(share) for share in self.shares]).set_index("input")


class _Group:
    """Conditional draws of one dependence group: some scores given the others, exactly."""

    def __init__(self, lower: Array) -> None:
        self.correlation = lower @ lower.T

    def given(self, known: Order, scores: Array, fresh: Array) -> Array:
        """Give all scores (members, m): the known ones kept, the others drawn given them."""
        members = np.arange(len(scores))
        free = np.setdiff1d(members, known)
        if not len(free):
            return scores
        found = scores.copy()
        if not len(known):
            found[:] = _root(self.correlation) @ fresh
            return found
        own = self.correlation[np.ix_(known, known)]
        cross = self.correlation[np.ix_(free, known)]
        weights = cross @ np.linalg.pinv(own, hermitian=True)
        left = self.correlation[np.ix_(free, free)] - weights @ cross.T
        lower = _root(left)
        found[free] = weights @ scores[known] + lower @ fresh[free]
        return found


def _root(matrix: Array) -> Array:
    """Square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(matrix)
    found: Array = vectors * np.sqrt(np.maximum(values, 0.0))
    return found


class _Chain:
    """Runs a pass along one order: the output with its first inputs kept, the others drawn anew."""

    def __init__(
        self, plan: Plan, scheme: Scheme, output: str, players: Sequence[Factor], log: bool
    ) -> None:
        both = second_scheme(scheme)
        self.first, self.second = Sampler(plan, both[0]), Sampler(plan, both[1])
        self.mixed = Sampler(plan, both[0])
        self.row = [name for name, _ in scheme.program.row_names].index(output)
        self.players, self.log = players, log
        self.groups = {
            g: _Group(factor.lower) for g, factor in enumerate(scheme.factors) if factor.names
        }
        self.index = {d.name: k for k, d in enumerate(scheme.drivers)}

    def start(self, number: int) -> Array:
        """Make the scenarios of a pass, twice; give the output of the first."""
        y = self.first.make(number).y
        self.second.make(number)
        if self.mixed.rows != self.first.rows:
            self.mixed.bind_rows(self.first.rows)
        return self._output(y)

    def _output(self, y: Array) -> Array:
        values: Array = y[self.row].copy()
        if self.log:
            with np.errstate(all="ignore"):
                values = np.where(values > 0, np.log(values), math.nan)
        return values

    def along(self, order: Order) -> list[Array]:
        """Outputs with the first, the first two, … inputs of an order kept."""
        known: set[str] = set()
        found = []
        for k in order[:-1]:
            known |= set(self.players[k].members)
            found.append(self.hybrid(known))
        return found

    def hybrid(self, known: set[str]) -> Array:
        """Output with some inputs kept and the others drawn given them."""
        for driver in self.first.drivers:
            if driver.group >= 0 and not driver.path:
                continue
            source = self.first if driver.name in known else self.second
            for name in driver.inputs:
                self.mixed.by_name[name][:] = source.by_name[name]
        for g, group in self.groups.items():
            members = [d for d in self.first.drivers if d.group == g and not d.path]
            if not members:
                continue
            slots = np.array([d.slot for d in members if d.name in known], dtype=np.intp)
            scores = group.given(slots, self.first.scores[g], self._fresh(g))
            self.mixed.scores[g][:] = scores
            for driver in members:
                self.mixed.fill(self.index[driver.name], driver)
        self.mixed.bound.run()
        return self._output(self.mixed.y)

    def _fresh(self, g: int) -> Array:
        """Independent normal scores of a group, from the second set of scenarios."""
        lower = self.first.factors[g].lower
        found: Array = np.linalg.pinv(lower) @ self.second.scores[g]
        return found


def _refuse_other_copulas(model: Model) -> None:
    """Refuse dependence whose conditional draws are not known exactly."""
    if model.correlations and model.dependence.copula != "gaussian":
        message = "draws inputs given others, which only the gaussian copula does exactly"
        hint = "use pickfreeze or a ranking of the run itself"
        raise SettingsError(Problem("E510", "shapley", message, hint=hint))


def _order(players: int, number: int, seed: int) -> Order:
    """Order of a pass."""
    return np.random.default_rng([_SEED, seed % 2**63, number]).permutation(players)


def _partners(players: Sequence[Factor], drivers: Sequence[Driver]) -> list[set[int]]:
    """Players that each player is correlated with."""
    group = {d.name: d.group for d in drivers if d.group >= 0 and not d.path}
    groups = [{group[m] for m in p.members if m in group} for p in players]
    return [
        {j for j, other in enumerate(groups) if j != i and own & other}
        for i, own in enumerate(groups)
    ]


def _last(order: Order, partners: Sequence[set[int]]) -> Array:
    """Whether each player comes after all that it is correlated with."""
    place = np.argsort(order)
    return np.array([all(place[j] < place[i] for j in found) for i, found in enumerate(partners)])


def _increments(y: Array, hybrids: Sequence[Array], order: Order) -> tuple[Array, float]:
    """Variance that each input takes away along an order, times scenarios; and all of it."""
    n, found = len(y), np.zeros(len(order))
    if n < 2:
        return found, 0.0
    kept = y - y.mean()
    variance = float((kept * kept).mean())
    explained = [float((kept * (other - other.mean())).mean()) for other in hybrids]
    found[order] = np.diff([0.0, *explained, variance]) * n
    return found, variance * n


def _each(players: int) -> int:
    """Model runs per base scenario: the output itself, and the hybrids of two orders."""
    return max(2 * players - 1, 1)


def shapley(
    model: Model,
    output: str = "",
    *,
    runs: int = RUNS,
    case: str = "",
    seed: int | None = None,
    design: str = "sobol",
    correlations: bool = True,
    log: bool = False,
    grouped: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ShapleyEffects:
    """Compute the Shapley effects of an output with extra model runs.

    Parameters
    ----------
    model : Model
    output : str
        Output, quantity or row of a series; by default the first that the model shows.
    runs : int
        Model runs in all; each base scenario takes twice as many as there are inputs, less one.
    case, seed, design, correlations, progress
        As of `sobol`.
    log : bool
        Whether the variance of the output's logarithm is shared out.
    grouped : bool
        Whether the groups that the model declares take a share each.

    Returns
    -------
    ShapleyEffects
        Inputs that act through correlation only have a share, too.

    Raises
    ------
    SettingsError
        For an unknown output, too few runs, or a path input that is correlated with others.

    Examples
    --------
    >>> import rangecast as rc
    >>> law = rc.distributions.Normal(0, 1)
    >>> own = rc.Model({"a": law, "b": law}, lambda a, b: {"y": 2 * a + b})
    >>> [round(s.share, 1) for s in shapley(own, runs=2**14).shares]
    [0.8, 0.2]
    """
    if correlations:
        _refuse_other_copulas(model)
    ready = prepared(model, output, case, seed, design, correlations)
    scheme, name = ready.setup.scheme, ready.output
    players = factors_of(ready.model, _drivers(scheme, name), together=False, grouped=grouped)
    if not players:
        refuse_constant(0.0, 2, name)
    base = base_scenarios(int(runs), _each(len(players)), ready.setup.plan, len(players))
    plan = replace(ready.setup.plan, scenarios=base, width=max(ready.setup.plan.width, _WIDTH))
    chain = _Chain(plan, scheme, name, players, log)
    return _estimate(chain, plan, name, progress)


def _drivers(scheme: Scheme, output: str) -> list[Driver]:
    """Inputs that a formula of the output uses, and those correlated with one of them."""
    reached = scheme.program.reached(output)
    direct = {d.name for d in scheme.drivers if reached & set(d.inputs)}
    groups = {d.group for d in scheme.drivers if d.name in direct and not d.path}
    return [
        d
        for d in scheme.drivers
        if d.name in direct or (d.group >= 0 and d.group in groups and not d.path)
    ]


def _estimate(
    chain: _Chain, plan: Plan, output: str, progress: Callable[[int, int], None] | None
) -> ShapleyEffects:
    d = len(chain.players)
    partners = _partners(chain.players, chain.first.drivers)
    zeros = [np.zeros((plan.batches, d)) for _ in range(3)]
    tally = _Tally(zeros[0], zeros[1], zeros[2], np.zeros(plan.batches))
    dropped, orders, each = 0, 0, _each(d)
    for batch in range(plan.batches):
        for part in range(plan.parts):
            for number in plan.passes_of(batch, part):
                order = _order(d, orders, plan.seed)
                with np.errstate(all="ignore"):
                    y = chain.start(number)
                    ways = [chain.along(way) for way in (order, order[::-1])]
                whole = np.isfinite(y) & np.isfinite([h for way in ways for h in way]).all(axis=0)
                for way, hybrids in zip((order, order[::-1]), ways, strict=True):
                    found, variance = _increments(y[whole], [h[whole] for h in hybrids], way)
                    last = _last(way, partners)
                    tally.every[batch] += found
                    tally.own[batch] += np.where(last, found, 0.0)
                    tally.weight[batch] += np.where(last, variance, 0.0)
                    tally.variance[batch] += variance
                dropped, orders = dropped + int((~whole).sum()), orders + 1
                if progress is not None:
                    done = min((number + 1) * plan.rows, plan.scenarios)
                    progress(done * each, plan.scenarios * each)
    refuse_constant(float(tally.variance.sum()), plan.scenarios - dropped, output)
    shares = _shares(chain.players, tally, partners)
    return ShapleyEffects(
        output, shares, plan.scenarios, plan.scenarios * each, 2 * orders, dropped, chain.log
    )


@dataclass(frozen=True)
class _Tally:
    """Sums of each batch.

    Parameters
    ----------
    every : ndarray of shape (batches, players)
        Increments of players.
    own : ndarray, likewise
        Those of players that come after all that they are correlated with.
    weight : ndarray, likewise
        Variance, times scenarios, of the orders behind `own`.
    variance : ndarray of shape (batches,)
        The same of all orders.
    """

    every: Array
    own: Array
    weight: Array
    variance: Array


def _ratio(parts: Array, weights: Array) -> tuple[Array, Array]:
    """Ratio of sums over batches, and its standard error."""
    with np.errstate(all="ignore"):
        whole = parts.sum(axis=0) / weights.sum(axis=0)
        apart = (parts - whole * weights) / weights.sum(axis=0)
    degrees = max(len(parts) - 1, 1)
    return whole, np.sqrt((apart**2).sum(axis=0) * len(parts) / degrees)


def _shares(
    players: Sequence[Factor], tally: _Tally, partners: Sequence[set[int]]
) -> tuple[Share, ...]:
    whole, error = _ratio(tally.every, tally.variance[:, None])
    own, own_error = _ratio(tally.own, tally.weight)
    half = float(special.stdtrit(max(len(tally.every) - 1, 1), 0.5 + LEVEL / 2)) * error
    found = []
    for k, player in enumerate(players):
        share, se, wide = (float(part[k]) for part in (whole, error, half))
        alone = (float(own[k]), float(own_error[k])) if partners[k] else (share, se)
        ends = share, se, share - wide, share + wide
        found.append(Share(player.name, player.label, *ends, *alone, share - alone[0]))
    return tuple(sorted(found, key=lambda s: -s.share if math.isfinite(s.share) else math.inf))
