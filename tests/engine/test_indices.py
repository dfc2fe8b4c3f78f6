"""Indices and shares against closed forms: delta, PAWN, regions, ranks, Sobol', Shapley."""

import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import inprocess
import numpy as np
import pytest
from rangecast.engine.model.model import InputGroup
from rangecast.engine.sensitivity import slices
from rangecast.engine.sensitivity.profile import turns
from rangecast.engine.sensitivity.ranks import rank_probabilities
from rangecast.engine.sensitivity.swing import spider

import rangecast as rc

DATA = Path(__file__).parents[1] / "data"
LAWS = rc.distributions
CASES = {
    case["id"]: case
    for case in json.loads((DATA / "reference_sensitivity.json").read_text())["cases"]
    if case["model"].get("expr")
}
FEW = {"ishigami_7_0.1", "sobol_g_R8", "gstar_saltelli2010_4", "product_lognormal_4"}


def chosen(names):
    """A few independent cases are tested every time, the others at night."""
    return [
        n if n in FEW or CASES[n].get("dependence") else pytest.param(n, marks=pytest.mark.nightly)
        for n in names
    ]


INDEPENDENT_NAMES = [
    i
    for i, c in CASES.items()
    if not c.get("dependence") and "S1" in c["reference"] and "shapley" in c["reference"]
]
INDEPENDENT = chosen(INDEPENDENT_NAMES)
ENGINEERING = {
    c["id"]: c for c in json.loads((DATA / "reference_engineering.json").read_text())["cases"]
}
BY_DAY = {*FEW, "pme_lin3_neg"}
"""Of Shapley effects; the last one has correlated inputs."""
SHAPLEY = [i for i, c in CASES.items() if c["reference"].get("shapley")]
DENSITY = json.loads((DATA / "reference_delta_pawn.json").read_text())["cases"]
RUNS = 2**20


def law(given):
    make = {
        "uniform": lambda: LAWS.Uniform(given["low"], given["high"]),
        "normal": lambda: LAWS.Normal(given["mean"], given["sd"]),
        "lognormal": lambda: LAWS.Lognormal(given["mu"], given["sigma"]),
    }
    return make[given["dist"]]()


def model_of(case):
    inputs = {i["name"]: law(i) for i in case["inputs"]}
    names = list(inputs)
    constants = {n: np.asarray(v) for n, v in case["model"].get("constants", {}).items()}
    code = compile(case["model"]["expr"], "reference", "eval")

    def function(**x):
        table = np.stack([x[n] for n in names], axis=1)
        return {"y": np.asarray(eval(code, {"np": np, **constants, **x, "X": table}))}

    matrix = (case.get("dependence") or {}).get("corr", np.eye(len(names)))
    pairs = [
        (names[i], names[j], 6 / math.pi * math.asin(matrix[i][j] / 2))
        for i in range(len(names))
        for j in range(i)
        if matrix[i][j]
    ]
    return rc.Model(inputs, function, correlations=pairs), names


@pytest.mark.parametrize("name", INDEPENDENT)
def test_sobol_indices_meet_their_closed_forms(name):
    """0.005 and 0.01 at 2^20 runs, and 5 of our standard errors (t of 31 degrees).

    Some 150 comparisons: 3 false alarms in 1,000 for all of them; the seed is fixed.
    """
    model, names = model_of(CASES[name])
    found = {i.factor: i for i in rc.sobol(model, runs=RUNS).indices}
    reference = CASES[name]["reference"]
    for k, one in enumerate(names):
        first, total = found[one].s1 - reference["S1"][k], found[one].st - reference["ST"][k]
        assert abs(first) <= min(0.005, 5 * found[one].s1_se + 1e-4), one
        assert abs(total) <= min(0.01, 5 * found[one].st_se + 1e-4), one


@pytest.mark.parametrize(
    "name",
    [n if n in BY_DAY else pytest.param(n, marks=pytest.mark.nightly) for n in SHAPLEY],
)
def test_shapley_effects_meet_their_closed_forms(name):
    """0.01 at 2^20 runs, and 5 of our standard errors; independent and correlated inputs."""
    model, names = model_of(CASES[name])
    effects = rc.shapley(model, runs=RUNS)
    found = {s.input: s for s in effects.shares}
    assert sum(s.share for s in effects.shares) == pytest.approx(1.0, abs=1e-9)
    for one, share in zip(names, CASES[name]["reference"]["shapley"], strict=True):
        assert abs(found[one].share - share) <= min(0.01, 5 * found[one].se + 1e-4), one


