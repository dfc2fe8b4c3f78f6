"""Letters of charts: titles and labels that are broken before they leave the figure, log ticks."""

from __future__ import annotations

import functools
import math
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rangecast.reports import style
from rangecast.reports.axis import Axis, widened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 72.0  # in an inch
SIZE = 9.0  # of labels and ticks
_HINTED = 1.04  # letters on a screen are rounded to whole pixels, which makes lines wider
_MOST_LINES = 3
_AROUND = 26.0  # points beside the names of rows
_TICKED = 74.0  # points that ticks and the label of an upright axis take
_ABOVE = 84.0  # points that title and ticks take of the height


@functools.cache
def _font() -> Any:
    from matplotlib import font_manager, ft2font

    return ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))


@functools.cache
def _advance(letter: str) -> float:
    """Width of a letter in units of the font size."""
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    font = _font()
    font.set_size(100.0, POINTS)
    advance: float = font.load_char(ord(letter), flags=_no_hinting()).linearHoriAdvance
    return advance / 65536 / 100.0


def _no_hinting() -> Any:
    from matplotlib import ft2font

    return ft2font.LoadFlags.NO_HINTING


def width(text: str, size: float = SIZE) -> float:
    """Width of a line in points, as wide as it may be drawn."""
    return size * _HINTED * sum(map(_advance, text))


def wrapped(text: str, room: float, size: float = SIZE, most: int = _MOST_LINES) -> str:
    """Break each line of a text so that it fits; a long word anywhere, and "…" ends the last line.

    Parameters
    ----------
    text : str
    room : float
        Points.
    size : float
        Of the letters, in points.
    most : int
        Lines that one line may become.
    """
    return "\n".join(
        broken for line in text.split("\n") for broken in _broken(line, room, size, most)
    )


def _broken(line: str, room: float, size: float, most: int) -> list[str]:
    found: list[str] = []
    while width(line, size) > room and len(found) < most - 1:
        fits = _fitting(line, room, size)
        space = line.rfind(" ", 1, fits + 1)
        cut = space if space > fits // 2 else fits
        found.append(line[:cut].rstrip())
        line = line[cut:].lstrip()
    if width(line, size) > room:
        line = line[: max(1, _fitting(line, room, size) - 1)].rstrip() + "…"
    return [*found, line]


def _fitting(line: str, room: float, size: float) -> int:
    """Count the first letters that fit, at least one."""
    used = 0.0
    for k, letter in enumerate(line):
        used += width(letter, size)
        if used > room:
            return max(1, k)
    return len(line)


def _size(ax: Axes) -> tuple[float, float]:
    """Width and height of a figure in points."""
    figure = ax.figure
    across, up = figure.bbox.width, figure.bbox.height
    return across / figure.dpi * POINTS, up / figure.dpi * POINTS


def room_across(ax: Axes, names: Sequence[str] = ()) -> float:
    """Points across that the axes will have, beside the names of rows at their left."""
    spec: Any = ax.get_subplotspec()
    columns = spec.get_gridspec().ncols if spec is not None else 1
    whole = _size(ax)[0] / columns
    beside = max(map(width, names)) + _AROUND if names else _TICKED
    return max(whole - beside, 0.3 * whole)


def room_up(ax: Axes) -> float:
    """Points upwards that the axes will have at least."""
    height = _size(ax)[1]
    return max(height - _ABOVE, 0.5 * height)


def title(
    ax: Axes, text: str, size: float = 10.0, names: Sequence[str] = (), pad: float = 6
) -> None:
    """Write a title from the left edge of the axes.

    Parameters
    ----------
    ax : Axes
    text : str
        Lines that are broken where they are too long.
    size : float
    names : sequence of str
        Names of rows at the left of the axes, if there are any.
    pad : float
        Points above the axes.
    """
    room = room_across(ax, names) - 4
    ax.set_title(wrapped(text, room, size), loc="left", fontsize=size, pad=pad)


def x_label(ax: Axes, text: str, names: Sequence[str] = ()) -> None:
    """Write what lies across."""
    ax.set_xlabel(wrapped(text, room_across(ax, names)))


def y_label(ax: Axes, text: str) -> None:
    """Write what lies upwards."""
    ax.set_ylabel(wrapped(text, room_up(ax)))


def legend_name(text: str, most: int = 28) -> str:
    """Make a user's text safe for a legend, out of which Matplotlib leaves what begins with _."""
    shown = style.plain(text, most)
    return f" {shown}" if shown.startswith("_") else shown


def legend_above(ax: Axes, handles: Sequence[Any], names: Sequence[str] = ()) -> float:
    """Put a legend between title and axes; give the room it takes, in points.

    Returns
    -------
    float
        The `pad` of the title.
    """
    size = 8.0
    wide = sum(width(str(h.get_label()), size) + 40 for h in handles)
    columns = len(handles) if wide < room_across(ax, names) else 1
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=columns,
        fontsize=size,
        frameon=False,
        borderaxespad=0.0,
        borderpad=0.2,
    )
    return 8.0 + 13.0 * math.ceil(len(handles) / columns)


def log_axis_across(ax: Axes, low: float, high: float) -> None:
    """Make the axis across logarithmic, with a little room beside values from `low` to `high`.

    Matplotlib's own room overflows where values come near the largest number.
    """
    ax.set_xlim(*_with_room(low, high))  # first: a change of scale chooses limits otherwise
    ax.set_xscale("log")


def log_axis_up(ax: Axes, low: float, high: float) -> None:
    """Make the axis upwards logarithmic, the same way, and write its ticks."""
    ends = _with_room(low, high)
    ax.set_ylim(*ends)
    ax.set_yscale("log")
    log_ticks_up(ax, *ends)


def _with_room(low: float, high: float) -> tuple[float, float]:
    return widened(low, high, 0.05)


def log_ticks_across(ax: Axes, low: float, high: float, names: Sequence[str] = ()) -> None:
    """Write round values of a logarithmic axis from `low` to `high`, as many as there is room for.

    Its scale must be set.
    """
    marks = Axis(float(low), float(high), True)
    _write(ax.xaxis, marks, marks.chosen(room_across(ax, names)))


def log_ticks_up(ax: Axes, low: float, high: float) -> None:
    """Write the same upwards."""
    marks = Axis(float(low), float(high), True)
    _write(ax.yaxis, marks, marks.chosen_up(room_up(ax)))


def _write(axis: Any, marks: Axis, values: Sequence[float]) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, NullLocator

    axis.set_major_locator(FixedLocator(values))
    axis.set_major_formatter(FixedFormatter([marks.write(v) for v in values]))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
