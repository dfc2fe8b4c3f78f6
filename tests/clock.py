"""Limits of processor time, stretched by how much longer known work takes beside other work."""

import contextlib
import gc
import sys
import time

USUAL = 0.021
"""CPU seconds of `work`, alone on the machine where the limits were set."""
COUNTED = 5
"""How much longer code may take while its branches are counted."""


def work():
    """Make and drop many small objects, as reading a model does."""
    rows = [{"key": f"x{k}", "place": (k, k + 1)} for k in range(30_000)]
    return sum(len(row["key"]) for row in rows)


def seconds(action):
    """Processor time of this process for one call."""
    began = time.process_time()
    action()
    return time.process_time() - began


def slowness():
    """How many times as long as usual known work takes now; at least 1."""
    now = max(seconds(work) for _ in range(3)) / USUAL
    return max(now, 1.0) * (COUNTED if sys.gettrace() is not None else 1)


@contextlib.contextmanager
def within(limit):
    """Fail when a block takes more CPU seconds than a limit, which others on its core stretch."""
    gc.freeze()  # what other tests left in memory is not this block's
    began = time.process_time()
    try:
        yield
        took = time.process_time() - began
    finally:
        gc.unfreeze()
    assert took < limit or took < limit * slowness(), f"{took:.3f} s of CPU, limit {limit} s"
