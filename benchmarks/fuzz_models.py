"""Models for the fuzzer to change: good ones of every part, bad ones, and the data files they name.

`tables` changes them as data, guided by the kinds of keys and their meanings; `lines` as text.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from rangecast.distributions import examples, registry
from rangecast.engine.code_examples import EXAMPLES, whole
from rangecast.engine.model import shape
from rangecast.engine.model.meanings import MEANINGS

from rangecast.cli.new import STARTER

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = (*registry.FAMILIES, "mixture", "data", "conditional", "categorical", "2 to 5", "nomral")
LONGEST = 5_000
"""Characters of a seed."""

# ---------------------------------------------------------------------- seeds

TIME = """
[time]
start = 2024
periods = 3
outputs = ["stock"]
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
[inputs.d]
dist = "uniform"
low = 1
high = 2
per_period = "independent"
[quantities.stock]
formula = "previous(stock, 1) * 0.9 + a"
[outputs.y]
formula = "total(stock) + where(c > 1, c, 0) + d"
[outputs.z]
formula = "at(stock, 2025) / max(a, 1)"
[cases.high]
inputs.b = 1
[[checks]]
output = "stock[2025]"
stated = 3
[[correlations]]
among = ["b", "c"]
spearman = 0.2
[tables.t]
output = "z[2024]"
rows = {name = "b", values = [0, 1]}
columns = {name = "c", values = [1, 2]}
[run]
scenarios = 100
"""
PARTS = """
format = 1
[model]
title = "Parts"
title_zh = "部分"
as_of = 2025-06-30
[units]
server = "base"
visit = "base"
batch = "1000 visit"
[units_zh]
server = "台"
[inputs.visits]
dist = "lognormal"
p10 = 2
p90 = 9
unit = "batch/day"
source = ["survey"]
basis = "report"
[inputs.rate]
value = 3000
unit = "visit/day/server"
[inputs.growth]
dist = "normal"
mean = 1
sd = 0.1
min = 0
factor = 2
shift = 1
base = 1
round = true
[inputs.twin]
same_as = "growth"
label = "the same"
[inputs.share]
dist = "beta"
a = 2
b = 3
unit = "%"
label_zh = "份额"
[quantities.need]
formula = "visits * growth / rate"
unit = "server"
[outputs.servers]
formula = "ceil(need + need * twin * share)"
unit = "server"
headline = "we need {range} servers"
headline_zh = "需要{range}台"
[outputs.rent]
formula = "servers * 3"
[cases.low]
label = "Low"
as_of = 2024-01-01
inputs = {visits = 2, growth = {dist = "uniform", low = 1, high = 2, unit = "1", base = 1.5}}
[cases.lower]
extends = "low"
inputs = {share = {label = "other", source = "survey"}, twin = {same_as = "visits"}}
outputs = {rent = "servers * 2"}
[cases.fixed]
inputs = "base"
quantities = {need = "visits / rate * 2"}
[groups.demand]
inputs = ["visits", "growth"]
[[correlations]]
among = "demand"
kendall = 0.3
[[correlations]]
between = ["visits", "share"]
spearman = -0.2
[dependence]
copula = "t"
df = 4
repair = "nearest"
[[checks]]
output = "need"
case = "low"
equals = 1
source = "survey"
[tables.t]
output = "servers"
rows = {name = "visits", values = [1, 2]}
columns = {name = "need", values = [1, 2]}
statistic = ["base", "p10", "mean"]
mark = "diagonal"
case = "low"
[decisions.d]
alternatives = ["servers", "rent"]
goal = "min"
[[outcomes]]
name = "o1"
output = "servers"
date = 2025-01-31
value = 5
p5 = 4
p95 = 6
unit = "server"
reading = "level"
source = "survey"
[backtest]
cases = ["low"]
[sources.survey]
title = "Survey"
date = 2025-09-30
[run]
cases = ["low+lower"]
outputs = ["servers"]
scenarios = 1000
seed = 7
design = "sobol"
max_failures = 0.5
"""
CHOICES = """
[inputs.which]
dist = "categorical"
cases = ["calm", "storm"]
weights = [0.7, 0.3]
[inputs.state]
dist = "categorical"
values = ["up", "down"]
weights = [1, 1]
base = "down"
[inputs.dice]
dist = "discrete"
values = [1, 2, 5]
weights = [1, 2, 3]
[inputs.x]
dist = "conditional"
on = "state"
given = [
  {when = "up", dist = "normal", mean = 1, sd = 1, round = true},
  {when = "down", dist = "triangular", low = 0, mode = 1, high = 3},
]
[inputs.w]
dist = "conditional"
on = "dice"
given = [{when = [1, 2], value = 4}, {when = 5, dist = "uniform", low = 1, high = 2}]
[inputs.v]
dist = "uniform"
low = 0
high = 1
[quantities.q]
formula = "x * 2"
[outputs.y]
formula = "q + v * w + state"
[cases.calm]
inputs = {v = 0.5}
[cases.storm]
extends = "calm"
inputs = {v = {dist = "uniform", low = 3, high = 4}}
quantities = {q = "x * 3"}
[cases.down]
inputs = {state = 1, dice = {dist = "discrete", values = [1, 2], weights = [1, 1]}}
"""
MONTHS = """
[time]
start = "2024-11"
end = "2025-02"
[inputs.a]
dist = "normal"
mean = 1
sd = 1
per_period = "independent"
unit = "widget/month"
[inputs.r]
value = 0.01
unit = "1"
[outputs.sum]
formula = "cumulative(a) + compound(1, r) * t + year"
[outputs.last]
formula = "at(sum, 2025) ** 2 + sqrt(total(a))"
[[outcomes]]
name = "o"
output = "sum"
date = 2025-01-31
value = 3
[cases.c]
outputs = {sum = "cumulative(a)", last = "total(sum)"}
"""
UNITS = """
[units]
server = "base"
visit = "base"
batch = "1000 visit"
"万次" = "1e4 visit"
[inputs.visits]
dist = "uniform"
low = 1
high = 2
unit = "batch/day"
[inputs.hours]
value = 24
unit = "hour/day"
[inputs.length]
value = 3
unit = "km"
[inputs.share]
value = 0.5
unit = "%"
[inputs.bare]
value = 2
[quantities.a]
formula = "where(visits > 0, visits, 0) * share + min(visits, visits * 2)"
unit = "visit/day"
[quantities.b]
formula = "sqrt(length * length) + length ** 2 / length + abs(-length) + (length ** -1) ** -1"
unit = "m"
[quantities.e]
formula = "exp(bare) + log(share) + 2 ** bare + bare ** hours + 0 * length"
[outputs.y]
formula = "a * 86400 + bare"
unit = "visit"
[[outcomes]]
name = "o"
output = "y"
date = 2025-01-31
value = 3
unit = "batch"
[cases.k]
inputs = {length = {value = 4, unit = "mile"}, visits = {value = 3, unit = "visit/s"}}
quantities = {b = "length * 2"}
"""
DATA = """
[inputs.x]
dist = "data"
file = "good.csv"
column = "visits"
[inputs.z]
dist = "data"
file = "one.csv"
method = "smoothed"
factor = 2
min = 0
[inputs.w]
dist = "data"
file = "counts.tsv"
column = "n"
method = "fitted"
family = "poisson"
[inputs.u]
dist = "data"
file = "semi.csv"
column = "b"
method = "fitted"
family = "lognormal"
round = true
[inputs.k]
dist = "data"
file = "drawn.csv"
column = "a"
[outputs.y]
formula = "x + z * w + u + k"
"""
_NUMBERS = "\n".join(str(1 + k * 37 % 23 / 4) for k in range(40))
FILES: Mapping[str, bytes] = {
    "good.csv": ("visits,note\n" + _NUMBERS.replace("\n", ",a\n") + ",b\n").encode(),
    "one.csv": _NUMBERS.encode(),
    "counts.tsv": b"n\tm\r\n" + b"\r\n".join(b"%d\t1" % (k % 5) for k in range(30)),
    "semi.csv": ("\ufeffa;b\n" + _NUMBERS.replace("\n", ";2\n") + ";3\n").encode(),
    "equal.csv": b"x\n3\n3\n3\n",
    "few.csv": b"x\r1\r2\r",
    "empty.csv": b"\n",
    "header.csv": b"x\n",
    "latin.csv": "x\n1\ncafé\n".encode("latin-1"),
    "nul.csv": b"x\n1\n\0\n",
    "blank.csv": b"\n1\n2\n",
    "bare.csv": b"1,2\n3,4\n",
    "twice.csv": b"x,x\n1,2\n",
    "quote.csv": b'x\n1\n"2\n',
    "begin.csv": b'"x\n1\n',
    "ragged.csv": b"x,y\n1,2\n3\n",
    "cells.csv": b'x,y\n5%,1\n"1,5",2\n,3\nabc,4\ninf,5\n"1,000",6\n1 000,7\nnan,8\n',
    "broken.csv": b'x,y\nabc,1\n2,"3\n',
    "wide.csv": ",".join(f"c{k}" for k in range(20)).encode() + b"\n" + b"1," * 19 + b"1\n",
}
"""Data files beside the models; `folder.csv` is a folder, and drawn.csv holds what is drawn."""
FILE_NAMES = (
    *FILES, "folder.csv", "drawn.csv", "missing.csv", "godo.csv", "../good.csv", "/etc/passwd",
    "C:\\x.csv", "", ".", "a\0b", "x" * 300, "folder.csv/none.csv",
)  # fmt: skip
WHOLE = (TIME, PARTS, CHOICES, MONTHS, UNITS, DATA)


def toml(value: Any) -> str:
    """Write a value as TOML has it, within a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {toml(one)}" for k, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(word: str) -> str:
    return word if re.fullmatch(r"[A-Za-z0-9_-]+", word) else toml(word)


