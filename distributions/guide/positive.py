"""Help on distributions of positive values."""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions.guide.guide import Guide

GUIDES: Mapping[str, Guide] = {
    "lognormal": Guide(
        says="A value uncertain by factors: half the median is as likely undershot as twice the "
        "median is overshot. Products of many factors tend to it.",
        use="Sizes, prices, rates and demands that are positive and skewed; two percentiles.",
        avoid="Values near 0 are likely or 0 is possible (zero_inflated), or there is an upper "
        "bound (jqpd with high).",
        formula=(
            "Q(u) = low + exp(mu + sigma Φ⁻¹(u))",
            "mean = low + exp(mu + sigma²/2), median = low + exp(mu)",
        ),
        source="Limpert, Stahel & Abbt (2001), Log-normal distributions across the sciences, "
        "BioScience 51(5), 341–352",
        pitfalls="mean and sd are of the value, mu and sigma of its logarithm. The mean lies above "
        "the median, and far above it where P90/P10 exceeds 50 or so.",
        parameters={
            "mean": "of the value, above low",
            "sd": "of the value, 0 or more",
            "mu": "mean of the natural logarithm of x − low",
            "sigma": "standard deviation of it, 0 or more",
            "low": "bound that nothing falls below; 0 unless given",
        },
        python="Lognormal.from_percentiles({0.1: 10, 0.9: 60})",
    ),
    "shifted_lognormal": Guide(
        says="A lognormal that starts at another bound than 0, perhaps a negative one.",
        use="Three percentiles that lean to the right and no known bound: the bound follows.",
        avoid="The percentiles lean to the left (refused), or a bound is known: give low of a "
        "lognormal, or take jqpd.",
        formula=(
            "Q(u) = low + exp(mu + sigma Φ⁻¹(u))",
            "low = (p10 p90 − p50²) / (p10 + p90 − 2 p50)",
        ),
        source="Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, ch. 14",
        pitfalls="Nearly symmetric percentiles put the bound far away: look at check -v.",
        parameters={
            "mean": "of the value, above low",
            "sd": "of the value, 0 or more",
            "mu": "mean of the natural logarithm of x − low",
            "sigma": "standard deviation of it, 0 or more",
            "low": "bound that nothing falls below, any number",
        },
        python="Lognormal.through({0.1: 10, 0.5: 20, 0.9: 60})",
    ),
    "log_uniform": Guide(
        says="Every order of magnitude between the bounds is as likely as another.",
        use="Nothing is known but bounds that lie factors apart.",
        avoid="There is a best guess: take lognormal through two percentiles.",
        formula=("Q(u) = low (high/low)^u", "median = √(low high)"),
        source="Hamming (1970), On the distribution of numbers, Bell System Technical Journal 49, "
        "1609–1625",
        pitfalls="The mean lies far above the median √(low high): 1 to 100 has 21.5 and 10.",
        parameters={"low": "hard lower bound, above 0", "high": "hard upper bound, above low"},
        python="LogUniform(1, 100)",
    ),
    "log_logistic": Guide(
        says="A value whose logarithm is logistic: like the lognormal with a heavier tail.",
        use="Uncertain by factors, and large surprises are likelier than a lognormal admits.",
        avoid="Means matter and the percentiles lie far apart: the tail is a power, and "
        "below shape 1 there is no mean.",
        formula=("Q(u) = scale (u/(1 − u))^(1/shape)",),
        source="Fisk (1961), The graduation of income distributions, Econometrica 29(2), 171–185",
        pitfalls="P90/P10 above 81 gives a shape below 1: no finite mean (W359).",
        parameters={
            "scale": "median, above 0",
            "shape": "above 0; the mean exists above 1, the variance above 2",
        },
        python="LogLogistic.from_percentiles({0.1: 10, 0.9: 60})",
    ),
    "exponential": Guide(
        says="A waiting time without memory: what has passed says nothing of what is left.",
        use="Time between independent events of a constant rate (failures, arrivals).",
        avoid="Things age or are under repair (weibull), or the rate itself is uncertain.",
        formula=("Q(u) = −mean ln(1 − u)", "sd = mean"),
        source="Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, ch. 19",
        pitfalls="One number sets everything: the sd equals the mean, the median is 0.69 of it.",
        parameters={"mean": "above 0", "rate": "1 / mean, above 0"},
        python="Exponential(2)",
    ),
    "gamma": Guide(
        says="A positive value with a moderate right tail; a sum of exponential waiting times.",
        use="Amounts and totals: rain, losses of many claims, a rate estimated from counts.",
        avoid="Uncertainty by factors: take lognormal, whose lower side does not crowd at 0.",
        formula=(
            "F(x) = P(shape, x/scale), P the regularised lower incomplete gamma",
            "mean = shape scale, sd = √shape scale",
        ),
        source="Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, ch. 17",
        pitfalls="An sd above the mean (shape below 1) puts the peak at 0.",
        parameters={
            "shape": "above 0",
            "scale": "above 0; not the rate, which is 1 / scale",
            "mean": "above 0",
            "sd": "above 0",
        },
        python="Gamma(2.5, 3)",
    ),
    "inverse_gaussian": Guide(
        says="The time until something that drifts with noise reaches a mark.",
        use="Completion and failure times of steady but noisy progress.",
        avoid="Nothing drifts: lognormal looks alike and is known to everyone.",
        formula=(
            "F(x) = Φ(√(s/x)(x/m − 1)) + e^(2s/m) Φ(−√(s/x)(x/m + 1))",
            "m mean, s shape; sd = √(m³/s)",
        ),
        source="Folks & Chhikara (1978), The inverse Gaussian distribution, Journal of the Royal "
        "Statistical Society B 40(3), 263–289",
        pitfalls="shape is λ, in the unit of the value; other tools divide by it first.",
        parameters={"mean": "above 0", "shape": "λ, above 0", "sd": "above 0, in place of shape"},
        python="InverseGaussian.from_mean_sd(2, 1)",
    ),
    "weibull": Guide(
        says="A lifetime whose failure rate rises (shape above 1) or falls (below 1) with age.",
        use="Lifetimes, wind speeds, the strength of materials.",
        avoid="It is not a lifetime, and the left tail matters: it is heavier than a lognormal's.",
        formula=("Q(u) = scale (−ln(1 − u))^(1/shape)", "mean = scale Γ(1 + 1/shape)"),
        source="Weibull (1951), A statistical distribution function of wide applicability, Journal "
        "of Applied Mechanics 18, 293–297",
        pitfalls="scale is P63, neither the mean nor the median.",
        parameters={"shape": "above 0", "scale": "above 0: 63.2 % lies below it"},
        python="Weibull.from_percentiles({0.1: 500, 0.9: 3000})",
    ),
    "pareto": Guide(
        says="A least value and a power-law tail: each doubling of x cuts the chance of more "
        "by the same factor.",
        use="Sizes of losses, cities, files above a threshold.",
        avoid="There is no sharp least value, or no data of the tail to set its shape.",
        formula=("Q(u) = scale (1 − u)^(−1/shape)", "mean = scale shape/(shape − 1)"),
        source="Newman (2005), Power laws, Pareto distributions and Zipf's law, "
        "Contemporary Physics 46(5), 323–351",
        pitfalls="shape 1 or less has no mean (W359), 2 or less no standard deviation (W360): "
        "a max that physics or the market sets mends both.",
        parameters={
            "shape": "above 0; the smaller, the heavier the tail",
            "scale": "least value, above 0",
        },
        python="Pareto(2.5, 10)",
    ),
}
