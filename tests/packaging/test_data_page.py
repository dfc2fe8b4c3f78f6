"""docs/data.md says what its script finds."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def rounded(text: str) -> str:
    """Cut long numbers to six decimals: processors may round the last digits differently."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


@pytest.mark.nightly
def test_the_blocks_are_made_again():
    spec = importlib.util.spec_from_file_location("data_maker", ROOT / "benchmarks" / "data.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    page = maker.PAGE.read_text(encoding="utf-8")
    for name, content in maker.blocks().items():
        found = re.search(rf"<!-- {name} -->\n```text\n(.*?)\n```\n", page, re.DOTALL)
        assert rounded(found[1]) == rounded(content.rstrip())
    assert maker.PICTURE.stat().st_size > 20_000
