"""Where the time of a run goes: ``python benchmarks/stages.py``, nanoseconds per scenario.

Each stage of one pass of the reference model, repeated on warm arrays; the whole is measured too.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{name}_NUM_THREADS", "1")

import numpy as np
from rangecast.engine import loops
from rangecast.engine.cells import Locator
from rangecast.engine.scenarios import Sampler
from rangecast.engine.summary import Scratch, Summary

import rangecast as rc

HERE = Path(__file__).resolve().parent
REPEATS = 60


def measure(work: Callable[[], Any], rows: int) -> float:
    """Median nanoseconds per scenario."""
    work()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) / rows * 1e9


def stages() -> dict[str, float]:
    """Measure the stages of a pass."""
    model = rc.load(str(HERE / "reference_model.toml"))
    setup = rc.simulate(model, scenarios=4_000_000).setup
    rows, layout = setup.plan.rows, setup.reading.layout
    sampler = Sampler(setup.plan, setup.scheme)
    locators = [Locator(mapping, coarse=True) for mapping in setup.reading.mappings]
    scratch = Scratch(rows, layout)
    summary = Summary(layout, locators, scratch)
    made = sampler.make(0)
    columns = summary._columns(made, rows)
    none = np.zeros(0, np.intp)
    u, z = np.empty(rows), scratch.z
    point, law = sampler.point, setup.drivers[0].laws[0][1]
    from rangecast.engine.scenarios import table_of

    table, out = table_of(law), np.empty(rows)
    cells = np.empty(rows, np.intp)
    fresh = iter(range(10**9))

    def make() -> None:
        sampler.make(next(fresh) % setup.plan.passes)

    def look_up() -> None:
        point.of_uniform(u)
        point.look_up(table, out)

    stream = sampler.points.streams[0]
    continuous = sum(not d.laws[0][1].discrete for d in setup.drivers)
    found = {
        "points (11 streams)": len(setup.drivers) * measure(lambda: stream.fill(u), rows),
        "quantile tables (10 inputs)": continuous * measure(look_up, rows),
        "cells of inputs (10)": continuous * measure(lambda: point.number_cells(cells), rows),
        "formulas": measure(sampler.bound.run, rows),
        "whole sampling": measure(make, rows),
    }
    locators[0].scaled(made.y[0], z)
    fine, coarse = locators[0].place(made.y[0], z, scratch)
    two = layout.outputs
    found |= {
        "products of inputs": measure(lambda: columns @ columns.T, rows)
        + measure(lambda: summary._columns(made, rows), rows),
        "moments, extremes": two
        * measure(lambda: summary._add_moments(0, made.y[0], z, none), rows),
        "cells of outputs": two * measure(lambda: locators[0].place(made.y[0], z, scratch), rows)
        + two * measure(lambda: loops.count(fine, summary.cells[0]), rows),
        "counts and sums of 22 pairs": two
        * measure(lambda: summary._add_pairs(0, coarse, z, made.cells, none), rows),
        "whole summary": measure(lambda: summary.add(made), rows),
    }
    return found


def text(found: dict[str, float]) -> str:
    """Write the stages as a table."""
    kind = "with" if loops.compiled() else "without"
    lines = [f"{kind} the compiled loops, NumPy {np.__version__}, Python {sys.version.split()[0]}"]
    for name, nanoseconds in found.items():
        whole = name.startswith("whole")
        lines.append(f"{'' if whole else '  '}{name:<32}{nanoseconds:>8.1f}")
    total = sum(v for k, v in found.items() if k.startswith("whole"))
    return "\n".join([*lines, f"{'both':<32}{total:>8.1f}"])


if __name__ == "__main__":
    print(text(stages()))
