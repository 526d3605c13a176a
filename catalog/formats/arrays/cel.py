"""Affymetrix CEL: intensities of an array scan, in its three forms: Command Console "generic", binary 4, text 3.

The generic form is read here, the older forms in :mod:`catalog.formats.arrays.gcos` and :mod:`catalog.formats.arrays.cel_text`;
each to its last byte. The header of the generic form keeps the identifiers of the files that the scan was made from,
which become facts: they tie a file to an array and thus to a line.

Facts: ``variant`` (generic, binary-4, text-3), ``chip_type``, ``rows``, ``columns``, ``cells``, ``file_guid``,
``parent_guids``, ``created``, ``scan_date``, ``algorithm``, ``algorithm_version``, ``software``, ``masked``,
``outliers`` (numbers of cells), ``assembly`` (where a parameter names one), ``synthetic``.

Evidence: ``probe_count`` (cells), and of the generic form ``chip_type``, ``identifiers``, ``scans`` and ``arrays``.

Sources: Affymetrix CEL data file format; Command Console generic data file format.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Sequence

from catalog.findings import Place, Rule
from catalog.formats.arrays.builds import judge_build
from catalog.formats.arrays.cel_text import TEXT_RULES, read_text
from catalog.formats.arrays.command_console import FLOAT, SHORT, USHORT, DataSet, GenericHeader, GenericReader, Stopped
from catalog.formats.arrays.console_header import (
    header_evidence,
    header_facts,
    header_rules,
    is_synthetic,
    judge_header,
    nearest,
    stated_build,
)
from catalog.formats.arrays.gcos import (
    CEL_RULES,
    CELLS,
    DATA_SETS,
    INTENSITY,
    NO_CHIP,
    NO_PARAMETER,
    OUTSIDE,
    PIXELS,
    TAG,
    UNUSED_TAG,
    VERSION,
    cel_error,
    read_binary,
)
from catalog.formats.containers import peek
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading
from catalog.model import Tier

MAGIC = cel_error(
    "magic",
    "the file does not start like a CEL file of any version",
    "check that the file is the scanner's CEL file (not CHP, DAT or ARR) and copy it again",
    "versions",
)
IDENTIFIER = cel_error(
    "identifier",
    "the Command Console file does not hold intensities",
    "give the CEL file; results of an analysis are CHP files",
    "Command Console version 1",
)
HEADER_RULES = header_rules("cel")

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


class _Cel:
    """The CEL format (see :class:`catalog.formats.protocol.Format`)."""

    name = "cel"
    title = "Affymetrix CEL"
    mediatype = "application/octet-stream"
    edam = "EDAM:format_1638"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        *CEL_RULES.all(),
        *HEADER_RULES.all(),
        *TEXT_RULES,
        MAGIC,
        VERSION,
        IDENTIFIER,
        NO_CHIP,
        NO_PARAMETER,
        DATA_SETS,
        CELLS,
        INTENSITY,
        PIXELS,
        OUTSIDE,
        TAG,
        UNUSED_TAG,
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
        """Reads the file; facts and evidence are those of the module's first lines."""
        start = peek(reading.source.head_raw)[:8]
        facts: Facts = {}
        try:
            if start.startswith(_TEXT_START):
                facts = read_text(reading)
            elif start.startswith(_GENERIC_START[:1]):
                facts = _read_generic(reading, start)
            elif start.startswith(_BINARY_START):
                facts = read_binary(reading)
            else:
                got = f"0x{start.hex()}"
                reading.find(MAGIC.at(Place(offset=0), expected="59 1, 64 0 0 0, or [CEL]", got=got))
        except Stopped as stopped:
            reading.find(stopped.finding)
        if facts.get("cells"):
            reading.evidence["probe_count"] = facts["cells"]
        return facts


CEL = _Cel()


def _read_generic(reading: Reading, start: bytes) -> Facts:
    if start[1:2] != b"\x01":
        reading.find(VERSION.at(Place(offset=1), expected="1", got=start[1] if start[1:] else "nothing"))
        return {}
    cursor = Cursor(reading.source)
    reader = GenericReader(cursor, reading.find, CEL_RULES)
    header = reader.header()
    judge_header(reading, header, HEADER_RULES)
    reading.evidence |= header_evidence(header)
    facts = _facts(header)
    assembly = judge_build(reading, HEADER_RULES.assembly, stated_build(header), {})
    if assembly is not None:
        facts["assembly"] = assembly
    rows, columns = _judge_header(header, reading)
    try:
        facts |= _judge_data_sets(reading, reader, rows, columns)
    except Stopped as stopped:
        reading.find(stopped.finding)
        return facts
    if not cursor.ended:
        reading.find(CEL_RULES.trailing.at(Place(offset=cursor.offset), expected="the end of the file"))
    return facts


