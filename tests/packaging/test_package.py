"""What is installed is what is in the tree, under one name, cheap to import."""

import importlib
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import rangecast as rc

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "src/rangecast": "rangecast",
    "engine": "rangecast.engine",
    "distributions": "rangecast.distributions",
    "reports": "rangecast.reports",
    "models": "rangecast.models",
}
HEAVY = {"pandas", "matplotlib", "scipy.stats", "rich", "click"}


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_every_folder_with_code_is_a_listed_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    expected = set()
    for folder, package in FOLDERS.items():
        for path in (ROOT / folder).rglob("__init__.py"):
            inner = path.parent.relative_to(ROOT / folder).parts
            expected.add(".".join([package, *inner]))
    assert set(settings["packages"]) == expected


def modules_of_the_tree() -> set[str]:
    found = set()
    for folder, package in FOLDERS.items():
        for path in (ROOT / folder).rglob("*.py"):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            found.add(".".join([package, *(p for p in parts if p != "__init__")]))
    return found


def test_every_module_of_the_tree_is_importable():
    modules = modules_of_the_tree()
    assert len(modules) > 60
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []


def test_public_names_can_be_imported():
    assert rc.__all__ == sorted(rc.__all__)
    for name in rc.__all__:
        assert getattr(rc, name) is not None


def test_a_wrong_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        rc.simulat  # noqa: B018


def test_importing_and_simulating_load_nothing_heavy():
    modules = loaded_by(
        "import rangecast as rc\n"
        "r = rc.simulate(rc.load('ai-servers'), scenarios=1000, case='exante+token')\n"
        "r.band('servers', 0.5); r.digest"
    )
    assert not HEAVY & modules
    assert not {"engine", "distributions", "reports", "models"} & modules


def test_help_loads_no_numerics():
    modules = loaded_by("import rangecast.cli")
    assert not {"numpy", "scipy", "pandas", "matplotlib"} & modules


@pytest.mark.parametrize("name", ["rangecast.reports", "rangecast.distributions"])
def test_all_names_are_real(name):
    module = importlib.import_module(name)
    assert len(set(module.__all__)) == len(module.__all__)
    assert all(getattr(module, n) is not None for n in module.__all__)
