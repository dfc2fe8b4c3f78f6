"""What holds of every law over wide ranges of its parameters, to the edge of what is a number."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rangecast.distributions import registry
from rangecast.engine.tables import Table, locate

from rangecast import distributions as laws

U = 2.0 ** -np.array([54, 50, 45, 40, 30, 20, 15, 10, 8, 6, 5, 4, 3, 2, 1.5, 1])
"""Tail probabilities from the smallest that is drawn, 2^-54, to a half."""
FEW = settings(derandomize=True, max_examples=40, deadline=None, database=None)


def decades(low: float, high: float) -> st.SearchStrategy[float]:
    """Positive numbers, as many in each order of magnitude."""
    return st.floats(low, high).map(lambda power: float(10**power))


def place(size: float = 9) -> st.SearchStrategy[float]:
    return st.one_of(st.just(0.0), decades(-3, size), decades(-3, size).map(lambda x: -x))


share = st.floats(0, 1)


def between(make: Any, *inner: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    """A law of a lowest value, ascending ones as shares of the width, and a highest one."""

    def build(low: float, width: float, shares: list[float], rest: list[float]) -> Any:
        assume(low + width > low)
        modes = [min(low + width * s, low + width) for s in sorted(shares)]
        return make(low, *modes, low + width, *rest)

    count = {laws.Trapezoidal: 2, laws.Uniform: 0}.get(make, 1)
    shares = st.lists(share, min_size=count, max_size=count)
    return st.builds(build, place(6), decades(-3, 6), shares, st.tuples(*inner).map(list))


def jqpd(parts: list[float], bounded: bool) -> Any:
    values = np.cumsum(parts)
    high = {"high": float(values[-1] + parts[0])} if bounded else {}
    assume((np.diff(values) > 1e-6 * values[1:]).all())
    return laws.JQPD.from_percentiles(dict(zip((0.1, 0.5, 0.9), values, strict=True)), **high)


def metalog(middle: float, spread: float, lean: float, low: float | None) -> Any:
    spread = spread if low is None else min(spread, 2.0)  # of logarithms
    return laws.Metalog((middle, spread, 1.6 * lean * spread), -math.inf if low is None else low)


LAWS: dict[str, st.SearchStrategy[Any]] = {
    "beta": st.builds(laws.Beta, decades(-3, 6), decades(-3, 6)),
    "exponential": st.builds(laws.Exponential, decades(-200, 200)),
    "gamma": st.builds(laws.Gamma, decades(-3, 6), decades(-9, 9)),
    "gev": st.builds(laws.GEV, place(), decades(-3, 9), st.floats(-20, 8)),
    "gumbel": st.builds(laws.GumbelMax, place(), decades(-3, 9)),
    "gumbel_min": st.builds(laws.GumbelMin, place(), decades(-3, 9)),
    "inverse_gaussian": st.builds(laws.InverseGaussian, decades(-6, 6), decades(-6, 9)),
    "johnson_su": st.builds(
        laws.JohnsonSU, st.floats(-20, 20), decades(-0.8, 4), place(), decades(-3, 6)
    ),
    "jqpd": st.builds(jqpd, st.lists(decades(-2, 3), min_size=3, max_size=3), st.booleans()),
    "log_logistic": st.builds(laws.LogLogistic, decades(-9, 9), decades(-0.8, 6)),
    "log_uniform": st.builds(
        lambda a, r: laws.LogUniform(a, a * (1 + r)), decades(-9, 9), decades(-9, 9)
    ),
    "logistic": st.builds(laws.Logistic, place(), decades(-3, 9)),
    "logit_normal": st.builds(laws.LogitNormal, st.floats(-20, 20), decades(-6, 1)),
    "lognormal": st.builds(laws.Lognormal, st.floats(-50, 50), decades(-9, 1.2)),
    "metalog": st.builds(
        metalog, st.floats(-5, 5), decades(-6, 3), st.floats(-1, 1), st.sampled_from([None, -3.0])
    ),
    "normal": st.builds(laws.Normal, place(), decades(-3, 200)),
    "pareto": st.builds(laws.Pareto, decades(-0.8, 6), decades(-9, 9)),
    "pert": between(laws.PERT, decades(-6, 6)),
    "student_t": st.builds(laws.StudentT, decades(-0.5, 6), place(), decades(-3, 9)),
    "trapezoidal": between(laws.Trapezoidal),
    "triangular": between(laws.Triangular),
    "truncated": st.builds(
        lambda law, a, b: laws.Truncated(law, *sorted(law.quantile(np.array([a, b])).tolist())),
        st.sampled_from(
            [laws.Normal(0, 1), laws.Lognormal(0, 2), laws.StudentT(1.5), laws.Gamma(0.5, 1)]
        ),
        st.floats(1e-4, 0.4),
        st.floats(0.5, 0.9999),
    ),
    "uniform": between(laws.Uniform),
    "weibull": st.builds(laws.Weibull, decades(-0.8, 4), decades(-9, 9)),
}
PLAIN = {"piecewise", "shifted_lognormal", "mixture", "zero_inflated"}
"""Straight lines, a lognormal with another place, laws made of laws: tested elsewhere."""


def test_every_continuous_family_is_here() -> None:
    from rangecast.distributions.examples import law_of

    continuous = {name for name in registry.FAMILIES if not law_of(name).discrete}
    assert set(LAWS) - {"truncated"} == continuous - PLAIN


def back(probability: Any, x: Any, u: Any, floor: float) -> None:
    """Probability of a quantile: the one asked, to 1e-11 and the reference's conditioning.

    The last is 1e-13 |x| f: what a relative change of x by 1e-13 changes.
    """
    fair = (np.abs(x) > 1e-290) & (np.abs(x) < 1e290)
    x, u = x[fair], u[fair]
    p = probability(x)
    beside = [np.abs(probability(x * (1 + step)) - p) for step in (-1e-13, 1e-13)]
    assert (np.abs(p - u) <= 1e-11 * u + np.maximum(*beside) + floor).all()


@pytest.mark.parametrize("name", list(LAWS))
@FEW
@given(data=st.data())
def test_tails_are_finite_ascend_and_return(name: str, data: st.DataObject) -> None:
    law = data.draw(LAWS[name])
    lower, upper = law.quantile(U), law.upper_quantile(U)
    ends = np.concatenate([lower, upper])
    assume((np.abs(ends) < registry.LARGEST).all())  # a model with others is refused: E308
    ordered = np.concatenate([lower, upper[::-1]])
    assert np.isfinite(ordered).all()
    assert (np.diff(ordered) >= -1e-12 * np.abs(ordered[1:])).all()
    low, high = law.support
    assert ((ordered >= low) & (ordered <= high)).all()
    # a cut law's quantile starts from the share that was cut off, whose rounding stays
    floor = 4e-15 if name == "truncated" else 0.0
    back(law.cdf, lower, U, floor)
    back(law.sf, upper, U, floor)
    assert law.cdf(ordered) + law.sf(ordered) == pytest.approx(1.0, abs=1e-12)
    assert not law.sd < 0
    if math.isfinite(law.mean):
        assert low <= law.mean * (1 + 1e-12 * np.sign(law.mean)) or law.mean == low
        assert law.mean * (1 - 1e-12 * np.sign(law.mean)) <= high


# Steeper laws rise by more than the slots of a table can show, such as a beta of shapes below 0.2,
# a power-law tail of power below 1/2 or a J-QPD that is nearly a step.
TABLED = {
    "beta": st.builds(laws.Beta, decades(-0.7, 6), decades(-0.7, 6)),
    "gamma": st.builds(laws.Gamma, decades(-0.7, 6), decades(-9, 9)),
    "inverse_gaussian": st.builds(
        lambda m, s: laws.InverseGaussian(m, m * s), decades(-6, 6), decades(-2, 6)
    ),
    "jqpd": st.builds(jqpd, st.lists(decades(0, 0.7), min_size=3, max_size=3), st.booleans()),
    "log_logistic": st.builds(laws.LogLogistic, decades(-9, 9), decades(-0.3, 6)),
    "log_uniform": st.builds(
        lambda a, r: laws.LogUniform(a, a * (1 + r)), decades(-9, 9), decades(-9, 6)
    ),
    "pareto": st.builds(laws.Pareto, decades(-0.3, 6), decades(-9, 9)),
    "weibull": st.builds(laws.Weibull, decades(-0.3, 4), decades(-9, 9)),
    "lognormal": st.builds(laws.Lognormal, st.floats(-50, 50), decades(-9, 0.5)),
}


@pytest.mark.parametrize("name", [*LAWS, "piecewise"])
@settings(FEW, max_examples=8)
@given(data=st.data())
def test_tables_are_finite_and_ascend(name: str, data: st.DataObject) -> None:
    """At every octave of both tails a draw is finite, in its support and above the one before."""
    simple = st.just(laws.Piecewise((-1, 2, 3, 9), (0, 0.2, 0.7, 1)))
    law = data.draw(TABLED.get(name, LAWS.get(name, simple)))
    assume((np.abs(law.quantile(U)) < registry.LARGEST).all())
    assume((np.abs(law.upper_quantile(U)) < registry.LARGEST).all())
    octaves = 0.999 * 2.0 ** -np.arange(48.0, 0.0, -1.0)
    w = np.concatenate([octaves, -octaves[::-1]])
    slots = np.empty(len(w), np.intp)
    locate(w, np.empty(len(w), np.float32), slots)
    found = np.empty(len(w))
    Table(law).fill(slots, w, found, np.empty(len(w)))
    assert np.isfinite(found).all()
    size = np.abs(found) + float(np.diff(law.quantile(np.array([0.25, 0.75])))[0])
    assert (np.diff(found) >= -1e-9 * size[1:]).all()
    low, high = law.support
    assert ((found >= low - 1e-12 * size) & (found <= high + 1e-12 * size)).all()


COUNTS: dict[str, st.SearchStrategy[Any]] = {
    "bernoulli": st.builds(laws.Bernoulli, st.floats(1e-9, 1 - 1e-9)),
    "binomial": st.builds(laws.Binomial, st.integers(1, 10**6), decades(-6, -0.01)),
    "discrete": st.builds(
        laws.Discrete, st.just((1.0, 2.5, 9.0)), st.tuples(*[decades(-9, 9)] * 3)
    ),
    "geometric": st.builds(laws.Geometric, decades(-4, 0)),
    "integers": st.builds(
        lambda a, n: laws.Integers(a, a + n), st.integers(-99, 99), st.integers(0, 10**5)
    ),
    "negative_binomial": st.builds(laws.NegativeBinomial, decades(-2, 2), decades(-2, -0.01)),
    "poisson": st.builds(laws.Poisson, decades(-6, 6)),
    "rounded": st.builds(lambda m, s: laws.Rounded(laws.Normal(m, s)), place(6), decades(-3, 4)),
}


@pytest.mark.parametrize("name", list(COUNTS))
@settings(FEW, max_examples=15)
@given(data=st.data())
def test_counts_return(name: str, data: st.DataObject) -> None:
    """The quantile is the smallest value that reaches its probability, in both tails."""
    law = data.draw(COUNTS[name])
    lower, upper = law.quantile(U[2:]), law.upper_quantile(U[2:])
    assert (np.diff(np.concatenate([lower, upper[::-1]])) >= 0).all()
    assert (law.cdf(lower) >= U[2:] * (1 - 1e-12)).all()
    assert (law.cdf(lower - 1e-6 * (1 + np.abs(lower))) <= U[2:] * (1 + 1e-12)).all()
    assert (law.sf(upper) <= U[2:] * (1 + 1e-12)).all()
    assert (law.sf(upper - 1e-6 * (1 + np.abs(upper))) >= U[2:] * (1 - 1e-12)).all()
    at = np.concatenate([lower, upper])
    assert law.cdf(at) + law.sf(at) == pytest.approx(1.0, abs=1e-12)


def test_halves_are_rounded_to_the_even_number() -> None:
    """A law with atoms at halves: 0.5 → 0, 1.5 → 2, 2.5 → 2."""
    law = laws.Rounded(laws.Discrete((0.5, 1.5, 2.5), (1.0, 1.0, 2.0)))
    at = np.array([-1.0, 0.0, 1.0, 2.0])
    assert law.cdf(at).tolist() == [0.0, 0.25, 0.25, 1.0]
    assert law.sf(at).tolist() == [1.0, 0.75, 0.75, 0.0]
    assert law.pmf(at).tolist() == [0.0, 0.25, 0.0, 0.75]
