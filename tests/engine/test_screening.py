"""Morris, spider, given data and groups: against exact values."""

import json
import math
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from clock import within
from rangecast.engine.sensitivity.lmg import orders_of, over_orders, shares
from rangecast.engine.sensitivity.morris import effects_of, summary_of

import rangecast as rc

LAWS = rc.distributions
DATA = Path(__file__).parents[1] / "data"
CASES = {c["id"]: c for c in json.loads((DATA / "reference_tornado.json").read_text())["cases"]}
ENGINEERING = {
    c["id"]: c for c in json.loads((DATA / "reference_engineering.json").read_text())["cases"]
}


def engineering(name):
    case = ENGINEERING[name]
    make = {
        "uniform": lambda i: LAWS.Uniform(i["low"], i["high"]),
        "normal": lambda i: LAWS.Normal(i["mean"], i["sd"]),
        "lognormal": lambda i: LAWS.Lognormal(i["mu"], i["sigma"]),
    }
    inputs = {i["name"]: make[i["dist"]](i) for i in case["inputs"]}
    code = compile(case["model"]["expr"], name, "eval")
    return rc.Model(inputs, lambda **x: {"y": np.asarray(eval(code, {"np": np, **x}))})


# ------------------------------------------------------------------ Morris


def test_elementary_effects_of_a_given_design():
    """Saltelli et al. (2008), exercise of chapter 3: exact rational values."""
    case = CASES["morris_exercise_saltelli2008"]
    points = np.array(case["X"]).reshape(6, 3, 2)
    effects = effects_of(points, np.array(case["Y"]).reshape(6, 3))
    assert pytest.approx(np.array(case["reference"]["elementary_effects"]), rel=1e-9) == effects.T
    for name, values in summary_of(effects).items():
        assert values == pytest.approx(case["reference"][name], rel=1e-9)


def test_a_linear_model_has_exact_effects():
    reference = CASES["morris_linear_exact"]["reference"]
    inputs = {"x1": LAWS.Uniform(-1, 3), "x2": LAWS.Uniform(10, 20), "x3": LAWS.Uniform(0, 1)}
    model = rc.Model(inputs, lambda x1, x2, x3: {"y": 2 * x1 - 0.5 * x2 + 7 + 0 * x3})
    found = {e.factor: e for e in rc.morris(model, trajectories=10).effects}
    for k, name in enumerate(inputs):
        one = found[name]
        assert one.mu == pytest.approx(reference["mu_unit_cube"][k], abs=1e-12)
        assert one.mu_star == pytest.approx(reference["mu_star_unit_cube"][k], abs=1e-12)
        assert one.sigma == pytest.approx(0.0, abs=1e-11)
    assert [found[n].verdict for n in inputs] == ["linear", "linear", "negligible"]


def morris_1991(**x):
    w = {k: 2 * (v - 0.5) for k, v in ((int(n[1:]), v) for n, v in x.items())}
    for k in (3, 5, 7):
        w[k] = 2 * (1.1 * x[f"x{k}"] / (x[f"x{k}"] + 0.1) - 0.5)
    y = sum((20 if k <= 10 else (-1) ** k) * w[k] for k in w)
    for i in range(1, 21):
        for j in range(i + 1, 21):
            y = y + (-15 if j <= 6 else (-1) ** (i + j)) * w[i] * w[j]
    for i in range(1, 6):
        for j in range(i + 1, 6):
            for k in range(j + 1, 6):
                y = y - 10 * w[i] * w[j] * w[k]
    return {"y": y + 5 * w[1] * w[2] * w[3] * w[4]}


def test_morris_own_function_is_sorted_as_he_did():
    """Inputs 1 to 7 are non-linear or interact, 8 to 10 linear at heart, 11 to 20 negligible."""
    model = rc.Model({f"x{k}": LAWS.Uniform(0, 1) for k in range(1, 21)}, morris_1991)
    found = rc.morris(model, trajectories=200)
    assert set(found.kept) == {f"x{k}" for k in range(1, 11)}
    verdicts = {e.factor: e.verdict for e in found.effects}
    assert all(verdicts[f"x{k}"] == "non-linear or interacting" for k in range(1, 8))
    ratios = {e.factor: e.sigma / e.mu_star for e in found.effects}
    assert (
        max(ratios[f"x{k}"] for k in (8, 9, 10)) < 0.2 < min(ratios[f"x{k}"] for k in range(1, 8))
    )
    assert found.runs == 200 * 21


