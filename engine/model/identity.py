"""What makes two models the same run: laws, formulas and structure, not labels or notes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from types import CodeType
from typing import Any

import numpy as np
from rangecast.engine.model.model import Input, Model

_LEVELS = np.linspace(0.05, 0.95, 7)


def _input(one: Input) -> list[Any]:
    law = None
    if one.law is not None:
        law = [repr(one.law), [float(x) for x in np.asarray(one.law.quantile(_LEVELS))]]
    borrowed = [one.stream] if one.stream else []
    return [one.value, one.base, one.same_as, law, *borrowed]


def _code(code: CodeType) -> list[Any]:
    """Describe compiled Python without addresses and line numbers."""
    constants = [_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return [code.co_code.hex(), constants, list(code.co_names), list(code.co_varnames)]


def _function(function: Callable[..., Any]) -> Any:
    inner = getattr(function, "func", function)  # functools.partial
    code = getattr(inner, "__code__", None)
    bound = [repr(getattr(function, "args", ())), repr(getattr(function, "keywords", {}))]
    return [getattr(inner, "__qualname__", type(inner).__name__), bound, code and _code(code)]


def identity(model: Model) -> str:
    """Hash everything of a model (with its case applied) that draws and results depend on.

    Parameters
    ----------
    model : Model

    Returns
    -------
    str
        Hexadecimal SHA-256. A changed label leaves it alone, a changed formula does not. Of a
        Python function it sees the code, not what the code reads from elsewhere.
    """
    described = {
        "inputs": {name: _input(one) for name, one in model.inputs.items()},
        "formulas": {name: [q.formula, q.is_output] for name, q in model.quantities.items()},
        "correlations": [[p.first, p.second, p.coefficient, p.measure] for p in model.correlations],
        "dependence": repr(model.dependence),
        "ranked": list(model.run.outputs),
        "checks": [[c.case, c.output, c.equals, c.stated] for c in model.checks],
        "function": _function(model.function) if model.function is not None else None,
    }
    if model.periods is not None:
        paths = {n: one.persistence for n, one in model.inputs.items()}
        described["time"] = [list(model.periods.labels), sorted(model.series), paths]
    text = json.dumps(described, ensure_ascii=False, default=repr)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
