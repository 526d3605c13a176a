"""Typed values of BCF: descriptors, integers, floats and strings, read from one record (VCFv4.5, 6.3.3)."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Any, NoReturn

from catalog.findings import Finding, Place, Rule
from catalog.formats.bcf.rules import END_OF_VECTOR, LENGTH, RESERVED, STRING, TYPE

MISSING_TYPE, INT8, INT16, INT32, FLOAT, TEXT = 0, 1, 2, 3, 5, 7
INTEGERS = frozenset([INT8, INT16, INT32])
TYPE_NAMES = {
    MISSING_TYPE: "missing",
    INT8: "Integer",
    INT16: "Integer",
    INT32: "Integer",
    FLOAT: "Float",
    TEXT: "text",
}

_BYTES = {MISSING_TYPE: 0, INT8: 1, INT16: 2, INT32: 4, FLOAT: 4, TEXT: 1}
_CODES = {INT8: "b", INT16: "h", INT32: "i", FLOAT: "f"}
#: The lowest value of each type of integer is MISSING, the next END_OF_VECTOR, six more are reserved.
_LOWEST = {INT8: -(2**7), INT16: -(2**15), INT32: -(2**31)}
_RESERVED = 8
#: The lowest value of each type that is not reserved.
FIRST_PLAIN = {kind: lowest + _RESERVED for kind, lowest in _LOWEST.items()}
#: The types that a declared Type is stored as.
_STORED = {
    b"Integer": INTEGERS,
    b"Float": frozenset([FLOAT]),
    b"String": frozenset([TEXT]),
    b"Character": frozenset([TEXT]),
}
_FLOAT_MISSING, _FLOAT_END, _FLOAT_LAST = 0x7F800001, 0x7F800002, 0x7F800007
_LONG = 15
#: The descriptor of one integer of one byte, and the first byte below zero.
_ONE_BYTE, _SIGN = 0x11, 0x80

#: A missing value in a vector.
MISSING = None
Number = int | float | None


class Unreadable(Exception):
    """A record cannot be read further, for the reason in the finding. Never leaves the formats package."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


class Part:
    """One part of a record (what all samples share, or the genotypes) on its way from field to field.

    Attributes:
        content: its bytes.
        at: where the next field begins.
        record: the number of the record, from 1.
    """

    __slots__ = ("_offset", "at", "content", "has_ends", "record")

    def __init__(self, content: bytes, record: int, offset: int, *, has_ends: bool) -> None:
        """Begins at the first field.

        Args:
            content: the bytes.
            record: the number of the record, from 1.
            offset: where they begin in the decompressed stream.
            has_ends: whether END_OF_VECTOR and the reserved values are known: from BCF 2.2 on.
        """
        self.content = content
        self.at = 0
        self.record = record
        self.has_ends = has_ends
        self._offset = offset

    def place(self, column: str, at: int | None = None) -> Place:
        """The place of a field, of the next one when ``at`` is not given."""
        return Place(record=self.record, column=column, offset=self._offset + (self.at if at is None else at))

    def stop(self, rule: Rule, column: str, expected: str, got: object, part: str) -> NoReturn:
        """Ends the reading of the record here."""
        raise Unreadable(rule.at(self.place(column), expected=expected, got=got, part=part))

    def take(self, size: int, column: str) -> bytes:
        """The next bytes; they must be there."""
        taken = self.content[self.at : self.at + size]
        if len(taken) < size:
            self.stop(LENGTH, column, f"{size} bytes for {column}", f"{len(taken)} are left", part="the record")
        self.at += size
        return taken

    def descriptor(self, column: str) -> tuple[int, int]:
        """The type and the number of elements of the next value."""
        began = self.at
        first = self.take(1, column)[0]
        kind, count = first & 15, first >> 4
        if kind not in _BYTES or (kind == MISSING_TYPE and count):
            self.at = began
            self.stop(TYPE, column, "integer, float, text or missing", f"0x{first:02X}", part=column)
        if count == _LONG:
            count = self.integer(column)
            if count < _LONG:
                self.at = began
                self.stop(TYPE, column, f"a size of {_LONG} or more behind size {_LONG}", count, part=column)
        return kind, count

    def integer(self, column: str) -> int:
        """An atomic integer: a key, or a size."""
        began = self.at
        first = self.take(2, column)
        if first[0] == _ONE_BYTE and first[1] < _SIGN:
            return first[1]
        self.at = began + 1
        kind, count = first[0] & 15, first[0] >> 4
        if kind not in INTEGERS or count != 1:
            self.at = began
            self.stop(TYPE, column, "one integer", f"0x{first[0]:02X}", part=column)
        return int.from_bytes(self.take(_BYTES[kind], column), "little", signed=True)

    def raw(self, kind: int, count: int, column: str) -> bytes:
        """The bytes of so many elements."""
        return self.take(_BYTES[kind] * count, column)

    def text(self, column: str) -> bytes | None:
        """A string; None when it is missing."""
        kind, count = self.descriptor(column)
        if kind != TEXT and count:
            self.at -= 1
            self.stop(TYPE, column, "text", TYPE_NAMES[kind], part=column)
        return self.raw(kind, count, column) or None


