"""Careful NumPy: whole arrays, every column ranked once, normal equations, one percentile call."""

import numpy as np
from reference import NAMES, PERCENTS, model, numpy_draws

NAME = "careful NumPy"
LINK = "https://numpy.org/doc/stable/reference/random/generator.html"
GIVES = "bands, Spearman, regression, S1"
LACKS = "intervals, conditional tornado; S1 biased low by equal tranches; memory grows"


def _ranks(values):
    ranks = np.empty(len(values))
    ranks[np.argsort(values)] = np.arange(len(values))
    return ranks


def run(n):
    """Everything a careful analyst would compute in one script."""
    x = numpy_draws(np.random.default_rng(42), n)
    y = model(*x)
    bands = [np.percentile(one, PERCENTS) for one in y]
    ranks_y = [_ranks(one) for one in y]
    s1, rho = [], []
    for column in x:
        rank = _ranks(column)
        rho.append([np.corrcoef(rank, other)[0, 1] for other in ranks_y])
        cell = (rank * (64 / n)).astype(np.intp)
        means = [np.bincount(cell, one, 64) / (n / 64) for one in y]
        s1.append(
            [((m - one.mean()) ** 2).mean() / one.var() for m, one in zip(means, y, strict=True)]
        )
    a = np.stack([*x, np.ones(n)])
    np.linalg.solve(a @ a.T + 1e-9 * np.eye(len(a)), a @ np.stack(y).T)
    place = NAMES.index("visits")
    return {"mean": y[0].mean(), "bands": bands[0], "s1": s1[place][0], "rho": rho[place][0]}
