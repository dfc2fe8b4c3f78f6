"""What every test may rely on."""

import importlib.util
import locale
import os
import random
import signal
import sys
from pathlib import Path

import pytest

# A shell that starts a command in the background has it ignore Ctrl-C, nohup a closed terminal, and
# so would the programs that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
# Tests start some hundred processes; without this each would compile every module anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# What a terminal is like is for each test to say.
for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(name, None)

ORDER = os.environ.get("RANGECAST_TEST_ORDER", "")
"""Seed of an order of the tests by chance; the locale of the environment is put in force too."""


def pytest_report_header():
    """Say under which clock, place, hash seed and processors an unusual run is made."""
    if not ORDER:
        return None
    locale.setlocale(locale.LC_ALL, "")
    seen = ("PYTHONHASHSEED", "TZ", "FAKETIME")
    told = [f"{name} {os.environ.get(name, 'unset')}" for name in seen]
    told += [f"locale {locale.setlocale(locale.LC_ALL)}", f"{len(os.sched_getaffinity(0))} cores"]
    return f"order {ORDER}, " + ", ".join(told)


def pytest_collection_modifyitems(items):
    """Shuffle the files, and the tests of each, when `ORDER` asks for it."""
    if not ORDER:
        return
    chance, by_file = random.Random(ORDER), {}
    for item in items:
        by_file.setdefault(item.path, []).append(item)
    files = list(by_file.values())
    for tests in (files, *files):
        chance.shuffle(tests)
    items[:] = [item for tests in files for item in tests]


@pytest.fixture(scope="session")
def independent():
    """Give the plain script that shares no code with the package."""
    path = Path(__file__).with_name("independent.py")
    spec = importlib.util.spec_from_file_location("independent", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["independent"] = module
    spec.loader.exec_module(module)
    return module
