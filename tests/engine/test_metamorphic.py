"""What must follow when a model is changed in a way whose effect is known beforehand.

Exact properties compare every bit. Sums of equal terms in another order, and figures that BLAS adds
up (its order goes with the shape of an array), may differ by rounding: `EPS` times a few. Rankings
by ranks count 64 bins of an output, whose ends lie at cells: a transformed output has its ends
elsewhere, which may move an index by a part of its sampling error, never by more (`BINS`).

Statistical properties compare two independent estimates with the errors that both report. `ALARM`
is the chance that one test of a faultless engine fails if its seeds are drawn anew; the comparisons
of a test share it (Bonferroni), and errors come from 32 batches, hence Student's t of 31 degrees.
"""

import functools
import math
from pathlib import Path

import numpy as np
import pytest
from rangecast.engine import run as running
from rangecast.engine.sensitivity import METHODS
from rangecast.engine.sensitivity import tornado as bars_of
from rangecast.engine.task import run_task
from scipy import special

import rangecast as rc

N = 16_384
MANY = 70_000
DESIGNS = ("random", "lhs", "sobol")
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
ALARM = 1e-4
EPS = float(np.finfo(float).eps)
CLOSE = 1e-9
BINS = 0.5
OF_RANKS = ("rank", "rank-regression", "rank-partial", "lmg", "delta", "pawn", "regional")
OF_COUNTS = ("delta", "pawn", "regional")
OF_REGRESSION = ("regression", "partial", "rank-regression", "rank-partial", "lmg")
OF_VALUES = ("regression", "variance", "pearson", "partial")
Z = float(special.ndtri(0.975))
BARS = {}

INPUTS = {
    "a": 'dist = "lognormal"\nmu = 0\nsigma = 0.5',
    "b": 'dist = "normal"\nmean = 2\nsd = 1',
    "c": 'dist = "uniform"\nlow = 1\nhigh = 3',
    "d": 'dist = "pert"\nlow = 0\nmode = 1\nhigh = 4',
    "k": 'dist = "poisson"\nmean = 3',
}
PAIRS = (("a", "b", "spearman = 0.5"), ("b", "c", "kendall = -0.2"))
FORMULA = "a * (b + k) - c * d"
SERVERS = (Path(__file__).parents[2] / "models" / "ai-servers.toml").read_text()


def text_of(outputs, quantities=(), inputs=INPUTS, pairs=PAIRS, shown=()):
    """Write a model; every argument in the order in which it shall stand in the file."""
    if isinstance(outputs, str):
        outputs = {"y": outputs}
    parts = [f"[inputs.{name}]\n{law}\n" for name, law in inputs.items()]
    parts += [f'[[correlations]]\nbetween = ["{i}", "{j}"]\n{how}\n' for i, j, how in pairs]
    for kind, formulas in (("quantities", dict(quantities)), ("outputs", outputs)):
        parts += [f'[{kind}.{name}]\nformula = "{f}"\n' for name, f in formulas.items()]
    names = ", ".join(f'"{name}"' for name in shown)
    return "".join(parts) + (f"[run]\noutputs = [{names}]\n" if shown else "")


@functools.cache
def run(text, design="random", n=N, seed=1, case=""):
    return rc.simulate(rc.loads(text), scenarios=n, design=design, seed=seed, case=case)


def bands(result, output="y"):
    found = [result.band(output, p) for p in LEVELS]
    return np.array([(b.value, b.ci_low, b.ci_high) for b in found])


def moments(result, output="y"):
    """Moments that come from sums over the scenarios alone."""
    m = result.moments_of(output)
    return np.array([m.mean, m.sd, m.skewness, m.kurtosis, m.minimum, m.maximum])


def bars(result, output, method):
    """Swing and interval of every input, by name, the widest first."""
    key = (id(result), output, method)  # results are kept by `run`
    if key not in BARS:
        found = bars_of(result, output, method)
        BARS[key] = {bar.input: np.array([bar.swing, bar.ci_low, bar.ci_high]) for bar in found}
    return dict(BARS[key])


