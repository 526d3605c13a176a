"""Affymetrix CEL: intensities of an array scan, in its three forms: Command Console "generic", binary 4, text 3.

The generic form is read to its last byte; the two older forms are left to :mod:`catalog.formats.gcos`.
The header of the generic form keeps the identifiers of the files that the scan was made from, which
become facts: they tie a file to an array and thus to a line.

Facts: ``variant`` (generic, binary-4, text-3), ``chip_type``, ``rows``, ``columns``, ``cells``,
``file_guid``, ``parent_guids``, ``created``, ``scan_date``, ``algorithm``, ``synthetic``.

Sources: Affymetrix CEL data file format; Command Console generic data file format.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from array import array
from collections.abc import Sequence

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.command_console import (
    COLUMN,
    CONTAINER_RULES,
    FLOAT,
    SHORT,
    USHORT,
    DataSet,
    GenericHeader,
    GenericReader,
    Stopped,
)
from catalog.formats.containers import peek
from catalog.formats.cursor import Cursor
from catalog.formats.gcos import CELLS, DATA_SETS, NO_PARAMETER, TRAILING, VERSION, read_binary, read_text
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.model import Tier

_SOURCE = "Affymetrix CEL data file format"
_GENERIC = "Affymetrix Command Console generic data file format"

MAGIC = Rule(
    "cel-magic",
    Severity.ERROR,
    Level.SPEC,
    "the file does not start like a CEL file of any version",
    "check that the file is the scanner's CEL file (not CHP, DAT or ARR) and copy it again",
    f"{_SOURCE}, versions",
)
IDENTIFIER = Rule(
    "cel-identifier",
    Severity.ERROR,
    Level.SPEC,
    "the Command Console file does not hold intensities",
    "give the CEL file; results of an analysis are CHP files",
    f"{_SOURCE}, Command Console version 1",
)
NO_GUID = Rule(
    "cel-no-guid",
    Severity.WARNING,
    Level.BANK,
    "the file has no unique identifier",
    "keep the scanner's own file; converted files lose their identifier",
    f"{_GENERIC}, generic data header",
    "The identifier ties the intensities to the array and thus to the line.",
)
DATE = Rule(
    "cel-date",
    Severity.WARNING,
    Level.SPEC,
    "the date of creation is not in the form of the specification",
    "write it as 2021-05-04T10:11:12Z",
    f"{_GENERIC}, data types (DATETIME)",
)
INTENSITY = Rule(
    "cel-intensity",
    Severity.ERROR,
    Level.SPEC,
    "an intensity is negative or not a finite number",
    "give the scanner's file, not one with corrected intensities",
    f"{_SOURCE}, intensity (a percentile of unsigned pixel values)",
)
OUTSIDE = Rule(
    "cel-outside",
    Severity.ERROR,
    Level.SPEC,
    "an entry of {part} lies outside of the array",
    "export the file again with Affymetrix' software",
    f"{_SOURCE}, outliers and masks",
)

_GENERIC_START = b"\x3b\x01"
_BINARY_START = struct.pack("<i", 64)
_TEXT_START = b"[CEL]"
_INTENSITIES = ("affymetrix-calvin-intensity", "affymetrix-calvin-multi-intensity")
_IDENTIFIER_AT = 10
_PER_CELL = ("Intensity", "StdDev", "Pixel")
_COORDINATES = ("Outlier", "Mask")
_COLUMN_TYPES = {
    "Intensity": ((FLOAT,), (USHORT,)),
    "StdDev": ((FLOAT,),),
    "Pixel": ((SHORT,), (USHORT,)),
    "Outlier": ((SHORT, SHORT), (USHORT, USHORT)),
    "Mask": ((SHORT, SHORT), (USHORT, USHORT)),
}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z?")


class _Cel:
    """The CEL format (see :class:`catalog.formats.protocol.Format`)."""

    name = "cel"
    title = "Affymetrix CEL"
    mediatype = "application/octet-stream"
    edam = "EDAM:format_1638"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        *CONTAINER_RULES,
        MAGIC,
        VERSION,
        IDENTIFIER,
        NO_GUID,
        DATE,
        NO_PARAMETER,
        DATA_SETS,
        CELLS,
        INTENSITY,
        OUTSIDE,
        TRAILING,
    )

    def sniff(self, head: Head) -> int:
        """Sure of the three beginnings of a CEL file; a CHP file begins like one but names another kind."""
        text = head.text
        if text.startswith(_GENERIC_START) and text.startswith(b"affymetrix-calvin-", _IDENTIFIER_AT + 4):
            length = int.from_bytes(text[_IDENTIFIER_AT : _IDENTIFIER_AT + 4], "big")
            identifier = text[_IDENTIFIER_AT + 4 : _IDENTIFIER_AT + 4 + length]
            if identifier.rstrip(b"\0") in {name.encode() for name in _INTENSITIES}:
                return SURE
        if text.startswith((_BINARY_START + struct.pack("<i", 4), _TEXT_START)):
            return SURE
        return BY_NAME if head.has_suffix(".cel") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the file; the facts are those of the module's first lines."""
        start = peek(reading.source.head_raw)[:8]
        if start.startswith(_TEXT_START):
            return read_text(reading)
        try:
            if start.startswith(_GENERIC_START[:1]):
                return _read_generic(reading, start)
            if start.startswith(_BINARY_START):
                return read_binary(reading)
            reading.find(MAGIC.at(Place(offset=0), expected="59 1, 64 0 0 0, or [CEL]", got=f"0x{start.hex()}"))
        except Stopped as stopped:
            reading.find(stopped.finding)
        return {}


