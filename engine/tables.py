"""Inverse distribution functions as tables, fine in both tails.

A point u is kept as its signed distance w from the nearer end of (0, 1): w = u below one half and
u − 1 above. The upper 16 bits of w as a 32-bit float (sign, exponent, 7 bits of mantissa) number
its *slot*: 128 slots per octave of the tail probability, in both tails, with no comparison and no
clipping. Inside a slot the quantile function is a straight line, placed so that the mean over the
slot is exact; uniform tables give right percentiles but wrong standard deviations.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray
from rangecast.distributions.protocol import Array, Distribution
from scipy import special

SLOTS = 65_536
SLOTS_PER_OCTAVE = 128
OCTAVES = 48  # tabulated below one half; further out the last value holds
NODES_PER_OCTAVE = 16  # exact evaluations; the rest by interpolation in log2 of the probability
FINE_OCTAVES = 8  # further out, where quantile functions are smooth:
DEEP_NODES = 2
STEEP_NODES = 16  # of power laws, whose tails are exponentials of log p

_FIRST_SLOT = (126 - OCTAVES) * SLOTS_PER_OCTAVE  # slot of 2**-(OCTAVES + 1)
_USED = slice(_FIRST_SLOT, _FIRST_SLOT + SLOTS_PER_OCTAVE * OCTAVES)

Slots = NDArray[np.intp]


def locate(w: Array, single: NDArray[np.float32], out: Slots) -> None:
    """Number the slot of each signed tail distance `w`; `single` is scratch of the same shape."""
    np.copyto(single, w, casting="unsafe")
    bits = single.view(np.uint32)
    np.right_shift(bits, 16, out=bits)
    np.copyto(out, bits)


def _slot_ends() -> Array:
    """Tail probabilities at the ends and the middles of the tabulated slots."""
    half_steps = np.arange(2 * SLOTS_PER_OCTAVE * OCTAVES + 1)
    octave, part = np.divmod(half_steps, 2 * SLOTS_PER_OCTAVE)
    ends: Array = 2.0 ** (octave - (1.0 + OCTAVES)) * (1 + part / (2 * SLOTS_PER_OCTAVE))
    return ends


_Grid = tuple[Array, NDArray[np.intp], Array]


@functools.lru_cache(maxsize=2)
def _interpolation(deep_nodes: int) -> _Grid:
    """Nodes in log2 p, and for each slot end the node before it with four Lagrange weights.

    Deep in the tails most quantile functions are smooth in log p: fewer nodes serve there.
    """
    wanted, turn = np.log2(_ENDS), -1.0 - FINE_OCTAVES
    fine = np.arange(turn * NODES_PER_OCTAVE - 2, -NODES_PER_OCTAVE + 3) / NODES_PER_OCTAVE
    deep = np.arange((-1 - OCTAVES) * deep_nodes - 2, turn * deep_nodes + 3) / deep_nodes
    is_fine = wanted >= turn
    position = np.where(
        is_fine, (wanted - fine[0]) * NODES_PER_OCTAVE, (wanted - deep[0]) * deep_nodes
    )
    most = np.where(is_fine, len(fine), len(deep)) - 3
    before = np.clip(position.astype(np.intp), 1, most)
    s = position - before
    weights = np.stack(
        [
            -s * (s - 1) * (s - 2) / 6,
            (s + 1) * (s - 1) * (s - 2) / 2,
            -(s + 1) * s * (s - 2) / 2,
            (s + 1) * s * (s - 1) / 6,
        ]
    )
    nodes: Array = 2.0 ** np.concatenate([deep, fine])
    return nodes, before + np.where(is_fine, len(deep), 0), weights


_ENDS = _slot_ends()
_TRIED = np.array([9.25, 17.25, 33.25])
"""Octaves at which the coarse nodes are tried: midway between two."""
_STEEP = 1e-6
"""Relative error there from which a law takes more nodes."""


def _is_steep(law: Distribution, upper: bool) -> bool:
    """Whether cubics through two nodes an octave do not follow a tail."""
    p = 2.0 ** (-_TRIED[:, None] + np.array([-0.75, -0.25, 0.0, 0.25, 0.75]))
    q = law.upper_quantile(p) if upper else law.quantile(p)
    cubic = (9 * (q[:, 1] + q[:, 3]) - q[:, 0] - q[:, 4]) / 16
    size = np.maximum(np.abs(q[:, 2]), np.abs(q[:, 4] - q[:, 0]))
    return bool((np.abs(cubic - q[:, 2]) > _STEEP * size).any())


def _tail_values(law: Distribution, upper: bool) -> Array:
    """Quantiles at the slot ends and middles of one tail."""
    nodes, before, weights = _interpolation(STEEP_NODES if _is_steep(law, upper) else DEEP_NODES)
    p = np.minimum(nodes, 0.75)
    exact = law.upper_quantile(p) if upper else law.quantile(p)
    steps = zip(weights, (-1, 0, 1, 2), strict=True)
    values: Array = sum((w * exact[before + k] for w, k in steps), np.zeros(len(_ENDS)))
    beside = exact[before], exact[before + 1]  # a cubic overshoots where a law is steep
    return np.clip(values, np.minimum(*beside), np.maximum(*beside))


_ROUGH_NODES = 16  # per octave to begin with, where quantile functions have jumps or corners
_ROUGH_OCTAVES = 12
_NARROWEST = 2.0**-42  # probability between two nodes at a jump; no run sees that far
_CLOSE = 3e-5
"""Largest distance of a straight line from a rough quantile function, in its own spread."""


def _rough_nodes(law: Distribution, upper: bool) -> tuple[Array, Array, Array]:
    """Nodes of straight lines that follow one tail of a rough quantile function.

    Intervals are halved until the middle lies on the line. Far out, where few draws fall, and far
    from the median a distance counts less.

    Returns
    -------
    p, values, allowed : ndarray
        Tail probability, ascending; quantile; distance from it that is close enough.
    """
    inverse = law.upper_quantile if upper else law.quantile
    low, middle, high = law.quantile(np.array([0.1587, 0.5, 0.8413]))
    spread = max(float(high - low) / 2, abs(float(middle)) * 1e-9, 1e-300)

    def allowed(p: Array, values: Array) -> Array:
        further: Array = np.maximum(np.abs(values - middle), spread)
        further *= _CLOSE * (1 + np.sqrt(2.0**-12 / p))
        return further

    deep = np.arange(-4.0 * (OCTAVES + 1), -4.0 * _ROUGH_OCTAVES) / 4
    fine = np.arange(-_ROUGH_NODES * _ROUGH_OCTAVES, -_ROUGH_NODES + 1) / _ROUGH_NODES
    p = 2.0 ** np.concatenate([deep, fine])
    values = np.asarray(inverse(p), dtype=float)
    parts = [(p, values)]
    left, right, below, above = p[:-1], p[1:], values[:-1], values[1:]
    while left.size:
        half = (left + right) / 2
        found = np.asarray(inverse(half), dtype=float)
        parts.append((half, found))
        off = np.abs(found - (below / 2 + above / 2)) > allowed(half, found)  # their sum overflows
        off &= right - left > np.maximum(_NARROWEST, half * 2.0**-40)
        left, right = np.append(left[off], half[off]), np.append(half[off], right[off])
        below, above = np.append(below[off], found[off]), np.append(found[off], above[off])
    p, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(p, kind="stable")
    p, values = p[order], values[order]
    return p, values, allowed(p, values)


_STEPS = 2  # comparisons made for every point; the few that need more are searched for
STEPS_PER_SD = 512
_FURTHEST = 9  # standard deviations tabulated; beyond, the tail probability of that distance


def _normal_tail() -> tuple[Array, Array]:
    """Straight lines for Φ(−z), z = 0 … 9, that meet at the steps."""
    steps = np.arange(_FURTHEST * STEPS_PER_SD + 2) / STEPS_PER_SD
    tail = special.ndtr(-steps)
    slope = np.diff(tail) * STEPS_PER_SD
    return tail[:-1] - slope * steps[:-1], slope


_TAIL, _TAIL_SLOPE = _normal_tail()


def normal_tail(z: Array, out: Array, place: Slots, scratch: Array) -> None:
    """Write Φ(z) as a signed distance from the nearer end of (0, 1): Φ(z) below 0, else Φ(z) − 1.

    Relative error of the tail probability below 2e-5 out to six standard deviations, a hundred
    times below what a billion scenarios can resolve there.
    """
    np.abs(z, out=scratch)
    np.minimum(scratch, float(_FURTHEST), out=scratch)
    np.multiply(scratch, STEPS_PER_SD, out=out)
    np.copyto(place, out, casting="unsafe")
    _TAIL_SLOPE.take(place, out=out, mode="clip")
    np.multiply(out, scratch, out=out)
    _TAIL.take(place, out=scratch, mode="clip")
    np.add(out, scratch, out=out)
    np.copysign(out, z, out=out)
    np.negative(out, out=out)


class TailOfT:
    """Tail probabilities of Student's t, by a table that is nearly straight.

    With v = √log(1 + t²/df) the logarithm of the tail is smooth from the middle to the furthest
    tail, whatever df.

    Parameters
    ----------
    df : float

    Notes
    -----
    Relative error of the tail probability below 1e-6 down to 1e-17.
    """

    STEPS = 16_384

    def __init__(self, df: float) -> None:
        self.df = df
        furthest = abs(float(special.stdtrit(df, 1e-17)))
        self.last = math.sqrt(math.log1p(furthest**2 / df))
        v = np.arange(self.STEPS + 2) * (self.last / self.STEPS)
        tail = np.log(special.stdtr(df, -np.sqrt(df * np.expm1(v * v))))
        self.start, self.rise = tail[:-1], np.diff(tail)

    def fill(self, t: Array, out: Array, place: Slots, scratch: Array) -> None:
        """Write F(t) as a signed distance from the nearer end of (0, 1), as `normal_tail` does."""
        np.multiply(t, t, out=scratch)
        np.divide(scratch, self.df, out=scratch)
        np.log1p(scratch, out=scratch)
        np.sqrt(scratch, out=scratch)
        np.minimum(scratch, self.last, out=scratch)
        np.multiply(scratch, self.STEPS / self.last, out=scratch)
        np.copyto(place, scratch, casting="unsafe")
        np.subtract(scratch, place, out=scratch)
        self.rise.take(place, out=out, mode="clip")
        np.multiply(out, scratch, out=out)
        self.start.take(place, out=scratch, mode="clip")
        np.add(out, scratch, out=out)
        np.exp(out, out=out)
        np.copysign(out, t, out=out)
        np.negative(out, out=out)


class Guide:
    """A discrete law's quantile function: the atom below each slot, then a few exact comparisons.

    Parameters
    ----------
    cumulative : ndarray of shape (atoms,)
        Probability at or below each atom, ascending.
    """

    def __init__(self, cumulative: Array) -> None:
        slot = np.arange(SLOTS // 2 + 1, dtype=np.uint32)
        with np.errstate(invalid="ignore"):
            edges = np.nan_to_num((slot << 16).view(np.float32).astype(float), nan=1.0, posinf=1.0)
        edges = np.minimum(edges, 0.5)
        # A point may round into the next slot as a 32-bit float: widen every slot by that.
        low, high = edges[:-1] * (1 - 2.0**-23), edges[1:] * (1 + 2.0**-23)
        low, high = np.concatenate([low, 1 - high]), np.concatenate([high, 1 - low])
        below = np.searchsorted(cumulative, low, side="left")
        above = np.searchsorted(cumulative, high, side="left")
        last = len(cumulative) - 1
        self.start = np.minimum(below, last).astype(np.intp)
        self.steps = int((np.minimum(above, last) - self.start).max())
        self.cumulative = cumulative.astype(float).copy()
        self.cumulative[-1] = np.inf  # the last atom takes what rounding left

    def fill(self, slots: Slots, u: Array, out: Slots, scratch: Array) -> None:
        """Write the number of each point's atom into `out`."""
        self.start.take(slots, out=out, mode="clip")
        for _ in range(min(self.steps, _STEPS)):
            self.cumulative.take(out, out=scratch, mode="clip")
            np.add(out, scratch < u, out=out)
        if self.steps > _STEPS:  # far out, where many small atoms share a slot
            self.cumulative.take(out, out=scratch, mode="clip")
            late = np.flatnonzero(scratch < u)
            out[late] = np.searchsorted(self.cumulative, u[late])


