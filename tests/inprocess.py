"""The command line without a process of its own: what starting Python costs is saved."""

import contextlib
import io
import os
import subprocess
from pathlib import Path

from rangecast.cli import main


def run(line, text=False, check=False, cwd=None, capture_output=True):
    """Do as `subprocess.run` does with ``[python, "-m", "rangecast", …]``."""
    assert line[1:3] == ["-m", "rangecast"]
    assert capture_output
    arguments = [str(part) for part in line[3:]]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    place = Path.cwd()
    try:
        os.chdir(cwd or place)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(arguments)
    finally:
        os.chdir(place)
    said = []
    for stream in (out, err):
        stream.flush()
        raw = stream.buffer.getvalue()
        said.append(raw.decode("utf-8") if text else raw)
    done = subprocess.CompletedProcess(line, status, *said)
    if check:
        done.check_returncode()
    return done
