"""Any CSV or TSV table: its structure, judged as a stream; what the columns mean is not known here.

CSV is RFC 4180 (quotes, line ends in quoted cells); TSV is the IANA type, in which a quote is an ordinary
character. A table that has a schema is judged further by :mod:`catalog.checks.tables`.

Facts: ``rows``, ``columns`` (the first 100 names), ``delimiter``, ``mediatype``, ``genotype_like``,
``hla_like``, ``comment_lines`` (before the header), ``synthetic`` (where one of them says so).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.documents import starts_like_data
from catalog.formats.genotypes import GENOTYPES, HINT, GenotypeSigns
from catalog.formats.protocol import LIKELY, NO, Facts, Head, Reading, as_facts, numbered_lines
from catalog.model import Tier

_CSV = "RFC 4180"
_TSV = "IANA text/tab-separated-values"

ENCODING = Rule(
    "table-encoding",
    Severity.ERROR,
    Level.SPEC,
    "the table is not UTF-8",
    "save it as UTF-8 (in Excel: 'CSV UTF-8')",
    "RFC 7111, 5.1 (charset); RFC 3629",
    "A guessed encoding turns names into other names.",
)
EMPTY = Rule(
    "table-empty",
    Severity.ERROR,
    Level.SPEC,
    "the table has no header line",
    "write the column names into the first line",
    f"{_TSV} (name line); W3C Tabular Data Model, 4.1",
)
SEPARATOR = Rule(
    "table-separator",
    Severity.ERROR,
    Level.SPEC,
    "the columns are separated by semicolons",
    "save the table with commas or tabs (in Excel: 'CSV UTF-8')",
    f"{_CSV}, 2.4; {_TSV}",
    "Excel in many countries writes semicolons, and other programs then see one column.",
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

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
#: ``2-Sep``, ``Sep-02`` and ``SEP2``, the traces that spreadsheets leave of SEPT2, MARCH1, DEC1 and their like.
DATE_FROM_GENE = re.compile(
    rf"(?i:[0-3]?[0-9]-(?:{_MONTHS})|(?:{_MONTHS})-[0-9]{{2}})|(?:SEP|MAR)[0-9]{{1,2}}(?<!SEP15)"
)
_FORMULA = re.compile(
    r"[=@\t\r].|[+-](?!(?i:inf|nan)\b)(?:[A-Za-z(\"'=@]|[0-9.]+[-+*/^(!|])",
    re.DOTALL,
)
_HEAD_BYTES = 64 << 10
_LARGEST_ROW_BYTES = 1 << 20
_NAMED_COLUMNS = 100
_MOST_COLUMNS = 200_000
_SNIFFED_LINES = 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SUFFIXES = (".csv", ".tsv", ".tab")
_OTHER_SUFFIXES = (".md", ".rst", ".json", ".yaml", ".yml", ".toml", ".xml", ".html", ".svg", ".log")
_NUMBER = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")


#: A table of genotypes has them in most of its rows: behind the first, samples of rows are looked at.
_ROWS_IN_FULL, _ROWS_BETWEEN = 50_000, 32


class _Lines:
    """The lines of a table as text, with a bound on what one row may take."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._numbered = numbered_lines(reading)
        self.number = 0
        self.signs = GenotypeSigns()
        self.hinted = False
        self.row_bytes = 0
        self.refused = False

    def __iter__(self) -> Iterator[str]:
        for number, line in self._numbered:
            self.number = number
            if number <= _ROWS_IN_FULL or not number % _ROWS_BETWEEN:
                self.hinted = self.hinted or HINT.search(line) is not None
            self.row_bytes += len(line)
            if self.row_bytes > _LARGEST_ROW_BYTES + len(line):
                return
            try:
                yield line.decode() + "\n"
            except UnicodeDecodeError as error:
                place = Place(line=self.number, column=error.start + 1)
                self._reading.find(ENCODING.at(place, expected="UTF-8", got=f"byte 0x{line[error.start]:02X}"))
                self.refused = True
                return


