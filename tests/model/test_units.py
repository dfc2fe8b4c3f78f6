"""Dimension and scale of formulas; slips made mechanically, judged by a rescaling of all units."""

import random
import re

import numpy as np
import pytest
from rangecast.engine.errors import ModelError
from rangecast.engine.formula import ROWS, compile_program, parse
from rangecast.engine.formula.tree import Call, Name, Number
from rangecast.engine.model.document import Document
from rangecast.engine.model.document import parse as parse_document
from rangecast.engine.model.shipped import shipped_models
from rangecast.engine.model.units import _Checker, check_units

import rangecast as rc

HEAD = """
[units]
visit = "base"
server = "base"
token = "base"
ktoken = "1000 token"
CNY = "base"
"""
INPUTS = {
    "visits": (9.0, "visit/day"),
    "rate": (3.0, "visit/s/server"),
    "seconds_per_day": (86400.0, "s/day"),
    "tokens": (5.0, "token"),
    "price": (2.0, "CNY/ktoken"),
    "share": (0.5, "1"),
    "plain": (2.0, ""),
}


def text_of(formula, unit, head=HEAD, inputs=INPUTS):
    rows = [f'[inputs.{n}]\nvalue = {v}\nunit = "{u}"\n' for n, (v, u) in inputs.items()]
    return head + "".join(rows) + f'[outputs.y]\nformula = "{formula}"\nunit = "{unit}"\n'


def problems(formula, unit):
    found = check_units(rc.loads(text_of(formula, unit))).problems
    return [(p.code, p.message) for p in found]


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("visits / seconds_per_day / rate", "server"),
        ("visits / (rate * seconds_per_day)", "server"),
        ("max(visits, 0) - 2 * visits", "visit/day"),
        ("where(visits > 0, share, 1 - share)", "1"),
        ("tokens * price", "CNY * token/ktoken"),
        ("tokens ** 2 / tokens", "token"),
        ("sqrt(tokens * tokens)", "token"),
        ("tokens ** -1", "1/token"),
        ("exp(-share) * clip(visits, 1 * visits, 2 * visits)", "visit/day"),
        ("share ** (tokens / (2 * tokens)) + log(share)", "1"),
        ("plain * visits + 1", "server"),
        ("visits * 0 + rate * 0", "visit/s/server"),
    ],
)
def test_what_fits_is_not_complained_of(formula, unit):
    assert problems(formula, unit) == []


@pytest.mark.parametrize(
    ("formula", "unit", "words"),
    [
        ("visits / rate", "server", "gives second*server/day, not server"),
        ("tokens * price", "CNY", "gives CNY*token/ktoken, not CNY"),
        ("visits * seconds_per_day", "visit/day", "not visit/day"),
        ("visits + rate", "visit/day", "'+' adds visit/day and visit/second/server"),
        ("visits + 1", "visit/day", "'+' adds visit/day and 1"),
        ("where(visits > share, visits, 2 * visits)", "visit/day", "'>' compares visit/day and 1"),
        ("where(share > 0, visits, share)", "visit/day", "'where' chooses between visit/day and 1"),
        ("min(visits, visits / seconds_per_day)", "visit/day", "'min' compares"),
        ("log(visits)", "1", "log takes a pure number, not visit/day"),
        ("exp(seconds_per_day)", "1", "exp takes a pure number, not second/day"),
        ("share ** tokens", "1", "an exponent must be a pure number, not token"),
        ("plain ** tokens", "1", "an exponent must be a pure number, not token"),
        ("tokens ** share", "token", "a power with a varying exponent needs a pure number"),
        ("seconds_per_day ** -9e300", "1", "too large"),
    ],
)
def test_what_does_not_fit_is_named_with_both_units(formula, unit, words):
    ((code, message),) = problems(formula, unit)
    assert code == "E208"
    assert words in message


def test_a_slip_of_scale_says_how_far():
    (problem,) = check_units(rc.loads(text_of("tokens * price", "CNY"))).problems
    assert "same dimension, 1,000 apart" in problem.hint


def test_ten_thousands_and_hundred_millions_are_scales():
    inputs = {"market": (3.0, "CNY"), "yi": (1e8, "CNY/亿CNY"), "wan": (1e4, "visit/万visit")}
    assert check_units(rc.loads(text_of("market / yi", "亿CNY", HEAD, inputs))).problems == ()
    (wrong,) = check_units(rc.loads(text_of("market", "亿CNY", HEAD, inputs))).problems
    assert "100,000,000" in wrong.hint or "1e+08" in wrong.hint
    assert not check_units(
        rc.loads(text_of("market / yi / wan * wan", "亿CNY", HEAD, inputs))
    ).problems


