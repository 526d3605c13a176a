"""Durable writes: the only module that creates, renames and removes files which must survive a crash.

Everything that fairline may not lose (store, ledger, index pointer, journals, a curator's files)
is written through these functions. They call the system through the name ``os`` of this module,
which the crash tests replace by one that kills the process at the k-th call.

Rules: a file is synced before it is renamed, a directory is
synced after a name in it has changed, and a rename is the only step that makes anything visible.
"""

from __future__ import annotations

import contextlib
import errno
import os as os  # tests replace this name to kill the process at a chosen call
import shutil
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import CatalogError, TemporaryError

_CHUNK_BYTES = 1 << 20
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_SYNCS_DIRECTORIES = os.name == "posix"


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns errors of the disk into a clear error that says where; the old state stays as it was."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def disk_error(error: OSError, path: Path) -> CatalogError:
    """The error to raise for a failed system call on a path."""
    full = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    code = "disk-full" if error.errno in full else "disk-error"
    hint = (
        "free some space and run the same command again; nothing that was released has changed"
        if code == "disk-full"
        else "something was moved or removed in the meantime: look, then run the same command again"
        if error.errno == errno.ENOENT
        else "mend the disk or the permissions and run the same command again"
    )
    return TemporaryError(code, f"the disk says no: {error.strerror}", at=str(error.filename or path), hint=hint)


def sync_directory(directory: Path) -> None:
    """Makes the names in a directory durable."""
    if not _SYNCS_DIRECTORIES:
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory_unsynced(directory: Path) -> None:
    """Creates one directory whose name need not be durable yet: the caller syncs its parent, or it is staging."""
    os.mkdir(directory)


def make_directory(directory: Path) -> None:
    """Creates one directory (its parent exists) and makes its name durable."""
    os.mkdir(directory)
    sync_directory(directory.parent)


def make_directories(directory: Path) -> None:
    """Creates a directory and its missing parents, each made durable; existing ones are left."""
    missing = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):
            make_directory(each)


def write_new(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Writes a file that must not exist yet, and syncs it. The caller syncs the directory.

    Raises:
        FileExistsError: the path is taken.
    """
    descriptor = os.open(path, _NEW_FILE, mode)
    try:
        _write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes | memoryview) -> None:
    view = memoryview(content)
    while view:
        written = os.write(descriptor, view[:_CHUNK_BYTES])
        view = view[written:]


def replace_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Puts new content under a name in one step: readers see the old bytes or the new, never a mixture."""
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(part)
    try:
        write_new(part, content, mode)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
    sync_directory(path.parent)


def write_out(path: Path, content: bytes) -> None:
    """Puts content where a caller wants it: under a name in one step, or into a device or pipe that has the name."""
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            stream.write(content)
    else:
        replace_file(path, content)


def append_line(path: Path, line: bytes) -> None:
    """Appends one whole line to a file of lines, in one step.

    The new content is written beside the old and renamed over it, so that a crash in the middle
    never leaves half a line: a signed ledger must not end in one.
    """
    old = path.read_bytes() if path.exists() else b""
    replace_file(path, old + line)


def extend_file(path: Path, line: bytes) -> None:
    """Adds one line to a log, synced; a crash may leave a part of the line, which readers of logs pass over.

    A part that was left is ended first, so that it spoils no other line.
    """
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        _write_all(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync_directory(path.parent)


def rename(source: Path, target: Path) -> None:
    """Renames within one file system and makes the target's name durable."""
    os.rename(source, target)
    sync_directory(target.parent)


def replace_name(source: Path, target: Path) -> None:
    """Renames over whatever bears the target's name, and makes it durable."""
    os.replace(source, target)
    sync_directory(target.parent)


def rename_unsynced(source: Path, target: Path) -> None:
    """Renames without syncing: the caller syncs the directory once for many names."""
    os.rename(source, target)


def sync_file(path: Path) -> None:
    """Makes a file's content durable that another library wrote (an index, a Parquet file)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class NewFile:
    """A file being written for the first time: created exclusively, synced on :meth:`close`."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, _NEW_FILE, 0o644)

    def write(self, content: bytes) -> None:
        """Appends content."""
        _write_all(self._descriptor, content)

    def close(self, *, sync: bool = True) -> None:
        """Syncs and closes."""
        try:
            if sync:
                os.fsync(self._descriptor)
        finally:
            os.close(self._descriptor)


def remove_file(path: Path) -> None:
    """Removes a file if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def remove_tree(directory: Path) -> None:
    """Removes a directory with everything in it, if it is there. Never follows a link.

    The tree is renamed away first when that is possible in one step by the caller; here the
    removal may stop half-way and is repeated by whoever recovers.
    """
    if not directory.exists():
        return
    for parent, directories, files in os.walk(directory, topdown=False):
        for name in files:
            os.unlink(os.path.join(parent, name))
        for name in directories:
            each = os.path.join(parent, name)
            if os.path.islink(each):
                os.unlink(each)
            else:
                os.rmdir(each)
    os.rmdir(directory)
    sync_directory(directory.parent)


def prune_empty_directories(directory: Path, stop: Path) -> None:
    """Removes a directory and its parents below ``stop`` as long as they are empty."""
    while directory != stop and stop in directory.parents:
        try:
            os.rmdir(directory)
        except OSError:
            return
        directory = directory.parent


def free_bytes(path: Path) -> int:
    """Free space on the file system of a path, in bytes."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free
