"""Documents that lie beside the data: PDF, plain text and JSON. (Images: :mod:`catalog.formats.images`.)

Documents are open by kind, so two things are kept out of them: content that belongs to a data format
is not claimed as text, and one that looks like genotypes says so (:mod:`catalog.formats.genotypes`).

Facts: PDF ``version``, ``encrypted``; text ``lines``; JSON ``kind`` (object, array, ...); text and JSON
``genotype_like``, ``hla_like``.

Sources: ISO 32000-1:2008, 7.5 and Annex H; RFC 3629; RFC 8259 (read by :mod:`catalog.loading`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.genotypes import GENOTYPES, GenotypeSigns
from catalog.formats.protocol import BY_NAME, FALLBACK, LIKELY, NO, SURE, Facts, Head, Reading, as_facts
from catalog.loading import read_json
from catalog.loading.document import LARGEST_DOCUMENT_BYTES, TEXT_RULES, TOO_LARGE
from catalog.loading.json_reader import JSON_RULES
from catalog.model import Tier

_PDF = "ISO 32000-1:2008"

PDF_HEADER = Rule(
    "pdf-header",
    Severity.ERROR,
    Level.SPEC,
    "the file does not start with the header of a PDF",
    "export the document as PDF again",
    f"{_PDF}, 7.5.2",
)
PDF_END = Rule(
    "pdf-no-end",
    Severity.ERROR,
    Level.SPEC,
    "the end mark of a PDF is missing",
    "the file was cut: copy it again",
    f"{_PDF}, 7.5.5 and Annex H, 3.18",
    "Readers find every object from the end of the file.",
)
PDF_TABLE = Rule(
    "pdf-startxref",
    Severity.ERROR,
    Level.SPEC,
    "the position of the cross-reference table is missing or lies outside of the file",
    "the file was cut or edited by hand: export the document again",
    f"{_PDF}, 7.5.5",
)
PDF_ENCRYPTED = Rule(
    "pdf-encrypted",
    Severity.WARNING,
    Level.BANK,
    "the PDF is encrypted",
    "export it without password and without restrictions",
    f"{_PDF}, 7.6",
    "Nobody can look into it before it is published, and later the password is lost.",
)
NOT_UTF8 = Rule(
    "document-not-utf8",
    Severity.ERROR,
    Level.SPEC,
    "a byte of the text is not UTF-8",
    "save the file as UTF-8; the byte may come from an old Windows or EUC-KR encoding",
    "RFC 3629",
    "A guessed encoding turns names into other names.",
)
CONTROL = Rule(
    "document-control-character",
    Severity.ERROR,
    Level.SPEC,
    "the text has a control character",
    "delete the character; it is invisible in most editors",
    "POSIX.1-2017, 3.403 (text file); Unicode 15, 23.1",
    "Terminals act upon such characters and can be made to hide text.",
)
_TAIL_BYTES = 2048
_PDF_HEADER = re.compile(rb"%PDF-([12]\.[0-9])")
_PDF_END = re.compile(rb"startxref\s+([0-9]{1,18})\s+%%EOF")
_PDF_ENCRYPTED = re.compile(rb"/Encrypt[\s/<]")
_LONGEST_MARK = 16

_HEAD_BYTES = 64 << 10
_TEXT_SUFFIXES = (".txt", ".md", ".rst", ".log")
_CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0e-\x1f\x7f]")
#: Names of files with reads, variants or genotypes. Where their own format does not claim one, nobody does.
_DATA_SUFFIXES = (
    ".sam",
    ".fastq",
    ".fq",
    ".fasta",
    ".fa",
    ".fna",
    ".vcf",
    ".gvcf",
    ".maf",
    ".ped",
    ".tped",
    ".lgen",
    ".bim",
    ".fam",
    ".map",
    ".gen",
    ".haps",
    ".bed",
    ".bedgraph",
)
#: Beginnings of VCF, SAM (header or alignment), FASTA and FASTQ: never a document, whatever the file is called.
_DATA_START = re.compile(
    rb"##fileformat|#CHROM\t|@(?:HD|SQ|RG|PG|CO)\t"
    rb"|[!-?A-~]{1,254}\t[0-9]{1,5}\t[^\t\n]+\t[0-9]{1,10}\t[0-9]{1,3}\t(?:\*|(?:[0-9]+[MIDNSHPX=])+)\t"
    rb"|>[^\n]*\n[ACGTUNacgtun\r\n]{20}|@[^\n]+\n[ACGTN.acgtn]+\r?\n\+"
)
_JSON_START = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*(?:[\[\]{\"]|-?[0-9]|true\b|false\b|null\b))")
_KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


def starts_like_data(text: bytes) -> bool:
    """Whether a text starts like VCF, SAM, FASTA or FASTQ, with or without its header."""
    return _DATA_START.match(text) is not None


class _Pdf:
    """The PDF format (see :class:`catalog.formats.protocol.Format`)."""

    name = "pdf"
    title = "PDF"
    mediatype = "application/pdf"
    edam = "EDAM:format_3508"
    floor = Tier.OPEN
    rules: Sequence[Rule] = (PDF_HEADER, PDF_END, PDF_TABLE, PDF_ENCRYPTED)

    def sniff(self, head: Head) -> int:
        """Sure of the header's first bytes."""
        if head.text.startswith(b"%PDF-"):
            return SURE
        return BY_NAME if head.has_suffix(".pdf") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the file; only its frame is judged, not its objects."""
        start = tail = b""
        size, encrypted = 0, False
        for block in reading.source.blocks():
            start = start or block[:_LONGEST_MARK]
            encrypted = encrypted or _PDF_ENCRYPTED.search(tail[-_LONGEST_MARK:] + block) is not None
            tail = (tail + block)[-_TAIL_BYTES:]
            size += len(block)
        header = _PDF_HEADER.match(start)
        if header is None:
            reading.find(PDF_HEADER.at(Place(offset=0), expected="%PDF-1.n or %PDF-2.n", got=start[:8]))
        if b"%%EOF" not in tail[-1024:]:
            reading.find(PDF_END.at(Place(offset=size), expected="%%EOF in the last 1024 bytes"))
        else:
            ends = list(_PDF_END.finditer(tail))
            if not ends or int(ends[-1][1]) >= size:
                got = ends[-1][1] if ends else None
                reading.find(PDF_TABLE.at(Place(offset=size), expected="startxref and an offset in the file", got=got))
        if encrypted:
            reading.find(PDF_ENCRYPTED.at(expected="no /Encrypt entry in the trailer"))
        version = header[1].decode() if header else None
        return as_facts({"version": version, "encrypted": True if encrypted else None})


class _Text:
    """Plain text (see :class:`catalog.formats.protocol.Format`)."""

    name = "text"
    title = "plain text"
    mediatype = "text/plain"
    edam = "EDAM:format_2330"
    floor = Tier.OPEN
    rules: Sequence[Rule] = (NOT_UTF8, CONTROL, GENOTYPES)

    def sniff(self, head: Head) -> int:
        """Only where no other format knows better: text without NUL that does not start like data."""
        text = head.text
        if not text or b"\0" in text or starts_like_data(text) or head.has_suffix(*_DATA_SUFFIXES):
            return NO
        if head.has_suffix(*_TEXT_SUFFIXES):
            return FALLBACK
        return FALLBACK if not _CONTROLS.search(text) and _is_utf8(text, whole=len(text) < _HEAD_BYTES) else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the file block by block; the first byte and the first character of each kind of defect is told."""
        signs = GenotypeSigns()
        lines = 0
        noted: dict[Rule, Finding] = {}
        reading.source.allows_cr = True
        for block in reading.source.line_blocks():
            signs.text(block)
            if CONTROL not in noted and (found := _CONTROLS.search(block)):
                place = _line_place(block, found.start(), lines)
                noted[CONTROL] = CONTROL.at(place, expected="printable text", got=f"U+{block[found.start()]:04X}")
            if NOT_UTF8 not in noted and (at := _not_utf8_at(block)) is not None:
                place = _line_place(block, at, lines)
                noted[NOT_UTF8] = NOT_UTF8.at(place, expected="UTF-8", got=f"byte 0x{block[at]:02X}")
            lines += block.count(b"\n") + 1
        # Not as they were met: that would depend on where blocks begin.
        for rule in (CONTROL, NOT_UTF8):
            if rule in noted:
                reading.find(noted[rule])
        return as_facts({"lines": lines, **signs.report(reading)})