def test_an_input_that_acts_by_correlation_only_has_a_share():
    """y = a, b is correlated 0.8 with a: shares 1 − 0.64/2 and 0.64/2 by symmetry of the game."""
    rho = 6 / math.pi * math.asin(0.8 / 2)
    normal = LAWS.Normal(0, 1)
    text = (
        '[inputs.a]\ndist = "normal"\nmean = 0\nsd = 1\n[inputs.b]\ndist = "normal"\nmean = 0\n'
        'sd = 1\n[outputs.y]\nformula = "a"\n[[correlations]]\nbetween = ["a", "b"]\n'
        f"spearman = {rho}\n"
    )
    assert normal.sd == 1
    found = {s.input: s for s in rc.shapley(rc.loads(text), runs=2**16).shares}
    assert found["b"].share == pytest.approx(0.32, abs=5 * found["b"].se + 1e-3)
    assert found["a"].share == pytest.approx(0.68, abs=5 * found["a"].se + 1e-3)


def test_correlated_inputs_are_one_factor_unless_taken_apart():
    model, _ = model_of(CASES["iooss_prieur_lin3_rho0.9"])
    grouped = rc.sobol(model, runs=2**16)
    assert {i.members for i in grouped.indices} == {("x1",), ("x2", "x3")}
    apart = rc.sobol(model, runs=2**16, correlations=False)
    assert {i.members for i in apart.indices} == {("x1",), ("x2",), ("x3",)}
    assert sum(i.s1 for i in grouped.indices) == pytest.approx(1.0, abs=0.01)  # it is linear


@pytest.mark.nightly
def test_intervals_of_sobol_indices_cover():
    """100 seeds × 3 totals of Ishigami; at 95 %, fewer than 269 of 300 is a 1-in-1,000 alarm.

    The three indices of a seed are not independent, so the bound is that of 100 × 3 with a design
    effect of 1.5.
    """
    model, names = model_of(CASES["ishigami_7_0.1"])
    truth = CASES["ishigami_7_0.1"]["reference"]["ST"]
    inside = 0
    for seed in range(100):
        found = {
            i.factor: i for i in rc.sobol(model, runs=2**13, seed=seed, design="random").indices
        }
        inside += sum(
            found[n].st_low <= t <= found[n].st_high for n, t in zip(names, truth, strict=True)
        )
    assert inside >= 269


METHODS = ("conditional", "rank", "regression", "variance", "pearson", "partial")
METHODS += ("delta", "pawn", "regional")


def test_pearson_and_partial_correlations():
    """y = 3 a + b + e·c…: exact values of a linear model; 5 standard errors of ours, 1 in 10⁵.

    corr(a, b) = 0.6: Pearson of a is (3 + 0.6)/sd, partial is 3·s/√(9 s² + 4) with s² = 1 − 0.36.
    """
    spearman = 6 / math.pi * math.asin(0.6 / 2)
    model = rc.Model(
        {n: LAWS.Normal(0, 1) for n in "abc"},
        lambda a, b, c: {"y": 3 * a + b + 2 * c},
        correlations=[("a", "b", spearman)],
    )
    result = rc.simulate(model, scenarios=200_000)
    sd = math.sqrt(9 + 1 + 2 * 3 * 0.6 + 4)
    bars = result.tornado("y", "pearson").set_index("input")
    for name, exact in (("a", 3.6 / sd), ("b", 2.8 / sd), ("c", 2 / sd)):
        half = (bars.loc[name]["ci_high"] - bars.loc[name]["ci_low"]) / 2
        assert bars.loc[name]["swing"] == pytest.approx(exact, abs=2.5 * half)
    noisy = rc.Model(
        {n: LAWS.Normal(0, 1) for n in "abc"},
        lambda a, b, c: {"y": 3 * a + b + (c * c - 1) * math.sqrt(2)},
        correlations=[("a", "b", spearman)],
    )
    bars = rc.simulate(noisy, scenarios=200_000).tornado("y", "partial").set_index("input")
    for name, slope in (("a", 3.0), ("b", 1.0)):
        exact = slope * 0.8 / math.sqrt(slope**2 * 0.64 + 4)
        half = (bars.loc[name]["ci_high"] - bars.loc[name]["ci_low"]) / 2
        assert bars.loc[name]["swing"] == pytest.approx(exact, abs=2.5 * half)
    assert abs(bars.loc["c"]["swing"]) < 0.02


def planted(a, b):
    bad = np.abs(a - 0.3) < 2e-5
    return {"y": np.where(bad, np.nan, 2 * a + b)}