def document(data: Mapping[str, Any]) -> str:
    """Write a whole model, its tables under headings."""
    plain, headed = [], []
    for section, value in data.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            for row in value:
                headed += [f"[[{_key(section)}]]", *_pairs(row)]
        elif isinstance(value, dict) and all(isinstance(row, dict) for row in value.values()):
            headed += [] if value else [f"[{_key(section)}]"]
            for name, row in value.items():
                headed += [f"[{_key(section)}.{_key(name)}]", *_pairs(row)]
        elif isinstance(value, dict):
            headed += [f"[{_key(section)}]", *_pairs(value)]
        else:
            plain.append(f"{_key(section)} = {toml(value)}")
    return "\n".join([*plain, *headed]) + "\n"


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {toml(value)}" for key, value in table.items()]


def _seeds() -> tuple[list[str], list[str]]:
    """Good models of every family and part; examples of codes, and bad inputs."""
    good = [STARTER, *WHOLE, TIME.replace("[time]", '[dependence]\ncopula = "t"\ndf = 4\n[time]')]
    for name, parameters in examples.EXAMPLES.items():
        lines = [f"{key} = {toml(value)}" for key, value in parameters.items()]
        good.append(
            whole("\n".join(["[inputs.x]", f'dist = "{name}"', *lines, 'unit = "1"']) + "\n")
        )
    bad = [whole(e.text) for e in EXAMPLES.values() if e.kind in {"model", "check"}]
    table = tomllib.loads((ROOT / "tests/data/bad_inputs.toml").read_text(encoding="utf-8"))
    bad += [case["snippet"] for case in table["case"] if len(case.get("snippet", "")) > 20]
    return good, [text for text in bad if len(text) < LONGEST]


