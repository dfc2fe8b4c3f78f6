"""The command line as a script sees it: streams, exit statuses, JSON."""

import json
import os
import subprocess
import sys

import inprocess
import pytest

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


def run(folder, *arguments, **options):
    command = [sys.executable, "-m", "rangecast", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, **options)
    assert "Traceback" not in done.stderr + done.stdout
    return done


def test_results_go_to_stdout_and_json_is_one_object(folder):
    done = run(folder, "run", "m.toml", "-n", "5k", "--json", "--prob", "y > 30")
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
    done = run(folder, "run", "-", "-n", "1000", "-q", input=MODEL)
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
    assert run(folder, "check", "n.toml").returncode == 0
    assert run(folder, "run", "n.toml", "-n", "1000").returncode == 0
    assert run(folder, "new", "a.toml", "--from", "ai-servers").returncode == 0
    assert run(folder, "check", "a.toml", "-q").returncode == 0


def test_explain_knows_codes_methods_and_laws(folder):
    everything = run(folder, "explain").stdout
    for word in ("E504", "conditional", "lognormal", "tornado", "ai-servers"):
        assert word in everything
    assert "eigenvalue" in run(folder, "explain", "e504").stdout


def test_an_ascii_terminal_is_served(folder):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run(folder, "run", "m.toml", "-n", "1000", env=environment)
    assert done.returncode == 0
    assert "What moves y" in done.stdout
