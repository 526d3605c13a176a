"""Blocks of CRAM: read, their checksums and sizes proved, and unpacked where the standard library can (CRAMv3, 8)."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Any

from catalog.findings import Place
from catalog.formats.alignment.cram_fields import (
    BZIP2,
    COMPRESSION_HEADER,
    CORE,
    EXTERNAL,
    FILE_HEADER,
    GZIP,
    LZMA,
    RAW,
    SLICE_HEADER,
    Block,
    Fields,
    FileEnded,
    WrongLength,
)
from catalog.formats.alignment.cram_rules import BLOCK, BLOCK_CRC, BLOCK_DATA, BOMB
from catalog.formats.alignment.margin import Margin
from catalog.formats.cursor import Cursor

_HIGHEST_METHOD = {(2, 0): 2, (2, 1): 2, (3, 0): 4, (3, 1): 8}
_KEPT_KINDS = frozenset({FILE_HEADER, COMPRESSION_HEADER, SLICE_HEADER})
_MOST_KEPT_BYTES = 64 << 20
_PIECE_BYTES = 1 << 20
_CHECKSUM_BYTES = 4
_LEAST_BUDGET_BYTES, _HIGHEST_RATIO = 256 << 20, 200
_NOT_UNPACKED = -1
_ERRORS = (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError)


class Budget:
    """How much may be unpacked: real reads do not compress so well that a small file takes hours."""

    def __init__(self) -> None:
        """Nothing was unpacked yet."""
        self._spent_bytes = 0

    def allows(self, raw_bytes: int, read_bytes: int) -> bool:
        """Whether a block may be unpacked; what it takes is spent then.

        Args:
            raw_bytes: of the block when it is unpacked.
            read_bytes: of the file up to its end.
        """
        if self._spent_bytes + raw_bytes > max(_LEAST_BUDGET_BYTES, _HIGHEST_RATIO * read_bytes):
            return False
        self._spent_bytes += raw_bytes
        return True


class _Unpacker:
    """Unpacks a block piece by piece, and counts; never more than the block says."""

    def __init__(self, method: int, size: int, *, is_kept: bool) -> None:
        makers: dict[int, Any] = {
            GZIP: lambda: zlib.decompressobj(wbits=31),
            BZIP2: bz2.BZ2Decompressor,
            LZMA: lzma.LZMADecompressor,
        }
        self._decompressor = makers[method]() if method in makers else None
        self._is_raw = method == RAW
        self._limit = size
        self._parts: list[bytes] | None = [] if is_kept else None
        self._count = 0
        self._has_failed = False

    def feed(self, piece: bytes) -> None:
        if self._is_raw:
            self._keep(piece)
        elif self._decompressor is not None and not self._has_failed:
            try:
                self._unpack(piece)
            except _ERRORS:
                self._has_failed = True

    def _unpack(self, piece: bytes) -> None:
        one = self._decompressor
        assert one is not None
        while not one.eof:
            self._keep(one.decompress(piece, _PIECE_BYTES))
            if self._count > self._limit:
                raise ValueError
            piece = getattr(one, "unconsumed_tail", b"")
            if not piece and getattr(one, "needs_input", True):
                return

    def _keep(self, unpacked: bytes) -> None:
        self._count += len(unpacked)
        if self._parts is not None:
            self._parts.append(unpacked)

    @property
    def fits(self) -> bool:
        """Whether it unpacked to its size; also where nobody here can unpack it."""
        if not self._is_raw and self._decompressor is None:
            return True
        return not self._has_failed and self._count == self._limit

    @property
    def content(self) -> bytes | None:
        """What was unpacked, where it was kept."""
        return b"".join(self._parts) if self._parts is not None and self.fits else None


def read_block(cursor: Cursor, version: tuple[int, int], margin: Margin, left: int, budget: Budget) -> Block:
    """The next block.

    Args:
        cursor: at its first byte.
        version: major and minor.
        margin: for findings.
        left: bytes of the container that are left.
        budget: for what is unpacked.

    Raises:
        FileEnded: the file ends before it does.
        WrongLength: it does not fit into its container.
    """
    offset = cursor.offset
    fields = Fields(cursor)
    method, kind = fields.take(2)
    content_id, size, raw_size = fields.itf8(), fields.itf8(), fields.itf8()
    checksum_bytes = _CHECKSUM_BYTES if version[0] >= 3 else 0
    if size < 0 or raw_size < 0 or len(fields.stored) + size + checksum_bytes > left:
        raise WrongLength
    place = Place(offset=offset)
    if method > _HIGHEST_METHOD[version] or kind not in (FILE_HEADER, COMPRESSION_HEADER, SLICE_HEADER, EXTERNAL, CORE):
        margin.note_at(
            place, BLOCK, "block", "a method and a content type of this version", f"method {method}, type {kind}"
        )
    is_kept = kind in _KEPT_KINDS and raw_size <= _MOST_KEPT_BYTES
    is_allowed = method == RAW or budget.allows(raw_size, offset + size)
    if not is_allowed:
        margin.note_at(place, BOMB, "block", "less", f"{raw_size} bytes from {size}")
    unpacker = _Unpacker(method if is_allowed else _NOT_UNPACKED, raw_size, is_kept=is_kept)
    checksum = zlib.crc32(fields.stored)
    for piece in cursor.pieces(size):
        checksum = zlib.crc32(piece, checksum)
        unpacker.feed(piece)
        size -= len(piece)
    if size:
        raise FileEnded
    if version[0] >= 3:
        stored = cursor.take(_CHECKSUM_BYTES)
        if len(stored) < _CHECKSUM_BYTES:
            raise FileEnded
        if int.from_bytes(stored, "little") != checksum:
            margin.note_at(place, BLOCK_CRC, "block", f"{checksum:08x}", stored[::-1].hex())
    if not unpacker.fits:
        margin.note_at(place, BLOCK_DATA, "block", "as many bytes as it states")
    return Block(offset=offset, method=method, kind=kind, content_id=content_id, content=unpacker.content)