def delimiter_of(header: str) -> str:
    """The separator of a table by its first line: tab, comma or semicolon; comma where there is none."""
    counts = {mark: header.count(mark) for mark in ("\t", ",", ";")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ","


class _Table:
    """CSV and TSV (see :class:`catalog.formats.protocol.Format`)."""

    name = "table"
    title = "table (CSV, TSV)"
    mediatype = "text/csv"
    edam = "EDAM:format_3752"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        ENCODING,
        EMPTY,
        SEPARATOR,
        COMMENT,
        MANY_COLUMNS,
        NO_NAME,
        SAME_NAME,
        RAGGED,
        QUOTES,
        GENE_DATE,
        FORMULA,
        GENOTYPES,
    )

    def sniff(self, head: Head) -> int:
        """By the name, or by a header and rows of the same number of cells."""
        if head.text.startswith(_UTF16):
            return LIKELY if head.has_suffix(*_SUFFIXES) else NO
        if b"\0" in head.text:
            return NO
        if head.has_suffix(*_SUFFIXES):
            return LIKELY
        if head.has_suffix(*_OTHER_SUFFIXES) or starts_like_data(head.text):
            return NO
        return LIKELY if _looks_like_table(head.text) else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the table row by row; the facts are those of the module's first lines."""
        if reading.source.head_raw.startswith(_UTF16):
            reading.find(ENCODING.at(Place(line=1, column=1, offset=0), expected="UTF-8", got="UTF-16"))
            return {}
        lines = _Lines(reading)
        texts = iter(lines)
        header, comments = _header_line(reading, lines, texts)
        if not header:
            if not lines.refused and not reading.source.findings:
                reading.find(EMPTY.at(Place(line=1), expected="column names"))
            return {}
        delimiter = delimiter_of(header)
        if delimiter == ";":
            reading.find(SEPARATOR.at(Place(line=lines.number), expected="commas or tabs", got="semicolons"))
        columns = header.count(delimiter) + 1
        if columns > _MOST_COLUMNS:
            place, expected = Place(line=lines.number), f"at most {_MOST_COLUMNS} columns"
            reading.find(MANY_COLUMNS.at(place, expected=expected, got=columns, limit=_MOST_COLUMNS))
            return {}
        rows = _Rows(reading, lines, delimiter)
        rows.read(chain([header], texts))
        lines.signs.text("".join(comments).encode())
        return as_facts(
            {
                "rows": rows.count,
                "columns": list(rows.columns[:_NAMED_COLUMNS]),
                "delimiter": delimiter,
                "mediatype": "text/tab-separated-values" if delimiter == "\t" else "text/csv",
                **lines.signs.report(reading),
                "comment_lines": len(comments) or None,
                "synthetic": True if any("synthetic" in each.lower() for each in comments) else None,
            }
        )


TABLE = _Table()


def _header_line(reading: Reading, lines: _Lines, texts: Iterator[str]) -> tuple[str, list[str]]:
    """The first line that is neither blank nor a comment, and the comments before it."""
    comments: list[str] = []
    for text in texts:
        lines.row_bytes = 0
        if text.startswith(("##", "# ")) or (text.startswith("#") and delimiter_of(text) not in text):
            reading.find(COMMENT.at(Place(line=lines.number), expected="the header in the first line", got=text))
            comments.append(text)
        elif text.strip():
            return text, comments
    return "", comments


class _Rows:
    """The rows of a table, header first."""

    def __init__(self, reading: Reading, lines: _Lines, delimiter: str) -> None:
        self._reading = reading
        self._lines = lines
        self._delimiter = delimiter
        self.columns: tuple[str, ...] = ()
        self.count = 0

    def read(self, texts: Iterator[str]) -> None:
        """Judges every row."""
        start = self._lines.number
        try:
            for cells in _reader(texts, self._delimiter):
                if not self.columns:
                    self.columns = tuple(cells)
                    self._judge_header(start)
                    self._lines.signs.names(self.columns)
                elif cells:
                    self.count += 1
                    self._judge_row(cells, start)
                if self._lines.hinted and len(cells) <= _MOST_COLUMNS:
                    self._lines.signs.row(cells)
                self._lines.row_bytes, self._lines.hinted = 0, False
                start = self._lines.number + 1
        except csv.Error as error:
            if not self._lines.refused:
                self._reading.find(QUOTES.at(Place(line=start), expected="matching quotes", got=error))

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
            place = Place(line=line, record=self.count)
            got = f"{len(cells)} cells"
            self._reading.find(RAGGED.at(place, expected=f"{len(self.columns)} cells", got=got))
            return
        if not self._reading.wants_bank_rules:
            return
        for number, cell in enumerate(cells):
            if len(cell) < 7 and DATE_FROM_GENE.fullmatch(cell):
                place = Place(line=line, record=self.count, column=self.columns[number])
                self._reading.find(GENE_DATE.at(place, expected="a gene symbol", got=cell))
            elif cell[:1] in _FORMULA_STARTS and _FORMULA.match(cell):
                place = Place(line=line, record=self.count, column=self.columns[number])
                self._reading.find(FORMULA.at(place, expected="a value", got=cell))


_FORMULA_STARTS = frozenset("=+-@\t\r")


def _looks_like_table(text: bytes) -> bool:
    """Whether the first whole lines have the same number of separators, under a header of different names."""
    try:
        lines = text.decode("utf-8", "strict" if len(text) < _HEAD_BYTES else "ignore").split("\n")
    except UnicodeDecodeError:
        return False
    whole = lines[:-1] if len(text) == _HEAD_BYTES or not lines[-1] else lines
    kept = [line + "\n" for line in whole if line.strip() and not line.startswith("#")]
    return any(
        _is_even(_reader(iter(kept), delimiter), fewest_rows, fewest_cells)
        for delimiter, fewest_rows, fewest_cells in (("\t", 2, 2), (",", 3, 3))
    )


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
