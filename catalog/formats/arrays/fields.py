"""The plan that Illumina's binary files share: a table of codes and offsets, then one field for each code.

Readers of these files jump to the offset of a field and take what lies there. Here the fields are read in the order of
their offsets, once, and every offset is held against the end of the field before it: a field that starts inside
another, or outside of the file, is a finding and is not read.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.cursor import Cursor

#: A table of more fields than this is no table; real ones have about thirty.
_MOST_FIELDS = 1000
#: No text of these files is longer than this; the longest that was seen is about 6 kB.
_LONGEST_TEXT_BYTES = 1 << 20
#: Of one length: seven bits a byte, least significant first.
_MOST_LENGTH_BYTES = 5
#: The largest arrays have about five million probes.
MOST_PROBES = 20_000_000


class Stopped(Exception):
    """Reading cannot go on, for the reason in the finding. Never leaves the formats package."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """The rules of the plan, with a format's own prefix."""

    truncated: Rule
    table: Rule
    repeated: Rule
    missing: Rule
    unknown: Rule
    offset: Rule
    overlap: Rule
    count: Rule
    text: Rule
    trailing: Rule

    def all(self) -> tuple[Rule, ...]:
        """Every rule, in the order of the attributes."""
        return tuple(getattr(self, name) for name in self.__slots__)


