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
