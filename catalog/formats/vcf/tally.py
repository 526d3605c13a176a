"""What a VCF tells about itself: counts of variants and, for one sample, of genotypes."""

from __future__ import annotations

import re

from catalog.formats.vcf.sites import Alleles

_MOST_CACHED = 4_000


class Tally:
    """Counts records on their way.

    Attributes:
        records: the number of records.
    """

    def __init__(self) -> None:
        self.records = 0
        self._snvs = 0
        self._transitions = 0
        self._indels = 0
        self._genotypes = {"het": 0, "hom_alt": 0, "missing": 0}
        self._kinds: dict[bytes, str] = {}

    def add(self, alleles: Alleles) -> None:
        """Counts the alleles of one record."""
        self._snvs += alleles.snvs
        self._transitions += alleles.transitions
        self._indels += alleles.indels

    def add_genotype(self, genotype: bytes) -> None:
        """Counts the genotype of the only sample."""
        kind = self._kinds.get(genotype)
        if kind is None:
            kind = _kind(genotype)
            if len(self._kinds) < _MOST_CACHED:
                self._kinds[genotype] = kind
        if kind:
            self._genotypes[kind] += 1

    def facts(self, *, one_sample: bool) -> dict[str, object]:
        """The counts as facts; of genotypes only where the file has one sample."""
        transversions = self._snvs - self._transitions
        facts: dict[str, object] = {"records": self.records, "snvs": self._snvs, "indels": self._indels}
        if transversions:
            facts["ti_tv"] = round(self._transitions / transversions, 3)
        return {**facts, **self._genotypes} if one_sample else facts


def _kind(genotype: bytes) -> str:
    """``het``, ``hom_alt``, ``missing`` or nothing."""
    alleles = set(re.split(rb"[/|]", genotype.lstrip(b"/|")))
    if b"." in alleles:
        return "missing"
    if len(alleles) > 1:
        return "het"
    return "" if alleles <= {b"0", b""} else "hom_alt"
