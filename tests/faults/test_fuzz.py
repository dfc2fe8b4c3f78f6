"""The fuzzers in short, with the same inputs each time; benchmarks/fuzz.py goes on for longer."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"


@pytest.fixture(scope="module")
def fuzz():
    spec = importlib.util.spec_from_file_location("fuzz", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("target", "inputs"),
    [
        ("formula", 60),
        ("checkpoint", 150),
        pytest.param("loader", 40, marks=pytest.mark.nightly),  # it warms up for long
    ],
)
def test_a_few_inputs(fuzz, target, inputs):
    before = fuzz.TRIED["inputs"]
    fuzz.attack(target, inputs)
    assert fuzz.TRIED["inputs"] - before >= inputs


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("target", ["formula", "checkpoint", "loader"])
def test_many_inputs(fuzz, target):
    for seed in range(2):
        fuzz.attack(target, 2_000, seed)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("target", "inputs", "least"),
    [("loader", 2_500, 90), ("formula", 3_000, 95), ("checkpoint", 1_500, 90)],
)
def test_the_inputs_reach_the_branches(tmp_path, target, inputs, least):
    pytest.importorskip("coverage")
    command = [sys.executable, PATH, target, "--coverage", "--seed", "1", "--inputs", str(inputs)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1_200)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    total = re.search(r"^TOTAL .* (\d+)%", done.stdout, re.MULTILINE)
    assert int(total[1]) >= least, done.stdout


def test_what_must_not_happen_is_noticed(fuzz):
    with pytest.raises(AssertionError, match=r"exec|compile"), fuzz.watched():
        eval("1")
    with pytest.raises(AssertionError, match="open"), fuzz.watched():
        PATH.read_text()
    with pytest.raises(fuzz.TooSlow), fuzz.watched():
        sum(iter(lambda: 0, 1))