GOOD, BAD = _seeds()
SEEDS = [*GOOD * 8, *BAD]
"""Most changes make a model bad: begin with good ones."""

# ---------------------------------------------------------------------- lines

EXTREME = ("0", "-0.0", "1e308", "1e400", "-1e-320", "nan", "inf", "-inf", "1e999999", "9" * 25)
MILD = ("0", "1", "2", "3", "5", "0.1", "0.5", "0.9", "10", "-1", "100", "1e6", "1e-6")
ODD = ('""', '"\\u202e"', "'''", "[]", "{}", "[[", "]]", "=", ".", "\t", "é", "服务器", "#",
    "[" * 60,
    "9" * 500, "a" * 500, ".".join("a" * 40), "'''x'''", "1979-05-27 07:32:00", "\\",
)  # fmt: skip
WORDS = [
    *sorted({key for keys in MEANINGS.values() for key in keys}),
    "mean", "sd", "low", "high", "mode", "p10", "p50", "p90", "of", "given", "on", "when",
    "components", "weight", "weights", "values", "file", "column", "method", "family",
]  # fmt: skip


def _changed(draw: Any, lines: list[str], k: int, formulas: Any) -> None:
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
        [f'formula = "{draw(formulas)}"'],
        [f'dist = "{draw(st.sampled_from(FAMILIES))}"'],
        [f"{head}= {draw(st.sampled_from(MILD))}" if re.match(r" *[-\d.]+ *$", rest) else line],
    )[how]


