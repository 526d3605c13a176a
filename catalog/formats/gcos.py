"""CEL files of Affymetrix' older software: binary version 4 (GCOS) and text version 3 (MAS 5).

The header is read, and the declared number of cells is held against the length of the file.
Source: Affymetrix CEL data file format, versions 3 and 4.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.command_console import LENGTH, TRUNCATED, Stopped
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import Facts, Reading, as_facts, numbered_lines

_SOURCE = "Affymetrix CEL data file format"

VERSION = Rule(
    "cel-version",
    Severity.ERROR,
    Level.SPEC,
    "the version of the CEL file is not known",
    "export it again as Command Console CEL (version 1), or as version 4 or 3",
    f"{_SOURCE}, versions; Affymetrix Command Console generic data file format, file header",
)
NO_PARAMETER = Rule(
    "cel-no-parameter",
    Severity.ERROR,
    Level.SPEC,
    "the header does not state {part}",
    "export the file again with Affymetrix' software",
    f"{_SOURCE}, header",
    "Without rows, columns and the array's type nobody can tell which probe a cell is.",
)
DATA_SETS = Rule(
    "cel-data-sets",
    Severity.ERROR,
    Level.SPEC,
    "the file does not have the five data sets of a CEL file",
    "export the file again with Affymetrix' software",
    f"{_SOURCE}, Command Console version 1",
)
CELLS = Rule(
    "cel-cells",
    Severity.ERROR,
    Level.SPEC,
    "the number of cells is not rows times columns",
    "the file is damaged or was cut: copy it again",
    f"{_SOURCE}, header and intensities",
)
TRAILING = Rule(
    "cel-trailing-bytes",
    Severity.ERROR,
    Level.SPEC,
    "bytes follow the end of the last part",
    "copy the file again: something was appended to it",
    f"{_SOURCE}",
)

_DAT_CHIP = re.compile(r"(\S+)\.1sq")
_DAT_DATE = re.compile(r"\b[0-9]{2}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\b")
_LONGEST_TEXT_BYTES = 1 << 20
_LONGEST_VALUE_BYTES = 4096
_MOST_VALUES = 1000
_CELL_BYTES = 10
_ENTRY_BYTES = 4
_COUNTED_SECTIONS = ("[INTENSITY]", "[MASKS]", "[OUTLIERS]", "[MODIFIED]")


def read_binary(reading: Reading) -> Facts:
    """Reads a file of version 4. The first four bytes must be its magic number.

    Raises:
        Stopped: the header cannot be read.
    """
    cursor = Cursor(reading.source)
    _, version, columns, rows, cells = _numbers(cursor, "<5i", "the header")
    if version != 4:
        raise Stopped(VERSION.at(Place(offset=4), expected="4", got=version))
    if cells != rows * columns or min(rows, columns) <= 0:
        got = f"{rows} x {columns} and {cells}"
        reading.find(CELLS.at(Place(offset=16), expected="rows x columns", got=got))
    header = _text(cursor, "the header")
    algorithm = _text(cursor, "the algorithm's name")
    parameters = _text(cursor, "the algorithm's parameters")
    _, outliers, masks, grids = _numbers(cursor, "<iIIi", "the header")
    size = _CELL_BYTES * max(0, cells) + _ENTRY_BYTES * (outliers + masks)
    if cursor.skip(size) < size:
        finding = TRUNCATED.at(Place(offset=cursor.offset), expected="every declared cell", part="the cells")
        reading.find(finding)
    elif grids <= 0 and not cursor.ended:
        reading.find(TRAILING.at(Place(offset=cursor.offset), expected="the end of the file"))
    said = f"{header}\n{parameters}"
    return _old_facts("binary-4", said, rows=rows, columns=columns, cells=cells, algorithm=algorithm)


def _raw(cursor: Cursor, size: int, part: str) -> bytes:
    raw = cursor.take(size)
    if len(raw) < size:
        raise Stopped(TRUNCATED.at(Place(offset=cursor.offset), expected=f"the rest of {part}", part=part))
    return raw


def _numbers(cursor: Cursor, code: str, part: str) -> tuple[int, ...]:
    return struct.unpack(code, _raw(cursor, struct.calcsize(code), part))


def _text(cursor: Cursor, part: str) -> str:
    place = Place(offset=cursor.offset)
    (length,) = _numbers(cursor, "<i", part)
    if not 0 <= length <= _LONGEST_TEXT_BYTES:
        raise Stopped(LENGTH.at(place, expected=f"0 to {_LONGEST_TEXT_BYTES}", got=length, part=part))
    return _raw(cursor, length, part).decode("latin-1")


def _old_facts(variant: str, header: str, **known: object) -> Facts:
    chip, date = _DAT_CHIP.search(header), _DAT_DATE.search(header)
    return as_facts(
        {
            "variant": variant,
            "chip_type": chip[1] if chip else None,
            **known,
            "scan_date": date[0] if date else None,
            "synthetic": "synthetic" in header.lower(),
        }
    )


def read_text(reading: Reading) -> Facts:
    """Reads a file of version 3."""
    sections = _TextSections(reading)
    for number, line in numbered_lines(reading):
        sections.take(number, line)
    return sections.finish()


class _TextSections:
    """The sections of a CEL file of version 3, with the rows of their tables only counted."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._section = ""
        self._values: dict[tuple[str, str], str] = {}
        self._rows: dict[str, int] = {}
        self._line = 0

    def take(self, number: int, line: bytes) -> None:
        """The next line."""
        self._line = number
        if line.startswith(b"["):
            self._section = line.strip()[:_LONGEST_VALUE_BYTES].decode("latin-1")
            if self._section in _COUNTED_SECTIONS:
                self._rows.setdefault(self._section, 0)
            return
        name, separator, value = line.partition(b"=")
        if separator and len(self._values) < _MOST_VALUES:
            key = (self._section, name.strip()[:_LONGEST_VALUE_BYTES].decode("latin-1"))
            self._values.setdefault(key, value.strip()[:_LONGEST_VALUE_BYTES].decode("latin-1"))
        elif self._section in self._rows and line.strip():
            self._rows[self._section] += 1

    def _number(self, section: str, name: str) -> int:
        value = self._values.get((section, name), "")
        if value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
        place = Place(line=self._line, column=name)
        part = f"{section} {name}"
        self._reading.find(NO_PARAMETER.at(place, expected="a whole number from 0", got=value or None, part=part))
        return 0

    def _counted(self) -> Iterator[tuple[str, int, int]]:
        for section in _COUNTED_SECTIONS:
            if section in self._rows:
                yield section, self._number(section, "NumberCells"), self._rows[section]

    def finish(self) -> Facts:
        """The facts, when every line was taken."""
        version = self._values.get(("[CEL]", "Version"), "")
        if version != "3":
            self._reading.find(VERSION.at(Place(line=1), expected="3", got=version or "nothing"))
        rows, columns = self._number("[HEADER]", "Rows"), self._number("[HEADER]", "Cols")
        if "[INTENSITY]" not in self._rows:
            self._reading.find(DATA_SETS.at(Place(line=self._line), expected="[INTENSITY]", got="nothing"))
        for section, declared, counted in self._counted():
            if counted < declared:
                place = Place(line=self._line, column=section)
                got, part = f"{counted} rows", f"section {section}"
                self._reading.find(TRUNCATED.at(place, expected="NumberCells rows", got=got, part=part))
            elif counted != declared or (section == "[INTENSITY]" and declared != rows * columns):
                got = f"{counted} rows, NumberCells={declared}, {rows} x {columns}"
                place = Place(line=self._line, column=section)
                self._reading.find(CELLS.at(place, expected="Rows x Cols rows as NumberCells says", got=got))
        header = "\n".join(value for (section, _), value in self._values.items() if section == "[HEADER]")
        algorithm = self._values.get(("[HEADER]", "Algorithm"))
        cells = self._rows.get("[INTENSITY]", 0)
        return _old_facts("text-3", header, rows=rows, columns=columns, cells=cells, algorithm=algorithm)
