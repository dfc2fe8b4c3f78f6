"""Everything beside everything: ``python benchmarks/compare.py [--quick] [--max-n 1e7]``.

Tools on the same reference model at growing sizes; cost against scenarios, inputs and outputs; and
the shipped model beside plain NumPy. Fresh processes, tools in turns, medians. Writes compare.txt,
compare.json and compare.png to a folder. Needs the extra ``bench``; a tool that is not installed is
listed as such.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure import TOOLS, load, measure, middle, ratios

MOST_SECONDS = 60.0
LARGEST = {"monaco": 100_000, "salib": 1_000_000, "probabilit": 1_000_000}
"""Beyond, a run would take minutes or more memory than a small machine has."""


def about(tool: str, word: str) -> str:
    """Read a word of a tool's description without importing the tool itself."""
    for line in (HERE / "peers" / f"{TOOLS[tool]}.py").read_text().splitlines():
        if line.startswith(f"{word} = "):
            return line.split("=", 1)[1].strip().strip('"')
    return ""


def by_size(sizes: list[int], rounds: int) -> dict[str, dict[int, list[dict[str, Any]]]]:
    """Measure every tool at every size, tools in turns."""
    found: dict[str, dict[int, list[dict[str, Any]]]] = {tool: {} for tool in TOOLS}
    for n in sizes:
        for _ in range(rounds):
            for tool in TOOLS:
                rows = found[tool].setdefault(n, [])
                reason = _skipped(tool, n, found[tool])
                rows.append({"error": reason} if reason else measure(tool, n))
                print(
                    f"{tool} {n:.0e}: {rows[-1].get('error') or rows[-1]['cpu']}", file=sys.stderr
                )
    return found


def _skipped(tool: str, n: int, so_far: dict[int, list[dict[str, Any]]]) -> str:
    """Say why a size is left out; empty when it is not."""
    if n > LARGEST.get(tool, 10**8):
        return "too slow"
    for size, rows in sorted(so_far.items(), reverse=True):
        taken = [row["wall"] for row in rows if "wall" in row]
        if size < n and taken:  # the largest size so far tells most
            return "over 60 s" if min(taken) * n / size > MOST_SECONDS else ""
        if any(row.get("error", "").startswith("ModuleNotFound") for row in rows):
            return "not installed"
    return ""


def size_table(found: dict[str, dict[int, list[dict[str, Any]]]]) -> list[str]:
    """Write CPU nanoseconds per model run, ratio to Rangecast and memory."""
    sizes = sorted(next(iter(found.values())))
    head = "".join(f"{f'n = {n:.0e}':>26}" for n in sizes)
    lines = [
        "CPU ns per model run (× Rangecast, peak MiB of the process tree)",
        f"{'':<20}{head}",
    ]
    for tool, by_n in found.items():
        cells = []
        for n in sizes:
            good = [row for row in by_n[n] if "cpu" in row]
            if not good:
                cells.append(f"{by_n[n][0].get('error') or by_n[n][0].get('skipped', '–'):>26}")
                continue
            own = [row for row in found["rangecast"][n] if "cpu" in row]
            runs = good[0].get("runs", n)
            nanoseconds = middle(good, "cpu") / runs * 1e9
            base = middle(own, "cpu") / n * 1e9
            peak = middle(good, "peak_mib")
            cells.append(f"{nanoseconds:>10,.0f} (×{nanoseconds / base:>5.2f}, {peak:>5,.0f})")
        lines.append(f"{about(tool, 'NAME'):<20}" + "".join(cells))
    return lines


def what_each_gives() -> list[str]:
    """List deliverables, what is lacking and where the route used is documented."""
    lines = ["What each run gives, what it lacks, and the documentation of the route used"]
    for tool in TOOLS:
        lines.append(f"{about(tool, 'NAME'):<20} {about(tool, 'GIVES')}")
        lines.append(f"{'':<20} lacks: {about(tool, 'LACKS')}")
        lines.append(f"{'':<20} {about(tool, 'LINK')}")
    return lines


# ---------------------------------------------------------------------- inputs and outputs


def generated(inputs: int, outputs: int) -> str:
    """Write a model of products of lognormals."""
    text = [f'[inputs.x{k}]\ndist = "lognormal"\nmu = 0\nsigma = 0.2' for k in range(inputs)]
    for j in range(outputs):
        terms = " * ".join(f"x{k}" for k in range(inputs) if k % outputs != j or outputs == 1)
        text.append(f'[outputs.y{j}]\nformula = "{terms or "x0"}"')
    return "\n".join(text)


def careful_generated(inputs: int, outputs: int, n: int) -> None:
    """Do what the careful script does for the same model."""
    import numpy as np

    rng = np.random.default_rng(1)
    x = [rng.lognormal(0, 0.2, n) for _ in range(inputs)]
    y = []
    for j in range(outputs):
        chosen = [x[k] for k in range(inputs) if k % outputs != j or outputs == 1]
        y.append(np.prod(chosen or [x[0]], axis=0))
    for one in y:
        np.percentile(one, (5, 10, 25, 50, 75, 90, 95))

    def ranks(values):
        found = np.empty(n)
        found[np.argsort(values)] = np.arange(n)
        return found

    ranks_y = [ranks(one) for one in y]
    for column in x:
        rank = ranks(column)
        cell = (rank * (64 / n)).astype(np.intp)
        for other, one in zip(ranks_y, y, strict=True):
            np.corrcoef(rank, other)
            ((np.bincount(cell, one, 64) / (n / 64) - one.mean()) ** 2).mean() / one.var()
    a = np.stack([*x, np.ones(n)])
    np.linalg.solve(a @ a.T, a @ np.stack(y).T)