CEL = _Cel()


def _read_generic(reading: Reading, start: bytes) -> Facts:
    if start[1:2] != b"\x01":
        reading.find(VERSION.at(Place(offset=1), expected="1", got=start[1] if start[1:] else "nothing"))
        return {}
    cursor = Cursor(reading.source)
    reader = GenericReader(cursor, reading.find)
    header = reader.header()
    facts = _header_facts(header)
    rows, columns = _judge_header(header, reading)
    try:
        _judge_data_sets(reading, reader, rows, columns)
    except Stopped as stopped:
        reading.find(stopped.finding)
        return facts
    if not cursor.ended:
        reading.find(TRAILING.at(Place(offset=cursor.offset), expected="the end of the file"))
    return facts


def _header_facts(header: GenericHeader) -> Facts:
    """What the header and its parents say; the nearest header wins."""
    lineage = list(header.lineage())

    def nearest(name: str) -> object:
        return next((each.parameters[name] for each in lineage if each.parameters.get(name)), None)

    rows, columns = nearest("affymetrix-cel-rows"), nearest("affymetrix-cel-cols")
    texts = (value for each in lineage for value in each.parameters.values() if isinstance(value, str))
    return as_facts(
        {
            "variant": "generic",
            "chip_type": nearest("affymetrix-array-type"),
            "rows": rows,
            "columns": columns,
            "cells": rows * columns if isinstance(rows, int) and isinstance(columns, int) else None,
            "file_guid": header.guid or None,
            "parent_guids": [each.guid for each in lineage[1:] if each.guid],
            "created": header.created or None,
            "scan_date": nearest("affymetrix-scan-date"),
            "algorithm": nearest("affymetrix-algorithm-name"),
            "synthetic": any("synthetic" in text.lower() for text in texts),
        }
    )


