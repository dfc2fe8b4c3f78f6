"""Overlays: what a case changes, what survives it, and who wins."""

import datetime as dt
from pathlib import Path

import pytest
from rangecast.distributions import Normal, Uniform
from rangecast.engine.errors import ModelError, SettingsError
from rangecast.engine.model import (
    apply_case,
    base_case,
    late_sources,
    loads,
    run_checks,
    set_inputs,
)
from rangecast.engine.model.overlay import with_inputs

MODEL = loads("""
[model]
as_of = 2023-04-07
[inputs.growth]
dist = "normal"
mean = 10
sd = 1
base = 7
unit = "1/year"
label = "Growth"
source = "report"
[inputs.twin]
same_as = "growth"
dist = "uniform"
low = 0
high = 4
[inputs.size]
value = 8
[quantities.both]
formula = "growth + twin"
[outputs.y]
formula = "both * size"
[cases.wide]
label = "Wide"
as_of = 2024-01-01
inputs.growth = { dist = "normal", mean = 100, sd = 20 }
[cases.fixed]
inputs.growth = 3
[cases.alone]
inputs.twin = 3
[cases.point]
extends = "wide"
inputs = "base"
[cases.half]
extends = "wide"
inputs.size = 4
quantities.both = "growth"
[[checks]]
output = "y"
equals = 72.0
stated = 70
[[checks]]
case = "half"
output = "y"
equals = 29
[sources.report]
title = "A report"
date = "2024"
""")


def test_the_bare_model_uses_base_values_then_medians() -> None:
    assert base_case(MODEL) == {"both": 9.0, "y": 72.0}


def test_a_table_replaces_the_distribution_and_keeps_the_rest() -> None:
    one = apply_case(MODEL, "wide").inputs["growth"]
    assert one.law == Normal(100.0, 20.0)
    assert (one.base, one.unit, one.label, one.sources) == (7.0, "1/year", "Growth", ("report",))


def test_a_number_fixes_the_input() -> None:
    one = apply_case(MODEL, "fixed").inputs["growth"]
    assert one.is_constant
    assert (one.value, one.base) == (3.0, 3.0)


def test_a_fixed_input_leaves_those_that_share_its_draw_alone() -> None:
    twin = apply_case(MODEL, "fixed").inputs["twin"]
    assert (twin.law, twin.same_as) == (Uniform(0.0, 4.0), "growth")


def test_a_number_ends_sharing() -> None:
    assert apply_case(MODEL, "alone").inputs["twin"].same_as == ""


def test_at_base_fixes_every_uncertain_input() -> None:
    inputs = apply_case(MODEL, "point").inputs
    assert [one.value for one in inputs.values()] == [7.0, 2.0, 8.0]


def test_extends_comes_first_and_gives_the_date() -> None:
    model = apply_case(MODEL, "half")
    assert model.inputs["growth"].law == Normal(100.0, 20.0)
    assert (model.as_of, model.case_labels) == (dt.date(2024, 1, 1), ("half",))
    assert base_case(model) == {"both": 7.0, "y": 28.0}


@pytest.mark.parametrize(("case", "fixed"), [("wide+fixed", True), ("fixed+wide", False)])
def test_the_later_case_wins(case: str, fixed: bool) -> None:
    model = apply_case(MODEL, case)
    assert model.inputs["growth"].is_constant == fixed
    assert model.case == case


def test_an_unknown_case_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean 'wide'") as refused:
        apply_case(MODEL, "wid")
    assert refused.value.problems[0].code == "E204"


def test_the_model_itself_is_never_changed() -> None:
    before = loads("[inputs.x]\nvalue = 1\n[outputs.y]\nformula = 'x'\n[cases.a]\ninputs.x = 2\n")
    after = apply_case(before, "a")
    assert (before.inputs["x"].value, after.inputs["x"].value) == (1.0, 2.0)


def test_checks_judge_equals_and_show_stated() -> None:
    exact, half = run_checks(MODEL)
    assert (exact.ok, half.ok) == (True, False)
    assert exact.difference == pytest.approx(70 / 72 - 1)


def test_late_sources_count_from_the_start_of_a_partial_date() -> None:
    assert [(one.name, source.key) for one, source in late_sources(MODEL)] == [("growth", "report")]


def test_settings_fix_or_replace() -> None:
    model = set_inputs(MODEL, ["size=2", "growth=normal(mean=1, sd=2)"])
    assert model.inputs["size"].value == 2.0
    assert model.inputs["growth"].law == Normal(1.0, 2.0)
    assert model.inputs["growth"].base == 7.0


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("growth", "error[E700] --set: expected name=value; got growth"),
        ("grow=3", "error[E700] --set: unknown input; got grow=3; did you mean 'growth'?"),
        ("size=nan", "error[E305] --set size: must be finite; got nan"),
        ("size=normal(mean=1, sd=-2)", "error[E303] --set size.sd: must be 0 or more; got -2"),
        ("size=large", "error[E302] --set size: not a number or a distribution; got large"),
    ],
)
def test_settings_refused(setting: str, line: str) -> None:
    with pytest.raises(SettingsError) as refused:
        set_inputs(MODEL, [setting])
    assert str(refused.value).startswith(line)


