"""Checkpoints: taken up bit for bit, refused with the reason, never half-written."""

import hashlib
import os
import random
import re
import time
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
from rangecast.engine import checkpoint
from rangecast.engine.checkpoint import Checkpoint, Stored, decode, encode
from rangecast.engine.precision import FIRST

import rangecast as rc

TEXT = """
[inputs.x]
dist = "lognormal"
mu = 0
sigma = 1
[inputs.z]
dist = "pert"
low = 0
mode = 1
high = 3
[outputs.y]
formula = "x * z"
"""
N = 500_000


class Stopped(Exception):
    pass


def stop_at(share):
    def progress(done, total):
        if done >= share * total:
            raise Stopped

    return progress


def interrupted(path, share=0.5, text=TEXT, **settings):
    settings = {"scenarios": N, "seed": 1} | settings
    with pytest.raises(Stopped):
        rc.simulate(rc.loads(text), checkpoint=path, progress=stop_at(share), **settings)
    return path


@pytest.mark.parametrize("design", ["random", "lhs", "sobol"])
@pytest.mark.parametrize("share", [0.03, 0.6])
def test_an_interrupted_run_goes_on_to_the_same_digest(tmp_path, design, share):
    path = interrupted(tmp_path / "state", share, design=design)
    whole = rc.simulate(rc.loads(TEXT), scenarios=N, seed=1, design=design)
    again = rc.simulate(rc.loads(TEXT), scenarios=N, seed=1, design=design, checkpoint=path)
    assert 0 < again.timing.reused < again.scenarios
    assert again.digest == whole.digest
    assert again.bands().equals(whole.bands())
    for name, errors in whole.ensemble.errors.items():
        assert np.array_equal(errors, again.ensemble.errors[name], equal_nan=True), name


def test_it_goes_on_with_other_workers_and_back_ends(tmp_path):
    path = interrupted(tmp_path / "state")
    settings = {"workers": 2, "backend": "loky", "checkpoint": path}
    again = rc.simulate(rc.loads(TEXT), scenarios=N, seed=1, **settings)
    assert again.timing.reused
    assert again.digest == rc.simulate(rc.loads(TEXT), scenarios=N, seed=1).digest


def test_parts_of_unfinished_batches_are_kept(tmp_path):
    n = 32 * 129 * 32_768 // 32 * 32  # two parts per batch, cut short by a tiny model
    model = '[inputs.x]\ndist="uniform"\nlow=0\nhigh=1\n[outputs.y]\nformula="x"\n'
    path = interrupted(tmp_path / "state", 0.01, model, scenarios=n)
    stored = checkpoint.load(path)
    assert any(name.startswith("open/") for name in stored.arrays)


