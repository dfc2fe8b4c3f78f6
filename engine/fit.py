"""Which distribution describes observed values: families are fitted and ranked."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.data.law import few
from rangecast.distributions.data.likelihood import (
    CANDIDATES,
    NoFitError,
    fit_family,
    parameters_of,
)
from rangecast.distributions.data.log_density import log_likelihood
from rangecast.distributions.protocol import Array, Distribution
from rangecast.distributions.registry import describe
from rangecast.engine.errors import Problem, SettingsError, did_you_mean, shown
from rangecast.engine.streams import Stream

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 5
SMALL = 40
"""Values per parameter below which the second-order criterion ranks (Burnham & Anderson, 2002)."""
TIED = 0.1
"""Share of repeated values, or of one value, from which rounding is warned of."""
COARSE = 0.1
"""Step of rounded values, in standard deviations, from which it matters."""
SMALL_COUNT = 100
FEWEST_REPLICATES = 100
BEST = 3
"""Families that are bootstrapped, unless some are named."""
TAIL = 2.0**-54


@dataclass(frozen=True)
class Estimate:
    """A parameter's uncertainty: standard error and 95 % interval, of bootstrap refits."""

    se: float
    low: float
    high: float


@dataclass(frozen=True)
class Bootstrap:
    """What samples drawn from the fitted law itself say, each fitted again.

    Parameters
    ----------
    replicates : int
        Samples that could be fitted.
    failed : int
        Samples that could not.
    p_ks, p_ad : float
        Share of samples that lie as far from their own fit; right although parameters are
        estimated.
    parameters : mapping of str to Estimate
    p99 : Estimate or None
        Of the fitted 99th percentile.
    """

    replicates: int
    failed: int
    p_ks: float
    p_ad: float
    parameters: Mapping[str, Estimate]
    p99: Estimate | None = None


@dataclass(frozen=True)
class Fit:
    """One family with its most likely parameters.

    Parameters
    ----------
    family : str
        As model files name it.
    law : Distribution
    parameters : mapping of str to float
    log_likelihood : float
    aic, aicc, bic : float
    ks, ad : float
        Kolmogorov–Smirnov and Anderson–Darling statistics. `ad` is NaN of families that end at an
        observed value. Tables of their p-values do not hold for estimated parameters.
    delta, weight : float
        Difference to the best by the criterion of the ranking, and Akaike's weight.
    bootstrap : Bootstrap or None
    """

    family: str
    law: Distribution
    parameters: Mapping[str, float]
    log_likelihood: float
    aic: float
    aicc: float
    bic: float
    ks: float
    ad: float
    delta: float = 0.0
    weight: float = 1.0
    bootstrap: Bootstrap | None = None

    @property
    def call(self) -> str:
        """The law as ``--set`` takes it, every digit kept."""
        words = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self.family}({words})"

    @property
    def described(self) -> str:
        """The law with six digits."""
        return describe(self.family, self.parameters)


@dataclass(frozen=True)
class Failure:
    """A family that was not fitted, and why."""

    family: str
    reason: str


@dataclass(frozen=True)
class Ranking:
    """Families of one kind, the best first.

    Parameters
    ----------
    kind : str
        ``continuous`` or ``counts``: densities and probabilities cannot be compared.
    criterion : str
        ``aicc`` below 40 values per parameter, else ``aic``.
    fits : tuple of Fit
    failures : tuple of Failure
    """

    kind: str
    criterion: str
    fits: tuple[Fit, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, repr=False)