def test_an_effect_that_repeats_with_half_the_range_is_seen():
    """7 sin² x2 of Ishigami: a step of one half of the range never changes it."""
    law = LAWS.Uniform(-math.pi, math.pi)
    model = rc.Model({n: law for n in "ab"}, lambda a, b: {"y": np.sin(a) + 7 * np.sin(b) ** 2})
    assert rc.morris(model).effects[0].factor == "b"


@pytest.mark.nightly
def test_a_thousand_inputs_are_screened_in_seconds():
    """Seven of 1,000 inputs matter, two of them only together."""

    def function(**x):
        y = 3 * x["x5"] * x["x6"]
        for k in range(1000):
            y = y + (10 if k < 5 else 0.01) * x[f"x{k}"]
        return {"y": y}

    model = rc.Model({f"x{k}": LAWS.Normal(0, 1) for k in range(1000)}, function)
    with within(30):
        found = rc.morris(model, trajectories=20)
    assert set(found.kept) == {f"x{k}" for k in range(7)}
    assert found.runs == 20 * 1001


def test_intervals_of_mu_star_cover():
    """300 seeds of y = a·b on (0, 1)²: μ* of each is 1/2; 95 % intervals, an alarm in 10⁴."""
    model = rc.Model({n: LAWS.Uniform(0, 1) for n in "ab"}, lambda a, b: {"y": a * b})
    hits = 0
    for seed in range(300):
        one = next(e for e in rc.morris(model, trajectories=40, seed=seed).effects)
        hits += one.mu_star_low <= 0.5 <= one.mu_star_high
    assert hits >= 268


def test_morris_says_which_inputs_it_moves_without_their_partners():
    normal = LAWS.Normal(0, 1)
    model = rc.Model(
        {n: normal for n in "abc"}, lambda a, b, c: {"y": a + b + c}, correlations=[("a", "b", 0.5)]
    )
    assert rc.morris(model).correlated == ("a", "b")
    for arguments in ({"runs": 3}, {"trajectories": 2}, {"grouped": True}):
        with pytest.raises(rc.SettingsError):
            rc.morris(model, **arguments)


def test_trajectories_with_a_failure_are_left_out_and_counted():
    def function(a, b):
        return {"y": np.where(a > 0.95, np.nan, 2 * a + b)}

    model = rc.Model({n: LAWS.Uniform(0, 1) for n in "ab"}, function)
    found = rc.morris(model, trajectories=500)
    assert 0 < found.dropped < 150
    effects = {e.factor: e.mu_star for e in found.effects}
    assert effects == pytest.approx({"a": 2.0, "b": 1.0})


# ------------------------------------------------------------------ swing and spider


@pytest.mark.parametrize("name", list(ENGINEERING))
def test_swing_meets_the_published_tornado(name):
    case = CASES[f"tornado_{name}"]
    result = rc.simulate(engineering(name), scenarios=1_000, max_failures=1.0)
    bars = result.tornado("y", "swing").set_index("input")
    assert bars["baseline"].iloc[0] == pytest.approx(case["y_base"], rel=1e-9)
    for bar in case["bars"]:
        found = bars.loc[bar["input"]]
        assert found["low"] == pytest.approx(bar["y_at_p10"], rel=1e-9)
        assert found["high"] == pytest.approx(bar["y_at_p90"], rel=1e-9)
        assert found["input_low"] == pytest.approx(bar["x_p10"], rel=1e-9)
    order = [bar for bar in case["rank"] if bar in set(bars.index)]
    found = list(bars["swing"].abs().round(9).sort_values(ascending=False, kind="stable").index)
    widths = [abs(bars.loc[n]["swing"]) for n in order]
    assert widths == sorted(widths, reverse=True)
    assert len(found) == len(order)