def test_a_planted_nan_moves_nothing_and_is_reported():
    clean = rc.Model(
        {"a": LAWS.Uniform(0, 1), "b": LAWS.Uniform(0, 1)}, lambda a, b: {"y": 2 * a + b}
    )
    dirty = rc.Model({"a": LAWS.Uniform(0, 1), "b": LAWS.Uniform(0, 1)}, planted)
    for method in (rc.sobol, rc.shapley):
        one, other = (method(m, runs=2**19, design="random") for m in (clean, dirty))
        assert one.dropped == 0
        assert 0 < other.dropped < 100
        rows = [getattr(x, "indices", None) or x.shares for x in (one, other)]
        for first, second in zip(*rows, strict=True):
            if method is rc.sobol:
                assert abs(first.st - second.st) < second.st_se
                assert abs(first.s1 - second.s1) < second.s1_se
            else:
                assert abs(first.share - second.share) < second.se
    result = rc.simulate(dirty, scenarios=300_000)
    reference = rc.simulate(clean, scenarios=300_000)
    assert 0 < result.scenarios - result.count("y") < 60
    for method in METHODS:
        bars = [r.tornado("y", method).set_index("input") for r in (reference, result)]
        for name in ("a", "b"):
            one, other = (bar.loc[name] for bar in bars)
            # y is a line in a and b: a partial correlation is 1, and differs by rounding alone
            error = max((other["ci_high"] - other["ci_low"]) / 3.9, 1e-12)
            assert abs(one["swing"] - other["swing"]) <= error


@pytest.mark.parametrize("case", DENSITY, ids=[c["id"] for c in DENSITY])
def test_delta_and_pawn(case):
    """Within 0.03 of the reference at 1e5 (bins and slices smooth), and nearer at 4e5."""
    model, names = model_of(case)
    reference = case["reference"]
    wanted = {
        "delta": reference["delta"],
        "pawn": [one["median"] for one in reference["pawn_slices10"]],
    }
    for method, values in wanted.items():
        bars = rc.simulate(model, scenarios=100_000).tornado("y", method).set_index("input")
        for name, value in zip(names, values, strict=True):
            assert bars.loc[name]["swing"] == pytest.approx(value, abs=0.03), (method, name)
            assert bars.loc[name]["ci_low"] <= bars.loc[name]["swing"] <= bars.loc[name]["ci_high"]
            assert bars.loc[name]["n_used"] == 100_000


def test_an_inert_input_has_little_delta_and_pawn():
    """Bound of the null: KS of a tenth of n against all, 5 in 1,000 above 1.73/√n_c."""
    model = rc.Model(
        {"a": LAWS.Normal(0, 1), "b": LAWS.Normal(0, 1)}, lambda a, b: {"y": a + 0 * b}
    )
    result = rc.simulate(model, scenarios=200_000)
    assert result.tornado("y", "delta").set_index("input").loc["b"]["swing"] < 0.02
    assert result.tornado("y", "pawn").set_index("input").loc["b"]["swing"] < 1.73 / math.sqrt(2e4)
    assert result.tornado("y", "delta").set_index("input").loc["a"]["swing"] > 0.85


@pytest.mark.parametrize("n", [2_000, 16_384, 200_000])
@pytest.mark.parametrize("method", ["delta", "pawn"])
def test_an_inert_input_is_not_told_from_nothing(method, n):
    """A distance is above 0 by sampling alone: its interval reaches down to 0 all the same.

    Of an input without effect the estimate exceeds its mean by the half-width in 25 of 1,000 runs.
    """
    model = rc.Model(
        {"a": LAWS.Normal(0, 1), "b": LAWS.Normal(0, 1)}, lambda a, b: {"y": a + 0 * b}
    )
    bars = rc.simulate(model, scenarios=n, seed=4).tornado("y", method).set_index("input")
    assert bars.loc["b"]["ci_low"] == 0 < bars.loc["b"]["swing"] < bars.loc["b"]["ci_high"]
    assert 0.5 < bars.loc["a"]["ci_low"] < bars.loc["a"]["swing"]


def test_regional_says_which_end_leads_to_the_top():
    """y = a − b/100: nearly all of the top twentieth has the top twentieth of a: distance 0.95."""
    model = rc.Model(
        {"a": LAWS.Uniform(0, 1), "b": LAWS.Uniform(0, 1)}, lambda a, b: {"y": a - b / 100}
    )
    bars = rc.simulate(model, scenarios=200_000).tornado("y", "regional").set_index("input")
    assert bars.loc["a"]["swing"] == pytest.approx(0.94, abs=0.02)
    assert -0.15 < bars.loc["b"]["swing"] < 0
    down = rc.Model({"a": LAWS.Uniform(0, 1)}, lambda a: {"y": -a})
    assert rc.simulate(down, scenarios=50_000).tornado("y", "regional")["swing"][0] < -0.9


