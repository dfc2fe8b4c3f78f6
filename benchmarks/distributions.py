"""The page of distributions: every one with its parameters, its use, its formula and a picture.

``python benchmarks/distributions.py`` writes docs/distributions.md and docs/distributions/*.png; a
test makes the page again. The texts are those of `rangecast explain`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rangecast.distributions import registry
from rangecast.distributions.composed.masses import masses
from rangecast.distributions.examples import EXAMPLES, law_of
from rangecast.distributions.guide import GUIDES, KINDS
from rangecast.distributions.protocol import Distribution
from rangecast.engine.feedback import LOGARITHMIC
from rangecast.reports.guide import as_toml, figures_of, summary_of

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURES = ROOT / "docs" / "distributions.md", ROOT / "docs" / "distributions"
CELLS = 320
HEAD = """# Distributions

Made by `python benchmarks/distributions.py`; `rangecast explain NAME` prints the same texts. In a
model file a distribution is `dist = "name"` with the parameters named here; in Python it is a class
of `rangecast.distributions`.

- Percentiles may stand for the parameters of most: `p05`, `p10`, `p50`, any `pNN`. They are met
  exactly. Of three percentiles, a family with two parameters takes the outer two, and `check` says
  how far it is from the third.
- `min` and `max` cut any of them off; percentiles are those of the cut distribution.
  `round = true` rounds the draw, `shift` and `factor` move and stretch it.
- `dist = "2M to 5M (80%)"` is P10 to P90 of a lognormal, of a normal where a bound is 0 or less.
- `rangecast check MODEL -v` shows what each input implies: percentiles, mean, a picture, and what
  may surprise.
- In Python any frozen `scipy.stats` object will do, too.

In the pictures the dark part lies between P10 and P90, the white line is the median, the triangle
the mean.

"""


def _table() -> Iterator[str]:
    """What there is, by kind."""
    yield "| | |\n|---|---|"
    for kind, guides in KINDS.items():
        links = ", ".join(f"[`{name}`](#{name})" for name in guides)
        yield f"| {kind} | {links} |"
    yield ""


def pictured() -> dict[str, Distribution]:
    """Laws that have a picture."""
    laws = {name: law_of(name) for name in GUIDES if name in EXAMPLES}
    table = tomllib.loads(GUIDES["truncation"].toml)["inputs"]["share"]
    cut, _ = registry.read(table)
    assert cut is not None
    return laws | {"truncation": cut}


def _section(name: str) -> Iterator[str]:
    """One distribution."""
    guide, family = GUIDES[name], registry.FAMILIES.get(name)
    yield f"### {name}\n\n*{_first_capital(summary_of(name))}.* {guide.says}\n"
    if name in pictured():
        yield f"![{name}](distributions/{name}.png)\n"
    told = (("Use for", guide.use), ("Not when", guide.avoid), ("Careful", guide.pitfalls))
    yield from (f"- **{head}:** {text}" for head, text in told)
    if family:
        yield f"- **Takes** {family.taken}."
    yield "\n| parameter | meaning |\n|---|---|" if guide.parameters else ""
    for key, meaning in guide.parameters.items():
        yield f"| `{key}` | {meaning.replace('|', '∣')} |"
    formula = "\n".join(guide.formula)
    yield f"\n```text\n{formula}\n```\n\n```toml\n{as_toml(name)}\n```\n"
    python = f"In Python: `{guide.python}`" if guide.python else ""
    figures = _first_capital(figures_of(name))
    yield from (f"{text}.\n" for text in (figures, python) if text)
    yield f"Source: {guide.source}.\n"


def _first_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def page() -> str:
    """Write the page."""
    lines = [*_table()]
    for kind, guides in KINDS.items():
        lines.append(f"## {_first_capital(kind)}\n")
        for name in guides:
            lines += _section(name)
    return HEAD + "\n".join(lines)


def _draw_atoms(ax: Any, values: Any, shares: Any, colours: tuple[str, str]) -> None:
    """Draw probabilities of single values, those from P10 to P90 dark."""
    cumulative = np.cumsum(shares)
    shown = cumulative - shares < 0.998
    dark = (cumulative >= 0.1) & (cumulative - shares <= 0.9)
    for part, colour in ((shown & dark, colours[0]), (shown & ~dark, colours[1])):
        ax.vlines(values[part], 0, shares[part], color=colour, linewidth=4)


def _draw_density(ax: Any, law: Distribution, colours: tuple[str, str]) -> None:
    """Draw the share of draws in narrow cells, and single values as lines beside it."""
    low, p10, p50, p90, high = law.quantile(np.array([0.004, 0.1, 0.5, 0.9, 0.99]))
    support = law.support
    is_log = low > 0 and high / p50 > LOGARITHMIC
    if np.isfinite(support[0]) and support[0] > low - 0.1 * (high - low) and not is_log:
        low = support[0]
    if np.isfinite(support[1]) and support[1] < high + 0.35 * (high - low):
        high = support[1]
    edges = (np.geomspace if is_log else np.linspace)(low, high, CELLS + 1)
    values, shares = masses(law)
    share = np.diff(law.cdf(edges))
    for value, own in zip(values, shares, strict=True):
        if low < value <= high:
            share[min(int(np.searchsorted(edges, value)) - 1, CELLS - 1)] -= own
    widths = np.diff(np.log(edges) if is_log else edges)
    x, density = (edges[:-1] + edges[1:]) / 2, np.maximum(share, 0) / widths
    x, density = np.array([low, *x, high]), np.array([density[0], *density, density[-1]])
    ax.fill_between(x, density, color=colours[1], linewidth=0)
    ax.fill_between(x, density, where=(x >= p10) & (x <= p90), color=colours[0], linewidth=0)
    top = float(np.percentile(density, 99.5))
    ax.vlines(p50, 0, float(np.interp(p50, x, density)), color="white", linewidth=1.5)
    for value, own in zip(values, shares, strict=True):
        ax.vlines(value, 0, 1.35 * top, color=colours[0], linewidth=3)
        ax.annotate(f"  {own:.0%} at {value:g}", (value, 1.25 * top), fontsize=9, va="center")
    ax.set_ylim(0, (1.4 if values.size else 1.05) * top)
    if is_log:
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter("")
        ax.set_xlabel("logarithmic axis", fontsize=8, loc="right")


def draw(name: str, law: Distribution) -> bytes:
    """Draw one law."""
    from matplotlib.figure import Figure
    from rangecast.reports import style

    colours = (style.LOW, "#A9CFE6")
    with style.theme():
        figure = Figure(figsize=(4.2, 1.5), layout="constrained", facecolor="white")
        ax = figure.subplots()
        if law.discrete:
            _draw_atoms(ax, *masses(law), colours)
            ax.set_ylim(bottom=0)
        else:
            _draw_density(ax, law, colours)
        left, right = ax.get_xlim()
        if left <= law.mean <= right:
            ax.plot([law.mean], [0], "^", color=style.HIGH, markersize=8, clip_on=False, zorder=5)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        return style.encode(figure, "png")


def main() -> None:
    """Write the page and its pictures."""
    PAGE.write_text(page(), encoding="utf-8")
    PICTURES.mkdir(exist_ok=True)
    for name, law in pictured().items():
        (PICTURES / f"{name}.png").write_bytes(draw(name, law))
    size = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    print(f"wrote {PAGE} and {len(pictured())} pictures of {size / 1024:,.0f} KB together")


if __name__ == "__main__":
    main()
