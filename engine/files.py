"""Write files whole or not at all, one writer at a time."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from rangecast.engine.errors import FileError, Problem, RangecastError, ResourceError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOTHING_LEFT = {errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
_LONGEST_WAIT = 10.0  # seconds
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def refuse(path: Path | str, problem: OSError, verb: str = "write") -> RangecastError:
    """Turn an operating-system error into ours."""
    reason, where = problem.strerror or str(problem), str(path)
    if problem.errno in _FULL:
        hint = "free some space, then try again"
        return FileError(Problem("E801", "", f"cannot {verb}: {reason}", hint=hint, file=where))
    if problem.errno in _NOTHING_LEFT:
        hint = "raise the limit (ulimit -a shows it), or use --workers 1"
        return ResourceError(
            Problem(
                "E707", "", f"a limit of the system is reached: {reason}", hint=hint, file=where
            )
        )
    return FileError(Problem("E802", "", f"cannot {verb}: {reason}", file=where))


def sweep(path: Path) -> None:
    """Remove temporary files that killed processes left beside `path`."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.*"):
        owner = left.name[len(path.name) + 2 :].split(".")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            with contextlib.suppress(OSError):
                left.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_whole(path: Path, content: bytes, *, exclusive: bool = False) -> None:
    """Write a file through a temporary one beside it: it appears complete or not at all.

    Parameters
    ----------
    path : Path
    content : bytes
    exclusive : bool
        Refuse to replace an existing file (E809).

    Raises
    ------
    FileError
    """
    if exclusive and path.exists():
        problem = Problem("E809", "", "exists already", hint="choose another name", file=str(path))
        raise FileError(problem)
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write files that belong together: none changes before all of them are on the disk.

    Each is written beside its target, so that a disk that fills up changes nothing; then all are
    renamed in the order given, the last one telling that the set is complete.

    Raises
    ------
    FileError
        E801 when the disk is full, E802 for other reasons.
    """
    made: dict[Path, Path] = {}
    path = Path()
    try:
        for path, content in contents.items():
            made[path] = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            _write_synced(made[path], content)
        for path in contents:
            os.replace(made[path], path)
            del made[path]
        for folder in dict.fromkeys(path.parent for path in contents):
            _sync_folder(folder)
    except OSError as problem:
        raise refuse(path, problem) from None
    finally:
        for left in made.values():
            _remove(left)


def _remove(path: Path) -> None:
    """Remove a file, if it is there and can be removed; a disk may refuse once."""
    for _ in range(2):
        try:
            os.unlink(path)
        except FileNotFoundError:
            return
        except OSError:
            continue
        return


def _write_synced(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, _FLAGS, 0o666), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Put the new names on the disk, too; not every file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder, and its parents, unless it is there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise refuse(path, problem) from None


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be written, or made, before hours of work go into it.

    Raises
    ------
    FileError
    """
    probe = None
    try:
        there = folder.absolute()
        while not there.exists() and there != there.parent:
            there = there.parent
        probe = there / f".results.json.{os.getpid()}.{secrets.token_hex(4)}"
        os.close(os.open(probe, _FLAGS, 0o666))
    except OSError as problem:
        raise refuse(folder, problem) from None
    finally:
        if probe is not None:
            _remove(probe)


class Lock:
    """Keeps other processes from writing a file; it ends with this process, however it ends.

    Parameters
    ----------
    path : Path
        The file; the lock is an empty file beside it.

    Attributes
    ----------
    problem : str
        Why the file system cannot lock, where it cannot.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f".{path.name}.lock")
        self.handle: int | None = None
        self.problem = ""

    def take(self) -> None:
        """Take the lock, unless it is held already.

        Raises
        ------
        FileError
            When another process holds it (E806).
        """
        while fcntl is not None and self.handle is None and not self.problem:
            try:
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            except OSError as problem:
                raise refuse(self.path, problem) from None
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_at(self.path, handle):  # its last owner may have removed it meanwhile
                    self.handle = handle
                    return
            except OSError as problem:
                if problem.errno in {errno.EAGAIN, errno.EACCES}:
                    message = "another process is writing this file"
                    hint = "wait for it, or give another file name"
                    target = str(self.path.with_name(self.path.name[1:-5]))
                    raise FileError(Problem("E806", "", message, hint=hint, file=target)) from None
                if problem.errno not in _NO_LOCKS:
                    raise refuse(self.path, problem) from None
                self.problem = problem.strerror or str(problem)
            finally:
                if self.handle is None:
                    os.close(handle)

    def drop(self) -> None:
        """Give the lock back and leave nothing behind."""
        if self.handle is not None:
            _remove(self.path)
            with contextlib.suppress(OSError):
                os.close(self.handle)
            self.handle = None


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process writes into a folder, and keep others waiting.

    A process that was stopped in the middle holds others up for ten seconds, not for ever; where
    there are no locks, the last one wins.
    """
    handle, ends = None, time.monotonic() + _LONGEST_WAIT
    try:
        with contextlib.suppress(OSError):
            if fcntl is not None:
                handle = os.open(folder, os.O_RDONLY)
            while handle is not None and not _locked(handle) and time.monotonic() < ends:
                time.sleep(0.02)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_set(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files that belong together into a folder, and nobody else meanwhile.

    The folder is made if need be, and the folders inside it that names such as ``data/a.csv`` tell;
    what killed processes left of these files is removed.

    Raises
    ------
    FileError
    """
    is_new = not folder.exists()
    make_folder(folder)
    for name in contents:
        if "/" in name:
            make_folder((folder / name).parent)
        sweep(folder / name)
    try:
        with alone_in(folder):
            write_together({folder / name: content for name, content in contents.items()})
    except FileError:
        if is_new:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
