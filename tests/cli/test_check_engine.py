"""`check --engine`: passes here, and fails where an error is planted."""

import json
import math
import sys

import inprocess
import numpy as np
import pytest
from rangecast.distributions.registry import FAMILIES
from rangecast.engine import result
from rangecast.engine.sensitivity import pick_freeze
from rangecast.engine.verify import AREAS, FALSE_ALARMS, claims, intervals, samplers, verify
from scipy import stats

import rangecast as rc

COMMAND = [sys.executable, "-m", "rangecast", "check", "--engine"]


@pytest.mark.nightly
def test_it_passes_for_many_seeds():
    for seed in range(20):
        found = verify(seed)
        assert found.ok, (seed, [(c.what, c.measured, c.p) for c in found.failed])
    p = np.array([c.p for c in found.claims if 0 < c.p < 1])
    assert 0.2 < np.median(p) < 0.99  # neither blind nor jumpy


def test_a_validator_can_file_it(monkeypatch):
    monkeypatch.setattr("rangecast.engine.verify.AREAS", {"exactness": AREAS["exactness"]})
    monkeypatch.setattr(verify, "__defaults__", (1, ("exactness",)))
    done = inprocess.run([*COMMAND, "--json"], text=True, check=True)
    found = json.loads(done.stdout)
    assert found["ok"]
    assert found["level_of_each"] == FALSE_ALARMS / len(found["checks"])
    assert set(found["versions"]) == {"python", "rangecast", "numpy", "scipy", "machine"}
    assert len(found["numerics"]["fingerprint"]) == 16
    assert {"what", "closed_form", "measured", "bound", "ok"} <= set(found["checks"][0])
    said = inprocess.run(COMMAND, text=True, check=True).stdout
    assert "words of streams that changed" in said
    assert said.splitlines()[-1].endswith("the engine is verified on this machine")
    monkeypatch.setattr("rangecast.engine.verify.exactness._WORDS", {("visits", 0): (1, 2, 3)})
    failed = inprocess.run([*COMMAND, "-q"], text=True)
    assert failed.returncode == 1
    assert "FAIL" in failed.stdout
    assert "DO NOT USE" in failed.stdout
    assert inprocess.run([*COMMAND[:-1]], text=True).returncode == 2


def test_an_unknown_area_is_refused():
    with pytest.raises(rc.SettingsError, match="did you mean 'samplers'"):
        verify(areas=["sampler"])


def few(monkeypatch, *names):
    """Claims about some families that fail as they would among those of a whole call."""
    monkeypatch.setattr(samplers, "_points", lambda _: [])
    whole = samplers.references()
    monkeypatch.setattr(samplers, "references", lambda: {n: whole[n] for n in names})
    found = samplers.check(1)
    return [c for c in found if c.p < FALSE_ALARMS / 120]


def test_a_sampler_that_is_off_by_one_percent_is_found(monkeypatch):
    assert few(monkeypatch, "normal") == []
    real = samplers.build
    wider = {"mean": 2, "sd": 0.505}
    monkeypatch.setattr(samplers, "build", lambda name, _: real(name, wider))
    failed = few(monkeypatch, "normal")
    assert failed
    assert all("normal" in c.what for c in failed)


@pytest.mark.nightly
def test_intervals_that_are_too_narrow_are_found(monkeypatch):
    real = result.rank_interval

    def narrow(n, p):
        low, high = real(n, p)
        middle = n * p
        return round(middle + (low - middle) * 0.4), round(middle + (high - middle) * 0.4)

    for name, value in (("_OUTPUTS", 30), ("_RUNS", 2), ("_MANY", 1_000)):
        monkeypatch.setattr(intervals, name, value)
    assert [c for c in intervals._coverage(1) if c.p < FALSE_ALARMS / 120] == []
    monkeypatch.setattr(result, "rank_interval", narrow)
    failed = [c.what for c in intervals._coverage(1) if c.p < FALSE_ALARMS / 120]
    assert "95 % interval of P50, exact" in failed
    assert all("interval of P" in what for what in failed)


