"""What the second part promises, line by line."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rangecast.distributions.registry import FAMILIES

import rangecast as rc

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "benchmarks" / "reference_model.toml"
SMALL = (ROOT / "tests" / "data" / "small.toml").read_text()


def rangecast(*arguments, cwd=None, **options):
    command = [sys.executable, "-m", "rangecast", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, **options)


def digest(**settings):
    return rc.simulate(rc.loads(SMALL), seed=1, **settings).digest


def goals():
    return {row["measure"]: row for row in json.loads(GOALS.read_text())}


GOALS = ROOT / "benchmarks" / "results" / "goals.json"


def median(measure):
    return float(np.median(goals()[measure]["values"]))


def test_the_goals_are_printed_by_a_benchmark_and_stand_in_the_documentation():
    printed = (ROOT / "benchmarks" / "results" / "goals.txt").read_text().strip()
    assert printed in (ROOT / "docs" / "speed.md").read_text()
    assert "docs/speed.md" in (ROOT / "README.md").read_text()
    assert len(goals()) >= 12
    for measure in goals():
        assert measure in printed


def test_the_floors_were_held():
    assert median("CPU of the careful NumPy script / ours, n = 1e+06") >= 5
    assert median("CPU of the careful NumPy script / ours, n = 1e+07") >= 12
    assert median("CPU, ours / the fused C kernel, n = 1e+07") <= 4.5
    memory = [row for name, row in goals().items() if name.startswith("peak memory")]
    assert [row["verdict"] for row in memory] == ["met", "met"]
    assert all("1e+09" in row["measure"] for row in memory)


@pytest.mark.nightly
def test_the_goals_benchmark_runs(tmp_path):
    command = [sys.executable, str(ROOT / "benchmarks" / "goals.py"), "--rounds", "1"]
    done = subprocess.run([*command, "--out", str(tmp_path / "g")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "the fused C kernel" in (tmp_path / "g").read_text()


@pytest.mark.nightly
def test_first_order_indices_of_the_reference_model():
    """Standard errors are 0.0006 or less: 0.002 is more than three of them."""
    result = rc.simulate(rc.load(str(REFERENCE)), scenarios=16_000_000, seed=1, workers=2)
    bars = result.tornado("servers", method="variance").set_index("input")["swing"]
    for name, exact in {"visits": 0.4749, "tput": 0.0710, "chats": 0.0639}.items():
        assert abs(bars[name] - exact) <= 0.002, name
    moments = result.moments_of("servers")
    assert abs(moments.mean - 16300.44) <= 4 * moments.mean_se
    assert abs(moments.sd - 15017.87) <= 4 * moments.sd_se


def test_one_pass_gives_every_ranking_with_intervals():
    result = rc.simulate(rc.load(str(REFERENCE)), scenarios=200_000, seed=1)
    for method in ("conditional", "rank", "regression", "variance"):
        for output in ("servers", "market"):
            bars = result.tornado(output, method=method)
            assert len(bars) == (9 if output == "servers" else 11)  # those its formulas reach
            assert bars["ci_low"].notna().all()
            assert (bars["ci_low"] <= bars["swing"]).all()
            assert (bars["swing"] <= bars["ci_high"]).all()
    assert 0.7 < result.explained("servers") < 0.8


def test_the_regression_is_that_of_least_squares():
    n = 50_000
    result = rc.simulate(rc.load(str(REFERENCE)), scenarios=n, seed=1)
    from rangecast.engine.scenarios import Sampler

    sampler = Sampler(result.setup.plan, result.setup.scheme)
    x, y = [], []
    for k in range(result.setup.plan.passes):
        made = sampler.make(k)
        x.append(np.array(made.x))
        y.append(made.y[0].copy())
    x, y = np.concatenate(x, axis=1), np.concatenate(y)
    bars = result.tornado("servers", method="regression").set_index("input")["swing"]
    used = [k for k, driver in enumerate(result.setup.drivers) if driver.name in bars.index]
    x = x[used]
    scaled = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    design = np.column_stack([*scaled, np.ones(n)])
    found = np.linalg.lstsq(design, y, rcond=None)[0][:-1] / y.std()
    for k, place in enumerate(used):
        name = result.setup.drivers[place].name
        assert bars[name] == pytest.approx(found[k], abs=1e-9)


def keys_of(value):
    if isinstance(value, dict):
        return {k: keys_of(v) for k, v in value.items()}
    return [keys_of(value[0])] if isinstance(value, list) and value else None


def described(n, **settings):
    from rangecast.reports.results_json import as_dict

    result = rc.simulate(rc.loads(SMALL), scenarios=n, seed=1, **settings)
    assert result.bands().columns.tolist()[-2:] == ["method", "rank_error"]
    assert (result.bands()["rank_error"] <= 1e-4).all()
    return keys_of({k: v for k, v in as_dict(result).items() if k != "warnings"})


def test_the_result_has_the_same_keys_for_every_n():
    assert described(10_000) == described(3_000_000)


@pytest.mark.nightly
def test_the_result_has_the_same_keys_for_1e4_and_1e9():
    assert described(10_000) == described(10**9, workers=2, backend="loky")


@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
@pytest.mark.parametrize("n", [1, 65_537])
def test_one_digest_for_threads_and_workers(n, design):
    known = digest(scenarios=n, design=design)
    for workers in (2, 4):
        assert digest(scenarios=n, design=design, workers=workers, backend="threads") == known


@pytest.mark.parametrize(
    "design", ["random", *(pytest.param(d, marks=pytest.mark.nightly) for d in ("lhs", "sobol"))]
)
def test_one_digest_for_processes(design):
    settings = {"scenarios": 65_537, "design": design}
    assert digest(**settings, workers=2, backend="loky") == digest(**settings)


@pytest.mark.nightly
@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
@pytest.mark.parametrize("n", [1, 2, 65_535, 65_536, 65_537, 1_000_001])
def test_one_digest_over_the_whole_grid(n, design):
    found = {
        digest(scenarios=n, design=design, workers=workers, backend=backend)
        for workers in (1, 2, 4)
        for backend in ("sequential", "threads", "loky", "dask")
    }
    assert len(found) == 1


@pytest.mark.nightly
def test_the_compiled_loops_change_nothing():
    script = (
        "import rangecast as rc, sys\n"
        "from rangecast.engine import loops\n"
        "result = rc.simulate(rc.load(sys.argv[1]), scenarios=100_001, seed=1)\n"
        "print(loops.compiled(), result.digest)\n"
    )
    found = {}
    for wanted in ("1", "0"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(REFERENCE)],
            capture_output=True,
            text=True,
            env={**os.environ, "RANGECAST_COMPILED": wanted},
        )
        compiled, found[wanted] = done.stdout.split()
        assert wanted == "1" or compiled == "False"
    assert found["1"] == found["0"]


@pytest.mark.nightly
def test_precision_from_the_command_line():
    done = rangecast("run", str(REFERENCE), "--precision", "2%", "-q")
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"Precision: every band within ±[01]\.\d+% \(widest: P\d+ of \w+\)", done.stdout
    )
    short = rangecast("run", str(REFERENCE), "--precision", "0.01%", "--max-scenarios", "2e5")
    assert "W611" in short.stderr
    assert rangecast("run", str(REFERENCE), "--precision", "x").returncode == 2


@pytest.fixture(scope="module")
def undisturbed_digest():
    return rc.simulate(rc.load(str(REFERENCE)), scenarios=8_000_000, seed=1).digest


@pytest.mark.parametrize(
    ("backend", "how", "status"),
    [
        pytest.param("sequential", signal.SIGINT, 130, marks=pytest.mark.nightly),
        pytest.param("threads", signal.SIGINT, 130, marks=pytest.mark.nightly),
        pytest.param("loky", signal.SIGTERM, 143, marks=pytest.mark.nightly),
        pytest.param("sequential", signal.SIGTERM, 143, marks=pytest.mark.nightly),
        pytest.param("threads", signal.SIGTERM, 143, marks=pytest.mark.nightly),
        pytest.param("loky", signal.SIGINT, 130, marks=pytest.mark.nightly),
    ],
)
def test_an_interrupted_run_is_saved_and_resumed(
    tmp_path, how, status, backend, undisturbed_digest
):
    n = "8_000_000"
    options = ["-n", n, "--backend", backend, "--workers", "2", "--json"]
    command = [sys.executable, "-m", "rangecast", "run", str(REFERENCE), *options]
    command += ["--checkpoint", "state", "--checkpoint-every", "0.1"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "state").exists():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(how)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == status, errors
    assert "rangecast resume state" in errors
    assert "Traceback" not in errors
    done = rangecast("resume", "state", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"resumed: [\d,]+ blocks reused, [\d,]+ redone", done.stderr)
    assert json.loads(done.stdout)["manifest"]["digest"] == undisturbed_digest


def test_resume_refuses_what_it_cannot_continue(tmp_path):
    (tmp_path / "text").write_text("something")
    done = rangecast("resume", "text", cwd=tmp_path)
    assert done.returncode == 6
    assert "error[E803]" in done.stderr
    assert rangecast("resume", "nothing", cwd=tmp_path).returncode == 6


@pytest.mark.nightly
def test_a_function_that_holds_the_lock_goes_to_processes():
    def slow(a):
        return {"b": [sum(range(400)) + value for value in a]}  # microseconds on any machine

    model = rc.Model({"a": rc.distributions.Normal(0, 1)}, slow)
    result = rc.simulate(model, scenarios=1_000_000, workers=2)
    assert result.timing.backend == "loky"
    assert "interpreter lock" in result.timing.note
    quick = rc.Model({"a": rc.distributions.Normal(0, 1)}, lambda a: {"b": np.exp(a)})
    assert rc.simulate(quick, scenarios=4_000_000, workers=2).timing.backend == "threads"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda a: {"b": a[:5]}, "wrong shape"),
        (lambda a: {"b": a + 1j}, "wrong dtype"),
        (lambda a: {"b": np.array(["x"] * len(a))}, "wrong dtype"),
        (lambda a: {"b": np.add(a, 1, out=a)}, "changes its arguments"),
        (lambda a: {"b": a - a.mean()}, "depends on others"),
        (lambda a: [a], "must return a dict"),
    ],
)
def test_a_wrong_function_gets_a_clear_error(function, words):
    with pytest.raises(rc.ModelError, match=words):
        rc.Model({"a": rc.distributions.Normal(0, 1)}, function)


@pytest.mark.nightly
def test_bench_prints_a_table():
    done = rangecast("bench", "-n", "2e4", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    for words in ("plain NumPy", "peak MiB", "poisson", "scenarios/s"):
        assert words in done.stdout


@pytest.mark.nightly
def test_bench_prints_json():
    found = json.loads(rangecast("bench", "-n", "2e4", "--rounds", "1", "--json").stdout)
    assert {row["distribution"] for row in found["distributions"]} == set(FAMILIES)
    assert {row["kind"] for row in found["runs"]} == {"engine", "plain NumPy"}
    assert all(row["peak_mib"] > 0 for row in found["runs"])


def test_the_documentation_shows_a_cluster():
    assert "docs/how-to/cluster.md" in (ROOT / "README.md").read_text()
    text = (ROOT / "docs" / "how-to" / "cluster.md").read_text()
    assert "dask scheduler" in text
    assert "--backend dask --address tcp://" in text
