"""Help on distributions between two bounds."""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions.guide.guide import Guide

_LOW = "hard lower bound"
_HIGH = "hard upper bound"

GUIDES: Mapping[str, Guide] = {
    "uniform": Guide(
        says="Anything between two bounds is equally likely; nothing lies outside.",
        use="The bounds are real (a phase, a rounding error, a share nobody knows anything of).",
        avoid="You have a best guess: it claims the middle is no likelier than the ends. For a "
        "factor of ten or more between the bounds take log_uniform.",
        formula=("Q(u) = low + u (high − low)", "sd = (high − low) / √12"),
        source="Johnson, Kotz & Balakrishnan (1995), Continuous Univariate Distributions 2, ch. 26",
        pitfalls="Experts' lowest and highest values are rarely bounds: give them as p05 and p95.",
        parameters={"low": _LOW, "high": _HIGH + ", above low"},
        python="Uniform(10, 40)",
    ),
    "triangular": Guide(
        says="A lowest, a likeliest and a highest value, joined by straight lines.",
        use="A quick three-point estimate whose ends are hard bounds.",
        avoid="The ends are percentiles (give p10 and p90 beside mode, or take jqpd), or the range "
        "is skewed by a large factor: the long side gets too much weight.",
        formula=(
            "Q(u) = low + √(u (high − low)(mode − low)), up to the mode",
            "mean = (low + mode + high) / 3",
        ),
        source="Johnson (1997), The triangular distribution as a proxy for the beta distribution, "
        "The Statistician 46(3), 387–398",
        pitfalls="mode is not the median: with 0, 1, 10 the median is 3.3 and the mean 3.7. "
        "Of p10, p50 and p90 all three are met, and the bounds follow.",
        parameters={"low": _LOW, "mode": "likeliest value, low to high", "high": _HIGH},
        python="Triangular(10, 15, 40)",
    ),
    "trapezoidal": Guide(
        says="A range of equally likely values in the middle, sloping to hard bounds.",
        use="Experts agree on a likely range and on bounds, but on no single best value.",
        avoid="The slopes matter for the tails: they are straight, so tails are short.",
        formula=(
            "density: up from low to mode_low, level to mode_high, down to high",
            "height = 2 / (high + mode_high − mode_low − low)",
        ),
        source="van Dorp & Kotz (2003), Generalized trapezoidal distributions, Metrika "
        "58(1), 85–97",
        pitfalls="Most mass lies on the level part: widen it only if all of it is really "
        "as likely.",
        parameters={
            "low": _LOW,
            "mode_low": "where the level part begins, low or more",
            "mode_high": "where it ends, mode_low or more",
            "high": _HIGH + ", mode_high or more",
        },
        python="Trapezoidal(10, 15, 25, 40)",
    ),
    "pert": Guide(
        says="A smooth lowest–likeliest–highest estimate: a beta whose mean leans on the mode.",
        use="Three-point estimates of durations and costs, where triangular puts too much on the "
        "ends.",
        avoid="The ends are percentiles: give p10, p50 and p90 (all met), or take jqpd.",
        formula=(
            "beta: a = 1 + weight (mode − low)/(high − low)",
            "      b = 1 + weight (high − mode)/(high − low)",
            "mean = (low + weight mode + high) / (weight + 2)",
        ),
        source="Malcolm, Roseboom, Clark & Fazar (1959), Operations Research 7(5), "
        "646–669; weight: Vose (2008), Risk Analysis",
        pitfalls="With the customary weight 4 it hardly ever comes near its bounds: 0, 1, 10 "
        "has P95 5.4. If the highest value should be reached sometimes, give it as p95.",
        parameters={
            "low": _LOW,
            "mode": "likeliest value, low to high",
            "high": _HIGH,
            "weight": "weight of the mode, above 0; 4 by custom, more is narrower",
        },
        python="PERT(10, 15, 40)",
    ),
    "beta": Guide(
        says="A share between two bounds, with any of many shapes: a bell, a J, a U.",
        use="A share learnt from a successes and b failures (each plus 1), or one with known mean "
        "and sd.",
        avoid="The share is uncertain by odds (1 % or 10 %): take logit_normal. Three percentiles: "
        "take jqpd with low and high.",
        formula=(
            "F(x) = I(z; a, b), the regularised incomplete beta function",
            "z = (x − low)/(high − low)",
            "mean = low + (high − low) a/(a + b)",
        ),
        source="Johnson, Kotz & Balakrishnan (1995), Continuous Univariate Distributions 2, ch. 25",
        pitfalls="a or b below 1 puts a peak at a bound: rarely what is meant.",
        parameters={
            "a": "shape at the high side, above 0",
            "b": "shape at the low side, above 0",
            "mean": "between low and high, in place of a and b",
            "sd": "standard deviation, above 0, less than the mean allows",
            "low": _LOW + "; 0 unless given",
            "high": _HIGH + "; 1 unless given",
        },
        python="Beta(2, 5)",
    ),
    "logit_normal": Guide(
        says="A share whose log-odds are normal: uncertain by odds, never 0 or 1.",
        use="A share, a yield or a market share known by two percentiles, near 0 or 1 as well.",
        avoid="0 or 1 can happen (take zero_inflated or a mixture), or the share has other bounds.",
        formula=("Q(u) = 1 / (1 + exp(−mu − sigma Φ⁻¹(u)))", "median = 1 / (1 + exp(−mu))"),
        source="Aitchison & Shen (1980), Logistic-normal distributions, Biometrika 67(2), 261–272",
        pitfalls="A sigma above 1.5 or so gives two peaks, at 0 and at 1.",
        parameters={
            "mu": "mean of log(x / (1 − x))",
            "sigma": "standard deviation of it, 0 or more",
        },
        python="LogitNormal.from_percentiles({0.1: 0.3, 0.9: 0.8})",
    ),
}
