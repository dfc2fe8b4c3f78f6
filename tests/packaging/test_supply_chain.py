"""What is installed is pinned by hash; the lower bounds are those that are tested."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = (ROOT / "requirements" / "ci.txt").read_text()
OLDEST = (ROOT / "requirements" / "oldest.txt").read_text()


def bounds(listed):
    """Name and lower bound of each requirement, extras left out."""
    found = (re.fullmatch(r"([\w-]+)(?:\[[\w,]+\])?(?:>=([\d.]+))?", text) for text in listed)
    return {match[1].lower(): match[2] for match in found}


def blocks():
    """Name, version and hashes of each package in the list for CI."""
    text = re.sub(r"^ *#.*\n", "", PINNED, flags=re.MULTILINE)
    found = re.findall(r"^([\w.-]+)==(\S+)((?: \\\n +--hash=\S+)*)", text, re.MULTILINE)
    return {name: (number, re.findall(r"--hash=(\S+)", hashes)) for name, number, hashes in found}


def as_numbers(text):
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def test_every_package_of_ci_is_pinned_by_sha256():
    found = blocks()
    assert len(found) > 40
    for name, (_, hashes) in found.items():
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), name
    lines = [line for line in PINNED.splitlines() if line and not line.lstrip().startswith("#")]
    assert all(re.match(r"[\w.-]+==| +--hash=", line) for line in lines)
    assert "://" not in re.sub(r"#.*", "", PINNED)  # nothing is fetched by address


def test_every_dependency_is_pinned_at_an_allowed_version():
    """Else run the command in CONTRIBUTING that makes requirements/ci.txt."""
    extras = PROJECT["optional-dependencies"]
    wanted = bounds(PROJECT["dependencies"] + extras["test"] + extras["dev"] + extras["dask"])
    wanted.pop("rangecast")
    found = blocks()
    for name, least in wanted.items():
        assert name in found, name
        assert as_numbers(found[name][0]) >= as_numbers(least or "0"), name


def test_the_oldest_versions_are_the_lower_bounds():
    """Every dependency and its lower bound, to the last digit; tests need not all be there."""
    listed = dict(re.findall(r"^([\w-]+)==(\S+)$", OLDEST, re.MULTILINE))
    wanted = bounds(PROJECT["dependencies"])
    assert set(wanted) <= set(listed)
    extras = bounds(PROJECT["optional-dependencies"]["test"])
    for name, number in listed.items():
        least = as_numbers((wanted | extras)[name])
        assert as_numbers(number)[: len(least)] == least, name
        assert not any(as_numbers(number)[len(least) :]), name


@pytest.mark.parametrize("name", ["numpy", "scipy", "pandas", "matplotlib", "joblib", "click"])
def test_what_runs_here_is_allowed(name):
    assert as_numbers(version(name)) >= as_numbers(bounds(PROJECT["dependencies"])[name])


def test_ci_installs_with_hashes_and_builds_twice():
    script = (ROOT / ".ci" / "run").read_text()
    assert "--require-hashes -r requirements/ci.txt" in script
    assert "SOURCE_DATE_EPOCH" in script
    assert "oldest.txt" in (ROOT / ".ci" / "nightly").read_text()
