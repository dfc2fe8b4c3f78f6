"""A minute's guard of the hot path: ``python benchmarks/guard.py`` exits 1 when it has become slow.

The engine and the careful NumPy script run in turns in this process; their ratio hardly depends on
the machine's mood.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{name}_NUM_THREADS", "1")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

LEAST = 2.9
"""Three quarters of the ratio measured when this was written (3.9, both warm, compiled loop)."""
LEAST_PLAIN = 1.7
"""The same without the compiled loop (2.3)."""
SCENARIOS, ROUNDS = 1_000_000, 7


def main() -> int:
    """Measure the ratio and compare it with what it must be."""
    from peers import careful, rangecast_peer
    from rangecast.engine.loops import compiled

    model = rangecast_peer.prepare()
    found = []
    for _ in range(ROUNDS):
        times = []
        for work in (lambda: rangecast_peer.run(SCENARIOS, model), lambda: careful.run(SCENARIOS)):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
        found.append(times[1] / times[0])
    ratio, least = statistics.median(found), LEAST if compiled() else LEAST_PLAIN
    listed = ", ".join(f"{r:.2f}" for r in sorted(found))
    print(f"careful NumPy / Rangecast in CPU at {SCENARIOS:.0e}: ×{ratio:.2f} ({listed})")
    if ratio < least:
        print(f"the hot path has become slow: at least ×{least} is expected")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
