"""Laws made of other laws: mixtures, zero inflation, moved and stretched ones."""

import math

import numpy as np
import pytest
from clock import within
from rangecast.distributions import registry, truncate
from rangecast.distributions.composed.affine import affine, origin
from rangecast.distributions.composed.masses import masses
from rangecast.distributions.composed.mixture import mixture
from rangecast.distributions.composed.zero_inflated import zero_inflated
from rangecast.engine.model.load import loads
from rangecast.engine.scenarios import Drawer
from rangecast.engine.tables import Table
from scipy import stats

from rangecast import distributions as laws

TAILS = 2.0 ** -np.linspace(1, 53, 600)
REGIMES = laws.Mixture(
    (
        laws.Lognormal.from_percentiles({0.1: 5e6, 0.9: 2e8}),
        laws.Lognormal.from_percentiles({0.1: 5e8, 0.9: 2e10}),
    ),
    (0.95, 0.05),
)
APART = laws.Mixture((laws.Normal(0, 1), laws.Normal(1000, 1)), (0.99, 0.01))
GAP = laws.Mixture((laws.Uniform(0, 1), laws.Uniform(5, 6)), (1, 3))
POINTS = laws.Mixture((laws.Normal(0, 1), laws.Discrete((0.0, 2.0), (0.5, 0.5))), (0.7, 0.3))
NOUGHT = laws.ZeroInflated(laws.Normal(1, 1), 0.2)
MIRRORED = laws.Affine(NOUGHT, 3, -2)
ROUGH = [REGIMES, APART, GAP, POINTS, NOUGHT, MIRRORED, laws.Affine(REGIMES, -1e6, 3)]


@pytest.mark.parametrize("law", [REGIMES, APART, laws.Affine(REGIMES, 5, -2)])
def test_a_quantile_has_its_probability_deep_into_both_tails(law):
    # relative, and what the value itself can resolve beside a distance of the bound
    assert law.cdf(law.quantile(TAILS)) == pytest.approx(TAILS, rel=1e-10)
    assert law.sf(law.upper_quantile(TAILS)) == pytest.approx(TAILS, rel=1e-10)


@pytest.mark.parametrize("law", ROUGH)
def test_tails_are_monotone_and_within_the_support(law):
    low, high = law.quantile(TAILS), law.upper_quantile(TAILS)
    assert (np.diff(low) <= 0).all()
    assert (np.diff(high) >= 0).all()
    assert law.quantile(np.array([0.0, 1.0])).tolist() == list(law.support)


@pytest.mark.parametrize("law", ROUGH)
def test_the_quantile_is_the_smallest_value_that_reaches_the_probability(law):
    u = np.random.default_rng(1).random(5000)
    x = law.quantile(u)
    assert (law.cdf(x) >= u * (1 - 1e-12)).all()
    lower = x - 1e-9 * np.maximum(np.abs(x), 1e-3)
    assert (law.cdf(lower) <= u * (1 + 1e-6)).all()


@pytest.mark.parametrize("law", [APART, GAP, POINTS, NOUGHT, MIRRORED])
def test_moments_are_those_of_the_quantiles(law):
    # midpoints of 200,000 equal parts: a jump is off by at most its size over their number
    u = (np.arange(200_000) + 0.5) / 200_000
    x = law.quantile(u)
    assert law.mean == pytest.approx(x.mean(), abs=1e-4 * law.sd + 1e-5 * abs(law.mean))
    assert law.sd == pytest.approx(x.std(), rel=5e-4)


def test_a_mixture_of_one_law_twice_is_that_law():
    one = laws.Lognormal(0.0, 1.0)
    twice = laws.Mixture((one, one), (1, 2))
    assert twice.quantile(TAILS) == pytest.approx(one.quantile(TAILS), rel=1e-12)
    assert twice.upper_quantile(TAILS) == pytest.approx(one.upper_quantile(TAILS), rel=1e-12)


def test_single_values_keep_their_probability_exactly():
    below = float(laws.Normal(0, 1).cdf(np.array(0.0))) * 0.7
    inside = below + np.array([1e-9, 0.075, 0.15 - 1e-9])
    assert POINTS.quantile(inside).tolist() == [0.0, 0.0, 0.0]
    assert POINTS.quantile(np.array([below - 1e-6]))[0] < 0
    assert POINTS.quantile(np.array([below + 0.15 + 1e-6]))[0] > 0


