"""Logarithms of densities and probabilities, for likelihoods: far tails do not underflow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from rangecast.distributions.bounded.beta import Beta
from rangecast.distributions.bounded.logit_normal import LogitNormal
from rangecast.distributions.bounded.uniform import Uniform
from rangecast.distributions.counts.bernoulli import Bernoulli
from rangecast.distributions.counts.integers import Integers
from rangecast.distributions.counts.negative_binomial import Geometric, NegativeBinomial
from rangecast.distributions.counts.poisson import Poisson
from rangecast.distributions.positive.exponential import Exponential
from rangecast.distributions.positive.gamma import Gamma
from rangecast.distributions.positive.inverse_gaussian import InverseGaussian
from rangecast.distributions.positive.log_logistic import LogLogistic
from rangecast.distributions.positive.log_uniform import LogUniform
from rangecast.distributions.positive.lognormal import Lognormal
from rangecast.distributions.positive.pareto import Pareto
from rangecast.distributions.positive.weibull import Weibull
from rangecast.distributions.protocol import Array, Distribution
from rangecast.distributions.real.gev import GEV
from rangecast.distributions.real.gumbel import GumbelMax, GumbelMin
from rangecast.distributions.real.johnson_su import JohnsonSU
from rangecast.distributions.real.logistic import Logistic
from rangecast.distributions.real.normal import Normal
from rangecast.distributions.real.student_t import StudentT
from scipy import special

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def _bell(z: Array) -> Array:
    return -0.5 * z * z - _HALF_LOG_2PI


def _sech(z: Array) -> Array:
    """Standard logistic density: −|z| − 2 log(1 + e^−|z|)."""
    size = np.abs(z)
    found: Array = -size - 2 * np.log1p(np.exp(-size))
    return found


def _gumbel(z: Array) -> Array:
    return -z - np.exp(-z)


def _student(law: StudentT, x: Array) -> Array:
    z, half = (x - law.loc) / law.scale, law.df / 2
    # log Γ(h + 1/2) − log Γ(h) through the beta function, which does not cancel for large h
    constant = _HALF_LOG_2PI - 0.5 * math.log(2) - float(special.betaln(half, 0.5))
    constant -= 0.5 * math.log(law.df * math.pi)
    return constant - (half + 0.5) * np.log1p(z * z / law.df) - math.log(law.scale)


def _gev(law: GEV, x: Array) -> Array:
    z = (x - law.loc) / law.scale
    if law.shape == 0:
        return _gumbel(z) - math.log(law.scale)
    inside = law.shape * z
    with np.errstate(all="ignore"):
        g = np.log1p(inside) / law.shape
        found = -(1 + law.shape) * g - np.exp(-g) - math.log(law.scale)
    return np.where(inside > -1, found, -np.inf)


def _johnson(law: JohnsonSU, x: Array) -> Array:
    z = (x - law.loc) / law.scale
    bell = _bell(law.gamma + law.delta * np.arcsinh(z))
    return bell + math.log(law.delta / law.scale) - 0.5 * np.log1p(z * z)


def _beta(law: Beta, x: Array) -> Array:
    width = law.high - law.low
    share = (x - law.low) / width
    logs = special.xlogy(law.a - 1, share) + special.xlog1py(law.b - 1, -share)
    return np.asarray(logs) - float(special.betaln(law.a, law.b)) - math.log(width)


def _logit_normal(law: LogitNormal, x: Array) -> Array:
    bell = _bell((np.asarray(special.logit(x)) - law.mu) / law.sigma)
    return bell - math.log(law.sigma) - np.log(x) - np.log1p(-x)


def _lognormal(law: Lognormal, x: Array) -> Array:
    logs = np.log(x)
    return _bell((logs - law.mu) / law.sigma) - math.log(law.sigma) - logs


def _log_logistic(law: LogLogistic, x: Array) -> Array:
    logs = np.log(x)
    return _sech(law.shape * (logs - math.log(law.scale))) + math.log(law.shape) - logs


def _gamma(law: Gamma, x: Array) -> Array:
    z = x / law.scale
    constant = float(special.gammaln(law.shape)) + math.log(law.scale)
    return np.asarray(special.xlogy(law.shape - 1, z)) - z - constant


def _weibull(law: Weibull, x: Array) -> Array:
    logs = np.log(x) - math.log(law.scale)
    return math.log(law.shape / law.scale) + (law.shape - 1) * logs - np.exp(law.shape * logs)


def _inverse_gaussian(law: InverseGaussian, x: Array) -> Array:
    power = law.shape * (x - law.mean) ** 2 / (2 * law.mean**2 * x)
    return 0.5 * math.log(law.shape) - _HALF_LOG_2PI - 1.5 * np.log(x) - power


def _inside(x: Array, law: Distribution, logs: Array) -> Array:
    low, high = law.support
    return np.where((x >= low) & (x <= high), logs, -np.inf)


def _log_uniform(law: LogUniform, x: Array) -> Array:
    return _inside(x, law, -np.log(x) - math.log(math.log(law.high / law.low)))


def _pareto(law: Pareto, x: Array) -> Array:
    logs = math.log(law.shape) + law.shape * (math.log(law.scale) - np.log(x)) - np.log(x)
    return _inside(x, law, logs)


def _negative_binomial(law: NegativeBinomial, x: Array) -> Array:
    chosen = -np.log(x + law.size) - special.betaln(law.size, x + 1)
    return np.asarray(law.size * math.log(law.p) + special.xlog1py(x, -law.p) + chosen)


def _poisson(law: Poisson, x: Array) -> Array:
    return np.asarray(special.xlogy(x, law.mean) - law.mean - special.gammaln(x + 1))


def _flat(law: Distribution, x: Array, width: float) -> Array:
    return _inside(x, law, np.full(len(x), -math.log(width)))


LOG_DENSITY: Mapping[type, Callable[[Any, Array], Array]] = {
    Normal: lambda law, x: _bell((x - law.mean) / law.sd) - math.log(law.sd),
    Logistic: lambda law, x: _sech((x - law.loc) / law.scale) - math.log(law.scale),
    GumbelMax: lambda law, x: _gumbel((x - law.loc) / law.scale) - math.log(law.scale),
    GumbelMin: lambda law, x: _gumbel((law.loc - x) / law.scale) - math.log(law.scale),
    StudentT: _student,
    GEV: _gev,
    JohnsonSU: _johnson,
    Beta: _beta,
    LogitNormal: _logit_normal,
    Uniform: lambda law, x: _flat(law, x, law.high - law.low),
    Lognormal: _lognormal,
    LogLogistic: _log_logistic,
    LogUniform: _log_uniform,
    Exponential: lambda law, x: -x / law.mean - math.log(law.mean),
    Gamma: _gamma,
    Weibull: _weibull,
    InverseGaussian: _inverse_gaussian,
    Pareto: _pareto,
    Poisson: _poisson,
    NegativeBinomial: _negative_binomial,
    Geometric: lambda law, x: special.xlog1py(x - 1, -law.p) + math.log(law.p),
    Integers: lambda law, x: _flat(law, x, law.high - law.low + 1),
    Bernoulli: lambda law, x: special.xlogy(x, law.p) + special.xlog1py(1 - x, -law.p),
}
"""Of every family that is fitted to data."""


def log_likelihood(law: Distribution, x: Array) -> float:
    """Sum of the log densities (log probabilities of counts) of a law at the values of a sample.

    Parameters
    ----------
    law : Distribution
        Of a family in `LOG_DENSITY`.
    x : ndarray of shape (n,)
        Inside its support.

    Examples
    --------
    >>> round(log_likelihood(Exponential(2.0), np.array([1.0, 3.0])), 6)
    -3.386294
    """
    with np.errstate(all="ignore"):
        return float(np.sum(LOG_DENSITY[type(law)](law, np.asarray(x, dtype=float))))
