"""Maximum likelihood: the parameters under which a sample is most probable, family by family."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

import numpy as np
from rangecast.distributions.bounded.beta import Beta
from rangecast.distributions.bounded.logit_normal import LogitNormal
from rangecast.distributions.bounded.uniform import Uniform
from rangecast.distributions.counts.bernoulli import Bernoulli
from rangecast.distributions.counts.integers import Integers
from rangecast.distributions.counts.negative_binomial import Geometric, NegativeBinomial
from rangecast.distributions.counts.poisson import Poisson
from rangecast.distributions.data._observed import ordered
from rangecast.distributions.data.log_density import LOG_DENSITY
from rangecast.distributions.errors import ParameterError
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

MOST_TO_START = 1000
"""Values from which a search begins; its last steps use all of them."""


NARROW = 1e-4
"""Scale, as a share of the sample's spread, below which a law has collapsed onto tied values."""
_COLLAPSES = "the likelihood has no maximum: it grows without bound around tied values"


class NoFitError(ValueError):
    """A family has no law that is most likely, or none was found."""


def _root(equation: Callable[[float], float], low: float, high: float, reason: str) -> float:
    """Solve an equation of one unknown inside a bracket."""
    from scipy import optimize

    with np.errstate(all="ignore"):
        ends = equation(low), equation(high)
        if not (math.isfinite(sum(ends)) and ends[0] * ends[1] < 0):
            raise NoFitError(reason)
        return float(optimize.brentq(equation, low, high, xtol=1e-14, rtol=1e-14, maxiter=500))


def _search(
    make: Callable[[Array], Any], x: Array, start: Sequence[float], limit: Callable[[Any], str]
) -> Any:
    """Maximise a log-likelihood without closed form: a simplex on few values, then BFGS on all.

    `limit` says why a law that the search came to is none: parameters that grow without bound.
    """
    from scipy import optimize

    def cost(theta: Array, sample: Array) -> float:
        try:
            law = make(theta)
        except (ParameterError, OverflowError):
            return 1e10
        value = -float(np.mean(LOG_DENSITY[type(law)](law, sample)))
        return value if math.isfinite(value) else 1e10

    few = x[np.linspace(0, len(x) - 1, min(len(x), MOST_TO_START)).astype(np.intp)]
    with np.errstate(all="ignore"):
        near = optimize.minimize(
            cost, start, (few,), method="Nelder-Mead", options={"fatol": 1e-7, "xatol": 1e-4}
        )
        found = optimize.minimize(cost, near.x, (x,), method="BFGS", options={"gtol": 1e-7})
        converged = np.isfinite(found.x).all() and np.abs(found.jac).max() < 1e-4
    law = make(found.x if converged else near.x)
    if reason := limit(law):
        raise NoFitError(reason)
    if not converged:
        raise NoFitError("the search for the largest likelihood did not converge")
    return law


def _standardised(x: Array) -> tuple[Array, float, float]:
    """Values less their median over their spread, so that searches are of one scale."""
    middle = float(np.median(x))
    apart = x - middle
    size = float(np.sqrt(np.mean(apart * apart)))
    return apart / size, middle, size


def _normal(x: Array) -> Normal:
    return Normal(float(x.mean()), float(x.std()))


def _logistic(x: Array) -> Logistic:
    from scipy import optimize

    z, middle, size = _standardised(x)

    def cost(theta: Array) -> tuple[float, Array]:  # concave in 1 / scale and loc / scale
        a, c = theta
        if a <= 0:
            return 1e10, np.zeros(2)
        bend = a * z - c
        turn = np.tanh(bend / 2)
        value = np.mean(np.abs(bend) + 2 * np.log1p(np.exp(-np.abs(bend)))) - math.log(a)
        return float(value), np.array([np.mean(z * turn) - 1 / a, -np.mean(turn)])

    found = optimize.minimize(cost, [1.8, 0.0], jac=True, method="BFGS", options={"gtol": 1e-10})
    if np.abs(found.jac).max() > 1e-6:
        raise NoFitError("the search for the largest likelihood did not converge")
    a, c = (float(v) for v in found.x)
    return Logistic(middle + size * c / a, size / a)


