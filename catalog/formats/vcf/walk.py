"""The way of the records along the contigs: CHROM and POS, their order and their limits (VCFv4.3, 1.6.1)."""

from __future__ import annotations

import re

from catalog.formats.vcf import grammar
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.margin import Margin, forbidden, unwanted
from catalog.formats.vcf.regions import Regions
from catalog.formats.vcf.symbols import RESERVED_NAMES

_FIXED = "VCFv4.3, 1.6.1"

CHROM = forbidden(
    "vcf-chrom",
    "CHROM is no name of a reference sequence",
    "take white space, commas, quotes and brackets out of it; <ID> points to the assembly file",
    f"{_FIXED} (CHROM) and 1.4.7",
)
CHROM_MISSING = forbidden(
    "vcf-chrom-missing", "the record has no CHROM", "name the reference sequence", f"{_FIXED} (CHROM): Required"
)
CHROM_COLON = forbidden(
    "vcf-chrom-colon",
    "CHROM has a colon and no contig line declares it",
    "rename the sequence, or declare it with a ##contig line",
    "VCFv4.2, 1.4.1 (CHROM): the colon must be absent; allowed from VCFv4.4 on",
    "Breakends are written chromosome:position.",
)
UNDECLARED = unwanted(
    "vcf-contig-undeclared",
    "no contig line declares the chromosome",
    "add the contig lines of the reference (bcftools reheader -f reference.fa.fai)",
    "VCFv4.3, 1.4.7: recommended; required by fairline",
    "Without lengths the assembly cannot be told, and BCF cannot be made.",
)
SPLIT = forbidden(
    "vcf-contig-split",
    "the records of the chromosome are not all together",
    "sort the file (bcftools sort)",
    f"{_FIXED} (CHROM): all entries must form a contiguous block",
    "An index of the file would miss the later records.",
)
POS = forbidden(
    "vcf-pos", "POS is no position", "write a whole number; the first base is 1, a telomere 0", f"{_FIXED} (POS)"
)
BEYOND = forbidden(
    "vcf-pos-beyond-contig",
    "POS lies beyond the end of the declared contig",
    "look whether the records and the contig lines are of the same assembly",
    f"{_FIXED} (POS): N+1 is the telomere",
)
UNSORTED = forbidden(
    "vcf-unsorted",
    "POS is smaller than in the record before",
    "sort the file (bcftools sort)",
    f"{_FIXED} (POS): sorted numerically, in increasing order",
    "An index of the file would miss records.",
)

WALK_RULES = (CHROM, CHROM_MISSING, CHROM_COLON, UNDECLARED, SPLIT, POS, BEYOND, UNSORTED)

_POSITION = re.compile(rb"[0-9]{1,10}")
#: An Integer has 32 bits, one of them for the sign (VCFv4.3, 1.3).
_HIGHEST_POSITION = 2**31 - 1
_BRACKETED = re.compile(rb"[^\s,<>]++")
_MOST_CONTIGS = 1_000_000
#: Longer names of sequences are not remembered.
LONGEST_NAME = 1_000


class Walk:
    """Where the records are.

    Attributes:
        chrom: CHROM of the last record, as written.
        name: the sequence that it names, without angle brackets.
        length: its declared length, None when there is none.
        pos: POS of the last record, -1 when it has none.
        last: the highest POS so far on this sequence, -1 before the first.
        is_new_position: whether the last record is the first one at its position.
        regions: which part of a sex chromosome a position is in.
    """

    def __init__(self, header: Header, margin: Margin) -> None:
        self.chrom = b""
        self.name = b""
        self.length: int | None = None
        self.pos = -1
        self.last = -1
        self.is_new_position = True
        self.regions = Regions(header.assembly)
        self._margin = margin
        self._contigs = header.declarations.symbols.contigs
        self._seen: set[bytes] = set()

    def take(self, chrom: bytes, position: bytes) -> bool:
        """Takes CHROM and POS of the next record; whether another sequence begins with it."""
        is_other = chrom != self.chrom and self._enter(chrom)
        self._check_position(position)
        return is_other

    def _enter(self, chrom: bytes) -> bool:
        """Another CHROM than in the record before; ``<ID>`` and ``ID`` are the same sequence."""
        margin = self._margin
        self.chrom = chrom
        inner = chrom[1:-1] if chrom.startswith(b"<") and chrom.endswith(b">") else chrom
        is_bracketed = inner is not chrom
        if chrom == b".":
            margin.note(CHROM_MISSING, "CHROM", "a name of a reference sequence", chrom)
        elif not (_BRACKETED if is_bracketed else grammar.CONTIG_NAME).fullmatch(inner) or (
            margin.minor >= 3 and inner in RESERVED_NAMES
        ):
            margin.note(CHROM, "CHROM", "a name as in SAM, or <ID>", chrom)
        elif b":" in inner and margin.minor < 4 and inner not in self._contigs:
            margin.note(CHROM_COLON, "CHROM", "no colon", chrom)
        if not is_bracketed and chrom not in self._contigs and margin.wants_bank_rules:
            margin.note(UNDECLARED, "CHROM", "##contig=<ID=...>", chrom)
        if inner == self.name:
            return False
        if inner in self._seen:
            margin.note(SPLIT, "CHROM", "all records of a chromosome together", chrom)
        elif len(self._seen) < _MOST_CONTIGS and len(inner) <= LONGEST_NAME:
            self._seen.add(inner)
        self.name = inner
        self.length = self._contigs.get(inner)
        self.last = -1
        self.regions.enter(inner)
        return True

    def _check_position(self, position: bytes) -> None:
        self.is_new_position = True
        if not _POSITION.fullmatch(position) or int(position) > _HIGHEST_POSITION:
            self.pos = -1
            self._margin.note(POS, "POS", f"a whole number up to {_HIGHEST_POSITION}", position)
            return
        pos = self.pos = int(position)
        if pos < self.last:
            self._margin.note(UNSORTED, "POS", "increasing positions", position)
        if self.length is not None and pos > self.length + 1:
            self._margin.note(BEYOND, "POS", "a position within the contig", position)
        self.is_new_position = pos != self.last
        self.last = pos
