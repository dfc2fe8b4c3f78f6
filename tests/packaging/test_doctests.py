"""Every example in a docstring runs and gives what it says."""

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "src/rangecast": "rangecast",
    "engine": "rangecast.engine",
    "distributions": "rangecast.distributions",
    "reports": "rangecast.reports",
}
MODULES = sorted(
    ".".join([package, *path.relative_to(ROOT / folder).with_suffix("").parts])
    for folder, package in FOLDERS.items()
    for path in (ROOT / folder).rglob("*.py")
    if ">>>" in path.read_text() and path.name != "__init__.py"
)


@pytest.mark.parametrize("name", ["rangecast", *MODULES])
def test_examples(name):
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs={"np": np})
    assert failed == 0
