"""The genotypes of a VCF or BCF at the sites of the panel, reference blocks of a gVCF included."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from catalog.formats.vcf.listener import SiteCalls
from catalog.panel import MISSING, Site, open_panel

#: A file of more samples is no file of one line.
_MOST_SAMPLES = 100
_GT = re.compile(rb"[/|]?([0-9]{1,3}|\.)[/|]([0-9]{1,3}|\.)")
#: Alternatives that stand for "anything else": with genotype 0/0 the record says that the reference is there.
_BLOCK_ALTERNATIVES = frozenset({b".", b"<NON_REF>", b"<*>"})
_FIRST_SAMPLE, _FORMAT, _ALT, _REF = 9, 8, 4, 3


class PanelCalls:
    """Collects genotypes while a file is validated (a :class:`~catalog.formats.vcf.listener.SiteListener`)."""

    def __init__(self) -> None:
        self._panel = open_panel()
        self._assembly = ""
        self._sites: Mapping[int, Site] = {}
        self._found: list[bytearray] = []

    def positions(self, chrom: str, assembly: str | None) -> Sequence[int]:
        """The panel's positions on a chromosome; none where the assembly is not known."""
        self._assembly = assembly or ""
        self._sites = self._panel.on(self._assembly, chrom)
        return sorted(self._sites)

    def take(self, calls: SiteCalls) -> None:
        """Takes the genotypes of a record."""
        columns = calls.columns
        if len(columns) <= _FIRST_SAMPLE or not columns[_FORMAT].startswith(b"GT"):
            return
        samples = columns[_FIRST_SAMPLE : _FIRST_SAMPLE + _MOST_SAMPLES]
        while len(self._found) < len(samples):
            self._found.append(self._panel.empty())
        reference, alternatives = columns[_REF].upper().decode("latin-1"), columns[_ALT].split(b",")
        alleles = [reference, *(each.upper().decode("latin-1") for each in alternatives)]
        is_block = all(each in _BLOCK_ALTERNATIVES for each in alternatives)
        for number, sample in enumerate(samples):
            genotype = _GT.fullmatch(sample.partition(b":")[0])
            if genotype is None or b"." in genotype.groups():
                continue
            indexes = [int(each) for each in genotype.groups()]
            if is_block and not any(indexes):
                for position in calls.chosen:
                    self._put(number, self._sites[position], (self._sites[position].reference,) * 2)
            elif calls.chosen[0] == calls.pos and max(indexes) < len(alleles):
                self._put(number, self._sites[calls.pos], [alleles[each] for each in indexes])

    def _put(self, sample: int, site: Site, alleles: Sequence[str]) -> None:
        copies = site.copies_of_b(alleles)
        if copies != MISSING:
            self._found[sample][site.number] = copies

    def evidence(self, samples: Sequence[str]) -> dict[str, object]:
        """``fingerprint``: ``panel``, ``kind`` (``calls``), ``assembly``, and ``samples``: for each name one byte a site,
        copies of allele ``b`` or 255. Nothing where no site was called.

        Args:
            samples: the file's samples, in order.
        """
        found = {
            name: bytes(each)
            for name, each in zip(samples, self._found, strict=False)
            if each.count(MISSING) < len(each)
        }
        if not found:
            return {}
        return {
            "fingerprint": {
                "panel": self._panel.version, "kind": "calls", "assembly": self._assembly, "samples": found,
            }
        }  # fmt: skip
