"""Workers that end, hang, send damaged bytes, answer twice or run out of memory."""

import ctypes
import errno
import importlib.util
import multiprocessing
import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rangecast.engine import checkpoint, pools, run, watch
from rangecast.engine.task import run_task

import rangecast as rc

N = 50_000
MODEL = (Path(__file__).parents[1] / "data" / "small.toml").read_text()


def square(x):
    return {"y": x * x}


def model_of(function):
    return rc.Model({"x": rc.distributions.Normal(0, 1)}, function)


def simulate(function, **settings):
    settings = {"workers": 2, "backend": "loky"} | settings
    return rc.simulate(model_of(function), scenarios=N, seed=1, **settings)


@pytest.fixture(scope="module")
def right():
    return simulate(square, backend="sequential").digest


def once(folder, act):
    """Square, but act first, in one task of one worker process."""
    parent, mark = os.getpid(), str(folder / "done")

    def function(x):
        if os.getpid() != parent:
            try:
                os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return {"y": x * x}
            act()
        return {"y": x * x}

    return function


def leave():
    os._exit(0)


def crash():
    ctypes.string_at(0)


def hang():
    time.sleep(1e6)


@pytest.mark.nightly
@pytest.mark.parametrize("act", [leave, hang, crash], ids=lambda a: a.__name__)
def test_a_lost_worker_is_made_good_and_mentioned(tmp_path, right, act, monkeypatch):
    monkeypatch.setattr(watch, "_LEAST_PATIENCE", 0.5)
    monkeypatch.setattr(watch, "_TIMES_LONGER", 1)
    result = simulate(once(tmp_path, act))
    assert (tmp_path / "done").exists()
    assert result.digest == right
    assert [w.code for w in result.warnings if w.key == "workers"] == ["W811"]
    assert "ended or hung; its tasks were done again" in str(result.warnings[0])


@pytest.mark.nightly
def test_no_thread_waits_for_workers_that_are_gone(tmp_path, right):
    """Tasks too large for the pipe to hold: what sends them ends with those who should read."""
    ballast = np.ones(100_000)
    leaving = once(tmp_path, leave)
    before = {t.ident for t in threading.enumerate()}
    result = simulate(lambda x: leaving(x) if ballast.all() else {})
    assert result.digest == right
    assert any(w.code == "W811" for w in result.warnings)
    until = time.monotonic() + 10
    feeders = 2
    while feeders > 1 and time.monotonic() < until:  # one waits for the next run
        time.sleep(0.05)
        found = [t for t in threading.enumerate() if t.name == "QueueFeederThread"]
        feeders = sum(t.ident not in before for t in found)
    assert feeders <= 1


@pytest.mark.nightly
def test_a_task_that_kills_every_worker_is_named_and_costs_no_other(tmp_path):
    whole = rc.simulate(model_of(lambda x: {"y": x}), scenarios=N, seed=1)
    fatal, parent = whole.ordered("y")[N // 3], os.getpid()

    def function(x):
        if os.getpid() != parent and (x == fatal).any():
            os._exit(1)
        return {"y": x}

    path = tmp_path / "state"
    with pytest.raises(rc.ResourceError) as raised:
        simulate(function, checkpoint=path)
    problem = raised.value.problems[0]
    assert problem.code == "E811"
    first, last = (int(t.replace(",", "")) for t in problem.got.split() if t[0].isdigit())
    values = whole.ensemble.totals.floats["values"][0]
    assert fatal in values[first - 1 : last]
    assert checkpoint.load(path).state["rows"] == N - (last - first + 1)
    again = rc.simulate(
        model_of(function), scenarios=N, seed=1, checkpoint=path, backend="sequential"
    )
    assert again.digest == whole.digest  # this process is not killed


def test_a_model_that_workers_cannot_import_is_named_at_once(tmp_path):
    path = tmp_path / "elsewhere.py"
    path.write_text("def function(x):\n    return {'y': x}\n")
    about = importlib.util.spec_from_file_location("elsewhere", path)
    module = sys.modules["elsewhere"] = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    with pytest.raises(rc.ResourceError) as raised:
        simulate(module.function)
    assert "E813" in str(raised.value)
    assert "No module named 'elsewhere'" in str(raised.value)


@pytest.mark.nightly
def test_a_damaged_part_is_done_again(right, monkeypatch):
    real, damaged = pools._from_bytes, []

    def flipping(content):
        if not damaged:
            damaged.append(True)
            content = content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]
        return real(content)

    monkeypatch.setattr(pools, "_from_bytes", flipping)
    result = simulate(square)
    assert result.digest == right
    assert "arrived damaged; its tasks were done again" in str(result.warnings[0])


