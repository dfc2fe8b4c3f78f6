"""What each way to rank or value inputs means, in plain words, and where it comes from."""

ABOUT = {
    "conditional": "The output's median (or another statistic) where the input is in its lowest "
    "and in its highest tenth, read from the scenarios themselves. In units of the output; with "
    "correlated inputs it includes what moves along. Change in output statistic, as in @RISK.",
    "swing": "One input moves from its P10 to its P90 (or --ends), all others stay at their "
    "medians. Exact, but blind to interactions and to correlation. Howard (1988), the classic "
    "tornado diagram.",
    "spider": "The swing at several points, drawn as curves that cross at the medians: shows "
    "effects that bend. Eschenbach (1992).",
    "rank": "How well the order of the input foretells the order of the output, from -1 to 1; "
    "blind to effects that turn. Spearman (1904).",
    "regression": "Change of the output, in its standard deviations, per standard deviation of "
    "the input with the others held (SRC). Means little where R² is small. Saltelli et al. (2008), "
    "section 1.2.",
    "rank-regression": "The same for ranks (SRRC): right for monotone effects, however bent. "
    "Iman and Conover (1979).",
    "pearson": "Linear correlation of input and output; ruled by extremes. Pearson (1895).",
    "partial": "Linear correlation left when what the other inputs explain is taken out of both "
    "(PCC). Near 1 in a linear model even for small inputs: it does not measure size. Saltelli et "
    "al. (2000), chapter 6.",
    "rank-partial": "The same for ranks (PRCC). Iman and Helton (1988).",
    "lmg": "The variance of ranks that a linear model explains, shared out fairly: the mean over "
    "all orders in which inputs may enter. Right for correlated inputs as far as R² reaches. "
    "Lindeman, Merenda and Gold (1980); Grömping (2007).",
    "variance": "First-order index S1: the share of the output's variance that goes if the input "
    "is known, from slices of the input and freed of sampling noise. Sobol' (1993); estimator: "
    "analysis of variance over tranches.",
    "delta": "Borgonovo's δ: half of the mean distance between the output's density and that with "
    "the input known; 0 for no effect, 1 at most; the same for the output's logarithm. Borgonovo "
    "(2007).",
    "pawn": "PAWN: largest gap between the distribution function of the output in a slice of the "
    "input and in all, median over ten slices. Pianosi and Wagener (2015, 2018).",
    "regional": "Which inputs lead to the output's highest twentieth: distance between their "
    "distribution there and elsewhere, signed. Hornberger and Spear (1981).",
    "sobol": "Indices by pick-freeze: S1, what an input explains alone; ST, with all its "
    "interactions; S2 of pairs. Needs independent inputs, so correlated ones are one factor. "
    "Saltelli et al. (2010); Jansen (1999); Janon et al. (2014). Also a design: 32 scrambled "
    "Sobol' sequences, one per batch; needs 32·2^k scenarios.",
    "shapley": "Every input's fair share of the variance, correlated or not: the mean, over the "
    "orders in which inputs may become known, of what knowing it takes away. Its own part is what "
    "only it can tell; the rest acts through correlation. Owen (2014); Song, Nelson and Staum "
    "(2016).",
    "morris": "Elementary effects: what the output changes by when one input moves, at random "
    "places. μ* ranks, σ shows bends and interactions; few runs, so for models with many inputs. "
    "Morris (1991); Campolongo, Cariboni and Saltelli (2007).",
    "stress": "The bands of the output among the scenarios with an input in a part of its range; "
    "what is correlated with it moves along.",
    "evpi": "Expected value of perfect information: what knowing everything before deciding is "
    "worth. Raiffa and Schlaifer (1961).",
    "evppi": "The same for one input: what knowing it exactly before deciding is worth. Strong, "
    "Oakley and Brennan (2014); cross-fitted here.",
    "waterfall": "From the point estimate to the median and the mean, step by step: base values "
    "that are no medians, non-linearity, correlation, skew.",
}
