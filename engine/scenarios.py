"""Make scenarios, a pass at a time and in place: points, dependence, inputs, formulas."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions import Normal
from rangecast.distributions.protocol import Array, Distribution
from rangecast.engine import tranches
from rangecast.engine.plan import Plan
from rangecast.engine.streams import BLOCK, Streams
from rangecast.engine.tables import Slots, Table, locate
from scipy import special


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
    """

    name: str
    laws: tuple[tuple[str, Distribution], ...]
    group: int = -1
    slot: int = -1


@dataclass(frozen=True)
class GroupFactor:
    """A dependence group ready to draw: member names and lower triangular factor."""

    names: tuple[str, ...]
    lower: Array


@functools.lru_cache(maxsize=2048)
def table_of(law: Distribution) -> Table:
    """Table of a continuous law; built once per process."""
    return Table(law)


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


class _Point:
    """Where the points of one driver lie: u, signed tail distance, slot."""

    def __init__(self, rows: int) -> None:
        self.u = np.empty(rows)
        self.w = np.empty(rows)
        self.single = np.empty(rows, dtype=np.float32)
        self.slots: Slots = np.empty(rows, dtype=np.intp)
        self.scratch = np.empty(rows)

    def of_uniform(self, u: Array) -> None:
        np.copyto(self.u, u)
        np.rint(u, out=self.w)
        np.subtract(u, self.w, out=self.w)
        locate(self.w, self.single, self.slots)

    def of_normal(self, z: Array) -> None:
        """Φ(z) as a signed tail, so that neither end loses digits or reaches 0 or 1."""
        np.abs(z, out=self.w)
        np.negative(self.w, out=self.w)
        special.ndtr(self.w, out=self.w)
        np.copysign(self.w, z, out=self.w)
        np.negative(self.w, out=self.w)
        np.copyto(self.u, self.w)
        self.u[self.w < 0] += 1.0
        locate(self.w, self.single, self.slots)


class Sampler:
    """Makes the passes of one thread; its arrays are reused from pass to pass.

    Parameters
    ----------
    plan : Plan
    drivers : tuple of Driver
    factors : tuple of GroupFactor
    program : Program
    """

    def __init__(
        self,
        plan: Plan,
        drivers: tuple[Driver, ...],
        factors: tuple[GroupFactor, ...],
        program: Program,
    ) -> None:
        self.plan, self.drivers, self.factors, self.program = plan, drivers, factors, program
        self.streams = Streams(plan.seed)
        grouped = [name for factor in factors for name in factor.names]
        alone = [d.name for d in drivers if d.group < 0]
        self.place = {name: k for k, name in enumerate(grouped + alone)}
        self.block = -1
        self.points = np.empty((len(self.place), min(BLOCK, plan.scenarios)))
        self.normal = table_of(Normal(0.0, 1.0)) if factors else None
        self._bind(min(plan.rows, plan.scenarios))

    def _bind(self, rows: int) -> None:
        """Tie arrays and program to a pass of so many rows (the last pass may be shorter)."""
        self.rows = rows
        names = [name for driver in self.drivers for name, _ in driver.laws]
        self.x = np.empty((len(names), rows))
        self.y = np.empty((self.program.rows, rows))
        self.cells: NDArray[np.intp] = np.empty((len(self.drivers), rows), dtype=np.intp)
        self.scores = [np.empty((len(f.names), rows)) for f in self.factors]
        self.point = _Point(rows)
        self.by_name = {name: self.x[k] for k, name in enumerate(names)}
        self.bound = self.program.bind(self.by_name, self.y)

    def make(self, number: int) -> tuple[Array, NDArray[np.intp]]:
        """Make pass `number`: outputs (rows, m) and the cell of each driver (drivers, m)."""
        start = number * self.plan.rows
        rows = min(self.plan.rows, self.plan.scenarios - start)
        if rows != self.rows:
            self._bind(rows)
        block, first = divmod(start, BLOCK)
        self._draw(block)
        window = slice(first, first + rows)
        for factor, scores in zip(self.factors, self.scores, strict=True):
            self._correlate(factor, scores, window)
        for k, driver in enumerate(self.drivers):
            self._fill(k, driver, window)
        self.bound.run()
        return self.y, self.cells

    def _draw(self, block: int) -> None:
        if block == self.block:
            return
        size = min(BLOCK, self.plan.scenarios - block * BLOCK)
        for name, k in self.place.items():
            self.streams.fill(name, block, self.points[k, :size])
        self.block = block

    def _correlate(self, factor: GroupFactor, scores: Array, window: slice) -> None:
        """Normal scores of a group: independent ones, then L times them, in place from the end."""
        point = self.point
        assert self.normal is not None
        for i, name in enumerate(factor.names):
            point.of_uniform(self.points[self.place[name], window])
            self.normal.fill(point.slots, point.w, scores[i], point.scratch)
        for i in reversed(range(len(factor.names))):
            np.multiply(scores[i], factor.lower[i, i], out=scores[i])
            for j in np.flatnonzero(factor.lower[i, :i]):
                np.multiply(scores[j], factor.lower[i, j], out=point.scratch)
                np.add(scores[i], point.scratch, out=scores[i])

    def _fill(self, k: int, driver: Driver, window: slice) -> None:
        point = self.point
        if driver.group >= 0:
            point.of_normal(self.scores[driver.group][driver.slot])
        else:
            point.of_uniform(self.points[self.place[driver.name], window])
        for i, (name, law) in enumerate(driver.laws):
            atoms = atoms_of(law) if law.discrete else None
            if atoms is not None:
                index = np.minimum(np.searchsorted(atoms[1], point.u), len(atoms[0]) - 1)
                atoms[0].take(index, out=self.by_name[name], mode="clip")
                if i == 0:
                    grouped = scale_of(law).atom_cells
                    assert grouped is not None
                    grouped.take(index, out=self.cells[k], mode="clip")
                continue
            if law.discrete:  # more atoms than are worth listing: the law itself, value by value
                self.by_name[name][:] = law.quantile(point.u)
            else:
                table_of(law).fill(point.slots, point.w, self.by_name[name], point.scratch)
            if i == 0:
                tranches.continuous_cells(point.u, point.slots, self.cells[k], point.scratch)
