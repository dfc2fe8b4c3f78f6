"""The command line as a script sees it: streams, exit statuses, JSON."""

import contextlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading

import inprocess
import pytest
from rangecast.distributions.examples import EXAMPLES

from rangecast.cli import bench as bench_module
from rangecast.cli import main

MODEL = """
[inputs.x]
dist = "normal"
mean = 10
sd = 1
[inputs.k]
value = 3
[outputs.y]
formula = "x * k"
[cases.big]
inputs.k = 30
[[checks]]
output = "y"
equals = 30
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "m.toml").write_text(MODEL)
    return tmp_path


def run(folder, *arguments):
    return sound(inprocess.run([sys.executable, "-m", "rangecast", *arguments], True, cwd=folder))


def process(folder, *arguments, **options):
    """Run a command in a process of its own, as a script does."""
    command = [sys.executable, "-m", "rangecast", *arguments]
    return sound(subprocess.run(command, capture_output=True, text=True, cwd=folder, **options))


def sound(done):
    assert "Traceback" not in done.stderr + done.stdout
    return done


def test_results_go_to_stdout_and_json_is_one_object(folder):
    done = process(folder, "run", "m.toml", "-n", "5k", "--json", "--prob", "y > 30")
    assert done.returncode == 0
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["manifest"]["scenarios"] == 5000
    assert 0.4 < found["probabilities"][0]["value"] < 0.6


def test_repeated_cases_are_a_list_of_runs(folder):
    done = run(folder, "run", "m.toml", "-n", "1000", "--json", "--case", "big", "--case", "big")
    runs = json.loads(done.stdout)["runs"]
    assert [r["manifest"]["cases"] for r in runs] == [["big"], ["big"]]


def test_set_wins_over_a_case(folder):
    done = run(folder, "run", "m.toml", "-n", "1000", "--case", "big", "--set", "k=2", "--json")
    assert json.loads(done.stdout)["outputs"]["y"]["base"]["value"] == pytest.approx(20)
    done = run(folder, "run", "m.toml", "-n", "1000", "--set", "k=uniform(low=1, high=3)", "--json")
    assert json.loads(done.stdout)["outputs"]["y"]["sd"] > 5


def test_standard_input_is_a_model(folder):
    done = process(folder, "run", "-", "-n", "1000", "-q", input=MODEL)
    assert done.returncode == 0
    assert "P50" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["run", "nowhere.toml"], 2, "E101"),
        (["run", "."], 2, "is a directory"),
        (["run", "m.toml", "-n", "1.5"], 2, "E701"),
        (["run", "m.toml", "-n", "1e30"], 2, "2^53"),
        (["run", "m.toml", "--seed", "-1"], 2, "--seed"),
        (["run", "m.toml", "--wrokers", "2"], 2, "Did you mean '--workers'"),
        (["run", "m.toml", "--case", "bog"], 2, "did you mean 'big'"),
        (["run", "m.toml", "--set", "kk=2"], 2, "did you mean 'k'"),
        (["run", "m.toml", "--set", "x=normal(mean=1, sd=-1)"], 2, "E303"),
        (["run", "m.toml", "--tornado", "swng"], 2, "did you mean 'swing'"),
        (["run", "m.toml", "--statistic", "p33"], 2, "unknown statistic"),
        (["run", "m.toml", "--prob", "z > 3"], 2, "unknown output"),
        (["run", "m.toml", "--output", "z"], 2, "unknown output"),
        (["run", "m.toml", "-n", "100", "--out", "m.toml"], 2, "m.toml"),
        (["run", "m.toml", "-n", "100", "--out", "/proc/nowhere"], 6, "E802"),
        (["explain", "E999"], 2, "nothing is known"),
        (["new", "m.toml"], 6, "E809"),
        (["new", "n.toml", "--from", "ai-server"], 2, "did you mean 'ai-servers'"),
        (["rnu"], 2, "Did you mean 'run'"),
    ],
)
def test_mistakes_are_answered_in_a_line(folder, arguments, status, words):
    line = [sys.executable, "-m", "rangecast", *arguments]
    done = inprocess.run(line, text=True, cwd=folder)
    assert "Traceback" not in done.stderr + done.stdout
    assert done.returncode == status, done.stderr
    assert words in done.stderr


def test_check_passes_and_fails(folder):
    assert run(folder, "check", "m.toml").returncode == 0
    (folder / "m.toml").write_text(MODEL.replace("equals = 30", "equals = 31"))
    done = run(folder, "check", "m.toml")
    assert done.returncode == 1
    assert "FAILED y" in done.stderr
    found = json.loads(run(folder, "check", "m.toml", "--json").stdout)
    assert found["ok"] is False


def test_new_models_run_and_check(folder):
    assert run(folder, "new", "n.toml").returncode == 0
    assert run(folder, "check", "n.toml", "-q").returncode == 0
    assert run(folder, "run", "n.toml", "-n", "1000").returncode == 0


@pytest.mark.nightly
def test_a_copy_of_a_shipped_model_checks(folder):
    assert run(folder, "new", "a.toml", "--from", "ai-servers").returncode == 0
    assert run(folder, "check", "a.toml", "-q").returncode == 0


def test_explain_knows_codes_methods_and_laws(folder):
    everything = run(folder, "explain").stdout
    for word in ("E504", "conditional", "lognormal", "tornado", "ai-servers"):
        assert word in everything
    assert "eigenvalue" in run(folder, "explain", "e504").stdout


def test_an_ascii_terminal_is_served(folder):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = process(folder, "run", "m.toml", "-n", "1000", env=environment)
    assert done.returncode == 0
    assert "What moves y" in done.stdout


@pytest.fixture
def bench(folder, monkeypatch):
    """Measure few draws of two laws, and runs in this process."""
    short = {name: EXAMPLES[name] for name in ("normal", "poisson", "metalog")}
    monkeypatch.setattr("rangecast.distributions.examples.EXAMPLES", short)
    monkeypatch.setattr(bench_module, "_REPEATS", 1)
    monkeypatch.setattr(bench_module, "_ENGINES", bench_module._ENGINES[:2])

    def start(command, **options):
        monkeypatch.setattr(sys, "argv", ["-c", command[3]])
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            bench_module.child()
        return subprocess.CompletedProcess(command, 0, said.getvalue(), "")

    monkeypatch.setattr(bench_module.subprocess, "run", start)

    def run(*arguments):
        line = [sys.executable, "-m", "rangecast", "bench", *arguments, "--rounds", "1"]
        return inprocess.run(line, text=True, cwd=folder)

    return run


def test_bench_measures_runs_and_draws_beside_numpy(bench):
    found = json.loads(bench("m.toml", "-n", "2000", "--case", "big", "--json").stdout)
    assert (found["case"], found["scenarios"]) == ("big", 2000)
    assert [(r["kind"], r["workers"]) for r in found["runs"]] == [
        ("engine", 1),
        ("engine", 2),
        ("plain NumPy", 1),
    ]
    for row in found["runs"]:
        assert row["per_second"] > 0
        assert row["peak_mib"] > 10
    assert found["runs"][-1]["plain_cpu_over_own"] == 1
    laws = {row["distribution"]: row for row in found["distributions"]}
    assert list(laws) == ["normal", "poisson", "metalog"]
    assert all(row["engine_ns"] > 0 and row["setup_ms"] >= 0 for row in laws.values())
    assert laws["normal"]["numpy_ns"] > 0
    assert laws["metalog"]["numpy_ns"] is None  # NumPy has no such law
    told = bench("m.toml", "-n", "2000").stdout.splitlines()
    assert "m.toml: 2,000 scenarios" in told
    assert sum(line.startswith(("engine, ", "plain NumPy ")) for line in told) == 3
    assert next(line for line in told if line.startswith("metalog")).split()[2:5] == ["-", "-", "-"]


def test_bench_says_why_a_run_cannot_be_measured(bench, folder):
    """What the model or the settings do wrong is no bug of ours, also in a process of its own."""
    (folder / "fails.toml").write_text(MODEL.replace('"x * k"', '"log(x - 10)"'))
    done = bench("fails.toml", "-n", "1000")
    assert done.returncode == 4
    assert "error[E601]" in done.stderr
    done = bench("m.toml", "--case", "bog")
    assert done.returncode == 2
    assert "did you mean 'big'" in done.stderr
    done = bench("-")
    assert done.returncode == 2
    assert "every measured run reads the model itself" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "m.toml", "-n", "many"], "a whole number such as 1e6 or 1M"),
        (["run", "m.toml", "-n", "0"], "1 to the largest allowed"),
        (["run", "m.toml", "--seed", "1.5"], "a whole number, 0 or more"),
        (["run", "m.toml", "--seed", "1__0"], "a whole number, 0 or more"),
        (["run", "m.toml", "--seed", "9" * 5_000], "a whole number, 0 or more"),
        (["run", "m.toml", "--percentiles", "5,x"], "'5,x' is not a list such as 5,50,95"),
        (["run", "m.toml", "--percentiles", "5,100"], "percentiles lie between 0 and 100"),
        (["run", "m.toml", "--percentiles", "nan"], "percentiles lie between 0 and 100"),
        (["run", "m.toml", "--prob", "y = 3"], "is not a condition such as"),
        (["run", "m.toml", "--prob", "y > 1.2.3"], "is not a condition such as"),
        (["run", "m.toml", "--prob", "y > _"], "is not a condition such as"),
        (["run", "m.toml", "--prob", "y > nan"], "is not a condition such as"),
        (["run", "m.toml", "--prob", "y < -1e999"], "'y < -1e999': the limit is too large for a"),
        (["run", "m.toml", "--region", "y"], "is not a condition such as"),
        (["run", "m.toml", "--stress", "x"], "is not an input and a part such as visits=90-100"),
        (["run", "m.toml", "--stress", "=5-95"], "is not an input and a part"),
        (["run", "m.toml", "--stress", "x=95-5"], "is not two percentiles such as 5-95"),
        (["run", "m.toml", "--stress", "x=1.2.3-5"], "is not two percentiles such as 5-95"),
        (["run", "m.toml", "--stress", "x=0-101"], "is not two percentiles such as 5-95"),
        (["run", "m.toml", "--precision", "2 %%x"], "is not a share such as 0.5%"),
        (["run", "m.toml", "--precision", "150%"], "does not lie between 0 and 100 %"),
        (["run", "m.toml", "--precision", "nan"], "does not lie between 0 and 100 %"),
    ],
)
def test_values_that_cannot_be_read_are_named_with_an_example(folder, arguments, words):
    done = inprocess.run([sys.executable, "-m", "rangecast", *arguments], text=True, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_values_may_be_written_in_several_ways(folder):
    base = [sys.executable, "-m", "rangecast", "run", "m.toml", "--json", "-q"]

    def found(*arguments):
        done = inprocess.run([*base, *arguments], text=True, cwd=folder, check=True)
        return json.loads(done.stdout)

    for count in ("2000", "2_000", "2k", "2K", "2e3", "0.002M", ".002m", "2000000e-3"):
        assert found("-n", count)["manifest"]["scenarios"] == 2_000
    one = found("-n", "1k", "--percentiles", "P95, p5,50,5")
    assert [b["quantile"] for b in one["outputs"]["y"]["bands"]] == [0.05, 0.5, 0.95]
    assert found("-n", "1k", "--seed", "+1_0")["manifest"]["seed"] == 10
    one = found("-n", "1k", "--prob", " y<3_0.5e0 ")
    assert one["probabilities"][0]["value"] == pytest.approx(0.57, abs=0.1)


FULL = """
[inputs.x]
dist = "normal"
mean = 10
sd = 1
[inputs.k]
value = 3
[inputs.e]
dist = "normal"
mean = 0
sd = 1
[outputs.y]
formula = "x * k + e"
[outputs.z]
formula = "1 / where(x < 9, 0, x)"
[run]
outputs = ["y"]
[cases.big]
inputs.k = 30
[cases.small]
inputs.k = 1
[[checks]]
output = "y"
equals = 30
audit = 7
[[checks]]
output = "y"
case = "big"
equals = 300
[tables.grid]
rows = {name = "x", values = [9, 10, 11]}
columns = {name = "k", values = [1, 2]}
output = "y"
case = "small"
"""
FAILING = ["-n", "1000", "--max-failures", "1"]


@pytest.fixture
def inside(tmp_path):
    """Run a command on a model with failures, cases, checks and a table, without a process."""
    (tmp_path / "m.toml").write_text(FULL)

    def go(command, *arguments):
        line = [sys.executable, "-m", "rangecast", command, "m.toml", *arguments]
        return inprocess.run(line, capture_output=True, text=True, cwd=tmp_path)

    return go


def test_an_audit_shows_its_own_rows_by_number(inside):
    lines = inside("check", "--audit").stdout.splitlines()
    assert lines[1].split() == ["7", "y", "30.00"]
    assert lines[2:] == ["1 of 1 checks pass"]


def test_assumptions_are_those_of_a_case(inside):
    assert inside("check", "--assumptions", "--case", "big").stdout.splitlines() == [
        "x  normal(mean=10, sd=1) · base 10",
        "k  30",
        "e  normal(mean=0, sd=1) · base 0",
    ]
    found = json.loads(inside("check", "--assumptions", "--json", "--case", "small").stdout)
    assert found["case"] == "small"
    assert {one["input"]: one["base"] for one in found["inputs"]} == {"x": 10, "k": 1, "e": 0}


def test_seek_says_the_value_and_its_place(tmp_path):
    (tmp_path / "m.toml").write_text(FULL.replace("x < 9", "x < -9"))
    line = [sys.executable, "-m", "rangecast", "seek", "m.toml"]
    line += ["x", "y < 33", "--chance", "50%", "--between", "10.5", "11.5", "-n", "1000"]
    found = inprocess.run(line, text=True, cwd=tmp_path).stdout.splitlines()
    assert found[0].startswith("x = 1")
    assert " = P84 of its range: P(y < 33) = 50 % [" in found[0]
    assert float(found[0].split()[2]) == pytest.approx(11, abs=0.05)
    assert found[1].endswith("scenarios in all; the input is set, what is correlated stays")


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("z failed", "What makes z fail: signed distance of each input's distribution"),
        ("y < 28", "What leads y below 28: signed distance of each input's distribution"),
    ],
)
def test_a_region_is_said_in_its_own_words(inside, region, words):
    lines = inside("run", *FAILING, "--region", region, "--output", region[0]).stdout.splitlines()
    first = lines[lines.index(words) + 1]
    assert first.startswith("x ")
    assert float(first.split("│")[1].split()[0]) < -0.5


def test_all_outputs_and_how_far_a_regression_explains(inside):
    done = inside("run", *FAILING, "--all", "--tornado", "regression").stdout
    assert [line.split()[0] for line in done.splitlines()[3:5]] == ["y", "z"]
    assert "the linear model explains 100% of the variance (R²)" in done


def test_samples_are_of_one_case(inside, tmp_path):
    many = ["--case", "big", "--case", "small"]
    done = inside("run", *FAILING, "--samples", "s.csv", *many)
    assert done.returncode == 2
    assert "takes one case; got big and small; name one with --case" in done.stderr
    assert not (tmp_path / "s.csv").exists()
    assert "wrote 1,000 scenarios to s.csv" in inside("run", *FAILING, "--samples", "s.csv").stderr
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 1001


def test_a_report_has_the_cases_the_outputs_and_the_tables_asked_for(inside, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("click.launch", opened.append)
    many = ["--case", "big", "--case", "small"]
    inside("report", *FAILING, "--out", "one.md", "--output", "y", *many)
    text = (tmp_path / "one.md").read_text()
    assert "## Cases side by side" in text
    assert "| small | " in text
    assert "| z | " not in text
    done = inside("report", *FAILING, "--out", "all.html", "--all", "--open")
    page = (tmp_path / "all.html").read_text()
    assert "wrote all.html" in done.stderr
    assert opened == [(tmp_path / "all.html").as_uri()]
    assert re.search(r'<h2 id="h-tables">Tables</h2>.*<h3>grid\b', page, re.DOTALL)
    assert "Z: " in page


def test_interruptions_and_lack_of_memory_are_told(inside, monkeypatch):
    def stopped(*_, **__):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except KeyboardInterrupt:
            os.kill(os.getpid(), signal.SIGTERM)  # impatience changes nothing
            raise

    monkeypatch.setattr("rangecast.engine.simulate.simulate", stopped)
    done = inside("run", "-n", "1000", "-q")
    assert (done.returncode, done.stdout) == (143, "")
    assert done.stderr.strip() == "interrupted; nothing was written"

    def deaf(*_, progress, **__):
        with contextlib.suppress(KeyboardInterrupt):  # as Python does in a callback
            os.kill(os.getpid(), signal.SIGTERM)
        progress(1, 2)

    monkeypatch.setattr("rangecast.engine.simulate.simulate", deaf)
    done = inside("run", "-n", "1000", "-q")
    assert (done.returncode, done.stderr.strip()) == (143, "interrupted; nothing was written")

    def too_much(*_, **__):
        raise MemoryError

    monkeypatch.setattr("rangecast.engine.simulate.simulate", too_much)
    done = inside("run", "-n", "1000", "-q")
    assert done.returncode == 5
    assert done.stderr.startswith("error[E704]: not enough memory; try fewer workers")


LOST = """
import os, signal, sys, weakref
from rangecast.cli import main
from rangecast.engine import simulate

