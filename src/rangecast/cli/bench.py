"""``rangecast bench``: how fast this machine samples, beside plain NumPy in the same run."""

from __future__ import annotations

import functools
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rangecast.cli.values import Count

if TYPE_CHECKING:
    from rangecast.distributions import Distribution

_ROUNDS = 3
_REPEATS = 40
_KINDS = ("engine", "plain NumPy")
_ENGINES = (("engine", 1, "sequential"), ("engine", 2, "threads"), ("engine", 2, "loky"))


@click.command()
@click.argument("model", default="ai-servers")
@click.option("--case", default=None, metavar="A+B", help="Case; by default the model's first.")
@click.option("-n", "--scenarios", type=Count(), default=1_000_000, help="Such as 1e6 or 1M.")
@click.option("--rounds", type=click.IntRange(1, 100), default=_ROUNDS, help="Runs of each.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench(model: str, case: str | None, scenarios: int, rounds: int, as_json: bool) -> int:
    """Measure draws per distribution, and whole runs of MODEL, beside plain NumPy.

    Every figure is the median of measurements made in turns; memory is that of a process of its
    own, with the interpreter and the libraries.
    """
    from rangecast.engine.errors import Problem, SettingsError
    from rangecast.engine.model.load import load

    if model == "-":
        message, allowed = "every measured run reads the model itself", "a path or a shipped model"
        raise SettingsError(Problem("E700", "MODEL", message, model, allowed))
    loaded = load(model)
    chosen = case if case is not None else (loaded.run.cases or ("",))[0]
    found = {
        "schema_version": 1,
        "machine": _machine(),
        "model": model,
        "case": chosen,
        "scenarios": scenarios,
        "runs": run_rates(model, chosen, scenarios, rounds),
        "distributions": law_rates(_REPEATS),
    }
    click.echo(json.dumps(found, indent=1) if as_json else as_text(found))
    return 0


def _machine() -> dict[str, Any]:
    import platform

    import numpy as np

    from rangecast.engine.loops import compiled

    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "compiled_loop": compiled(),
    }


# ---------------------------------------------------------------------- whole runs


def run_rates(model: str, case: str, n: int, rounds: int) -> list[dict[str, Any]]:
    """Measure whole runs, each in a fresh process, kinds in turns.

    Returns
    -------
    list of dict
        Scenarios per second of wall time, CPU seconds and peak memory; medians.
    """
    cells = [*_ENGINES, ("plain NumPy", 1, "whole arrays")]
    seen: dict[tuple[str, int, str], list[dict[str, float]]] = {cell: [] for cell in cells}
    for _ in range(rounds):
        for cell in cells:
            seen[cell].append(_in_a_process(*cell, model, case, n))
    plain = statistics.median(one["cpu"] for one in seen[cells[-1]])
    rows = []
    for (kind, workers, backend), measured in seen.items():
        middle = {k: statistics.median(one[k] for one in measured) for k in measured[0]}
        rows.append(
            {
                "kind": kind,
                "workers": workers,
                "backend": backend,
                "per_second": n / middle["wall"],
                "cpu_seconds": middle["cpu"],
                "peak_mib": middle["peak"],
                "plain_cpu_over_own": plain / middle["cpu"],
            }
        )
    return rows


