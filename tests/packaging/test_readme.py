"""README tells the truth: its example runs, and its screen and picture can be made again."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rangecast as rc

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("readme_maker", ROOT / "benchmarks" / "readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def result(maker):
    return maker.result()


def block(name: str) -> str:
    found = re.search(
        rf"<!-- {name} -->\n```text\n(.*?)```\n<!-- end {name} -->", README, re.DOTALL
    )
    assert found, name
    return found[1]


def test_the_first_screen_is_verbatim(maker, result):
    assert block("first screen").strip() == maker.screen(result).strip()


def test_the_picture_data_is_current(maker, result):
    stored = json.loads((ROOT / "docs" / "first_picture.json").read_text())
    current = json.loads(json.dumps(maker.picture_data(result)))
    assert stored.keys() == current.keys()
    for name, rows in stored.items():
        assert len(rows) == len(current[name])
        for old, new in zip(rows, current[name], strict=True):
            assert old.keys() == new.keys()
            for key, value in old.items():
                if isinstance(value, str):
                    assert value == new[key]
                else:  # six digits are kept; another processor may round the last one differently
                    assert value == pytest.approx(new[key], rel=2e-5, abs=1e-9)


@pytest.mark.parametrize("name", ["goals", "bench", "designs"])
def test_the_blocks_are_the_output_of_the_benchmarks(name):
    stored = (ROOT / "benchmarks" / "results" / f"{name}.txt").read_text()
    assert block(name).strip() == stored.strip()


def test_the_python_example_runs(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    script = tmp_path / "example.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for picture in ("tornado.png", "fan.png"):
        assert (tmp_path / picture).stat().st_size > 10_000


def test_the_model_example_runs(tmp_path):
    text = re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1]
    (tmp_path / "servers.toml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "rangecast", "run", "servers.toml", "-n", "1e4"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "What moves servers" in done.stdout


def test_files_named_in_the_readme_exist():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_example_of_regimes_and_dependence_runs():
    (text,) = [b for b in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "copula" in b]
    model = rc.loads(text + '[outputs.cost]\nformula = "price * tokens"\n')
    assert rc.simulate(model, scenarios=2_000).quantile("cost", 0.5) > 0
