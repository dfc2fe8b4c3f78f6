"""What a formula may say, and the answer to what it may not."""

import pytest
from rangecast.engine.formula import ROWS, FormulaError, compile_program, names, parse
from rangecast.engine.formula.functions import FUNCTIONS, PERIODIC
from rangecast.engine.formula.graph import cost

REFUSED = [
    ("", "E401", "empty"),
    ("visits; import os", "E402", "one expression only"),
    ("visits.__class__", "E402", "attribute access"),
    ("visits[0]", "E402", "one scenario cannot see another"),
    ("visits * 1j", "E409", "complex number"),
    ("visits + None", "E409", "None"),
    ("'text'", "E409", "text"),
    ("ｅｘｐ(visits)", "E206", "did you mean 'exp'?"),
    ("vis\u200dits * 2", "E206", "U+200D"),
    ("visits | growth", "E402", "use 'or'"),
    ("visits ^ 2", "E402", "use '**'"),
    ("expp(visits)", "E403", "did you mean 'exp'?"),
    ("np.exp(visits)", "E402", "write exp(visits)"),
    ("max(visits)", "E404", "max over scenarios is a report statistic"),
    ("where(visits > 1, 2)", "E404", "exactly 3"),
    ("visits * random()", "E413", "declare an input instead"),
    ("=visits*2", "E401", "remove it"),
    ("1,000 * visits", "E401", "write 1000"),
    ("visits * 10%", "E401", "write 0.10"),
    ("visits * 0.5%", "E401", "write 0.005"),
    ("1.2.3 %", "E401", "write a share such as 0.10"),
    ("visits * 1..2%", "E401", "write a share such as 0.10"),
    ("2visits", "E401", "write 2*visits"),
    ("2(visits)", "E402", "write 2*(visits)"),
    ("visits # note", "E401", "'#'"),
    ("visits and growth", "E411", "'and' needs true/false values"),
    ("where(visits, 1, 2)", "E411", "where"),
    ("a < b < c", "E402", "write a < b and b < c"),
    ("(visits", "E401", "is not closed"),
    ("visits +", "E401", "ends too early"),
    ("visits visits", "E401", "out of place"),
    ("lambda", "E402", "not allowed"),
    ("\U00018cd6x", "E402", "U+18CD6 is not allowed"),
    ("visits if growth else 1", "E401", "out of place"),
    ("visits" + "+1" * 100_000, "E405", "formula is 200006 characters"),
    ("(" * 250 + "visits" + ")" * 250, "E406", "limit 64"),
    ("visits*" + "9" * 5000, "E408", "number too long"),
    ("visits*" + "9" * 41, "E408", "number too long; " + "9" * 20 + "…"),
]


@pytest.mark.parametrize(("text", "code", "words"), REFUSED)
def test_refusals(text, code, words):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10**400 + x", "too large"),
        ("(0 - 8) ** (1/3)", "fractional power"),
        ("where(x > 1e9, x/0, 1)", "divides by the constant 0"),
        ("x + log(0 - 1)", "log of -1"),
    ],
)
def test_bad_constant_parts(text, words):
    with pytest.raises(FormulaError, match=words) as caught:
        compile_program({"y": parse(text)}, ["y"], {"x": ROWS}, {})
    assert caught.value.code == "E408"


@pytest.mark.parametrize(
    "text",
    [
        "2 + 3 * 4",
        "2 - 3 - 4",
        "2 ** 3 ** 2",
        "-2 ** 2",
        "2 ** -1",
        "8 / 4 / 2",
        "-(3 - 5)",
        "+3 - -2",
        "2 * (3 + 4) ** 2",
        "1_000 + .5",
        "5e7 / 1e3",
    ],
)
def test_precedence_is_that_of_python(text):
    program = compile_program({"y": parse(text)}, ["y"], {}, {})
    assert float(program.evaluate({})["y"][0]) == float(eval(text))


def test_long_honest_sums_pass():
    assert len(names(parse("+".join(f"x{k % 7}" for k in range(2500))))) == 7


def test_names_may_be_of_any_script():
    assert names(parse("访问量 * 2")) == (("访问量", 0),)


def arities():
    for table in (FUNCTIONS, PERIODIC):
        for name, function in table.items():
            yield name, function.least, function.most or 12


@pytest.mark.parametrize(("name", "least", "most"), list(arities()))
def test_a_function_takes_so_many_arguments(name: str, least: int, most: int) -> None:
    """Known here once more: what every function needs and takes."""
    known = {"where": (3, 3), "min": (2, 12), "max": (2, 12), "clip": (3, 3)}
    known |= dict.fromkeys(("previous", "compound", "at"), (2, 2))
    assert (least, most) == known.get(name, (1, 1))
    for count in range(most + 2):
        first = "x > 1" if name == "where" else "x"
        text = f"{name}({', '.join([first, *['1'] * (count - 1)][:count])})"
        if least <= count <= most:
            parse(text)
        elif most < 12 or count < least:
            with pytest.raises(FormulaError) as refused:
                parse(text)
            assert refused.value.code in {"E404"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("x + x", 1), ("-x", 1), ("sqrt(x)", 4), ("exp(x) + log(x) * log10(x)", 26), ("x ** x", 8),
     ("where(x > 1, clip(x, 0, 1), min(x, 2))", 6), ("compound(x, x)", 3), ("not x > 1", 2)],
)  # fmt: skip
def test_the_cost_of_a_formula_is_in_additions(text: str, wanted: int) -> None:
    assert cost(parse(text)) == wanted
