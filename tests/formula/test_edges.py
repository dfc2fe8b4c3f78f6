"""Formulas at their edges: signed zeros, blame with periods, generators, scratch."""

import numpy as np
import pytest
from clock import within
from rangecast.engine.formula import (
    ROWS,
    FormulaError,
    blame,
    compile_program,
    parse,
    program,
    unroll,
)
from rangecast.engine.formula.graph import cost
from rangecast.engine.formula.unroll import spelled_cost

nan = np.nan


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


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("where(log(x) > 0, 1, 0)", [nan, 0, 1]),
        ("where(log(x) < 0, 1, 0)", [nan, 1, 0]),
        ("where(log(x) != 0, 1, 0)", [nan, 1, 1]),
        ("log(x) == 0", [nan, 0, 0]),
        ("(log(x) > 0) + 1", [nan, 1, 2]),
        ("where(not (log(x) > 0), 1, 0)", [nan, 1, 0]),
        # what the other side decides alone is in no doubt
        ("where(x > 0 and log(x) > 0, 1, 0)", [0, 0, 1]),
        ("where(x <= 0 or log(x) > 0, 1, 0)", [1, 0, 1]),
        ("where(log(x) > 0 and x > 0, 1, 0)", [0, 0, 1]),
        ("where(x > 0 or log(x) > 0, 1, 0)", [nan, 1, 1]),
        ("where(log(x) > 0 and sqrt(x) > 0, 1, 0)", [nan, 0, 1]),
        # nor is a branch that is not taken
        ("where(x > 0, where(log(x) > 0, 1, 0), 5)", [5, 0, 1]),
        ("where(where(x > 0, log(x), 7) > 0, 1, 0)", [1, 0, 1]),
        ("max(log(x) > 0, 0)", [nan, 0, 1]),
        ("where(0 / (x + 1) > 0, 1, 0)", [nan, 0, 0]),
        ("where(x ** 0.5 >= 0, 1, 0)", [nan, 1, 1]),
    ],
)
def test_a_comparison_with_nan_is_no_answer(formula, wanted):
    x = np.array([-1.0, 0.5, 2.0])
    found = compile_program({"y": parse(formula)}, ["y"], {"x": ROWS}, {}).evaluate({"x": x})["y"]
    np.testing.assert_array_equal(found, wanted)
    # a known x gives the same as a sampled one
    for value, one in zip(x, wanted, strict=True):
        known = compile_program({"y": parse(formula)}, ["y"], {}, {"x": value}).evaluate({})["y"]
        np.testing.assert_array_equal(known, [one])


def test_what_no_formula_may_call_is_unknown():
    with pytest.raises(FormulaError, match="isnan"):
        parse("isnan(x)")