def _facts(header: GenericHeader) -> Facts:
    rows, columns = nearest(header, "affymetrix-cel-rows"), nearest(header, "affymetrix-cel-cols")
    facts: Facts = {"variant": "generic", **header_facts(header)}
    if isinstance(rows, int) and isinstance(columns, int):
        facts |= {"rows": rows, "columns": columns, "cells": rows * columns}
    return {**facts, "synthetic": is_synthetic(header)}


def _judge_header(header: GenericHeader, reading: Reading) -> tuple[int, int]:
    """Findings about the header of intensities; rows and columns of the array, 0 where they are not stated."""
    if header.identifier not in _INTENSITIES:
        place = Place(offset=header.offset)
        reading.find(IDENTIFIER.at(place, expected=_INTENSITIES[0], got=header.identifier))
    sizes = []
    for name in ("affymetrix-cel-rows", "affymetrix-cel-cols"):
        value = header.parameters.get(name)
        known = isinstance(value, int) and value > 0
        sizes.append(int(value) if known and value else 0)
        if not known:
            there = Place(offset=header.offset, column=name)
            reading.find(NO_PARAMETER.at(there, expected="a whole number above 0", got=value, part=name))
    if not nearest(header, "affymetrix-array-type"):
        there = Place(offset=header.offset, column="affymetrix-array-type")
        reading.find(NO_PARAMETER.at(there, expected="the array's type", part="affymetrix-array-type"))
    return sizes[0], sizes[1]


def _judge_data_sets(reading: Reading, reader: GenericReader, rows: int, columns: int) -> Facts:
    """Judges every data set; the facts are the numbers of masked cells and outliers."""
    seen: dict[int, list[str]] = {0: []}
    counts = {"Mask": 0, "Outlier": 0}
    for data_set in reader.data_sets():
        seen.setdefault(data_set.group, []).append(data_set.name)
        place = Place(offset=data_set.offset, column=data_set.name)
        types = _COLUMN_TYPES.get(data_set.name)
        if types is None:
            continue
        if data_set.name in counts:
            counts[data_set.name] += data_set.rows
        if data_set.types not in types:
            expected = " or ".join(str(each) for each in types)
            got, part = data_set.types, data_set.name
            reading.find(CEL_RULES.column.at(place, expected=f"types {expected}", got=got, part=part))
        elif not data_set.sound:
            continue
        elif data_set.name in _COORDINATES:
            _judge_coordinates(reading, reader, data_set, (columns, rows))
        elif data_set.types != (USHORT,):
            _judge_cells(reading, reader, data_set)
        if data_set.name in _PER_CELL and rows and columns and data_set.rows != rows * columns:
            reading.find(CELLS.at(place, expected=f"{rows} x {columns} rows", got=f"{data_set.rows} rows"))
    wanted = [*_PER_CELL, *_COORDINATES]
    for names in seen.values():
        if sorted(names) != sorted(wanted):
            reading.find(DATA_SETS.at(expected=", ".join(wanted), got=", ".join(names) or "nothing"))
    return {"masked": counts["Mask"], "outliers": counts["Outlier"]}


def _values(piece: bytes, code: str) -> array[float]:
    values: array[float] = array(code, piece)
    if sys.byteorder == "little":
        values.byteswap()
    return values


def _judge_cells(reading: Reading, reader: GenericReader, data_set: DataSet) -> None:
    """Intensities and deviations (floats) and numbers of pixels (signed): the first bad one of each piece is noted."""
    code, rule = ("f", INTENSITY) if data_set.types == (FLOAT,) else ("h", PIXELS)
    size = array(code).itemsize
    offset = data_set.offset
    for piece in reader.rows(data_set):
        values = _values(piece, code)
        # A sum is finite only if every value is (single precision cannot overflow a double).
        if values and not (math.isfinite(sum(values)) and min(values) >= 0):
            bad = next(i for i, value in enumerate(values) if not (math.isfinite(value) and value >= 0))
            record = (offset - data_set.offset) // size + bad + 1
            place = Place(offset=offset + size * bad, record=record, column=data_set.name)
            reading.find(rule.at(place, expected="a finite number from 0", got=values[bad]))
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
