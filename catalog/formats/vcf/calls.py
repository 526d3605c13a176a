"""Fields of samples that mean more than their Type says: FT, local alleles, phase sets, base modifications (VCFv4.3, 1.6.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.formats.vcf import grammar
from catalog.formats.vcf.margin import Margin, forbidden

FILTER = forbidden(
    "vcf-sample-filter",
    "FT of the sample {sample} is no list of filters",
    "write PASS, a dot, or names of filters with one semicolon between them; 0 is reserved",
    "VCFv4.3, 1.6.2 (FT): PASS, or a semicolon-separated list of codes for filters that fail; no white space",
)
LOCAL_INDEX = forbidden(
    "vcf-local-alleles-index",
    "LAA of the sample {sample} does not number ALT alleles",
    "write different whole numbers from 1 to the number of ALT alleles",
    "VCFv4.5, 1.6.2 (LAA): a list of n distinct integers, giving the 1-based indices of the ALT alleles",
)
PHASE_SETS = forbidden(
    "vcf-phase-sets",
    "a sample has both PS and PSL",
    "keep one of the two",
    "VCFv4.4, 1.6.2 (PSL): a genotype must not have values for both",
)
UNPHASED = forbidden(
    "vcf-phase-set-unphased",
    "PSL of the sample {sample} names a phase set for an allele that is not phased",
    "write a dot for alleles that have / before them",
    "VCFv4.4, 1.6.2 (PSL): unphased alleles must have the value '.' in their corresponding position",
)
MODIFIED = forbidden(
    "vcf-modification-without-genotype",
    "{key} of the sample {sample} stands without a genotype",
    "give GT: it tells which bases there are",
    "VCFv4.5, 1.4.4: if any base modification key is present for a sample, GT must be defined for that sample",
)

CALL_RULES = (FILTER, LOCAL_INDEX, PHASE_SETS, UNPHASED, MODIFIED)

_OTHER_STRAND = bytes.maketrans(b"ACGT", b"TGCA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Genotype:
    """One GT.

    Attributes:
        alleles: allele numbers, None for a missing one.
        phased: whether each is phased (VCFv4.5, 1.6.2: the first indicator may be left out).
    """

    alleles: tuple[int | None, ...]
    phased: tuple[bool, ...]

    @property
    def ploidy(self) -> int:
        """How many alleles there are."""
        return len(self.alleles)


def read_genotype(value: bytes) -> Genotype:
    """A GT whose grammar was checked."""
    signs = re.findall(rb"[/|]", value)
    alleles = [part for part in re.split(rb"[/|]", value) if part]
    if len(signs) < len(alleles):
        signs.insert(0, b"/" if b"/" in signs else b"|")
    numbers = tuple(None if allele == b"." else int(allele) for allele in alleles)
    return Genotype(alleles=numbers, phased=tuple(sign == b"|" for sign in signs))


def check_filter(value: bytes, name: bytes, margin: Margin) -> None:
    """Judges FT."""
    parts = value.split(b";")
    if any(not part or part in (b"0", b".") or re.search(rb"\s", part) for part in parts):
        margin.note(FILTER, "FORMAT/FT", "PASS, a dot, or names of filters", value, sample=name)


def local_count(value: bytes, count: int, name: bytes, margin: Margin) -> int:
    """Judges LAA; the number of local ALT alleles."""
    numbers = [grammar.integer(part) for part in value.split(b",")]
    if len(set(numbers)) != len(numbers) or not all(number is not None and 1 <= number <= count for number in numbers):
        margin.note(LOCAL_INDEX, "FORMAT/LAA", "different numbers of ALT alleles", value, sample=name)
    return len(numbers)


def check_phase_sets(values: Sequence[bytes], genotype: Genotype | None, name: bytes, margin: Margin) -> None:
    """Judges PSL against GT."""
    if genotype is None:
        return
    for value, phased in zip(values, genotype.phased, strict=False):
        if not phased and value != b".":
            margin.note(UNPHASED, "FORMAT/PSL", "a dot for unphased alleles", b",".join(values[:20]), sample=name)
            return


def modified_count(key: bytes, genotype: Genotype, alleles: Sequence[bytes]) -> int:
    """How many values a key with Number=M has for a genotype (VCFv4.5, 1.4.4).

    Args:
        key: ends with the base that can be modified.
        genotype: the alleles of the sample; unphased copies of one allele count once.
        alleles: REF and the ALT alleles as written.
    """
    base = key[-1:].replace(b"U", b"T")
    unphased: set[int | None] = set()
    count = 0
    for number, phased in zip(genotype.alleles, genotype.phased, strict=True):
        if not phased:
            if number in unphased:
                continue
            unphased.add(number)
        if number is None or number >= len(alleles) or not alleles[number].isalpha():
            continue
        sequence = alleles[number].upper()
        if base == b"N":
            count += 2 * len(sequence)
        else:
            count += sequence.count(base) + sequence.count(base.translate(_OTHER_STRAND))
    return count
