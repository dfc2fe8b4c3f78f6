"""Write the scenarios of a run to a file, pass by pass, in memory of one pass."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterator
from pathlib import Path

from rangecast.engine.errors import Problem, ResourceError
from rangecast.engine.files import refuse, sweep
from rangecast.engine.result import Result
from rangecast.engine.sample import sample_names, samples
from rangecast.reports.results_json import manifest

FORMATS = (".csv", ".parquet")
_SCENARIO = "scenario"


def write_samples(result: Result, path: Path, rows: int | None = None) -> int:
    """Write every scenario: its number, its inputs as drawn, its outputs.

    Parameters
    ----------
    result : Result
    path : Path
        Ends in ``.csv`` or ``.parquet``; it appears whole or not at all. Parquet keeps all digits
        and, as metadata, the manifest of the run; CSV has the shortest digits that give the same
        number, and an empty cell where a scenario failed.
    rows : int, optional
        Only the first so many.

    Returns
    -------
    int
        Scenarios written.

    Raises
    ------
    FileError
    ResourceError
        When pyarrow is missing.
    """
    write = _write_parquet if path.suffix.lower() == ".parquet" else _write_csv
    sweep(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _gone_if_broken(part):
            count = write(result, part, rows)
            os.replace(part, path)
    except OSError as problem:
        raise refuse(path, problem) from None
    return count


@contextlib.contextmanager
def _gone_if_broken(part: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _write_csv(result: Result, path: Path, rows: int | None) -> int:
    names, at = sample_names(result), 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_SCENARIO, *(_safe(name) for name in names)])
        for block in samples(result, rows):
            columns = [_written(block[name].tolist()) for name in names]
            count = len(columns[0]) if columns else 0
            writer.writerows(zip(range(at, at + count), *columns, strict=True))
            at += count
        file.flush()
        os.fsync(file.fileno())
    return at


def _safe(name: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name


def _written(values: list[float]) -> list[str]:
    return [repr(v) if v - v == 0 else "" for v in values]


def _write_parquet(result: Result, path: Path, rows: int | None) -> int:
    import json

    import numpy as np

    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        hint = 'pip install "rangecast[parquet]"'
        problem = Problem("E810", "--samples", "Parquet needs pyarrow", hint=hint)
        raise ResourceError(problem) from None
    names, at = sample_names(result), 0
    told = json.dumps(manifest(result), ensure_ascii=False)
    fields = [pa.field(_SCENARIO, pa.int64()), *(pa.field(n, pa.float64()) for n in names)]
    schema = pa.schema(fields, metadata={"rangecast": told})
    with pq.ParquetWriter(path, schema) as writer:
        for block in samples(result, rows):
            count = len(next(iter(block.values()), np.empty(0)))
            columns = [np.arange(at, at + count), *(block[n] for n in names)]
            writer.write_table(pa.table([pa.array(c) for c in columns], schema=schema))
            at += count
    return at
