"""``rangecast explain``: what a code, a method, a distribution or a word means."""

from __future__ import annotations

import click

WORDS = {
    "band": "Percentiles of an output. They are cumulative: 95 % of scenarios lie at or below P95.",
    "base": "The base case: every input at its base value, else its median; the point estimate.",
    "case": "A named overlay on the model: other values, distributions or formulas.",
    "scenario": "One draw of all inputs and what follows from it.",
    "tornado": "Inputs ranked by how far each moves one output; the method is always named.",
    "alone": "The output when one input goes from P10 to P90 and the others stay at their medians.",
    "digest": "SHA-256 of everything a result derives from; equal for any number of workers.",
    "data": 'dist = "data" with file and column: draws are observed values (method = "empirical"), '
    "values with a kernel around each (smoothed), or of a family fitted to them (fitted, family).",
    "random": "Design: independent points; intervals from order statistics.",
    "lhs": "Design: Latin hypercubes of 1,024 scenarios; intervals from replicates.",
    "precision": "Half of a band's 95 % interval, as a share of its value (of P95 − P5 around 0).",
    "numerics": "A hash of how a machine rounds: where it is equal, results are to the last bit.",
    "checkpoint": "The state of a run in one file; rangecast resume FILE goes on with it.",
    "exit": "0 done · 1 a check fails · 2 usage or model error · 3 a bug · 4 too many failed "
    "scenarios · 5 resources · 6 files · 130 interrupted · 143 terminated · 129 terminal closed",
}


def _entries() -> dict[str, str]:
    from rangecast.distributions.registry import FAMILIES
    from rangecast.engine.codes import CODES
    from rangecast.engine.sensitivity.about import ABOUT

    entries = {code: f"{known.title}. {known.advice}" for code, known in CODES.items()}
    entries |= {name: f"method: {text}" for name, text in ABOUT.items()}
    for name, family in FAMILIES.items():
        entries[name] = f"distribution: {family.summary}; takes {family.taken}"
    return entries | WORDS


@click.command()
@click.argument("word", required=False)
def explain(word: str | None) -> int:
    """Explain WORD: an error code, a method, a distribution; without it, list them all."""
    from rangecast.engine.errors import Problem, SettingsError, did_you_mean
    from rangecast.engine.model.shipped import shipped_models

    entries = _entries()
    if word is None:
        width = max(len(name) for name in entries)
        for name, text in entries.items():
            click.echo(f"{name.ljust(width)}  {text}")
        click.echo(f"shipped models: {', '.join(shipped_models())}")
        return 0
    known = entries.get(word) or entries.get(word.upper()) or entries.get(word.lower())
    if known is None:
        hint = did_you_mean(word, entries)
        raise SettingsError(Problem("E700", "explain", "nothing is known of this", word, hint=hint))
    click.echo(f"{word}: {known}")
    return 0