def shapes(n: int, rounds: int) -> list[str]:
    """Measure cost against inputs and outputs, both ways in turns, in this process."""
    import rangecast as rc

    lines = [
        f"CPU ns per scenario at n = {n:.0e}",
        "inputs  outputs   Rangecast   careful    ratio",
    ]
    for inputs, outputs in ((5, 1), (10, 1), (20, 1), (40, 1), (80, 1), (10, 2), (10, 4), (10, 16)):
        model = rc.loads(generated(inputs, outputs))
        own, careful = [], []
        for _ in range(rounds):
            own.append(_cpu(lambda m=model: rc.simulate(m, scenarios=n)))
            careful.append(_cpu(lambda i=inputs, o=outputs: careful_generated(i, o, n)))
        a, b = statistics.median(own) / n * 1e9, statistics.median(careful) / n * 1e9
        lines.append(f"{inputs:>6} {outputs:>8} {a:>11,.0f} {b:>9,.0f}   ×{b / a:.1f}")
    return lines


def _cpu(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def shipped(n: int, rounds: int) -> list[str]:
    """The shipped model (28 uncertain inputs, correlated) beside plain NumPy."""
    from rangecast.cli.bench import run_rates

    lines = [
        f"ai-servers, exante+token: {n:,} scenarios",
        f"{'':<28}{'scenarios/s':>12}{'CPU s':>8}{'peak MiB':>10}   plain NumPy / own (CPU)",
    ]
    for row in run_rates("ai-servers", "exante+token", n, rounds):
        how = f"{row['kind']}, {row['workers']} × {row['backend']}"
        lines.append(
            f"{how:<28}{row['per_second']:>12,.0f}{row['cpu_seconds']:>8.2f}"
            f"{row['peak_mib']:>10,.0f}   ×{row['plain_cpu_over_own']:.1f}"
        )
    lines.append(
        "plain NumPy: percentiles of all outputs, Spearman of two; no intervals, no tornado"
    )
    return lines


# ---------------------------------------------------------------------- chart


def chart(found: dict[str, dict[int, list[dict[str, Any]]]], path: Path) -> None:
    """Draw CPU seconds against n, one line per tool."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 5.4), layout="constrained", facecolor="white")
    ax = figure.subplots()
    palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"]
    ends = []
    for k, (tool, by_n) in enumerate(found.items()):
        points = [(n, middle(rows, "cpu")) for n, rows in by_n.items() if "cpu" in rows[0]]
        points = [(n, cpu) for n, cpu in points if cpu > 0]
        if not points:
            continue
        colour, style = palette[k % len(palette)], "-" if k < len(palette) else "--"
        width = 3 if tool == "rangecast" else 1.4
        ax.plot(*zip(*points, strict=True), style, color=colour, linewidth=width, marker="o", ms=3)
        ends.append((points[-1], about(tool, "NAME"), colour, tool == "rangecast"))
    ax.set(xscale="log", yscale="log", xlabel="model runs", ylabel="CPU seconds after import")
    ax.grid(alpha=0.25)
    _label(ax, ends)
    ax.set_title("Cost of the reference model, each tool by its own route", loc="left", fontsize=11)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    figure.savefig(path, dpi=150)


def _label(ax: Any, ends: list[Any]) -> None:
    """Name every line at its end, labels of the same end pushed apart."""
    import math

    ax.set_xlim(right=ax.get_xlim()[1] * 12)
    last: dict[int, float] = {}
    for (n, cpu), name, colour, bold in sorted(ends, key=lambda e: (e[0][0], e[0][1])):
        column = round(math.log10(n))
        height = max(math.log10(cpu), last.get(column, -99.0) + 0.16)
        last[column] = height
        weight = "bold" if bold else "normal"
        ax.text(
            n * 1.25,
            10**height,
            name,
            color=colour,
            va="center",
            fontsize=8.5,
            weight=weight,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, about a minute")
    parser.add_argument("--max-n", type=float, default=1e7)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    options = parser.parse_args()
    largest, rounds = (1e5, 1) if options.quick else (options.max_n, options.rounds)
    sizes = [n for n in (10**4, 10**5, 10**6, 10**7) if n <= largest]
    load("careful")
    found = by_size(sizes, rounds)
    small = 20_000 if options.quick else 200_000
    import numpy as np

    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}"
    blocks = [
        [f"{machine}; {dt.date.today()}; medians of {rounds} round(s), tools in turns"],
        size_table(found),
        what_each_gives(),
        shapes(small, rounds),
        shipped(small * 5, rounds),
    ]
    for n in (10**8, 10**9):
        if n <= options.max_n:
            blocks.append(large(n))
    text = "\n\n".join("\n".join(block) for block in blocks) + "\n"
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "compare.txt").write_text(text)
    (options.out / "compare.json").write_text(json.dumps(found, indent=1, default=float) + "\n")
    chart(found, options.out / "compare.png")
    print(text)


def large(n: int) -> list[str]:
    """Rangecast alone at a size the others do not reach."""
    lines = [f"Rangecast at n = {n:.0e}"]
    for workers, backend in ((1, "sequential"), (2, "threads"), (2, "loky")):
        row = measure("rangecast", n, workers, backend, limit=7200)
        wall, cpu, peak = (row[k] for k in ("wall", "cpu", "peak_mib"))
        lines.append(
            f"{workers} × {backend:<11} {wall:>7.1f} s wall, {cpu:>7.1f} s CPU, {peak:>4.0f} MiB,"
            f" {cpu / n * 1e9:.0f} ns per scenario, digest {row['digest'][:12]}"
        )
    return lines


__all__ = ["ratios"]

if __name__ == "__main__":
    main()
