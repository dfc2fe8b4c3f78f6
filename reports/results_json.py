"""The machine-readable result, schema version 1."""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from rangecast.engine.errors import SettingsError
from rangecast.engine.failures import failure_rows, worst_case
from rangecast.engine.formula import series_of
from rangecast.engine.numerics import fingerprint
from rangecast.engine.result import Result
from rangecast.engine.sensitivity import INDICES, METHODS, Bar, tornado
from rangecast.reports.assumptions import assumption_rows
from rangecast.reports.figures import figure_rows

SCHEMA_VERSION = 1


def schema_text() -> str:
    """Give the JSON Schema (2020-12) of what `as_dict` gives, as text."""
    from importlib import resources

    return (resources.files("rangecast.reports") / "results.schema.json").read_text("utf-8")


def without_nan(value: Any) -> Any:
    """Replace what JSON does not know by null."""
    if isinstance(value, dict):
        return {k: without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def manifest(result: Result) -> dict[str, Any]:
    """Say what was run and on what."""
    plan, timing, model = result.setup.plan, result.timing, result.model
    packages = ("rangecast", "numpy", "scipy")
    return {
        "model": model.file,
        "model_sha256": model.sha256,
        "data_files": [{"file": d.file, "sha256": d.sha256} for d in model.data_files],
        "cases": [c for c in model.case.split("+") if c],
        "set": list(model.settings),
        "inputs": [{"file": file, "sha256": digest} for file, digest in model.overlay],
        "as_of": model.as_of.isoformat() if model.as_of else None,
        "scenarios": plan.scenarios,
        "seed": plan.seed,
        "design": plan.design,
        "correlations": result.correlated,
        "rows_per_pass": plan.rows,
        "workers": timing.workers,
        "backend": timing.backend,
        "versions": {"python": platform.python_version()} | {p: version(p) for p in packages},
        "numerics": fingerprint(),
        "seconds": timing.seconds,
        "reused": timing.reused,
        "precision": None if result.precision is None else vars(result.precision),
        "digest": result.digest,
    }


def _output(result: Result, name: str) -> dict[str, Any]:
    quantity, moments = result.model.quantities[name], result.moments_of(name)
    base = result.base[name]
    bands = [vars(result.band(name, p)) for p in result.setup.plan.percentiles] if moments.n else []
    return {
        "output": series_of(name)[0],
        "label": quantity.label,
        "unit": quantity.unit,
        "case": result.model.case,
        "period": quantity.period or None,
        **{k: v for k, v in vars(moments).items() if k not in {"minimum", "maximum"}},
        "min": moments.minimum,
        "max": moments.maximum,
        "base": {"value": base.value, "percentile": base.percentile},
        "quantiles": "exact" if result.setup.plan.exact else "binned",
        "bands": bands,
    }


def bar_row(bar: Bar, case: str) -> dict[str, Any]:
    """One bar as a row; an index replaces low and high where the method gives one."""
    output, period = series_of(bar.output)
    row = {"case": case, "period": period or None, **bar.as_dict(), "output": output}
    if bar.method in INDICES:
        row |= {"index": bar.statistic, "value": bar.swing}
    return row


def _tornado(result: Result, statistic: str, shown: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for name in shown:
        for method in METHODS:
            try:
                bars = tornado(result, name, method, statistic)
            except SettingsError:
                continue
            rows += [bar_row(bar, result.model.case) for bar in bars]
    return rows


def _failures(result: Result) -> list[dict[str, Any]]:
    """Failed scenarios of every output with any, and how far they could move its percentiles."""
    return [
        {
            **row,
            "drivers": [{"input": n, "share": s} for n, s in row["drivers"].items()],
            "worst_case": [vars(one) for one in worst_case(result, row["output"])],
        }
        for row in failure_rows(result)
    ]


def as_dict(
    result: Result,
    statistic: str = "p50",
    prob: list[Any] | None = None,
    shown: Sequence[str] = (),
) -> dict[str, Any]:
    """Give the result as plain dictionaries, lists, numbers and null.

    Parameters
    ----------
    result : Result
    statistic : str
        Of the conditional ranking.
    prob : list, optional
        Probabilities that were asked for, as dictionaries.
    shown : sequence of str
        Outputs whose rankings are given; by default those that the model shows.
    """
    checks = [
        {
            "case": c.check.case,
            "output": c.check.output,
            "stated": c.check.stated,
            "equals": c.check.equals,
            "value": c.value,
            "ok": c.ok,
            "note": c.check.note,
        }
        for c in result.checks
    ]
    plain: dict[str, Any] = without_nan(
        {
            "schema_version": SCHEMA_VERSION,
            "manifest": manifest(result),
            "outputs": {name: _output(result, name) for name in result.rows},
            "tornado": _tornado(result, statistic, shown or result.shown),
            "probabilities": prob or [],
            "failures": _failures(result),
            "figures": figure_rows(result),
            "inputs": assumption_rows(result.model),
            "checks": checks,
            "warnings": [p.as_dict() | {"code": p.code} for p in result.warnings],
        }
    )
    return plain
