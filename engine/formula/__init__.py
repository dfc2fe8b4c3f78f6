"""The model language: text formulas, checked and compiled to NumPy calls on blocks."""

from rangecast.engine.formula.errors import FormulaError
from rangecast.engine.formula.functions import FUNCTIONS, PERIODIC
from rangecast.engine.formula.graph import GRID, PERIODS, ROWS, SCALAR, Shape
from rangecast.engine.formula.order import resolve
from rangecast.engine.formula.parser import parse
from rangecast.engine.formula.program import CompiledProgram, blame, compile_program
from rangecast.engine.formula.tokens import rename
from rangecast.engine.formula.tree import Node, names
from rangecast.engine.formula.unroll import (
    CLOCK,
    refuse_time,
    row_name,
    series_of,
    unroll,
    without_lags,
)

__all__ = [
    "CLOCK",
    "FUNCTIONS",
    "GRID",
    "PERIODIC",
    "PERIODS",
    "ROWS",
    "SCALAR",
    "CompiledProgram",
    "FormulaError",
    "Node",
    "Shape",
    "blame",
    "compile_program",
    "names",
    "parse",
    "refuse_time",
    "rename",
    "resolve",
    "row_name",
    "series_of",
    "unroll",
    "without_lags",
]
