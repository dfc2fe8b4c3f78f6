"""Every back end gives the same bits, and none leaves anything behind."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from rangecast.engine import pools
from rangecast.engine.task import run_task

import rangecast as rc

MODEL = (Path(__file__).parents[1] / "data" / "small.toml").read_text()


def simulate(n, **settings):
    return rc.simulate(rc.loads(MODEL), scenarios=n, seed=1, **settings)


@pytest.mark.nightly
def test_two_blas_threads_in_the_caller_change_nothing():
    from threadpoolctl import threadpool_limits

    with threadpool_limits(2, user_api="blas"):
        assert simulate(70_001).digest == simulate(70_001, workers=2, backend="loky").digest


def killing(killed, name):
    """Give a progress callback that kills the first child process with a name, once."""

    def progress(done, total):
        if not killed and done > total / 8:
            for child in psutil.Process().children(recursive=True):
                if name in " ".join(child.cmdline()):
                    killed.append(child.pid)
                    child.kill()
                    return

    return progress


@pytest.mark.nightly
def test_a_killed_process_loses_nothing():
    killed = []
    progress = killing(killed, "popen_loky_posix")
    result = simulate(3_000_001, workers=2, backend="loky", progress=progress)
    assert killed
    assert result.digest == simulate(3_000_001).digest


def stopping(pids, seconds):
    """Give a progress callback that stops a worker for some seconds, once."""

    def go_on(pid):
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):  # it may be done with its work
            os.kill(pid, signal.SIGCONT)

    def progress(done, total):
        if not pids and done > total / 8:
            for child in psutil.Process().children(recursive=True):
                if "popen_loky_posix" in " ".join(child.cmdline()):
                    pids.append(child.pid)
                    os.kill(child.pid, signal.SIGSTOP)
                    threading.Thread(target=go_on, args=(child.pid,), daemon=True).start()
                    return

    return progress


@pytest.mark.nightly
def test_a_worker_that_was_stopped_for_a_while_changes_nothing():
    stopped = []
    progress = stopping(stopped, 5.0)
    result = simulate(3_000_001, workers=2, backend="loky", progress=progress)
    assert stopped
    assert result.digest == simulate(3_000_001).digest


@pytest.mark.nightly
def test_all_workers_killed_at_once_lose_nothing():
    killed = []

    def progress(done, total):
        if not killed and done > total / 8:
            for child in psutil.Process().children(recursive=True):
                if "popen_loky_posix" in " ".join(child.cmdline()):
                    killed.append(child.pid)
                    child.kill()

    result = simulate(3_000_001, workers=2, backend="loky", progress=progress)
    assert len(killed) == 2
    assert result.digest == simulate(3_000_001).digest


def test_a_cluster_of_another_arithmetic_is_refused(monkeypatch):
    class Client:
        """Answers as a cluster of one worker on another processor does."""

        def run(self, function):
            return {"worker 1": {**function(), "arithmetic": "0123456789abcdef"}}

    with pytest.raises(rc.ResourceError, match="arithmetic 0123456789abcdef there") as raised:
        pools._check_versions(Client())
    assert raised.value.problems[0].code == "E706"


def free_port():
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A dask scheduler and two workers, each a process of its own, over TCP."""
    pytest.importorskip("distributed", reason="needs the extra dask")
    folder, port = tmp_path_factory.mktemp("dask"), free_port()
    address, module = f"tcp://127.0.0.1:{port}", [sys.executable, "-m", "distributed.cli"]
    environment = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "critical"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    scheduler = [module[2] + ".dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    worker = [module[2] + ".dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    worker += ["--local-directory", str(folder)]
    commands = [[*scheduler, "--no-dashboard"], worker, worker]
    started = [subprocess.Popen([*module[:2], *command], **quiet) for command in commands]
    yield address, started
    for process in reversed(started):
        process.terminate()
    for process in started:
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.mark.nightly
def test_a_cluster_gives_the_same_digest(cluster):
    result = simulate(300_001, backend="dask", address=cluster[0])
    assert result.timing.backend == "dask"
    assert result.digest == simulate(300_001).digest


@pytest.mark.nightly
def test_a_killed_worker_of_a_cluster_changes_nothing(cluster):
    address, started = cluster
    killed = []

    def progress(done, total):
        if not killed and done > total / 8:
            children = psutil.Process(started[1].pid).children(recursive=True)
            worker = [c for c in children if "resource_tracker" not in " ".join(c.cmdline())][-1]
            killed.append(worker.pid)
            worker.kill()

    n = 6_000_001
    result = simulate(n, backend="dask", address=address, progress=progress)
    assert killed
    assert result.digest == simulate(n).digest


def test_an_address_where_nothing_answers_is_a_clear_error(monkeypatch):
    monkeypatch.setattr("rangecast.engine.pools._REACHED_WITHIN", 1)
    pytest.importorskip("distributed", reason="needs the extra dask")
    with pytest.raises(rc.ResourceError, match="no dask scheduler answers"):
        simulate(1000, address=f"tcp://127.0.0.1:{free_port()}")


SCRIPT = """
import sys
import rangecast as rc
if __name__ == "__main__":
    def progress(done, total):
        print(done, flush=True)
    model = rc.load(sys.argv[1])
    rc.simulate(
        model, scenarios=10**9, workers=2, backend=sys.argv[2], progress=progress
    )
"""


def alive(process):
    try:
        return process.is_running() and process.status() != "zombie"
    except psutil.Error:
        return False


def of_session(session):
    """Processes of a session and their descendants that have left it."""
    found = set()
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and alive(process):
                found.add(process)
                found.update(process.children(recursive=True))
        except (psutil.Error, ProcessLookupError):
            continue
    return {p for p in found if alive(p)}


@pytest.mark.nightly
@pytest.mark.parametrize("backend", ["loky", "dask"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_a_run(tmp_path, backend, how):
    if backend == "dask":
        pytest.importorskip("distributed", reason="needs the extra dask")
    (tmp_path / "model.toml").write_text(MODEL)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, str(script), str(tmp_path / "model.toml"), backend]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(scratch)},
        start_new_session=True,
    )
    with process:
        assert process.stdout.readline()
        left = of_session(process.pid)
        assert len(left) >= 3
        process.send_signal(how)
        try:
            process.wait(20)
        finally:
            process.kill()
    ends = time.monotonic() + 2.0
    while time.monotonic() < ends and (left or list(scratch.iterdir())):
        left = {p for p in left if alive(p)}
        time.sleep(0.05)
    assert not left
    assert not list(scratch.iterdir())
    # Whole words: the digits of a process number also occur in the random names of other folders.
    shared = [name for name in os.listdir("/dev/shm") if str(process.pid) in re.split("[_-]", name)]
    assert not shared


