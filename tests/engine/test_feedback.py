"""What inputs imply: figures of the law as drawn, pictures, and what may surprise."""

import math
from dataclasses import replace

import numpy as np
import pytest
from rangecast.distributions import (
    Exponential,
    Lognormal,
    Mixture,
    Normal,
    Pareto,
    Rounded,
    Uniform,
    ZeroInflated,
)
from rangecast.engine import feedback as module
from rangecast.engine.feedback import UNBOUNDED, feedback, pair_feedback
from rangecast.engine.model import document as documents
from rangecast.engine.model.cases import apply_case
from rangecast.engine.model.load import build
from rangecast.engine.model.model import Input
from rangecast.engine.model.physical import bounds_of_unit
from rangecast.engine.model.units import Vocabulary, check_units
from rangecast.reports.chinese import CHINESE
from scipy import stats

import rangecast as rc

COUNT = (0.0, math.inf)


def told(law, base=None, bounds=UNBOUNDED, unit="server"):
    middle = float(law.quantile(np.array(0.5)))
    one = Input("x", law, base=middle if base is None else base, unit=unit, label="x")
    return feedback(one, bounds)


def codes(*arguments, **options):
    return [one.code for one in told(*arguments, **options).surprises]


def test_figures_are_of_the_law_as_cut_off_and_rounded():
    model = rc.loads("""
        [inputs.x]
        dist = "lognormal"
        p10 = 10
        p90 = 60
        max = 80
        round = true
        base = 27
        [outputs.y]
        formula = "x"
    """)
    found = feedback(model.inputs["x"])
    percentiles = dict(found.percentiles)
    assert (percentiles[0.1], percentiles[0.9]) == (10.0, 60.0)
    draws = model.inputs["x"].law.sample(200_000, 3)
    assert max(draws) <= 80
    error = found.sd / math.sqrt(len(draws))
    assert found.mean == pytest.approx(draws.mean(), abs=4.5 * error)  # false alarm 7e-6
    assert found.base_level == pytest.approx((draws <= 27).mean(), abs=4.5 * 0.5 / 447)
    assert found.description == "lognormal(p10=10, p90=60), cut off at max 80, rounded"


def test_cells_hold_the_share_of_draws_between_their_ends():
    for law in (Normal(5.0, 2.0), Lognormal(0.0, 2.0), ZeroInflated(Exponential(1.0), 0.4)):
        density = told(law).density
        assert sum(density.shares) == pytest.approx(
            0.99 if law.support[0] == 0 else 0.98, abs=0.011
        )
        assert density.is_logarithmic == isinstance(law, Lognormal)
        ends = (density.low, density.high)
        space = np.geomspace if density.is_logarithmic else np.linspace
        edges = space(*ends, len(density.shares) + 1)
        k = len(density.shares) // 3
        assert density.shares[k] == pytest.approx(float(np.diff(law.cdf(edges[k : k + 2]))[0]))
        assert density.place(density.low) == pytest.approx(0.0)
        assert density.place(density.high) == pytest.approx(1.0)


def test_a_single_value_of_a_mixed_law_does_not_flatten_the_rest():
    density = told(ZeroInflated(Exponential(1.0), 0.4)).density
    assert density.shares[0] > 0.4
    assert density.tallest == max(density.shares[1:])


def test_whole_numbers_have_cells_of_their_own_and_few_are_listed():
    density = told(Rounded(Normal(30.0, 4.0))).density
    assert len(density.shares) == density.high - density.low + 1 == 19  # 21 to 39
    wide = told(Rounded(Normal(3000.0, 400.0))).density
    assert len(wide.shares) <= module.CELLS
    few = told(Rounded(Uniform(-0.9, 0.9)))
    assert few.density is None
    assert sum(p for _, p in few.values) == pytest.approx(1.0)


def test_constants_have_nothing_but_their_value():
    found = feedback(Input("k", value=8.0, base=8.0, base_given=True))
    assert found.is_constant
    assert found.as_dict()["percentiles"] == {}


