"""Limits of memory under which NumPy and SciPy cannot be loaded, told before they are."""

from __future__ import annotations

import os

_LEAST = {"RLIMIT_AS": (224, 16), "RLIMIT_DATA": (160, 16)}
"""MiB, and MiB more for each thread that OpenBLAS starts, which has a stack."""
_NAMES = {"RLIMIT_AS": "ulimit -v", "RLIMIT_DATA": "ulimit -d"}
_MOST_THREADS = 64
"""Of OpenBLAS as it comes with NumPy and SciPy."""


def _threads() -> int:
    """How many threads OpenBLAS starts: one for each processor, unless it is told otherwise."""
    count = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        asked = os.environ.get(name, "")
        if asked.isdecimal() and int(asked):
            return min(int(asked), count, _MOST_THREADS)
    return min(count, _MOST_THREADS)


def check_memory() -> None:
    """Refuse a limit of memory that leaves too little to begin with.

    OpenBLAS, which comes with NumPy and SciPy, then ends the process, or tries for ever.

    Raises
    ------
    ResourceError
        E704, with the limit and what is needed.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, (least, each) in _LEAST.items():
        soft, _ = resource.getrlimit(getattr(resource, name))
        needed = least + each * _threads()
        if soft != resource.RLIM_INFINITY and soft < needed * 2**20:
            from rangecast.engine.errors import Problem, ResourceError

            got = f"{_NAMES[name]} of {soft // 2**20} MiB"
            allowed = f"at least {needed} MiB are needed"
            raise ResourceError(Problem("E704", "", "not enough memory", got, allowed))
