"""From a model file to a checked, frozen `Model`."""

from rangecast.engine.model.cases import apply_case, set_inputs
from rangecast.engine.model.checks import base_case, late_sources, run_checks
from rangecast.engine.model.load import load, loads
from rangecast.engine.model.model import Model

__all__ = [
    "Model",
    "apply_case",
    "base_case",
    "late_sources",
    "load",
    "loads",
    "run_checks",
    "set_inputs",
]
