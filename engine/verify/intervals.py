"""How often 95 % intervals hold the truth, over independent outputs of the same runs."""

from __future__ import annotations

import math

import numpy as np
from rangecast.engine.model.load import loads
from rangecast.engine.result import Result
from rangecast.engine.simulate import simulate
from rangecast.engine.verify.claims import Claim, count, estimate
from scipy import special

_AREA = "intervals"
_OUTPUTS = 60
_LEVELS = (0.05, 0.5, 0.95)
_RUNS = 6
_MANY = 70_000
_DRAWN = 400_000


def _model() -> str:
    """Independent standard normal and exponential outputs; one is ranked, to save time."""
    kinds = ('dist = "normal"\nmean = 0\nsd = 1', 'dist = "exponential"\nmean = 1')
    lines = ["[run]", 'outputs = ["y0"]']
    for k in range(_OUTPUTS):
        lines += [f"[inputs.x{k}]", kinds[k % 2], f"[outputs.y{k}]", f'formula = "x{k}"']
    return "\n".join(lines) + "\n"


def _truth(k: int, level: float) -> float:
    return -math.log(1 - level) if k % 2 else float(special.ndtri(level))


def check(seed: int) -> list[Claim]:
    """Claim the coverage of intervals of bands and means, of chances, and correlated draws."""
    return [*_coverage(seed), *_chances(seed), *_dependence(seed)]


def _coverage(seed: int) -> list[Claim]:
    model = loads(_model())
    few = [
        simulate(model, scenarios=1_000, seed=seed + k, percentiles=_LEVELS) for k in range(_RUNS)
    ]
    many = [simulate(model, scenarios=_MANY, seed=seed, percentiles=_LEVELS)]
    claims = []
    for kind, runs in (("exact", few), ("binned", many)):
        for level in _LEVELS:
            hits = [
                band.ci_low <= _truth(k, level) <= band.ci_high
                for run in runs
                for k in range(_OUTPUTS)
                for band in [run.band(f"y{k}", level)]
            ]
            what = f"95 % interval of P{100 * level:g}, {kind}"
            source = "closed-form percentile, order statistics hold 95 % or more"
            claims.append(count(_AREA, what, source, sum(hits), len(hits), 0.95, one_sided=True))
    claims.append(_means(few))
    return claims


def _means(runs: list[Result]) -> Claim:
    """Intervals of normal means, whose coverage is 95 % exactly."""
    hits = [
        moments.mean_ci_low <= 0 <= moments.mean_ci_high
        for run in runs
        for k in range(0, _OUTPUTS, 2)
        for moments in [run.moments_of(f"y{k}")]
    ]
    what = "95 % interval of a normal mean"
    return count(_AREA, what, "mean 0, Student's t", sum(hits), len(hits), 0.95)


def _chances(seed: int) -> list[Claim]:
    text = (
        '[inputs.x]\ndist = "normal"\nmean = 0\nsd = 1\n[inputs.z]\ndist = "uniform"\nlow = 0\n'
        'high = 1\n[outputs.y]\nformula = "exp(x)"\n[outputs.w]\nformula = "sqrt(z - 0.02)"\n'
    )
    n = _DRAWN
    result = simulate(loads(text), scenarios=n, seed=seed, max_failures=0.1)
    moments = result.moments_of("y")
    mean = math.exp(0.5)
    sd = math.sqrt((math.e - 1) * math.e)
    failed = n - result.count("w")
    normal = f"moments of a lognormal, n = {n:,}"
    return [
        count(_AREA, "scenarios without a number", "P(z < 0.02)", failed, n, 0.02),
        estimate(
            _AREA, "mean of exp(x)", normal, mean, moments.mean, sd / math.sqrt(n), 31
        ),
        *(
            count(
                _AREA, f"scenarios of exp(x) at or below its P{100 * p:g}", "closed form",
                round(n * result.percentile_of("y", math.exp(float(special.ndtri(p))))), n, p,
                tests=1,
            )
            for p in (0.05, 0.95)
        ),
    ]  # fmt: skip


def _dependence(seed: int) -> list[Claim]:
    """Both of two correlated normals lie below their medians: 1/4 + asin(r) / 2π."""
    claims, n = list[Claim](), _DRAWN
    for spearman in (-0.7, 0.5, 0.95):
        text = (
            '[inputs.a]\ndist = "normal"\nmean = 0\nsd = 1\n[inputs.b]\ndist = "exponential"\n'
            f'mean = 1\n[outputs.both]\nformula = "where(a < 0, where(b < {math.log(2)!r}, 1, 0), '
            f'0)"\n[[correlations]]\nbetween = ["a", "b"]\nspearman = {spearman}\n'
        )
        result = simulate(loads(text), scenarios=n, seed=seed)
        share = 0.25 + math.asin(2 * math.sin(math.pi * spearman / 6)) / (2 * math.pi)
        hits = round(n * result.moments_of("both").mean)
        what = f"both below their medians, rank correlation {spearman}"
        claims.append(count(_AREA, what, "1/4 + asin(r)/2π", int(np.rint(hits)), n, share))
    return claims
