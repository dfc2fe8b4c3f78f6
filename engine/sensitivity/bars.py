"""What every ranking gives: one bar per input."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.model.model import Model
from rangecast.engine.scenarios import Driver

if TYPE_CHECKING:
    from rangecast.engine.result import Result


@dataclass(frozen=True)
class Bar:
    """How far one input moves one output.

    Parameters
    ----------
    output, method, statistic : str
    input, label, unit : str
    reach : str
        ``direct`` when a formula of the output uses the input, else ``correlation``.
    low, high : float
        The output with the input at its low and at its high end.
    input_low, input_high : float
        The input's own value there.
    swing : float
        high − low, or the index itself for a correlation.
    ci_low, ci_high : float
        95 % interval of `swing`; NaN where there is none.
    baseline : float
        The output that the bar starts from.
    alone_low, alone_high : float
        The output when this input alone goes from its P10 to its P90.
    rank : int
        1 for the widest; 0 for inputs that act through correlation only.
    n_used : int
        Scenarios the bar rests on; 0 for exact methods.
    """

    output: str
    method: str
    statistic: str
    input: str
    label: str
    unit: str
    reach: str
    low: float
    high: float
    input_low: float
    input_high: float
    swing: float
    ci_low: float = math.nan
    ci_high: float = math.nan
    baseline: float = math.nan
    alone_low: float = math.nan
    alone_high: float = math.nan
    rank: int = 0
    n_used: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether its interval includes 0: it cannot be told from an input without effect."""
        return self.ci_low <= 0.0 <= self.ci_high

    def as_dict(self) -> dict[str, Any]:
        """Give the fields, the rank first."""
        return {"rank": self.rank, **{k: v for k, v in vars(self).items() if k != "rank"}}


def reach_of(result: Result, output: str) -> dict[str, str]:
    """How each driver acts on an output.

    Returns
    -------
    dict of str to str
        ``direct`` when a formula uses an input read off the driver, ``correlation`` when it is
        only correlated with such a driver; drivers that do neither are left out.
    """
    reached = result.setup.program.reached(output)
    drivers = result.setup.drivers
    direct = [d for d in drivers if any(name in reached for name in d.inputs)]
    groups = {d.group for d in direct if d.group >= 0}
    linked = [d for d in drivers if d.group in groups and d not in direct]
    return {d.name: "direct" for d in direct} | {d.name: "correlation" for d in linked}


def ranked_row(result: Result, output: str) -> int:
    """Place of an output among those whose drivers were counted."""
    result.row(output)
    if output not in result.ranked:
        hint = f"simulate with rank=['{output}'], or list it in [run] outputs"
        raise SettingsError(
            Problem("E700", "output", "drivers were not counted", output, hint=hint)
        )
    return result.ranked.index(output)


def face(model: Model, driver: Driver) -> tuple[str, str, str]:
    """Name, label and unit under which a driver is shown: the first input read off it."""
    shown = model.paths[driver.name] if driver.path else model.inputs[driver.laws[0][0]]
    return driver.name, shown.label, shown.unit
