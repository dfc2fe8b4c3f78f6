"""The shipped study: years, structures, supply, brokers, audit, back-test."""

import json
import math
import sys

import inprocess
import numpy as np
import pytest
from rangecast.engine.model.cases import apply_case, set_inputs
from rangecast.engine.model.checks import base_case

import rangecast as rc

MODEL = rc.load("ai-servers")
YEARS = ("2023", "2024", "2025")


def base(case, **values):
    laid = apply_case(MODEL, case)
    return base_case(set_inputs(laid, [f"{k}={v!r}" for k, v in values.items()]))


@pytest.mark.parametrize("period", [1.0, 1.4, 2.0, 2.7, 3.0])
@pytest.mark.parametrize("structure", ["article", "article+token", "article+flops"])
def test_without_growth_and_efficiency_years_sum_to_the_total(period, structure):
    found = base(structure, phase_in_years=period, training_reuse=0.3)
    assert sum(found[f"cards_year[{y}]"] for y in YEARS) == pytest.approx(found["cards"], rel=1e-12)
    assert found["cards_to_date[2025]"] == pytest.approx(found["cards"], rel=1e-12)


def test_growth_and_efficiency_act_in_the_year_of_purchase():
    settings = {"frontier_growth_per_year": 4.0, "efficiency_realised": 0.5, "phase_in_years": 3.0}
    found = base("article+enterprise", **settings)
    for k, year in enumerate(YEARS):
        saved = 2 ** (-12 * (k + 0.5) * 0.5 / 10)
        expected = 42_600 / 3 * 4 ** (k + 0.5) * saved
        assert found[f"cards_train_year[{year}]"] == pytest.approx(expected, rel=1e-12)
        inference = 43_402.77777777778 / 3 * saved
        assert found[f"cards_inference_year[{year}]"] == pytest.approx(inference, rel=1e-12)


def test_a_short_purchase_period_ends_within_its_year():
    found = base("article", phase_in_years=1.5)
    assert found["share_bought[2023]"] == pytest.approx(2 / 3)
    assert found["share_bought[2024]"] == pytest.approx(1 / 3)
    assert found["share_bought[2025]"] == 0
    assert found["purchase_date[2024]"] == pytest.approx(1.25)


def test_supply_caps_a_year_and_the_rest_is_wanted_in_the_next():
    settings = {"phase_in_years": 2.0, "supply_cards_year": 40_000.0}
    found = base("article+enterprise+capped", **settings)
    wanted = 86_002.77777777778
    assert [found[f"cards_bought_year[{y}]"] for y in YEARS] == pytest.approx(
        [40_000, 40_000, wanted - 80_000]
    )
    assert found["backlog[2024]"] == pytest.approx(wanted - 80_000)
    assert found["cards"] == 80_000
    free = base("article+enterprise+capped", supply_cards_year=1e9)
    assert free["cards"] == pytest.approx(wanted)
    assert free["backlog[2025]"] == 0


def test_flops_gives_the_articles_card_years_on_v100s():
    found = base("article_flops+flops")
    assert found["training_size_flops"] == pytest.approx(355.92, abs=0.005)
    assert found["cards_train"] == pytest.approx(found["training_size_flops"] * 12 * 10)


@pytest.mark.nightly
def test_a_drawn_structure_mixes_the_four_fixed_ones():
    """Each structure has a quarter of the scenarios, so the distribution is their mean.

    P(servers > 50,000), 5 standard errors of 400,000 and 4 × 400,000 scenarios: one false alarm
    in two million.
    """
    n, limit = 400_000, 50_000.0
    drawn = rc.simulate(MODEL, scenarios=n, case="exante+drawn").probability("servers", above=limit)
    parts = [
        rc.simulate(MODEL, scenarios=n, seed=s, case=c).probability("servers", above=limit).value
        for s, c in enumerate(
            ("exante", "exante+token", "exante+flops", "exante+token+flops"), start=2
        )
    ]
    p = sum(parts) / 4
    assert max(parts) - min(parts) > 0.01  # or the test could not fail
    assert abs(drawn.value - p) < 5 * math.sqrt(p * (1 - p) / n * 1.25)


def test_the_base_of_a_drawn_structure_is_the_articles():
    assert base("article+enterprise+drawn")["servers"] == pytest.approx(10_750.347222222223)