def _gumbel(x: Array) -> GumbelMax:
    z, middle, size = _standardised(x)
    mean, least = float(z.mean()), float(z.min())

    def equation(scale: float) -> float:
        weight = np.exp(-(z - least) / scale)
        return mean - float(weight @ z / weight.sum()) - scale

    scale = _root(equation, 1e-9, 100.0, "the likelihood equation has no solution")
    loc = least - scale * math.log(float(np.mean(np.exp(-(z - least) / scale))))
    return GumbelMax(middle + size * loc, size * scale)


def _gumbel_min(x: Array) -> GumbelMin:
    mirrored = _gumbel(-x)
    return GumbelMin(-mirrored.loc, mirrored.scale)


def _student_t(x: Array) -> StudentT:
    z, middle, size = _standardised(x)
    spread = max(float(np.median(np.abs(z))), 0.05)

    def limit(law: StudentT) -> str:
        if law.df > 1000:
            return "degrees of freedom grow without bound: as likely as the normal"
        return _COLLAPSES if law.scale < NARROW else ""

    law = _search(
        lambda t: StudentT(math.exp(t[2]), float(t[0]), math.exp(t[1])),
        z,
        [0.0, math.log(spread), math.log(4.0)],
        limit,
    )
    return StudentT(law.df, middle + size * law.loc, size * law.scale)


def _gev(x: Array) -> GEV:
    z, middle, size = _standardised(x)
    first = _gumbel(z)

    def make(theta: Array) -> GEV:
        if theta[2] <= -1:
            raise OverflowError
        return GEV(float(theta[0]), math.exp(theta[1]), float(theta[2]))

    def limit(law: GEV) -> str:
        if law.shape < -0.99:
            return "the likelihood has no maximum: shape below −1"
        return _COLLAPSES if law.scale < NARROW else ""

    law = _search(make, z, [first.loc, math.log(first.scale), 0.0], limit)
    return GEV(middle + size * law.loc, size * law.scale, law.shape)


def _johnson_su(x: Array) -> JohnsonSU:
    z, middle, size = _standardised(x)

    def limit(law: JohnsonSU) -> str:
        if law.delta > 50 or abs(law.gamma) > 5 * law.delta:
            return "parameters grow without bound: no better than a (shifted) lognormal"
        return _COLLAPSES if law.scale / law.delta < NARROW else ""

    law = _search(
        lambda t: JohnsonSU(float(t[0]), math.exp(t[1]), float(t[2]), math.exp(t[3])),
        z,
        [0.0, math.log(1.5), 0.0, 0.0],
        limit,
    )
    return JohnsonSU(law.gamma, law.delta, middle + size * law.loc, size * law.scale)


def _lognormal(x: Array) -> Lognormal:
    logs = np.log(x)
    return Lognormal(float(logs.mean()), float(logs.std()))


def _log_logistic(x: Array) -> LogLogistic:
    law = _logistic(np.log(x))
    return LogLogistic(math.exp(law.loc), 1 / law.scale)


def _gamma(x: Array) -> Gamma:
    logs = np.log(x)
    apart = math.log1p(float(np.mean(np.expm1(logs - logs.mean()))))  # log mean − mean log
    no = "the values are too nearly equal"
    if not 0 < apart < math.inf:
        raise NoFitError(no)
    # log a − ψ(a) = apart lies between 1 / (2a) and 1 / a
    low, high = math.log(0.5 / apart) - 1e-9, math.log(1 / apart) + 1e-9
    shape = math.exp(_root(lambda t: t - float(special.psi(math.exp(t))) - apart, low, high, no))
    return Gamma(shape, float(x.mean()) / shape)


