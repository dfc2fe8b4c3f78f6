"""Run the command line: ``python -m rangecast`` or ``rangecast``."""

from __future__ import annotations

import os
import sys

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy loads: one thread per worker


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit status."""
    try:
        from rangecast.cli import main as run

        return run(arguments)
    except KeyboardInterrupt:  # before anything began
        print("interrupted; nothing was written", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
