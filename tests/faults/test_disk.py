"""Disks that are full, gone, read-only, slow, without locks, or keep the wrong bytes."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import inprocess
import pytest
from rangecast.engine import checkpoint, files
from rangecast.engine.checkpoint import Checkpoint, Stored, encode

import rangecast as rc

MODEL = (
    '[inputs.x]\ndist = "lognormal"\nmu = 0\nsigma = 1\n[inputs.z]\ndist = "pert"\nlow = 0\n'
    'mode = 1\nhigh = 3\n[outputs.y]\nformula = "x * z"\n'
)
COMMAND = [sys.executable, "-m", "rangecast"]
RUN = ["run", "model.toml", "-n", "2000", "-q", "--workers", "1"]
N = 20_000


def line(*more):
    return [*COMMAND, *RUN, *more]


@pytest.fixture
def place(tmp_path):
    (tmp_path / "model.toml").write_text(MODEL)
    return tmp_path


class Stopped(Exception):
    pass


def stopping(done, total):
    if done > total / 2:
        raise Stopped


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """A checkpoint of a run stopped half-way, as bytes, and the digest of a whole run."""
    path = tmp_path_factory.mktemp("state") / "state"
    with pytest.raises(Stopped):
        rc.simulate(rc.loads(MODEL), scenarios=N, checkpoint=path, progress=stopping)
    return path.read_bytes(), rc.simulate(rc.loads(MODEL), scenarios=N).digest


def clear(done, code):
    """Check that a command ended with one clear error of a code, and status 6."""
    assert done.returncode == 6, done.stderr
    assert done.stderr.startswith(f"error[{code}]"), done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------------- wrong bytes


def damaged(content, kind, rng):
    if kind == "flip":
        at = rng.randrange(len(content))
        return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]
    if kind == "cut":
        return content[: rng.randrange(len(content))]
    size = rng.choice([512, 4096])
    at = rng.randrange(0, len(content), size)
    zeros = bytes(min(size, len(content) - at))
    if content[at : at + size] == zeros:
        return content[:-1]
    return content[:at] + zeros + content[at + size :]


def refused(path, content, trials, seed):
    """Load so many damaged copies; give how many were refused with a code."""
    rng, count = random.Random(seed), 0
    for k in range(trials):
        path.write_bytes(damaged(content, ("flip", "cut", "sector")[k % 3], rng))
        try:
            checkpoint.load(path)
        except rc.FileError as error:
            count += error.problems[0].code in {"E803", "E808"}
    return count


def test_checkpoints_that_no_run_wrote_are_refused(place):
    """Their checksums are right; what they hold is not."""
    hostile = [
        Stored({}, {}, {}, {}),
        Stored({"scenarios": "many"}, {}, {"rows": []}, {}),
        Stored({"scenarios": 10**30}, {"options": 3}, {}, {}),
        Stored({}, {"options": {}, "model": 1, "cases": 2}, {"rows": 1, "seen": {}}, {}),
    ]
    contents = [encode(one) for one in hostile]
    texts = [b'{"key": [], "request": 1}', b"[]", b"{" * 99, b'{"arrays": 5}']
    texts.append(
        b'{"key":{},"request":{},"state":{},"arrays":[{"name":"a","dtype":"O","shape":[9],"bytes":0}]}'
    )
    texts.append(
        b'{"key":{},"request":{},"state":{},"arrays":[{"name":"a","dtype":"<i8","shape":[99999999999],"bytes":0,"at":0}]}'
    )
    texts.append(
        b'{"key":{},"request":{},"state":{},"arrays":[{"name":"a","dtype":"9","shape":[0],"bytes":0}]}'
    )
    for text in texts:
        body = checkpoint.MAGIC + b"1\n" + len(text).to_bytes(8, "little") + text
        contents.append(body + checkpoint.hashlib.blake2b(body, digest_size=32).digest())
    for content in contents:
        (place / "state").write_bytes(content)
        for arguments in (line("--checkpoint", "state"), [*COMMAND, "resume", "state"]):
            done = inprocess.run(arguments, cwd=place, text=True)
            assert done.returncode == 6, done.stderr
            assert done.stderr.startswith("error[E80"), done.stderr
        assert (place / "state").read_bytes() == content


def test_a_device_is_no_checkpoint(place):
    clear(inprocess.run([*COMMAND, "resume", "/dev/zero"], cwd=place, text=True), "E802")


# ---------------------------------------------------------------------- power loss


def images(trace, old):
    """Every content the target can have if the power fails after each prefix of the trace.

    What is written but not synced may be there, not, in part, or as zeros; a rename reaches the
    disk by itself at any time after it is asked for.
    """
    for end in range(len(trace) + 1):
        written, synced, target = b"", False, old
        for name, content in trace[:end]:
            if name == "write":
                written, synced = content, False
            elif name == "sync":
                synced = True
            elif name == "rename":
                half = len(written) // 1024 * 512
                torn = [b"", written[:half], bytes(len(written)), written[:half] + bytes(half)]
                target = None if synced else torn
                if target is not None:
                    yield from target
                target = written
        yield target


def test_power_loss_leaves_the_old_state_or_the_new_one(place, monkeypatch):
    """The trace of real saves; every image must load as a state that was saved."""
    trace, saved = [], []
    real_write, real_sync, real_replace = files._write_synced, os.fsync, os.replace

    def write(path, content):
        trace.append(("write", content))
        real_write(path, content)

    def sync(handle):
        name = os.readlink(f"/proc/self/fd/{handle}")
        trace.append(("folder" if os.path.isdir(name) else "sync", None))
        real_sync(handle)

    def replace(source, target):
        trace.append(("rename", None))
        real_replace(source, target)

    monkeypatch.setattr(files, "_write_synced", write)
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(checkpoint, "_SHARE", 1e9)
    rc.simulate(rc.loads(MODEL), scenarios=2_000, checkpoint=Checkpoint(place / "state", every=0))
    saves = [trace[k : k + 4] for k in range(0, len(trace), 4)]
    assert len(saves) > 10
    old, tried = None, 0
    for save in saves:
        assert [name for name, _ in save] == ["write", "sync", "rename", "folder"]
        saved.append(save[0][1])
        for image in images(save, old):
            tried += 1
            assert image in {old, saved[-1]}
        old = saved[-1]
    assert tried == 5 * len(saves)


# ---------------------------------------------------------------------- refusals


def test_an_output_folder_that_cannot_be_written_is_refused_before_the_run(place, monkeypatch):
    def never(*_, **__):
        raise AssertionError("the run began")

    monkeypatch.setattr("rangecast.engine.simulate.simulate", never)
    (place / "file").write_text("x")
    clear(inprocess.run(line("--out", "file/out"), cwd=place, text=True), "E802")
    assert sorted(os.listdir(place)) == ["file", "model.toml"]


def test_a_second_run_with_the_same_checkpoint_is_refused_at_once(place):
    first = files.Lock(place / "state")
    first.take()
    clear(inprocess.run(line("--checkpoint", "state"), cwd=place, text=True), "E806")
    first.drop()
    assert inprocess.run(line("--checkpoint", "state"), cwd=place).returncode == 0
    assert os.listdir(place) == ["model.toml"]


def test_a_lock_ends_with_its_process_and_leaves_nothing(place):
    (place / ".state.lock").touch()  # of a killed run
    lock = files.Lock(place / "state")
    lock.take()
    lock.take()
    lock.drop()
    assert not (place / ".state.lock").exists()


def test_a_disk_without_locks_is_mentioned(place, monkeypatch):
    def none(*_):
        raise OSError(37, os.strerror(37))

    monkeypatch.setattr(files.fcntl, "flock", none)
    result = rc.simulate(rc.loads(MODEL), scenarios=N, checkpoint=place / "state")
    assert [w.code for w in result.warnings if w.key == "checkpoint"] == ["W806"]


def test_a_full_disk_that_is_freed_in_time_is_no_problem(place, monkeypatch):
    real, calls = checkpoint.write_whole, []

    def sometimes(path, content):
        calls.append(path)
        if 1 < len(calls) < 6:
            raise rc.FileError(rc.Problem("E801", "", "cannot write: No space left on device"))
        real(path, content)

    monkeypatch.setattr(checkpoint, "write_whole", sometimes)
    monkeypatch.setattr(checkpoint, "_SHARE", 1e9)
    result = rc.simulate(
        rc.loads(MODEL), scenarios=N, checkpoint=Checkpoint(place / "state", every=0)
    )
    assert len(calls) > 6
    assert not [w for w in result.warnings if w.code == "W801"]


def test_a_checkpoint_folder_that_vanishes_is_made_again(place, monkeypatch):
    monkeypatch.setattr(checkpoint, "_SHARE", 1e9)

    def remove(done, total):
        if done < total / 2:
            shutil.rmtree(place / "kept", ignore_errors=True)

    result = rc.simulate(
        rc.loads(MODEL),
        scenarios=N,
        checkpoint=Checkpoint(place / "kept" / "state", every=0),
        progress=remove,
    )
    assert result.digest == rc.simulate(rc.loads(MODEL), scenarios=N).digest
    assert checkpoint.load(place / "kept" / "state").state["rows"] == N


def test_an_interrupted_run_that_cannot_be_saved_says_why(place, monkeypatch):
    def full(path, content):
        raise rc.FileError(rc.Problem("E801", "", "cannot write: No space left on device"))

    monkeypatch.setattr(checkpoint, "write_whole", full)
    with pytest.raises(Stopped) as raised:
        rc.simulate(
            rc.loads(MODEL),
            scenarios=N,
            checkpoint=Checkpoint(place / "state", every=1e9),
            progress=stopping,
        )
    assert "No space left" in raised.value.__notes__[0]


def test_two_runs_in_one_folder_leave_one_whole_set(place):
    """Sets of files from eight threads: every hash in results.json is that of the file there."""
    import hashlib

    def write(k):
        contents = {f"{name}.csv": f"{name} of {k}".encode() * 1000 for name in "abcdefgh"}
        hashes = {n: hashlib.sha256(c).hexdigest() for n, c in contents.items()}
        contents["results.json"] = json.dumps(hashes).encode()
        files.write_set(place / "out", contents)

    threads = [threading.Thread(target=write, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stated = json.loads((place / "out" / "results.json").read_text())
    for name, found in stated.items():
        assert hashlib.sha256((place / "out" / name).read_bytes()).hexdigest() == found
    assert len(os.listdir(place / "out")) == 9


def test_temporary_files_lie_beside_their_target(place, monkeypatch):
    """Else they could not be renamed where the folder for temporary files is another disk."""
    monkeypatch.setenv("TMPDIR", "/nowhere")
    seen, real = [], os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: seen.append((a, b)) or real(a, b))
    files.write_whole(place / "file", b"x")
    assert seen[0][0].parent == seen[0][1].parent == place


# ---------------------------------------------------------------------- real disks and calls


def in_small_disk(place, options, script):
    """Run a shell script where ./disk is a small file system of its own, seen by nobody else."""
    (place / "disk").mkdir()
    whole = f"mount -t tmpfs -o {options} none disk && {{ {script}; }}"
    done = subprocess.run(
        ["unshare", "-Urm", "bash", "-c", whole], cwd=place, capture_output=True, text=True
    )
    if "unshare" in done.stderr or "mount:" in done.stderr or done.returncode == 127:
        pytest.skip("no file systems of our own here")
    return done


RANGECAST = f"{sys.executable} -m rangecast"
IN_DISK = f"{RANGECAST} run model.toml -n 2000 -q --workers 1 --out disk/out"


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("options", "before", "code"),
    [
        ("size=256k", "true", "E801"),
        ("nr_inodes=8", "true", "E801"),
        ("size=9m", "mkdir disk/out; mount -o remount,ro disk", "E802"),
    ],
)
def test_a_small_disk(place, options, before, code):
    script = f"{before}; {IN_DISK} > /dev/null; echo $?; ls -A disk/out | wc -l"
    done = in_small_disk(place, options, script)
    assert done.stdout.split() == ["6", "0"], done.stderr
    assert f"error[{code}]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.nightly
def test_a_full_disk_keeps_the_old_results_and_then_takes_the_new(place):
    script = (
        f"{IN_DISK} --seed 7 >/dev/null; sha256sum disk/out/* > before; "
        "head -c 100m /dev/zero > disk/filler 2>/dev/null; "
        f"{IN_DISK} > /dev/null; echo $?; sha256sum disk/out/* | cmp before && echo same; "
        f"ls -A disk/out | grep -c '^[.]'; rm disk/filler; {IN_DISK} > /dev/null; echo $?"
    )
    done = in_small_disk(place, "size=4m", script)
    assert done.stdout.split() == ["6", "same", "0", "0"], done.stderr
    assert "error[E801]" in done.stderr


@pytest.mark.nightly
def test_little_shared_memory(place):
    script = f"mount --bind disk /dev/shm && {RANGECAST} run model.toml -n 3e6 --workers 2 "
    script += "--backend loky -q -v 2>&1 >/dev/null | grep digest"
    done = in_small_disk(place, "size=1m", script)
    known = rc.simulate(rc.loads(MODEL), scenarios=3_000_000, seed=1).digest
    assert known in done.stdout


def injected(place, fault, *arguments):
    """Run under strace, which makes system calls fail."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={fault}"]
    done = subprocess.run(
        [*command, *COMMAND, *RUN, *arguments], cwd=place, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.nightly
@pytest.mark.parametrize("when", ["1", "3", "5+"])
def test_fsync_fails(place, when):
    done = injected(place, f"fsync:error=EIO:when={when}", "--out", "out")
    clear(done, "E802")
    assert not [name for name in os.listdir(place) if name != "model.toml"]


@pytest.mark.nightly
def test_writes_are_interrupted(place):
    assert injected(place, "write:error=EINTR:when=3+7", "--out", "out").returncode == 0
    assert len(os.listdir(place / "out")) > 10


@pytest.mark.nightly
def test_a_kill_in_the_middle_of_renaming(place):
    injected(place, "rename:signal=KILL:when=3", "--out", "out")
    assert [name for name in os.listdir(place / "out") if name.startswith(".")]
    assert inprocess.run(line("--out", "out"), cwd=place).returncode == 0
    assert not [name for name in os.listdir(place / "out") if name.startswith(".")]


@pytest.mark.nightly
def test_a_slow_disk_only_takes_time(place):
    began = time.monotonic()
    done = injected(place, "fsync:delay_exit=50000", "--out", "out")
    assert done.returncode == 0
    assert time.monotonic() - began > 0.5


@pytest.mark.nightly
def test_a_disk_that_refuses_locks(place):
    done = injected(place, "flock:error=ENOLCK", "--out", "out", "--checkpoint", "state")
    assert done.returncode == 0, done.stderr


@pytest.mark.nightly
def test_a_limit_of_file_size(place):
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        line("--out", "out"), cwd=place, capture_output=True, text=True, preexec_fn=limit
    )
    clear(done, "E801")
    assert os.listdir(place) == ["model.toml"]


@pytest.mark.nightly
@pytest.mark.parametrize("mask", [0o077, 0o777])
def test_odd_permissions_of_new_files(place, mask):
    """What the user's mask takes away is taken away; a run writes all the same."""
    before = os.umask(mask)
    try:
        with contextlib.closing(open(os.devnull)):
            done = inprocess.run(line("--checkpoint", "state"), cwd=place, text=True)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert Path(place / "model.toml").exists()
