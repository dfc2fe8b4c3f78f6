"""Numbers at the edges: cancellation, failures, constants, one scenario, huge and tiny scales."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from rangecast.distributions import Empirical
from rangecast.engine.precision import half_width
from scipy import special

import rangecast as rc

DATA = Path(__file__).parents[1] / "data"
NIST = json.loads((DATA / "reference_nist_univariate.json").read_text(encoding="utf-8"))["cases"]
EDGES = {
    case["id"]: case
    for case in json.loads((DATA / "reference_edge_cases.json").read_text("utf-8"))["cases"]
}
LAWS = rc.distributions
EPS = 2.0**-53


# ---------------------------------------------------------------------- cancellation


def exact_moments(values):
    """Mean and standard deviation by sums without rounding."""
    mean = math.fsum(values) / len(values)
    middle = float(values[0])
    apart = [v - middle for v in values.tolist()]  # exact: they lie within a factor of two
    shift = math.fsum(apart) / len(values)
    square = math.fsum((a - shift) ** 2 for a in apart)
    return mean, math.sqrt(square / (len(values) - 1))


@pytest.mark.parametrize("ratio", [1e6, 1e9, 1e12])
@pytest.mark.parametrize("n", [50_000, 300_000])
def test_a_mean_far_above_the_spread_costs_no_digits(ratio, n):
    """Values of ratio ± 1, with sd 1: sums are of differences from a value near the median.

    Each difference is exact and each addition rounds by 2^-53 of a partial sum, at most n of them
    one after another; the real error is far smaller, since sums are made in blocks.
    """
    seen = []

    def outputs(x):
        seen.append(ratio + x)
        return {"y": ratio + x}

    result = rc.simulate(rc.Model({"x": LAWS.Normal(0, 1)}, outputs), scenarios=n, seed=4)
    moments = result.moments_of("y")
    values = next(iter(rc_samples(result)))
    mean, sd = exact_moments(values)
    assert moments.mean == pytest.approx(mean, rel=4 * EPS)
    assert moments.sd == pytest.approx(sd, rel=n * EPS)
    half = ratio * 2 * EPS  # what the values themselves are rounded to
    for p in (0.05, 0.5, 0.95):
        wanted = np.quantile(values, p, method="hazen")
        cell = 0 if n <= 65_536 else 1e-3
        assert abs(result.quantile("y", p) - wanted) <= half + cell


def rc_samples(result):
    """Values of the output, all scenarios in one array."""
    from rangecast.engine.sample import samples

    yield np.concatenate([block["y"] for block in samples(result)])


@pytest.mark.parametrize("case", NIST, ids=[case["id"] for case in NIST])
def test_moments_of_data_have_the_digits_that_nist_certifies(case):
    """LRE: digits that agree with the certified ones; sd within 0.3 of what doubles allow."""
    if "data" in case:
        data = [float(v) for v in case["data"]]
    else:
        rule = case["data_rule"]
        data = [float(rule["first"])]
        data += [float(v) for v in rule["then_alternate"]] * rule["repeat"]
    law, n = Empirical(tuple(sorted(data))), len(data)
    certified = {k: float(v) for k, v in case["certified"].items()}
    assert digits(law.mean, certified["mean"]) >= 14.9
    sd = law.sd * math.sqrt(n / (n - 1))
    best = min(15.0, case["best_lre_with_double_input"]["sd"])
    assert digits(sd, certified["sd"]) >= best - 0.3


def digits(found, certified):
    if found == certified:
        return 15.0
    return min(15.0, -math.log10(abs(found - certified) / abs(certified)))


# ---------------------------------------------------------------------- failed scenarios

ROOT_MODEL = """
[inputs.x]
dist = "uniform"
low = -1
high = 9
[inputs.z]
dist = "uniform"
low = 0
high = 1
[outputs.y]
formula = "sqrt(x) + 0.01 * z"
"""


def worst(values, p, instead):
    """Percentile of all values with the failed ones replaced, by NumPy (Hazen's definition)."""
    full = np.where(np.isfinite(values), values, instead)
    return np.quantile(full, p, method="hazen")


@pytest.mark.parametrize("n", [4_000, 200_000])
def test_no_failed_scenario_could_move_a_percentile_further(n):
    result = rc.simulate(rc.loads(ROOT_MODEL), scenarios=n, seed=2, max_failures=1)
    values = next(iter(rc_samples(result)))
    rows = result.worst_case("y").to_dict("records")
    assert len(rows) == 7
    for row in rows:
        p = row["quantile"]
        for end, instead in (("low", -1e300), ("high", 1e300)):
            wanted = worst(values, p, instead)
            if abs(wanted) > 1e200:
                assert row[end] == math.copysign(math.inf, wanted)
            else:
                assert row[end] == pytest.approx(wanted, abs=3 / n + (2e-4 if n > 65_536 else 0))
        assert row["low"] <= row["value"] <= row["high"]


def test_failures_are_counted_with_an_interval_and_their_drivers_named():
    result = rc.simulate(rc.loads(ROOT_MODEL), scenarios=20_000, seed=2, max_failures=1)
    (row,) = result.failures().to_dict("records")
    values = next(iter(rc_samples(result)))
    failed = int((~np.isfinite(values)).sum())
    assert row["failed"] == row["nan"] == failed
    assert row["rate"] == failed / 20_000
    # Clopper and Pearson: the ends at which so many or more, so many or fewer, have 2.5 %
    assert special.bdtrc(failed - 1, 20_000, row["ci_low"]) == pytest.approx(0.025, rel=1e-6)
    assert special.bdtr(failed, 20_000, row["ci_high"]) == pytest.approx(0.025, rel=1e-6)
    assert list(row["drivers"]) == ["x"]
    assert row["drivers"]["x"] > 0.8
    told = next(p for p in result.warnings if p.code == "W602")
    assert "P50 lies between" in told.message
    assert "whatever they are, the median lies between" in rc.reports.html(result)


def test_the_failure_rate_of_the_borehole_is_the_probability_of_its_cause():
    """P(rw ≤ 0) for rw ~ N(0.03, 0.0161812), within 5 standard errors (false alarm 6e-7)."""
    text = """
[inputs.rw]
dist = "normal"
mean = 0.03
sd = 0.0161812
[outputs.y]
formula = "1 / log(100 / rw)"
"""
    found = rc.simulate(rc.loads(text), scenarios=100_000, seed=3, max_failures=1).failures()
    wanted = EDGES["edge_nan_rate_borehole"]["reference"]["p_nonpositive_rw_mean_0_03"]
    assert abs(found["rate"][0] - wanted) < 5 * math.sqrt(wanted * (1 - wanted) / 100_000) + 5e-6


@pytest.mark.parametrize(
    ("formulas", "words"),
    [
        ({"y": "where(c / c > 1, 1, x)"}, "division by zero; nan used in a comparison in 'y'"),
        ({"w": "log(x - 2)", "y": "1 / (x * c)"}, "division by zero in 'y'"),
    ],
)
def test_the_cause_of_failures_is_the_output_s_own(formulas, words):
    """Of inputs that folding took away nothing is known, and other outputs may fail as well."""
    text = '[inputs.x]\ndist = "uniform"\nlow = 0\nhigh = 1\n[inputs.c]\nvalue = 0\n'
    text += "".join(f'[outputs.{name}]\nformula = "{f}"\n' for name, f in formulas.items())
    with pytest.raises(rc.FailedScenariosError) as raised:
        rc.simulate(rc.loads(text), scenarios=100)
    assert str(raised.value).splitlines()[-1].endswith(f"first cause: {words}")


def test_without_failures_there_is_nothing_to_bound():
    result = rc.simulate(rc.Model({"x": LAWS.Uniform(0, 1)}, lambda x: {"y": x}), scenarios=1_000)
    assert result.failures().empty
    table = result.worst_case("y")
    assert (table["low"] == table["value"]).all()
    assert (table["high"] == table["value"]).all()


# ---------------------------------------------------------------------- edges


def test_a_constant_output_has_its_value_everywhere_and_no_drivers():
    model = rc.loads(
        '[inputs.x]\ndist = "uniform"\nlow = 0\nhigh = 1\n[outputs.y]\nformula = "0 * x + 0.4"\n'
    )
    result = rc.simulate(model, scenarios=10_000)
    assert {result.quantile("y", p) for p in (0.1, 0.5, 0.9)} == {0.4}
    assert result.moments_of("y").sd == 0
    assert [p.code for p in result.warnings] == ["W604"]
    assert result.tornado("y")["swing"].fillna(0).eq(0).all()


def test_atoms_have_the_lower_value_at_a_step():
    law = LAWS.Binomial(3, 0.5)
    result = rc.simulate(rc.Model({"n": law}, lambda n: {"y": 10.0 * n}), scenarios=20_000, seed=1)
    cdf = EDGES["edge_atoms_quantile"]["reference"]["cdf"]
    assert [result.quantile("y", p) for p in (0.01, 0.1, 0.25, 0.75, 0.9, 0.99)] == [
        *(0.0, 0.0, 10.0, 20.0, 30.0, 30.0)
    ]
    assert result.quantile("y", 0.5) in {10.0, 20.0}
    for value, share in cdf.items():
        at = result.probability("y", below=float(value) + 1).value
        assert abs(at - share) < 5 * math.sqrt(max(share * (1 - share), 1e-9) / 20_000)


def test_an_input_without_spread_is_a_constant():
    model = rc.loads(
        '[inputs.x]\ndist = "uniform"\nlow = 2\nhigh = 2\n[outputs.y]\nformula = "x"\n'
    )
    assert [p.code for p in model.warnings] == ["W350"]
    assert rc.simulate(model, scenarios=1_000).quantile("y", 0.5) == 2.0


def test_a_mean_that_does_not_exist_is_not_claimed():
    law = LAWS.StudentT(1.0)
    result = rc.simulate(rc.Model({"x": law}, lambda x: {"y": x}), scenarios=200_000, seed=1)
    wanted = EDGES["edge_mean_undefined"]["reference"]
    density = {0.9: 1 / (math.pi * (1 + wanted["P90"] ** 2)), 0.75: 1 / (2 * math.pi)}
    for p, key in ((0.9, "P90"), (0.75, "P75")):
        error = math.sqrt(p * (1 - p) / 200_000) / density[p]
        assert abs(result.quantile("y", p) - wanted[key]) < 5 * error + 1e-3
    assert math.isnan(result.moments_of("y").mean_ci_low)
    assert "W609" in {p.code for p in result.warnings}


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e150, 1e300])
def test_scales_change_nothing_but_the_scale(scale):
    """An output times a power of ten has its percentiles, ranks and shares times the same."""
    inputs = {"a": LAWS.Uniform(1, 2), "b": LAWS.Uniform(0, 1)}
    one = rc.simulate(rc.Model(inputs, lambda a, b: {"y": a + b}), scenarios=5_000)
    other = rc.simulate(rc.Model(inputs, lambda a, b: {"y": (a + b) * scale}), scenarios=5_000)
    for p in (0.05, 0.5, 0.95):
        assert other.quantile("y", p) == pytest.approx(one.quantile("y", p) * scale, rel=1e-12)
    assert list(other.tornado("y")["input"]) == list(one.tornado("y")["input"])
    assert other.moments_of("y").mean == pytest.approx(one.moments_of("y").mean * scale, rel=1e-9)
    for end in ("ci_low", "ci_high"):  # errors are squared on the way: beyond the floats, here
        wanted = (one.tornado("y")[end] * scale).tolist()
        assert other.tornado("y")[end].tolist() == pytest.approx(wanted, rel=1e-2)