class Table:
    """A continuous law's quantile function, ready for the hot path.

    Parameters
    ----------
    law : Distribution
        A continuous law with finite quantiles at 2**-49 from either end.

    Notes
    -----
    Measured error: mean and standard deviation within 1e-4 relative, quantiles within 1e-4
    standard deviations; the law's own `quantile` stays the reference. A law whose quantile function
    has jumps or corners says so (`rough`); the slots that hold them are followed by nodes of their
    own, and draws that fall there are looked up a second time.
    """

    def __init__(self, law: Distribution) -> None:
        self.start = np.zeros(SLOTS)
        self.slope = np.zeros(SLOTS)
        self.rough: NDArray[np.bool_] | None = None
        """Slots that one straight line does not serve; None for a smooth law."""
        if getattr(law, "rough", False):
            self._follow(law)
            return
        for upper in (False, True):
            self._tabulate(_tail_values(law, upper), upper, law.support)

    def _follow(self, law: Distribution) -> None:
        """Tabulate a law with jumps or corners, and keep its nodes for the slots that hold them."""
        rough = np.zeros(SLOTS, dtype=bool)
        self.nodes: list[tuple[Array, Array]] = []
        single, slots = np.empty(0, dtype=np.float32), np.empty(0, dtype=np.intp)
        for upper in (False, True):
            p, values, allowed = _rough_nodes(law, upper)
            self.nodes.append((p, values))
            self._tabulate(np.interp(_ENDS, p, values), upper, law.support)
            w = -p if upper else p
            single, slots = np.empty(len(p), dtype=np.float32), np.empty(len(p), dtype=np.intp)
            locate(w, single, slots)
            off = np.abs(self.start[slots] + self.slope[slots] * w - values) > 2 * allowed
            rough[slots[off]] = True
            rough[slots[off] - 1] = True  # a node at the edge of a slot is in the next one
        self.rough = rough if rough.any() else None

    def mend(self, slots: Slots, u: Array, out: Array) -> None:
        """Write the quantiles of points in rough slots again, by the nodes inside these slots.

        Parameters
        ----------
        slots : ndarray of int of shape (m,)
        u : ndarray of shape (m,)
            The points themselves.
        out : ndarray of shape (m,)
        """
        if self.rough is None:
            return
        late = np.flatnonzero(self.rough.take(slots, mode="clip"))
        if not late.size:
            return
        points = u[late]
        lower, upper = self.nodes
        values = np.interp(points, *lower)
        above = points > 0.5
        values[above] = np.interp(1.0 - points[above], *upper)
        out[late] = values

    def _tabulate(self, values: Array, upper: bool, support: tuple[float, float]) -> None:
        left, middle, right = values[:-2:2], values[1::2], values[2::2]
        slope = (right - left) / (_ENDS[2::2] - _ENDS[:-2:2])
        tail = slice(SLOTS // 2, SLOTS) if upper else slice(0, SLOTS // 2)
        start, slopes = self.start[tail], self.slope[tail]
        slopes[_USED] = -slope if upper else slope
        # Simpson: raising the line by 2/3 of the middle's deviation makes the slot's mean exact.
        lift = (middle - (left + right) / 2) * (2 / 3)
        room = support[0] - np.minimum(left, right), support[1] - np.maximum(left, right)
        start[_USED] = left - slope * _ENDS[:-2:2] + np.clip(lift, *room)
        start[: _USED.start] = left[0]
        start[_USED.stop] = start[_USED.stop - 1]  # u = 1/2 itself
        slopes[_USED.stop] = slopes[_USED.stop - 1]

    def fill(self, slots: Slots, w: Array, out: Array, scratch: Array) -> None:
        """Write the quantiles of the points located by (`slots`, `w`) into `out`."""
        self.slope.take(slots, out=scratch, mode="clip")
        np.multiply(scratch, w, out=scratch)
        self.start.take(slots, out=out, mode="clip")
        np.add(out, scratch, out=out)
