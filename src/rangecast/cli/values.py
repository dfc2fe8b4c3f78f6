"""Values of options: counts with suffixes, percentiles, probabilities."""

from __future__ import annotations

import re
from typing import Any

import click

_SUFFIXES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9, "g": 10**9}


def _refuse(value: str, allowed: str) -> Exception:
    from rangecast.engine.errors import Problem, SettingsError

    return SettingsError(Problem("E701", "--scenarios", "bad number of scenarios", value, allowed))


class Count(click.ParamType[int]):
    """A whole number such as 1000000, 1_000_000, 1e6 or 1M."""

    name = "count"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Read the text of an option."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([\d_]*\.?\d+(?:e[+-]?\d+)?)(k|m|b|bn|g)?", value.strip().lower())
        if match is None:
            raise _refuse(value, "a whole number such as 1e6 or 1M")
        number = float(match[1].replace("_", "")) * _SUFFIXES[match[2] or ""]
        if number != int(min(number, 1e300)):
            raise _refuse(value, "a whole number")
        if not 1 <= number <= 2**53:
            raise _refuse(value, "1 to the largest allowed, 2^53")
        return int(number)


class Percentiles(click.ParamType[tuple[float, ...]]):
    """A list such as 5,50,95."""

    name = "list"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...]:
        """Read the text of an option."""
        if isinstance(value, tuple):
            return value
        try:
            levels = {
                round(float(part.strip().lstrip("Pp")) / 100, 12) for part in value.split(",")
            }
        except ValueError:
            self.fail(f"{value!r} is not a list such as 5,50,95", param, ctx)
        if not all(0 < level < 1 for level in levels):
            self.fail("percentiles lie between 0 and 100", param, ctx)
        return tuple(sorted(levels))


class Condition(click.ParamType[tuple[str, str, float]]):
    """A condition such as 'servers > 50000'."""

    name = "condition"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str, float]:
        """Read the text of an option."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(
            r"\s*(\w+(?:\[[\w-]+\])?)\s*(<|>)\s*([-+]?[\d_.]+(?:[eE][+-]?\d+)?)\s*", value
        )
        if match is None:
            self.fail(f"{value!r} is not a condition such as 'servers > 50000'", param, ctx)
        return match[1], match[2], float(match[3])


class Share(click.ParamType[float]):
    """A share such as 0.5% or 0.005."""

    name = "share"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Read the text of an option."""
        if isinstance(value, float):
            return value
        text = str(value).strip()
        try:
            number = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            self.fail(f"{value!r} is not a share such as 0.5%", param, ctx)
        if not 0 < number < 1:
            self.fail(f"{value!r} does not lie between 0 and 100 %", param, ctx)
        return number