def same(found, known):
    return np.array_equal(found, known, equal_nan=True)


def is_close(found, known, scale=1.0, tolerance=CLOSE):
    return np.allclose(found, known, rtol=0, atol=tolerance * scale, equal_nan=True)


def methods_of(result):
    """All of them; what counts alone decide, by a bootstrap that takes long, once: for `random`."""
    return (
        METHODS
        if result.setup.plan.design == "random"
        else [m for m in METHODS if m not in OF_COUNTS]
    )


def half_width(bar):
    """Half of an interval that may have been cut at what an index cannot exceed."""
    return max(bar[0] - bar[1], bar[2] - bar[0])


def assert_same_results(one, other, output="y", other_output="y"):
    """Every digit, but for the last of what BLAS adds up."""
    assert same(bands(one, output), bands(other, other_output))
    assert same(moments(one, output), moments(other, other_output))
    for method in methods_of(one):
        found, known = bars(one, output, method), bars(other, other_output, method)
        assert list(found) == list(known), method
        for name in known:
            assert is_close(found[name], known[name]), (method, name)
            assert method not in OF_COUNTS or same(found[name], known[name]), (method, name)


def assert_alike(pairs):
    """Two independent estimates each, as (value, low, high), agree within their errors."""
    limit = -float(special.stdtrit(31, ALARM / 2 / len(pairs)))
    for one, other in pairs:
        low, high = sorted((tuple(one), tuple(other)))
        error = math.hypot(high[0] - high[1], low[2] - low[0]) / Z  # of the sides that face
        assert high[0] - low[0] <= limit * error, (one, other)


def band_pairs(one, other, output="y"):
    return list(zip(bands(one, output), bands(other, output), strict=True))


def moment_pairs(one, other, output="y"):
    found = []
    for name in ("mean", "sd"):
        pair = []
        for result in (one, other):
            m = result.moments_of(output)
            value, half = getattr(m, name), result.half_width(getattr(m, f"{name}_se"))
            pair.append((value, value - half, value + half))
        found.append(tuple(pair))
    return found


def bar_pairs(one, other, output="y", names=None):
    """Bars of all methods with an interval; `names` gives inputs of the other one's."""
    found = []
    for method in methods_of(one):
        if method == "swing":
            continue
        left, right = bars(one, output, method), bars(other, output, method)
        for name, bar in left.items():
            pair = (bar, right[names[name] if names else name])
            found.append(tuple((b[0], b[0] - half_width(b), b[0] + half_width(b)) for b in pair))
    return found


# ------------------------------------------------------------------ scale, shift, mirror, bend

CHANGED = {
    "y": FORMULA,
    "octuple": "8 * y",
    "quarter": "y / 4",
    "tenfold": "10 * y",
    "shifted": "y + 100",
    "mirrored": "-y",
    "grown": "exp(y / 8)",
    "cubed": "y ** 3",
}


def changed(design, n=N):
    ranked = ("y", "octuple", "tenfold", "shifted", "mirrored", "cubed") if n == N else ("y",)
    return run(text_of(CHANGED, shown=ranked), design, n)


def size_of(result, output="y"):
    m = result.moments_of(output)
    return max(abs(m.minimum), abs(m.maximum))


@pytest.mark.parametrize(("design", "n"), [*((design, N) for design in DESIGNS), ("random", MANY)])
def test_a_power_of_two_scales_everything_exactly(design, n):
    result = changed(design, n)
    for output, factor in (("octuple", 8.0), ("quarter", 0.25)):
        assert same(bands(result, output), factor * bands(result))
        scaled = moments(result)
        scaled[[0, 1, 4, 5]] *= factor
        assert same(moments(result, output), scaled)
        if output not in result.ranked:
            continue
        for method in methods_of(result):
            unit = factor if method in {"conditional", "swing"} else 1.0
            for name, bar in bars(result, "y", method).items():
                found = bars(result, output, method)[name]
                assert is_close(found, unit * bar, unit), (method, name)
                assert method not in OF_COUNTS or same(found, bar), (method, name)


