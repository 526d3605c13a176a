"""CEL files of Affymetrix' GCOS software: binary version 4; and what they share with the text files of MAS 5.

Every part is read to its last byte: the header and its tags, the cells, masked cells, outliers and sub-grids.
Source: Affymetrix CEL data file format, version 4.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.arrays.command_console import Stopped
from catalog.formats.arrays.console_rules import console_rules
from catalog.formats.arrays.sample_names import note_sample, sample_rule
from catalog.formats.cursor import Cursor
from catalog.formats.personal import note_personal, personal_rule
from catalog.formats.protocol import Facts, Reading, as_facts

SOURCE = "Affymetrix CEL data file format"


def cel_error(code: str, message: str, hint: str, part: str, why: str = "") -> Rule:
    """A rule of the format's documents."""
    return Rule(f"cel-{code}", Severity.ERROR, Level.SPEC, message, hint, f"{SOURCE}, {part}", why)


_AGAIN = "export the file again with Affymetrix' software"
CEL_RULES = console_rules("cel", SOURCE)
VERSION = cel_error(
    "version",
    "the version of the CEL file is not known",
    "export it again as Command Console CEL (version 1), or as version 4 or 3",
    "versions; Affymetrix Command Console generic data file format, file header",
)
NO_PARAMETER = cel_error(
    "no-parameter",
    "the header does not state {part}",
    _AGAIN,
    "header",
    "Without rows, columns and the array's type nobody can tell which probe a cell is.",
)
NO_CHIP = Rule(
    "cel-no-chip-type",
    Severity.WARNING,
    Level.SPEC,
    "the header does not state the array's type",
    "look for the original file: DatHeader names the library file of the array (such as HG-U133_Plus_2.1sq)",
    f"{SOURCE}, header (DatHeader)",
    "Without it nobody can tell which probe a cell is.",
)
DATA_SETS = cel_error(
    "data-sets", "the file does not have the five data sets of a CEL file", _AGAIN, "Command Console version 1"
)
CELLS = cel_error(
    "cells",
    "the number of cells is not rows times columns",
    "the file is damaged or was cut: copy it again",
    "header and intensities",
)
INTENSITY = cel_error(
    "intensity",
    "an intensity is negative or not a finite number",
    "give the scanner's file, not one with corrected intensities",
    "intensity (a percentile of unsigned pixel values)",
)
PIXELS = cel_error(
    "pixels", "the number of pixels of a cell is negative", _AGAIN, "number of pixels used to calculate the intensity"
)
OUTSIDE = cel_error(
    "outside", "an entry of {part} lies outside of the array", _AGAIN, "outliers, masks and modified cells"
)
TAG = cel_error("tag", "a tag of the header contradicts the array's size, or is not in its form", _AGAIN, "header")
UNUSED_TAG = Rule(
    "cel-tag-unused",
    Severity.WARNING,
    Level.SPEC,
    "a tag that is not used has another value than 0",
    "look which program wrote the file",
    f"{SOURCE}, header (not used, always 0)",
)
PERSONAL = personal_rule("cel")
SAMPLE = sample_rule("cel")

_DAT_CHIP = re.compile(r"(\S+)\.1sq")
_DAT_DATE = re.compile(r"\b[0-9]{2}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\b")
_DAT_NAME = re.compile(r"^\[[0-9]+\.\.[0-9]+\]\s+(.{1,100}?):CLS=")
_CORNER = re.compile(r"-?[0-9]{1,9}[ ,]+-?[0-9]{1,9}")
_CORNERS = ("GridCornerUL", "GridCornerUR", "GridCornerLR", "GridCornerLL")
_UNUSED = ("OffsetX", "OffsetY", "Axis-invertX", "AxisInvertY", "swapXY")
_SIZES = {"Cols": 1, "TotalX": 1, "Rows": 0, "TotalY": 0}
_LONGEST_TEXT_BYTES = 1 << 20
_CELL_BYTES = 10
_ENTRY_BYTES = 4
_GRID_BYTES = 56
_MOST_GRIDS = 100_000


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
    tags = dict(_tags(header))
    judge_tags(reading, tags, (rows, columns) if cells == rows * columns else (0, 0), Place(offset=24))
    facts = old_facts(
        "binary-4",
        {**tags, "parameters": parameters},
        rows=rows,
        columns=columns,
        cells=cells,
        algorithm=algorithm,
        masked=masks,
        outliers=outliers,
    )
    try:
        _read_cells(reading, cursor, max(0, cells))
        for part, count in (("the masked cells", masks), ("the outliers", outliers)):
            _read_entries(reading, cursor, (part, count), (columns, rows))
        _read_grids(cursor, grids)
    except Stopped as stopped:
        reading.find(stopped.finding)
        return facts
    if not cursor.ended:
        reading.find(CEL_RULES.trailing.at(Place(offset=cursor.offset), expected="the end of the file"))
    return facts


def _read_cells(reading: Reading, cursor: Cursor, cells: int) -> None:
    """Intensity, standard deviation and pixels of each cell; the first bad one of each is noted."""
    import numpy

    cell = numpy.dtype([("mean", "<f4"), ("deviation", "<f4"), ("pixels", "<i2")])
    size, done = cells * _CELL_BYTES, 0
    noted: set[str] = set()
    for piece in cursor.pieces(size, _CELL_BYTES):
        values = numpy.frombuffer(piece[: len(piece) - len(piece) % _CELL_BYTES], cell)
        for number, (name, rule, at) in enumerate(
            (("mean", INTENSITY, 0), ("deviation", INTENSITY, 4), ("pixels", PIXELS, 8))
        ):
            # Values that are no numbers are not at least zero either.
            good = (values[name] >= 0) & numpy.isfinite(values[name])
            if name not in noted and not good.all():
                noted.add(name)
                bad = int((~good).argmax())
                record = done // _CELL_BYTES + bad + 1
                offset = cursor.offset - len(piece) + _CELL_BYTES * bad + at
                column = ("MEAN", "STDV", "NPIXELS")[number]
                place = Place(record=record, offset=offset, column=column)
                reading.find(rule.at(place, expected="a finite number from 0", got=values[name][bad]))
        done += len(piece)
    if done < size:
        part = "the cells"
        raise Stopped(CEL_RULES.truncated.at(Place(offset=cursor.offset), expected="every declared cell", part=part))


