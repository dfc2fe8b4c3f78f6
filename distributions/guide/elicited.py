"""Help on distributions that go through percentiles."""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions.guide.guide import Guide

GUIDES: Mapping[str, Guide] = {
    "jqpd": Guide(
        says="A smooth law through three percentiles, with a lower bound or two. Any three "
        "ascending values inside the bounds are met.",
        use="The standard elicitation: P10, P50, P90 of something positive or bounded.",
        avoid="More than three percentiles (metalog), or no bound at all (metalog, normal).",
        formula=(
            "no high: Q(u) = low + exp(c + λ sinh(asinh(δz) ± asinh(δz₉₀)))",
            "with high: Q(u) = low + (high − low) Φ(c + λ sinh(δ(z ± z₉₀)))",
            "z = Φ⁻¹(u); c, λ and δ from the percentiles",
        ),
        source="Hadlock & Bickel (2017), Johnson quantile-parameterized distributions, Decision "
        "Analysis 14(1), 35–64",
        pitfalls="low is 0 unless given. The levels are symmetric: p10, p50, p90 or p05, p50, p95. "
        "The bounds shape the tails: an invented high matters for P99.",
        parameters={
            "low": "lower bound, below the lowest percentile; 0 unless given",
            "high": "upper bound, above the highest; none unless given",
        },
        python="JQPD.from_percentiles({0.1: 10, 0.5: 25, 0.9: 60})",
    ),
    "metalog": Guide(
        says="A quantile function made of simple terms, one for each percentile: it takes any "
        "smooth shape, several peaks included.",
        use="Four or more percentiles, or shapes no named family has; bounds are optional.",
        avoid="You have two or three percentiles of a positive value: jqpd and lognormal say more "
        "clearly what the tails are.",
        formula=(
            "Q(u) = a₁ + a₂L + a₃(u − ½)L + a₄(u − ½) + a₅(u − ½)² + …",
            "L = ln(u/(1 − u)); with bounds the sum is ln(x − low),",
            "−ln(high − x) or ln((x − low)/(high − x))",
        ),
        source="Keelin (2016), The Metalog Distributions, Decision Analysis 13(4), 243–277",
        pitfalls="Not every set of percentiles has one: where it would turn back it is "
        "refused. Each further percentile can add a bump: look at the picture of check -v.",
        parameters={
            "low": "lower bound, below all percentiles; none unless given",
            "high": "upper bound, above all; none unless given",
        },
        python="Metalog.from_percentiles({0.1: 10, 0.25: 15, 0.5: 25, 0.75: 40, 0.9: 60})",
    ),
    "piecewise": Guide(
        says="Straight lines through a table of percentiles from 0 to 1: between two of them every "
        "value is as likely as another.",
        use="A cumulative table is given (a survey, another model) and nothing shall be added.",
        avoid="The density should be smooth, or the table has no ends: metalog.",
        formula=("Q(u) = straight lines through (levels, values)",),
        source="Morgan & Henrion (1990), Uncertainty, ch. 5",
        pitfalls="The first and last values are hard bounds: nothing lies beyond.",
        parameters={
            "values": "ascending",
            "levels": "probability at or below each, ascending from 0 to 1",
        },
        python="Piecewise((10, 20, 25, 40), (0, 0.3, 0.8, 1))",
    ),
}
