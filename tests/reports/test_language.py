"""Reports in Chinese: every sentence, labels, numbers in 万 and 亿, columns, fonts."""

import ast
import re
import string
import sys
from pathlib import Path

import inprocess
import pytest
from rangecast.engine.model.localise import localise
from rangecast.engine.model.shipped import shipped_models
from rangecast.engine.sensitivity import METHODS
from rangecast.reports import style
from rangecast.reports.chinese import CHINESE
from rangecast.reports.numbers import scale_for, unit_words
from rangecast.reports.page.methods_chinese import METHODS as METHODS_ZH
from rangecast.reports.words import language, left, right, say, width_of

import rangecast as rc

ROOT = Path(__file__).parents[2]


def texts(node):
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and n.value != ""}


def sentences():
    """Every sentence said: literal, or by way of a name that holds it."""
    found = set()
    for path in (ROOT / "reports/page/templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'\bsay\(\s*"([^"]*)"', text))
    for path in [
        *(ROOT / "reports").rglob("*.py"),
        *(ROOT / "src/rangecast/cli").glob("[a-z]*.py"),
    ]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assigned = {}
        for node in ast.walk(tree):
            named = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if named and isinstance(node.value, ast.Constant):
                assigned.setdefault(node.targets[0].id, set()).update(texts(node.value))
            elif named and isinstance(node.value, ast.Dict):
                held = {text for value in node.value.values for text in texts(value)}
                assigned.setdefault(node.targets[0].id, set()).update(held)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                said = node.args[0]
                named = said.value if isinstance(said, ast.Subscript) else said
                if isinstance(named, ast.Name):
                    found |= assigned.get(named.id, set())
                elif isinstance(said, ast.IfExp):
                    found |= texts(said.body) | texts(said.orelse)
                else:
                    found |= texts(said)
    return {text for text in found if isinstance(text, str)}


def test_every_sentence_has_a_chinese_one_with_the_same_places():
    said = sentences()
    assert len(said) > 60
    assert {s for s in said if s not in CHINESE} == set()
    for english, chinese in CHINESE.items():
        places = [
            {name for _, name, _, _ in string.Formatter().parse(t) if name is not None}
            for t in (english, chinese)
        ]
        assert places[0] == places[1], english


def test_every_ranking_is_told_in_chinese():
    assert set(METHODS_ZH) == set(METHODS)


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_everything_of_a_shipped_model_has_a_chinese_label(name):
    model = rc.load(name)
    named = {**model.inputs, **model.quantities, **model.tables}
    lacking = [n for n, one in named.items() if not one.label_zh]
    lacking += [c.name for c in model.cases.values() if not c.label_zh and "audit" not in c.name]
    lacking += [o.name for o in model.outcomes if not o.label_zh]
    assert lacking == []
    assert model.title_zh
    assert model.description_zh
    assert localise(model, "zh").outputs[0].label == model.outputs[0].label_zh


def test_localised_models_give_the_same_result():
    model = rc.load("ai-servers")
    one, other = (
        rc.simulate(localise(model, lang), scenarios=2000, case="exante") for lang in ("en", "zh")
    )
    assert one.digest == other.digest


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9_994, "9,990"),
        (9_999, "1.00万"),
        (12_345, "1.23万"),
        (99_990_000, "1.00亿"),
        (3.21e8, "3.21亿"),
        (1.4e14, "140万亿"),
        (-25_000, "-2.50万"),
    ],
)
def test_numbers_in_chinese_scale_words(value, text):
    with language("zh"):
        scale = scale_for(value)
        assert scale.write(value) + scale.word == text


def test_units_and_currencies_in_chinese():
    with language("zh", {"card": "张"}):
        assert unit_words("CNY/card", "单价", scale_for(1e5)) == "万元/张"
        assert unit_words("1", "比重", scale_for(0.5)) == ""
    assert unit_words("CNY", "market", scale_for(1e9)) == "bn¥"


def test_the_language_ends_with_its_block():
    with language("zh"):
        assert say("mean") == "均值"
    assert say("mean") == "mean"


def test_chinese_columns_line_up():
    assert width_of(left("服务器", 9)) == width_of(right("服", 9)) == 9
    command = [sys.executable, "-m", "rangecast", "run", "ai-servers", "-n", "2e4", "--lang", "zh"]
    lines = inprocess.run([*command, "-q"], text=True, check=True).stdout.splitlines()
    table = lines[2:5]
    assert len({width_of(line) for line in table}) == 1
    assert "亿元" in table[2]
    assert "重建视角" in lines[0]
    bars = [line for line in lines if "█" in line and "│" in line]
    columns = {width_of(line[: line.index("│")]) for line in bars}
    assert len(columns) == 1


def test_a_missing_font_is_said_once(monkeypatch):
    from matplotlib import font_manager

    monkeypatch.setattr(style, "CHINESE_FONTS", ("No Such Font",))
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [])
    monkeypatch.delenv(style.FONT_VARIABLE, raising=False)
    style._chinese_fonts.cache_clear()
    try:
        problem = style.missing_font()
        assert problem is not None
        assert problem.code == "W901"
        assert "RANGECAST_FONT" in str(problem)
    finally:
        style._chinese_fonts.cache_clear()


def test_a_font_file_of_the_user_is_taken(monkeypatch):
    from matplotlib import font_manager

    path = font_manager.findfont("DejaVu Serif")
    monkeypatch.setenv(style.FONT_VARIABLE, path)
    style._chinese_fonts.cache_clear()
    try:
        assert style._chinese_fonts()[0] == "DejaVu Serif"
        assert style.missing_font() is None
    finally:
        style._chinese_fonts.cache_clear()


def test_charts_in_chinese_warn_of_no_glyph(tmp_path, recwarn):
    model = localise(rc.load("ai-servers"), "zh")
    result = rc.simulate(model, scenarios=2000, case="exante", rank=["servers_year"])
    with language("zh", model.units_zh):
        ax = rc.reports.fan_chart(result, "servers_year")
        style.encode(ax.figure, "png")
        assert ax.get_ylabel() == "购买服务器 (万台)"
        assert "购买服务器" in ax.get_title(loc="left")
    assert not [w for w in recwarn if "Glyph" in str(w.message)]


def test_words_of_units_are_texts_and_printed_safely():
    with pytest.raises(rc.ModelError, match=r"units_zh\.card"):
        rc.loads('[units_zh]\ncard = 3\n[inputs.x]\nvalue = 1\n[outputs.y]\nformula = "x"\n')
    with language("zh", {"card": "张\x1b[31m"}):
        assert "\x1b" not in unit_words("card", "卡", scale_for(1.0))
