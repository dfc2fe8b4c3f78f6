"""What a design buys: ``python benchmarks/designs.py`` (a few minutes).

Root mean square error of P50, P95 and mean against n for every design, over seeds, on the reference
model; the truth is a run of 2^27 scenarios (its own error is a hundredth of what is shown) and the
exact mean. Then the scenarios that ±0.1 % (95 %) would take, along a line through all sizes. Writes
designs.txt and designs.png.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from reference import MEAN

import rangecast as rc

FIGURES = ("P50", "P95", "mean")
LEVELS = (0.5, 0.95)
MODEL = HERE / "reference_model.toml"


def figures_of(model: Any, n: int, seed: int, design: str) -> list[float]:
    """P50, P95 and mean of servers in one run."""
    result = rc.simulate(model, scenarios=n, seed=seed, design=design, percentiles=LEVELS)
    return [*(result.quantile("servers", p) for p in LEVELS), result.moments_of("servers").mean]


def errors(sizes: list[int], seeds: int, truth: np.ndarray) -> dict[str, np.ndarray]:
    """Relative RMS error by design: (sizes, figures)."""
    model = rc.load(str(MODEL))
    found = {}
    for design in ("random", "lhs", "sobol"):
        rows = []
        for n in sizes:
            runs = [figures_of(model, n, 1000 + seed, design) for seed in range(seeds)]
            rows.append(np.sqrt(np.mean((np.array(runs) / truth - 1) ** 2, axis=0)))
        found[design] = np.array(rows)
    return found


def needed(sizes: list[int], error: np.ndarray, target: float = 0.001) -> float:
    """Scenarios for a 95 % half-width of `target`, along the fitted line, no steeper than 1/n."""
    x, y = np.log(sizes), np.log(1.96 * error)
    slope = float(np.clip(np.polyfit(x, y, 1)[0], -1.0, -0.5))
    level = float(np.mean(y - slope * x))
    return float(np.exp((np.log(target) - level) / slope))


def table(sizes: list[int], found: dict[str, np.ndarray], seeds: int) -> str:
    """Write errors and needs as text."""
    lines = [
        f"relative RMS error of servers over {seeds} seeds, reference model; "
        f"each error is known to ±{70 / seeds**0.5:.0f} %"
    ]
    head = "".join(f"{n:>12,}" for n in sizes)
    lines.append(f"{'figure':<8}{'design':<10}{head}   scenarios for ±0.1 % (95 %)")
    for k, figure in enumerate(FIGURES):
        for design, error in found.items():
            cells = "".join(f"{100 * e:>11.4f}%" for e in error[:, k])
            want = needed(sizes, error[:, k])
            lines.append(f"{figure:<8}{design:<10}{cells}   {want:>12,.2g}")
    return "\n".join(lines) + "\n"


def chart(sizes: list[int], found: dict[str, np.ndarray], path: Path) -> None:
    """Draw the errors, one panel per figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 3.6), layout="constrained", facecolor="white")
    colours = {"random": "#D55E00", "lhs": "#0072B2", "sobol": "#009E73"}
    for k, ax in enumerate(figure.subplots(1, 3, sharey=True)):
        for design, error in found.items():
            ax.plot(sizes, 100 * error[:, k], marker="o", ms=3, color=colours[design])
            text = (sizes[-1] * 1.2, 100 * error[-1, k])
            ax.text(*text, design, color=colours[design], va="center", fontsize=9)
        ax.set(xscale="log", yscale="log", title=FIGURES[k], xlabel="scenarios")
        ax.set_xlim(right=sizes[-1] * 8)
        ax.grid(alpha=0.25)
    figure.axes[0].set_ylabel("RMS error, % of the figure")
    figure.savefig(path, dpi=150)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=64)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    options = parser.parse_args()
    sizes = [2**k for k in (13, 15, 17, 19)]
    model = rc.load(str(MODEL))
    reference = rc.simulate(
        model, scenarios=2**27, seed=9, design="lhs", percentiles=LEVELS, workers=2
    )
    truth = np.array([*(reference.quantile("servers", p) for p in LEVELS), MEAN])
    found = errors(sizes, options.seeds, truth)
    text = table(sizes, found, options.seeds)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "designs.txt").write_text(text)
    chart(sizes, found, options.out / "designs.png")
    print(text)


if __name__ == "__main__":
    main()
