"""Where points lie: pinned, pure, evenly spread as each design promises."""

import numpy as np
import pytest
from rangecast.engine.designs import points
from rangecast.engine.plan import HYPERCUBE, Plan, rounded_up

import rangecast as rc

DECLARED = ("a", "b", "访问量")
GOLDEN = {
    "lhs": [0.8860873974314549, 0.032137688818092994, 0.9354098173866482],
    "sobol": [0.1206040088740109, 0.6955367400576936, 0.8781636319683618],
}


def drawn(design, n, names=DECLARED, declared=DECLARED, seed=1):
    plan = Plan(rounded_up(n, design), seed, 1, design=design)
    source = points(plan, names, declared)
    found = []
    for number in range(plan.passes):
        start = number * plan.rows
        source.move(start, min(plan.rows, plan.scenarios - start))
        found.append(np.array([source.column(k).copy() for k in range(len(names))]))
    return np.concatenate(found, axis=1)


@pytest.mark.parametrize("design", sorted(GOLDEN))
def test_the_first_points_are_pinned(design):
    assert drawn(design, 1024)[0, :3].tolist() == GOLDEN[design]


@pytest.mark.parametrize("design", ["random", "lhs"])
def test_other_inputs_and_longer_runs_change_nothing(design):
    known = drawn(design, 5000)
    alone = drawn(design, 5000, names=("b",), declared=("zzz", "b"))
    assert np.array_equal(alone[0], known[1])
    for n in (65_536, 70_000, 300_001):
        assert np.array_equal(drawn(design, n)[:, :5000], known)


def test_every_hypercube_has_one_point_in_every_stratum():
    cubes = drawn("lhs", 65_536 + 3 * HYPERCUBE).reshape(3, -1, HYPERCUBE)
    strata = np.sort((cubes * HYPERCUBE).astype(int), axis=2)
    assert (strata == np.arange(HYPERCUBE)).all()


def test_every_scramble_is_a_net_and_scrambles_differ():
    batches = drawn("sobol", 32 * 256).reshape(3, 32, 256)
    strata = np.sort((batches * 256).astype(int), axis=2)
    assert (strata == np.arange(256)).all()
    assert len(np.unique(batches[0])) == batches[0].size
    again = drawn("sobol", 32 * 256, seed=2)
    assert not np.intersect1d(again, batches).size


@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
def test_points_lie_strictly_inside_and_in_the_middle_on_average(design):
    u = drawn(design, 2**17)
    assert u.min() > 0
    assert u.max() < 1
    # the mean of n independent points has sd sqrt(1/12n) = 8e-4; 5 sd: false alarms 6e-7 each
    assert np.abs(u.mean(axis=1) - 0.5).max() < 4e-3


def test_a_design_is_recorded_and_rounding_is_said():
    model = rc.loads('[inputs.x]\ndist="normal"\nmean=0\nsd=1\n[outputs.y]\nformula="x"\n')
    result = rc.simulate(model, scenarios=10_000, design="sobol")
    assert result.scenarios == 16_384
    assert [p.code for p in result.warnings] == ["W610"]
    assert len({rc.simulate(model, scenarios=8192, design=d).digest for d in GOLDEN}) == 2
    with pytest.raises(rc.SettingsError, match="did you mean 'sobol'"):
        rc.simulate(model, design="sobl")


def test_better_designs_have_tighter_intervals():
    model = rc.loads(
        '[inputs.a]\ndist="normal"\nmean=10\nsd=1\n[inputs.b]\ndist="normal"\nmean=10\nsd=1\n'
        '[outputs.y]\nformula="a + b"\n'
    )

    def width(design):
        band = rc.simulate(model, scenarios=2**17, design=design).band("y", 0.5)
        return band.ci_high - band.ci_low

    assert width("lhs") < 0.85 * width("random")
    assert width("sobol") < 0.25 * width("lhs")
