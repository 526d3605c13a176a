"""The rows of a CSV or TSV table, header first, judged line by line."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.containers import StreamStopped
from catalog.formats.copy_number_rows import CopyNumberRows, copy_number_rows
from catalog.formats.genotypes import HINT, GenotypeSigns
from catalog.formats.protocol import Reading
from catalog.formats.repeats import Repeats
from catalog.formats.table_delimiter import delimiter_of, delimiter_of_table

if TYPE_CHECKING:
    from catalog.formats.table_fast import FastTable

_CSV = "RFC 4180"
_TSV = "IANA text/tab-separated-values"

ENCODING = Rule(
    "table-encoding",
    Severity.ERROR,
    Level.SPEC,
    "the table is not UTF-8",
    "save it as UTF-8 without BOM (LibreOffice: 'Text CSV', Unicode; Excel's 'CSV UTF-8' has a BOM)",
    "RFC 7111, 5.1 (charset); RFC 3629",
    "A guessed encoding turns names into other names.",
)
COMMENT = Rule(
    "table-comment",
    Severity.WARNING,
    Level.BANK,
    "comment lines stand before the header",
    "move them into a text file beside the table",
    f"{_CSV}; {_TSV}: neither has comments",
    "Spreadsheets take the first comment for the header.",
)
MANY_COLUMNS = Rule(
    "table-many-columns",
    Severity.ERROR,
    Level.SPEC,
    "the header has more than {limit} columns; the table was not read",
    "turn the table round: one row for each thing that is measured",
    "fairline",
    "Spreadsheets and databases hold far fewer columns.",
)
NO_NAME = Rule(
    "table-column-without-name",
    Severity.ERROR,
    Level.SPEC,
    "a column has no name",
    "name it, or delete the column",
    "W3C Metadata Vocabulary for Tabular Data, 5.6 (name)",
)
SAME_NAME = Rule(
    "table-column-twice",
    Severity.ERROR,
    Level.SPEC,
    "the name of a column stands twice in the header",
    "rename or delete one of them",
    "W3C Metadata Vocabulary for Tabular Data, 5.5 (columns)",
    "Programs keep one of the two columns, and not all the same one.",
)
SEPARATOR = Rule(
    "table-separator",
    Severity.ERROR,
    Level.SPEC,
    "the columns are separated by semicolons",
    "save the table with commas or tabs (Excel takes the list separator of the system: 'Text (tab delimited)' has tabs)",
    f"{_CSV}, 2.4; {_TSV}",
    "Excel in many countries writes semicolons, and other programs then see one column.",
)
RAGGED = Rule(
    "table-ragged",
    Severity.ERROR,
    Level.SPEC,
    "a row does not have as many cells as the header",
    "add the missing separators, or put cells with commas in quotes",
    f"{_CSV}, 2.4; {_TSV}",
)
QUOTES = Rule(
    "table-quotes",
    Severity.ERROR,
    Level.SPEC,
    "the quotes of a cell do not match, or the cell never ends",
    "a cell with a comma or a quote is put in double quotes, and its quotes are doubled",
    f"{_CSV}, 2.5-2.7",
)
CONTROL = Rule(
    "table-control-character",
    Severity.ERROR,
    Level.SPEC,
    "a cell holds a control character",
    "take the character out; it often comes with text from a PDF, and a spreadsheet does not show it",
    f"{_CSV}, 2.7 (TEXTDATA)",
    "Searches do not find the cell, and many readers refuse the whole table.",
)
BLANK_LINE = Rule(
    "table-blank-line",
    Severity.WARNING,
    Level.SPEC,
    "a blank line stands between rows",
    "delete it",
    f"{_CSV}, 2.4: each line should contain the same number of fields; {_TSV}",
    "Some programs take it for the end of the table, others for a row of empty cells.",
)
GENE_DATE = Rule(
    "table-gene-date",
    Severity.WARNING,
    Level.BANK,
    "a cell looks like a gene symbol that a spreadsheet turned into a date",
    "take the column from its source again and import it as text; SEPT2 is now SEPTIN2, MARCH1 is MARCHF1",
    "Ziemann et al. 2016, Genome Biology 17:177",
    "The gene is lost for everybody who looks for it.",
)
FORMULA = Rule(
    "table-formula",
    Severity.WARNING,
    Level.BANK,
    "a cell starts like a formula of a spreadsheet",
    "write it in another way, or leave it if it is meant; it is kept as it is",
    "OWASP, CSV injection",
    "Whoever opens the table in a spreadsheet runs the formula.",
)

ROW_RULES = (
    ENCODING,
    SEPARATOR,
    COMMENT,
    MANY_COLUMNS,
    NO_NAME,
    SAME_NAME,
    RAGGED,
    BLANK_LINE,
    QUOTES,
    CONTROL,
    GENE_DATE,
    FORMULA,
)

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
#: ``2-Sep``, ``Sep-02`` and ``SEP2``, the traces that spreadsheets leave of SEPT2, MARCH1, DEC1 and their like.
DATE_FROM_GENE = re.compile(
    rf"(?i:[0-3]?[0-9]-(?:{_MONTHS})|(?:{_MONTHS})-[0-9]{{2}})|(?:SEP|MAR)[0-9]{{1,2}}(?<!SEP15)",
    re.ASCII,
)
#: Without tabs and line ends, which are judged elsewhere or meant.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORMULA = re.compile(
    r"[=@\t\r].|[+-](?!(?i:inf|nan)\b)(?:[A-Za-z(\"'=@]|[0-9.]+[-+*/^(!|])",
    re.DOTALL,
)
_FORMULA_STARTS = frozenset("=+-@\t\r")
#: Quoted cells of a row that the csv module reads without an error, so that none is tried twice.
_QUOTED_CELLS = {
    mark: re.compile(rf'(?<![^{mark}])"[^"]*(?:""[^"]*)*"(?=[{mark}]|\Z)') for mark in (",", ";", "\t")
}  # fmt: skip
_LARGEST_ROW_BYTES = 1 << 20
_MOST_COLUMNS = 200_000
#: A table of genotypes has them in most of its rows: behind the first, samples of rows are looked at.
_ROWS_IN_FULL, _ROWS_BETWEEN = 50_000, 32


class TableJudge:
    """Judges the lines of a table (see :class:`catalog.formats.protocol.LineJudge`).

    Attributes:
        columns: the names of the header; numbers from 1 where the table has none.
        delimiter: what separates cells.
        rows: how many there are.
        signs: of genotypes.
        repeats: the first cells of a table without header, which are names of rows.
        comments: lines before the header.
        is_synthetic: whether one of them says so.
    """

    def __init__(self, reading: Reading, *, has_header: bool = True) -> None:
        self._reading = reading
        self._has_header = has_header
        self._fast: FastTable | None = None
        self._open: list[str] = []
        self._open_line = 0
        self._open_bytes = 0
        self._blank = 0
        self._is_hinted = False
        self._copies: CopyNumberRows | None = None
        self.columns: tuple[str, ...] = ()
        self.delimiter = ","
        self.rows = 0
        self.signs = GenotypeSigns()
        self.repeats = Repeats()
        self.comments = 0
        self.is_synthetic = False

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line; a quoted cell may have several.

        Raises:
            StreamStopped: nothing more can be read of the table.
        """
        line = line.removesuffix(b"\r")
        if number <= _ROWS_IN_FULL or not number % _ROWS_BETWEEN:
            self._is_hinted = self._is_hinted or HINT.search(line) is not None
        if self._open_bytes > _LARGEST_ROW_BYTES:
            self._stop_in_quotes("a row of more than 1 MiB")
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            place = Place(line=number, column=error.start + 1)
            self._reading.find(ENCODING.at(place, expected="UTF-8", got=f"byte 0x{line[error.start]:02X}"))
            raise StreamStopped from error
        if self.columns:
            self._take_text(number, text)
        elif self._is_comment(number, text):
            self._is_hinted = False
        elif text.strip() or self._open:
            self._begin(number, text)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over rows of as many cells as the header, without broken quotes, formulas, dates and genotypes."""
        if not self.columns or self._open or not self._has_header or self._copies is not None:
            return at, number
        if self._fast is None:
            from catalog.formats.table_fast import FastTable

            is_bank = self._reading.wants_bank_rules
            self._fast = FastTable(self.delimiter, len(self.columns), (_ROWS_IN_FULL, _ROWS_BETWEEN), is_bank=is_bank)
        before = number
        at, number = self._fast.take(buffer, at, number)
        self.rows += number - before
        if number > before:
            self._tell_blank()
        return at, number

    def finish(self) -> None:
        """The file is over."""
        if self._copies is not None:
            self._copies.flush()
        if self._open and not self._reading.source.findings:
            self._stop_in_quotes("the end of the file")

    def _stop_in_quotes(self, got: str) -> None:
        line, self._open = self._open_line, []
        self._reading.find(QUOTES.at(Place(line=line), expected="matching quotes", got=got))
        raise StreamStopped

    def _is_comment(self, number: int, text: str) -> bool:
        """Whether a line before the header is a comment; it is put down."""
        names_columns = delimiter_of(text) in text and not text.startswith(("##", "# "))
        if self._open or not text.startswith("#") or names_columns:
            return False
        self._reading.find(COMMENT.at(Place(line=number), expected="the header in the first line", got=text))
        self.comments += 1
        self.signs.text(text.encode())
        self.is_synthetic = self.is_synthetic or "synthetic" in text.lower()
        return True

    def _begin(self, number: int, text: str) -> None:
        if not self._open:
            self.delimiter = delimiter_of_table(self._reading, text)
            if self.delimiter == ";":
                self._reading.find(SEPARATOR.at(Place(line=number), expected="commas or tabs", got="semicolons"))
            columns = text.count(self.delimiter) + 1
            if columns > _MOST_COLUMNS:
                place, expected = Place(line=number), f"at most {_MOST_COLUMNS} columns"
                self._reading.find(MANY_COLUMNS.at(place, expected=expected, got=columns, limit=_MOST_COLUMNS))
                raise StreamStopped
        self._take_text(number, text)

    def _take_text(self, number: int, text: str) -> None:
        """One line of a row."""
        if not text and not self._open:
            self._blank = self._blank or number
            return
        self._tell_blank()
        if self.delimiter != "\t" and (found := _CONTROL.search(text)):
            place = Place(line=number, column=found.start() + 1)
            got = f"U+{ord(found.group()):04X}"
            self._reading.find(CONTROL.at(place, expected="printable text", got=got))
        if self._open or ('"' in text and self.delimiter != "\t"):
            if not self._open:
                self._open_line = number
            self._open.append(text)
            self._open_bytes += len(text)
            if _ends_in_quotes(text, self.delimiter, inside=len(self._open) > 1):
                return
            cells = self._cells_of_quoted()
            number = self._open_line
            self._open, self._open_bytes = [], 0
        else:
            cells = self._cells(number, text)
        if cells:
            self._take_cells(number, cells)
        self._is_hinted = False

    def _cells(self, number: int, text: str) -> list[str]:
        if "\r" in text:
            self._reading.find(QUOTES.at(Place(line=number), expected="matching quotes", got="a CR inside of a line"))
            return []
        return text.split(self.delimiter)

    def _tell_blank(self) -> None:
        """Puts blank lines down when a row follows; where there is one column, they are rows of an empty cell."""
        if self._blank and len(self.columns) > 1:
            self._reading.find(BLANK_LINE.at(Place(line=self._blank), expected="a row"))
        self._blank = 0

    def _cells_of_quoted(self) -> list[str]:
        """The cells of a row with quotes; none when they do not match, which is put down."""
        lines = [f"{line}\n" for line in self._open]
        problem: object = "a quote inside of a cell without quotes"
        try:
            cells = next(csv.reader(lines, delimiter=self.delimiter, strict=True), [])
            # Elsewhere than in quoted cells there is none (RFC 4180, grammar of TEXTDATA).
            if '"' not in _QUOTED_CELLS[self.delimiter].sub("", "\n".join(self._open)):
                return cells
        except csv.Error as error:
            problem = error
        self._reading.find(QUOTES.at(Place(line=self._open_line), expected="matching quotes", got=problem))
        return []

    def _take_cells(self, number: int, cells: list[str]) -> None:
        if self._is_hinted and len(cells) <= _MOST_COLUMNS:
            self.signs.row(cells)
        if self.columns or not self._has_header:
            self.columns = self.columns or tuple(map(str, range(1, len(cells) + 1)))
            self.rows += 1
            self._judge_row(cells, number)
            if not self._has_header:
                self.repeats.take_text(cells[0])
        else:
            self.columns = tuple(cells)
            self._judge_header(number)
            self._copies = copy_number_rows(self._reading, self.columns)
            self.signs.names(self.columns)

    def _judge_header(self, line: int) -> None:
        seen: set[str] = set()
        for number, name in enumerate(self.columns, start=1):
            if not name.strip():
                self._reading.find(NO_NAME.at(Place(line=line, column=number), expected="a name"))
            elif name in seen:
                self._reading.find(SAME_NAME.at(Place(line=line, column=name), expected="different names", got=name))
            seen.add(name)

    def _judge_row(self, cells: Sequence[str], line: int) -> None:
        if len(cells) != len(self.columns):
            place = Place(line=line, record=self.rows)
            got = f"{len(cells)} cells"
            self._reading.find(RAGGED.at(place, expected=f"{len(self.columns)} cells", got=got))
            return
        if self._copies is not None:
            self._copies.take(cells)
        if not self._reading.wants_bank_rules:
            return
        for number, cell in enumerate(cells):
            if len(cell) < 7 and DATE_FROM_GENE.fullmatch(cell):
                place = Place(line=line, record=self.rows, column=self.columns[number])
                self._reading.find(GENE_DATE.at(place, expected="a gene symbol", got=cell))
            elif cell[:1] in _FORMULA_STARTS and _FORMULA.match(cell):
                place = Place(line=line, record=self.rows, column=self.columns[number])
                self._reading.find(FORMULA.at(place, expected="a value", got=cell))


def _ends_in_quotes(text: str, delimiter: str, *, inside: bool) -> bool:
    """Whether a quoted cell goes on behind a line that begins inside of one or not."""
    at = 0
    while True:
        if not inside:
            if text[at : at + 1] == '"':
                at, inside = at + 1, True
            else:
                at = text.find(delimiter, at) + 1
                if not at:
                    return False
            continue
        at = text.find('"', at) + 1
        if not at:
            return True
        if text[at : at + 1] == '"':
            at += 1
        else:
            at = text.find(delimiter, at) + 1
            if not at:
                return False
            inside = False
