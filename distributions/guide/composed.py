"""Help on distributions made of others, of data, or of what else happens."""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions.guide.guide import Guide

GUIDES: Mapping[str, Guide] = {
    "mixture": Guide(
        says="A draw comes from one of several distributions, each with its probability.",
        use="Regimes (calm and crisis), two populations, experts who disagree: one component each.",
        avoid="Other inputs depend on the regime too: make it an input, and them conditional "
        "on it.",
        formula=("F(x) = Σ wᵢ Fᵢ(x); Q solves F(x) = u", "mean = Σ wᵢ meanᵢ"),
        source="McLachlan & Peel (2000), Finite Mixture Models",
        pitfalls="Averaging experts' percentiles is something else, and narrower. Two far "
        "peaks have a median where hardly any draw lies.",
        parameters={
            "components": "2 to 64 tables: dist, its parameters, and weight above 0",
        },
        python="Mixture((Lognormal.from_percentiles({0.1: 10, 0.9: 60}),"
        " Lognormal.from_percentiles({0.1: 200, 0.9: 900})), (0.9, 0.1))",
    ),
    "zero_inflated": Guide(
        says="Zero with some probability, else a draw of another distribution.",
        use="A loss that mostly does not happen, demand of customers who may not buy.",
        avoid="Whether it happens matters elsewhere too: a bernoulli input as a factor.",
        formula=("F(x) = zero · 1(x ≥ 0) + (1 − zero) F_of(x)", "mean = (1 − zero) mean_of"),
        source="Aitchison (1955), Journal of the American Statistical Association 50, 901–908; "
        "Lambert (1992), Technometrics 34(1), 1–14",
        pitfalls="The median is 0 where zero is above ½ and nothing lies below 0. Percentiles "
        "of `of` are those of the draws that happen.",
        parameters={
            "zero": "probability of zero, between 0 and 1",
            "of": "a table: dist and its parameters",
        },
        python="ZeroInflated(Gamma(2, 5), 0.3)",
    ),
    "conditional": Guide(
        summary="a distribution for each value of another input",
        says="Which distribution holds depends on what a discrete input has drawn.",
        use="Prices in a boom and in a bust, losses by kind of event: dependence that "
        "a correlation cannot say.",
        avoid="Two continuous inputs move together: correlate them.",
        formula=("F(x) = Σ P(on = v) F(x | v), over the values v of the other input",),
        source="Bedford & Cooke (2001), Probabilistic Risk Analysis, ch. 13",
        pitfalls="Every value of the other input needs a branch. All branches share one draw: "
        "a high draw is high in each.",
        parameters={
            "on": "name of a discrete input",
            "given": "tables: when (a value, its name, or a list), then dist … or value",
        },
        toml='[inputs.regime]\ndist = "categorical"\nvalues = ["calm", "crisis"]\n'
        "weights = [0.9, 0.1]\n\n"
        '[inputs.price]\ndist = "conditional"\non = "regime"\ngiven = [\n'
        '  {when = "calm", dist = "normal", mean = 100, sd = 5},\n'
        '  {when = "crisis", dist = "lognormal", p10 = 120, p90 = 300},\n]',
    ),
    "categorical": Guide(
        summary="one of several names, or one case of the model per scenario",
        says="A draw is a name: a state of the world, or which case of the model holds.",
        use="A state on which others are conditional; structural doubt, where each scenario draws "
        "its case.",
        avoid="The values are numbers: discrete.",
        formula=("P(nameᵢ) = weightᵢ / Σ weights",),
        source="Morgan & Henrion (1990), Uncertainty, ch. 4",
        pitfalls="In formulas a name is its place in the list, from 0. Names have no median: the "
        "base case takes the likeliest unless base says another.",
        parameters={
            "values": "2 to 50 different names",
            "cases": "in place of values: cases of the model, of which each scenario draws one",
            "weights": "as many, 0 or more; divided by their sum",
        },
        toml='[inputs.view]\ndist = "categorical"\ncases = ["low", "high"]\nweights = [0.7, 0.3]',
    ),
    "data": Guide(
        summary="values observed, as they are, smoothed or fitted",
        says="Draws are values of a file, a kernel around each, or of the family most probable "
        "given them.",
        use="The quantity itself has been observed, often enough (20 or more).",
        avoid="The past is no guide, or the tail beyond the data matters: fit, and judge.",
        formula=(
            "empirical: F(x) = share of values at or below x",
            "smoothed: Gaussian kernels of width 0.9 min(sd, IQR/1.34) n^(−1/5)",
        ),
        source="Hyndman & Fan (1996), The American Statistician 50(4), 361–365; Silverman (1986), "
        "Density Estimation, ch. 3",
        pitfalls="empirical never exceeds the largest value seen. Yearly averages vary less than "
        "days: take the data of the period you model.",
        parameters={
            "file": "CSV or TSV beside the model",
            "column": "its header, where there are several",
            "method": "empirical (if not given), smoothed or fitted",
            "family": "of a fitted law; rangecast fit ranks them",
        },
        toml='[inputs.level]\ndist = "data"\nfile = "sea_levels.csv"\ncolumn = "sea_level"\n'
        'method = "smoothed"',
        python="from_data([12, 15, 15, 40])",
    ),
    "truncation": Guide(
        summary="min and max: any distribution cut off",
        says="Only the part between min and max can occur; the rest is shared out over it.",
        use="A bound that physics, law or the market sets: a share at most 1, a price above 0.",
        avoid="Values beyond pile up at the bound (a full store): min() and max() in a formula.",
        formula=(
            "Q(u) = Q₀(F₀(min) + u (F₀(max) − F₀(min))), Q₀ and F₀ of the uncut law",
            "percentiles given are those of the cut law",
        ),
        source="Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, ch. 13",
        pitfalls="mean, sd and mode are those of the uncut law. At least a millionth of it "
        "must lie between. round = true rounds after the cut.",
        parameters={
            "min": "lower end; none unless given",
            "max": "upper end; none unless given",
        },
        toml='[inputs.share]\ndist = "normal"\nmean = 0.2\nsd = 0.15\nmin = 0\nmax = 1',
        python="truncate(Normal(0.2, 0.15), 0, 1)",
    ),
}
