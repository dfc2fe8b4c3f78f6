"""Published figures of an output, placed in its ensemble."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rangecast.engine.result import Result
from rangecast.reports.numbers import percentile_name, scale_for, unit_words
from rangecast.reports.words import left, right, say, width_of


@dataclass(frozen=True)
class Placed:
    """A checked figure and its place.

    Parameters
    ----------
    value, percentile : float
    label : str
        As the check names it, such as ``optimistic``.
    source : str
        Short name of its source.
    """

    value: float
    percentile: float
    label: str
    source: str


def placed_figures(result: Result, output: str) -> list[Placed]:
    """Give every checked figure of an output with its percentile, ascending, each value once."""
    found: dict[float, Placed] = {}
    for outcome in result.checks:
        check = outcome.check
        value = check.equals if check.equals is not None else check.stated
        if check.output != output or value is None or not check.source:
            continue
        source = result.model.sources[check.source]
        name = source.short or source.publisher or source.title
        close = next((v for v in found if abs(v / value - 1) < 1e-9), None) if value else None
        if close is None:
            place = result.percentile_of(output, value)
            found[value] = Placed(value, place, check.label, name)
        elif check.label and not found[close].label:
            found[close] = Placed(close, found[close].percentile, check.label, name)
    return [found[value] for value in sorted(found)]


def figure_rows(result: Result) -> list[dict[str, Any]]:
    """Give every published figure of every output of the run with its percentile.

    Returns
    -------
    list of dict
        Output, value, label, source; percentile (0 to 1) with its 95 % interval.
    """
    rows = []
    for output in result.rows:
        if not result.count(output):
            continue
        for figure in placed_figures(result, output):
            chance = result.probability(output, below=figure.value)
            ends = {"ci_low": chance.ci_low, "ci_high": chance.ci_high}
            rows.append({"output": output, **asdict(figure), **ends})
    return rows


def figure_lines(result: Result) -> list[str]:
    """Give the published figures and their percentiles as text."""
    cells: list[list[str]] = []
    for row in figure_rows(result):
        quantity = result.model.quantities[row["output"]]
        scale = scale_for(row["value"])
        unit = unit_words(quantity.unit, quantity.label, scale)
        label = f" (“{row['label']}”)" if row["label"] else ""
        place = " to ".join(percentile_name(row[k]) for k in ("ci_low", "ci_high"))
        name = f"{quantity.label}{label}"
        value = f"{scale.write(row['value'])} {unit}".strip()
        cells.append([name, value, percentile_name(row["percentile"]), f"[{place}]"])
    if not cells:
        return [say("No published figure of these outputs.")]
    widths = [max(width_of(row[k]) for row in cells) for k in range(4)]
    head = "Published figures in the ensemble: percentile with its 95 % interval by the sampling"
    lines = [say(head)]
    for one in cells:
        parts = [left(one[0], widths[0]), right(one[1], widths[1]), right(one[2], widths[2])]
        lines.append("  ".join([*parts, one[3]]))
    return lines
