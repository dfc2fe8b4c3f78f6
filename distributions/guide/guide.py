"""One page of help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Guide:
    """What a distribution, or a way to join inputs, says and when to use it.

    Parameters
    ----------
    says : str
        What it claims, in words.
    use, avoid : str
        When it is the right choice, and when another is better.
    formula : tuple of str
        Quantile function Q(u), or F(x) or P(k) where that is simpler; then mean or sd. Φ is the
        normal distribution function.
    source : str
        Where it is described: author, year, title, journal.
    pitfalls : str
        What people get wrong.
    parameters : mapping of str to str
        Meaning and range of each key, but for percentiles.
    python : str
        The example in Python, with names of `rangecast.distributions`.
    summary : str
        In a few words; of a family `registry.Family.summary` instead.
    toml : str
        An example; of a family that of `distributions.examples` instead.
    """

    says: str
    use: str
    avoid: str
    formula: tuple[str, ...]
    source: str
    pitfalls: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    python: str = ""
    summary: str = ""
    toml: str = ""
