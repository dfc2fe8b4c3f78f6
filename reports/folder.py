"""Everything a run leaves in a folder: results.json, tables, pictures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
from rangecast.engine.files import make_folder, write_whole
from rangecast.engine.result import Result
from rangecast.reports import style
from rangecast.reports.band_chart import band_chart
from rangecast.reports.results_json import as_dict
from rangecast.reports.tornado_chart import tornado_chart

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def _safe_cell(value: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def csv_bytes(rows: list[dict[str, Any]]) -> bytes:
    """Write rows as CSV, every text safe to open in a spreadsheet."""
    safe = [{k: _safe_cell(v) for k, v in row.items()} for row in rows]
    text: str = pd.DataFrame(safe).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")


def file_name(name: str) -> str:
    """Turn a name into a file name that every system accepts."""
    plain = re.sub(r"[^\w-]", "_", name)[:80]
    reserved = re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", plain)
    return f"y__{plain}" if reserved else plain


def json_text(results: Any) -> str:
    """Write the result as JSON, one object."""
    return json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_folder(
    result: Result, folder: Path, statistic: str = "p50", prob: list[Any] | None = None
) -> list[Path]:
    """Write results.json, bands.csv, tornado.csv and the charts of the shown outputs.

    Each file appears whole or not at all; results.json comes last.

    Returns
    -------
    list of Path

    Raises
    ------
    FileError
    """
    results = as_dict(result, statistic, prob)
    contents: dict[str, bytes] = {}
    bands = [
        {"case": out["case"], "period": None, "output": name, **band}
        for name, out in results["outputs"].items()
        for band in out["bands"]
    ]
    contents["bands.csv"] = csv_bytes(bands)
    contents["tornado.csv"] = csv_bytes(results["tornado"])
    if result.scenarios > 1:
        for name in result.shown:
            contents |= _charts(result, name, statistic)
    contents["results.json"] = json_text(results).encode("utf-8")
    make_folder(folder)
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]


def _charts(result: Result, name: str, statistic: str) -> dict[str, bytes]:
    stem, contents = file_name(name), {}
    if not result.count(name):
        return {}
    drawn = {f"band_{stem}": band_chart(result, name)}
    if name in result.ranked:
        drawn[f"tornado_{stem}"] = tornado_chart(result, name, statistic=statistic)
    for title, ax in drawn.items():
        for kind in ("png", "svg"):
            contents[f"{title}.{kind}"] = style.encode(ax.figure, kind)  # type: ignore[arg-type]
    return contents