def test_errors_are_shares_of_a_spread_that_overflows():
    inputs = {"a": LAWS.Uniform(-1, 1)}
    one = rc.simulate(rc.Model(inputs, lambda a: {"y": a}), scenarios=5_000)
    other = rc.simulate(rc.Model(inputs, lambda a: {"y": a * 2.0**1023}), scenarios=5_000)
    assert half_width(other, "y", 0.5) == half_width(one, "y", 0.5) > 0
    changes = [r.convergence("y")["change"].tolist() for r in (other, one)]
    assert changes[0] == pytest.approx(changes[1], abs=1e-12)
    assert any(changes[0])


@pytest.mark.parametrize("factor", [2.0, 0.125, -4.0])
def test_powers_of_two_scale_bands_exactly(factor):
    inputs = {"a": LAWS.Lognormal.from_percentiles({0.1: 1, 0.9: 9})}
    one = rc.simulate(rc.Model(inputs, lambda a: {"y": a}), scenarios=5_000)
    other = rc.simulate(rc.Model(inputs, lambda a: {"y": factor * a}), scenarios=5_000)
    for p in (0.05, 0.25, 0.5):
        mirrored = p if factor > 0 else 1 - p
        assert other.quantile("y", p) == factor * one.quantile("y", mirrored)


def test_an_unused_input_changes_nothing_bit_for_bit():
    text = ROOT_MODEL.replace("-1\n", "1\n")
    more = text + '[inputs.unused]\ndist = "normal"\nmean = 0\nsd = 1\n'
    one, other = (rc.simulate(rc.loads(t), scenarios=3_000) for t in (text, more))
    assert one.digest == other.digest


