"""Conditional inputs, and switches that draw a case per scenario."""

import math

import numpy as np
import pytest
from rangecast.engine.model import apply_case, base_case, set_inputs
from rangecast.engine.model.choices import spell_out
from scipy import stats

import rangecast as rc

N = 60_000
MODEL = """
[inputs.regime]
dist = "categorical"
values = ["calm", "boom"]
weights = [3, 1]
[inputs.x]
dist = "conditional"
on = "regime"
given = [
    {when = "calm", dist = "lognormal", p10 = 1, p90 = 2},
    {when = "boom", dist = "lognormal", p10 = 10, p90 = 20},
]
[inputs.k]
value = 2
[inputs.structure]
dist = "categorical"
cases = ["simple", "deep"]
weights = [0.6, 0.4]
base = "simple"
[cases.simple]
[cases.deep]
inputs.k = 3
quantities.z = "x * k ** 2"
[cases.calm]
inputs.regime = 0
[quantities]
z = "x * k"
[outputs.y]
formula = "z + 1"
[outputs.s]
formula = "structure"
[outputs.r]
formula = "regime"
[outputs.v]
formula = "x"
"""


def values(model, **settings):
    result = rc.simulate(model, scenarios=N, seed=3, **settings)
    rows = result.ensemble.totals.floats["values"]
    return dict(zip(result.rows, rows, strict=True))


def test_each_scenario_has_the_law_of_its_condition_and_the_formulas_of_its_case():
    model = rc.loads(MODEL)
    y = values(model)
    calm, deep = y["r"] == 0, y["s"] == 1
    low, high = (model.inputs["x"].branches[k].law for k in (0, 1))
    # DKW for two laws together at a false alarm of 1e-6
    for chosen, law in ((calm, low), (~calm, high)):
        found = np.sort(y["v"][chosen])
        limit = math.sqrt(math.log(2 * 2 / 1e-6) / (2 * len(found)))
        below = law.cdf(found) - np.arange(len(found)) / len(found)
        assert np.abs(below).max() < limit + 1 / len(found)
    expected = np.where(deep, y["v"] * 9, y["v"] * 2) + 1
    assert y["y"] == pytest.approx(expected, rel=1e-14)
    # five standard deviations of two counts: false alarm below 2e-6
    for share, wanted in ((calm.mean(), 0.75), (deep.mean(), 0.4)):
        assert abs(share - wanted) < 5 * math.sqrt(wanted * (1 - wanted) / N)


def test_branches_share_one_draw():
    both = values(rc.loads(MODEL))
    calm = values(rc.loads(MODEL), case="calm")
    same = both["r"] == 0
    assert np.array_equal(both["v"][same], calm["v"][same])
    assert stats.spearmanr(both["v"][~same], calm["v"][~same]).statistic > 0.9999


def test_tables_show_the_mixture_of_the_branches():
    one = rc.loads(MODEL).inputs["x"]
    laws = [b.law for b in one.branches]
    at = np.array([1.5, 5.0, 12.0])
    wanted = 0.75 * laws[0].cdf(at) + 0.25 * laws[1].cdf(at)
    assert one.law.cdf(at) == pytest.approx(wanted)
    assert one.base == pytest.approx(math.sqrt(2))  # the regime's base is calm
    assert one.description.startswith("given regime: calm: lognormal(p10=1, p90=2); boom:")


@pytest.mark.nightly
def test_a_fixed_condition_leaves_one_branch_and_a_fixed_switch_one_case():
    model = rc.loads(MODEL)
    from rangecast.engine.model.cases import apply_case, set_inputs

    assert apply_case(model, "calm").inputs["x"].law == model.inputs["x"].branches[0].law
    deep = set_inputs(model, ["structure=deep", "regime=boom"])
    y = values(deep)
    assert y["y"] == pytest.approx(y["v"] * 9 + 1, rel=1e-14)
    assert np.median(y["v"]) == pytest.approx(math.sqrt(200), rel=0.02)


