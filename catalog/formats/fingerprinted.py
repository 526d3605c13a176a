"""The formats of genotypes and reads, with somebody who listens at the sites of the panel (fingerprints)."""

from __future__ import annotations

from catalog.formats.alignment.bam import BamFormat
from catalog.formats.bcf import BcfFormat
from catalog.formats.fingerprints.calls import PanelCalls
from catalog.formats.fingerprints.counts import panel_counts
from catalog.formats.vcf import VcfFormat

VCF = VcfFormat(PanelCalls)
BCF = BcfFormat(PanelCalls)
BAM = BamFormat((panel_counts,))
