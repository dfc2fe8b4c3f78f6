"""Every format read back by its own parser: equal to the result, every text literally itself."""

import csv
import html.parser
import io
import json
import re
import xml.etree.ElementTree as ET

import inprocess
import jsonschema
import openpyxl
import pytest
from markdown_it import MarkdownIt
from pages import HOSTILE
from rangecast.reports.folder import csv_bytes, json_text
from rangecast.reports.results_json import as_dict, schema_text
from rangecast.reports.style import encode
from rangecast.reports.summary import escaped
from rangecast.reports.terminal import first_screen
from rangecast.reports.workbook import write_workbook

import rangecast as rc

MODEL = f"""
[model]
title = '{HOSTILE}'
description = '{HOSTILE}'
[sources.s]
title = '{HOSTILE}'
publisher = 'p'
date = 2024
[inputs.a]
label = '{HOSTILE}'
note = '{HOSTILE}'
basis = "data"
source = "s"
dist = "uniform"
low = 1
high = 2
[inputs.b]
dist = "uniform"
low = 1
high = 3
[outputs.y]
label = '{HOSTILE}'
unit = "server"
formula = "a * b"
[cases.other]
label = '{HOSTILE}'
inputs.b = 2
"""


@pytest.fixture(scope="module")
def result():
    return rc.simulate(rc.loads(MODEL), scenarios=2_000, seed=1)


# ---------------------------------------------------------------------- JSON


def closed(schema):
    """Let a schema refuse what it does not name: a renamed key must not pass."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema and "allOf" not in schema:
        found.setdefault("additionalProperties", False)
    return found


SCHEMA = json.loads(schema_text())


STRICT = closed(SCHEMA)
RUN = jsonschema.Draft202012Validator({**STRICT["$defs"]["run"], "$defs": STRICT["$defs"]})


def validate(results):
    for run in results.get("runs", [results]):
        RUN.validate(run)
    if "runs" in results:
        jsonschema.validate({**results, "runs": []}, SCHEMA)


def command(*arguments):
    line = ["python", "-m", "rangecast", *arguments]
    done = inprocess.run(line, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


RUNS = {
    "everything": (
        *("--explain", "--stress", "companies=90-100", "--region", "servers > 50000"),
        *("--prob", "servers > 50000", "--set", "apps=10"),
    ),
    "two cases": ("--case", "exante", "--case", "article", "--tornado", "rank"),
}


def test_periods_fit_the_schema():
    series = ("--over-time", "--prob", "energy > 300")
    validate(json.loads(command("run", "data-centres", "-n", "1000", "--json", "-q", *series)))


@pytest.mark.nightly
@pytest.mark.parametrize("name", RUNS)
def test_what_the_command_prints_fits_the_schema(name):
    printed = command("run", "ai-servers", "-n", "2000", "--json", "-q", *RUNS[name])
    validate(json.loads(printed))


def test_everything_of_a_small_model_fits_the_schema(tmp_path):
    (tmp_path / "m.toml").write_text(MODEL, encoding="utf-8")
    asked = ("--explain", "--stress", "a=90-100", "--region", "y > 3", "--prob", "y > 3")
    printed = command("run", str(tmp_path / "m.toml"), "-n", "2000", "--json", "-q", *asked)
    validate(json.loads(printed))


def test_results_of_few_scenarios_and_of_failures_fit_the_schema(result):
    for scenarios in (1, 2, 40):
        validate(as_dict(rc.simulate(rc.loads(MODEL), scenarios=scenarios)))
    failing = "[inputs.x]\ndist = 'normal'\nmean = 1\nsd = 1\n[outputs.y]\nformula = 'sqrt(x)'\n"
    validate(as_dict(rc.simulate(rc.loads(failing), scenarios=500, max_failures=1)))
    python = rc.Model({"x": rc.distributions.Uniform(0, 1)}, lambda x: {"y": x})
    validate(as_dict(rc.simulate(python, scenarios=500)))


def test_a_renamed_or_missing_key_does_not_fit(result):
    good = as_dict(result)
    for spoilt in (
        {k: v for k, v in good.items() if k != "manifest"},
        {**good, "outputs": {"y": {**good["outputs"]["y"], "P50": 1.0}}},
        {**good, "schema_version": 2},
    ):
        with pytest.raises(jsonschema.ValidationError):
            validate(spoilt)


def test_the_schema_is_printed_and_is_a_schema():
    assert json.loads(command("explain", "results.json")) == SCHEMA
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


# ---------------------------------------------------------------------- literal labels


class Reader(html.parser.HTMLParser):
    """Texts of a page, and the names of its elements."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.tags = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.texts.append(data)