class FitResult:
    """Families fitted to a sample.

    Parameters
    ----------
    values : ndarray of shape (n,)
        In ascending order.
    rankings : tuple of Ranking
        The kind to use first: counts where the values are whole numbers from 0 that repeat or stay
        below 100, else continuous.
    warnings : tuple of Problem
    seed : int
        Of the bootstrap.
    source : str
        Where the values come from, in words.
    """

    values: Array = field(compare=False)
    rankings: tuple[Ranking, ...]
    warnings: tuple[Problem, ...] = ()
    seed: int = 1
    source: str = ""

    @property
    def best(self) -> Fit:
        """The first family of the first ranking.

        Raises
        ------
        SettingsError
            When none could be fitted.
        """
        if not self.rankings[0].fits:
            reasons = [f"{f.family}: {f.reason}" for r in self.rankings for f in r.failures]
            message = f"no family could be fitted; {'; '.join(reasons)}"
            raise SettingsError(Problem("E310", "values", message))
        return self.rankings[0].fits[0]

    def frame(self) -> pd.DataFrame:
        """Give one row per family, the best first; those that failed come last with a reason."""
        import pandas as pd

        return pd.DataFrame(self.rows()).set_index("family")

    def rows(self) -> list[dict[str, object]]:
        """Give the same as dictionaries."""
        found: list[dict[str, object]] = []
        for ranking in self.rankings:
            for fit in ranking.fits:
                names = ("log_likelihood", "aic", "aicc", "bic", "delta", "weight", "ks", "ad")
                p = {"p_ks": math.nan, "p_ad": math.nan}
                if fit.bootstrap is not None:
                    p = {name: getattr(fit.bootstrap, name) for name in p}
                row: dict[str, object] = {"family": fit.family, "kind": ranking.kind}
                row |= {"law": fit.call, **{n: getattr(fit, n) for n in names}, **p, "reason": ""}
                found.append(row)
        for ranking in self.rankings:
            for one in ranking.failures:
                found.append({"family": one.family, "kind": ranking.kind, "reason": one.reason})
        return found

    def toml(self, name: str = "x") -> str:
        """Write the best family as an input of a model file.

        Parameters
        ----------
        name : str
            Of the input: letters, digits and _.
        """
        width = max(len(key) for key in ("dist", "basis", *self.best.parameters))
        lines = [f"[inputs.{name}]", f'{"dist":<{width}} = "{self.best.family}"']
        lines += [f"{key:<{width}} = {value!r}" for key, value in self.best.parameters.items()]
        words = f"maximum likelihood fit of {len(self.values):,} values"
        words += f" of {shown(self.source)}" if self.source else ""
        lines += [f'{"basis":<{width}} = "data"']
        lines += [f"{'note':<{width}} = {json.dumps(words, ensure_ascii=False)}"]
        return "\n".join(lines) + "\n"

    def __repr__(self) -> str:
        fits = self.rankings[0].fits
        best = f"best {fits[0].described}" if fits else "none fits"
        return f"FitResult({len(self.values):,} values, {best})"

    def _repr_html_(self) -> str:
        from rangecast.engine.notebook import table

        return table(self.frame(), index=True)


def _above(law: Distribution, x: Array) -> Array:
    """Probability above `x`, never 0, so that its logarithm stays finite."""
    survival = getattr(law, "sf", None)
    found = survival(x) if survival is not None else 1 - law.cdf(x)
    return np.maximum(found, 1e-300 if survival is not None else TAIL)


def distances(law: Distribution, x: Array) -> tuple[float, float]:
    """Give the Kolmogorov–Smirnov and the Anderson–Darling statistic of a sample.

    Parameters
    ----------
    law : Distribution
    x : ndarray of shape (n,)
        In ascending order.

    Returns
    -------
    ks, ad : float
        Of counts the largest difference of the two distribution functions, and the discrete
        Anderson–Darling statistic of Choulakian, Lockhart & Stephens (1994). `ad` is NaN where the
        law ends at an observed value.

    Examples
    --------
    >>> from rangecast.distributions import Uniform
    >>> [round(d, 6) for d in distances(Uniform(0, 1), np.array([0.2, 0.5]))]
    [0.5, 0.525729]
    """
    n = len(x)
    if law.discrete:
        return _of_counts(law, x)
    below, i = np.asarray(law.cdf(x)), np.arange(1, n + 1)
    ks = float(max((i / n - below).max(), (below - (i - 1) / n).max()))
    low, high = law.support
    if x[0] <= low or x[-1] >= high:
        return ks, math.nan
    logs = np.log(np.maximum(below, 1e-300)) + np.log(_above(law, x[::-1]))
    return ks, float(-n - ((2 * i - 1) * logs).sum() / n)


def _of_counts(law: Distribution, x: Array) -> tuple[float, float]:
    values, below = law.atoms()  # type: ignore[attr-defined]  # discrete laws
    observed = np.searchsorted(x, values, side="right") / len(x)
    ks = float(np.abs(observed - below).max())
    inner = (below > 0) & (below < 1)
    weight = np.diff(below, prepend=0.0)[inner] / (below[inner] * (1 - below[inner]))
    return ks, float(len(x) * (weight @ (observed[inner] - below[inner]) ** 2))