@pytest.mark.parametrize("design", DESIGNS)
def test_ten_times_and_a_shift_are_right_to_rounding(design):
    result = changed(design)
    known, size = bands(result), size_of(result)
    mean, sd, skewness, kurtosis = moments(result)[:4]
    for output, factor, shift in (("tenfold", 10.0, 0.0), ("shifted", 1.0, 100.0)):
        scale = factor * size + shift
        values = bands(result, output)[:, : 1 if output == "tenfold" and design != "random" else 3]
        assert is_close(values, factor * known[:, : values.shape[1]] + shift, scale, 4 * EPS)
        found = moments(result, output)[:4]
        assert is_close(found[:2], [factor * mean + shift, factor * sd], scale, 1000 * EPS)
        assert is_close(found[2:], [skewness, kurtosis])
        for method in set(OF_VALUES + OF_RANKS).intersection(methods_of(result)):
            for name, bar in bars(result, "y", method).items():
                found = bars(result, output, method)[name]
                if output == "shifted" or method in OF_VALUES:
                    assert is_close(found, bar), (output, method, name)
                else:
                    assert abs(found[0] - bar[0]) <= BINS * half_width(bar), (method, name)


def assert_at_rank(result, output, value, p, error):
    """A value lies at a level as far as the cells of both outputs can tell."""
    own = result.band(output, p).rank_error
    apart = abs(result.probability(output, below=value).value - p)
    assert apart <= 2 * own + error + 1 / result.scenarios, (output, p)


def test_cells_of_changed_outputs_hold_the_same_scenarios():
    """Beyond 65,536 scenarios: a percentile lies where the rank errors of both say."""
    result = changed("random", MANY)
    back = {
        "tenfold": lambda v: v / 10,
        "shifted": lambda v: v - 100,
        "grown": lambda v: 8 * math.log(v),
        "cubed": math.cbrt,
    }
    for p in LEVELS:
        for output, inverse in back.items():
            band = result.band(output, p)
            assert band.method == "binned"
            assert_at_rank(result, "y", inverse(band.value), p, band.rank_error)
        band = result.band("mirrored", 1 - p)
        assert_at_rank(result, "y", -band.value, p, band.rank_error)


def ranks_of_ends(result, output, p):
    band, ordered = result.band(output, p), result.ordered(output)
    return np.searchsorted(ordered, [band.ci_low, band.ci_high]) + 1


def ranks_apart(design):
    """How far ends of intervals may differ: not at all, or by what strata of an output hide.

    With `lhs` and `sobol` a stratum holds some 4 of 16,384 scenarios. Shares of 32 batches of 512
    scenarios that differ by a stratum's part of them change half of an interval by at most
    16384 · 2.04 · sqrt(4 / 32) / 512 / sqrt(31) = 4.1 ranks, and whole ranks by one more.
    """
    return 0 if design == "random" else 5


@pytest.mark.parametrize("design", DESIGNS)
def test_a_mirrored_output_has_mirrored_percentiles_and_swapped_intervals(design):
    result = changed(design)
    size = size_of(result)
    for p in LEVELS:
        found, known = result.band("mirrored", 1 - p), result.band("y", p)
        assert is_close(found.value, -known.value, size, 1e3 * EPS)  # 1 − p is rounded
        if design == "random":
            assert (found.ci_low, found.ci_high) == (-known.ci_high, -known.ci_low)
        ends = N + 1 - ranks_of_ends(result, "mirrored", 1 - p)[::-1]
        assert np.abs(ends - ranks_of_ends(result, "y", p)).max() <= ranks_apart(design)
    mean, sd, skewness, kurtosis, low, high = moments(result)
    found = moments(result, "mirrored")
    assert is_close(found[:4], [-mean, sd, -skewness, kurtosis], size)
    assert same(found[4:], [-high, -low])
    for method in ("regression", "pearson", "partial", "swing"):
        for name, bar in bars(result, "y", method).items():
            assert is_close(bars(result, "mirrored", method)[name][0], -bar[0]), (method, name)
    for method in ("rank", "rank-regression", "rank-partial"):
        for name, bar in bars(result, "y", method).items():
            apart = abs(bars(result, "mirrored", method)[name][0] + bar[0])
            assert apart <= BINS * half_width(bar), (method, name)
    for name, bar in bars(result, "y", "variance").items():
        assert is_close(bars(result, "mirrored", "variance")[name], bar), name


