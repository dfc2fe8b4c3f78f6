"""The second model, held against the report that it is taken from."""

import math

import numpy as np
import pytest
from rangecast.engine.model.cases import apply_case
from rangecast.engine.model.checks import base_case

import rangecast as rc

MODEL = rc.load("data-centres")
# The report's printed figures (LBNL, December 2024) and how far each is rounded.
PRINTED = [
    ("low", "energy_2028", 325, 1),
    ("high", "energy_2028", 580, 2),
    ("low", "power_2028", 74, 0.5),
    ("high", "power_2028", 132, 1),
    ("low", "share_2028", 0.067, 0.0005),
    ("high", "share_2028", 0.12, 0.0005),
    ("printed", "energy_2018", 76, 0.5),
]


@pytest.mark.parametrize(("case", "output", "printed", "rounding"), PRINTED)
def test_the_reports_figures_follow(case, output, printed, rounding):
    assert abs(base_case(apply_case(MODEL, case))[output] - printed) <= rounding


def test_the_checks_hold_and_the_units_fit():
    assert all(r.ok for r in rc.run_checks(MODEL))
    assert rc.check_units(MODEL).problems == ()


def test_bands_agree_with_a_plain_script():
    """Energy of 2028 in plain NumPy; 5 standard errors at P5, P50, P95: 1 false alarm in 500,000.

    The growth of each year is lognormal; normal scores of neighbouring years have correlation 0.8.
    """
    n, rng = 150_000, np.random.default_rng(3)
    z = rng.standard_normal((5, n))
    for k in range(1, 5):
        z[k] = 0.8 * z[k - 1] + 0.6 * z[k]
    z10 = 1.2815515655446004
    mu, sigma = math.log(math.sqrt(0.13 * 0.27)), math.log(0.27 / 0.13) / 2 / z10
    start = 176 + 11 / z10 * rng.standard_normal(n)
    energy = start * np.prod(1 + np.exp(mu + sigma * z), axis=0)
    result = rc.simulate(MODEL, scenarios=n)
    for p in (0.05, 0.5, 0.95):
        parts = [np.quantile(part, p) for part in np.array_split(energy, 50)]
        error = math.sqrt(2) * np.std(parts, ddof=1) / math.sqrt(50)
        assert abs(result.quantile("energy_2028", p) - np.quantile(energy, p)) < 5 * error


def test_the_reports_scenarios_are_not_percentiles_of_the_sum():
    """Rates at P10 in every year are rarer than P10: the range of five years is narrower."""
    result = rc.simulate(MODEL, scenarios=50_000)
    assert result.percentile_of("energy_2028", 325) < 0.10
    assert result.percentile_of("energy_2028", 580) > 0.90
