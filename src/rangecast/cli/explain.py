"""``rangecast explain``: what a code, a method, a distribution or a word means."""

from __future__ import annotations

from collections.abc import Mapping

import click

from rangecast.cli.screen import show

WORDS = {
    "band": "Percentiles of an output. They are cumulative: 95 % of scenarios lie at or below P95.",
    "base": "The base case: every input at its base value, else its median; the point estimate.",
    "case": "A named overlay on the model: other values, distributions or formulas.",
    "scenario": "One draw of all inputs and what follows from it.",
    "tornado": "Inputs ranked by how far each moves one output; the method is always named.",
    "alone": "The output when one input goes from P10 to P90 and the others stay at their medians.",
    "digest": "SHA-256 of everything a result derives from; equal for any number of workers.",
    "random": "Design: independent points; intervals from order statistics.",
    "lhs": "Design: Latin hypercubes of 1,024 scenarios; intervals from replicates.",
    "precision": "Half of a band's 95 % interval, as a share of its value (of P95 − P5 around 0).",
    "numerics": "A hash of how a machine rounds: where it is equal, results are to the last bit.",
    "checkpoint": "The state of a run in one file; rangecast resume FILE goes on with it.",
    "exit": "0 done · 1 a check fails · 2 usage or model error · 3 a bug · 4 too many failed "
    "scenarios · 5 resources · 6 files · 130 interrupted · 143 terminated · 129 terminal closed",
}


ALSO = {
    "truncated": "truncation",
    "min": "truncation",
    "max": "truncation",
    "gaussian copula": "gaussian",
    "copula": "gaussian",
    "normal copula": "gaussian",
    "student copula": "t copula",
    "dependence": "gaussian",
    "repair": "gaussian",
    "among": "gaussian",
    "correlation": "spearman",
    "rank correlation": "spearman",
}
"""Other words for what has a page, beside the other names of distributions."""

SCHEMA = "results.json"
Sections = Mapping[str, Mapping[str, str]]


def _sections() -> Sections:
    """Everything that can be explained, in a few words or as a line, by kind."""
    from rangecast.distributions.guide import KINDS
    from rangecast.engine import dependence_guide
    from rangecast.engine.codes import CODES
    from rangecast.engine.sensitivity.about import ABOUT
    from rangecast.reports.guide import summary_of

    pages = {
        f"Distributions: {kind}": {name: summary_of(name) for name in guides}
        for kind, guides in KINDS.items()
    }
    return {
        "Words": WORDS,
        **pages,
        "Correlation": {name: summary_of(name) for name in dependence_guide.GUIDES},
        "Methods": {name: f"method: {text}" for name, text in ABOUT.items()},
        "Codes": {code: f"{known.title}. {known.advice}" for code, known in CODES.items()},
    }


def _list(sections: Sections) -> None:
    from rangecast.engine.model.shipped import shipped_models

    for head, entries in sections.items():
        width = max(len(name) for name in entries)
        show(head)
        for name, text in entries.items():
            show(f"  {name.ljust(width)}  {text}")
        show("")
    show(f"Shipped models: {', '.join(shipped_models())}")


def _fold(word: str) -> str:
    """Let case, spaces, hyphens and underscores not matter."""
    return word.casefold().replace("-", " ").replace("_", " ").strip()


def _named(word: str, sections: Sections) -> list[tuple[str, str]]:
    """Give every section and name that a word means; other names of distributions come last."""
    from rangecast.distributions.registry import ALIASES

    found = [
        (head, name)
        for head, entries in sections.items()
        for name in entries
        if _fold(name) == _fold(word)
    ]
    aliases = {_fold(alias): name for alias, name in {**ALIASES, **ALSO}.items()}
    real = aliases.get(_fold(word))
    if found or real is None:
        return found
    return [(head, name) for head, entries in sections.items() for name in entries if name == real]


def _example(code: str) -> list[str]:
    """Show what brings a code about."""
    from rangecast.engine.code_examples import EXAMPLES

    example = EXAMPLES[code]
    if example.kind == "words":
        return [f"For example: {example.text}"]
    text = f"rangecast {example.text}" if example.kind == "command" else example.text
    return ["For example:", *(f"  {line}" for line in text.splitlines())]


def _keys(word: str) -> list[str]:
    """Explain a key of the model file, in every table that has it, or a function of formulas."""
    from rangecast.engine.model.meanings import FORMULAS, MEANINGS, PLACES

    table, _, key = word.rpartition(".")
    found: dict[str, list[str]] = {}
    for kind, place in PLACES.items():
        one = MEANINGS[kind].get(key)
        if one is None or not place.lstrip("[").startswith(table):
            continue
        values = f"; one of {', '.join(one.allowed)}" if len(one.allowed) > 1 else ""
        usual = f"; left out: {one.default}" if one.default else ""
        example = f", such as {key} = {one.example}" if one.example else ""
        found.setdefault(f"{one.meaning.rstrip('.')}{example}{values}{usual}.", []).append(place)
    lines = [f"{key}, a key of {', '.join(places)}: {text}" for text, places in found.items()]
    if word in FORMULAS:
        lines.append("In formulas {}: {}.".format(*FORMULAS[word]))
    return lines


@click.command()
@click.argument("word", nargs=-1)
def explain(word: tuple[str, ...]) -> int:
    """Explain WORD: a code, a method, a distribution, a copula; without it, list them all.

    Keys of the model file, such as per_period or outputs.headline, and functions of formulas are
    explained, too.

    'results.json' prints the JSON Schema of what run --json prints.
    """
    from rangecast.distributions.registry import ALIASES
    from rangecast.engine.errors import Problem, SettingsError, did_you_mean
    from rangecast.reports.guide import guide_lines, known
    from rangecast.reports.results_json import schema_text

    sections, asked = _sections(), " ".join(word)
    if asked == SCHEMA:
        click.echo(schema_text(), nl=False)
        return 0
    if not word:
        _list(sections)
        return 0
    found = _named(asked, sections)
    if not found and (lines := _keys(asked)):
        show("\n".join(lines))
        return 0
    if not found:
        names = [name for entries in sections.values() for name in entries]
        hint = (
            did_you_mean(asked, [*names, *ALIASES, *ALSO])
            or "rangecast explain lists what is known"
        )
        raise SettingsError(
            Problem("E700", "explain", "nothing is known of this", asked, hint=hint)
        )
    pages = known()
    for k, (head, name) in enumerate(found):
        is_page = name in pages and head not in {"Methods", "Codes"}
        lines = guide_lines(name) if is_page else [f"{name}: {sections[head][name]}"]
        lines += _example(name) if head == "Codes" else []
        show(("\n" if k else "") + "\n".join(lines))
    return 0
