"""Naive NumPy and SciPy: as careful, but spearmanr for every pair and lstsq on the columns."""

import numpy as np
from reference import NAMES, PERCENTS, model, numpy_draws

NAME = "naive NumPy"
LINK = "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.spearmanr.html"
GIVES = "bands, Spearman, regression, S1"
LACKS = "intervals, conditional tornado; memory grows"


def run(n):
    """What a good analyst writes without a thought of speed."""
    from scipy import stats

    x = numpy_draws(np.random.default_rng(42), n)
    y = model(*x)
    bands = [np.percentile(one, PERCENTS) for one in y]
    rho = [[stats.spearmanr(column, one).statistic for one in y] for column in x]
    a = np.column_stack([*x, np.ones(n)])
    for one in y:
        np.linalg.lstsq(a, one, rcond=None)
    s1 = []
    for column in x:
        edges = np.quantile(column, np.linspace(0, 1, 65)[1:-1])
        cell = np.searchsorted(edges, column)
        counts = np.maximum(np.bincount(cell, minlength=64), 1)
        means = [np.bincount(cell, one, 64) / counts for one in y]
        s1.append(
            [
                (counts * (m - one.mean()) ** 2).sum() / n / one.var()
                for m, one in zip(means, y, strict=True)
            ]
        )
    place = NAMES.index("visits")
    return {"mean": y[0].mean(), "bands": bands[0], "s1": s1[place][0], "rho": rho[place][0]}
