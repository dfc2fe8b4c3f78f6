"""probabilit: an expression of distributions, sampled as a whole."""

import numpy as np
from reference import PERCENTS, TPUT, VISITS, model, pert_ab

NAME = "probabilit"
LINK = "https://github.com/equinor/probabilit#readme"
GIVES = "bands"
LACKS = "intervals, any ranking"


def run(n):
    """Declare, sample, take percentiles."""
    from probabilit.modeling import Distribution

    def triangular(low, mode, high):
        return Distribution("triang", c=(mode - low) / (high - low), loc=low, scale=high - low)

    def pert(low, mode, high):
        a, b = pert_ab(low, mode, high)
        return Distribution("beta", a=a, b=b, loc=low, scale=high - low)

    servers, market = model(
        triangular(200, 355, 600),
        pert(0.5, 1, 3),
        triangular(5, 10, 20),
        Distribution("lognorm", s=VISITS[1], scale=np.exp(VISITS[0])),
        triangular(2, 5, 10),
        pert(1, 1.5, 3),
        Distribution("lognorm", s=TPUT[1], scale=np.exp(TPUT[0])),
        triangular(5, 10, 20),
        Distribution("beta", a=2, b=5, loc=0.3, scale=0.7),
        triangular(8e4, 1e5, 1.5e5),
        pert(0.6, 0.7, 0.8),
    )
    np.percentile(market.sample(n, random_state=1), PERCENTS)
    values = servers.samples_
    return {"mean": values.mean(), "bands": np.percentile(values, PERCENTS), "continuous": True}
