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


def _with(how, rows):
    text = "".join(f"[[correlations]]\n{row}\n" for row in rows)
    return MODEL + text + (f"[dependence]\n{how}\n" if how else "")


ALL = 'among = ["a", "b", "c", "d"]\nspearman = 0.5'


@pytest.mark.parametrize(
    ("how", "exact"),
    [("", 1.0), ('copula = "t"\ndf = 4', 1.3), ('copula = "iman-conover"', 0.2)],
)
def test_a_group_is_exchangeable_under_every_copula(how, exact):
    x = draws(_with(how, [ALL]))
    for first, second in [("a", "b"), ("a", "d"), ("b", "c"), ("c", "d")]:
        found = stats.spearmanr(x[first], x[second]).statistic
        # 5 standard errors, four pairs: false alarm below 1e-5; reordering leaves a fifth of it,
        # and 0.004 that its scores differ from ranks by
        assert abs(found - 0.5) <= exact * 5 * 1.06 / np.sqrt(N) + 0.004 * (exact < 1)


def test_extremes_of_a_t_copula_come_together():
    """Tail dependence 2 T(-sqrt((df + 1)(1 - r)/(1 + r))) of df + 1, seen in the last 1 %."""
    tau = ['between = ["a", "b"]\nkendall = 0.4']
    joint = {}
    for how in ("", 'copula = "t"\ndf = 2'):
        x = draws(_with(how, tau))
        u = {n: stats.rankdata(x[n]) / N for n in "ab"}
        joint[how] = float(np.mean((u["a"] > 0.99) & (u["b"] > 0.99))) / 0.01
    r = np.sin(np.pi * 0.2)
    limit = 2 * stats.t.cdf(-np.sqrt(3 * (1 - r) / (1 + r)), 3)
    # 600 draws are beyond: a standard error of 0.02; the share at 1 % exceeds its limit a little
    assert limit - 0.08 < joint['copula = "t"\ndf = 2'] < limit + 0.12
    assert joint[""] < limit - 0.1


@pytest.mark.parametrize("how", ["", 'copula = "t"\ndf = 3', 'copula = "iman-conover"'])
def test_kendalls_coefficient_is_reached(how):
    x = draws(_with(how, ['between = ["a", "c"]\nkendall = -0.3']))
    found = stats.kendalltau(x["a"][:20_000], x["c"][:20_000]).statistic
    assert abs(found + 0.3) <= 5 * 0.7 / np.sqrt(20_000)


def test_pearsons_coefficient_is_that_of_the_values():
    x = draws(_with("", ['between = ["b", "c"]\npearson = 0.6']))
    found = np.corrcoef(x["b"], x["c"])[0, 1]
    assert abs(found - 0.6) <= 5 * 1.2 / np.sqrt(N)


@pytest.mark.parametrize("how", ['copula = "t"\ndf = 4', 'copula = "iman-conover"'])
def test_marginals_and_prefixes_hold_under_other_copulas(how):
    text = _with(how, [ALL])
    x, model = draws(text), rc.loads(text)
    limit = np.sqrt(np.log(2 * 4 / 1e-6) / (2 * N))  # DKW, family-wise 1e-6
    for name, values in x.items():
        below = model.inputs[name].law.cdf(np.sort(values))
        assert np.abs(below - (np.arange(N) + 0.5) / N).max() <= limit + 0.5 / N
    short = rc.simulate(rc.loads(text), scenarios=5_000, seed=3)
    for k, name in enumerate("abcd"):
        assert np.array_equal(short.ensemble.totals.floats["values"][k], x[name][:5_000])


def test_reordering_keeps_a_latin_hypercube():
    text = _with('copula = "iman-conover"', [ALL])
    x = rc.simulate(rc.loads(text), scenarios=4_096, seed=3, design="lhs")
    values = x.ensemble.totals.floats["values"][3]
    u = stats.norm.cdf(values).reshape(4, 1024)
    assert (np.sort((u * 1024).astype(int), axis=1) == np.arange(1024)).mean() > 0.99


@pytest.mark.nightly
@pytest.mark.parametrize("workers", [1, 2])
def test_results_do_not_depend_on_workers(workers):
    for how in ('copula = "t"\ndf = 4', 'copula = "iman-conover"'):
        text = _with(how, [ALL])
        one = rc.simulate(rc.loads(text), scenarios=70_000, seed=3)
        other = rc.simulate(
            rc.loads(text), scenarios=70_000, seed=3, workers=workers, backend="threads"
        )
        assert one.digest == other.digest


