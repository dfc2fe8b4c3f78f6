"""SALib's way of describing a problem, in and out, so that analyses can be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rangecast.distributions import Distribution, Lognormal, Normal, Triangular, Uniform
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.model.model import Model
from rangecast.engine.python_model import python_model

KNOWN = ("unif", "triang", "norm", "lognorm")


def _law(kind: str, bounds: list[float], name: str) -> Distribution:
    """Make a law of SALib's parameters."""
    if kind == "unif":
        return Uniform(bounds[0], bounds[1])
    if kind == "norm":
        return Normal(bounds[0], bounds[1])
    if kind == "lognorm":
        return Lognormal(bounds[0], bounds[1])
    if kind == "triang":  # low, high, place of the mode as a share of the width
        low, high, share = bounds if len(bounds) == 3 else (0.0, bounds[0], bounds[1])
        return Triangular(low, low + share * (high - low), high)
    allowed = f"known: {', '.join(KNOWN)}"
    raise SettingsError(Problem("E301", f"dists of {name}", "not known", str(kind), allowed))


def from_salib(problem: Mapping[str, Any], function: Callable[..., Any]) -> Model:
    """Make a model of a SALib problem and a function.

    Parameters
    ----------
    problem : mapping
        ``names``, ``bounds`` and, if not all uniform, ``dists`` (unif, triang, norm, lognorm), as
        SALib takes them; ``groups`` become those of the model.
    function : callable
        As of `Model`: one array per name by keyword, gives a dict of arrays.

    Raises
    ------
    SettingsError
        For another distribution, or lists of different lengths.

    Examples
    --------
    >>> problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1], [0, 2]]}
    >>> model = from_salib(problem, lambda a, b: {"y": a + b})
    >>> list(model.inputs)
    ['a', 'b']
    """
    names, bounds = list(problem["names"]), list(problem["bounds"])
    dists = list(problem.get("dists") or ["unif"] * len(names))
    if not len(names) == len(bounds) == len(dists):
        got = f"{len(names)} names, {len(bounds)} bounds, {len(dists)} dists"
        raise SettingsError(Problem("E700", "problem", "lists of different lengths", got))
    laws = {
        name: _law(kind, [float(b) for b in ends], name)
        for name, kind, ends in zip(names, dists, bounds, strict=True)
    }
    return python_model(laws, function, groups=_groups(problem, names))


def _groups(problem: Mapping[str, Any], names: list[str]) -> dict[str, list[str]]:
    """Groups of SALib: one name per input; groups of one are none."""
    given = list(problem.get("groups") or [])
    if given and len(given) != len(names):
        got = f"{len(names)} names, {len(given)} groups"
        raise SettingsError(Problem("E700", "problem", "lists of different lengths", got))
    together = {g: [n for n, own in zip(names, given, strict=True) if own == g] for g in given}
    return {str(g): members for g, members in together.items() if len(members) > 1}


def to_salib(model: Model) -> dict[str, Any]:
    """Describe the uncertain inputs of a model as SALib does.

    Parameters
    ----------
    model : Model
        With its case applied.

    Returns
    -------
    dict
        ``num_vars``, ``names``, ``bounds``, ``dists``. A law that SALib does not know is given as
        ``unif`` on (0, 1): draw its quantile. Such inputs are listed under ``quantile``; SALib
        knows no correlations.

    Raises
    ------
    SettingsError
        For a conditional input or a drawn case.

    Examples
    --------
    >>> model = from_salib({"names": ["a"], "bounds": [[0, 2]]}, lambda a: {"y": a})
    >>> to_salib(model)["bounds"]
    [[0.0, 2.0]]
    """
    names, bounds, dists, others = [], [], [], []
    for name, one in model.inputs.items():
        if one.branches or one.drawn:
            message = "SALib knows no input that depends on another, and no case drawn"
            raise SettingsError(Problem("E700", name, message, hint="fix it with a case"))
        if one.law is None:
            continue
        kind, ends = _described(one.law)
        names.append(name)
        bounds.append(ends)
        dists.append(kind or "unif")
        if not kind:
            others.append(name)
    found: dict[str, Any] = {
        "num_vars": len(names),
        "names": names,
        "bounds": bounds,
        "dists": dists,
    }
    if model.groups:
        own = {n: g.name for g in model.groups.values() for n in g.inputs}
        found["groups"] = [own.get(name, name) for name in names]
    return {**found, "quantile": others} if others else found


def _described(law: Distribution) -> tuple[str, list[float]]:
    if isinstance(law, Uniform):
        return "unif", [float(v) for v in law.support]
    if isinstance(law, Normal):
        return "norm", [float(law.mean), float(law.sd)]
    if isinstance(law, Lognormal) and not law.low:  # SALib's begins at 0
        return "lognorm", [float(law.mu), float(law.sigma)]
    if isinstance(law, Triangular):
        low, high = float(law.low), float(law.high)
        share = (float(law.mode) - low) / (high - low) if high > low else 0.5
        return "triang", [low, high, share]
    return "", [0.0, 1.0]
