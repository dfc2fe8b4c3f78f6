"""What is assumed of every input, and where it comes from."""

from __future__ import annotations

from typing import Any

from rangecast.engine.model.checks import earliest, used_inputs
from rangecast.engine.model.model import Input, Model
from rangecast.reports import style
from rangecast.reports.numbers import briefly
from rangecast.reports.words import left, width_of


def _is_late(model: Model, date: str) -> bool:
    first = earliest(date)
    return model.as_of is not None and first is not None and first > model.as_of


def _sources(model: Model, one: Input) -> list[dict[str, Any]]:
    found = []
    for key in one.sources:
        source = model.sources[key]
        words = {k: getattr(source, k) for k in ("title", "publisher", "date", "url")}
        found.append({"key": key, **words, "after_view": _is_late(model, source.date)})
    return found


def assumption_rows(model: Model) -> list[dict[str, Any]]:
    """Give every input with its law, base value, basis, note and sources.

    Parameters
    ----------
    model : Model
        With its case applied.

    Returns
    -------
    list of dict
        `after_view` marks sources later than the date of the view; `used` is false where no
        formula of the case needs the input.
    """
    used = used_inputs(model)
    own = {n: i for n, i in model.inputs.items() if not _is_row(model, n) and not i.part_of}
    inputs = own | dict(model.paths)
    return [
        {
            "input": name,
            "label": one.label,
            "unit": one.unit,
            "distribution": one.description or "constant",
            "base": one.base,
            "same_as": one.same_as or None,
            "per_period": one.persistence is not None,
            "used": name in used or name in model.paths,
            "basis": one.basis,
            "note": one.note,
            "sources": _sources(model, one),
        }
        for name, one in inputs.items()
    ]


def _is_row(model: Model, name: str) -> bool:
    return any(name in model.series.get(path, ()) for path in model.paths)


def flat_rows(model: Model) -> list[dict[str, Any]]:
    """Give the same for a spreadsheet: one cell for all sources of an input."""
    rows = []
    for row in assumption_rows(model):
        words = [
            f"{s['publisher']}: {s['title']} ({s['date']}) {s['url']}".strip()
            for s in row["sources"]
        ]
        rows.append({**row, "sources": "; ".join(words)})
    return rows


def assumption_lines(model: Model) -> list[str]:
    """Give the assumptions as text: two lines each, a law and where it comes from."""
    lines = []
    rows = assumption_rows(model)
    name = max((width_of(row["label"]) for row in rows), default=0)
    for row in rows:
        law = row["distribution"]
        if law == "constant":
            law = briefly(row["base"])
        unit = "" if row["unit"] in {"", "1"} else f" {row['unit']}"
        base = "" if row["distribution"] == "constant" else f" · base {briefly(row['base'])}"
        lines.append(f"{left(style.plain(row['label']), name)}  {law}{unit}{base}")
        cited = [
            f"{s['key']} {s['date']}{' (after the view)' if s['after_view'] else ''}"
            for s in row["sources"]
        ]
        said = " · ".join(p for p in (row["basis"], ", ".join(cited), row["note"]) if p)
        if said:
            lines.append(f"{' ' * name}  {style.plain(said, 200)}")
    return lines
