"""The models that come with the package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from rangecast.engine.errors import ModelError, Problem, did_you_mean, shown


def copy_model(name: str) -> bytes:
    """Give the bytes of a shipped model, to be written where the user wants them.

    Raises
    ------
    ModelError
        When there is no model of that name (E101).
    """
    known = shipped_models()
    if name not in known:
        allowed, hint = f"shipped models: {', '.join(known)}", did_you_mean(name, known)
        problem = Problem("E101", "", "no such shipped model", shown(name), allowed, hint)
        raise ModelError(problem)
    return known[name].read_bytes()


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
