"""Every chart: no letters over others or outside, one code path for files and notebooks."""

import functools
import pkgutil

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from charts import boxes, faults
from matplotlib.figure import Figure
from pages import HOSTILE, LONG, TEXTS
from rangecast.reports import lettering, style

import rangecast as rc

CHARTS = {
    "band": lambda r, ax=None: rc.reports.band_chart(r, "y", ax=ax),
    "tornado": lambda r, ax=None: rc.reports.tornado_chart(r, "y", ax=ax),
    "swing": lambda r, ax=None: rc.reports.tornado_chart(r, "y", "swing", ax=ax),
    "rank": lambda r, ax=None: rc.reports.tornado_chart(r, "y", "rank", ax=ax),
    "spider": lambda r, ax=None: rc.reports.spider_chart(r, "y", ax=ax),
    "profile": lambda r, ax=None: rc.reports.profile_chart(r, "y", ax=ax),
    "ranks": lambda r, ax=None: rc.reports.rank_chart(r, "y", ax=ax),
    "convergence": lambda r, ax=None: rc.reports.convergence_chart(r, "y", ax=ax),
    "outputs": lambda r, ax=None: rc.reports.output_map(r, ["y"], ax=ax),
    "waterfall": lambda r, ax=None: rc.reports.waterfall(r, r.explain("y"), ax=ax),
}
PLAIN = ("one", "twelve hostile")
NIGHT = pytest.mark.nightly


@functools.cache
def result(name):
    return rc.simulate(rc.loads(TEXTS[name]), scenarios=1_000, seed=1, max_failures=1)


def over_time(label, formula, periods=8):
    return f"""
[time]
start = 2024
periods = {periods}
[inputs.rate]
label = "{label}"
dist = "uniform"
low = 0
high = 1
[inputs.noise]
label = "{LONG}"
dist = "uniform"
low = 0
high = 0.2
[quantities.stock]
label = "{LONG}"
unit = "CNY/year"
formula = "{formula}"
[outputs.last]
formula = "at(stock, 2025)"
"""


RATIO = "每次请求的词元数与单卡吞吐量之比"
SERIES = {
    "long": over_time(RATIO, "1e9 * (previous(stock, 0) + rate + noise)"),
    "negative": over_time("rate", "-1e3 * (rate + noise) + 1e2 * t"),
    "around zero": over_time("rate", "(rate - 0.5) * t + noise - 0.1", 3),
    "flat": over_time("rate", "1000 + 1e-6 * rate * t + 0 * noise", 30),
    "two": over_time("rate", "rate * t + noise", 2),
}


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("name", PLAIN)
def test_no_letters_meet_or_leave_a_chart(name, chart):
    assert faults(CHARTS[chart](result(name)).figure) == []


@pytest.mark.nightly
@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("name", [n for n in TEXTS if n not in PLAIN])
def test_no_letters_meet_or_leave_a_chart_of_odd_numbers(name, chart):
    assert faults(CHARTS[chart](result(name)).figure) == []


@pytest.mark.parametrize("name", [pytest.param(n, marks=[NIGHT] * (n != "long")) for n in SERIES])
def test_no_letters_meet_or_leave_a_chart_over_time(name):
    run = rc.simulate(rc.loads(SERIES[name]), scenarios=1_000, rank=["stock"])
    limit = run.quantile(run.model.series["stock"][-1], 0.8)
    assert faults(rc.reports.fan_chart(run, "stock", limit=limit).figure) == []
    assert faults(rc.reports.driver_map(run, "stock").figure) == []


@pytest.mark.nightly
def test_no_letters_meet_or_leave_charts_of_the_shipped_model():
    model = rc.load("ai-servers")
    run = rc.simulate(model, scenarios=4_000, seed=1, rank=["servers_year"])
    cases = rc.compare(model, ["exante+token", "exante", "guosheng"], scenarios=2_000)
    figures = {
        "band": rc.reports.band_chart(run, "servers"),
        "tornado": rc.reports.tornado_chart(run, "servers"),
        "fan": rc.reports.fan_chart(run, "servers_year", limit=100_000),
        "drivers": rc.reports.driver_map(run, "servers_year"),
        "outputs": rc.reports.output_map(run, ["servers", "market_cny"]),
        "overlay": rc.reports.overlay_chart(cases, "servers"),
        "convergence": rc.reports.convergence_chart(run, "servers"),
    }
    found = {name: faults(ax.figure) for name, ax in figures.items()}
    found["table"] = faults(rc.reports.heat_map(rc.two_way(model, "api_cost")))
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.nightly
def test_no_letters_meet_or_leave_more_charts_of_the_shipped_model():
    model = rc.load("ai-servers")
    run = rc.simulate(model, scenarios=4_000, seed=1)
    shapley = rc.shapley(model, "servers", runs=5_000, log=True)
    for ax in (
        rc.reports.waterfall(run, run.explain("servers")),
        rc.reports.pit_chart(rc.backtest(model, scenarios=1_000)),
        rc.reports.rank_chart(run, "servers"),
        rc.reports.shapley_chart(shapley),
    ):
        assert faults(ax.figure) == []


@pytest.mark.nightly
@pytest.mark.parametrize("text", ["twelve hostile", "forty long"])
def test_no_letters_meet_or_leave_charts_of_indices(text):
    model = rc.loads(TEXTS[text])
    sobol = rc.sobol(model, "y", runs=2_048 * 8)
    morris = rc.morris(model, "y", trajectories=10)
    assert faults(rc.reports.sobol_chart(sobol).figure) == []
    assert faults(rc.reports.morris_chart(morris).figure) == []


