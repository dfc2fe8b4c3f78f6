"""What people see: tables, the first screen, charts, files. Draws results, never numbers."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rangecast.reports.backtest import backtest_lines, pit_chart
    from rangecast.reports.comparison import comparison_lines, overlay_chart, overlay_table
    from rangecast.reports.convergence import convergence_chart
    from rangecast.reports.curves import profile_chart, rank_chart, spider_chart
    from rangecast.reports.density import band_chart, density_table
    from rangecast.reports.drivers_by_output import output_map
    from rangecast.reports.drivers_by_period import driver_lines, driver_map
    from rangecast.reports.explanation import explanation_lines, waterfall
    from rangecast.reports.fan import fan_chart
    from rangecast.reports.feedback import feedback_lines, input_lines
    from rangecast.reports.fit_picture import fit_chart
    from rangecast.reports.fit_text import fit_lines
    from rangecast.reports.folder import write_folder
    from rangecast.reports.index_chart import morris_chart, shapley_chart, sobol_chart
    from rangecast.reports.page.render import html
    from rangecast.reports.results_json import as_dict
    from rangecast.reports.summary import markdown
    from rangecast.reports.terminal import first_screen
    from rangecast.reports.tornado import tornado_chart, tornado_table
    from rangecast.reports.two_way import heat_map, two_way_lines

__all__ = [
    "as_dict",
    "backtest_lines",
    "band_chart",
    "comparison_lines",
    "convergence_chart",
    "density_table",
    "driver_lines",
    "driver_map",
    "explanation_lines",
    "fan_chart",
    "feedback_lines",
    "first_screen",
    "fit_chart",
    "fit_lines",
    "heat_map",
    "html",
    "input_lines",
    "markdown",
    "morris_chart",
    "output_map",
    "overlay_chart",
    "overlay_table",
    "pit_chart",
    "profile_chart",
    "rank_chart",
    "shapley_chart",
    "sobol_chart",
    "spider_chart",
    "tornado_chart",
    "tornado_table",
    "two_way_lines",
    "waterfall",
    "write_folder",
]

_HOMES = {
    "as_dict": "results_json",
    "backtest_lines": "backtest",
    "band_chart": "density",
    "pit_chart": "backtest",
    "explanation_lines": "explanation",
    "waterfall": "explanation",
    "profile_chart": "curves",
    "rank_chart": "curves",
    "spider_chart": "curves",
    "morris_chart": "index_chart",
    "shapley_chart": "index_chart",
    "sobol_chart": "index_chart",
    "output_map": "drivers_by_output",
    "comparison_lines": "comparison",
    "convergence_chart": "convergence",
    "density_table": "density",
    "driver_lines": "drivers_by_period",
    "driver_map": "drivers_by_period",
    "fan_chart": "fan",
    "feedback_lines": "feedback",
    "input_lines": "feedback",
    "overlay_chart": "comparison",
    "overlay_table": "comparison",
    "first_screen": "terminal",
    "fit_chart": "fit_picture",
    "fit_lines": "fit_text",
    "heat_map": "two_way",
    "html": "page.render",
    "markdown": "summary",
    "two_way_lines": "two_way",
    "tornado_chart": "tornado",
    "tornado_table": "tornado",
    "write_folder": "folder",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rangecast.reports' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"rangecast.reports.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