@pytest.mark.parametrize(
    ("law", "options", "expected"),
    [
        (Normal(10.0, 4.0), {"bounds": COUNT}, ["W358"]),
        (Normal(10.0, 2.0), {"bounds": COUNT}, []),  # 3e-7 below 0
        (Normal(10.0, 4.0), {}, []),  # the unit says nothing
        (Normal(10.0, 4.0), {"bounds": COUNT, "base": -1.0}, []),  # the author knows of such values
        (Normal(90.0, 10.0), {"bounds": (0.0, 100.0)}, ["W358"]),
        (Lognormal(-1.0, 1.0), {"bounds": (0.0, 1.0)}, ["W358"]),
        (Lognormal(0.0, 1.6), {}, ["W361"]),
        (Lognormal(0.0, 1.4), {}, []),
        (Mixture((Normal(0.0, 1.0), Normal(10.0, 1.0)), (3.0, 1.0)), {}, []),  # around zero
    ],
)
def test_surprises(law, options, expected):
    assert codes(law, **options) == expected


def test_a_stated_end_says_that_values_beyond_are_meant():
    text = """
        [units]
        server = "base"
        [inputs.x]
        dist = "normal"
        mean = 10
        sd = 10
        unit = "server"
        {}
        [outputs.y]
        formula = "x"
        unit = "server"
    """
    for end, count in (("", 1), ("min = 0", 0), ("min = -50", 0)):
        document = documents.parse("m.toml", text.format(end).encode())
        found = module.warnings(build(document), document, {"server": COUNT})
        assert [p.code for p in found] == ["W358"] * count
        assert all(p.where == "m.toml:4:9" and "min = 0" in p.hint for p in found)


def test_tails_without_moments():
    model = rc.loads("""
        [inputs]
        a = {dist = "pareto", shape = 0.9, scale = 1}
        b = {dist = "pareto", shape = 1.5, scale = 1}
        c = {dist = "student_t", df = 1}
        d = {dist = "pareto", shape = 0.9, scale = 1, max = 1000}
        [outputs.y]
        formula = "a + b + c + d"
    """)
    found = {name: [s.code for s in feedback(i).surprises] for name, i in model.inputs.items()}
    assert found == {"a": ["W359"], "b": ["W360"], "c": ["W359"], "d": ["W361"]}


def test_laws_of_cases_are_looked_at_too():
    document = documents.parse(
        "m.toml",
        b"""
[units]
card = "base"
[inputs.x]
value = 5
unit = "card"
[outputs.y]
formula = "x"
unit = "card"
[cases.wide]
inputs.x = {dist = "normal", mean = 5, sd = 4}
""",
    )
    model = build(document)
    found = module.warnings(model, document, check_units(model, document).bounds)
    assert [(p.code, p.key, p.line) for p in found] == [("W358", "cases.wide.inputs.x", 11)]


def test_what_units_allow():
    words = Vocabulary({"card": "base", "CNY": "base", "kcard": "1000 card"})
    below = {"card", "kcard", "CNY/card", "card/s", "kg", "month", "kg/card", "CNY*year/card"}
    free = {"1", "1/year", "%/year", "m", "degC", "card*m", "V", "s/day", "kg*m/s**2"}
    assert {u for u in below if bounds_of_unit(u, words) != COUNT} == set()
    assert {u for u in free if bounds_of_unit(u, words) != UNBOUNDED} == set()
    assert [bounds_of_unit(u, words)[1] for u in ("%", "percent", "share")] == [100.0, 100.0, 1.0]


def test_pairs_show_what_is_attained_and_leave_fixed_inputs_out():
    text = """
        [inputs.a]
        dist = "normal"
        mean = 0
        sd = 1
        [inputs.b]
        dist = "discrete"
        values = [0, 1]
        weights = [0.99, 0.01]
        [inputs.c]
        dist = "uniform"
        low = 0
        high = 1
        [[correlations]]
        between = ["a", "b"]
        spearman = 0.95
        [[correlations]]
        between = ["a", "c"]
        spearman = 0.2
        [outputs.y]
        formula = "a + b + c"
        [cases.fixed]
        inputs.c = 0.5
    """
    model = rc.loads(text)
    first, second = pair_feedback(model)
    assert first.attained < 0.2
    assert [s.code for s in first.surprises] == ["W553"]
    assert "values of b tie" in first.surprises[0].text
    assert (second.asked, second.surprises) == (0.2, ())
    assert second.attained == pytest.approx(0.2, abs=1e-9)
    assert len(pair_feedback(apply_case(model, "fixed"))) == 1


