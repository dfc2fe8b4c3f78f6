"""Write a command again as it was given, for whoever wants to make its results again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import click

_TOLD = (
    "cases",
    "settings",
    "conditions",
    "units",
    "design",
    "no_correlations",
    "method",
    "statistic",
    "outputs",
    "over_time",
    "show_all",
    "max_failures",
    "brief",
    "lang",
)
"""Options on which the figures or words of a page depend, beside scenarios and seed."""


def _words(option: click.Parameter, value: Any) -> list[str]:
    name = option.opts[-1]
    if value is True:
        return [name]
    if not isinstance(value, list | tuple):
        return [name, str(value)]
    texts = value
    if option.name == "conditions":
        texts = [f"{output} {sign} {limit:.15g}" for output, sign, limit in value]
    return [word for one in texts for word in (name, str(one))]


def written(
    command: str,
    model: str,
    options: Sequence[click.Parameter],
    given: Mapping[str, Any],
    scenarios: int,
    seed: int,
) -> str:
    """Write a command as a shell takes it.

    Parameters
    ----------
    command, model : str
    options : sequence of click.Parameter
        Of the command.
    given : mapping of str to object
        Values of its options.
    scenarios, seed : int
        Written out, whatever was given.
    """
    words = ["rangecast", command, model]
    for option in options:
        value = given.get(option.name or "")
        usual = getattr(option, "default", None)
        if option.name in _TOLD and value not in (None, False, (), [], ("",)) and value != usual:
            words += _words(option, value)
    return shlex.join([*words, "-n", str(scenarios), "--seed", str(seed)])
