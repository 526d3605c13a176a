"""Optional fields of alignment records: names, types and values, and those that the specification reserves (SAMtags)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalog.findings import Rule
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.margin import SAM, TAGS, Margin, forbidden, unusual

FORM = forbidden(
    "sam-tag-form",
    "an optional field is not written as TAG:TYPE:VALUE, or has a type that the format does not know",
    "write two characters, a type (A, i, f, Z, H or B) and the value, with colons between them",
    f"{SAM}, 1.5",
)
VALUE = forbidden(
    "sam-tag-value",
    "the value of an optional field does not fit its type",
    "correct the value or the type, or make the file again from its source",
    f"{SAM}, 1.5",
)
TWICE = forbidden(
    "sam-tag-twice",
    "an optional field stands twice in a record",
    "keep one of them",
    f"{SAM}, 1.5: each TAG can only appear once",
)
RESERVED_TYPE = unusual(
    "sam-tag-type",
    "a field with a reserved name has another type than it is reserved for",
    "rename the field (names in lower case are for local use), or correct its type",
    f"{TAGS}, 1 (standard tags)",
    "Programs read the field by its reserved meaning.",
)
NOT_IN_HEADER = forbidden(
    "sam-tag-not-in-header",
    "a record names a read group, library or platform unit that the header does not have",
    "add the @RG line (samtools addreplacerg), or correct the field",
    f"{TAGS}, 1.2 (RG, LB, PU): must match if @RG headers are present",
    "The read belongs to no sample.",
)
UNDECLARED = unusual(
    "sam-tag-undeclared",
    "a record names a read group or program that the header does not have",
    "add the @RG or @PG line, or take the field out",
    f"{SAM}, 2 (1.3 and 1.4)",
)

TAG_RULES: tuple[Rule, ...] = (FORM, VALUE, TWICE, RESERVED_TYPE, NOT_IN_HEADER, UNDECLARED)

_TYPES: Mapping[str, str] = {
    "A": "TS",
    "i": "AM AS CM CP FI H0 H1 H2 HI IH MN MQ NH NM OP PQ SM TC UQ",
    "Z": "BC BQ BZ CB CC CO CQ CR CS CT CY E2 FS LB MC MD MI MM OA OC OQ OX PG PT PU Q2 QT QX R2 RG RX SA U2",
    "BI": "CG",
    "BS": "FZ",
    "BC": "ML",
}
#: The type for which a name is reserved; of arrays with the type of their numbers.
RESERVED: Mapping[bytes, bytes] = {
    name.encode(): kind.encode() for kind, names in _TYPES.items() for name in names.split()
}

_NUMBER = re.compile(rb"[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WHOLE_NUMBER = re.compile(rb"[-+]?[0-9]+")
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9]):([AifZHB]):(.*)", re.DOTALL)
_ELEMENT = re.compile(rb"[^,]*")
_HEXADECIMAL = b"0123456789ABCDEF"
_PRINTABLE = bytes(range(32, 127))
_RANGES = {
    b"c": (-(1 << 7), (1 << 7) - 1),
    b"C": (0, (1 << 8) - 1),
    b"s": (-(1 << 15), (1 << 15) - 1),
    b"S": (0, (1 << 16) - 1),
    b"i": (-(1 << 31), (1 << 31) - 1),
    b"I": (0, (1 << 32) - 1),
}
_LOWEST, _HIGHEST = -(1 << 31), (1 << 32) - 1
_MOST_DIGITS = 20
#: The largest number of IEEE 754 binary32, and below which a number other than zero becomes zero.
_LARGEST_FLOAT, _SMALLEST_FLOAT = 3.4028235677973366e38, 7.006492321624085e-46
_EXPECTED = {
    b"A": "one printable character",
    b"i": "a whole number from -2147483648 to 4294967295",
    b"f": "a number that single precision holds",
    b"Z": "printable characters",
    b"H": "pairs of hexadecimal digits in capitals",
    b"B": "a type and numbers of it, with commas between",
}


class TagJudge:
    """Judges the optional fields of records."""

    def __init__(self, header: Header, margin: Margin) -> None:
        self._margin = margin
        groups = header.read_groups.values()
        self._has_groups = bool(header.read_groups)
        self._known: Mapping[bytes, set[bytes]] = {
            b"RG": set(header.read_groups),
            b"PG": set(header.programs),
            b"LB": {group[b"LB"] for group in groups if b"LB" in group},
            b"PU": {group[b"PU"] for group in groups if b"PU" in group},
        }

    def take_text(self, fields: list[bytes]) -> None:
        """Takes the optional fields of one record of a SAM."""
        seen: set[bytes] = set()
        for text in fields:
            match = _FIELD.fullmatch(text)
            if match is None:
                self._margin.note(FORM, "optional field", "TAG:TYPE:VALUE", text)
                continue
            tag, kind, value = match.groups()
            self.take_name(tag, seen)
            if not _fits(kind, value):
                self._margin.note(VALUE, tag.decode(), _EXPECTED[kind], value)
            self.take_meaning(tag, kind + value[:1] if kind == b"B" else kind, value)

    def take_name(self, tag: bytes, seen: set[bytes]) -> None:
        """Takes the name of a field; those seen before in the record are given, and it is added."""
        if tag in seen:
            self._margin.note(TWICE, tag.decode("ascii", "replace"), "each field once")
        seen.add(tag)

    def take_meaning(self, tag: bytes, kind: bytes, value: bytes) -> None:
        """Compares a well-formed field with what its name is reserved for, and with the header.

        Args:
            tag: its name.
            kind: ``i`` for all whole numbers; ``B`` with the type of the numbers.
            value: of text; others may be empty.
        """
        reserved = RESERVED.get(tag)
        if reserved is not None and kind != reserved:
            self._margin.note(RESERVED_TYPE, tag.decode(), f"type {shown_type(reserved)}", shown_type(kind))
        elif tag in self._known and value not in self._known[tag]:
            must = tag != b"PG" and self._has_groups
            if must or tag in (b"RG", b"PG"):
                expected = "a value that the header has"
                self._margin.note(NOT_IN_HEADER if must else UNDECLARED, tag.decode(), expected, value)


def shown_type(kind: bytes) -> str:
    """A type as SAMtags writes it, such as ``B,C``."""
    return ",".join(kind.decode("ascii", "replace"))


def _fits(kind: bytes, value: bytes) -> bool:
    """Whether a value fits its type. Arrays are walked through, since a line of many megabytes may be one."""
    if kind == b"Z":
        return not value.translate(None, _PRINTABLE)
    if kind == b"i":
        return is_whole(value, _LOWEST, _HIGHEST)
    if kind == b"f":
        return _is_single(value)
    if kind == b"A":
        return len(value) == 1 and b"!" <= value <= b"~"
    if kind == b"H":
        return len(value) % 2 == 0 and not value.translate(None, _HEXADECIMAL)
    return _is_array(value)


def _is_array(value: bytes) -> bool:
    if value[:1] not in _RANGES and value[:1] != b"f":
        return False
    at = 1
    while at < len(value):
        element = _ELEMENT.match(value, at + 1)
        if value[at] != 0x2C or element is None:
            return False
        at = element.end()
        if not (_is_single(element[0]) if value[:1] == b"f" else is_whole(element[0], *_RANGES[value[:1]])):
            return False
    return True


def is_whole(number: bytes, low: int, high: int) -> bool:
    """Whether a text is a whole number, with or without sign and leading zeros, within a range."""
    if not _WHOLE_NUMBER.fullmatch(number):
        return False
    if len(number) > _MOST_DIGITS:
        sign = number[:1] if number[:1] in (b"+", b"-") else b""
        number = sign + (number[len(sign) :].lstrip(b"0") or b"0")
    return len(number) <= _MOST_DIGITS and low <= int(number) <= high


def _is_single(text: bytes) -> bool:
    if not _NUMBER.fullmatch(text):
        return False
    number = abs(float(text))
    if number >= _LARGEST_FLOAT:
        return False
    return number > _SMALLEST_FLOAT or not text.lower().partition(b"e")[0].strip(b"+-0.")
