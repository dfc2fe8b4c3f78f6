"""What every test may rely on."""

import importlib.util
import os
import signal
import sys
from pathlib import Path

import pytest

# A shell that starts a command in the background has it ignore Ctrl-C, and so would the programs
# that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
# What a terminal is like is for each test to say.
for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def independent():
    """Give the plain script that shares no code with the package."""
    path = Path(__file__).with_name("independent.py")
    spec = importlib.util.spec_from_file_location("independent", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["independent"] = module
    spec.loader.exec_module(module)
    return module