def test_spider_and_other_percentiles():
    model = rc.Model(
        {"a": LAWS.Uniform(0, 1), "b": LAWS.Normal(0, 1)}, lambda a, b: {"y": a * a + 0.1 * b}
    )
    result = rc.simulate(model, scenarios=1_000)
    curve = result.spider("y", points=5, ends=(0.05, 0.95))
    a = curve[curve["input"] == "a"]
    assert a["level"].tolist() == pytest.approx([0.05, 0.275, 0.5, 0.725, 0.95])
    assert a["value"].tolist() == pytest.approx([v * v for v in a["level"]])
    assert a["rank"].unique().tolist() == [1]
    bar = result.tornado("y", "swing", ends=(0.01, 0.99)).set_index("input").loc["a"]
    assert (bar["low"], bar["high"]) == pytest.approx((0.0001, 0.9801))
    assert bar["statistic"] == "P1 to P99, others at median"
    for ends in ((0.0, 0.5), (0.6, 0.4), (0.5, 1.0)):
        with pytest.raises(rc.SettingsError, match="bad percentiles"):
            result.spider("y", ends=ends)
    with pytest.raises(rc.SettingsError, match="out of range"):
        result.spider("y", points=1)


# ------------------------------------------------------------------ given data


def test_measures_of_longleys_data():
    case = CASES["regression_measures_longley"]
    table = np.array(case["rows"], dtype=float)
    found = rc.measures({f"x{k}": table[:, k] for k in range(1, 7)}, table[:, 0])
    names = {"kendall_tau_b": "kendall", "r_squared": "R2"}
    for key, values in case["reference"].items():
        column = names.get(key) or (key.upper() if key[-2:] in {"rc", "cc"} else key)
        expected = values if isinstance(values, list) else [values] * 6
        if key == "prcc":  # x5 and x6 have the same ranks: what is partial of them is undefined
            assert found[column].isna().tolist() == [False] * 4 + [True] * 2
            expected = [*expected[:4], math.nan, math.nan]
        assert found[column].tolist() == pytest.approx(
            expected, abs=case["abs_tol"], nan_ok=True
        ), key


def test_measures_leave_out_rows_that_are_not_finite():
    x = {"a": np.arange(10.0), "b": np.arange(10.0) ** 2}
    y = 2 * x["a"] + x["b"]
    y[3] = math.nan
    found = rc.measures(x, y)
    assert found["n_used"].tolist() == [9, 9]
    assert found["R2"].iloc[0] == pytest.approx(1.0)
    with pytest.raises(rc.SettingsError, match="another length"):
        rc.measures({"a": [1, 2]}, [1, 2, 3])
    with pytest.raises(rc.SettingsError, match="too few rows"):
        rc.measures(x, np.full(10, math.nan))


def test_rank_regression_agrees_with_given_data():
    """Of the same 20,000 scenarios: cells and bins against exact ranks, within 0.01."""
    rng_model = rc.Model(
        {n: LAWS.Normal(0, 1) for n in "abc"},
        lambda a, b, c: {"y": np.exp(a + 0.5 * b) + 0 * c, "a_": a, "b_": b, "c_": c},
        correlations=[("a", "b", 0.5)],
    )
    result = rc.simulate(rng_model, scenarios=20_000)
    values = result.ensemble.totals.floats["values"]
    rows = {n: values[result.row(n)] for n in ("y", "a_", "b_", "c_")}
    given = rc.measures({n: rows[f"{n}_"] for n in "abc"}, rows["y"])
    pairs = {"rank-regression": "SRRC", "rank-partial": "PRCC", "rank": "spearman"}
    pairs |= {"regression": "SRC", "partial": "PCC", "pearson": "pearson"}
    for method, column in pairs.items():
        bars = result.tornado("y", method).set_index("input")
        exact = method in {"regression", "partial", "pearson"}
        for name in "abc":
            wanted = given.loc[name, column]
            assert bars.loc[name]["swing"] == pytest.approx(wanted, abs=1e-9 if exact else 0.01)


# ------------------------------------------------------------------ LMG


