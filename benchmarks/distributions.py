"""The page of distributions: every family with its parameters, its use and a picture.

``python benchmarks/distributions.py`` writes docs/distributions.md and docs/distributions.png; a
test makes the page again.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from rangecast.distributions import registry
from rangecast.distributions.examples import EXAMPLES, law_of

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs" / "distributions.md", ROOT / "docs" / "distributions.png"
HEAD = """# Distributions

Made by `python benchmarks/distributions.py`. In a model file a distribution is `dist = "name"` with
the parameters named here; in Python it is a class of `rangecast.distributions`.
Where percentiles can stand for parameters they are named `p05`, `p10`, `p50` …, and hold exactly.

- `min` and `max` cut any of them off; percentiles are those of the cut distribution.
- `round = true` rounds the draw.
- `dist = "2M to 5M (80%)"` is P10 to P90 of a lognormal, of a normal where a bound is 0 or less.
- In Python any frozen `scipy.stats` object will do, too.
- `dist = "data"` draws from observed values, as they are, smoothed or fitted: [data.md](data.md).

![A picture of every family](distributions.png)

| family | what it is for | takes | mean, sd and P5, P50, P95 of the example |
|---|---|---|---|
"""


def _number(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.4g}"


def page() -> str:
    """Write the page."""
    rows = []
    for name, family in sorted(registry.FAMILIES.items()):
        law = law_of(name)
        example = registry.describe(name, EXAMPLES[name]).partition("(")[2].rstrip(")")
        bands = ", ".join(_number(float(v)) for v in law.quantile(np.array([0.05, 0.5, 0.95])))
        figures = f"{example}: {_number(law.mean)}, {_number(law.sd)}; {bands}"
        rows.append(f"| `{name}` | {family.summary} | {family.taken} | {figures} |")
    return HEAD + "\n".join(rows) + "\n"


def draw() -> None:
    """Draw the density, or the probabilities, of every example."""
    from matplotlib.figure import Figure
    from rangecast.reports import style

    names, columns = sorted(registry.FAMILIES), 5
    rows = -(-len(names) // columns)
    with style.theme():
        figure = Figure(figsize=(11, 1.55 * rows), layout="constrained", facecolor="white")
        for k, name in enumerate(names):
            ax, law = figure.add_subplot(rows, columns, k + 1), law_of(name)
            if law.discrete:
                values, cumulative = law.atoms()  # type: ignore[attr-defined]
                shown = cumulative < 0.999
                shown[: shown.sum() + 1] = True
                weights = np.diff(cumulative, prepend=0.0)[shown]
                ax.vlines(values[shown], 0, weights, color=style.LOW, linewidth=2)
            else:
                u = np.linspace(0.002, 0.985, 400)
                x = law.quantile(u)
                rises = np.diff(x, prepend=-np.inf) > 0  # else an atom, which is drawn as a line
                if not rises.all():
                    ax.axvline(float(x[~rises][0]), color=style.LOW, linewidth=2)
                    rises[np.flatnonzero(~rises)[-1] + 1] = False  # the step out of the atom
                    rises[: np.flatnonzero(~rises)[0]] = False
                u, x = u[rises], x[rises]
                density = np.gradient(u, x)
                ax.fill_between(x, density, color=style.LOW, alpha=0.25, linewidth=0)
                ax.plot(x, density, color=style.LOW, linewidth=1.2)
            ax.set_title(name, loc="left", fontsize=8)
            ax.set_ylim(bottom=0)
            ax.set_yticks([])
            ax.tick_params(labelsize=6.5)
            ax.spines["left"].set_visible(False)
        PICTURE.write_bytes(style.encode(figure, "png"))


def main() -> None:
    """Write the page and its picture."""
    PAGE.write_text(page(), encoding="utf-8")
    draw()
    print(f"wrote {PAGE} and {PICTURE}")


if __name__ == "__main__":
    main()
