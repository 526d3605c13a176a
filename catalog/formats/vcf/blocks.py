"""Reference blocks: records that speak for a stretch of the reference (gVCF; VCFv4.3, 5.5 and VCFv4.5, 5.5)."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.formats.vcf import grammar
from catalog.formats.vcf.alleles import Alleles
from catalog.formats.vcf.margin import Margin, forbidden, unwanted
from catalog.formats.vcf.meanings import END_COMPUTED
from catalog.formats.vcf.samples import Plan
from catalog.formats.vcf.walk import Walk

OVERLAP = unwanted(
    "vcf-block-overlap",
    "a reference block begins within the one before",
    "make the gVCF again; blocks were probably merged from two files",
    "VCFv4.3, 5.5 (gVCF); GATK ValidateVariants --no-overlaps; fairline",
    "A position would have two qualities for being like the reference.",
)
UNSPECIFIED_MISSING = unwanted(
    "vcf-block-allele-missing",
    "a record of the gVCF has not the unspecified allele",
    "make the gVCF again with one program; every record of it has <*> or <NON_REF> as an ALT allele",
    "VCFv4.3, 5.5 (gVCF); GATK ValidateVariants -gvcf; fairline",
    "Joint genotyping stops at such a record.",
)
CALLED = forbidden(
    "vcf-block-called-twice",
    "the sample {sample} has values at a position that a reference block before speaks for",
    "write a dot as genotype and nothing else",
    "VCFv4.5, 5.5: positions implicitly called by a preceding <*> must have GT missing and no FORMAT fields but LAA",
)

BLOCK_RULES = (OVERLAP, UNSPECIFIED_MISSING, CALLED)


class Blocks:
    """The reference blocks of a file, in order.

    Attributes:
        is_gvcf: whether the first record has the unspecified allele; None before it.
        end: the last position of the last block on this contig, -1 before the first.
        number: how many there were.
    """

    def __init__(self, samples: Sequence[bytes], margin: Margin) -> None:
        self.is_gvcf: bool | None = None
        self.end = -1
        self.number = 0
        self._margin = margin
        self._names = samples
        self._ends: list[int] = []
        self._name = b""

    @property
    def has_sample_blocks(self) -> bool:
        """Whether a sample has a block of its own on this contig."""
        return bool(self._ends)

    def take(self, columns: Sequence[bytes], alleles: Alleles, walk: Walk, plan: Plan | None) -> None:
        """Takes one record.

        Args:
            columns: all its columns.
            alleles: REF and ALT.
            walk: where it is.
            plan: what is known about FORMAT; None without samples.
        """
        margin = self._margin
        if walk.name != self._name:
            self._name = walk.name
            self.end = -1
            self._ends = []
        if self.is_gvcf is None:
            self.is_gvcf = alleles.has_unspecified
        elif self.is_gvcf and not alleles.has_unspecified:
            margin.note(UNSPECIFIED_MISSING, "ALT", "<*> or <NON_REF>", columns[4])
        end = end_of(columns[7])
        if margin.minor >= 5 and plan is not None:
            longest = self._take_samples(columns, alleles, walk, plan)
            if longest and end is not None and walk.pos >= 0 and alleles.has_only_unspecified:
                self._check_end(end, walk.pos + max(longest, alleles.ref_bases) - 1)
        is_block = alleles.has_only_unspecified or (alleles.count == 0 and end is not None)
        if not is_block:
            return
        self.number += 1
        if 0 <= walk.pos <= self.end:
            margin.note(OVERLAP, "POS", "a block after the one before", columns[1])
        self.end = max(self.end, end if end is not None else walk.pos)

    def _check_end(self, end: int, wanted: int) -> None:
        if end != wanted:
            self._margin.note(END_COMPUTED, "INFO/END", "POS + the highest FORMAT LEN - 1", end)

    def _take_samples(self, columns: Sequence[bytes], alleles: Alleles, walk: Walk, plan: Plan) -> int:
        """From VCFv4.5 on each sample has blocks of its own, by FORMAT LEN; returns the highest, 0 without any."""
        longest = 0
        if not (alleles.has_unspecified and b"LEN" in plan.keys) and not self._ends:
            return longest
        samples = columns[9:]
        if len(self._ends) != len(samples):
            self._ends = [-1] * len(samples)
        at = plan.keys.index(b"LEN") if b"LEN" in plan.keys else -1
        quiet = [key in (b"GT", b"LAA") for key in plan.keys]
        for index, sample in enumerate(samples):
            fields = sample.split(b":")
            length = grammar.integer(fields[at]) if 0 <= at < len(fields) and alleles.has_unspecified else None
            longest = max(longest, length or 0)
            if walk.pos <= self._ends[index]:
                said = [field for field, is_quiet in zip(fields, quiet, strict=False) if not is_quiet]
                called = plan.has_genotype and fields[0].strip(b"./|") != b""
                if called or any(field.strip(b".,") for field in said):
                    name = self._names[index] if index < len(self._names) else b"%d" % (index + 1)
                    self._margin.note(CALLED, "FORMAT/GT", "a dot", sample, sample=name)
                continue
            if length is not None and length > 0:
                self._ends[index] = walk.pos + length - 1
        return longest


def end_of(info: bytes) -> int | None:
    """The value of INFO END, if it has one."""
    at = 0 if info.startswith(b"END=") else info.find(b";END=") + 1
    if at == 0 and not info.startswith(b"END="):
        return None
    return grammar.integer(info[at + 4 :].partition(b";")[0])
