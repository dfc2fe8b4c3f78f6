"""Tables against the laws they stand for."""

import numpy as np
import pytest
from rangecast.engine import tranches
from rangecast.engine.tables import SLOTS, Guide, Table, locate, normal_tail
from scipy import special

from rangecast import distributions as laws

LAWS = [
    laws.Normal(0, 1),
    laws.Lognormal(0, 0.7),
    laws.Triangular(0, 1, 3),
    laws.PERT(0.5, 1, 3),
    laws.Beta(2, 5),
    laws.Gamma(2.5, 1),
    laws.Weibull(1.5, 1),
    laws.LogitNormal(0.3, 1),
    laws.Exponential(1),
    laws.Uniform(2, 3),
]


def signed(u):
    w = u - np.rint(u)
    slots = np.empty(len(u), dtype=np.intp)
    locate(w, np.empty(len(u), dtype=np.float32), slots)
    return w, slots


def draws(law, u):
    w, slots = signed(u)
    out = np.empty(len(u))
    Table(law).fill(slots, w, out, np.empty(len(u)))
    return out


def exact_moments(law):
    """Mean and sd of what the table draws, by integrating its straight lines."""
    table = Table(law)
    edges = (np.arange(SLOTS // 2 + 1, dtype=np.uint32) << 16).view(np.float32).astype(float)
    used = (edges[1:] > 0) & (edges[1:] <= 0.5)
    mean, square = 0.0, 0.0
    for upper in (False, True):
        shift, sign = (SLOTS // 2, -1.0) if upper else (0, 1.0)
        start, slope = (a[shift : shift + SLOTS // 2][used] for a in (table.start, table.slope))
        low, high = edges[:-1][used], edges[1:][used]
        a, b = start + slope * sign * low, start + slope * sign * high
        mean += float(np.sum((high - low) * (a + b) / 2))
        square += float(np.sum((high - low) * (a * a + a * b + b * b) / 3))
    return mean, np.sqrt(square - mean**2)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_mean_and_sd(law):
    with np.errstate(invalid="ignore"):
        mean, sd = exact_moments(law)
    assert abs(mean - law.mean) <= 1e-5 * law.sd
    assert sd == pytest.approx(law.sd, rel=1e-4)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_quantiles(law):
    p = np.geomspace(1e-9, 0.499, 400)
    assert np.abs(draws(law, p) - law.quantile(p)).max() <= 2e-4 * law.sd
    assert np.abs(draws(law, 1 - p) - law.quantile(1 - p)).max() <= 4e-3 * law.sd


def test_cells_are_slices_of_equal_probability_with_graded_ends():
    u = np.random.default_rng(1).random(200_000)
    _, slots = signed(u)
    cells = np.empty(len(u), dtype=np.intp)
    tranches.continuous_cells(u, slots, cells, np.empty(len(u)), np.empty_like(cells))
    edges = np.cumsum(tranches.CONTINUOUS.probabilities)[:-1]
    # a point on an edge may fall to either side by one rounding step
    assert np.count_nonzero(cells != np.searchsorted(edges, u, side="right")) <= 2
    assert tranches.CONTINUOUS.probabilities.sum() == pytest.approx(1, abs=1e-15)
    low, high = tranches.CONTINUOUS.ends(0.1)
    for end in (low, high):
        assert tranches.CONTINUOUS.probabilities[end].sum() == pytest.approx(0.1, abs=1e-12)


def test_atoms_are_never_split():
    cumulative = laws.Poisson(1000).atoms()[1]
    scale = tranches.discrete_scale(cumulative)
    assert (np.diff(scale.atom_cells) >= 0).all()
    assert len(scale.probabilities) <= tranches.CELLS
    few = tranches.discrete_scale(laws.Bernoulli(0.05).atoms()[1])
    assert few.probabilities == pytest.approx([0.95, 0.05])
    assert few.ends(0.1) == (slice(0, 1), slice(1, 2))


def test_the_normal_tail_table():
    z = np.concatenate([np.linspace(-8.9, 8.9, 200_001), [0.0, -0.0, 12.0, -12.0]])
    w = np.empty(len(z))
    normal_tail(z, w, np.empty(len(z), np.intp), np.empty(len(z)))
    truth = special.ndtr(-np.abs(z))
    inner = np.abs(z) < 6
    assert np.abs(np.abs(w) / truth - 1)[inner].max() < 2e-5
    assert (np.sign(w[inner & (z != 0)]) == -np.sign(z[inner & (z != 0)])).all()
    assert (np.abs(w) > 0).all()


@pytest.mark.parametrize(
    "law",
    [
        laws.Poisson(3),
        laws.Poisson(1000),
        laws.Integers(5, 20),
        laws.Bernoulli(0.3),
        laws.Bernoulli(1e-7),
        laws.Discrete((1.0, 2.0, 5.0), (0.2, 0.5, 0.3)),
    ],
    ids=str,
)
def test_the_guide_finds_the_atoms_of_a_binary_search(law):
    rng = np.random.default_rng(3)
    cumulative = law.atoms()[1]
    tails = 10.0 ** -rng.uniform(1, 15, 1000)
    u = np.concatenate([rng.random(100_000), cumulative[:-1], tails, 1 - tails])
    u = u[(u > 0) & (u < 1)]
    _, slots = signed(u)
    found = np.empty(len(u), np.intp)
    Guide(cumulative).fill(slots, u, found, np.empty(len(u)))
    assert np.array_equal(found, np.minimum(np.searchsorted(cumulative, u), len(cumulative) - 1))
