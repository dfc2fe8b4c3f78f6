"""docs/distributions.md and `explain` say the same of everything that `dist` may name."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
import rangecast.distributions
from rangecast.distributions import registry
from rangecast.distributions.examples import EXAMPLES, law_of
from rangecast.distributions.guide import GUIDES
from rangecast.engine import dependence_guide
from rangecast.reports.guide import as_toml, guide_lines, known, summary_of

import rangecast as rc

ROOT = Path(__file__).parents[2]
PAGES = {**GUIDES, **dependence_guide.GUIDES}


@pytest.fixture(scope="module")
def maker():
    place = ROOT / "benchmarks" / "distributions.py"
    spec = importlib.util.spec_from_file_location("distributions_maker", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_made_again(maker):
    text = maker.PAGE.read_text(encoding="utf-8")
    assert maker.page() == text
    sections = set(re.findall(r"^### (\w+)$", text, re.M))
    assert sections == set(GUIDES) >= {*registry.FAMILIES, *registry.OF_MODELS}
    assert set(EXAMPLES) == set(registry.FAMILIES)


def test_every_family_has_a_picture_that_is_drawn_again(maker):
    text = maker.PAGE.read_text(encoding="utf-8")
    linked = set(re.findall(r"\((distributions/\w+\.png)\)", text))
    there = {f"distributions/{path.name}" for path in maker.PICTURES.glob("*.png")}
    assert linked == there >= {f"distributions/{name}.png" for name in registry.FAMILIES}
    sizes = [path.stat().st_size for path in maker.PICTURES.glob("*.png")]
    assert min(sizes) > 2_000
    assert sum(sizes) < 1_500_000
    for name in ("uniform", "poisson", "zero_inflated"):
        law = maker.pictured()[name]
        assert maker.draw(name, law) == maker.draw(name, law)


@pytest.mark.parametrize("name", list(PAGES))
def test_pages_are_whole_and_fit_a_terminal(name):
    guide, family = PAGES[name], registry.FAMILIES.get(name)
    lines = guide_lines(name)
    assert 10 <= len(lines) <= 30
    assert max(map(len, lines)) <= 80
    assert all(len(line) <= 70 for line in guide.formula)
    assert all((guide.says, guide.use, guide.avoid, guide.formula, guide.source, guide.pitfalls))
    assert re.search(r"\(\d{4}\)", guide.source)
    assert summary_of(name)
    assert bool(guide.summary) == (family is None)  # a summary stands in one place only
    assert set(guide.parameters) == set(family.keys if family else guide.parameters)


@pytest.mark.parametrize("name", [n for n in PAGES if PAGES[n].python])
def test_the_example_in_python_is_the_one_of_the_model_file(name):
    law = eval(PAGES[name].python, vars(rangecast.distributions))
    if name == "data":
        assert law.mean == pytest.approx(20.5)
    elif name in EXAMPLES:
        assert law == law_of(name)
    else:
        (table,) = tomllib.loads(as_toml(name))["inputs"].values()
        assert law == registry.read(table)[0]


@pytest.mark.parametrize("name", [n for n in known() if as_toml(n)])
def test_the_example_of_a_model_file_loads(name, tmp_path):
    names = list(tomllib.loads(as_toml(name))["inputs"])
    cases = "\n[cases.low]\n[cases.high]\n" if name == "categorical" else ""
    text = f'{as_toml(name)}\n[outputs.y]\nformula = "{" + ".join(names)}"\n{cases}'
    (tmp_path / "sea_levels.csv").write_bytes((ROOT / "docs" / "sea_levels.csv").read_bytes())
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    model = rc.load(str(tmp_path / "m.toml"))
    assert list(model.inputs) == names
    assert model.warnings == ()


def test_claims_in_figures_hold():
    """Figures that texts mention, computed."""
    laws = rangecast.distributions
    median = laws.Triangular(0, 1, 10).quantile(0.5)
    assert (round(float(median), 1), round(laws.Triangular(0, 1, 10).mean, 1)) == (3.3, 3.7)
    assert round(float(laws.PERT(0, 1, 10).quantile(0.95)), 1) == 5.4
    assert round(laws.LogUniform(1, 100).mean, 1) == 21.5
    assert round(laws.StudentT(3).sd, 2) == 1.73
    assert round(laws.Logistic(0, 1).sd, 2) == 1.81
    assert round(float(laws.Exponential(1).quantile(0.5)), 2) == 0.69
    edge = laws.LogLogistic.from_percentiles({0.1: 1.0, 0.9: 81.0})
    assert edge.shape == pytest.approx(1.0)
    wide = laws.Lognormal.from_percentiles({0.1: 1.0, 0.9: 50.0})
    assert wide.mean / float(wide.quantile(0.5)) > 3
