"""Standard streams that are full, closed or gone, and few resources: answered in one line."""

import contextlib
import io
import subprocess
import sys

import pytest

from rangecast.cli import streams

RANGECAST = f"{sys.executable} -m rangecast"
MODEL = '[inputs.x]\ndist = "uniform"\nlow = 0\nhigh = 1\n[outputs.y]\nformula = "2 * x"\n'


@pytest.fixture
def place(tmp_path):
    (tmp_path / "model.toml").write_text(MODEL)
    return tmp_path


def shell(place, script):
    """Run in bash and give the exit status and what was said on stderr."""
    done = subprocess.run(["bash", "-c", script], cwd=place, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done


RUN = f"{RANGECAST} run model.toml -n 1000 -q"


def test_a_full_standard_output_is_a_clear_error(place):
    done = shell(place, f"{RUN} > /dev/full")
    assert done.returncode == 6
    assert done.stderr.startswith("error[E801] standard output: cannot write: No space left")


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("script", "status"),
    [
        (f"{RUN} --json > /dev/full", 6),
        (f"{RUN} 2> /dev/full >&-", 0),
        (f"{RUN} --out out <&- >&- 2>&-; test -s out/results.json", 0),
        (f"{RANGECAST} run - -n 1000 <&-", 2),
        (f"{RUN} --json | head -1; exit ${{PIPESTATUS[0]}}", 0),
        (f"env -u HOME {RUN} --out out", 0),
        (f"nohup {RUN}", 0),
        (f"P=$PWD; mkdir gone; cd gone; rmdir ../gone; {RUN.replace('mo', '$P/mo')}", 0),
        (f"ulimit -n 32; {RUN} --workers 2 --backend loky", 0),
        (f"ulimit -n 12; {RUN} --workers 2 --backend loky", 5),
        (f"ulimit -v 80000; {RUN}", 5),
        (f"ulimit -v 150000; {RUN}", 5),
        (f"ulimit -v 230000; {RUN}", 5),
        (f"ulimit -d 60000; {RUN}", 5),
        (f"ulimit -v 100000; {RANGECAST} --version", 0),
        (f"{RUN} --out model.toml", 2),
        (f"{RUN} --out /proc/nothing", 6),
    ],
)
def test_other_surroundings(place, script, status):
    done = shell(place, script)
    assert done.returncode == status, (done.stdout, done.stderr)
    if status in {2, 5, 6}:
        assert done.stderr.startswith("error[E")


@pytest.mark.nightly
@pytest.mark.parametrize("module", ["distributed", "openpyxl", "jinja2"])
def test_a_missing_optional_part_is_asked_for_only_when_needed(place, module):
    code = f"import sys; sys.modules['{module}'] = None\nfrom rangecast.cli import main\n"
    code += "sys.exit(main(sys.argv[1:]))"
    base = [sys.executable, "-c", code, "run", "model.toml", "-n", "1000", "-q"]
    assert subprocess.run(base, cwd=place, capture_output=True).returncode == 0
    if module == "distributed":
        done = subprocess.run(
            [*base, "--backend", "dask"], cwd=place, capture_output=True, text=True
        )
        assert done.returncode == 5
        assert "error[E706]" in done.stderr
        assert "pip install 'rangecast[dask]'" in done.stderr


class Closed(io.StringIO):
    """A stream whose other end is gone."""

    def write(self, text):
        raise BrokenPipeError

    def flush(self):
        raise OSError(28, "No space left on device")


def test_standard_error_that_takes_nothing_disturbs_nothing():
    stream = streams.Unbreakable(Closed())
    assert stream.write("warning") == 7
    stream.flush()
    assert stream.writable()


def test_what_standard_output_does_not_take_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert streams.drop_output() is False
    monkeypatch.setattr(sys, "stdout", Closed())
    assert streams.drop_output() is True


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_stream_that_python_did_not_open_is_stood_in_for(monkeypatch, name):
    for one in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, one, io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    monkeypatch.setattr(sys, name, None)
    streams.prepare()
    with contextlib.closing(getattr(sys, name)) as stream:
        if name == "stdin":
            assert stream.read() == ""
        else:
            assert stream.write("as if it were there") == 19


def test_letters_that_a_stream_lacks_are_said_in_ascii_and_damage_is_not(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    streams.prepare()
    sys.stdout.write("P5 … P95 × 2")
    sys.stdout.flush()
    assert raw.getvalue() == b"P5 ... P95 x 2"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", errors="rangecast")