class _Json:
    """JSON (see :class:`catalog.formats.protocol.Format`)."""

    name = "json"
    title = "JSON"
    mediatype = "application/json"
    edam = "EDAM:format_3464"
    floor = Tier.OPEN
    rules: Sequence[Rule] = (*TEXT_RULES, *JSON_RULES, GENOTYPES)

    def sniff(self, head: Head) -> int:
        """By the name, else by a first bracket that only JSON continues like this."""
        if head.has_suffix(".json", ".jsonld"):
            return BY_NAME
        return LIKELY if _JSON_START.match(head.text) and b"\0" not in head.text else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the document whole; a larger one than 16 MiB is refused."""
        parts: list[bytes] = []
        size = 0
        for block in reading.source.blocks():
            parts.append(block)
            size += len(block)
            if size > LARGEST_DOCUMENT_BYTES:
                found = TOO_LARGE.at(expected="a document", limit=LARGEST_DOCUMENT_BYTES)
                reading.find(replace(found, rules=Level.SPEC))
                return {}
        document = read_json(b"".join(parts))
        for finding in document.findings:
            reading.find(replace(finding, rules=Level.SPEC))  # RFC 8259 itself: a text that cannot be read is no JSON
        if not document.usable:
            return {}
        signs = GenotypeSigns()
        signs.value(document.value)
        return {"kind": _KINDS.get(type(document.value), "null"), **signs.report(reading)}


PDF = _Pdf()
TEXT = _Text()
JSON = _Json()


def _line_place(block: bytes, at: int, lines_before: int) -> Place:
    """The place of a byte of a block; its column counts bytes."""
    return Place(line=lines_before + block.count(b"\n", 0, at) + 1, column=at - block.rfind(b"\n", 0, at))


def _not_utf8_at(text: bytes) -> int | None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _is_utf8(text: bytes, *, whole: bool) -> bool:
    """Whether bytes are UTF-8; the last character may be cut where they are only a start."""
    at = _not_utf8_at(text)
    return at is None or (not whole and at >= len(text) - 3)
