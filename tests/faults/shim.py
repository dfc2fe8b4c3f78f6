"""Every call by which the package reaches the disk, counted, and made to fail at the k-th."""

import contextlib
import io
import os
import pathlib

NAMES = ("open", "fdopen", "fsync", "replace", "unlink", "mkdir", "rmdir", "close")


class _File(io.BufferedWriter):
    """A file whose writes and flushes are calls of their own."""

    counter = None

    def write(self, data):
        self.counter.step("write")
        return super().write(data)

    def flush(self):
        if not self.closed:
            self.counter.step("flush")
            super().flush()


class Counter:
    """Count calls; at the k-th raise an error, or end the process.

    Parameters
    ----------
    folder : Path
        Calls that concern other places are left alone.
    at : int
        Call that fails, from 1; 0 for none.
    code : int or None
        Number of the error; with None the process ends, as by SIGKILL, before the call.
    """

    def __init__(self, folder, at=0, code=None):
        self.folder, self.at, self.code, self.calls = str(folder), at, code, []

    def step(self, name):
        """Count one call, and fail if it is its turn."""
        self.calls.append(name)
        if len(self.calls) == self.at:
            if self.code is None:
                os._exit(137)
            raise OSError(self.code, os.strerror(self.code))

    def _is_inside(self, place):
        if isinstance(place, int):
            try:
                place = os.readlink(f"/proc/self/fd/{place}")
            except OSError:
                return False
        return str(pathlib.Path(os.fsdecode(place)).absolute()).startswith(self.folder)

    def _wrapped(self, module, name):
        real = getattr(module, name)

        def call(place, *arguments, **options):
            if not self._is_inside(place):
                return real(place, *arguments, **options)
            if name == "fdopen":
                return type("File", (_File,), {"counter": self})(io.FileIO(place, *arguments))
            if name == "close":  # one that fails has closed the file all the same
                real(place)
                return self.step(name)
            self.step(name)
            return real(place, *arguments, **options)

        return real, call

    @contextlib.contextmanager
    def installed(self):
        """Put the calls in place of those of the system."""
        places = [(os, name) for name in NAMES] + [(io, "open")]
        kept = []
        try:
            for module, name in places:
                real, call = self._wrapped(module, name)
                kept.append((module, name, real))
                setattr(module, name, call)
            yield self
        finally:
            for module, name, real in kept:
                setattr(module, name, real)
