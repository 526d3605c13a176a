"""The eleven columns of a SAM record, by their grammar (SAMv1, 1.4)."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence

from catalog.findings import Rule
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.header_fields import REFERENCE_NAME
from catalog.formats.alignment.margin import SAM, Margin, forbidden, unusual, unwanted
from catalog.formats.alignment.records import Record

_COLUMNS = f"{SAM}, 1.4"
QNAME = forbidden(
    "sam-qname",
    "the name of a read has characters or a length that the format does not allow",
    "rename the reads: 1 to 254 printable characters without blanks and @",
    f"{_COLUMNS} (QNAME): [!-?A-~]{{1,254}}",
)
FLAG = forbidden(
    "sam-flag",
    "the FLAG is not a number from 0 to 65535",
    "write it as a decimal number",
    f"{_COLUMNS} (FLAG): [0, 2^16-1]",
)
RNAME = forbidden(
    "sam-rname",
    "the name of a reference sequence has characters that the format does not allow",
    "rename it in the header and in the records",
    f"{_COLUMNS} (RNAME, RNEXT) and 1.2.1",
)
UNDECLARED = forbidden(
    "sam-rname-undeclared",
    "a record names a reference sequence that the header does not have",
    "look whether header and records are of the same reference; add its @SQ line",
    f"{_COLUMNS} (RNAME, RNEXT): must be present in one of the SQ-SN tags",
    "Nobody can tell where the read lies.",
)
POS = forbidden(
    "sam-pos",
    "a position is not a number from 0 to 2147483647",
    "write it as a decimal number; 0 where there is none",
    f"{_COLUMNS} (POS, PNEXT): [0, 2^31-1]",
)
MAPQ = forbidden(
    "sam-mapq",
    "the mapping quality is not a number from 0 to 255",
    "write it as a decimal number",
    f"{_COLUMNS} (MAPQ)",
)
CIGAR = forbidden(
    "sam-cigar",
    "the CIGAR is not made of numbers and operations",
    "write *, or a number before each of the letters MIDNSHP=X",
    f"{_COLUMNS} (CIGAR): \\*|([0-9]+[MIDNSHPX=])+",
)
TLEN = forbidden(
    "sam-tlen-range",
    "the template length is not a number from -2147483647 to 2147483647",
    "write it as a decimal number; 0 where there is none",
    f"{_COLUMNS} (TLEN): [-2^31+1, 2^31-1]",
)
SEQ = forbidden(
    "sam-seq",
    "the sequence has a character that stands for no base",
    "write letters, = or .; or * where the sequence is not stored",
    f"{_COLUMNS} (SEQ): \\*|[A-Za-z=.]+",
)
QUAL = forbidden(
    "sam-qual",
    "a base quality is outside 0 to 93",
    "make the file again from its source",
    f"{_COLUMNS} (QUAL): [!-~]+; 4.2.3: [0, 93], or all 0xFF",
)
QUAL_LENGTH = forbidden(
    "sam-qual-length",
    "sequence and quality differ in length",
    "make the file again from its source; a field of the record was changed",
    f"{_COLUMNS} (QUAL): its length equals that of SEQ, and SEQ must not be *",
)
NUMBER = unusual(
    "sam-number-form",
    "a number has a plus sign or zeros before it",
    "write plain decimal numbers",
    f"{_COLUMNS} (Int); SAMv1, 1.2 (POSIX locale)",
    "Some programs take 0 at the start for octal digits.",
)
RNEXT_REPEATS = unusual(
    "sam-rnext-repeats",
    "RNEXT repeats the name in RNAME",
    "write =",
    f"{_COLUMNS} (RNEXT): set as = if RNEXT is identical to RNAME",
)
LETTERS = unwanted(
    "sam-seq-letters",
    "the sequence has letters that are no IUPAC codes of DNA",
    "look whether it is RNA or protein; BAM would store N",
    "SAMv1, 4.2.3: all other characters map to N",
)

COLUMN_RULES: tuple[Rule, ...] = (
    QNAME, FLAG, RNAME, UNDECLARED, POS, MAPQ, CIGAR, TLEN, SEQ, QUAL, QUAL_LENGTH, NUMBER, RNEXT_REPEATS, LETTERS,
)  # fmt: skip

_HIGHEST = (1 << 31) - 1
_NAME = re.compile(rb"[!-?A-~]{1,254}")
_INTEGER = re.compile(rb"[-+]?[0-9]+")
_OPERATION = re.compile(rb"([0-9]+)[MIDNSHPX=]")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=."
_IUPAC = b"=ACMGRSVTWYHKDBNacmgrsvtwyhkdbn"
_SCORES = bytes(range(33, 127))
_AS_NUMBERS = bytes(max(0, each - 33) for each in range(256))
_LONGEST_OPERATION = (1 << 32) - 1
#: Reference sequences of a file without @SQ lines that are told apart.
_MOST_CONTIGS = 1_000_000


def is_name(name: bytes) -> bool:
    """Whether a text may be the name of a read."""
    return _NAME.fullmatch(name) is not None


class Columns:
    """Reads the columns of records, noting what their grammar forbids."""

    def __init__(self, header: Header, margin: Margin) -> None:
        self._header = header
        self.is_declared = bool(header.contigs)
        self._margin = margin
        self._faults = 0

    def read(self, texts: Sequence[bytes]) -> Record | None:
        """The record of eleven columns; None when one of them cannot be read, so that others cannot be compared.

        Args:
            texts: the columns.
        """
        self._faults = 0
        name, flag, contig, position, mapq, cigar, next_contig, next_position, template, bases, scores = texts
        if not _NAME.fullmatch(name):
            self._note(QNAME, "QNAME", "1 to 254 printable characters without @", name)
        here = self._contig(contig, "RNAME")
        operations, lengths = self._cigar(cigar)
        record = Record(
            name=name,
            flag=self._number(flag, FLAG, "FLAG", 0, 65535),
            contig=here,
            position=self._number(position, POS, "POS", 0, _HIGHEST),
            mapq=self._number(mapq, MAPQ, "MAPQ", 0, 255),
            operations=operations,
            lengths=lengths,
            next_contig=here if next_contig == b"=" else self._contig(next_contig, "RNEXT"),
            next_position=self._number(next_position, POS, "PNEXT", 0, _HIGHEST),
            template=self._number(template, TLEN, "TLEN", -_HIGHEST, _HIGHEST),
            bases=self._sequence(bases),
            scores=self._qualities(scores, bases),
        )
        if next_contig == contig != b"*":
            self._margin.note(RNEXT_REPEATS, "RNEXT", "=", next_contig)
        return None if self._faults else record

    def _note(self, rule: Rule, column: str, expected: str, got: bytes) -> None:
        self._faults += 1
        self._margin.note(rule, column, expected, got)

    def _number(self, text: bytes, rule: Rule, column: str, low: int, high: int) -> int:
        if text.isdigit() and len(text) < 19 and low <= (number := int(text)) <= high:
            if text[:1] == b"0" != text:
                self._margin.note(NUMBER, column, "a number without zeros before it", text)
            return number
        digits = text.lstrip(b"+-").lstrip(b"0") or b"0"
        if not _INTEGER.fullmatch(text) or len(digits) > 18:
            self._note(rule, column, f"a number from {low} to {high}", text)
            return 0
        number = -int(digits) if text[:1] == b"-" else int(digits)
        if not low <= number <= high:
            self._note(rule, column, f"a number from {low} to {high}", text)
            return 0
        if text != b"%d" % number:
            self._margin.note(NUMBER, column, "a number without + and zeros before it", text)
        return number

    def _contig(self, name: bytes, column: str) -> int:
        contigs = self._header.contigs
        number = contigs.get(name, -1)
        if number >= 0 or name == b"*":
            return number
        if not REFERENCE_NAME.fullmatch(name):
            self._note(RNAME, column, "a name without special characters, or *", name)
        elif self.is_declared:
            self._note(UNDECLARED, column, "a name of an @SQ line", name)
        elif len(contigs) < _MOST_CONTIGS:
            number = contigs[name] = len(self._header.lengths)
            self._header.lengths.append(0)
            return number
        return -1

    def _cigar(self, text: bytes) -> tuple[bytes, Sequence[int]]:
        if text == b"*":
            return b"", ()
        lengths = array("q")
        end = 0
        for match in _OPERATION.finditer(text):
            if match.start() != end:
                break
            end = match.end()
            digits = match[1]
            lengths.append(int(digits) if len(digits) < 11 else _LONGEST_OPERATION)
        if end != len(text) or not text:
            self._note(CIGAR, "CIGAR", "*, or numbers and operations", text)
            return b"", ()
        return text.translate(None, b"0123456789"), lengths

    def _sequence(self, text: bytes) -> int:
        if text == b"*":
            return 0
        if not text or text.translate(None, _LETTERS):
            self._note(SEQ, "SEQ", "letters, = and ., or *", text)
        elif self._margin.wants_bank_rules and (other := text.translate(None, _IUPAC)):
            self._margin.note(LETTERS, "SEQ", "IUPAC letters", other)
        return len(text)

    def _qualities(self, text: bytes, bases: bytes) -> bytes:
        if text == b"*":
            return b""
        if not text or text.translate(None, _SCORES):
            self._note(QUAL, "QUAL", "characters ! to ~, or *", text)
        elif bases == b"*":
            self._note(QUAL_LENGTH, "QUAL", "* where SEQ is *", text)
        elif len(text) != len(bases):
            self._note(QUAL_LENGTH, "QUAL", "as many characters as SEQ", f"{len(text)} for {len(bases)} bases".encode())
        else:
            return text.translate(_AS_NUMBERS)
        return b""