def test_profiles_follow_a_known_curve():
    """y = a + noise: medians of twenty slices against the exact ones; 5 in 1,000 outside 99.5 %.

    The 95 % intervals of 20 medians: fewer than 14 inside is a 1-in-10,000 alarm.
    """
    model = rc.Model(
        {"a": LAWS.Uniform(0, 1), "e": LAWS.Uniform(-0.5, 0.5)}, lambda a, e: {"y": a + e}
    )
    for n in (50_000, 300_000):
        table = rc.simulate(model, scenarios=n).profile("y", "a", 20)
        exact = (np.arange(20) + 0.5) / 20
        inside = (table["ci_low"] <= exact) & (exact <= table["ci_high"])
        assert inside.sum() >= 14
        assert table["value"].to_numpy() == pytest.approx(exact, abs=0.03)
        assert table["input_value"].to_numpy() == pytest.approx(exact, abs=1e-6)
        assert table["n_used"].sum() == n
        means = rc.simulate(model, scenarios=n).profile("y", "a", 20, "mean")
        assert ((means["ci_low"] <= exact) & (exact <= means["ci_high"])).sum() >= 14


def test_a_discrete_input_has_a_tranche_per_value():
    model = rc.Model(
        {"k": LAWS.Discrete([1, 2, 5], [0.2, 0.5, 0.3]), "e": LAWS.Uniform(0, 1)},
        lambda k, e: {"y": 10 * k + e},
    )
    table = rc.simulate(model, scenarios=100_000).profile("y", "k")
    assert list(table["input_value"]) == [1, 2, 5]
    assert table["value"].to_numpy() == pytest.approx([10.5, 20.5, 50.5], abs=0.05)


def test_an_effect_that_turns_inside_is_named():
    model = rc.Model(
        {"a": LAWS.Uniform(0, 1), "b": LAWS.Uniform(0, 1), "c": LAWS.Uniform(0, 1)},
        lambda a, b, c: {"y": (a - 0.5) ** 2 - (b - 0.5) ** 2 + c / 5},
    )
    result = rc.simulate(model, scenarios=100_000)
    assert turns(result, "y") == {"a": "dips inside", "b": "peaks inside"}
    screen = rc.reports.first_screen(result, ["y"])
    assert "not monotone: a dips inside its range; b peaks inside its range" in screen


@pytest.mark.parametrize("method", ["conditional", "rank", "regression", "variance"])
def test_probabilities_of_ranks(method):
    """Two equal inputs share the first two ranks evenly, a small third one is third.

    Over seeds the share of each is uniform: outside 0.0005 to 0.9995 once in 1,000.
    """
    model = rc.Model({n: LAWS.Normal(0, 1) for n in "abc"}, lambda a, b, c: {"y": a + b + 0.2 * c})
    result = rc.simulate(model, scenarios=100_000)
    found = rank_probabilities(result, "y", method)
    assert found.probabilities.sum(axis=0) == pytest.approx(np.ones(3))
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(3))
    assert found.inputs[2] == "c"
    assert found.probabilities[2, 2] == 1.0
    assert 0.0005 < found.probabilities[0, 0] < 0.9995
    assert found.together == pytest.approx((found.probabilities[0, 0], 1.0, 1.0))
    table = result.rank_probabilities("y", method)
    assert table.loc["c", 3] == 1.0


@pytest.mark.nightly
def test_equal_inputs_are_first_about_as_often():
    """40 seeds: the input named first is really first in half of them (sign test, 1 in 1,000)."""
    model = rc.Model({n: LAWS.Normal(0, 1) for n in "ab"}, lambda a, b: {"y": a + b})
    shares = []
    for seed in range(40):
        found = rank_probabilities(rc.simulate(model, scenarios=4_000, seed=seed), "y", "rank")
        shares.append(found.probabilities[found.inputs.index("a"), 0])
    assert 0.28 < np.mean(shares) < 0.72
    assert np.std(shares) > 0.15  # uniform has 0.29: no false certainty, no false doubt


