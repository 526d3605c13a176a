"""Any CSV or TSV table: its structure, judged as a stream; what the columns mean is not known here.

CSV is RFC 4180 (quotes, line ends in quoted cells); TSV is the IANA type, in which a quote is an ordinary
character. A table that has a schema is judged further by :mod:`catalog.checks.tables`.

The lists of barcodes and features beside a Matrix Market file have no header; their names tell them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import PurePath

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.containers import StreamStopped
from catalog.formats.documents import starts_like_data
from catalog.formats.genotypes import GENOTYPES
from catalog.formats.mtx.names import part_of
from catalog.formats.protocol import LIKELY, NO, Facts, Head, Reading, as_facts, judge_lines
from catalog.formats.table_rows import ROW_RULES, TableJudge
from catalog.model import Tier

_TSV = "IANA text/tab-separated-values"

EMPTY = Rule(
    "table-empty",
    Severity.ERROR,
    Level.SPEC,
    "the table has no header line",
    "write the column names into the first line",
    f"{_TSV} (name line); W3C Tabular Data Model, 4.1",
)
_HEAD_BYTES = 64 << 10
_NAMED_COLUMNS = 100
_SNIFFED_LINES = 20
_SUFFIXES = (".csv", ".tsv", ".tab")
_OTHER_SUFFIXES = (".md", ".rst", ".json", ".yaml", ".yml", ".toml", ".xml", ".html", ".svg", ".log")
_NUMBER = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")


class _Table:
    """CSV and TSV (see :class:`catalog.formats.protocol.Format`)."""

    name = "table"
    title = "table (CSV, TSV)"
    mediatype = "text/csv"
    edam = "EDAM:format_3752"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (EMPTY, *ROW_RULES, GENOTYPES)

    def sniff(self, head: Head) -> int:
        """By the name, or by a header and rows of the same number of cells."""
        if head.has_suffix(*_SUFFIXES):
            return LIKELY
        if b"\0" in head.text or head.has_suffix(*_OTHER_SUFFIXES) or starts_like_data(head.text):
            return NO
        return LIKELY if _looks_like_table(head.text) else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the table row by row.

        Facts: ``rows``, ``columns`` (the first 100 names), ``delimiter``, ``mediatype``, ``genotype_like``, ``hla_like``,
        ``comment_lines`` (before the header), ``synthetic`` (where one of them says so); ``without_header`` for a list of
        barcodes or features.

        Evidence of such a list: ``first_repeat``, the row from 1 whose name stands in an earlier one, and ``unseen``,
        whether rows were too many to be compared.
        """
        part = part_of(PurePath(reading.path).name)
        judge = TableJudge(reading, has_header=part is None)
        is_whole = False
        with suppress(StreamStopped):
            judge_lines(reading, judge)
            judge.finish()
            is_whole = True
        if not judge.columns:
            if is_whole and not reading.source.findings and not reading.has_errors:
                reading.find(EMPTY.at(Place(line=1), expected="column names"))
            return {}
        if part is not None:
            reading.evidence |= {"first_repeat": judge.repeats.first(), "unseen": judge.repeats.unseen}
        return as_facts(
            {
                "rows": judge.rows,
                "columns": list(judge.columns[:_NAMED_COLUMNS]),
                "delimiter": judge.delimiter,
                "mediatype": "text/tab-separated-values" if judge.delimiter == "\t" else "text/csv",
                "without_header": True if part is not None else None,
                **judge.signs.report(reading),
                "comment_lines": judge.comments or None,
                "synthetic": True if judge.is_synthetic else None,
            }
        )


TABLE = _Table()


def _looks_like_table(text: bytes) -> bool:
    """Whether the first whole lines have the same number of separators, under a header of different names."""
    try:
        lines = text.decode("utf-8", "strict" if len(text) < _HEAD_BYTES else "ignore").split("\n")
    except UnicodeDecodeError:
        return False
    whole = lines[:-1] if len(text) == _HEAD_BYTES or not lines[-1] else lines
    return any(
        _is_even(_reader(_kept(whole), delimiter), fewest_rows, fewest_cells)
        for delimiter, fewest_rows, fewest_cells in (("\t", 2, 2), (",", 3, 3))
    )


def _kept(lines: Sequence[str]) -> Iterator[str]:
    return (line + "\n" for line in lines if line.strip() and not line.startswith("#"))


def _is_even(rows: Iterator[list[str]], fewest_rows: int, fewest_cells: int) -> bool:
    """Whether rows have as many cells as their header, whose cells are different names."""
    try:
        header, *others = [cells for cells in islice(rows, _SNIFFED_LINES) if cells] or [[]]
    except csv.Error:
        return False
    if len(header) < fewest_cells or len(others) + 1 < fewest_rows or len(set(header)) < len(header):
        return False
    named = all(name.strip() and not _NUMBER.fullmatch(name) for name in header)
    return named and all(len(cells) == len(header) for cells in others)


def _reader(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """The cells of rows; a quote is an ordinary character between tabs."""
    if delimiter == "\t":
        return csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=delimiter, strict=True)
