"""Two-way tables: exact base values, statistics on the same draws, and what is refused."""

import json
import math
import sys

import inprocess
import numpy as np
import pytest
from rangecast.engine.errors import ModelError, SettingsError
from rangecast.engine.model.model import Axis, Table
from rangecast.reports import heat_map, two_way_lines

import rangecast as rc

MODEL = """
[inputs.a]
value = 2
[inputs.b]
dist = "normal"
mean = 5
sd = 1
[inputs.x]
dist = "lognormal"
mu = 1.0
sigma = 0.5
[inputs.unused]
value = 1
[quantities.q]
formula = "b * 2 + 0 * unused"
[outputs.y]
formula = "a * x + q"
[outputs.other]
formula = "x"
[cases.c]
quantities.q = "b * 3"
[tables.t]
output = "y"
rows = { name = "a", values = [1, 2, 4] }
columns = { name = "q", values = [-5, 0, 1e3] }
statistic = ["base", "p50", "p5", "mean", "sd"]
"""


@pytest.fixture(scope="module")
def grid():
    return rc.two_way(rc.loads(MODEL), "t", scenarios=20_000, seed=3)


def test_statistics_agree_with_closed_forms(grid):
    base, p50, p5, mean, sd = grid.values
    for i, a in enumerate(grid.table.rows.points):
        for j, q in enumerate(grid.table.columns.points):
            assert base[i, j] == pytest.approx(a * math.e + q, rel=1e-12)
            # The interval is of 95 %; doubled, a false alarm is 1 in 10,000 with this fixed seed.
            wanted = {1: math.e, 2: math.exp(1 - 0.5 * 1.6448536269514722), 3: math.exp(1.125)}
            for s, x in wanted.items():
                half = grid.ci_high[s, i, j] - grid.ci_low[s, i, j]
                assert grid.values[s, i, j] == pytest.approx(a * x + q, abs=half)
            true = math.exp(1.125) * math.sqrt(math.expm1(0.25))
            assert sd[i, j] == pytest.approx(a * true, abs=grid.ci_high[4, i, j] - sd[i, j] + 0.01)
    assert np.isnan(grid.ci_low[0]).all()
    assert p5.shape == p50.shape == mean.shape == (3, 3)


def test_cells_share_their_draws(grid):
    for s in (1, 2, 3):
        across = grid.values[s][:, 2] - grid.values[s][:, 1]
        assert across == pytest.approx([1e3] * 3, rel=1e-6)
    assert grid.values[2][:, 1] == pytest.approx(grid.values[2][0, 1] * np.array([1, 2, 4]))


def test_a_case_is_laid_under_the_table_and_a_table_can_be_made_in_python():
    table = Table("mine", "y", Axis("a", (0.0, 1.0)), Axis("x", (1.0,)))
    model = rc.loads(MODEL)
    assert rc.two_way(model, table).values[0].tolist() == [[10.0], [11.0]]
    assert rc.two_way(model, table, case="c").values[0].tolist() == [[15.0], [16.0]]
    assert list(rc.two_way(model, table).frame()["value"]) == [10.0, 11.0]


def test_axes_that_change_nothing_and_unknown_tables_are_refused():
    model = rc.loads(MODEL)
    with pytest.raises(SettingsError, match="other does not use it"):
        rc.two_way(model, Table("m", "other", Axis("a", (1.0,)), Axis("x", (1.0,))))
    with pytest.raises(SettingsError, match="unknown table"):
        rc.two_way(model, "tt")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('output = "y"', 'output = "z"'), "E204"),
        (('name = "a"', 'name = "aa"'), "E204"),
        (('name = "a"', 'name = "q"'), "E302"),
        (('name = "q"', 'name = "y"'), "E302"),
        (("values = [1, 2, 4]", "values = []"), "E115"),
        (("values = [1, 2, 4]", 'values = [1, "2"]'), "E115"),
        (("values = [1, 2, 4]", "values = [1, nan]"), "E305"),
        (("values = [1, 2, 4]", f"values = {[1] * 51}"), "E115"),
        (('"mean", "sd"]', '"p100"]'), "E700"),
        (('"mean", "sd"]', '"p0"]'), "E700"),
        (('"mean", "sd"]', '"p5"]\nmark = "all"'), "E700"),
        (('"mean", "sd"]', '"p5"]\ncase = "d"'), "E204"),
        (('"mean", "sd"]', '"p5"]\nrow = "d"'), "E113"),
        (("rows = { name", "rows = { nam"), "E113"),
    ],
)
def test_wrong_tables_are_refused_where_they_stand(change, code):
    assert change[0] in MODEL
    with pytest.raises(ModelError) as refused:
        rc.loads(MODEL.replace(*change))
    assert refused.value.problems[0].code == code
    assert refused.value.problems[0].key.startswith("tables.t")
    assert refused.value.problems[0].line > 20