def _read_entries(reading: Reading, cursor: Cursor, entries: tuple[str, int], limits: tuple[int, int]) -> None:
    """Pairs of coordinates: X below the columns, Y below the rows."""
    import numpy

    part, count = entries
    size, done, noted = count * _ENTRY_BYTES, 0, False
    for piece in cursor.pieces(size, _ENTRY_BYTES):
        values = numpy.frombuffer(piece[: len(piece) - len(piece) % _ENTRY_BYTES], "<u2").reshape(-1, 2)
        outside = (values >= numpy.array(limits)).any(axis=1)
        if not noted and min(limits) > 0 and outside.any():
            noted = True
            bad = int(outside.argmax())
            offset = cursor.offset - len(piece) + _ENTRY_BYTES * bad
            place = Place(record=done // _ENTRY_BYTES + bad + 1, offset=offset)
            got = f"{values[bad][0]}, {values[bad][1]}"
            expected = f"below {limits[0]}, {limits[1]}"
            reading.find(OUTSIDE.at(place, expected=expected, got=got, part=part))
        done += len(piece)
    if done < size:
        raise Stopped(CEL_RULES.truncated.at(Place(offset=cursor.offset), expected="every declared entry", part=part))


def _read_grids(cursor: Cursor, grids: int) -> None:
    part = "the sub-grids"
    if not 0 <= grids <= _MOST_GRIDS:
        place = Place(offset=cursor.offset)
        raise Stopped(CEL_RULES.length.at(place, expected=f"0 to {_MOST_GRIDS}", got=grids, part=part))
    if cursor.skip(grids * _GRID_BYTES) < grids * _GRID_BYTES:
        raise Stopped(CEL_RULES.truncated.at(Place(offset=cursor.offset), expected="every sub-grid", part=part))


def _raw(cursor: Cursor, size: int, part: str) -> bytes:
    raw = cursor.take(size)
    if len(raw) < size:
        raise Stopped(CEL_RULES.truncated.at(Place(offset=cursor.offset), expected=f"the rest of {part}", part=part))
    return raw


def _numbers(cursor: Cursor, code: str, part: str) -> tuple[int, ...]:
    return struct.unpack(code, _raw(cursor, struct.calcsize(code), part))


def _text(cursor: Cursor, part: str) -> str:
    place = Place(offset=cursor.offset)
    (length,) = _numbers(cursor, "<i", part)
    if not 0 <= length <= _LONGEST_TEXT_BYTES:
        raise Stopped(CEL_RULES.length.at(place, expected=f"0 to {_LONGEST_TEXT_BYTES}", got=length, part=part))
    return _raw(cursor, length, part).decode("latin-1")


def _tags(header: str) -> Iterator[tuple[str, str]]:
    """Names and values of ``TAG=VALUE`` lines."""
    for line in header.splitlines():
        name, mark, value = line.partition("=")
        if mark:
            yield name.strip()[:100], value.strip("\0 \t")


def judge_tags(reading: Reading, tags: Mapping[str, str], size: tuple[int, int], place: Place) -> None:
    """Tags of the header against the array's size, and in their forms; persons.

    Args:
        reading: where findings go.
        tags: values by name; a tag may be missing.
        size: rows and columns of the array.
        place: of the header.
    """
    for name, axis in _SIZES.items():
        if name in tags and tags[name] != str(size[axis]) and size[axis] > 0:
            there = Place(offset=place.offset, line=place.line, column=name)
            reading.find(TAG.at(there, expected=size[axis], got=tags[name]))
    for name in _CORNERS:
        if name in tags and not _CORNER.fullmatch(tags[name]):
            there = Place(offset=place.offset, line=place.line, column=name)
            reading.find(TAG.at(there, expected="two coordinates", got=tags[name]))
    for name in _UNUSED:
        if tags.get(name, "0") != "0":
            there = Place(offset=place.offset, line=place.line, column=name)
            reading.find(UNUSED_TAG.at(there, expected="0", got=tags[name]))
    if not _DAT_CHIP.search("\n".join(tags.values())):
        reading.find(NO_CHIP.at(replace(place, column="DatHeader"), expected="the name of the array"))
    named = _DAT_NAME.match(tags.get("DatHeader", ""))
    samples = [("DatHeader", named[1])] if named else []
    note_personal(reading, PERSONAL, tags.items(), samples)
    note_sample(reading, SAMPLE, samples)


def old_facts(variant: str, tags: Mapping[str, str], **known: object) -> Facts:
    """Facts of a file of an older version; the chip's type and the date stand in the header of the image file."""
    said = "\n".join(tags.values())
    chip, date = _DAT_CHIP.search(said), _DAT_DATE.search(said)
    return as_facts(
        {
            "variant": variant,
            "chip_type": chip[1] if chip else None,
            **known,
            "scan_date": date[0] if date else None,
            "synthetic": "synthetic" in said.lower(),
        }
    )
