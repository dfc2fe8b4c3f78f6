"""What ``check --verbose`` shows of inputs and correlations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rangecast.cli.screen import columns, is_plain, show

if TYPE_CHECKING:
    from rangecast.engine.feedback import Feedback
    from rangecast.engine.model.model import Model
    from rangecast.engine.model.units import UnitsReport

WIDEST = 100


def _told(loaded: Model, laid: Model, units: UnitsReport) -> list[Feedback]:
    """Say what each input of a case implies, with what was warned of when it was read."""
    from rangecast.engine.feedback import Surprise, feedback
    from rangecast.engine.model.physical import UNBOUNDED

    found = []
    for name, one in laid.inputs.items():
        told = feedback(one, units.bounds.get(one.unit, UNBOUNDED))
        if one.law is not None and one.law is loaded.inputs[name].law:
            read = [p for p in loaded.warnings if p.key.startswith(f"inputs.{name}.")]
            before = tuple(Surprise(p.code, "{text}", {"text": p.message}, p.hint) for p in read)
            told = replace(told, surprises=before + told.surprises)
        found.append(told)
    return found


def feedback_as_dict(loaded: Model, laid: Model, units: UnitsReport) -> dict[str, Any]:
    """Give the same as plain values, for JSON."""
    from rangecast.engine.feedback import pair_feedback
    from rangecast.reports.results_json import without_nan

    found: dict[str, Any] = without_nan(
        {
            "case": laid.case,
            "inputs": [told.as_dict() for told in _told(loaded, laid, units)],
            "correlations": [pair.as_dict() for pair in pair_feedback(laid)],
        }
    )
    return found


def show_feedback(loaded: Model, laid: Model, units: UnitsReport, lang: str) -> None:
    """Print every input of a case, and its correlations.

    Parameters
    ----------
    loaded, laid : Model
        Without and with the case.
    units : UnitsReport
    lang : str
        ``en`` or ``zh``.
    """
    from rangecast.engine.feedback import pair_feedback
    from rangecast.engine.model.checks import used_inputs
    from rangecast.reports.feedback import feedback_lines
    from rangecast.reports.words import language, say

    with language(lang, laid.units_zh):
        words = "What each input says, case {case}" if laid.case else "What each input says"
        show("\n" + say(words, case=laid.case) + "\n")
        room = min(columns(usual=80), WIDEST)
        unused, told = set(laid.inputs) - used_inputs(laid), _told(loaded, laid, units)
        pairs, how = pair_feedback(laid), laid.dependence
        lines = feedback_lines(told, pairs, unused, how, room, is_plain())
        show("\n".join(lines))
