"""The models that come with the package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def shipped_models() -> dict[str, Traversable]:
    """Give every shipped model file by name.

    Examples
    --------
    >>> "ai-servers" in shipped_models()
    True
    """
    folder = files("rangecast.models")
    found = [f for f in folder.iterdir() if f.name.endswith(".toml")]
    return {f.name.removesuffix(".toml"): f for f in sorted(found, key=lambda f: f.name)}
