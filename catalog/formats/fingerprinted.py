"""The formats of genotypes and reads, with somebody who listens at the sites of the panel
(fingerprints) and at the places of variants that the record claims.
"""

from __future__ import annotations

from catalog.formats.alignment.bam import BamFormat
from catalog.formats.bcf import BcfFormat
from catalog.formats.claimed_calls import ClaimedCalls
from catalog.formats.fingerprints.calls import PanelCalls
from catalog.formats.fingerprints.counts import panel_counts
from catalog.formats.protocol import Declared
from catalog.formats.vcf import VcfFormat
from catalog.formats.vcf.listener import SeveralListeners, SiteListener


def _listener(declared: Declared) -> SiteListener:
    panel = PanelCalls()
    return SeveralListeners([panel, ClaimedCalls(declared)]) if declared.claims else panel


VCF = VcfFormat(_listener)
BCF = BcfFormat(_listener)
BAM = BamFormat((panel_counts,))
