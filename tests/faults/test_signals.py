"""Kills and signals at random times: the same result after `resume`, and nothing left behind."""

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import inprocess
import pytest

MODEL = (
    '[inputs.x]\ndist = "lognormal"\nmu = 0\nsigma = 1\n[inputs.z]\ndist = "pert"\nlow = 0\n'
    'mode = 1\nhigh = 3\n[outputs.y]\nformula = "x * z"\n'
)
COMMAND = [sys.executable, "-m", "rangecast"]
RESUME = [*COMMAND, "resume", "state", "--workers", "1"]
# says when it is ready: what comes before is Python's own start
WATCH = os.WEXITED | os.WNOHANG | os.WNOWAIT
READY = "import sys\nfrom rangecast.cli import main\nfrom rangecast.cli import signals, streams\n"
READY += "signals.listen()\nprint('ready', flush=True, file=sys.stderr)\nsys.exit(main())"


def run_line(n, *more):
    line = [*COMMAND, "run", "model.toml", "-n", str(n), "--workers", "1", "-q", "-v"]
    return [*line, "--checkpoint", "state", "--checkpoint-every", "0.02", *more]


def digest(done):
    """Read the line that `-v` prints; cheaper than all rankings in JSON."""
    return re.search(r"^digest (\w{64})$", done.stderr, re.MULTILINE)[1]


def finish(folder, line, known):
    """Resume from what is there, or run again; the digest must be the known one."""
    again = RESUME if (folder / "state").exists() else line
    done = inprocess.run(again, cwd=folder, text=True)
    assert done.returncode == 0, done.stderr
    assert digest(done) == known
    assert os.listdir(folder) == ["model.toml"]
    return again is RESUME


@pytest.fixture
def place(tmp_path):
    (tmp_path / "model.toml").write_text(MODEL)
    return tmp_path


def kills(place, n, trials, seed):
    """Fork, run, SIGKILL, finish; give how many had to be resumed.

    Every other kill comes at a uniform time of the whole, the others soon after a first checkpoint.
    """
    line, rng, resumed = run_line(n), random.Random(seed), 0
    known = digest(inprocess.run(line, cwd=place, text=True))
    began = time.monotonic()
    inprocess.run(line, cwd=place)
    duration = time.monotonic() - began
    for k in range(trials):
        child = os.fork()
        if not child:
            os._exit(inprocess.run(line, cwd=place).returncode)
        if k % 2:
            time.sleep(rng.uniform(0, duration))
        else:
            while not (place / "state").exists() and os.waitid(os.P_PID, child, WATCH) is None:
                time.sleep(0.001)
            time.sleep(rng.uniform(0, duration / 4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        resumed += finish(place, line, known)
    return resumed


def start(place, line, **options):
    command = [sys.executable, "-c", READY, *line[3:]]
    options = {"cwd": place, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    process = subprocess.Popen(command, text=True, start_new_session=True, **options)
    assert process.stderr.readline() == "ready\n"
    return process


STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def signalled(place, n, number, wait, times=1, more=()):
    """Run, send a signal so often, wait for the end; give what was said.

    Ctrl-C and a closed terminal reach the whole group, SIGTERM the process it is sent to.

    Without a time to wait it is sent once the first checkpoint is there.
    """
    process = start(place, run_line(n, *more))
    while wait is None and not (place / "state").exists():
        time.sleep(0.005)
    time.sleep(wait or 0.0)
    for _ in range(times):
        with contextlib.suppress(ProcessLookupError):
            (os.kill if number == signal.SIGTERM else os.killpg)(process.pid, number)
        time.sleep(0.01)
    began = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 10  # on a crowded machine
    assert process.returncode in {0, STATUS[number]}, err
    # where SIGHUP reaches it, too, joblib's tracker of resources adds lines of its own
    lines = [text for text in err.splitlines() if text.startswith("interrupted; ")]
    assert "Traceback" not in err or "resource_tracker" in err.partition("Traceback")[2]
    assert "internal error" not in err
    assert not [name for name in os.listdir(place) if name.startswith(".")]
    if process.returncode:
        assert len(lines) == 1
        assert out == ""
    return process.returncode, err


def test_ctrl_c_twice_leaves_a_state_to_go_on_with(place):
    status, err = signalled(place, 400_000_000, signal.SIGINT, None, times=2)
    assert status == 130
    assert "go on with: rangecast resume state" in err
    assert (place / "state").exists()


@pytest.mark.nightly
@pytest.mark.parametrize("number", STATUS, ids=lambda n: n.name)
@pytest.mark.parametrize("backend", ["sequential", "loky"])
def test_signals_at_random_times(place, number, backend):
    """25 at a uniform time of a run, each sent 1 to 5 times."""
    n, rng, line = 12_000_000, random.Random(number + len(backend)), run_line(12_000_000)
    known = digest(inprocess.run(line, cwd=place, text=True))
    more = ("--workers", "2", "--backend", backend)
    ended = {}
    for _ in range(25):
        status, _ = signalled(place, n, number, rng.uniform(0, 2.5), rng.randint(1, 5), more)
        ended[status] = ended.get(status, 0) + 1
        finish(place, line, known)
    print(f"{number.name}, {backend}: 25 of 25, by exit status {ended}")


@pytest.mark.nightly
def test_a_storm_while_files_are_written(place):
    """Ctrl-C every 5 ms for a second: the old files, or all new ones, and no temporary ones."""
    line = [*COMMAND, "run", "model.toml", "-n", "5000", "-q", "--workers", "1", "--out", "out"]
    assert inprocess.run(line, cwd=place).returncode == 0
    rng = random.Random(5)
    for _ in range(25):
        process = start(place, line, stdout=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.5, 3))
        for _ in range(200):
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGINT)
            time.sleep(0.005)
        _, err = process.communicate(timeout=30)
        assert process.returncode in {0, 130}, err
        assert "Traceback" not in err
        assert not [name for name in os.listdir(place / "out") if name.startswith(".")]
        assert json.loads((place / "out" / "results.json").read_text())["files"]


@pytest.mark.nightly
def test_a_limit_of_cpu_time_is_answered_like_sigterm(place):
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (2, 60))

    done = subprocess.run(
        run_line(4_000_000_000), cwd=place, capture_output=True, text=True, preexec_fn=limit
    )
    assert done.returncode == 128 + signal.SIGXCPU
    assert "go on with: rangecast resume state" in done.stderr


