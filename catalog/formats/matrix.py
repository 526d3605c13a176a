"""Gene by sample matrices of RNA-seq: read counts and TPM, as TSV or CSV.

First column gene identifiers (``gene_id``, ``Geneid``, ``gene`` or no name), then columns that describe the
gene (name, symbol, the five of featureCounts), then one column a sample. Comment lines may stand first
(featureCounts writes one). The summary rows of htseq-count (``__no_feature`` ...) are not genes.

Facts: ``genes``, ``samples``, ``library_sizes`` and ``detected_genes`` (by sample, for the first 1,000
samples), ``id_space`` (ensembl, symbol, other), ``comment_lines`` (before the header), ``synthetic`` (where a comment says so),
``genotype_like`` and ``hla_like`` (:mod:`catalog.formats.genotypes`).

Sources: manuals of htseq-count and featureCounts (Subread); Wagner et al. 2012 (TPM).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import add

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.gene_ids import GENE_RULES, Genes
from catalog.formats.genotypes import GENOTYPES, HINT, GenotypeSigns
from catalog.formats.protocol import BY_NAME, NO, Facts, Head, Reading, as_facts, numbered_lines
from catalog.formats.sample_columns import (
    HEADER_RULES,
    MANY_COLUMNS,
    MOST_COLUMNS,
    NO_HEADER,
    described_columns,
    judge_header,
)
from catalog.formats.tables import delimiter_of
from catalog.model import Role, Tier

_MANUAL = "htseq-count and featureCounts manuals (count table)"
_TPM = "Wagner et al. 2012, Theory in Biosciences 131:281"

NOT_UTF8 = Rule(
    "matrix-not-utf8",
    Severity.ERROR,
    Level.SPEC,
    "a line is not UTF-8",
    "save the matrix as UTF-8",
    "RFC 7111, 5.1 (charset); RFC 3629",
)
NO_GENES = Rule(
    "matrix-no-genes",
    Severity.ERROR,
    Level.SPEC,
    "the matrix has no rows of genes",
    "check that the counting found its annotation",
    _MANUAL,
)
RAGGED = Rule(
    "matrix-ragged",
    Severity.ERROR,
    Level.SPEC,
    "a row does not have as many cells as the header",
    "write every cell; R's write.table needs col.names=NA to name the gene column",
    _MANUAL,
)
VALUE = Rule(
    "matrix-value",
    Severity.ERROR,
    Level.SPEC,
    "a value is not a number",
    "write 0 where no read was counted; a matrix has no missing values",
    f"{_MANUAL}; {_TPM}",
)
LOCALE_COMMA = Rule(
    "matrix-locale-comma",
    Severity.ERROR,
    Level.SPEC,
    "a number is written with a comma",
    "write decimals with a point and no separators of thousands",
    f"{_MANUAL}; {_TPM}",
    "1,234 is 1234 for one reader and 1.234 for another.",
)
NEGATIVE = Rule(
    "matrix-negative",
    Severity.ERROR,
    Level.SPEC,
    "a value is negative",
    "give counts or TPM, not log ratios or corrected values",
    f"{_MANUAL}; {_TPM}",
)
NOT_INTEGER = Rule(
    "matrix-not-integer",
    Severity.ERROR,
    Level.SPEC,
    "a count is not a whole number",
    "give the raw counts; estimates and normalised values are a TPM matrix or a table",
    _MANUAL,
    "Statistics of counts are wrong on anything else.",
)
TPM_SUM = Rule(
    "matrix-tpm-sum",
    Severity.WARNING,
    Level.BANK,
    "the TPM of a sample do not add up to a million",
    "give every gene of the annotation; values that were filtered or are FPKM are not TPM",
    f"{_TPM} (sum over all transcripts)",
)

_LISTED_SAMPLES = 1000
_SUM, _SUM_TOLERANCE = 1_000_000, 0.01
_SUMMARY = b"__"
_COUNT = re.compile(rb"[0-9]{1,18}")
_DECIMAL = re.compile(rb"[0-9]{1,18}(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?")
_COMMA = re.compile(rb"-?[0-9]+(?:,[0-9]+)+(?:\.[0-9]+)?")
_SUFFIXES = (".tsv", ".csv", ".tab", ".txt", ".count", ".counts", ".tpm", ".out", ".matrix")
#: ``count`` in a name, but not in account, discount, country or counter.
_NAMED_COUNTS = re.compile(r"(?<!ac)(?<!dis)count(?!r|e|y)")
_TABLE_SUFFIXES = (".tsv", ".csv", ".tab", ".count", ".counts", ".tpm")
_COUNTS, _TPM_NAME = "counts-matrix", "tpm-matrix"


class _Rows:
    """The rows of one matrix, comments and header first."""

    def __init__(self, reading: Reading, value: re.Pattern[bytes], number: Callable[[bytes], float]) -> None:
        self._reading = reading
        self._value = value
        self._number = number
        self._delimiter = b"\t"
        self._row = value
        self._width = 0
        self._described = 1
        self.samples: list[str] = []
        self.genes = Genes(reading)
        self.signs = GenotypeSigns()
        self.totals: list[float] = []
        self.detected: list[int] = []
        self.judged = True

    def begin(self, line: bytes, number: int) -> bool:
        """Judges the header; False when the rows cannot be read by it."""
        text = line.decode("utf-8", "replace")
        delimiter = delimiter_of(text)
        self._delimiter = delimiter.encode()
        columns = line.count(self._delimiter) + 1
        if columns > MOST_COLUMNS:
            place, expected = Place(line=number), f"at most {MOST_COLUMNS} columns"
            self._reading.find(MANY_COLUMNS.at(place, expected=expected, got=columns, limit=MOST_COLUMNS))
            return False
        names = [cell.decode("utf-8", "replace") for cell in self._split(line)]
        if not judge_header(self._reading, names if delimiter != ";" else names[:1], number):
            return False
        self.signs.names(names)
        self._width, self._described = len(names), described_columns(names)
        self.samples = names[self._described :]
        self.totals, self.detected = [0] * len(self.samples), [0] * len(self.samples)
        one = self._value.pattern
        self._row = re.compile(rb"%b(?:%b%b)*" % (one, re.escape(self._delimiter), one))
        return True

    def _split(self, line: bytes) -> list[bytes]:
        if b'"' not in line:
            return line.split(self._delimiter)
        text = line.decode("utf-8", "surrogateescape")
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter.decode(), strict=True), [])
        except csv.Error:
            return line.split(self._delimiter)
        return [cell.encode("utf-8", "surrogateescape") for cell in cells]

    def take(self, line: bytes, number: int) -> None:
        """The next row."""
        if not line.isascii() and not _is_utf8(line):
            self._reading.find(NOT_UTF8.at(Place(line=number), expected="UTF-8", got=line))
        cells = self._split(line)
        if len(cells) != self._width:
            got = f"{len(cells)} cells"
            self._reading.find(RAGGED.at(Place(line=number), expected=f"{self._width} cells", got=got))
            return
        described = self._delimiter.join(cells[: self._described])
        if HINT.search(described):
            self.signs.row(described.decode("utf-8", "replace").split(self._delimiter.decode()))
        values = cells[self._described :]
        joined = self._delimiter.join(values)
        if not self._row.fullmatch(joined) or joined.count(self._delimiter) != len(values) - 1:
            self._refuse(cells[0], values, number)
            return
        if cells[0].startswith(_SUMMARY):
            return
        self.genes.take(cells[0], number)
        numbers = [self._number(value) for value in values]
        self.totals = list(map(add, self.totals, numbers))
        self.detected = list(map(add, self.detected, map(bool, numbers)))

    def _refuse(self, gene: bytes, values: Sequence[bytes], line: int) -> None:
        """The first bad value of a row."""
        self.judged = False
        if not gene.startswith(_SUMMARY):
            self.genes.take(gene, line)
        for sample, value in zip(self.samples, values, strict=True):
            if not self._value.fullmatch(value):
                rule, expected = _rule_of(value, whole=self._value is _COUNT)
                place = Place(line=line, record=self.genes.count, column=sample)
                self._reading.find(rule.at(place, expected=expected, got=value))
                return


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _rule_of(value: bytes, *, whole: bool) -> tuple[Rule, str]:
    """Why a value is neither a count nor a TPM, and what it must be."""
    if _COMMA.fullmatch(value):
        return LOCALE_COMMA, "a decimal point and no other mark"
    if value.startswith(b"-") and _DECIMAL.fullmatch(value[1:]):
        return NEGATIVE, "a number from 0"
    if whole and _DECIMAL.fullmatch(value):
        return NOT_INTEGER, "a whole number from 0"
    return VALUE, "a number from 0"


class _Matrix:
    """What both matrices have in common (see :class:`catalog.formats.protocol.Format`)."""

    name = ""
    title = ""
    mediatype = "text/tab-separated-values"
    edam = "EDAM:format_3475"
    floor = Tier.OPEN
    rules: Sequence[Rule] = (
        *HEADER_RULES,
        NOT_UTF8,
        NO_GENES,
        RAGGED,
        VALUE,
        LOCALE_COMMA,
        NEGATIVE,
        *GENE_RULES,
        GENOTYPES,
    )

    def sniff(self, head: Head) -> int:
        """By the declared modality or by a word in the name, for a file that is a table at all."""
        return BY_NAME if _kind_by(head) == self.name else NO

    def _rows(self, reading: Reading) -> _Rows:
        raise NotImplementedError

    def _judge_totals(self, reading: Reading, totals: Mapping[str, float]) -> None:
        """Findings about whole samples."""

    def read(self, reading: Reading) -> Facts:
        """Reads the matrix row by row; the facts are those of the module's first lines."""
        rows, began, synthetic, comments = self._rows(reading), False, False, 0
        for number, line in numbered_lines(reading):
            if began:
                rows.take(line, number)
            elif line.startswith(b"#"):
                comments += 1
                rows.signs.text(line)
                synthetic = synthetic or b"synthetic" in line.lower()
            elif not rows.begin(line, number):
                return {}
            else:
                began = True
        if reading.source.findings:
            return {}
        if not began:
            reading.find(NO_HEADER.at(Place(line=1), expected="names of samples", got="nothing"))
            return {}
        if not rows.genes.count and not reading.has_errors:
            reading.find(NO_GENES.at(expected="at least one gene"))
        id_space = rows.genes.finish()
        totals = {name: round(total, 3) for name, total in zip(rows.samples, rows.totals, strict=True)}
        if rows.judged and rows.genes.count:
            self._judge_totals(reading, totals)
        return as_facts(
            {
                "genes": rows.genes.count,
                "samples": rows.samples[:_LISTED_SAMPLES],
                "library_sizes": dict(_first(totals)),
                "detected_genes": dict(_first(dict(zip(rows.samples, rows.detected, strict=True)))),
                "id_space": id_space,
                **rows.signs.report(reading, Place(column=1)),
                "comment_lines": comments or None,
                "synthetic": True if synthetic else None,
            }
        )