def test_a_mirrored_normal_mirrors_its_percentiles():
    """P(p) of N and −P(1 − p) of −N, of different draws: 5 standard errors of their difference."""
    n = 100_000
    one = rc.simulate(rc.Model({"x": LAWS.Normal(0, 1)}, lambda x: {"y": x}), scenarios=n, seed=1)
    other = rc.simulate(
        rc.Model({"z": LAWS.Normal(0, 1)}, lambda z: {"y": -z}), scenarios=n, seed=2
    )
    for p in (0.05, 0.5, 0.95):
        z = special.ndtri(p)
        error = math.sqrt(2 * p * (1 - p) / n) / (math.exp(-z * z / 2) / math.sqrt(2 * math.pi))
        assert abs(one.quantile("y", p) + other.quantile("y", 1 - p)) < 5 * error


@pytest.mark.parametrize("n", [1, 2, 3, 31, 33])
def test_a_few_scenarios_give_figures_and_say_what_they_cannot(n):
    result = rc.simulate(rc.loads(ROOT_MODEL.replace("-1\n", "1\n")), scenarios=n)
    assert math.isfinite(result.quantile("y", 0.5))
    assert math.isnan(result.moments_of("y").sd_se)
    screen = rc.reports.first_screen(result, ["y"], columns=80)
    assert "nan" not in screen.split("What moves")[0]
    assert rc.reports.markdown(result)