SCRIPT = """
import sys, time
import rangecast as rc
if __name__ == "__main__":
    result = rc.simulate(
        rc.load(sys.argv[1]), scenarios=int(sys.argv[2]), workers=2, backend="loky", seed=1,
        progress=lambda done, total: print(done, flush=True),
    )
    print(result.digest, len(result.warnings), flush=True)
"""


def check_memory(place, model, n, every):
    """Run n scenarios, kill a worker every so often: memory stays flat, the digest as it is."""
    import psutil

    import rangecast as rc

    (place / "script.py").write_text(SCRIPT)
    command = [sys.executable, "script.py", model, str(n)]
    with (place / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=place, stdout=said)
    killed, seen, rng = 0, [], random.Random(1)
    began = last = time.monotonic()
    while process.poll() is None:
        time.sleep(0.25)
        tree = psutil.Process(process.pid).children(recursive=True)
        workers = [c for c in tree if "popen_loky" in " ".join(_line(c))]
        if time.monotonic() - last > every and workers:
            rng.choice(workers).kill()
            killed, last = killed + 1, time.monotonic()
        seen.append(sum(_memory(p) for p in [psutil.Process(process.pid), *tree]))
    seconds = time.monotonic() - began
    found, warnings = (place / "said").read_text().splitlines()[-1].split()
    assert killed
    assert int(warnings) >= 1
    peaks = [max(part) / 2**20 for part in (seen[: len(seen) // 2], seen[len(seen) // 2 :])]
    assert peaks[1] < 1.15 * peaks[0]
    with contextlib.chdir(place):
        whole = rc.simulate(rc.load(model), scenarios=n, workers=2, backend="loky", seed=1)
    assert whole.digest == found
    print(
        f"{n:.0e} scenarios: {killed} workers killed in {seconds:.0f} s, peak of the tree "
        f"{peaks[0]:.0f} MiB in the first half, {peaks[1]:.0f} MiB in the second, same digest"
    )


@pytest.mark.nightly
def test_memory_stays_flat_while_workers_are_killed(place):
    check_memory(place, "model.toml", 10**8, every=1.0)


def _line(process):
    import psutil

    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _memory(process):
    """Bytes that belong to this process alone, so that shared pages count once."""
    import psutil

    try:
        return process.memory_full_info().uss
    except psutil.Error:
        return 0


def test_an_internal_bug_asks_for_a_report(place, monkeypatch):
    def wrong(*_, **__):
        raise KeyError("planted")

    monkeypatch.setattr("rangecast.engine.run.Merger.add", wrong)
    line = [*COMMAND, "run", "model.toml", "-n", "1000"]
    done = inprocess.run(line, cwd=place, text=True)
    assert done.returncode == 3
    said = done.stderr.splitlines()
    assert re.match(
        r"error: internal error, a bug: KeyError: 'planted' \(test_.*\.py:\d+\)", said[-3]
    )
    assert re.match(r"rangecast .*, numpy .*, scipy .*, Python .* on ", said[-2])
    assert "please report it with these lines, the command, the model file" in said[-1]
    assert "Traceback" not in done.stderr
    monkeypatch.setenv("RANGECAST_DEBUG", "1")
    done = inprocess.run(line, cwd=place, text=True)
    assert done.returncode == 3
    assert "Traceback" in done.stderr


STARTING = """
import contextlib, os, signal, threading, time
import rangecast as rc
from joblib.externals.loky import reusable_executor
from rangecast.engine import pools

blocked, submit = pools._signals_blocked, reusable_executor._ReusablePoolExecutor.submit
sending = threading.Event()

def slow(*arguments):
    if threading.current_thread().name == "ExecutorManagerThread":
        sending.set()
        time.sleep(0.5)
    return submit(*arguments)

@contextlib.contextmanager
def interrupted():
    with blocked():
        yield
        sending.wait()
        os.kill(os.getpid(), signal.SIGINT)  # comes once signals are let through

reusable_executor._ReusablePoolExecutor.submit = slow
pools._signals_blocked = interrupted
try:
    rc.simulate(rc.load("model.toml"), scenarios=1_000_000, workers=2, backend="loky")
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_while_workers_start_ends_at_once(place):
    """What sends tasks may then hold, or wait for, locks of joblib."""
    line = [sys.executable, "-c", STARTING]
    done = subprocess.run(line, cwd=place, capture_output=True, text=True, timeout=30)
    assert done.stdout == "interrupted\n"
    assert done.stderr == ""
    assert done.returncode == 0
