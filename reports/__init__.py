"""What people see: tables, the first screen, charts, files. Draws results, never numbers."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rangecast.reports.band_chart import band_chart, density_table
    from rangecast.reports.folder import write_folder
    from rangecast.reports.results_json import as_dict
    from rangecast.reports.terminal import first_screen
    from rangecast.reports.tornado_chart import tornado_chart, tornado_table
    from rangecast.reports.two_way import heat_map, two_way_lines

__all__ = [
    "as_dict",
    "band_chart",
    "density_table",
    "first_screen",
    "heat_map",
    "tornado_chart",
    "tornado_table",
    "two_way_lines",
    "write_folder",
]

_HOMES = {
    "as_dict": "results_json",
    "band_chart": "band_chart",
    "density_table": "band_chart",
    "first_screen": "terminal",
    "heat_map": "two_way",
    "two_way_lines": "two_way",
    "tornado_chart": "tornado_chart",
    "tornado_table": "tornado_chart",
    "write_folder": "folder",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rangecast.reports' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"rangecast.reports.{_HOMES[name]}"), name)
    globals()[name] = value  # a submodule of the same name must not take its place
    return value
