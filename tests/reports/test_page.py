"""The report as HTML: what it holds, what it says, and that it asks nothing of the network."""

import base64
import datetime as dt
import hashlib
import itertools
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from inprocess import run
from pages import HOSTILE, TEXTS
from rangecast.engine.errors import FileError
from rangecast.engine.model.localise import localise
from rangecast.engine.sample import sample
from rangecast.reports import as_dict, html
from rangecast.reports.axis import _GAP, _LETTER, Axis, axis_of
from rangecast.reports.numbers import percent
from rangecast.reports.page.answer import sentence
from rangecast.reports.page.bands import spread
from rangecast.reports.page.contents import Contents
from rangecast.reports.page.distribution import distribution
from rangecast.reports.page.tornado import drivers
from rangecast.reports.page.two_way import two_way
from rangecast.reports.words import language, width_of

import rangecast as rc

VOID = {"meta", "input", "br", "img", "link"}


class Page(HTMLParser):
    """Elements with their attributes and paths, and the text inside each kind of element."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts, self.figures = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "figure":
            self.figures.append(0)
        if tag == "table" and "figure" in self.open:
            self.figures[-1] += 1

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        self.texts.append((tuple(self.open), data))

    def inside(self, tag):
        return "".join(text for path, text in self.texts if tag in path)


@pytest.fixture(scope="module")
def servers():
    model = rc.load("ai-servers")
    series = ("servers_year",)
    names = ("servers", "market_cny")
    result = rc.simulate(
        model, scenarios=2_000, seed=1, case="exante+token", rank=[*names, *series]
    )
    return Contents(
        (result,),
        (*names, *result.model.series["servers_year"]),
        rc.compare(model, ["exante+token", "article"], scenarios=1_000),
        tuple(rc.backtest(model, ["exante+token"], scenarios=1_000)),
        (rc.two_way(model, "api_cost"),),
        {"servers": 60_000, "servers_year": 100_000},
        command="rangecast report ai-servers",
        made=dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC),
    )


def page_of(contents, lang="en"):
    from rangecast.reports.page.render import page

    with language(lang, contents.result.model.units_zh):
        return page(contents)


@pytest.fixture(scope="module")
def text(servers):
    return page_of(servers)


@pytest.fixture(scope="module", params=sorted(TEXTS))
def tried(request):
    result = rc.simulate(rc.loads(TEXTS[request.param]), scenarios=1_000, max_failures=1)
    return request.param, html(result)


def test_nothing_is_fetched(servers, text):
    known = {s.url for s in servers.result.model.sources.values()}
    for tag, attributes in Page(text).elements:
        assert not {"src", "srcset", "data", "poster", "background"} & set(attributes)
        assert tag not in {"link", "iframe", "object", "embed", "img", "base", "form"}
        target = attributes.get("href", "#")
        if not target.startswith("#"):
            assert tag == "a"
            if target.startswith("data:"):
                assert "download" in attributes
            else:
                assert target in known
                assert "noopener" in attributes["rel"]
    css = Page(text).inside("style")
    assert "url(" not in css.replace("url(#hatch)", "")
    assert "@import" not in css


def test_the_policy_allows_this_style_and_script_alone(text):
    elements = Page(text).elements
    policy = next(a["content"] for t, a in elements if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    for _, attributes in elements:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


def test_every_section_is_there_and_every_figure_has_its_table(text):
    page = Page(text)
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = "answer bands detail drivers closer cases tables backtest assumptions method"
    assert [i for i in ids if i in wanted.split()] == wanted.split()
    assert len(page.figures) >= 10
    assert min(page.figures) >= 1
    headings = [int(t[1]) for t, _ in page.elements if re.fullmatch("h[1-6]", t)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(headings))
    named = {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
    assert named <= set(ids)
    links = {a["href"][1:] for t, a in page.elements if a.get("href", "").startswith("#")}
    assert links <= set(ids)


def test_it_is_small(text):
    assert len(text.encode()) < 1.5e6


def test_it_is_the_same_every_time_but_for_the_date():
    model, days = rc.loads(TEXTS["negative"]), [dt.datetime(2026, 1, 2), dt.datetime(2027, 3, 4)]
    made = [html(rc.simulate(model, scenarios=600), made=day) for day in days]
    assert made[0] != made[1]
    assert made[0] == made[1].replace("2027-03-04", "2026-01-02")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_users_text_is_literal_everywhere(lang):
    result = rc.simulate(rc.loads(TEXTS["twelve hostile"]), scenarios=1_000)
    made = page_of(Contents((result,)), lang)
    page = Page(made)
    assert HOSTILE in page.inside("h1")
    assert f"{HOSTILE} 1" in page.inside("figure")
    assert f"{HOSTILE} 1" in page.inside("svg")
    assert "<b>&$x$" not in made


def test_scripts_cannot_be_smuggled_in():
    evil = "</script><script>alert(1)</script><svg onload=alert(1)>"
    text = TEXTS["one"].replace("demand", evil).replace("server", "</title>")
    made = html(rc.simulate(rc.loads(text), scenarios=1_000))
    assert len(re.findall("<script", made)) == 2  # ours, and the data of the figure
    assert "alert(1)" in Page(made).inside("h1")
    sources = '[sources.a]\ntitle = "t"\nurl = "javascript:alert(1)"\n'
    cited = TEXTS["one"].replace("[inputs.x0]", '[inputs.x0]\nsource = ["a"]') + sources
    made = html(rc.simulate(rc.loads(cited), scenarios=1_000))
    assert "javascript:" not in made


def test_odd_models_make_whole_pages(tried):
    name, made = tried
    page = Page(made)
    assert min(page.figures, default=1) >= 1
    numbers = [v for _, a in page.elements for k, v in a.items() if k in {"x", "y", "d", "width"}]
    assert not [v for v in numbers if v and re.search("nan|inf", v)]
    assert "nan" not in re.sub(r"<style>.*?</style>|<script.*?</script>", "", made, flags=re.DOTALL)
    if name == "constant":
        assert "7.00 server in every scenario" in page.inside("h1")
    if name == "failing":
        assert "gave no finite number" in page.inside("main")


def test_one_scenario_is_told_as_what_it_is():
    made = html(rc.simulate(rc.loads(TEXTS["one"]), scenarios=1))
    assert "in a single scenario" in Page(made).inside("h1")


@pytest.mark.parametrize(
    ("sd", "formula", "words"),
    [
        (1, "x + 9", "of the median: ±0."),
        (1, "x", "% of P5–P95."),
        (40, "10 ** x", None),  # thousands of percent say nothing
    ],
)
def test_the_error_of_the_median_is_a_share_of_something(sd, formula, words):
    model = f"[inputs.x]\ndist='normal'\nmean=0\nsd={sd}\n[outputs.y]\nformula='{formula}'\n"
    page = html(rc.simulate(rc.loads(model), scenarios=1_000, seed=1))
    assert ("Sampling error of the median" in page) == (words is not None)
    assert words is None or words in page


def test_a_python_function_has_a_page_and_json():
    law = rc.distributions
    model = rc.Model({"x": law.Uniform(0, 1), "z": law.Normal(0, 1)}, lambda x, z: {"y": x + z})
    result = rc.simulate(model, scenarios=1_000)
    assert "z matters most" in Page(html(result)).inside("h1")
    assert [row["used"] for row in as_dict(result)["inputs"]] == [True, True]


@pytest.mark.nightly
def test_the_answer_reads_as_a_sentence(servers):
    said = sentence(servers)
    assert re.fullmatch(
        r"China needs [\d,]+ to [\d,]+ AI servers \(80 % band\), median [\d,]+; "
        r"throughput per card (matters|and [a-z ]+ matter) most",
        said,
    )
    assert re.match(r"The servers are a market of ¥[\d.]+bn to ¥", sentence(servers, "market_cny"))
    plain = rc.simulate(rc.loads(TEXTS["one"]), scenarios=1_000)
    assert sentence(Contents((plain,))).startswith("Demand: between ")
    told = rc.in_units(rc.load("ai-servers"), {"servers": "万server"})
    told = rc.simulate(told, scenarios=500, case="exante+token")
    assert "China needs" not in sentence(Contents((told,)))  # its words are of another unit
    zh = localise(rc.load("ai-servers"), "zh")
    result = rc.simulate(zh, scenarios=1_000, case="exante+token")
    with language("zh", zh.units_zh):
        assert re.match(
            "中国需要.*至.*台AI服务器（80 %区间），中位数", sentence(Contents((result,)))
        )


def test_the_first_driver_is_named_alone_only_where_that_is_sure():
    equal = TEXTS["one"] + '[inputs.z]\ndist = "lognormal"\np10 = 1\np90 = 20\n'
    equal = equal.replace('"1 * x0"', '"x0 + z"')
    said = sentence(Contents((rc.simulate(rc.loads(equal), scenarios=3_000),)))
    assert "matter most" in said
    assert " and z" in said or "z and " in said


def test_published_figures_stand_as_they_were_published(text):
    assert "The article (“enterprise”): 10,750 is P" in Page(text).inside("main")


def test_figures_of_the_page_are_those_of_the_result(servers):
    result = servers.result
    table = distribution(servers, "servers")
    k = 40
    edge = table["live"]["edges"][k]
    assert table["live"]["below"][k] == pytest.approx(
        result.percentile_of("servers", edge), abs=1.1 / result.scenarios
    )
    assert sum(int(r[2] != "0 %") for r in table["sheet"].rows) > 10
    bars = drivers(servers, "servers")
    top = result.tornado("servers").iloc[0]
    assert bars["bars"][0]["name"] == top.label
    widths = sum(p["width"] for p in bars["bars"][0]["parts"])
    ends = [v for b in result.tornado("servers").iloc[:10].itertuples() for v in (b.low, b.high)]
    span = np.log(max(top.low, top.high) / min(top.low, top.high)) / np.log(max(ends) / min(ends))
    assert widths == pytest.approx(100 * span, abs=0.1)


def test_scenarios_on_the_first_edge_are_counted():
    model = rc.Model({"k": rc.distributions.Poisson(2.0)}, lambda k: {"y": k})
    result = rc.simulate(model, scenarios=5_000, seed=1)
    found = distribution(Contents((result,)), "y")
    zero = 1 - result.probability("y", above=0).value
    assert found["live"]["below"][0] == pytest.approx(zero, abs=1e-6)
    assert found["sheet"].rows[0][2] == percent(zero)
    assert found["beyond"] == round(
        5_000 * result.probability("y", above=found["live"]["edges"][-1]).value
    )


@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
def test_the_sub_sample_is_the_run_itself(design):
    result = rc.simulate(rc.loads(TEXTS["negative"]), scenarios=4_096, design=design)
    seen = sample(result, 1_500)
    kept = result.ensemble.totals.floats["values"]
    for name in result.rows:
        assert np.array_equal(seen.outputs[name], kept[result.row(name)][:1_500])
    assert seen.count == 1_500
    with pytest.raises(rc.SettingsError, match="2,000"):
        sample(result, 2_001)


@pytest.mark.parametrize(
    "ends",
    [(0, 1), (-3e9, 2e4), (1e-9, 3e-9), (999_000, 1_001_000), (1, 1e12), (3, 8), (2e-8, 4e19)],
)
@pytest.mark.parametrize("room", [170.0, 230.0, 560.0])
def test_ticks_never_meet(ends, room):
    axis = axis_of(ends)
    ticks = axis.ticks(room, room)
    assert ticks
    for one, other in itertools.pairwise(ticks):
        halves = (width_of(one.text) + width_of(other.text)) / 2 * _LETTER
        assert (other.place - one.place) / 100 * room >= halves + _GAP - 0.1
    assert all(0 <= t.place <= 100 for t in ticks)


def test_labels_are_spread_in_their_order():
    rng = np.random.default_rng(5)
    for _ in range(50):
        places = rng.uniform(0, 100, 7).tolist()
        moved = spread(places, 6.5)
        order = np.argsort(places)
        assert np.all(np.diff(np.array(moved)[order]) >= 6.5 - 1e-9)
        assert max(moved) <= 100


@pytest.mark.parametrize(
    "ends",
    [
        (0.0, 1e-323),
        (5e-324, 1e-310),
        (5e-324, 1.7e308),
        (4.8e-312, 9.5e-311),
        (-1.5e308, 1.5e308),
        (1e307, 1.7e308),
        (-1.7e308,),
        (1.7e308,),
    ],
)
def test_an_axis_spans_whatever_floats_do(ends):
    """Differences of its ends may overflow, or be too small for steps: the ends remain."""
    axis = axis_of(ends, room=0.06)
    assert -np.inf < axis.low <= ends[0] <= ends[-1] <= axis.high < np.inf
    middle = axis.place(axis.low / 2 + axis.high / 2)
    assert axis.place(axis.low) == 0 <= axis.place(ends[0]) <= axis.place(ends[-1]) <= 100
    assert axis.logarithmic or middle == pytest.approx(50, abs=20)
    assert axis.ticks(500, 250)
    assert axis.ticks_up(200)


def test_an_axis_of_one_value_has_room():
    assert axis_of([0.0]) == Axis(-1.0, 1.0)
    assert axis_of([float("nan")]) == Axis(0.0, 1.0)


def test_the_command_writes_one_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    (tmp_path / "plan.toml").write_text(TEXTS["one"], encoding="utf-8")
    line = ["python", "-m", "rangecast", "report", "plan.toml", "-n", "2000"]
    done = run(line, cwd=tmp_path, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan-report.html", "plan.toml"]
    assert "opens offline" in done.stderr
    first = (tmp_path / "plan-report.html").read_bytes()
    shown = run([*line, "--out", "-"], cwd=tmp_path)
    assert shown.stdout == first
    assert run([*line, "--out", "folder", "-q"], cwd=tmp_path).returncode == 0
    assert (tmp_path / "folder" / "plan-report.html").read_bytes() == first
    again = re.search("<code>(.*?)</code>", first.decode())[1]
    assert again == "rangecast report plan.toml -n 2000 --seed 1"
    assert "2023-11-14 22:13 UTC" in first.decode()


def test_a_folder_of_results_holds_a_page(tmp_path):
    (tmp_path / "my model.toml").write_text(TEXTS["one"], encoding="utf-8")
    line = ["python", "-m", "rangecast", "run", "my model.toml", "-n", "600", "-q", "--out", "r"]
    done = run([*line, "--prob", "y > 30", "--lang", "zh"], cwd=tmp_path, text=True)
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    again = Page(made).inside("code")
    assert again == ("rangecast run 'my model.toml' --prob 'y > 30' --lang zh -n 600 --seed 1")


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path):
    result = rc.simulate(rc.loads(TEXTS["one"]), scenarios=400)
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(FileError, match="cannot write"):
        html(result, blocked / "report.html")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


GRID = """
[inputs.a]
label = "number <b>"
unit = "m"
value = 2
[inputs.x]
dist = "lognormal"
mu = 1.0
sigma = 0.5
[outputs.y]
formula = "a * x - log(a) + a2"
[outputs.none]
formula = "log(a * x)"
[tables.t]
output = "y"
rows = { name = "a", values = [-1, 1, 4] }
columns = { name = "x", values = [1, 2] }
note = "as it was & is"
mark = "diagonal"
[tables.s]
output = "y"
rows = { name = "a", values = [1, 2] }
columns = { name = "a2", values = [1, 2] }
statistic = ["p50", "mean"]
[inputs.a2]
value = 0
[tables.n]
output = "none"
rows = { name = "a", values = [-1, -2] }
columns = { name = "x", values = [1, 2] }
"""


def test_cells_of_tables_are_shaded_marked_and_named():
    model = rc.loads(GRID)
    grids = (
        rc.two_way(model, "t"),
        rc.two_way(model, "s", scenarios=1_000, seed=1),
        rc.two_way(model, "n"),
    )
    result = rc.simulate(model, scenarios=500, seed=1)
    base, run, none = two_way(Contents((result,), grids=grids))
    assert base["down"] == "number <b> (m)"
    assert base["heads"] == ["1", "2"]
    assert base["notes"] == ["framed: as it was & is"]
    (panel,) = base["panels"]
    assert panel["statistic"] == "base case"
    rows = dict(panel["rows"])
    assert [c[0] for c in rows["-1"]] == ["n/a", "n/a"]  # the logarithm of −1
    assert [c[1] for c in rows["-1"]] == ["heat0", "heat0"]
    assert [c[0] for c in rows["1"]] == ["1.000", "2.000"]
    assert rows["1"][0][1:] == ("heat0", False)
    assert rows["1"][1][2]  # the cell that the table marks
    assert rows["4"][1] == (f"{8 - np.log(4):.3f}", "heat9", False)
    assert [p["statistic"] for p in run["panels"]] == ["P50", "mean"]
    assert run["notes"][0] == "1,000 scenarios per cell, the same draws"
    share = float(re.fullmatch(r".*at most ±([\d.]+) % of a value", run["notes"][1])[1])
    halves = (grids[1].ci_high - grids[1].ci_low) / 2 / np.abs(grids[1].values)
    assert share == pytest.approx(100 * halves.max(), rel=0.05)
    assert {c for _, cells in none["panels"][0]["rows"] for c in cells} == {("n/a", "heat0", False)}
    made = page_of(Contents((result,), grids=grids))
    assert "number &lt;b&gt; (m)" in made
    assert "number <b>" not in made


def test_drivers_by_indices_are_bars_from_nought_with_intervals():
    law = rc.distributions
    inputs = {n: law.Normal(0, 1) for n in ("a", "b", "c", "d")}
    model = rc.Model(inputs, lambda a, b, c, d: {"y": 4 * a - 2 * b + 0.5 * c + 0 * d})
    result = rc.simulate(model, scenarios=4_000, seed=1)
    found = drivers(Contents((result,), method="rank"), "y")
    assert (found["base"], found["baseline"], found["axis_title"]) == (50.0, "0", "")
    assert found["legend"] == ("falls with the input", "rises with the input")
    first, second = found["bars"][:2]
    assert (first["name"], second["name"]) == ("a", "b")
    assert [p["kind"] for p in first["parts"]] == ["high"]
    assert [p["kind"] for p in second["parts"]] == ["low"]
    assert second["labels"][0][1].startswith("-0.4")
    assert second["labels"][0][2] == "end"
    swing = result.tornado("y", "rank").set_index("input").loc["a"]
    low, high = first["whisker"]
    assert (low, high) == pytest.approx(
        (50 * (1 + swing.ci_low), 50 * (1 + swing.ci_high)), abs=0.01
    )
    rows = {row[0]: row[1:] for row in found["sheet"].rows}
    assert rows["a"][0] == f"{swing.swing:+.3f}"
    unsigned = drivers(Contents((result,), method="variance"), "y")
    assert unsigned["base"] == 0.0
    alone = drivers(Contents((result,), method="swing"), "y")
    assert alone["baseline"].startswith("all at median")
    assert alone["legend"] == ("input at its P10", "input at its P90")
    assert {row[6] for row in alone["sheet"].rows} <= {"exact", "n/a"}


def test_drivers_that_peak_inside_their_range_are_said_to():
    law = rc.distributions
    inputs = {"up": law.Normal(0, 1), "hill": law.Normal(0, 1), "bowl": law.Normal(0, 1)}
    model = rc.Model(inputs, lambda up, hill, bowl: {"y": up - 3 * hill**2 + 3 * bowl**2})
    told = drivers(Contents((rc.simulate(model, scenarios=20_000, seed=1),)), "y")["notes"]
    said = next(note for note in told if note.startswith("not monotone"))
    assert "hill peaks inside its range" in said
    assert "bowl dips inside its range" in said


def test_drivers_of_nothing_are_left_out():
    law = rc.distributions
    one = rc.Model({"x": law.Uniform(0, 1)}, lambda x: {"y": x})
    assert drivers(Contents((rc.simulate(one, scenarios=1),)), "y") is None
    many = drivers(Contents((rc.simulate(one, scenarios=1_000),)), "y")
    assert many["others"] is None  # rankings of a single input


@pytest.mark.parametrize("parts", [{"shown": ("yy",)}, {"limits": {"yy": 3.0}}])
def test_an_output_that_is_not_there_is_refused_with_the_nearest(parts):
    run = rc.simulate(rc.loads(TEXTS["one"]), scenarios=100)
    with pytest.raises(rc.SettingsError, match=r"unknown output.*yy.*did you mean.*y") as raised:
        html(run, **parts)
    assert raised.value.problems[0].code == "E204"
