"""The draws of a run, family by family: do they follow the law, and what do they cost?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from clock import seconds, slowness
from rangecast.distributions.examples import EXAMPLES, law_of
from rangecast.engine import plain
from rangecast.engine.plan import PASS, PERCENTILES, Plan
from rangecast.engine.scenarios import Drawer, Sampler
from rangecast.engine.simulate import compiled_program
from rangecast.engine.tables import Table

import rangecast as rc

SEEDS = (1, 20_261_126, 2**62)
PASSES = 10
DRAWS = PASSES * PASS  # 327,680
FALSE_ALARM = 1e-6
# Dvoretzky–Kiefer–Wolfowitz with Massart's constant, for all families and seeds together: a right
# law fails with a chance of at most 1e-6, and a law whose F is off by twice this, 1.1 %, passes
# with at most as much.
LIMIT = math.sqrt(math.log(2 * len(EXAMPLES) * len(SEEDS) / FALSE_ALARM) / (2 * DRAWS))
COMPOSED = {"mixture", "zero_inflated"}
GRID = np.linspace(0, 1, 2_001)[1:-1]


def drawn(name: str, seed: int) -> Any:
    """Draws of a family's example, as a run of this seed makes them."""
    one = Drawer(law_of(name), PASS)
    sampler = Sampler(Plan(PASS * 4096, seed, 1), one.sampler.scheme)
    parts = []
    for number in range(PASSES):
        sampler.make(number)
        parts.append(sampler.x[0].copy())
    return np.sort(np.concatenate(parts))


def test_the_tests_power_is_as_stated() -> None:
    assert abs(LIMIT - 0.0054) < 1e-4


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_draws_follow_the_law(name: str) -> None:
    law = law_of(name)
    grid = np.unique(law.quantile(GRID))
    below = law.cdf(grid)
    for seed in SEEDS:
        share = np.searchsorted(drawn(name, seed), grid, side="right") / DRAWS
        assert np.abs(share - below).max() < LIMIT, seed


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_what_bench_compares_with_is_the_same_law(name: str) -> None:
    """NumPy's draws by the same test; SciPy's distribution function at quantiles of ours."""
    law = law_of(name)
    grid = np.unique(law.quantile(GRID))
    numpys, frozen = plain.generator_of(law), plain.frozen_of(law)
    if numpys is not None:
        values = np.sort(numpys(np.random.default_rng(5), PASS))
        share = np.searchsorted(values, grid, side="right") / PASS
        assert np.abs(share - law.cdf(grid)).max() < LIMIT * math.sqrt(DRAWS / PASS)
    if frozen is not None:
        assert frozen.cdf(grid) == pytest.approx(law.cdf(grid), abs=1e-12)
    assert numpys is not None or name in {"jqpd", "metalog", "trapezoidal", *COMPOSED}
    assert frozen is not None or name in {"jqpd", "metalog", "piecewise", *COMPOSED}


def best(work: Callable[[], Any], times: int) -> float:
    """Least CPU seconds of several calls: noise of other processes only adds."""
    return min(seconds(work) for _ in range(times))


@pytest.mark.parametrize("name", [n for n in EXAMPLES if not law_of(n).discrete])
def test_draws_are_cheap_and_tables_quickly_made(name: str) -> None:
    """Below 25 ns a draw, measured 3 to 6, and 50 ms a table, measured 0.3 to 4, a mixture 26."""
    law = law_of(name)
    drawer = Drawer(law, PASS)
    drawer.draw()
    drawn = best(lambda: [drawer.draw() for _ in range(4)], 12) / (4 * drawer.rows)
    made = best(lambda: Table(law), 4)
    assert (drawn < 25e-9 and made < 0.050) or max(drawn / 25e-9, made / 0.050) < slowness()


MODEL = """
[inputs.a]
dist = "lognormal"
mu = 0
sigma = 0.5
[inputs.b]
dist = "metalog"
p10 = 10
p50 = 25
p90 = 60
[inputs.c]
dist = "trapezoidal"
low = 0
mode_low = 1
mode_high = 3
high = 7
[inputs.n]
dist = "poisson"
mean = 4
[inputs.zero]
dist = "zero_inflated"
zero = 0.5
of = {dist = "poisson", mean = 3}
[inputs.twin]
same_as = "a"
[inputs.k]
value = 2
[outputs.y]
formula = "k * b + 10 * a + 10 * twin + n"
[outputs.w]
formula = "c + zero"
[outputs.fixed]
formula = "k"
[[correlations]]
between = ["a", "b"]
spearman = 0.6
[[correlations]]
between = ["b", "n"]
spearman = -0.3
"""


def test_the_plain_script_of_bench_agrees_with_the_engine() -> None:
    """Bands and rank correlations of the yardstick, within six times the engine's own errors."""
    model, n = rc.loads(MODEL), 40_000
    result = rc.simulate(model, scenarios=n, seed=1)
    found = plain.run(model, compiled_program(model), ["y", "w"], n, seed=2)
    assert set(found["bands"]) == {"y", "w", "fixed"}
    assert found["bands"]["fixed"].tolist() == [2] * len(PERCENTILES)
    for name in ("y", "w"):
        for p, value in zip(PERCENTILES, found["bands"][name], strict=True):
            band = result.band(name, p)
            half = (band.ci_high - band.ci_low) / 2
            assert abs(value - band.value) <= 6 / 1.96 * math.sqrt(2) * half + 1e-9, (name, p)
        bars = result.tornado(name, "rank").set_index("input")["swing"]
        for one in {"y": "ab", "w": "c"}[name]:  # of counts a plain script cuts ties as they come
            assert abs(found["spearman"][name][one] - bars[one]) < 6 * math.sqrt(2 / n), one
    assert found["spearman"]["y"]["twin"] == found["spearman"]["y"]["a"]
    assert abs(found["spearman"]["y"]["zero"]) < 6 / math.sqrt(n)
