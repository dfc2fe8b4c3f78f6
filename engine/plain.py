"""The same work as a careful analyst writes it in NumPy: whole arrays, nothing of the core.

The yardstick of `rangecast bench`: draws by NumPy's own generators, the copula by a Cholesky factor
and Φ, quantile functions on a grid where there is no closed form, formulas on whole arrays, one
percentile call, and every column ranked once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from rangecast.distributions.protocol import Array, Distribution
from rangecast.engine import dependence
from rangecast.engine.model.model import Model
from rangecast.engine.plan import PERCENTILES
from rangecast.engine.scenarios import Program
from scipy import special

from rangecast import distributions as laws

_GRID = np.concatenate([np.geomspace(1e-9, 1e-3, 200), np.linspace(1e-3, 0.5, 1900)[1:]])
_LEVELS = np.concatenate([_GRID, 1 - _GRID[::-1][1:]])

Draw = Callable[[np.random.Generator, int], Any]

_GENERATORS: dict[type, Callable[[Any], Draw]] = {
    laws.Uniform: lambda d: lambda rng, n: rng.uniform(d.low, d.high, n),
    laws.Normal: lambda d: lambda rng, n: rng.normal(d.mean, d.sd, n),
    laws.Lognormal: lambda d: lambda rng, n: d.low + rng.lognormal(d.mu, d.sigma, n),
    laws.LogitNormal: lambda d: lambda rng, n: special.expit(rng.normal(d.mu, d.sigma, n)),
    laws.LogUniform: lambda d: lambda rng, n: np.exp(rng.uniform(np.log(d.low), np.log(d.high), n)),
    laws.Logistic: lambda d: lambda rng, n: rng.logistic(d.loc, d.scale, n),
    laws.LogLogistic: lambda d: lambda rng, n: d.scale * np.exp(rng.logistic(0, 1 / d.shape, n)),
    laws.GumbelMax: lambda d: lambda rng, n: rng.gumbel(d.loc, d.scale, n),
    laws.GumbelMin: lambda d: lambda rng, n: -rng.gumbel(-d.loc, d.scale, n),
    laws.JohnsonSU: lambda d: (
        lambda rng, n: d.loc + d.scale * np.sinh(rng.normal(-d.gamma, 1, n) / d.delta)
    ),
    laws.StudentT: lambda d: lambda rng, n: d.loc + d.scale * rng.standard_t(d.df, n),
    laws.Pareto: lambda d: lambda rng, n: d.scale * (1 + rng.pareto(d.shape, n)),
    laws.InverseGaussian: lambda d: lambda rng, n: rng.wald(d.mean, d.shape, n),
    laws.Triangular: lambda d: lambda rng, n: rng.triangular(d.low, d.mode, d.high, n),
    laws.Beta: lambda d: lambda rng, n: d.low + (d.high - d.low) * rng.beta(d.a, d.b, n),
    laws.Exponential: lambda d: lambda rng, n: rng.exponential(d.mean, n),
    laws.Gamma: lambda d: lambda rng, n: rng.gamma(d.shape, d.scale, n),
    laws.Weibull: lambda d: lambda rng, n: d.scale * rng.weibull(d.shape, n),
    laws.Piecewise: lambda d: lambda rng, n: np.interp(rng.random(n), d.levels, d.values),
    laws.Bernoulli: lambda d: lambda rng, n: (rng.random(n) < d.p).astype(float),
    laws.Integers: lambda d: lambda rng, n: rng.integers(d.low, d.high + 1, n).astype(float),
    laws.Poisson: lambda d: lambda rng, n: rng.poisson(d.mean, n).astype(float),
    laws.Binomial: lambda d: lambda rng, n: rng.binomial(int(d.n), d.p, n).astype(float),
    laws.NegativeBinomial: lambda d: (
        lambda rng, n: rng.negative_binomial(d.size, d.p, n).astype(float)
    ),
    laws.Geometric: lambda d: lambda rng, n: rng.geometric(d.p, n).astype(float),
}


def generator_of(law: Distribution) -> Draw | None:
    """Give NumPy's own way to draw from a law, or None where it has none."""
    if isinstance(law, laws.PERT):
        width = law.high - law.low
        a = 1 + law.weight * (law.mode - law.low) / width
        b = 1 + law.weight * (law.high - law.mode) / width
        return lambda rng, n: law.low + width * rng.beta(a, b, n)
    if isinstance(law, laws.Discrete):
        p = np.array(law.weights) / sum(law.weights)
        return lambda rng, n: rng.choice(law.values, n, p=p)
    if isinstance(law, laws.GEV):
        shape = law.shape or 1e-12
        return lambda rng, n: law.loc + law.scale * np.expm1(shape * rng.gumbel(0, 1, n)) / shape
    make = _GENERATORS.get(type(law))
    return make(law) if make is not None else None


