"""What is not random: draws of a seed, sums, counts, and the same bits for any workers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from rangecast.engine.model.load import loads
from rangecast.engine.simulate import simulate
from rangecast.engine.streams import Stream
from rangecast.engine.verify.claims import Claim, exact

_AREA = "exactness"
_WORDS = {
    ("visits", 0): (0x47CD31D23C86F4E7, 0xB4890216C4C013E3, 0x81263DA8FECECE2),
    ("visits", 7): (0x128AF3957A7FDB02, 0x607B4E093E575C47, 0xCA49453AF62E621D),
    ("price", 0): (0x951CCCB95B9BE343, 0xE80A6785CC2D532C, 0x860B78018C2E499B),
}
"""First words of streams under seed 1, the same on every machine, ever."""
_TEXT = (
    '[inputs.x]\ndist = "lognormal"\nmu = 0\nsigma = 1\n[inputs.z]\ndist = "pert"\nlow = 0\n'
    'mode = 1\nhigh = 3\n[outputs.y]\nformula = "x * z"\n'
)


def check(seed: int) -> list[Claim]:
    """Claim what holds to the last bit, or to the rounding of so many additions."""
    return [*_streams(), *_sums(seed), *_workers(seed)]


def _streams() -> list[Claim]:
    wrong = 0
    for (name, block), words in _WORDS.items():
        stream = Stream(1, name)
        stream.turn_to(block)
        wrong += sum(a != b for a, b in zip(stream.words(3).tolist(), words, strict=True))
    return [exact(_AREA, "words of streams that changed", "pinned values", 0.0, float(wrong))]


def _sums(seed: int) -> list[Claim]:
    """Mean and sd of kept values against rational arithmetic; extremes and counts exactly."""
    n = 20_000
    result = simulate(loads(_TEXT), scenarios=n, seed=seed)
    values = result.ordered("y")
    fractions = [Fraction(v) for v in values.tolist()]
    mean = sum(fractions) / n
    sd = math.sqrt(sum((v - mean) ** 2 for v in fractions) / (n - 1))
    moments = result.moments_of("y")
    # pairwise additions within a pass, then a tree of batches: some 30 roundings of 2^-53 each
    rounding = 64 * 2.0**-53
    middle = float(np.median(values))
    return [
        exact(_AREA, "mean of 20,000 values", "rational arithmetic", float(mean), moments.mean,
              rounding * float(mean)),
        exact(_AREA, "sd of 20,000 values", "rational arithmetic", sd, moments.sd,
              16 * rounding * sd),
        exact(_AREA, "largest value", "of all values", float(values[-1]), moments.maximum),
        exact(_AREA, "P50", "median of all values", middle, result.quantile("y", 0.5),
              2.0**-50 * middle),
    ]  # fmt: skip


def _workers(seed: int) -> list[Claim]:
    digests = {
        simulate(loads(_TEXT), scenarios=150_001, seed=seed, workers=w, backend=backend).digest
        for w, backend in ((1, "sequential"), (2, "threads"), (3, "threads"))
    }
    what = "results of 1, 2 and 3 workers that differ"
    return [exact(_AREA, what, "the same bits", 0.0, float(len(digests) - 1))]