CONTRADICTION = [
    'between = ["a", "b"]\nspearman = 0.9',
    'between = ["b", "c"]\nspearman = 0.9',
    'between = ["a", "c"]\nspearman = -0.9',
]


def test_contradictions_are_repaired_only_on_request_and_reported():
    with pytest.raises(rc.ModelError, match="E504"):
        rc.loads(_with("", CONTRADICTION))
    model = rc.loads(_with('repair = "nearest"', CONTRADICTION))
    (warning,) = [w for w in model.warnings if w.code == "W510"]
    assert "a–b +0.908 → " in warning.message
    x = draws(_with('repair = "nearest"', CONTRADICTION))
    assert stats.spearmanr(x["a"], x["b"]).statistic < 0.6


@pytest.mark.parametrize(
    ("how", "rows", "code", "words"),
    [
        ('copula = "gausian"', [ALL], "E510", "did you mean 'gaussian'"),
        ('copula = "t"', [ALL], "E510", "needs df"),
        ("df = 3", [ALL], "E510", "needs df"),
        ('copula = "t"\ndf = 0.5', [ALL], "E303", "1 to 1,000"),
        ('repair = "some"', [ALL], "E510", "nearest"),
        ("", ['between = ["a", "b"]\npearson = 0.95'], "E508", "do not allow"),
        ('copula = "t"\ndf = 4', ['between = ["a", "b"]\npearson = 0.5'], "E508", "ranks"),
        ("", ['between = ["a", "b"]\npearson = 0.5\nkendall = 0.2'], "E302", "one coefficient"),
        ("", ['between = ["a", "b"]'], "E114", "spearman or kendall"),
        ("", ['among = ["a"]\nspearman = 0.2'], "E115", "names"),
        ("", ['among = "prices"\nspearman = 0.2'], "E204", "unknown group"),
        ("", [ALL, 'between = ["a", "b"]\nspearman = 0.2'], "E506", "twice"),
        ("", ['among = ["a", "b"]\nbetween = ["a", "b"]\nspearman = 1'], "E302", "either"),
    ],
)
def test_wrong_dependence_is_refused_in_words(how, rows, code, words):
    with pytest.raises(rc.ModelError) as refused:
        rc.loads(_with(how, rows))
    assert code in str(refused.value)
    assert words in str(refused.value)


def test_what_other_copulas_cannot_do_is_refused():
    reordered = rc.loads(_with('copula = "iman-conover"', [ALL]))
    with pytest.raises(rc.SettingsError, match="sobol"):
        rc.simulate(reordered, scenarios=4096, design="sobol")
    for how in ('copula = "t"\ndf = 4', 'copula = "iman-conover"'):
        with pytest.raises(rc.SettingsError, match="E510"):
            rc.shapley(rc.loads(_with(how, [ALL])), "ya", runs=8192)


def test_python_models_take_copulas_and_measures():
    one = rc.distributions.Normal(0, 1)
    model = rc.Model(
        {"a": one, "b": one, "c": one},
        lambda a, b, c: {"y": a + b + c},
        correlations=rc.exchangeable(["a", "b", "c"], 0.5, "pearson"),
    )
    found = rc.simulate(model, scenarios=N, seed=1)
    # Var = 3 + 6 · 0.5
    assert found.moments_of("y").sd == pytest.approx(np.sqrt(6), rel=0.02)
    with pytest.raises(rc.ModelError, match="E510"):
        rc.Model({"a": one}, lambda a: {"y": a}, copula="t")
    with pytest.raises(rc.ModelError, match="E510"):
        rc.Model({"a": one, "b": one}, lambda a, b: {"y": a + b}, [("a", "b", 0.5, "spear")])


def test_a_case_that_puts_a_coefficient_out_of_reach_is_refused_in_words():
    text = _with("", ['between = ["b", "c"]\npearson = 0.9'])
    text += '[cases.wide]\ninputs.c = {dist = "lognormal", p10 = 1, p90 = 1e6}\n'
    rc.simulate(rc.loads(text), scenarios=1_000)
    with pytest.raises(rc.ModelError, match="E508"):
        rc.simulate(rc.loads(text), scenarios=1_000, case="wide")
