"""``rangecast resume``: go on with a run that was interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--workers", type=click.IntRange(1, 1024), help="Another number of workers.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no warnings.")
def resume(file: Path, workers: int | None, quiet: bool) -> int:
    """Go on with the run that wrote the checkpoint FILE, with the options it was started with."""
    from rangecast.cli.run import execute, run
    from rangecast.engine.checkpoint import load
    from rangecast.engine.errors import FileError, Problem

    request = load(file).request
    if not isinstance(request.get("options"), dict):
        hint = "call rangecast.simulate with the same model and checkpoint"
        message = "this checkpoint was written from Python"
        raise FileError(Problem("E804", "", message, hint=hint, file=str(file)))
    options: dict[str, Any] = request["options"]
    missing = {p.name for p in run.params} - set(options) - {"model", "cases"}
    if missing or not {"model", "cases"} <= set(request):
        message = "another version of rangecast started this run"
        raise FileError(Problem("E808", "", message, ", ".join(sorted(missing)), file=str(file)))
    options |= {"checkpoint": str(file), "quiet": quiet or options["quiet"]}
    options["workers"] = workers or options["workers"]
    return execute(request["model"], tuple(request["cases"]), options)