def fits(kind: int, declared: bytes) -> bool:
    """Whether values of a declared Type are stored as this type."""
    return kind in _STORED.get(declared, frozenset())


def shown(value: Number) -> str:
    """A number as VCF writes it; floats with the digits that 32 bits have."""
    if value is None:
        return "."
    return str(value) if isinstance(value, int) else f"{value:.7g}"


class TextCheck:
    """Turns strings into fields of VCF, each byte one character; what they cannot have is found, and replaced."""

    def __init__(self, unfit: str, find: Callable[[Finding], None]) -> None:
        """Makes ready for one kind of strings.

        Args:
            unfit: the characters that they cannot have, written for a character class.
            find: takes findings.
        """
        self._unfit = re.compile(f"[{unfit}]")
        self._find = find

    def field(self, text: bytes | None, part: Part, column: str, at: int) -> str:
        """One string as a field; a dot for a missing one.

        Args:
            text: its bytes.
            part: the part of the record that it stands in.
            column: the field.
            at: where it begins.
        """
        if not text:
            return "."
        field = text.decode("latin-1")
        if not text.isascii() and not _is_utf_8(text):
            self._find(STRING.at(part.place(column, at), expected="UTF-8", got=text, part=column))
        if self._unfit.search(field) is not None:
            expected = "no control character and no separator of fields"
            self._find(STRING.at(part.place(column, at), expected=expected, got=text, part=column))
            return self._unfit.sub("_", field)
        return field


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def numbers(raw: bytes, kind: int) -> tuple[Any, ...]:
    """The elements of a vector as they are stored."""
    code = _CODES.get(kind)
    return struct.unpack(f"<{len(raw) // _BYTES[kind]}{code}", raw) if code else ()


def vector(raw: bytes, kind: int, *, has_ends: bool) -> tuple[tuple[Number, ...], Rule | None]:
    """The values of one vector, MISSING where one is missing, and the rule that it breaks, if any.

    Args:
        raw: its elements.
        kind: their type.
        has_ends: whether END_OF_VECTOR and the reserved values are known.
    """
    values = numbers(raw, kind)
    if kind == FLOAT:
        if all(value == value for value in values):
            return values, None
        codes = struct.unpack(f"<{len(values)}I", raw)
        missing, end, last = _FLOAT_MISSING, _FLOAT_END, _FLOAT_LAST
        return _settled(values, codes, (missing, end, last), has_ends=has_ends)
    lowest = _LOWEST[kind]
    if min(values) >= FIRST_PLAIN[kind]:
        return values, None
    return _settled(values, values, (lowest, lowest + 1, lowest + _RESERVED - 1), has_ends=has_ends)


def _settled(
    values: tuple[Number, ...], codes: tuple[Number, ...], marks: tuple[int, int, int], *, has_ends: bool
) -> tuple[tuple[Number, ...], Rule | None]:
    """Values up to the end of the vector; codes tell MISSING, END_OF_VECTOR and the last reserved value."""
    missing, end, last = marks
    if not has_ends:
        return tuple(MISSING if code == missing else value for value, code in zip(values, codes, strict=True)), None
    rule = None
    if end in codes:
        length = codes.index(end)
        if any(code != end for code in codes[length:]):
            return (), END_OF_VECTOR
        values, codes = values[:length], codes[:length]
    settled: list[Number] = []
    for value, code in zip(values, codes, strict=True):
        assert code is not None
        if missing < code <= last:
            rule = RESERVED
        settled.append(MISSING if missing <= code <= last else value)
    return tuple(settled), rule
