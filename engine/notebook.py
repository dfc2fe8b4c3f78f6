"""How results and models show themselves in a notebook: plain tables, every text escaped."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd
    from rangecast.engine.model.model import Model
    from rangecast.engine.result import Result

_MOST_DRIVERS = 8


class Framed(Protocol):
    """What can be given as a table."""

    def frame(self) -> pd.DataFrame:
        """Give it as a table."""
        ...


def number(value: Any) -> str:
    """Write a number of a table with five digits and thousands separators.

    Examples
    --------
    >>> number(1234567.0), number(0.00123456), number(float("nan"))
    ('1,234,567', '0.0012346', '')
    """
    if value is None or value != value:
        return ""
    return f"{value:,.0f}" if 1e5 <= abs(value) < 1e15 else f"{value:,.5g}"


def table(frame: pd.DataFrame, index: bool = False) -> str:
    """Write a table as HTML."""
    text: str = frame.to_html(index=index, float_format=number, border=0, na_rep="")
    return text


def framed(shown: Framed) -> str:
    """Write what has a table as HTML."""
    return table(shown.frame())


def result_html(result: Result) -> str:
    """Write bands and the first drivers of a result."""
    import pandas as pd

    model, plan = result.model, result.setup.plan
    head = " · ".join(part for part in (model.title or model.file, model.case) if part)
    lines = [_line(f"{head} · {result.scenarios:,} scenarios · seed {plan.seed}".strip(" ·"))]
    levels = plan.percentiles
    bands = {
        name: [result.quantile(name, p) if result.count(name) else math.nan for p in levels]
        for name in result.rows
    }
    heads = [f"P{100 * p:g}" for p in levels]
    lines.append(table(pd.DataFrame.from_dict(bands, orient="index", columns=heads), index=True))
    ranked = [name for name in result.shown if name in result.ranked and result.count(name)]
    if ranked and result.scenarios > 1:
        bars = result.tornado(ranked[0]).head(_MOST_DRIVERS)
        lines.append(_line(f"What moves {ranked[0]}: P50 in the lowest and highest tenth of each"))
        lines.append(table(bars[["label", "low", "high", "swing", "ci_low", "ci_high"]]))
    lines += [_line(str(problem)) for problem in result.warnings]
    return "\n".join(lines)


def model_html(model: Model) -> str:
    """Write what goes into a model and what comes out."""
    import pandas as pd

    head = " · ".join(part for part in (model.title or model.file, model.case) if part)
    inputs = [
        {
            "input": name,
            "label": one.label if one.label != name else "",
            "distribution": "constant" if one.is_constant else one.description,
            "base": one.base,
            "unit": one.unit,
        }
        for name, one in model.inputs.items()
    ]
    outputs = [
        {"output": one.name, "label": one.label, "unit": one.unit, "formula": one.formula}
        for one in model.outputs
    ]
    lines = [_line(head)] if head else []
    lines += [table(pd.DataFrame(rows)) for rows in (inputs, outputs) if rows]
    return "\n".join(lines)


def _line(text: str) -> str:
    return f"<p>{html.escape(''.join(c if c.isprintable() else ' ' for c in text))}</p>"
