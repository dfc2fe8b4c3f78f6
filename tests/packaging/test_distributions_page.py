"""docs/distributions.md says what its script finds, of every family."""

import importlib.util
from pathlib import Path

from rangecast.distributions.registry import FAMILIES

ROOT = Path(__file__).parents[2]


def test_the_page_is_made_again():
    place = ROOT / "benchmarks" / "distributions.py"
    spec = importlib.util.spec_from_file_location("distributions_maker", place)
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    text = maker.PAGE.read_text(encoding="utf-8")
    assert maker.page() == text
    assert set(maker.EXAMPLES) == set(FAMILIES)
    assert all(f"| `{name}` |" in text for name in FAMILIES)
    assert maker.PICTURE.stat().st_size > 50_000
