"""Scenarios per second of the engine, and draws per second of every distribution.

``python benchmarks/throughput.py [--quick] [--json FILE]`` takes about a minute. Every ratio
compares measurements made in turns within the same run, so that a noisy machine harms both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rangecast.engine.scenarios import atoms_of, table_of
from rangecast.engine.streams import BLOCK, Streams
from rangecast.engine.tables import locate

import rangecast as rc
from rangecast import distributions as laws

ROUNDS = 3
CASE = "exante+token"
BACKENDS = ((1, "sequential"), (2, "threads"), (2, "loky"))


def seconds(work: Callable[[], Any]) -> float:
    """Time one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def engine_rates(sizes: list[int]) -> list[dict[str, Any]]:
    """Measure whole runs of the shipped model, back ends in turns."""
    model = rc.load("ai-servers")
    rows = []
    for n in sizes:
        times: dict[tuple[int, str], list[float]] = {key: [] for key in BACKENDS}
        for _ in range(ROUNDS):
            for workers, backend in BACKENDS:
                settings = {"scenarios": n, "case": CASE, "workers": workers, "backend": backend}
                times[workers, backend].append(seconds(lambda s=settings: rc.simulate(model, **s)))
        one = statistics.median(times[1, "sequential"])
        for (workers, backend), taken in times.items():
            middle = statistics.median(taken)
            rows.append(
                {
                    "scenarios": n,
                    "workers": workers,
                    "backend": backend,
                    "per_second": n / middle,
                    "fastest": n / min(taken),
                    "slowest": n / max(taken),
                    "speed_up": one / middle,
                }
            )
    return rows


def catalogue(rng: np.random.Generator) -> list[tuple[str, laws.Distribution, Callable[[], Any]]]:
    """List laws, each beside NumPy's own way to draw a block of it."""
    n = BLOCK
    half = laws.LogitNormal.from_percentiles({0.1: 0.3, 0.9: 0.7})
    choice = laws.Discrete((1.0, 2.0, 5.0), (0.2, 0.5, 0.3))
    return [
        ("uniform", laws.Uniform(0, 1), lambda: rng.random(n)),
        ("normal", laws.Normal(0, 1), lambda: rng.normal(0, 1, n)),
        ("lognormal", laws.Lognormal(0, 1), lambda: rng.lognormal(0, 1, n)),
        ("logit_normal", half, lambda: 1 / (1 + np.exp(-rng.normal(half.mu, half.sigma, n)))),
        ("triangular", laws.Triangular(0, 1, 3), lambda: rng.triangular(0, 1, 3, n)),
        ("pert", laws.PERT(0, 1, 3), lambda: 3 * rng.beta(7 / 3, 11 / 3, n)),
        ("beta", laws.Beta(2, 5), lambda: rng.beta(2, 5, n)),
        ("exponential", laws.Exponential(1), lambda: rng.exponential(1, n)),
        ("gamma", laws.Gamma(2.5, 1), lambda: rng.gamma(2.5, 1, n)),
        ("weibull", laws.Weibull(1.5, 1), lambda: rng.weibull(1.5, n)),
        ("bernoulli", laws.Bernoulli(0.3), lambda: rng.random(n) < 0.3),
        ("discrete", choice, lambda: rng.choice([1.0, 2.0, 5.0], n, p=[0.2, 0.5, 0.3])),
        ("integers", laws.Integers(5, 20), lambda: rng.integers(5, 21, n)),
        ("poisson", laws.Poisson(4.2), lambda: rng.poisson(4.2, n)),
    ]


def engine_draw(law: laws.Distribution) -> Callable[[], None]:
    """Draw a block as the engine does: keyed points, then table or list of atoms, in place."""
    streams, u, out, w = Streams(1), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    single, slots = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.intp)
    scratch = np.empty(BLOCK)

    def continuous() -> None:
        streams.fill("x", 0, u)
        np.rint(u, out=w)
        np.subtract(u, w, out=w)
        locate(w, single, slots)
        table_of(law).fill(slots, w, out, scratch)

    def discrete() -> None:
        streams.fill("x", 0, u)
        atoms = atoms_of(law)
        assert atoms is not None
        atoms[0].take(np.searchsorted(atoms[1], u), out=out, mode="clip")

    return discrete if law.discrete else continuous


def law_rates(repeats: int) -> list[dict[str, Any]]:
    """Measure draws of one block, the engine's and NumPy's in turns."""
    rows = []
    for name, law, plain in catalogue(np.random.default_rng(1)):
        own = engine_draw(law)
        own(), plain()
        mine, theirs = [], []
        for _ in range(repeats):
            mine.append(seconds(own))
            theirs.append(seconds(plain))
        ours, numpys = statistics.median(mine), statistics.median(theirs)
        rows.append(
            {
                "law": name,
                "engine_per_second": BLOCK / ours,
                "numpy_per_second": BLOCK / numpys,
                "ratio": numpys / ours,
            }
        )
    return rows


def table(found: dict[str, Any]) -> str:
    """Write the measurements as text."""
    lines = [found["machine"], "", "scenarios   workers  back end    scenarios/s (slowest–fastest)"]
    lines[-1] += "         against 1 worker"
    for row in found["engine"]:
        spread = f"({row['slowest']:,.0f}–{row['fastest']:,.0f})"
        lines.append(
            f"{row['scenarios']:>9,}   {row['workers']:>7}  {row['backend']:<10}"
            f"  {row['per_second']:>9,.0f} {spread:<24}  ×{row['speed_up']:.2f}"
        )
    lines += ["", "distribution   engine draws/s    NumPy draws/s   engine / NumPy"]
    for row in found["laws"]:
        lines.append(
            f"{row['law']:<13}  {row['engine_per_second']:>14,.0f}"
            f"  {row['numpy_per_second']:>15,.0f}   ×{row['ratio']:.2f}"
        )
    return "\n".join(lines)


def measure(quick: bool) -> dict[str, Any]:
    """Make every measurement."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return {
        "machine": f"{machine}, NumPy {np.__version__}; model ai-servers, {CASE}",
        "engine": engine_rates([100_000] if quick else [1_000_000, 4_000_000]),
        "laws": law_rates(5 if quick else 100),
    }


def main(arguments: list[str] | None = None) -> None:
    """Print the table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="small sizes, a few seconds")
    parser.add_argument("--json", type=Path, help="file for the measurements")
    options = parser.parse_args(arguments)
    found = measure(options.quick)
    print(table(found))
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
