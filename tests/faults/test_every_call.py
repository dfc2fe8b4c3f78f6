"""Each single call to the disk of a whole run fails once, or is the last before a kill.

A run with `--out` and `--checkpoint` must end with the right result, or with a clear error of one
line and a state from which it can be resumed; no file half-written, no temporary file left.
"""

import errno
import hashlib
import importlib.util
import json
import os
import sys
from pathlib import Path

import inprocess
import pytest
from rangecast.engine.checkpoint import Saver

spec = importlib.util.spec_from_file_location("shim", Path(__file__).with_name("shim.py"))
shim = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shim)

MODEL = (
    '[inputs.x]\ndist = "lognormal"\nmu = 0\nsigma = 1\n[inputs.z]\ndist = "pert"\nlow = 0\n'
    'mode = 1\nhigh = 3\n[outputs.y]\nformula = "x * z"\n'
)
COMMAND = [sys.executable, "-m", "rangecast"]
RUN = [*COMMAND, "run", "model.toml", "-n", "8", "-q", "--workers", "1", "--out", "out"]
RUN += ["--checkpoint", "state", "--checkpoint-every", "0"]
RESUME = [*COMMAND, "resume", "state", "-q"]
SAVED_AT = {1, 4, 7}
"""Tasks after which the state is saved; more would repeat the same calls."""


def due_at_few():
    """Say of a saver's tasks whether the state is saved."""

    def is_due(saver):
        saver.asked = getattr(saver, "asked", 0) + 1
        return saver.asked in SAVED_AT

    return is_due


@pytest.fixture(autouse=True)
def few_saves(monkeypatch):
    monkeypatch.setattr(Saver, "is_due", due_at_few())


@pytest.fixture
def quick(monkeypatch):
    """Leave out charts and rankings: they compute, and touch no file."""
    pictures = {"band_y.png": b"picture", "band_y.svg": b"<svg/>"}
    monkeypatch.setattr("rangecast.reports.folder._charts", lambda *_: dict(pictures))
    monkeypatch.setattr("rangecast.reports.results_json._tornado", lambda *_: [{"input": "x"}])
    monkeypatch.setattr("rangecast.reports.terminal.first_screen", lambda *_: "screen")


@pytest.fixture
def place(tmp_path):
    """A folder with a model, and results of an earlier run in `out`."""
    (tmp_path / "model.toml").write_text(MODEL)
    assert inprocess.run([*RUN, "--seed", "7"], cwd=tmp_path).returncode == 0
    return tmp_path


def digest(folder):
    return json.loads((folder / "out" / "results.json").read_text())["manifest"]["digest"]


def undisturbed(place):
    """Digest of an undisturbed run, and the calls it makes; `out` is put back."""
    old = contents(place)
    with shim.Counter(place).installed() as counter:
        assert inprocess.run(RUN, cwd=place).returncode == 0
    found = digest(place)
    put_back(place, old)
    return found, counter.calls


@pytest.fixture
def right(place):
    return undisturbed(place)


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def put_back(folder, old):
    for name, content in old.items():
        (folder / "out" / name).write_bytes(content)


def check_whole(folder, old):
    """Every file is the old one or a new one, whole; the hashes tell which belong together."""
    new = contents(folder)
    assert set(new) >= set(old)
    assert not [name for name in [*new, *os.listdir(folder)] if name.startswith(".")]
    stated = json.loads(new["results.json"])["files"]
    changed = {name for name in old if new[name] != old[name]}
    for name in stated:
        assert new[name]
        if "results.json" in changed:
            assert hashlib.sha256(new[name]).hexdigest() == stated[name]


def check_resumed(folder, expected):
    state = folder / "state"
    line = RESUME if state.exists() else RUN
    done = inprocess.run(line, cwd=folder, text=True)
    assert done.returncode == 0, done.stderr
    assert digest(folder) == expected
    left = [name for name in os.listdir(folder) + os.listdir(folder / "out") if name[0] == "."]
    assert not left
    assert not state.exists()


def sweep(place, right, code, ks, resumed):
    expected, calls = right
    old, ended = contents(place), {}
    for k in ks:
        with shim.Counter(place, k, code).installed() as counter:
            done = inprocess.run(RUN, cwd=place, text=True)
        call = f"{k}: {counter.calls[k - 1]} of {len(calls)}"
        assert done.returncode in {0, 5, 6}, (call, done.stderr)
        assert "Traceback" not in done.stderr, call
        assert "internal error" not in done.stderr, call
        ended[done.returncode] = ended.get(done.returncode, 0) + 1
        check_whole(place, old)
        if done.returncode == 0:
            assert digest(place) == expected, call
        else:
            lines = done.stderr.splitlines()
            assert lines[-1].startswith("details: rangecast explain E"), call
            assert any(line.startswith("error[E") for line in lines), call
        if k in resumed:
            check_resumed(place, expected)
        put_back(place, old)
        (place / "state").unlink(missing_ok=True)
    return ended


@pytest.mark.usefixtures("quick")
def test_the_calls_are_those_of_a_whole_run(right):
    _, calls = right
    assert len(calls) > 80
    assert {"open", "write", "flush", "fsync", "replace", "unlink", "close"} <= set(calls)
    assert calls.count("replace") == len(SAVED_AT) + 9  # the files of --out, summary.md the last


@pytest.mark.nightly
@pytest.mark.usefixtures("quick")
def test_every_call_fails_once(place, right):
    ks = range(1, len(right[1]) + 1, 2)  # at night each, for seven reasons
    ended = sweep(place, right, errno.ENOSPC, ks, resumed=ks[::12])
    assert ended[6] > 20
    assert ended[0] > 2  # later checkpoints are not needed


@pytest.mark.nightly
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", ["ENOSPC", "EIO", "EROFS", "EDQUOT", "EACCES", "EINTR", "EMFILE"])
def test_every_call_fails_for_every_reason(place, right, name):
    ks = range(1, len(right[1]) + 1)
    ended = sweep(place, right, getattr(errno, name), ks, resumed=ks)
    print(f"{name}: {sum(ended.values())} of {sum(ended.values())}, by exit status {ended}")


def kill_at(place, k):
    """Run in a child that ends before its k-th call; give the exit status."""
    child = os.fork()
    if not child:
        with shim.Counter(place, k).installed():
            status = inprocess.run(RUN, cwd=place).returncode
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kills(place, right, ks):
    expected, _ = right
    old = contents(place)
    for k in ks:
        assert kill_at(place, k) == 137
        for name, content in contents(place).items():
            assert name.startswith(".") or content
        check_resumed(place, expected)
        put_back(place, old)


@pytest.mark.nightly
@pytest.mark.usefixtures("quick")
def test_killed_before_some_calls(place, right):
    kills(place, right, range(4, len(right[1]), len(right[1]) // 5))


@pytest.mark.nightly
@pytest.mark.usefixtures("quick")
def test_killed_before_every_call(place, right):
    kills(place, right, range(1, len(right[1]) + 1))