@pytest.mark.parametrize(
    ("asked", "scenarios", "backend"),
    [
        (("auto", 1), 10**9, "sequential"),
        (("auto", 2), 2_999_999, "sequential"),
        (("auto", 2), 3_000_000, "threads"),
        (("auto", 2), 20_000_000, "loky"),
        (("threads", 2), 10, "threads"),
        (("loky", 1), 10**9, "sequential"),
        (("dask", 1), 10, "dask"),
    ],
)
def test_the_back_end_is_chosen_by_the_size_of_the_run(asked, scenarios, backend):
    found = pools.choose(*asked, scenarios)
    assert found.backend == backend
    assert found.workers == (1 if backend == "sequential" else asked[1])
    at = "tcp://127.0.0.1:1"
    assert pools.choose(*asked, scenarios, at) == pools.Pool("dask", asked[1], at)


def test_a_part_filed_by_a_worker_is_read_as_it_was(tmp_path):
    """What a worker process does, in this one: every number comes back bit by bit."""
    setup = simulate(10_000).setup
    wanted = pools._worker_task(setup, 3, 0)
    name = pools._filing_task(setup, 3, 0, str(tmp_path))
    found = pools._from_bytes((tmp_path / name).read_bytes())
    assert (found.batch, found.part, found.rows) == (3, 0, wanted.rows)
    for kind in ("ints", "floats"):
        mine, theirs = getattr(found, kind), getattr(wanted, kind)
        assert mine.keys() == theirs.keys()
        assert all(mine[k].tobytes() == theirs[k].tobytes() for k in theirs)
    with pytest.raises(rc.FileError, match="nowhere"):
        pools._filing_task(setup, 3, 0, str(tmp_path / "nowhere"))


@pytest.mark.parametrize("said", ["can't start new thread", "another thing"])
def test_no_more_threads_is_a_clear_error_and_others_stay_theirs(monkeypatch, said):
    def none(*_):
        raise RuntimeError(said)

    monkeypatch.setattr(pools, "run_task", none)
    expected = rc.ResourceError if "new thread" in said else RuntimeError
    with pytest.raises(expected, match="E707" if "new thread" in said else said):
        simulate(50_000, workers=2, backend="threads")


def test_dask_that_is_not_installed_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(rc.ResourceError, match=r"pip install 'rangecast\[dask\]'"):
        simulate(1_000, backend="dask")


def test_a_task_that_ends_every_worker_is_given_up_with_its_scenarios(monkeypatch):
    """Lost three times alone, while every other task is done; nothing is started here."""
    done, fatal = [], (5, 0)

    class BrokenProcessPool(Exception):
        """As concurrent.futures names it."""

    def work(setup, tasks, pool, begun):
        for task in tasks:
            begun.append(task)
            if task == fatal:
                raise BrokenProcessPool
            done.append(task)
            yield run_task(setup, *task)

    monkeypatch.setattr(pools, "_loky", work)
    with pytest.raises(rc.ResourceError) as raised:
        simulate(32_768, workers=2, backend="loky")
    (problem,) = raised.value.problems
    assert problem.code == "E811"
    assert problem.got == "scenarios 5,121 to 6,144"
    assert len(done) == len(set(done)) == 31


def test_versions_of_a_package_that_is_not_there_are_missing(monkeypatch):
    def none(name):
        raise pools.PackageNotFoundError(name)

    assert pools._versions()["scipy"][0].isdigit()
    monkeypatch.setattr(pools, "version", none)
    assert pools._versions()["rangecast"] == "missing"
