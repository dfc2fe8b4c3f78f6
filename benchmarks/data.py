"""The page about data: what ``rangecast fit`` prints of the sample file, and what its laws say.

``python benchmarks/data.py`` writes the blocks of docs/data.md and docs/data.png; a test makes the
blocks again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rangecast.engine.fit import fit
from rangecast.engine.model.datafile import column_of, read_file, table_of
from rangecast.reports import fit_chart, fit_lines, style

import rangecast as rc

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs"
PAGE, PICTURE = FOLDER / "data.md", FOLDER / "data.png"
FILE, COLUMN = "sea_levels.csv", "sea_level"
SOURCE = f"{FILE}, column {COLUMN}"
METHODS = {
    "empirical": "",
    "smoothed": 'method = "smoothed"',
    "fitted, gumbel": 'method = "fitted"\nfamily = "gumbel"',
}
SHAPE = """[inputs.level]
dist   = "data"
file   = "sea_levels.csv"
column = "sea_level"
{method}
[outputs.y]
formula = "level"
"""
LEVELS = (0.05, 0.5, 0.95, 0.99, 0.999)


def values() -> np.ndarray:
    """Read the sample file."""
    return column_of(table_of(read_file(FOLDER / FILE, FILE)), COLUMN).values


def ranking() -> str:
    """Give what ``rangecast fit`` prints."""
    result = fit(values(), source=SOURCE)
    head = "The best, as an input of a model:"
    return "\n".join([*fit_lines(result), "", head, "", result.toml(COLUMN)])


def bootstrap() -> str:
    """Give the same of two families with a bootstrap."""
    return "\n".join(fit_lines(fit(values(), ["gumbel", "gev"], bootstrap=200, source=SOURCE)))


def methods() -> str:
    """Compare percentiles of the three methods."""
    lines = [f"{'':<16}" + "".join(f"{f'P{100 * p:g}':>8}" for p in LEVELS)]
    for name, method in METHODS.items():
        law = rc.loads(SHAPE.format(method=method), folder=FOLDER).inputs["level"].law
        found = np.asarray(law.quantile(np.array(LEVELS)))
        lines.append(f"{name:<16}" + "".join(f"{value:>8.2f}" for value in found))
    return "\n".join(lines)


def blocks() -> dict[str, str]:
    """Give every block of the page by its marker."""
    return {"ranking": ranking(), "bootstrap": bootstrap(), "methods": methods()}


def main() -> None:
    """Write the blocks and the picture."""
    from readme import replace_block

    text = PAGE.read_text(encoding="utf-8")
    for name, content in blocks().items():
        text = replace_block(text, name, content)
    PAGE.write_text(text, encoding="utf-8")
    PICTURE.write_bytes(style.encode(fit_chart(fit(values(), source=SOURCE)), "png"))


if __name__ == "__main__":
    main()