def test_text_and_picture_show_every_cell(grid):
    text = "\n".join(two_way_lines(grid))
    for words in ("base case", "P50", "P5", "mean", "sd", "20,000 scenarios per cell"):
        assert words in text
    figure = heat_map(grid)
    assert len(figure.axes) == 5
    assert sum(len(axes.texts) for axes in figure.axes) == 45


def test_a_cell_that_fails_is_shown_as_not_available():
    text = MODEL.replace('"a * x + q"', '"a * x + log(q)"').replace(
        '["base", "p50", "p5", "mean", "sd"]', '"base"'
    )
    grid = rc.two_way(rc.loads(text), "t")
    assert "n/a" in "\n".join(two_way_lines(grid))
    assert len(heat_map(grid).axes) == 1


@pytest.mark.nightly
def test_the_command_prints_and_writes_tables(tmp_path):
    command = [sys.executable, "-m", "rangecast", "run", "ai-servers", "--table", "api_cost"]
    done = inprocess.run(
        [*command, "--out", "o", "--json"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    (table,) = json.loads(done.stdout)["tables"]
    assert len(table["cells"]) == 36
    assert sum(cell["marked"] for cell in table["cells"]) == 6
    names = sorted(p.name for p in (tmp_path / "o").iterdir())
    assert names == [f"table_api_cost.{kind}" for kind in ("csv", "json", "png", "svg")]
    done = inprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "255.0*" in done.stdout
    command[-1] = "api_costs"
    done = inprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'api_cost'" in done.stderr


def test_the_articles_missing_table_to_nine_digits():
    grid = rc.two_way(rc.load("ai-servers"), "api_cost")
    images = np.array(grid.table.rows.points)[:, None]
    tokens = np.array(grid.table.columns.points)[None, :]
    np.testing.assert_allclose(grid.values[0], images * 0.15 + tokens / 1000 * 0.02, rtol=1e-9)
    assert grid.values[0][::5, ::5].tolist() == [[4.25e7, 6.75e7], [2.3e8, 2.55e8]]
    for i in range(6):
        share = images[i, 0] * 0.15 / grid.values[0][i, i]
        assert share == pytest.approx(0.75 / 0.85, rel=1e-9)


@pytest.mark.nightly
def test_the_uncertain_table_agrees_with_a_script_of_its_own():
    grid = rc.two_way(rc.load("ai-servers"), "api_cost_range", scenarios=50_000)
    rng, n = np.random.default_rng(5), 400_000
    # Spearman coefficients between the three inputs that vary: text and image price.
    rho = 2 * math.sin(math.pi * 0.3 / 6)
    first = rng.standard_normal(n)
    second = rho * first + math.sqrt(1 - rho**2) * rng.standard_normal(n)
    z = 1.2815515655446004

    def lognormal(score, low, high):
        mu = (math.log(low) + math.log(high)) / 2
        return np.exp(mu + score * (math.log(high) - math.log(low)) / (2 * z))

    text, image = lognormal(first, 0.001, 0.012), lognormal(second, 0.012, 0.035)
    fx = 6.9 + 0.3 / z * rng.standard_normal(n)
    for i, j in ((0, 0), (2, 4), (5, 5)):
        cost = fx * (grid.table.columns.points[j] / 1000 * text + grid.table.rows.points[i] * image)
        for s, level in enumerate((0.1, 0.5, 0.9)):
            # 4 standard errors of both samples: a false alarm in 1 of 16,000, with a fixed seed.
            se = (grid.ci_high[s, i, j] - grid.ci_low[s, i, j]) / 2 / 1.96 * math.sqrt(1 + 1 / 8)
            assert abs(grid.values[s, i, j] - np.quantile(cost, level)) < 4 * se