def test_too_few_scenarios_or_runs_are_refused():
    model = rc.Model({n: LAWS.Normal(0, 1) for n in "ab"}, lambda a, b: {"y": a + b})
    with pytest.raises(rc.SettingsError, match="too few scenarios"):
        rank_probabilities(rc.simulate(model, scenarios=100), "y")
    for method in (rc.sobol, rc.shapley):
        with pytest.raises(rc.SettingsError, match="too few runs"):
            method(model, runs=50)
        with pytest.raises(rc.SettingsError, match="unknown output"):
            method(model, "z")
    alone = rc.Model({"a": LAWS.Normal(0, 1)}, lambda a: {"y": a, "fixed": a * 0 + 1})
    for method in (rc.sobol, rc.shapley, rc.morris):
        with pytest.raises(rc.SettingsError, match=r"too few runs; .* for 1 factor$"):
            method(alone, runs=4)
    constant = rc.loads('[outputs.y]\nformula = "2 * k"\n[inputs.k]\nvalue = 1\n')
    for method in (rc.sobol, rc.shapley, rc.morris):
        with pytest.raises(rc.SettingsError, match="does not vary: nothing to share out"):
            method(constant, runs=4)
    result = rc.simulate(model, scenarios=1000)
    for arguments in (("y", "c"), ("y", "a", 1), ("y", "a", 10, "p500")):
        with pytest.raises(rc.SettingsError):
            result.profile(*arguments)


def test_path_inputs_and_series_have_indices():
    text = (
        '[time]\nstart = 2024\nperiods = 3\n[inputs.g]\ndist = "normal"\nmean = 0\nsd = 1\n'
        'per_period = "autocorrelated"\nautocorrelation = 0.5\n[inputs.a]\ndist = "normal"\n'
        'mean = 0\nsd = 1\n[outputs.y]\nformula = "cumulative(g) + a"\n'
    )
    model = rc.loads(text)
    variance = 3 + 2 * (2 * 0.5 + 0.25)  # of the sum of three
    for found in (
        {i.factor: i.s1 for i in rc.sobol(model, "y[2026]", runs=2**16).indices},
        {s.input: s.share for s in rc.shapley(model, "y[2026]", runs=2**16).shares},
    ):
        assert found["g"] == pytest.approx(variance / (variance + 1), abs=0.01)
        assert found["a"] == pytest.approx(1 / (variance + 1), abs=0.01)


@pytest.mark.parametrize("method", ["sobol", pytest.param("shapley", marks=pytest.mark.nightly)])
def test_the_command(method):
    command = [sys.executable, "-m", "rangecast", "sensitivity", "ai-servers", "--runs", "5e3"]
    command += ["--method", method, "--log"]
    if method == "shapley":
        shown = inprocess.run([*command, "--json", "-q"], capture_output=True, text=True)
        found = json.loads(shown.stdout)
        assert found["method"] == method
        assert found["runs"] <= 5_000
        few = inprocess.run([*command, "--runs", "10"], capture_output=True, text=True)
        assert few.returncode == 2
        assert "E701" in few.stderr
        return
    shown = inprocess.run(command, capture_output=True, text=True, check=True)
    assert "at most 5,000 model runs" in shown.stderr
    assert "tokens per request" in shown.stdout
    assert "correlated inputs are one factor" in shown.stdout


@pytest.mark.parametrize("name", [n for n in INDEPENDENT_NAMES if CASES[n]["reference"].get("S2")])
def test_second_order_indices_meet_their_closed_forms(name):
    """0.01 at 2^20 runs and 5 of our standard errors; some 100 comparisons, 3 in 1,000 for all."""
    model, names = model_of(CASES[name])
    found = {
        frozenset((p.first, p.second)): p
        for p in rc.sobol(model, runs=RUNS, second_order=True).pairs
    }
    assert len(found) == len(names) * (len(names) - 1) // 2
    for i, j, value in CASES[name]["reference"]["S2"]:
        one = found[frozenset((names[i - 1], names[j - 1]))]
        assert abs(one.s2 - value) <= min(0.01, 5 * one.s2_se + 1e-4), (i, j)


