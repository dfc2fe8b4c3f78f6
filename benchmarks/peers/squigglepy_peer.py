"""squigglepy: one sample per input, vectorised model, percentiles."""

import numpy as np
from reference import PERCENTS, TPUT, VISITS, model

NAME = "squigglepy"
LINK = "https://github.com/rethinkpriorities/squigglepy#readme"
GIVES = "bands"
LACKS = "intervals, any ranking"


def run(n):
    """Sample, evaluate, take percentiles."""
    import squigglepy as sq

    sq.set_seed(1)
    laws = [
        sq.triangular(200, 355, 600),
        sq.pert(0.5, 1, 3),
        sq.triangular(5, 10, 20),
        sq.lognorm(norm_mean=VISITS[0], norm_sd=VISITS[1]),
        sq.triangular(2, 5, 10),
        sq.pert(1, 1.5, 3),
        sq.lognorm(norm_mean=TPUT[0], norm_sd=TPUT[1]),
        sq.triangular(5, 10, 20),
        sq.beta(2, 5),
        sq.triangular(8e4, 1e5, 1.5e5),
        sq.pert(0.6, 0.7, 0.8),
    ]
    x = [np.asarray(sq.sample(law, n)) for law in laws]
    x[8] = 0.3 + 0.7 * x[8]
    y = model(*x)
    found = [sq.get_percentiles(one, percentiles=list(PERCENTS)) for one in y]
    bands = [found[0][p] for p in PERCENTS]
    return {"mean": y[0].mean(), "bands": bands, "continuous": True}