def test_what_is_set_by_hand_stays_in_every_drawn_case():
    from rangecast.engine.model.cases import set_inputs

    y = values(set_inputs(rc.loads(MODEL), ["k=10"]))
    expected = np.where(y["s"] == 1, y["v"] * 100, y["v"] * 10) + 1
    assert y["y"] == pytest.approx(expected, rel=1e-14)


def test_digests_know_what_a_drawn_case_changes():
    one = rc.simulate(rc.loads(MODEL), scenarios=2_000).digest
    other = rc.simulate(rc.loads(MODEL.replace("k ** 2", "k ** 2.5")), scenarios=2_000).digest
    assert one != other


def test_rankings_take_the_condition_and_the_own_draw_apart():
    result = rc.simulate(rc.loads(MODEL), scenarios=N, seed=3)
    bars = result.tornado("y")
    assert [bar for bar in bars["input"]][:1] == ["regime"]
    assert set(bars["input"]) == {"regime", "x", "structure"}


def test_numbers_may_stand_for_distributions_and_several_values_share_a_branch():
    text = """
[inputs.shops]
dist = "integers"
low = 0
high = 3
[inputs.rent]
dist = "conditional"
on = "shops"
given = [{when = 0, value = 0}, {when = [1, 2, 3], dist = "uniform", low = 5, high = 9}]
[outputs.y]
formula = "rent"
[outputs.n]
formula = "shops"
"""
    y = values(rc.loads(text))
    assert (y["y"][y["n"] == 0] == 0).all()
    assert ((y["y"] >= 5) == (y["n"] > 0)).all()


def test_conditional_inputs_work_over_periods_in_comparisons_and_in_decisions():
    text = MODEL.replace('formula = "z + 1"', 'formula = "previous(y, 1) * 1.1 + z"')
    timed = "[time]\nstart = 2024\nperiods = 3\n" + text
    result = rc.simulate(rc.loads(timed), scenarios=4_096)
    assert result.quantile("y[2026]", 0.5) > result.quantile("y[2024]", 0.5)
    for first, second in (("", "calm"), ("calm", "")):
        compared = rc.compare(rc.loads(MODEL), [first, second], scenarios=20_000, seed=3)
        for k, case in enumerate((first, second)):
            alone = rc.simulate(rc.loads(MODEL), scenarios=20_000, seed=3, case=case)
            row = f"case{k + 1}_y" if k else "y"
            assert compared.result.quantile(row, 0.5) == alone.quantile("y", 0.5)


def test_python_functions_take_conditional_inputs():
    law = rc.distributions
    model = rc.Model(
        {
            "regime": law.Discrete((0.0, 1.0), (0.5, 0.5)),
            "x": rc.Conditional("regime", {0: law.Normal(0, 1), 1: 100.0}),
        },
        lambda regime, x: {"y": x, "r": regime},
    )
    y = values(model)
    assert (y["y"][y["r"] == 1] == 100).all()
    assert abs(y["y"][y["r"] == 0].mean()) < 5 / math.sqrt(N / 2)
    with pytest.raises(rc.ModelError, match="E312"):
        rc.Model(
            {"regime": law.Bernoulli(0.5), "x": rc.Conditional("regime", {0: law.Normal(0, 1)})},
            lambda regime, x: {"y": x},
        )


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('on = "regime"', 'on = "regim"', "E204", "did you mean 'regime'"),
        ('on = "regime"', 'on = "x"', "E204", "unknown input"),
        ('when = "boom"', 'when = "bom"', "E312", "did you mean 'boom'"),
        ('when = "boom"', "when = 1.5", "E312", "no distribution for regime = boom"),
        ('    {when = "boom", dist = "lognormal", p10 = 10, p90 = 20},\n', "", "E312", "boom"),
        ('when = "boom", dist', "dist", "E114", "when"),
        ("p10 = 10, p90 = 20", "p10 = 10, p9 = 20", "E113", "given.1.p9"),
        ('cases = ["simple", "deep"]', 'cases = ["simple", "dep"]', "E204", "did you mean 'deep'"),
        ("weights = [0.6, 0.4]", "weights = [0.6]", "E302", "as many"),
        ("weights = [0.6, 0.4]", "weights = [0.6, -1]", "E307", "0 or more"),
        ("inputs.k = 3", "inputs.structure = 0", "E312", "draw itself"),
        ("inputs.k = 3", "inputs.x = 3", "E312", "depends on others"),
        ('base = "simple"', 'base = "smple"', "E115", "a number"),
        ('values = ["calm", "boom"]', 'values = ["calm", "calm"]', "E115", "different"),
        ('values = ["calm", "boom"]\n', "", "E302", "values"),
        ("weights = [3, 1]", "weights = [3, 1]\nmin = 0", "E302", "categorical"),
    ],
)
def test_wrong_choices_are_refused_in_words(old, new, code, words):
    assert old in MODEL
    with pytest.raises(rc.ModelError) as refused:
        rc.loads(MODEL.replace(old, new, 1))
    assert code in str(refused.value)
    assert words in str(refused.value)