@pytest.mark.parametrize("name", ["ishigami_7_0.1", "ishigami_7_0.05"])
def test_groups_meet_their_closed_forms(name):
    case = CASES[name]
    model, names = model_of(case)
    for group in case["reference"]["groups"]:
        members = tuple(names[k - 1] for k in group["group"])
        both = replace(model, groups={"g": InputGroup("g", members, "g")})
        found = {i.factor: i for i in rc.sobol(both, runs=RUNS // 4, grouped=True).indices}["g"]
        assert abs(found.s1 - group["S"]) <= min(0.005, 5 * found.s1_se + 1e-4)
        assert abs(found.st - group["ST"]) <= min(0.01, 5 * found.st_se + 1e-4)


@pytest.mark.parametrize("name", list(ENGINEERING))
def test_engineering_models_meet_their_references(name):
    """S1 and ST of published models, known to 1e-5 by 4e7 runs; as the closed forms above."""
    case = ENGINEERING[name]
    model, names = model_of(case)
    found = {i.factor: i for i in rc.sobol(model, runs=RUNS).indices}
    for k, one in enumerate(names):
        (first, e1), (total, e2) = case["reference"]["S1"][k], case["reference"]["ST"][k]
        index = found[one]
        assert abs(index.s1 - first) <= min(0.005, 5 * math.hypot(index.s1_se, e1) + 1e-4), one
        assert abs(index.st - total) <= min(0.01, 5 * math.hypot(index.st_se, e2) + 1e-4), one


@pytest.mark.parametrize("name", ["iooss_prieur_lin3_rho0.9", "pme_lin3_neg"])
def test_own_and_correlated_parts_of_shapley_effects(name):
    """Of a linear model the own part is E[Var(y | all others)] / Var(y), the reference's ST."""
    case = CASES[name]
    model, names = model_of(case)
    matrix = np.array(case["dependence"]["corr"])
    found = {s.input: s for s in rc.shapley(model, runs=2**18).shares}
    for k, one in enumerate(names):
        own = case["reference"]["ST"][k]
        assert found[one].own == pytest.approx(own, abs=5 * found[one].own_se + 1e-3)
        assert found[one].through == pytest.approx(found[one].share - found[one].own, abs=1e-12)
        if np.count_nonzero(matrix[k]) == 1:
            assert found[one].through == 0.0


def test_correlation_measures_of_a_linear_model():
    """Exact values of pearson, SRC, Spearman and PCC; 2.5 half widths of ours, 1 in 10⁵ each."""
    case = CASES["corr_measures_lin2"]
    model, names = model_of(case)
    result = rc.simulate(model, scenarios=400_000)
    methods = {"pearson": "pearson", "src": "regression", "spearman": "rank", "pcc": "partial"}
    methods["S1"] = "variance"
    for key, method in methods.items():
        bars = result.tornado("y", method).set_index("input")
        for one, value in zip(names, case["reference"][key], strict=True):
            half = (bars.loc[one]["ci_high"] - bars.loc[one]["ci_low"]) / 2
            assert abs(bars.loc[one]["swing"] - value) <= 2.5 * half + 1e-3, (key, one)


def test_regions_of_a_threshold_and_of_failures():
    """y = a on (0, 1): above 0.7 the distance of `a` is 0.7 exactly; 5 standard errors."""
    inputs = {"a": LAWS.Uniform(0, 1), "b": LAWS.Uniform(0, 1)}
    model = rc.Model(inputs, lambda a, b: {"y": np.where(b < 0.02, np.nan, a)})
    result = rc.simulate(model, scenarios=100_000, max_failures=0.1)
    for arguments, driver, exact in (
        ({"above": 0.7}, "a", 0.7),
        ({"below": 0.25}, "a", -0.75),
        ({"failed": True}, "b", -0.98),
    ):
        found = result.region("y", **arguments).set_index("input")
        assert found.index[0] == driver
        assert found.loc[driver]["swing"] == pytest.approx(exact, abs=0.02)
        other = "b" if driver == "a" else "a"
        assert abs(found.loc[other]["swing"]) < 0.05
        assert found.loc[driver]["ci_low"] <= found.loc[driver]["swing"]
    with pytest.raises(rc.SettingsError, match="tells no scenarios apart"):
        result.region("y", above=2.0)
    clean = rc.simulate(rc.Model(inputs, lambda a, b: {"y": a + b}), scenarios=1_000)
    with pytest.raises(rc.SettingsError, match="no scenario failed"):
        clean.region("y", failed=True)


@pytest.mark.parametrize("tranches", [2, 20, 60])
def test_bars_of_any_number_of_tranches(tranches):
    """y = x on (0, 1): means of the end tranches are half a tranche from the ends, exactly."""
    model = rc.Model({"x": LAWS.Uniform(0, 1)}, lambda x: {"y": x})
    result = rc.simulate(model, scenarios=200_000)
    half = 0.5 / tranches
    for statistic in ("mean", "p50"):
        bar = result.tornado("y", statistic=statistic, tranches=tranches).iloc[0]
        width = (bar["ci_high"] - bar["ci_low"]) / 2
        assert abs(bar["swing"] - (1 - 2 * half)) <= 2.5 * width + 1e-4
        assert bar["input_low"] == pytest.approx(half, abs=1e-3)
    with pytest.raises(rc.SettingsError):
        result.tornado("y", tranches=61)


@pytest.mark.nightly
def test_regions_and_tranches_from_the_command_line():
    command = [sys.executable, "-m", "rangecast", "run", "ai-servers", "-n", "1e4", "-q"]
    command += ["--region", "servers > 50000", "--tranches", "20"]
    shown = inprocess.run(command, text=True, check=True).stdout
    assert "P50 in the lowest and highest of 20 slices of each input" in shown
    assert "What leads servers above 50,000" in shown
    found = json.loads(inprocess.run([*command, "--json"], text=True, check=True).stdout)
    assert found["regions"][0]["index"] == "KS where > 50000"
    wrong = inprocess.run([*command[:-2], "--region", "servers >"], text=True)
    assert wrong.returncode == 2
    assert "is not a condition" in wrong.stderr


RANKED = """
[inputs.a]
dist = "normal"
mean = 1
sd = 1
[inputs.b]
dist = "normal"
mean = 1
sd = 2
[inputs.c]
dist = "normal"
mean = 5
sd = 0.001
[groups.g]
label = "both"
inputs = ["a", "c"]
[outputs.y]
formula = "sqrt(a + 4) * b + c"
[outputs.fixed]
formula = "2 + 0 * k"
[inputs.k]
value = 1
[cases.k]
inputs.c = 3
[[correlations]]
between = ["a", "c"]
spearman = 0.5
"""


@pytest.fixture
def ranked(tmp_path):
    """Run the command on a small model in a folder of its own."""
    (tmp_path / "m.toml").write_text(RANKED)

    def run(*arguments):
        line = [sys.executable, "-m", "rangecast", "sensitivity", "m.toml", *arguments]
        return inprocess.run(line, text=True, cwd=tmp_path)

    return run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--second-order", "--grouped", "--no-correlations"],
            ["Sobol' indices of y: 3,072 model runs", "second-order indices S2", "both × b"],
        ),
        (["--log"], ["of log y", "base scenarios left out: a run gave no finite number"]),
        (["--method", "shapley"], ["own  through correlation", "own: what only this input can"]),
        (["--method", "shapley", "--log"], ["Shapley effects of log y", "base scenarios left out"]),
        (["--method", "morris", "--case", "k"], ["on y in k: 4,095", "1 of 2 matter"]),
        (
            ["--method", "morris", "--log"],
            ["on log y", "trajectories left out", "those they are correlated with: a, c"],
        ),
    ],
)
def test_what_a_ranking_says(ranked, arguments, words):
    done = ranked("--runs", "4096", "-q", *arguments)
    assert done.returncode == 0
    assert done.stderr == ""
    for one in words:
        assert one in done.stdout
    lines = done.stdout.splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("b "))
    assert not any(line.startswith(("a ", "c ", "both ")) for line in lines[:first])


