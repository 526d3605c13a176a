"""The entries of a Matrix Market file, one a line."""

from __future__ import annotations

import math
import re
from array import array
from typing import TYPE_CHECKING

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.mtx.header import SOURCE, Banner, Sizes, has_other_blank
from catalog.formats.protocol import Reading
from catalog.formats.repeats import Repeats

if TYPE_CHECKING:
    from catalog.formats.mtx.fast import FastEntries

ENTRY = Rule(
    "mtx-entry",
    Severity.ERROR,
    Level.SPEC,
    "a line of entries does not have the parts that the banner says",
    "look at the line: indices and values, separated by blanks or tabs; comments stand only before the sizes",
    f"{SOURCE}: data lines",
)
INDEX = Rule(
    "mtx-index",
    Severity.ERROR,
    Level.SPEC,
    "an index lies outside of the matrix",
    "indices count from 1 to the number of rows or columns; look which program wrote the file",
    f"{SOURCE}: data lines, indices are 1-based",
)
VALUE = Rule(
    "mtx-value",
    Severity.ERROR,
    Level.SPEC,
    "a value is not of the field that the banner says",
    "write whole numbers for integer, decimals with a point for real, or correct the banner",
    f"{SOURCE}: field",
)
NOT_FINITE = Rule(
    "mtx-not-finite",
    Severity.WARNING,
    Level.SPEC,
    "a value is not a finite number",
    "real data should be decimals: leave the entry out, or find out what it should have been",
    f"{SOURCE}: real data should be in floating point decimal format",
)
UPPER = Rule(
    "mtx-upper-triangle",
    Severity.ERROR,
    Level.SPEC,
    "an entry stands above the diagonal of a matrix with a symmetry",
    "give the entries on and below the diagonal only (skew-symmetric: below it), or write general",
    f"{SOURCE}: symmetry structures",
    "The reader adds the mirrored entry itself, so that it would be there twice.",
)
DIAGONAL = Rule(
    "mtx-diagonal",
    Severity.ERROR,
    Level.SPEC,
    "an entry of the diagonal contradicts the symmetry",
    "the diagonal of a skew-symmetric matrix is zero and left out; that of a Hermitian matrix is real",
    f"{SOURCE}: symmetry structures",
)
COUNT = Rule(
    "mtx-entries",
    Severity.ERROR,
    Level.SPEC,
    "the file does not have as many entries as its sizes say",
    "copy the file again: it was cut, or files were joined; else write it again with its program",
    f"{SOURCE}: size line",
)
TWICE = Rule(
    "mtx-twice",
    Severity.ERROR,
    Level.BANK,
    "an entry of the matrix stands twice",
    "write each entry once: make the file again with its program",
    "docs/validation.md",
    "Some readers add the two, others keep one.",
)
TWICE_UNSEEN = Rule(
    "mtx-twice-unseen",
    Severity.INFO,
    Level.BANK,
    "the entries are in no order and too many to be compared: nobody looked whether one stands twice",
    "write them column by column",
    "docs/validation.md",
)

ENTRY_RULES = (ENTRY, INDEX, VALUE, NOT_FINITE, UPPER, DIAGONAL, COUNT, TWICE, TWICE_UNSEEN)

_INTEGER = re.compile(rb"[-+]?[0-9]+")
_REAL = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(rb"[-+]?(?i:nan|inf|infinity)")
_INDEX = re.compile(rb"[0-9]{1,30}")
#: Sums are kept of as many columns, and marks of as many rows.
_MOST_SUMMED = 2_000_000
_LARGEST_KEY = 1 << 63
_NUMBERS_SHOWN = 40
#: The state that both paths share: entries, the last indices, and whether they rose by column and by row so far.
STATE = ("entries", "row", "column", "by_column", "by_row")
_ENTRIES, _ROW, _COLUMN, _BY_COLUMN, _BY_ROW = range(5)


