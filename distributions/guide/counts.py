"""Help on distributions of counts and of listed values."""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions.guide.guide import Guide

_DISCRETE = "Johnson, Kemp & Kotz (2005), Univariate Discrete Distributions"

GUIDES: Mapping[str, Guide] = {
    "bernoulli": Guide(
        says="1 with probability p, else 0: something happens or not.",
        use="A switch in a formula: where(event, a, b), or event * loss.",
        avoid="More than two states (discrete, categorical), or a distribution for each state "
        "(conditional).",
        formula=("P(1) = p, P(0) = 1 − p", "sd = √(p (1 − p))"),
        source=_DISCRETE + ", ch. 3",
        pitfalls="A rank correlation with it stays well below what is asked: check -v shows both.",
        parameters={"p": "probability of 1, 0 to 1"},
        python="Bernoulli(0.3)",
    ),
    "binomial": Guide(
        says="How many of n independent trials succeed.",
        use="Units that fail, customers who accept, of a known number.",
        avoid="Trials share a cause: then the count varies more. Make p uncertain as well.",
        formula=("P(k) = C(n, k) p^k (1 − p)^(n − k)", "mean = n p, sd = √(n p (1 − p))"),
        source=_DISCRETE + ", ch. 3",
        pitfalls="With a large n and a fixed p it is nearly a constant; what is uncertain is p.",
        parameters={"n": "trials, a whole number from 0", "p": "chance of each, 0 to 1"},
        python="Binomial(10, 0.3)",
    ),
    "poisson": Guide(
        says="How often something happens when each event is independent of the others.",
        use="Accidents, arrivals, defects in a period, at a known average rate.",
        avoid="Events come in clusters or the rate is uncertain: negative_binomial.",
        formula=("P(k) = mean^k e^(−mean) / k!", "sd = √mean"),
        source=_DISCRETE + ", ch. 4",
        pitfalls="The sd follows from the mean; counts in practice mostly vary more.",
        parameters={"mean": "expected number, 0 to 1e8"},
        python="Poisson(4)",
    ),
    "negative_binomial": Guide(
        says="A count that varies more than independent events do: a Poisson whose rate is gamma.",
        use="Claims, sales, infections: counts with an sd above √mean.",
        avoid="The sd is not above √mean: poisson or binomial.",
        formula=(
            "P(k) = Γ(k + size) / (k! Γ(size)) · p^size (1 − p)^k",
            "mean = size (1 − p)/p, sd = √(mean/p)",
        ),
        source="Greenwood & Yule (1920), Journal of the Royal Statistical Society 83(2), 255–279",
        pitfalls="It counts failures, from 0; other tools count trials. mean and sd are safest.",
        parameters={
            "size": "successes waited for, above 0; the smaller, the more it varies",
            "p": "chance of success, above 0, at most 1",
            "mean": "above 0",
            "sd": "above √mean",
        },
        python="NegativeBinomial.from_mean_sd(5, 4)",
    ),
    "geometric": Guide(
        says="Trials until the first success, that one included.",
        use="Attempts needed, each with the same chance.",
        avoid="Chances improve with practice, or time is continuous (exponential).",
        formula=("P(k) = p (1 − p)^(k − 1), k = 1, 2, …", "mean = 1/p, sd = √(1 − p)/p"),
        source=_DISCRETE + ", ch. 5",
        pitfalls="It starts at 1; some tools count the failures before, from 0.",
        parameters={"p": "chance of success, above 0, at most 1"},
        python="Geometric(0.2)",
    ),
    "integers": Guide(
        says="Each whole number from low to high, both included, is as likely.",
        use="A die, a day of a month, an arbitrary choice among numbered things.",
        avoid="Some are likelier: discrete.",
        formula=("P(k) = 1 / (high − low + 1)",),
        source=_DISCRETE + ", ch. 6",
        pitfalls="high is included, unlike in Python's range.",
        parameters={"low": "whole number", "high": "whole number, low or more"},
        python="Integers(1, 6)",
    ),
    "discrete": Guide(
        says="One of several listed values, each with its weight.",
        use="Design choices, price points, expert votes, sizes that exist.",
        avoid="Values between the listed ones are possible: piecewise, metalog.",
        formula=("P(valueᵢ) = weightᵢ / Σ weights",),
        source="Morgan & Henrion (1990), Uncertainty, ch. 5",
        pitfalls="Three points for a continuous quantity cut its tails off; rank correlations with "
        "few values are smaller than asked (check -v shows both).",
        parameters={
            "values": "possible values, in any order",
            "weights": "as many, 0 or more; divided by their sum",
        },
        python="Discrete((1, 2, 5), (2, 1, 1))",
    ),
}