def markdown_texts(text):
    """Texts that a reader of Markdown sees, cells of tables among them."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    found = []
    for token in tokens:
        if token.type in {"fence", "code_block", "html_block"}:
            found.append(token.content)
        for child in token.children or ():
            assert child.type not in {"html_inline", "code_inline", "em_open"}, child
        if token.children:
            found.append("".join(child.content for child in token.children))
    return found


def test_a_hostile_label_stands_on_the_terminal_as_it_is(result):
    assert first_screen(result, ["y"], columns=200).count(HOSTILE) >= 3


def test_a_hostile_label_stands_in_json_as_it_is(result):
    read = json.loads(json_text(as_dict(result)))
    assert read["outputs"]["y"]["label"] == HOSTILE
    assert {row["label"] for row in read["tornado"]} >= {HOSTILE}


def test_a_hostile_label_stands_in_csv_behind_an_apostrophe(result):
    text = csv_bytes(as_dict(result)["tornado"]).decode("utf-8")
    labels = {row["label"] for row in csv.DictReader(io.StringIO(text))}
    assert labels == {f"'{HOSTILE}", "b"}


def test_a_hostile_label_stands_in_markdown_as_it_is(result):
    texts = markdown_texts(rc.reports.markdown(result))
    assert HOSTILE in texts[0]  # the title
    assert sum(HOSTILE in text for text in texts) >= 6
    assert not any("\\" in text for text in texts)


def test_a_hostile_label_stands_in_html_as_it_is(result):
    for text in (rc.reports.html(result), result._repr_html_(), result.model._repr_html_()):
        page = Reader(text)
        assert any(HOSTILE in one for one in page.texts)
        assert "b" not in page.tags - {"body"} or "<b>&" not in text


def test_a_hostile_label_stands_in_svg_as_it_is(result):
    charts = (rc.reports.band_chart(result, "y"), rc.reports.tornado_chart(result, "y"))
    for ax, wanted in zip(charts, (HOSTILE, HOSTILE[:27] + "…"), strict=True):
        root = ET.fromstring(encode(ax.figure, "svg"))
        texts = [
            "".join(one.itertext()).strip() for one in root.iter("{http://www.w3.org/2000/svg}text")
        ]
        assert any(wanted in text for text in texts)


def test_a_hostile_label_stands_in_a_workbook_as_text(result, tmp_path):
    write_workbook(result, tmp_path / "r.xlsx")
    cells = [
        cell
        for sheet in openpyxl.load_workbook(tmp_path / "r.xlsx")
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and HOSTILE in cell.value
    ]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any(cell.value == HOSTILE for cell in cells)


@pytest.mark.parametrize(
    "text",
    ["1. x", "- x", "+ x", "# x", "> x", "= x", "===", "---", "a|b", "`a`", "~~a~~", "_a_ *b*",
     "[a](b)", "![a](b)", "<a@b.c>", "&amp;", "&#65;", "\\*", "1) x", "a\\", "$x$",
     "a_b_c", "3.14"],
)  # fmt: skip
def test_markdown_shows_every_text_literally(text):
    assert markdown_texts(escaped(text)) == [text]
    cell = markdown_texts(f"| a |\n| --- |\n| {escaped(text)} |\n")
    assert cell == ["a", text]


# ---------------------------------------------------------------------- notebooks, summaries


def test_everything_shows_itself_in_a_notebook(result):
    model = rc.loads(MODEL)
    compared = rc.compare(model, ["", "other"], scenarios=500)
    shown = [
        result,
        model,
        compared,
        rc.sobol(model, "y", runs=2_048),
        rc.morris(model, "y", trajectories=8),
        rc.shapley(model, "y", runs=2_000),
        rc.two_way(rc.load("ai-servers"), "api_cost"),
    ]
    for one in shown:
        text = one._repr_html_()
        assert Reader(text).tags >= {"table", "tr", "td"}
        assert "script" not in Reader(text).tags
        assert "style=" not in text.replace('style="text-align: right;"', "")


def test_a_summary_has_the_bands_and_the_drivers_of_the_result(result):
    text = rc.reports.markdown(result, command="rangecast run m.toml")
    band = next(line for line in text.splitlines() if "| 4" in line or "| 3" in line)
    values = [float(v.replace(",", "")) for v in re.findall(r"[\d.,]*\d", band.split("|", 2)[2])]
    wanted = [result.quantile("y", p) for p in (0.05, 0.25, 0.5, 0.75, 0.95)]
    assert values[:5] == pytest.approx(wanted, rel=5e-3)  # three digits
    assert "```sh\nrangecast run m.toml\n```" in text
    assert result.digest in text


@pytest.mark.nightly
def test_a_run_leaves_a_summary_and_report_writes_one(tmp_path):
    (tmp_path / "m.toml").write_text(MODEL, encoding="utf-8")
    out = str(tmp_path / "out")
    command("run", str(tmp_path / "m.toml"), "-n", "500", "--out", out, "-q")
    text = (tmp_path / "out/summary.md").read_text(encoding="utf-8")
    assert text.startswith("# \\=HYPERLINK")
    files = ("--case", "other", "--lang", "zh", "--out", str(tmp_path / "r.md"))
    command("report", str(tmp_path / "m.toml"), "-n", "500", "-q", *files)
    assert "## 假设" in (tmp_path / "r.md").read_text(encoding="utf-8")
