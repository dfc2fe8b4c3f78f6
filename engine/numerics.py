"""The numerics fingerprint: how this processor and these libraries round.

Results are equal bit for bit only where arithmetic is. The last bits of exp, pow or a matrix
product depend on the processor, the C library, NumPy, SciPy and BLAS, not on versions alone, so the
values of fixed arguments are hashed: equal fingerprints, equal bits.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array
from scipy import special


@functools.cache
def _grid() -> Array:
    """Arguments from 1e-9 to 40 with bits of every kind, made without any rounded function."""
    bits = np.arange(1, 1025, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    unit = ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return np.concatenate([unit, unit * 40.0, unit * 2.0**-30])


def _c_library() -> Iterable[NDArray[Any]]:
    functions: list[Callable[[float], float]]
    functions = [math.exp, math.log, math.sin, math.tan, math.atan, math.lgamma, math.erf]
    every = _grid().tolist()  # with and without FMA they differ at one argument in some hundreds
    yield np.array([f(x) for f in functions for x in every] + [x**1.7 for x in every])


def _numpy() -> Iterable[NDArray[Any]]:
    x = _grid()
    yield from (np.exp(x), np.log(x), np.log1p(x), np.expm1(x), np.sqrt(x), np.tanh(x))
    yield from (np.sin(x), np.arctan(x), np.power(x, 1.7), x / 3.0, np.exp(-x))


def _scipy() -> Iterable[NDArray[Any]]:
    u = _grid()[:1024]
    yield from (special.ndtri(u), special.ndtr(u), special.erf(u), special.gammaln(u + 1.0))
    yield from (special.betaincinv(2.3, 3.1, u[::4]), special.gammaincinv(2.5, u[::4]))
    yield from (special.stdtrit(4.0, u[::4]), special.log_ndtr(-40.0 * u))


def _blas() -> Iterable[NDArray[Any]]:
    square = _grid()[:1024].reshape(32, 32)
    product = square @ square.T
    yield product
    yield square[0] @ square
    yield np.linalg.cholesky(product + 32.0 * np.eye(32))
    yield np.linalg.solve(product + np.eye(32), square[1])


def _sums() -> Iterable[NDArray[Any]]:
    x = _grid() - 1.0
    yield np.array([x.sum(), x[:1000].sum(), (x * x).sum(), x.mean(), x.std()])
    yield x.reshape(3, 1024).sum(axis=0)
    yield np.bincount(np.arange(len(x)) % 7, weights=x)


def _draws() -> Iterable[NDArray[Any]]:
    bits = np.random.SFC64(12345)
    yield bits.random_raw(64)
    yield np.random.Generator(bits).random(64)
    yield np.random.Philox(key=12345).random_raw(64)


_GROUPS: Mapping[str, Callable[[], Iterable[NDArray[Any]]]] = {
    "C library": _c_library,
    "NumPy": _numpy,
    "SciPy": _scipy,
    "BLAS": _blas,
    "sums": _sums,
    "draws": _draws,
}


def by_group() -> dict[str, str]:
    """Give the fingerprint of each group of functions, to tell which one differs.

    Examples
    --------
    >>> sorted(by_group())
    ['BLAS', 'C library', 'NumPy', 'SciPy', 'draws', 'sums']
    """
    found = {}
    with np.errstate(all="ignore"):
        for name, values in _GROUPS.items():
            raw = b"".join(np.ascontiguousarray(v).tobytes() for v in values())
            found[name] = hashlib.blake2b(raw, digest_size=8).hexdigest()
    return found


def fingerprint() -> str:
    """Give one hash of all groups: equal where arithmetic is the same bit for bit.

    Examples
    --------
    >>> fingerprint() == fingerprint()
    True
    """
    return hashlib.blake2b("|".join(by_group().values()).encode(), digest_size=8).hexdigest()
