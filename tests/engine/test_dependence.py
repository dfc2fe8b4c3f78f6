"""Correlated inputs: the coefficient is reached, the marginals stay."""

import numpy as np
import pytest
from scipy import stats

import rangecast as rc

N = 60_000
MODEL = """
[inputs.a]
dist = "lognormal"
p10 = 1
p90 = 10
[inputs.b]
dist = "triangular"
low = 0
mode = 1
high = 4
[inputs.c]
dist = "exponential"
mean = 2
[inputs.d]
dist = "normal"
mean = 0
sd = 1
[outputs.ya]
formula = "a"
[outputs.yb]
formula = "b"
[outputs.yc]
formula = "c"
[outputs.yd]
formula = "d"
"""
PAIRS = {("a", "b"): 0.7, ("b", "c"): -0.4, ("a", "c"): -0.2, ("c", "d"): 0.5}
CORRELATED = MODEL + "".join(
    f'[[correlations]]\nbetween = ["{x}", "{y}"]\nspearman = {rho}\n'
    for (x, y), rho in PAIRS.items()
)


def draws(text, **settings):
    result = rc.simulate(rc.loads(text), scenarios=N, seed=3, **settings)
    values = result.ensemble.totals.floats["values"]
    return dict(zip("abcd", values, strict=True))


def test_spearman_coefficients_are_reached():
    x = draws(CORRELATED)
    pairs = {
        (a, b): PAIRS.get((a, b), 0.0)
        for a, b in [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")]
    }
    for (first, second), rho in pairs.items():
        found = stats.spearmanr(x[first], x[second]).statistic
        # 4 standard errors, six pairs: false alarm below 4e-4 (the seed is fixed)
        assert abs(found - rho) <= 4 * 1.06 * (1 - rho**2 / 2) / np.sqrt(N)


def test_marginals_are_untouched():
    x, model = draws(CORRELATED), rc.loads(CORRELATED)
    limit = np.sqrt(np.log(2 * 4 / 1e-6) / (2 * N))  # DKW, family-wise 1e-6
    for name, values in x.items():
        below = model.inputs[name].law.cdf(np.sort(values))
        assert np.abs(below - (np.arange(N) + 0.5) / N).max() <= limit + 0.5 / N


def test_without_correlations_draws_are_those_of_the_plain_model():
    plain, off = draws(MODEL), draws(CORRELATED, correlations=False)
    for name in "abcd":
        assert np.array_equal(plain[name], off[name])


def test_fixing_one_member_changes_no_draw_of_the_others():
    case = CORRELATED + "[cases.fixed]\ninputs.b = 2\n"
    free, fixed = draws(CORRELATED), draws(case, case="fixed")
    assert (fixed["b"] == 2).all()
    for name in "acd":
        assert np.array_equal(free[name], fixed[name])


def test_perfect_correlation_is_allowed():
    text = MODEL + '[[correlations]]\nbetween = ["c", "d"]\nspearman = 1\n'
    x = draws(text)
    assert np.array_equal(np.argsort(x["c"]), np.argsort(x["d"]))


def test_the_contradicting_block_is_named():
    text = MODEL
    for x, y, rho in (("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9), ("c", "d", 0.1)):
        text += f'[[correlations]]\nbetween = ["{x}", "{y}"]\nspearman = {rho}\n'
    with pytest.raises(rc.ModelError) as caught:
        rc.loads(text, "m.toml")
    message = str(caught.value)
    assert "a–b +0.9, b–c +0.9, a–c -0.9" in message
    assert "c–d" not in message
    assert "smallest eigenvalue -0.8" in message
