"""Bad models as texts: the code, the line and column, and the words of every problem."""

import random

import pytest
from rangecast.engine.errors import ModelError, Problem
from rangecast.engine.model.load import loads
from rangecast.engine.model.model import Model

VALID = """\
format = 1
[model]
title = "Servers"

[sources.survey]
title = "A survey"
url = "https://example.org"

[inputs.visits]
dist = "lognormal"
p10 = 5e7
p90 = 3e8
unit = "visits/day"
source = "survey"

[inputs.growth]
dist = "normal"
mean = 0.1
sd = 0.05

[inputs.share]
dist = "pert"
low = 0.1
mode = 0.2
high = 0.6

[inputs.cards]
value = 8

[quantities.peak]
formula = "visits * (1 + growth)"

[outputs.servers]
formula = "peak * share / cards"
unit = "servers"

[[correlations]]
between = ["visits", "growth"]
spearman = 0.5

[cases.high]
inputs.cards = 16

[run]
scenarios = 1000
seed = 7
"""


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ModelError) as refused:
        loads(text, "model.toml")
    return refused.value.problems


def place(text: str, piece: str, skip: int = 0) -> str:
    """``line:column`` of a piece of a text, counted here and not by the loader."""
    at = text.index(piece) + skip
    before = text[:at]
    return f"model.toml:{before.count(chr(10)) + 1}:{at - (before.rfind(chr(10)) + 1) + 1}"


def changed(old: str, new: str) -> str:
    assert VALID.count(old) == 1, old
    return VALID.replace(old, new)


def test_the_text_is_valid_to_begin_with() -> None:
    model = loads(VALID, "model.toml")
    assert isinstance(model, Model)
    assert model.warnings == ()