SHARED = """
[inputs.x]
value = 2
[inputs.u]
dist = "uniform"
low = 0
high = 1
[inputs.v]
dist = "uniform"
low = 4
high = 6
[inputs.follower]
same_as = "x"
base = 5
[outputs.y]
formula = "x + u + v + 0 * follower"
[cases.constant]
inputs.v = { same_as = "x" }
[cases.fixed]
inputs.u = 5
inputs.v = { same_as = "u" }
[cases.shares]
inputs.v = { same_as = "u" }
[cases.chain]
inputs.u = { same_as = "w" }
[inputs.w]
dist = "uniform"
low = 0
high = 1
"""


@pytest.mark.parametrize(("case", "value"), [("constant", 2.0), ("fixed", 5.0)])
def test_what_shares_with_a_constant_has_its_value(case: str, value: float) -> None:
    laid = apply_case(loads(SHARED), case)
    one = laid.inputs["v"]
    assert (one.is_constant, one.value, one.base) == (True, value, value)
    x, u = (laid.inputs[name].base for name in "xu")
    assert base_case(laid) == {"y": x + u + value}
    assert laid.inputs["follower"].base == 2.0  # the value of its root, not a base of its own


def test_cases_that_do_not_go_together_are_refused_when_run() -> None:
    laid = apply_case(loads(SHARED), "shares+chain")
    with pytest.raises(ModelError) as refused:
        base_case(laid)
    line = "error[E205] <text> inputs.v.same_as: must name an input that shares no other; got u"
    assert str(refused.value) == line


def test_a_case_may_let_an_input_differ_by_period_or_no_longer() -> None:
    model = loads(
        "[time]\nstart = 2024\nperiods = 2\n"
        "[inputs.u]\ndist = 'uniform'\nlow = 0\nhigh = 1\n"
        "[inputs.v]\ndist = 'uniform'\nlow = 0\nhigh = 1\nper_period = 'independent'\n"
        "[inputs.d]\ndist = 'discrete'\nvalues = [0, 1]\nweights = [1, 1]\n"
        "[outputs.y]\nformula = 'u + v + d'\n"
        "[cases.each]\ninputs.u = { dist = 'uniform', low = 0, high = 2, "
        "per_period = 'autocorrelated', autocorrelation = 0.5 }\n"
        "[cases.law]\ninputs.v = { dist = 'uniform', low = 0, high = 2 }\n"
        "[cases.shares]\ninputs.v = { same_as = 'u' }\n"
        "[cases.given]\ninputs.v = { dist = 'conditional', on = 'd', "
        "given = [{ when = [0, 1], dist = 'uniform', low = 0, high = 2 }] }\n"
    )
    found = {name: apply_case(model, name).inputs for name in model.cases}
    assert found["each"]["u"].persistence == 0.5
    assert found["law"]["v"].persistence == 0.0
    assert found["shares"]["v"].persistence is None
    assert found["given"]["v"].persistence is None


def test_a_conditional_input_that_shares_is_conditional_no_more() -> None:
    model = loads(
        "[inputs.u]\ndist = 'uniform'\nlow = 0\nhigh = 1\n"
        "[inputs.d]\ndist = 'categorical'\nvalues = ['p', 'q']\nweights = [1, 1]\n"
        "[inputs.c]\ndist = 'conditional'\non = 'd'\nsame_as = 'u'\n"
        "given = [{ when = 'p', value = 3 }, { when = 'q', value = 4 }]\n"
        "[outputs.y]\nformula = 'c + d'\n"
        "[cases.a]\ninputs.c = { same_as = 'u' }\ninputs.d = { same_as = 'u' }\n"
    )
    assert model.inputs["c"].description == "given d: p: 3; q: 4"
    laid = apply_case(model, "a").inputs
    for name in "cd":
        one = laid[name]
        assert (one.law, one.branches, one.labels) == (Uniform(0.0, 1.0), (), ())


def test_sources_with_dates_that_are_none_are_never_late() -> None:
    text = "[model]\nas_of = 2023-01-01\n[inputs.x]\ndist = 'uniform'\nlow = 0\nhigh = 1\n"
    text += "source = 's'\n[outputs.y]\nformula = 'x'\n[sources.s]\ndate = '{}'\n"
    found = {date: len(late_sources(loads(text.format(date)))) for date in ("2024-13", "2024-12")}
    assert found == {"2024-13": 0, "2024-12": 1}


