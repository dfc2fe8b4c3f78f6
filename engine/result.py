"""The result of a run: bands, moments, probabilities, rankings, each with its sampling error."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from rangecast.engine import figures
from rangecast.engine.errors import Problem, SettingsError, did_you_mean
from rangecast.engine.model.checks import CheckResult, run_checks
from rangecast.engine.model.model import Model
from rangecast.engine.precision import Precision
from rangecast.engine.quantiles import (
    LEVEL,
    Z,
    hazen,
    proportion_interval,
    rank_interval,
    replicate_ranks,
)
from rangecast.engine.run import Ensemble
from rangecast.engine.task import Setup
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from rangecast.engine.cells import Curve
    from rangecast.engine.explain import Explanation

MOST_SKEWED = 0.06
"""Skewness over the root of n beyond which the normal interval of a mean covers too little.

Measured on lognormal outputs: below it 94 to 95 % of intervals cover, above it as few as 60 %.
"""
FEWEST_FOR_ERRORS = 320
"""Below so many scenarios batches are too small for standard errors."""


@dataclass(frozen=True)
class Timing:
    """How long a run took and on what.

    Parameters
    ----------
    seconds : float
    workers : int
    backend : str
    reused : int
        Scenarios taken from a checkpoint.
    note : str
        Why this back end, where that needs saying.
    """

    seconds: float
    workers: int
    backend: str
    reused: int = 0
    note: str = ""


@dataclass(frozen=True)
class Band:
    """One percentile of one output.

    Parameters
    ----------
    quantile, value : float
    ci_low, ci_high : float
        95 % interval; NaN where there are too few scenarios for an end.
    method : str
        ``exact`` from every value, or ``binned`` from the counts of fine cells.
    rank_error : float
        How far the share of scenarios at or below `value` can be from `quantile` by the binning;
        the interval contains it.
    """

    quantile: float
    value: float
    ci_low: float
    ci_high: float
    method: str = "exact"
    rank_error: float = 0.0


@dataclass(frozen=True)
class Probability:
    """Chance that an output lies above (or below) a value.

    Parameters
    ----------
    value : float
    ci_low, ci_high : float
        95 % interval.
    """

    value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Base:
    """The base case of one output: its value and the share of scenarios at or below it."""

    value: float
    percentile: float


@dataclass(frozen=True)
class Moments:
    """Moments of one output with standard errors; NaN where not defined.

    The interval of the mean, (mean_ci_low, mean_ci_high), is withheld (NaN) where a few scenarios
    dominate it: where the skewness is above `MOST_SKEWED` times the root of n.
    """

    n: int
    failed: int
    mean: float
    mean_se: float
    mean_ci_low: float
    mean_ci_high: float
    sd: float
    sd_se: float
    skewness: float
    skewness_se: float
    kurtosis: float
    kurtosis_se: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Result:
    """What a run found; every figure derives from its merged summary.

    Parameters
    ----------
    model : Model
        With the case applied.
    setup : Setup
    ensemble : Ensemble
    ranked : tuple of str
        Outputs whose drivers can be ranked.
    core_ranked : int
        How many of them the model itself asks for.
    base_values : dict of str to float
    correlated_pairs : int
        Pairs of varying inputs that were drawn correlated.
    timing : Timing
    asked : Model
        As it was given, without the case: its checks are evaluated when they are asked for.
    precision : Precision or None
        What was reached, where a precision was asked for.
    warnings : list of Problem
    """

    model: Model
    setup: Setup
    ensemble: Ensemble
    ranked: tuple[str, ...]
    core_ranked: int
    base_values: dict[str, float]
    correlated_pairs: int
    timing: Timing
    asked: Model
    precision: Precision | None = None
    warnings: list[Problem] = field(default_factory=list)

    # ------------------------------------------------------------------ names and sizes

    @property
    def correlated(self) -> bool:
        """Whether any inputs were correlated."""
        return self.correlated_pairs > 0

    @property
    def scenarios(self) -> int:
        """Number of scenarios."""
        return self.setup.plan.scenarios

    @functools.cached_property
    def rows(self) -> tuple[str, ...]:
        """Name of every output."""
        return tuple(name for name, _ in self.setup.program.row_names)

    @functools.cached_property
    def checks(self) -> tuple[CheckResult, ...]:
        """Figures that the model must reproduce; none where a case was laid over it before."""
        return () if self.asked.case else tuple(run_checks(self.asked))

    @property
    def shown(self) -> tuple[str, ...]:
        """Outputs shown unless others are asked for."""
        return tuple(n for n in self.model.run.outputs if n in self.rows) or self.rows

    def row(self, output: str) -> int:
        """Row of an output.

        Raises
        ------
        SettingsError
            For an unknown name, with the nearest one.
        """
        if output not in self.rows:
            hint = did_you_mean(output, self.rows)
            raise SettingsError(Problem("E204", "output", "unknown output", output, hint=hint))
        return self.rows.index(output)

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the merged core summary and the plan: equal for any workers and back end."""
        return self.ensemble.totals.digest(self.setup.plan.key, self.core_ranked)

    # ------------------------------------------------------------------ one output

    def count(self, output: str) -> int:
        """Scenarios in which an output is finite."""
        row = self.row(output)
        return self.scenarios - int(self.ensemble.totals.ints["failed"][row].sum())

    @functools.cached_property
    def _curves(self) -> dict[int, Curve]:
        return {}

    def curve(self, output: str) -> Curve:
        """Quantile curve from the fine cells."""
        row = self.row(output)
        if row not in self._curves:
            mapping = self.setup.reading.mappings[row]
            self._curves[row] = figures.curve(self.ensemble.totals, mapping, row)
        return self._curves[row]

    @functools.cached_property
    def _ordered(self) -> dict[int, Any]:
        return {}

    def ordered(self, output: str) -> Any:
        """Sorted finite values, kept only up to 65,536 scenarios; None beyond."""
        if "values" not in self.ensemble.totals.floats:
            return None
        row = self.row(output)
        if row not in self._ordered:
            values = self.ensemble.totals.floats["values"][row]
            self._ordered[row] = np.sort(values[np.isfinite(values)])
        return self._ordered[row]

    def quantile(self, output: str, p: float) -> float:
        """Value not exceeded in a share `p` of scenarios (Hazen's definition)."""
        ordered = self.ordered(output)
        if ordered is not None:
            return hazen(ordered, p)
        return float(self.curve(output).quantile(np.array([p]))[0])

    def band(self, output: str, p: float) -> Band:
        """One percentile with its interval, from order statistics or from replicates."""
        if self.setup.plan.replicates:
            row = self.row(output)
            low, high = replicate_ranks([one[row] for one in self.ensemble.strata], p)
        else:
            low, high = rank_interval(self.count(output), p)
        ends = self._at(output, low, -1), self._at(output, high, 1)
        value = self.quantile(output, p)
        if self.setup.plan.exact:
            return Band(p, value, *ends)
        return Band(p, value, *ends, "binned", self.curve(output).rank_error(p))

    def _at(self, output: str, rank: int | None, side: int) -> float:
        """Value of a rank, widened to the end of its cell where only cells are known."""
        if rank is None:
            return math.nan
        ordered = self.ordered(output)
        if ordered is not None:
            return float(ordered[rank - 1])
        curve = self.curve(output)
        end = curve.floor if side < 0 else curve.ceiling
        return float(end(np.array([float(rank)]))[0])

    def probability_of(
        self, output: str, above: float | None = None, below: float | None = None
    ) -> Probability:
        """Chance of a value above (or below) a limit, with a Clopper–Pearson interval."""
        if (above is None) == (below is None):
            message = "give either above or below"
            raise SettingsError(Problem("E700", "probability", message))
        limit = above if above is not None else below
        assert limit is not None
        n = self.count(output)
        least, best, most = self._rank_of(output, limit, strict=below is not None)
        if above is not None:
            least, best, most = n - most, n - best, n - least
        return Probability(best / n, *proportion_interval(least, most, n))

    def _rank_of(self, output: str, value: float, strict: bool) -> tuple[float, float, float]:
        """Scenarios at or below a value (strictly below, if strict): least, best, most."""
        ordered = self.ordered(output)
        if ordered is not None:
            side = "left" if strict else "right"
            rank = float(np.searchsorted(ordered, value, side=side))  # type: ignore[call-overload]
            return rank, rank, rank
        wanted = (self.row(output), value)
        thresholds = self.setup.reading.layout.thresholds
        if wanted in thresholds:
            less, equal = self.ensemble.totals.ints["ranks"][thresholds.index(wanted)]
            rank = float(less if strict else less + equal)
            return rank, rank, rank
        return self.curve(output).rank_of(value)

    def probability(
        self, output: str, above: float | None = None, below: float | None = None
    ) -> Probability:
        """Chance of a value above (or below) a limit.

        Examples
        --------
        >>> import rangecast as rc
        >>> model = rc.Model({"x": rc.distributions.Uniform(0, 1)}, lambda x: {"y": x})
        >>> chance = rc.simulate(model, scenarios=10_000).probability("y", above=0.75)
        >>> chance.ci_low < 0.25 < chance.ci_high
        True
        """
        return self.probability_of(output, above, below)

    def percentile_of(self, output: str, value: float) -> float:
        """Share of scenarios at or below a value, half of those equal to it (0 to 1)."""
        n = self.count(output)
        if not n or not math.isfinite(value):
            return math.nan
        upto = self._rank_of(output, value, strict=False)[1]
        under = self._rank_of(output, value, strict=True)[1]
        return (upto + under) / 2 / n

    @property
    def base(self) -> dict[str, Base]:
        """Base case of every output: its value and its percentile in the ensemble."""
        return {
            name: Base(value, self.percentile_of(name, value))
            for name, value in self.base_values.items()
        }

    def moments_of(self, output: str) -> Moments:
        """Mean, sd, skewness, excess kurtosis and extremes with standard errors."""
        row, n = self.row(output), self.count(output)
        low, high = self.ensemble.totals.floats["extremes"][row] if n else (math.nan, math.nan)
        found: dict[str, float] = {}
        for name in ("mean", "sd", "skewness", "kurtosis"):
            found[name] = float(self.ensemble.total[name][row])
            found[f"{name}_se"] = self.standard_error(name, row)
        if not self.setup.plan.replicates:
            found["mean_se"] = found["sd"] / math.sqrt(n) if n > 1 else math.nan
        half = math.nan if self.is_skewed(output) else self._mean_half_width(found["mean_se"], n)
        return Moments(
            n=n,
            failed=self.scenarios - n,
            mean_ci_low=found["mean"] - half,
            mean_ci_high=found["mean"] + half,
            minimum=float(low),
            maximum=float(high),
            **found,
        )

    def is_skewed(self, output: str) -> bool:
        """Whether a few scenarios dominate the mean, so that no interval of it can be trusted."""
        skewness = float(self.ensemble.total["skewness"][self.row(output)])
        return abs(skewness) > MOST_SKEWED * math.sqrt(max(self.count(output), 1))

    def _mean_half_width(self, standard_error: float, n: int) -> float:
        """Half of the 95 % interval of a mean, of independent scenarios or of replicates."""
        if self.setup.plan.replicates:
            return self.half_width(standard_error)
        return (
            float(special.stdtrit(n - 1, 0.5 + LEVEL / 2)) * standard_error if n > 1 else math.nan
        )

    def explained(self, output: str, of_ranks: bool = False) -> float:
        """Share of an output's variance, or of its ranks', that linear regression explains (R²)."""
        from rangecast.engine.sensitivity.bars import ranked_row

        name = "rank_r2" if of_ranks else "r2"
        return float(self.ensemble.total[name][ranked_row(self, output)])

    def standard_error(self, name: str, *index: int) -> float:
        """Standard error of a figure from the spread of the batches; NaN with too few scenarios."""
        if self.scenarios < FEWEST_FOR_ERRORS:
            return math.nan
        return float(self.ensemble.errors[name][index])

    def half_width(self, standard_error: float) -> float:
        """Half of the 95 % interval that a batch standard error gives (Student's t)."""
        degrees = self.setup.plan.batches - 1
        t = float(special.stdtrit(degrees, 0.5 + LEVEL / 2)) if degrees else Z
        return t * standard_error

    # ------------------------------------------------------------------ tables

    def bands(self) -> pd.DataFrame:
        """Percentiles of every output.

        Returns
        -------
        DataFrame
            Columns output, quantile, value, ci_low, ci_high (95 %), method, rank_error.
        """
        import pandas as pd

        levels = self.setup.plan.percentiles
        bands = [(name, self.band(name, p)) for name in self.rows for p in levels]
        return pd.DataFrame([{"output": name, **vars(band)} for name, band in bands])

    def moments(self) -> pd.DataFrame:
        """Moments of every output.

        Returns
        -------
        DataFrame
            One row per output: n, failed, mean, sd, skewness, kurtosis, their standard errors,
            minimum and maximum.
        """
        import pandas as pd

        return pd.DataFrame([{"output": n, **vars(self.moments_of(n))} for n in self.rows])

    def tornado(
        self,
        output: str,
        method: str = "conditional",
        statistic: str = "p50",
        ends: tuple[float, float] | None = None,
        tranches: int = 10,
    ) -> pd.DataFrame:
        """Inputs ranked by how far each moves one output.

        Parameters
        ----------
        output : str
        method : str
            One of `rangecast.engine.sensitivity.METHODS`.
        statistic : str
            For ``conditional``: ``mean``, ``sd`` or one of the run's percentiles (``p50``).
        ends : (float, float), optional
            For ``swing``: levels between which an input moves; 0.1 and 0.9 by default.
        tranches : int
            For ``conditional``: slices of each input, 2 to 60; the lowest and the highest are
            compared.

        Returns
        -------
        DataFrame
            One row per input, the widest first.
        """
        import pandas as pd
        from rangecast.engine.sensitivity import tornado

        bars = tornado(self, output, method, statistic, ends, tranches)
        return pd.DataFrame([bar.as_dict() for bar in bars])

    def region(
        self,
        output: str,
        above: float | None = None,
        below: float | None = None,
        failed: bool = False,
    ) -> pd.DataFrame:
        """Rank the inputs that lead an output above or below a value, or make it fail.

        Parameters
        ----------
        output : str
            One whose drivers were ranked.
        above, below : float, optional
            One of them.
        failed : bool
            The scenarios in which the output is not finite, instead.

        Returns
        -------
        DataFrame
            One row per input: signed distance (Kolmogorov-Smirnov) between its distribution there
            and in all scenarios, with its 95 % interval, the widest first.

        Raises
        ------
        SettingsError
        """
        import pandas as pd
        from rangecast.engine.sensitivity import ranked
        from rangecast.engine.sensitivity.regional import crossing, failures

        bars = failures(self, output) if failed else crossing(self, output, above, below)
        return pd.DataFrame([bar.as_dict() for bar in ranked(bars)])

    def spider(
        self,
        output: str,
        points: int = 11,
        ends: tuple[float, float] = (0.1, 0.9),
        centre: str = "median",
    ) -> pd.DataFrame:
        """Follow an output along each input alone, the others held.

        Parameters
        ----------
        output : str
        points : int
            Places from one end to the other, 2 to 1,001.
        ends : (float, float)
            Levels between which an input moves.
        centre : str
            ``median`` or ``base``: where the other inputs are held.

        Returns
        -------
        DataFrame
            One row per input and place, the input with the widest curve first.
        """
        import pandas as pd
        from rangecast.engine.sensitivity.swing import spider

        return pd.DataFrame([vars(p) for p in spider(self, output, points, ends, centre)])

    def explain(self, output: str) -> Explanation:
        """Explain the way from the point estimate of an output to its median and mean.

        See `rangecast.explain`.
        """
        from rangecast.engine.explain import explain

        return explain(self, output)

    def profile(
        self, output: str, name: str, tranches: int = 10, statistic: str = "p50"
    ) -> pd.DataFrame:
        """Follow a statistic of an output along one input, slice by slice.

        Parameters
        ----------
        output : str
            One whose drivers were ranked.
        name : str
            The input.
        tranches : int
            Slices of equal probability, 2 to 60.
        statistic : str
            ``mean`` or a percentile such as ``p90``.

        Returns
        -------
        DataFrame
            One row per slice: its place in the input, value and 95 % interval, scenarios used.
        """
        import pandas as pd
        from rangecast.engine.sensitivity.profile import profile

        return pd.DataFrame([vars(t) for t in profile(self, output, name, tranches, statistic)])

    def convergence(
        self, output: str, levels: Sequence[float] = (0.05, 0.50, 0.95)
    ) -> pd.DataFrame:
        """Follow percentiles of an output from the first scenarios of the run to its last.

        Parameters
        ----------
        output : str
        levels : sequence of float
            Inside (0, 1).

        Returns
        -------
        DataFrame
            Columns output, scenarios, quantile, value, ci_low, ci_high (95 %), and change,
            change_low, change_high: the same against the final value.
        """
        import pandas as pd
        from rangecast.engine.convergence import convergence

        return pd.DataFrame([vars(one) for one in convergence(self, output, levels)])

    def failures(self) -> pd.DataFrame:
        """Count the scenarios without a finite value.

        Returns
        -------
        DataFrame
            One row per output that has any: failed, rate with its 95 % interval, kinds, drivers.
        """
        import pandas as pd
        from rangecast.engine.failures import failure_rows

        return pd.DataFrame(failure_rows(self))

    def worst_case(self, output: str) -> pd.DataFrame:
        """Bound every percentile against the failed scenarios.

        Parameters
        ----------
        output : str

        Returns
        -------
        DataFrame
            Columns quantile, value (of the finite scenarios), low and high: the percentile of all
            scenarios if the failed ones were all below, or all above, the finite ones.
        """
        import pandas as pd
        from rangecast.engine.failures import worst_case

        return pd.DataFrame([vars(one) for one in worst_case(self, output)])

    def stress(self, output: str, name: str, low: float = 0.9, high: float = 1.0) -> pd.DataFrame:
        """Bands of an output among the scenarios with an input in a part of its range.

        Parameters
        ----------
        output : str
            One whose drivers were ranked.
        name : str
            The input; what is correlated with it moves along.
        low, high : float
            Part of the input's distribution, as shares.

        Returns
        -------
        DataFrame
            One row per percentile: stressed value with 95 % interval, unstressed value, n_used.
        """
        import pandas as pd
        from rangecast.engine.sensitivity.profile import stress

        return pd.DataFrame(stress(self, output, name, low, high))

    def rank_probabilities(
        self, output: str, method: str = "conditional", statistic: str = "p50"
    ) -> pd.DataFrame:
        """Probability that each input takes each rank.

        Returns
        -------
        DataFrame
            Inputs in the order of the ranking, ranks as columns; rows and columns sum to 1.
        """
        import pandas as pd
        from rangecast.engine.sensitivity.ranks import rank_probabilities

        found = rank_probabilities(self, output, method, statistic)
        ranks = range(1, len(found.inputs) + 1)
        return pd.DataFrame(found.probabilities, index=list(found.inputs), columns=list(ranks))

    def _repr_html_(self) -> str:
        from rangecast.engine.notebook import result_html

        return result_html(self)
