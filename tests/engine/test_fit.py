"""Ranking of families: criteria, distances, bootstrap, and what is printed to paste."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats as st
from inprocess import run
from rangecast.distributions.data.likelihood import CANDIDATES
from rangecast.engine.errors import SettingsError
from rangecast.engine.fit import distances, fit
from rangecast.reports import fit_chart, fit_lines
from rangecast.reports.fit_picture import histogram, quantile_pairs

import rangecast as rc
from rangecast import distributions as laws

SEA = Path(__file__).parents[2] / "docs" / "sea_levels.csv"
LEVELS = pd.read_csv(SEA)["sea_level"]


def sample(law, n, seed=1):
    return law.sample(n, seed)


@pytest.fixture(scope="module")
def found():
    return fit(LEVELS, source="sea_levels.csv")


def test_distances_by_hand():
    x = np.array([0.2, 0.5, 0.6])
    ks, ad = distances(laws.Uniform(0, 1), x)
    assert ks == pytest.approx(0.4)
    logs = [math.log(0.2 * 0.4), math.log(0.5 * 0.5), math.log(0.6 * 0.8)]
    assert ad == pytest.approx(-3 - (1 * logs[0] + 3 * logs[1] + 5 * logs[2]) / 3)


def test_distances_are_scipys():
    x = np.sort(sample(laws.Normal(0, 1), 60))
    ks, ad = distances(laws.Normal(float(x.mean()), float(x.std(ddof=1))), x)
    assert ks == pytest.approx(st.kstest(x, st.norm(x.mean(), x.std(ddof=1)).cdf).statistic)
    assert ad == pytest.approx(st.goodness_of_fit(
        st.norm, x, known_params={"loc": x.mean(), "scale": x.std(ddof=1)},
        statistic="ad", n_mc_samples=1, rng=np.random.default_rng(0),
    ).statistic)  # fmt: skip


def test_distances_of_counts_by_hand():
    law, x = laws.Bernoulli(0.5), np.array([0.0, 0.0, 0.0, 1.0])
    ks, ad = distances(law, x)
    assert ks == 0.25
    assert ad == pytest.approx(4 * 0.25**2 * 0.5 / (0.5 * 0.5))


def test_criteria(found):
    best = found.rankings[0].fits
    assert found.rankings[0].criterion == "aicc"  # 65 values are few for three parameters
    for one in best:
        n, k = 65, CANDIDATES[one.family].parameters
        assert one.aic == pytest.approx(2 * k - 2 * one.log_likelihood)
        assert one.aicc == pytest.approx(one.aic + 2 * k * (k + 1) / (n - k - 1))
        assert one.bic == pytest.approx(k * math.log(n) - 2 * one.log_likelihood)
    assert [f.aicc for f in best] == sorted(f.aicc for f in best)
    assert best[0].delta == 0.0
    assert sum(f.weight for f in best) == pytest.approx(1.0)
    ratio = best[1].weight / best[0].weight
    assert ratio == pytest.approx(math.exp(-best[1].delta / 2))
    assert fit(sample(laws.Normal(0, 1), 200)).rankings[0].criterion == "aic"


def test_no_family_is_dropped(found):
    ranking = found.rankings[0]
    named = {f.family for f in ranking.fits} | {f.family for f in ranking.failures}
    assert named == {n for n, c in CANDIDATES.items() if not c.is_count}
    assert all(one.reason for one in ranking.failures)
    frame = found.frame()
    assert set(frame.index) == named
    assert frame.loc["beta", "reason"] == "needs values between 0 and 1, both excluded"


@pytest.mark.parametrize(
    ("law", "family"),
    [
        (laws.Lognormal(2, 0.9), "lognormal"),
        (laws.Weibull(0.6, 2), "weibull"),
        (laws.Beta(0.5, 0.6), "beta"),
        (laws.StudentT(2.5, -5, 2), "student_t"),
        (laws.NegativeBinomial(2, 0.2), "negative_binomial"),
        (laws.Geometric(0.3), "geometric"),
    ],
)
def test_the_family_drawn_from_is_found(law, family):
    best = fit(sample(law, 2000)).rankings[0]
    assert (
        best.fits[0].family == family or next(f for f in best.fits if f.family == family).delta < 4
    )


def test_counts_and_continuous_families_have_tables_of_their_own():
    counts = fit(sample(laws.Poisson(4), 200))
    assert [r.kind for r in counts.rankings] == ["counts", "continuous"]
    assert counts.best.family in {"poisson", "negative_binomial"}
    assert [p.code for p in counts.warnings] == ["W357"]
    assert fit(LEVELS).warnings == ()  # steps of 0.01 in a spread of 0.24
    amounts = fit(np.rint(sample(laws.Lognormal(10, 1), 100)))
    assert [r.kind for r in amounts.rankings] == ["continuous", "counts"]
    assert [r.kind for r in fit([0.5, 1.5, 2.5, 2.0, 1.1]).rankings] == ["continuous"]
    named = fit([0.5, 1, 2, 2, 1.1], ["poisson", "normal"])
    assert [f.family for f in named.rankings[1].failures] == ["poisson"]
    assert fit([0, 1, 2, 2, 1, 3], ["bernoulli", "normal"]).best.family == "normal"
    assert repr(fit([0, 1, 2, 2, 1], ["poisson"])) == "FitResult(5 values, best poisson(mean=1.2))"


@pytest.mark.parametrize("family", sorted(CANDIDATES))
def test_what_is_printed_loads_as_the_same_law(family, tmp_path):
    whole = CANDIDATES[family].is_count
    law = {"bernoulli": laws.Bernoulli(0.3)}.get(
        family, laws.NegativeBinomial(2, 0.3) if whole else laws.Beta(2, 3)
    )
    x = sample(law, 300) + (1 if family == "geometric" else 0)
    if family in {"student_t", "johnson_su"}:
        x = sample(laws.StudentT(3), 300)
    result = fit(x, [family], source='a "quoted" \\ name\n')
    text = result.toml("tokens") + '[outputs.y]\nformula = "tokens"\n'
    loaded = rc.loads(text).inputs["tokens"]
    assert loaded.law == result.best.law
    assert loaded.basis == "data"
    base = rc.loads('[inputs.tokens]\nvalue = 1\n[outputs.y]\nformula = "tokens"\n')
    from rangecast.engine.model.cases import set_inputs

    assert set_inputs(base, [f"tokens={result.best.call}"]).inputs["tokens"].law == loaded.law


def test_bootstrap_p_values_and_intervals():
    x = sample(laws.Normal(10, 2), 80)
    again = [fit(x, ["normal", "exponential"], bootstrap=100) for _ in range(2)]
    normal, exponential = again[0].rankings[0].fits
    assert again[0].rankings == again[1].rankings  # the draws are keyed: same seed, same figures
    assert normal.bootstrap.p_ks > 0.01
    assert exponential.bootstrap.p_ks == exponential.bootstrap.p_ad == pytest.approx(1 / 101)
    # the standard error of a normal mean is sd / √n; of 100 replicates within 5 of its own errors
    se = normal.bootstrap.parameters["mean"].se
    assert se == pytest.approx(normal.parameters["sd"] / math.sqrt(80), rel=5 / math.sqrt(200))
    low, high = normal.bootstrap.parameters["mean"].low, normal.bootstrap.parameters["mean"].high
    assert low < normal.parameters["mean"] < high
    # P99 = m + 2.326 s, of variance s² (1 + 2.326² / 2) / n
    expected = normal.parameters["sd"] * math.sqrt((1 + 2.326**2 / 2) / 80)
    assert normal.bootstrap.p99.se == pytest.approx(expected, rel=5 / math.sqrt(200))
    other = fit(x, ["normal", "exponential"], bootstrap=100, seed=2).rankings[0].fits[0]
    assert other.bootstrap != normal.bootstrap
    alone = fit(x, ["normal"], bootstrap=100).best
    assert alone.bootstrap == normal.bootstrap  # other families change nothing


@pytest.mark.nightly
def test_bootstrap_p_values_are_uniform():
    """Of 400 samples of a normal law, fitted: p-values uniform by KS, false alarms 1e-6."""
    p = [
        fit(sample(laws.Normal(3, 2), 40, seed), ["normal"], bootstrap=199).best.bootstrap
        for seed in range(400)
    ]
    for name in ("p_ks", "p_ad"):
        assert st.kstest([getattr(b, name) for b in p], "uniform").pvalue > 1e-6


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        ([1, 2, math.nan, 4, 5], {}, "every value must be finite; got 1"),
        ([1, 2, 3, 4], {}, "too few values; got 4; at least 5"),
        ([2] * 9, {}, "all values are equal; got 2"),
        ([1, 2, 3, 4, 5], {"families": ["lognorml"]}, "did you mean 'lognormal'?"),
        ([1, 2, 3, 4, 5], {"bootstrap": 50}, "0, or at least 100"),
    ],
)
def test_refusals(values, options, words):
    with pytest.raises(SettingsError) as refused:
        fit(values, **options)
    assert words in str(refused.value)


def test_nothing_that_fits_is_an_error():
    words = "no family could be fitted; lognormal: needs values above 0"
    with pytest.raises(SettingsError, match=words):
        fit([-1, 2, 3, 4, 5.5], ["lognormal"]).best  # noqa: B018


def test_lines_say_what_the_table_may_be_taken_for(found):
    text = "\n".join(fit_lines(found))
    assert text.startswith("65 values of sea_levels.csv: 3.57 to 4.69")
    assert "Continuous families by AICc" in text
    assert "p-values (tabled ones do not hold for fitted parameters)" in text
    assert "not fitted: beta, logit_normal: needs values between 0 and 1" in text
    assert "ending at an observed value, where AIC is a guide only: " in text


def test_the_picture_draws_what_its_tables_say(found):
    table = histogram(found.values)
    assert table["share"].sum() == pytest.approx(1.0)
    assert (table["density"] * (table["high"] - table["low"])).sum() == pytest.approx(1.0)
    pairs = quantile_pairs(found)
    assert pairs["observed"].tolist() == sorted(LEVELS)
    law = found.best.law
    assert pairs[found.best.family].to_numpy() == pytest.approx(law.quantile(pairs["level"]))
    figure = fit_chart(found)
    left, right = figure.axes
    assert len(left.lines) == 3
    assert len(left.patches) == len(table)
    assert right.get_xlabel() == "fitted quantile"


def command(*words):
    return run(["python", "-m", "rangecast", *words], text=True)


def test_command(tmp_path):
    words = ("fit", str(SEA), "--column", "sea_level", "--family", "gumbel", "--family", "beta")
    done = command(*words, "--out", str(tmp_path / "out"))
    assert done.returncode == 0
    assert "65 values of sea_levels.csv, column sea_level" in done.stdout
    files = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert files == ["fit.csv", "fit.json", "fit.png", "fit.svg", "fit.toml"]
    text = (tmp_path / "out" / "fit.toml").read_text()
    assert text in done.stdout
    assert text.startswith("[inputs.sea_level]\n")
    quiet = command(*words, "-q")
    assert (quiet.stdout, quiet.stderr) == (text, "")
    boot = command(*words, "--bootstrap", "100").stdout
    assert "p KS" in boot
    assert "scale 0.1949 ± 0.0" in boot
    assert "P99 4.766 ± 0.0" in boot
    found = json.loads(command(*words, "--json").stdout)
    assert found["toml"] == text
    assert found["rankings"][0]["fits"][0]["delta"] == 0.0
    assert {f["family"] for f in found["rankings"][0]["failures"]} >= {"beta"}


def test_command_refuses(tmp_path):
    done = command("fit", str(SEA))
    assert done.returncode == 2
    assert "several columns; name one: year, sea_level" in done.stderr
    (tmp_path / "x.csv").write_text("v\n1\nx\n")
    done = command("fit", str(tmp_path / "x.csv"))
    assert f"{tmp_path / 'x.csv'}:3:1 column v: not a number; got 'x'" in done.stderr
    assert command("fit", str(tmp_path / "none.csv")).returncode == 2
    assert command("fit", str(SEA), "--column", "sea_level", "--bootstrap", "5").returncode == 2


def test_a_run_keeps_its_data(tmp_path, monkeypatch):
    monkeypatch.setattr("rangecast.reports.folder._charts", lambda *_: {})
    (tmp_path / "d.csv").write_text("v\n" + "".join(f"{k}\n" for k in range(1, 41)))
    (tmp_path / "m.toml").write_text(
        '[inputs.v]\ndist = "data"\nfile = "d.csv"\n[outputs.y]\nformula = "v * 2"\n'
    )
    out = tmp_path / "out"
    done = command("run", str(tmp_path / "m.toml"), "-n", "2000", "--out", str(out))
    assert done.returncode == 0, done.stderr
    results = json.loads((out / "results.json").read_text())
    files = results["manifest"]["data_files"]
    assert [f["file"] for f in files] == ["d.csv"]
    assert results["inputs"][0]["distribution"] == "40 values of d.csv, column v, empirical"
    again = rc.simulate(rc.load(out / "model.toml"), scenarios=2000)
    assert again.digest == results["manifest"]["digest"]


def test_a_checkpoint_notices_changed_data(tmp_path):
    from rangecast.engine.checkpoint import Checkpoint
    from rangecast.engine.errors import FileError

    (tmp_path / "d.csv").write_text("".join(f"{k}\n" for k in range(1, 41)))
    text = '[inputs.v]\ndist = "data"\nfile = "d.csv"\n[outputs.y]\nformula = "v * 2"\n'
    place = Checkpoint(tmp_path / "state", every=0.0)
    rc.simulate(rc.loads(text, folder=tmp_path), scenarios=200_000, checkpoint=place)
    assert (tmp_path / "state").exists()
    (tmp_path / "d.csv").write_text("".join(f"{k}\n" for k in range(2, 42)))
    with pytest.raises(FileError, match="E804"):
        rc.simulate(rc.loads(text, folder=tmp_path), scenarios=200_000, checkpoint=place)


def test_the_engine_draws_what_was_observed():
    """Shares of 1e6 scenarios against the data's own; DKW at a false-alarm rate of 1e-6."""
    values = np.random.default_rng(3).lognormal(size=5000)
    limit = math.sqrt(math.log(2 / 1e-6) / 2e6)
    for given in (values, values[:50]):
        model = rc.Model({"v": rc.from_data(given)}, lambda v: {"y": v})
        result = rc.simulate(model, scenarios=1_000_000)
        for p in (0.05, 0.5, 0.95):
            at = float(np.quantile(given, p, method="inverted_cdf"))
            share = float((given <= at).mean())
            assert result.percentile_of("y", at * (1 + 1e-9)) == pytest.approx(
                share, abs=limit + 1e-4
            )


def test_a_fit_in_a_notebook_is_its_table_and_progress_counts_the_replicates():
    seen, values = [], np.random.default_rng(1).normal(5, 1, 60)
    found = rc.fit(values, ["normal"], bootstrap=100, progress=lambda *at: seen.append(at))
    assert seen == [(k + 1, 100) for k in range(100)]
    row = found.frame().iloc[0]
    assert 0 <= row["p_ks"] <= 1
    assert row["p_ks"] == found.rankings[0].fits[0].bootstrap.p_ks
    assert "<td>normal</td>" in found._repr_html_() or "<th>normal</th>" in found._repr_html_()
    assert "log_likelihood" in found._repr_html_()