@st.composite
def lines(draw: Any, formulas: Any) -> str:
    """Change the text of a model in a few places."""
    found = draw(st.sampled_from(SEEDS)).split("\n")
    for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2, 3, 6)))):
        _changed(draw, found, draw(st.integers(0, len(found) - 1)), formulas)
        found = found or [""]
    return "\n".join(found)


# ---------------------------------------------------------------------- tables

_SECTIONS = {
    "model": "model", "inputs": "input", "quantities": "quantity", "outputs": "output",
    "correlations": "correlation", "dependence": "dependence", "cases": "case", "run": "run",
    "checks": "check", "tables": "table", "time": "time", "outcomes": "outcome",
    "decisions": "decision", "groups": "group", "backtest": "backtest", "sources": "source",
}  # fmt: skip
_WRONG: tuple[Any, ...] = (
    True, "", "x", "nmae", "long" * 30, 1.5, -1, 0, 3, 1e308, 10**400, 2**53 + 1, float("nan"),
    float("inf"), [], {}, ["a"], ["a", "a"], [1, "a"], [[1]], [{}], {"a": 1}, "{range}", "1_0%",
    dt.date(2024, 2, 29), dt.datetime(2024, 1, 1), "2024Q3", "2025-13", "2024-05", 2024,
    "base", "p0", "p12.5", "stock[2025]", "stock[1999]", "stock", "low+high", "servers and more",
    "nearest", "t", "sobol", "constant", "independent", "autocorrelated", "categorical",
    {"value": 1}, {"name": "x", "values": [1, float("inf"), "a"]}, list(range(60)),
    {"dist": "uniform", "low": 1, "high": 2}, {"same_as": "x"}, "a" * 33_000,
)  # fmt: skip
_NAMES = (
    "x", "a", "unit price", "_a", "1a", "max", "prісe", "ｘ", "a\u200b", "", "年", "X", "Visits",
    "a+b", "a-b", "t", "lambda", "y" * 101, "a.b", "aé",
)  # fmt: skip
_UNITS = (
    "1", "%", "visit/day", "visit", "batch", "server", "km", "m**2", "m**0.5", "kg*m/s**2",
    "1/year", "widget", "degC", "m**(", "(", "m*", "1e3", "万visit", "visit·day", "m**1e400",
    "delta_degC",
    "m/0", "visit/visit", "hour", "mile", "year", "%/year", "9", "m m", "base", "3 visit",
    "0 visit",
)  # fmt: skip
_NEW: dict[str, tuple[dict[str, Any], ...]] = {
    "inputs": (
        {"value": 1}, {"same_as": "x"}, {"dist": "2 to 5"},
        {"dist": "bernoulli", "p": 0.5}, {"dist": "uniform", "low": 1, "high": 2},
        {"dist": "conditional", "on": "b", "given": [{"when": 0, "value": 1}]},
        {"dist": "categorical", "values": ["up", "down"], "weights": [1, 2]},
        {"dist": "categorical", "cases": ["low", "high"], "weights": [1, 2]},
        {"dist": "data", "file": "good.csv", "column": "visits"},
        {"dist": "gamma", "shape": 1e-5, "scale": 1},
        {"dist": "discrete", "values": [1, 2, 1, 1], "weights": [1, 1, 2, 1]},
        {"dist": "mixture", "components": [{"weight": 1, "dist": "uniform", "low": 1, "high": 2}]},
        {"dist": "lognormal", "p10": 10, "p50": 60, "p90": 90},
        {"dist": "uniform", "low": 1, "high": 2**53 + 1},
    ),
    "cases": ({}, {"inputs": "base"}, {"extends": "low"}, {"inputs": {"x": 1}}),
}  # fmt: skip


