"""The engine agrees with a script that shares no code and no model file with it."""

import pytest

import rangecast as rc

SCENARIOS = 400_000
CASES = {"article": "requests", "token": "token"}
# 84 comparisons at 4 standard errors of the difference: false alarm below 0.6 % for fixed seeds.
SIGMAS = 4.0


@pytest.mark.parametrize(
    ("view", "structure", "correlated"),
    [
        pytest.param("exante", "article", True, marks=pytest.mark.nightly),
        pytest.param("exante", "article", False, marks=pytest.mark.nightly),
        ("exante", "token", True),
        pytest.param("exante", "token", False, marks=pytest.mark.nightly),
        pytest.param("hindsight", "article", True, marks=pytest.mark.nightly),
        pytest.param("hindsight", "token", True, marks=pytest.mark.nightly),
    ],
)
def test_bands_agree(independent, view, structure, correlated):
    expected = independent.bands(structure, correlated, n=SCENARIOS, seed=7, view=view)
    result = rc.simulate(
        rc.load("ai-servers"),
        scenarios=SCENARIOS,
        seed=1,
        case=f"{view}+{CASES[structure]}",
        correlations=correlated,
    )
    for output, bands in expected.items():
        for p, (value, error) in bands.items():
            own = result.band(output, p)
            # both runs have the same size, so the difference has sqrt(2) times the error of one
            allowed = SIGMAS * 2**0.5 * error
            assert abs(own.value - value) <= allowed, (output, p)


@pytest.mark.nightly
def test_the_first_screen_figures():
    result = rc.simulate(rc.load("ai-servers"), scenarios=SCENARIOS, seed=1, case="exante+token")
    for p, known in ((0.05, 4_180), (0.50, 39_400), (0.95, 503_000)):
        assert result.quantile("servers", p) == pytest.approx(known, rel=0.02)
