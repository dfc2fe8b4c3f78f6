"""Write files whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from pathlib import Path

from rangecast.engine.errors import FileError, Problem


def refuse(path: Path, problem: OSError) -> FileError:
    """Turn an operating-system error into ours."""
    reason = problem.strerror or str(problem)
    return FileError(Problem("E802", "", f"cannot write: {reason}", file=str(path)))


def _prefix(path: Path, owner: int) -> str:
    return f".{path.name}.{owner}."


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
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path, os.getpid()))
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
        temporary = None
    except OSError as problem:
        raise refuse(path, problem) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def make_folder(path: Path) -> None:
    """Make a folder, and its parents, unless it is there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise refuse(path, problem) from None
