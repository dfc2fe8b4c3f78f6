"""The reference model as a plain NumPy function, and figures of it that are known exactly."""

from __future__ import annotations

from math import exp, log

NAMES = (
    "gpu_years",
    "months",
    "n_train",
    "visits",
    "chats",
    "peak",
    "tput",
    "n_apps",
    "opt",
    "card_price",
    "accel_share",
)
PERCENTS = (5, 10, 25, 50, 75, 90, 95)
MEAN, SD = 16300.44, 15017.87
"""Of servers, by the moments of products, with whole-numbered n_train."""
MEAN_CONTINUOUS = 16087.0
"""Of servers where a tool has no whole-numbered law and n_train is triangular(5, 10, 20)."""
S1 = {"visits": 0.4749, "tput": 0.0710, "chats": 0.0639}

_Z90 = 1.2815515655446004
VISITS = (log(5e7) + log(3e8)) / 2, (log(3e8) - log(5e7)) / (2 * _Z90)
TPUT = 7.471363088, 0.3


def model(gpu_years, months, n_train, visits, chats, peak, tput, n_apps, opt, card_price, share):
    """Servers and market of arrays (or numbers)."""
    train = gpu_years * 12 / months * n_train
    infer = visits * chats * peak / 86400 / (tput / 1757) * n_apps
    servers = (train + infer) * opt / 8
    return servers, servers * 8 * card_price / share


def pert_ab(low, mode, high):
    """Shape parameters of the beta law behind a PERT law."""
    return 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)


def scipy_laws():
    """Frozen SciPy laws in the order of NAMES, n_train continuous."""
    from scipy import stats

    def triangular(low, mode, high):
        return stats.triang((mode - low) / (high - low), low, high - low)

    def pert(low, mode, high):
        return stats.beta(*pert_ab(low, mode, high), low, high - low)

    return [
        triangular(200, 355, 600),
        pert(0.5, 1, 3),
        triangular(5, 10, 20),
        stats.lognorm(VISITS[1], scale=exp(VISITS[0])),
        triangular(2, 5, 10),
        pert(1, 1.5, 3),
        stats.lognorm(TPUT[1], scale=exp(TPUT[0])),
        triangular(5, 10, 20),
        stats.beta(2, 5, 0.3, 0.7),
        triangular(8e4, 1e5, 1.5e5),
        pert(0.6, 0.7, 0.8),
    ]


def numpy_draws(rng, n):
    """Draw every input with NumPy's own generators, in the order of NAMES."""

    def pert(low, mode, high):
        return low + (high - low) * rng.beta(*pert_ab(low, mode, high), n)

    return [
        rng.triangular(200, 355, 600, n),
        pert(0.5, 1, 3),
        rng.integers(5, 21, n).astype(float),
        rng.lognormal(*VISITS, n),
        rng.triangular(2, 5, 10, n),
        pert(1, 1.5, 3),
        rng.lognormal(*TPUT, n),
        rng.triangular(5, 10, 20, n),
        0.3 + 0.7 * rng.beta(2, 5, n),
        rng.triangular(8e4, 1e5, 1.5e5, n),
        pert(0.6, 0.7, 0.8),
    ]
