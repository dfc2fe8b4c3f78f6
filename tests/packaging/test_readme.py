"""README and docs/speed.md tell the truth: screen, picture and figures can be made again."""

import importlib.util
import json
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("readme_maker", ROOT / "benchmarks" / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def result(maker):
    return maker.result()


def block(name: str, text: str = README) -> str:
    found = re.search(rf"<!-- {name} -->\n```text\n(.*?)```\n<!-- end {name} -->", text, re.DOTALL)
    assert found, name
    return found[1]


def test_the_first_screen_is_verbatim(maker, result):
    assert block("first screen").strip() == maker.screen(result).strip()


def test_the_picture_data_is_current(maker, result):
    stored = json.loads((ROOT / "docs" / "first_picture.json").read_text())
    current = json.loads(json.dumps(maker.picture_data(result)))
    assert stored.keys() == current.keys()
    for name, rows in stored.items():
        assert len(rows) == len(current[name])
        for old, new in zip(rows, current[name], strict=True):
            assert old.keys() == new.keys()
            for key, value in old.items():
                if isinstance(value, str):
                    assert value == new[key]
                else:  # six digits are kept; another processor may round the last one differently
                    assert value == pytest.approx(new[key], rel=2e-5, abs=1e-9)


@pytest.mark.parametrize("name", ["goals", "bench", "designs"])
def test_the_blocks_are_the_output_of_the_benchmarks(name):
    stored = (ROOT / "benchmarks" / "results" / f"{name}.txt").read_text()
    speed = (ROOT / "docs" / "speed.md").read_text()
    assert block(name, speed).strip() == stored.strip()


def test_the_cost_of_other_tools_is_that_of_the_benchmark(maker):
    comparison = (ROOT / "docs" / "comparison.md").read_text()
    table = block("compare", comparison)
    assert table.strip() == maker.costs().strip()
    assert "costs\n  a ninth of our run" in comparison  # at 10,000 runs
    assert "OpenTURNS Sobol'           703 (× 0.11," in table


def test_what_readme_says_of_speed_was_measured():
    """Its few words follow from the medians of benchmarks/results/goals.json."""
    rows = json.loads((ROOT / "benchmarks" / "results" / "goals.json").read_text())
    medians = {row["measure"]: statistics.median(row["values"]) for row in rows}
    careful = "CPU of the careful NumPy script / ours, n = {}"
    assert "take a fifth of the CPU time" in README
    assert 4.5 <= medians[careful.format("1e+06")] <= 5.5
    assert "ten millions a twentieth" in README
    assert 18 <= medians[careful.format("1e+07")] <= 22
    assert "a billion need no more memory than a million" in README
    (flat,) = (row for row in rows if row["measure"].startswith("peak memory, 2 threads"))
    assert max(flat["values"]) < 1.3 * min(flat["values"])


def test_readme_stays_short_enough_to_be_read():
    assert len(README.splitlines()) <= 220