def test_a_shift_in_which_the_spread_is_lost_is_said_and_takes_no_time():
    """A sum of two values near the largest float is infinite; their mean is not."""
    model = rc.loads(
        '[inputs.x]\ndist = "mixture"\nshift = 1e308\n'
        'components = [{dist = "lognormal", p10 = 10, p90 = 60, weight = 0.9}, '
        '{dist = "lognormal", p10 = 200, p90 = 900, weight = 0.1}]\n[outputs.y]\nformula = "x"\n'
    )
    assert [p.code for p in model.warnings] == ["W350"]
    assert rc.simulate(model, scenarios=100).quantile("y", 0.5) == 1e308


# ---------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"scenarios": 0}, "E701] scenarios: bad number of scenarios; got 0; a whole number"),
        ({"seed": -1}, "E702] seed: bad seed; got -1; 0 or more"),
        ({"workers": 0}, "E703] workers: bad number of workers; got 0; 1 to 1024"),
        ({"backend": "x"}, "E706] backend: back end not usable; got x; known: auto, sequential"),
        ({"percentiles": [0.5, 0.1]}, "E700] percentiles: bad list; got (0.5, 0.1); ascending"),
        ({"precision": 0.1, "max_scenarios": 0}, "E701] max_scenarios: bad number; got 0; 1 to"),
        ({"rank": ["nope"]}, "E204] output: unknown output; got nope; known: y"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(given, words):
    model = rc.Model({"a": LAWS.Normal(0, 1)}, lambda a: {"y": a})
    with pytest.raises(rc.SettingsError) as refused:
        rc.simulate(model, **{"scenarios": 100, **given})
    assert words in str(refused.value)


def test_all_settings_that_cannot_be_used_are_told_at_once():
    model = rc.Model({"a": LAWS.Normal(0, 1)}, lambda a: {"y": a})
    wrong = {"scenarios": 0, "seed": -1, "workers": 0, "backend": "x", "percentiles": []}
    with pytest.raises(rc.SettingsError) as refused:
        rc.simulate(model, **wrong)
    assert [one.key for one in refused.value.problems] == list(wrong)


def test_a_chance_has_one_side_and_no_value_is_no_percentile():
    result = rc.simulate(rc.Model({"a": LAWS.Normal(0, 1)}, lambda a: {"y": a}), scenarios=100)
    for sides in ({}, {"above": 0, "below": 1}):
        with pytest.raises(rc.SettingsError, match="give either above or below"):
            result.probability_of("y", **sides)
    assert math.isnan(result.percentile_of("y", math.nan))
