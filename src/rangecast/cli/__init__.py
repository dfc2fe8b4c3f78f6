"""The command line: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from pathlib import Path

import click

from rangecast.cli import limits, signals, streams
from rangecast.cli.screen import tell


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="MODEL is a path, '-' for standard input, or a shipped model such as ai-servers.",
)
@click.version_option(package_name="rangecast", message="rangecast %(version)s")
def cli() -> None:
    """Risk ranges and driver rankings instead of point estimates."""
    limits.check_memory()


def _add_commands() -> None:
    from rangecast.cli.bench import bench
    from rangecast.cli.check import check
    from rangecast.cli.decide import decide
    from rangecast.cli.diff import diff
    from rangecast.cli.explain import explain
    from rangecast.cli.fit import fit
    from rangecast.cli.new import new
    from rangecast.cli.report import report
    from rangecast.cli.resume import resume
    from rangecast.cli.run import run
    from rangecast.cli.seek import seek
    from rangecast.cli.sensitivity import sensitivity

    group = (run, report, check, decide, diff, sensitivity, seek, fit, new, resume, bench, explain)
    for command in group:
        cli.add_command(command)


_add_commands()


_NOTHING = "interrupted; nothing was written"


def say(text: str) -> None:
    """Print a line for people, on stderr."""
    tell(text)


def _usage_problem(problem: click.ClickException) -> str:
    message = problem.format_message().replace("\n", " ")
    option = getattr(problem, "option_name", None) or ""
    key = f" {option}" if option else ""
    return f"error[E700]{key}: {message}"


def _answer(problem: BaseException) -> int:
    """Print what went wrong and give the exit status."""
    from rangecast.engine.errors import RangecastError

    if isinstance(problem, click.Abort) and problem.__cause__ is not None:
        problem = problem.__cause__  # click hides what interrupted it
    problem = _interruption(problem) or problem
    if isinstance(problem, SystemExit | BrokenPipeError):  # the reader of our output is gone
        return 0
    if isinstance(problem, KeyboardInterrupt | click.Abort):
        return _interrupted(problem)
    if isinstance(problem, click.ClickException):
        say(_usage_problem(problem))
        return 2
    problem = _refused(problem) or problem
    if isinstance(problem, RangecastError):
        for one in problem.problems:
            say(str(one))
        codes = sorted({one.code for one in problem.problems})
        say(f"details: rangecast explain {codes[0]}")
        return problem.exit_status
    _ask_for_report(problem)
    return 3


def _interruption(problem: BaseException) -> BaseException | None:
    """Find the interruption that led to another error, say in the middle of an import."""
    seen: BaseException | None = problem
    while seen is not None and not isinstance(seen, KeyboardInterrupt):
        seen = seen.__cause__ or seen.__context__
    return seen


def _interrupted(problem: BaseException) -> int:
    for note in getattr(problem, "__notes__", ()):
        say(note)
    saved = getattr(problem, "saved", None)
    say(f"interrupted; go on with: rangecast resume {saved}" if saved else _NOTHING)
    return problem.status if isinstance(problem, signals.Interrupted) else 130


def _refused(problem: BaseException) -> BaseException | None:
    """Say in our words what the operating system refused, anywhere."""
    from rangecast.engine.errors import Problem, ResourceError
    from rangecast.engine.files import refuse

    if isinstance(problem, OSError):
        stream = "" if isinstance(problem, FileNotFoundError) else "standard output"
        return refuse(problem.filename or stream, problem, "open" if problem.filename else "write")
    text = str(problem)
    if isinstance(problem, MemoryError) or (
        isinstance(problem, ImportError) and ("failed to map" in text or "cannot allocate" in text)
    ):
        hint = "try fewer workers or fewer outputs, or raise the limit of memory"
        return ResourceError(Problem("E704", "", "not enough memory", hint=hint))
    return None


def _ask_for_report(problem: BaseException) -> None:
    """Say where a bug showed itself, and what a report of it needs."""
    from importlib.metadata import version

    if os.environ.get("RANGECAST_DEBUG"):
        say("".join(traceback.format_exception(problem)).rstrip())
    frames = traceback.extract_tb(problem.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    text = f"{type(problem).__name__}: {problem}".splitlines()[0]
    packages = [f"{name} {version(name)}" for name in ("rangecast", "numpy", "scipy")]
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    say(f"error: internal error, a bug: {text}{where}")
    say(f"{', '.join(packages)}, {machine}")
    say(
        "please report it with these lines, the command, the model file, and what the command "
        "prints with RANGECAST_DEBUG=1; no result was left half-written"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit status (see ``rangecast explain exit``).

    Without arguments they are those of the process, which ends afterwards: signals are ignored.
    """
    streams.prepare()
    before = signals.listen()
    if arguments is None:
        sys.unraisablehook = signals.leave_unsaid
    try:
        status = int(cli.main(args=arguments, standalone_mode=False) or 0)
        sys.stdout.flush()
    except BaseException as problem:  # every way out has a message and a status
        status = _answer(problem)
    if arguments is None:
        signals.ignore()
    else:
        signals.restore(before)
    streams.drop_output()
    return status
