"""The rows of a FinalReport in the form "matrix": one for each SNP, with a column for each sample."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.findings import Place
from catalog.formats.arrays.final_report_header import ReportHeader, report_error
from catalog.formats.arrays.final_report_rows import (
    AGAIN,
    CELLS,
    COLUMN_REPEATED,
    MOST_COMPARED,
    MOST_LISTED,
    NAMELESS,
    REPEATED,
    judge_counts,
)
from catalog.formats.arrays.genotype_rows import TABLE, MatrixGenotypes
from catalog.formats.protocol import Facts, Reading

MATRIX_CELL = report_error("matrix-cell", "a cell of the matrix is no genotype", AGAIN, "matrix")
MATRIX_RULES = (MATRIX_CELL,)

_GENOTYPE = re.compile(rb"(?:[ACGTDIN-]{2}|[AB-]{2}|NC|-)(?:\|(?:[0-9.]+(?:[Ee]-?[0-9]+)?|NaN))?")


class MatrixRows:
    """Rows of the form "matrix": the SNP's name, then a genotype for each sample, perhaps with its score behind a bar.

    Attributes:
        samples: their names in the order of the columns (a bounded number).
        highest: positions; the form has none.
    """

    def __init__(self, reading: Reading, header: ReportHeader, number: int, line: bytes) -> None:
        self._reading = reading
        self._header = header
        self._separator = line[:1]
        names = [cell.decode("utf-8", "replace").strip(" ") for cell in line.split(self._separator)][1:]
        if names and not names[-1]:
            names.pop()
        self._columns = len(names)
        self.samples: Sequence[str] = names[:MOST_LISTED]
        self.highest: dict[str, int] = {}
        self._snps: set[int] = set()
        self._rows = self._calls = self._called = 0
        header.is_by_script = True
        sink = reading.sink(TABLE)
        self._table = MatrixGenotypes(sink, names) if sink is not None and names else None
        for position, name in enumerate(names, 2):
            if not name or name in names[: position - 2][-MOST_LISTED:]:
                place = Place(line=number, column=position)
                self._reading.find(COLUMN_REPEATED.at(place, expected="a name of its own", got=name))

    def take(self, number: int, line: bytes) -> None:
        """The next row."""
        snp, *cells = line.split(self._separator)
        self._rows += 1
        self._take_name(number, snp)
        if len(cells) == self._columns + 1 and not cells[-1]:
            cells.pop()
        if len(cells) != self._columns:
            got = f"{len(cells)} genotypes"
            self._reading.find(CELLS.at(Place(line=number), expected=f"{self._columns} genotypes", got=got))
            return
        for position, cell in enumerate(cells, 2):
            if not _GENOTYPE.fullmatch(cell):
                place = Place(line=number, column=position)
                self._reading.find(MATRIX_CELL.at(place, expected="such as AG, AB or --", got=cell))
            elif cell[:1] != b"-" and cell[:2] != b"NC":
                self._called += 1
        self._calls += len(cells)
        if self._table is not None:
            self._table.add(snp, cells)

    def take_many(self, lines: list[bytes]) -> bool:
        """Takes none at once: cells are few in these reports."""
        return False

    def _take_name(self, number: int, snp: bytes) -> None:
        key = hash(snp)
        if not snp:
            self._reading.find(NAMELESS.at(Place(line=number, column=1), expected="a name", part="SNP Name"))
        if key in self._snps:
            self._reading.find(REPEATED.at(Place(line=number, column=1), expected="each SNP once", got=snp))
        elif len(self._snps) < MOST_COMPARED // 4:
            self._snps.add(key)

    def finish(self) -> Facts:
        """Counts against the header; facts."""
        if self._table is not None:
            self._table.flush()
        judge_counts(self._reading, self._header, len(self._snps), self._columns)
        self._reading.evidence["samples"] = list(self.samples)
        rate = round(self._called / self._calls, 4) if self._calls else None
        facts: Facts = {"layout": "matrix", "records": self._rows, "snps": len(self._snps), "samples": self._columns}
        return {**facts, "call_rate": rate} if rate is not None else facts
