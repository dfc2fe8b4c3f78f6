"""Run the command line: ``python -m rangecast`` or ``rangecast``."""

from __future__ import annotations

import os
import sys

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy loads: one thread per worker

from rangecast.cli import main  # noqa: E402  (the variables above must be set first)

if __name__ == "__main__":
    sys.exit(main())