def _example(text: str) -> Any:
    return tomllib.loads(f"v = {text}")["v"]


_RIGHT: dict[tuple[str, str], tuple[Any, ...]] = {
    (kind, key): (*((_example(one.example),) if one.example else ()), *one.allowed)
    for kind, keys in MEANINGS.items()
    for key, one in keys.items()
}
_INF, _NAN, _HUGE = float("inf"), float("nan"), 10**400
_LAW = {"dist": "uniform", "low": 1, "high": 2}
_MISSES = {"dist": "lognormal", "p10": 1, "p50": 8, "p90": 9}
_NEAR: dict[str, tuple[Any, ...]] = {
    "format": (2,), "headline": ("no place", "{range} {x}"), "basis": ("guess", 1),
    "source": ("survey", "nmae", ["survey", "nmae"]), "date": ("2024-09", "soon", "2024-13-01"),
    "between": (
        ["visits", "visits"], ["visits", "nmae"], ["visits", "twin"], ["rate", "visits"],
        ["a", "b"], ["b", "a"], ["visits"], "visits", [1, 2], ["visits", "growth"], ["x", "w"],
    ),
    "among": ("demand", "nmae", ["visits"], ["visits", "share", "growth"], ["b", "c"], 3),
    **dict.fromkeys(("spearman", "kendall", "pearson"), (1.2, _NAN, -1, _HUGE, -_INF, 0.5)),
    "copula": ("clayton", "gaussian"), "df": (0.5, 1e6, _NAN), "repair": ("none",),
    "on": ("state", "dice", "x", "w", "nmae", "a", "b", "d", "which", "v"),
    "given": (
        [], [1], [{"when": 0}], [{"value": 1}], [{"when": [], "value": 1}], [{"when": True}],
        [{"when": "up", "value": "x"}, {"when": "down", "dist": "nomral"}],
        [{"when": ["up", "sideways"], "value": 1}, {"when": "down", "value": 2}],
        [{"when": [0, 1], **_MISSES}, {"when": "down", "value": 2, "low": 1}],
        [{"when": "up", "value": 4}, {"when": "down", "value": 4}], [{"when": 1, **_LAW}] * 60,
        [{"when": "up", "dist": "discrete", "values": [3], "weights": [1]}, {"when": 1, **_LAW}],
        [{"when": [0, 1, 2, 5, "up", "down"], **_LAW}],
    ),
    "when": (0, 1, 2, 5, "up", "down", [], [1, 2], "sideways", True, _NAN, [0, 1]),
    "cases": (
        ["low", "lower"], ["calm", "calm"], ["calm"], ["nmae", "calm"], ["down", "storm"],
        ["calm", "storm"], ["fixed", "low"], [1, 2], "low", ["low+nmae"], ["low + lower"],
    ),
    "values": (
        ["up", "down", "left"], ["up", "up"], [1, 1, 2], [], [1, "a", True], [1, _INF], [_HUGE],
        list(range(60)), [2**53 + 1, 1], ["up", ""],
    ),
    "weights": ([1], [1, 1], [-1, 2], ["a", 1], [0, 0], [0, 1], [1e-14, 1], [1, 1, 1]),
    "inputs": (
        [], ["twin"], ["visits", "visits"], ["nmae"], [1], ["visits"], "base", "bas", 3,
        {"nmae": 1}, {"x": True}, {"visits": {"same_as": "nmae"}}, {"visits": {"same_as": "twin"}},
        {"visits": {"same_as": "growth"}}, {"visits": {"label": "l", "unit": "km"}},
        {"visits": _MISSES, "share": {"dist": "nomral"}}, {"which": 1}, {"x": 1, "w": _LAW},
        {"growth": {"base": 2}, "twin": _LAW}, {"a": {**_LAW, "per_period": "independent"}},
    ),
    "quantities": ({"need": "1 / 0"}, {"nmae": "1"}, {"need": 3}, {"need": "servers"}, {"q": "v"}),
    "outputs": (
        {"servers": "rent"}, {"y": "y"}, {"servers": "visits +"}, {"y": "nmae"}, "stock", "nmae",
        ["stock", "a"], ["need"], [1], ["servers"], {"rent": "need"}, {"sum": "total(a) + t"},
    ),
    "alternatives": (["servers"], ["servers"] * 2, ["servers", "nmae"], [1, 2], ["need", "rent"]),
    "goal": ("mni",), "statistic": ("p0", "p99.9", ["mean", "median"], "sd"), "mark": ("diag",),
    **dict.fromkeys(
        ("rows", "columns"),
        (
            {"name": "nmae", "values": [1]}, {"name": "visits", "values": []}, {"name": "visits"},
            {"name": "visits", "values": ["a", _INF, _NAN, 1, _HUGE, True]},
            {"name": "servers", "values": [1]}, {"name": "growth", "values": list(range(60))},
        ),
    ),
    "reading": ("both",), "p5": (9, 4), "p95": (1, 6),
    "start": ("2024Q3", "2024-05", dt.date(2024, 2, 29), "May", 2024.5, True, 99999),
    "end": ("2025Q1", "2025-13", 2023, 2026, "2024-12", "2025-04", 2**70, True),
    "periods": (0, 2_000, 5, 1.5, _HUGE), "per_period": ("daily", "independent"),
    "autocorrelation": (0.5, 1, -0.5, _NAN), "design": ("sobl", "lhs"),
    "extends": ("low", "lower", "fixed", "nmae", "storm", "calm", "high"),
    "scenarios": (0, 10**30, 1.5, 100), "seed": (-1, 2**300, 2.0), "max_failures": (2, -1, _NAN),
    "method": ("fitted", "smoothed", "emprical", 1), "column": ("a", "b", "n", "nmae", "", 3),
    "family": ("normal", "beta", "poisson", "nomral", "mixture", "binomial", "gamma", "geometric"),
    "case": ("low", "nmae", "low+nmae", "low+lower", "high"),
    "output": ("servers", "nmae", "stock", "stock[2025]", "stock[1999]", "need", "sum", "y"),
    "equals": (0, 1, _NAN), "same_as": ("twin", "nmae", "growth", "a", "rate", "x", "b"),
    "base": ("down", "left", 1, _INF), "dist": FAMILIES, "name": ("o", "a", "nmae", "t"),
    "as_of": ("2024", dt.date(2020, 1, 1)), "value": (True, "1", _HUGE), "low": (_INF, "a"),
    **dict.fromkeys(("min", "max", "factor", "shift"), (0, 1, 100, -1, "a", _NAN)),
}  # fmt: skip
"""Values of keys that are right in some models, or nearly so."""
_MILD = tuple(_example(one) for one in MILD)
_PARSED = [tomllib.loads(text) for text in GOOD]
_PARSED = [*_PARSED[1:7] * 12, *_PARSED]


