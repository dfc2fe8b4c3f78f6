"""The answer in one sentence, and the few figures beside it."""

from __future__ import annotations

import math
from typing import Any

from rangecast.engine.failures import worst_case
from rangecast.engine.model.checks import late_sources
from rangecast.engine.result import FEWEST_FOR_ERRORS, Result
from rangecast.engine.sensitivity.ranks import WITH_RANKS, rank_probabilities
from rangecast.reports import style
from rangecast.reports.drivers import Ranking, rank
from rangecast.reports.figures import placed_figures
from rangecast.reports.numbers import compact, percent, percentile_name, scale_for, unit_words
from rangecast.reports.page.contents import Contents, capital, case_words, name_of
from rangecast.reports.words import is_chinese, say, unit_in_words

BAND = (0.10, 0.90)
SURE = 0.9
"""Probability of the first rank from which one driver is named alone."""
_CURRENCIES = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


def money(value: float, unit: str) -> str:
    """Write a value with its scale word and, where it is money, its currency."""
    head = unit.partition("/")[0]
    text = compact(value)
    if head not in _CURRENCIES:
        return text
    if is_chinese():
        return text + unit_in_words(head)
    sign = "-" if text.startswith("-") else ""
    return f"{sign}{_CURRENCIES[head]}{text.removeprefix('-')}"


def amount(result: Result, output: str, value: float, exactly: bool = False) -> str:
    """Write a value of an output with its unit; `exactly` keeps the whole numbers of a source."""
    quantity = result.model.quantities[output]
    head, slash, tail = quantity.unit.partition("/")
    text = money(value, quantity.unit)
    if exactly and abs(value) >= 100 and not scale_for(value).word:
        text = f"{value:,.0f}"
    if head in _CURRENCIES:
        return f"{text}{slash}{unit_in_words(tail)}"
    unit = style.plain(unit_words(quantity.unit, quantity.label, scale_for(1.0)), 60)
    gap = "" if is_chinese() or unit.startswith("/") else " "
    return f"{text}{gap}{unit}".strip()


def _range(result: Result, output: str) -> str:
    unit = result.model.quantities[output].unit
    low, high = (money(result.quantile(output, p), unit) for p in BAND)
    return say("{low} to {high}", low=low, high=high)


def _counted(result: Result, output: str) -> bool:
    """Whether the label itself says what is counted, as servers of the unit server."""
    quantity = result.model.quantities[output]
    words = unit_words(quantity.unit, quantity.label, scale_for(1.0))
    return not words and quantity.unit not in {"", "1"} and not is_chinese()


def _claim(result: Result, output: str) -> str:
    """What is said of the range: in the model's own words where it has them."""
    quantity = result.model.quantities[output]
    words = style.plain(quantity.headline, 300)
    if words:
        said = words.replace("{range}", _range(result, output))
        return f"{said} {quantity.period}".strip()
    label = name_of(result, output)
    if _counted(result, output):
        return say("Between {low} and {high} {label}", label=label, **_ends(result, output))
    return say("{label}: between {low} and {high}", label=capital(label), **_ends(result, output))


def _ends(result: Result, output: str) -> dict[str, str]:
    low, high = (result.quantile(output, p) for p in BAND)
    unit = result.model.quantities[output].unit
    return {"low": money(low, unit), "high": amount(result, output, high)}


def leading(result: Result, ranking: Ranking) -> list[str]:
    """Labels of the driver that surely comes first, or of the two that may."""
    bars = [b for b in ranking.top if not b.is_nothing and b.swing]
    if not bars:
        return []
    names = [style.plain(b.label, 120) for b in bars[:2]]
    if len(names) < 2 or ranking.method not in WITH_RANKS or result.scenarios < FEWEST_FOR_ERRORS:
        return names[:1]
    found = rank_probabilities(result, ranking.output, ranking.method, ranking.statistic.lower())
    return names[:1] if found.together and found.together[0] >= SURE else names


def _drivers(contents: Contents, output: str) -> str:
    if output not in contents.result.ranked:
        return ""
    ranking = rank(contents.result, output, contents.method, contents.statistic)
    names = leading(contents.result, ranking)
    if len(names) == 2:
        return say("; {first} and {second} matter most", first=names[0], second=names[1])
    return say("; {first} matters most", first=names[0]) if names else ""


def sentence(contents: Contents, output: str = "") -> str:
    """Give the answer as one sentence: range, median and what matters most.

    Parameters
    ----------
    contents : Contents
    output : str
        By default the first shown.
    """
    output, result = output or contents.first, contents.result
    if not result.count(output):
        return say("{label}: no finite value", label=capital(name_of(result, output)))
    low, high = (result.quantile(output, p) for p in BAND)
    middle = money(result.quantile(output, 0.5), result.model.quantities[output].unit)
    if low == high:
        words = "{label}: {value} in at least 80 % of scenarios"
        if _is_constant(result, output):
            words = "{label}: {value} in every scenario"
        if result.scenarios == 1:
            words = "{label}: {value} in a single scenario"
        label = capital(name_of(result, output))
        return say(words, label=label, value=amount(result, output, low))
    said = say("{claim} (80 % band), median {median}", claim=_claim(result, output), median=middle)
    return said + _drivers(contents, output)


