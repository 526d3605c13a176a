"""Locks between processes of one machine: ``flock``, which the kernel frees when a process dies. Local disks only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import ConflictError


@contextlib.contextmanager
def exclusive(path: Path, *, wait: bool, what: str) -> Iterator[None]:
    """Holds a lock while the body runs.

    Args:
        path: the lock's file; it is made when missing and never removed.
        wait: whether to wait for another holder.
        what: what the holder does, for the error.

    Raises:
        ConflictError: somebody else holds it, and waiting was not asked for.
    """
    import fcntl  # POSIX only; this module is on curators' and operators' paths alone

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()
            raise ConflictError(
                "locked",
                f"another process {what}",
                at=str(path),
                got=holder or None,
                hint="wait until it has finished, then run the same command again; a dead process holds no lock",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