def _tables_in(data: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every table of a model with its kind; those within it, too."""
    found: list[tuple[str, dict[str, Any]]] = []
    for section, value in data.items():
        kind = _SECTIONS.get(section, "")
        rows = [*value.values()] if isinstance(value, dict) else value
        rows = [value] if kind in {"model", "dependence", "run", "time", "backtest"} else rows
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict):
                found.append((kind, row))
                inner = row.get("inputs") if kind == "case" else None
                parts = [*inner.values()] if isinstance(inner, dict) else []
                given = row.get("given")
                parts += given if isinstance(given, list) else []
                found += [("input", one) for one in parts if isinstance(one, dict)]
                axes = (row.get("rows"), row.get("columns"))
                found += [("axis", one) for one in axes if isinstance(one, dict)]
    return found


def _named(data: Mapping[str, Any]) -> list[str]:
    """Names that other parts of a model may refer to."""
    found = [n for v in data.values() if isinstance(v, dict) for n in v]
    return [n for n in found if isinstance(n, str)] or ["x"]


class _Changer:
    """Changes a model as data, by what is drawn."""

    def __init__(self, draw: Any, formulas: Any) -> None:
        self.draw, self.formulas = draw, formulas
        self.data: dict[str, Any] = copy.deepcopy(self.one_of(_PARSED))

    def one_of(self, options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def value(self, kind: str, key: str) -> Any:
        """Draw a value for a key: likely of its kind, or a name, or a wrong one."""
        how = self.draw(st.integers(0, 9))
        if key == "formula" and how < 7:
            return self.formula()
        if key == "unit" and how < 9:
            return self.one_of(_UNITS)
        if key == "file" and how < 9:
            return self.one_of(FILE_NAMES)
        right = (*_RIGHT.get((kind, key), ()), *_NEAR.get(key, ()))
        if right and how < 7:
            return copy.deepcopy(self.one_of(right))
        if how < 8:
            wanted = {**shape.TABLES.get(kind, {}), **shape.INPUT_KEYS}.get(key, "number")
            names = _named(self.data)
            if wanted in {"list", "texts"}:
                return [self.one_of(names) for _ in range(self.draw(st.integers(0, 3)))]
            return self.one_of(_MILD if wanted in {"number", "count"} else names)
        return copy.deepcopy(self.one_of(_WRONG))

    def formula(self) -> str:
        """Draw a formula over names of the model, or over others."""
        form = self.one_of(
            ("{0} + {1}", "{0} * {1} / {2}", "previous({0}, {1})", "total({0})", "at({0}, 2024)",
             "cumulative({0})", "compound({0}, 0.1)", "where({0} > {1}, {2}, 0)", "sqrt({0})",
             "{0} ** 2", "t + year", "{0}", "1 / 0", "max({0}, {1})", "{0} ** {1}", "")
        )  # fmt: skip
        names = _named(self.data)
        text = form.format(*(self.one_of(names) for _ in range(3)))
        return text or self.draw(self.formulas)

    def set_key(self) -> None:
        """Set a key of a table, one that it may have or another."""
        groups: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        for kind, table in _tables_in(self.data) or [("", self.data)]:
            law = table.get("dist", "") if kind == "input" else ""
            groups.setdefault(f"{kind} {law}", []).append((kind, table))
        kind, table = self.one_of(groups[self.one_of([*groups])])
        known = [*shape.TABLES.get(kind, shape.INPUT_KEYS), *table, *table]
        known += [key for key in known if key in _NEAR] * 2
        known += [key for key in table if kind == "input" and key not in shape.INPUT_KEYS] * 5
        key = self.one_of(known) if self.draw(st.integers(0, 9)) else self.one_of(WORDS)
        table[key] = self.value(kind, key)

    def drop_key(self) -> None:
        """Leave out a key, or a whole part of the model."""
        tables = [t for _, t in _tables_in(self.data) if t]
        table = self.one_of([self.data, *(v for v in self.data.values() if isinstance(v, dict))])
        table = self.one_of(tables) if tables and self.draw(st.integers(0, 2)) else table
        if table:
            del table[self.one_of([*table])]

    def rename(self) -> None:
        """Give a part another name, that of another or an odd one."""
        tables = [v for v in self.data.values() if isinstance(v, dict) and v]
        if tables:
            table = self.one_of(tables)
            old = self.one_of([*table])
            new = self.one_of(_NAMES if self.draw(st.booleans()) else _named(self.data))
            table[new] = copy.deepcopy(table[old])
            if self.draw(st.booleans()) and new != old:
                del table[old]

    def add(self) -> None:
        """Add a table under a name, or a whole part of another model."""
        section = self.one_of([*_SECTIONS])
        kind, found = _SECTIONS[section], self.data.get(section)
        if section in _NEW and (isinstance(found, dict | None) or kind not in shape.TABLES):
            name = self.one_of(("x", "b", "low", "high", "calm", "extra", "visits"))
            known = found if isinstance(found, dict) else {}
            self.data[section] = {**known, name: copy.deepcopy(self.one_of(_NEW[section]))}
            return
        keys = [*shape.TABLES[kind]]
        keys = [k for k in keys if self.draw(st.booleans())] or keys[:1]
        row = {key: self.value(kind, key) for key in keys}
        if shape.TABLES["document"][section] == "list":
            self.data[section] = [*(found if isinstance(found, list) else []), row]
        elif shape.TABLES["document"][section] == "table" or not isinstance(found, dict | None):
            self.data[section] = row
        else:
            self.data[section] = {**(found or {}), "extra": row}

    def observe(self) -> None:
        """Let an input have data for its law."""
        inputs = self.data.setdefault("inputs", {})
        if isinstance(inputs, dict):
            row = {"dist": "data", "file": self.one_of(FILE_NAMES)}
            if self.draw(st.booleans()):
                row["column"] = self.one_of(("visits", "x", "y", "a", "b", "n", "c3", "nmae"))
            if not self.draw(st.integers(0, 2)):
                row |= {"method": "fitted", "family": self.value("input", "family")}
            inputs[self.one_of(("x", "extra"))] = row

    def borrow(self) -> None:
        """Take a part of another model along."""
        other = self.one_of(_PARSED)
        section = self.one_of([*other])
        mine, theirs = self.data.get(section), copy.deepcopy(other[section])
        both = isinstance(mine, dict) and isinstance(theirs, dict)
        self.data[section] = {**mine, **theirs} if both else theirs  # type: ignore[dict-item]

    def spoil(self) -> None:
        """Put a wrong value in a place of any depth."""
        at: Any = self.data
        while True:
            key = self.one_of([*at] if isinstance(at, dict) else range(len(at)))
            inner = at[key]
            if not isinstance(inner, dict | list) or not inner or not self.draw(st.integers(0, 3)):
                break
            at = inner
        at[key] = copy.deepcopy(self.one_of(_WRONG))


@st.composite
def tables(draw: Any, formulas: Any) -> str:
    """Change a model as data in a few places."""
    changer = _Changer(draw, formulas)
    ways = ("set_key",) * 8 + ("drop_key", "rename", "add", "borrow", "spoil", "observe")
    for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2, 2, 4, 7)))):
        if changer.data:
            getattr(changer, draw(st.sampled_from(ways)))()
    return document(changer.data)


CELLS = ("1", "2.5", "-3", "1e3", "", "abc", "5%", "1,5", '"1,000"', "nan", '"', "0", "4", "7")
CONTENTS = st.lists(st.sampled_from(CELLS), max_size=12).map(
    lambda cells: ("a\n" + "\n".join(cells)).encode()
) | st.binary(max_size=40)
"""What drawn.csv holds."""
