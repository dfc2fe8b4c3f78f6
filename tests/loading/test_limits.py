"""Hostile and damaged files: an answer in words, quickly, and never another exception."""

import pytest
from clock import within
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rangecast.engine.errors import ModelError
from rangecast.engine.model import apply_case, base_case, document, loads, run_checks
from rangecast.engine.model.lexer import excess
from rangecast.engine.model.load import build
from rangecast.engine.model.shipped import copy_model, shipped_models

from rangecast.cli.new import STARTER

HEAD = "[inputs.v]\nvalue = 1\n[outputs.y]\nformula = 'v'\n"
LONG_KEY = ".".join("a" * 10_000)


def inputs(count: int) -> str:
    return "".join(f'[inputs.x{i}]\ndist = "normal"\nmean = 0\nsd = 1\n' for i in range(count))


def pairs(count: int) -> str:
    row = '[[correlations]]\nbetween = ["x{}", "x{}"]\nspearman = 0.5\n'
    return "".join(row.format(i, i + 1) for i in range(count))


HOSTILE = {
    "20,000 inputs": (inputs(20_000) + HEAD, "E117", "20001 inputs; limit 2000"),
    "3,000 correlated": (inputs(3_000) + pairs(2_999) + HEAD, "E117", "3000 correlated inputs"),
    "deep lists": ("a = " + "[" * 100_000, "E107", "nested too deeply"),
    "deep tables": ("a = " + "{a=" * 5_000, "E107", "nested too deeply"),
    "long key": (LONG_KEY + " = 1", "E107", "nested too deeply"),
    "long key inside": ("a = { " + LONG_KEY + " = 1 }", "E107", "nested too deeply"),
    "long number": ("a = " + "9" * 9_999, "E105", "number too long"),
    "long hexadecimal": (HEAD.replace("1", "0x" + "f" * 5_000), "E105", "number too long"),
    "many keys": ("".join(f"a{i}=1\n" for i in range(450_000)), "E117", "too many keys"),
    "many headers": ("".join(f"[a{i}]\n" for i in range(450_000)), "E117", "too many keys"),
    "many items": ("a = [" + "1," * 2_000_000 + "]", "E117", "too many keys"),
    "one long text": ('a = "' + "x" * 4_900_000 + '"', "E113", "unknown key"),
    "empty lines": ("\n" * 4_900_000, "E116", "empty"),
    "unknown names": (
        inputs(1_900) + "[outputs.y]\nformula = '" + "+".join(f"z{i}" for i in range(1_500)) + "'",
        "E204",
        "unknown name",
    ),
    "many cases": (HEAD + "".join(f"[cases.c{i}]\n" for i in range(3_000)), "E117", "limit 200"),
    "long formulas": (
        HEAD + "".join(f"[quantities.q{i}]\nformula = '{'v+' * 4_000}v'\n" for i in range(500)),
        "E415",
        "total cost of all formulas",
    ),
    "formulas over 1,200 periods": (
        "[time]\nstart = 1900\nperiods = 1200\n"
        + HEAD
        + "".join(f"[quantities.q{i}]\nformula = 't{'+v' * 4_000}'\n" for i in range(30)),
        "E415",
        "total cost of the formulas is up to 144,000,000; limit 1,000,000",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_answered_within_two_seconds(kind: str) -> None:
    text, code, words = HOSTILE[kind]
    with within(2.0), pytest.raises(ModelError) as refused:
        loads(text)
    assert code in {problem.code for problem in refused.value.problems}
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("added", "code"),
    [
        ("[run]\nscenarios = 0\n", "E701"),
        ("[run]\nseed = -1\n", "E702"),
        ("[run]\noutputs = [['y']]\n", "E115"),
        ("[[checks]]\noutput = 'y'\nequals = nan\n", "E305"),
        ("[inputs.w]\nvalue = 1\nbase = 2\n", "E302"),
        ("[inputs.w]\nvalue = 1\nbasis = 'guess'\n", "E115"),
        ("[inputs.'vіsit']\nvalue = 1\n", "E206"),
        ("[quantities.q]\nformula = 'v / 0'\n", "E408"),
        ("[cases.a]\noutputs.y = 'v / 0'\n", "E408"),
        ("[cases.a]\ninputs.v = { same_as = 'none' }\n", "E204"),
        ("[cases.a]\ninputs.v = { value = 1, source = 'none' }\n", "E204"),
        ("[cases.'a+b']\nlabel = 'never found'\n", "E201"),
        ("[cases.a]\nas_of = 2024-01-01T00:00:00\n", "E115"),
    ],
)
def test_nothing_wrong_is_accepted_in_silence(added: str, code: str) -> None:
    with pytest.raises(ModelError) as refused:
        loads(HEAD + added)
    assert refused.value.problems[0].code == code


@pytest.mark.parametrize("section", ["checks", "correlations"])
def test_rows_that_are_no_tables(section: str) -> None:
    with pytest.raises(ModelError, match=r"\[0\]|\.0"):
        loads(f"{section} = [1]\n{HEAD}")


@pytest.mark.parametrize(
    ("value", "said"), [("{ a = 1 }", "a table"), ("[1]", "a list"), ("true", "a true/false value")]
)
def test_a_value_of_another_kind_is_described(value: str, said: str) -> None:
    with pytest.raises(ModelError, match=f"expected a whole number; got {said}"):
        loads(f"[run]\nseed = {value}\n{HEAD}")


def test_a_shared_draw_follows_the_law_of_its_root() -> None:
    model = loads(
        "[inputs.a]\ndist = 'normal'\nmean = 0\nsd = 1\n[inputs.b]\nsame_as = 'a'\n"
        "[inputs.c]\nvalue = 1\n[outputs.y]\nformula = 'a + b + c'\n"
        "[cases.far]\ninputs.a = { dist = 'normal', mean = 9, sd = 1 }\n"
        "[cases.fixed]\ninputs.a = 3\n[cases.shared]\ninputs.c = { same_as = 'a' }\n"
    )
    far, fixed = apply_case(model, "far").inputs, apply_case(model, "fixed").inputs
    assert far["b"].law == far["a"].law
    assert fixed["b"].law == model.inputs["a"].law
    assert apply_case(model, "shared").inputs["c"].same_as == "a"


def test_cases_that_do_not_work_together_are_refused() -> None:
    model = loads(
        HEAD + "[quantities]\np = 'v'\nq = 'v'\n"
        "[cases.one]\nquantities.p = 'q'\n[cases.two]\nquantities.q = 'p'\n"
    )
    with pytest.raises(ModelError, match="circular reference: p -> q -> p"):
        apply_case(model, "one+two")


PIECES = st.sampled_from(
    [
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        '"""',
        "=",
        ".",
        ",",
        "\n",
        "#",
        "true",
        "nan",
        "1e400",
        "-1",
        '""',
        "[]",
        "{}",
        "[1]",
        "{a = 1}",
        "2020-01-01",
        '"v"',
        '"1/0"',
        "9" * 330,
        "\0",
        "\u202e",
        "value = 1\n",
        "dist = 3\n",
        'same_as = "v"\n',
        "[cases.z]\n",
        'inputs = "base"\n',
        "[[checks]]\n",
        "[run]\n",
        "[[correlations]]\n",
        "between = [1, 2]\n",
        "base = 1e999\n",
    ]
)


@pytest.mark.nightly
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=4),
    st.booleans(),
)
def test_random_edits_give_a_model_or_a_model_error(
    edits: list[tuple[float, int, str]], in_values: bool
) -> None:
    text = STARTER
    for share, dropped, piece in edits:
        at = int(share * len(text))
        if in_values:  # replace the rest of a value rather than any characters
            at = text.find("= ", at) + 2
            dropped = max(0, text.find("\n", at) - at)
        text = text[:at] + piece + text[at + dropped :]
    try:
        model = build(document.parse("m.toml", text.encode()))
        for name in ("", *model.cases):
            base_case(apply_case(model, name))
        run_checks(model)
    except ModelError:
        pass


