"""The fixed columns CHROM to FILTER of a record (VCFv4.3, 1.6.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.findings import Rule
from catalog.formats.vcf import grammar
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.margin import Margin, forbidden, unusual, unwanted

_FIXED = "VCFv4.3, 1.6.1"

CHROM = forbidden(
    "vcf-chrom",
    "CHROM is no name of a reference sequence",
    "take white space, commas, quotes and brackets out of it; <ID> points to the assembly file",
    f"{_FIXED} (CHROM) and 1.4.7",
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
ID = forbidden(
    "vcf-id",
    "ID is no list of identifiers",
    "separate identifiers by one semicolon without white space, or write a dot",
    f"{_FIXED} (ID)",
)
ID_REPEATED = forbidden(
    "vcf-id-repeated", "an identifier stands twice in the record", "name it once", f"{_FIXED} (ID): duplicate values"
)
REF = forbidden(
    "vcf-ref",
    "REF is no sequence of A, C, G, T and N",
    "write another letter as the first base that it stands for (R as A), and never leave REF out",
    f"{_FIXED} (REF): each base must be one of A,C,G,T,N",
)
ALT = forbidden(
    "vcf-alt",
    "an ALT allele is no allele",
    "write bases, <ID>, *, a breakend such as G]17:198982], or a dot for no allele",
    f"{_FIXED} (ALT) and 5.4 (breakends)",
)
ALT_REPEATED = forbidden(
    "vcf-alt-repeated",
    "an ALT allele stands twice",
    "merge the two, with their counts and genotypes (bcftools norm)",
    f"{_FIXED} (ALT): list of alternate alleles",
    "A genotype could be written in two ways.",
)
ALT_IS_REF = forbidden(
    "vcf-alt-equals-ref",
    "an ALT allele equals REF",
    "remove it; a site without alternate allele has a dot",
    f"{_FIXED} (ALT): alternate non-reference alleles",
)
QUAL = forbidden(
    "vcf-qual",
    "QUAL is no quality",
    "write a number that is not below 0, or a dot",
    f"{_FIXED} (QUAL): Float, -10 log10 of a probability",
)
FILTER = forbidden(
    "vcf-filter",
    "FILTER is no list of filters",
    "write PASS, a dot, or names without white space with one semicolon between them; 0 is reserved",
    f"{_FIXED} (FILTER)",
)
FILTER_REPEATED = forbidden(
    "vcf-filter-repeated", "a filter stands twice", "name it once", f"{_FIXED} (FILTER): duplicate values not allowed"
)
FILTER_PASS = unusual(
    "vcf-filter-pass-and-more",
    "PASS stands beside another filter",
    "write PASS alone, or only the filters that fail",
    f"{_FIXED} (FILTER)",
    "Programs disagree whether such a record has passed.",
)
FILTER_UNDECLARED = unwanted(
    "vcf-filter-undeclared",
    "no FILTER line declares the filter {name}",
    'add ##FILTER=<ID=...,Description="...">',
    "VCFv4.3, 1.4: recommended; required by fairline",
)
RECORD_REPEATED = unwanted(
    "vcf-record-repeated",
    "a record with the same CHROM, POS, REF and ALT stood before",
    "keep one of the two (bcftools norm -d exact)",
    f"{_FIXED} (POS) permits records with the same POS; fairline",
    "Counts of variants would be too high.",
)

SITE_RULES = (
    CHROM,
    CHROM_COLON,
    UNDECLARED,
    SPLIT,
    POS,
    BEYOND,
    UNSORTED,
    ID,
    ID_REPEATED,
    REF,
    ALT,
    ALT_REPEATED,
    ALT_IS_REF,
    QUAL,
    FILTER,
    FILTER_REPEATED,
    FILTER_PASS,
    FILTER_UNDECLARED,
    RECORD_REPEATED,
)

_BASES = re.compile(rb"[ACGTNacgtn]++")
_PLAIN = re.compile(rb"[ACGTacgt]++")
#: VCFv4.2 to VCFv4.4 name the asterisk among the bases; VCFv4.5 lets it stand alone only.
_ALT_BASES = (re.compile(rb"[ACGTNacgtn*]++"), re.compile(rb"[ACGTNacgtn]++|\*"))
_SYMBOLIC = re.compile(rb"[ACGTNacgtn]*+<[^\s,<>]++>")
_MATE = rb"(?:<[^\s,<>\[\]]++>|[^\s,<>\[\]]+):[0-9]++"
_JOINED = rb"(?:\.|[ACGTNacgtn]++)"
_BREAKEND = re.compile(
    rb"J\[P\[|J\]P\]|\[P\[J|\]P\]J|\.[ACGTNacgtn]++|[ACGTNacgtn]++\.".replace(b"J", _JOINED).replace(b"P", _MATE)
)
_STRUCTURAL = re.compile(rb"<(DEL|INS|DUP|INV|CNV)(?::[^>]*)?>")
_LONGEST_BREAKEND = 10_000
_POSITION = re.compile(rb"[0-9]{1,10}")
_ONE_ID = re.compile(rb"[^\s;]++")
_TRANSITIONS = frozenset([b"AG", b"GA", b"CT", b"TC"])
_MOST_CACHED = 20_000
_CACHED_LENGTH = 64

_Problem = tuple[Rule, str, str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alleles:
    """What REF and ALT of a record are.

    Attributes:
        count: the number of ALT alleles, 0 for a dot.
        snvs: how many of them change one base.
        transitions: how many of those are transitions.
        indels: how many change the length.
        structural: the kinds of symbolic structural variants (``DEL`` ...), None for another allele.
        problems: what is wrong, as rule, column, expectation and value.
    """

    count: int
    snvs: int = 0
    transitions: int = 0
    indels: int = 0
    structural: tuple[bytes | None, ...] = ()
    problems: tuple[_Problem, ...] = ()


def read_alleles(ref: bytes, alt: bytes, minor: int) -> Alleles:
    """Judges REF and ALT of one record."""
    problems: list[_Problem] = []
    if not _BASES.fullmatch(ref):
        problems.append((REF, "REF", "A, C, G, T or N", ref))
    if alt == b".":
        return Alleles(count=0, problems=tuple(problems))
    upper = ref.upper()
    snvs = transitions = indels = 0
    seen: set[bytes] = set()
    alleles = alt.split(b",")
    for allele in alleles:
        if _PLAIN.fullmatch(allele):
            bases = allele.upper()
            if len(bases) != len(ref):
                indels += 1
            elif len(bases) == 1 and bases != upper:
                snvs += 1
                transitions += upper + bases in _TRANSITIONS
        elif not _is_allele(allele, minor):
            problems.append((ALT, "ALT", "bases, <ID>, *, a breakend or a dot", allele))
            continue
        if allele[:1] == b"<":
            continue
        bases = allele.upper()
        if bases == upper:
            problems.append((ALT_IS_REF, "ALT", "an allele other than REF", allele))
        elif bases in seen:
            problems.append((ALT_REPEATED, "ALT", "alleles that differ", allele))
        seen.add(bases)
    structural: tuple[bytes | None, ...] = ()
    if b"<" in alt:
        structural = tuple(found[1] if (found := _STRUCTURAL.fullmatch(allele)) else None for allele in alleles)
    return Alleles(
        count=len(alleles),
        snvs=snvs,
        transitions=transitions,
        indels=indels,
        structural=structural if any(structural) else (),
        problems=tuple(problems),
    )


def _is_allele(allele: bytes, minor: int) -> bool:
    """Whether it is an allele of the grammar, other than plain bases."""
    if _ALT_BASES[minor >= 5].fullmatch(allele):
        return True
    if allele == b".":
        return minor >= 3
    if len(allele) > _LONGEST_BREAKEND:
        return False
    return _SYMBOLIC.fullmatch(allele) is not None or _BREAKEND.fullmatch(allele) is not None


class SiteReader:
    """Judges CHROM to FILTER of one record after the other.

    Attributes:
        pos: the position of the last record, -1 when it has none.
    """

    def __init__(self, header: Header, margin: Margin) -> None:
        self.pos = -1
        self._margin = margin
        self._contigs = header.declarations.contigs
        self._filters = header.declarations.filters
        self._chrom = b""
        self._name = b""
        self._length: int | None = None
        self._last = -1
        self._names: set[bytes] = set()
        self._here: set[tuple[bytes, bytes]] = set()
        self._alleles: dict[tuple[bytes, bytes], Alleles] = {}
        self._known_filters: dict[bytes, tuple[_Problem, ...]] = {b"PASS": (), b".": ()}

    def read(self, columns: list[bytes]) -> Alleles:
        """Judges the first seven columns of a record; returns its alleles."""
        chrom, position, name, ref, alt, quality, filters = columns[:7]
        if chrom != self._chrom:
            self._enter(chrom)
        self._check_position(position)
        if name != b"." and not _ONE_ID.fullmatch(name):
            self._check_ids(name)
        key = (ref, alt)
        alleles = self._alleles.get(key)
        if alleles is None:
            alleles = read_alleles(ref, alt, self._margin.minor)
            if len(ref) + len(alt) <= _CACHED_LENGTH and len(self._alleles) < _MOST_CACHED:
                self._alleles[key] = alleles
        for rule, column, expected, got in alleles.problems:
            self._margin.note(rule, column, expected, got)
        self._check_repeated(key, alleles)
        if quality != b"." and (not grammar.is_float(quality, self._margin.minor) or grammar.is_negative(quality)):
            self._margin.note(QUAL, "QUAL", "a number not below 0, or a dot", quality)
        problems = self._known_filters.get(filters)
        if problems is None:
            problems = self._judge_filters(filters)
            if len(self._known_filters) < _MOST_CACHED and len(filters) <= _CACHED_LENGTH:
                self._known_filters[filters] = problems
        for rule, column, expected, got in problems:
            self._margin.note(rule, column, expected, got, name=got)
        return alleles

    def _enter(self, chrom: bytes) -> None:
        """Another CHROM than in the record before; ``<ID>`` and ``ID`` are the same sequence."""
        margin = self._margin
        self._chrom = chrom
        inner = chrom[1:-1] if chrom.startswith(b"<") and chrom.endswith(b">") else chrom
        if not (grammar.CONTIG_NAME.fullmatch(inner) if inner is chrom else re.fullmatch(rb"[^\s,<>]++", inner)):
            margin.note(CHROM, "CHROM", "a name as in SAM, or <ID>", chrom)
        elif b":" in inner and margin.minor < 4 and inner not in self._contigs:
            margin.note(CHROM_COLON, "CHROM", "no colon", chrom)
        if inner is chrom and chrom not in self._contigs and margin.wants_bank_rules:
            margin.note(UNDECLARED, "CHROM", "##contig=<ID=...>", chrom)
        if inner == self._name:
            return
        if inner in self._names:
            margin.note(SPLIT, "CHROM", "all records of a chromosome together", chrom)
        elif len(self._names) < 100 * _MOST_CACHED:
            self._names.add(inner)
        self._name = inner
        self._length = self._contigs.get(inner)
        self._last = -1
        self._here = set()

    def _check_position(self, position: bytes) -> None:
        if not _POSITION.fullmatch(position):
            self.pos = -1
            self._margin.note(POS, "POS", "a whole number", position)
            return
        pos = self.pos = int(position)
        if pos < self._last:
            self._margin.note(UNSORTED, "POS", "increasing positions", position)
        if self._length is not None and pos > self._length + 1:
            self._margin.note(BEYOND, "POS", "a position within the contig", position)
        if pos != self._last:
            self._here.clear()
        self._last = pos

    def _check_ids(self, name: bytes) -> None:
        parts = name.split(b";")
        if not all(_ONE_ID.fullmatch(part) for part in parts):
            self._margin.note(ID, "ID", "identifiers separated by semicolons, or a dot", name)
        elif len(set(parts)) != len(parts):
            self._margin.note(ID_REPEATED, "ID", "identifiers that differ", name)

    def _check_repeated(self, key: tuple[bytes, bytes], alleles: Alleles) -> None:
        """Records of symbolic alleles and breakends may stand twice: their ends differ."""
        if not (alleles.snvs or alleles.indels) and (b"<" in key[1] or b"[" in key[1] or b"]" in key[1]):
            return
        if key in self._here:
            self._margin.note(RECORD_REPEATED, "POS", "one record", b">".join(key))
        elif len(self._here) < _MOST_CACHED:
            self._here.add(key)

    def _judge_filters(self, filters: bytes) -> tuple[_Problem, ...]:
        parts = filters.split(b";")
        if any(not part or part in (b"0", b".") or re.search(rb"\s", part) for part in parts):
            return ((FILTER, "FILTER", "PASS, a dot, or names of filters", filters),)
        problems: list[_Problem] = []
        if len(set(parts)) != len(parts):
            problems.append((FILTER_REPEATED, "FILTER", "filters that differ", filters))
        if b"PASS" in parts and len(parts) > 1:
            problems.append((FILTER_PASS, "FILTER", "PASS alone", filters))
        problems += [
            (FILTER_UNDECLARED, "FILTER", "##FILTER=<ID=...>", part) for part in parts if part not in self._filters
        ]
        return tuple(problems)