def test_a_conversion_with_a_wrong_value_is_warned_of():
    inputs = {**INPUTS, "seconds_per_day": (8640.0, "s/day")}
    (problem,) = check_units(rc.loads(text_of("visits", "visit/day", HEAD, inputs))).problems
    assert problem.code == "W208"
    assert "86,400" in problem.message


@pytest.mark.parametrize(
    ("declaration", "unit", "words"),
    [
        ('a = "base"', "flurb", "unknown unit 'flurb'"),
        ('visit = "base"', "vist", "did you mean 'visit'"),
        ('a = "base"', "2 a", "words joined by"),
        ('a = "base"', "a**(", "words joined by"),
        ('a = "base"', "a" * 101, "words joined by"),
        ('a = "2 b"\nb = "2 a"', "a", "defined in a circle"),
        ('a = "1000 nothing"', "a", "unknown unit"),
        ("a = 3", "a", "expected"),
        ('a = "import os; 3"', "a", "not a declaration"),
        ('"a b" = "base"', "a", "not a declaration"),
    ],
)
def test_wrong_words_are_refused(declaration, unit, words):
    text = f'[units]\n{declaration}\n[inputs.v]\nvalue = 1\nunit = "{unit}"\n'
    text += '[outputs.y]\nformula = "v"\n'
    try:
        found = check_units(rc.loads(text)).problems
    except ModelError as refused:
        found = refused.problems
    assert found
    assert all(p.is_error for p in found)
    assert words in str(found[0])


def test_words_that_nobody_declared_only_warn():
    found = check_units(rc.loads(text_of("visits / 2.5e6", "server", ""))).problems
    assert [p.code for p in found] == ["W208"]
    inputs = {"energy": (1.0, "kWh"), "power": (2.0, "MW")}
    found = check_units(rc.loads(text_of("energy / power", "h", "", inputs))).problems
    assert [p.code for p in found] == ["E208"]


def test_formulas_of_cases_are_checked_where_they_stand(tmp_path):
    text = text_of("visits", "visit/day") + '[cases.c]\noutputs.y = "rate"\n'
    text += '[cases.d]\ninputs.visits = { unit = "visit/month" }\n'
    document = Document("m.toml", "", {})
    found = check_units(rc.loads(text), document).problems
    assert [p.key for p in found] == ["cases.c.outputs.y", "cases.d.outputs.y"]


def test_inputs_of_unit_one_and_of_none_are_listed():
    report = check_units(rc.loads(text_of("visits", "visit/day")))
    assert report.pure == ("share",)
    assert report.missing == ("plain",)


def test_what_is_known_of_a_formula_is_said_and_said_once():
    assert problems("exp(plain) + exp(0)", "1") == []  # nothing is known of an input without a unit
    assert problems("exp(plain) + exp(0)", "token") == [
        ("E208", "the formula gives 1, not token"),
    ]
    assert problems("exp(tokens) + exp(tokens)", "1") == [
        ("E208", "exp takes a pure number, not token"),
    ]
    text = text_of("exp(tokens)", "1") + '[outputs.z]\nformula = "2 * exp(tokens)"\nunit = "1"\n'
    text += '[[outcomes]]\nname = "o"\noutput = "z"\ndate = 2024-01-01\nvalue = 3\n'
    text += '[[outcomes]]\nname = "p"\noutput = "z"\ndate = 2024-01-01\nvalue = 3\nunit = "token"\n'
    found = [(p.key, p.message) for p in check_units(rc.loads(text)).problems]
    assert found == [
        ("outputs.y", "exp takes a pure number, not token"),
        ("outcomes.1.unit", "z is in 1, not token"),
    ]


def test_a_problem_that_a_case_causes_elsewhere_is_at_the_case():
    text = text_of("visits", "visit/day") + '[cases.c]\ninputs.visits = { unit = "visit/month" }\n'
    document = parse_document("m.toml", text.encode())
    (found,) = check_units(rc.loads(text, "m.toml"), document).problems
    assert found.line == text[: text.index("[cases.c]")].count("\n") + 1
    assert (found.key, found.column) == ("cases.c.outputs.y", 1)


# ------------------------------------------------------------------ slips made mechanically


def powers(unit):
    """Words of a unit with their powers, by a reading of its own: a*b/c/d."""
    found = {}
    spelled = re.sub(r"/([TM])Wh", r"/\1W/hour", unit)
    spelled = re.sub(r"\b([TM])Wh", r"\1W*hour", spelled)
    for sign, word in re.findall(r"(^|[*/])\s*([^*/\s]+)", spelled):
        if word != "1":
            found[word] = found.get(word, 0) + (-1 if sign == "/" else 1)
    return found


