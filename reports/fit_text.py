"""Families fitted to data, as text."""

from __future__ import annotations

import math

import numpy as np
from rangecast.engine.fit import Fit, FitResult, Ranking
from rangecast.reports.numbers import NOT_AVAILABLE, briefly, percent, three_digits
from rangecast.reports.style import plain
from rangecast.reports.words import left, right, say, width_of

CLOSE = 2.0
"""Difference of the criterion below which two families describe data about as well."""
ENDS_AT_DATA = ("uniform", "log_uniform", "pareto", "integers")
_NAMES = {"aic": "AIC", "aicc": "AICc"}


def _p_value(value: float) -> str:
    return NOT_AVAILABLE if math.isnan(value) else f"{value:.2g}"


def _weight(share: float) -> str:
    return percent(share) if share >= 1e-3 else "<0.1 %"


def parameters(fit: Fit) -> str:
    """Write the parameters with four digits, such as ``mu = 2.004, sigma = 0.7473``."""
    return ", ".join(f"{name} = {value:.4g}" for name, value in fit.parameters.items())


def _row(fit: Fit, has_p: bool) -> list[str]:
    tail = three_digits(float(fit.law.quantile(np.array(0.99))))
    ad = NOT_AVAILABLE if math.isnan(fit.ad) else f"{fit.ad:,.3f}"
    cells = [fit.family, f"{fit.delta:,.1f}", _weight(fit.weight), f"{fit.bic:,.1f}"]
    cells += [f"{fit.ks:.3f}" if fit.ks >= 0.01 else f"{fit.ks:.2g}", ad]
    if has_p:
        found = fit.bootstrap
        cells += ["", ""] if found is None else [_p_value(found.p_ks), _p_value(found.p_ad)]
    return [*cells, tail, parameters(fit)]


def _table(ranking: Ranking) -> list[str]:
    has_p = any(fit.bootstrap is not None for fit in ranking.fits)
    name = _NAMES[ranking.criterion]
    head = [say("family"), f"Δ{name}", say("weight"), "BIC", "KS", "AD"]
    head += [*(["p KS", "p AD"] if has_p else []), "P99", say("parameters")]
    rows = [head, *(_row(fit, has_p) for fit in ranking.fits)]
    widths = [max(width_of(row[k]) for row in rows) for k in range(len(head))]
    return [
        "  ".join(
            [
                left(row[0], widths[0]),
                *(right(c, w) for c, w in zip(row[1:-1], widths[1:-1], strict=True)),
                row[-1],
            ]
        )
        for row in rows
    ]


def _failures(ranking: Ranking) -> list[str]:
    """One line per reason."""
    reasons: dict[str, list[str]] = {}
    for one in ranking.failures:
        reasons.setdefault(one.reason, []).append(one.family)
    return [
        say("not fitted: {families}: {reason}", families=", ".join(names), reason=say(reason))
        for reason, names in reasons.items()
    ]


def _intervals(ranking: Ranking) -> list[str]:
    lines = []
    for fit in ranking.fits:
        if fit.bootstrap is None or fit.family in ENDS_AT_DATA:  # a bootstrap cannot see ends
            continue
        values = dict(fit.parameters) | {"P99": float(fit.law.quantile(np.array(0.99)))}
        found = dict(fit.bootstrap.parameters)
        if fit.bootstrap.p99 is not None:
            found["P99"] = fit.bootstrap.p99
        parts = [
            f"{name} {values[name]:.4g} ± {one.se:.2g} [{one.low:.4g}, {one.high:.4g}]"
            for name, one in found.items()
        ]
        lines.append(f"{fit.family}: {' · '.join(parts)}")
        if fit.bootstrap.failed:
            words = "  {failed} of {all} samples could not be fitted again"
            done = fit.bootstrap.replicates + fit.bootstrap.failed
            lines.append(say(words, failed=fit.bootstrap.failed, all=done))
    if lines:
        lines.insert(0, say("With standard error and 95 % interval, by bootstrap:"))
    return lines


def _reading(ranking: Ranking) -> list[str]:
    """What the table may be taken for."""
    best, lines = ranking.fits[0], []
    close = [f.family for f in ranking.fits[1:] if f.delta < CLOSE]
    if close:
        words = "about as good as {best} (Δ below 2): {families}; compare their tails (P99)"
        lines.append(say(words, best=best.family, families=", ".join(close)))
    if best.bootstrap is None:
        words = (
            "KS, AD: distance of the data from the fit, smaller is closer; --bootstrap 200 gives "
            "p-values (tabled ones do not hold for fitted parameters)"
        )
        lines.append(say(words))
    else:
        p = np.nanmin([best.bootstrap.p_ks, best.bootstrap.p_ad])
        words = "p: share of samples drawn from a fit that lie as far from their own fit"
        lines.append(say(words))
        if p < 0.05:
            words = 'the data differ from the best family (p = {p}): dist = "data" may serve better'
            lines.append(say(words, p=_p_value(float(p))))
    ends = [f.family for f in ranking.fits if f.family in ENDS_AT_DATA]
    if ends:
        words = "ending at an observed value, where AIC is a guide only: {families}"
        lines.append(say(words, families=", ".join(ends)))
    return lines


def fit_lines(result: FitResult) -> list[str]:
    """Give the ranking of families, what it may be taken for, and what was not fitted.

    Parameters
    ----------
    result : FitResult
    """
    x = result.values
    words = "{n} values{source}: {low} to {high}, median {median}, mean {mean}, sd {sd}"
    numbers = {
        "low": x[0],
        "high": x[-1],
        "median": np.median(x),
        "mean": x.mean(),
        "sd": x.std(ddof=1),
    }
    source = say(" of {source}", source=plain(result.source)) if result.source else ""
    written = {name: briefly(float(value)) for name, value in numbers.items()}
    lines = [say(words, n=f"{len(x):,}", source=source, **written)]
    for ranking in result.rankings:
        head = "Families of counts" if ranking.kind == "counts" else "Continuous families"
        criterion = _NAMES[ranking.criterion]
        lines += ["", say("{kind} by {criterion}", kind=say(head), criterion=criterion)]
        if ranking.fits:
            lines += [*_table(ranking), *_intervals(ranking), *_reading(ranking)]
        lines += _failures(ranking)
    if len(result.rankings) > 1:
        lines.append(say("the two tables cannot be compared: densities and probabilities differ"))
    return lines