@pytest.mark.parametrize("measure", ["spearman", "pearson"])
def test_a_case_cannot_let_a_correlated_input_differ_by_period(measure: str) -> None:
    with pytest.raises(ModelError) as refused:
        loads(
            "[time]\nstart = 2024\nperiods = 2\n"
            "[inputs.u]\ndist = 'uniform'\nlow = 0\nhigh = 1\n"
            "[inputs.v]\ndist = 'uniform'\nlow = 0\nhigh = 1\n"
            "[outputs.y]\nformula = 'u + v'\n"
            f"[[correlations]]\nbetween = ['u', 'v']\n{measure} = 0.5\n"
            "[cases.each.inputs]\n"
            "u = { dist = 'uniform', low = 0, high = 2, per_period = 'independent' }\n"
        )
    line = "error[E505] <text>:18:1 cases.each.inputs.u: has a value of its own in each period, "
    assert str(refused.value) == line + "and is correlated"


FOLLOWED = """
[inputs.x]
{root}
[inputs.z]
same_as = "x"
{base}
[inputs.v]
value = 1
[outputs.y]
formula = "x + 10 * z + v"
[cases.constant]
inputs.x = 9
[cases.uncertain]
inputs.x = {{ dist = "uniform", low = 5, high = 7 }}
[cases.shares]
inputs.v = {{ same_as = "x" }}
[cases.moved]
inputs.z = {{ same_as = "x", base = 6.5 }}
"""
WRITTEN = {
    "constant": ("value = 9", "x=9", {"value 1": 9, "parameter 1": "value"}),
    "uncertain": (
        'dist = "uniform"\nlow = 5\nhigh = 7',
        "x=uniform(low=5, high=7)",
        {"parameter 1": "low", "value 1": 5, "parameter 2": "high", "value 2": 7},
    ),
}


@pytest.mark.parametrize("case", WRITTEN)
@pytest.mark.parametrize("base", ["", "base = 6"])
def test_what_shares_with_a_constant_follows_it(case: str, base: str, tmp_path: Path) -> None:
    root, setting, row = WRITTEN[case]
    distribution = "uniform" if case == "uncertain" else "constant"
    cells = {"input": "x", "distribution": distribution, **row}
    file = tmp_path / "plan.csv"
    file.write_text("\n".join(",".join(map(str, line)) for line in (cells, cells.values())))
    model = loads(FOLLOWED.format(root="value = 3", base=base))
    written = loads(FOLLOWED.format(root=root, base=base)).inputs["z"]
    for changed in (
        apply_case(model, case),
        set_inputs(model, [setting]),
        with_inputs(model, str(file)),
    ):
        assert changed.inputs["z"] == written
    # Whether it came to share before or after does not matter.
    orders = [apply_case(model, f"shares+{case}"), apply_case(model, f"{case}+shares")]
    orders.append(set_inputs(apply_case(model, "shares"), [setting]))
    for changed in orders:
        v = changed.inputs["v"]
        assert (v.law, v.value) == (written.law, written.value)
        assert v.base == (9.0 if case == "constant" else 1.0)  # its own is that of the model


def test_a_base_that_a_constant_hides_is_kept() -> None:
    model = loads(FOLLOWED.format(root="value = 3", base=""))
    laid = apply_case(model, "moved")
    assert laid.inputs["z"].base == 3.0
    for changed in (apply_case(laid, "uncertain"), apply_case(model, "uncertain+moved")):
        assert changed.inputs["z"].base == 6.5
    alone = set_inputs(laid, ["z=normal(mean=0, sd=1)"]).inputs["z"]
    assert (alone.base, alone.same_as) == (6.5, "")


BASED = """
[inputs.z]
dist = "normal"
mean = 0
sd = 1
[inputs.k]
value = 2
[outputs.y]
formula = "z * k"
[cases.a]
inputs.z = { base = 6 }
[cases.c]
inputs.k = { dist = "uniform", low = 0, high = 1 }
[cases.d]
extends = "c"
inputs = { z = { base = 10, note = "n" }, k = { base = 0.7 } }
"""


def test_a_case_may_set_a_base_alone() -> None:
    model = loads(BASED)
    assert base_case(apply_case(model, "a"))["y"] == 12
    assert base_case(apply_case(model, "d"))["y"] == pytest.approx(7)
    laid = apply_case(model, "d").inputs
    assert laid["z"].law == model.inputs["z"].law
    assert laid["z"].note == "n"


def test_a_constant_takes_no_base_from_a_case() -> None:
    with pytest.raises(
        ModelError, match=r"E302\] .*:18:14 cases.b.inputs.k.base: a constant"
    ) as raised:
        loads(BASED + "[cases.b]\ninputs.k = { base = 6 }\n")
    assert len(raised.value.problems) == 1
