"""Write files whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from rangecast.engine.errors import FileError, Problem


def refuse(path: Path, problem: OSError) -> FileError:
    """Turn an operating-system error into ours."""
    reason = problem.strerror or str(problem)
    return FileError(Problem("E802", "", f"cannot write: {reason}", file=str(path)))


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
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
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
