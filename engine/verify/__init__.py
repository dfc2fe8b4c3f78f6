"""The engine against closed forms: samplers, intervals, indices, sums; for a validator to file.

Every claim comes with the probability of a deviation at least as large in an engine without fault.
A claim fails where that is below 1e-6 over the number of claims (Bonferroni), so that at most once
in a million calls a faultless engine is accused, whatever the seed.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from rangecast.engine import numerics
from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.verify import exactness, indices, intervals, samplers
from rangecast.engine.verify.claims import Claim

FALSE_ALARMS = 1e-6
AREAS: Mapping[str, Callable[[int], list[Claim]]] = {
    "samplers": samplers.check,
    "intervals": intervals.check,
    "indices": indices.check,
    "exactness": exactness.check,
}


@dataclass(frozen=True)
class Verification:
    """What was held against closed forms, and the verdict.

    Parameters
    ----------
    claims : tuple of Claim
    seed : int
    seconds : float
    versions : dict of str to str
    numerics : dict of str to str
        Fingerprint of each group of functions.
    fingerprint : str
        Of all of them.
    """

    claims: tuple[Claim, ...]
    seed: int
    seconds: float
    versions: dict[str, str]
    numerics: dict[str, str]
    fingerprint: str

    @property
    def level(self) -> float:
        """Probability below which a claim fails."""
        return FALSE_ALARMS / len(self.claims)

    @property
    def failed(self) -> tuple[Claim, ...]:
        """Claims that do not hold."""
        return tuple(claim for claim in self.claims if claim.p < self.level)

    @property
    def ok(self) -> bool:
        """Whether every claim holds."""
        return not self.failed

    def as_dict(self) -> dict[str, Any]:
        """Give everything as plain values, for JSON."""
        rows = [
            {
                "area": claim.area,
                "what": claim.what,
                "closed_form": claim.source,
                "expected": claim.expected,
                "measured": claim.measured,
                "bound": claim.bound(self.level),
                "p": claim.p,
                "ok": claim.p >= self.level,
            }
            for claim in self.claims
        ]
        return {
            "schema_version": 1,
            "ok": self.ok,
            "false_alarms": FALSE_ALARMS,
            "level_of_each": self.level,
            "seed": self.seed,
            "seconds": self.seconds,
            "versions": self.versions,
            "numerics": {"fingerprint": self.fingerprint, **self.numerics},
            "checks": rows,
        }


def verify(seed: int = 1, areas: Sequence[str] = tuple(AREAS)) -> Verification:
    """Hold the engine of this machine against closed forms.

    Parameters
    ----------
    seed : int
        0 or more; the rate of false alarms is the same for all.
    areas : sequence of str
        Of ``samplers``, ``intervals``, ``indices``, ``exactness``.

    Returns
    -------
    Verification

    Raises
    ------
    SettingsError
        For an unknown area.

    Examples
    --------
    >>> verify(areas=["exactness"]).ok
    True
    """
    for area in areas:
        if area not in AREAS:
            allowed, hint = f"known: {', '.join(AREAS)}", did_you_mean(area, AREAS)
            raise SettingsError(Problem("E700", "areas", "unknown area", area, allowed, hint))
    began = time.perf_counter()
    claims = [claim for area in areas for claim in AREAS[area](seed)]
    packages = {name: version(name) for name in ("rangecast", "numpy", "scipy")}
    return Verification(
        tuple(claims),
        seed,
        time.perf_counter() - began,
        {"python": platform.python_version(), **packages, "machine": platform.machine()},
        numerics.by_group(),
        numerics.fingerprint(),
    )
