"""`check -v` as a tired analyst reads it: 80 columns, Chinese, terminals without blocks."""

import json
import sys

import inprocess
import pytest
from rangecast.engine.feedback import Density
from rangecast.reports.feedback import ASCII_BLOCKS, picture
from rangecast.reports.words import width_of

MODEL = """
[model]
title = "m"
[units]
visit = "base"
[inputs.visits]
label = "Daily visits"
label_zh = "每次访问中提出较长且复杂问题并且需要服务器长时间计算才能回答的用户访问数量（估计）"
unit = "visit/day"
dist = "lognormal"
p10 = 5e6
p90 = 200e6
base = 150e6
[inputs.low_base]
dist = "normal"
p10 = 5
p50 = 40
p90 = 60
base = -80
unit = "visit"
[inputs.also]
same_as = "visits"
unit = "visit/day"
[inputs.regime]
dist = "bernoulli"
p = 0.02
unit = "1"
[inputs.noise]
dist = "normal"
mean = 0
sd = 1
per_period = "autocorrelated"
autocorrelation = 0.5
unit = "1"
[inputs.k]
value = 8
unit = "visit"
[inputs.idle]
value = 1
[time]
start = 2026
periods = 2
[[correlations]]
between = ["visits", "regime"]
spearman = 0.8
[outputs.y]
formula = "visits / also + regime + noise + low_base / k"
unit = "1"
[cases.sure]
inputs.regime = 1
"""


@pytest.fixture
def check(tmp_path):
    (tmp_path / "m.toml").write_text(MODEL, encoding="utf-8")

    def run(*options):
        line = [sys.executable, "-m", "rangecast", "check", "m.toml", *options]
        done = inprocess.run(line, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done

    return run


def section(done, head):
    return done.stdout[done.stdout.index(head) :]


def test_every_input_is_shown_in_words_numbers_and_a_picture(check):
    done = check("-v")
    shown = section(done, "What each input says")
    lines = shown.splitlines()
    assert "Daily visits (visits), in visit/day" in lines
    assert "  P10 5.00M, P50 31.6M, P90 200M, mean 89.1M, sd 235M" in lines
    drawn = next(k for k, line in enumerate(lines) if "P1 1.11M" in line)
    assert lines[drawn].endswith("P99 900M (log)")
    assert lines[drawn + 1].endswith("base 150M = P86 ▲")
    mark = lines[drawn + 1].index("▲") - lines[drawn].index("▁")
    assert 48 * 0.68 < mark < 48 * 0.78  # ln(150/1.11) / ln(900/1.11) = 0.73
    assert "◄ base -80 = P0" in shown
    assert "  ! W351 asked 40" in shown
    assert "  0: 98 %, 1: 2 %, mean 0.0200, sd 0.140" in lines
    assert "  draw and distribution of visits" in lines
    assert "  a value in each period, correlated by 0.5 with the next" in lines
    assert "  k, in visit: 8" in lines
    assert "Daily visits and regime Spearman +0.80 +0.22" in [
        " ".join(line.split()) for line in lines
    ]
    assert "W553 asked 0.8, reached 0.22" in " ".join(shown.split())
    assert "Not used: idle" in shown
    assert max(width_of(line) for line in lines) <= 80
    assert "warning[W553] m.toml:" in done.stderr


def test_chinese_fits_the_terminal_and_has_no_english_words(check):
    shown = section(check("-v", "--lang", "zh"), "各输入的含义")
    lines = shown.splitlines()
    assert max(width_of(line) for line in lines) <= 80
    assert "…" in lines[2]
    assert "P10 500万, P50 3,160万, P90 2.00亿, 均值8,910万, 标准差2.35亿" in shown
    for word in ("asked", "attained", "Constants", "tie", "draw"):
        assert word not in shown.replace("W351 asked 40", "")


def test_a_case_is_laid_over(check):
    done = check("-v", "--case", "sure")
    shown = section(done, "What each input says, case sure")
    assert "attained" not in shown
    assert "  regime: 1" in shown.splitlines()


def test_json_holds_the_same_figures_and_plain_check_does_not(check):
    found = json.loads(check("-v", "--json").stdout)
    visits = found["inputs"][0]
    assert visits["percentiles"]["p90"] == pytest.approx(200e6)
    assert visits["mean"] == pytest.approx(89_082_281, rel=1e-6)
    assert found["correlations"][0]["attained_spearman"] == pytest.approx(0.2236, abs=1e-3)
    assert "inputs" not in json.loads(check("--json").stdout)
    plain = check()
    assert "W553" in plain.stderr
    assert "▁" not in plain.stdout


def test_pictures_without_block_characters():
    density = Density(0.0, 4.0, (0.001, 0.25, 0.5, 0.0), 0.5)
    assert picture(density) == "▁▄█ "
    assert picture(density, ascii_only=True) == ".=@ "
    assert ASCII_BLOCKS.isascii()
