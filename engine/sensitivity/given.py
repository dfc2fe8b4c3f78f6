"""Measures of a table of inputs and outputs that comes from elsewhere: nothing is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from rangecast.distributions.protocol import Array
from rangecast.engine.errors import Problem, SettingsError
from rangecast.engine.figures import linear
from scipy import stats

if TYPE_CHECKING:
    import pandas as pd


def _standardised(columns: Array) -> Array:
    """Columns with mean 0 and standard deviation 1; constant ones stay at 0."""
    apart = columns - columns.mean(axis=1, keepdims=True)
    sd = np.sqrt((apart * apart).mean(axis=1, keepdims=True))
    found: Array = np.divide(apart, sd, out=np.zeros_like(apart), where=sd > 0)
    return found


def _fitted(x: Array, y: Array) -> dict[str, Array]:
    columns = np.vstack([np.ones((1, x.shape[1])), _standardised(x)])
    z = _standardised(y[None])[0]
    gram, cross = columns @ columns.T, columns[1:] @ z
    found = linear(gram[None], cross[None], z.sum()[None], (z @ z)[None], range(len(x)))
    return {name: values[0] for name, values in found.items()}


def measures(inputs: Mapping[str, ArrayLike], output: ArrayLike) -> pd.DataFrame:
    """Correlations and regression coefficients of given data.

    Parameters
    ----------
    inputs : mapping of str to array of shape (n,)
        Or a DataFrame.
    output : array of shape (n,)

    Returns
    -------
    DataFrame
        One row per input: pearson, spearman, kendall, SRC, PCC, SRRC, PRCC, R2, R2_of_ranks and
        n_used. Rows with a value that is not finite are left out, of all measures alike; `n_used`
        says how many remain. Ties share their mean rank.

    Raises
    ------
    SettingsError
        For arrays of different lengths, or fewer rows than inputs and two.

    Examples
    --------
    >>> x = {"a": [1, 2, 3, 4, 5, 6], "b": [2, 1, 4, 3, 6, 5]}
    >>> found = measures(x, [3, 3, 7, 7, 11, 11])
    >>> float(found.loc["a", "R2"].round(6))
    1.0
    """
    import pandas as pd

    names = list(inputs)
    columns = [np.asarray(inputs[name], dtype=float).ravel() for name in names]
    y = np.asarray(output, dtype=float).ravel()
    if not names or any(len(column) != len(y) for column in columns):
        got = ", ".join(f"{n} {len(c)}" for n, c in zip(names, columns, strict=True)) or "none"
        allowed = f"as many values as the output, {len(y)}"
        raise SettingsError(Problem("E700", "inputs", "columns of another length", got, allowed))
    table = np.vstack([*columns, y])
    kept = table[:, np.isfinite(table).all(axis=0)]
    if kept.shape[1] < len(names) + 2:
        got, allowed = f"{kept.shape[1]} finite rows", f"at least {len(names) + 2}"
        raise SettingsError(Problem("E700", "output", "too few rows", got, allowed))
    x, y = kept[:-1], kept[-1]
    values = _fitted(x, y)
    ranks = _fitted(stats.rankdata(x, axis=1), stats.rankdata(y))
    kendall = [float(stats.kendalltau(column, y).statistic) for column in x]
    return pd.DataFrame(
        {
            "pearson": values["pearson"],
            "spearman": ranks["pearson"],
            "kendall": kendall,
            "SRC": values["src"],
            "PCC": values["pcc"],
            "SRRC": ranks["src"],
            "PRCC": ranks["pcc"],
            "R2": float(values["r2"]),
            "R2_of_ranks": float(ranks["r2"]),
            "n_used": kept.shape[1],
        },
        index=pd.Index(names, name="input"),
    )
