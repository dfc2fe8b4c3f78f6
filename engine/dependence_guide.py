"""Help on how inputs are joined: copulas, methods and coefficients of correlation."""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions.guide import Guide


def _example(coefficient: str, dependence: str = "") -> str:
    """Two inputs and how they are joined."""
    return (
        '[inputs]\nvisits = {dist = "lognormal", p10 = 2e7, p90 = 1.2e8}\n'
        'pages = {dist = "lognormal", p10 = 3, p90 = 9}\n\n'
        f'[[correlations]]\nbetween = ["visits", "pages"]\n{coefficient}'
        + (f"\n\n[dependence]\n{dependence}" if dependence else "")
    )


GUIDES: Mapping[str, Guide] = {
    "gaussian": Guide(
        summary="Gaussian copula: ranks move together as those of correlated normals do",
        says="Each input keeps its distribution; their ranks are those of normal scores with a "
        "given correlation. It is how correlated inputs are drawn unless the model says otherwise.",
        use="Dependence known as one coefficient for each pair: nearly always.",
        avoid="Extremes come together (crises): a Gaussian copula has no tail dependence. What "
        "holds depends on a state: conditional.",
        formula=(
            "C(u, v) = Φ₂(Φ⁻¹(u), Φ⁻¹(v); r)",
            "Spearman ρ = (6/π) asin(r/2), so r = 2 sin(πρ/6)",
            "Kendall τ = (2/π) asin r",
        ),
        source="Clemen & Reilly (1999), Correlations and copulas for decision and risk analysis, "
        "Management Science 45(2), 208–224",
        pitfalls="A pair that is not given is 0, which may contradict the others (E504): give it, "
        "or let repair take the nearest. The normal distribution is dist = 'normal'.",
        parameters={
            "between": "two inputs; or among: several, or the name of a group, each pair alike",
            "spearman": "−1 to 1; or kendall, or pearson",
            "repair": "'nearest', under [dependence]: coefficients that cannot all hold give way",
        },
        toml=_example("spearman = 0.4"),
    ),
    "t copula": Guide(
        summary="as the Gaussian, but extremes come together",
        says="Ranks are those of a multivariate t: all scores of a group share one random stretch, "
        "so that all are extreme at once now and then, even where the coefficient is 0.",
        use="Losses, prices and defaults that go to extremes together; 3 to 10 degrees of freedom.",
        avoid="There is no reason for joint extremes: the Gaussian copula assumes less.",
        formula=(
            "C(u, v) = t₂(t⁻¹(u; df), t⁻¹(v; df); r, df); Kendall τ = (2/π) asin r",
            "chance that one is extreme if the other is: λ = 2 F(−x),",
            "x = √((df + 1)(1 − r)/(1 + r)), F of a t with df + 1",
        ),
        source="Demarta & McNeil (2005), The t copula and related copulas, "
        "International Statistical Review 73(1), 111–129",
        pitfalls="It changes sums and products far out (P95 and beyond), hardly their "
        "medians. Both tails are alike: a crash and a boom. One df holds for all groups.",
        parameters={
            "copula": "'t', under [dependence]",
            "df": "degrees of freedom, 1 to 1,000: 4 has strong tails, 30 weak ones",
        },
        toml=_example("spearman = 0.4", 'copula = "t"\ndf = 4'),
    ),
    "iman-conover": Guide(
        summary="reorder draws until their ranks correlate as asked",
        says="Draws of each input are reordered to the ranks of a table of scores that has the "
        "wanted correlation; every single input keeps its draws exactly.",
        use="Draws are given (data, a Latin hypercube) and shall be correlated after the fact.",
        avoid="There is no reason to: the Gaussian copula does nearly the same, scenario by "
        "scenario. Here 1,024 scenarios are reordered at a time.",
        formula=(
            "ranks of S (P Q⁻¹)ᵀ, S a table of scores in random order,",
            "P Pᵀ the correlation asked for, Q Qᵀ that of S",
        ),
        source="Iman & Conover (1982), A distribution-free approach to inducing rank correlation "
        "among input variables, Communications in Statistics B 11(3), 311–334",
        pitfalls="With normal (van der Waerden) scores it approaches the Gaussian copula, no tail "
        "dependence either. A group may have 100 inputs at most.",
        parameters={"copula": "'iman-conover', under [dependence]"},
        toml=_example("spearman = 0.4", 'copula = "iman-conover"'),
    ),
    "spearman": Guide(
        summary="rank correlation: the correlation of percentiles",
        says="How far high goes with high, whatever the distributions: 1 always, 0 no trend, −1 "
        "always the reverse.",
        use="Eliciting and stating dependence: it does not change when an input is "
        "rescaled, logged or given another distribution.",
        avoid="A published figure is Pearson's or Kendall's: convert it first.",
        formula=(
            "ρ = correlation of F(X) and G(Y); of data, of their ranks",
            "Gaussian copula: ρ = (6/π) asin(r/2); 0.5 is r 0.518 and τ 0.346",
        ),
        source="Spearman (1904), American Journal of Psychology 15(1), 72–101; ties: Nešlehová "
        "(2007), Journal of Multivariate Analysis 98(3), 544–567",
        pitfalls="Discrete inputs tie, and reach less than is asked: check -v shows both. 0.3 is "
        "weak, 0.6 plain to see, 0.9 nearly one input.",
        toml=_example("spearman = 0.4"),
    ),
    "kendall": Guide(
        summary="concordance: how much likelier two draws agree in order than not",
        says="Of two scenarios, the one with the higher X has the higher Y with probability "
        "(1 + τ)/2: a question that experts can answer.",
        use="Eliciting by that question; heavy tails; copulas other than the Gaussian.",
        avoid="It is mistaken for Spearman's: τ is smaller, about two thirds of ρ.",
        formula=(
            "τ = P(concordant) − P(discordant)",
            "Gaussian and t copula: τ = (2/π) asin r, so r = sin(πτ/2)",
        ),
        source="Kendall (1938), A new measure of rank correlation, Biometrika 30, 81–93",
        pitfalls="A chance of 75 % that higher goes with higher is τ = 0.5; with a Gaussian copula "
        "r = 0.71 and ρ = 0.69.",
        toml=_example("kendall = 0.3"),
    ),
    "pearson": Guide(
        summary="linear correlation, which the distributions limit",
        says="How near the draws lie to a straight line.",
        use="Normal inputs, or a published figure of values or of their logarithms.",
        avoid="Skewed inputs: the coefficient depends on their distributions, and ±1 may be out of "
        "reach. State Spearman's.",
        formula=(
            "r = E[(X − μ)(Y − ν)] / (σ τ), μ and ν the means, σ and τ the sds",
            "two lognormals: r = (exp(r₀σ₁σ₂) − 1) / √((exp σ₁² − 1)(exp σ₂² − 1))",
        ),
        source="Embrechts, McNeil & Straumann (2002), Correlation and dependence in "
        "risk management; Cario & Nelson (1997), NORTA",
        pitfalls="Two lognormals with sigma 1 and 2 reach −0.09 to 0.67 only. A correlation of "
        "logarithms is that of the normal scores of lognormals. Not with a t copula.",
        toml=_example("pearson = 0.4"),
    ),
}