def test_what_a_ranking_of_heavy_tails_says(tmp_path):
    (tmp_path / "m.toml").write_text(
        '[inputs.a]\ndist = "lognormal"\nmu = 0\nsigma = 3\n[inputs.b]\ndist = "lognormal"\n'
        'mu = 0\nsigma = 3\n[outputs.y]\nformula = "a * b"\n'
    )
    base = [sys.executable, "-m", "rangecast", "sensitivity", "m.toml", "--runs", "4096", "-q"]
    for method in ("sobol", "shapley"):
        line = [*base, "--method", method]
        told = inprocess.run(line, text=True, cwd=tmp_path, check=True).stdout
        assert "intervals are wide; try --log" in told
        logarithm = inprocess.run([*line, "--log"], text=True, cwd=tmp_path, check=True).stdout
        assert "try --log" not in logarithm


def test_how_many_runs_a_ranking_takes_is_said_before(ranked):
    assert ranked("--method", "morris").stderr == "100 trajectories of one run more than inputs\n"
    assert ranked("--runs", "4096").stderr.startswith("at most 4,096 model runs\n")


@pytest.mark.parametrize("method", ["sobol", "shapley", "morris"])
def test_the_files_of_a_ranking_hold_what_it_printed(ranked, tmp_path, method):
    done = ranked("--runs", "4096", "--method", method, "--out", "o", "--json", "-q")
    assert "wrote 4 files to o" in done.stderr
    names = {p.name for p in (tmp_path / "o").iterdir()}
    assert names == {f"{method}_y.{kind}" for kind in ("json", "csv", "png", "svg")}
    assert (tmp_path / "o" / f"{method}_y.json").read_text(encoding="utf-8") == done.stdout
    rows = (tmp_path / "o" / f"{method}_y.csv").read_text(encoding="utf-8").splitlines()
    found = json.loads(done.stdout)
    key = {"sobol": "indices", "shapley": "shares", "morris": "effects"}[method]
    assert len(rows) == 1 + len(found[key])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--method", "morris", "--no-correlations"], "--no-correlations: not for this method"),
        (["--method", "shapley", "--second-order"], "got shapley; sobol"),
        (["--output", "q"], "E204"),
        (["--output", "fixed"], "does not vary"),
        (["--output", "fixed", "--method", "shapley"], "does not vary"),
        (["--output", "fixed", "--method", "morris"], "does not vary"),
        (["--output", "fixed", "--method", "shapley", "--design", "lhs"], "does not vary"),
        # one hypercube, or few, tell no error: their interval was of no width
        (["--design", "lhs"], "too few runs; got 4,096; at least 32,768 for 2 factors"),
        (["--design", "lhs", "--method", "shapley"], "too few runs; got 4,096; at least"),
    ],
)
def test_rankings_that_cannot_be_are_refused(ranked, arguments, words):
    done = ranked("--runs", "4096", "-q", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_few_units_that_are_reordered_are_too_few_for_indices():
    text = RANKED.replace("[[corr", '[dependence]\ncopula = "iman-conover"\n[[corr')
    model = rc.loads(text)
    with pytest.raises(rc.SettingsError, match="at least 32,768"):
        rc.sobol(model, runs=16_384, design="random")
    found = rc.sobol(model, runs=40_000, design="random")
    assert all(0 < i.st_high - i.st_low < 0.1 for i in found.indices)


def plain_sum():
    law = rc.distributions.Normal(0, 1)
    return rc.Model({"a": law, "b": law}, lambda a, b: {"y": a + b, "z": a * b})


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        (rc.morris, {"trajectories": 20}),
        (rc.sobol, {"runs": 2**10}),
        (rc.sobol, {"runs": 2**10, "second_order": True}),
        (rc.shapley, {"runs": 2**13}),
    ],
)
def test_progress_goes_up_to_the_number_of_runs(method, settings):
    seen = []
    found = method(plain_sum(), "y", progress=lambda *at: seen.append(at), **settings)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (found.runs, found.runs)


