"""One result for any workers, order and back end; memory of nothing but the model."""

import random
import threading
from pathlib import Path

import numpy as np
import pytest
from rangecast.engine import run as running
from rangecast.engine.summary import Totals
from rangecast.engine.task import run_task

import rangecast as rc

TEXT = (Path(__file__).parents[1] / "data" / "small.toml").read_text()


def simulate(text=TEXT, n=150_001, **settings):
    return rc.simulate(rc.loads(text), scenarios=n, seed=1, **settings)


@pytest.mark.parametrize(
    "n",
    [1, 33, 65_537, *(pytest.param(n, marks=pytest.mark.nightly) for n in (2, 65_535))],
)
def test_one_digest_per_run(n):
    found = {
        simulate(n=n, workers=w, backend=b).digest
        for w, b in ((1, "auto"), (2, "threads"), (4, "threads"), (2, "loky"))
    }
    assert len(found) == 1


def test_parts_may_arrive_in_any_order():
    known = simulate()
    parts = [run_task(known.setup, *task) for task in known.setup.plan.tasks()]
    random.Random(4).shuffle(parts)
    merger = running.Merger(known.setup)
    for part in parts:
        merger.add(part)
    again = merger.finish()
    assert again.totals.digest("", 2) == known.ensemble.totals.digest("", 2)
    for name, errors in known.ensemble.errors.items():
        assert np.array_equal(errors, again.errors[name], equal_nan=True)


@pytest.mark.parametrize("n", [1000, 70_000])
def test_every_array_is_part_of_the_digest(n):
    totals = simulate(n=n).ensemble.totals
    known = totals.digest("", 2)
    arrays = {**totals.ints, **totals.floats}
    assert {"cells", "joint", "lost", "failed", "ranks", "powers", "sums", "extremes"} <= set(
        arrays
    )
    for name, array in arrays.items():
        changed = array.copy()
        changed.reshape(-1)[-1:].view(np.uint8)[-1] ^= 1
        ints = {k: changed if k == name else v for k, v in totals.ints.items()}
        floats = {k: changed if k == name else v for k, v in totals.floats.items()}
        assert Totals(totals.rows, ints, floats).digest("", 2) != known, name


def test_a_longer_run_keeps_the_first_scenarios():
    short, long = simulate(n=1000), simulate(n=50_000)
    kept = long.ensemble.totals.floats["values"][:, :1000]
    assert np.array_equal(short.ensemble.totals.floats["values"], kept)


def test_other_inputs_change_nothing():
    unused = '[inputs.{}]\ndist = "normal"\nmean = 0\nsd = 1\n'
    known = simulate().digest
    assert simulate(unused.format("aaa") + TEXT).digest == known
    assert simulate(TEXT + unused.format("zzz")).digest == known
    middle = TEXT.index("[inputs.k]")
    assert simulate(TEXT[:middle] + unused.format("m") + TEXT[middle:]).digest == known


def test_extra_rankings_leave_the_digest_alone():
    text = TEXT + '[run]\noutputs = ["y"]\n'
    assert simulate(text).digest == simulate(text, rank=["w"]).digest
    assert len(simulate(text, rank=["w"]).tornado("w")) == 2


def test_two_threads_run_at_once():
    barrier = threading.Barrier(2, timeout=20)
    met = []

    def function(a):
        if threading.current_thread() is not threading.main_thread() and len(met) < 2:
            met.append(threading.get_ident())
            barrier.wait()
        return {"b": a}

    model = rc.Model({"a": rc.distributions.Normal(0, 1)}, function)
    rc.simulate(model, scenarios=100_000, workers=2, backend="threads")
    assert len(set(met)) == 2


def meet(a, folder):
    """Wait, once per process, until a second process has come as well."""
    import os
    import time
    from pathlib import Path

    (Path(folder) / str(os.getpid())).touch()
    ends = time.monotonic() + 20
    while len(os.listdir(folder)) < 3 and time.monotonic() < ends:  # this process, and two workers
        time.sleep(0.01)
        if len(a) <= 64 or os.getpid() == int((Path(folder) / "main").read_text() or 0):
            break
    return {"b": a}


def test_two_processes_run_at_once(tmp_path):
    import functools
    import os

    main = tmp_path / "main"
    main.write_text(str(os.getpid()))
    folder = tmp_path / "seen"
    folder.mkdir()
    (folder / "main").write_text(str(os.getpid()))
    model = rc.Model(
        {"a": rc.distributions.Normal(0, 1)}, functools.partial(meet, folder=str(folder))
    )
    rc.simulate(model, scenarios=100_000, workers=2, backend="loky")
    assert len([p for p in folder.iterdir() if p.name not in {"main", str(os.getpid())}]) == 2


def test_same_as_shares_the_draw():
    text = """
[inputs.a]
dist = "normal"
mean = 0
sd = 1
[inputs.b]
same_as = "a"
[inputs.c]
same_as = "a"
dist = "uniform"
low = 0
high = 1
[inputs.d]
dist = "normal"
mean = 0
sd = 1
[outputs.zero]
formula = "a - b"
[outputs.order]
formula = "where((a > 0) == (c > 0.5), 0, 1)"
[outputs.other]
formula = "b * 1.5 + d"
[[correlations]]
between = ["a", "d"]
spearman = 0.5
[cases.fixed]
inputs.a = 3
"""
    model = rc.loads(text)
    for design in ("random", "lhs", "sobol"):
        result = rc.simulate(model, scenarios=4096, design=design)
        assert [d.name for d in result.setup.drivers] == ["a", "d"]
        for output in ("zero", "order"):
            assert result.moments_of(output).maximum == 0 == result.moments_of(output).minimum
    # Once the root is fixed the others go on varying, together, on the root's draws.
    shared = rc.simulate(model, scenarios=4096, case="fixed")
    whole = rc.simulate(model, scenarios=4096, correlations=False)
    alone = rc.simulate(model, scenarios=4096, case="fixed", correlations=False)
    assert shared.moments_of("zero").sd > 0.9
    assert alone.quantile("other", 0.1) == whole.quantile("other", 0.1)
