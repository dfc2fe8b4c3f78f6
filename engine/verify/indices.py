"""Sensitivity indices against closed forms, in units of their own standard errors."""

from __future__ import annotations

import math

import numpy as np
from rangecast.distributions import Uniform
from rangecast.distributions.protocol import Array
from rangecast.engine.model.load import loads
from rangecast.engine.model.model import Model
from rangecast.engine.python_model import python_model
from rangecast.engine.quantiles import LEVEL
from rangecast.engine.sensitivity import tornado
from rangecast.engine.sensitivity.pick_freeze import sobol
from rangecast.engine.sensitivity.shapley import shapley
from rangecast.engine.simulate import simulate
from rangecast.engine.verify.claims import Claim, estimate
from scipy import special

_AREA = "indices"
_RUNS = 2**19
_DEGREES = 31  # of 32 batches
_CELLS = 2e-3
"""What slices and cells of inputs may hide of an index found from the same ensemble."""


def _text(inputs: dict[str, str], formula: str, more: str = "") -> str:
    laws = "".join(f"[inputs.{name}]\n{law}\n" for name, law in inputs.items())
    return f'{laws}[outputs.y]\nformula = "{formula}"\n{more}'


_UNIFORM = 'dist = "uniform"\nlow = 0\nhigh = 1'
_NORMAL = 'dist = "normal"\nmean = 0\nsd = 1'


def check(seed: int) -> list[Claim]:
    """Claim Sobol' indices, Shapley effects and rankings of the same ensemble."""
    return [*_ishigami(seed), *_g_function(seed), *_shapley(seed), *_linear(seed)]


def _sobol(
    model: Model, name: str, truth: dict[str, tuple[float, float]], seed: int
) -> list[Claim]:
    """Claim first-order and total indices; independent points, so that batches are, too."""
    found = {i.factor: i for i in sobol(model, runs=_RUNS, seed=seed, design="random").indices}
    claims = []
    for factor, (first, total) in truth.items():
        one = found[factor]
        for index, wanted, value, error in (
            ("S1", first, one.s1, one.s1_se),
            ("ST", total, one.st, one.st_se),
        ):
            what = f"{index} of {factor}, {name}"
            claims.append(
                estimate(_AREA, what, "closed form", wanted, value, error, _DEGREES, 1e-4)
            )
    return claims


def _ishigami(seed: int) -> list[Claim]:
    a, b, pi = 7.0, 0.1, math.pi
    first, second = (1 + b * pi**4 / 5) ** 2 / 2, a**2 / 8
    both = 8 * b**2 * pi**8 / 225
    whole = first + second + both
    truth = {
        "x1": (first / whole, (first + both) / whole),
        "x2": (second / whole, second / whole),
        "x3": (0.0, both / whole),
    }

    def function(x1: Array, x2: Array, x3: Array) -> dict[str, Array]:
        return {"y": np.sin(x1) + a * np.sin(x2) ** 2 + b * x3**4 * np.sin(x1)}

    model = python_model(dict.fromkeys(truth, Uniform(-pi, pi)), function)
    return _sobol(model, "Ishigami", truth, seed)


def _g_function(seed: int) -> list[Claim]:
    parameters = {"x1": 0.0, "x2": 1.0, "x3": 4.5, "x4": 9.0}
    parts = {name: 1 / (3 * (1 + a) ** 2) for name, a in parameters.items()}
    whole = math.prod(1 + v for v in parts.values()) - 1
    truth = {
        name: (v / whole, v * math.prod(1 + w for n, w in parts.items() if n != name) / whole)
        for name, v in parts.items()
    }
    formula = " * ".join(f"((abs(4 * {n} - 2) + {a}) / {1 + a})" for n, a in parameters.items())
    model = loads(_text(dict.fromkeys(parameters, _UNIFORM), formula))
    return _sobol(model, "Sobol' g", truth, seed)


def _shapley(seed: int) -> list[Claim]:
    """Of y = a, where b is correlated 0.8 with it: shares 1 − 0.64/2 and 0.64/2, by symmetry."""
    spearman = 6 / math.pi * math.asin(0.8 / 2)
    more = f'[[correlations]]\nbetween = ["a", "b"]\nspearman = {spearman!r}\n'
    text = _text({"a": _NORMAL, "b": _NORMAL}, "a", more)
    found = {
        s.input: s for s in shapley(loads(text), runs=2**16, seed=seed, design="random").shares
    }
    return [
        estimate(
            _AREA, f"Shapley effect of {name}, correlated", "closed form", share,
            found[name].share, found[name].se, _DEGREES, 1e-3,
        )
        for name, share in (("a", 0.68), ("b", 0.32))
    ]  # fmt: skip


def _linear(seed: int) -> list[Claim]:
    """Of y = 3a + 2b + c of normals: correlation, coefficient, rank correlation, S1."""
    weights = {"a": 3.0, "b": 2.0, "c": 1.0}
    whole = math.sqrt(sum(w * w for w in weights.values()))
    result = simulate(
        loads(_text(dict.fromkeys(weights, _NORMAL), "3 * a + 2 * b + c")),
        scenarios=400_000,
        seed=seed,
    )
    t, claims = float(special.stdtrit(_DEGREES, 0.5 + LEVEL / 2)), []
    for method in ("pearson", "regression", "rank", "variance"):
        for bar in tornado(result, "y", method):
            r = weights[bar.input] / whole
            spearman = 6 / math.pi * math.asin(r / 2)
            wanted = {"rank": spearman, "variance": r * r}.get(method, r)
            error = (bar.ci_high - bar.ci_low) / 2 / t
            what = f"{method} of {bar.input}, linear model"
            claims.append(
                estimate(_AREA, what, "closed form", wanted, bar.swing, error, _DEGREES, _CELLS)
            )
    return claims
