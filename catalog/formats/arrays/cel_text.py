"""CEL files of Affymetrix' MAS 5 software: text version 3, in sections like those of an INI file.

Source: Affymetrix CEL data file format, version 3.
"""

from __future__ import annotations

import math
import re

from catalog.findings import Place
from catalog.formats.arrays.gcos import (
    CEL_RULES,
    CELLS,
    DATA_SETS,
    INTENSITY,
    NO_PARAMETER,
    OUTSIDE,
    PIXELS,
    VERSION,
    cel_error,
    judge_tags,
    old_facts,
)
from catalog.formats.protocol import Facts, Reading, numbered_lines

_AGAIN = "export the file again with Affymetrix' software"
CELL_HEADER = cel_error("cell-header", "a section does not have the columns that it must have", _AGAIN, "CellHeader")
ROW = cel_error("row", "a row of a section does not have its numbers", _AGAIN, "version 3, sections")
CELL_TWICE = cel_error("cell-twice", "a cell is there twice", _AGAIN, "version 3, INTENSITY")
TEXT_RULES = (CELL_HEADER, ROW, CELL_TWICE)

_COLUMNS = {
    "[INTENSITY]": ("X", "Y", "MEAN", "STDV", "NPIXELS"),
    "[MASKS]": ("X", "Y"),
    "[OUTLIERS]": ("X", "Y"),
    "[MODIFIED]": ("X", "Y", "ORIGMEAN"),
}
_WHOLE = re.compile(rb"[-+]?[0-9]{1,300}")
_NUMBER = re.compile(
    rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][-+]?[0-9]{1,4})?|[-+]?(?:nan|inf|infinity)", re.IGNORECASE
)
_LONGEST_VALUE_BYTES = 4096
_MOST_VALUES = 1000
_MOST_CELLS = 10_000_000
_SIZE_DIGITS = 9


def read_text(reading: Reading) -> Facts:
    """Reads a file of version 3."""
    sections = _TextSections(reading)
    for number, line in numbered_lines(reading):
        sections.take(number, line)
    return sections.finish()