def test_two_switches_may_not_change_the_same_thing():
    other = """
[inputs.second]
dist = "categorical"
cases = ["simple", "deep"]
weights = [1, 1]
"""
    with pytest.raises(rc.ModelError, match="so do those of"):
        rc.loads(MODEL + other)


@pytest.mark.nightly
def test_tables_and_differences_know_of_choices():
    table = """
[tables.t]
output = "y"
rows = {name = "k", values = [1, 2]}
columns = {name = "x", values = [1, 10]}
statistic = ["base", "mean"]
"""
    model = rc.loads(MODEL + table)
    found = rc.two_way(model, "t", scenarios=20_000, seed=1)
    # k is held in every drawn case: k x + 1 in 0.6 of the scenarios, k² x + 1 in the others
    for i, k in enumerate((1, 2)):
        for j, x in enumerate((1, 10)):
            assert found.values[0, i, j] == k * x + 1
            mean = 0.6 * k * x + 0.4 * k**2 * x + 1
            spread = abs(k**2 - k) * x * math.sqrt(0.24 / 20_000)
            assert abs(found.values[1, i, j] - mean) <= 5 * spread + 1e-9
    by_quantity = MODEL + table.replace('"k"', '"z"').replace('["base", "mean"]', '["base"]')
    assert rc.two_way(rc.loads(by_quantity), "t").values[0, 0, 0] == 2
    other = MODEL.replace("k ** 2", "k ** 3")
    parts = rc.difference(rc.loads(MODEL), rc.loads(other), "y", scenarios=4_000)
    assert [c.name for c in parts.changes if c.kind == "formula"] == ["z"]


def test_a_choice_has_one_value_in_all_periods():
    old, new = 'on = "regime"', 'on = "regime"\nper_period = "independent"'
    with pytest.raises(rc.ModelError, match="not of a conditional input"):
        rc.loads("[time]\nstart = 2024\nperiods = 2\n" + MODEL.replace(old, new))


def test_checks_of_one_output_leave_the_others_choices_alone():
    text = MODEL + '[[checks]]\noutput = "r"\nequals = 0\n'
    assert all(one.ok for one in rc.run_checks(rc.loads(text)))


def test_drawn_cases_that_need_each_other_in_a_circle_are_refused_when_loaded():
    text = """
[inputs.s]
dist = "categorical"
cases = ["a", "b"]
weights = [1, 1]
[inputs.x]
dist = "normal"
mean = 0
sd = 1
[cases.a]
quantities.q = "r + 1"
[cases.b]
quantities.r = "q + 1"
[quantities]
q = "x"
r = "x"
[outputs.y]
formula = "q + r"
"""
    with pytest.raises(rc.ModelError, match=r"inputs.s.cases: with its cases drawn, .*circular"):
        rc.loads(text)