@pytest.mark.parametrize(
    ("settings", "text", "reason"),
    [
        ({"seed": 2}, TEXT, "seed 1 there, 2 here"),
        ({"scenarios": N + 1}, TEXT, "scenarios"),
        ({"design": "lhs"}, TEXT, "design random there, lhs here"),
        ({"percentiles": (0.5,)}, TEXT, "percentiles"),
        ({}, TEXT.replace("x * z", "x + z"), "model"),
        ({}, TEXT.replace("high = 3", "high = 4"), "model"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, settings, text, reason):
    path = interrupted(tmp_path / "state")
    before = path.read_bytes()
    settings = {"scenarios": N, "seed": 1} | settings
    with pytest.raises(rc.FileError, match=re.escape(reason)) as raised:
        rc.simulate(rc.loads(text), checkpoint=path, **settings)
    assert raised.value.problems[0].code == "E804"
    assert path.read_bytes() == before


def test_a_key_that_only_one_side_has_is_a_difference():
    ours = {"seed": 1, "environment": {}}
    for more in ({"new": None}, {"environment": {"numpy": None}}):
        with pytest.raises(rc.FileError, match="None there, nothing here"):
            checkpoint.check_same_run(Stored({**ours, **more}, {}, {}, {}), ours, "state")
    with pytest.raises(rc.FileError, match="seed nothing there, 1 here"):
        checkpoint.check_same_run(Stored({"environment": {}}, {}, {}, {}), ours, "state")


def test_a_long_value_is_cut_short_where_two_runs_differ():
    for length, shown in ((40, "a" * 40), (41, "a" * 12 + "…")):
        stored = Stored({"model": "a" * length, "environment": {}}, {}, {}, {})
        with pytest.raises(rc.FileError, match=f"model {shown} there, b here"):
            checkpoint.check_same_run(stored, {"model": "b", "environment": {}}, "state")


def test_a_changed_label_may_go_on(tmp_path):
    path = interrupted(tmp_path / "state")
    labelled = TEXT.replace("[inputs.x]", '[inputs.x]\nlabel = "another word"')
    assert rc.simulate(rc.loads(labelled), scenarios=N, seed=1, checkpoint=path).timing.reused


def test_another_version_is_refused(tmp_path, monkeypatch):
    path = interrupted(tmp_path / "state")
    monkeypatch.setattr(np, "__version__", "1.0.0")
    with pytest.raises(rc.FileError, match=r"numpy .* there, 1\.0\.0 here") as raised:
        rc.simulate(rc.loads(TEXT), scenarios=N, seed=1, checkpoint=path)
    assert raised.value.problems[0].code == "E805"


def test_every_damage_is_noticed():
    arrays = {"a": np.arange(3000), "b": np.linspace(0, 1, 50), "c": np.zeros((70, 70), np.int64)}
    content = encode(Stored({"seed": 1}, {}, {"rows": 3}, arrays))
    back = decode(content, "state")
    assert all(np.array_equal(array, back.arrays[name]) for name, array in arrays.items())
    rng = random.Random(5)
    for _ in range(300):
        damaged = bytearray(content)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        with pytest.raises(rc.FileError):
            decode(bytes(damaged), "state")
    for _ in range(100):
        with pytest.raises(rc.FileError):
            decode(content[: rng.randrange(len(content))], "state")
    with pytest.raises(rc.FileError, match="not a checkpoint"):
        decode(b"PK\x03\x04 something else", "state")
    with pytest.raises(rc.FileError, match="format 9"):
        decode(content.replace(b"checkpoint 1\n", b"checkpoint 9\n", 1), "state")


def test_a_header_in_another_encoding_is_refused():
    content = encode(Stored({}, {}, {}, {}))[: -checkpoint._CHECKSUM]
    start = content.index(b"\n") + 1
    header = content[start + 8 :].decode()
    for encoding, right in (("utf-8", True), ("utf-16-be", False), ("utf-32-be", False)):
        packed = header.encode(encoding)
        body = content[:start] + len(packed).to_bytes(8, "little") + packed
        body += hashlib.blake2b(body, digest_size=checkpoint._CHECKSUM).digest()
        if right:
            assert decode(body, "state").key == {}
        else:
            with pytest.raises(rc.FileError):
                decode(body, "state")


@pytest.mark.parametrize("environment", [None, 3, "numpy", ["numpy"]])
def test_an_environment_that_is_no_table_is_refused(tmp_path, environment):
    path = tmp_path / "state"
    path.write_bytes(encode(Stored({"seed": 1, "environment": environment}, {}, {}, {})))
    saver = Checkpoint(path).saver({"seed": 1, "environment": {"numpy": "2"}})
    with pytest.raises(rc.FileError, match="not a checkpoint"):
        saver.resume()
    saver.close()


def test_no_pickle_is_in_the_file(tmp_path):
    content = interrupted(tmp_path / "state").read_bytes()
    assert b"numpy.core" not in content
    assert not re.search(rb"c(builtins|numpy|posix)\n", content)


def test_what_a_killed_process_left_is_swept(tmp_path):
    old = tmp_path / ".state.999999999.abc"
    own = tmp_path / f".state.{os.getpid()}.abc"
    other = tmp_path / ".state2.999999999.abc"
    for file in (old, own, other):
        file.write_bytes(b"x")
    Checkpoint(tmp_path / "state").saver({})
    assert not old.exists()
    assert own.exists()
    assert other.exists()


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(rc.FileError, match="cannot write"):
        rc.simulate(
            rc.loads(TEXT),
            scenarios=N,
            checkpoint=Checkpoint(tmp_path / "file" / "state", every=0.0),
        )


def test_a_full_disk_later_on_does_not_end_the_run(tmp_path, monkeypatch):
    written, whole = [], checkpoint.write_whole

    def failing(path, content):
        if written:
            raise rc.FileError(rc.Problem("E802", "", "cannot write: No space left on device"))
        written.append(path)
        whole(path, content)

    monkeypatch.setattr(checkpoint, "write_whole", failing)
    monkeypatch.setattr(checkpoint, "_SHARE", 1e9)  # write after every task
    place = Checkpoint(tmp_path / "state", every=0.0)
    result = rc.simulate(rc.loads(TEXT), scenarios=N, seed=1, checkpoint=place)
    assert "No space left" in str(result.warnings[0])
    assert checkpoint.load(tmp_path / "state").state["rows"] < N


def test_python_functions_go_on_too(tmp_path):
    model = rc.Model({"a": rc.distributions.Normal(0, 1)}, lambda a: {"b": a * a})
    other = rc.Model({"a": rc.distributions.Normal(0, 1)}, lambda a: {"b": a + a})
    path = tmp_path / "state"
    with pytest.raises(Stopped):
        rc.simulate(model, scenarios=N, checkpoint=path, progress=stop_at(0.5))
    assert rc.simulate(model, scenarios=N, checkpoint=path).timing.reused
    with pytest.raises(rc.FileError, match="another run"):
        rc.simulate(other, scenarios=N, checkpoint=path)


def test_a_header_of_another_shape_is_refused():
    for part in ("key", "request", "state"):
        stored = Stored(**({"key": {}, "request": {}, "state": {}, "arrays": {}} | {part: [1]}))
        with pytest.raises(rc.FileError, match="not a checkpoint") as raised:
            decode(encode(stored), "state")
        assert raised.value.problems[0].code == "E803"


def test_a_header_that_claims_to_be_longer_than_the_file_is_refused():
    content = encode(Stored({}, {}, {}, {}))[: -checkpoint._CHECKSUM]
    start = content.index(b"\n") + 1
    body = content[:start] + (len(content) + 1).to_bytes(8, "little") + content[start + 8 :]
    body += hashlib.blake2b(body, digest_size=checkpoint._CHECKSUM).digest()
    with pytest.raises(rc.FileError, match="not a checkpoint"):
        decode(body, "state")


def test_a_copy_without_metadata_says_so(monkeypatch):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(checkpoint, "version", missing)
    assert checkpoint.environment()["rangecast"] == "unknown"


def test_rounds_pass_over_the_checkpoint_of_a_later_one(tmp_path):
    """A first round must not write over the state of the second, nor be taken up from it."""
    path, settings = tmp_path / "state", {"precision": 0.003, "seed": 1}
    whole = rc.simulate(rc.loads(TEXT), **settings)
    assert whole.scenarios > 1.5 * FIRST

    def stop_late(done, total):
        if total > FIRST and done >= total / 2:
            raise Stopped

    every = Checkpoint(path, every=0.0)
    with pytest.raises(Stopped):
        rc.simulate(rc.loads(TEXT), checkpoint=every, progress=stop_late, **settings)
    assert checkpoint.load(path).key["scenarios"] == whole.scenarios
    before, seen = path.read_bytes(), []
    with pytest.raises(Stopped):  # in the first round: what it saves on its way out is not this
        rc.simulate(rc.loads(TEXT), checkpoint=every, progress=stop_at(0.5), **settings)
    assert path.read_bytes() == before

    def look(done, total):
        if total == FIRST:
            seen.append(path.read_bytes() == before)

    again = rc.simulate(rc.loads(TEXT), checkpoint=every, progress=look, **settings)
    assert seen
    assert all(seen)
    assert again.timing.reused
    assert again.digest == whole.digest


def test_checkpoints_take_a_fiftieth_of_the_time_at_most(tmp_path, monkeypatch):
    """Here each takes 0.05 s, so the next is 2.5 s later, however often it was to be."""
    saver = Checkpoint(tmp_path / "state", every=0.0).saver({"seed": 1})
    monkeypatch.setattr(checkpoint, "write_whole", lambda *_: time.sleep(0.05))
    before = time.monotonic()
    saver.save({}, {})
    assert before + 2.5 < saver.next < time.monotonic() + 60
    assert not saver.is_due()
    saver.close()
