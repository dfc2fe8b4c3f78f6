"""scipy.stats.sobol_indices with a vectorised model."""

import numpy as np
from reference import NAMES, model, scipy_laws

NAME = "SciPy sobol_indices"
LINK = "https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.sobol_indices.html"
GIVES = "S1, ST"
LACKS = "bands, Spearman, regression, conditional tornado, intervals without a bootstrap"


def run(n):
    """Use n model runs in all."""
    from scipy import stats

    base = 1 << int(np.log2(n / (len(NAMES) + 2)))
    found = stats.sobol_indices(
        func=lambda x: np.array(model(*x)),
        n=base,
        dists=scipy_laws(),
        rng=np.random.default_rng(1),
    )
    runs = base * (len(NAMES) + 2)
    s1 = found.first_order[0][NAMES.index("visits")]
    return {"runs": runs, "s1": s1, "continuous": True}
