"""Reference values of laws for the tests: ``python benchmarks/reference_values.py [NAME …]``.

Writes tests/data/reference_families.json with mpmath at 60 digits, from textbook formulas of F and
1 − F (or of the quantile function, for the laws defined by it); nothing of the product or of SciPy
is asked. Inverses are bisected, moments integrated. Takes some minutes; needs the extra ``dev``.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath as mp

mp.mp.dps = 60
OUT = Path(__file__).resolve().parents[1] / "tests" / "data" / "reference_families.json"
LOWER = [2.0**-54, 1e-12, 1e-6, 0.001, 0.1, 0.25, 0.5]
UPPER = [0.5, 0.25, 0.1, 0.001, 1e-6, 1e-12, 2.0**-54]
DIGITS = 25

Function = Callable[[Any], Any]


@dataclass
class Law:
    """A law by its distribution function from both ends, or by its quantile function."""

    family: str
    params: dict[str, Any]
    below: Function | None = None
    above: Function | None = None
    quantile: Callable[[Any, Any], Any] | None = None
    """From u and 1 − u."""
    ends: tuple[Any, Any] = (-mp.inf, mp.inf)
    mean: Any = None
    variance: Any = None
    kinks: list[Any] = field(default_factory=list)


def half_line(t: Any, ends: tuple[Any, Any]) -> Any:
    """Map the whole line onto the support, fine at finite ends and far out."""
    low, high = ends
    if mp.isinf(low) and mp.isinf(high):
        return mp.sinh(t)
    if mp.isinf(high):
        return low + mp.exp(t)
    if mp.isinf(low):
        return high - mp.exp(-t)
    return low + (high - low) / (1 + mp.exp(-t))


def bisect(wanted: Any, of: Function, rises: bool, low: Any, high: Any) -> Any:
    """Argument at which a monotone function has a value."""
    for _ in range(230):
        middle = (low + high) / 2
        if (of(middle) < wanted) == rises:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def inverse(law: Law, p: float, upper: bool) -> Any:
    """Value with probability `p` below it, or above it."""
    p = mp.mpf(p)
    if law.quantile is not None:
        return law.quantile(1 - p, p) if upper else law.quantile(p, 1 - p)
    of = law.above if upper else law.below
    assert of is not None
    t = bisect(p, lambda t: of(half_line(t, law.ends)), not upper, mp.mpf(-900), mp.mpf(900))
    return half_line(t, law.ends)


def share(law: Law, x: float, upper: bool) -> Any:
    """Probability below, or above, a double."""
    of = law.above if upper else law.below
    if of is not None:
        return of(mp.mpf(x))
    assert law.quantile is not None
    q = law.quantile

    def at(t: Any) -> Any:
        return q(1 / (1 + mp.exp(-t)), 1 / (1 + mp.exp(t)))

    t = bisect(mp.mpf(x), at, True, mp.mpf(-300), mp.mpf(300))
    return 1 / (1 + mp.exp(t if upper else -t))


def density_step(law: Law, p: float, upper: bool, x: Any) -> float:
    """What half a rounding step of p changes of the value."""
    step = mp.mpf(math.ulp(p)) / 2
    if law.quantile is not None:
        return float(abs(inverse(law, float(p) + math.ulp(p), upper) - x) / 2)
    h = abs(x) * mp.mpf(10) ** -25 + mp.mpf(10) ** -40
    of = law.above if upper else law.below
    assert of is not None
    slope = abs(of(x + h) - of(x - h)) / (2 * h)
    return float(step / slope) if slope else math.inf


def moments(law: Law) -> tuple[Any, Any]:
    """Mean and variance, closed or integrated over the logarithm of the odds."""
    if law.mean is not None:
        return law.mean, law.variance

    def at(t: Any) -> Any:
        u, v = 1 / (1 + mp.exp(-t)), 1 / (1 + mp.exp(t))
        assert law.quantile is not None
        return law.quantile(u, v), u * v

    def integral(power: int, around: Any) -> Any:
        pieces = [-140, -60, -30, -10, *law.kinks, 0, 10, 30, 60, 140]

        def term(t: Any) -> Any:
            value, weight = at(t)
            return (value - around) ** power * weight

        with mp.workdps(30):
            return mp.quad(term, sorted(pieces))

    mean = integral(1, mp.mpf(0))
    return mean, integral(2, mean)


# ------------------------------------------------------------------ laws


def phi(z: Any) -> Any:
    """Φ(z), exact in the lower tail."""
    if abs(z) > 10**6:
        return mp.mpf(z > 0)
    return mp.erfc(-z / mp.sqrt(2)) / 2


def score(u: Any, v: Any) -> Any:
    """Φ⁻¹(u), from the nearer tail."""
    if u > v:
        return -score(v, u)
    z = -mp.sqrt(-2 * mp.log(u)) if u < mp.mpf("0.02") else mp.mpf(float(u) - 0.5) * 2.5
    for _ in range(60):
        step = (phi(z) - u) / (mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi))
        z -= step / (1 + z * step / 2)  # Halley
        if abs(step) < mp.mpf(10) ** -55 * (1 + abs(z)):
            break
    return z


def trapezoidal(low: float, mode_low: float, mode_high: float, high: float) -> Law:
    a, b, c, d = map(mp.mpf, (low, mode_low, mode_high, high))
    h = 2 / (d + c - a - b)

    def below(x: Any) -> Any:
        if x < b:
            return h * (x - a) ** 2 / (2 * (b - a))
        return h * (b - a) / 2 + h * (x - b) if x <= c else 1 - above(x)

    def above(x: Any) -> Any:
        return h * (d - x) ** 2 / (2 * (d - c)) if x > c else 1 - below(x)

    def moment(k: int) -> Any:
        parts = [
            (lambda x: h * (x - a) / (b - a), a, b),
            (lambda x: h, b, c),
            (lambda x: h * (d - x) / (d - c), c, d),
        ]
        return sum(mp.quad(lambda x, f=f: f(x) * x**k, [s, e]) for f, s, e in parts if e > s)

    mean = moment(1)
    params = {"low": low, "mode_low": mode_low, "mode_high": mode_high, "high": high}
    return Law("trapezoidal", params, below, above, None, (a, d), mean, moment(2) - mean**2)


def gev(loc: float, scale: float, shape: float) -> Law:
    m, s, k = map(mp.mpf, (loc, scale, shape))

    def g(x: Any) -> Any:
        inside = 1 + k * (x - m) / s
        if inside <= 0:
            return -mp.inf if k > 0 else mp.inf
        return mp.log(inside) / k

    g1, g2 = mp.gamma(1 - k), mp.gamma(1 - 2 * k)
    ends = (m - s / k, mp.inf) if k > 0 else (-mp.inf, m - s / k)
    return Law(
        "gev",
        {"loc": loc, "scale": scale, "shape": shape},
        lambda x: mp.exp(-mp.exp(-g(x))),
        lambda x: -mp.expm1(-mp.exp(-g(x))),
        lambda u, v: m + s * mp.expm1(-k * mp.log(-mp.log1p(-v) if u > v else -mp.log(u))) / k,
        ends,
        m + s * (g1 - 1) / k,
        s**2 * (g2 - g1**2) / k**2,
    )


def gumbel_min(loc: float, scale: float) -> Law:
    m, s = mp.mpf(loc), mp.mpf(scale)
    return Law(
        "gumbel_min",
        {"loc": loc, "scale": scale},
        lambda x: -mp.expm1(-mp.exp((x - m) / s)),
        lambda x: mp.exp(-mp.exp((x - m) / s)),
        lambda u, v: m + s * mp.log(-mp.log1p(-u) if u < v else -mp.log(v)),
        (-mp.inf, mp.inf),
        m - s * mp.euler,
        s**2 * mp.pi**2 / 6,
    )


def inverse_gaussian(mean: float, shape: float) -> Law:
    m, lam = mp.mpf(mean), mp.mpf(shape)

    def parts(x: Any) -> tuple[Any, Any, Any]:
        root = mp.sqrt(lam / x)
        with mp.workdps(60 + int(2 * shape / mean / 2.3) + 10):
            tail = mp.exp(2 * lam / m) * phi(-root * (x / m + 1))
        return root * (x / m - 1), tail, root

    def below(x: Any) -> Any:
        z, tail, _ = parts(x)
        return phi(z) + tail

    def above(x: Any) -> Any:
        z, tail, _ = parts(x)
        return phi(-z) - tail

    params = {"mean": mean, "shape": shape}
    return Law("inverse_gaussian", params, below, above, None, (mp.mpf(0), mp.inf), m, m**3 / lam)


def log_uniform(low: float, high: float) -> Law:
    a, b = mp.mpf(low), mp.mpf(high)
    w = mp.log(b / a)
    mean = (b - a) / w
    return Law(
        "log_uniform",
        {"low": low, "high": high},
        lambda x: mp.log(x / a) / w,
        lambda x: mp.log(b / x) / w,
        lambda u, v: a * mp.exp(u * w),
        (a, b),
        mean,
        (b**2 - a**2) / (2 * w) - mean**2,
    )


def log_logistic(scale: float, shape: float) -> Law:
    s, k = mp.mpf(scale), mp.mpf(shape)
    t = mp.pi / k
    mean = s * t / mp.sin(t)
    return Law(
        "log_logistic",
        {"scale": scale, "shape": shape},
        lambda x: 1 / (1 + (x / s) ** -k),
        lambda x: 1 / (1 + (x / s) ** k),
        lambda u, v: s * (u / v) ** (1 / k),
        (mp.mpf(0), mp.inf),
        mean,
        s**2 * 2 * t / mp.sin(2 * t) - mean**2,
    )


def scored(family: str, params: dict[str, Any], to: Function, back: Function, **known: Any) -> Law:
    """A law of a value that is a function of a normal score."""
    return Law(
        family,
        params,
        lambda x: phi(back(x)),
        lambda x: phi(-back(x)),
        lambda u, v: to(score(u, v)),
        **known,
    )


def logit_normal(mu: float, sigma: float) -> Law:
    m, s = mp.mpf(mu), mp.mpf(sigma)

    def to(z: Any) -> Any:
        return 1 / (1 + mp.exp(-m - s * z))

    def moment(k: int, around: Any) -> Any:
        def term(z: Any) -> Any:
            return (to(z) - around) ** k * mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)

        with mp.workdps(40):
            return mp.quad(term, [-14, -8, -4, -2, 0, 2, 4, 8, 14])

    mean = moment(1, mp.mpf(0))
    return scored(
        "logit_normal",
        {"mu": mu, "sigma": sigma},
        to,
        lambda x: (mp.log(x / (1 - x)) - m) / s,
        mean=mean,
        variance=moment(2, mean),
    )


def johnson_su(gamma: float, delta: float, loc: float, scale: float) -> Law:
    g, d, m, s = map(mp.mpf, (gamma, delta, loc, scale))
    w = mp.exp(1 / d**2)
    return scored(
        "johnson_su",
        {"gamma": gamma, "delta": delta, "loc": loc, "scale": scale},
        lambda z: m + s * mp.sinh((z - g) / d),
        lambda x: g + d * mp.asinh((x - m) / s),
        mean=m - s * mp.sqrt(w) * mp.sinh(g / d),
        variance=s**2 * (w - 1) * (w * mp.cosh(2 * g / d) + 1) / 2,
    )


def shifted_lognormal(mu: float, sigma: float, low: float) -> Law:
    m, s, a = map(mp.mpf, (mu, sigma, low))
    return scored(
        "shifted_lognormal",
        {"mu": mu, "sigma": sigma, "low": low},
        lambda z: a + mp.exp(m + s * z),
        lambda x: (mp.log(x - a) - m) / s,
        mean=a + mp.exp(m + s**2 / 2),
        variance=mp.expm1(s**2) * mp.exp(2 * m + s**2),
    )


def normal(mean: float, sd: float) -> Law:
    m, s = mp.mpf(mean), mp.mpf(sd)
    return scored(
        "normal",
        {"mean": mean, "sd": sd},
        lambda z: m + s * z,
        lambda x: (x - m) / s,
        mean=m,
        variance=s**2,
    )


def jqpd(
    level: float, values: tuple[float, float, float], low: float, high: float | None = None
) -> Law:
    """Hadlock and Bickel (2017): J-QPD-S without an upper bound, J-QPD-B with one."""
    a, (x1, x2, x3) = mp.mpf(low), map(mp.mpf, values)
    alpha = mp.mpf(level)
    c = -score(alpha, 1 - alpha)
    if high is None:
        left, middle, right = (mp.log(x - a) for x in (x1, x2, x3))
    else:
        width = mp.mpf(high) - a
        left, middle, right = (
            score((x - a) / width, (a + width - x) / width) for x in (x1, x2, x3)
        )
    n = int(mp.sign(left + right - 2 * middle))
    least = min(middle - left, right - middle)
    centre = {1: left, -1: right, 0: middle}[n]
    bend = mp.acosh((right - left) / (2 * least))
    if high is None:
        delta = mp.sinh(bend) / c
        lam = least / (delta * c)

        def to(z: Any) -> Any:
            return a + mp.exp(centre + lam * mp.sinh(mp.asinh(delta * z) + mp.asinh(n * c * delta)))

    else:
        delta = bend / c
        lam = (right - left) / mp.sinh(2 * delta * c)

        def to(z: Any) -> Any:
            at = centre + lam * mp.sinh(delta * (z + n * c))
            return a + width * phi(at) if at < 0 else a + width - width * phi(-at)

    name = f"{round(100 * level):02}"
    params = {f"p{name}": values[0], "p50": values[1], f"p{100 - int(name):02}": values[2]}
    params |= {"low": low} | ({} if high is None else {"high": high})
    ends = (a, mp.inf if high is None else mp.mpf(high))
    return Law("jqpd", params, quantile=lambda u, v: to(score(u, v)), ends=ends)


def metalog(a: list[float], low: float | None, high: float | None) -> Law:
    """Keelin (2016), terms in his order."""
    coefficients = [mp.mpf(x) for x in a]

    def quantile(u: Any, v: Any) -> Any:
        odds = mp.log(u / v)
        place = u - mp.mpf(1) / 2 if u < v else mp.mpf(1) / 2 - v
        total = mp.mpf(0)
        for k, each in enumerate(coefficients):
            term = {0: mp.mpf(1), 1: odds, 2: place * odds, 3: place}.get(k)
            if term is None:
                term = place ** (k // 2) * (1 if k % 2 == 0 else odds)
            total += each * term
        if low is None and high is None:
            return total
        if high is None:
            return low + mp.exp(total)
        if low is None:
            return high - mp.exp(-total)
        return low + (high - low) / (1 + mp.exp(-total))

    ends = (-mp.inf if low is None else low, mp.inf if high is None else high)
    return Law("metalog", {"a": a, "low": low, "high": high}, quantile=quantile, ends=ends)


def piecewise(values: list[float], levels: list[float]) -> Law:
    xs, ps = [mp.mpf(x) for x in values], [mp.mpf(p) for p in levels]

    def quantile(u: Any, v: Any) -> Any:
        for k in range(len(ps) - 1):
            if u <= ps[k + 1]:
                return xs[k] + (xs[k + 1] - xs[k]) * (u - ps[k]) / (ps[k + 1] - ps[k])
        return xs[-1]

    def below(x: Any) -> Any:
        for k in range(len(xs) - 1):
            if x <= xs[k + 1]:
                return ps[k] + (ps[k + 1] - ps[k]) * (x - xs[k]) / (xs[k + 1] - xs[k])
        return mp.mpf(1)

    parts = [(a, b, q - p) for (a, b), (p, q) in zip(pairwise(xs), pairwise(ps), strict=True)]
    mean = sum(w * (a + b) / 2 for a, b, w in parts)
    square = sum(w * (a * a + a * b + b * b) / 3 for a, b, w in parts)
    params = {"values": values, "levels": levels}
    return Law(
        "piecewise",
        params,
        below,
        lambda x: 1 - below(x),
        quantile,
        mean=mean,
        variance=square - mean**2,
    )


def student_t(df: float) -> Law:
    n = mp.mpf(df)

    def tail(t: Any) -> Any:
        t = abs(t)
        if t * t < n:
            inner = mp.betainc(mp.mpf(1) / 2, n / 2, 0, t * t / (n + t * t), regularized=True)
            return (1 - inner) / 2
        return mp.betainc(n / 2, mp.mpf(1) / 2, 0, n / (n + t * t), regularized=True) / 2

    return Law(
        "student_t",
        {"df": df},
        lambda x: tail(x) if x < 0 else 1 - tail(x),
        lambda x: tail(x) if x > 0 else 1 - tail(x),
        mean=mp.mpf(0) if df > 1 else mp.nan,
        variance=n / (n - 2) if df > 2 else (mp.inf if df > 1 else mp.nan),
    )


def gamma(shape: float, scale: float) -> Law:
    k, s = mp.mpf(shape), mp.mpf(scale)
    return Law(
        "gamma",
        {"shape": shape, "scale": scale},
        lambda x: mp.gammainc(k, 0, x / s, regularized=True),
        lambda x: mp.gammainc(k, x / s, mp.inf, regularized=True),
        None,
        (mp.mpf(0), mp.inf),
        k * s,
        k * s**2,
    )


def beta(a: float, b: float) -> Law:
    p, q = mp.mpf(a), mp.mpf(b)
    total = p + q

    def from_end(a: Any, b: Any, near: Any) -> Any:
        return mp.betainc(a, b, 0, near, regularized=True)

    return Law(
        "beta",
        {"a": a, "b": b},
        lambda x: from_end(p, q, x) if 2 * x < 1 else 1 - from_end(q, p, 1 - x),
        lambda x: from_end(q, p, 1 - x) if 2 * x > 1 else 1 - from_end(p, q, x),
        None,
        (mp.mpf(0), mp.mpf(1)),
        p / total,
        p * q / total**2 / (total + 1),
    )


def pareto(shape: float, scale: float) -> Law:
    k, s = mp.mpf(shape), mp.mpf(scale)
    return Law(
        "pareto",
        {"shape": shape, "scale": scale},
        lambda x: -mp.expm1(-k * mp.log(x / s)),
        lambda x: (s / x) ** k,
        lambda u, v: s * mp.exp(-(mp.log(v) if v < u else mp.log1p(-u)) / k),
        (s, mp.inf),
        k * s / (k - 1),
        s**2 * k / ((k - 1) ** 2 * (k - 2)),
    )


def weibull(shape: float, scale: float) -> Law:
    k, s = mp.mpf(shape), mp.mpf(scale)
    mean = s * mp.gamma(1 + 1 / k)
    return Law(
        "weibull",
        {"shape": shape, "scale": scale},
        lambda x: -mp.expm1(-((x / s) ** k)),
        lambda x: mp.exp(-((x / s) ** k)),
        lambda u, v: s * (-mp.log1p(-u) if u < v else -mp.log(v)) ** (1 / k),
        (mp.mpf(0), mp.inf),
        mean,
        s**2 * mp.gamma(1 + 2 / k) - mean**2,
    )


def truncated(law: Law, low: float | None, high: float | None) -> Law:
    """A law between two ends; moments by its distribution function: ∫ F, ∫ x F."""
    a = law.ends[0] if low is None else mp.mpf(low)
    b = law.ends[1] if high is None else mp.mpf(high)
    assert law.below is not None
    assert law.above is not None
    cut, rest = (mp.mpf(0) if low is None else law.below(a)), law.above
    inside = 1 - cut - (mp.mpf(0) if high is None else rest(b))
    beyond = mp.mpf(0) if high is None else rest(b)

    def below(x: Any) -> Any:
        return (law.below(x) - cut) / inside  # type: ignore[misc]

    def above(x: Any) -> Any:
        return (rest(x) - beyond) / inside

    start = a if not mp.isinf(a) else b
    if mp.isinf(a):  # E(b − X) = ∫ F
        pieces = [b - 10**k for k in range(12, -1, -1)] + [b]
        off = mp.quad(below, pieces)
        square = mp.quad(lambda x: 2 * (b - x) * below(x), pieces)
        mean = b - off
    else:
        pieces = [a + 10**k for k in range(-2, 13)] if mp.isinf(b) else [a, (a + b) / 2, b]
        pieces = [a, *pieces] if pieces[0] != a else pieces
        off = mp.quad(above, pieces)
        square = mp.quad(lambda x: 2 * (x - a) * above(x), pieces)
        mean = start + off
    ends = {k: v for k, v in (("min", low), ("max", high)) if v is not None}
    return Law(
        law.family,
        {**law.params, **ends},
        below,
        above,
        None,
        (a, b),
        mean,
        square - off**2,
    )


def laws() -> dict[str, Callable[[], Law]]:
    """Every case by its name."""
    return {
        "trapezoidal": lambda: trapezoidal(0.0, 1.0, 3.0, 7.0),
        "trapezoidal_steep": lambda: trapezoidal(-2.0, -1.999, 5.0, 5.5),
        "gev_heavy": lambda: gev(0.0, 1.0, 0.3),
        "gev_bounded": lambda: gev(1.0, 2.0, -0.3),
        "gev_nearly_gumbel": lambda: gev(10.0, 2.0, 1e-7),
        "gumbel_min": lambda: gumbel_min(1.0, 2.0),
        "inverse_gaussian": lambda: inverse_gaussian(2.0, 8.0),
        "inverse_gaussian_skewed": lambda: inverse_gaussian(1.0, 0.05),
        "log_uniform_wide": lambda: log_uniform(0.01, 1e4),
        "log_uniform_narrow": lambda: log_uniform(1.0, 1.001),
        "log_logistic": lambda: log_logistic(3.0, 2.5),
        "logit_normal": lambda: logit_normal(0.3, 0.5),
        "logit_normal_wide": lambda: logit_normal(-2.0, 1.5),
        "johnson_su": lambda: johnson_su(1.0, 1.2, 3.0, 2.0),
        "shifted_lognormal": lambda: shifted_lognormal(3.25, 0.66, -1.25),
        "lognormal_tiny_sigma": lambda: shifted_lognormal(2.0, 1e-9, 0.0),
        "normal_far_from_zero": lambda: normal(1e9, 1e-3),
        "jqpd_s": lambda: jqpd(0.1, (10.0, 25.0, 60.0), 0.0),
        "jqpd_s_left": lambda: jqpd(0.1, (10.0, 50.0, 60.0), 2.0),
        "jqpd_b": lambda: jqpd(0.05, (10.0, 50.0, 70.0), 0.0, 80.0),
        "metalog5": lambda: metalog([10.0, 2.0, 0.4, 3.0, 1.5], None, None),
        "metalog4_upper": lambda: metalog([-2.0, 0.4, 0.05, 0.3], None, 100.0),
        "piecewise": lambda: piecewise([-1.0, 2.0, 3.0, 9.0], [0.0, 0.25, 0.75, 1.0]),
        "student_t_0.7": lambda: student_t(0.7),
        "student_t_30": lambda: student_t(30.0),
        "student_t_1e4": lambda: student_t(1e4),
        "gamma_0.05": lambda: gamma(0.05, 2.0),
        "gamma_1e4": lambda: gamma(1e4, 1e-4),
        "beta_0.05": lambda: beta(0.05, 0.05),
        "beta_skewed": lambda: beta(0.5, 200.0),
        "beta_narrow": lambda: beta(500.0, 2000.0),
        "pareto_2.2": lambda: pareto(2.2, 3.0),
        "weibull_0.5": lambda: weibull(0.5, 2.0),
        "weibull_40": lambda: weibull(40.0, 2.0),
        "truncated_normal_far": lambda: truncated(normal(0.0, 1.0), 3.0, 4.0),
        "truncated_normal_far_below": lambda: truncated(normal(0.0, 1.0), -4.0, -3.0),
        "truncated_normal_one_sided": lambda: truncated(normal(0.0, 1.0), 0.5, None),
        "truncated_gumbel_min": lambda: truncated(gumbel_min(1.0, 2.0), None, 2.0),
        "truncated_gamma": lambda: truncated(gamma(2.5, 3.0), 20.0, None),
        "truncated_weibull": lambda: truncated(weibull(1.5, 2.0), 0.5, 3.0),
    }


# ------------------------------------------------------------------ counts


def counts() -> dict[str, dict[str, Any]]:
    """Counts: mass, F and 1 − F by summing masses."""
    found: dict[str, dict[str, Any]] = {}

    def add(name: str, family: str, params: dict[str, Any], mass: Function, ks: list[int]) -> None:
        first = {"geometric": 1, "integers": int(params.get("low", 0))}.get(family, 0)
        last = {"binomial": int(params.get("n", 0)), "integers": int(params.get("high", 0))}
        rows = []
        for k in ks:
            above, j, end = mp.mpf(0), k + 1, last.get(family)
            while end is None or j <= end:
                term = mass(j)
                above += term
                if term < above * mp.mpf(10) ** -30:
                    break
                j += 1
            below, j = mp.mpf(0), k
            while j >= first:
                term = mass(j)
                below += term
                if term < below * mp.mpf(10) ** -30:
                    break
                j -= 1
            rows.append([k, *(mp.nstr(v, DIGITS) for v in (mass(k), below, above))])
        found[name] = {"family": family, "params": params, "pmf_cdf_sf": rows}

    def negative(size: Any, p: Any) -> Function:
        r, p = mp.mpf(size), mp.mpf(p)
        return lambda k: mp.gamma(k + r) / mp.factorial(k) / mp.gamma(r) * p**r * (1 - p) ** k

    for size, chance, ks in (
        (2.5, 0.2, [0, 3, 10, 40, 90, 150]),
        (0.7, 0.05, [0, 1, 13, 100, 700]),
    ):
        params: dict[str, Any] = {"size": size, "p": chance}
        name = f"negative_binomial_{size}"
        add(name, "negative_binomial", params, negative(size, chance), ks)
    p = mp.mpf(0.05)
    add(
        "geometric",
        "geometric",
        {"p": 0.05},
        lambda k: p * (1 - p) ** (k - 1),
        [1, 2, 20, 200, 700],
    )
    add(
        "integers", "integers", {"low": 5, "high": 20}, lambda k: mp.mpf(1) / 16, [5, 6, 12, 19, 20]
    )
    n, q = 2000, mp.mpf(0.003)
    add(
        "binomial",
        "binomial",
        {"n": n, "p": 0.003},
        lambda k: mp.binomial(n, k) * q**k * (1 - q) ** (n - k),
        [0, 2, 6, 15, 30, 60],
    )
    m = mp.mpf(900)
    add(
        "poisson",
        "poisson",
        {"mean": 900.0},
        lambda k: mp.exp(k * mp.log(m) - m - mp.loggamma(k + 1)),
        [600, 750, 900, 1000, 1200],
    )
    return found


# ------------------------------------------------------------------ the file


def case(name: str, law: Law) -> dict[str, Any]:
    """Values of one law as texts of 25 digits."""
    rows: dict[str, list[Any]] = {"quantile": [], "upper_quantile": []}
    points = []
    for key, levels in (("quantile", LOWER), ("upper_quantile", UPPER)):
        upper = key == "upper_quantile"
        for p in levels:
            x = inverse(law, p, upper)
            if abs(x) < mp.mpf(10) ** -290 or abs(x) > mp.mpf(10) ** 290:
                continue
            rows[key].append([p, mp.nstr(x, DIGITS), density_step(law, p, upper, x)])
            points.append(float(x))
    shares = []
    low, high = law.ends
    for x in sorted(set(points)):
        if low < x < high:
            below, above = (mp.nstr(share(law, x, upper), DIGITS) for upper in (False, True))
            slope = abs(share(law, x * (1 + 1e-9) + 1e-300, True) - share(law, x, True))
            shares.append([x, below, above, float(slope / (abs(x) * mp.mpf("1e-9") + 1e-300))])
    mean, variance = moments(law)
    found: dict[str, Any] = {"id": name, "family": law.family, "params": law.params, **rows}
    found["cdf_sf_pdf"] = shares
    found["mean"], found["variance"] = mp.nstr(mean, DIGITS), mp.nstr(variance, DIGITS)
    return found


def main(names: list[str]) -> None:
    """Write the file; with names, only print these cases."""
    made = laws()
    if names:
        for name in names:
            print(json.dumps(case(name, made[name]()), indent=1))
        return
    cases = []
    for name, make in made.items():
        print(name, file=sys.stderr, flush=True)
        cases.append(case(name, make()))
    counted = [{"id": name, **found} for name, found in counts().items()]
    lines = ",\n".join(json.dumps(one) for one in [*cases, *counted])
    made_by = "mpmath, 60 digits: benchmarks/reference_values.py"
    OUT.write_text(f'{{"made": "{made_by}", "cases": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"wrote {OUT}")


if __name__ == "__main__":
    main(sys.argv[1:])
