"""monaco: one Python call per case, its documented route; there is no vectorised one."""

import numpy as np
from reference import NAMES, PERCENTS, model, scipy_laws

NAME = "monaco"
LINK = "https://monaco.readthedocs.io/en/latest/"
GIVES = "bands"
LACKS = "vectorised evaluation, regression, S1, conditional tornado"


def _arguments(law):
    """Split a frozen SciPy law into its family and keyword arguments."""
    shapes = [s.strip() for s in (law.dist.shapes or "").split(",") if s.strip()]
    names = [*shapes, "loc", "scale"]
    return {**dict(zip(names, law.args, strict=False)), **law.kwds}


def run(n):
    """Declare, run every case, take percentiles."""
    import monaco as mc

    def before(case):
        return tuple(case.invals[name].val for name in NAMES)

    def after(case, servers, market):
        case.addOutVal("servers", float(servers))
        case.addOutVal("market", float(market))

    sim = mc.Sim(
        name="reference",
        ndraws=n,
        fcns={"preprocess": before, "run": lambda *x: model(*x), "postprocess": after},
        firstcaseismedian=False,
        seed=1,
        singlethreaded=True,
        verbose=False,
        debug=False,
        savecasedata=False,
        savesimdata=False,
    )
    for name, law in zip(NAMES, scipy_laws(), strict=True):
        sim.addInVar(name, law.dist, _arguments(law))
    sim.runSim()
    values = np.array([float(v) for v in sim.outvars["servers"].nums])
    return {"mean": values.mean(), "bands": np.percentile(values, PERCENTS), "continuous": True}
