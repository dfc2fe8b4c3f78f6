"""`kill -9` at any time: `resume` ends with the digest of an undisturbed run."""

import json
import random
import re
import signal
import subprocess
import sys
import time

import pytest

MODEL = """
[inputs.x]
dist = "lognormal"
mu = 0
sigma = 1
[inputs.z]
dist = "pert"
low = 0
mode = 1
high = 3
[outputs.y]
formula = "x * z"
"""
N = 80_000_000


def command(*arguments):
    return [sys.executable, "-m", "rangecast", *arguments]


def started(folder):
    options = ["-n", str(N), "--workers", "1", "--json", "--checkpoint", "state"]
    arguments = command("run", "model.toml", *options, "--checkpoint-every", "0.05")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(arguments, cwd=folder, **quiet)


def until(condition, process, seconds=30.0):
    """Wait for something while a process runs."""
    ends = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the run was over too soon"
        assert time.monotonic() < ends
        time.sleep(0.0005)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Digest and duration, counted from the first moment at which a checkpoint can be there."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "model.toml").write_text(MODEL)
    process = started(folder)
    until((folder / "state").exists, process)
    began = time.monotonic()
    assert process.wait() == 0
    duration = time.monotonic() - began
    done = subprocess.run(
        command("run", "model.toml", "-n", str(N), "--json"), cwd=folder, capture_output=True
    )
    return json.loads(done.stdout)["manifest"]["digest"], duration


def trial(folder, undisturbed, wait, in_write):
    digest, duration = undisturbed
    (folder / "model.toml").write_text(MODEL)
    process = started(folder)
    until((folder / "state").exists, process)
    # before the last write of the run where one is waited for
    time.sleep(wait * (0.4 if in_write else 0.85) * duration)
    if in_write:
        until(lambda: any(folder.glob(".state.*")), process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = subprocess.run(command("resume", "state"), cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["manifest"]["digest"] == digest
    found = re.search(r"resumed: ([\d,]+) blocks reused, ([\d,]+) redone", done.stderr)
    reused, redone = (int(text.replace(",", "")) for text in found.groups())
    assert reused > 0
    assert redone > 0
    assert not list(folder.glob(".state.*"))
    assert not (folder / "state").exists()


@pytest.mark.parametrize(
    ("wait", "in_write"),
    [
        pytest.param(0.1, False, marks=pytest.mark.nightly),
        pytest.param(0.5, True, marks=pytest.mark.nightly),
        pytest.param(0.9, False, marks=pytest.mark.nightly),
    ],
)
def test_three_kills(tmp_path, undisturbed, wait, in_write):
    trial(tmp_path, undisturbed, wait, in_write)


@pytest.mark.nightly
def test_twenty_five_kills(tmp_path, undisturbed):
    rng = random.Random(25)
    for k in range(25):
        folder = tmp_path / str(k)
        folder.mkdir()
        trial(folder, undisturbed, rng.random(), in_write=k % 5 == 0)