@pytest.mark.nightly
@pytest.mark.parametrize("values", ["spread", "counts", "negative"])
def test_no_letters_meet_or_leave_the_chart_of_a_fit(values):
    rng = np.random.default_rng(1)
    found = {
        "spread": rng.lognormal(3, 2, 300),
        "counts": rng.poisson(3, 300).astype(float),
        "negative": -1e6 * rng.normal(5, 1, 300),
    }[values]
    assert faults(rc.reports.fit_chart(rc.fit(found, source=LONG))) == []


def test_no_function_has_the_name_of_a_module_that_would_take_its_place():
    modules = {one.name for one in pkgutil.iter_modules(rc.reports.__path__)}
    assert modules & set(rc.reports.__all__) == set()


def test_overlaps_are_found():
    figure = Figure(figsize=(2, 2))
    figure.text(0.5, 0.5, "one letter")
    figure.text(0.52, 0.5, "another")
    figure.text(0.9, 0.1, "beyond the edge")
    assert len(faults(figure)) == 2


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_draws_where_it_is_told_and_leaves_the_rest_alone(chart):
    before, open_figures = dict(mpl.rcParams), plt.get_fignums()
    figure = Figure()
    ax = figure.subplots()
    assert CHARTS[chart](result("one"), ax) is ax
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == open_figures


def test_hostile_labels_stand_in_a_chart_as_they_are():
    shown = {text for text, _ in boxes(CHARTS["tornado"](result("twelve hostile")).figure)}
    assert style.plain(f"{HOSTILE} 1", 28) in shown


ONE_YEAR = """
[time]
start = 2024
periods = 1
outputs = ["stock"]
[inputs.rate]
dist = "uniform"
low = 0
high = 1
[quantities.stock]
formula = "previous(stock, 0) + rate - 3"
[outputs.last]
formula = "at(stock, 2024)"
"""


@functools.cache
def one_year():
    return rc.simulate(rc.loads(ONE_YEAR), scenarios=500, outputs=["stock"], seed=1)


def test_a_fan_of_one_period_is_a_band_as_wide_as_the_period():
    ax = Figure().subplots()
    assert rc.reports.fan_chart(one_year(), "stock", 5.0, ax=ax) is ax
    wide, narrow = (area.get_paths()[0].get_extents() for area in ax.collections)
    found = {p: one_year().quantile("stock[2024]", p) for p in (0.05, 0.25, 0.75, 0.95)}
    assert wide.get_points() == pytest.approx(np.array([[-0.2, found[0.05]], [0.2, found[0.95]]]))
    assert narrow.get_points() == pytest.approx(np.array([[-0.2, found[0.25]], [0.2, found[0.75]]]))
    assert "limit 5.00; never 10 % above" in [one.get_text() for one in ax.texts]


@functools.cache
def indices(method):
    law = rc.distributions.Normal(0, 1)
    return method(rc.Model({"a": law, "b": law}, lambda a, b: {"y": a + b}), runs=2**10)


DRAWN = {
    "morris": (lambda ax: rc.reports.morris_chart(indices(rc.morris), ax=ax), "Elementary effects"),
    "sobol": (lambda ax: rc.reports.sobol_chart(indices(rc.sobol), ax=ax), "Sobol' indices of y"),
    "shapley": (lambda ax: rc.reports.shapley_chart(indices(rc.shapley), ax=ax), "Shapley effects"),
    "map": (lambda ax: rc.reports.driver_map(one_year(), "stock", ax=ax), "stock"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_charts_are_drawn_on_the_axes_that_are_given(name):
    draw, title = DRAWN[name]
    figure = Figure()
    _, ax = figure.subplots(1, 2)
    assert draw(ax) is ax
    assert title in ax.get_title(loc="left")
    assert not figure.axes[0].get_title(loc="left")


GRID = """
[inputs.a]
value = 1
[inputs.b]
dist = "normal"
mean = 1
sd = 1
[outputs.y]
formula = "a * b"
[tables.t]
output = "y"
rows = {name = "a", values = [1, 2]}
columns = {name = "b", values = [3, 4]}
statistic = ["base", "p50"]
"""


def test_a_heat_map_is_drawn_on_one_axes_for_each_statistic():
    grid = rc.two_way(rc.loads(GRID), "t", scenarios=100)
    figure = Figure()
    both = figure.subplots(1, 2).tolist()
    assert rc.reports.heat_map(grid, both) is figure
    assert [one.get_title() for one in both[1:]] == ["P50"]
    for one in both:
        assert [t.get_text() for t in one.texts] == ["3.000", "4.000", "6.000", "8.000"]
    assert both[0].get_ylabel() == "a"
    with pytest.raises(rc.SettingsError) as refused:
        rc.reports.heat_map(grid, both[0])
    assert "one axes for each panel is needed; got 1; 2 axes" in str(refused.value)


def test_a_figure_too_narrow_for_a_word_is_lettered_to_its_end():
    cut = lettering.wrapped("a" * 200, 40, 8, 2).split("\n")
    assert len(cut) == 2
    assert set(cut[0]) == {"a"}
    assert cut[1] == "a" * (len(cut[1]) - 1) + "…"
    assert all(lettering.width(line, 8) <= 40 for line in cut)
