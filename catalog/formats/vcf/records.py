"""The records of a VCF, one after the other: each column by its reader, and what is counted on the way."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.formats.vcf.alleles import Alleles
from catalog.formats.vcf.blocks import Blocks, end_of
from catalog.formats.vcf.genotypes import GenotypeReader
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.information import InfoReader
from catalog.formats.vcf.listener import SiteListener, Watch
from catalog.formats.vcf.margin import Margin
from catalog.formats.vcf.rows import Rows
from catalog.formats.vcf.samples import Plan, Site
from catalog.formats.vcf.sites import SiteReader
from catalog.formats.vcf.structural import check_copy_number
from catalog.formats.vcf.tally import Tally
from catalog.formats.vcf.walk import LONGEST_NAME

_FIXED = 8
#: Genotypes of more samples are judged but not counted.
MOST_COUNTED_SAMPLES = 20_000
MOST_COUNTED_CONTIGS = 1_000_000


class Records:
    """Judges records in their order.

    Attributes:
        sites: the reader of CHROM to FILTER.
        info: the reader of INFO.
        genotypes: the reader of FORMAT and samples.
        blocks: the reference blocks.
        tally: what was counted.
        watch: the positions that somebody listens to.
        rows: who writes the derived table; None when nobody wants it.
        per_contig: records of each sequence; complete after :meth:`finish`.
    """

    def __init__(self, header: Header, margin: Margin, listener: SiteListener | None = None) -> None:
        self.sites = SiteReader(header, margin)
        self.info = InfoReader(header, margin)
        self.genotypes = GenotypeReader(header, margin)
        self.blocks = Blocks(header.samples, margin)
        self.tally = Tally(min(len(header.samples), MOST_COUNTED_SAMPLES))
        self.watch = Watch(listener, header.assembly)
        self.rows: Rows | None = None
        self.per_contig: dict[bytes, int] = {}
        self._before_contig = 0
        self._margin = margin

    def take(self, columns: Sequence[bytes]) -> Alleles:
        """Judges and counts one record.

        Args:
            columns: eight at least, none of them empty.
        """
        walk = self.sites.walk
        name = walk.name
        alleles = self.sites.read(columns)
        if walk.name != name:
            self._leave(name, self.tally.records - 1)
            self.watch.enter(columns[0])
        self.info.read(columns[7], alleles, walk)
        self.tally.add(alleles, columns[6])
        plan = None
        if len(columns) > _FIXED + 1:
            plan = self._take_samples(columns, alleles)
        self.blocks.take(columns, alleles, walk, plan)
        if self.rows is not None:
            self.rows.add(columns, plan)
        if self.watch.positions:
            end = max(walk.pos + alleles.ref_bases - 1, end_of(columns[7]) or 0)
            self.watch.take(columns, walk.pos, end)
        return alleles

    def _take_samples(self, columns: Sequence[bytes], alleles: Alleles) -> Plan:
        regions = self.sites.walk.regions
        site = Site(
            count=alleles.count,
            alleles=(columns[3], *columns[4].split(b",")) if self._margin.minor >= 5 else (),
            is_autosome=self._margin.wants_bank_rules and regions.is_autosome,
        )
        samples = columns[_FIXED + 1 :]
        plan = self.genotypes.read(columns[_FIXED], samples, site)
        if self._margin.minor >= 4 and len(alleles.structural) > 1 and b"CN" in plan.keys:
            check_copy_number(columns[7], alleles, self._margin)
        if plan.has_genotype:
            places = plan.index_of(b"DP"), plan.index_of(b"GQ")
            self.tally.add_samples(samples, regions.of(self.sites.walk.pos), places)
        return plan

    def _leave(self, name: bytes, records: int) -> None:
        """Counts the records of a sequence, when the next one begins after so many records."""
        if 0 < len(name) <= LONGEST_NAME and (name in self.per_contig or len(self.per_contig) < MOST_COUNTED_CONTIGS):
            self.per_contig[name] = self.per_contig.get(name, 0) + records - self._before_contig
        self._before_contig = records

    def finish(self) -> None:
        """The checks over all records."""
        self._leave(self.sites.walk.name, self.tally.records)
        if self.rows is not None:
            self.rows.flush()
            self.rows = None  # its memory is wanted for what comes now
        self.sites.finish()
        self.tally.blocks = self.blocks.number
