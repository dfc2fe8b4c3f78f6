"""Attack loader, formulas and checkpoint reader with inputs that Hypothesis makes up.

``python benchmarks/fuzz.py loader|formula|checkpoint --minutes 30`` goes on for so long (one minute
by default) and says how many inputs were tried; ``--seed`` repeats a run. An input that crashes,
takes more than two seconds, or brings about an event that a model must not (code compiled, files,
processes, sockets) is shrunk, written to fuzz-failure.txt and ends it with status 1.

What must hold: a refusal with a code, or a model that runs; a formula that gives what an evaluation
of our own in plain Python gives, value by value; a checkpoint that is refused, or read.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import math
import re
import signal
import sys
import time
import tomllib
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rangecast.distributions import examples, registry
from rangecast.engine import checkpoint
from rangecast.engine.code_examples import EXAMPLES, whole
from rangecast.engine.errors import FileError, RangecastError
from rangecast.engine.formula import ROWS, FormulaError, compile_program, parse

import rangecast as rc
from rangecast.cli.new import STARTER

ROOT = Path(__file__).resolve().parents[1]
SLOWEST = 2.0
"""Seconds that one input may take."""
TRIED = {"inputs": 0, "taken": 0, "refused": 0, "letters": 0}

# ---------------------------------------------------------------------- what must not happen

FORBIDDEN = {"exec", "compile", "socket", "subprocess", "ctypes", "marshal"}
EVENTS: list[str] = []
_WATCHING = [False]


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _WATCHING[0]:
        return
    if event == "open" and str(arguments[0]).startswith("/proc/self/"):
        return  # the libraries that count threads look which others are loaded
    if event.split(".")[0] in FORBIDDEN or event in {"os.system", "os.exec", "os.fork", "open"}:
        EVENTS.append(f"{event} {str(arguments)[:120]}")


class TooSlow(Exception):
    """An input took more than its time."""


def _alarm(*_: object) -> None:
    raise TooSlow(f"more than {SLOWEST:g} s")


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Allow an input its two seconds and none of the events."""
    signal.signal(signal.SIGPROF, _alarm)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST)  # of the processor: the machine may be busy
    _WATCHING[0] = True
    try:
        yield
    finally:
        _WATCHING[0] = False
        signal.setitimer(signal.ITIMER_PROF, 0)
    assert not EVENTS, EVENTS.pop()


def check_words(problems: RangecastError) -> None:
    """Hold every problem to the form of a message."""
    TRIED["refused"] += 1
    for one in problems.problems:
        text = str(one)
        assert one.code[:1] in "EW", text
        assert text.isprintable(), text
        assert len(text) < 3_000, text


# ---------------------------------------------------------------------- loader

EXTREME = ("0", "-0.0", "1e308", "1e400", "-1e-320", "nan", "inf", "-inf", "1e999999", "9" * 25)
MILD = ("0", "1", "2", "3", "5", "0.1", "0.5", "0.9", "10", "-1", "100", "1e6", "1e-6")
ODD = ('""', '"\\u202e"', "'''", "[]", "{}", "[[", "]]", "=", ".", "\t", "é", "服务器", "#")
WORDS = [
    "dist",
    "value",
    "mean",
    "sd",
    "low",
    "high",
    "mode",
    "p10",
    "p50",
    "p90",
    "min",
    "max",
    "of",
    "formula",
    "unit",
    "label",
    "same_as",
    "given",
    "on",
    "when",
    "components",
    "weight",
    "cases",
    "between",
    "among",
    "spearman",
    "pearson",
    "kendall",
    "copula",
    "df",
    "repair",
    "start",
    "periods",
    "outputs",
    "per_period",
    "round",
    "shift",
    "factor",
    "base",
    "inputs",
    "series",
]


