"""OpenTURNS: Sobol' indices by Saltelli's estimator with asymptotic intervals."""

from reference import NAMES

from peers.openturns_mc import joint, symbolic

NAME = "OpenTURNS Sobol'"
LINK = "https://openturns.github.io/openturns/latest/auto_reliability_sensitivity/index.html"
GIVES = "S1, ST, their intervals"
LACKS = "bands, Spearman, regression, conditional tornado; memory grows"


def run(n):
    """Use n model runs in all."""
    import openturns as ot

    base = n // (len(NAMES) + 2)
    x = ot.SobolIndicesExperiment(joint(), base, False).generate()
    y = symbolic()(x)
    algorithm = ot.SaltelliSensitivityAlgorithm(x, y, base)
    algorithm.setUseAsymptoticDistribution(True)
    s1 = [algorithm.getFirstOrderIndices(k) for k in (0, 1)]
    algorithm.getFirstOrderIndicesInterval()
    return {"runs": x.getSize(), "s1": s1[0][NAMES.index("visits")], "continuous": True}
