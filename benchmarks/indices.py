"""What rankings cost: from the ensemble, and with model runs of their own, beside other tools.

Ours runs 32 scrambled sequences, which give the intervals; the others one, which errs less here.

python benchmarks/indices.py        # needs the extra bench; writes results/indices.txt
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE / "results" / "indices.txt"
ROUNDS = 3
BASE = 2**20

GIVEN = """
import json, time, rangecast as rc
from rangecast.engine.sensitivity import METHODS, tornado
model = rc.load("ai-servers")
rc.simulate(model, case="exante+token", scenarios=10_000)
start = time.process_time()
result = rc.simulate(model, case="exante+token", scenarios=1_000_000)
run = time.process_time() - start
start = time.process_time()
for method in METHODS:
    tornado(result, "servers", method)
rankings = time.process_time() - start
print(json.dumps({"run": run, "rankings": rankings, "methods": len(METHODS)}))
"""
OURS = """
import json, resource, time, numpy as np, rangecast as rc
law = rc.distributions.Uniform(-np.pi, np.pi)
def f(a, b, c):
    return {"y": np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c ** 4 * np.sin(a)}
model = rc.Model({"a": law, "b": law, "c": law}, f)
rc.sobol(model, runs=2**13)
start = time.process_time()
found = rc.sobol(model, runs=RUNS)
cost = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
truth = {"a": 0.5575888552, "b": 0.4424111448, "c": 0.2436836641}
worst = max(abs(i.st - truth[i.factor]) for i in found.indices)
print(json.dumps({"cost": cost, "peak": peak, "worst": worst, "runs": found.runs}))
"""
SALIB = """
import json, resource, time, numpy as np
from SALib.sample import sobol as sample
from SALib.analyze import sobol as analyze
problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[-np.pi, np.pi]] * 3}
start = time.process_time()
x = sample.sample(problem, BASE, calc_second_order=False, seed=1)
a, b, c = x.T
y = np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c ** 4 * np.sin(a)
found = analyze.analyze(problem, y, calc_second_order=False, seed=1)
cost = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
worst = float(np.abs(found["ST"] - [0.5575888552, 0.4424111448, 0.2436836641]).max())
print(json.dumps({"cost": cost, "peak": peak, "worst": worst, "runs": len(y)}))
"""
SCIPY = """
import json, resource, time, numpy as np
from scipy.stats import sobol_indices, uniform
def f(x):
    a, b, c = x
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c ** 4 * np.sin(a)
start = time.process_time()
law = uniform(-np.pi, 2 * np.pi)
found = sobol_indices(func=f, n=BASE, dists=[law] * 3, rng=1)
cost = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
worst = float(np.abs(found.total_order - [0.5575888552, 0.4424111448, 0.2436836641]).max())
print(json.dumps({"cost": cost, "peak": peak, "worst": worst, "runs": BASE * 5}))
"""
OPENTURNS = """
import json, resource, time, numpy as np, openturns as ot
ot.RandomGenerator.SetSeed(1)
law = ot.JointDistribution([ot.Uniform(-np.pi, np.pi)] * 3)
start = time.process_time()
low = ot.LowDiscrepancyExperiment(ot.SobolSequence(6), ot.JointDistribution(
    [ot.Uniform(-np.pi, np.pi)] * 6), BASE)
both = np.asarray(low.generate())
first, second = both[:, :3], both[:, 3:]
parts = [first, second]
for k in range(3):
    mixed = first.copy()
    mixed[:, k] = second[:, k]
    parts.append(mixed)
a, b, c = np.concatenate(parts).T
y = np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c ** 4 * np.sin(a)
x = ot.Sample(np.stack([a, b, c], axis=1))
found = ot.JansenSensitivityAlgorithm(x, ot.Sample(y[:, None]), BASE)
found.setUseAsymptoticDistribution(True)
total = np.asarray(found.getTotalOrderIndices())
found.getTotalOrderIndicesInterval()
cost = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
worst = float(np.abs(total - [0.5575888552, 0.4424111448, 0.2436836641]).max())
print(json.dumps({"cost": cost, "peak": peak, "worst": worst, "runs": len(y)}))
"""
MEMORY = """
import json, resource, rangecast as rc
model = rc.load("ai-servers")
found = rc.sobol(model, case="exante+token", runs=RUNS, correlations=False, log=True)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"peak": peak, "runs": found.runs, "base": found.base}))
"""


def measured(code: str, **values: int) -> dict[str, float]:
    """Run a script in a process of its own, one thread."""
    for name, value in values.items():
        code = code.replace(name, str(value))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def middle(rows: list[dict[str, float]], name: str) -> float:
    """Median of the rounds."""
    return statistics.median(row[name] for row in rows)


def main() -> None:
    """Measure, print and keep the table."""
    given = [measured(GIVEN) for _ in range(ROUNDS)]
    ratio = statistics.median(row["rankings"] / row["run"] for row in given)
    costs = f"{middle(given, 'rankings'):.2f} s CPU, {ratio:.2f} of the run's"
    lines = [
        f"all {given[0]['methods']:.0f} rankings from the ensemble, 1e6 scenarios of ai-servers: "
        f"{costs} {middle(given, 'run'):.2f} s",
        "",
        f"Sobol' indices of Ishigami with 95 % intervals, {BASE:,} base scenarios (SciPy without:",
        "its bootstrap asks for 1 TiB at this size):",
        f"{'':<12}{'model runs':>12}{'CPU s':>8}{'peak MiB':>10}{'worst ST error':>16}",
    ]
    tools = {"Rangecast": (OURS, {"RUNS": 5 * BASE}), "SciPy": (SCIPY, {"BASE": BASE})}
    tools["SALib"] = (SALIB, {"BASE": BASE})
    tools["OpenTURNS"] = (OPENTURNS, {"BASE": BASE})
    for name, (code, values) in tools.items():
        rows = [measured(code, **values) for _ in range(1 if name == "SALib" else ROUNDS)]
        lines.append(
            f"{name:<12}{middle(rows, 'runs'):>12,.0f}{middle(rows, 'cost'):>8.1f}"
            f"{middle(rows, 'peak'):>10,.0f}{middle(rows, 'worst'):>16.5f}"
        )
    large = measured(MEMORY, RUNS=18 * BASE)
    lines += [
        "",
        f"ai-servers, {large['base']:,} base scenarios, {large['runs']:,} model runs: peak "
        f"{large['peak']:.0f} MiB (goal: within 350)",
    ]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
