"""Make scenarios, a pass at a time and in place: points, dependence, inputs, formulas."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions import Gamma, Normal
from rangecast.distributions.protocol import Array, Distribution
from rangecast.engine import designs, loops, tranches
from rangecast.engine.plan import HYPERCUBE, Plan
from rangecast.engine.reorder import reorder
from rangecast.engine.tables import Guide, Slots, Table, TailOfT, locate, normal_tail


class Bound(Protocol):
    """A program tied to arrays."""

    def run(self) -> None:
        """Compute the outputs of the inputs now in the arrays."""


class Program(Protocol):
    """What turns inputs into outputs: compiled formulas, or a Python function."""

    @property
    def rows(self) -> int:
        """Number of output rows."""
        ...

    @property
    def row_names(self) -> list[tuple[str, int | None]]:
        """Output and period of each row."""
        ...

    def bind(self, x: Mapping[str, Array], y: Array) -> Bound:
        """Tie the program to input rows (m,) by name and to the outputs (rows, m)."""
        ...

    def evaluate(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Compute every output for a few scenarios."""
        ...

    def reached(self, output: str) -> frozenset[str]:
        """Names of the sampled inputs on which an output depends."""
        ...


@dataclass(frozen=True)
class Driver:
    """One draw per scenario, and every input that is read off it.

    Parameters
    ----------
    name : str
        The input whose stream it is; inputs that are `same_as` it share the draw.
    laws : tuple of (str, Distribution)
        Each sampled input with its own law; the first decides the cells.
    group, slot : int
        Dependence group and place in it; −1 when independent.
    path : tuple of (str, Distribution)
        For an input with a value in each period: its rows, which come first in the group. The
        driver's own score, last in the group, is the standardised mean of theirs.
    """

    name: str
    laws: tuple[tuple[str, Distribution], ...]
    group: int = -1
    slot: int = -1
    path: tuple[tuple[str, Distribution], ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the sampled inputs that are read off the driver."""
        return tuple(name for name, _ in (self.path or self.laws))


@dataclass(frozen=True)
class GroupFactor:
    """A dependence group ready to draw.

    Parameters
    ----------
    names : tuple of str
        Its members.
    lower : ndarray of shape (d, d)
        Lower triangular factor of the correlation of its scores.
    df : float
        Degrees of freedom of t scores, which share a mixing variable; infinite for normal ones.
    reordered : bool
        Whether independent draws are put in order instead (Iman and Conover).
    mixing : str
        Name of the mixing variable's stream.
    """

    names: tuple[str, ...]
    lower: Array
    df: float = math.inf
    reordered: bool = False
    mixing: str = ""


@dataclass(frozen=True)
class Scheme:
    """How scenarios are made.

    Parameters
    ----------
    drivers : tuple of Driver
    factors : tuple of GroupFactor
    program : Program
    declared : tuple of str
        All inputs of the model file in its order, which gives a Sobol' point its dimensions.
    streams : mapping of str to str
        Declared input whose points an input takes, where these are not its own.
    """

    drivers: tuple[Driver, ...]
    factors: tuple[GroupFactor, ...]
    program: Program
    declared: tuple[str, ...]
    streams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pass:
    """The scenarios of one pass, in arrays that the next pass overwrites.

    Parameters
    ----------
    y : ndarray of shape (outputs, m)
    cells : ndarray of int of shape (drivers, m)
        Cell of each driver's score.
    x : list of ndarray of shape (m,)
        Value of each driver: of the first input read off it.
    """

    y: Array
    cells: NDArray[np.intp]
    x: list[Array]


@functools.lru_cache(maxsize=2048)
def table_of(law: Distribution) -> Table:
    """Table of a continuous law; built once per process."""
    return Table(law)


@functools.lru_cache(maxsize=64)
def tail_of(df: float) -> TailOfT:
    """Tail probabilities of t scores."""
    return TailOfT(df)


def _mixing_law(df: float) -> Gamma:
    """Law of χ²/df, by whose root a normal score is divided to make a t score."""
    return Gamma(df / 2, 2 / df)


@functools.lru_cache(maxsize=2048)
def atoms_of(law: Distribution) -> tuple[Array, Array] | None:
    """Values and cumulative probabilities of a discrete law; None when there are too many."""
    listed: tuple[Array, Array] | None = law.atoms()  # type: ignore[attr-defined]  # discrete laws
    return listed


@functools.lru_cache(maxsize=2048)
def scale_of(law: Distribution) -> tranches.Scale:
    """Cells of a law's score."""
    atoms = atoms_of(law) if law.discrete else None
    return tranches.CONTINUOUS if atoms is None else tranches.discrete_scale(atoms[1])


@functools.lru_cache(maxsize=2048)
def spread_of(law: Distribution) -> Array:
    """Mean and variance of a law inside each of its cells."""
    scale, atoms = scale_of(law), atoms_of(law) if law.discrete else None
    if atoms is None or scale.atom_cells is None:
        return tranches.spread_inside(functools.partial(_from_table, law), scale)
    return tranches.spread_of_atoms(atoms[0], np.diff(atoms[1], prepend=0.0), scale.atom_cells)


def _from_table(law: Distribution, u: Array) -> Array:
    """Quantiles of a few points, by the table where there is one."""
    if law.discrete:
        return np.asarray(law.quantile(u))
    point, values = _Point(len(u)), np.empty(len(u))
    point.of_uniform(u)
    point.look_up(table_of(law), values)
    return values


@functools.lru_cache(maxsize=2048)
def guide_of(law: Distribution) -> Guide:
    """Guide to a discrete law's listed atoms."""
    atoms = atoms_of(law)
    assert atoms is not None
    return Guide(atoms[1])


class _Point:
    """Where the points of one driver lie: u, signed tail distance, slot."""

    def __init__(self, rows: int) -> None:
        self.own = np.empty(rows)
        self.u = self.own
        self.w = np.empty(rows)
        self.single = np.empty(rows, dtype=np.float32)
        self.slots: Slots = np.empty(rows, dtype=np.intp)
        self.atoms: Slots = np.empty(rows, dtype=np.intp)
        self.scratch = np.empty(rows)
        self.is_located = False
        self.is_tail = False

    def of_uniform(self, u: Array) -> None:
        """Take points as they are, without a copy; they are located when that is needed."""
        self.u, self.is_located, self.is_tail = u, False, False

    def of_normal(self, z: Array) -> None:
        """Φ(z) as a signed tail, so that neither end loses digits or reaches 0 or 1."""
        normal_tail(z, self.w, self.slots, self.scratch)
        self.u = self.own
        np.floor(self.w, out=self.u)
        np.subtract(self.w, self.u, out=self.u)
        locate(self.w, self.single, self.slots)
        self.is_located = self.is_tail = True

    def of_t(self, t: Array, tail: TailOfT) -> None:
        """Distribution function of t scores as a signed tail."""
        tail.fill(t, self.w, self.slots, self.scratch)
        self.u = self.own
        np.floor(self.w, out=self.u)
        np.subtract(self.w, self.u, out=self.u)
        locate(self.w, self.single, self.slots)
        self.is_located = self.is_tail = True

    def locate(self) -> None:
        """Find the signed tail distance of each point, and its slot."""
        if not self.is_located:
            np.rint(self.u, out=self.w)
            np.subtract(self.u, self.w, out=self.w)
            locate(self.w, self.single, self.slots)
            self.is_located = True

    def look_up(self, table: Table, out: Array) -> None:
        """Write quantiles; slots are known afterwards."""
        fast = not self.is_tail and loops.look_up(self.u, table.start, table.slope, out, self.slots)
        if not fast:
            self.locate()
            table.fill(self.slots, self.w, out, self.scratch)
        table.mend(self.slots, self.u, out)

    def number_cells(self, out: Slots) -> None:
        """Write the cell of each point; slots must be known."""
        tranches.continuous_cells(self.u, self.slots, out, self.scratch, self.atoms)


class Sampler:
    """Makes the passes of one thread; its arrays are reused from pass to pass.

    Parameters
    ----------
    plan : Plan
    scheme : Scheme
    """

    def __init__(self, plan: Plan, scheme: Scheme) -> None:
        self.plan, self.scheme = plan, scheme
        self.drivers, self.factors = scheme.drivers, scheme.factors
        grouped = [name for factor in self.factors for name in factor.names]
        grouped += [factor.mixing for factor in self.factors if factor.mixing]
        names = grouped + [d.name for d in self.drivers if d.group < 0]
        self.place = {name: k for k, name in enumerate(names)}
        streams = [scheme.streams.get(name, name) for name in names]
        self.points = designs.points(plan, streams, scheme.declared)
        self.normal = table_of(Normal(0.0, 1.0)) if self.factors else None
        self.bind_rows(min(plan.rows, plan.scenarios))

    def bind_rows(self, rows: int) -> None:
        """Tie arrays and program to a pass of so many rows (the last pass may be shorter)."""
        self.rows = rows
        names = [name for driver in self.drivers for name, _ in (*driver.laws, *driver.path)]
        program = self.scheme.program
        self.x = np.empty((len(names), rows))
        self.y = np.empty((program.rows, rows))
        self.cells: NDArray[np.intp] = np.empty((len(self.drivers), rows), dtype=np.intp)
        whole = -(-rows // HYPERCUBE) * HYPERCUBE if self.plan.reordered else rows
        self.scores = [
            np.empty((len(f.names), whole if f.reordered else rows)) for f in self.factors
        ]
        self.whole = whole
        self.point = _Point(rows)
        self.by_name = {name: self.x[k] for k, name in enumerate(names)}
        self.first = [self.by_name[driver.laws[0][0]] for driver in self.drivers]
        self.bound = program.bind(self.by_name, self.y)

    def make(self, number: int) -> Pass:
        """Make pass `number`."""
        start = number * self.plan.rows
        rows = min(self.plan.rows, self.plan.scenarios - start)
        if rows != self.rows:
            self.bind_rows(rows)
        self.points.move(start, self.whole)
        for factor, scores in zip(self.factors, self.scores, strict=True):
            if factor.reordered:
                self._reorder(factor, scores)
            else:
                self._correlate(factor, scores)
        for k, driver in enumerate(self.drivers):
            self.fill(k, driver)
        self.bound.run()
        return Pass(self.y, self.cells, self.first)

    def _correlate(self, factor: GroupFactor, scores: Array) -> None:
        """Normal scores of a group: independent ones, then L times them, in place from the end."""
        point = self.point
        assert self.normal is not None
        for i, name in enumerate(factor.names):
            point.of_uniform(self._column(name))
            point.look_up(self.normal, scores[i])
        for i in reversed(range(len(factor.names))):
            np.multiply(scores[i], factor.lower[i, i], out=scores[i])
            for j in np.flatnonzero(factor.lower[i, :i]):
                np.multiply(scores[j], factor.lower[i, j], out=point.scratch)
                np.add(scores[i], point.scratch, out=scores[i])
        if factor.mixing:
            point.of_uniform(self._column(factor.mixing))
            point.look_up(table_of(_mixing_law(factor.df)), point.scratch)
            np.sqrt(point.scratch, out=point.scratch)
            np.divide(scores, point.scratch, out=scores)

    def _column(self, name: str) -> Array:
        """Points of an input in this pass."""
        return self.points.column(self.place[name])[: self.rows]

    def _reorder(self, factor: GroupFactor, points: Array) -> None:
        """Independent points of a group, each put in the order of correlated scores."""
        for i, name in enumerate(factor.names):
            points[i] = self.points.column(self.place[name])[: self.whole]
        reorder(points, factor.lower)

    def _place(self, group: int, slot: int) -> None:
        """Bring the point to a member of a group."""
        factor, scores = self.factors[group], self.scores[group][slot]
        if factor.reordered:
            self.point.of_uniform(scores[: self.rows])
        elif factor.mixing:
            self.point.of_t(scores, tail_of(factor.df))
        else:
            self.point.of_normal(scores)

    def fill(self, k: int, driver: Driver) -> None:
        """Write the inputs read off the k-th driver, and its cells, from its points or scores."""
        point = self.point
        for slot, (name, law) in enumerate(driver.path):
            point.of_normal(self.scores[driver.group][slot])
            self._fill_one(law, self.by_name[name], None)
        if driver.group >= 0:
            self._place(driver.group, driver.slot)
        else:
            point.of_uniform(self._column(driver.name))
        for i, (name, law) in enumerate(driver.laws):
            self._fill_one(law, self.by_name[name], self.cells[k] if i == 0 else None)

    def _fill_one(self, law: Distribution, values: Array, cells: NDArray[np.intp] | None) -> None:
        """Write an input's values, and its cells where wanted, from the points of its driver."""
        if law.discrete:
            self._fill_discrete(law, values, cells)
            return
        self.point.look_up(table_of(law), values)
        if cells is not None:
            self.point.number_cells(cells)

    def _fill_discrete(
        self, law: Distribution, values: Array, cells: NDArray[np.intp] | None
    ) -> None:
        point, atoms = self.point, atoms_of(law)
        point.locate()
        if atoms is None:  # more atoms than are worth listing: the law itself, value by value
            values[:] = law.quantile(point.u)
            if cells is not None:
                point.number_cells(cells)
            return
        guide_of(law).fill(point.slots, point.u, point.atoms, point.scratch)
        atoms[0].take(point.atoms, out=values, mode="clip")
        grouped = scale_of(law).atom_cells
        if cells is not None and grouped is not None:
            grouped.take(point.atoms, out=cells, mode="clip")


class Drawer:
    """Draws one law as a run does: keyed points, then table or atoms, in place.

    Parameters
    ----------
    law : Distribution
    rows : int
        Draws at a time.
    """

    def __init__(self, law: Distribution, rows: int) -> None:
        plan = Plan(rows * 4096, 0, 1)
        driver = Driver("x", (("x", law),))
        self.sampler = Sampler(plan, Scheme((driver,), (), _Nothing(), ("x",)))
        self.rows, self.at = self.sampler.rows, 0

    def draw(self) -> Array:
        """Give the next draws; the array is overwritten by the next call."""
        self.at = (self.at + 1) % self.sampler.plan.passes
        self.sampler.make(self.at)
        values: Array = self.sampler.x[0]
        return values


class _Nothing:
    """A program without outputs."""

    rows = 0
    row_names: ClassVar[list[tuple[str, int | None]]] = []

    def bind(self, x: Mapping[str, Array], y: Array) -> _Nothing:
        return self

    def run(self) -> None:
        pass

    def evaluate(self, values: Mapping[str, Array]) -> dict[str, Array]:
        return {}

    def reached(self, output: str) -> frozenset[str]:
        return frozenset()
