"""The AI-server estimate a second time, sharing no code with the package: `python independent.py`.

Reads `data/assumptions.toml` (one view of it), draws with whole arrays from a Gaussian copula and
prints the percentiles of servers and market for both structures, with and without correlations.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, logit, ndtr, ndtri

Array = NDArray[np.float64]
Bands = dict[str, dict[float, tuple[float, float]]]

ASSUMPTIONS = Path(__file__).with_name("data") / "assumptions.toml"
LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
BATCHES = 50
VISITS_PER_PERSON = 3.0


@cache
def assumptions() -> dict[str, Any]:
    """Read the file of assumptions once."""
    with ASSUMPTIONS.open("rb") as file:
        return tomllib.load(file)


def quantile(law: dict[str, Any], z: Array) -> Array:
    """Values of a distribution at the standard normal scores `z`."""
    kind = law["kind"]
    if kind == "pert":
        low, mode, high = law["low"], law["mode"], law["high"]
        a = 1 + 4 * (mode - low) / (high - low)
        b = 1 + 4 * (high - mode) / (high - low)
        return np.asarray(low + (high - low) * betaincinv(a, b, ndtr(z)))
    scales = {
        "normal": (lambda x: x, lambda x: x),
        "lognormal": (np.log, np.exp),
        "logitnormal": (logit, expit),
    }
    there, back = scales[kind]
    p10, p90 = float(there(law["p10"])), float(there(law["p90"]))
    return np.asarray(back((p10 + p90) / 2 + (p90 - p10) / 2 * z / ndtri(0.9)))


def draws(correlated: bool, n: int, seed: int, view: str = "exante") -> dict[str, Array | float]:
    """Draw every assumption; constants stay numbers."""
    data = assumptions()
    rows = data["assumption"]
    fixed = {k: a[view]["value"] for k, a in rows.items() if a[view]["kind"] == "fixed"}
    copies = {k: a["same_as"] for k, a in rows.items() if "same_as" in a}
    unused = {"params_N", "train_tokens_D", "peak_flops", "mfu"}  # another structure
    names = [k for k in rows if k not in fixed and k not in copies and k not in unused]
    r = np.eye(len(names))
    for row in data["correlation"] if correlated else ():
        i, j = (names.index(name) for name in row["between"])
        r[i, j] = r[j, i] = 2 * math.sin(math.pi * row["rho"] / 6)
    z = np.linalg.cholesky(r) @ np.random.default_rng(seed).standard_normal((len(names), n))
    x: dict[str, Array | float] = dict(fixed)
    for name, scores in zip(names, z, strict=True):
        x[name] = quantile(rows[name][view], scores)
        if rows[name].get("integer"):
            x[name] = np.rint(x[name])
    x |= {name: x[root] for name, root in copies.items()}
    return x


def outputs(x: dict[str, Any], structure: str) -> dict[str, Array]:
    """Servers and market of every scenario."""
    delay = x["phase_in_years"] / 2
    efficiency = np.exp2(-12 * delay * x["efficiency_realised"] / x["efficiency_halving_months"])
    runs_at_once = x["companies"] * 12 / x["training_months"] * x["experiment_multiplier"]
    growth = x["frontier_growth_per_year"] ** delay
    training = runs_at_once * x["gpu_years_per_model"] * growth * efficiency

    wanted = x["visits_per_app_day"] * x["apps"]
    visits = np.minimum(wanted, VISITS_PER_PERSON * x["internet_users"])
    requests = visits * x["chats_per_visit"]
    if structure == "token":
        work, speed = requests * x["tokens_per_request"], x["tokens_per_card_s"]
    elif structure == "article":
        work, speed = requests, x["requests_per_card_s"]
    else:
        raise ValueError(f"structure must be 'article' or 'token', got {structure!r}")
    busy = 86_400 * speed * x["fleet_utilisation"]
    inference = work * x["peak_factor"] * efficiency / busy

    cards = training + inference - x["training_reuse"] * np.minimum(training, inference)
    return {
        "servers": cards / x["cards_per_server"],
        "market_cny": cards * x["card_price"] / x["accelerator_share"],
    }


def by_date(x: dict[str, Any], structure: str, years: float) -> dict[str, Array]:
    """Cards, market and tokens a day by so many years after the article, year by year.

    Purchases are even over the purchase period; growth and efficiency act at the mean date of a
    year's purchases, and within a year everything grows evenly.
    """
    wanted = x["visits_per_app_day"] * x["apps"]
    visits = np.minimum(wanted, VISITS_PER_PERSON * x["internet_users"])
    requests = visits * x["chats_per_visit"]
    tokens = requests * x["tokens_per_request"]
    if structure == "token":
        busy = tokens * x["peak_factor"] / (86_400 * x["tokens_per_card_s"])
    else:
        busy = requests * x["peak_factor"] / (86_400 * x["requests_per_card_s"])
    serving = busy / x["fleet_utilisation"]
    size = x["gpu_years_per_model"] * x["experiment_multiplier"] * 12 / x["training_months"]
    training = size * x["companies"]
    period = x["phase_in_years"]
    cards, reached = np.zeros_like(period), np.zeros_like(period)
    for year in range(math.ceil(years)):
        part = min(1.0, years - year)
        begin, end = np.minimum(year, period), np.minimum(year + 1, period)
        middle, share = (begin + end) / 2, (end - begin) / period
        saved = 0.5 ** (x["efficiency_realised"] * 12 * middle / x["efficiency_halving_months"])
        a = share * saved * training * x["frontier_growth_per_year"] ** middle
        b = share * saved * serving
        cards += part * (a + b - x["training_reuse"] * np.minimum(a, b))
        reached += part * share
    market = cards * x["card_price"] / x["accelerator_share"]
    return {"cards": cards, "market_cny": market, "tokens_day": tokens * reached}


def bands(
    structure: str,
    correlated: bool,
    n: int = 1_000_000,
    seed: int = 7,
    view: str = "exante",
) -> Bands:
    """Percentiles of servers and market, each with its standard error.

    Sectioning: the rows are cut into 50 equal batches, which are independent; the percentile of
    each batch varies sqrt(50) times as much as that of all rows. The standard error itself is
    known to about 10 %, and no density has to be estimated.
    """
    found: Bands = {}
    for name, y in outputs(draws(correlated, n, seed, view), structure).items():
        values = np.quantile(y, LEVELS, method="hazen")
        parts = [np.quantile(b, LEVELS, method="hazen") for b in np.array_split(y, BATCHES)]
        errors = np.std(parts, axis=0, ddof=1) / math.sqrt(BATCHES)
        found[name] = {
            level: (float(value), float(se))
            for level, value, se in zip(LEVELS, values, errors, strict=True)
        }
    return found


def main() -> None:
    """Print the four tables."""
    for structure in ("article", "token"):
        for correlated in (True, False):
            print(f"{structure} structure, {'correlated' if correlated else 'independent'}")
            for name, row in bands(structure, correlated).items():
                for level, (value, se) in row.items():
                    print(f"  {name:10s} P{100 * level:02.0f} {value:22,.1f} ± {se:,.1f}")


if __name__ == "__main__":
    main()