def _weibull(x: Array) -> Weibull:
    logs = np.log(x)
    z, middle, size = _standardised(logs)
    mean, most = float(z.mean()), float(z.max())

    def equation(shape: float) -> float:
        weight = np.exp(shape * (z - most))
        return float(weight @ z / weight.sum()) - mean - 1 / shape

    shape = _root(equation, 0.01, 1e9, "the likelihood equation has no solution")
    log_scale = most + math.log(float(np.mean(np.exp(shape * (z - most))))) / shape
    return Weibull(shape / size, math.exp(middle + size * log_scale))


def _inverse_gaussian(x: Array) -> InverseGaussian:
    mean = float(x.mean())
    return InverseGaussian(mean, 1 / float(np.mean(((x - mean) / mean) ** 2 / x)))


def _pareto(x: Array) -> Pareto:
    least = float(x.min())
    return Pareto(1 / float(np.mean(np.log(x / least))), least)


def _beta(x: Array) -> Beta:
    from scipy import optimize

    logs = np.array([np.mean(np.log(x)), np.mean(np.log1p(-x))])

    def cost(theta: Array) -> tuple[float, Array]:
        a, b = np.exp(np.clip(theta, -50, 50))
        value = float(special.betaln(a, b) - (a - 1) * logs[0] - (b - 1) * logs[1])
        both = special.psi(a + b)
        slopes = np.array([special.psi(a) - both - logs[0], special.psi(b) - both - logs[1]])
        return value, slopes * [a, b]

    mean, variance = float(x.mean()), float(x.var())
    total = max(mean * (1 - mean) / variance - 1, 0.1)
    start = np.log([mean * total, (1 - mean) * total])
    found = optimize.minimize(cost, start, jac=True, method="BFGS", options={"gtol": 1e-9})
    if np.abs(found.jac).max() > 1e-5:
        raise NoFitError("the search for the largest likelihood did not converge")
    return Beta(*(float(v) for v in np.exp(found.x)))


def _logit_normal(x: Array) -> LogitNormal:
    logits = np.asarray(special.logit(x))
    return LogitNormal(float(logits.mean()), float(logits.std()))


def _negative_binomial(x: Array) -> NegativeBinomial:
    mean, variance = float(x.mean()), float(x.var())
    if not variance > mean:
        raise NoFitError("the variance does not exceed the mean: as likely as the Poisson")
    values, counts = np.unique(x, return_counts=True)
    shares = counts / len(x)

    def equation(log_size: float) -> float:
        size = math.exp(log_size)
        rise = special.psi(values + size) - special.psi(size)
        return float(shares @ rise) - math.log1p(mean / size)

    reason = "the size grows without bound: as likely as the Poisson"
    size = math.exp(_root(equation, -12.0, 16.0, reason))
    return NegativeBinomial(size, size / (size + mean))


@dataclass(frozen=True)
class Candidate:
    """A family that can be fitted.

    Parameters
    ----------
    law : type
    fit : callable
        Takes ordered values inside the family's reach, not all equal.
    needs : str
        Of the values: ``""``, ``positive``, ``shares`` (between 0 and 1), ``counts``,
        ``counts from 1`` or ``0 and 1``.
    parameters : int
        How many are estimated.
    """

    law: type
    fit: Callable[[Array], Distribution]
    needs: str
    parameters: int

    @property
    def is_count(self) -> bool:
        """Whether its law is one of whole numbers."""
        return self.needs in COUNTS


