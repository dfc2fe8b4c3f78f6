"""SALib: Sobol' design, SciPy quantile functions on whole columns, vectorised model."""

import numpy as np
from reference import NAMES, PERCENTS, model, scipy_laws

NAME = "SALib Sobol'"
LINK = "https://salib.readthedocs.io/en/latest/user_guide/basics.html"
GIVES = "bands, S1, ST, intervals of the indices"
LACKS = "Spearman, regression, conditional tornado, intervals of bands"


def run(n):
    """Use n model runs in all."""
    from SALib.analyze import sobol
    from SALib.sample import sobol as sampler

    problem = {"num_vars": len(NAMES), "names": list(NAMES), "bounds": [[0, 1]] * len(NAMES)}
    base = max(2, 1 << int(np.log2(n / (len(NAMES) + 2))))
    u = np.clip(sampler.sample(problem, base, calc_second_order=False), 1e-12, 1 - 1e-12)
    y = model(*(law.ppf(column) for law, column in zip(scipy_laws(), u.T, strict=True)))
    found = [sobol.analyze(problem, one, calc_second_order=False) for one in y]
    bands = np.percentile(y[0], PERCENTS)
    s1 = found[0]["S1"][NAMES.index("visits")]
    return {"runs": len(u), "mean": y[0].mean(), "bands": bands, "s1": s1, "continuous": True}
