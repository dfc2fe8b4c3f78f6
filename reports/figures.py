"""Published figures of an output, placed in its ensemble."""

from __future__ import annotations

from dataclasses import dataclass

from rangecast.engine.result import Result


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
