"""The lines of an expression matrix: comments, header, rows; each row a gene and one number a sample."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.containers import StreamStopped
from catalog.formats.expression.sample_columns import (
    MANY_COLUMNS,
    MOST_COLUMNS,
    judge_header,
    judge_no_header,
    names_of_row,
)
from catalog.formats.expression.tally import Tally
from catalog.formats.expression.values import COUNT, DECIMAL, rule_of
from catalog.formats.protocol import Reading
from catalog.formats.table_delimiter import delimiter_of

if TYPE_CHECKING:
    from catalog.formats.expression.fast_rows import FastRows

_MANUAL = "htseq-count and featureCounts manuals (count table)"

NOT_UTF8 = Rule(
    "matrix-not-utf8",
    Severity.ERROR,
    Level.SPEC,
    "a line is not UTF-8",
    "save the matrix as UTF-8",
    "RFC 7111, 5.1 (charset); RFC 3629",
)
RAGGED = Rule(
    "matrix-ragged",
    Severity.ERROR,
    Level.SPEC,
    "a row does not have as many cells as the header",
    "write every cell, delete blank lines; R's write.table needs col.names=NA to name the gene column",
    _MANUAL,
)
BLANK_LAST = Rule(
    "matrix-blank-line-last",
    Severity.WARNING,
    Level.SPEC,
    "the matrix ends with a blank line",
    "delete it",
    _MANUAL,
    "Some readers take it for a gene without a name.",
)
QUOTES = Rule(
    "matrix-quotes",
    Severity.ERROR,
    Level.SPEC,
    "the quotes of a cell do not match",
    "write identifiers without quotes, or close each quoted cell in its line",
    "RFC 4180, 2.5-2.7",
)

ROW_RULES = (NOT_UTF8, RAGGED, BLANK_LAST, QUOTES)

#: What was not counted for a gene: the last rows of htseq-count, the first ones of STAR.
_SUMMARY = re.compile(rb"__[A-Za-z_]+|N_(?:unmapped|multimapping|noFeature|ambiguous)")

_LISTED_SUMMARIES = 10


class MatrixJudge:
    """Judges the lines of one matrix (see :class:`catalog.formats.protocol.LineJudge`).

    Attributes:
        tally: what was read so far.
        began: whether the header was read.
        comments: lines before the header.
        is_synthetic: whether one of them says so.
        is_judged: whether every value of every row was good.
    """

    def __init__(self, reading: Reading, *, whole: bool) -> None:
        self._reading = reading
        self._value = COUNT if whole else DECIMAL
        self._row = self._value
        self._fast: FastRows | None = None
        self._first_row: tuple[int, list[str]] | None = None
        self._summaries: list[str] = []
        self.tally = Tally(reading, whole=whole)
        self.began = False
        self.comments = 0
        self.is_synthetic = False
        self.is_judged = True
        self._blank = 0

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line."""
        line = line.removesuffix(b"\r")
        if self.began and not line.strip():
            self._blank = self._blank or number
        elif self.began:
            if self._blank:
                self._refuse_row(self._blank, "a blank line")
                self._blank = 0
            self._take_row(number, line)
        elif line.startswith(b"#"):
            self.comments += 1
            self.tally.signs.text(line)
            self.is_synthetic = self.is_synthetic or b"synthetic" in line.lower()
        else:
            self._begin(number, line)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over rows with well-formed numbers; genes are judged here as in :meth:`take`."""
        if not self.began or self._blank:
            return at, number
        if self._fast is None:
            from catalog.formats.expression.fast_rows import FastRows

            self._fast = FastRows(self.tally)
        return self._fast.take(buffer, at, number)

    def finish(self) -> None:
        """The file is over: the finding about a missing header waits for the summary rows, which come last."""
        if self._blank:
            self._reading.find(BLANK_LAST.at(Place(line=self._blank), expected="a row"))
        if self._first_row is not None:
            number, row = self._first_row
            judge_no_header(self._reading, row, number, has_summary=bool(self._summaries))

    @property
    def summaries(self) -> Sequence[str]:
        """The names of rows that are no genes, such as ``__no_feature``."""
        return self._summaries

    def _begin(self, number: int, line: bytes) -> None:
        """Judges the header; a table of a counting program has none."""
        delimiter = delimiter_of(line.decode("utf-8", "replace"))
        self.tally.delimiter = delimiter.encode()
        columns = line.count(self.tally.delimiter) + 1
        if columns > MOST_COLUMNS:
            place, expected = Place(line=number), f"at most {MOST_COLUMNS} columns"
            self._reading.find(MANY_COLUMNS.at(place, expected=expected, got=columns, limit=MOST_COLUMNS))
            raise StreamStopped
        encoding = "utf-8" if self._is_utf8(number, line) else "latin-1"
        names = [cell.decode(encoding) for cell in self._split(number, line) or line.split(self.tally.delimiter)]
        without_header = names_of_row(names) if delimiter != ";" else None
        if without_header is not None:
            self._first_row = (number, names)
            names = without_header
        elif not judge_header(self._reading, names if delimiter != ";" else names[:1], number):
            raise StreamStopped
        self.began = True
        self.tally.begin(names)
        one = self._value.pattern
        self._row = re.compile(rb"%b(?:%b%b)*" % (one, re.escape(self.tally.delimiter), one))
        if without_header is not None:
            self._take_row(number, line)

    def _split(self, number: int, line: bytes) -> list[bytes] | None:
        """The cells of a line; None when its quotes do not match, which is put down."""
        if b'"' not in line:
            return line.split(self.tally.delimiter)
        text = line.decode("utf-8", "surrogateescape")
        try:
            cells = next(csv.reader([text], delimiter=self.tally.delimiter.decode(), strict=True), [])
        except csv.Error as error:
            self._reading.find(QUOTES.at(Place(line=number), expected="matching quotes", got=error))
            return None
        return [cell.encode("utf-8", "surrogateescape") for cell in cells]

    def _is_utf8(self, number: int, line: bytes) -> bool:
        """Whether a line is UTF-8; that it is not is put down."""
        try:
            line.decode()
        except UnicodeDecodeError:
            self._reading.find(NOT_UTF8.at(Place(line=number), expected="UTF-8", got=line))
            return False
        return True

    def _refuse_row(self, number: int, got: str) -> None:
        self.is_judged = False
        self._reading.find(RAGGED.at(Place(line=number), expected=f"{self.tally.width} cells", got=got))

    def _take_row(self, number: int, line: bytes) -> None:
        self._is_utf8(number, line)
        cells = self._split(number, line)
        if cells is None:
            self.is_judged = False
            return
        if len(cells) != self.tally.width:
            self._refuse_row(number, f"{len(cells)} cells")
            return
        self.tally.see_described(self.tally.delimiter.join(cells[: self.tally.described]))
        values = cells[self.tally.described :]
        joined = self.tally.delimiter.join(values)
        if not self._row.fullmatch(joined) or joined.count(self.tally.delimiter) != len(values) - 1:
            self._refuse(cells[0], values, number)
            return
        if _SUMMARY.fullmatch(cells[0]):
            if len(self._summaries) < _LISTED_SUMMARIES:
                self._summaries.append(cells[0].decode())
            return
        self.tally.genes.take(cells[0], number)
        self.tally.take(cells[0], list(map(float, values)))

    def _refuse(self, gene: bytes, values: Sequence[bytes], line: int) -> None:
        """The first bad value of a row."""
        self.is_judged = False
        if not _SUMMARY.fullmatch(gene):
            self.tally.genes.take(gene, line)
        for sample, value in zip(self.tally.samples, values, strict=True):
            if not self._value.fullmatch(value):
                rule, expected = rule_of(value, whole=self.tally.whole)
                place = Place(line=line, record=self.tally.genes.count, column=sample)
                self._reading.find(rule.at(place, expected=expected, got=value))
                return
