"""The checks of the shipped model see the whole model: any small change makes one fail."""

import re
from dataclasses import replace

import pytest
from rangecast.engine.formula import FormulaError
from rangecast.engine.model import load, run_checks

UNSEEN = {"serving_by_tokens", "training_by_flops"}
"""Inputs that no check can see by 1 %: switches, of which only 0 and 1 mean anything."""

OPERATOR = re.compile(r"\*\*|[-+*/<>]|\bmin\b|\bmax\b")
SWAPS = {
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "**": "*",
    "<": ">",
    ">": "<",
    "min": "max",
    "max": "min",
}


@pytest.fixture(scope="module")
def model():
    return load("ai-servers")


def failing(model) -> list[str]:
    return [r.check.output for r in run_checks(model) if not r.ok]


def mutated_formulas(formula: str):
    for match in OPERATOR.finditer(formula):
        yield formula[: match.start()] + SWAPS[match.group()] + formula[match.end() :]


def test_the_model_passes_its_checks(model):
    assert failing(model) == []
    golden = [c for c in model.checks if c.source == "gf2023"]
    assert len(golden) >= 20


@pytest.mark.nightly
def test_every_base_value_is_seen(model):
    assert len(UNSEEN) <= 3
    unseen = set()
    for name, one in model.inputs.items():
        base = one.base * 1.01 if one.base else 0.01
        changed = replace(one, base=base, value=base if one.is_constant else None)
        if not _fails(replace(model, inputs={**model.inputs, name: changed})):
            unseen.add(name)
    assert unseen == UNSEEN


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_operator_is_seen(model):
    survivors = []
    for name, quantity in model.quantities.items():
        for formula in mutated_formulas(quantity.formula):
            changed = {**model.quantities, name: replace(quantity, formula=formula)}
            if not _fails(replace(model, quantities=changed)):
                survivors.append((name, formula))
    for case in model.cases.values():
        for name, written in case.quantities.items():
            for formula in mutated_formulas(written):
                overlay = replace(case, quantities={**case.quantities, name: formula})
                if not _fails(replace(model, cases={**model.cases, case.name: overlay})):
                    survivors.append((case.name, formula))
    assert survivors == []


def _fails(model) -> bool:
    """Whether a check fails; those that see most come first, since one is enough."""
    audits = [c for c in model.checks if "audit" in c.case]
    others = [c for c in model.checks if "audit" not in c.case]
    try:
        return any(failing(replace(model, checks=tuple(part))) for part in (audits, others))
    except FormulaError:  # the change made a constant part impossible: seen as well
        return True
