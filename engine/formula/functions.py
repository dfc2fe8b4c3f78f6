"""What a formula may call: one table of operators and functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Function:
    """An operation of the formula language.

    Parameters
    ----------
    ufunc : numpy.ufunc or None
        None for `where`, `min`, `max` and `clip`, which the compiler spells out.
    least, most : int
        Number of arguments; `most` 0 means any number.
    cost : int
        In additions.
    takes : str
        ``"any"`` (numbers; true counts 1), ``"bool"``, or ``"where"`` (a condition, then numbers).
    gives : str
        ``"float"`` or ``"bool"``.
    """

    ufunc: Any
    least: int
    most: int
    cost: int = 1
    takes: str = "any"
    gives: str = "float"


FUNCTIONS: Mapping[str, Function] = {
    "where": Function(None, 3, 3, 2, takes="where"),
    "min": Function(np.minimum, 2, 0),
    "max": Function(np.maximum, 2, 0),
    "clip": Function(None, 3, 3, 2),
    "abs": Function(np.absolute, 1, 1),
    "sqrt": Function(np.sqrt, 1, 1, 4),
    "exp": Function(np.exp, 1, 1, 8),
    "log": Function(np.log, 1, 1, 8),
    "log10": Function(np.log10, 1, 1, 8),
    "floor": Function(np.floor, 1, 1),
    "ceil": Function(np.ceil, 1, 1),
    "round": Function(np.rint, 1, 1),
}
"""Functions by the name a formula uses; `round` rounds halves to even."""

OPERATORS: Mapping[str, Function] = {
    "+": Function(np.add, 2, 2),
    "-": Function(np.subtract, 2, 2),
    "*": Function(np.multiply, 2, 2),
    "/": Function(np.divide, 2, 2),
    "**": Function(np.power, 2, 2, 8),
    "neg": Function(np.negative, 1, 1),
    "<": Function(np.less, 2, 2, gives="bool"),
    "<=": Function(np.less_equal, 2, 2, gives="bool"),
    ">": Function(np.greater, 2, 2, gives="bool"),
    ">=": Function(np.greater_equal, 2, 2, gives="bool"),
    "==": Function(np.equal, 2, 2, gives="bool"),
    "!=": Function(np.not_equal, 2, 2, gives="bool"),
    "and": Function(np.logical_and, 2, 2, takes="bool", gives="bool"),
    "or": Function(np.logical_or, 2, 2, takes="bool", gives="bool"),
    "not": Function(np.logical_not, 1, 1, takes="bool", gives="bool"),
}

PERIODIC: Mapping[str, Function] = {
    "previous": Function(None, 2, 2),
    "cumulative": Function(None, 1, 1),
    "compound": Function(None, 2, 2, 3),
    "total": Function(None, 1, 1),
    "at": Function(None, 2, 2),
}
"""Functions over periods, which `unroll` spells out period by period."""

HIDDEN: Mapping[str, Function] = {"isnan": Function(np.isnan, 1, 1, gives="bool")}
"""What the compiler adds and no formula may call."""

ALL: Mapping[str, Function] = {**FUNCTIONS, **OPERATORS, **PERIODIC, **HIDDEN}
