"""The figures that the independent script reads are those that were collected, unchanged."""

import hashlib
from pathlib import Path

COPY = Path(__file__).parents[1] / "data" / "assumptions.toml"
SHA256 = "2df6593a71dfcdee3bca8ee762ec5dfda4cdd6a98a886c230479662db9493755"


def test_the_copy_is_unchanged():
    assert hashlib.sha256(COPY.read_bytes()).hexdigest() == SHA256