@pytest.mark.parametrize(
    ("case", "output", "expected"),
    [
        ("guosheng", "cards", 2.5e7 * 10 * 30 * 0.35 / 86_400),
        ("guosheng", "market_cny", 2.5e7 * 10 * 30 * 0.35 / 86_400 / 8 * 199_000 * 6.88),
        ("moomoo", "servers_inference", 1e8 * 10 * 150 / 25 / 86_400),
        ("moomoo", "cards_train", 800),
        ("china_merchants", "cards", 162e18 / 312e12),
        ("china_merchants", "market_cny", 175.5e9),
    ],
)
def test_brokers(case, output, expected):
    assert base(case)[output] == pytest.approx(expected, rel=1e-12)


def test_the_audit_has_its_21_rows_and_all_hold():
    found = [r for r in rc.run_checks(MODEL) if r.check.audit]
    assert {r.check.audit for r in found} == set(range(1, 22))
    assert all(r.ok for r in found)


def test_share_of_the_halving_time_rises_with_the_years():
    """Share of the variance of log demand, three years fixed; the effect grows with the date.

    Squared rank correlation with its 95 % interval: the years' intervals must not touch.
    """
    laid = set_inputs(apply_case(MODEL, "exante+token"), ["phase_in_years=3"])
    result = rc.simulate(laid, scenarios=300_000, rank=["cards_inference_year"])
    ends = []
    for year in YEARS:
        bars = result.tornado(f"cards_inference_year[{year}]", "rank").set_index("input")
        bar = bars.loc["efficiency_halving_months"]
        assert bar["swing"] > 0
        ends.append((bar["ci_low"], bar["ci_high"]))
    assert ends[0][1] < ends[1][0] < ends[1][1] < ends[2][0]


@pytest.mark.nightly
def test_ours_and_the_plain_script_agree_on_every_outcome(independent):
    """13 outcomes, 4.5 standard errors each: one false alarm in 11,000."""
    n = 300_000
    x = independent.draws(True, n, 5)
    for one in rc.backtest(MODEL, ["exante+token"], scenarios=n):
        years = MODEL.periods.position(one.outcome.date)
        key = {"market_to_date": "market_cny", "tokens_reached": "tokens_day"}
        found = independent.by_date(x, "token", years)[key.get(one.outcome.output, "cards")]
        theirs = float((found <= one.value).mean())
        error = math.sqrt(2 * max(theirs * (1 - theirs), 1 / n) / n)
        assert abs(one.percentile - theirs) < 4.5 * error, one.outcome.name


def test_position_of_the_outcomes_dates():
    dates = [o.date.isoformat() for o in MODEL.outcomes[:9:3]]
    assert dates == ["2024-03-31", "2024-03-31", "2023-12-31"]
    found = [MODEL.periods.position(o.date) for o in MODEL.outcomes]
    assert found[0] == pytest.approx(360 / 366)
    assert found[6] == pytest.approx(269 / 366)
    assert max(found) < 3


OUTCOMES = """
[time]
start = 2024
periods = 2
[inputs.rate]
dist = "uniform"
low = 0
high = 1
[inputs.scale]
value = 2
[outputs.flow]
formula = "rate * (t + 1)"
unit = "km"
[outputs.stock]
formula = "cumulative(flow)"
unit = "km"
[outputs.level]
formula = "scale * rate"
unit = "km"
"""


def outcome(output, date, value, extra=""):
    return f'[[outcomes]]\nname = "a"\noutput = "{output}"\ndate = {date}\nvalue = {value}\n{extra}'


@pytest.mark.parametrize(
    ("output", "date", "value", "extra", "share"),
    [
        ("stock", "2024-12-31", 0.25, "", 0.25),
        ("stock", "2025-12-31", 1.5, "", 0.5),
        ("stock", "2025-07-01", 1.0, "", 1 / (1 + 2 * 182 / 365)),
        ("stock", "2030-01-01", 1.5, "", 0.5),
        ("flow", "2025-07-01", 1.0, 'reading = "level"', 0.5),
        ("flow", "2024-12-31", 0.5, 'reading = "level"', 0.5),
        ("flow", "2025-01-01", 1.0, 'reading = "level"', 0.5),
        ("level", "2025-07-01", 1.0, "", 0.5),
        ("level", "2025-07-01", 1000.0, 'unit = "m"', 0.5),
    ],
)
def test_an_outcome_is_read_at_its_date_and_in_its_unit(output, date, value, extra, share):
    """Exact shares; 5 standard errors of 20,000 scenarios: one false alarm in 1.7 million."""
    model = rc.loads(OUTCOMES + outcome(output, date, value, extra))
    (found,) = rc.backtest(model, scenarios=20_000)
    assert found.percentile == pytest.approx(share, abs=5 * math.sqrt(0.25 / 20_000))
    assert found.ci_low <= found.percentile <= found.ci_high


