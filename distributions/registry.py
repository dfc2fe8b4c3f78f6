"""From the name and the flat parameters of a model file to a law: declared once, as data."""

from __future__ import annotations

import functools
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
from rangecast.distributions import _require
from rangecast.distributions._require import number
from rangecast.distributions.bounded.beta import Beta
from rangecast.distributions.bounded.logit_normal import LogitNormal
from rangecast.distributions.bounded.pert import PERT
from rangecast.distributions.bounded.trapezoidal import Trapezoidal
from rangecast.distributions.bounded.triangular import Triangular
from rangecast.distributions.bounded.uniform import Uniform
from rangecast.distributions.composed.affine import affine, origin
from rangecast.distributions.composed.mixture import mixture
from rangecast.distributions.composed.zero_inflated import zero_inflated
from rangecast.distributions.counts.bernoulli import Bernoulli
from rangecast.distributions.counts.binomial import Binomial
from rangecast.distributions.counts.discrete import Discrete
from rangecast.distributions.counts.integers import Integers
from rangecast.distributions.counts.negative_binomial import Geometric, NegativeBinomial
from rangecast.distributions.counts.poisson import Poisson
from rangecast.distributions.elicited.jqpd import JQPD
from rangecast.distributions.elicited.metalog import MOST_TERMS, Metalog
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
from rangecast.distributions.truncated import truncate, truncated_through

PERCENTILE = re.compile(r"p(?!00)(\d\d)")
LISTS = ("values", "weights", "levels")
NESTED = ("components", "of")
"""Parameters that are distributions: a list of tables, each with a weight, or one table."""
CHANGES = ("shift", "factor", "min", "max")
"""What may be done to any law: shift + factor · draw, then cut off."""
MOST_NESTED = 4
OF_MODELS = ("data", "conditional", "categorical")
"""What `dist` may name in a model file alone: it refers to files, inputs or cases."""
LARGEST = 1e290
"""Distance of a draw from the median from which the slopes of its table would overflow."""
EXACT = 1e-6
"""Distance, of that between the outer percentiles, within which one counts as met."""


@dataclass(frozen=True)
class Way:
    """One set of parameters that defines a law.

    With `percentiles`, the fewest and the most that belong to it, `make` takes them first, as a
    dict from level to value. `outer` says that a third one can only be compared: the law goes
    through the outer two.
    """

    required: tuple[str, ...]
    make: Callable[..., Distribution]
    optional: tuple[str, ...] = ()
    percentiles: tuple[int, int] = (0, 0)
    outer: bool = False

    @property
    def words(self) -> str:
        """Say the parameters that it needs."""
        least, most = self.percentiles
        if not most:
            return " and ".join(self.required)
        count = {1: "one percentile", 2: "two percentiles", 3: "three percentiles"}[least]
        if most > least and not self.outer:
            count = f"two to {most} percentiles"
        such = {1: "p50", 2: "p10 and p90", 3: "p10, p50 and p90"}
        text = f"{count} such as {such[3 if most > 3 else least]}"
        return " and ".join([*self.required, text + (" (a third is compared)" * self.outer)])

    def fits(self, given: set[str], levels: int) -> bool:
        """Whether parameters of these names and so many percentiles are this way's."""
        least, most = self.percentiles
        named = set(self.required) <= given <= {*self.required, *self.optional}
        return named and least <= levels <= most


def _two(fit: Callable[..., Distribution], *optional: str, beside: tuple[str, ...] = ()) -> Way:
    """Two percentiles, and a third to compare."""
    return Way(beside, fit, optional, (2, 3), outer=True)


def _three(fit: Callable[..., Distribution], *optional: str, beside: tuple[str, ...] = ()) -> Way:
    return Way(beside, fit, optional, (3, 3))


