"""Two-way tables: statistics of an output over a grid of values of two inputs or quantities.

Every cell is the model with both set (an intervention) and run on the same draws, so that the
differences between cells are the model's and not noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.formula import series_of
from rangecast.engine.model.cases import apply_case, fix, share_again
from rangecast.engine.model.choices import spell_out
from rangecast.engine.model.formulas import used_by
from rangecast.engine.model.model import Axis, Input, Model, Table
from rangecast.engine.quantiles import Z
from rangecast.engine.simulate import base_values, compiled_program, simulate

if TYPE_CHECKING:
    import pandas as pd
    from rangecast.engine.result import Result

SCENARIOS = 100_000
"""Per cell, unless told otherwise."""


@dataclass(frozen=True)
class Grid:
    """A filled two-way table.

    Parameters
    ----------
    model : Model
        With its case applied.
    table : Table
    scenarios, seed : int
        Of every cell; 0 scenarios when only base values are wanted.
    values, ci_low, ci_high : ndarray of shape (statistics, rows, columns)
        95 % intervals; NaN where there is none. Base values are exact.
    """

    model: Model
    table: Table
    scenarios: int
    seed: int
    values: Array
    ci_low: Array
    ci_high: Array

    def is_marked(self, row: int, column: int) -> bool:
        """Whether a cell is marked."""
        return self.table.mark == "diagonal" and row == column

    def cells(self) -> Iterator[dict[str, Any]]:
        """Give every cell with its place, statistic by statistic."""
        table = self.table
        for s, i, j in np.ndindex(*self.values.shape):
            yield {
                "table": table.name,
                "case": self.model.case,
                "output": table.output,
                "statistic": table.statistics[s],
                table.rows.name: table.rows.points[i],
                table.columns.name: table.columns.points[j],
                "value": float(self.values[s, i, j]),
                "ci_low": float(self.ci_low[s, i, j]),
                "ci_high": float(self.ci_high[s, i, j]),
                "marked": self.is_marked(i, j),
            }

    def _repr_html_(self) -> str:
        from rangecast.engine.notebook import framed

        return framed(self)

    def frame(self) -> pd.DataFrame:
        """Give the cells as a table, one row each."""
        import pandas as pd

        return pd.DataFrame(list(self.cells()))


def _find(model: Model, table: str | Table) -> Table:
    if isinstance(table, Table):
        return table
    if table not in model.tables:
        allowed = f"known: {', '.join(model.tables) or 'none'}"
        hint = did_you_mean(table, model.tables)
        raise SettingsError(Problem("E204", "table", "unknown table", table, allowed, hint))
    return model.tables[table]


def _set(model: Model, axis: Axis, value: float) -> Model:
    """Fix an input, or put a constant in the place of a quantity."""
    known = model.inputs.get(axis.name, Input(axis.name))
    inputs = {**model.inputs, axis.name: fix(known, value)}
    quantities = {name: q for name, q in model.quantities.items() if name != axis.name}
    by_hand = (*model.settings, f"{axis.name}={value!r}")  # no drawn case changes it again
    return replace(model, inputs=share_again(inputs), quantities=quantities, settings=by_hand)


def _alone(model: Model, output: str) -> Model:
    """Make the table's output the only one, so that nothing else is counted."""
    wanted = series_of(output)[0]
    quantities = {n: replace(q, is_output=n == wanted) for n, q in model.quantities.items()}
    run = replace(model.run, outputs=(wanted,))
    return replace(model, quantities=quantities, checks=(), run=run)


def _statistic(result: Result, output: str, statistic: str) -> tuple[float, float, float]:
    """Value and 95 % interval of one statistic."""
    if statistic.startswith("p"):
        band = result.band(output, float(statistic[1:]) / 100)
        return band.value, band.ci_low, band.ci_high
    moments = result.moments_of(output)
    if statistic == "mean":
        return moments.mean, moments.mean_ci_low, moments.mean_ci_high
    return moments.sd, moments.sd - Z * moments.sd_se, moments.sd + Z * moments.sd_se


def _refuse_unused(model: Model, table: Table) -> None:
    """Refuse an axis that changes nothing."""
    spelled = spell_out(model)
    used = used_by(model.quantities, [series_of(table.output)[0]])
    used |= used_by(spelled.quantities, [series_of(table.output)[0]])
    used |= {one.part_of for name, one in spelled.inputs.items() if name in used}
    for axis in (table.rows, table.columns):
        if axis.name not in used:
            message = f"{table.output} does not use it" + (
                f" in {model.case}" if model.case else ""
            )
            raise SettingsError(Problem("E700", f"table {table.name}", message, axis.name))


def two_way(
    model: Model,
    table: str | Table,
    *,
    scenarios: int = SCENARIOS,
    seed: int | None = None,
    case: str | None = None,
    workers: int = 1,
    correlations: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Grid:
    """Fill a two-way table.

    Parameters
    ----------
    model : Model
    table : str or Table
        A table of the model, or one of your own.
    scenarios : int
        Per cell; all cells use the same draws.
    seed : int, optional
    case : str, optional
        Case to lay over the model; by default the table's own, or none if the model has one.
    workers : int
    correlations : bool
    progress : callable, optional
        Called with scenarios done and scenarios in all.

    Returns
    -------
    Grid

    Raises
    ------
    SettingsError
        For an unknown table, or an axis that the output does not use.
    ModelError, FailedScenariosError

    Examples
    --------
    >>> import rangecast as rc
    >>> grid = two_way(rc.load("ai-servers"), "api_cost")
    >>> float(grid.values[0, 0, 0])
    42500000.0
    """
    found = _find(model, table)
    specification = case if case is not None else ("" if model.case else found.case)
    laid = _alone(apply_case(model, specification) if specification else model, found.output)
    _refuse_unused(laid, found)
    drawn = [s for s in found.statistics if s != "base"]
    levels = tuple(sorted({float(s[1:]) / 100 for s in drawn if s.startswith("p")}))
    settings: dict[str, Any] = {"percentiles": levels} if levels else {}
    settings |= {"workers": workers, "correlations": correlations}
    shape = (len(found.statistics), len(found.rows.points), len(found.columns.points))
    filled = np.full((3, *shape), math.nan)
    for k, (i, j) in enumerate(np.ndindex(*shape[1:])):
        row = _set(laid, found.rows, found.rows.points[i])
        cell = _set(row, found.columns, found.columns.points[j])
        base = base_values(cell, compiled_program(cell))[found.output]
        result = simulate(cell, scenarios=scenarios, seed=seed, **settings) if drawn else None
        for s, statistic in enumerate(found.statistics):
            if statistic == "base" or result is None:
                filled[0, s, i, j] = base
            else:
                filled[:, s, i, j] = _statistic(result, found.output, statistic)
        if progress is not None:
            progress((k + 1) * scenarios, shape[1] * shape[2] * scenarios)
    seed = laid.run.seed if seed is None else seed
    return Grid(laid, found, scenarios if drawn else 0, seed, *filled)
