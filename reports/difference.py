"""What explains a difference between two models, as text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rangecast.engine.diff import Change, Difference
from rangecast.reports import style
from rangecast.reports.numbers import level_name, scale_for, unit_words
from rangecast.reports.words import left, right, width_of

MOST = 20
_BAR = 21


def _bar(part: float, most: float) -> str:
    half = _BAR // 2
    length = round(abs(part) / most * half) if most else 0
    before = ("█" * length if part < 0 else "").rjust(half)
    return before + "│" + ("█" * length if part >= 0 else "").ljust(half)


def difference_lines(found: Difference, names: tuple[str, str]) -> list[str]:
    """Give a difference as text: the change, then each part with its 95 % interval.

    Parameters
    ----------
    found : Difference
    names : (str, str)
        What the two models are called.
    """
    scale = scale_for(max(abs(found.before), abs(found.after)))
    unit = unit_words(found.unit, found.label, scale)
    level = level_name(found.quantile)
    lines = [
        f"{level} of {found.label} {unit}".rstrip()
        + f": {scale.write(found.before)} in {names[0]}, {scale.write(found.after)} in {names[1]}"
        + f", change {scale.write(found.total)}"
        + f" [{scale.write(found.ci_low)}, {scale.write(found.ci_high)}]",
        f"{found.scenarios:,} scenarios per model; [ ]: 95 % intervals of the sampling error",
    ]
    if len(found.changes) == 1:
        return [*lines, "No input, formula or correlation differs."]
    shown = [c for c in found.changes if c.kind != "interaction" and c.part][:MOST]
    shown.append(found.changes[-1])
    rows = [_row(change, scale.write) for change in shown]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    name = max(width_of(row[0]) for row in rows)
    most = max(abs(change.part) for change in shown)
    for change, row in zip(shown, rows, strict=True):
        cells = [left(row[0], name), right(row[1], widths[1]), left(row[2], widths[2])]
        text = style.plain(f"{change.before} → {change.after}", 70) if change.before else ""
        lines.append("  ".join([*cells, _bar(change.part, most), text]).rstrip())
    hidden = len(found.changes) - len(shown)
    if hidden:
        noun = "change" if hidden == 1 else "changes"
        lines.append(f"{hidden} more {noun}, smaller or without effect: see --json")
    lines += _by_case(found, scale.write)
    lines.append("a part: mean of making the change alone and of taking it back alone, same draws")
    return lines


def _row(change: Change, write: Any) -> list[str]:
    case = f" ({change.case})" if change.case else ""
    interval = f"[{write(change.ci_low)}, {write(change.ci_high)}]"
    return [style.plain(f"{change.label}{case}", 60), write(change.part), interval]


def _by_case(found: Difference, write: Any) -> list[str]:
    cases = dict.fromkeys(c.case for c in found.changes if c.case)
    if len(cases) < 2:
        return []
    parts = {n: sum(c.part for c in found.changes if c.case == n) for n in cases}
    return ["by case: " + ", ".join(f"{n} {write(v)}" for n, v in parts.items())]


def difference_dict(found: Difference, names: tuple[str, str]) -> dict[str, Any]:
    """Give a difference as plain values for JSON."""
    from rangecast.reports.results_json import without_nan

    plain: dict[str, Any] = without_nan({"schema_version": 1, "models": names, **asdict(found)})
    return plain
