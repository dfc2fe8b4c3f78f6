"""The report in a browser: offline, accessible, movable, and no text over another.

These tests need Playwright and Chromium (extra `browser`) and are skipped where there is neither.
"""

import importlib.util
import itertools
import os
import shutil

import pytest
from pages import HOSTILE, TEXTS
from rangecast.engine.model.localise import localise
from rangecast.reports.page.contents import Contents
from rangecast.reports.page.render import page as written
from rangecast.reports.words import language

import rangecast as rc

BROWSER = os.environ.get("RANGECAST_BROWSER") or next(
    (p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None
)
NO_PLAYWRIGHT = "playwright is not installed"
NO_BROWSER = "no Chromium on this machine"
NO_AXE = "axe-core is not installed"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not importlib.util.find_spec("playwright"), reason=NO_PLAYWRIGHT),
    pytest.mark.skipif(BROWSER is None, reason=NO_BROWSER),
]
SLACK = 1.5  # px that boxes of letters may share
PRINTED = 688  # px of A4 between the margins

TEXT_BOXES = """() => {
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest('script, style, title, .vh, .skip')) continue;
    if (!parent.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const svg = parent.closest('svg text');
    for (const box of svg ? [svg.getBoundingClientRect()] : range.getClientRects()) {
      let {left, right, top, bottom} = box;
      let inScroller = false;
      for (let up = parent; up; up = up.parentElement) {
        const style = getComputedStyle(up);
        if (up === document.body || up === document.documentElement) break;
        if (up instanceof SVGElement) continue;
        if (style.overflowX === 'auto' || style.overflowX === 'scroll') {
          const edge = up.getBoundingClientRect();
          left = Math.max(left, edge.left);
          right = Math.min(right, edge.right);
          inScroller = true;
        }
      }
      if (right - left < 0.5 || bottom - top < 0.5) continue;
      boxes.push({left, right, top, bottom, text: node.data.trim().slice(0, 60)});
    }
  }
  return boxes;
}"""


def made(contents, lang="en"):
    with language(lang, contents.result.model.units_zh):
        return written(contents)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def servers(folder):
    """Write the whole report of the shipped model, in both languages."""
    paths = {}
    for lang in ("en", "zh"):
        model = localise(rc.load("ai-servers"), lang)
        names = ("servers", "market_cny")
        result = rc.simulate(
            model, scenarios=4_000, seed=1, case="exante+token", rank=[*names, "servers_year"]
        )
        contents = Contents(
            (result,),
            (*names, *result.model.series["servers_year"]),
            rc.compare(model, ["exante+token", "exante", "article"], scenarios=2_000),
            tuple(rc.backtest(model, scenarios=2_000)),
            tuple(rc.two_way(model, name, scenarios=500) for name in model.tables),
            {"servers": 60_000, "servers_year": 100_000},
            command="rangecast report ai-servers",
        )
        paths[lang] = folder / f"servers_{lang}.html"
        paths[lang].write_text(made(contents, lang), encoding="utf-8")
    return {"result": result, **paths}