@pytest.mark.parametrize(
    ("extra", "verdict"),
    [
        ("p5 = 0.2\np95 = 1.5", "inside"),
        ("p5 = 0.01\np95 = 1.5", "open"),
        ("", "inside"),
    ],
)
def test_verdicts(extra, verdict):
    model = rc.loads(OUTCOMES + outcome("level", "2024-12-31", 1.0, extra))
    assert rc.backtest(model, scenarios=1000)[0].verdict == verdict
    far = rc.loads(OUTCOMES + outcome("level", "2024-12-31", 3.0))
    assert rc.backtest(far, scenarios=1000)[0].verdict == "outside"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (outcome("stocks", "2024-12-31", 1), "E204"),
        (outcome("stock", '"soon"', 1), "E115"),
        (outcome("stock", "2024-12-31", 1, "p5 = 2\np95 = 3"), "E303"),
        (outcome("stock", "2024-12-31", 1, "p5 = 0.5"), "E302"),
        (outcome("stock", "2024-12-31", 1, 'reading = "sum"'), "E115"),
        (outcome("stock", "2024-12-31", 1, 'source = "nobody"'), "E204"),
        (outcome("stock", "2024-12-31", 1) + outcome("stock", "2024-12-31", 2), "E203"),
        ('[backtest]\ncases = ["none"]\n', "E204"),
    ],
)
def test_wrong_outcomes_are_refused(text, code):
    with pytest.raises(rc.ModelError) as caught:
        rc.loads(OUTCOMES + text)
    assert [p.code for p in caught.value.problems] == [code]


def test_an_outcome_of_another_dimension_is_found_by_check():
    model = rc.loads(OUTCOMES + outcome("stock", "2024-12-31", 1, 'unit = "kg"'))
    assert [p.code for p in rc.check_units(model).problems] == ["E208"]


def test_the_date_and_the_limit_are_part_of_what_is_run():
    """A checkpoint of one back-test must not be taken up by another."""
    from rangecast.engine.backtest import _dated
    from rangecast.engine.model.identity import identity

    one, other = (
        rc.loads(OUTCOMES + outcome("stock", date, 1)) for date in ("2024-12-31", "2025-06-30")
    )
    assert identity(_dated(one, one.outcomes)) != identity(_dated(other, other.outcomes))


def test_a_model_without_outcomes_says_how_to_add_them():
    with pytest.raises(rc.SettingsError, match="outcomes"):
        rc.backtest(rc.loads(OUTCOMES))


@pytest.mark.nightly
def test_backtest_from_the_command_line(tmp_path):
    command = [sys.executable, "-m", "rangecast", "run", "ai-servers", "--backtest", "-n", "1e4"]
    command += ["--case", "exante", "--case", "exante+token"]
    run = inprocess.run(
        [*command, "--out", str(tmp_path), "-q"], capture_output=True, text=True, check=True
    )
    assert "Caution: The reconstructed ranges" in run.stdout
    assert run.stdout.count("Nvidia cards into China, 1 year") == 2
    found = json.loads((tmp_path / "backtest.json").read_text(encoding="utf-8"))
    assert len(found["backtest"]) == 26
    assert found["backtest"][0]["percentile_low"] < found["backtest"][0]["percentile"]
    assert (tmp_path / "backtest.png").stat().st_size > 10_000


def test_the_plain_script_sums_to_its_own_total(independent):
    x = independent.draws(True, 1000, 3)
    x["frontier_growth_per_year"] = x["efficiency_realised"] = np.float64(1.0)
    x["efficiency_halving_months"] = np.float64(math.inf)
    total = independent.outputs(x, "token")["servers"] * x["cards_per_server"]
    assert independent.by_date(x, "token", 3.0)["cards"] == pytest.approx(total, rel=1e-12)
