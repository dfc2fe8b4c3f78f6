"""Attack loader, formulas and checkpoint reader with inputs that Hypothesis makes up.

``python benchmarks/fuzz.py loader|formula|checkpoint --minutes 30`` goes on for so long (one minute
by default) and says how many inputs were tried; ``--seed`` repeats a run, ``--inputs 3000`` ends
one after so many inputs instead, and ``--coverage`` says which branches of the target the inputs
took and which lines none reached. An input that crashes, takes more than two seconds, or brings
about an event that a model must not (code compiled, files, processes, sockets) is shrunk, written
to fuzz-failure.txt and ends it with status 1.

What must hold: a refusal with a code, or a model that runs; a formula that gives what an evaluation
of our own in plain Python gives, value by value; a checkpoint that is refused, or read.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import copy
import dataclasses
import functools
import io
import json
import math
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
AIMS = {
    "loader": ("engine/model/*.py",),
    "formula": ("engine/formula/*.py",),
    "checkpoint": ("engine/checkpoint.py",),
}
"""What each target is meant to reach."""
BEYOND = {
    "overlay.py": "reads tables of inputs (--inputs), not models",
    "sheet.py": "writes and names the columns of such tables",
    "convert.py": "turns models into other units when asked (`convert`)",
    "localise.py": "chooses the language of labels when a report is made",
    "meanings.py": "says what the keys mean, for the documentation: data alone",
    "identity.py": "fingerprints Python models and laws for checkpoints",
}
"""Modules of engine/model that no model file can reach as it is loaded, each with the reason."""


def _measure() -> Any:
    """Begin to measure, before the first module of the engine is imported."""
    import coverage

    wanted = [str(ROOT / one) for one in AIMS[next(a for a in sys.argv if a in AIMS)]]
    beyond = [str(ROOT / "engine/model" / one) for one in BEYOND]
    meter = coverage.Coverage(
        data_file=None, config_file=False, branch=True, include=wanted, omit=beyond
    )
    meter.start()
    return meter


METER = _measure() if __name__ == "__main__" and "--coverage" in sys.argv else None
TRACER = sys.gettrace()

import hypothesis
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rangecast.engine import checkpoint
from rangecast.engine.code_examples import whole
from rangecast.engine.errors import FileError, Problem, RangecastError
from rangecast.engine.formula import (
    ROWS,
    FormulaError,
    Node,
    blame,
    compile_program,
    names,
    parse,
    refuse_time,
    rename,
    unroll,
)
from rangecast.engine.model import apply_case, set_inputs
from rangecast.engine.model import document as documents
from rangecast.engine.model.checks import late_sources, run_checks
from rangecast.engine.model.load import build

import rangecast as rc

sys.path.insert(0, str(Path(__file__).parent))
import fuzz_models

SLOWEST = 2.0
"""Seconds that one input may take."""
TRIED = {"inputs": 0, "taken": 0, "refused": 0, "letters": 0}

# ---------------------------------------------------------------------- what must not happen

FORBIDDEN = {"exec", "compile", "socket", "subprocess", "ctypes", "marshal"}
OPEN = ("/proc/self/", str(ROOT / "models"), tempfile.gettempdir() + "/fuzz-")
"""What may be opened: what tells libraries which others are loaded, shipped models, our folder."""
EVENTS: list[str] = []
_WATCHING = [False]
_OUTSIDE = None if METER is not None else TRACER
"""What traces beside the inputs: nothing where coverage is asked for, to lose no time."""


def _may_open(path: str) -> bool:
    return path.startswith(OPEN) or "/" not in path  # beside the model, in our folder


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _WATCHING[0]:
        return
    if event == "open" and (isinstance(arguments[0], int) or _may_open(str(arguments[0]))):
        return
    if event.split(".")[0] in FORBIDDEN or event in {"os.system", "os.exec", "os.fork", "open"}:
        EVENTS.append(f"{event} {str(arguments)[:120]}")


class TooSlow(Exception):
    """An input took more than its time."""


def _alarm(*_: object) -> None:
    raise TooSlow(f"more than {SLOWEST:g} s")


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Allow an input its two seconds and none of the events."""
    sys.settrace(TRACER)
    signal.signal(signal.SIGPROF, _alarm)
    signal.setitimer(signal.ITIMER_PROF, SLOWEST)  # of the processor: the machine may be busy
    _WATCHING[0] = True
    try:
        yield
    finally:
        _WATCHING[0] = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.settrace(_OUTSIDE)
    if EVENTS:
        first, EVENTS[:] = EVENTS[0], []
        raise AssertionError(first)


