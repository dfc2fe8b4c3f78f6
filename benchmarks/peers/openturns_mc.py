"""OpenTURNS: Monte Carlo sample, symbolic model, quantiles, Spearman and SRC."""

import numpy as np
from reference import NAMES, PERCENTS, TPUT, VISITS, pert_ab

NAME = "OpenTURNS MC"
LINK = "https://openturns.github.io/openturns/latest/usecases/use_case_ishigami.html"
GIVES = "bands, Spearman, regression"
LACKS = "S1, conditional tornado, intervals; memory grows"


def joint():
    """The inputs as OpenTURNS laws (n_train triangular)."""
    import openturns as ot

    def pert(low, mode, high):
        return ot.Beta(*pert_ab(low, mode, high), low, high)

    return ot.JointDistribution(
        [
            ot.Triangular(200, 355, 600),
            pert(0.5, 1, 3),
            ot.Triangular(5, 10, 20),
            ot.LogNormal(*VISITS),
            ot.Triangular(2, 5, 10),
            pert(1, 1.5, 3),
            ot.LogNormal(*TPUT),
            ot.Triangular(5, 10, 20),
            ot.Beta(2, 5, 0.3, 1),
            ot.Triangular(8e4, 1e5, 1.5e5),
            pert(0.6, 0.7, 0.8),
        ]
    )


def symbolic():
    """The model as OpenTURNS formulas."""
    import openturns as ot

    servers = "(gpu_years*12/months*n_train+visits*chats*peak/86400/(tput/1757)*n_apps)*opt/8"
    return ot.SymbolicFunction(list(NAMES), [servers, servers + "*8*card_price/accel_share"])


def run(n):
    """Sample, evaluate, and ask for what OpenTURNS has of the deliverables."""
    import openturns as ot

    x = joint().getSample(n)
    y = symbolic()(x)
    bands = [y.computeQuantilePerComponent(p / 100) for p in PERCENTS]
    for k in (0, 1):
        analysis = ot.CorrelationAnalysis(x, y.getMarginal(k))
        rho = analysis.computeSpearmanCorrelation()
        analysis.computeSRC()
    mean = y.computeMean()[0]
    return {
        "mean": mean,
        "bands": np.array(bands)[:, 0],
        "rho": rho[NAMES.index("visits")],
        "continuous": True,
    }