def test_discrete_laws_mix_into_a_discrete_law():
    both = mixture((laws.Bernoulli(0.5), laws.Integers(1, 2)), (0.5, 0.5))
    assert both == laws.Discrete((0.0, 1.0, 2.0), (0.25, 0.5, 0.25))
    inflated = zero_inflated(laws.Poisson(2.0), 0.25)
    assert inflated.discrete
    assert inflated.pmf(np.array([0.0]))[0] == pytest.approx(0.25 + 0.75 * math.exp(-2))


def test_what_is_left_of_a_mixture_is_cut_and_weighed_again():
    cut = truncate(GAP, 0.5, 5.5)
    # 1/4 · 1/2 of the first and 3/4 · 1/2 of the second
    assert cut.cdf(np.array([1.0, 4.0])) == pytest.approx([0.25, 0.25])
    assert cut.support == (0.5, 5.5)
    assert truncate(GAP, 2, 10) == laws.Truncated(laws.Uniform(5, 6), 2, 10)
    kept = truncate(NOUGHT, 0.0, math.inf)
    share = 0.8 * float(laws.Normal(1, 1).sf(np.array(0.0)))
    assert kept.cdf(np.array([0.0]))[0] == pytest.approx(0.2 / (0.2 + share))
    moved = truncate(laws.Affine(laws.Normal(0, 1), 10, -2), 8, 12)
    assert moved.support == (8, 12)
    assert moved.mean == pytest.approx(10)


def test_percentiles_hold_of_what_is_moved_and_cut():
    table = {"dist": "normal", "p10": 1, "p90": 3, "min": 20, "shift": 20, "factor": 2}
    law, problems = registry.read(table)
    assert problems == []
    assert law.quantile(np.array([0.1, 0.9])) == pytest.approx([22, 26], rel=1e-8)
    assert law.support == (20, math.inf)


SINGLE = [
    laws.Poisson(4),
    laws.Discrete((0.2, 0.3, 5.0), (1, 2, 1)),
    laws.Mixture((laws.Normal(0, 1), laws.Discrete((0.0, 3.0), (0.5, 0.5))), (0.7, 0.3)),
]


@pytest.mark.parametrize("law", SINGLE)
@pytest.mark.parametrize(("shift", "factor"), [(0.1, 0.1), (0.1, -0.1), (1, -0.3), (1e6, 0.7)])
def test_rounding_puts_no_single_value_on_the_wrong_side(law, shift, factor):
    """(0.1 − 0.1 · 3 − 0.1) / −0.1 is not 3: what has a mass is told apart as it is drawn."""
    values, weights = masses(law)
    moved = laws.Affine(law, shift, factor)
    at = shift + factor * values
    wanted = law.cdf(values) if factor > 0 else law.sf(values) + weights
    assert moved.cdf(at) == pytest.approx(wanted, abs=1e-12)
    assert moved.sf(at) == pytest.approx(1 - wanted, abs=1e-12)
    before = np.nextafter(at, -math.inf)
    assert moved.cdf(before) == pytest.approx(wanted - weights, abs=1e-9)
    assert moved.cdf(np.array([-math.inf, math.inf])).tolist() == [0, 1]


def test_a_mirrored_law_of_too_many_values_to_list_has_its_distribution_function():
    law, problems = registry.read(
        {"dist": "integers", "low": 0, "high": 1e9, "factor": -0.1, "shift": 1}
    )
    assert problems == []
    assert law.atoms() is None
    at = 1 - 0.1 * np.array([0.0, 3.0, 249_999_999.0, 1e9])
    share = 1 - np.array([0.0, 3.0, 249_999_999.0, 1e9]) / (1e9 + 1)
    assert law.cdf(at) == pytest.approx(share, abs=1e-12)
    assert law.sf(at) == pytest.approx(1 - share, abs=1e-12)


