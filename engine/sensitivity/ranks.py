"""How sure a ranking is: the probability of every rank of every input.

The batches of the run give the joint spread of all bars. Bars are drawn again with that spread
(normal theory, seeded), ranked, and counted; neighbouring bars may well change places.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.result import FEWEST_FOR_ERRORS
from rangecast.engine.sensitivity.bars import ranked_row, reach_of
from rangecast.engine.sensitivity.conditional import pick

if TYPE_CHECKING:
    from rangecast.engine.result import Result

DRAWS = 4_000
_SEED = 20_250_102
_FIGURES = {
    "rank": "spearman",
    "regression": "src",
    "variance": "first_order",
    "pearson": "pearson",
    "partial": "pcc",
    "rank-regression": "srrc",
    "rank-partial": "prcc",
}


WITH_RANKS = ("conditional", *_FIGURES)
"""Methods whose ranks have probabilities."""


@dataclass(frozen=True)
class RankProbabilities:
    """The probability that each input takes each rank.

    Parameters
    ----------
    output, method : str
    inputs, labels : tuple of str
        In the order of the ranking; inputs that act through correlation only are left out.
    probabilities : ndarray of shape (inputs, ranks)
        Rows and columns sum to 1; rank 1 comes first.
    together : tuple of float
        Probability that the first k inputs are the first k, in any order, for k = 1, 2, …
    draws : int
    """

    output: str
    method: str
    inputs: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: Array
    together: tuple[float, ...]
    draws: int


def _bars(result: Result, output: str, method: str, statistic: str) -> tuple[Array, Array]:
    """Bar of every driver: of the whole run (drivers,), and of each batch (batches, drivers)."""
    r = ranked_row(result, output)
    if method == "conditional":
        name, index = pick(result, statistic)
        whole, each = result.ensemble.total[name][r], result.ensemble.batches[name][:, r]
        if index:
            whole, each = whole[..., index[0]], each[..., index[0]]
        whole, each = whole / 2, each / 2  # a difference could overflow; order is all that counts
        return whole[:, 1] - whole[:, 0], each[..., 1] - each[..., 0]
    if method not in _FIGURES:
        allowed = f"known: conditional, {', '.join(_FIGURES)}"
        message = "no probabilities of ranks"
        raise SettingsError(Problem("E700", "method", message, method, allowed))
    name = _FIGURES[method]
    return result.ensemble.total[name][r], result.ensemble.batches[name][:, r]


def rank_probabilities(
    result: Result, output: str, method: str = "conditional", statistic: str = "p50"
) -> RankProbabilities:
    """Find how sure the ranking of an output's inputs is.

    Parameters
    ----------
    result : Result
        With 320 scenarios or more.
    output : str
        One whose drivers were ranked.
    method : str
        ``conditional``, ``rank``, ``regression`` or ``variance``.
    statistic : str
        For ``conditional``.

    Raises
    ------
    SettingsError
    """
    if result.scenarios < FEWEST_FOR_ERRORS:
        allowed = f"{FEWEST_FOR_ERRORS} or more"
        message = "too few scenarios for probabilities of ranks"
        raise SettingsError(Problem("E700", "scenarios", message, str(result.scenarios), allowed))
    reach, names = reach_of(result, output), [d.name for d in result.setup.drivers]
    whole, each = _bars(result, output, method, statistic)
    used = [d for d, n in enumerate(names) if reach.get(n) == "direct" and np.isfinite(whole[d])]
    if not used:
        return RankProbabilities(output, method, (), (), np.zeros((0, 0)), (), DRAWS)
    whole, each = whole[used], np.where(np.isfinite(each[:, used]), each[:, used], whole[used])
    weight = np.sqrt(np.array(result.ensemble.weights) / (len(each) - 1))
    normal = np.random.default_rng(_SEED).standard_normal((DRAWS, len(each)))
    drawn = np.abs(whole + normal @ (weight[:, None] * (each - whole)))
    order = np.argsort(-np.abs(whole), kind="stable")
    places = np.argsort(np.argsort(-drawn[:, order], axis=1, kind="stable"), axis=1)
    k = len(order)
    counted = np.stack([np.bincount(places[:, i], minlength=k) for i in range(k)]) / DRAWS
    together = [float((places[:, : i + 1] <= i).all(axis=1).mean()) for i in range(k)]
    inputs = tuple(names[used[i]] for i in order)
    labels = tuple((result.model.paths.get(n) or result.model.inputs[n]).label for n in inputs)
    return RankProbabilities(output, method, inputs, labels, counted, tuple(together), DRAWS)