def check_words(problems: RangecastError) -> None:
    """Hold every problem to the form of a message."""
    TRIED["refused"] += 1
    for one in problems.problems:
        check_message(one)


def check_message(one: Problem) -> None:
    """Hold a problem to the form of a message."""
    text = str(one)
    assert one.code[:1] in "EW", text
    assert text.isprintable(), text
    assert len(text) < 3_000, text


# ---------------------------------------------------------------------- loader


@functools.cache
def folder() -> Path:
    """Make the folder that files of models and checkpoints lie in, until the end."""
    made = Path(tempfile.mkdtemp(prefix="fuzz-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    for name, content in fuzz_models.FILES.items():
        (made / name).write_bytes(content)
    (made / "drawn.csv").write_bytes(b"a\n1\n")
    (made / "folder.csv").mkdir()
    return made


UNITS = """
kilo- = 1e3 = k-
milli- = 1e-3 = m-
meter = [length] = m = metre
second = [time] = s = sec
kilogram = [mass] = kg
kelvin = [temperature]; offset: 0 = K
degree_Celsius = kelvin; offset: 273.15 = °C = degC
bit = []
byte = 8 * bit
percent = 0.01 = %
minute = 60 * second = min
hour = 60 * minute
day = 24 * hour
year = 365.25 * day
month = year / 12
inch = 0.0254 * meter
mile = 63360 * inch
joule = kilogram * meter ** 2 / second ** 2 = J
watt = joule / second = W
"""
"""So many units in place of all that Pint knows, which take it most of a second to read."""


def _few_units() -> Callable[..., Any]:
    import pint

    registry = pint.UnitRegistry
    return lambda **_: registry(UNITS.strip().split("\n"), cache_folder=None)


_HOWS = ("text",) * 10 + ("file", "file", "windows", "mark", "bytes")
_SOURCES = ("", ".", "folder.csv", "missing.toml", "ai-servers", "ai-server", "-", "a\0b", "x" * 99)
_SETTINGS = (
    "x=2", "x=normal(mean=1, sd=0.1)", "visits=uniform(low=1)", "state=up", "nmae=3", "x", "x=nan",
    "a=1", "which=storm", "x=5 to 7", "growth=3", "b=1", "x=normal(", "x=discrete(values=[1])",
)  # fmt: skip


@st.composite
def models(draw: Any) -> tuple[str, str, bytes, tuple[str, ...], bool]:
    """Draw a model, how it comes, a data file, settings, and whether units are checked."""
    ways = (fuzz_models.lines, fuzz_models.tables, fuzz_models.tables)
    text = draw(draw(st.sampled_from(ways))(FORMULAS))
    how = draw(st.sampled_from(_HOWS)) if draw(st.integers(0, 50)) else draw(_ANY_SOURCE)
    content = draw(fuzz_models.CONTENTS) if "drawn.csv" in text else b""
    settings = draw(_ANY_SETTINGS) if not draw(st.integers(0, 5)) else ()
    return text, how, content, tuple(settings), "unit" in text


_ANY_SOURCE = st.sampled_from(_SOURCES)
_ANY_SETTINGS = st.lists(st.sampled_from(_SETTINGS), max_size=2)


def _document(text: str, how: str) -> documents.Document:
    """Read a model as a text, as a file of some form, or whatever lies under a name."""
    if how == "text":
        found = documents.parse("<text>", text.encode())
        return dataclasses.replace(found, folder=folder())
    if how not in _HOWS:
        stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
        with contextlib.chdir(folder()), _exchanged(sys, "stdin", stdin):
            return documents.read(how)
    return documents.read(str(folder() / "model.toml"))


@contextlib.contextmanager
def _exchanged(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _in_bytes(text: str, how: str) -> bytes:
    """Write a model as editors do."""
    if how == "bytes":
        return text.encode("utf-16" if len(text) % 2 else "latin-1", "replace")
    text = text.replace("\n", "\r\n") if how == "windows" else text
    return ("\ufeff" if how == "mark" else "").encode() + text.encode()


def loader(case: tuple[str, str, bytes, tuple[str, ...], bool]) -> None:
    """A text gives a model that runs, or a refusal; so do its checks, units and cases."""
    text, how, content, settings, has_units = case
    TRIED["inputs"] += 1
    if how in _HOWS[10:]:
        (folder() / "model.toml").write_bytes(_in_bytes(text, how))
    if content:
        (folder() / "drawn.csv").write_bytes(content)
    with watched():
        try:
            document = _document(text, how)
            if how not in _HOWS:
                return  # the shipped models take long
            model = build(document)
            if model.periods is not None and len(model.periods.labels) > 12:
                return  # a run of hundreds of rows and inputs is work, not a hang
            result = rc.simulate(model, scenarios=64, max_failures=1.0)
        except RangecastError as problems:
            check_words(problems)
            return
    TRIED["taken"] += 1
    for name in result.rows:
        if result.count(name):
            assert math.isfinite(result.quantile(name, 0.5)), name
    _look_on(lambda: run_checks(model))
    _look_on(lambda: late_sources(model))
    _look_on(lambda: set_inputs(model, settings))
    cases = [*model.cases][:3]
    for specification in (*cases, "+".join(cases[:2]), "none"):
        _look_on(lambda specification=specification: apply_case(model, specification))
    if has_units:
        import pint

        with _exchanged(pint, "UnitRegistry", _few_units()):
            _look_on(lambda: [check_message(p) for p in rc.check_units(model, document).problems])


def _look_on(action: Callable[[], Any]) -> None:
    """Do what follows on loading: it succeeds or is refused in words."""
    with watched():
        try:
            action()
        except RangecastError as problems:
            check_words(problems)


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


def evaluate(tree: Tree, at: Any) -> Any:
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
    if kind in _LOOKING:
        return _over_time(kind, parts, at)
    values = [evaluate(part, at) for part in parts]
    if kind == "clip":
        return _guarded(np.minimum, _guarded(np.maximum, *values[:2]), values[2])
    if kind in {"<", "<=", ">", ">=", "==", "!="}:
        return _compared(kind, *values)
    if kind in {"and", "or"}:
        return _both(kind, *values)
    if kind == "not":
        return None if values[0] is None else not values[0]
    return _guarded(_FUNCTIONS[kind], *values)


_LOOKING = {"previous", "cumulative", "compound", "total", "at"}
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
    if len(texts) == 2 and kind not in {"min", "max", *_LOOKING}:
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


def _inner(inner: Any) -> Any:
    """Operations over numbers."""
    return st.one_of(
        st.tuples(st.sampled_from(("+", "-", "*", "/", "**", "min", "max")), inner, inner),
        st.tuples(
            st.sampled_from(
                ("neg", "abs", "sqrt", "exp", "log", "log10", "floor", "ceil", "round")
            ),
            inner,
        ),
        st.tuples(st.just("where"), _conditions(inner), inner, inner),
        st.tuples(st.just("clip"), inner, inner, inner),
    )


def _inner_over_time(inner: Any) -> Any:
    """The same, and what looks at other periods."""
    year = st.sampled_from(("2024", "2025", "2026", "2031")).map(lambda n: ("number", n))
    return st.one_of(
        _inner(inner),
        st.tuples(st.sampled_from(("previous", "compound")), inner, inner),
        st.tuples(st.sampled_from(("cumulative", "total")), inner),
        st.tuples(st.just("at"), inner, st.one_of(year, year, inner)),
    )


TREES = st.recursive(LEAVES, _inner, max_leaves=12)
YEARS = (2024.0, 2025.0, 2026.0)
QUANTITIES = ("a", "b", "c")
_REFERRING = st.one_of(
    LEAVES,
    st.sampled_from((*QUANTITIES, "t", "year", "p", "nmae")).map(lambda name: ("name", name)),
)
SYSTEMS = st.tuples(
    st.booleans(),
    st.dictionaries(
        st.sampled_from(QUANTITIES),
        st.recursive(_REFERRING, _inner_over_time, max_leaves=5),
        min_size=1,
    ),
)
"""Whether there are periods, and formulas that may refer to each other."""
FORMULAS = TREES.map(written)
_TOKENS = (
    "x y q ( ) , + - * / ** < == and not where( log( max( 1 1e5 .5 1..2 _ [ lambda for ; % 10% = ^"
    " np.exp(x) math.log numpy x.mean() 3x 1j 1_0 1e400 1,000 if else ! != >= − × ² ≤ “ { } sqr("
    " random() previous( at( clip( t year True None x[0] f(x) is in ' \" ｘ \u202e é \n # @ :="
    " __class__ . .x 50,000 & | ~ // sum( in( 9x1"
)
TOKENS = st.sampled_from([*_TOKENS.split(" "), "1" * 400, "(" * 150, "\0"])
INSERTED = st.tuples(FORMULAS, TOKENS, st.integers(0, 60)).map(
    lambda parts: parts[0][: parts[2]] + parts[1] + parts[0][parts[2] :]
)
GARBAGE = st.lists(TOKENS, max_size=14).map(" ".join) | INSERTED | st.text(max_size=40)
POINTS = {
    "x": np.array([0.0, -1.5, 2.0, 1e200, 0.3]),
    "y": np.array([-0.0, 3.0, 0.5, -1e-200, 2.0]),
    "z": np.array([1.0, 0.0, -2.0, 7.0, 1e-5]),
    **{f"p[{y:g}]": np.array([0.5, 1.0, -1.0, 2.0, y]) for y in YEARS},
}


class Moment(dict[str, float]):
    """Values of one scenario in one period: of inputs, of the clock, and of formulas."""

    def __init__(self, trees: Mapping[str, Tree], inputs: Mapping[str, float], k: int) -> None:
        super().__init__(inputs)
        self |= {"t": float(k), "year": YEARS[k], "p": inputs.get(f"p[{YEARS[k]:g}]", math.nan)}
        self.trees, self.inputs, self.k = trees, inputs, k

    def __missing__(self, name: str) -> float:
        self[name] = _number(evaluate(self.trees[name], self))
        return self[name]

    def moved(self, k: int) -> Moment:
        """Give another period."""
        return Moment(self.trees, self.inputs, k)


def _over_time(kind: str, parts: list[Tree], at: Any) -> float:
    """Evaluate what looks at other periods."""
    if kind == "previous":
        return _number(evaluate(parts[0], at.moved(at.k - 1)) if at.k else evaluate(parts[1], at))
    if kind == "at":
        return _number(evaluate(parts[0], at.moved(YEARS.index(float(parts[1][1])))))
    last = len(YEARS) - 1 if kind == "total" else at.k
    found = _number(evaluate(parts[0], at.moved(0)))
    for k in range(1, last + 1):
        if kind == "compound":
            rate = _guarded(np.add, 1.0, evaluate(parts[1], at.moved(k)))
            found = _guarded(np.multiply, found, rate)
        else:
            found = _guarded(np.add, found, evaluate(parts[0], at.moved(k)))
    return found


def formula(case: Tree | str) -> None:
    """A text is refused or computes; a tree computes what plain Python computes."""
    TRIED["inputs"] += 1
    is_system = isinstance(case, tuple) and isinstance(case[0], bool)
    trees = case[1] if is_system else {"y_": case}
    texts = {n: t if isinstance(t, str) else written(t) for n, t in trees.items()}
    with watched():
        try:
            roots = {name: parse(text) for name, text in texts.items()}
            found = _computed(roots, is_system and case[0])
        except FormulaError as refusal:
            TRIED["refused"] += 1
            TRIED["letters"] += len(str(refusal))
            return
        for name, text in texts.items():
            new = parse(rename(text, {"x": "other"}))
            used = ["other" if one == "x" else one for one, _ in names(roots[name])]
            assert [one for one, _ in names(new)] == used, text
    TRIED["taken"] += 1
    if isinstance(case, str):
        return
    whole_text = " ".join(texts.values())
    for row, values in found.items():
        name, _, label = row.partition("[")
        k = YEARS.index(float(label[:-1])) if label else 0
        if name in trees:
            for scenario, value in enumerate(np.broadcast_to(values, 5).tolist()):
                inputs = {one: float(column[scenario]) for one, column in POINTS.items()}
                wanted = _number(evaluate(trees[name], Moment(trees, inputs, k)))
                _compare(whole_text, row, value, wanted)


def _computed(roots: Mapping[str, Node], has_periods: bool) -> Mapping[str, Any]:
    """Compute formulas as models do, over periods or without, and ask what spoils a scenario."""
    timeless = [] if has_periods else refuse_time(roots)
    unrolled, problems = unroll(roots, [f"{y:g}" for y in YEARS], YEARS, ["p"] * has_periods)
    trees = unrolled.trees if has_periods else roots
    for _, problem in (*timeless, *problems * has_periods):
        raise problem
    inputs = [one for one in POINTS if has_periods or "[" not in one]
    program = compile_program(trees, list(trees), dict.fromkeys(inputs, ROWS), {})
    found = program.evaluate({one: POINTS[one] for one in inputs})
    scenario = next((k for v in found.values() for k in np.flatnonzero(~np.isfinite(v))), None)
    if scenario is not None and len(POINTS["x"]) > scenario:
        row = {one: float(POINTS[one][scenario]) for one in inputs}
        assert blame(trees, {}, row), trees
    return found


def _compare(text: str, row: str, value: float, wanted: float) -> None:
    same = value == wanted or (math.isnan(value) and math.isnan(wanted))
    # NumPy's loops over arrays may round exp, log and powers otherwise than over one number
    near = math.isfinite(wanted) and abs(value - wanted) <= 1e-9 * abs(wanted)
    assert same or near or _is_delicate(text), (text, row, value, wanted)


def _is_delicate(text: str) -> bool:
    """Whether a last digit may decide: what follows a rounded function is compared or rounded."""
    rounded = any(word in text for word in ("exp(", "log(", "log10(", "**", "sqrt("))
    return rounded and any(
        word in text for word in ("where(", "floor(", "ceil(", "round(", " - ", " + ", "**")
    )


# ---------------------------------------------------------------------- checkpoints


def a_checkpoint() -> bytes:
    """Make the checkpoint of a short run."""
    model = rc.loads(whole(""))
    kept: list[bytes] = []
    encode = checkpoint.encode

    def keep(stored: checkpoint.Stored) -> bytes:
        kept.append(encode(stored))
        return kept[-1]

    with tempfile.TemporaryDirectory() as place, _exchanged(checkpoint, "encode", keep):
        state = checkpoint.Checkpoint(Path(place) / "state", every=0.0, first=0.0)
        rc.simulate(model, scenarios=70_000, checkpoint=state)
    return kept[len(kept) // 2]


def _sealed(body: bytes) -> bytes:
    """Put the right checksum behind contents."""
    return body + checkpoint.hashlib.blake2b(body, digest_size=checkpoint._CHECKSUM).digest()


_VALUES = (
    None, True, 0, -1, 3, 2.5, 1e308, 2**70, "", "random", "<f8", "|O", "<i8", "<U3", [], [1], [-1],
    [2, 2], [10**9, 10**9], {}, {"seed": 1}, "\u202e", float("nan"), 70_000, 1024, 7, 10**400,
)  # fmt: skip


@st.composite
def headers(draw: Any) -> bytes:
    """Change what the header of a checkpoint says, or give it arrays of other kinds."""
    stored = checkpoint.decode(SAVED, "state")
    if draw(st.booleans()):
        counts = np.zeros(2_000, draw(st.sampled_from(("i8", "i4", "u2"))))
        counts[draw(st.lists(st.integers(0, 1999), max_size=5))] = 3
        kinds = st.sampled_from(("f8", "f4", "?", "i2", "c16", "U2", ">f8"))
        arrays = {"counts": counts, "others": np.ones(3, draw(kinds)), **stored.arrays}
        key = dict(stored.key)
        if not draw(st.integers(0, 3)):
            key[draw(st.sampled_from([*key, "new"]))] = draw(st.sampled_from(_VALUES))
        stored = dataclasses.replace(stored, arrays=arrays, key=key)
    content = checkpoint.encode(stored)[: -checkpoint._CHECKSUM]
    start = content.index(b"\n") + 9
    length = int.from_bytes(content[start - 8 : start], "little")
    header, rest = json.loads(content[start : start + length]), content[start + length :]
    for _ in range(draw(st.integers(0, 2))):
        at: Any = header
        while True:
            key = draw(st.sampled_from([*at] if isinstance(at, dict) else range(len(at))))
            if not isinstance(at[key], dict | list) or not at[key] or not draw(st.integers(0, 4)):
                break
            at = at[key]
        at[key] = copy.deepcopy(draw(st.sampled_from(_VALUES)))
        if isinstance(at, dict) and draw(st.booleans()):
            del at[key]
        if not header:
            break
    text = json.dumps(header).encode()
    return _sealed(content[: start - 8] + len(text).to_bytes(8, "little") + text + rest)


@st.composite
def damaged(draw: Any) -> bytes:
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
        return _sealed(bytes(content[: -checkpoint._CHECKSUM]))
    return bytes(content)


_FORMS = ("file", "file", "file", "file", "rounds", "save", "full", "link", "folder", "none")
CHANGES = st.tuples(damaged() | headers() | st.just(b""), st.sampled_from(_FORMS))
"""What is read, and what lies in its place."""


def checkpoints(case: tuple[bytes, str]) -> None:
    """What was not saved by a run is refused, or holds tables and arrays all the same."""
    content, form = case
    TRIED["inputs"] += 1
    path = _put(content, form)
    _resume(path, content, form)
    with watched():
        try:
            stored = checkpoint.load(path) if len(content) % 2 else checkpoint.decode(content, "")
        except FileError as problems:
            check_words(problems)
            return
    TRIED["taken"] += 1
    assert isinstance(stored.key, dict)
    assert all(isinstance(array, np.ndarray) for array in stored.arrays.values())
    again = checkpoint.decode(checkpoint.encode(stored), "again")
    assert json.dumps(again.key) == json.dumps(stored.key)
    for name, array in stored.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], array)
    if content != SAVED:  # its checksum was made right: nothing but the contents can tell
        with watched():
            try:
                checkpoint.check_same_run(stored, checkpoint.decode(SAVED, "state").key, "state")
            except FileError as problems:
                check_words(problems)


def _put(content: bytes, form: str) -> Path:
    """Lay a checkpoint, or something else, where a run would look for it."""
    path = folder() / "state"
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
    if form == "folder":
        path.mkdir()
    elif form == "link":
        path.symlink_to(folder() / "good.csv")
    elif form != "none":
        path.write_bytes(content)
    return path


def _resume(path: Path, content: bytes, form: str) -> None:
    """Let a run take up what lies there, and go on where it may."""
    stored = checkpoint.decode(SAVED, "state")
    place = checkpoint.Checkpoint(path, every=0.0, first=0.0)
    saver = place.saver({**stored.key, "scenarios": 70_000 if form == "file" else 69_000}, True)
    if form == "file":
        saver = place.saver(stored.key)
    write = _full if form == "full" else _write_plainly
    with watched(), _exchanged(checkpoint, "write_whole", write):
        try:
            found = saver.resume()
            if form in {"save", "full"} and saver.has_begun() and saver.is_due():
                saver.written = len(content) % 2
                saver.save(stored.state, stored.arrays)
        except RangecastError as problems:
            check_words(problems)
        else:
            assert found is None or found.key == saver.key
        finally:
            saver.close()


def _write_plainly(path: Path, content: bytes) -> None:
    path.write_bytes(content)  # without waiting for the disk


def _full(path: Path, content: bytes) -> None:
    raise FileError(Problem("E801", "", "cannot write: no space left", file=str(path)))


SAVED = a_checkpoint()
TARGETS: dict[str, tuple[Any, Callable[[Any], None]]] = {
    "loader": (models(), loader),
    "formula": (TREES | GARBAGE | SYSTEMS, formula),
    "checkpoint": (CHANGES, checkpoints),
}


@functools.cache
def warm_up(name: str) -> None:
    """Import what a target imports at first use, before anybody watches."""
    for codec in ("unicode_escape", "idna", "punycode", "utf-16", "latin-1"):
        "a".encode(codec)
    for content in (SAVED, SAVED[:-1], b""):
        with contextlib.suppress(FileError):
            checkpoint.check_same_run(checkpoint.decode(content, ""), {"environment": {}}, "")
    if name == "loader":
        texts = [*fuzz_models.GOOD, *fuzz_models.BAD[::3]]
        cases = [(text, "text", b"", _SETTINGS[k % 14 :][:2], True) for k, text in enumerate(texts)]
        cases += [(texts[0], how, b"", (), False) for how in (*_HOWS[10:], *_SOURCES)]
        before = dict(TRIED)
        for case in cases:
            with contextlib.suppress(AssertionError):  # it imports what it needs
                loader(case)
        TRIED.update(before)


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
    parser.add_argument("--inputs", type=int, default=None, help="end after so many inputs")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--coverage", action="store_true", help="say which branches were taken")
    given_ = parser.parse_args()
    seed = int(time.time()) if given_.seed is None else given_.seed
    first, started = seed, time.monotonic()

    def goes_on() -> bool:
        if given_.inputs is not None:
            return TRIED["inputs"] < given_.inputs
        return time.monotonic() - started < 60 * given_.minutes

    while goes_on():
        left = 2_000 if given_.inputs is None else given_.inputs - TRIED["inputs"]
        try:
            attack(given_.target, min(left, 2_000), seed)
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
    if METER is not None:
        sys.settrace(TRACER)
        METER.stop()
        METER.report(show_missing=True)
    return 0


sys.addaudithook(_hook)
if __name__ == "__main__":
    sys.exit(main())
