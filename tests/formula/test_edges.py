"""Formulas at their edges: signed zeros, blame with periods, generators, scratch."""

import numpy as np
import pytest
from rangecast.engine.formula import ROWS, blame, compile_program, parse


def test_a_zero_keeps_its_sign() -> None:
    """Equal operations are shared, but x * 0 and x * -0 are not equal operations."""
    formulas = {"a": parse("1 / (x * 0)"), "b": parse("1 / (x * (-0))")}
    values = compile_program(formulas, ["a", "b"], {"x": ROWS}, {}).evaluate({"x": np.ones(1)})
    assert (values["a"].tolist(), values["b"].tolist()) == ([np.inf], [-np.inf])


def test_blame_with_a_constant_per_period() -> None:
    constants = {"p": np.array([1.0, 0.0, 2.0])}
    assert blame({"y": parse("x / p")}, constants, {"x": 1.0}) == "division by zero in 'y'"


def test_scratch_is_used_again() -> None:
    formulas = {"y0": parse("x")} | {f"y{k}": parse(f"y{k - 1} + y{k - 1}") for k in range(1, 60)}
    assert len(compile_program(formulas, ["y59"], {"x": ROWS}, {}).scratch) == 1


@pytest.mark.parametrize("text", ["1 / c", "log(c)", "x / c", "sqrt(c - 1)", "c / c"])
def test_constants_of_inputs_fold_without_complaint(text: str) -> None:
    made = compile_program({"y": parse(text)}, ["y"], {"x": ROWS}, {"c": 0.0})
    assert not np.isfinite(made.evaluate({"x": np.ones(2)})["y"]).any()
