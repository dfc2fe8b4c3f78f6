"""Bad files: the whole first line of what is said, and several problems at once."""

import pytest
from rangecast.engine.errors import ModelError
from rangecast.engine.model import document
from rangecast.engine.model.load import build, loads

MODEL = """\
[inputs.visits]
dist = "lognormal"
p10 = 5e7
p90 = 3e8

[outputs.servers]
formula = "visits / 2.5e6"
unit = "servers"
"""
PAIR = """\
[inputs.a]
dist = "normal"
mean = 0
sd = 1
[inputs.b]
dist = "normal"
mean = 0
sd = 1
[outputs.y]
formula = "a + b"
[[correlations]]
"""


def said(text: str | bytes) -> list[str]:
    """Every line of the refusal of a model file."""
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ModelError) as refused:
        build(document.parse("m.toml", raw))
    return str(refused.value).splitlines()


def edited(old: str, new: str) -> str:
    assert old in MODEL
    return MODEL.replace(old, new)


REFUSED = [
    (
        edited("5e7", "true"),
        "error[E115] m.toml:3:1 inputs.visits.p10: expected a number; got a true/false value",
    ),
    (
        edited("5e7", '"50,000,000"'),
        "error[E115] m.toml:3:1 inputs.visits.p10: expected a number; got '50,000,000'; "
        "write 50000000 or 5e7",
    ),
    (
        edited("5e7", "nan"),
        "error[E305] m.toml:3:1 inputs.visits.p10: must be finite; got nan",
    ),
    (
        edited("dist", "distt"),
        "error[E113] m.toml:2:1 inputs.visits.distt: unknown key; allowed: dist, value, base, "
        "round, same_as, label, unit, note, basis, source, per_period, autocorrelation, label_zh, "
        "min, max, shift, factor; did you mean 'dist'?",
    ),
    (
        edited("formula", "formla"),
        "error[E113] m.toml:7:1 outputs.servers.formla: unknown key; "
        "allowed: formula, unit, label, note, label_zh, headline, headline_zh; "
        "did you mean 'formula'?",
    ),
    (
        edited('formula = "visits / 2.5e6"\n', 'formula = "visits"\nheadline = "{rage} {range}"\n'),
        "error[E118] m.toml:8:1 outputs.servers.headline: has no place for the range; "
        "got {rage} {range}; one {range} and no other braces, "
        "such as 'we need {range} servers'",
    ),
    (
        edited('formula = "visits / 2.5e6"\n', ""),
        "error[E114] m.toml:6:1 outputs.servers.formula: missing",
    ),
    (
        edited('"visits / 2.5e6"', "42"),
        "error[E115] m.toml:7:1 outputs.servers.formula: expected text; got 42; "
        'write formula = "42"',
    ),
    (
        edited("visits /", "vists /"),
        "error[E204] m.toml:7:12 outputs.servers.formula: unknown name; got vists; "
        "did you mean 'visits'?",
    ),
    (
        edited('"lognormal"', '"lognorml"'),
        "error[E301] m.toml:2:1 inputs.visits.dist: unknown distribution; known: ",
    ),
    (
        "format = 2\n" + MODEL,
        "error[E109] m.toml:1:1 format: unsupported format; got 2; format = 1",
    ),
    (
        MODEL + "[[checks]]\noutput = 'serves'\nequals = 1\n",
        "error[E204] m.toml:10:1 checks.0.output: unknown output; got serves; "
        "did you mean 'servers'?",
    ),
    (
        MODEL + "[run]\noutputs = ['serves']\n",
        "error[E204] m.toml:10:12 run.outputs.0: unknown output; got serves; "
        "did you mean 'servers'?",
    ),
    (
        MODEL + "[cases.a]\ninputs.vists = 5\n",
        "error[E204] m.toml:10:1 cases.a.inputs.vists: unknown input; got vists; "
        "did you mean 'visits'?",
    ),
    (
        MODEL + "[cases.a]\ninputs.visits = { dist = 'normal', mean = 1, sd = -1 }\n",
        "error[E303] m.toml:10:46 cases.a.inputs.visits.sd: must be 0 or more; got -1",
    ),
    (
        MODEL + "[cases.a]\noutputs.servers = 'visits +'\n",
        "error[E401] m.toml:10:28 cases.a.outputs.servers: the formula ends too early",
    ),
    (
        MODEL + "[cases.a]\nextends = 'b'\n",
        "error[E204] m.toml:10:1 cases.a.extends: unknown case 'b'; known: a",
    ),
    (
        MODEL + "[inputs.twin]\nsame_as = 'vists'\n",
        "error[E204] m.toml:10:1 inputs.twin.same_as: unknown input; got vists; "
        "did you mean 'visits'?",
    ),
    (
        "[quantities]\na = 'b'\nb = 'c'\nc = 'a'\n" + MODEL,
        "error[E205] m.toml:2:6 quantities.a: circular reference: a -> b -> c -> a",
    ),
    (
        PAIR + 'between = ["a", "b"]\nspearman = 1.2\n',
        "error[E503] m.toml:13:1 correlations.0.spearman: a,b: must lie between -1 and 1; got 1.2",
    ),
    (
        PAIR + 'between = ["a", "b"]\nspearman = nan\n',
        "error[E507] m.toml:13:1 correlations.0.spearman: a,b: must be a number; got nan",
    ),
    (
        PAIR + 'between = ["a", "c"]\nspearman = 0.5\n',
        "error[E505] m.toml:12:1 correlations.0.between: unknown input in a correlation; got c",
    ),
    (
        PAIR + 'between = ["a", "a"]\nspearman = 0.5\n',
        "error[E506] m.toml:11:1 correlations.0: a,a: an input cannot be correlated with itself",
    ),
    (
        PAIR
        + 'between = ["a", "b"]\nspearman = 0.5\n'
        + '[[correlations]]\nbetween = ["b", "a"]\nspearman = 0.7\n',
        "error[E506] m.toml:14:1 correlations.1: b,a is given twice: 0.5 and 0.7",
    ),
]


