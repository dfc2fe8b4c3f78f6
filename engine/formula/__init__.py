"""The model language: text formulas, checked and compiled to NumPy calls on blocks."""

from rangecast.engine.formula.errors import FormulaError
from rangecast.engine.formula.functions import FUNCTIONS
from rangecast.engine.formula.graph import GRID, PERIODS, ROWS, SCALAR, Shape
from rangecast.engine.formula.order import resolve
from rangecast.engine.formula.parser import parse
from rangecast.engine.formula.program import CompiledProgram, blame, compile_program
from rangecast.engine.formula.tree import Node, names

__all__ = [
    "FUNCTIONS",
    "GRID",
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
    "resolve",
]
