"""Measure one tool at one size in a fresh process: ``python measure.py TOOL N [WORKERS BACKEND]``.

CPU seconds after import, of the process and its children; wall seconds; peak memory as the summed
proportional set size of the process tree, looked at every 50 ms.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

TOOLS = {
    "rangecast": "rangecast_peer",
    "careful": "careful",
    "naive": "naive",
    "kernel": "kernel",
    "openturns_sobol": "openturns_sobol",
    "openturns_mc": "openturns_mc",
    "scipy_sobol": "scipy_sobol",
    "squigglepy": "squigglepy_peer",
    "chaospy": "chaospy_peer",
    "probabilit": "probabilit_peer",
    "salib": "salib",
    "monaco": "monaco_peer",
}
IMPORTS = {
    "openturns_sobol": "openturns",
    "openturns_mc": "openturns",
    "salib": "SALib.analyze.sobol",
    "chaospy_peer": "chaospy",
    "chaospy": "chaospy",
    "monaco": "monaco",
    "squigglepy": "squigglepy",
    "probabilit": "probabilit.modeling",
    "scipy_sobol": "scipy.stats",
    "naive": "scipy.stats",
    "kernel": "scipy.stats",
}
ONE_THREAD = {f"{v}_NUM_THREADS": "1" for v in ("OMP", "OPENBLAS", "MKL")}


def cpu_seconds() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def load(tool: str) -> Any:
    """Import a tool's module and the tool itself."""
    if tool in IMPORTS:
        importlib.import_module(IMPORTS[tool])
    return importlib.import_module(f"peers.{TOOLS[tool]}")


def child(tool: str, n: int, workers: int, backend: str) -> None:
    """Run once and print what was measured as JSON."""
    module = load(tool)
    settings = {"model": module.prepare()} if hasattr(module, "prepare") else {}
    if tool == "rangecast":
        settings |= {"workers": workers, "backend": backend}
    wall, cpu = time.perf_counter(), cpu_seconds()
    found = module.run(n, **settings)
    if tool == "rangecast" and backend == "loky":
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)  # children count once they have ended
    measured = {"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu}
    plain = {
        k: [float(x) for x in v] if hasattr(v, "__len__") and not isinstance(v, str) else v
        for k, v in found.items()
    }
    print(json.dumps(measured | plain, default=float))


def _pss(pid: int) -> int:
    """Proportional set size of a process in KiB."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def _tree(pid: int) -> list[int]:
    """A process and its descendants."""
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                queue += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def measure(
    tool: str, n: int, workers: int = 1, backend: str = "auto", limit: float = 600.0
) -> dict[str, Any]:
    """Run a tool in a process of its own.

    Returns
    -------
    dict
        ``cpu``, ``wall``, ``peak_mib`` and what the tool found; ``error`` when it failed.
    """
    command = [sys.executable, str(HERE / "measure.py"), tool, str(n), str(workers), backend]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **ONE_THREAD},
    )
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            peak[0] = max(peak[0], sum(map(_pss, _tree(process.pid))))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        output, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return {"error": f"longer than {limit:.0f} s"}
    finally:
        ended.set()
        watcher.join()
    if process.returncode:
        return {"error": (errors.strip().splitlines() or ["failed"])[-1][:80]}
    return json.loads(output.splitlines()[-1]) | {"peak_mib": peak[0] / 1024}


def middle(rows: list[dict[str, Any]], key: str) -> float:
    """Median of a figure over rounds."""
    return statistics.median(row[key] for row in rows)


def ratios(
    rows: list[dict[str, Any]], others: list[dict[str, Any]], key: str = "cpu"
) -> list[float]:
    """Ratio others / rows round by round, sorted."""
    return sorted(b[key] / a[key] for a, b in zip(rows, others, strict=True))


if __name__ == "__main__":
    where = sys.argv[1:]
    workers_, backend_ = (int(where[2]), where[3]) if len(where) > 3 else (1, "auto")
    child(where[0], int(float(where[1])), workers_, backend_)
