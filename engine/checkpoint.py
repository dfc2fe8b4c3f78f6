"""Checkpoints: a run's state in one file, so that it can be interrupted and taken up again.

The file is a line of magic, a header in JSON, the bytes of the arrays, and a BLAKE2b checksum of
all of it: no pickle, nothing is executed. It is replaced as a whole, so a kill leaves the last one.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rangecast.engine.errors import FileError, Problem, RangecastError
from rangecast.engine.files import Lock, make_folder, refuse, sweep, write_whole
from rangecast.engine.numerics import by_group
from rangecast.engine.streams import STREAM_VERSION

MAGIC = b"rangecast checkpoint "
FORMAT = 1
_CHECKSUM = 32
_MOST_HEADER = 64 * 2**20
_KINDS = {"<f8", "<f4", "<i8", "<i4", "<i2", "<u8", "<u4", "<u2", "|i1", "|u1", "|b1"}
_SHARE = 0.02
"""Most of a run's time that goes into checkpoints."""

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Stored:
    """What a checkpoint holds.

    Parameters
    ----------
    key : dict
        What the run depends on: model, case, seed, size, design, versions.
    request : dict
        How the run was asked for, for `resume`.
    state : dict
        Bookkeeping of the merger.
    arrays : mapping of str to ndarray
    """

    key: dict[str, Any]
    request: dict[str, Any]
    state: dict[str, Any]
    arrays: Arrays