def _judge_header(header: GenericHeader, reading: Reading) -> tuple[int, int]:
    """Findings about the header; rows and columns of the array, 0 where they are not stated."""
    place = Place(offset=header.offset)
    if header.identifier not in _INTENSITIES:
        reading.find(IDENTIFIER.at(place, expected=_INTENSITIES[0], got=header.identifier))
    if not header.guid:
        reading.find(NO_GUID.at(place, expected="a unique file identifier"))
    if header.created and not _DATE.fullmatch(header.created):
        reading.find(DATE.at(place, expected="YYYY-MM-DDTHH:MM:SSZ", got=header.created))
    sizes = []
    for name in ("affymetrix-cel-rows", "affymetrix-cel-cols"):
        value = header.parameters.get(name)
        known = isinstance(value, int) and value > 0
        sizes.append(int(value) if known and value else 0)
        if not known:
            there = Place(offset=header.offset, column=name)
            reading.find(NO_PARAMETER.at(there, expected="a whole number above 0", got=value, part=name))
    if not any(each.parameters.get("affymetrix-array-type") for each in header.lineage()):
        there = Place(offset=header.offset, column="affymetrix-array-type")
        reading.find(NO_PARAMETER.at(there, expected="the array's type", part="affymetrix-array-type"))
    return sizes[0], sizes[1]


def _judge_data_sets(reading: Reading, reader: GenericReader, rows: int, columns: int) -> None:
    seen: dict[int, list[str]] = {0: []}
    for data_set in reader.data_sets():
        seen.setdefault(data_set.group, []).append(data_set.name)
        place = Place(offset=data_set.offset, column=data_set.name)
        types = _COLUMN_TYPES.get(data_set.name)
        if types is None:
            continue
        if data_set.types not in types:
            expected = " or ".join(str(each) for each in types)
            reading.find(COLUMN.at(place, expected=f"types {expected}", got=data_set.types, part=data_set.name))
        elif not data_set.sound:
            continue
        elif data_set.name in _COORDINATES:
            _judge_coordinates(reading, reader, data_set, (columns, rows))
        elif data_set.types == (FLOAT,):
            _judge_floats(reading, reader, data_set)
        if data_set.name in _PER_CELL and rows and columns and data_set.rows != rows * columns:
            reading.find(CELLS.at(place, expected=f"{rows} x {columns} rows", got=f"{data_set.rows} rows"))
    wanted = [*_PER_CELL, *_COORDINATES]
    for names in seen.values():
        if sorted(names) != sorted(wanted):
            reading.find(DATA_SETS.at(expected=", ".join(wanted), got=", ".join(names) or "nothing"))


def _values(piece: bytes, code: str) -> array[float]:
    values: array[float] = array(code, piece)
    if sys.byteorder == "little":
        values.byteswap()
    return values


def _judge_floats(reading: Reading, reader: GenericReader, data_set: DataSet) -> None:
    offset = data_set.offset
    for piece in reader.rows(data_set):
        values = _values(piece, "f")
        # A sum is finite only if every value is (single precision cannot overflow a double).
        if values and not (math.isfinite(sum(values)) and min(values) >= 0):
            bad = next(i for i, value in enumerate(values) if not (math.isfinite(value) and value >= 0))
            record = (offset - data_set.offset) // 4 + bad + 1
            place = Place(offset=offset + 4 * bad, record=record, column=data_set.name)
            reading.find(INTENSITY.at(place, expected="a finite number from 0", got=values[bad]))
        offset += len(piece)


def _judge_coordinates(reading: Reading, reader: GenericReader, data_set: DataSet, size: tuple[int, int]) -> None:
    offset = data_set.offset
    for piece in reader.rows(data_set):
        values = _values(piece, "h" if data_set.types[0] == SHORT else "H")
        for axis, limit in enumerate(size):
            entries = values[axis::2]
            if limit and entries and not (min(entries) >= 0 and max(entries) < limit):
                bad = next(i for i, value in enumerate(entries) if not 0 <= value < limit)
                place = Place(offset=offset + 4 * bad + 2 * axis, column="XY"[axis])
                got, part = int(entries[bad]), data_set.name
                reading.find(OUTSIDE.at(place, expected=f"0 to {limit - 1}", got=got, part=part))
        offset += len(piece)