@pytest.mark.parametrize("design", DESIGNS)
def test_bending_an_output_carries_percentiles_over(design):
    """Levels of (k + 1/2) / n are those of one scenario: there is nothing to interpolate."""
    result = changed(design)
    for place in (300, 1_000, 4_321, 8_191, 8_192, 12_000, 16_000):
        p = (place + 0.5) / N
        value = result.quantile("y", p)
        assert value == result.ordered("y")[place]
        assert result.quantile("grown", p) == pytest.approx(math.exp(value / 8), rel=4 * EPS)
        assert result.quantile("cubed", p) == pytest.approx(value**3, rel=4 * EPS)
    for output in ("grown", "cubed"):
        for p in LEVELS:
            apart = ranks_of_ends(result, output, p) - ranks_of_ends(result, "y", p)
            assert np.abs(apart).max() <= ranks_apart(design)
        for method in set(OF_RANKS).intersection(methods_of(result)):
            for name, bar in bars(result, "y", method).items() if output == "cubed" else ():
                apart = abs(bars(result, output, method)[name][0] - bar[0])
                assert apart <= BINS * half_width(bar), (output, method, name)


MIRRORED = {
    "b": 'dist = "normal"\nmean = -2\nsd = 1',
    "c": 'dist = "uniform"\nlow = -3\nhigh = -1',
    "e": 'dist = "triangular"\nlow = -4\nmode = -1\nhigh = 0',
}
UPRIGHT = {
    "b": 'dist = "normal"\nmean = 2\nsd = 1',
    "c": 'dist = "uniform"\nlow = 1\nhigh = 3',
    "e": 'dist = "triangular"\nlow = 0\nmode = 1\nhigh = 4',
}


@pytest.mark.parametrize("design", DESIGNS)
def test_mirrored_inputs_give_mirrored_outputs(design):
    """By draws that are no mirrored ones: 9 comparisons."""
    pairs = (("b", "c", "spearman = 0.5"),)
    up = run(text_of({"y": "b * b * c + e ** 3"}, (), UPRIGHT, pairs), design)
    down = run(text_of({"y": "-(b * b * c + e ** 3)"}, (), MIRRORED, pairs), design)
    assert_alike(band_pairs(up, down) + moment_pairs(up, down))


def test_a_factor_of_minus_one_mirrors_a_law():
    known = run(text_of(FORMULA))
    law = 'dist = "normal"\nmean = -2\nsd = 1\nfactor = -1'
    assert run(text_of(FORMULA, inputs={**INPUTS, "b": law})).digest == known.digest


# ------------------------------------------------------------------ names and order


@pytest.mark.parametrize("design", DESIGNS)
def test_names_and_order_of_formulas_and_correlations_change_nothing(design):
    """But the names: the digest stays."""
    known = run(text_of(FORMULA), design)
    turned = [(j, i, how) for i, j, how in reversed(PAIRS)]
    formulas = {"Q": "c * d", "a_1": "a * (b + k)"}
    other = text_of({"zzz": "a_1 - Q"}, formulas, pairs=turned)
    assert run(other, design).digest == known.digest


def test_other_outputs_before_it_change_none():
    assert_same_results(
        run(text_of({"w": "a + d", "y": FORMULA}), "lhs"), run(text_of(FORMULA), "lhs")
    )


