"""Help on distributions on the whole line."""

from __future__ import annotations

from collections.abc import Mapping

from rangecast.distributions.guide.guide import Guide

_SCALE = "size, above 0"

GUIDES: Mapping[str, Guide] = {
    "normal": Guide(
        says="A bell around a mean: as likely above as below, extremes very unlikely.",
        use="Errors of measurement, sums of many small independent parts, changes.",
        avoid="The value cannot be negative and the sd is above a third of the mean: lognormal, "
        "gamma or min = 0. Large surprises happen: student_t.",
        formula=("Q(u) = mean + sd Φ⁻¹(u)", "P10 = mean − 1.28 sd, P90 = mean + 1.28 sd"),
        source="Johnson, Kotz & Balakrishnan (1994), Continuous Univariate Distributions 1, ch. 13",
        pitfalls="It has no bounds: counts and prices go below 0 (check warns, W358).",
        parameters={"mean": "also the median", "sd": "standard deviation, 0 or more"},
        python="Normal.from_percentiles({0.1: 10, 0.9: 30})",
    ),
    "logistic": Guide(
        says="A bell with tails a little heavier than the normal's.",
        use="As the normal, where a surprise of 4 sd should not be all but impossible.",
        avoid="Tails are truly heavy: student_t with few degrees of freedom.",
        formula=("Q(u) = loc + scale ln(u/(1 − u))", "sd = scale π/√3"),
        source="Balakrishnan (1992), Handbook of the Logistic Distribution",
        pitfalls="scale is not the standard deviation, which is 1.81 times as large.",
        parameters={"loc": "mean and median", "scale": _SCALE},
        python="Logistic.from_percentiles({0.1: 10, 0.9: 30})",
    ),
    "student_t": Guide(
        says="A bell with heavy tails: what n = df + 1 observations say of a mean.",
        use="An estimate from few data; returns and errors with outliers.",
        avoid="The value has bounds, or the mean of the output matters and df is 2 or less.",
        formula=(
            "Q(u) = loc + scale t⁻¹(u; df), t⁻¹ the quantile of the standard t",
            "sd = scale √(df/(df − 2))",
        ),
        source="Student (1908), The probable error of a mean, Biometrika 6(1), 1–25",
        pitfalls="scale is not the standard deviation: with df 3 that is 1.73 scale. mean and sd "
        "beside df avoid the confusion.",
        parameters={
            "df": "degrees of freedom, above 0; the mean exists above 1, the variance above 2",
            "loc": "centre; 0 unless given",
            "scale": _SCALE + "; 1 unless given",
            "mean": "in place of loc, for df above 2",
            "sd": "in place of scale, for df above 2",
        },
        python="StudentT(3, 20, 5)",
    ),
    "gumbel": Guide(
        says="The largest of many values with thin tails: the flood of a year, the peak of a day.",
        use="Maxima of blocks of normal-like values; a right-leaning value without lower bound.",
        avoid="The maxima have heavy tails or an end: gev has a shape for that.",
        formula=("Q(u) = loc − scale ln(−ln u)", "mean = loc + 0.577 scale, sd = 1.28 scale"),
        source="Gumbel (1958), Statistics of Extremes",
        pitfalls="The level of a T-year event is Q(1 − 1/T), not Q(T %).",
        parameters={"loc": "mode: likeliest value", "scale": _SCALE},
        python="GumbelMax(10, 2)",
    ),
    "gumbel_min": Guide(
        says="The smallest of many values with thin tails: the weakest link, the coldest day.",
        use="Minima of blocks; the logarithm of a weibull.",
        avoid="The value cannot be negative: weibull.",
        formula=(
            "Q(u) = loc + scale ln(−ln(1 − u))",
            "mean = loc − 0.577 scale, sd = 1.28 scale",
        ),
        source="Gumbel (1958), Statistics of Extremes",
        pitfalls="Tools differ in which of the two they call Gumbel: this one leans to the left.",
        parameters={"loc": "mode: likeliest value", "scale": _SCALE},
        python="GumbelMin(10, 2)",
    ),
    "gev": Guide(
        says="The largest of many values, with a tail as heavy as the data say.",
        use="Yearly maxima: floods, winds, claims. rangecast fit finds the shape from data.",
        avoid="Few maxima: the shape is then a guess, and gumbel says less wrong.",
        formula=("Q(u) = loc + scale ((−ln u)^(−shape) − 1)/shape",),
        source="Jenkinson (1955), Quarterly Journal of the Royal Meteorological Society "
        "81, 158–171; Coles (2001), Statistical Modeling of Extreme Values",
        pitfalls="scipy.stats.genextreme has the opposite sign, c = −shape. A shape of 1 or "
        "more has no mean (W359).",
        parameters={
            "loc": "near the mode",
            "scale": _SCALE,
            "shape": "ξ: above 0 a heavy right tail, 0 Gumbel's, below 0 an upper end",
        },
        python="GEV(10, 2, 0.2)",
    ),
    "johnson_su": Guide(
        says="Any skewness with tails heavier than normal, by stretching a normal with sinh.",
        use="Data or moments ask for skewness and heavy tails on the whole line.",
        avoid="You have percentiles only: metalog and jqpd need no shape.",
        formula=("Q(u) = loc + scale sinh((Φ⁻¹(u) − gamma)/delta)",),
        source="Johnson (1949), Systems of frequency curves generated by methods of translation, "
        "Biometrika 36, 149–176",
        pitfalls="A negative gamma leans to the right. loc and scale are neither mean nor sd.",
        parameters={
            "gamma": "lean: below 0 to the right",
            "delta": "above 0; the smaller, the heavier the tails",
            "loc": "place; 0 unless given",
            "scale": _SCALE + "; 1 unless given",
        },
        python="JohnsonSU(-1, 1.5)",
    ),
}
