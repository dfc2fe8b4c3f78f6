"""What the first part promises, line by line."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import inprocess
import numpy as np
import psutil
import pytest

import rangecast as rc

ROOT = Path(__file__).parents[2]
UNSTABLE = """
[inputs.x]
dist = "normal"
mean = 0
sd = 1
[inputs.w]
dist = "uniform"
low = 0
high = 1
[outputs.y]
formula = "sqrt(x + 2.3263478740408408) + w"
"""


def rangecast(*arguments: str, cwd: Path | None = None, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "rangecast", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, **options)


def here(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess:
    """Run a command in this process: the same, without the start of Python."""
    return inprocess.run([sys.executable, "-m", "rangecast", *arguments], text=True, cwd=cwd)


def digest(**settings) -> str:
    settings = {"scenarios": 200_001, "seed": 1, "case": "exante+token"} | settings
    return rc.simulate(rc.load("ai-servers"), **settings).digest


def test_the_main_command_prints_bands_and_a_tornado_of_a_million_scenarios():
    done = rangecast("run", "ai-servers")
    assert done.returncode == 0, done.stderr
    assert "1,000,000 scenarios · seed 1" in done.stdout
    assert re.search(r"P5 +P25 +P50 +P75 +P95 +mean", done.stdout)
    tornado = done.stdout.split("What moves servers")[1]
    assert len([line for line in tornado.splitlines() if "│" in line and "P50" not in line]) >= 8


def test_the_continuous_integration_runs_the_readme_commands():
    readme, ci = (ROOT / "README.md").read_text(), (ROOT / ".ci" / "run").read_text()
    assert re.search(r"^python3 -m venv .*pytest$", readme, re.MULTILINE)
    assert re.search(r"^python3 -m venv .*rangecast run ai-servers$", readme, re.MULTILINE)
    assert "README.md" in ci
    assert "run ai-servers" in ci


def test_check_exits_0_and_names_every_printed_figure():
    done = rangecast("check", "ai-servers")
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("ok")]
    assert len(rows) >= 20
    assert "MISS" not in done.stdout
    assert "reconstructed in 2026" in done.stdout


def test_check_exits_1_and_names_the_figure_when_a_value_changes(tmp_path):
    copy = tmp_path / "changed.toml"
    assert here("new", str(copy), "--from", "ai-servers").returncode == 0
    text = copy.read_text()
    changed = re.sub(
        r"(\[inputs\.gpu_years_per_model\].*?base *= *)[\d.e]+",
        r"\g<1>358.55",
        text,
        count=1,
        flags=re.DOTALL,
    )
    assert changed != text
    copy.write_text(changed)
    done = here("check", str(copy))
    assert done.returncode == 1
    assert "FAILED cards_train_per_company" in done.stderr


@pytest.mark.nightly
def test_digest_does_not_depend_on_workers_or_back_end():
    found = {
        digest(workers=workers, backend=backend)
        for workers, backend in ((1, "auto"), (2, "threads"), (4, "threads"), (2, "loky"))
    }
    assert len(found) == 1


@pytest.mark.nightly
def test_an_unused_input_changes_nothing_wherever_it_stands():
    text = (ROOT / "models" / "ai-servers.toml").read_text()
    settings = {"scenarios": 20_000, "seed": 1, "case": "exante+token"}
    known = rc.simulate(rc.loads(text), **settings).digest
    law = 'dist = "normal"\nmean = 0\nsd = 1\n'
    first = text.index("[inputs.")
    later = text.index("[inputs.", text.index("[inputs.", first + 1) + 1)
    for name, place in (("aaa_unused", first), ("m_unused", later), ("zzz_unused", first)):
        changed = f"{text[:place]}[inputs.{name}]\n{law}\n{text[place:]}"
        assert rc.simulate(rc.loads(changed), **settings).digest == known


def test_one_scenario():
    done = here("run", "ai-servers", "-n", "1")
    assert done.returncode == 0
    assert "intervals n/a" in done.stdout
    bands = rc.simulate(rc.load("ai-servers"), scenarios=1, case="exante+token").bands()
    assert bands["ci_low"].isna().all()
    assert bands["ci_high"].isna().all()
    assert bands["value"].notna().all()


@pytest.mark.nightly
def test_ten_million_scenarios_in_250_mib_with_progress():
    script = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from rangecast.__main__ import main\n"
        "status = main(['run', 'ai-servers', '-n', '1e7', '-v'])\n"  # a pipe: only when asked for
        # not getrusage: its peak is inherited from the process that started this one
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print('PEAK', peak)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    peak = int(re.search(r"PEAK (\d+)", done.stdout)[1])
    assert peak <= 250 * 1024
    assert "scenarios ·" in done.stderr
    assert "10,000,000 scenarios" in done.stdout


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ('dist = "normal"', 'distt = "normal"'),
            ["E113", "model.toml:2:1", "inputs.x.distt", "dist"],
        ),
        (
            ('dist = "normal"', 'dist = "nomral"'),
            ["E301", "model.toml:2:1", "did you mean 'normal'"],
        ),
        (("sd = 1", "sd = -1"), ["E303", "model.toml:4:1", "inputs.x.sd", "-1"]),
        (("mean = 0", "low = 0"), ["E302", "inputs.x", "not a parameter of 'normal'"]),
        (("sqrt(x", "y * sqrt(x"), ["E205", "y -> y", "model.toml:10"]),
        (("sqrt(x", "sqrt(xx"), ["E204", "model.toml:10:17", "xx"]),
    ],
)
def test_wrong_models_are_refused_with_place_and_names(tmp_path, change, words):
    (tmp_path / "model.toml").write_text(UNSTABLE.lstrip().replace(*change, 1))
    done = here("run", "model.toml", cwd=tmp_path)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_impossible_correlations_are_refused(tmp_path):
    names = "abcd"
    text = "".join(f'[inputs.{n}]\ndist = "normal"\nmean = 0\nsd = 1\n' for n in names)
    for first, second, rho in (("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9), ("c", "d", 0.1)):
        text += f'[[correlations]]\nbetween = ["{first}", "{second}"]\nspearman = {rho}\n'
    (tmp_path / "model.toml").write_text(text + '[outputs.y]\nformula = "a + b + c + d"\n')
    done = here("run", "model.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "E504" in done.stderr
    assert "smallest eigenvalue -0.8" in done.stderr
    assert "c–d" not in done.stderr
    assert re.search(r"model\.toml:\d+:\d+", done.stderr)


def test_failing_scenarios_end_with_4_count_rate_and_drivers(tmp_path):
    (tmp_path / "model.toml").write_text(UNSTABLE)
    done = here("run", "model.toml", "-n", "1e5", cwd=tmp_path)
    assert done.returncode == 4
    # 1 % of 100,000 scenarios: 1,000 ± 5 standard errors of 31.5
    count = int(re.search(r"([\d,]+) of 100,000", done.stderr)[1].replace(",", ""))
    assert abs(count - 1000) < 5 * 31.5
    assert re.search(r"rate of [\d.]+% \[[\d.]+%, [\d.]+%\]", done.stderr)
    assert re.search(r"driven by x", done.stderr)
    assert "sqrt of a negative number" in done.stderr


def test_tolerated_failures_give_bands_of_the_finite_scenarios():
    text = UNSTABLE.replace("[outputs.y]", "[run]\nmax_failures = 0.05\n[outputs.y]")
    result = rc.simulate(rc.loads(text), scenarios=60_000, seed=1)
    values = result.ensemble.totals.floats["values"][0]
    finite = np.sort(values[np.isfinite(values)])
    assert result.count("y") == len(finite) < 60_000
    assert result.quantile("y", 0.5) == pytest.approx(np.median(finite), rel=1e-9)
    assert [p.code for p in result.warnings] == ["W602"]
    assert "of the finite ones" in result.warnings[0].message


def is_at_work(pid):
    """Whether a run draws by now: it and its workers computed for longer than imports take."""
    own = psutil.Process(pid)
    return sum(sum(p.cpu_times()[:2]) for p in [own, *own.children(recursive=True)]) > 2.5


def seconds_to_interrupt(command):
    """How long a run takes to end after Ctrl-C; it must end as one that was interrupted."""
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        time.sleep(1.0)
        while not is_at_work(process.pid):
            time.sleep(0.2)
        started = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        elapsed = time.monotonic() - started
    finally:
        process.kill()
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    return elapsed


@pytest.mark.parametrize(
    "backend",
    [*(pytest.param(b, marks=pytest.mark.nightly) for b in ("sequential", "threads")), "loky"],
)
def test_ctrl_c_ends_within_a_second_with_130_and_no_file(tmp_path, backend):
    out = tmp_path / "results"
    command = [sys.executable, "-m", "rangecast", "run", "ai-servers", "-n", "5e8"]
    command += ["--backend", backend, "--workers", "2", "--out", str(out)]
    for _ in range(3):  # other work may hold up one, and is not what is promised
        took = seconds_to_interrupt(command)
        assert not out.exists()
        if took <= 1.0:
            return
    pytest.fail(f"three of three took longer than a second, the last {took:.2f} s")


@pytest.mark.nightly
def test_out_writes_every_file_of_the_schema(tmp_path):
    done = rangecast("run", "ai-servers", "-n", "2e4", "--out", str(tmp_path / "o"), "-q")
    assert done.returncode == 0, done.stderr
    names = {p.name for p in (tmp_path / "o").iterdir()}
    assert {
        "results.json",
        "bands.csv",
        "tornado.csv",
        "band_servers.png",
        "band_servers.svg",
        "tornado_servers.png",
        "tornado_market_cny.svg",
    } <= names
    found = json.loads((tmp_path / "o" / "results.json").read_text(), parse_constant=pytest.fail)
    assert found["schema_version"] == 1
    assert set(found) >= {"manifest", "outputs", "tornado", "checks", "warnings"}
    assert set(found["manifest"]) >= {
        "model",
        "model_sha256",
        "cases",
        "scenarios",
        "seed",
        "design",
        "workers",
        "backend",
        "versions",
        "seconds",
        "digest",
    }
    servers = found["outputs"]["servers"]
    assert set(servers) >= {
        "label",
        "unit",
        "n",
        "failed",
        "mean",
        "mean_se",
        "sd",
        "base",
        "bands",
    }
    assert set(servers["bands"][0]) >= {"quantile", "value", "ci_low", "ci_high"}
    assert set(found["tornado"][0]) >= {
        "output",
        "method",
        "statistic",
        "rank",
        "input",
        "label",
        "unit",
        "low",
        "high",
        "swing",
        "input_low",
        "input_high",
        "ci_low",
        "ci_high",
        "baseline",
    }
    assert {row["method"] for row in found["tornado"]} >= {"conditional", "swing", "rank"}
