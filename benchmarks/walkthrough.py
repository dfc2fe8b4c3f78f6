"""Pages that can be walked through: their commands are run, and what they print is shown.

``python benchmarks/walkthrough.py`` renews the outputs in README.md, README.zh.md,
docs/comparison.md and docs/how-to/; a test does the same and compares. In a page a comment before a
block says what it is for:

``<!-- file NAME -->``   the block is written to that file
``<!-- run -->``         a block of shell lines, or of Python, is run, in the folder of the page
``<!-- output -->``      the block shows what was printed last; a pattern keeps matching lines only

Running times differ from run to run, so they are shown as 0.1 s; nothing else is masked.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "README.zh.md",
    ROOT / "docs" / "comparison.md",
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
]
SECONDS = re.compile(r"( · )\d+\.\d s$", re.MULTILINE)
_BLOCK = re.compile(
    r"<!-- (?P<what>file|run|output)(?P<detail>[^>]*?) -->\n"
    r"(?P<fence>```(?P<language>\w+)\n)(?P<body>.*?)(?P<end>^```)",
    re.DOTALL | re.MULTILINE,
)
Shell = Callable[[str], str]


def shell(command: str) -> str:
    """Run a command as a user's shell does, with this environment's programs first."""
    kept = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "FORCE_COLOR"}}
    here = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    done = subprocess.run(
        ["bash", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**kept, "PATH": here, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def commands(body: str) -> list[str]:
    """Give the commands of a block: without their comments, continued lines joined."""
    joined = body.replace("\\\n", " ")
    lines = (re.sub(r"\s+# .*$", "", line).strip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _chosen(output: str, pattern: str) -> str:
    """Keep lines that match; what is left out in between becomes a line with an ellipsis."""
    lines = SECONDS.sub(r"\g<1>0.1 s", output).rstrip("\n").splitlines()
    kept: list[str] = []
    skipped: list[str] = []
    for line in lines:
        if not re.search(pattern, line):
            skipped.append(line)
            continue
        if kept and skipped:
            kept += ["…"] if any(skipped) else skipped
        kept.append(line.rstrip())
        skipped = []
    assert kept, f"nothing matches {pattern} in\n{output}"
    return "\n".join(kept)


def renewed(text: str, run: Shell = shell) -> str:
    """Walk through a page, in the folder of the moment, and give it with the outputs of today.

    Parameters
    ----------
    text : str
    run : callable
        Runs one command and gives what it prints.
    """
    printed, names = "", {"__name__": "__page__"}

    def step(found: re.Match[str]) -> str:
        nonlocal printed
        what, detail, body = found["what"], found["detail"].strip(), found["body"]
        if what == "file":
            Path(detail).write_text(body, encoding="utf-8")
        elif what == "output":
            shown = _chosen(printed, detail)
            return found[0].replace(found["fence"] + body, f"{found['fence']}{shown}\n")
        elif found["language"] == "python":
            stream = io.StringIO()
            with contextlib.redirect_stdout(stream):
                exec(compile(body, "page", "exec"), names)
            printed = stream.getvalue()
        else:
            printed = "".join(run(command) for command in commands(body))
        return found[0]

    return _BLOCK.sub(step, text)


def main() -> None:
    """Renew every page."""
    before = Path.cwd()
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                new = renewed(text)
            finally:
                os.chdir(before)
        path.write_text(new, encoding="utf-8")
        print(f"{'renewed' if new != text else 'as before'}: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