@pytest.mark.parametrize("design", DESIGNS)
def test_order_of_inputs_changes_no_draw(design):
    """Points of a Sobol' sequence go by place: 9 comparisons there."""
    known = run(text_of(FORMULA), design)
    other = run(text_of(FORMULA, inputs=dict(reversed(INPUTS.items()))), design)
    if design == "sobol":
        assert_alike(band_pairs(known, other) + moment_pairs(known, other))
        return
    assert same(bands(known), bands(other))
    assert same(moments(known), moments(other))
    for method in methods_of(known):
        found, expected = bars(other, "y", method), bars(known, "y", method)
        assert list(found) == list(expected)
        for name, bar in expected.items():
            assert is_close(found[name][0], bar[0]), (method, name)


@pytest.mark.parametrize("design", DESIGNS)
def test_renamed_inputs_give_results_within_their_errors(design):
    """A draw goes by the name of its input: 69 comparisons. Sobol' points go by place.

    Correlated inputs are factorised in the order of their names, which a prefix keeps.
    """
    name = {n: f"new_{n}" for n in INPUTS}
    inputs = {name[n]: law for n, law in INPUTS.items()}
    pairs = [(name[i], name[j], how) for i, j, how in PAIRS]
    formula = "new_a * (new_b + new_k) - new_c * new_d"
    known, other = run(text_of(FORMULA), design), run(text_of(formula, (), inputs, pairs), design)
    if design == "sobol":
        assert other.digest == known.digest
        return
    assert other.quantile("y", 0.5) != known.quantile("y", 0.5)
    pairs = bar_pairs(known, other, names=name)
    assert_alike(band_pairs(known, other) + moment_pairs(known, other) + pairs)
    for one, bar in bars(known, "y", "swing").items():
        assert same(bars(other, "y", "swing")[name[one]], bar)


# ------------------------------------------------------------------ more of everything

INERT = {"u": 'dist = "normal"\nmean = 0\nsd = 1'}


@pytest.mark.parametrize("design", DESIGNS)
def test_an_unused_input_changes_nothing(design):
    """Not a digit, but for Sobol' sequences, which get another dimension: 9 comparisons."""
    known = run(text_of(FORMULA), design)
    first, last = {**INERT, **INPUTS}, {**INPUTS, **INERT}
    for inputs in (first,) if design == "sobol" else (first, last):
        other = run(text_of(FORMULA, inputs=inputs), design)
        if design != "sobol":
            assert other.digest == known.digest
        else:
            assert_alike(band_pairs(known, other) + moment_pairs(known, other))


@pytest.mark.parametrize("design", DESIGNS)
def test_an_extra_output_changes_no_digit_of_the_others(design):
    alone = run(text_of(FORMULA), design)
    assert_same_results(changed(design), alone)


def inert_limits(result):
    """Largest index that an input without effect may have, by method.

    Slices of the input are samples of m of the n scenarios. PAWN: at least half of ten KS
    distances are large only if one that is picked at random is so with half of the chance, so the
    bound of Dvoretzky, Kiefer and Wolfowitz holds for their median with twice its chance. Regional:
    the same for the top twentieth. Delta: half a mean distance of 64 bins, of mean at most half of
    sqrt(bins / m), which one scenario changes by at most 2 / n (McDiarmid).
    """
    n, chance = result.scenarios, ALARM / 20
    return {
        "pawn": math.sqrt(math.log(4 / chance) / (2 * n / 10)),
        "regional": math.sqrt(math.log(2 / chance) / (2 * n / 20)),
        "delta": math.sqrt(64 * 20 / n) / 2 + math.sqrt(2 * math.log(1 / chance) / n),
    }