class _TextSections:
    """The sections of a file, with each row of their tables judged and counted."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._section = ""
        self._values: dict[tuple[str, str], str] = {}
        self._lines: dict[tuple[str, str], int] = {}
        self._rows: dict[str, int] = {}
        self._line = 0
        self._size = (0, 0)
        self._seen: bytearray | None = None
        self._in_order = 0

    def take(self, number: int, line: bytes) -> None:
        """The next line."""
        self._line = number
        if line.startswith(b"["):
            self._section = line.strip()[:_LONGEST_VALUE_BYTES].decode("latin-1")
            if self._section in _COLUMNS:
                self._rows.setdefault(self._section, 0)
                self._size = self._stated("Cols"), self._stated("Rows")
            return
        name, separator, value = line.partition(b"=")
        if separator and len(self._values) < _MOST_VALUES:
            key = (self._section, name.strip()[:_LONGEST_VALUE_BYTES].decode("latin-1"))
            self._values.setdefault(key, value.strip()[:_LONGEST_VALUE_BYTES].decode("latin-1"))
            self._lines.setdefault(key, number)
        elif self._section in self._rows and line.strip():
            self._rows[self._section] += 1
            self._take_row(number, line)

    def _stated(self, name: str) -> int:
        value = self._values.get(("[HEADER]", name), "")
        return int(value) if value.isascii() and value.isdigit() and len(value) <= _SIZE_DIGITS else 0

    def _take_row(self, number: int, line: bytes) -> None:
        cells = line.split()
        columns = _COLUMNS[self._section]
        whole = [cell.isdigit() and len(cell) <= _SIZE_DIGITS for cell in cells[:2]]
        if len(cells) != len(columns) or not all(whole):
            place = Place(line=number, column=self._section)
            self._reading.find(ROW.at(place, expected=", ".join(columns), got=line))
            return
        x, y = int(cells[0]), int(cells[1])
        for value, limit, axis in zip((x, y), self._size, "XY", strict=True):
            if limit and value >= limit:
                place = Place(line=number, column=axis)
                self._reading.find(OUTSIDE.at(place, expected=f"0 to {limit - 1}", got=value, part=self._section))
                return
        if self._section == "[INTENSITY]":
            self._take_cell(number, (x, y))
        for column, cell in zip(columns[2:], cells[2:], strict=True):
            self._judge_value(number, column, cell)

    def _judge_value(self, number: int, column: str, cell: bytes) -> None:
        place = Place(line=number, column=column)
        if not (_WHOLE if column == "NPIXELS" else _NUMBER).fullmatch(cell):
            self._reading.find(ROW.at(place, expected="a number", got=cell))
            return
        value = float(cell)
        if not (value >= 0 and math.isfinite(value)):
            rule = PIXELS if column == "NPIXELS" else INTENSITY
            self._reading.find(rule.at(place, expected="a finite number from 0", got=cell))

    def _take_cell(self, number: int, cell: tuple[int, int]) -> None:
        """Notes a cell that came before; as long as cells come row by row, that cannot be."""
        columns, rows = self._size
        if not columns or not rows:
            return
        index = cell[1] * columns + cell[0]
        if self._seen is None and index == self._in_order:
            self._in_order += 1
            return
        if self._seen is None and columns * rows <= _MOST_CELLS:
            self._seen = bytearray(columns * rows)
            self._seen[: self._in_order] = b"\1" * self._in_order
        if self._seen is not None:
            if self._seen[index]:
                place = Place(line=number, column="[INTENSITY]")
                self._reading.find(CELL_TWICE.at(place, expected="each cell once", got=f"{cell[0]}, {cell[1]}"))
            self._seen[index] = 1

    def _number(self, section: str, name: str) -> int:
        value = self._values.get((section, name), "")
        if value.isascii() and value.isdigit() and len(value) <= _SIZE_DIGITS:
            return int(value)
        place = Place(line=self._lines.get((section, name), self._line), column=name)
        part = f"{section} {name}"
        self._reading.find(NO_PARAMETER.at(place, expected="a whole number from 0", got=value or None, part=part))
        return 0

    def _judge_counts(self, rows: int, columns: int) -> None:
        for section in (each for each in _COLUMNS if each in self._rows):
            declared, counted = self._number(section, "NumberCells"), self._rows[section]
            # Only the last section can have been cut.
            is_cut = counted < declared and section == self._section
            line = self._line if is_cut else self._lines.get((section, "NumberCells"), self._line)
            place = Place(line=line, column=section)
            if is_cut:
                got, part = f"{counted} rows", f"section {section}"
                self._reading.find(CEL_RULES.truncated.at(place, expected="NumberCells rows", got=got, part=part))
            elif counted != declared or (section == "[INTENSITY]" and declared != rows * columns):
                got = f"{counted} rows, NumberCells={declared}, {rows} x {columns}"
                self._reading.find(CELLS.at(place, expected="Rows x Cols rows as NumberCells says", got=got))
            named = self._values.get((section, "CellHeader"))
            if named is None and not declared and not counted:
                continue
            if named is None or tuple(named.split()) != _COLUMNS[section]:
                there = Place(line=self._lines.get((section, "CellHeader"), self._line), column=section)
                self._reading.find(CELL_HEADER.at(there, expected=" ".join(_COLUMNS[section]), got=named))

    def finish(self) -> Facts:
        """The facts, when every line was taken."""
        version = self._values.get(("[CEL]", "Version"), "")
        if version != "3":
            place = Place(line=self._lines.get(("[CEL]", "Version"), 1))
            self._reading.find(VERSION.at(place, expected="3", got=version or "nothing"))
        rows, columns = self._number("[HEADER]", "Rows"), self._number("[HEADER]", "Cols")
        if "[INTENSITY]" not in self._rows:
            self._reading.find(DATA_SETS.at(Place(line=self._line), expected="[INTENSITY]", got="nothing"))
        self._judge_counts(rows, columns)
        header = {name: value for (section, name), value in self._values.items() if section == "[HEADER]"}
        first = next((line for (section, _), line in self._lines.items() if section == "[HEADER]"), 1)
        judge_tags(self._reading, header, (rows, columns), Place(line=first))
        return old_facts(
            "text-3",
            header,
            rows=rows,
            columns=columns,
            cells=self._rows.get("[INTENSITY]", 0),
            algorithm=header.get("Algorithm"),
            masked=self._rows.get("[MASKS]"),
            outliers=self._rows.get("[OUTLIERS]"),
        )
