"""Clocks, time zones, locales, hash seeds and processors: the same result, or a clear refusal."""

import os
import random
import subprocess
import sys
import time

import pytest
from clock import within
from rangecast.engine import checkpoint, numerics

import rangecast as rc

MODEL = (
    '[inputs.x]\ndist = "lognormal"\nmu = 0\nsigma = 1\n[inputs.z]\ndist = "pert"\nlow = 0\n'
    'mode = 1\nhigh = 3\n[outputs.y]\nformula = "x * z"\n'
)
N = 20_000


class Stopped(Exception):
    pass


def stopping(done, total):
    if done > total / 2:
        raise Stopped


def digest_in(environment, *options):
    """Digest and fingerprint of a run in a process of its own."""
    code = (
        "import sys, rangecast as rc\nfrom rangecast.engine import numerics\n"
        f"print(rc.simulate(rc.loads({MODEL!r}), scenarios={N}, seed=1).digest)\n"
        "print(numerics.by_group())"
    )
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def right():
    return rc.simulate(rc.loads(MODEL), scenarios=N, seed=1).digest


def test_a_clock_that_jumps_changes_nothing(tmp_path, right, monkeypatch):
    rng = random.Random(1)
    monkeypatch.setattr(time, "time", lambda: rng.uniform(-(2**31), 2**32))
    seen = []
    with pytest.raises(Stopped):
        rc.simulate(
            rc.loads(MODEL), scenarios=N, seed=1, checkpoint=tmp_path / "s", progress=stopping
        )
    result = rc.simulate(
        rc.loads(MODEL), scenarios=N, seed=1, checkpoint=tmp_path / "s", progress=lambda *_: seen
    )
    assert result.timing.reused
    assert result.timing.seconds >= 0
    assert result.digest == right


def test_a_summer_time_a_locale_and_a_hash_seed_change_nothing(right):
    """One process with all of them at once; at night each alone."""
    other = {"TZ": "Pacific/Apia", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}
    found, _ = digest_in(other, "-X", "dev", "-W", "error")
    assert found == right


SETTINGS = [
    *({"TZ": zone} for zone in ("Pacific/Apia", "America/New_York", "UTC")),
    *({"LC_ALL": name} for name in ("de_DE.UTF-8", "tr_TR.UTF-8", "C", "POSIX", "zh_CN.UTF-8")),
    *({"PYTHONHASHSEED": str(k)} for k in range(20)),
    *({"OPENBLAS_NUM_THREADS": str(k), "OMP_NUM_THREADS": str(k)} for k in (1, 2, 8)),
]


@pytest.mark.nightly
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_what_must_not_matter(setting, right):
    assert digest_in(setting)[0] == right


def test_another_arithmetic_is_refused_and_named(tmp_path, monkeypatch):
    path = tmp_path / "state"
    with pytest.raises(Stopped):
        rc.simulate(rc.loads(MODEL), scenarios=N, checkpoint=path, progress=stopping)
    elsewhere = numerics.by_group() | {"NumPy": "0123456789abcdef"}
    monkeypatch.setattr(checkpoint, "by_group", lambda: elsewhere)
    with pytest.raises(rc.FileError, match=r"arithmetic of NumPy .* there, 0123") as raised:
        rc.simulate(rc.loads(MODEL), scenarios=N, checkpoint=path)
    assert raised.value.problems[0].code == "E805"
    assert "libm" not in str(raised.value)


def test_the_fingerprint_is_quick_and_stands_in_the_manifest():
    from rangecast.reports.results_json import manifest

    numerics.fingerprint()
    with within(0.1):
        found = numerics.fingerprint()
    result = rc.simulate(rc.loads(MODEL), scenarios=1000)
    assert manifest(result)["numerics"] == found


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("setting", "group"),
    [
        ({"NPY_DISABLE_CPU_FEATURES": "X86_V3"}, "NumPy"),
        ({"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA"}, "C library"),
        ({"OPENBLAS_CORETYPE": "Nehalem"}, "BLAS"),
        ({"OPENBLAS_CORETYPE": "Haswell"}, None),
    ],
    ids=str,
)
def test_the_fingerprint_notices_other_processors(setting, group):
    """Switch features of this processor off; what differs is named (None: may be the same)."""
    here = digest_in({})[1]
    there = digest_in(setting)[1]
    ours, theirs = eval(here), eval(there)
    different = {name for name in ours if ours[name] != theirs[name]}
    if not different and group:
        pytest.skip("this processor or its libraries have no such feature to switch off")
    assert group is None or group in different
    assert "draws" not in different