def test_lmg_shares_of_a_linear_gaussian_model():
    """Shapley effects of y = X·c under correlation are LMG shares: closed form by subsets."""
    correlation = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.3], [0.0, 0.3, 1.0]])
    c = np.array([1.0, -0.5, 2.0])
    sd = math.sqrt(c @ correlation @ c)
    with_y = correlation @ c / sd
    found = shares(correlation, with_y)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    exact = np.zeros(3)

    def explained(known):
        if not known:
            return 0.0
        own = correlation[np.ix_(known, known)]
        return float(with_y[known] @ np.linalg.solve(own, with_y[known]))

    for order in permutations(range(3)):
        for place, k in enumerate(order):
            before = list(order[:place])
            exact[k] += (explained([*before, k]) - explained(before)) / 6
    assert found == pytest.approx(exact, abs=1e-12)
    every = np.array(list(permutations(range(3))))
    assert over_orders(correlation, with_y, every) == pytest.approx(exact, abs=1e-6)
    assert orders_of(25, 10).shape == (10, 25)
    many = shares(np.eye(25), np.full(25, 0.2))
    assert many == pytest.approx(np.full(25, 0.04), abs=1e-6)


def test_lmg_of_an_ensemble():
    """Ranks of a monotone function of normals: shares of the Spearman R², 5 standard errors."""
    rho = 6 / math.pi * math.asin(0.9 / 2)
    model = rc.Model(
        {n: LAWS.Normal(0, 1) for n in "abc"},
        lambda a, b, c: {"y": a + b + 2 * c},
        correlations=[("b", "c", rho)],
    )
    result = rc.simulate(model, scenarios=200_000)
    bars = result.tornado("y", "lmg").set_index("input")
    between = np.array([[1, 0, 0], [0, 1, rho], [0, rho, 1.0]])
    sd = math.sqrt(9.6)
    pearson = np.array([1 / sd, 2.8 / sd, 2.9 / sd])
    exact = shares(between, 6 / math.pi * np.arcsin(pearson / 2))
    for name, share in zip("abc", exact, strict=True):
        half = (bars.loc[name]["ci_high"] - bars.loc[name]["ci_low"]) / 2
        assert bars.loc[name]["swing"] == pytest.approx(share, abs=2.5 * half + 1e-3)
    assert bars.loc["b"]["n_used"] == 200_000


# ------------------------------------------------------------------ groups

GROUPED = """
[inputs.a]
dist = "normal"
mean = 0
sd = 1
[inputs.b]
dist = "normal"
mean = 0
sd = 1
[inputs.c]
dist = "normal"
mean = 0
sd = 2
[outputs.y]
formula = "a * b + c"
[groups.product]
inputs = ["a", "b"]
label = "the product"
"""


def test_groups_of_the_model_file():
    """y = a·b + c: the pair explains 1/5 together, nothing of which either does alone."""
    model = rc.loads(GROUPED)
    alone = {i.factor: i for i in rc.sobol(model, runs=2**17).indices}
    grouped = {i.factor: i for i in rc.sobol(model, runs=2**17, grouped=True).indices}
    assert alone["a"].s1 == pytest.approx(0.0, abs=0.01)
    assert grouped["product"].s1 == pytest.approx(0.2, abs=0.01)
    assert grouped["product"].label == "the product"
    assert grouped["product"].members == ("a", "b")
    shared = {s.input: s.share for s in rc.shapley(model, runs=2**17, grouped=True).shares}
    assert shared == pytest.approx({"product": 0.2, "c": 0.8}, abs=0.01)
    moved = {e.factor: e for e in rc.morris(model, grouped=True).effects}
    assert moved["product"].verdict == "matters"
    assert math.isnan(moved["product"].mu)
    problem = rc.to_salib(model)
    assert problem["groups"] == ["product", "product", "c"]
    back = rc.from_salib(problem, lambda a, b, c: {"y": a * b + c})
    assert back.groups["product"].inputs == ("a", "b")


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        ('inputs = ["a", "bb"]', "E204", "bb"),
        ("inputs = []", "E115", "names of inputs"),
        ("inputs = [1]", "E115", "names of inputs"),
        ('input = ["a"]', "E113", "did you mean 'inputs'"),
        ('inputs = ["a"]\n[groups.other]\ninputs = ["a"]', "E115", "two groups"),
    ],
)
def test_wrong_groups_are_refused(wrong, code, said):
    text = GROUPED.replace('inputs = ["a", "b"]', wrong)
    with pytest.raises(rc.ModelError) as caught:
        rc.loads(text)
    assert any(p.code == code and said in str(p) for p in caught.value.problems)


