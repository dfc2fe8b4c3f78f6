"""What the seventh part promises, line by line."""

import errno
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import inprocess
import pytest

ROOT = Path(__file__).parents[2]


def module_of(path):
    """Load a module of tests, to use what it checks with."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(path):
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


# ------------------------- All cases and faults pass, each by a test


def test_every_bad_input_has_its_test_and_at_most_one_in_twenty_is_changed():
    tests = module_of("tests/loading/test_bad_inputs.py")
    by_model = next(
        mark for mark in tests.test_a_bad_input_gets_its_answer.pytestmark if "case" in mark.args
    )
    tested = set(by_model.kwargs["ids"]) | set(tests.SAID["recipe"])
    assert tested == set(tests.CASES)
    assert len(tested) >= 139
    assert 20 * len(tests.SAID["changed"]) <= len(tested)
    assert all(len(reason) > 15 for reason in tests.SAID["changed"].values())


def test_every_fault_that_applies_has_a_test():
    faults = table("tests/data/faults.toml")["fault"]
    without = [fault for fault in faults if not fault.get("tests")]
    assert len(faults) == 69
    assert len(without) <= 4
    assert all(len(fault["reason"]) > 15 for fault in without)
    for fault in faults:
        for name in fault.get("tests", ()):
            file, _, test = name.partition("::")
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), name


# ------------------------- a table in the docs states per promise how it is proven and the figure


def rows_of(heading):
    text = (ROOT / "docs/trust.md").read_text(encoding="utf-8")
    part = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("heading", ["Faults", "Inputs", "Tests"])
def test_the_docs_state_per_promise_how_it_is_proven_and_the_figure(heading):
    head, _, *rows = rows_of(heading)
    assert head == ["promise", "how it is proven", "figure"]
    assert len(rows) >= 5
    for promise, how, figure in rows:
        assert len(promise) > 15
        assert len(how) > 15
        assert re.search(r"\d|all", figure), promise


def test_figures_of_cases_in_the_docs_are_those_of_the_tables():
    text = (ROOT / "docs/trust.md").read_text(encoding="utf-8")
    said = table("tests/data/bad_inputs_said.toml")
    cases = len(table("tests/data/bad_inputs.toml")["case"])
    changed = len(said["changed"])
    assert f"{cases - changed} of {cases} as stated; {changed} changed" in text
    faults = table("tests/data/faults.toml")["fault"]
    without = sum("reason" in fault for fault in faults)
    assert re.search(rf"\({len(faults)} of them\).*\({without}\)", text.replace("\n", " "))


# ------------------------- 200 random kill -9 of a checkpointed run: 200 of 200 identical
#                           (nightly; 10 in the normal run)


@pytest.fixture
def signals(tmp_path):
    """The module of tests with signals, and a folder with its model."""
    tests = module_of("tests/faults/test_signals.py")
    (tmp_path / "model.toml").write_text(tests.MODEL)
    return tests


def test_ten_random_kills_give_ten_identical_results(signals, tmp_path):
    assert signals.kills(tmp_path, 1_000_000, 10, seed=7) >= 1


@pytest.mark.nightly
def test_two_hundred_random_kills_give_two_hundred_identical_results(signals, tmp_path):
    resumed = signals.kills(tmp_path, 16_000_000, 200, seed=200)
    print(f"200 of 200 identical, {resumed} of them resumed from a checkpoint")
    assert resumed > 40  # the others were killed before the first checkpoint, or too late


# ------------------------- 2,000 bit flips and truncations of a checkpoint: 0 silent acceptances


@pytest.mark.parametrize("trials", [100, pytest.param(2_000, marks=pytest.mark.nightly)])
def test_two_thousand_flips_and_cuts_of_a_checkpoint_are_never_accepted(trials, tmp_path):
    import rangecast as rc

    tests = module_of("tests/faults/test_disk.py")
    path = tmp_path / "state"
    with pytest.raises(tests.Stopped):
        rc.simulate(
            rc.loads(tests.MODEL), scenarios=tests.N, checkpoint=path, progress=tests.stopping
        )
    found = tests.refused(path, path.read_bytes(), trials, seed=trials)
    print(f"{found} of {trials:,} flips, cuts and sectors of zeros refused")
    assert found == trials


# ------------------------- A fault at every I/O call of a run with `--out` and `--checkpoint`:
#                           0 half-written files, 0 tracebacks


@pytest.mark.parametrize("every", [60, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_fault_at_every_call_to_the_disk_leaves_nothing_half_written(
    every, tmp_path, monkeypatch
):
    tests = module_of("tests/faults/test_every_call.py")
    monkeypatch.setattr(tests.Saver, "is_due", tests.due_at_few())
    (tmp_path / "model.toml").write_text(tests.MODEL)
    assert inprocess.run([*tests.RUN, "--seed", "7"], cwd=tmp_path).returncode == 0
    right = tests.undisturbed(tmp_path)
    ks = range(1, len(right[1]) + 1, every)
    ended = tests.sweep(tmp_path, right, errno.EIO, ks, resumed=ks[::12])
    print(f"with charts: {len(ks)} of {len(ks)} calls, by exit status {ended}")
    assert sum(ended.values()) == len(ks)


# ------------------------- 30 minutes of each fuzzer: 0 crashes, 0 hangs over 2 s, 0 audit events


@pytest.mark.nightly
def test_thirty_minutes_of_each_fuzzer_find_nothing(tmp_path):
    """All at once; in short in tests/faults/test_fuzz.py. RANGECAST_FUZZ_MINUTES sets the time."""
    minutes = os.environ.get("RANGECAST_FUZZ_MINUTES", "30")
    line = [sys.executable, str(ROOT / "benchmarks/fuzz.py")]
    targets = ("loader", "formula", "checkpoint")
    for target in targets:
        (tmp_path / target).mkdir()
    running = [
        subprocess.Popen(
            [*line, target, "--minutes", minutes],
            cwd=tmp_path / target,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for target in targets
    ]
    for process in running:
        said, _ = process.communicate()
        print(said.strip())
        assert process.returncode == 0, said
        assert said.strip().endswith("0 crashes, 0 over 2 s, 0 events")


# ------------------------- A planted internal bug ends with exit 3 and a request for a report


@pytest.mark.parametrize("bug", [KeyError, AssertionError, RecursionError, ZeroDivisionError])
def test_a_planted_bug_ends_with_status_3_and_a_request_for_a_report(
    signals, tmp_path, monkeypatch, bug
):
    def wrong(*_, **__):
        raise bug("planted")

    line = [*signals.COMMAND, "run", "model.toml", "-n", "1000", "--out", "out"]
    for place in ("engine.run.Merger.add", "engine.scenarios.Sampler.make", "cli.run._write"):
        with monkeypatch.context() as patched:
            patched.setattr(f"rangecast.{place}", wrong)
            done = inprocess.run(line, cwd=tmp_path, text=True)
        assert done.returncode == 3, done.stderr
        assert f"internal error, a bug: {bug.__name__}" in done.stderr
        assert "please report it" in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "out").exists()


# ------------------------- Memory of the tree stays flat over 1e9 scenarios with a worker killed
#                           every 30 s, and the digest equals the undisturbed one


@pytest.mark.nightly
def test_memory_stays_flat_over_a_billion_scenarios_while_workers_are_killed(signals, tmp_path):
    signals.check_memory(tmp_path, "ai-servers", 10**9, every=30.0)
