"""How the figures were made, how far they can be trusted, and how to make them again."""

from __future__ import annotations

import base64
import math
from importlib.metadata import version
from typing import Any

import pandas as pd
from rangecast.engine.precision import half_width, is_relative
from rangecast.engine.result import FEWEST_FOR_ERRORS, Result
from rangecast.engine.sensitivity.about import ABOUT
from rangecast.reports import style
from rangecast.reports.numbers import compact, three_digits
from rangecast.reports.page.contents import Contents, Sheet, name_of
from rangecast.reports.page.methods_chinese import METHODS
from rangecast.reports.words import is_chinese, say

_COPULAS = {
    "gaussian": (
        "{pairs} pairs of inputs are drawn with rank correlations, joined by a Gaussian "
        "copula; extreme values of several inputs together are no likelier than it says."
    ),
    "t": (
        "{pairs} pairs of inputs are drawn with rank correlations, joined by a Student t copula "
        "with {df} degrees of freedom: extreme values tend to come together."
    ),
    "iman-conover": (
        "{pairs} pairs of inputs have rank correlations: independent draws are reordered within "
        "units of 1,024 scenarios (Iman and Conover)."
    ),
}
_DESIGNS = {
    "random": "independent pseudo-random draws",
    "lhs": "Latin hypercubes",
    "sobol": "scrambled Sobol' sequences",
}


def _sampling(result: Result) -> list[str]:
    plan = result.setup.plan
    lines = [
        say(
            "{count} scenarios by {design}, seed {seed}; the same seed gives the same figures on "
            "any number of workers.",
            count=f"{result.scenarios:,}",
            design=say(_DESIGNS[plan.design]),
            seed=plan.seed,
        ),
    ]
    if result.correlated:
        how = result.model.dependence
        words = _COPULAS[how.copula]
        lines.append(say(words, pairs=result.correlated_pairs, df=f"{how.df:g}"))
    else:
        lines.append(say("Inputs are drawn independently of each other."))
    if plan.exact:
        lines.append(say("Percentiles are exact order statistics of all scenarios (Hazen)."))
    else:
        lines.append(
            say(
                "Percentiles come from counts in fine cells; their intervals include the "
                "width of a cell."
            )
        )
    if plan.replicates:
        lines.append(
            say("Intervals of 95 % come from the spread of {count} replicates.", count=plan.batches)
        )
    elif result.scenarios >= FEWEST_FOR_ERRORS:
        lines.append(
            say(
                "Intervals of 95 %: order statistics for percentiles, Clopper-Pearson for "
                "chances, {count} batches for everything else.",
                count=plan.batches,
            )
        )
    return lines


def _limits(contents: Contents) -> list[str]:
    result = contents.result
    lines = [
        say(
            "Sampling error is not model error: what the formulas leave out is in no interval here."
        ),
        say("The ranges are as good as the assumptions; those of basis “judgement” are opinions."),
    ]
    half = half_width(result, contents.first, 0.5) if result.count(contents.first) else math.inf
    if half <= 10:  # beyond, a share says nothing: the table has the interval
        words = "Sampling error of the median: ±{share} %."
        if not is_relative(result, contents.first):
            words = "Sampling error of the median: ±{share} % of P5–P95."
        lines.append(say(words, share=f"{100 * half:.2g}"))
    if result.model.as_of is None:
        lines.append(say("The model does not say as of which day its ranges hold."))
    skewed = [
        name_of(result, n)
        for n in contents.names
        if n in result.rows and result.count(n) and result.is_skewed(n)
    ]
    if skewed:
        words = "A few scenarios dominate the mean of {names}: it has no interval."
        lines.append(say(words, names=", ".join(skewed)))
    lines += [style.plain(str(w.message), 300) for w in result.warnings if w.code == "W611"]
    return lines


def _moments(contents: Contents) -> Sheet:
    result, rows = contents.result, []
    for name in contents.names:
        if name not in result.rows:
            continue
        moments = result.moments_of(name)
        numbers = (moments.mean, moments.mean_se, moments.sd, moments.minimum, moments.maximum)
        cells = (
            f"{moments.n:,}",
            f"{moments.failed:,}",
            *(compact(v) for v in numbers),
            three_digits(moments.skewness),
        )
        rows.append((name_of(result, name), *cells))
    heads = (
        say("output"),
        "n",
        say("failed"),
        say("mean"),
        say("its standard error"),
        say("sd"),
        say("minimum"),
        say("maximum"),
        say("skewness"),
    )
    return Sheet(heads, tuple(rows), 1, say("Moments"))