@pytest.mark.parametrize("design", DESIGNS)
def test_an_input_without_effect_ranks_last(design):
    """13 methods; 0 within the error of each, or by what sampling leaves of a distance."""
    result = run(text_of(FORMULA + " + 0 * u", inputs={**INPUTS, **INERT}), design)
    known, limits = run(text_of(FORMULA), design), inert_limits(result)
    t = -float(special.stdtrit(31, ALARM / 2 / 13))
    for method in methods_of(result):
        found = bars(result, "y", method)
        assert list(found)[-1] == "u", method
        bar = found.pop("u")
        limit = limits.get(method, t / Z * half_width(bar))
        assert abs(bar[0]) <= (0.0 if method == "swing" else limit), method
        assert list(found) == list(bars(known, "y", method)), method
        for name, one in bars(known, "y", method).items():
            near = half_width(one) / 10 if method in OF_REGRESSION else CLOSE
            assert design == "sobol" or is_close(found[name][0], one[0], 1.0, near), (method, name)
    if design == "sobol":
        assert_alike(band_pairs(known, result) + moment_pairs(known, result))
    else:
        assert same(bands(result), bands(known))
        assert same(moments(result), moments(known))


# ------------------------------------------------------------------ other ways to write a formula

PARTS = {"p": "a * s", "s": "b + k", "q": "r * d", "r": "c", "p_alone": "a * (b + k)"}
SAME = [
    ("p - q", FORMULA),
    ("p_alone - c * d", FORMULA),
    ("(k + b) * a - d * c", FORMULA),
    ("-(c * d - a * (b + k))", FORMULA),
    ("(2 * a) * ((b + k) / 2) - c * d", FORMULA),
    ("where(c > 0, p, 7) - q", FORMULA),
    ("2 * b", "b + b"),
    ("b / 4", "b * 0.25"),
    ("b * b", "b ** 2"),
    ("b - c", "-(c - b)"),
    ("max(b, c)", "-min(-b, -c)"),
    ("abs(b)", "max(b, -b)"),
    ("8 * b + 8 * c", "8 * (b + c)"),
    ("where(b > c, b, c)", "max(b, c)"),
]


@pytest.mark.parametrize("way", ["p - q", "(k + b) * a - d * c", "where(c > 0, p, 7) - q"])
def test_splitting_a_formula_changes_no_digit(way):
    assert run(text_of(way, PARTS)).digest == run(text_of(FORMULA)).digest


def test_formulas_equal_in_floating_point_give_equal_results():
    """Side by side: the same value in every scenario, the same figures and the same drivers."""
    ways = {f"y{k}_{side}": f for k, pair in enumerate(SAME) for side, f in enumerate(pair)}
    ranked = [name for name in ways if name[1] in "123"]
    result = run(text_of(ways, PARTS, shown=ranked))
    values = result.ensemble.totals.floats["values"]
    for k in range(len(SAME)):
        one, other = (f"y{k}_{side}" for side in range(2))
        assert same(values[result.row(one)], values[result.row(other)])
        assert same(bands(result, one), bands(result, other))
        assert same(moments(result, one), moments(result, other))
        for method in ("conditional", "swing", "rank", *OF_VALUES) if one in ranked else ():
            found, known = bars(result, one, method), bars(result, other, method)
            assert list(found) == list(known)
            assert all(is_close(found[name], known[name]) for name in known), (SAME[k], method)


# ------------------------------------------------------------------ Sobol' and Shapley

AFFINE = {"y": FORMULA, "octuple": "-8 * y", "moved": "100 - 10 * y"}
RUNS = {"random": 2**14, "sobol": 2**14, "lhs": 2**17}
"""Of Latin hypercubes of 1,024 it takes eight for an error."""


@functools.cache
def indices(method, output, design, correlations=True):
    find = rc.sobol if method == "sobol" else rc.shapley
    settings = {"runs": RUNS[design], "design": design, "correlations": correlations}
    return find(rc.loads(text_of(AFFINE)), output, **settings)


def numbers(found):
    parts = getattr(found, "indices", None) or found.shares
    return {p.label: [v for v in vars(p).values() if isinstance(v, float)] for p in parts}


