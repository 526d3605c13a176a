"""What a VCF tells about itself: counts of variants, filters, genotypes, depths and qualities."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from catalog.formats.vcf.alleles import Alleles
from catalog.formats.vcf.regions import OTHER, X, Y

#: Kinds of genotypes: both alleles REF, two that differ, the same ALT allele, one that is missing.
HOM_REF, HET, HOM_ALT, MISSING = range(4)
KINDS = 4
#: Counters of one sample: kinds by region (regions.py).
CELLS = KINDS * 3
#: Depths and qualities from here on are counted together.
HIGHEST_DEPTH, HIGHEST_QUALITY = 2_000, 100
_LOW_QUALITY = 20
_MOST_CACHED, _CACHED_LENGTH = 4_000, 32
_MOST_FILTERS = 50
_LISTED_SAMPLES = 200
_OTHER_FILTERS = "other"


class Histogram:
    """How often a whole number was met.

    Attributes:
        counts: by number; the last one holds all that are higher.
    """

    def __init__(self, highest: int) -> None:
        self.counts = [0] * (highest + 1)

    def add(self, value: bytes) -> None:
        """Counts a value, if it is a whole number of a usual size."""
        if value.isdigit() and len(value) <= 9:
            self.counts[min(int(value), len(self.counts) - 1)] += 1

    def facts(self) -> dict[str, object] | None:
        """Median and mean of the values below the highest, and how many reach it; None when nothing was counted."""
        number = sum(self.counts)
        if not number:
            return None
        total = seen = 0
        median = -1
        for value, count in enumerate(self.counts):
            total += value * count
            seen += count
            if median < 0 and 2 * seen >= number:
                median = value
        highest = len(self.counts) - 1
        if not self.counts[highest]:
            return {"values": number, "median": median, "mean": round(total / number, 2)}
        # What is higher was counted as the highest: a mean of these would be none.
        known = {"median": median} if median < highest else {}
        return {"values": number, **known, f"from_{highest}_on": self.counts[highest]}

    def below(self, limit: int) -> float:
        """The share of values below a limit."""
        return round(sum(self.counts[:limit]) / max(1, sum(self.counts)), 4)


class Tally:
    """Counts records on their way.

    Attributes:
        records: the number of records.
        snvs: ALT alleles that change one base; transitions of them; indels: those that change the length.
        blocks: records that are blocks of the reference.
        calls: counters of each sample.
        depths: DP of the samples.
        qualities: GQ of the samples.
    """

    def __init__(self, samples: int) -> None:
        self.records = self.snvs = self.transitions = self.indels = self.blocks = 0
        self.calls = [[0] * CELLS for _ in range(samples)]
        self.depths = Histogram(HIGHEST_DEPTH)
        self.qualities = Histogram(HIGHEST_QUALITY)
        self._filters: dict[bytes, int] = {}
        self._kinds: dict[bytes, int] = {}

    def add(self, alleles: Alleles, filters: bytes) -> None:
        """Counts the alleles and the filters of one record."""
        self.snvs += alleles.snvs
        self.transitions += alleles.transitions
        self.indels += alleles.indels
        self.add_filter(filters, 1)

    def add_filter(self, filters: bytes, count: int) -> None:
        """Counts records with a FILTER column."""
        if filters not in self._filters and len(self._filters) >= _MOST_FILTERS:
            filters = _OTHER_FILTERS.encode()
        self._filters[filters] = self._filters.get(filters, 0) + count

    def add_samples(self, samples: Sequence[bytes], region: int, places: tuple[int, int]) -> None:
        """Counts the genotypes, depths and qualities of one record whose FORMAT starts with GT.

        Args:
            samples: their columns.
            region: where the record is (regions.py).
            places: where DP and GQ stand in FORMAT, -1 where they do not.
        """
        depth, quality = places
        for cells, sample in zip(self.calls, samples, strict=False):
            fields = sample.split(b":")
            kind = self._kind(fields[0])
            if kind >= 0:
                cells[KINDS * region + kind] += 1
            if 0 <= depth < len(fields):
                self.depths.add(fields[depth])
            if 0 <= quality < len(fields):
                self.qualities.add(fields[quality])

    def _kind(self, genotype: bytes) -> int:
        kind = self._kinds.get(genotype)
        if kind is None:
            kind = kind_of(genotype)
            if len(self._kinds) < _MOST_CACHED and len(genotype) <= _CACHED_LENGTH:
                self._kinds[genotype] = kind
        return kind

    def facts(self, names: Sequence[str]) -> dict[str, object]:
        """The counts as facts: of genotypes for one sample in the facts themselves, for several in a list."""
        transversions = self.snvs - self.transitions
        facts: dict[str, object] = {"records": self.records, "snvs": self.snvs, "indels": self.indels}
        if transversions:
            facts["ti_tv"] = round(self.transitions / transversions, 3)
        if self._filters:
            facts["filters"] = {name.decode("utf-8", "replace"): count for name, count in sorted(self._filters.items())}
        if self.blocks:
            facts |= {"gvcf": True, "reference_blocks": self.blocks}
        if depth := self.depths.facts():
            facts["depth"] = depth
        if quality := self.qualities.facts():
            facts["genotype_quality"] = {**quality, f"below_{_LOW_QUALITY}": self.qualities.below(_LOW_QUALITY)}
        if len(names) == 1:
            return {**facts, **_of_sample(self.calls[0])}
        # Genotypes of the first samples only are counted where there are very many.
        listed = list(zip(names, self.calls, strict=False))[:_LISTED_SAMPLES]
        if any(any(cells) for _, cells in listed):
            facts["genotypes"] = [{"sample": name, **_of_sample(cells)} for name, cells in listed]
        return facts


def kind_of(genotype: bytes) -> int:
    """The kind of a genotype, -1 for what is none."""
    alleles = set(re.split(rb"[/|]", genotype.lstrip(b"/|")))
    if b"." in alleles:
        return MISSING
    if len(alleles) > 1:
        return HET
    if alleles == {b"0"}:
        return HOM_REF
    return HOM_ALT if alleles and next(iter(alleles)).isdigit() else -1


def _of_sample(cells: Sequence[int]) -> Mapping[str, object]:
    """Genotypes, call rate and evidence of sex of one sample."""
    kinds = [sum(cells[kind::KINDS]) for kind in range(KINDS)]
    facts: dict[str, object] = {
        "het": kinds[HET],
        "hom_alt": kinds[HOM_ALT],
        "hom_ref": kinds[HOM_REF],
        "missing": kinds[MISSING],
    }
    if sum(kinds):
        facts["call_rate"] = round(1 - kinds[MISSING] / sum(kinds), 4)
    on_x, on_y = (cells[KINDS * region : KINDS * region + KINDS] for region in (X, Y))
    if any(on_x) or any(on_y):
        facts["sex_evidence"] = {
            "x_het": on_x[HET],
            "x_hom_alt": on_x[HOM_ALT],
            "y_called": on_y[HOM_REF] + on_y[HET] + on_y[HOM_ALT],
            "y_variants": on_y[HET] + on_y[HOM_ALT],
        }
    return facts


__all__ = ["CELLS", "HET", "HOM_ALT", "HOM_REF", "KINDS", "MISSING", "OTHER", "Histogram", "Tally", "kind_of"]