def _toml(value: Any) -> str:
    """Write a value as TOML has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


_WHOLE = """
[time]
start = 2024
periods = 3
[inputs.a]
dist = "lognormal"
p10 = 1
p90 = 9
per_period = "autocorrelated"
autocorrelation = 0.5
[inputs.b]
dist = "bernoulli"
p = 0.3
[inputs.c]
dist = "conditional"
on = "b"
given = [{when = 0, dist = "normal", mean = 1, sd = 1}, {when = 1, value = 3}]
[quantities.stock]
formula = "previous(stock, 1) * 0.9 + a"
[outputs.y]
formula = "total(stock) + where(c > 1, c, 0)"
[outputs.z]
formula = "at(stock, 2025) / max(a, 1)"
[cases.high]
inputs.b = 1
[[correlations]]
among = ["b", "c"]
spearman = 0.2
[tables.t]
output = "y"
rows = {name = "b", values = [0, 1]}
columns = {name = "a", values = [1, 2]}
[run]
scenarios = 100
"""


def seeds() -> list[str]:
    """Models to change: good ones of every family and part, examples of codes, bad inputs."""
    found = [
        STARTER,
        _WHOLE,
        _WHOLE.replace("[time]", '[dependence]\ncopula = "t"\ndf = 4\n[time]'),
    ]
    for name, parameters in examples.EXAMPLES.items():
        lines = [f"{key} = {_toml(value)}" for key, value in parameters.items()]
        found.append(
            whole("\n".join(["[inputs.x]", f'dist = "{name}"', *lines, 'unit = "1"']) + "\n")
        )
    found *= 8  # most changes make a model bad: begin with good ones
    found += [whole(e.text) for e in EXAMPLES.values() if e.kind in {"model", "check"}]
    table = tomllib.loads((ROOT / "tests/data/bad_inputs.toml").read_text(encoding="utf-8"))
    found += [case["snippet"] for case in table["case"] if len(case.get("snippet", "")) > 20]
    return [text for text in found if len(text) < 5_000]


def _changed(draw: Any, lines: list[str], k: int) -> None:
    """Change the k-th line, or what stands around it."""
    line, how = lines[k], draw(st.sampled_from((*range(10), 10, 10, 10)))
    head, sign, rest = line.partition("=")
    word, number = draw(st.sampled_from(WORDS)), draw(st.sampled_from((*EXTREME, *ODD)))
    at = draw(st.integers(0, len(line)))
    others = draw(st.sampled_from(SEEDS)).split("\n")
    lines[k : k + 1] = (
        [],
        [line, draw(st.sampled_from(lines))],
        [f"{word} = {number}"],
        [line.replace(draw(st.sampled_from('="[]{}., ')), "", 1)],
        [f"{head}= {number}"],
        [line[:at] + draw(st.text(max_size=6)) + line[at:]],
        [f"{word} {sign}{rest}"],
        [*others[: draw(st.integers(1, 8))], line],
        [f'formula = "{draw(FORMULAS)}"'],
        [f'dist = "{draw(st.sampled_from(FAMILIES))}"'],
        [f"{head}= {draw(st.sampled_from(MILD))}" if re.match(r" *[-\d.]+ *$", rest) else line],
    )[how]


@st.composite
def models(draw: Any) -> str:
    """Change a model in a few places."""
    lines = draw(st.sampled_from(SEEDS)).split("\n")
    for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2, 3, 6)))):
        _changed(draw, lines, draw(st.integers(0, len(lines) - 1)))
        lines = lines or [""]
    return "\n".join(lines)


def loader(text: str) -> None:
    """A text gives a model that runs, or a refusal."""
    TRIED["inputs"] += 1
    with watched():
        try:
            model = rc.loads(text)
            result = rc.simulate(model, scenarios=64, max_failures=1.0)
        except RangecastError as problems:
            check_words(problems)
            return
    TRIED["taken"] += 1
    for name in result.rows:
        if result.count(name):
            assert math.isfinite(result.quantile(name, 0.5)), name


# ---------------------------------------------------------------------- formulas

NAMES = ("x", "y", "z")
Value = float | None
"""Of a scenario: a number; None for a condition in doubt."""


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _guarded(function: Callable[..., Any], *values: Any) -> float:
    """Compute as IEEE 754 has it, where Python raises."""
    with np.errstate(all="ignore"):
        return float(function(*(np.float64(_number(v)) for v in values)))


def _compared(sign: str, a: Any, b: Any) -> bool | None:
    a, b = _number(a), _number(b)
    if math.isnan(a) or math.isnan(b):
        return None
    return bool(
        {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b}[sign]
    )


def _both(sign: str, a: bool | None, b: bool | None) -> bool | None:
    deciding = sign == "or"
    if a is deciding or b is deciding:
        return deciding
    return None if a is None or b is None else not deciding


Tree = tuple[Any, ...]


def evaluate(tree: Tree, at: dict[str, float]) -> Any:
    """Evaluate a tree for one scenario, one operation after the other."""
    kind, *parts = tree
    if kind == "number":
        return float(parts[0])
    if kind == "name":
        return at[parts[0]]
    if kind == "where":
        chosen = evaluate(parts[0], at)
        a, b = (_number(evaluate(part, at)) for part in parts[1:])
        return math.nan if chosen is None else (a if chosen else b)
    values = [evaluate(part, at) for part in parts]
    if kind in {"<", "<=", ">", ">=", "==", "!="}:
        return _compared(kind, *values)
    if kind in {"and", "or"}:
        return _both(kind, *values)
    if kind == "not":
        return None if values[0] is None else not values[0]
    return _guarded(_FUNCTIONS[kind], *values)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power,
    "neg": np.negative, "abs": np.absolute, "sqrt": np.sqrt, "exp": np.exp, "log": np.log,
    "log10": np.log10, "floor": np.floor, "ceil": np.ceil, "round": np.rint, "min": np.minimum,
    "max": np.maximum,
}  # fmt: skip


def written(tree: Tree) -> str:
    """Write a tree with every bracket."""
    kind, *parts = tree
    if kind in {"number", "name"}:
        return str(parts[0])
    texts = [written(part) for part in parts]
    if kind == "neg":
        return f"(-{texts[0]})"
    if kind == "not":
        return f"(not {texts[0]})"
    if len(texts) == 2 and kind not in {"min", "max"}:
        return f"({texts[0]} {kind} {texts[1]})"
    return f"{kind}({', '.join(texts)})"


LEAVES = st.one_of(
    st.sampled_from(NAMES).map(lambda name: ("name", name)),
    st.sampled_from(("0", "1", "2", "0.5", "1e3", "3", "1e-9", "1e300")).map(
        lambda n: ("number", n)
    ),
)


def _conditions(numbers: Any) -> Any:
    compared = st.tuples(st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), numbers, numbers)
    return st.recursive(
        compared,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(("and", "or")), inner, inner),
            st.tuples(st.just("not"), inner),
        ),
        max_leaves=4,
    )


TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(("+", "-", "*", "/", "**", "min", "max")), inner, inner),
        st.tuples(
            st.sampled_from(
                ("neg", "abs", "sqrt", "exp", "log", "log10", "floor", "ceil", "round")
            ),
            inner,
        ),
        st.tuples(st.just("where"), _conditions(inner), inner, inner),
    ),
    max_leaves=12,
)
FORMULAS = TREES.map(written)
_TOKENS = "x y q ( ) , + - * / ** < == and not where( log( max( 1 1e5 .5 1..2 _ [ lambda for"
TOKENS = st.sampled_from(
    [*_TOKENS.split(" "), "'", '"', "ｘ", "\u202e", "é", "\n", "#", "@", ":=", "__class__", "."]
)
GARBAGE = st.lists(TOKENS, max_size=14).map(" ".join) | st.text(max_size=40)
POINTS = {
    "x": np.array([0.0, -1.5, 2.0, 1e200, 0.3]),
    "y": np.array([-0.0, 3.0, 0.5, -1e-200, 2.0]),
    "z": np.array([1.0, 0.0, -2.0, 7.0, 1e-5]),
}


def formula(case: Tree | str) -> None:
    """A text is refused or computes; a tree computes what plain Python computes."""
    TRIED["inputs"] += 1
    text = case if isinstance(case, str) else written(case)
    with watched():
        try:
            program = compile_program({"y_": parse(text)}, ["y_"], dict.fromkeys(NAMES, ROWS), {})
            found = program.evaluate(POINTS)["y_"]
        except FormulaError as refusal:
            TRIED["refused"] += 1
            TRIED["letters"] += len(str(refusal))
            return
    TRIED["taken"] += 1
    if isinstance(case, str):
        return
    for k, value in enumerate(np.broadcast_to(found, 5).tolist()):
        wanted = _number(
            evaluate(case, {name: float(column[k]) for name, column in POINTS.items()})
        )
        same = value == wanted or (math.isnan(value) and math.isnan(wanted))
        # NumPy's loops over arrays may round exp, log and powers otherwise than over one number
        near = math.isfinite(wanted) and abs(value - wanted) <= 1e-9 * abs(wanted)
        assert same or near or _is_delicate(text), (text, k, value, wanted)


def _is_delicate(text: str) -> bool:
    """Whether a last digit may decide: what follows a rounded function is compared or rounded."""
    rounded = any(word in text for word in ("exp(", "log(", "log10(", "**", "sqrt("))
    return rounded and any(
        word in text for word in ("where(", "floor(", "ceil(", "round(", " - ", " + ", "**")
    )


# ---------------------------------------------------------------------- checkpoints


def a_checkpoint() -> bytes:
    """Make the checkpoint of a short run."""
    import tempfile

    model = rc.loads(whole(""))
    kept: list[bytes] = []
    encode = checkpoint.encode

    def keep(stored: checkpoint.Stored) -> bytes:
        kept.append(encode(stored))
        return kept[-1]

    checkpoint.encode = keep  # type: ignore[assignment]
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = checkpoint.Checkpoint(Path(folder) / "state", every=0.0, first=0.0)
            rc.simulate(model, scenarios=70_000, checkpoint=place)
    finally:
        checkpoint.encode = encode
    return kept[len(kept) // 2]


@st.composite
def changes(draw: Any) -> bytes:
    """Damage a checkpoint, or give it a right checksum over wrong contents."""
    content = bytearray(SAVED)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content) - 1)) if content else 0
        how = draw(st.integers(0, 5))
        if how == 0 and content:
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif how == 1:
            del content[at:]
        elif how == 2:
            content[at:at] = draw(st.binary(max_size=20))
        elif how == 3:
            del content[at : at + draw(st.integers(1, 600))]
        elif how == 4:
            content[at : at + 8] = draw(st.binary(min_size=8, max_size=8))
        else:  # in the header, where names and numbers stand
            place = draw(st.integers(0, min(2_000, max(len(content) - 1, 0))))
            content[place : place + 1] = draw(
                st.sampled_from((b"9", b"-", b"[", b"n", b"}", b"e", b""))
            )
    if draw(st.booleans()):
        body = bytes(content[: -checkpoint._CHECKSUM])
        return body + checkpoint.hashlib.blake2b(body, digest_size=checkpoint._CHECKSUM).digest()
    return bytes(content)


def checkpoints(content: bytes) -> None:
    """What was not saved by a run is refused, or holds tables and arrays all the same."""
    TRIED["inputs"] += 1
    with watched():
        try:
            stored = checkpoint.decode(content, "state")
        except FileError as problems:
            check_words(problems)
            return
    TRIED["taken"] += 1
    assert isinstance(stored.key, dict)
    assert all(isinstance(array, np.ndarray) for array in stored.arrays.values())
    if content != SAVED:  # its checksum was made right: nothing but the contents can tell
        with watched():
            try:
                checkpoint.check_same_run(stored, checkpoint.decode(SAVED, "state").key, "state")
            except FileError as problems:
                check_words(problems)


SEEDS = seeds()
FAMILIES = (*registry.FAMILIES, "mixture", "data", "2 to 5", "nomral")
SAVED = a_checkpoint()
TARGETS: dict[str, tuple[Any, Callable[[Any], None]]] = {
    "loader": (models(), loader),
    "formula": (TREES | GARBAGE, formula),
    "checkpoint": (changes(), checkpoints),
}


@functools.cache
def warm_up(name: str) -> None:
    """Import what a target imports at first use, before anybody watches."""
    for codec in ("unicode_escape", "idna", "punycode", "utf-16", "latin-1"):
        "a".encode(codec)
    for content in (SAVED, SAVED[:-1], b""):
        with contextlib.suppress(FileError):
            checkpoint.check_same_run(checkpoint.decode(content, ""), {"environment": {}}, "")
    each = list(dict.fromkeys(SEEDS)) if name == "loader" else []
    for text in (*each[:45], *each[45::3]):
        with contextlib.suppress(RangecastError):
            rc.simulate(rc.loads(text), scenarios=64, max_failures=1.0)


def attack(name: str, examples: int, seed: int | None = None) -> None:
    """Try so many inputs on a target; without a seed always the same ones."""
    strategy, target = TARGETS[name]
    warm_up(name)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(strategy)
    def run(case: Any) -> None:
        target(case)

    if seed is not None:
        run = hypothesis.seed(seed)(run)
    run()


def main() -> int:
    """Attack one target for some minutes."""
    warnings.simplefilter("ignore", hypothesis.errors.HypothesisWarning)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=None)
    given_ = parser.parse_args()
    seed = int(time.time()) if given_.seed is None else given_.seed
    first, started = seed, time.monotonic()
    while time.monotonic() - started < 60 * given_.minutes:
        try:
            attack(given_.target, 2_000, seed)
        except BaseException as failure:
            if isinstance(failure, KeyboardInterrupt):
                break
            trace = "".join(traceback.format_exception(failure))
            text = f"{given_.target}, seed {seed}\n{trace}"
            Path("fuzz-failure.txt").write_text(text, encoding="utf-8")
            print(text[-3_000:])
            return 1
        seed += 1
    minutes = (time.monotonic() - started) / 60
    tried, taken, refused = (f"{TRIED[k]:,}" for k in ("inputs", "taken", "refused"))
    print(
        f"{given_.target}: {tried} inputs in {minutes:.1f} minutes (seeds {first} to {seed - 1}): "
        f"{taken} taken, {refused} refused, 0 crashes, 0 over {SLOWEST:g} s, 0 events"
    )
    return 0


sys.addaudithook(_hook)
if __name__ == "__main__":
    sys.exit(main())
