"""Line and column of keys, against texts where they can be counted by hand."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rangecast.engine.model.positions import Path, positions

PLACES: list[tuple[str, Path, tuple[int, int]]] = [
    ("a = 1\nb = 2\n", ("b",), (2, 1)),
    ("[t]\n\tkey = 1\n", ("t", "key"), (2, 2)),
    ("[a.b]\n  c.d = 1\n", ("a", "b", "c", "d"), (2, 3)),
    ('["a.b"]\nc = 1\n', ("a.b", "c"), (2, 1)),
    ('[inputs."访问量"]\nmean = 1\n', ("inputs", "访问量", "mean"), (2, 1)),
    ('"a\\u0062" = 1\nc = 2\n', ("ab",), (1, 1)),
    ("'lit' = 1\n", ("lit",), (1, 1)),
    ("t = { a = 1, b = { c = 2 } }\n", ("t", "b", "c"), (1, 20)),
    ("x = [1,\n  2, # two\n  3]\ny = 1\n", ("x", 2), (3, 3)),
    ("x = [1,\n  2]\ny = 1\n", ("y",), (3, 1)),
    ('x = """\n[no]\nkey = 1\n"""\ny = 1\n', ("y",), (5, 1)),
    ("x = '''a''b'''\ny = 1\n", ("y",), (2, 1)),
    ('x = """a""""\ny = 1\n', ("y",), (2, 1)),
    ('x = "# = [" # y = 3\ny = 1\n', ("y",), (2, 1)),
    ("[[c]]\na = 1\n[[c]]\na = 2\n", ("c", 1, "a"), (4, 1)),
    ("[[c]]\n[c.d]\na = 1\n[[c]]\n[c.d]\na = 2\n", ("c", 1, "d", "a"), (6, 1)),
    ("[[c]]\n[[c.d]]\na = 1\n[[c.d]]\na = 2\n", ("c", 0, "d", 1, "a"), (5, 1)),
    ("d = 1979-05-27 07:32:00\ny = 1\n", ("y",), (2, 1)),
    ("a = { b = [ { c = 1 }, { c = 2 } ] }\n", ("a", "b", 1, "c"), (1, 26)),
]


@pytest.mark.parametrize(("text", "path", "place"), PLACES)
def test_places(text: str, path: Path, place: tuple[int, int]) -> None:
    found = positions(text)[path]
    assert (found.line, found.column) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("f = 'a + b'\n", (1, 6)),
        ('f   =   "a"\n', (1, 10)),
        ('f = """\na + b"""\n', (2, 1)),
        ("f = 3\n", (1, 5)),
    ],
)
def test_a_value_is_placed_inside_its_quotes(text: str, place: tuple[int, int]) -> None:
    found = positions(text)["f",]
    assert (found.value_line, found.value_column) == place


keys = st.text("ab 访.-_\"'#", min_size=1, max_size=4)
values = st.recursive(
    st.integers() | st.booleans() | st.text("a=[]{},.#\n\"'\\", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def written(value: object) -> str:
    """Write a value as TOML (JSON text is TOML text for these characters)."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(v) for v in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(value) if isinstance(value, str) else str(value)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def paths(value: object, at: Path = ()) -> list[Path]:
    """Every path of a parsed document."""
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items += value.items()
    elif isinstance(value, list):
        items += enumerate(value)
    return [p for key, inner in items for p in ((*at, key), *paths(inner, (*at, key)))]


@given(st.dictionaries(keys, values, max_size=4))
def test_every_key_of_any_document_has_a_place(data: dict[str, object]) -> None:
    text = "".join(f"{quoted(k)} = {written(v)}\n" for k, v in data.items())
    assert tomllib.loads(text) == data
    assert set(paths(data)) <= set(positions(text))


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\n[t]\nb = 2\n? = 3\nc = 4\n",
        "a = 1\n[t]\nb = 2\nc <= 4\n",
        "a = 1\n[t]\nb = 2\nc = ",
        "a = 1\n[t]\nb = { ? = 3 }\n",
    ],
)
def test_a_syntax_that_is_unknown_ends_the_search_and_what_was_found_stays(text: str) -> None:
    found = positions(text)
    assert [found[path].line for path in (("a",), ("t",), ("t", "b"))] == [1, 2, 3]
    assert ("c",) not in found
