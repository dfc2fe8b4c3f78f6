"""Everything a run leaves in a folder: results.json, tables, pictures."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rangecast.engine.convergence import convergence
from rangecast.engine.files import write_set
from rangecast.engine.formula import series_of
from rangecast.engine.result import FEWEST_FOR_ERRORS, Result
from rangecast.engine.sensitivity.bars import reach_of
from rangecast.reports import style
from rangecast.reports.assumptions import flat_rows
from rangecast.reports.convergence import convergence_chart
from rangecast.reports.curves import profile_chart, rank_chart, spider_chart
from rangecast.reports.density import band_chart
from rangecast.reports.drivers_by_output import output_map
from rangecast.reports.drivers_by_period import driver_map, driver_rows
from rangecast.reports.fan import fan_chart, fan_rows
from rangecast.reports.results_json import as_dict
from rangecast.reports.tornado import tornado_chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def _safe_cell(value: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def csv_bytes(rows: list[dict[str, Any]]) -> bytes:
    """Write rows as CSV, every text safe to open in a spreadsheet."""
    safe = [{k: _safe_cell(v) for k, v in row.items()} for row in rows]
    import pandas as pd

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
    result: Result,
    folder: Path,
    statistic: str = "p50",
    prob: list[Any] | None = None,
    shown: Sequence[str] = (),
    limits: Mapping[str, float] | None = None,
    xlsx: bool = False,
) -> list[Path]:
    """Write results.json, tables, the model, its assumptions and charts of the shown outputs.

    No file changes before all of them are on the disk; results.json comes last and holds
    the SHA-256 of the others. A series gets a fan, a tornado per period and a map of its drivers
    over the periods; `limits` are drawn in the fans; `xlsx` adds a workbook.

    Returns
    -------
    list of Path

    Raises
    ------
    FileError
    """
    names = list(shown or result.shown)
    results = as_dict(result, statistic, prob, names)
    contents: dict[str, bytes] = {}
    bands = [
        {"case": out["case"], "period": out["period"], "output": out["output"], **band}
        for out in results["outputs"].values()
        for band in out["bands"]
    ]
    contents["bands.csv"] = csv_bytes(bands)
    contents["tornado.csv"] = csv_bytes(results["tornado"])
    contents["assumptions.csv"] = csv_bytes(flat_rows(result.model))
    if result.model.text:
        contents["model.toml"] = result.model.text.encode("utf-8")
    if result.scenarios > 1:
        for name in names:
            contents |= _charts(result, name, statistic)
        contents |= _convergence(result, names)
        side = [n for n in names if n in result.ranked and result.count(n)]
        plain = [n for n in side if not result.model.quantities[n].period]
        if len(plain) > 1:
            contents |= _encoded("drivers_by_output", output_map(result, plain))
        for series in dict.fromkeys(series_of(name)[0] for name in names):
            if series in result.model.series:
                limit = (limits or {}).get(series)
                contents |= _over_time(result, series, statistic, limit)
    if xlsx:
        from rangecast.reports.workbook import workbook

        contents["results.xlsx"] = workbook(result, results, names, statistic)
    copies = {d.file: d.content for d in result.model.data_files if d.content}
    contents = copies | contents  # a file of ours keeps its name
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    contents["results.json"] = json_text({**results, "files": hashes}).encode("utf-8")
    write_set(folder, contents)
    return [folder / name for name in contents]


def _charts(result: Result, name: str, statistic: str) -> dict[str, bytes]:
    stem, contents = file_name(name), dict[str, bytes]()
    if not result.count(name):
        return {}
    is_row = bool(result.model.quantities[name].period)
    drawn = {} if is_row else {f"band_{stem}": band_chart(result, name)}
    if name in result.ranked and "direct" in reach_of(result, name).values():
        drawn[f"tornado_{stem}"] = tornado_chart(result, name, statistic=statistic)
        if not is_row:
            drawn[f"spider_{stem}"] = spider_chart(result, name)
        if not is_row and statistic != "sd":
            drawn[f"profile_{stem}"] = profile_chart(result, name, statistic=statistic)
        if not is_row and result.scenarios >= FEWEST_FOR_ERRORS:
            drawn[f"ranks_{stem}"] = rank_chart(result, name, statistic=statistic)
    for title, ax in drawn.items():
        contents |= _encoded(title, ax)
    return contents


def _convergence(result: Result, names: Sequence[str]) -> dict[str, bytes]:
    """How all shown outputs settled, as numbers; the first of them as a picture."""
    if result.scenarios < FEWEST_FOR_ERRORS:
        return {}
    found = [convergence(result, name) for name in names]
    rows = [vars(one) for one in itertools.chain.from_iterable(found)]
    if not rows:
        return {}
    first = next(one[0].output for one in found if one)
    table = {"convergence.csv": csv_bytes(rows)}
    return table | _encoded("convergence", convergence_chart(result, first))


def _over_time(
    result: Result, series: str, statistic: str, limit: float | None
) -> dict[str, bytes]:
    stem = file_name(series)
    contents = _encoded(f"fan_{stem}", fan_chart(result, series, limit))
    contents[f"fan_{stem}.csv"] = csv_bytes(fan_rows(result, series))
    if result.model.series[series][0] in result.ranked:
        contents |= _encoded(f"drivers_{stem}", driver_map(result, series, statistic=statistic))
        contents[f"drivers_{stem}.csv"] = csv_bytes(driver_rows(result, series, statistic))
    return contents


def _encoded(title: str, ax: Axes) -> dict[str, bytes]:
    figure: Any = ax.figure
    return {f"{title}.{kind}": style.encode(figure, kind) for kind in ("png", "svg")}