def _measure(family: str, law: Distribution, x: Array) -> Fit:
    n, k = len(x), CANDIDATES[family].parameters
    likelihood = log_likelihood(law, x)
    aic = 2 * k - 2 * likelihood
    second = aic + 2 * k * (k + 1) / (n - k - 1)
    ks, ad = distances(law, x)
    bic = k * math.log(n) - 2 * likelihood
    return Fit(family, law, parameters_of(law), likelihood, aic, second, bic, ks, ad)


def _rank(kind: str, families: Sequence[str], x: Array) -> Ranking:
    fits, failures = [], []
    for family in families:
        try:
            if len(x) < CANDIDATES[family].parameters + 2:
                raise NoFitError("too few values for so many parameters")
            fits.append(_measure(family, fit_family(family, x), x))
        except NoFitError as problem:
            failures.append(Failure(family, str(problem)))
    most = max((CANDIDATES[f.family].parameters for f in fits), default=1)
    criterion = "aicc" if len(x) < SMALL * most else "aic"
    fits.sort(key=lambda f: float(getattr(f, criterion)))
    least = getattr(fits[0], criterion) if fits else 0.0
    deltas = np.array([getattr(f, criterion) - least for f in fits])
    weights = np.exp(-deltas / 2) / max(float(np.exp(-deltas / 2).sum()), 1.0)
    ranked = tuple(
        replace(f, delta=float(d), weight=float(w))
        for f, d, w in zip(fits, deltas, weights, strict=True)
    )
    return Ranking(kind, criterion, ranked, tuple(failures))


def _bootstrap(fit: Fit, n: int, replicates: int, seed: int, step: Callable[[], None]) -> Bootstrap:
    """Draw samples from a fitted law, fit each again, and see how far each lies from its fit."""
    stream, u = Stream(seed, fit.family, "fit bootstrap"), np.empty(n)
    found: dict[str, list[float]] = {name: [] for name in fit.parameters}
    distant: list[tuple[float, float]] = []
    tails: list[float] = []
    for k in range(replicates):
        stream.turn_to(k)
        stream.fill(u)
        x = np.sort(np.asarray(fit.law.quantile(u)))
        try:
            again = fit_family(fit.family, x)
        except NoFitError:
            continue
        finally:
            step()
        distant.append(distances(again, x))
        tails.append(float(again.quantile(np.array(0.99))))
        for name, value in parameters_of(again).items():
            found[name].append(value)
    ks, ad = np.array(distant).reshape(-1, 2).T
    done = len(ks)
    p_ks = (1 + int((ks >= fit.ks).sum())) / (done + 1)
    p_ad = math.nan if math.isnan(fit.ad) else (1 + int((ad >= fit.ad).sum())) / (done + 1)
    enough = done >= FEWEST_REPLICATES // 2
    estimates = {n: _estimate(found[n]) for n in found if enough}
    p99 = _estimate(tails) if enough else None
    return Bootstrap(done, replicates - done, p_ks, p_ad, estimates, p99)


def _estimate(values: list[float]) -> Estimate:
    low, high = (float(v) for v in np.quantile(values, [0.025, 0.975]))
    return Estimate(float(np.std(values, ddof=1)), low, high)


def _with_bootstrap(
    rankings: list[Ranking],
    n: int,
    replicates: int,
    seed: int,
    every: bool,
    progress: Callable[[int, int], None] | None,
) -> list[Ranking]:
    chosen = [r.fits if every else r.fits[:BEST] for r in rankings]
    total, done = replicates * sum(len(fits) for fits in chosen), [0]

    def step() -> None:
        done[0] += 1
        if progress is not None:
            progress(done[0], total)

    found = []
    for ranking, fits in zip(rankings, chosen, strict=True):
        again = [replace(f, bootstrap=_bootstrap(f, n, replicates, seed, step)) for f in fits]
        found.append(replace(ranking, fits=(*again, *ranking.fits[len(again) :])))
    return found