@pytest.mark.parametrize(
    ("method", "design"),
    [("sobol", "random"), ("sobol", "sobol"), ("shapley", "random"),
     *(pytest.param(m, "lhs", marks=pytest.mark.nightly) for m in ("sobol", "shapley"))],
)  # fmt: skip
def test_affine_maps_leave_shares_of_variance_alone(design, method):
    known = numbers(indices(method, "y", design))
    for output, tolerance in (("octuple", 0.0), ("moved", CLOSE)):
        found = numbers(indices(method, output, design))
        assert list(found) == list(known)
        for name, values in found.items():
            assert is_close(values, known[name], 1.0, tolerance), (output, name)


@pytest.mark.parametrize(
    "design", ["random", *(pytest.param(d, marks=pytest.mark.nightly) for d in ("lhs", "sobol"))]
)
def test_shares_of_variance_keep_their_sum_rules(design):
    """21 comparisons; errors of estimates from the same scenarios are added, not squared."""
    t = -float(special.stdtrit(30, ALARM / 21))
    single = {i.factor: i for i in indices("sobol", "y", design, False).indices}
    fair = {s.input: s for s in indices("shapley", "y", design, False).shares}
    groups = indices("sobol", "y", design).indices
    for factors in (tuple(single.values()), groups):
        assert sum(i.s1 for i in factors) <= 1 + t * sum(i.s1_se for i in factors)
        assert sum(i.st for i in factors) >= 1 - t * sum(i.st_se for i in factors)
        for i in factors:
            assert i.s1 <= i.st + t * (i.s1_se + i.st_se), i.factor
    for name, share in fair.items():
        one = single[name]
        assert one.s1 - t * (one.s1_se + share.se) <= share.share, name
        assert share.share <= one.st + t * (one.st_se + share.se), name
    for correlations in (True, False) if design == "lhs" else (False,):
        shares = indices("shapley", "y", design, correlations).shares
        assert sum(s.share for s in shares) == pytest.approx(1.0, abs=CLOSE)


# ------------------------------------------------------------------ constants


@pytest.mark.parametrize(
    "law", ['normal"\nmean = 3\nsd = 0', 'discrete"\nvalues = [3]\nweights = [1]']
)
def test_a_law_without_spread_is_a_constant(law):
    """Not a digit differs; its own bars are 0, missing, or noise of its draws (13 methods)."""
    known = run(text_of(FORMULA, inputs={**INPUTS, "k": "value = 3"}))
    other = run(text_of(FORMULA, inputs={**INPUTS, "k": f'dist = "{law}'}))
    assert same(bands(other), bands(known))
    assert same(moments(other), moments(known))
    limits, t = inert_limits(other), -float(special.stdtrit(31, ALARM / 2 / 13))
    for method in methods_of(other):
        found = bars(other, "y", method)
        bar = found.pop("k", np.zeros(3))
        assert not abs(bar[0]) > limits.get(method, t / Z * half_width(bar)), method
        for name, one in bars(known, "y", method).items():
            near = half_width(one) / 10 if method in OF_REGRESSION else CLOSE
            assert is_close(found[name][0], one[0], 1.0, near), (method, name)


def test_a_case_that_fixes_an_input_is_a_model_with_a_constant():
    """To the digit; those that were correlated with it keep their draws, here 9 comparisons."""
    text = text_of(FORMULA)
    text += "[cases.alone]\ninputs.k = 3\ninputs.d = 1.5\n[cases.correlated]\ninputs.b = 2.5\n"
    alone = text_of(FORMULA, inputs={**INPUTS, "k": "value = 3", "d": "value = 1.5"})
    assert run(text, case="alone").digest == run(alone).digest
    correlated = text_of(FORMULA, inputs={**INPUTS, "b": "value = 2.5"}, pairs=())
    one, other = run(text, case="correlated"), run(correlated)
    assert_alike(band_pairs(one, other) + moment_pairs(one, other))