# old text, new text, code, piece at which the problem stands (and characters into it), words
BAD: list[tuple[str, str, str, str, int, tuple[str, ...]]] = [
    # unknown keys
    ("mode = 0.2", "mde = 0.2", "E113", "mde", 0, ("inputs.share.mde", "did you mean 'mode'?")),
    ('unit = "servers"', "units = 'x'", "E113", "units", 0, ("outputs.servers.units", "unit")),
    ("seed = 7", "sed = 7", "E113", "sed", 0, ("run.sed", "did you mean 'seed'?")),
    ("[quantities.peak]", "[quantites.peak]", "E113", "[quantites", 0, ("'quantities'",)),
    ('title = "A survey"', "titel = 'A'", "E113", "titel", 0, ("sources.survey", "'title'")),
    ("spearman = 0.5", "spearmann = 0.5", "E113", "spearmann", 0, ("'spearman'",)),
    # laws
    ('dist = "pert"', 'dist = "prt"', "E301", 'dist = "prt"', 0, ("got prt", "known: ", "'pert'")),
    ('dist = "pert"', "dist = 5", "E115", "dist = 5", 0, ("inputs.share.dist", "5")),
    ("sd = 0.05", "sd = -0.05", "E303", "sd = -0.05", 0, ("must be 0 or more", "got -0.05")),
    ("sd = 0.05", "sd = inf", "E305", "sd = inf", 0, ("inputs.growth.sd", "must be finite")),
    ("sd = 0.05", "sigma = 0.05", "E302", "sigma", 0, ("not a parameter of 'normal'",)),
    ("p10 = 5e7", "p10 = 5e8", "E304", "p10 = 5e8", 0, ("p10 must be < p90", "p90 = 3e+08")),
    ("p10 = 5e7", "p10 = -5", "E303", "p10 = -5", 0, ("must be > 0", "got -5")),
    ("p10 = 5e7", "p1O = 5e7", "E113", "p1O", 0, ("did you mean 'p10'?",)),
    ("p10 = 5e7", 'p10 = "50,000"', "E115", 'p10 = "50', 0, ("write 50000 or 5",)),
    ("mode = 0.2", "mode = 2", "E304", "mode = 2", 0, ("between low = 0.1 and high = 0.6",)),
    ("sd = 0.05", "sd = 1e308", "E308", "[inputs.growth]", 0, ("draws would overflow",)),
    ("sd = 0.05\n", "", "E302", "[inputs.growth]", 0, ("a normal takes mean and sd", "got mean")),
    ("value = 8", "value = 'x'", "E115", "value = 'x'", 0, ("inputs.cards.value", "number")),
    ("value = 8", "note = 'x'", "E114", "[inputs.cards]", 0, ("inputs.cards",)),
    # formulas: the column is that of the character
    ("peak * share", "peak * shar", "E204", "shar /", 0, ("got shar", "did you mean 'share'?")),
    ("peak * share", "peak + * share", "E401", "* share", 0, ("'*' is out of place here",)),
    ("peak * share", "peak ^ share", "E402", "^ share", 0, ("use '**'",)),
    ("peak * share", "peek(share)", "E403", "peek", 0, ("unknown function 'peek'",)),
    ("(1 + growth)", "(1 + growth", "E401", "(1 + growth", 11, ("column 10 is not closed",)),
    ("(1 + growth)", "(1 and growth)", "E411", "and growth", 0, ("needs true/false values",)),
    ("(1 + growth)", "peak", "E205", "visits * peak", 0, ("peak -> peak",)),
    ("(1 + growth)", "servers", "E205", "visits * servers", 0, ("peak -> servers -> peak",)),
    ('"peak * share / cards"', '""', "E401", '""\nunit', 1, ("the formula is empty",)),
    ('"peak * share / cards"', "42", "E115", "formula = 42", 0, ("expected text", "got 42")),
    (
        'formula = "peak * share / cards"\n',
        "",
        "E114",
        "[outputs.servers]",
        0,
        ("outputs.servers.formula", "missing"),
    ),
    # correlations
    ("spearman = 0.5", "spearman = 1.5", "E503", "spearman", 0, ("-1 and 1", "got 1.5")),
    ("spearman = 0.5", "spearman = nan", "E507", "spearman", 0, ("visits,growth",)),
    ("spearman = 0.5", "spearman = '1'", "E115", "spearman", 0, ("number",)),
    ('"growth"]', '"visits"]', "E506", "[[correlations]]", 0, ("with itself",)),
    ('"growth"]', '"cards"]', "E505", "between", 0, ("'cards' is a constant",)),
    ('"growth"]', '"grwth"]', "E505", "between", 0, ("got grwth", "did you mean 'growth'?")),
    ('"growth"]', '"growth", "share"]', "E115", "between", 0, ("expected two names",)),
    # the rest
    ("inputs.cards = 16", "inputs.card = 16", "E204", "inputs.card =", 0, ("unknown input",)),
    ("inputs.cards = 16", "extends = 'low'", "E204", "extends", 0, ("unknown case 'low'",)),
    ('source = "survey"', 'source = "surey"', "E204", "source", 0, ("did you mean 'survey'?",)),
    ("format = 1", "format = 2", "E109", "format", 0, ("unsupported format", "format = 1")),
    ("[inputs.cards]", "[inputs.exp]", "E202", "[inputs.exp]", 0, ("'exp' is reserved",)),
    ("[inputs.cards]", "[inputs.a-b]", "E201", "[inputs.a-b]", 0, ("'-' is not allowed",)),
    ("[inputs.cards]", '[inputs."2x"]', "E201", '[inputs."2x"]', 0, ("2x",)),
    ("[inputs.cards]", '[inputs.""]', "E201", '[inputs.""]', 0, ()),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "piece", "skip", "words"),
    BAD,
    ids=[f"{code}-{new.splitlines()[0] if new else old.strip()}" for old, new, code, *_ in BAD],
)
def test_code_place_and_words(
    old: str, new: str, code: str, piece: str, skip: int, words: tuple[str, ...]
) -> None:
    text = changed(old, new)
    wanted = place(text, piece if piece != "source" else 'source = "', skip)
    found = [p for p in problems(text) if p.code == code]
    assert found, [str(p) for p in problems(text)]
    assert wanted in [p.where for p in found]
    line = str(next(p for p in found if p.where == wanted))
    assert line.startswith(f"error[{code}] {wanted} ")
    assert all(word in line for word in words), line


