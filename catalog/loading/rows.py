"""Small CSV tables that a curator keeps by hand (``files.csv``, ``qc.csv``, ...), strictly (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.findings import Collector, Finding, Level, Place, Rule, Severity
from catalog.loading.document import decode_text

_SOURCE = "RFC 4180"

EMPTY = Rule(
    "csv-empty",
    Severity.ERROR,
    Level.BANK,
    "the table has no header line",
    "write the column names into the first line",
    f"{_SOURCE}, 2.3",
)
SEPARATOR = Rule(
    "csv-separator",
    Severity.ERROR,
    Level.BANK,
    "the columns are not separated by commas",
    "save the table as CSV with commas (in Excel: 'CSV UTF-8')",
    f"{_SOURCE}, 2.4",
    "Excel in many countries writes semicolons.",
)
QUOTES = Rule(
    "csv-quotes",
    Severity.ERROR,
    Level.BANK,
    "the quotes do not match: {problem}",
    "a cell with a comma or a quote is put in double quotes, and its quotes are doubled",
    f"{_SOURCE}, 2.5-2.7",
)
DUPLICATE_COLUMN = Rule(
    "csv-duplicate-column",
    Severity.ERROR,
    Level.BANK,
    "the column {column} stands twice",
    "delete or rename one of them",
    f"{_SOURCE}, 2.3",
)
RAGGED = Rule(
    "csv-ragged",
    Severity.ERROR,
    Level.BANK,
    "the row has {number} cells, the header has {columns}",
    "add the missing commas, or put cells with commas in quotes",
    f"{_SOURCE}, 2.4",
)
SPACE = Rule(
    "csv-space",
    Severity.WARNING,
    Level.BANK,
    "a cell starts or ends with a space",
    "delete the space; it is kept as it is and makes the value another one",
    f"{_SOURCE}, 2.4",
)

ROWS_RULES = (EMPTY, SEPARATOR, QUOTES, DUPLICATE_COLUMN, RAGGED, SPACE)

_LONGEST_CELL = 100_000
_NEEDS_QUOTES = re.compile(r'[,"\r\n]')


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column name, and the line it starts on (from 1)."""

    cells: Mapping[str, str]
    line: int

    def get(self, column: str) -> str:
        """A cell's text; an absent column is an empty cell."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table in memory. With an error among the findings the rows must not be used."""

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def read_rows(content: bytes) -> Rows:
    """The rows of a CSV document with one header line; blank lines are passed over.

    Equal findings are one finding with a count and the first place, and their number is bounded; errors come first.
    """
    text, refused = decode_text(content)
    if text is None:
        return Rows(findings=tuple(refused))
    errors, warnings = Collector(), Collector()
    csv.field_size_limit(_LONGEST_CELL)  # of the whole process, and other libraries change it
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    start = 1
    try:
        for cells in reader:
            if cells and not columns:
                columns = tuple(cells)
                _sort_in(_header_findings(columns, start), errors, warnings)
            elif cells:
                _sort_in(_row_findings(cells, columns, start), errors, warnings)
                rows.append(Row(dict(zip(columns, cells, strict=False)), start))
            start = reader.line_num + 1
    except csv.Error as error:
        errors.add(QUOTES.at(Place(line=start), problem=error))
    if not columns and not errors.has_errors:
        errors.add(EMPTY.at(Place(line=1), expected="column names"))
    return Rows(columns=columns, rows=tuple(rows), findings=(*errors, *warnings))


def _sort_in(findings: Iterable[Finding], errors: Collector, warnings: Collector) -> None:
    """Errors and warnings are bounded apart, so that no number of warnings can hide an error."""
    for finding in findings:
        (errors if finding.severity is Severity.ERROR else warnings).add(finding)


def _header_findings(columns: Sequence[str], line: int) -> Iterator[Finding]:
    if len(columns) == 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs")):
            if mark in columns[0]:
                yield SEPARATOR.at(Place(line=line), expected="commas", got=name)
    seen: set[str] = set()
    for column in columns:
        if column in seen:
            yield DUPLICATE_COLUMN.at(Place(line=line, column=column), column=column)
        elif column != column.strip():
            yield SPACE.at(Place(line=line, column=column), got=repr(column))
        seen.add(column)


def _row_findings(cells: Sequence[str], columns: Sequence[str], line: int) -> list[Finding]:
    if len(cells) != len(columns):
        place = Place(line=line)
        return [
            RAGGED.at(
                place,
                expected=f"{len(columns)} cells",
                got=f"{len(cells)} cells",
                number=len(cells),
                columns=len(columns),
            )
        ]
    return [
        SPACE.at(Place(line=line, column=column), got=repr(cell))
        for column, cell in zip(columns, cells, strict=True)
        if cell != cell.strip()
    ]


def write_rows(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """The bytes of a CSV table: one header line, ``\\n`` line ends, None as an empty cell.

    The standard library's writer leaves a lone carriage return without quotes, and readers take that for a line end.
    """
    lines = [_line(columns)]
    for row in rows:
        cells = [row.get(column) for column in columns]
        lines.append(_line(["" if cell is None else str(cell) for cell in cells]))
    return "".join(lines).encode()


def _line(cells: Sequence[str]) -> str:
    quoted = ['"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell for cell in cells]
    return (",".join(quoted) if quoted != [""] else '""') + "\n"