def slips(node):
    """Every tree with one slip: an operator swapped, or a factor dropped."""
    if not isinstance(node, Call):
        return
    if node.function in {"*", "/"}:
        swapped = "/" if node.function == "*" else "*"
        yield Call(swapped, node.arguments, node.offset)
        yield from node.arguments
    for k, argument in enumerate(node.arguments):
        for slip in slips(argument):
            yield Call(
                node.function, (*node.arguments[:k], slip, *node.arguments[k + 1 :]), node.offset
            )


def used(node):
    if isinstance(node, Name):
        return {node.name}
    return set().union(*(used(a) for a in node.arguments)) if isinstance(node, Call) else set()


def of_one_period(node):
    """Give a formula over periods as one of a single period, whose dimension is the same."""
    if not isinstance(node, Call):
        return node
    parts = tuple(of_one_period(a) for a in node.arguments)
    if node.function in {"cumulative", "total", "at"}:
        return parts[0]
    if node.function == "previous":
        return Call("+", parts, node.offset)
    if node.function == "where":  # both branches must fit, whichever is taken
        return Call("+", parts[1:], node.offset)
    if node.function == "compound":
        return Call("*", (parts[0], Call("+", (Number(1.0, 0), parts[1]), 0)), node.offset)
    return Call(node.function, parts, node.offset)


def is_invariant(tree, units, unit, rng):
    """Whether the value follows its unit when every unit word is measured by another yardstick."""
    tree, units = of_one_period(tree), {**units, "t": "1", "year": "1"}
    names = sorted(used(tree))
    words = sorted({w for n in names for w in powers(units[n])} | set(powers(unit)))
    for _ in range(5):
        yard = {w: rng.uniform(0.3, 3.0) for w in words}

        def scale(text, yard=yard):
            return float(np.prod([yard[w] ** p for w, p in powers(text).items()]))

        values = {n: np.array([rng.uniform(0.4, 2.5)]) for n in names}
        program = compile_program({"y": tree}, ["y"], dict.fromkeys(names, ROWS), {})
        one = float(np.ravel(program.evaluate(values)["y"])[0])
        other = program.evaluate({n: v * scale(units[n]) for n, v in values.items()})["y"]
        if not np.isclose(float(np.ravel(other)[0]), one * scale(unit), rtol=1e-9):
            return False
    return True


def formulas_of(model):
    base = [(n, q.formula) for n, q in model.quantities.items()]
    return base + [p for case in model.cases.values() for p in case.quantities.items()]


def catcher(model):
    checker = _Checker(model, Document("", "", {}))
    units = {n: checker._read((), i.unit) for n, i in model.inputs.items()}
    units |= {n: checker._read((), q.unit) for n, q in model.quantities.items()}
    units |= dict.fromkeys(("t", "year"), checker.words.one)

    def is_caught(name, tree):
        checker.problems.clear()
        checker.check_formula((), tree, units, units[name])
        return bool(checker.problems)

    return is_caught


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_every_slip_that_changes_the_dimension_is_caught(name):
    model, rng = rc.load(name), random.Random(1)
    units = {n: i.unit for n, i in model.inputs.items()}
    units |= {n: q.unit for n, q in model.quantities.items()}
    assert check_units(model).problems == ()
    is_caught, made, changed = catcher(model), 0, 0
    for quantity, formula in formulas_of(model):
        tree = parse(formula)
        assert is_invariant(tree, units, units[quantity], rng), formula
        for slip in slips(tree):
            if isinstance(slip, Number) or not used(slip):
                continue
            made += 1
            differs = not is_invariant(slip, units, units[quantity], rng)
            changed += differs
            assert is_caught(quantity, slip) == differs, (quantity, formula, slip)
    assert made >= {"ai-servers": 200, "data-centres": 30}[name]
    assert changed > {"ai-servers": 0.7, "data-centres": 0.5}[name] * made


OUTPUT = "[outputs.y]\nformula = 'x'\n"


@pytest.mark.parametrize("unit", ["m*", "m**", "*", "/", "m/", "m^", "(m", "m)", "m-", "()", "2*"])
def test_a_unit_that_ends_too_early_is_refused_in_words(unit):
    text = f"[inputs.x]\ndist = 'uniform'\nlow = 0\nhigh = 1\nunit = '{unit}'\n"
    model = rc.loads(text + OUTPUT)
    found = check_units(model, parse_document("<text>", (text + OUTPUT).encode()))
    assert {p.code for p in found.problems if p.is_error} == {"E207"}
