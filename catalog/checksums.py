"""Checksums: sha256 and md5 of streams, in one read. sha256 is the one digest used everywhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20


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

    def finish(self) -> Checksums:
        """Size and digests of everything seen so far."""
        return Checksums(self._bytes, self._sha256.hexdigest(), self._md5.hexdigest())


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
