"""The goals of the engine, one by one, with what is measured now: ``python benchmarks/goals.py``.

Ratios are formed round by round between processes run one after the other; --full adds the runs of
1e8 and 1e9 scenarios (about ten minutes each). ``--json FILE`` keeps the figures.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from measure import ONE_THREAD, measure, ratios

Row = dict[str, Any]
PARTS = ("against", "memory", "start", "scaling", "checkpoints")


def row(measure_: str, goal: str, values: list[float], met: bool, floor: bool, unit: str) -> Row:
    """One line of the table."""
    word = "met" if met else ("above the floor" if floor else "missed")
    return {"measure": measure_, "goal": goal, "values": values, "unit": unit, "verdict": word}


def against(rounds: int) -> list[Row]:
    """Ratios to the careful script, the C kernel and OpenTURNS."""
    seen: dict[str, list[Row]] = {}
    plan = [("rangecast", 10**6), ("careful", 10**6), ("openturns_sobol", 10**6)]
    plan += [("rangecast", 10**7), ("kernel", 10**7), ("careful", 10**7)]
    for k in range(rounds):
        for tool, n in plan:
            if (tool, n) == ("careful", 10**7) and k >= 3:
                continue  # 18 s each
            seen.setdefault(f"{tool} {n}", []).append(measure(tool, n))
    rows = []
    for n, goal, floor in ((10**6, 8.0, 5.0), (10**7, 15.0, 12.0)):
        careful = seen[f"careful {n}"]
        found = ratios(seen[f"rangecast {n}"][: len(careful)], careful)
        got = statistics.median(found)
        name = f"CPU of the careful NumPy script / ours, n = {n:.0e}"
        rows.append(row(name, f"≥ {goal:g}×", found, got >= goal, got >= floor, "×"))
    kernel = seen["kernel 10000000"]
    if "cpu" in kernel[0]:
        found = ratios(kernel, seen["rangecast 10000000"])
        got = statistics.median(found)
        name = "CPU, ours / the fused C kernel, n = 1e+07"
        rows.append(row(name, "≤ 3.3×", found, got <= 3.3, got <= 4.5, "×"))
    sobol = seen["openturns_sobol 1000000"]
    if "cpu" in sobol[0]:
        found = ratios(sobol, seen["rangecast 1000000"])
        got = statistics.median(found)
        name = "CPU, ours / OpenTURNS Sobol', 1e6 model runs"
        rows.append(row(name, "≤ 0.6×", found, got <= 0.6, False, "×"))
    return rows


def memory(sizes: list[int]) -> list[Row]:
    """Peak memory with two threads and with two processes."""
    rows = []
    for backend, most in (("threads", 200), ("loky", 350)):
        found = [measure("rangecast", n, 2, backend, limit=7200)["peak_mib"] for n in sizes]
        listed = ", ".join(f"{n:.0e}" for n in sizes)
        name = f"peak memory, 2 {backend}, n = {listed}"
        rows.append(row(name, f"≤ {most} MiB, flat", found, max(found) <= most, False, "MiB"))
    return rows


def start_up(rounds: int) -> list[Row]:
    """CPU of the commands a user types first."""
    rows = []
    for arguments, most in (
        (["--help"], 0.15),
        (["check", "ai-servers"], 1.2),
        (["run", "ai-servers", "-n", "1e4"], 1.5),
    ):
        found = sorted(_command_cpu(arguments) for _ in range(rounds))
        name = f"CPU of rangecast {' '.join(arguments)}"
        met = statistics.median(found) <= most
        rows.append(row(name, f"≤ {most:g} s", found, met, False, "s"))
    return rows


def _command_cpu(arguments: list[str]) -> float:
    import os
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **ONE_THREAD}
    command = [sys.executable, "-m", "rangecast", *arguments]
    subprocess.run(command, capture_output=True, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scaling(n: int) -> list[Row]:
    """Wall time of one worker over that of two."""
    one = measure("rangecast", n, 1, "sequential", limit=7200)["wall"]
    rows = []
    for backend, least in (("loky", 1.8), ("threads", 1.4)):
        found = [one / measure("rangecast", n, 2, backend, limit=7200)["wall"]]
        name = f"speed of 2 workers ({backend}) / 1, n = {n:.0e}"
        rows.append(row(name, f"≥ {least:g}×", found, found[0] >= least, False, "×"))
    return rows


def checkpoints(n: int) -> list[Row]:
    """Time spent on checkpoints over time of the run, at the default interval."""
    from rangecast.engine import checkpoint

    import rangecast as rc

    spent: list[float] = []
    save = checkpoint.Saver.save

    def timed(self: Any, *state: Any) -> None:
        began = time.perf_counter()
        save(self, *state)
        spent.append(time.perf_counter() - began)

    checkpoint.Saver.save = timed  # type: ignore[method-assign]
    model = rc.load(str(HERE / "reference_model.toml"))
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        rc.simulate(model, scenarios=n, checkpoint=Path(folder) / "state")
        whole = time.perf_counter() - began
    checkpoint.Saver.save = save  # type: ignore[method-assign]
    share = 100 * sum(spent) / whole
    name = f"checkpoints, share of run time ({len(spent)} of them in {whole:.0f} s)"
    return [row(name, "≤ 2 %", [share], share <= 2, False, "%")]


def table(rows: list[Row]) -> str:
    """Write the rows as text."""
    lines = [f"{'measure':<58} {'goal':<15} {'measured (range)':<26} verdict"]
    for one in rows:
        values = one["values"]
        digits = 0 if one["unit"] == "MiB" else 2
        middle = f"{statistics.median(values):.{digits}f} {one['unit']}"
        spread = f"{min(values):.{digits}f}–{max(values):.{digits}f}"
        lines.append(
            f"{one['measure']:<58} {one['goal']:<15} {middle + f' ({spread})':<26} {one['verdict']}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="also 1e8 and 1e9 scenarios")
    parser.add_argument(
        "--only", nargs="*", choices=PARTS, default=PARTS, help="measure these; others as in --json"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--out", type=Path, help="file for the table")
    options = parser.parse_args()
    sizes = [10**6, 10**7, *([10**8, 10**9] if options.full else [])]
    parts = {
        "against": lambda: against(options.rounds),
        "memory": lambda: memory(sizes),
        "start": lambda: start_up(options.rounds),
        "scaling": lambda: scaling(10**9 if options.full else 2 * 10**7),
        "checkpoints": lambda: checkpoints(10**8 if options.full else 5 * 10**7),
    }
    kept = json.loads(options.json.read_text()) if set(options.only) != set(PARTS) else []
    rows = []
    for part, work in parts.items():
        old = [one for one in kept if one["part"] == part]
        rows += [{**one, "part": part} for one in work()] if part in options.only else old
    write(rows, options)


def write(rows: list[Row], options: argparse.Namespace) -> None:
    """Print the table and keep it."""
    text = table(rows)
    print(text)
    if options.out is not None:
        options.out.write_text(text + "\n")
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