def test_a_mixture_of_one_law_is_that_law():
    """As far as the tables of quantiles go, which are right to 1e-4 of a standard deviation."""
    part = '{{ dist = "normal", mean = 2, sd = 1, weight = {} }}'
    mixture = f'dist = "mixture"\ncomponents = [{part.format(0.3)}, {part.format(0.7)}]'
    known = run(text_of("b + c"))
    other = run(text_of("b + c", inputs={**INPUTS, "b": mixture}))
    sd = known.moments_of("y").sd
    assert is_close(bands(other)[:, 0], bands(known)[:, 0], sd, 1e-4)
    assert is_close(moments(other)[:2], moments(known)[:2], sd, 1e-4)


# ------------------------------------------------------------------ halves and seeds


@pytest.mark.parametrize(("design", "n"), [("random", N), ("lhs", N), ("random", MANY)])
def test_two_halves_make_the_whole(design, n):
    """Counts and extremes add up; the state after one half goes on to the digest of the whole."""
    whole = run(text_of(FORMULA), design, n)
    setup, tasks = whole.setup, whole.setup.plan.tasks()
    first, second = tasks[: len(tasks) // 2], tasks[len(tasks) // 2 :]
    halves = []
    for part in (first, second):
        merger = running.Merger(setup)
        for task in part:
            merger.add(run_task(setup, *task))
        halves.append(merger)
    total = whole.ensemble.totals
    assert halves[0].rows + halves[1].rows == total.rows
    for name, counts in total.ints.items():
        assert same(halves[0].ints[name] + halves[1].ints[name], counts), name
    ends = [[f["extremes"] for f in half.floats.values()] for half in halves]
    low, high = (pick([pick(e, axis=0) for e in ends], axis=0) for pick in (np.min, np.max))
    assert same(np.stack([low[:, 0], high[:, 1]], axis=1), total.floats["extremes"])
    resumed = running.Merger(setup)
    resumed.restore(*halves[0].state())
    for task in reversed(second):
        resumed.add(run_task(setup, *task))
    again = resumed.finish().totals
    assert again.digest(setup.plan.key, whole.core_ranked) == whole.digest


@pytest.mark.parametrize("design", ["random", "lhs"])
def test_the_first_half_is_a_run_of_its_own(design):
    short, long = run(text_of(FORMULA), design), run(text_of(FORMULA), design, 2 * N)
    kept = long.ensemble.totals.floats["values"][:, :N]
    assert same(short.ensemble.totals.floats["values"], kept)


@pytest.mark.parametrize("design", DESIGNS)
def test_another_seed_gives_results_within_their_errors(design):
    """At most 69 comparisons."""
    one, other = (run(text_of(FORMULA), design, seed=seed) for seed in (1, 2))
    assert_alike(band_pairs(one, other) + moment_pairs(one, other) + bar_pairs(one, other))


# ------------------------------------------------------------------ the shipped model

CASE = "exante+token"


ITS_OWN = {
    "octuple": "8 * servers",
    "mirrored": "-servers",
    "logarithm": "log(servers)",
    "again": "cards / cards_per_server",
}


@pytest.mark.nightly
def test_the_shipped_model_keeps_the_same_properties():
    """Those of outputs that follow from its own, exactly."""
    extra = "".join(f'[outputs.{name}]\nformula = "{f}"\n' for name, f in ITS_OWN.items())
    result = run(SERVERS + extra, case=CASE)
    known = bands(result, "servers")
    assert same(bands(result, "again"), known)
    assert same(moments(result, "again"), moments(result, "servers"))
    assert same(bands(result, "octuple"), 8 * known)
    for p, band in zip(LEVELS, known, strict=True):
        found = result.band("mirrored", 1 - p)
        assert (found.ci_low, found.ci_high) == (-band[2], -band[1])
        ends = result.band("logarithm", p)
        assert is_close([ends.ci_low, ends.ci_high], np.log(band[1:]), 100, EPS)