def _checks(result: Result) -> Sheet | None:
    """Figures that the source printed and what the base case gives."""
    rows = []
    for one in result.checks:
        if one.check.stated is None or one.difference is None:
            continue
        rows.append(
            (
                style.plain(one.label, 120),
                style.plain(one.check.case, 80),
                compact(one.check.stated),
                compact(one.value),
                f"{100 * one.difference:+.1f} %",
            )
        )
    if not rows:
        return None
    heads = (say("output"), say("case"), say("as printed"), say("recomputed"), say("difference"))
    return Sheet(heads, tuple(rows), 2, say("Figures that the source printed, recomputed"))


_GLOSSARY = (
    (
        "P5, P50, P95",
        "5, 50, 95 % of scenarios lie at or below the value; P50 is the median. "
        "(Some industries count the other way and call the low value P90.)",
    ),
    ("80 % band", "from P10 to P90: one scenario in ten lies below, one above"),
    ("scenario", "one draw of all inputs and what follows from it"),
    ("point estimate", "the output with every input at its base value, as a spreadsheet gives it"),
    (
        "sampling error",
        "how far a figure may move with another seed; it shrinks with the number of scenarios",
    ),
    ("case", "another set of values, ranges or formulas laid over the model"),
)


def _link(name: str, content: bytes, kind: str) -> dict[str, str]:
    data = base64.b64encode(content).decode("ascii")
    return {"name": name, "url": f"data:{kind};base64,{data}"}


def downloads(contents: Contents) -> list[dict[str, str]]:
    """Give the numbers of the page and its model as files inside it."""
    from rangecast.reports.folder import csv_bytes

    result = contents.result
    bands = [
        {"case": r.model.case, "output": n, **vars(r.band(n, p))}
        for r in contents.results
        for n in contents.names
        if n in r.rows and r.count(n)
        for p in r.setup.plan.percentiles
    ]
    found = [_link("bands.csv", csv_bytes(bands), "text/csv")] if bands else []
    bars = [
        result.tornado(n, contents.method, contents.statistic)
        for n in contents.detailed
        if n in result.ranked and result.count(n) and result.scenarios > 1
    ]
    if bars:
        rows: list[dict[str, Any]] = [
            {str(k): v for k, v in row.items()} for row in pd.concat(bars).to_dict("records")
        ]
        found.append(_link("tornado.csv", csv_bytes(rows), "text/csv"))
    if result.model.text:
        text = result.model.text.encode("utf-8")
        found.append(_link("model.toml", text, "application/toml"))
    return found


def method(contents: Contents) -> dict[str, Any]:
    """Give the section on method and limits."""
    result = contents.result
    about = (METHODS if is_chinese() else ABOUT).get(contents.method, "")
    return {
        "sampling": _sampling(result),
        "ranking": about,
        "limits": _limits(contents),
        "moments": _moments(contents),
        "checks": _checks(result),
        "glossary": [(say(word), say(meaning)) for word, meaning in _GLOSSARY],
    }


def footer(contents: Contents) -> dict[str, Any]:
    """Give what makes the page again: command, versions, hashes."""
    result = contents.result
    facts = [
        (say("model"), style.plain(result.model.file, 200).strip("<>")),
        ("SHA-256", result.model.sha256),
        (say("scenarios"), f"{result.scenarios:,}"),
        (say("seed"), str(result.setup.plan.seed)),
        (say("design"), result.setup.plan.design),
        (say("digest"), result.digest),
        (say("version"), f"rangecast {version('rangecast')}, numpy {version('numpy')}"),
    ]
    if contents.made is not None:
        facts.append((say("made"), contents.made.strftime("%Y-%m-%d %H:%M UTC")))
    return {
        "command": contents.command,
        "facts": [(name, text) for name, text in facts if text],
        "downloads": downloads(contents),
    }