TRIPLE = "".join(f'[inputs.{n}]\ndist = "normal"\nmean = 0\nsd = 1\n' for n in "abc")
TRIPLE += '[outputs.y]\nformula = "a + b + c"\n'


def pair(first: str, second: str, spearman: float) -> str:
    return f'[[correlations]]\nbetween = ["{first}", "{second}"]\nspearman = {spearman}\n'


def test_impossible_correlations_name_the_smallest_eigenvalue() -> None:
    text = TRIPLE + pair("a", "b", 0.9) + pair("b", "c", 0.9) + pair("a", "c", -0.9)
    (found,) = problems(text)
    assert found.code == "E504"
    for part in ("a–b +0.9", "b–c +0.9", "a–c -0.9"):
        assert part in found.message
    # r = 2 sin(pi 0.9 / 6) = 0.907981; eigenvalues of the signed triple: 1 − 2 r, 1 + r, 1 + r
    assert found.got == "smallest eigenvalue -0.816"
    assert found.line == text[: text.rindex("[[corr")].count("\n") + 1


def test_perfect_correlation_is_allowed() -> None:
    text = TRIPLE + pair("a", "b", 1.0) + pair("b", "c", -1.0) + pair("a", "c", -1.0)
    assert len(loads(text, "model.toml").correlations) == 3


def test_a_pair_given_twice_in_either_order() -> None:
    for first, second in (("a", "b"), ("b", "a")):
        text = TRIPLE + pair("a", "b", 0.5) + pair(first, second, 0.7)
        (found,) = problems(text)
        assert found.code == "E506"
        assert found.where == f"model.toml:{text[: text.rindex('[[')].count(chr(10)) + 1}:1"
        assert found.message == f"{first},{second} is given twice: 0.5 and 0.7"


@pytest.mark.parametrize(
    ("text", "code", "where", "words"),
    [
        ("", "E116", "model.toml", "the model is empty"),
        ("# only a comment\n", "E116", "model.toml", "the model is empty"),
        ("[inputs.v]\nvalue = 1\n", "E114", "model.toml", "no [outputs.*]"),
        ("[inputs.v]\nvalue = \n", "E105", "model.toml:2:", ""),
        ("a = 1\na = 2\n", "E106", "model.toml:2:", "twice"),
        ("[inputs.v]\nvalue = 1\n[inputs.v]\nvalue = 2\n", "E106", "model.toml:3:", "twice"),
        ("inputs = 5\n[outputs.y]\nformula = '1'\n", "E115", "model.toml:1:1", "inputs"),
        ("[[inputs]]\nx = 5\n[outputs.y]\nformula = '1'\n", "E115", "model.toml:1:1", "inputs"),
        ("[inputs]\nv = 5\n[outputs.y]\nformula = 'v'\n", "E115", "model.toml:2:1", "inputs.v"),
        ("[inputs.v]\nvalue=1\n[outputs]\ny = 5\n", "E115", "model.toml:4:1", "outputs.y"),
    ],
)
def test_texts_that_are_no_model(text: str, code: str, where: str, words: str) -> None:
    first = problems(text)[0]
    assert first.code == code
    assert first.where.startswith(where)
    assert words in str(first)


@pytest.mark.parametrize(
    ("one", "two"),
    [("inputs", "outputs"), ("inputs", "quantities"), ("quantities", "outputs")],
)
def test_names_used_twice(one: str, two: str) -> None:
    body = {"inputs": "value = 1", "quantities": "formula = '1'", "outputs": "formula = '2'"}
    text = f"[{one}.x]\n{body[one]}\n[{two}.x]\n{body[two]}\n"
    text += "" if two == "outputs" else "[outputs.y]\nformula = '1'\n"
    found = [p for p in problems(text) if "used twice" in p.message]
    assert len(found) == 1
    assert "'x'" in found[0].message
    assert found[0].where == "model.toml:3:1"