def _families(given: Iterable[str], x: Array) -> dict[str, list[str]]:
    """Families to fit, by kind; the kind to use first comes first."""
    wanted = list(dict.fromkeys(given))
    for name in wanted:
        if name not in CANDIDATES:
            allowed, hint = f"one of {', '.join(CANDIDATES)}", did_you_mean(name, CANDIDATES)
            raise SettingsError(Problem("E301", "family", "cannot be fitted", name, allowed, hint))
    whole = bool((x == np.floor(x)).all())
    repeated = len(np.unique(x)) <= len(x) / 2 or float(x[-1]) <= SMALL_COUNT
    counts_first = whole and float(x[0]) >= 0 and repeated
    kinds: dict[str, list[str]] = {}
    for kind in ("counts", "continuous") if counts_first else ("continuous", "counts"):
        is_count = kind == "counts"
        names = [n for n in wanted or CANDIDATES if CANDIDATES[n].is_count == is_count]
        if names and (wanted or whole or not is_count):
            kinds[kind] = names
    return kinds


def _rounding(x: Array) -> str:
    """Say how rounded ordered values are, where that matters to continuous families."""
    distinct, counts = np.unique(x, return_counts=True)
    tied, heaped = 1 - len(distinct) / len(x), int(counts.max()) / len(x)
    is_coarse = float(np.diff(distinct).min()) > COARSE * float(x.std())
    if tied >= TIED and (is_coarse or heaped >= TIED):
        return f"{100 * tied:.0f} % of the values repeat another, as rounded values do"
    return ""


def _warnings(x: Array, kinds: Iterable[str]) -> tuple[Problem, ...]:
    found = []
    if lacking := few(len(x)):
        found.append(Problem("W356", "values", lacking))
    if "continuous" in kinds and (rounding := _rounding(x)):
        hint = "likelihoods and distances of continuous families are rough then"
        found.append(Problem("W357", "values", rounding, hint=hint))
    return tuple(found)


def fit(
    values: Sequence[float] | Array,
    families: Iterable[str] = (),
    *,
    bootstrap: int = 0,
    seed: int = 1,
    source: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> FitResult:
    """Fit families to observed values by maximum likelihood, and rank them.

    Parameters
    ----------
    values : sequence of float
        At least five, finite, not all equal; a list, an array or a pandas column.
    families : iterable of str, optional
        Names of families; by default every one that values of this kind allow. Families of counts
        are tried on whole numbers only, and never ranked with continuous ones.
    bootstrap : int
        Samples drawn from each of the best three fits (of each, where families are named) for
        p-values and intervals of parameters; 0 for none, else at least 100.
    seed : int
        Of the bootstrap.
    source : str
        Where the values come from, for the note of `FitResult.toml`.
    progress : callable, optional
        Called with refits done and in all.

    Raises
    ------
    SettingsError
        For values that cannot be fitted, or an unknown family.

    Notes
    -----
    Akaike's criterion is for families whose ends do not depend on parameters; of ``uniform``,
    ``log_uniform``, ``pareto`` and ``integers``, which end at an observed value, it is a guide
    only.

    Examples
    --------
    >>> found = fit([1.2, 0.4, 2.2, 0.1, 0.9, 3.1, 0.3], ["exponential", "normal"])
    >>> found.best.family, {k: round(v, 6) for k, v in found.best.parameters.items()}
    ('exponential', {'mean': 1.171429})
    """
    x = np.asarray(values, dtype=float).ravel()
    if not np.isfinite(x).all():
        got = f"{int((~np.isfinite(x)).sum()):,} that are not"
        raise SettingsError(Problem("E310", "values", "every value must be finite", got))
    if len(x) < FEWEST:
        allowed = f"at least {FEWEST}"
        raise SettingsError(Problem("E310", "values", "too few values", str(len(x)), allowed))
    x = np.sort(x)
    if x[0] == x[-1]:
        raise SettingsError(Problem("E310", "values", "all values are equal", f"{x[0]:g}"))
    if bootstrap and bootstrap < FEWEST_REPLICATES:
        allowed = f"0, or at least {FEWEST_REPLICATES}"
        raise SettingsError(Problem("E700", "bootstrap", "too few", str(bootstrap), allowed))
    wanted = tuple(families)
    rankings = [_rank(kind, names, x) for kind, names in _families(wanted, x).items()]
    rankings.sort(key=lambda r: not r.fits)  # stable: the kind to use first stays first
    if bootstrap:
        rankings = _with_bootstrap(rankings, len(x), bootstrap, seed, bool(wanted), progress)
    warnings = _warnings(x, [r.kind for r in rankings])
    return FitResult(x, tuple(rankings), warnings, seed, source)
