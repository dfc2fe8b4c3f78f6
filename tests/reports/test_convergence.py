"""How percentiles settle: each row is a shorter run, the last one the run itself."""

import math

import numpy as np
import pytest
from rangecast.engine.convergence import convergence
from rangecast.reports.convergence import convergence_chart

import rangecast as rc

SEED = 5


def model():
    law = rc.distributions
    return rc.Model({"a": law.Normal(10, 1), "b": law.Uniform(0, 5)}, lambda a, b: {"y": a * b})


@pytest.mark.parametrize("scenarios", [3_000, 80_000])
def test_a_row_is_the_result_of_so_many_scenarios(scenarios):
    found = convergence(rc.simulate(model(), scenarios=scenarios, seed=SEED), "y")
    for one in found[3:9]:
        shorter = rc.simulate(model(), scenarios=one.scenarios, seed=SEED)
        band = shorter.band("y", one.quantile)
        assert [one.value, one.ci_low, one.ci_high] == pytest.approx(
            [band.value, band.ci_low, band.ci_high], rel=1e-15, nan_ok=True
        )


@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
@pytest.mark.parametrize("scenarios", [32_768, 131_072])
def test_the_last_row_is_the_result(design, scenarios):
    result = rc.simulate(model(), scenarios=scenarios, seed=SEED, design=design)
    table = result.convergence("y", [0.1, 0.9])
    last = table[table["scenarios"] == scenarios]
    for row in last.to_dict("records"):
        band = result.band("y", row["quantile"])
        assert (row["value"], row["ci_low"], row["ci_high"]) == (
            band.value,
            band.ci_low,
            band.ci_high,
        )
        assert row["change"] == 0
    assert table["scenarios"].is_monotonic_increasing
    assert table["scenarios"].nunique() > 8


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_the_last_whole_row_of_a_design_is_the_run_of_that_size(design):
    shorter = rc.simulate(model(), scenarios=65_536, seed=SEED, design=design)
    found = convergence(
        rc.simulate(model(), scenarios=131_072, seed=SEED, design=design), "y", [0.5]
    )
    one = next(s for s in found if s.scenarios == 65_536)
    band = shorter.band("y", 0.5)
    assert one.value == band.value
    # The interval comes from strata of its own, so its width is nearly, not exactly, the same.
    assert one.ci_high - one.ci_low == pytest.approx(band.ci_high - band.ci_low, rel=0.25)


def test_failed_and_constant_outputs():
    law = rc.distributions
    inputs = {"x": law.Uniform(-1, 1)}

    def outputs(x):
        with np.errstate(all="ignore"):
            return {"log": np.log(x), "one": 0 * x + 1, "around": x}

    result = rc.simulate(rc.Model(inputs, outputs), scenarios=5_000, seed=SEED, max_failures=1.0)
    assert {s.change for s in convergence(result, "one")} == {0.0}
    assert all(math.isfinite(s.value) for s in convergence(result, "log"))
    # P5 and P95 differ in sign: changes are in units of P95 - P5.
    one = convergence(result, "around", [0.5])[0]
    width = result.quantile("around", 0.95) - result.quantile("around", 0.05)
    assert one.change == pytest.approx((one.value - result.quantile("around", 0.5)) / width)
    assert "P95 − P5" in convergence_chart(result, "around").get_ylabel()
    for output in ("one", "log"):
        convergence_chart(result, output).figure.canvas.draw()
