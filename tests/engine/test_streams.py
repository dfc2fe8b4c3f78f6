"""Points are a pure function of seed, name, purpose and position."""

import numpy as np
import pytest
from rangecast.engine.streams import BLOCK, Stream

GOLDEN = {
    (0, "visits"): [0.5530189126501641, 0.7925020441651438, 0.3825726477517767],
    (1, "visits"): [0.28047477133489074, 0.7052155786120695, 0.03153060995093748],
    (1, "访问量"): [0.8469719794849955, 0.0008580331808480945, 0.8952033638589484],
}


def points(seed, name, n=8, block=0, purpose="draw"):
    out = np.empty(n)
    stream = Stream(seed, name, purpose)
    stream.turn_to(block)
    stream.fill(out)
    return out


@pytest.mark.parametrize("coordinates", sorted(GOLDEN))
def test_the_first_points_are_pinned(coordinates):
    assert points(*coordinates, n=3).tolist() == GOLDEN[coordinates]


def test_a_longer_run_starts_with_the_same_points():
    assert points(1, "x", BLOCK)[:10].tolist() == points(1, "x", 10).tolist()


def test_neighbouring_coordinates_share_no_stream():
    streams = [
        points(seed, name, 1000, block, purpose)
        for seed in (0, 1, 2, 256, 2**200)
        for name in ("x", "y", "xx", "x1", "访问")
        for block in (0, 1)
        for purpose in ("draw", "lhs")
    ]
    everything = np.concatenate(streams)
    assert len(np.unique(everything)) == len(everything)


def test_points_lie_strictly_inside():
    drawn = points(3, "x", BLOCK)
    assert 0 < drawn.min() < 1e-3
    assert 1 - 1e-3 < drawn.max() < 1


def test_a_stream_can_be_entered_anywhere():
    stream, out = Stream(1, "x"), np.empty(5)
    stream.turn_to(2, skipped=1000)
    stream.fill(out)
    assert out.tolist() == points(1, "x", 1005, block=2)[1000:].tolist()


def test_no_point_is_zero():
    """A quantile function would give −∞ there; the chance is 2^-53 per point, so it is made up."""
    stream = Stream(1, "x", "draw")

    class Zeros:
        def random(self, out):
            out[:] = [0.0, 0.25, 0.0]

    stream.generator = Zeros()
    out = np.empty(3)
    stream.fill(out)
    assert out.tolist() == [2.0**-54, 0.25, 2.0**-54]