SWITCH = """
[inputs.x]
dist = "normal"
mean = 0
sd = 1
[inputs.u]
dist = "normal"
mean = 0
sd = 1
[inputs.follower]
same_as = "u"
[inputs.s]
dist = "categorical"
cases = ["k", "l"]
weights = [1, 1]
[quantities]
z = "x"
[outputs.y]
formula = "z"
[outputs.shared]
formula = "follower - u"
[outputs.other]
formula = "follower - x"
[outputs.place]
formula = "s"
[cases.k]
quantities.z = "x + 10"
[cases.l]
quantities.z = "x + 20"
"""


def test_a_switch_set_to_no_case_leaves_the_model_as_it_is():
    model = rc.loads(SWITCH)
    wanted = {"0": 10, "1": 20, "k": 10, "l": 20, "7": 0, "0.5": 0, "-1": 0}
    for value, y in wanted.items():
        assert base_case(set_inputs(model, [f"s={value}"]))["y"] == y


def test_a_formula_that_all_drawn_cases_agree_on_has_no_choice():
    model = rc.loads(SWITCH.replace("x + 20", "x + 10"))
    assert spell_out(model).quantities["z"].formula == "x + 10"
    assert base_case(model)["y"] == 10


def test_two_switches_that_change_different_things_are_drawn_apart():
    text = SWITCH + "[cases.m]\n[cases.n]\noutputs.place = '5'\n"
    second = "[inputs.r]\ndist = 'categorical'\ncases = ['m', 'n']\nweights = [1, 1]\n"
    y = values(rc.loads(text + second))
    assert {round(v) for v in np.unique(y["place"])} == {0, 1, 5}
    assert np.mean(y["place"] == 5) == pytest.approx(0.5, abs=0.02)
    assert np.mean(y["y"][y["place"] == 5]) == pytest.approx(15, abs=0.2)


@pytest.mark.parametrize(
    ("overlay", "shared", "other"),
    [
        ("{ same_as = 'x' }", (0, 2), (2, 0)),  # variances of follower - u and follower - x: l, k
        ("{ dist = 'normal', mean = 0, sd = 1 }", (0, 2), (2, 2)),
    ],
)
def test_drawn_cases_choose_whose_draw_is_shared(overlay, shared, other):
    text = SWITCH.replace("[cases.k]\n", f"[cases.k]\ninputs.follower = {overlay}\n")
    y = values(rc.loads(text))
    for name, wanted in (("shared", shared), ("other", other)):
        found = [np.var(y[name][y["place"] == place]) for place in (1, 0)]
        assert found == pytest.approx(wanted, abs=0.1)


def test_names_of_branches_give_way_to_those_of_the_model():
    text = """
[inputs.d]
dist = "categorical"
values = ["p", "q"]
weights = [3, 1]
[inputs.c]
dist = "conditional"
on = "d"
given = [{when = "p", value = 1}, {when = "q", dist = "discrete", values = [4], weights = [1]}]
[inputs.c__]
value = 100
[inputs.c__0]
value = 1000
[outputs.y]
formula = "c + c__ + c__0"
[cases.q]
inputs.d = 1
"""
    model = rc.loads(text)
    assert base_case(model)["y"] == 1101
    assert set(np.unique(values(model)["y"])) == {1101, 1104}
    laid = apply_case(model, "q").inputs["c"]  # one value is left, and nothing is drawn for it
    assert (laid.is_constant, laid.value, laid.base) == (True, 4.0, 4.0)


def test_what_is_set_must_leave_every_value_a_branch():
    model = set_inputs(rc.loads(MODEL), ["regime=discrete(values=[0, 5], weights=[1, 1])"])
    with pytest.raises(rc.ModelError, match="no distribution for regime = 0, 5"):
        rc.simulate(model, scenarios=100)