def test_wrong_groups_of_python_models_are_refused():
    inputs = {n: LAWS.Normal(0, 1) for n in "ab"}
    for groups in ({"g": ["a", "z"]}, {"g": ["a"], "h": ["a"]}):
        with pytest.raises(rc.ModelError):
            rc.Model(inputs, lambda a, b: {"y": a + b}, groups=groups)


# ------------------------------------------------------------------ edges

EDGES = {
    "one": ({"a": LAWS.Normal(0, 1)}, lambda a: {"y": 2 * a}, ()),
    "constant": ({n: LAWS.Normal(0, 1) for n in "ab"}, lambda a, b: {"y": 0 * a + 0 * b + 1}, ()),
    "switches": (
        {"a": LAWS.Bernoulli(0.1), "b": LAWS.Bernoulli(0.5)},
        lambda a, b: {"y": a + 2 * b},
        (),
    ),
    "in step": (
        {n: LAWS.Normal(0, 1) for n in "abc"},
        lambda a, b, c: {"y": a + b + c},
        [("a", "b", 1.0)],
    ),
    "opposed": (
        {n: LAWS.Normal(0, 1) for n in "abc"},
        lambda a, b, c: {"y": 2 * a + b + c},
        [("a", "b", -1.0)],
    ),
    "never finite": ({n: LAWS.Normal(0, 1) for n in "ab"}, lambda a, b: {"y": a * b * np.nan}, ()),
}
METHODS = ("conditional", "swing", "lmg", "rank-regression", "rank-partial", "rank", "variance")


@pytest.mark.parametrize("name", list(EDGES))
@pytest.mark.parametrize("n", [1, 100, 20_000])
def test_edges_are_answered_or_refused(name, n):
    """Every ranking either answers or says in a line why it cannot; warnings are errors here."""
    inputs, function, pairs = EDGES[name]
    model = rc.Model(inputs, function, correlations=pairs)
    if name == "never finite":
        with pytest.raises(rc.FailedScenariosError, match="all scenarios"):
            rc.simulate(model, scenarios=n, max_failures=1.0)
        return
    result = rc.simulate(model, scenarios=n, max_failures=1.0)
    unbounded = {"conditional", "swing", "rank-regression", "variance"}
    for method in METHODS:
        rc.reports.first_screen(result, ["y"], method)
        for bar in result.tornado("y", method).itertuples():
            assert not abs(bar.swing) > 1.0 or method in unbounded
    result.spider("y")
    if n > 1:
        result.tornado("y", tranches=20)
        result.explain("y")
        rc.reports.output_map(result)
        rc.reports.spider_chart(result, "y")


@pytest.mark.parametrize("name", list(EDGES))
def test_edges_of_rankings_with_runs_of_their_own(name):
    inputs, function, pairs = EDGES[name]
    model = rc.Model(inputs, function, correlations=pairs)
    for compute in (rc.sobol, rc.shapley):
        if name in {"constant", "never finite"}:
            with pytest.raises(rc.SettingsError, match=r"does not vary|finite numbers"):
                compute(model, runs=2**12)
            continue
        frame = compute(model, runs=2**12).frame()
        assert np.isfinite(frame.select_dtypes("number")).all(axis=None)
    if name == "never finite":
        with pytest.raises(rc.SettingsError, match="no trajectory"):
            rc.morris(model)
    else:
        assert len(rc.morris(model).effects) == len(inputs)


def test_inputs_in_step_share_alike():
    """y = a + b + c with a = b: ranks of y depend on a and c as 2 to 1; a and b share alike."""
    inputs, function, pairs = EDGES["in step"]
    result = rc.simulate(rc.Model(inputs, function, correlations=pairs), scenarios=200_000)
    bars = result.tornado("y", "lmg").set_index("input")
    with_y = 6 / math.pi * np.arcsin(np.array([2, 1]) / math.sqrt(5) / 2)
    assert bars.loc["a"]["swing"] == pytest.approx(with_y[0] ** 2 / 2, abs=0.003)
    assert bars.loc["b"]["swing"] == pytest.approx(with_y[0] ** 2 / 2, abs=0.003)
    assert bars.loc["c"]["swing"] == pytest.approx(with_y[1] ** 2, abs=0.003)
    assert result.tornado("y", "rank-partial")["swing"].isna().sum() == 2
