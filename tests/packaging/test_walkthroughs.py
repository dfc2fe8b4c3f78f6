"""Whoever follows README or a how-to sees what they show: commands, models, Python."""

import importlib.util
import os
import re
import shlex
import sys
from pathlib import Path

import inprocess
import pytest

ROOT = Path(__file__).parents[2]
HOW_TO = [*sorted((ROOT / "docs" / "how-to").glob("*.md")), ROOT / "docs" / "comparison.md"]
SLOW = {"excel", "python", "large-runs"}
"""Pages that are walked through at night; plain tests cover what they do."""
MOST = 8
"""Commands of the quick start."""


@pytest.fixture(scope="module")
def walker():
    place = ROOT / "benchmarks" / "walkthrough.py"
    spec = importlib.util.spec_from_file_location("walkthrough", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def here(command):
    """Run a rangecast command without a process of its own."""
    words = shlex.split(command)
    may_fail = words[-2:] == ["||", "true"]
    assert words[0] == "rangecast", command
    done = inprocess.run([sys.executable, "-m", "rangecast", *words[1 : -2 if may_fail else None]])
    assert (done.returncode == 0) != may_fail, done.stderr
    return (done.stdout + done.stderr).decode()


def _same(walker, path, run, folder):
    text, before = path.read_text(encoding="utf-8"), Path.cwd()
    os.chdir(folder)
    try:
        assert walker.renewed(text, run) == text
    finally:
        os.chdir(before)


@pytest.mark.parametrize("how", ["here", pytest.param("installed", marks=pytest.mark.nightly)])
def test_the_quick_start_prints_what_readme_shows(walker, how, tmp_path):
    """In an empty folder; at night with the installed program, as a new user would."""
    _same(walker, ROOT / "README.md", walker.shell if how == "installed" else here, tmp_path)
    assert (tmp_path / "plan-report.html").stat().st_size > 50_000
    parts = (ROOT / "README.md").read_text(encoding="utf-8").split("<!-- run -->\n```sh\n")[1:]
    steps = [line for part in parts for line in walker.commands(part.split("```")[0])]
    assert 5 <= len(steps) <= MOST
    for word in ("run", "--set", "new", "report"):
        assert any(word in step.split() for step in steps), word


@pytest.mark.nightly
def test_the_quick_start_in_chinese(walker, tmp_path):
    _same(walker, ROOT / "README.zh.md", here, tmp_path)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.nightly] * (path.stem in SLOW))
        for path in HOW_TO
    ],
)
def test_a_how_to_shows_what_happens(walker, path, tmp_path):
    _same(walker, path, here, tmp_path)


@pytest.mark.nightly
def test_every_command_of_the_study_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "study.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(rangecast [^`]+)` \|", text, re.MULTILINE)
    assert len(found) >= 12
    for command in found:
        small = " -n 2000" if command.split()[1] in {"run", "diff", "seek"} else ""
        assert here(command + small)


def test_what_differs_is_noticed(walker, tmp_path):
    page = (
        "<!-- run -->\n```sh\nrangecast explain band\n```\n<!-- output -->\n```text\nother\n```\n"
    )
    found = walker.renewed(page, here)
    assert "Percentiles of an output" in found
    assert "other" not in found
    assert walker.SECONDS.sub(r"\g<1>0.1 s", "seed 1 · 2.3 s") == "seed 1 · 0.1 s"
    with pytest.raises(AssertionError, match="nothing matches"):
        walker.renewed(page.replace("output", "output nothing like it"), here)


def test_every_block_is_run_or_marked_as_text(walker):
    """No how-to holds a block that looks runnable and is not, beyond those listed."""
    for path in HOW_TO:
        lines = path.read_text(encoding="utf-8").splitlines()
        for k, line in enumerate(lines):
            if line in {"```toml", "```python"} and not lines[k - 1].startswith("<!-- "):
                assert (path.stem, line) == ("cluster", "```python"), f"{path.name}:{k + 1}"
