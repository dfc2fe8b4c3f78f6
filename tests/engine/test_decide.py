"""Decisions: expected payoffs, EVPI and EVPPI against closed forms."""

import json
import math
import sys

import inprocess
import pytest

import rangecast as rc

NORMAL = '[inputs.{0}]\ndist = "normal"\nmean = {1}\nsd = {2}\n'
TEXT = (
    NORMAL.format("x", 0, 3)
    + NORMAL.format("z", 0, 4)
    + NORMAL.format("inert", 0, 1)
    + '[quantities.wait]\nformula = "0 * inert"\nlabel = "wait"\n'
    + '[outputs.buy]\nformula = "x + z"\nlabel = "buy"\n'
    + '[decisions.now]\nalternatives = ["wait", "buy"]\nlabel = "buy now?"\n'
)
PHI0 = 1 / math.sqrt(2 * math.pi)
N = 300_000


def test_worth_of_information_of_a_normal_payoff():
    """max(0, N(0, s)) has mean s/√(2π): EVPI with s = 5, EVPPI with 3 and 4, nothing for inert.

    5 standard errors of the means; the 20 slices lose up to 1 % of the spread of an input.
    """
    found = rc.decide(rc.loads(TEXT), scenarios=N)
    assert found.evpi.value == pytest.approx(5 * PHI0, abs=5 * 5 / math.sqrt(N))
    assert found.evpi.ci_low < 5 * PHI0 < found.evpi.ci_high
    worth = {one.input: one for one in found.information}
    for name, sd in (("x", 3), ("z", 4)):
        assert worth[name].evppi.value == pytest.approx(sd * PHI0, abs=0.02 * sd + 5 * 5 / 550)
        assert worth[name].plug_in >= 0.98 * worth[name].evppi.value
        assert worth[name].evppi.value < found.evpi.value
    assert worth["inert"].evppi.value == 0
    assert worth["inert"].plug_in >= 0
    assert [one.input for one in found.information[:2]] == ["z", "x"]
    shares = {a.name: a.best for a in found.alternatives}
    assert shares["buy"] == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(N))


def test_a_clear_choice_needs_no_information():
    found = rc.decide(rc.loads(TEXT.replace("x + z", "x + z + 100")), scenarios=20_000)
    assert found.alternatives[0].name == "buy"
    assert found.evpi.value == pytest.approx(0, abs=1e-9)
    assert all(one.evppi.value == 0 for one in found.information)


def test_costs_are_made_small():
    text = TEXT.replace('label = "buy now?"', 'goal = "min"').replace("x + z", "x + z + 1")
    found = rc.decide(rc.loads(text), scenarios=N)
    assert found.alternatives[0].name == "wait"
    # E[min(0, N(1, 5))] = Φ(−1/5) − 5 φ(1/5)
    z = 1 / 5
    tail = 0.5 * math.erfc(z / math.sqrt(2))
    exact = 5 * PHI0 * math.exp(-z * z / 2) - tail
    assert found.evpi.value == pytest.approx(exact, abs=5 * 5 / math.sqrt(N))


def test_knowing_an_input_is_never_worth_more_than_knowing_all():
    text = TEXT.replace('"wait", "buy"', '"wait", "buy", "half"')
    text += '[quantities.half]\nformula = "0.5 * x - 0.2 * z + 0.3"\n'
    for seed in range(5):
        found = rc.decide(rc.loads(text), scenarios=50_000, seed=seed)
        assert max(one.evppi.ci_low for one in found.information) <= found.evpi.ci_high
        assert sum(a.best for a in found.alternatives) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('alternatives = ["wait"]', "E115"),
        ('alternatives = ["wait", "wait"]', "E115"),
        ('alternatives = ["wait", 3]', "E115"),
        ('alternatives = ["wait", "sell"]', "E204"),
        ('alternatives = ["wait", "buy"]\ngoal = "most"', "E115"),
        ("goal = 'max'", "E114"),
        ('alternatives = ["wait", "buy"]\npayof = 1', "E113"),
    ],
)
def test_wrong_decisions_are_refused(text, code):
    wrong = TEXT[: TEXT.index("alternatives")] + text + "\n"
    with pytest.raises(rc.ModelError) as caught:
        rc.loads(wrong)
    assert code in {p.code for p in caught.value.problems}


def test_unknown_decisions_are_named():
    with pytest.raises(rc.SettingsError, match="did you mean 'now'"):
        rc.decide(rc.loads(TEXT), "noww")
    with pytest.raises(rc.SettingsError, match="known: none"):
        rc.decide(rc.load("ai-servers"))


def test_the_command(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-m", "rangecast", "decide", str(path), "-n", "5e4", "-q"]
    shown = inprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "buy now? · largest expected payoff" in shown
    assert "EVPI" in shown
    assert "1 other inputs: not distinguishable from 0" in shown
    found = json.loads(
        inprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout
    )
    assert found["evpi"]["value"] > 1.8
