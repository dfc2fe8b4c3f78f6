"""Rounds until bands are tight, and what is said of them."""

import math

import pytest
from rangecast.engine.precision import FIRST, Precision, half_width, next_round
from scipy import stats

import rangecast as rc

NORMAL = '[inputs.x]\ndist="normal"\nmean=10\nsd=1\n[outputs.y]\nformula="x"\n'
AROUND_ZERO = NORMAL.replace("mean=10", "mean=0")
LEVELS = (0.05, 0.5, 0.95)


def test_the_rounds_stop_where_every_band_is_tight():
    result = rc.simulate(rc.loads(AROUND_ZERO), precision=0.002, seed=3)
    found = result.precision
    assert found.is_met
    assert math.log2(result.scenarios / FIRST) == int(math.log2(result.scenarios / FIRST))
    widths = [half_width(result, "y", p) for p in result.setup.plan.percentiles]
    assert max(widths) == found.reached <= 0.002
    plain = rc.simulate(rc.loads(AROUND_ZERO), scenarios=result.scenarios, seed=3)
    assert plain.digest == result.digest


def test_the_largest_round_is_respected_and_the_rest_is_said():
    result = rc.simulate(rc.loads(NORMAL), precision=1e-6, max_scenarios=300_000)
    assert result.scenarios == 2**18
    assert not result.precision.is_met
    assert result.precision.needed > 10**9
    assert "W611" in {p.code for p in result.warnings}
    tiny = rc.simulate(rc.loads(NORMAL), precision=1e-6, max_scenarios=5000)
    assert tiny.scenarios == 5000


def test_widths_are_relative_to_the_value_or_to_the_range():
    one_sign = rc.simulate(rc.loads(NORMAL), scenarios=10_000)
    band = one_sign.band("y", 0.5)
    known = (band.ci_high - band.ci_low) / 2 / band.value
    assert half_width(one_sign, "y", 0.5) == pytest.approx(known)
    both = rc.simulate(rc.loads(AROUND_ZERO), scenarios=10_000)
    band = both.band("y", 0.5)
    width = both.quantile("y", 0.95) - both.quantile("y", 0.05)
    assert half_width(both, "y", 0.5) == pytest.approx((band.ci_high - band.ci_low) / 2 / width)


def test_rounds_double_and_skip():
    assert next_round(2**17, Precision(0.01, 0.009, "y", 0.5, 1), 2**30) is None
    assert next_round(2**17, Precision(0.01, 0.011, "y", 0.5, 150_000), 2**30) == 2**18
    assert next_round(2**17, Precision(0.01, 0.05, "y", 0.5, 3_600_000), 2**30) == 2**22
    assert next_round(2**17, Precision(0.01, 0.05, "y", 0.5, 3_600_000), 2**20) == 2**20
    assert next_round(2**17, Precision(0.01, 0.05, "y", 0.5, 3_600_000), 2**17) is None


def test_a_bad_precision_is_refused():
    with pytest.raises(rc.SettingsError, match="precision"):
        rc.simulate(rc.loads(NORMAL), precision=0.0)


def coverage_under_the_stopping_rule(runs):
    """Count the runs, stopped by the rule, whose intervals hold the truth; some stop late."""
    truth, hits, sizes = stats.norm.ppf(LEVELS), [0, 0, 0], set()
    for seed in range(runs):
        result = rc.simulate(rc.loads(AROUND_ZERO), precision=0.0032, seed=seed, percentiles=LEVELS)
        sizes.add(result.scenarios)
        for k, p in enumerate(LEVELS):
            band = result.band("y", p)
            hits[k] += band.ci_low <= truth[k] <= band.ci_high
    return hits, sizes


@pytest.mark.nightly
def test_the_stopping_rule_keeps_the_coverage():
    runs = 60
    hits, _ = coverage_under_the_stopping_rule(runs)
    # at 95 % so few hits happen with probability 1e-5; three comparisons
    assert min(hits) >= stats.binom.ppf(1e-5, runs, 0.95)


@pytest.mark.nightly
def test_the_stopping_rule_keeps_the_coverage_over_2000_runs():
    runs = 2000
    hits, sizes = coverage_under_the_stopping_rule(runs)
    assert len(sizes) > 1  # the target lies where chance decides when to stop
    assert min(hits) >= stats.binom.ppf(1e-3 / 3, runs, 0.95)