def _packed(array: NDArray[Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Describe an array and give its bytes; integer counts that are mostly zero are stored thin."""
    array = np.ascontiguousarray(array)
    about: dict[str, Any] = {"dtype": array.dtype.newbyteorder("<").str, "shape": list(array.shape)}
    pieces = [array]
    if array.dtype.kind == "i" and array.size > 1024:
        at = np.flatnonzero(array.ravel() != 0)
        if 4 * at.size < array.size:
            about["at"] = int(at.size)
            pieces = [at.astype(np.int64), array.ravel()[at]]
    raw = [piece.astype(piece.dtype.newbyteorder("<"), copy=False).tobytes() for piece in pieces]
    about["bytes"] = sum(map(len, raw))
    return about, raw


def _unpacked(about: Mapping[str, Any], raw: memoryview) -> NDArray[Any]:
    if about["dtype"] not in _KINDS:  # NumPy would have Python parse some others
        raise ValueError("no kind of array that a run writes")
    dtype, shape = np.dtype(about["dtype"]), tuple(about["shape"])
    if "at" not in about:
        return np.frombuffer(raw, dtype).reshape(shape).astype(dtype.newbyteorder("="))
    split = 8 * about["at"]
    dense = np.zeros(shape, dtype.newbyteorder("="))
    dense.reshape(-1)[np.frombuffer(raw[:split], "<i8")] = np.frombuffer(raw[split:], dtype)
    return dense


def encode(stored: Stored) -> bytes:
    """Turn a checkpoint into bytes."""
    pieces: list[bytes] = []
    listed = []
    for name, array in stored.arrays.items():
        about, raw = _packed(array)
        listed.append({"name": name, **about})
        pieces += raw
    header = {"key": stored.key, "request": stored.request, "state": stored.state}
    text = json.dumps({**header, "arrays": listed}, ensure_ascii=False).encode("utf-8")
    head = MAGIC + b"%d\n" % FORMAT + len(text).to_bytes(8, "little")
    body = b"".join([head, text, *pieces])
    return body + hashlib.blake2b(body, digest_size=_CHECKSUM).digest()


def decode(content: bytes, name: str) -> Stored:
    """Read a checkpoint from bytes.

    Raises
    ------
    FileError
        When it is none (E803), damaged (E803) or of another format (E808).
    """
    foreign = FileError(Problem("E803", "", "this is not a checkpoint of rangecast", file=name))
    end = content.find(b"\n", 0, len(MAGIC) + 20)
    if not content.startswith(MAGIC) or end < 0:
        raise foreign
    found = content[len(MAGIC) : end].decode("ascii", "replace")
    if found != str(FORMAT):
        message = "another version of rangecast wrote this checkpoint"
        raise FileError(
            Problem("E808", "", message, f"format {found}", f"format {FORMAT}", "", name)
        )
    body, checksum = content[:-_CHECKSUM], content[-_CHECKSUM:]
    if hashlib.blake2b(body, digest_size=_CHECKSUM).digest() != checksum:
        hint = "delete it and start the run again"
        message = "the checkpoint is damaged: its checksum does not match"
        raise FileError(Problem("E803", "", message, hint=hint, file=name))
    try:
        return _contents(body, end + 9)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, MemoryError):
        raise foreign from None  # its checksum is right, yet no run of ours wrote it


def _contents(body: bytes, start: int) -> Stored:
    """Read what follows the first line and the length of the header."""
    length = int.from_bytes(body[start - 8 : start], "little")
    if length > min(_MOST_HEADER, len(body)):
        raise ValueError("the header is longer than the file")
    header = json.loads(str(body[start : start + length], "utf-8"))
    place, view, arrays = start + length, memoryview(body), {}
    for about in header["arrays"]:
        arrays[about["name"]] = _unpacked(about, view[place : place + about["bytes"]])
        place += about["bytes"]
    key, request, state = (header[name] for name in ("key", "request", "state"))
    tables = (key, request, state, key.get("environment", {}))
    if not all(isinstance(part, dict) for part in tables):
        raise TypeError("not a table")
    return Stored(key, request, state, arrays)


def load(path: Path) -> Stored:
    """Read a checkpoint file.

    Raises
    ------
    FileError
    """
    try:
        if not path.is_file():  # a device would never end
            os.stat(path)
            message = "this is no regular file"
            raise FileError(Problem("E802", "", message, file=str(path)))
        with path.open("rb") as file:
            content = file.read(len(MAGIC))
            content += file.read() if content == MAGIC else b""
    except OSError as problem:
        raise refuse(path, problem, "read") from None
    return decode(content, str(path))


def environment() -> dict[str, str]:
    """What decides how numbers are rounded: versions, and the numerics fingerprint."""
    try:
        own = version("rangecast")
    except PackageNotFoundError:
        own = "unknown"
    return {
        "rangecast": own,
        "streams": STREAM_VERSION.decode(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        **{f"arithmetic of {group}": digest for group, digest in by_group().items()},
    }


def _differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Name what differs between two keys, with both values."""

    def short(value: Any) -> str:
        text = str(value)
        return text[:12] + "…" if len(text) > 40 else text

    names = dict.fromkeys([*ours, *theirs])
    pairs = {name: (theirs.get(name, "nothing"), ours.get(name, "nothing")) for name in names}
    return [
        f"{name} {short(there)} there, {short(here)} here"
        for name, (there, here) in pairs.items()
        if there != here
    ]


def check_same_run(stored: Stored, key: Mapping[str, Any], name: str) -> None:
    """Refuse a checkpoint of another run (E804) or of another arithmetic (E805).

    Raises
    ------
    FileError
        With what differs.
    """
    ours, theirs = dict(key), dict(stored.key)
    where, where_else = ours.pop("environment"), theirs.pop("environment", {})
    different = _differences(ours, theirs)
    if different:
        hint = "delete it, or give another file name"
        message = "the checkpoint belongs to another run"
        raise FileError(Problem("E804", "", message, "; ".join(different), hint=hint, file=name))
    different = _differences(where, where_else)
    if different:
        message = "the checkpoint was written by another version or on another processor"
        raise FileError(Problem("E805", "", message, "; ".join(different), file=name))


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often the state of a run is written.

    Parameters
    ----------
    path : Path
    every : float
        Seconds between checkpoints; more where writing one takes long.
    first : float
        Seconds before the first one.
    request : dict
        How the run was asked for, for `rangecast resume`.
    """

    path: Path
    every: float = 5.0
    first: float = 0.0
    request: dict[str, Any] = field(default_factory=dict)

    def saver(self, key: dict[str, Any], in_rounds: bool = False) -> Saver:
        """Make the saver of a run.

        Parameters
        ----------
        key : dict
        in_rounds : bool
            Whether runs of several sizes follow each other and share the file.
        """
        return Saver(self, key, in_rounds)


class Saver:
    """Writes checkpoints of one run from time to time.

    Attributes
    ----------
    problem : Problem or None
        Why a checkpoint after the first could not be written.
    notice : Problem or None
        What is to be said of the file that was there.
    """

    def __init__(self, checkpoint: Checkpoint, key: dict[str, Any], in_rounds: bool) -> None:
        self.checkpoint, self.key, self.in_rounds = checkpoint, key, in_rounds
        self.begins = time.monotonic() + checkpoint.first
        self.next = max(self.begins, time.monotonic() + min(checkpoint.every, 1.0))
        self.written = 0
        self.problem: Problem | None = None
        self.notice: Problem | None = None
        self.lock = Lock(checkpoint.path)
        sweep(checkpoint.path)

    def resume(self) -> Stored | None:
        """Read the checkpoint that is there, if it is one of this run.

        Raises
        ------
        FileError
        """
        path = self.checkpoint.path
        if path.parent.exists():
            self.lock.take()
        if path.is_symlink():
            message, hint = "the checkpoint is a symbolic link", "name the file itself"
            raise FileError(Problem("E807", "", message, hint=hint, file=str(path)))
        if not path.exists():
            return None
        if path.is_file() and not path.stat().st_size:
            message = "the checkpoint is empty: starting again"
            self.notice = Problem("W803", "checkpoint", message, file=str(path))
            return None
        stored = load(path)
        there = stored.key.get("scenarios")
        if self.in_rounds and isinstance(there, int) and there != self.key["scenarios"]:
            if there > self.key["scenarios"]:
                self.next = math.inf  # that of a later round is worth more
            return None
        check_same_run(stored, self.key, str(path))
        return stored

    def has_begun(self) -> bool:
        """Whether the run has lasted long enough for a checkpoint at all."""
        return time.monotonic() >= self.begins

    def is_due(self) -> bool:
        """Whether it is time for the next checkpoint."""
        return time.monotonic() >= self.next

    def save(self, state: dict[str, Any], arrays: Arrays) -> None:
        """Write a checkpoint, and put the next off by what this one cost.

        Raises
        ------
        FileError
            When the first cannot be written; later ones leave the last in place.
        """
        if self.next == math.inf:
            return
        began, path = time.monotonic(), self.checkpoint.path
        try:
            make_folder(path.parent)
            self.lock.take()
            write_whole(path, encode(Stored(self.key, self.checkpoint.request, state, arrays)))
            self.written, self.problem = self.written + 1, None
        except RangecastError as problem:
            if not self.written:
                raise
            self.problem = problem.problems[0]  # hours of work do not end for want of a file
        now = time.monotonic()
        self.next = now + max(self.checkpoint.every, (now - began) / _SHARE)

    def close(self) -> None:
        """Let other processes write the file."""
        self.lock.drop()