def test_second_order_frames_are_upper_triangles():
    found = rc.sobol(plain_sum(), "z", runs=2**12, second_order=True)
    values, halves = found.pair_frames()
    first, second = values.index
    assert {first, second} == {"a", "b"}
    assert values.loc[first, second] == pytest.approx(1, abs=0.2)
    assert halves.loc[first, second] > 0
    for frame in (values, halves):
        assert np.isnan(frame.to_numpy()).tolist() == [[True, False], [True, True]]


def test_methods_and_outputs_that_were_not_counted_are_refused():
    result = rc.simulate(plain_sum(), scenarios=500)
    with pytest.raises(rc.SettingsError, match=r"no probabilities of ranks; got swing; known: con"):
        rank_probabilities(result, "y", "swing", "p50")
    with pytest.raises(rc.SettingsError, match="unknown centre; got mean; median or base"):
        spider(result, "y", centre="mean")
    text = '[run]\noutputs = ["y"]\n[inputs.a]\ndist = "normal"\nmean = 0\nsd = 1\n'
    text += '[outputs.y]\nformula = "a"\n[outputs.w]\nformula = "2 * a"\n'
    two = rc.simulate(rc.loads(text), scenarios=500, outputs=["w"])
    with pytest.raises(rc.SettingsError, match="drivers were not counted; got w; simulate with"):
        rank_probabilities(two, "w", "conditional", "p50")


def test_a_group_of_constants_is_no_factor():
    text = '[inputs.c]\nvalue = 1\n[inputs.a]\ndist = "normal"\nmean = 0\nsd = 1\n'
    text += '[outputs.y]\nformula = "a + c"\n[groups.g]\ninputs = ["c"]\n'
    text += '[groups.h]\ninputs = ["a"]\n'
    found = rc.sobol(rc.loads(text), runs=2**10, grouped=True)
    assert [one.members for one in found.indices] == [("a",)]


def test_a_slice_that_comes_out_empty_leaves_chance_a_number():
    counts = np.array([[40, 40], [1, 0]])
    with np.errstate(invalid="ignore"):
        found = slices.by_chance(counts, lambda drawn: drawn[:, 1, 0] / drawn[:, 1].sum(axis=1), 0)
    assert 0 < found < 1