def _is_constant(result: Result, output: str) -> bool:
    moments = result.moments_of(output)
    return moments.minimum == moments.maximum


def _tile(name: str, value: str, note: str = "") -> dict[str, str]:
    return {"name": name, "value": value, "note": note}


def _base_tile(result: Result, output: str) -> dict[str, str]:
    base = result.base[output]
    value = amount(result, output, base.value)
    share = percent(base.percentile)
    note = say(
        "{value}, every input at its base value; {share} of scenarios lie below it",
        value=value,
        share=share,
    )
    return _tile(say("Point estimate"), percentile_name(base.percentile), note)


def tiles(contents: Contents) -> list[dict[str, str]]:
    """Give the figures that stand beside the answer: name, value, note."""
    result, output = contents.result, contents.first
    if not result.count(output) or _is_constant(result, output):
        return []
    band = result.band(output, 0.5)
    interval = ""
    if math.isfinite(band.ci_high - band.ci_low):
        ends = {"low": compact(band.ci_low), "high": compact(band.ci_high)}
        interval = say("sampling error: {low} to {high} (95 %)", **ends)
    found = [_tile(say("Median (P50)"), amount(result, output, band.value), interval)]
    p05, p95 = (compact(result.quantile(output, p)) for p in (0.05, 0.95))
    wide = say("{low} to {high}", low=p05, high=p95)
    found.append(_tile(say("90 % band (P5 to P95)"), wide, say("one scenario in ten lies outside")))
    if math.isfinite(result.base[output].value):
        found.append(_base_tile(result, output))
    moments = result.moments_of(output)
    place = percentile_name(result.percentile_of(output, moments.mean))
    note = say("lies at {place}: large values pull it", place=place)
    if abs(result.percentile_of(output, moments.mean) - 0.5) < 0.05:
        note = say("lies at {place}", place=place)
    found.append(_tile(say("Mean"), amount(result, output, moments.mean), note))
    limit = contents.limits.get(output)
    if limit is not None:
        chance = result.probability(output, above=limit)
        ends = {"low": percent(chance.ci_low), "high": percent(chance.ci_high)}
        name = say("Chance of more than {limit}", limit=amount(result, output, limit))
        note = say("sampling error: {low} to {high} (95 %)", **ends)
        found.append(_tile(name, percent(chance.value), note))
    return found


def view(result: Result) -> str:
    """Say what is shown: case, date of the view, what is counted."""
    model, when = result.model, ""
    if model.as_of is not None:
        when = say("view as of {day}", day=model.as_of.isoformat())
        if late_sources(model):
            when = say("reconstructed view as of {day}", day=model.as_of.isoformat())
    parts = (style.plain(model.description, 300), case_words(result), when)
    return " · ".join(part for part in parts if part)


def published(result: Result, output: str) -> list[str]:
    """Say where published figures of an output lie in its range."""
    if not result.count(output):
        return []
    lines = []
    for figure in placed_figures(result, output):
        value = amount(result, output, figure.value, exactly=True)
        label = f" (“{style.plain(figure.label, 80)}”)" if figure.label else ""
        words = "{source}{label}: {value} is {place}; chance of more {chance}"
        chance = percent(result.probability(output, above=figure.value).value)
        place = percentile_name(figure.percentile)
        source = style.plain(figure.source, 80)
        lines.append(
            say(words, source=source, label=label, value=value, place=place, chance=chance)
        )
    return lines


def banners(contents: Contents) -> list[str]:
    """Warn of what a reader must know before believing the page; mostly nothing."""
    found = []
    for result in contents.results:
        failed = {n: result.scenarios - result.count(n) for n in contents.names if n in result.rows}
        for name, count in failed.items():
            if count:
                share = percent(count / result.scenarios)
                label = name_of(result, name)
                words = (
                    "{label}: {count} scenarios ({share}) gave no finite number and are left out"
                )
                text = say(words, label=label, count=f"{count:,}", share=share)
                middle = [w for w in worst_case(result, name) if w.quantile == 0.5]
                if middle:
                    low, high = (compact(v) for v in (middle[0].low, middle[0].high))
                    words = "; whatever they are, the median lies between {low} and {high}"
                    text += say(words, low=low, high=high)
                found.append(text)
        if result.precision is not None and not result.precision.is_met:
            words = "The precision asked for was not reached: ±{reached} instead of ±{target}"
            reached, target = percent(result.precision.reached), percent(result.precision.target)
            found.append(say(words, reached=reached, target=target))
    if contents.result.scenarios < FEWEST_FOR_ERRORS:
        found.append(say("Too few scenarios for sampling errors: read the figures as a first look"))
    return list(dict.fromkeys(found))


def answer(contents: Contents) -> dict[str, Any]:
    """Give the parts of the first section."""
    result = contents.result
    return {
        "sentence": sentence(contents),
        "others": [sentence(contents, name) for name in contents.plain[1:]],
        "tiles": tiles(contents) if result.scenarios > 1 else [],
        "published": published(result, contents.first),
        "banners": banners(contents),
        "view": view(result),
    }
