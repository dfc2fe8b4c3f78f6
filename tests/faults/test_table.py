"""Every fault of the table has tests that exist, or says why it has none."""

import ast
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
FAULTS = tomllib.loads((ROOT / "tests" / "data" / "faults.toml").read_text())["fault"]


def names_in(file):
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_fault_has_tests_that_exist_or_a_reason():
    known = {}
    for fault in FAULTS:
        assert ("tests" in fault) != ("reason" in fault), fault["id"]
        assert len(fault.get("reason", "long enough to be one")) > 15
        for name in fault.get("tests", ()):
            file, _, test = name.partition("::")
            assert test in known.setdefault(file, names_in(file)), (fault["id"], name)


def test_the_table_is_whole():
    assert len(FAULTS) == 69
    assert max(Counter(fault["id"] for fault in FAULTS).values()) == 1
    assert sum("reason" in fault for fault in FAULTS) <= 4


def test_every_test_of_a_fault_is_in_the_table_or_general():
    named = {name.partition("::")[2] for fault in FAULTS for name in fault.get("tests", ())}
    files = Path(__file__).parent.glob("test_*.py")
    tests = {t for file in files for t in names_in(file.relative_to(ROOT)) if t.startswith("test_")}
    assert len(named & tests) > 40