def test_the_cost_of_all_formulas_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million additions, as formulas are written; here ten: sharing saves work, not reading."""
    assert program.MOST_COST == 1_000_000
    monkeypatch.setattr(program, "MOST_COST", 10)
    tree = parse("+".join(["x"] * 6))
    formulas = {"y": tree, "z": tree}
    assert len(compile_program(formulas, ["y", "z"], {"x": ROWS}, {}).steps) == 5
    with pytest.raises(FormulaError, match="total cost of the formulas is 11") as raised:
        compile_program({**formulas, "w": parse("x + x")}, ["y"], {"x": ROWS}, {})
    assert raised.value.code == "E415"


@pytest.mark.parametrize(
    ("text", "x", "wanted"),
    [
        ("where(x / zero > 0, 1, 2)", 0, nan),  # 0 / 0
        ("where(bad > 0, 1, 2) + 1", 2, nan),
        ("where(bad > 0 and x > 1, 1, 2)", 2, nan),
        ("where(x > 1 and bad > 0, 1, 2)", 2, nan),
        ("where(bad > 0 and x > 1, 1, 2)", 0, 2),  # decided by x alone
        ("where(bad > 0 or x > 1, 1, 2)", 2, 1),
        ("where(bad > 0 or x > 1, 1, 2)", 0, nan),
        ("where(not (bad > 0 and x > 1), 1, 2)", 2, nan),
        ("where(log(zero - 1) > 0 or x > 1, 1, 2)", 0, nan),
    ],
)
def test_a_constant_leaves_a_condition_open(text: str, x: float, wanted: float) -> None:
    made = compile_program({"y": parse(text)}, ["y"], {"x": ROWS}, {"zero": 0.0, "bad": nan})
    values = made.evaluate({"x": np.array([float(x)])})["y"]
    assert np.array_equal(values, [wanted], equal_nan=True)


@pytest.mark.parametrize("text", ["where(p > 1, 1, 2)", "where(p > 1 and x > 1, 1, 2)"])
def test_a_constant_per_period_leaves_a_condition_open_where_it_is_nan(text: str) -> None:
    constants = {"p": np.array([0.0, nan, 2.0])}
    made = compile_program({"y": parse(text)}, ["y"], {"x": ROWS}, constants, periods=3)
    values = np.broadcast_to(made.evaluate({"x": np.array([2.0])})["y"].reshape(3, -1), (3, 1))
    assert np.array_equal(values[:, 0], [2, nan, 1], equal_nan=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x ** 0.5", "a negative number to a fractional power"),
        ("log10(x)", "log10 of a negative number"),
        ("log(x + 4)", "log of zero"),
        ("sqrt(x)", "sqrt of a negative number"),
        ("1 / (x + 4)", "division by zero"),
        ("exp(-1000 * x)", "overflow in exp"),
    ],
)
def test_blame_names_the_operation(text: str, words: str) -> None:
    assert blame({"y": parse(text)}, {}, {"x": -4.0}) == f"{words} in 'y'"


def test_blame_names_a_difference_of_infinities() -> None:
    found = blame({"y": parse("exp(x) - exp(2 * x)")}, {}, {"x": 1e6})
    assert found == "overflow in exp; inf - inf in 'y'"


def test_blame_passes_over_what_was_folded_away() -> None:
    """A choice on NaN is NaN whatever its parts, so that no scenario has a value of theirs."""
    trees = {"part": parse("1 / x"), "y": parse("where(c / c > 1, part, x + 1)")}
    found = blame(trees, {"c": 0.0}, {})
    assert found == "division by zero; nan used in a comparison in 'y'"


@pytest.mark.parametrize("text", ["1 + sqrt", "cumulative * 2", "max"])
def test_a_function_needs_its_parentheses(text: str) -> None:
    with pytest.raises(FormulaError, match="is used without parentheses") as raised:
        parse(text)
    assert raised.value.code == "E401"
    assert "(…)" in str(raised.value)


def test_rows_of_running_sums_take_names_that_are_free() -> None:
    trees = {"cumulative_1": parse("x * year"), "y": parse("cumulative(cumulative_1) + 1")}
    unrolled, problems = unroll(trees, ["2024", "2025"], [2024, 2025])
    assert not problems
    assert set(unrolled.trees) >= {"cumulative_1[2024]", "cumulative_1_[2024]", "y[2025]"}
    made = compile_program(unrolled.trees, ["y[2025]"], {"x": ROWS}, {})
    assert made.evaluate({"x": np.ones(1)})["y[2025]"].tolist() == [2024 + 2025 + 1]


LONG = "+".join(["x"] * 3_000)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{LONG} + t", 3_001),
        (f"cumulative({LONG} + t)", 6_001),
        (f"total({LONG} * t)", 2_999 + 3_000),
        (f"at({LONG} + t, 2024)", 3_000),
        (f"previous({LONG}, 1)", 3_000),
        (f"compound(x, {LONG} - 2999)", 2),
        (f"max({', '.join(['x'] * 3_000)}, t)", 1),
        (f"min({', '.join(['x'] * 3_000)}, t)", 1),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_long_formulas_need_no_recursion(text: str, wanted: float) -> None:
    """In the second of two periods, with x = 1; Python recurses a thousand times at most."""
    trees = {"y": parse(text)}
    unrolled, problems = unroll(trees, ["2024", "2025"], [2024, 2025])
    assert not problems
    row = unrolled.rows.get("y", ("", "y"))[-1]
    made = compile_program(unrolled.trees, [row], {"x": ROWS}, {})
    assert made.evaluate({"x": np.ones(1)})[row].tolist() == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "x + t",
        "x * year - exp(x)",
        "cumulative(x * t) + 1",
        "compound(x + 1, t)",
        "total(x * t * t)",
        "where(t > 1, x, -x)",
        "previous(y, x + 1) * 2",
        "previous(x * t, x + x)",
    ],
)
def test_the_cost_over_periods_is_known_before_they_are_spelled_out(text: str) -> None:
    """Of words over time less may be left than is counted: by three additions a period at most."""
    trees, labels = {"y": parse(text), "z": parse("x + x")}, ["1", "2", "3", "4"]
    spelled, _ = unroll(trees, labels, [1, 2, 3, 4])
    real = sum(cost(tree) for tree in spelled.trees.values())
    assert real <= spelled_cost(trees, 4) <= real + 3 * 4


def test_the_cost_over_periods_is_the_most_that_may_be_left() -> None:
    """`at` picks a period of which `previous` needs its start alone: the rest is never spelled."""
    trees = {"y": parse("t + at(previous(exp(exp(x)), 0), 1)")}
    spelled, _ = unroll(trees, ["1", "2", "3", "4"], [1, 2, 3, 4])
    assert sum(cost(tree) for tree in spelled.trees.values()) < spelled_cost(trees, 4)


def test_running_sums_that_say_the_same_are_added_once() -> None:
    """Wherever they stand, and `total` as `cumulative`: one row per period for all of them."""
    trees = {f"y{k}": parse(f"{k} * total(exp(x) + t)") for k in range(50)}
    trees["z"] = parse("1 + cumulative( exp(x)+t )")
    unrolled, _ = unroll(trees, ["1", "2", "3"], [1, 2, 3])
    assert len(unrolled.trees) == 50 + 3 + 3
    assert spelled_cost(trees, 3) < 200
    other = {"z": parse("cumulative(x + t) + cumulative(x - t) + compound(x, t)")}
    assert len(unroll(other, ["1", "2"], [1, 2])[0].trees) == 2 + 3 * 2


def test_a_percentage_after_a_long_name_is_refused_at_once() -> None:
    with within(0.5), pytest.raises(FormulaError, match="write a share such as"):
        parse("a" + "1" * 9_000 + " b %")