@pytest.mark.parametrize(("text", "line"), REFUSED)
def test_the_first_line_says_what_and_where(text: str, line: str) -> None:
    assert said(text)[0].startswith(line)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("exp", "E202", "'exp' is reserved"),
        ("lambda", "E202", "'lambda' is reserved"),
        ("visits-per-day", "E201", "'-' is not allowed in a name; use _"),
        ('"visits per day"', "E201", "a space is not allowed in a name; use _"),
        ("_hidden", "E201", "must not start with '_'"),
        ('"a\\u200bb"', "E206", "invisible or control character U+200B"),
    ],
)
def test_bad_names(name: str, code: str, words: str) -> None:
    first = said(f"[inputs.{name}]\nvalue = 1\n[outputs.y]\nformula = '1'\n")[0]
    assert first.startswith(f"error[{code}] m.toml:1:1 ")
    assert words in first


@pytest.mark.parametrize("name", ["访问量", "CON", "constructor", "Δt"])
def test_names_of_any_script_are_fine(name: str) -> None:
    model = loads(f'[inputs."{name}"]\nvalue = 1\n[outputs.y]\nformula = "{name} + 1"\n')
    assert list(model.inputs) == [name]


def test_input_and_output_share_no_name() -> None:
    text = "[inputs.visits]\nvalue = 1\n[outputs.visits]\nformula = '1'\n"
    assert said(text)[0].endswith("the name 'visits' is used twice: input and output")


def test_names_equal_after_normalisation() -> None:
    text = '[inputs.fix]\nvalue = 1\n[inputs."ﬁx"]\nvalue = 1\n[outputs.y]\nformula = "fix"\n'
    assert "same name after normalisation: 'fix'" in said(text)[0]


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        (b"", "E116", "the model is empty"),
        (b"# nothing\n", "E116", "needs at least one [inputs.*] and one [outputs.*]"),
        (b"[inputs.v]\nvalue = 1\n", "E114", "no [outputs.*]; add at least one output"),
        (b"title = 'caf\xe9'\n", "E104", "not valid UTF-8 at byte offset 12, line 1"),
        (b'title = "a\0b"\n', "E105", "control character U+0000"),
        (b'[inputs.v]\ndist = "normal\n', "E105", "unterminated string"),
        (b"inputs:\n  visits:\n    dist: normal\n", "E105", "looks like YAML"),
        (b"a = 1\na = 2\n", "E106", "defined twice"),
        (b"a = " + b"[" * 1000, "E107", "nested too deeply"),
        (b"a." * 9_999 + b"a = 1", "E107", "nested too deeply"),
        (b"a = " + b"9" * 9_999, "E105", "number too long"),
    ],
)
def test_text_that_is_no_model(raw: bytes, code: str, words: str) -> None:
    first = said(raw)[0]
    assert first.startswith(f"error[{code}]")
    assert words in first


def test_problems_are_reported_together_in_the_order_of_the_file() -> None:
    text = edited("5e7", "true").replace("visits /", "vists /") + "[run]\noutputs = ['x']\n"
    assert [line.split("]")[0] for line in said(text)] == [
        "error[E115",
        "error[E204",
        "error[E204",
    ]


def test_twenty_problems_are_listed_and_the_rest_counted() -> None:
    wrong = "".join(f"[[checks]]\noutput = 'none{k}'\nequals = 1\n" for k in range(30))
    lines = said(MODEL + wrong)
    assert len(lines) == 21
    assert "… and 10 more" in lines[-1]


def test_user_text_is_escaped() -> None:
    lines = said(edited("visits]", '"a\\u001b[2J"]'))
    assert not any("\x1b" in line for line in lines)


def test_byte_order_mark_and_crlf_are_accepted() -> None:
    raw = b"\xef\xbb\xbf" + MODEL.replace("\n", "\r\n").encode()
    assert build(document.parse("m.toml", raw)).inputs["visits"].law is not None


def test_positions_hold_with_crlf() -> None:
    assert "m.toml:7:12 " in said(edited("visits /", "vists /").replace("\n", "\r\n"))[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (edited("p10 = 5e7\np90 = 3e8", "mean = 1180591620717411303425\nsd = 1e20"), "W352"),
        (MODEL + "[inputs.unused]\nvalue = 1\n", "W204"),
        (MODEL + "[inputs.Visits]\nvalue = 1\n", "W211"),
        ("[inputs.v]\ndist='uniform'\nlow=1\nhigh=1\n[outputs.y]\nformula='v'\n", "W350"),
    ],
)
def test_warnings_stop_nothing(text: str, words: str) -> None:
    assert words in {warning.code for warning in loads(text).warnings}
