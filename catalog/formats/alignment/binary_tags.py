"""Optional fields as BAM stores them (SAMv1, 4.2.4)."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from catalog.formats.alignment.margin import SAM, Margin, forbidden
from catalog.formats.alignment.tags import FORM, VALUE, TagJudge

LAYOUT = forbidden(
    "bam-tag-layout",
    "the optional fields do not end where the record ends",
    "the file is damaged or was written by a faulty program: make it again from its source",
    f"{SAM}, 4.2 and 4.2.4",
    "What follows in the record cannot be read.",
)

#: Bytes of a value by its type.
SIZES = {b"A": 1, b"c": 1, b"C": 1, b"s": 2, b"S": 2, b"i": 4, b"I": 4, b"f": 4}
_WHOLE = frozenset(b"cCsSiI")
_MOST_SHOWN = 100
_MOST_FIELDS = 52 * 62 + 1
_PRINTABLE = bytes(range(32, 127))
_HEXADECIMAL = b"0123456789ABCDEF"
_INDEX = struct.Struct("<I")
_FLOAT = struct.Struct("<f")


class BinaryTags:
    """Walks over the optional fields of records."""

    def __init__(self, judge: TagJudge, margin: Margin) -> None:
        self._judge = judge
        self._margin = margin

    def take(self, content: bytes, begin: int) -> bytes | None:
        """Takes the optional fields of one record.

        Args:
            content: of the record.
            begin: where the fields begin; they go on to its end.

        Returns:
            The operations in the field ``CG``, four bytes each; None where there is no such array.
        """
        seen: set[bytes] = set()
        long_cigar = None
        for tag, kind, value in self._fields(content, begin):
            if not (tag.isalnum() and tag[:1].isalpha()):
                self._margin.note(FORM, "optional field", "a letter, then a letter or digit", tag)
                continue
            self._judge.take_name(tag, seen)
            if not _fits(kind, value):
                got = value[:_MOST_SHOWN] if kind in (b"Z", b"A", b"H") else None
                self._margin.note(VALUE, tag.decode(), _EXPECTED.get(kind[:1], "numbers"), got)
            meant = b"i" if kind[0] in _WHOLE else kind
            self._judge.take_meaning(tag, meant, value)
            if tag == b"CG" and kind == b"BI":
                long_cigar = value
        return long_cigar

    def _fields(self, content: bytes, at: int) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Name, type (with that of the numbers of an array) and stored value of each field.

        Ends where there are more fields than names: some were there twice.
        """
        for _ in range(_MOST_FIELDS):
            if at >= len(content):
                return
            tag, kind = content[at : at + 2], content[at + 2 : at + 3]
            at += 3
            if kind in (b"Z", b"H"):
                end = content.find(b"\0", at)
                size, after = end - at, 1
            elif (
                kind == b"B"
                and content[at : at + 1] in SIZES
                and content[at : at + 1] != b"A"
                and at + 5 <= len(content)
            ):
                kind += content[at : at + 1]
                size, after = _INDEX.unpack_from(content, at + 1)[0] * SIZES[kind[1:]], 0
                at += 5
            elif kind in SIZES:
                size, after = SIZES[kind], 0
            else:
                rule = LAYOUT if not kind or kind == b"B" else FORM
                self._margin.note(rule, "optional field", "a type of AcCsSiIfZHB", tag + kind)
                return
            if size < 0 or at + size + after > len(content):
                self._margin.note(LAYOUT, "optional field", "a value within the record", tag)
                return
            yield tag, kind, content[at : at + size]
            at += size + after


_EXPECTED = {
    b"A": "one printable character",
    b"f": "a finite number",
    b"Z": "printable characters",
    b"H": "pairs of hexadecimal digits in capitals",
}


def _fits(kind: bytes, value: bytes) -> bool:
    if kind == b"Z":
        return not value.translate(None, _PRINTABLE)
    if kind == b"A":
        return b"!" <= value <= b"~"
    if kind == b"H":
        return len(value) % 2 == 0 and not value.translate(None, _HEXADECIMAL)
    if kind == b"f":
        return math.isfinite(_FLOAT.unpack(value)[0])
    return kind != b"Bf" or all(map(math.isfinite, memoryview(value).cast("f")))
