"""A model with its texts in another language, where the file has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.model.model import Model

LANGUAGES = ("en", "zh")


def _labelled(named: Mapping[str, Any]) -> dict[str, Any]:
    return {k: replace(v, label=v.label_zh or v.label) for k, v in named.items()}


def localise(model: Model, language: str) -> Model:
    """Give a model whose labels, title and notes are in a language.

    Parameters
    ----------
    model : Model
        Before any case is laid over it.
    language : str
        ``en`` or ``zh``; what the file lacks in Chinese stays as it is.

    Raises
    ------
    SettingsError

    Examples
    --------
    >>> from rangecast.engine.model.load import load
    >>> localise(load("ai-servers"), "zh").quantities["servers"].label
    '服务器'
    """
    if language not in LANGUAGES:
        allowed = f"known: {', '.join(LANGUAGES)}"
        raise SettingsError(Problem("E700", "language", "unknown language", language, allowed))
    if language == "en":
        return model
    back = model.backtest
    sources = {k: replace(s, short=s.short_zh or s.short) for k, s in model.sources.items()}
    tables = {k: replace(t, note=t.note_zh or t.note) for k, t in model.tables.items()}
    return replace(
        model,
        title=model.title_zh or model.title,
        description=model.description_zh or model.description,
        inputs=_labelled(model.inputs),
        quantities={
            name: replace(q, headline=q.headline_zh or q.headline)
            for name, q in _labelled(model.quantities).items()
        },
        cases=_labelled(model.cases),
        tables=_labelled(tables),
        groups=_labelled(model.groups),
        checks=tuple(replace(c, label=c.label_zh or c.label) for c in model.checks),
        outcomes=tuple(replace(o, label=o.label_zh or o.label) for o in model.outcomes),
        sources=sources,
        backtest=replace(back, note=back.note_zh or back.note),
    )
