"""docs/drivers.md says what its script finds."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("drivers_maker", ROOT / "benchmarks/drivers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_covers_every_method_and_structure(maker):
    text = maker.PAGE.read_text(encoding="utf-8")
    for case in maker.CASES:
        assert f"## Case {case}" in text
    for method in (*maker.GIVEN, *maker.EXTRA):
        assert text.count(f"`{method}`: ") == len(maker.CASES)


@pytest.mark.nightly
def test_the_page_can_be_made_again(maker):
    assert maker.page(maker.figures()) == maker.PAGE.read_text(encoding="utf-8")
