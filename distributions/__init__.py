"""What can be believed of an input: frozen laws, from probability to value and back.

=========  ==============================================================
bounded    `Uniform`, `Triangular`, `PERT`, `Beta`, `LogitNormal`
positive   `Lognormal`, `Exponential`, `Gamma`, `Weibull`
real       `Normal`
counts     `Bernoulli`, `Discrete`, `Integers`, `Poisson`, `Rounded`
others     `from_scipy` accepts any frozen ``scipy.stats`` distribution
=========  ==============================================================
"""

from rangecast.distributions.bounded.beta import Beta
from rangecast.distributions.bounded.logit_normal import LogitNormal
from rangecast.distributions.bounded.pert import PERT
from rangecast.distributions.bounded.triangular import Triangular
from rangecast.distributions.bounded.uniform import Uniform
from rangecast.distributions.counts.bernoulli import Bernoulli
from rangecast.distributions.counts.discrete import Discrete
from rangecast.distributions.counts.integers import Integers
from rangecast.distributions.counts.poisson import Poisson
from rangecast.distributions.counts.rounded import Rounded
from rangecast.distributions.errors import ParameterError
from rangecast.distributions.positive.exponential import Exponential
from rangecast.distributions.positive.gamma import Gamma
from rangecast.distributions.positive.lognormal import Lognormal
from rangecast.distributions.positive.weibull import Weibull
from rangecast.distributions.protocol import Distribution
from rangecast.distributions.real.normal import Normal
from rangecast.distributions.scipy_law import from_scipy

__all__ = [
    "PERT",
    "Bernoulli",
    "Beta",
    "Discrete",
    "Distribution",
    "Exponential",
    "Gamma",
    "Integers",
    "LogitNormal",
    "Lognormal",
    "Normal",
    "ParameterError",
    "Poisson",
    "Rounded",
    "Triangular",
    "Uniform",
    "Weibull",
    "from_scipy",
]
