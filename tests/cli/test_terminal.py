"""What a terminal shows: width, colours, letters, progress; and a pipe instead of one."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import inprocess
import pytest
from rangecast.reports.words import in_ascii, width_of, wrapped

from rangecast.cli import progress as progress_module
from rangecast.cli.screen import has_colour

RUN = ["run", "ai-servers", "-n", "4000"]
SMALL = '[inputs.x]\ndist = "normal"\nmean = 1\nsd = 1\n[outputs.y]\nformula = "x"\n'
COLOUR = re.compile(r"\x1b\[[\d;]*m")
CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


def on_terminal(*arguments, columns=80, **variables):
    """Run a command on a pseudo-terminal and give what it wrote."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    plain = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    environment = {**plain, "TERM": "xterm-256color", "PYTHONUTF8": "1", **variables}
    command = [sys.executable, "-m", "rangecast", *arguments]
    process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environment)
    os.close(child)
    parts = []
    while True:
        try:
            part = os.read(parent, 65_536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(parent)
    assert process.wait(timeout=60) == 0
    return b"".join(parts).decode().replace("\r\n", "\n")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def piped(monkeypatch):
    """Run a command whose output is no terminal."""

    def run(*arguments, **variables):
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return inprocess.run([sys.executable, "-m", "rangecast", *arguments], text=True)

    return run


def too_long(text, columns):
    """Give the lines that do not fit, but for commands to copy."""
    lines = re.split(r"[\r\n]+", CONTROL.sub("", text))  # a progress bar is drawn over itself
    told = [line for line in lines if not line.startswith("warning[") and " ai-servers" not in line]
    return [line for line in told if width_of(line) > columns]


@pytest.mark.nightly
def test_a_terminal_has_colours_and_no_line_is_longer_than_it():
    text = on_terminal(*RUN, columns=80)
    assert COLOUR.search(text)
    assert too_long(text, 80) == []


@pytest.mark.parametrize(
    ("columns", "more"),
    [
        pytest.param(60, (), marks=pytest.mark.nightly),
        (60, ("--lang", "zh")),
        pytest.param(100, ("--tornado", "rank"), marks=pytest.mark.nightly),
    ],
)
def test_no_line_is_longer_than_asked(piped, columns, more):
    assert too_long(piped(*RUN, *more, COLUMNS=str(columns)).stdout, columns) == []


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_can_be_refused_and_asked_for(monkeypatch, variables, coloured):
    for name, value in {"TERM": "xterm", "NO_COLOR": "", "FORCE_COLOR": "", **variables}.items():
        monkeypatch.setenv(name, value)
    assert has_colour(Terminal()) is coloured
    assert has_colour(io.StringIO()) is (variables.get("FORCE_COLOR") == "1" and coloured)


def test_a_pipe_has_no_colours_and_whole_lines(piped):
    found = piped(*RUN)
    assert "\x1b" not in found.stdout + found.stderr
    assert any(width_of(line) > 150 for line in found.stdout.splitlines())
    coloured = piped(*RUN, FORCE_COLOR="1", COLUMNS="80").stdout
    assert COLOUR.search(coloured)
    assert too_long(coloured, 80) == []


@pytest.mark.nightly
def test_letters_that_an_encoding_lacks_are_said_in_ascii():
    command = [sys.executable, "-m", "rangecast", *RUN]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    text = done.stdout.decode("ascii")  # nothing else is in it
    assert "P50" in text
    assert "####" in text
    assert "?" not in text
    assert in_ascii("P5 … P95 × 服务器") == "P5 ... P95 x ???"


def steps(monkeypatch, stream, **asked):
    """Let a run of 4,000 scenarios take four seconds, and give what its progress shows."""
    monkeypatch.setattr(sys, "stderr", stream)
    clock = iter(range(100))
    monkeypatch.setattr(progress_module.time, "perf_counter", lambda: next(clock))
    with progress_module.progress(**asked) as callback:
        for done in (1_000, 2_000, 3_000, 4_000):
            if callback is not None:
                callback(done, 4_000)
    return stream.getvalue()


def test_progress_on_a_terminal_shows_done_rate_and_time_left(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    shown = steps(monkeypatch, Terminal(), quiet=False)
    assert re.search(r"1,000 of 4,000 scenarios · 1,000 /s -:--", shown)
    assert steps(monkeypatch, Terminal(), quiet=True) == ""


def test_progress_elsewhere_is_a_line_per_quarter_and_only_when_asked_for(monkeypatch):
    assert steps(monkeypatch, io.StringIO(), quiet=False) == ""
    lines = steps(monkeypatch, io.StringIO(), quiet=False, verbose=True).splitlines()
    assert lines[0] == "2,000 of 4,000 scenarios · 1,000 /s · 2 s left"
    assert len(lines) == 3  # nothing in the first second
    monkeypatch.setenv("TERM", "dumb")
    assert steps(monkeypatch, Terminal(), quiet=False, verbose=True).splitlines() == lines


@pytest.mark.nightly
def test_a_long_run_shows_its_progress():
    shown = on_terminal("run", "ai-servers", "-n", "8e6", NO_COLOR="1")
    assert re.search(r"of 8,000,000 scenarios · [\d.]+ M/s \d:\d\d", shown)


def test_quiet_and_verbose(piped, tmp_path):
    (tmp_path / "m.toml").write_text(SMALL)
    small = ("run", str(tmp_path / "m.toml"), "-n", "4000")
    assert piped(*small, "-q").stderr == ""
    told = piped(*small, "-v").stderr
    assert re.search(r"digest [0-9a-f]{64}", told)
    assert "sequential, 1 workers" in told


def test_a_reader_that_goes_away_is_no_error():
    command = f"{sys.executable} -m rangecast explain | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stdout.split("\n")[1] == "0"
    assert done.stderr == ""


def test_long_sentences_go_on_below():
    text = "as far as words go, they go on below"
    lines = wrapped(text, 12, "  ", "    ")
    assert lines[0].startswith("  as")
    assert all(line.startswith("    ") for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == text
    assert max(map(width_of, lines)) <= 12


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        ("dist = 'uniform'\nlow = 1\nhigh = 2", ["-n", "2"], "sampling error n/a"),
        (
            "dist = 'uniform'\nlow = 1\nhigh = 2",
            ["-n", "2000", "--percentiles", "10,90", "--statistic", "mean"],
            "sampling error n/a",
        ),
        ("dist = 'uniform'\nlow = 1\nhigh = 2", ["-n", "2000"], "Sampling error (P50 ±"),
        ("dist = 'normal'\nmean = 0\nsd = 40", ["-n", "1000"], "P50 may be "),
    ],
)
def test_the_sampling_error_is_said_in_a_way_that_fits(piped, tmp_path, model, options, words):
    """As a share; as a range beyond a thousand percent; not at all where there is none."""
    path = tmp_path / "m.toml"
    path.write_text(f"[inputs.a]\n{model}\n[outputs.y]\nformula = '10 ** a'\n")
    shown = piped("run", str(path), *options).stdout
    assert words in shown
    assert "is not model error" in shown or "n/a" in words