class Dying: pass

def lost(*_, progress, **__):
    last = Dying()
    weak = weakref.ref(last, lambda _: os.kill(os.getpid(), signal.SIGTERM))
    del last  # Python prints what is raised in the callback, and goes on
    progress(1, 2)

simulate.simulate = lost
sys.exit(main())
"""


def test_an_interruption_that_python_cannot_pass_on_is_answered_at_the_next_part(tmp_path):
    (tmp_path / "m.toml").write_text('[inputs.x]\nvalue = 1\n[outputs.y]\nformula = "x"\n')
    line = [sys.executable, "-c", LOST, "run", "m.toml", "-n", "1000", "-q"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr.strip() == "interrupted; nothing was written"
    assert done.returncode == 143


@pytest.mark.parametrize(("threads", "space", "data"), [("", 288, 224), ("1", 240, 176)])
def test_a_limit_too_low_to_begin_with_is_told_before_anything_is_loaded(
    inside, monkeypatch, threads, space, data
):
    """OpenBLAS would end the process, or try for ever."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4))
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    for limit, name, least in (("RLIMIT_AS", "-v", space), ("RLIMIT_DATA", "-d", data)):
        for mib, status in ((least - 1, 5), (least, 0)):
            soft = {getattr(resource, limit): mib * 2**20}
            monkeypatch.setattr(
                resource, "getrlimit", lambda one, s=soft: (s.get(one, resource.RLIM_INFINITY), -1)
            )
            done = inside("check")
            assert done.returncode == status
            if status:
                text = f"error[E704]: not enough memory; got ulimit {name} of {mib} MiB; "
                assert done.stderr.startswith(f"{text}at least {least} MiB are")


def test_a_command_called_from_python_leaves_signals_as_they_were():
    def ours(*_):
        """Handle nothing: it is only to be found again."""

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = [signal.signal(one, ours) for one in numbers]  # nohup, say, has one ignored
    try:
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")):
            assert main(["explain", "E704"]) == 0
        assert [signal.getsignal(one) for one in numbers] == [ours] * 3
    finally:
        for one, handler in zip(numbers, before, strict=True):
            signal.signal(one, handler)


def test_a_command_in_a_thread_leaves_signals_alone():
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    out, found = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), []
    with contextlib.redirect_stdout(out):
        thread = threading.Thread(target=lambda: found.append(main(["explain", "E704"])))
        thread.start()
        thread.join()
    assert found == [0]
    assert b"E704" in out.detach().getvalue()
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == handlers
