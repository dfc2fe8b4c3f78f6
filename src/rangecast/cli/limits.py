"""Limits of memory under which NumPy and SciPy cannot be loaded, told before they are."""

from __future__ import annotations

import os

_LEAST = {"RLIMIT_AS": (224, 16), "RLIMIT_DATA": (160, 16)}
"""MiB, and MiB more for each processor: OpenBLAS starts a thread on each, with a stack."""
_NAMES = {"RLIMIT_AS": "ulimit -v", "RLIMIT_DATA": "ulimit -d"}


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
        needed = least + each * (os.cpu_count() or 1)
        if soft != resource.RLIM_INFINITY and soft < needed * 2**20:
            from rangecast.engine.errors import Problem, ResourceError

            got = f"{_NAMES[name]} of {soft // 2**20} MiB"
            allowed = f"at least {needed} MiB are needed"
            raise ResourceError(Problem("E704", "", "not enough memory", got, allowed))