def test_the_starter_loads_without_warnings() -> None:
    model = loads(STARTER)
    assert model.warnings == ()
    assert round(base_case(model)["servers"], 2) == 27.78  # 5e7 x 6 x 2 / 86400 / 250
    assert len(STARTER.splitlines()) <= 60


@pytest.mark.parametrize("name", shipped_models())
def test_shipped_models_load_fast_and_reproduce_their_checks(name: str) -> None:
    raw = copy_model(name)
    with within(0.3):
        model = build(document.parse(name, raw))
    assert all(result.ok for result in run_checks(model))


def test_copying_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(ModelError, match="no such shipped model"):
        copy_model("nothing")


@pytest.mark.parametrize(
    ("most", "over", "allowed"),
    [
        ("a = " + "[" * 50, "[", "limit 50 levels"),
        (".".join("a" * 32), ".a", "limit 32 parts of a key"),
        ("a = 1\n" * 200_000, "a = 1\n", "limit 200,000"),
        ("a = " + "1" * 400, "1", "limit 400 characters"),
    ],
    ids=["levels", "parts", "items", "characters"],
)
def test_limits_of_a_text_are_exact(most: str, over: str, allowed: str) -> None:
    assert excess(most) is None
    assert excess(most + over).allowed == allowed


RARE = {
    "a constant cut off": ("[inputs.a]\nvalue = 1\nmin = 0\n", "E302", (3, 1), "can be cut off"),
    "a constant moved": ("[inputs.a]\nvalue = 1\nshift = 2\n", "E302", (3, 1), "be moved or"),
    "an item of a list": ('[run]\noutputs = ["y",7,"y"]\n', "E115", (2, 16), "expected"),
    "a text in a table": (
        '[tables.t]\noutput = "y"\nrows = {name = "x", values = [1,"b"]}\n'
        'columns = {name = "x", values = [1, 2]}\n',
        "E115",
        (3, 33),
        "expected a number",
    ),
    "too small a spread": (
        '[inputs.a]\ndist = "normal"\nmean = 1\nsd = 1e-17\n', "W350", None, "too small"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", RARE)
def test_rare_mistakes_have_their_place(kind: str) -> None:
    text, code, place, words = RARE[kind]
    base = '\n[inputs.x]\ndist = "uniform"\nlow = 0\nhigh = 1\n[outputs.y]\nformula = "x"\n'
    try:
        problems = list(loads(text + base).warnings)
    except ModelError as refused:
        problems = list(refused.problems)
    (found,) = [p for p in problems if p.code == code]
    assert place in {None, (found.line, found.column)}
    assert words in str(found)


def test_yearly_periods_may_begin_on_a_leap_day() -> None:
    model = loads('[time]\nstart = 2024-02-29\nperiods = 3\n[outputs.y]\nformula = "t"\n')
    assert [str(day) for day in model.periods.starts[1:3]] == ["2025-03-01", "2026-03-01"]
