"""Compiled formulas against plain NumPy, bit for bit."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rangecast.engine.formula import (
    GRID,
    PERIODS,
    ROWS,
    SCALAR,
    blame,
    compile_program,
    parse,
    resolve,
)
from rangecast.engine.formula.functions import ALL

M = 257
RNG = np.random.default_rng(5)
X = {"a": RNG.normal(size=M), "b": RNG.uniform(0.5, 2, size=M), "c": RNG.normal(size=M) * 10}


def values(text, **constants):
    program = compile_program({"y": parse(text)}, ["y"], dict.fromkeys(X, ROWS), constants)
    return program.evaluate(X)["y"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a * b + c / b - a", lambda a, b, c: a * b + c / b - a),
        ("b ** a", lambda a, b, c: b**a),
        ("where(a > 0, b, c)", lambda a, b, c: np.where(a > 0, b, c)),
        ("where(a > 0, a, a * 2) + a", lambda a, b, c: np.where(a > 0, a, a * 2) + a),
        ("min(a, b, c)", lambda a, b, c: np.minimum(np.minimum(a, b), c)),
        ("clip(c, -1, b)", lambda a, b, c: np.minimum(np.maximum(c, -1), b)),
        ("(a > 0) + (c > 0)", lambda a, b, c: (a > 0) * 1.0 + (c > 0)),
        ("-(a > 0)", lambda a, b, c: -1.0 * (a > 0)),
        ("exp(a > 0)", lambda a, b, c: np.exp((a > 0) * 1.0)),
        (
            "where(not (a > 0 and c > 0) or b > 1, 1, 2)",
            lambda a, b, c: np.where(~((a > 0) & (c > 0)) | (b > 1), 1.0, 2.0),
        ),
        ("round(c) + floor(a) + ceil(a)", lambda a, b, c: np.rint(c) + np.floor(a) + np.ceil(a)),
        (
            "sqrt(b) + log(b) + log10(b) + abs(a)",
            lambda a, b, c: np.sqrt(b) + np.log(b) + np.log10(b) + np.abs(a),
        ),
        ("a == a", lambda a, b, c: np.ones(M)),
        ("k * a", lambda a, b, c: 3.0 * a),
        ("where(k > 2, a, b)", lambda a, b, c: a),
    ],
)
def test_values_are_those_of_numpy(text, expected):
    assert np.array_equal(values(text, k=3.0), expected(**X))


def test_all_four_shapes_and_their_rows():
    t = np.array([0.0, 1.0, 2.0])
    formulas = {"s": "k * 2", "r": "x + 1", "p": "t * k", "g": "t * x + path"}
    program = compile_program(
        {n: parse(f) for n, f in formulas.items()},
        list(formulas),
        {"x": ROWS, "path": GRID},
        {"k": 5.0, "t": t},
        periods=3,
    )
    assert program.shapes == (SCALAR, ROWS, PERIODS, GRID)
    assert program.row_names == [
        ("s", None),
        ("r", None),
        ("p", 0),
        ("p", 1),
        ("p", 2),
        ("g", 0),
        ("g", 1),
        ("g", 2),
    ]
    x, path = np.arange(4.0), np.arange(12.0).reshape(3, 4)
    found = program.evaluate({"x": x, "path": path})
    assert found["s"].tolist() == [10.0] * 4
    assert found["r"].tolist() == (x + 1).tolist()
    assert np.array_equal(found["p"], np.repeat(t[:, None] * 5, 4, axis=1))
    assert np.array_equal(found["g"], t[:, None] * x + path)


def test_common_parts_are_computed_once():
    formulas = {"y0": parse("x")} | {f"y{k}": parse(f"y{k - 1} + y{k - 1}") for k in range(1, 60)}
    program = compile_program(formulas, ["y59"], {"x": ROWS}, {})
    assert len(program.steps) == 59
    assert program.evaluate({"x": np.ones(2)})["y59"].tolist() == [2.0**59] * 2


def test_programs_travel_and_can_be_bound_twice():
    program = compile_program({"y": parse("x * 2 + 1")}, ["y"], {"x": ROWS}, {})
    copy = pickle.loads(pickle.dumps(program))
    one, two = np.ones(3), np.full(3, 2.0)
    first, second = np.empty((1, 3)), np.empty((1, 3))
    bound = copy.bind({"x": one}, first), copy.bind({"x": two}, second)
    for b in bound:
        b.run()
    assert first.tolist() == [[3.0] * 3]
    assert second.tolist() == [[5.0] * 3]


def test_reach_is_that_of_the_formulas():
    formulas = {"m": parse("a + 0"), "y": parse("m * 2"), "z": parse("b")}
    program = compile_program(formulas, ["y", "z"], dict.fromkeys("abc", ROWS), {})
    assert program.reached("y") == {"a"}
    assert program.reached("z") == {"b"}


def test_all_cycles_and_unknown_names_are_reported():
    formulas = {"a": "b", "b": "a", "c": "c + 1", "d": "visitz"}
    _, problems = resolve({n: parse(f) for n, f in formulas.items()}, {"visits"})
    texts = sorted(str(p) for _, p in problems)
    assert texts == [
        "circular reference: a -> b -> a",
        "circular reference: c -> c",
        "unknown name; visitz; did you mean 'visits'?",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x / (g - g)", "division by zero in 'y'"),
        ("log(g - 5)", "log of a negative number in 'y'"),
        ("sqrt(-g)", "sqrt of a negative number in 'y'"),
        ("exp(g * 1e9)", "overflow in exp in 'y'"),
    ],
)
def test_the_first_bad_operation_is_named(text, words):
    assert blame({"y": parse(text)}, {}, {"x": 1.0, "g": 2.0}) == words


LEAVES = st.sampled_from(["a", "b", "c", "2", "0.5", "3"])
UNARY = st.sampled_from(["-({})", "abs({})", "floor({})", "round({})"])
BINARY = st.sampled_from(
    [
        "({}) + ({})",
        "({}) - ({})",
        "({}) * ({})",
        "min({}, {})",
        "max({}, {})",
        "where(({0}) > ({1}), {0}, {1})",
    ]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(str.format, UNARY, inner) | st.builds(str.format, BINARY, inner, inner),
    max_leaves=12,
)


def naive(node):
    """Evaluate a tree with plain NumPy, node by node."""
    kind = type(node).__name__
    if kind == "Number":
        return np.float64(node.value)
    if kind == "Name":
        return X[node.name]
    arguments = [naive(a) for a in node.arguments]
    if node.function == "where":
        return np.where(*arguments)
    return ALL[node.function].ufunc(*arguments)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(TREES)
def test_random_formulas_agree_with_a_naive_evaluation(text):
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(naive(parse(text)), (M,))
    assert np.array_equal(values(text), expected, equal_nan=True)