def _in_a_process(
    kind: str, workers: int, backend: str, model: str, case: str, n: int
) -> dict[str, float]:
    """Measure one run in a fresh process: wall and CPU seconds after import, peak memory in MiB.

    Raises
    ------
    RangecastError
        What the run itself raised.
    """
    from rangecast.engine import errors

    arguments = json.dumps([kind, workers, backend, model, case, n])
    command = [sys.executable, "-c", "from rangecast.cli import bench; bench.child()", arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the measured run failed: {done.stderr.strip()[-300:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if "refused" in found:
        refusal: type[errors.RangecastError] = getattr(errors, found["refused"])
        raise refusal(*(errors.Problem(**one) for one in found["problems"]))
    return found


def child() -> None:
    """Do what `_in_a_process` measures, and print it, or why it could not be done."""
    from rangecast.engine.errors import RangecastError

    try:
        found: dict[str, Any] = _measured()
    except RangecastError as refusal:
        problems = [asdict(one) for one in refusal.problems]
        found = {"refused": type(refusal).__name__, "problems": problems}
    print(json.dumps(found))


def _measured() -> dict[str, float]:
    kind, workers, backend, model, case, n = json.loads(sys.argv[1])
    work = _work(kind, workers, backend, model, case, n)
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu, "peak": _peak_mib()}


def _work(
    kind: str, workers: int, backend: str, model: str, case: str, n: int
) -> Callable[[], Any]:
    from rangecast.engine import plain
    from rangecast.engine.model.cases import apply_case
    from rangecast.engine.model.load import load
    from rangecast.engine.simulate import compiled_program, simulate

    loaded = load(model)
    laid = apply_case(loaded, case) if case else loaded
    shown = list(laid.run.outputs) or [q.name for q in laid.outputs]
    if kind == "engine":
        return lambda: [
            simulate(loaded, scenarios=n, case=case, workers=workers, backend=backend).tornado(o)
            for o in shown[:1]
        ]
    program = compiled_program(laid)
    return lambda: plain.run(laid, program, shown, n)


def _cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def _peak_mib() -> float:
    """Peak memory of this process, without what it inherited from the one that started it."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:  # no Linux
        return float("nan")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


# ---------------------------------------------------------------------- distributions


def law_rates(repeats: int) -> list[dict[str, Any]]:
    """Measure draws of an example of every family: the engine's, NumPy's and SciPy's in turns.

    Returns
    -------
    list of dict
        CPU nanoseconds per draw of each (None where a library has no such law), and the
        milliseconds in which the engine makes what it draws from, a table or a list of atoms;
        medians.
    """
    import numpy as np

    from rangecast.distributions.examples import EXAMPLES, law_of
    from rangecast.engine import plain
    from rangecast.engine.plan import PASS
    from rangecast.engine.scenarios import Drawer

    rows, rng = [], np.random.default_rng(1)
    for name in EXAMPLES:
        law = law_of(name)
        own, frozen = plain.generator_of(law), plain.frozen_of(law)
        drawer = Drawer(law, PASS)
        works: dict[str, Callable[[], Any] | None] = {
            "engine": drawer.draw,
            "numpy": functools.partial(own, rng, PASS) if own else None,
            "scipy": functools.partial(frozen.rvs, size=PASS, random_state=rng) if frozen else None,
        }
        seen = _in_turns({kind: work for kind, work in works.items() if work}, repeats)
        ns = {kind: 1e9 * seen[kind] / PASS if kind in seen else None for kind in works}
        rows.append(
            {
                "distribution": name,
                **{f"{kind}_ns": value for kind, value in ns.items()},
                "setup_ms": 1e3 * statistics.median(_setup(law) for _ in range(_ROUNDS)),
            }
        )
    return rows


def _in_turns(works: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Median seconds of several works done in turns; the first round only warms up."""
    seen: dict[str, list[float]] = {kind: [] for kind in works}
    for _ in range(repeats + 1):
        for kind, work in works.items():
            seen[kind].append(_seconds(work))
    return {kind: statistics.median(times[1:]) for kind, times in seen.items()}


def _setup(law: Distribution) -> float:
    """Seconds to make what a law is drawn from."""
    from rangecast.engine.tables import Guide, Table

    if not law.discrete:
        return _seconds(lambda: Table(law))
    listed = law.atoms()  # type: ignore[attr-defined]  # discrete laws
    return _seconds(lambda: Guide(listed[1])) if listed is not None else math.nan


def _seconds(work: Callable[[], Any]) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


# ---------------------------------------------------------------------- text


def as_text(found: dict[str, Any]) -> str:
    """Write the measurements as two tables."""
    machine = found["machine"]
    loop = "" if machine["compiled_loop"] else ", without the compiled loop"
    case = f", {found['case']}" if found["case"] else ""
    lines = [
        f"{machine['cores']} cores, Python {machine['python']}, NumPy {machine['numpy']}{loop}",
        "",
        f"{found['model']}{case}: {found['scenarios']:,} scenarios",
        "                            scenarios/s   CPU s   peak MiB   CPU of plain NumPy / own",
    ]
    for row in found["runs"]:
        how = f"{row['kind']}, {row['workers']} × {row['backend']}"
        if row["kind"] != "engine":
            how = row["kind"]
        lines.append(
            f"{how:<27} {row['per_second']:>11,.0f} {row['cpu_seconds']:>7.2f}"
            f" {row['peak_mib']:>10,.0f}   ×{row['plain_cpu_over_own']:.1f}"
        )
    lines += ["", "ns per draw        engine   NumPy   SciPy   NumPy / engine   set-up ms"]
    for row in found["distributions"]:
        own, numpy, scipy = (row[f"{kind}_ns"] for kind in ("engine", "numpy", "scipy"))
        ratio = f"×{numpy / own:.1f}" if numpy else "-"
        lines.append(
            f"{row['distribution']:<18} {own:>6.1f} {_ns(numpy):>7} {_ns(scipy):>7} {ratio:>16}"
            f" {row['setup_ms']:>11.1f}"
        )
    return "\n".join(lines)


def _ns(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
