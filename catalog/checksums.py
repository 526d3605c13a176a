"""Checksums: sha256 and md5 of streams, in one read. sha256 is the one digest used everywhere."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
_CHUNKS_AHEAD = 16
#: What a digest's thread adds to its niceness: digests have time to spare, whoever reads and judges has none.
_NICENESS = 7


@dataclass(frozen=True, slots=True)
class Checksums:
    """Size and digests of a byte stream; digests in lower-case hexadecimal."""

    bytes: int
    sha256: str
    md5: str


class Hasher:
    """Feeds a stream to sha256 and md5 while somebody else reads it."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._bytes = 0

    def update(self, content: bytes | memoryview) -> None:
        """Takes the next bytes in."""
        self._sha256.update(content)
        self._md5.update(content)
        self._bytes += len(content)

    def stop(self) -> None:
        """Nothing runs beside this one."""

    def finish(self) -> Checksums:
        """Size and digests of everything seen so far."""
        return Checksums(self._bytes, self._sha256.hexdigest(), self._md5.hexdigest())


class ThreadedHasher(Hasher):
    """The same, each digest in a thread of its own: hashing lets other threads run."""

    def __init__(self) -> None:
        super().__init__()
        self._lanes: tuple[_Lane, ...] = (_Lane(self._sha256.update, "sha256"), _Lane(self._md5.update, "md5"))

    def update(self, content: bytes | memoryview) -> None:
        """Takes the next bytes in; they must not change afterwards."""
        self._bytes += len(content)
        for lane in self._lanes:
            lane.waiting.put(content)

    def stop(self) -> None:
        """Ends the threads when they have seen everything that was given to them."""
        for lane in self._lanes:
            lane.waiting.put(None)
        for lane in self._lanes:
            lane.thread.join()
        self._lanes = ()

    def finish(self) -> Checksums:
        """Size and digests of everything seen so far; the threads end."""
        self.stop()
        return super().finish()


class _Lane:
    """A thread that feeds one digest."""

    def __init__(self, update: Callable[[bytes | memoryview], None], name: str) -> None:
        self.waiting: queue.Queue[bytes | memoryview | None] = queue.Queue(_CHUNKS_AHEAD)
        self._update = update
        self.thread = threading.Thread(target=self._run, name=f"fairline-{name}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        if sys.platform == "linux":  # Elsewhere it is the whole process that gives way.
            with contextlib.suppress(OSError):
                os.nice(_NICENESS)
        while (content := self.waiting.get()) is not None:
            self._update(content)


def sha256_of(content: bytes) -> str:
    """The sha256 of bytes in memory, in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_stream(stream: BinaryIO) -> str:
    """The sha256 of what is left of a stream."""
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def sha256_of_file(path: Path) -> str:
    """The sha256 of a file's content."""
    with path.open("rb") as stream:
        return sha256_of_stream(stream)


def representation_digest(sha256: str) -> str:
    """The value of the HTTP field ``Repr-Digest`` (RFC 9530, section 3)."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
