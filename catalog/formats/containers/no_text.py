"""Content that no text format can read, known by its start: said once, instead of what each format would make of it."""

from __future__ import annotations

from catalog.findings import Finding, Place
from catalog.formats.containers.rules import COMPRESSED_TWICE, CR_ALONE, WIDE

_GZIP_MAGIC = b"\x1f\x8b"
_WIDE_MARKS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_SEARCHED_BYTES = 64 << 10


def no_lines(start: bytes, *, allows_cr: bool = False) -> Finding | None:
    """Why a text cannot be taken apart into lines; None where it can.

    Args:
        start: its first bytes, at least one line of them where lines end with LF.
        allows_cr: whether lines may end with CR alone.
    """
    if start.startswith(_GZIP_MAGIC):
        return COMPRESSED_TWICE.at(Place(offset=0), expected="text", got="gzip")
    for mark, encoding in _WIDE_MARKS:
        if start.startswith(mark):
            return WIDE.at(Place(line=1, column=1, offset=0), expected="UTF-8", got=encoding, encoding=encoding)
    # A CR at the end may be half of CR+LF.
    first = start.find(b"\r", 0, min(_SEARCHED_BYTES, len(start) - 1))
    if not allows_cr and first >= 0 and b"\n" not in start:
        return CR_ALONE.at(Place(line=1, offset=first), expected="LF", got="CR")
    return None
