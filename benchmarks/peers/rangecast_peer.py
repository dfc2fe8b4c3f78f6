"""Rangecast: one run, then bands, moments and all tornados of both outputs with intervals."""

from pathlib import Path

NAME = "Rangecast"
LINK = "README.md"
GIVES = "bands, Spearman, regression, S1, conditional tornado, intervals of all"
LACKS = "total-order indices"
MODEL = Path(__file__).resolve().parents[1] / "reference_model.toml"


def prepare():
    """Read the model, as the others have theirs in their source."""
    import threadpoolctl  # noqa: F401  imports belong to start-up, as those of the others
    from rangecast.engine import sensitivity, simulate  # noqa: F401

    import rangecast as rc

    return rc.load(str(MODEL))


def run(n, model=None, workers=1, backend="auto"):
    """Simulate and read every deliverable."""
    from rangecast.engine.sensitivity import tornado

    import rangecast as rc

    result = rc.simulate(model, scenarios=n, seed=1, workers=workers, backend=backend)
    levels = result.setup.plan.percentiles
    bands = {name: [result.band(name, p) for p in levels] for name in result.rows}
    bars = {
        (name, method): tornado(result, name, method)
        for name in result.rows
        for method in ("conditional", "rank", "regression", "variance")
    }
    moments = result.moments_of("servers")
    visits = next(b for b in bars["servers", "variance"] if b.input == "visits")
    return {
        "mean": moments.mean,
        "bands": [band.value for band in bands["servers"]],
        "s1": visits.swing,
        "digest": result.digest,
    }
