"""The header of a gzip member: whether it is there to its end, and what is wrong with it (RFC 1952, 2.3)."""

from __future__ import annotations

_FIXED_BYTES = 10
_HAS_SUM, _HAS_EXTRA, _HAS_NAME, _HAS_COMMENT, _RESERVED = 2, 4, 8, 16, 0xE0


def has_header(raw: bytes) -> bool:
    """Whether bytes hold a header to its end."""
    if len(raw) < _FIXED_BYTES:
        return False
    flags, at = raw[3], _FIXED_BYTES
    if flags & _HAS_EXTRA:
        at += 2 + int.from_bytes(raw[at : at + 2], "little")
    for flag in (_HAS_NAME, _HAS_COMMENT):
        if flags & flag:
            at = raw.find(b"\0", at) + 1
            if not at:
                return False
    return len(raw) >= at + 2 * bool(flags & _HAS_SUM)


def header_fault(raw: bytes) -> str:
    """What is wrong with a header that decompressors pass over; empty where nothing is.

    Args:
        raw: a member, with its header to the end.
    """
    if raw[3] & _RESERVED:
        return "the header has a flag that is reserved"  # RFC 1952, 2.3.1.2: an error must be given
    if not raw[3] & _HAS_EXTRA:
        return ""
    at = _FIXED_BYTES + 2
    end = at + int.from_bytes(raw[_FIXED_BYTES:at], "little")
    while at + 4 <= end:
        at += 4 + int.from_bytes(raw[at + 2 : at + 4], "little")
    return "" if at == end else "the extra field of the header is not made of subfields"


def problem_of(error: Exception) -> str:
    """What the library says, in words: its codes are those of the decompressor alone."""
    said = str(error)
    if "checksum" in said.lower():
        return "the content has not the checksum or the length that stand behind it (CRC32, ISIZE)"
    return said
