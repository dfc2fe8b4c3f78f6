"""Several cases side by side: what `run` prints and writes of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rangecast.cli.screen import show, tell

if TYPE_CHECKING:
    from rangecast.engine.compare import Comparison


def show_comparison(compared: Comparison) -> None:
    """Print bands in columns and paired differences."""
    from rangecast.reports.comparison import comparison_lines

    show("\n".join(comparison_lines(compared)))


def comparison_as_dict(compared: Comparison) -> dict[str, Any]:
    """Give the part of the JSON object."""
    from rangecast.reports.comparison import comparison_dict

    return comparison_dict(compared)


def write_comparison(compared: Comparison, folder: Path, xlsx: bool = False) -> None:
    """Write comparison.csv, comparison.json, an overlay of each output; a workbook if asked for."""
    from rangecast.engine.files import write_set
    from rangecast.reports import style
    from rangecast.reports.comparison import comparison_dict, overlay_chart
    from rangecast.reports.folder import csv_bytes, file_name, json_text

    found = {"schema_version": 1, **comparison_dict(compared)}
    contents = {
        "comparison.csv": csv_bytes(compared.rows()),
        "comparison.json": json_text(found).encode("utf-8"),
    }
    for output in compared.outputs:
        figure: Any = overlay_chart(compared, output).figure
        for kind in ("png", "svg"):
            contents[f"comparison_{file_name(output)}.{kind}"] = style.encode(figure, kind)
    if xlsx:
        from rangecast.reports.workbook_cases import cases_workbook

        contents["comparison.xlsx"] = cases_workbook(compared)
    write_set(folder, contents)
    tell(f"wrote {len(contents)} files to {folder}")