class Entries:
    """Judges the entries of one matrix.

    Attributes:
        state: see :data:`STATE`.
        sums: of each column of a general matrix of numbers; empty when there are too many.
        marks: which rows have an entry other than zero; likewise.
        repeats: the places of entries, as far as they can be numbered.
        first_line: the line of the first entry, as long as every line is one.
    """

    def __init__(self, reading: Reading, banner: Banner, sizes: Sizes) -> None:
        self._reading = reading
        self._fast: FastEntries | None = None
        self.banner = banner
        self.sizes = sizes
        self.state = array("q", (0, 0, 0, 1, 1))
        is_table = banner.coordinates == 2 and banner.numbers == 1 and banner.symmetry == "general"
        is_small = sizes.rows <= _MOST_SUMMED and sizes.columns <= _MOST_SUMMED
        self.sums = array("d", bytes(8 * sizes.columns if is_table and is_small else 0))
        self.marks = bytearray(sizes.rows if is_table and is_small else 0)
        self.repeats = Repeats()
        self.is_numbered = banner.coordinates > 0 and (sizes.rows + 1) * (sizes.columns + 1) < _LARGEST_KEY
        self.first_line = 0
        self._has_blanks = False
        self._is_table = is_table
        self._pattern = _INTEGER if banner.is_whole else _REAL

    def take_blank(self) -> None:
        """A blank line among the entries: lines and entries no longer go together."""
        self._has_blanks = True

    def take(self, number: int, words: list[bytes]) -> None:
        """The next entry."""
        self.first_line = self.first_line or number
        count = self.state[_ENTRIES] = self.state[_ENTRIES] + 1
        if self._is_table and len(words) == 3 and count <= self.sizes.entries and self._take_usual(words):
            return
        if count == self.sizes.entries + 1:
            place = Place(line=number, record=count)
            self._reading.find(COUNT.at(place, expected=f"{self.sizes.entries} entries", got="more"))
        coordinates = self.banner.coordinates
        if len(words) != coordinates + self.banner.numbers or has_other_blank(words):
            wanted = ", ".join(self._parts())
            got = b" ".join(words)[:_NUMBERS_SHOWN]
            self._reading.find(ENTRY.at(Place(line=number, record=count), expected=wanted, got=got))
            return
        indices = self._indices(number, words[:coordinates])
        values = [self._value(number, word) for word in words[coordinates:]]
        if indices is None or None in values:
            return
        numbers = [value for value in values if value is not None]
        if coordinates:
            row, column = indices
        else:
            row, column = self._next_of_array()
        self._judge_symmetry(number, row, column, numbers)
        if coordinates:
            self._note(row, column, numbers[0] if numbers else 0.0)

    def _take_usual(self, words: list[bytes]) -> bool:
        """Takes an entry of a general matrix without anything wrong; says the same as the long way, three times as fast."""
        first, second, value = words
        if not (first.isdigit() and second.isdigit() and self._pattern.fullmatch(value)):
            return False
        row, column = int(first[:30]), int(second[:30])
        if not (0 < row <= self.sizes.rows and 0 < column <= self.sizes.columns) or value.startswith(b"-"):
            return False
        self._note(row, column, float(value))
        return True

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """See :meth:`catalog.formats.protocol.LineJudge.take_clean`."""
        if self.banner.symmetry == "hermitian" or self.sizes.rows >= _LARGEST_KEY or self.sizes.columns >= _LARGEST_KEY:
            return at, number
        if self._fast is None:
            from catalog.formats.mtx.fast import FastEntries

            self._fast = FastEntries(self)
        self.first_line = self.first_line or number
        return self._fast.take(buffer, at, number)

    def finish(self) -> None:
        """The file is over: what is said of all entries together."""
        count = self.state[_ENTRIES]
        if count < self.sizes.entries:
            self._reading.find(COUNT.at(expected=f"{self.sizes.entries} entries", got=f"{count} entries"))
        is_ordered = self.is_numbered and bool(self.state[_BY_COLUMN] or self.state[_BY_ROW])
        if not self.banner.coordinates or is_ordered or count < 2 or not self._reading.wants_bank_rules:
            return
        record = self.repeats.first()
        if record is not None:
            # Without broken entries and blank lines, entries are counted as they are numbered and as lines are.
            is_whole = len(self.repeats.keys) == count
            line = self.first_line + record - 1 if is_whole and not self._has_blanks else None
            place = Place(line=line, record=record if is_whole else None)
            self._reading.find(TWICE.at(place, expected="each entry once"))
        elif self.repeats.unseen or not self.is_numbered:
            self._reading.find(TWICE_UNSEEN.at())

    def _parts(self) -> list[str]:
        names = ["row", "column"][: self.banner.coordinates]
        return [*names, *["value", "imaginary part"][: self.banner.numbers]]

    def _indices(self, number: int, words: list[bytes]) -> tuple[int, int] | None:
        """Row and column; None when one is outside, which is put down."""
        found = [1, 1]
        for at, (name, most) in enumerate((("row", self.sizes.rows), ("column", self.sizes.columns))[: len(words)]):
            if not _INDEX.fullmatch(words[at]) or not 1 <= int(words[at]) <= most:
                place = Place(line=number, record=self.state[_ENTRIES], column=name)
                self._reading.find(INDEX.at(place, expected=f"1 to {most}", got=words[at]))
                return None
            found[at] = int(words[at])
        return found[0], found[1]

    def _value(self, number: int, word: bytes) -> float | None:
        """A number; None when it is none, which is put down."""
        is_good = (_INTEGER if self.banner.is_whole else _REAL).fullmatch(word) is not None
        place = Place(line=number, record=self.state[_ENTRIES], column="value")
        if is_good and not (self.banner.field == "unsigned-integer" and word.startswith(b"-")):
            return float(word)
        if not self.banner.is_whole and _NOT_FINITE.fullmatch(word):
            self._reading.find(NOT_FINITE.at(place, expected="a finite number", got=word))
            return math.nan
        self._reading.find(VALUE.at(place, expected=f"a number of the field {self.banner.field}", got=word))
        return None

    def _next_of_array(self) -> tuple[int, int]:
        """The place of the next value of an array: column by column, of a symmetric one from the diagonal on."""
        row, column = self.state[_ROW] + 1, max(1, self.state[_COLUMN])
        if self.banner.symmetry != "hermitian":
            return 1, 1  # nothing depends on it
        if row > self.sizes.rows:
            row = column = column + 1
        self.state[_ROW], self.state[_COLUMN] = row, column
        return row, column

    def _judge_symmetry(self, number: int, row: int, column: int, numbers: list[float]) -> None:
        symmetry = self.banner.symmetry
        if symmetry == "general" or (not self.banner.coordinates and symmetry != "hermitian"):
            return
        place = Place(line=number, record=self.state[_ENTRIES], column="row")
        if row < column:
            self._reading.find(UPPER.at(place, expected="row >= column", got=f"row {row}, column {column}"))
        elif row == column and symmetry == "skew-symmetric":
            self._reading.find(DIAGONAL.at(place, expected="row > column", got=f"row {row}, column {column}"))
        elif row == column and symmetry == "hermitian" and numbers[1]:
            self._reading.find(DIAGONAL.at(place, expected="an imaginary part of 0", got=numbers[1]))

    def _note(self, row: int, column: int, number: float) -> None:
        """Takes the place and the value of a good entry in."""
        state = self.state
        if self.is_numbered:
            last_row, last_column = state[_ROW], state[_COLUMN]
            if column < last_column or (column == last_column and row <= last_row):
                state[_BY_COLUMN] = 0
            if row < last_row or (row == last_row and column <= last_column):
                state[_BY_ROW] = 0
            state[_ROW], state[_COLUMN] = row, column
            self.repeats.take(row * (self.sizes.columns + 1) + column)
        if self.sums and math.isfinite(number):
            self.sums[column - 1] += number
            if number:
                self.marks[row - 1] = 1