def field_rules(prefix: str, source: str) -> FieldRules:
    """The rules of a format.

    Args:
        prefix: of their codes.
        source: the document that lays the format down.
    """
    again = "the file is damaged: copy it again, and compare its sha256 with the source"

    def error(code: str, message: str, hint: str, part: str, why: str = "") -> Rule:
        return Rule(f"{prefix}-{code}", Severity.ERROR, Level.SPEC, message, hint, f"{source}, {part}", why)

    return FieldRules(
        truncated=error("truncated", "the file ends inside {part}", again, "fields", "What follows is missing."),
        table=error("field-table", "the number of fields cannot be right", again, "header"),
        repeated=error("field-repeated", "a field is in the table twice", again, "header"),
        missing=error("field-missing", "the file has no field {part}", "get the scanner's own file", "field codes"),
        unknown=Rule(
            f"{prefix}-field-unknown",
            Severity.WARNING,
            Level.BANK,
            "the file has a field that is not documented",
            "look which software wrote the file; the field is not checked",
            f"{source}, field codes",
        ),
        offset=error("field-offset", "a field does not lie in the file, behind the table", again, "header"),
        overlap=error(
            "field-overlap",
            "a field starts inside the one before it",
            again,
            "header",
            "One of the two holds bytes of the other.",
        ),
        count=error(
            "count",
            "a field does not have one value for each probe",
            again,
            "fields",
            "Values would be taken for those of other probes.",
        ),
        text=error("text", "{part} is not text with its length before it", again, "data types (string)"),
        trailing=error(
            "trailing-bytes", "bytes follow the last field", "something was appended: copy the file again", "fields"
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One entry of the table.

    Attributes:
        code: which field it is.
        name: for people.
        entry: its number in the table, from 1.
        value: the offset where it starts, or the value itself where the format keeps one there.
        end: where the next field starts; None for the last one.
    """

    code: int
    name: str
    entry: int
    value: int
    end: int | None = None

    @property
    def place(self) -> Place:
        """Where it should lie."""
        return Place(record=self.entry, column=self.name, offset=self.value)


class FieldReader:
    """Reads the table, then the fields in the order of their offsets; defects are put into ``find``."""

    def __init__(self, cursor: Cursor, find: Callable[[Finding], None], rules: FieldRules) -> None:
        self._cursor = cursor
        self._find = find
        self.rules = rules
        self._end: int | None = None

    def stop(self, part: str) -> NoReturn:
        """Gives up because the file has ended.

        Raises:
            Stopped: always.
        """
        place = Place(offset=self._cursor.offset, column=part)
        raise Stopped(self.rules.truncated.at(place, expected=f"the rest of {part}", part=part))

    def numbers(self, code: str, part: str) -> tuple[Any, ...]:
        """The next numbers, by a code of :mod:`struct`.

        Raises:
            Stopped: the file ends before.
        """
        size = struct.calcsize(code)
        raw = self._cursor.take(size)
        if len(raw) < size:
            self.stop(part)
        return struct.unpack(code, raw)

    def table(self, entry_code: str, names: Mapping[int, str]) -> list[Field]:
        """The entries of the table, whose number comes first (four bytes), in their order.

        Raises:
            Stopped: the number cannot be right, or the file ends before.
        """
        place = Place(offset=self._cursor.offset, column="number of fields")
        (count,) = self.numbers("<i", "the table of fields")
        if not 0 < count <= _MOST_FIELDS:
            raise Stopped(self.rules.table.at(place, expected=f"1 to {_MOST_FIELDS}", got=count))
        found: dict[int, Field] = {}
        for entry in range(1, count + 1):
            place = Place(record=entry, offset=self._cursor.offset)
            code, value = self.numbers(entry_code, "the table of fields")
            if code in found:
                self._find(self.rules.repeated.at(place, expected="each field once", got=code))
                continue
            if code not in names:
                self._find(self.rules.unknown.at(place, expected="a documented field", got=code))
            found[code] = Field(code=code, name=names.get(code, f"field {code}"), entry=entry, value=value)
        return list(found.values())

    def require(self, fields: Sequence[Field], codes: Sequence[int], names: Mapping[int, str]) -> None:
        """Notes fields that are not there."""
        there = {field.code for field in fields}
        for code in codes:
            if code not in there:
                self._find(self.rules.missing.at(Place(column=names[code]), expected=code, part=names[code]))

    def in_order(self, fields: Sequence[Field]) -> Iterator[Field]:
        """The fields that can be read, each when its turn has come; trailing bytes are judged after the last.

        Raises:
            Stopped: the file ends inside a field.
        """
        ordered = sorted(fields, key=lambda field: field.value)
        last = None
        for number, field in enumerate(ordered):
            if field.value < self._cursor.offset:
                rule = self.rules.offset if last is None else self.rules.overlap
                got = f"offset {field.value}, the part before it ends at {self._cursor.offset}"
                self._find(rule.at(field.place, expected="an offset behind it", got=got))
                continue
            gap = field.value - self._cursor.offset
            if self._cursor.skip(gap) < gap or self._cursor.ended:
                self._miss(field, last)
                return
            following = ordered[number + 1].value if number + 1 < len(ordered) else None
            last = Field(code=field.code, name=field.name, entry=field.entry, value=field.value, end=following)
            self._end = following
            yield last
            if self._cursor.offset == last.value and following is not None:
                self._cursor.skip(following - last.value)
        if last is not None and last.name.startswith("field "):
            return
        if not self._cursor.ended:
            self._find(self.rules.trailing.at(Place(offset=self._cursor.offset), expected="the end of the file"))

    def _miss(self, field: Field, last: Field | None) -> None:
        """The file ended before a field began: it was cut there, or the offset is wrong."""
        if self._cursor.offset == field.value and last is not None:
            self.stop(field.name)
        got = f"offset {field.value} in a file of {self._cursor.offset} bytes"
        self._find(self.rules.offset.at(field.place, expected="an offset inside the file", got=got))

    def values(self, field: Field, count: int, dtype: str) -> Any:
        """A field of one value for each probe, as a numpy array; shorter when the file has no more room for it.

        Args:
            field: the one whose turn it is; the cursor stands at its values.
            count: how many values there have to be.
            dtype: of numpy, such as ``<u2``.

        Raises:
            Stopped: the file ends before the last value.
        """
        import numpy

        size = numpy.dtype(dtype).itemsize * count
        there = self._cursor.offset
        if field.end is not None and field.end - there != size:
            got = f"{field.end - there} bytes up to the next field"
            self._find(self.rules.count.at(field.place, expected=f"{count} values in {size} bytes", got=got))
            size = max(0, min(size, field.end - there))
            size -= size % numpy.dtype(dtype).itemsize
        pieces = list(self._cursor.pieces(size))
        if sum(map(len, pieces)) < size:
            self.stop(field.name)
        return numpy.frombuffer(b"".join(pieces), dtype)

    def pass_over(self, size: int) -> int:
        """Passes over bytes that are not looked at; how many there were."""
        return self._cursor.skip(size)

    def text(self, part: str) -> str:
        """A text with its length before it; empty where there is none that can be read.

        Raises:
            Stopped: the file ends before the text does.
        """
        place = Place(offset=self._cursor.offset, column=part)
        length = shift = 0
        for _ in range(_MOST_LENGTH_BYTES):
            (byte,) = self.numbers("<B", part)
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        room = _LONGEST_TEXT_BYTES if self._end is None else max(0, self._end - self._cursor.offset)
        if byte >= 0x80 or length > min(room, _LONGEST_TEXT_BYTES):
            self._find(self.rules.text.at(place, expected=f"at most {room} bytes", got=length, part=part))
            return ""
        raw = self._cursor.take(length)
        if len(raw) < length:
            self.stop(part)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self._find(self.rules.text.at(place, expected="UTF-8", got=raw, part=part))
            return raw.decode("utf-8", "replace")
