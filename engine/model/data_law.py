"""The law of an input whose values are observed: ``dist = "data"``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rangecast.distributions import (
    Affine,
    Discrete,
    Empirical,
    ParameterError,
    Rounded,
    Truncated,
    from_data,
    registry,
)
from rangecast.distributions.data.law import check_method, few
from rangecast.distributions.data.likelihood import fit_family, parameters_of
from rangecast.distributions.protocol import Distribution
from rangecast.engine.errors import Problem, RangecastError, did_you_mean, shown
from rangecast.engine.model import shape
from rangecast.engine.model.datafile import Column, column_of, confined, read_file, table_of
from rangecast.engine.model.document import Document
from rangecast.engine.model.positions import Path

KEYS = ("file", "column", "method", "family")


def _check_keys(document: Document, path: Path, given: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for key, value in given.items():
        if key not in KEYS:
            allowed = f"data takes {', '.join(KEYS)}"
            hint = did_you_mean(key, KEYS)
            problems.append(
                document.problem("E113", (*path, key), "unknown key", allowed=allowed, hint=hint)
            )
        elif not isinstance(value, str):
            problems.append(shape.wrong_kind(document, (*path, key), value, "text"))
    if "file" not in given:
        allowed = 'data lie in a file: file = "visits.csv"'
        problems.append(document.problem("E114", (*path, "file"), "missing", allowed=allowed))
    return problems


def _column(document: Document, given: Mapping[str, Any]) -> Column:
    """Read the column an input names; a file is read once for all inputs of a model."""
    name, column = given["file"], given.get("column", "")
    if name not in document.data_files:
        if document.folder is None:
            message = "a model without a folder of its own cannot name data files"
            hint = "save it as a file, or give folder= to loads"
            raise RangecastError(Problem("E310", "", message, hint=hint))
        document.data_files[name] = read_file(confined(document.folder, name), name)
    if (name, column) not in document.columns:
        table = table_of(document.data_files[name])
        document.columns[name, column] = column_of(table, column)
    return document.columns[name, column]


def _placed(document: Document, path: Path, file: str, problem: Problem) -> Problem:
    """Put what is wrong with a file where the model names it, and with a cell where it stands."""
    if problem.line:
        key = ".".join(str(p) for p in (*path, "file"))
        inside = f" {problem.key}:" if problem.key else ""
        return replace(problem, key=f"{key}:{inside}".rstrip(":"))
    parts = {k: getattr(problem, k) for k in ("got", "allowed", "hint")}
    message = f"{shown(file)}: {problem.message}"
    key = problem.key if problem.key in KEYS else "file"
    return document.problem(problem.code, (*path, key), message, **parts)


def _spread(document: Document, path: Path, law: Distribution, count: int) -> list[Problem]:
    """Warn of data that are too few, or all equal."""
    count = len(law.values) if isinstance(law, Empirical) else count
    if law.support[0] == law.support[1]:
        points = "1 data point" if count == 1 else f"{count:,} equal data points"
        return [document.problem("W350", path, f"the input is constant: {points}")]
    lacking = few(count)
    return [document.problem("W356", (*path, "file"), lacking)] if lacking else []


def law_of_data(
    document: Document, path: Path, given: Mapping[str, Any], changes: Mapping[str, Any]
) -> tuple[Distribution | None, list[Problem]]:
    """Make the law of an input with ``dist = "data"``.

    Parameters
    ----------
    document : Document
    path : tuple
        Of the input's table.
    given : mapping
        Its keys ``file``, ``column``, ``method``, ``family``.
    changes : mapping
        Its keys ``shift``, ``factor``, ``min``, ``max``.

    Returns
    -------
    law : Distribution or None
        None when there are errors.
    problems : list of Problem
        Of the model file, and of the data file by line.
    """
    problems = _check_keys(document, path, given)
    if problems:
        return None, problems
    method, family = given.get("method", "empirical"), given.get("family", "")
    try:
        check_method(method, family)
        values = _column(document, given).values
        law = registry.changed(from_data(values, method, family), changes)
    except RangecastError as refused:
        return None, [_placed(document, path, given["file"], p) for p in refused.problems]
    except ParameterError as wrong:
        key = wrong.parameter if wrong.parameter in {*KEYS, *registry.CHANGES} else "file"
        got, hint = wrong.got, wrong.hint
        return None, [document.problem(wrong.code, (*path, key), wrong.message, got=got, hint=hint)]
    problems += _spread(document, path, law, len(values))
    return law, problems


def describe(document: Document, given: Mapping[str, Any], law: Distribution) -> str:
    """Say where a law comes from, such as ``120 values of tokens.csv, column tokens, smoothed``.

    A fitted law is named with the parameters found.
    """
    column = _column(document, given)
    name = f", column {column.name}" if column.name else ""
    words = f"{len(column.values):,} values of {given['file']}{name}"
    method = given.get("method", "empirical")
    if method != "fitted":
        return f"{words}, {method}"
    whole = law
    while isinstance(whole, Truncated | Rounded | Affine):
        whole = whole.law
    if isinstance(whole, Discrete):  # a law of counts that was cut off: only its values are left
        whole = fit_family(given["family"], column.values)
    return f"{registry.describe(given['family'], parameters_of(whole))} fitted to {words}"
