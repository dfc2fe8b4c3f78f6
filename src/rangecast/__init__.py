"""Rangecast: risk ranges and driver rankings instead of point estimates.

>>> import rangecast as rc
>>> model = rc.load("ai-servers")
>>> result = rc.simulate(model, scenarios=10_000, case="exante+token")
>>> result.bands().columns.tolist()
['output', 'quantile', 'value', 'ci_low', 'ci_high', 'method', 'rank_error']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rangecast import distributions, reports
    from rangecast.distributions.data.law import from_data
    from rangecast.engine.backtest import backtest
    from rangecast.engine.compare import Comparison, compare
    from rangecast.engine.decide import decide
    from rangecast.engine.diff import difference
    from rangecast.engine.errors import (
        FailedScenariosError,
        FileError,
        ModelError,
        Problem,
        RangecastError,
        ResourceError,
        SettingsError,
    )
    from rangecast.engine.explain import explain
    from rangecast.engine.feedback import feedback, pair_feedback
    from rangecast.engine.fit import fit
    from rangecast.engine.goal import seek
    from rangecast.engine.grid import two_way
    from rangecast.engine.model.checks import run_checks
    from rangecast.engine.model.conditional import Conditional
    from rangecast.engine.model.convert import in_units
    from rangecast.engine.model.load import load, loads
    from rangecast.engine.model.units import check_units
    from rangecast.engine.passage import first_passage
    from rangecast.engine.python_model import exchangeable
    from rangecast.engine.python_model import python_model as Model
    from rangecast.engine.result import Result
    from rangecast.engine.salib import from_salib, to_salib
    from rangecast.engine.sensitivity.given import measures
    from rangecast.engine.sensitivity.morris import morris
    from rangecast.engine.sensitivity.pick_freeze import sobol
    from rangecast.engine.sensitivity.shapley import shapley
    from rangecast.engine.simulate import simulate
    from rangecast.engine.verify import verify

__all__ = [
    "Comparison",
    "Conditional",
    "FailedScenariosError",
    "FileError",
    "Model",
    "ModelError",
    "Problem",
    "RangecastError",
    "ResourceError",
    "Result",
    "SettingsError",
    "__version__",
    "backtest",
    "check_units",
    "compare",
    "decide",
    "difference",
    "distributions",
    "exchangeable",
    "explain",
    "feedback",
    "first_passage",
    "fit",
    "from_data",
    "from_salib",
    "in_units",
    "load",
    "loads",
    "measures",
    "morris",
    "pair_feedback",
    "reports",
    "run_checks",
    "seek",
    "shapley",
    "simulate",
    "sobol",
    "to_salib",
    "two_way",
    "verify",
]

__version__ = "0.1.0"

# Names are imported when first used: `import rangecast` alone costs a few milliseconds.
_HOMES = {
    "Comparison": "rangecast.engine.compare",
    "Conditional": "rangecast.engine.model.conditional",
    "exchangeable": "rangecast.engine.python_model",
    "FailedScenariosError": "rangecast.engine.errors",
    "FileError": "rangecast.engine.errors",
    "Model": "rangecast.engine.python_model:python_model",
    "ModelError": "rangecast.engine.errors",
    "Problem": "rangecast.engine.errors",
    "RangecastError": "rangecast.engine.errors",
    "ResourceError": "rangecast.engine.errors",
    "Result": "rangecast.engine.result",
    "SettingsError": "rangecast.engine.errors",
    "backtest": "rangecast.engine.backtest",
    "check_units": "rangecast.engine.model.units",
    "compare": "rangecast.engine.compare",
    "difference": "rangecast.engine.diff",
    "in_units": "rangecast.engine.model.convert",
    "decide": "rangecast.engine.decide",
    "explain": "rangecast.engine.explain",
    "feedback": "rangecast.engine.feedback",
    "pair_feedback": "rangecast.engine.feedback",
    "fit": "rangecast.engine.fit",
    "from_data": "rangecast.distributions.data.law",
    "seek": "rangecast.engine.goal",
    "from_salib": "rangecast.engine.salib",
    "to_salib": "rangecast.engine.salib",
    "first_passage": "rangecast.engine.passage",
    "load": "rangecast.engine.model.load",
    "loads": "rangecast.engine.model.load",
    "run_checks": "rangecast.engine.model.checks",
    "simulate": "rangecast.engine.simulate",
    "measures": "rangecast.engine.sensitivity.given",
    "morris": "rangecast.engine.sensitivity.morris",
    "shapley": "rangecast.engine.sensitivity.shapley",
    "sobol": "rangecast.engine.sensitivity.pick_freeze",
    "two_way": "rangecast.engine.grid",
    "verify": "rangecast.engine.verify",
}


def __getattr__(name: str) -> Any:
    if name in {"distributions", "reports"}:
        return importlib.import_module(f"rangecast.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'rangecast' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(importlib.import_module(module), attribute or name)


def __dir__() -> list[str]:
    return __all__