@pytest.mark.parametrize(("shift", "factor"), [(0, 0.1), (0, -0.1), (1, -0.3), (1000.1, 0.7)])
@pytest.mark.parametrize("end", ["min", "max"])
def test_a_single_value_at_the_end_of_a_cut_stays(shift, factor, end):
    """As it is drawn, and as a reader writes it: max = 0.3 keeps 3 × 0.1, a rounding above it."""
    table = {"dist": "integers", "low": 0, "high": 5, "shift": shift, "factor": factor}
    for k in range(6):
        for value in (shift + factor * k, round(shift + factor * k, 6)):
            law, problems = registry.read({**table, end: value})
            assert problems == []
            kept = law.atoms()[0]
            assert (kept.min() if end == "min" else kept.max()) == pytest.approx(value, rel=1e-15)
            whole = laws.Affine(laws.Integers(0, 5), shift, factor)
            ends = (value, math.inf) if end == "min" else (-math.inf, value)
            assert truncate(whole, *ends).atoms()[0].tolist() == kept.tolist()


def test_densities_of_moved_and_stretched_laws():
    moved = laws.Affine(laws.Normal(0, 1), 10, -2)
    x = np.array([6.0, 10.0, 11.5])
    assert moved.pdf(x) == pytest.approx(stats.norm(10, 2).pdf(x), rel=1e-12)
    with pytest.raises(laws.ParameterError, match="must not be 0"):
        laws.Affine(laws.Normal(0, 1), 10, 0)


def test_nesting_has_a_limit():
    table = {"dist": "poisson", "mean": 1}
    for _ in range(50):
        table = {"dist": "zero_inflated", "zero": 0.5, "of": table}
    law, problems = registry.read(table)
    assert law is None
    assert "nested" in problems[0].message


@pytest.mark.parametrize("law", [*ROUGH, laws.Piecewise((0, 10, 40, 41), (0, 0.5, 0.9, 1))])
def test_tables_follow_jumps_and_corners(law):
    """Distance from the law's own quantile at most 1e-4 of the spread there, and speed."""
    drawer = Drawer(law, 32_768)
    x = np.concatenate([drawer.draw().copy() for _ in range(3)])
    point = np.random.default_rng(5).random(20_000)
    exact = law.quantile(point)
    table, found = Table(law), np.empty(20_000)
    from rangecast.engine.scenarios import _Point

    at = _Point(20_000)
    at.of_uniform(point.copy())
    at.look_up(table, found)
    middle = np.median(exact)
    scale = np.maximum(np.abs(exact - middle), np.subtract(*np.percentile(exact, [84, 16])) / 2)
    assert (np.abs(found - exact) <= 1e-4 * scale).all()
    for value, share in zip(*getattr(law, "masses", lambda: ((), ()))(), strict=True):
        count = (x == value).sum()
        # false alarm below 1e-9: six standard deviations of a binomial count
        assert abs(count - share * x.size) < 6 * math.sqrt(share * (1 - share) * x.size)
    assert not ((x > 1) & (x < 5)).any() or law is not GAP


TOML = """
[inputs.a]
dist = "mixture"
shift = 1
components = [
    {dist = "normal", mean = 0, sd = 1, weight = 3},
    {dist = "zero_inflated", zero = 0.5, of = {dist = "gamma", shape = 2, scale = 1}, weight = 1},
]
[outputs.y]
formula = "a"
"""


def test_a_model_file_nests_distributions():
    one = loads(TOML).inputs["a"]
    assert one.law.mean == pytest.approx(1 + 0.25 * 0.5 * 2)
    assert one.description == (
        "mixture(0.75 × normal(mean=0, sd=1) + 0.25 × "
        "zero_inflated(zero=0.5, of=gamma(shape=2, scale=1))), moved by 1"
    )


def test_an_end_next_to_the_largest_float_is_taken_as_it_is():
    largest = 1.7976931348623157e308
    assert origin(largest, 0.0, 1.0) == largest
    assert origin(largest, 1.0, -1.0) == -largest


def test_many_single_values_are_listed_once():
    """A million Poisson counts in tenths: a thousand questions take no longer than a few."""
    law = laws.Poisson(1e8)
    moved = affine(law, 0.0, 0.1)
    moved.cdf(np.array(1e7))
    with within(1.0):
        for k in range(1_000):
            moved.cdf(np.array(1e7 + k))
