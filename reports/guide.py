"""Pages of help as text: what a distribution or a correlation says, and when to use it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
from rangecast.distributions import registry
from rangecast.distributions.examples import EXAMPLES, law_of
from rangecast.distributions.guide import GUIDES, Guide
from rangecast.engine import dependence_guide
from rangecast.reports.numbers import three_digits

COLUMNS = 80
_MARGIN = 10


def summary_of(name: str) -> str:
    """What a distribution, or a way to join inputs, is in a few words.

    Examples
    --------
    >>> summary_of("weibull"), summary_of("truncation")
    ('a lifetime', 'min and max: any distribution cut off')
    """
    family = registry.FAMILIES.get(name)
    return family.summary if family else _all()[name].summary


def _all() -> Mapping[str, Guide]:
    return {**GUIDES, **dependence_guide.GUIDES}


def known() -> dict[str, str]:
    """Names that have a page, each with its summary."""
    return {name: summary_of(name) for name in _all()}


def as_toml(name: str) -> str:
    """Write the example of a name as a model file has it.

    Examples
    --------
    >>> print(as_toml("uniform"))
    [inputs.x]
    dist = "uniform"
    low = 10
    high = 40
    """
    if name not in EXAMPLES or name not in registry.FAMILIES:
        return _all()[name].toml
    lines = ["[inputs.x]", f'dist = "{name}"']
    for key, value in EXAMPLES[name].items():
        written = _inline(value)
        if isinstance(value, list) and isinstance(value[0], dict):
            written = "[\n" + "".join(f"  {_inline(part)},\n" for part in value) + "]"
        lines.append(f"{key} = {written}")
    return "\n".join(lines)


def _inline(value: Any) -> str:
    """Write a value as TOML does on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(v) for v in value) + "]"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def figures_of(name: str) -> str:
    """Mean, standard deviation and percentiles of a family's example, or nothing.

    Examples
    --------
    >>> figures_of("uniform")
    'mean 25, sd 8.66; P5 11.5, P50 25, P95 38.5'
    """
    if name not in EXAMPLES or name not in registry.FAMILIES:
        return ""
    law = law_of(name)
    low, middle, high = (_plain(v) for v in law.quantile(np.array([0.05, 0.5, 0.95])).tolist())
    return f"mean {_plain(law.mean)}, sd {_plain(law.sd)}; P5 {low}, P50 {middle}, P95 {high}"


def _plain(value: float) -> str:
    if math.isnan(value):
        return "none"
    text = three_digits(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _paragraph(head: str, text: str) -> list[str]:
    margin = " " * _MARGIN
    return textwrap.wrap(
        text, COLUMNS, initial_indent=head.ljust(_MARGIN), subsequent_indent=margin
    )


def _block(head: str, lines: list[str]) -> list[str]:
    """Set lines under each other beside a head; one that is too long goes on indented."""
    found: list[str] = []
    for line in lines:
        inner = " " * (len(line) - len(line.lstrip()) + 2)
        found += textwrap.wrap(
            line, COLUMNS - _MARGIN, subsequent_indent=inner, drop_whitespace=True
        ) or [""]
    return [
        ((head if k == 0 else "").ljust(_MARGIN) + line).rstrip() for k, line in enumerate(found)
    ]


def guide_lines(name: str) -> list[str]:
    """Give the page of a distribution, or of a way to join inputs.

    Parameters
    ----------
    name : str
        One of `known`.

    Returns
    -------
    list of str
        At most 80 columns wide.

    Examples
    --------
    >>> print("\\n".join(guide_lines("uniform")[:2]))
    uniform: equally likely between bounds
    Says      Anything between two bounds is equally likely; nothing lies outside.
    """
    guide, family = _all()[name], registry.FAMILIES.get(name)
    lines = [f"{name}: {summary_of(name)}", *_paragraph("Says", guide.says)]
    lines += _paragraph("Use for", guide.use) + _paragraph("Not when", guide.avoid)
    if family:
        lines += _paragraph("Takes", family.taken)
    width = max((len(key) for key in guide.parameters), default=0)
    for k, (key, meaning) in enumerate(guide.parameters.items()):
        head = ("Takes" if k == 0 and not family else "").ljust(_MARGIN) + key.ljust(width + 2)
        lines += textwrap.wrap(
            meaning, COLUMNS, initial_indent=head, subsequent_indent=" " * len(head)
        )
    lines += _block("Formula", list(guide.formula))
    lines += _paragraph("Careful", guide.pitfalls)
    toml = as_toml(name)
    lines += _block("Example", toml.splitlines()) if toml else []
    if figures_of(name):
        lines += _paragraph("", figures_of(name))
    lines += _block("Python", [guide.python]) if guide.python else []
    return lines + _paragraph("Source", guide.source)