@pytest.fixture(scope="module")
def odd(folder):
    paths = {}
    for name, text in TEXTS.items():
        result = rc.simulate(rc.loads(text), scenarios=1_000, max_failures=1)
        paths[name] = folder / f"{name}.html"
        paths[name].write_text(made(Contents((result,))), encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened:
    """A page opened without a network, and what it asked for and said."""

    def __init__(self, chromium, path, width=1280, scheme="light", media="screen", script=True):
        self.context = chromium.new_context(
            offline=True,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        self.page = self.context.new_page()
        self.asked, self.said = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.emulate_media(media=media, color_scheme=scheme)
        self.page.goto(path.as_uri())
        self.asked.remove(path.as_uri())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.mark.parametrize(
    ("scheme", "media"),
    [("light", "screen"), ("dark", "screen"), ("light", "print"), ("dark", "print")],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_opens_offline_without_a_request_or_a_message(chromium, servers, lang, scheme, media):
    with Opened(chromium, servers[lang], scheme=scheme, media=media) as opened:
        opened.page.wait_for_timeout(100)
        assert opened.asked == []
        assert opened.said == []
        paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        dark = scheme == "dark" and media == "screen"
        assert paper == ("rgb(17, 24, 39)" if dark else "rgb(255, 255, 255)")


def overlaps(boxes):
    """Pairs of boxes that share more than the slack in both directions."""
    found, active = [], []
    for box in sorted(boxes, key=lambda b: b["top"]):
        active = [a for a in active if a["bottom"] > box["top"] + SLACK]
        for other in active:
            across = min(box["right"], other["right"]) - max(box["left"], other["left"])
            down = min(box["bottom"], other["bottom"]) - max(box["top"], other["top"])
            # inline text of one paragraph wraps in line boxes that touch: a quarter is free
            height = min(box["bottom"] - box["top"], other["bottom"] - other["top"])
            if across > SLACK and down > max(SLACK, 0.25 * height):
                found.append((box["text"], other["text"], round(across), round(down)))
        active.append(box)
    return found


def check_boxes(opened, width):
    boxes = opened.page.evaluate(TEXT_BOXES)
    assert len(boxes) > 40
    outside = [b["text"] for b in boxes if b["left"] < -0.5 or b["right"] > width + 0.5]
    assert outside == []
    assert overlaps(boxes) == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


PLACES = [(1280, "screen"), (768, "screen"), (360, "screen"), (PRINTED, "print")]


def some(names, soon):
    """Leave all but a few to the night."""
    return [n if n in soon else pytest.param(n, marks=pytest.mark.nightly) for n in names]


@pytest.mark.parametrize(("width", "media"), PLACES)
@pytest.mark.parametrize("name", some(sorted(TEXTS), {"one", "forty long"}))
def test_no_text_of_an_odd_page_meets_another_or_leaves_it(chromium, odd, name, width, media):
    with Opened(chromium, odd[name], width, media=media) as opened:
        check_boxes(opened, width)
        assert opened.said == []


@pytest.mark.parametrize(("width", "media"), PLACES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_text_of_the_shipped_page_does_either(chromium, servers, lang, width, media):
    with Opened(chromium, servers[lang], width, media=media) as opened:
        check_boxes(opened, width)
        if media == "screen":
            opened.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            for label in opened.page.locator("label[for$=c]").all():
                label.click()
            check_boxes(opened, width)


def test_overlaps_are_found():
    one = {"left": 0, "right": 50, "top": 0, "bottom": 14, "text": "a"}
    assert overlaps([one, {**one, "left": 60, "right": 90}]) == []
    assert overlaps([one, {**one, "left": 40, "right": 90}])
    assert overlaps([one, {**one, "top": 8, "bottom": 22}])


@pytest.mark.skipif(not importlib.util.find_spec("axe_playwright_python"), reason=NO_AXE)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", some(["en", "zh"], {"en"}))
def test_axe_finds_nothing(chromium, servers, lang, scheme):
    from axe_playwright_python.sync_playwright import Axe

    with Opened(chromium, servers[lang], scheme=scheme) as opened:
        opened.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = Axe().run(opened.page).response["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []


def share(page, k):
    return page.locator("figure.dist").first.locator(f"[data-share='{k}']").inner_text()


def test_the_limits_read_out_the_probabilities_of_the_result(chromium, servers):
    result = servers["result"]
    with Opened(chromium, servers["en"]) as opened:
        figure = opened.page.locator("figure.dist").first
        for low, high in ((10_000, 60_000), (37_877, 200_000)):
            figure.locator("[data-field='0']").fill(str(low))
            figure.locator("[data-field='1']").fill(str(high))
            below = result.percentile_of("servers", low)
            above = result.probability("servers", above=high).value
            for k, chance in ((0, below), (1, 1 - below - above), (2, above)):
                shown = float(share(opened.page, k).removesuffix(" %")) / 100
                assert shown == pytest.approx(chance, abs=0.008)  # rounded, and between two bins


def test_the_limits_move_by_keyboard_and_by_pointer(chromium, servers):
    with Opened(chromium, servers["en"]) as opened:
        page, lower = opened.page, opened.page.get_by_role("slider", name="Lower limit").first
        assert lower.get_attribute("aria-valuetext").endswith(" 10 %")
        lower.focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        moved = float(share(page, 0).removesuffix(" %"))
        assert 10 < moved < 25
        page.keyboard.press("Home")
        assert share(page, 0) == "≤ 0.1 %"
        page.keyboard.press("End")
        assert share(page, 2) == "≤ 0.1 %"  # the upper limit is pushed along
        upper = page.get_by_role("slider", name="Upper limit").first
        page.keyboard.press("Home")
        box = upper.locator(".limit-rule").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
        page.mouse.down()
        page.mouse.move(box["x"] - 400, box["y"] + 100, steps=5)
        page.mouse.up()
        assert 5 < float(share(page, 2).removesuffix(" %")) < 95
        assert opened.said == []


def test_everything_can_be_read_without_scripts(chromium, servers):
    with Opened(chromium, servers["en"], script=False) as opened:
        page = opened.page
        assert share(page, 1) == "80 %"
        assert not page.get_by_role("button", name="Print").is_visible()
        assert not page.locator(".fields").first.is_visible()
        assert page.locator("figure.dist .bars").first.is_visible()
        page.locator("label", has_text="Cumulative").first.click()
        assert not page.locator("figure.dist .bars").first.is_visible()
        assert page.locator("figure.dist .curve").first.is_visible()


def test_the_reader_chooses_the_colours(chromium, servers):
    with Opened(chromium, servers["en"]) as opened:
        opened.page.get_by_label("Dark").check()
        paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(17, 24, 39)"
        opened.page.get_by_label("System").check()
        paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(255, 255, 255)"


def test_hostile_names_are_shown_and_not_run(chromium, odd):
    with Opened(chromium, odd["twelve hostile"]) as opened:
        assert HOSTILE in opened.page.locator("h1").inner_text()
        assert opened.page.locator("h1 b").count() == 0
        names = opened.page.locator(".tornado .name").all_inner_texts()
        assert any(HOSTILE in name for name in names)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(chromium, odd, scheme):
    """Contrast of text in figures, which axe leaves out: 4.5 to 1 against the page."""
    with Opened(chromium, odd["twelve hostile"], scheme=scheme) as opened:
        colours = opened.page.evaluate(
            """() => [...new Set([...document.querySelectorAll('svg text')]
            .map((t) => getComputedStyle(t).fill))]"""
        )
        paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert colours
        assert min(contrast(c, paper) for c in colours) >= 4.5


def contrast(one, other):
    lights = sorted(luminance(c) for c in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour):
    parts = [int(v) / 255 for v in colour[4:-1].split(",")]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_keyboard_reaches_the_answer_first(chromium, servers):
    with Opened(chromium, servers["en"]) as opened:
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("document.activeElement.className") == "skip"
        reached = set()
        for _ in itertools.repeat(None, 25):
            opened.page.keyboard.press("Tab")
            reached.add(opened.page.evaluate("document.activeElement.tagName"))
        assert {"INPUT", "BUTTON", "A"} <= reached
