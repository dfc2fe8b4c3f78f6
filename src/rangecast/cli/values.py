"""Values of options: counts with suffixes, percentiles, probabilities."""

from __future__ import annotations

import math
import re
from typing import Any

import click

_SUFFIXES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9, "g": 10**9}


def _refuse(value: str, allowed: str) -> Exception:
    from rangecast.engine.errors import Problem, SettingsError

    return SettingsError(Problem("E701", "--scenarios", "bad number of scenarios", value, allowed))


_LONGEST = 200
"""Characters of a seed: the largest, just below 2^256, has 78 digits."""


class Seed(click.ParamType[int]):
    """A whole number, 0 or more."""

    name = "integer"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Read it."""
        from rangecast.engine.errors import Problem, SettingsError

        if isinstance(value, int):
            return value
        text = str(value).strip()
        if not re.fullmatch(r"\+?\d+(_\d+)*", text) or len(text) > _LONGEST:
            got = text if len(text) <= _LONGEST else f"{text[:20]}… ({len(text):,} characters)"
            problem = Problem("E702", "--seed", "bad seed", got, "a whole number, 0 or more")
            raise SettingsError(problem)
        return int(text)


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
        try:
            limit = float(match[3]) if match else None
        except ValueError:
            limit = None
        if match is None or limit is None:
            self.fail(f"{value!r} is not a condition such as 'servers > 50000'", param, ctx)
        if math.isinf(limit):
            self.fail(f"{value!r}: the limit is too large for a 64-bit float", param, ctx)
        return match[1], match[2], limit


class Ends(click.ParamType[tuple[float, float]]):
    """Two percentiles such as 5-95."""

    name = "ends"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float]:
        """Read the text of an option."""
        if isinstance(value, tuple | list):
            return float(value[0]), float(value[1])
        match = re.fullmatch(r"\s*[Pp]?([\d.]+)\s*[-–]\s*[Pp]?([\d.]+)\s*", value)
        try:
            low, high = (float(v) / 100 for v in match.groups()) if match else (1.0, 0.0)
        except ValueError:
            low, high = 1.0, 0.0
        if not 0 <= low < high <= 1:
            self.fail(f"{value!r} is not two percentiles such as 5-95", param, ctx)
        return low, high


class Region(click.ParamType[tuple[str, str, float]]):
    """A condition such as 'servers > 50000', or 'servers failed'."""

    name = "region"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str, float]:
        """Read the text of an option."""
        if isinstance(value, str) and value.endswith(" failed"):
            return value.removesuffix(" failed").strip(), "failed", 0.0
        return Condition().convert(value, param, ctx)


class Stress(click.ParamType[tuple[str, float, float]]):
    """An input and a part of its range, such as visits=90-100."""

    name = "stress"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, float, float]:
        """Read the text of an option."""
        if isinstance(value, tuple | list):
            return value[0], value[1], value[2]
        name, sign, part = value.partition("=")
        if not sign or not name.strip():
            self.fail(f"{value!r} is not an input and a part such as visits=90-100", param, ctx)
        low, high = Ends().convert(part, param, ctx)
        return name.strip(), low, high


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