def test_several_problems_at_once_in_the_order_of_the_file() -> None:
    text = VALID
    for old, new in [
        ("p10 = 5e7", "p10 = true"),
        ("sd = 0.05", "sd = -1"),
        ("mode = 0.2", "mde = 0.2"),
        ("peak * share", "peak * shar"),
        ("spearman = 0.5", "spearman = 7"),
        ("inputs.cards = 16", "inputs.card = 16"),
    ]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = problems(text)
    assert [p.code for p in found] == ["E115", "E303", "E113", "E204", "E503", "E204"]
    assert [p.line for p in found] == sorted(p.line for p in found)
    assert all(p.file == "model.toml" and p.column for p in found)


def test_a_formula_of_several_lines_is_placed_on_its_own_line() -> None:
    text = changed('"peak * share / cards"', '"""peak *\n  share /\n  crds"""')
    (found,) = problems(text)
    assert found.code == "E204"
    assert found.where == place(text, "crds")


def test_chinese_names_are_placed_by_characters() -> None:
    text = '[inputs."访问量"]\nvalue = 1\n[outputs."服务器"]\nformula = "访问量 * 访问"\n'
    (found,) = problems(text)
    assert found.where == place(text, '访问"\n')
    assert found.got == "访问"
    assert found.hint == "did you mean '访问量'?"


PIECES = [
    *"[]{}=\"'.,#\n\\ \t-_09aZ访×\x00\x1b",
    "nan",
    "-inf",
    "1e999",
    "true",
    "[[",
    "]]",
    '"""',
    "inputs",
    "outputs.servers = 'cards'\n",
    "same_as = 'visits'\n",
    "formula = 5\n",
    "= {}\n",
    "= []\n",
    "[[inputs]]\n",
    "[run]\n",
    "1979-05-27",
    "9" * 50,
    "(" * 70,
    "extends = 'high'\n",
    "base = ''\n",
    "round = 3\n",
    "values = [1, 'a']\n",
]


def mangled(rng: random.Random) -> str:
    """The valid text after one to four edits: cut, doubled, swapped, replaced or inserted."""
    text = VALID
    for _ in range(rng.randint(1, 4)):
        lines = text.splitlines(keepends=True)
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(6)
        if kind == 0:
            text = text[:at] + text[at + rng.randint(1, 12) :]
        elif kind == 1:
            text = text[:at] + rng.choice(PIECES) + text[at:]
        elif kind == 2:
            text = text[:at] + rng.choice(PIECES) + text[at + rng.randint(1, 8) :]
        elif kind == 3 and lines:
            del lines[rng.randrange(len(lines))]
            text = "".join(lines)
        elif kind == 4 and lines:
            lines.insert(rng.randrange(len(lines)), rng.choice(lines))
            text = "".join(lines)
        elif lines:
            k = rng.randrange(len(lines))
            key, sign, _ = lines[k].partition("=")
            lines[k] = f"{key}{sign} {rng.choice(PIECES)}\n" if sign else lines[k]
            text = "".join(lines)
    return text


@pytest.mark.parametrize("block", range(6))
def test_no_edit_of_a_valid_text_gives_anything_but_a_model_error(block: int) -> None:
    accepted = 0
    for seed in range(50 * block, 50 * (block + 1)):
        text = mangled(random.Random(seed))
        try:
            loads(text, "model.toml")
            accepted += 1
        except ModelError as error:
            for problem in error.problems:
                # every problem names the file, stands inside it and has words
                if problem.file != "model.toml" or not problem.message:
                    raise AssertionError((seed, problem)) from error
                if problem.line > text.count("\n") + 1:
                    raise AssertionError((seed, problem)) from error
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}\n{text}") from error
    assert accepted < 50
