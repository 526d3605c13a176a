"""Compressed files without a clock in them: the same content gives the same bytes (RFC 1952; SAMv1, 4.1)."""

from __future__ import annotations

import struct
import zlib

_COMMENT = 0x10
_UNKNOWN_SYSTEM = 255
#: A block's content and its compressed form must each fit into 64 KiB.
_BLOCK_BYTES = 65_280
_END_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_FAST, _SMALL = 1, 6


def gzip_file(content: bytes, comment: str) -> bytes:
    """A gzip file of one member; its header has no time, and a comment that every reader passes over.

    Args:
        content: what is compressed.
        comment: Latin-1 text without NUL; ``zcat`` does not print it, ``file`` and a hex dump do.
    """
    header = struct.pack("<4BI2B", 0x1F, 0x8B, 8, _COMMENT, 0, 0, _UNKNOWN_SYSTEM)
    return header + comment.encode("latin-1") + b"\0" + _deflate(content, _FAST) + _trailer(content)


def bgzf_file(content: bytes) -> bytes:
    """A BGZF file with its end-of-file block, as ``bgzip`` makes them."""
    blocks = [_block(content[at : at + _BLOCK_BYTES]) for at in range(0, len(content), _BLOCK_BYTES)]
    return b"".join([*blocks, _END_BLOCK])


def _block(content: bytes) -> bytes:
    packed = _deflate(content, _SMALL)
    # The field BSIZE is the length of the whole block, less one: 18 bytes stand before the data and 8 behind.
    extra = struct.pack("<H2BHH", 6, ord("B"), ord("C"), 2, len(packed) + 25)
    return struct.pack("<4BI2B", 0x1F, 0x8B, 8, 4, 0, 0, _UNKNOWN_SYSTEM) + extra + packed + _trailer(content)


def _deflate(content: bytes, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def _trailer(content: bytes) -> bytes:
    return struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