def frozen_of(law: Distribution) -> Any:
    """Give the frozen distribution of ``scipy.stats`` that is a law, or None where it has none."""
    from scipy import stats

    if isinstance(law, laws.PERT):
        beta, width = law.beta, law.high - law.low
        return stats.beta(beta.a, beta.b, law.low, width)
    if isinstance(law, laws.Discrete):
        return stats.rv_discrete(values=(law.values, law.weights))
    made: dict[type, Callable[[Any], Any]] = {
        laws.Uniform: lambda d: stats.uniform(d.low, d.high - d.low),
        laws.Normal: lambda d: stats.norm(d.mean, d.sd),
        laws.Lognormal: lambda d: stats.lognorm(d.sigma, d.low, math.exp(d.mu)),
        laws.LogUniform: lambda d: stats.loguniform(d.low, d.high),
        laws.Logistic: lambda d: stats.logistic(d.loc, d.scale),
        laws.LogLogistic: lambda d: stats.fisk(d.shape, scale=d.scale),
        laws.LogitNormal: lambda d: stats.johnsonsb(-d.mu / d.sigma, 1 / d.sigma),
        laws.GumbelMax: lambda d: stats.gumbel_r(d.loc, d.scale),
        laws.GumbelMin: lambda d: stats.gumbel_l(d.loc, d.scale),
        laws.GEV: lambda d: stats.genextreme(-d.shape, d.loc, d.scale),
        laws.JohnsonSU: lambda d: stats.johnsonsu(d.gamma, d.delta, d.loc, d.scale),
        laws.StudentT: lambda d: stats.t(d.df, d.loc, d.scale),
        laws.Pareto: lambda d: stats.pareto(d.shape, scale=d.scale),
        laws.InverseGaussian: lambda d: stats.invgauss(d.mean / d.shape, scale=d.shape),
        laws.Triangular: lambda d: stats.triang(
            (d.mode - d.low) / (d.high - d.low), d.low, d.high - d.low
        ),
        laws.Trapezoidal: lambda d: stats.trapezoid(
            (d.mode_low - d.low) / (d.high - d.low),
            (d.mode_high - d.low) / (d.high - d.low),
            d.low,
            d.high - d.low,
        ),
        laws.Beta: lambda d: stats.beta(d.a, d.b, d.low, d.high - d.low),
        laws.Exponential: lambda d: stats.expon(scale=d.mean),
        laws.Gamma: lambda d: stats.gamma(d.shape, scale=d.scale),
        laws.Weibull: lambda d: stats.weibull_min(d.shape, scale=d.scale),
        laws.Bernoulli: lambda d: stats.bernoulli(d.p),
        laws.Integers: lambda d: stats.randint(int(d.low), int(d.high) + 1),
        laws.Poisson: lambda d: stats.poisson(d.mean),
        laws.Binomial: lambda d: stats.binom(int(d.n), d.p),
        laws.NegativeBinomial: lambda d: stats.nbinom(d.size, d.p),
        laws.Geometric: lambda d: stats.geom(d.p),
    }
    make = made.get(type(law))
    return make(law) if make is not None else None


def inverse(law: Distribution, u: Array) -> Array:
    """Quantiles of whole arrays: closed forms as they are, others from a grid."""
    if isinstance(law, laws.Lognormal):
        return np.asarray(law.low + np.exp(law.mu + law.sigma * special.ndtri(u)))
    if law.discrete:
        return np.asarray(law.quantile(u))
    return np.asarray(np.interp(u, _LEVELS, law.quantile(_LEVELS)))


def draws(model: Model, n: int, seed: int) -> dict[str, Array]:
    """Draw every uncertain input of a model."""
    rng, found = np.random.default_rng(seed), {}
    for group in dependence.groups(model):
        factor = np.linalg.cholesky(group.matrix)
        scores = factor @ rng.standard_normal((len(group.names), n))
        for name, z in zip(group.names, scores, strict=True):
            law = model.inputs[name].law
            if law is not None:
                found[name] = inverse(law, special.ndtr(z))
    for name, one in model.inputs.items():
        if one.law is not None and not one.same_as and name not in found:
            own = generator_of(one.law)
            found[name] = own(rng, n) if own else inverse(one.law, rng.random(n))
    for name, one in model.inputs.items():
        if one.same_as and one.law is not None:
            found[name] = found[one.same_as]
    return found


def _ranks(values: Array) -> Array:
    ranks = np.empty(len(values))
    ranks[np.argsort(values)] = np.arange(len(values))
    return ranks


def run(model: Model, program: Program, shown: list[str], n: int, seed: int = 1) -> dict[str, Any]:
    """Percentiles of every output and rank correlations of the shown ones.

    Parameters
    ----------
    model : Model
        With its case applied.
    program : Program
        Evaluates the formulas on whole arrays.
    shown : list of str
    n, seed : int

    Returns
    -------
    dict
        ``bands`` by output, ``spearman`` by output and input.
    """
    x = draws(model, n, seed)
    with np.errstate(all="ignore"):
        y = program.evaluate(x)
    bands = {name: np.percentile(v, [100 * p for p in PERCENTILES]) for name, v in y.items()}
    ranked = {name: _ranks(values) for name, values in x.items()}
    spearman = {}
    for output in shown:
        own = _ranks(np.broadcast_to(y[output], n))
        spearman[output] = {k: float(np.corrcoef(r, own)[0, 1]) for k, r in ranked.items()}
    return {"bands": bands, "spearman": spearman}
