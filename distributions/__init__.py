"""What can be believed of an input: frozen laws, from probability to value and back.

=========  ==============================================================
bounded    `Uniform`, `Triangular`, `Trapezoidal`, `PERT`, `Beta`, `LogitNormal`
positive   `Lognormal`, `LogUniform`, `LogLogistic`, `Exponential`, `Gamma`, `Weibull`, `Pareto`,
           `InverseGaussian`
real       `Normal`, `Logistic`, `StudentT`, `GumbelMax`, `GumbelMin`, `GEV`, `JohnsonSU`
counts     `Bernoulli`, `Discrete`, `Integers`, `Poisson`, `Binomial`, `NegativeBinomial`,
           `Geometric`, `Rounded`
elicited   `JQPD`, `Metalog`, `Piecewise` (from percentiles)
data       `Empirical`, `Smoothed`; `from_data` makes these, or a fitted family, of values
composed   `Mixture`, `ZeroInflated`, `Affine`, `Truncated`, `truncate`
others     `from_scipy` accepts any frozen ``scipy.stats`` distribution
=========  ==============================================================
"""

from rangecast.distributions.bounded.beta import Beta
from rangecast.distributions.bounded.logit_normal import LogitNormal
from rangecast.distributions.bounded.pert import PERT
from rangecast.distributions.bounded.trapezoidal import Trapezoidal
from rangecast.distributions.bounded.triangular import Triangular
from rangecast.distributions.bounded.uniform import Uniform
from rangecast.distributions.composed.affine import Affine
from rangecast.distributions.composed.mixture import Mixture
from rangecast.distributions.composed.zero_inflated import ZeroInflated
from rangecast.distributions.counts.bernoulli import Bernoulli
from rangecast.distributions.counts.binomial import Binomial
from rangecast.distributions.counts.discrete import Discrete
from rangecast.distributions.counts.integers import Integers
from rangecast.distributions.counts.negative_binomial import Geometric, NegativeBinomial
from rangecast.distributions.counts.poisson import Poisson
from rangecast.distributions.counts.rounded import Rounded
from rangecast.distributions.data.empirical import Empirical
from rangecast.distributions.data.law import from_data
from rangecast.distributions.data.smoothed import Smoothed
from rangecast.distributions.elicited.jqpd import JQPD
from rangecast.distributions.elicited.metalog import Metalog
from rangecast.distributions.elicited.piecewise import Piecewise
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.positive.exponential import Exponential
from rangecast.distributions.positive.gamma import Gamma
from rangecast.distributions.positive.inverse_gaussian import InverseGaussian
from rangecast.distributions.positive.log_logistic import LogLogistic
from rangecast.distributions.positive.log_uniform import LogUniform
from rangecast.distributions.positive.lognormal import Lognormal
from rangecast.distributions.positive.pareto import Pareto
from rangecast.distributions.positive.weibull import Weibull
from rangecast.distributions.protocol import Distribution
from rangecast.distributions.real.gev import GEV
from rangecast.distributions.real.gumbel import GumbelMax, GumbelMin
from rangecast.distributions.real.johnson_su import JohnsonSU
from rangecast.distributions.real.logistic import Logistic
from rangecast.distributions.real.normal import Normal
from rangecast.distributions.real.student_t import StudentT
from rangecast.distributions.scipy_law import from_scipy
from rangecast.distributions.truncated import Truncated, truncate

__all__ = [
    "GEV",
    "JQPD",
    "PERT",
    "Affine",
    "Bernoulli",
    "Beta",
    "Binomial",
    "Discrete",
    "Distribution",
    "Empirical",
    "Exponential",
    "Gamma",
    "Geometric",
    "GumbelMax",
    "GumbelMin",
    "Integers",
    "InverseGaussian",
    "JohnsonSU",
    "LogLogistic",
    "LogUniform",
    "Logistic",
    "LogitNormal",
    "Lognormal",
    "Metalog",
    "Mixture",
    "NegativeBinomial",
    "Normal",
    "ParameterError",
    "Pareto",
    "Piecewise",
    "Poisson",
    "Rounded",
    "Smoothed",
    "StudentT",
    "Trapezoidal",
    "Triangular",
    "Truncated",
    "Uniform",
    "Weibull",
    "ZeroInflated",
    "from_data",
    "from_scipy",
    "truncate",
]
