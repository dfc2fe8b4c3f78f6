"""docs/reference is what the code says, and every key has a meaning that holds."""

import copy
import importlib.util
import tomllib
from pathlib import Path

import pytest
from rangecast.engine.code_examples import EXAMPLES
from rangecast.engine.codes import CODES
from rangecast.engine.errors import ModelError
from rangecast.engine.formula import FUNCTIONS, PERIODIC
from rangecast.engine.model import shape
from rangecast.engine.model.document import Document
from rangecast.engine.model.load import build
from rangecast.engine.model.meanings import FORMULAS, MEANINGS, PLACES

ROOT = Path(__file__).parents[2]
TABLES = {**shape.TABLES, "input": shape.INPUT_KEYS}
KEYS = [(table, key) for table, keys in MEANINGS.items() for key in keys]

# A file of every table with its required keys alone, and where each table stands in it.
LEAST = """
[inputs.a]
value = 1
[inputs.b]
dist = "uniform"
low = 0
high = 1
[quantities.q]
formula = "a + b"
[outputs.y]
formula = "q * t"
[model]
[dependence]
[run]
[backtest]
[cases.low]
[sources.survey]
[[correlations]]
between = ["b", "c"]
kendall = 0.5
[inputs.c]
dist = "uniform"
low = 0
high = 1
[time]
start = 2024
periods = 2
[tables.t1]
output = "z"
rows = { name = "a", values = [1, 2] }
columns = { name = "b", values = [0, 1] }
[groups.g]
inputs = ["a", "b"]
[decisions.d]
alternatives = ["q", "z"]
[outputs.z]
formula = "b"
[[checks]]
output = "z"
stated = 1
[[outcomes]]
name = "o"
output = "y"
date = 2024-06-30
value = 1
"""
STANDS = {
    "document": (),
    "model": ("model",),
    "input": ("inputs", "a"),
    "quantity": ("quantities", "q"),
    "output": ("outputs", "y"),
    "correlation": ("correlations", 0),
    "dependence": ("dependence",),
    "time": ("time",),
    "case": ("cases", "low"),
    "run": ("run",),
    "check": ("checks", 0),
    "table": ("tables", "t1"),
    "axis": ("tables", "t1", "rows"),
    "group": ("groups", "g"),
    "decision": ("decisions", "d"),
    "outcome": ("outcomes", 0),
    "backtest": ("backtest",),
    "source": ("sources", "survey"),
}
EITHER = {"value", "between", "kendall", "periods", "stated"}
"""Keys of `LEAST` that another one may stand for."""


@pytest.fixture(scope="module")
def maker():
    place = ROOT / "benchmarks" / "reference_pages.py"
    spec = importlib.util.spec_from_file_location("reference_pages", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_made_again(maker):
    made = maker.pages()
    assert {path.name for path in maker.FOLDER.iterdir()} == set(made)
    for name, text in made.items():
        assert (maker.FOLDER / name).read_text(encoding="utf-8") == text, name
    for code, known in CODES.items():
        assert f"### {code}\n" in made["error-codes.md"]
        assert known.advice in made["error-codes.md"]


def test_every_key_function_and_code_is_described():
    assert {table: set(keys) for table, keys in MEANINGS.items()} == {
        table: set(keys) for table, keys in TABLES.items()
    }
    assert set(PLACES) == set(MEANINGS) == set(STANDS)
    assert set(FORMULAS) == {*FUNCTIONS, *PERIODIC}
    assert set(EXAMPLES) == set(CODES)
    meanings = [key.meaning for keys in MEANINGS.values() for key in keys.values()]
    assert all(m.endswith(".") and len(m) < 100 and "\n" not in m for m in meanings)


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_examples_of_keys_are_of_their_kind(table, key):
    one, kind = MEANINGS[table][key], TABLES[table][key]
    if one.example:
        value = tomllib.loads(f"x = {one.example}")["x"]
        assert shape.fits(value, kind)
        assert not one.allowed or str(value) in one.allowed
    assert bool(one.written) == (kind == "any")
    assert one.example or kind in {"table", "tables", "list"}


def _at(data, path):
    for part in path:
        data = data[part]
    return data


def _problems(data):
    try:
        build(Document("m.toml", "", data))
    except ModelError as refused:
        return refused.problems
    return ()


def test_required_keys_are_those_that_the_reader_asks_for():
    least = tomllib.loads(LEAST)
    assert _problems(least) == ()  # so nothing else is required
    for table, path in STANDS.items():
        for key, one in MEANINGS[table].items():
            there = key in _at(least, path)
            assert there or not one.required, (table, key)
            if not there or key in EITHER or (table == "document" and not one.required):
                continue
            data = copy.deepcopy(least)
            del _at(data, path)[key]
            wrong = {(p.code, p.key) for p in _problems(data)}
            name = ".".join(str(part) for part in (*path, key))
            assert (("E114", name) in wrong) == one.required, (table, key, wrong)


@pytest.mark.parametrize(
    ("table", "key"), [(t, k) for t, k in KEYS if MEANINGS[t][k].allowed and k != "format"]
)
def test_allowed_values_are_all_that_is_allowed(table, key):
    """Every value listed is taken, with what it needs beside it; another one is refused."""
    beside = {"autocorrelated": {"autocorrelation": 0.5}, "t": {"df": 4}}
    data = tomllib.loads(LEAST)
    data["inputs"]["a"] = {"dist": "uniform", "low": 0, "high": 1}
    where = _at(data, STANDS[table])
    for value in MEANINGS[table][key].allowed:
        given = {key: value, **beside.get(value, {})}
        where.update(given)
        wrong = [p for p in _problems(data) if key in p.key.split(".")]
        assert wrong == [], value
        for name in given:
            del where[name]
    where[key] = "nonsense"
    assert any(key in p.key for p in _problems(data)), (table, key)