DEPENDENT = """
    [inputs.a]
    dist = "normal"
    mean = 0
    sd = 1
    [inputs.b]
    {other}
    [outputs.ya]
    formula = "a"
    [outputs.yb]
    formula = "b"
    [[correlations]]
    between = ["a", "b"]
    {coefficient}
    [dependence]
    {how}
"""
BERNOULLI = 'dist = "bernoulli"\n    p = 0.05'
NORMAL = 'dist = "normal"\n    mean = 1\n    sd = 1'


@pytest.mark.parametrize(
    ("other", "coefficient", "how", "exact", "codes"),
    [
        (
            NORMAL,
            "kendall = 0.5",
            'copula = "gaussian"',
            6 / math.pi * math.asin(math.sqrt(0.5) / 2),
            [],
        ),
        (NORMAL, "spearman = 0.5", 'copula = "t"\n    df = 4', 0.5, []),
        (NORMAL, "spearman = 0.5", 'copula = "iman-conover"', 0.5, []),
        (BERNOULLI, "kendall = 0.5", 'copula = "gaussian"', None, ["W553"]),
        (BERNOULLI, "pearson = 0.2", 'copula = "gaussian"', None, []),
    ],
)
def test_every_way_to_join_inputs_says_what_it_attains(other, coefficient, how, exact, codes):
    """Against the draws of a run, whose error at 40,000 scenarios is 0.005 at most."""
    model = rc.loads(DEPENDENT.format(other=other, coefficient=coefficient, how=how))
    (pair,) = pair_feedback(model)
    assert pair.measure == coefficient.split()[0]
    assert [s.code for s in pair.surprises] == codes
    if exact is not None:
        assert pair.attained == pytest.approx(exact, abs=1e-6)
    result = rc.simulate(model, scenarios=40_000, seed=5)
    found = stats.spearmanr(*result.ensemble.totals.floats["values"]).statistic
    assert pair.attained == pytest.approx(found, abs=4.5 * 0.005)  # false alarm 7e-6


def test_a_coefficient_that_a_case_puts_out_of_reach_has_no_figure():
    model = rc.loads("""
        [inputs.a]
        dist = "lognormal"
        p10 = 1
        p90 = 10
        [inputs.b]
        dist = "lognormal"
        p10 = 1
        p90 = 10
        [outputs.y]
        formula = "a + b"
        [[correlations]]
        between = ["a", "b"]
        pearson = 0.9
        [cases.wide]
        inputs.b = {dist = "lognormal", p10 = 1, p90 = 1e6}
    """)
    (plain,), (wide,) = pair_feedback(model), pair_feedback(apply_case(model, "wide"))
    assert 0.8 < plain.attained < 0.95
    assert math.isnan(wide.attained)


def test_every_surprise_is_said_in_chinese():
    law = Mixture((Normal(0.0, 1.0), Normal(10.0, 1.0)), (3.0, 1.0))
    found = [*told(law, bounds=(0.0, 5.0), base=1.0).surprises]
    found += told(Lognormal(0.0, 1.6)).surprises
    found += [s for shape in (0.9, 1.5) for s in told(Pareto(shape, 1.0)).surprises]
    assert len({one.sentence for one in found}) == 5
    assert {t for one in found for t in (one.sentence, one.hint) if t and t not in CHINESE} == set()


def test_a_base_that_is_not_stated_is_the_median():
    one = Input("x", Normal(1.0, 1.0), base=1.0)
    assert feedback(one).base_level == pytest.approx(0.5)
    assert not feedback(one).base_given
    assert feedback(replace(one, base=3.0, base_given=True)).base_given