@dataclass(frozen=True)
class Family:
    """A law as model files name it."""

    summary: str
    ways: tuple[Way, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every parameter of any way, in order, but the percentiles."""
        listed = [key for way in self.ways for key in (*way.required, *way.optional)]
        return tuple(dict.fromkeys(listed))

    @property
    def takes_percentiles(self) -> bool:
        """Whether any way does."""
        return any(way.percentiles[1] for way in self.ways)

    @property
    def taken(self) -> str:
        """Say the ways in words."""
        optional = dict.fromkeys(key for way in self.ways for key in way.optional)
        aside = f" (optional: {', '.join(optional)})" if optional else ""
        return ", or ".join(way.words for way in self.ways) + aside


FAMILIES: Mapping[str, Family] = {
    "bernoulli": Family("1 with probability p, else 0", (Way(("p",), Bernoulli),)),
    "beta": Family(
        "a share between bounds",
        (
            Way(("a", "b"), Beta, ("low", "high")),
            Way(("mean", "sd"), Beta.from_mean_sd, ("low", "high")),
            _two(Beta.from_percentiles, "low", "high"),
        ),
    ),
    "binomial": Family("successes in n independent trials", (Way(("n", "p"), Binomial),)),
    "discrete": Family("one of several values", (Way(("values", "weights"), Discrete),)),
    "exponential": Family(
        "a waiting time without memory",
        (
            Way(("mean",), Exponential),
            Way(("rate",), Exponential.from_rate),
            Way((), Exponential.from_percentiles, (), (1, 1)),
        ),
    ),
    "gamma": Family(
        "positive, moderate right tail",
        (
            Way(("shape", "scale"), Gamma),
            Way(("mean", "sd"), Gamma.from_mean_sd),
            _two(Gamma.from_percentiles),
        ),
    ),
    "geometric": Family("trials until the first success", (Way(("p",), Geometric),)),
    "gev": Family(
        "the largest of many values, any tail",
        (Way(("loc", "scale", "shape"), GEV), _three(GEV.from_percentiles)),
    ),
    "gumbel": Family(
        "the largest of many values",
        (Way(("loc", "scale"), GumbelMax), _two(GumbelMax.from_percentiles)),
    ),
    "gumbel_min": Family(
        "the smallest of many values",
        (Way(("loc", "scale"), GumbelMin), _two(GumbelMin.from_percentiles)),
    ),
    "integers": Family("whole numbers, equally likely", (Way(("low", "high"), Integers),)),
    "inverse_gaussian": Family(
        "time to reach a mark",
        (
            Way(("mean", "shape"), InverseGaussian),
            Way(("mean", "sd"), InverseGaussian.from_mean_sd),
            _two(InverseGaussian.from_percentiles),
        ),
    ),
    "johnson_su": Family(
        "any skewness, heavy tails",
        (
            Way(("gamma", "delta"), JohnsonSU, ("loc", "scale")),
            _three(JohnsonSU.from_percentiles, beside=("delta",)),
        ),
    ),
    "jqpd": Family(
        "any three percentiles, smooth, bounded", (_three(JQPD.from_percentiles, "low", "high"),)
    ),
    "log_logistic": Family(
        "uncertain by factors, heavy tail",
        (Way(("scale", "shape"), LogLogistic), _two(LogLogistic.from_percentiles)),
    ),
    "log_uniform": Family(
        "any order of magnitude between bounds",
        (Way(("low", "high"), LogUniform), _two(LogUniform.from_percentiles)),
    ),
    "logistic": Family(
        "a bell with somewhat heavy tails",
        (Way(("loc", "scale"), Logistic), _two(Logistic.from_percentiles)),
    ),
    "logit_normal": Family(
        "a share whose log-odds are normal",
        (Way(("mu", "sigma"), LogitNormal), _two(LogitNormal.from_percentiles)),
    ),
    "lognormal": Family(
        "uncertain by factors",
        (
            Way(("mean", "sd"), Lognormal.from_mean_sd, ("low",)),
            Way(("mu", "sigma"), Lognormal, ("low",)),
            _two(Lognormal.from_percentiles, "low"),
        ),
    ),
    "metalog": Family(
        "any shape through percentiles",
        (Way((), Metalog.from_percentiles, ("low", "high"), (2, MOST_TERMS)),),
    ),
    "mixture": Family(
        "one of several distributions, each with its weight",
        (Way(("components",), lambda components: mixture(*zip(*components, strict=True))),),
    ),
    "negative_binomial": Family(
        "a count that varies more than independent events do",
        (Way(("size", "p"), NegativeBinomial), Way(("mean", "sd"), NegativeBinomial.from_mean_sd)),
    ),
    "normal": Family(
        "a bell around a mean", (Way(("mean", "sd"), Normal), _two(Normal.from_percentiles))
    ),
    "pareto": Family(
        "a least value and a power-law tail",
        (Way(("shape", "scale"), Pareto), _two(Pareto.from_percentiles)),
    ),
    "pert": Family(
        "smooth lowest–likeliest–highest",
        (
            Way(("low", "mode", "high"), PERT, ("weight",)),
            Way(("mode",), PERT.from_percentiles, ("weight",), (2, 2)),
            _three(PERT.from_percentiles, "weight"),
        ),
    ),
    "piecewise": Family(
        "straight lines through a table of percentiles", (Way(("values", "levels"), Piecewise),)
    ),
    "poisson": Family("number of independent events", (Way(("mean",), Poisson),)),
    "shifted_lognormal": Family(
        "uncertain by factors above any least value",
        (
            Way(("mean", "sd", "low"), Lognormal.from_mean_sd),
            Way(("mu", "sigma", "low"), Lognormal),
            _three(Lognormal.through),
        ),
    ),
    "student_t": Family(
        "a bell with heavy tails",
        (
            Way(("df",), StudentT, ("loc", "scale")),
            Way(("df", "mean", "sd"), StudentT.from_mean_sd),
            _two(StudentT.from_percentiles, beside=("df",)),
        ),
    ),
    "trapezoidal": Family(
        "a likeliest range between slopes",
        (Way(("low", "mode_low", "mode_high", "high"), Trapezoidal),),
    ),
    "triangular": Family(
        "lowest, likeliest, highest",
        (
            Way(("low", "mode", "high"), Triangular),
            Way(("mode",), Triangular.from_percentiles, (), (2, 2)),
            _three(Triangular.from_percentiles),
        ),
    ),
    "uniform": Family(
        "equally likely between bounds",
        (Way(("low", "high"), Uniform), _two(Uniform.from_percentiles)),
    ),
    "weibull": Family(
        "a lifetime", (Way(("shape", "scale"), Weibull), _two(Weibull.from_percentiles))
    ),
    "zero_inflated": Family(
        "zero with some probability, else another distribution",
        (Way(("zero", "of"), lambda zero, of: zero_inflated(of, zero)),),
    ),
}

ALIASES = {
    "gaussian": "normal",
    "gauss": "normal",
    "log-normal": "lognormal",
    "log_normal": "lognormal",
    "logitnormal": "logit_normal",
    "lognormal_shifted": "shifted_lognormal",
    "lognorm3": "shifted_lognormal",
    "randint": "integers",
    "binary": "bernoulli",
    "triangle": "triangular",
    "choice": "discrete",
    "j-qpd": "jqpd",
    "johnson_qpd": "jqpd",
    "loguniform": "log_uniform",
    "reciprocal": "log_uniform",
    "loglogistic": "log_logistic",
    "fisk": "log_logistic",
    "gumbel_max": "gumbel",
    "gumbel_r": "gumbel",
    "gumbel_l": "gumbel_min",
    "genextreme": "gev",
    "t": "student_t",
    "studentt": "student_t",
    "student": "student_t",
    "wald": "inverse_gaussian",
    "invgauss": "inverse_gaussian",
    "johnsonsu": "johnson_su",
    "trapezoid": "trapezoidal",
    "trapz": "trapezoidal",
    "nbinom": "negative_binomial",
    "negbin": "negative_binomial",
    "binom": "binomial",
    "geom": "geometric",
    "empirical": "data",
}


def _near(word: str, known: list[str]) -> str:
    found = get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return f"did you mean '{found[0]}'?" if found else ""


def _data_elsewhere() -> ParameterError:
    """Refuse data where no file can be read: this module knows nothing of files."""
    message = "data are read for an input of a model file only"
    return ParameterError(
        "E302", "dist", message, got="data", hint="in Python: rc.from_data(values)"
    )


def _unknown_family(dist: str) -> ParameterError:
    if dist == "data":
        return _data_elsewhere()
    alias = ALIASES.get(dist.casefold())
    hint = f"did you mean '{alias}'?" if alias else _near(dist, list(FAMILIES))
    allowed = f"known: {', '.join([*FAMILIES, *OF_MODELS])}"
    return ParameterError("E301", "dist", f"unknown distribution; {allowed}", got=dist, hint=hint)


def _wrong_number(key: str, value: object) -> ParameterError | None:
    """Why a parameter is not a number, if it is not."""
    if isinstance(value, bool):
        got = "a true/false value"
        return ParameterError("E115", key, "expected a number", got=got)
    if isinstance(value, int):
        try:
            float(value)
        except OverflowError:
            return ParameterError("E305", key, "too large for a 64-bit float", got=str(value)[:40])
        return None
    if isinstance(value, float):
        if math.isinf(value):
            message = "must be finite; perhaps too large for a 64-bit float"
            return ParameterError("E305", key, message, got=str(value))
        return ParameterError("E305", key, "must be finite", got="nan") if value != value else None
    text = str(value)
    hint = ""
    if re.fullmatch(r"\d[\d,]*,\d{3}(\.\d+)?", text):
        plain = text.replace(",", "")
        short = _short(plain)
        hint = f"write {plain} or {short}" if len(short) < len(plain) else f"write {plain}"
    elif re.fullmatch(r"\d+,\d+", text):
        hint = f"write {text.replace(',', '.')}"
    elif re.fullmatch(r"\d+(\.\d+)? ?%", text):
        hint = f"write {float(text.rstrip('% ')) / 100:.2f}"
    return ParameterError("E115", key, "expected a number", got=repr(value), hint=hint)


def _short(number: str) -> str:
    """Shortest exponent form: 5e7 rather than 5e+07."""
    return np.format_float_scientific(float(number), trim="-", exp_digits=1).replace("e+", "e")


def _wrong_list(key: str, value: object) -> list[ParameterError]:
    if not isinstance(value, list | tuple):
        return [ParameterError("E115", key, "expected a list of numbers", got=repr(value))]
    found = []
    for k, item in enumerate(value):
        problem = _wrong_number(f"{key}[{k}]", item)
        if problem is not None and problem.code == "E115":
            problem = ParameterError("E115", f"{key}[{k}]", "expected numbers", got=repr(item))
        if problem is not None:
            found.append(problem)
    return found


def _takes(dist: str, family: Family) -> str:
    return f"{'an' if dist[0] in 'aeio' else 'a'} {dist} takes {family.taken}"


def _wrong_key(dist: str, family: Family, key: str) -> ParameterError:
    everywhere = {k for f in FAMILIES.values() for k in f.keys}
    takes = _takes(dist, family)
    if key in everywhere or PERCENTILE.fullmatch(key):
        return ParameterError("E302", key, f"not a parameter of '{dist}'; {takes}")
    levels = ["p05", "p10", "p50", "p90", "p95"] if family.takes_percentiles else []
    if re.fullmatch(r"p\d", key) and levels:
        hint = f"write p0{key[1]}"
    else:
        hint = _near(key, [*family.keys, *levels, "round", "base", "value", "same_as"])
    return ParameterError("E113", key, f"unknown key; {takes}", hint=hint)


def _levels(family: Family, parameters: Mapping[str, object]) -> set[str]:
    """Names of the percentiles among parameters."""
    return {k for k in parameters if PERCENTILE.fullmatch(k)} if family.takes_percentiles else set()


def _matching_way(family: Family, parameters: Mapping[str, object]) -> Way | None:
    levels = _levels(family, parameters)
    given = set(parameters) - levels
    return next((way for way in family.ways if way.fits(given, len(levels))), None)


Ends = tuple[float, float]
UNCUT: Ends = (-math.inf, math.inf)


def problems(
    dist: str, parameters: Mapping[str, object], ends: Ends = UNCUT
) -> list[ParameterError]:
    """Everything that is wrong with a law's parameters, not only the first thing."""
    return _attempt(dist, parameters, ends)[1]


def build(dist: str, parameters: Mapping[str, object], ends: Ends = UNCUT) -> Distribution:
    """Make a law from its name and flat parameters; percentiles are those of the cut law.

    Raises
    ------
    ParameterError
        The first of `problems`.

    Examples
    --------
    >>> build("pert", {"low": 0, "mode": 1, "high": 4}).mean
    1.3333333333333333
    """
    law, found = _attempt(dist, parameters, ends)
    if law is None:
        raise found[0]
    return law


_NUMBER = r"([-+]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([kKMBT]?)"
_RANGE = re.compile(rf"\s*{_NUMBER}\s+to\s+{_NUMBER}\s*(?:\(\s*([\d.]+)\s*%\s*\))?\s*")
_SUFFIXES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def is_range(dist: str) -> bool:
    """Whether a text is a shorthand such as ``2M to 5M (80%)``.

    Examples
    --------
    >>> is_range("2M to 5M (80%)"), is_range("lognormal")
    (True, False)
    """
    return _RANGE.fullmatch(dist) is not None


def _law_of_range(dist: str, ends: Ends) -> Distribution:
    """Law of a shorthand: lognormal where both values are positive, else normal.

    Raises
    ------
    ParameterError
        Without a level: the two usual readings differ too much to guess.
    """
    match = _RANGE.fullmatch(dist)
    assert match is not None
    low, high = (float(re.sub("[_,]", "", match[k])) * _SUFFIXES[match[k + 1]] for k in (1, 3))
    if match[5] is None:
        plain = dist.strip()
        hint = f"write '{plain} (80%)' for P10 to P90, or '{plain} (90%)' for P5 to P95"
        raise ParameterError("E302", "dist", "the range names no level", got=plain, hint=hint)
    level = float(match[5]) / 100
    if not 0 < level < 1:
        allowed = "a level between 0 and 100 %"
        raise ParameterError("E303", "dist", f"needs {allowed}", got=f"{match[5]} %")
    if not low < high:
        raise ParameterError("E304", "dist", "a range ascends", got=dist.strip())
    family: Any = Lognormal if low > 0 else Normal
    given = {round((1 - level) / 2, 12): low, round((1 + level) / 2, 12): high}
    if ends == UNCUT:
        found: Distribution = family.from_percentiles(given)
        return found
    return truncated_through(family.from_percentiles, given, *ends)


def _attempt_range(
    dist: str, parameters: Mapping[str, object], ends: Ends
) -> tuple[Distribution | None, list[ParameterError]]:
    found = [
        ParameterError("E302", key, "a range takes no parameters", got=str(value))
        for key, value in parameters.items()
    ]
    try:
        law = _law_of_range(dist, ends)
        _refuse_overflow(law)
    except ParameterError as problem:
        return None, [*found, problem]
    return (None if found else law), found


def _attempt(
    dist: str, parameters: Mapping[str, object], ends: Ends
) -> tuple[Distribution | None, list[ParameterError]]:
    if is_range(dist):
        return _attempt_range(dist, parameters, ends)
    family = FAMILIES.get(dist)
    if family is None:
        return None, [_unknown_family(dist)]
    known = set(family.keys) | _levels(family, parameters)
    found = [_wrong_key(dist, family, key) for key in parameters if key not in known]
    for key, value in parameters.items():
        if key in NESTED and key in known:
            found += _wrong_parts(key, value)
        elif key in LISTS and key in known:
            found += _wrong_list(key, value)
        elif key in known and (wrong := _wrong_number(key, value)) is not None:
            found.append(wrong)
    law = None
    if not found:
        law, found = _tried(dist, family, parameters, ends)
    while found and (further := _besides(dist, family, parameters, found)):
        found.append(further)
    return law, found


def _tried(
    dist: str, family: Family, parameters: Mapping[str, object], ends: Ends
) -> tuple[Distribution | None, list[ParameterError]]:
    try:
        law = _make(dist, family, dict(parameters), ends)
        _refuse_overflow(law)
    except ParameterError as problem:
        return None, [problem]
    except ArithmeticError:  # squares of parameters, such as 1e300, or shares of 0
        message = "draws would overflow: parameters are too far apart for 64-bit floats"
        return None, [ParameterError("E308", "", message)]
    return law, []


_STAND_INS = (0.5, 2.0, 1e3)
"""For a parameter that is wrong: what is complained of with any of them is another's fault."""


def _besides(
    dist: str, family: Family, parameters: Mapping[str, object], found: list[ParameterError]
) -> ParameterError | None:
    """One more parameter that is wrong by itself, whatever those already found should be."""
    wrong, codes = {problem.parameter for problem in found}, {problem.code for problem in found}
    numbers = set(parameters) - {*LISTS, *NESTED}
    if not wrong <= numbers or not codes <= {"E115", "E303", "E305"}:
        return None
    further: dict[str, ParameterError] = {}
    for value in _STAND_INS:
        try:
            _make(dist, family, {**parameters, **dict.fromkeys(wrong, value)}, UNCUT)
        except ParameterError as problem:
            if problem.parameter not in wrong:
                further[str(problem)] = problem
        except ArithmeticError:  # a stand-in far from the other parameters proves nothing
            return None
        else:
            return None
    told = list(further.values())
    return told[0] if len(told) == 1 and told[0].code == "E303" else None


def _make(dist: str, family: Family, parameters: dict[str, Any], ends: Ends) -> Distribution:
    way = _matching_way(family, parameters)
    if way is None:
        got = ", ".join(parameters) or "none"
        raise ParameterError("E302", "", _takes(dist, family), got=got)
    levels = _levels(family, parameters)
    arguments = {k: _argument(k, v) for k, v in parameters.items() if k not in levels}
    if not levels:
        law = way.make(**arguments)
        return law if ends == UNCUT else truncate(law, *ends)
    given = _asked(parameters, levels)
    if way.outer:
        _require.ascending(given)
        given = {p: given[p] for p in (min(given), max(given))}
    fit = functools.partial(way.make, **arguments)
    return fit(given) if ends == UNCUT else truncated_through(fit, given, *ends)


def _asked(parameters: Mapping[str, Any], levels: set[str]) -> dict[float, float]:
    """Percentiles by level, ascending."""
    return {int(key[1:]) / 100: float(parameters[key]) for key in sorted(levels)}


class Missed(NamedTuple):
    """A percentile that was given and that the law does not meet: both values of it."""

    level: float
    asked: float
    got: float

    @property
    def name(self) -> str:
        """Its name in a model file."""
        return _require.percentile(self.level)


def missed(dist: str, parameters: Mapping[str, object], ends: Ends = UNCUT) -> list[Missed]:
    """Percentiles that were given and that the law does not meet, by level.

    A family of two parameters goes through the outer two of three percentiles. Every other family
    meets what it is given, or is refused; so the list is empty, as it is for wrong parameters.

    Examples
    --------
    >>> [(level, asked, got)] = missed("normal", {"p10": 0, "p50": 4, "p90": 10})
    >>> level, asked, round(got, 9)
    (0.5, 4.0, 5.0)
    """
    family = FAMILIES.get(dist)
    way = _matching_way(family, parameters) if family else None
    levels = _levels(family, parameters) if family else set()
    if way is None or not way.outer or len(levels) < 3:
        return []
    law = _attempt(dist, parameters, ends)[0]
    if law is None:
        return []
    asked = _asked(parameters, levels)
    found = law.quantile(np.array(list(asked))).tolist()
    compared = [Missed(p, value, got) for (p, value), got in zip(asked.items(), found, strict=True)]
    return [one for one in compared if how_far(parameters, one) > EXACT]


def how_far(parameters: Mapping[str, Any], one: Missed) -> float:
    """Distance of a missed percentile from its law's, of that between the outer percentiles."""
    values = [float(value) for key, value in parameters.items() if PERCENTILE.fullmatch(key)]
    return abs(one.got - one.asked) / (max(values) - min(values))


def say_missed(dist: str, parameters: Mapping[str, Any], one: Missed) -> tuple[str, str]:
    """Say how far a law is from a percentile, and what would meet it.

    Examples
    --------
    >>> given = {"p10": 0, "p50": 4, "p90": 10}
    >>> say_missed("normal", given, missed("normal", given)[0])[0]
    'asked 4, the normal through p10 and p90 has 5 (25 % more)'
    """
    levels = sorted(int(key[1:]) / 100 for key in parameters if PERCENTILE.fullmatch(key))
    low, high = levels[0], levels[-1]
    size, of = abs(one.got - one.asked) / abs(one.asked or 1), ""
    if one.asked * one.got <= 0:
        size, of = how_far(parameters, one), " of the way"
    more = "more" if one.got > one.asked else "less"
    through = f"{_require.percentile(low)} and {_require.percentile(high)}"
    words = (
        f"asked {number(one.asked)}, the {dist} through {through} has {number(one.got)} "
        f"({100 * size:.2g} %{of} {more})"
    )
    symmetric = one.level == 0.5 and math.isclose(low + high, 1.0)
    other = "a J-QPD (dist = 'jqpd')" if symmetric else "a metalog (dist = 'metalog')"
    return words, f"use {other} to match all three"


def _argument(key: str, value: Any) -> Any:
    """Give a parameter that was found right as its law takes it."""
    if key in LISTS:
        return tuple(float(v) for v in value)
    if key == "components":
        return tuple((read(part, ("weight",))[0], float(part["weight"])) for part in value)
    return read(value)[0] if key in NESTED else float(value)


def read(
    table: Mapping[str, Any], beside: tuple[str, ...] = (), depth: int = 0
) -> tuple[Distribution | None, list[ParameterError]]:
    """Make the law of a table: `dist`, its parameters, and what is done to it.

    Parameters
    ----------
    table : mapping of str to object
        Keys ``dist``, ``shift``, ``factor``, ``min``, ``max``, and the parameters.
    beside : tuple of str
        Other keys, which are passed over.
    depth : int
        How many tables this one is inside of.

    Returns
    -------
    law : Distribution or None
        None when there are problems.
    problems : list of ParameterError

    Examples
    --------
    >>> read({"dist": "normal", "mean": 1, "sd": 2, "shift": 10})[0].mean
    11.0
    """
    dist = table.get("dist")
    if not isinstance(dist, str):
        got = "" if dist is None else repr(dist)
        message = "missing" if dist is None else "expected text"
        code = "E114" if dist is None else "E115"
        return None, [ParameterError(code, "dist", message, got=got)]
    if depth > MOST_NESTED:
        message = f"distributions are nested more than {MOST_NESTED} deep"
        return None, [ParameterError("E302", "", message)]
    changes = {k: v for k, v in table.items() if k in CHANGES}
    found = [p for k, v in changes.items() if (p := _wrong_number(k, v)) is not None]
    given = {k: v for k, v in table.items() if k not in {"dist", *CHANGES, *beside}}
    if found:
        return None, found + _attempt(dist, given, UNCUT)[1]
    if changes.get("factor") == 0:
        message, hint = "must not be 0", "state value = … instead"
        zero = ParameterError("E303", "factor", message, hint=hint)
        return None, [zero, *_attempt(dist, given, UNCUT)[1]]
    law, found = _attempt(dist, given, inner_ends(changes))
    return (None if law is None else affine(law, *_moved(changes))), found


def _moved(changes: Mapping[str, Any]) -> tuple[float, float]:
    return float(changes.get("shift", 0.0)), float(changes.get("factor", 1.0))


def inner_ends(changes: Mapping[str, Any]) -> Ends:
    """Where a law must be cut off that is moved and stretched afterwards.

    Examples
    --------
    >>> inner_ends({"min": 10, "shift": 4, "factor": 2})
    (3.0, inf)
    """
    ends = (float(changes.get("min", -math.inf)), float(changes.get("max", math.inf)))
    shift, factor = _moved(changes)
    if (shift, factor) == (0.0, 1.0) or not ends[0] < ends[1]:
        return ends
    low, high = sorted(origin(end, shift, factor) for end in ends)
    return low, high


def changed(law: Distribution, table: Mapping[str, Any]) -> Distribution:
    """Move, stretch and cut off a law as the keys of a table say.

    Raises
    ------
    ParameterError
    """
    law = affine(law, *_moved(table))
    ends = (float(table.get("min", -math.inf)), float(table.get("max", math.inf)))
    return law if ends == UNCUT else truncate(law, *ends)


def _wrong_parts(key: str, value: object) -> list[ParameterError]:
    """Check a parameter that holds distributions."""
    if key == "of":
        if not isinstance(value, dict):
            hint = 'write of = {dist = "lognormal", p10 = 1, p90 = 10}'
            return [ParameterError("E115", key, "expected a table", got=repr(value), hint=hint)]
        return [_inside(key, wrong) for wrong in read(value, depth=_depth(value))[1]]
    if not isinstance(value, list | tuple) or not all(isinstance(v, dict) for v in value):
        hint = 'write components = [{dist = "normal", mean = 1, sd = 1, weight = 0.9}, …]'
        return [
            ParameterError("E115", key, "expected a list of tables", got=repr(value), hint=hint)
        ]
    found = []
    for k, part in enumerate(value):
        place, weight = f"{key}[{k}]", part.get("weight")
        if weight is None:
            found.append(ParameterError("E114", f"{place}.weight", "missing"))
        elif (wrong := _wrong_number("weight", weight)) is not None:
            found.append(_inside(place, wrong))
        elif not weight > 0:
            wrong = ParameterError("E307", "weight", "must be above 0", got=number(weight))
            found.append(_inside(place, wrong))
        found += [_inside(place, w) for w in read(part, ("weight",), _depth(part))[1]]
    return found


def _depth(table: Mapping[str, Any]) -> int:
    """How many tables are inside each other, counted without recursion."""
    level, tables = 0, [table]
    while tables and level <= MOST_NESTED:
        level += 1
        inside = [v for t in tables for k, v in t.items() if k in NESTED]
        flat = [one for v in inside for one in (v if isinstance(v, list) else [v])]
        tables = [one for one in flat if isinstance(one, dict)]
    return level


def _inside(place: str, wrong: ParameterError) -> ParameterError:
    """Say where in a nested table a problem is."""
    key = f"{place}.{wrong.parameter}" if wrong.parameter else place
    return ParameterError(wrong.code, key, wrong.message, got=wrong.got, hint=wrong.hint)


def _refuse_overflow(law: Distribution) -> None:
    """Refuse a law whose draws, or the steps between them, would not all be finite (E308)."""
    p = 2.0 ** -np.arange(1.0, 54.0)
    with np.errstate(all="ignore"):
        tails = (law.quantile(p), law.upper_quantile(p))
        apart = [np.abs(tail - tails[0][0]) for tail in tails]
    share = sum(float(p[~(away < LARGEST)].max(initial=0.0)) for away in apart)
    if share:
        away = f"more than {LARGEST:g} away from the median"
        message = f"draws would overflow: a share of draws of about {share:.2g} is {away}"
        raise ParameterError("E308", "", message, hint="narrow it, or use another unit")


def describe(dist: str, parameters: Mapping[str, object]) -> str:
    """Write a law as a call, such as ``lognormal(p10=90, p90=1000)``; a range says it all."""
    if is_range(dist):
        low = re.match(r"\s*-|\s*0*\.?0*\s*to", dist)
        return f"{dist.strip()}, {'normal' if low else 'lognormal'}"
    if dist == "mixture":
        parts = parameters.get("components")
        assert isinstance(parts, list | tuple)
        total = sum(part["weight"] for part in parts)
        words = [f"{part['weight'] / total:.3g} × {describe_table(part)}" for part in parts]
        return f"mixture({' + '.join(words)})"
    words = []
    for key, value in parameters.items():
        text = number(value) if isinstance(value, int | float) else str(value)
        words.append(f"{key}={describe_table(value) if isinstance(value, dict) else text}")
    return f"{dist}({', '.join(words)})"


def describe_table(table: Mapping[str, Any]) -> str:
    """Write the law of a table as a call, and what is done to it.

    Examples
    --------
    >>> describe_table({"dist": "normal", "mean": 1, "sd": 2, "shift": 10, "min": 0})
    'normal(mean=1, sd=2), moved by 10, cut off at min 0'
    """
    own = {k: v for k, v in table.items() if k not in {"dist", "weight", "round", *CHANGES}}
    return done(describe(table["dist"], own), table)


def done(words: str, table: Mapping[str, Any]) -> str:
    """Add to the words of a law what is done to it."""
    words += f", times {table['factor']:g}" if "factor" in table else ""
    words += f", moved by {table['shift']:g}" if "shift" in table else ""
    cut = [f"{key} {table[key]:g}" for key in ("min", "max") if key in table]
    return words + (f", cut off at {' and '.join(cut)}" if cut else "")


_CALL = re.compile(r"\s*([A-Za-z_][\w-]*)\s*\((.*)\)\s*")
_ARGUMENT = re.compile(r"\s*(\w+)\s*=\s*(\[[^\]]*\]|[^,\[\]]+?)\s*(?:,|$)")


def parse_call(text: str) -> tuple[str, dict[str, object]]:
    """Read ``normal(mean=1e5, sd=1e4)`` from the command line.

    Raises
    ------
    ParameterError
        When the text is not of that form.

    Examples
    --------
    >>> parse_call('zero_inflated(zero=0.5, of={dist="poisson", mean=2})')[1]
    {'zero': 0.5, 'of': {'dist': 'poisson', 'mean': 2}}
    >>> parse_call("discrete(values=[1, 2], weights=[0.5, 0.5])")
    ('discrete', {'values': [1.0, 2.0], 'weights': [0.5, 0.5]})
    """
    match = _CALL.fullmatch(text)
    if match is not None and match[1] == "data":
        raise _data_elsewhere()
    if match is None:
        hint = "write for example normal(mean=100, sd=10)"
        raise ParameterError("E302", "", "not a number or a distribution", got=text, hint=hint)
    inside, parameters, at = match[2], {}, 0
    if "{" in inside or '"' in inside:
        return match[1], _inline(inside)
    while at < len(inside) and inside[at:].strip():
        found = _ARGUMENT.match(inside, at)
        if found is None:
            message = "parameters are written name=value, separated by commas"
            raise ParameterError("E302", "", message, got=inside[at:])
        parameters[found[1]] = _literal(found[1], found[2])
        at = found.end()
    return match[1], parameters


def _inline(text: str) -> dict[str, object]:
    """Read parameters that hold tables or texts: as TOML writes them between braces."""
    try:
        return dict(tomllib.loads(f"x = {{{text}}}")["x"])
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        message = "not parameters as TOML writes them between braces"
        raise ParameterError("E302", "", f"{message}: {wrong}", got=text) from None


def _literal(key: str, text: str) -> object:
    if text.startswith("["):
        return [_literal(key, item.strip()) for item in text[1:-1].split(",") if item.strip()]
    try:
        return float(text)
    except ValueError:
        raise ParameterError("E115", key, "expected a number", got=text) from None