@pytest.fixture
def small(monkeypatch):
    """Claims about intervals from fewer outputs and runs: the same ones, with less power."""
    for name, value in (("_OUTPUTS", 20), ("_RUNS", 2), ("_MANY", 66_000), ("_DRAWN", 40_000)):
        monkeypatch.setattr(intervals, name, value)


def failed(found):
    """What fails as it would among the claims of a whole call."""
    return [c.what for c in found if c.p < FALSE_ALARMS / 120]


def test_intervals_chances_and_dependence_hold_what_they_claim(small):
    found = intervals.check(1)
    assert failed(found) == []
    assert {c.area for c in found} == {"intervals"}
    told = [c.what for c in found]
    assert len(told) == len(set(told)) == 14
    for words in ("95 % interval of P5, exact", "95 % interval of P95, binned"):
        assert words in told
    lost = next(c for c in found if c.what == "scenarios without a number")
    assert (lost.expected, lost.measured) == (0.02, pytest.approx(0.02, abs=0.01))


def test_draws_that_depend_too_little_are_found(small, monkeypatch):
    real = intervals.loads
    weaker = "spearman = 0.85\n"
    monkeypatch.setattr(
        intervals, "loads", lambda text: real(text.replace("spearman = 0.95\n", weaker))
    )
    assert failed(intervals._dependence(1)) == ["both below their medians, rank correlation 0.95"]


def test_means_that_are_off_are_found(small, monkeypatch):
    real = intervals.loads
    monkeypatch.setattr(
        intervals, "loads", lambda text: real(text.replace('"exp(x)"', '"exp(x) + 0.1"'))
    )
    told = failed(intervals._chances(1))
    assert "mean of exp(x)" in told
    assert all("exp(x)" in what for what in told)


def test_points_that_are_not_independent_are_found(monkeypatch):
    monkeypatch.setattr(samplers, "references", dict)
    assert failed(samplers.check(1)) == []
    real = samplers.Stream
    monkeypatch.setattr(samplers, "Stream", lambda seed, name: real(seed, "a"))
    assert failed(samplers.check(1)) == ["two streams, same scenario: same half"]


@pytest.mark.parametrize("name", ["logit_normal", "mixture", "discrete"])
def test_other_references_agree_with_the_sampler(monkeypatch, name):
    assert few(monkeypatch, name) == []


def test_a_biased_index_is_found(monkeypatch):
    real = pick_freeze._indices

    def biased(sums):
        first, total, noise = real(sums)
        return first, 1.05 * total, noise

    monkeypatch.setattr(pick_freeze, "_indices", biased)
    found = verify(areas=["indices"])
    assert found.failed
    assert all(c.what.startswith("ST of") for c in found.failed)


def test_every_family_has_a_reference_and_its_points_are_true():
    missing = set(FAMILIES) - set(samplers.references())
    assert not missing, "give engine/verify/samplers.py a reference law of each new family"


def test_the_probabilities_are_those_of_scipy():
    """Exact binomial tails and Student's t, and bounds that are their inverse."""
    one = claims.count("a", "w", "s", 470, 1000, 0.5)
    assert one.p == pytest.approx(2 * stats.binom.cdf(470, 1000, 0.5), rel=1e-9)
    two = claims.estimate("a", "w", "s", 1.0, 1.3, 0.1, 31)
    assert two.p == pytest.approx(2 * stats.t.sf(3, 31), rel=1e-9)
    assert two.bound(two.p) == pytest.approx(0.3)
    three = claims.distance("a", "w", "s", 0.01, 10_000)
    assert three.p == pytest.approx(2 * math.exp(-2))
    assert three.bound(three.p) == pytest.approx(0.01)
    hits = 500 - round(1000 * one.bound(1e-6))
    assert stats.binom.cdf(hits - 2, 1000, 0.5) < 5e-7 < stats.binom.cdf(hits + 2, 1000, 0.5)


def test_claims_are_uniform_where_nothing_is_wrong():
    """1,000 exact p-values of a fair coin; their distance to uniform is within DKW at 1e-6."""
    rng = np.random.default_rng(1)
    p = np.array(
        [claims.count("a", "w", "s", k, 10**6, 0.5).p for k in rng.binomial(10**6, 0.5, 1000)]
    )
    assert (p < 0.05).mean() < 0.05 + math.sqrt(math.log(2e6) / 2000)