def _first(by_sample: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    for number, item in enumerate(by_sample.items()):
        if number < _LISTED_SAMPLES:
            yield item


class _CountsMatrix(_Matrix):
    """Read counts, whole numbers."""

    name = _COUNTS
    title = "gene counts matrix"
    rules = (*_Matrix.rules, NOT_INTEGER)

    def _rows(self, reading: Reading) -> _Rows:
        return _Rows(reading, _COUNT, int)


class _TpmMatrix(_Matrix):
    """Transcripts per million, which add up to a million in every sample."""

    name = _TPM_NAME
    title = "TPM matrix"
    rules = (*_Matrix.rules, TPM_SUM)

    def _rows(self, reading: Reading) -> _Rows:
        return _Rows(reading, _DECIMAL, float)

    def _judge_totals(self, reading: Reading, totals: Mapping[str, float]) -> None:
        for sample, total in totals.items():
            if abs(total - _SUM) > _SUM * _SUM_TOLERANCE:
                reading.find(TPM_SUM.at(Place(column=sample), expected=f"{_SUM} within 1 %", got=total))


COUNTS_MATRIX = _CountsMatrix()
TPM_MATRIX = _TpmMatrix()


def _kind_by(head: Head) -> str | None:
    """Which of the two a file is said to be; None for any other file."""
    if not head.has_suffix(*_SUFFIXES) and "." in head.stem:
        return None
    if b"\0" in head.text:
        return None
    shaped, decimal = _shape(head.text)
    named = head.has_suffix(*_TABLE_SUFFIXES) or shaped
    if named and "tpm" in head.stem:
        return _TPM_NAME
    if named and _NAMED_COUNTS.search(head.stem):
        return _COUNTS
    if shaped and head.declared.modality == "rna-seq" and head.declared.role not in {Role.DOCUMENT, Role.QC}:
        return _TPM_NAME if decimal else _COUNTS
    return None


def _shape(text: bytes) -> tuple[bool, bool]:
    """Whether the first two lines have as many cells and a number at the end; whether the first has a decimal point."""
    lines = [line.removesuffix(b"\r") for line in text.split(b"\n") if not line.startswith(b"#")][:2]
    if len(lines) < 2:
        return False, False
    delimiter = delimiter_of(lines[0].decode("utf-8", "replace")).encode()
    header, row = (line.split(delimiter) for line in lines)
    values = [value for cell in row[1:] if _DECIMAL.fullmatch(value := cell.strip(b'"'))]
    shaped = len(header) == len(row) and values[-1:] == [row[-1].strip(b'"')]
    return shaped, b"." in b"".join(values[:1])
