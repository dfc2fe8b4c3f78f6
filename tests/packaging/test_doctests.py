"""Every example in a docstring runs and gives what it says."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import rangecast

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(rangecast.__path__, prefix="rangecast.")
    if not info.name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["rangecast", *MODULES])
def test_examples(name):
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, extraglobs={"np": np})
    assert failed == 0
