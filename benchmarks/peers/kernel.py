"""A fused C kernel of the reference model, compiled on the spot: how fast a core can be.

Its CPU time is that of the loop alone; tables and scores are made beforehand.
"""

import functools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from reference import MEAN_CONTINUOUS, model, numpy_draws, scipy_laws

NAME = "C kernel"
LINK = "benchmarks/peers/kernel.c"
GIVES = "bands, Spearman, regression, S1"
LACKS = "intervals, conditional tornado, any other model; S1 biased low; set-up not timed"

_CELLS, _OCTAVES, _BINS = 128, 40, 16384
_LOW, _HIGH = np.log([1e2, 1e8]), np.log([1e7, 1e13])


def _tables():
    """Straight lines of every quantile function: 128 per octave of the tail, both tails."""
    k = np.arange(_CELLS * _OCTAVES)
    width = 2.0 ** (k // _CELLS - _OCTAVES - 1)
    low = width * (1 + k % _CELLS / _CELLS)
    high = low + width / _CELLS
    found = np.empty((11, 2, len(k), 2))
    for law, table in zip(scipy_laws(), found, strict=True):
        for side, quantile in enumerate((law.ppf, law.isf)):
            slope = (quantile(high) - quantile(low)) / (high - low)
            table[side] = np.stack([quantile(low) - slope * low, slope], axis=1)
    return found


def _scores():
    """Mid-ranks of the histogram's bins, from a pilot sample."""
    found = []
    for values, low, high in zip(
        model(*numpy_draws(np.random.default_rng(99), 1 << 17)), _LOW, _HIGH, strict=True
    ):
        counts = np.histogram(np.log(values), _BINS, (low, high))[0]
        found.append((np.cumsum(counts) - counts / 2) / counts.sum())
    return np.array(found)


@functools.cache
def prepare():
    """Compile and write tables; None without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="kernel-"))
    source, program = Path(__file__).with_name("kernel.c"), folder / "kernel"
    flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp"]
    subprocess.run([compiler, *flags, str(source), "-lm", "-o", str(program)], check=True)
    _tables().tofile(folder / "tables.bin")
    _scores().tofile(folder / "scores.bin")
    return folder


def run(n, model=None):
    """Run the kernel in one thread; its own clock gives the CPU time."""
    folder = model
    if folder is None:
        return {"skipped": "no C compiler"}
    files = [str(folder / name) for name in ("tables.bin", "scores.bin")]
    command = [str(folder / "kernel"), str(n), "1", "5", *files, "-v"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    cpu = float(re.search(r"cpu ([\d.]+)s", text)[1])
    mean = float(re.search(r"mean servers ([\d.e+]+)", text)[1])
    bands = [float(v) for v in text.splitlines()[1].split()]
    assert abs(mean / MEAN_CONTINUOUS - 1) < 0.05
    return {"cpu": cpu, "mean": mean, "bands": bands, "continuous": True}