@pytest.mark.nightly
def test_a_worker_without_memory_is_a_clear_error():
    parent = os.getpid()

    def function(x):
        if os.getpid() != parent:
            raise MemoryError
        return {"y": x}

    with pytest.raises(MemoryError):
        simulate(function)


def test_a_model_that_ends_its_process_politely_is_refused():
    def function(x):
        raise SystemExit(5)

    with pytest.raises(rc.ModelError, match="the function raised SystemExit"):
        simulate(function, backend="sequential")


def test_a_full_temporary_folder_is_a_clear_error(monkeypatch):
    def full(path, content):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(pools.Path, "write_bytes", full)
    setup = rc.simulate(rc.loads(MODEL), scenarios=1000).setup
    with pytest.raises(rc.FileError, match=f"E801.*{os.strerror(28)}"):
        pools._filing_task(setup, 0, 0, "folder")


def test_patience_ends_with_workers_that_send_nothing(monkeypatch):
    monkeypatch.setattr(watch, "_EVERY", 0.01)
    gone = threading.Event()

    def items():
        yield 1
        assert gone.wait(20)
        yield 2

    assert list(watch.Patience(gone.set, least=0.02).over(items())) == [1, 2]
    assert gone.is_set()


def test_patience_does_not_run_out_while_others_work(monkeypatch):
    monkeypatch.setattr(watch, "_EVERY", 0.01)
    gone = []
    for _ in watch.Patience(lambda: gone.append(1), least=0.1).over(range(3)):
        time.sleep(0.3)  # a checkpoint is written, or the laptop is closed
    assert not gone


def test_a_part_counts_once_and_another_answer_is_an_alarm():
    setup = rc.simulate(rc.loads(MODEL), scenarios=10_000, seed=1).setup
    parts = [run_task(setup, b, 0) for b in range(setup.plan.batches)]
    merger = run.Merger(setup)
    for part in [*parts, *parts[::-1]]:
        merger.add(part)
    assert merger.rows == 10_000
    powers = np.nextafter(parts[3].floats["powers"], np.inf)
    with pytest.raises(rc.ResourceError, match="E812"):
        merger.add(replace(parts[3], floats={**parts[3].floats, "powers": powers}))


def test_parts_in_any_order_give_one_result():
    """8 orders, with duplicates, against the order of the scenarios."""
    result = rc.simulate(rc.loads(MODEL), scenarios=10_000, seed=1)
    parts = [run_task(result.setup, b, 0) for b in range(result.setup.plan.batches)]
    rng = np.random.default_rng(1)
    for _ in range(8):
        merger = run.Merger(result.setup)
        for k in rng.permutation(np.repeat(np.arange(len(parts)), 2))[: len(parts) + 5]:
            merger.add(parts[k])
        for k in rng.permutation(len(parts)):
            merger.add(parts[k])
        digest = merger.finish().totals.digest(result.setup.plan.key, result.core_ranked)
        assert digest == result.digest


def digest_of(queue=None):
    found = rc.simulate(rc.loads(MODEL), scenarios=70_001, seed=1, workers=2).digest
    if queue is not None:
        queue.put(found)
    return found


@pytest.mark.parametrize("method", ["fork", pytest.param("spawn", marks=pytest.mark.nightly)])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_in_a_process_that_was_forked_or_spawned(method):
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    child = context.Process(target=digest_of, args=(queue,), daemon=True)
    child.start()
    assert queue.get(timeout=60) == digest_of()
    child.join(10)
    assert child.exitcode == 0


def test_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(digest_of()))
    thread.start()
    thread.join()
    assert found == [digest_of()]


@pytest.mark.parametrize("code", [errno.EAGAIN, errno.EMFILE])
def test_no_more_processes_is_a_clear_error(monkeypatch, code):
    def none(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(pools.watch.subprocess, "Popen", none)
    with pytest.raises(rc.ResourceError, match="E707") as raised:
        simulate(square)
    assert "--workers 1" in raised.value.problems[0].hint