COUNTS = ("whole numbers", "counts", "counts from 1", "0 and 1")
CANDIDATES: Mapping[str, Candidate] = {
    "normal": Candidate(Normal, _normal, "", 2),
    "logistic": Candidate(Logistic, _logistic, "", 2),
    "student_t": Candidate(StudentT, _student_t, "", 3),
    "gumbel": Candidate(GumbelMax, _gumbel, "", 2),
    "gumbel_min": Candidate(GumbelMin, _gumbel_min, "", 2),
    "gev": Candidate(GEV, _gev, "", 3),
    "johnson_su": Candidate(JohnsonSU, _johnson_su, "", 4),
    "uniform": Candidate(Uniform, lambda x: Uniform(float(x[0]), float(x[-1])), "", 2),
    "lognormal": Candidate(Lognormal, _lognormal, "positive", 2),
    "log_logistic": Candidate(LogLogistic, _log_logistic, "positive", 2),
    "exponential": Candidate(Exponential, lambda x: Exponential(float(x.mean())), "positive", 1),
    "gamma": Candidate(Gamma, _gamma, "positive", 2),
    "weibull": Candidate(Weibull, _weibull, "positive", 2),
    "inverse_gaussian": Candidate(InverseGaussian, _inverse_gaussian, "positive", 2),
    "pareto": Candidate(Pareto, _pareto, "positive", 2),
    "log_uniform": Candidate(
        LogUniform, lambda x: LogUniform(float(x[0]), float(x[-1])), "positive", 2
    ),
    "beta": Candidate(Beta, _beta, "shares", 2),
    "logit_normal": Candidate(LogitNormal, _logit_normal, "shares", 2),
    "poisson": Candidate(Poisson, lambda x: Poisson(float(x.mean())), "counts", 1),
    "negative_binomial": Candidate(NegativeBinomial, _negative_binomial, "counts", 2),
    "geometric": Candidate(Geometric, lambda x: Geometric(1 / float(x.mean())), "counts from 1", 1),
    "integers": Candidate(
        Integers, lambda x: Integers(float(x[0]), float(x[-1])), "whole numbers", 2
    ),
    "bernoulli": Candidate(Bernoulli, lambda x: Bernoulli(float(x.mean())), "0 and 1", 1),
}
"""Every family that is fitted, by its name in model files."""


def unmet(needs: str, x: Array) -> str:
    """Say why a family cannot have made ordered values; nothing where it can."""
    low, high = float(x[0]), float(x[-1])
    if needs == "positive" and not low > 0:
        return "needs values above 0"
    if needs == "shares" and not (low > 0 and high < 1):
        return "needs values between 0 and 1, both excluded"
    if needs in COUNTS and (x != np.floor(x)).any():
        return "needs whole numbers"
    if needs == "0 and 1" and not np.isin(x, (0.0, 1.0)).all():
        return "needs values of 0 and 1"
    least = {"counts": 0, "counts from 1": 1}.get(needs)
    return f"needs whole numbers from {least}" if least is not None and low < least else ""


def parameters_of(law: Distribution) -> dict[str, float]:
    """Give the estimated parameters of a law as model files name them, no bounds with defaults.

    Examples
    --------
    >>> parameters_of(Beta(2.0, 5.0))
    {'a': 2.0, 'b': 5.0}
    """
    found = {}
    for one in fields(law):  # type: ignore[arg-type]  # laws are data classes
        is_given = one.name in {"low", "high"} and one.default is not MISSING
        if not is_given:
            found[one.name] = float(getattr(law, one.name))
    return found


def fit_family(family: str, values: Sequence[float] | Array) -> Distribution:
    """Fit one family by maximum likelihood.

    Parameters
    ----------
    family : str
        A name in `CANDIDATES`.
    values : sequence of float
        Finite, at least two different ones.

    Raises
    ------
    NoFitError
        With the reason.

    Notes
    -----
    In closed form: normal, lognormal, logit-normal, exponential, inverse Gaussian, Pareto, the
    uniform ones, Poisson, geometric, Bernoulli. One equation is solved for gamma, Weibull, Gumbel
    and negative binomial; the rest is searched for.

    Examples
    --------
    >>> fit_family("exponential", [1.0, 2.0, 6.0])
    Exponential(mean=3.0)
    """
    candidate, x = CANDIDATES[family], ordered(values)
    if reason := unmet(candidate.needs, x):
        raise NoFitError(reason)
    if x[0] == x[-1]:
        raise NoFitError("all values are equal")
    try:
        with np.errstate(all="ignore"):
            return candidate.fit(x)
    except (ParameterError, OverflowError, ZeroDivisionError, ValueError) as problem:
        if isinstance(problem, NoFitError):
            raise
        raise NoFitError(str(problem)) from None
