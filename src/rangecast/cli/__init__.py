"""The command line: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click


class Terminated(KeyboardInterrupt):
    """SIGTERM was received."""


def _terminate(*_: Any) -> None:
    raise Terminated


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="MODEL is a path, '-' for standard input, or a shipped model such as ai-servers.",
)
@click.version_option(package_name="rangecast", message="rangecast %(version)s")
def cli() -> None:
    """Risk ranges and driver rankings instead of point estimates."""


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
    click.echo(text, err=True)


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
    if isinstance(problem, SystemExit):  # click ends so when the reader of its output is gone
        return 0
    if isinstance(problem, Terminated | KeyboardInterrupt | click.Abort):
        saved = getattr(problem, "saved", None)
        say(f"interrupted; go on with: rangecast resume {saved}" if saved else _NOTHING)
        return 143 if isinstance(problem, Terminated) else 130
    if isinstance(problem, click.ClickException):
        say(_usage_problem(problem))
        return 2
    if isinstance(problem, RangecastError):
        for one in problem.problems:
            say(str(one))
        codes = sorted({one.code for one in problem.problems})
        say(f"details: rangecast explain {codes[0]}")
        return problem.exit_status
    if isinstance(problem, MemoryError):
        say("error[E704]: not enough memory; try fewer workers or fewer outputs")
        return 5
    if os.environ.get("RANGECAST_DEBUG"):
        raise problem
    say(f"error: internal error, a bug: {type(problem).__name__}: {problem}")
    say("please report it with the model; RANGECAST_DEBUG=1 shows where it happened")
    return 3


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit status (see ``rangecast explain exit``)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, _terminate)
    try:
        status = cli.main(args=arguments, standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as problem:  # every way out has a message and a status
        return _answer(problem)
    return int(status or 0)
