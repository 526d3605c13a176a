"""The "generic" container of Affymetrix Command Console: headers, data groups and data sets, read forward only.

Everything is big-endian; text is UTF-16; each header names the unique identifier of its file and holds
the headers of the files that it was made from (the chain of custody). Every file position that is
written down is compared with the place that reading in order arrives at.

Source: Affymetrix GeneChip Command Console generic data file format. Affymetrix' own writer leaves one
byte free after each data set ("1 byte past the end"), so a gap of none or one byte is taken.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from catalog.findings import Finding, Place, Rule
from catalog.formats.arrays.console_rules import DEEPEST, ConsoleRules
from catalog.formats.cursor import Cursor

_LONGEST_TEXT = 1 << 20
_MOST_PARAMETERS = 100_000
_MOST_PARTS = 1_000
_LARGEST_HEADER_BYTES = 64 << 20
_LARGEST_ROW_BYTES = 1 << 20

#: Bytes of a value by the number of its type: BYTE, UBYTE, SHORT, USHORT, INT, UINT, FLOAT.
_FIXED_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4}
#: Bytes of a character of the two text types; their values start with a count of four bytes.
_TEXT_BYTES = {7: 1, 8: 2}
SHORT, USHORT, FLOAT = 2, 3, 6

#: Numeric parameters: the struct code of their first bytes. Some writers pad the value to 16 bytes.
_NUMBERS = {
    "text/x-calvin-integer-8": ">b",
    "text/x-calvin-unsigned-integer-8": ">B",
    "text/x-calvin-integer-16": ">h",
    "text/x-calvin-unsigned-integer-16": ">H",
    "text/x-calvin-integer-32": ">i",
    "text/x-calvin-unsigned-integer-32": ">I",
    "text/x-calvin-float": ">f",
}
_PADDED_BYTES = 16
_ENCODINGS = {"text/plain": "utf-16-be", "text/ascii": "ascii"}

Value = int | float | str | None


class Stopped(Exception):
    """Reading cannot go on, for the reason in the finding. Never leaves the formats package."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericHeader:
    """The header of a file, or of a file that it was made from.

    Attributes:
        identifier: the kind of the file, such as ``affymetrix-calvin-intensity``.
        guid: its unique identifier; empty where the writer had none.
        created: date and time as written; empty where the writer had none.
        locale: such as ``en-US``.
        parameters: values by name.
        parents: the headers of the files that it was made from.
        offset: where it starts.
    """

    identifier: str
    guid: str
    created: str
    locale: str
    parameters: dict[str, Value] = field(default_factory=dict)
    parents: tuple[GenericHeader, ...] = ()
    offset: int = 0

    def lineage(self) -> Iterator[GenericHeader]:
        """This header, then its parents and theirs, nearest line first."""
        yield self
        for parent in self.parents:
            yield from parent.lineage()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The description of one data set.

    Attributes:
        group: the number of its group, from 0.
        group_name: the name of its group.
        name: its own name.
        columns: name, type and bytes of each.
        rows: how many there are.
        offset: where the first one starts.
    """

    group: int
    group_name: str
    name: str
    columns: tuple[tuple[str, int, int], ...]
    rows: int
    offset: int

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return sum(size for _, _, size in self.columns)

    @property
    def sound(self) -> bool:
        """Whether every column has the size of its type, so that its values can be told apart."""
        return all(size == _FIXED_BYTES.get(kind) for _, kind, size in self.columns)

    @property
    def types(self) -> tuple[int, ...]:
        """The types of the columns by number."""
        return tuple(kind for _, kind, _ in self.columns)


class GenericReader:
    """Reads one container from its first byte to its last; defects are put into ``find``."""

    def __init__(self, cursor: Cursor, find: Callable[[Finding], None], rules: ConsoleRules) -> None:
        self._cursor = cursor
        self._find = find
        self.rules = rules
        self._groups = 0
        self._first_group = 0
        self._unread_bytes = 0

    def header(self) -> GenericHeader:
        """The file header and the generic data header. The first two bytes must be 59 and 1.

        Raises:
            Stopped: the rest cannot be read.
        """
        self._cursor.take(2)
        self._groups = self._count("the file header", _MOST_PARTS)
        self._first_group = self._number(">I", "the file header")
        return self._data_header(0)

    def data_sets(self) -> Iterator[DataSet]:
        """The data sets of every group in order; their rows may be read with :meth:`rows` before the next is asked for.

        Raises:
            Stopped: the rest cannot be read.
        """
        expected, place = self._first_group, 6
        for group in range(self._groups):
            self._agree(expected, place, "a data group")
            place = self._cursor.offset
            expected = self._number(">I", "a data group")
            first_set = self._number(">I", "a data group")
            count = self._count("a data group", _MOST_PARTS)
            name = self._wide("a data group")
            yield from self._sets((group, name), count, first_set, place + 4)
        if expected not in {0, self._cursor.offset, self._cursor.offset + 1}:
            self._disagree(expected, place, "the end of the data groups")

    def rows(self, data_set: DataSet) -> Iterator[bytes]:
        """The rows of the data set that was given last, in pieces of whole rows (of at most 1 MiB each).

        Raises:
            Stopped: the file ends before the last row.
        """
        whole = data_set.row_bytes if 0 < data_set.row_bytes <= _LARGEST_ROW_BYTES else 1
        for piece in self._cursor.pieces(self._unread_bytes, whole):
            self._unread_bytes -= len(piece)
            yield piece[: len(piece) - len(piece) % whole]
        if self._unread_bytes:
            self._stop(self.rules.truncated, "the rows of a data set", expected="every declared row")

    def _sets(self, group: tuple[int, str], count: int, first_set: int, place: int) -> Iterator[DataSet]:
        expected = first_set
        for number in range(count):
            self._agree(expected, place, "a data set")
            place = self._cursor.offset + 4
            first_row = self._number(">I", "a data set")
            expected = self._number(">I", "a data set")
            name = self._wide("a data set")
            self._parameters()
            columns = tuple(self._column(name) for _ in range(self._count("a data set", _MOST_PARTS)))
            rows = self._number(">I", "a data set")
            data_set = DataSet(
                group=group[0],
                group_name=group[1],
                name=name,
                columns=columns,
                rows=rows,
                offset=self._cursor.offset,
            )
            self._agree(first_row, place - 4, "the rows of a data set")
            self._unread_bytes = rows * data_set.row_bytes
            yield data_set
            for _ in self.rows(data_set):
                pass
            self._after_set(expected, place, last=number + 1 == count)

    def _after_set(self, expected: int, place: int, *, last: bool) -> None:
        """Takes the one byte that Affymetrix' writer leaves free after the rows."""
        if expected == self._cursor.offset + 1:
            self._cursor.take(1)
        elif last and expected != self._cursor.offset:
            self._disagree(expected, place, "the end of a data set")

    def _agree(self, written: int, place: int, part: str) -> None:
        if written != self._cursor.offset:
            self._disagree(written, place, part)

    def _disagree(self, written: int, place: int, part: str) -> None:
        got = f"{written}, it lies at {self._cursor.offset}"
        self._find(self.rules.position.at(Place(offset=place), expected=f"the position of {part}", got=got, part=part))

    def _stop(self, rule: Rule, part: str, *, expected: str, got: object = None) -> NoReturn:
        raise Stopped(rule.at(Place(offset=self._cursor.offset), expected=expected, got=got, part=part))

    def _bytes(self, size: int, part: str) -> bytes:
        taken = self._cursor.take(size)
        if len(taken) < size:
            self._stop(self.rules.truncated, part, expected=f"the rest of {part}")
        return taken

    def _number(self, code: str, part: str) -> int:
        number: int = struct.unpack(code, self._bytes(struct.calcsize(code), part))[0]
        return number

    def _count(self, part: str, most: int) -> int:
        place = self._cursor.offset
        count = self._number(">i", part)
        if not 0 <= count <= most:
            finding = self.rules.length.at(Place(offset=place), expected=f"0 to {most}", got=count, part=part)
            raise Stopped(finding)
        return count

    def _wide(self, part: str) -> str:
        return self._decode(self._bytes(2 * self._count(part, _LONGEST_TEXT), part), "utf-16-be", part)

    def _decode(self, raw: bytes, encoding: str, part: str) -> str:
        """Text without its padding of NUL characters."""
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            place = Place(offset=self._cursor.offset - len(raw))
            self._find(self.rules.text.at(place, expected=encoding.upper(), got=raw, part=part))
            text = raw.decode(encoding, "replace")
        return text.rstrip("\0")

    def _data_header(self, depth: int) -> GenericHeader:
        part = "a header" if depth == 0 else "the header of a parent file"
        if depth > DEEPEST:
            self._stop(self.rules.too_deep, part, expected=f"at most {DEEPEST} levels")
        offset = self._cursor.offset
        self._bound(0, part)
        identifier, guid = (
            self._decode(self._bytes(self._count(part, _LONGEST_TEXT), part), "ascii", part) for _ in range(2)
        )
        created, locale = self._wide(part), self._wide(part)
        parameters = self._parameters()
        parents = tuple(self._data_header(depth + 1) for _ in range(self._count(part, _MOST_PARTS)))
        return GenericHeader(
            identifier=identifier,
            guid=guid,
            created=created,
            locale=locale,
            parameters=parameters,
            parents=parents,
            offset=offset,
        )

    def _parameters(self) -> dict[str, Value]:
        values: dict[str, Value] = {}
        start = self._cursor.offset
        for _ in range(self._count("the parameters", _MOST_PARAMETERS)):
            self._bound(start, "the parameters")
            name = self._wide("a parameter's name")
            place = self._cursor.offset + 4
            raw = self._bytes(self._count("a parameter's value", _LONGEST_TEXT), "a parameter's value")
            values[name] = self._value(raw, self._wide("a parameter's type"), name, place)
        return values

    def _bound(self, start: int, part: str) -> None:
        """Keeps what is held in memory of one header below a bound."""
        size = self._cursor.offset - start
        if size > _LARGEST_HEADER_BYTES:
            self._stop(self.rules.length, part, expected=f"at most {_LARGEST_HEADER_BYTES} bytes", got=size)

    def _value(self, raw: bytes, kind: str, name: str, place: int) -> Value:
        if kind in _ENCODINGS:
            return self._decode(raw, _ENCODINGS[kind], "the value of a parameter")
        code = _NUMBERS.get(kind)
        if code is None:
            known = ", ".join((*_ENCODINGS, *_NUMBERS))
            self._find(self.rules.parameter.at(Place(offset=place, column=name), expected=known, got=kind))
            return None
        size = struct.calcsize(code)
        if not size <= len(raw) <= _PADDED_BYTES:
            expected = f"{size} bytes, or padded to {_PADDED_BYTES}"
            self._find(
                self.rules.parameter.at(Place(offset=place, column=name), expected=expected, got=f"{len(raw)} bytes")
            )
            return None
        value: int | float = struct.unpack_from(code, raw)[0]
        return value

    def _column(self, data_set: str) -> tuple[str, int, int]:
        name = self._wide("a column")
        place = self._cursor.offset
        kind, size = self._number(">b", "a column"), self._number(">i", "a column")
        fits = size == _FIXED_BYTES.get(kind, -1)
        if kind in _TEXT_BYTES:
            fits = 4 <= size <= _LONGEST_TEXT and (size - 4) % _TEXT_BYTES[kind] == 0
        if not fits:
            expected = "a known type (0 to 8) and its size in bytes"
            got = f"type {kind}, {size} bytes"
            self._find(
                self.rules.column.at(Place(offset=place, column=name), expected=expected, got=got, part=data_set)
            )
            size = max(0, size)
        return name, kind, size
