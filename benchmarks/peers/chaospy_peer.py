"""chaospy: joint sample, vectorised model, percentiles."""

import numpy as np
from reference import PERCENTS, TPUT, VISITS, model, pert_ab

NAME = "chaospy"
LINK = "https://chaospy.readthedocs.io/en/master/user_guide/fundamentals/quasi_random_samples.html"
GIVES = "bands"
LACKS = "intervals, any ranking from the sample"


def run(n):
    """Sample, evaluate, take percentiles."""
    import chaospy as cp

    def pert(low, mode, high):
        return cp.Beta(*pert_ab(low, mode, high), low, high)

    joint = cp.J(
        cp.Triangle(200, 355, 600),
        pert(0.5, 1, 3),
        cp.Triangle(5, 10, 20),
        cp.LogNormal(*VISITS),
        cp.Triangle(2, 5, 10),
        pert(1, 1.5, 3),
        cp.LogNormal(*TPUT),
        cp.Triangle(5, 10, 20),
        cp.Beta(2, 5, 0.3, 1),
        cp.Triangle(8e4, 1e5, 1.5e5),
        pert(0.6, 0.7, 0.8),
    )
    y = model(*joint.sample(n, rule="random", seed=1))
    bands = [np.percentile(one, PERCENTS) for one in y]
    return {"mean": y[0].mean(), "bands": bands[0], "continuous": True}
