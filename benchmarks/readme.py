"""Make what README shows: its picture, the picture's data, and the first screen.

``python benchmarks/readme.py`` writes docs/first_picture.png, docs/first_picture.json and the
blocks of README.md, docs/speed.md, docs/comparison.md and ARCHITECTURE.md between their markers.
A test makes them again and compares. ``python benchmarks/walkthrough.py`` renews the quick start.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from rangecast.engine.model.localise import localise
from rangecast.reports import band_chart, density_table, first_screen, style, tornado_chart
from rangecast.reports.tornado import tornado_table
from rangecast.reports.words import language

import rangecast as rc

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
CASE = "exante+token"
DIGITS = 6


def result() -> rc.Result:
    """Run the shipped model as ``rangecast run ai-servers`` does."""
    return rc.simulate(rc.load("ai-servers"), case=CASE, workers=2)


def screen(found: rc.Result) -> str:
    """Give the first screen with a fixed running time, which differs from run to run."""
    text = first_screen(found, list(found.shown))
    return re.sub(r" · \d+\.\d s$", " · 1.3 s", text, count=1, flags=re.MULTILINE)


def chinese_screen() -> str:
    """Give the first screen in Chinese, likewise."""
    model = localise(rc.load("ai-servers"), "zh")
    with language("zh", model.units_zh):
        return screen(rc.simulate(model, case=CASE, workers=2))


def picture_data(found: rc.Result) -> dict[str, Any]:
    """Give the numbers that the picture draws, to six digits."""
    tables = {
        "density": density_table(found, "servers"),
        "tornado": tornado_table(found, "servers")[["input", "low", "high", "baseline"]],
    }
    return {
        name: [
            {k: float(f"{v:.{DIGITS}g}") if isinstance(v, float) else v for k, v in row.items()}
            for row in table.to_dict("records")
        ]
        for name, table in tables.items()
    }


def picture(found: rc.Result) -> bytes:
    """Draw the density beside the tornado."""
    figure = Figure(figsize=(13, 4.8), layout="constrained", facecolor="white")
    with style.theme():
        left, right = figure.subplots(1, 2)
    band_chart(found, "servers", ax=left)
    tornado_chart(found, "servers", ax=right)
    return style.encode(figure, "png")


def costs() -> str:
    """Give the first table of benchmarks/results/compare.txt."""
    return (RESULTS / "compare.txt").read_text().split("\n\n")[1]


def replace_block(text: str, name: str, content: str) -> str:
    """Put content between a pair of markers."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)"
    block = f"```text\n{content.rstrip()}\n```\n"
    return re.sub(pattern, lambda m: m[1] + block + m[2], text, flags=re.DOTALL)


def main() -> None:
    """Write picture, data and the blocks of the pages."""
    found = result()
    (ROOT / "docs" / "first_picture.png").write_bytes(picture(found))
    data = json.dumps(picture_data(found), indent=0) + "\n"
    (ROOT / "docs" / "first_picture.json").write_text(data)
    readme = ROOT / "README.md"
    readme.write_text(replace_block(readme.read_text(), "first screen", screen(found)))
    speed = ROOT / "docs" / "speed.md"
    text = speed.read_text()
    for name in ("goals", "bench", "designs"):
        text = replace_block(text, name, (RESULTS / f"{name}.txt").read_text())
    speed.write_text(text)
    comparison = ROOT / "docs" / "comparison.md"
    comparison.write_text(replace_block(comparison.read_text(), "compare", costs()))
    chinese = ROOT / "README.zh.md"
    chinese.write_text(replace_block(chinese.read_text(), "first screen zh", chinese_screen()))
    architecture = ROOT / "ARCHITECTURE.md"
    stages = (RESULTS / "stages.txt").read_text()
    architecture.write_text(replace_block(architecture.read_text(), "stages", stages))


if __name__ == "__main__":
    main()
