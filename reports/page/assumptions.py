"""What is assumed of every input, how it is spread, and where that comes from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from rangecast.engine.model.model import Input, Model
from rangecast.reports import style
from rangecast.reports.assumptions import assumption_rows
from rangecast.reports.numbers import trimmed
from rangecast.reports.page.contents import Contents, Sheet, shown_unit
from rangecast.reports.page.tornado import shade
from rangecast.reports.words import say

_BINS = 32
_WIDE = 20.0
_ENDS = (0.01, 0.99)
MOST_IN_GRID = 18
"""Correlated inputs that a grid shows; more are told pair by pair."""


def _spark(one: Input) -> str:
    """Shape of a law from its P1 to its P99, as bars in a box of 100 by 20."""
    if one.law is None:
        return ""
    low, high = np.asarray(one.law.quantile(np.array(_ENDS))).tolist()
    if not (math.isfinite(low + high) and high > low):
        return ""
    if low > 0 and high > _WIDE * low:
        edges = np.geomspace(low, high, _BINS + 1)
    else:
        edges = np.linspace(low, high, _BINS + 1)
    edges[0] = np.nextafter(low, -math.inf)
    shares = np.diff(np.asarray(one.law.cdf(edges)))
    top = float(shares.max())
    if not top > 0:
        return ""
    width = 100 / _BINS
    return "".join(
        f"M{k * width:.1f} 20V{20 - 19 * s / top:.1f}h{width * 0.86:.1f}V20Z"
        for k, s in enumerate(shares.tolist())
        if s > 0.002 * top
    )


def _percentiles(one: Input) -> tuple[str, ...]:
    if one.law is None:
        return ("", trimmed(one.base), "")
    values = np.asarray(one.law.quantile(np.array([0.1, 0.5, 0.9]))).tolist()
    return tuple(trimmed(v) for v in values)


def _is_link(url: str) -> bool:
    """Whether an address may be followed from the page: nothing but the web."""
    return url.lower().startswith(("https://", "http://"))


def _row(row: dict[str, Any], one: Input, numbers: dict[str, int]) -> dict[str, Any]:
    is_constant = row["distribution"] == "constant"
    law = say("constant") if is_constant else row["distribution"]
    if row["same_as"]:
        law = say("{law}; the draw of {other}", law=law, other=row["same_as"])
    if row["per_period"]:
        law = say("{law}; a value in each period", law=law)
    return {
        "label": style.plain(row["label"], 300),
        "unit": shown_unit(row["unit"]),
        "law": style.plain(law, 300),
        "numbers": _percentiles(one),
        "base": "" if is_constant else trimmed(row["base"]),
        "spark": _spark(one),
        "basis": style.plain(row["basis"], 60),
        "note": style.plain(row["note"], 600),
        "sources": [(numbers[s["key"]], s["after_view"]) for s in row["sources"]],
        "is_constant": is_constant,
    }


def _sources(model: Model, keys: list[str]) -> list[dict[str, Any]]:
    found = []
    for key in keys:
        source = model.sources[key]
        words = (style.plain(t, 400) for t in (source.publisher, source.title, str(source.date)))
        url = source.url if _is_link(source.url) else ""
        found.append({"text": ", ".join(w for w in words if w) or style.plain(key, 80), "url": url})
    return found


def _correlations(model: Model) -> Sheet | None:
    pairs = [p for p in model.correlations if p.first in model.inputs and p.second in model.inputs]
    if not pairs:
        return None
    rows = tuple(
        (
            f"{style.plain(model.inputs[p.first].label, 120)} – "
            f"{style.plain(model.inputs[p.second].label, 120)}",
            style.plain(p.note or p.basis, 300),
            f"{p.coefficient:+.2f} ({say(p.measure)})",
        )
        for p in pairs
    )
    heads = (say("inputs"), say("why"), say("coefficient"))
    return Sheet(heads, rows, 2, say("Correlated inputs"))


def _correlation_grid(model: Model) -> dict[str, Any] | None:
    """Give the coefficients between all correlated inputs, shaded by their size."""
    pairs = [p for p in model.correlations if p.first in model.inputs and p.second in model.inputs]
    names = [n for n in model.inputs if any(n in (p.first, p.second) for p in pairs)]
    if not 2 <= len(names) <= MOST_IN_GRID:
        return None
    known = {frozenset((p.first, p.second)): p.coefficient for p in pairs}
    rows = []
    for i, name in enumerate(names[1:], 1):
        found = [known.get(frozenset((name, other))) for other in names[:i]]
        cells = [("", "") if v is None else (f"{v:+.2g}", shade(v)) for v in found]
        rows.append((f"{i + 1} {style.plain(model.inputs[name].label, 120)}", cells))
    first = f"1 {style.plain(model.inputs[names[0]].label, 120)}"
    heads = [str(k) for k in range(1, len(names))]
    measures = sorted({say(p.measure) for p in pairs})
    return {"heads": heads, "first": first, "rows": rows, "measures": measures}


def assumptions(contents: Contents) -> dict[str, Any]:
    """Give the assumptions in use, the constants, what is not used, and the sources."""
    result = contents.result
    model = result.model
    rows = assumption_rows(model)
    keys = list(dict.fromkeys(s["key"] for row in rows if row["used"] for s in row["sources"]))
    keys += [s["key"] for row in rows for s in row["sources"] if s["key"] not in keys]
    keys = list(dict.fromkeys(keys))
    numbers = {key: k for k, key in enumerate(keys, 1)}
    shown = [
        (
            row["used"],
            _row(row, model.inputs.get(row["input"]) or model.paths[row["input"]], numbers),
        )
        for row in rows
    ]
    used = [row for is_used, row in shown if is_used]
    return {
        "uncertain": [row for row in used if not row["is_constant"]],
        "constants": [row for row in used if row["is_constant"]],
        "unused": [row for is_used, row in shown if not is_used],
        "sources": _sources(model, keys),
        "correlations": _correlations(model) if result.correlated else None,
        "grid": _correlation_grid(model) if result.correlated else None,
        "independent": not result.correlated,
        "any_late": any(late for row in used for _, late in row["sources"]),
    }
