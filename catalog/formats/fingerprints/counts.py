"""Counts of both alleles at the sites of the panel from the reads of a BAM or CRAM, for bisulfite by converted strand.

One vote a fragment (mates that overlap are one molecule), of reads that are mapped once, are no duplicates and have a
mapping quality of 20, for bases of quality 20 and more; a site that has 100 votes takes no more. Bisulfite turns C into T
on the strands that Bismark marks ``XG:Z:CT`` and G into A on those of ``XG:Z:GA``, so that these are counted apart and
whoever compares can leave out what the conversion made.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.formats.alignment.contigs import evidence_of
from catalog.formats.alignment.header import Header
from catalog.panel import Site, open_panel

#: Unmapped, secondary, failed, duplicate, supplementary (SAMv1, 1.4).
_LEFT_OUT = 0x4 | 0x100 | 0x200 | 0x400 | 0x800
_LEAST_MAPPING_QUALITY = 20
_LEAST_BASE_QUALITY = 20
_MOST_VOTES = 100
_MOST_STEPS = 32
_ANY_SPAN = 1 << 32
_FIXED = struct.Struct("<iiBBHHHIiii")
_CONVERTED = {b"CT": 1, b"GA": 2}
STRANDS = 3
_BASES = "=ACMGRSVTWYHKDBN"
#: Which CIGAR operations go on along the read, and along the reference (SAMv1, 1.4, table of CIGAR).
_ON_READ, _ON_REFERENCE = frozenset({0, 1, 4, 7, 8}), frozenset({0, 2, 3, 7, 8})
_ALIGNED = _ON_READ & _ON_REFERENCE


def panel_counts(header: Header) -> PanelCounts | None:
    """A listener for a file with this header; None where its assembly is not one of the panel's."""
    assembly = evidence_of(header).name or ""
    panel = open_panel()
    names = [name.decode("utf-8", "replace") for name in header.contigs]
    sites = [panel.on(assembly, name) for name in names]
    return PanelCounts(assembly, sites, header.values(b"SM")) if any(sites) else None


class PanelCounts:
    """Counts alleles while a file is validated (a :class:`~catalog.formats.alignment.listeners.RecordListener`)."""

    def __init__(self, assembly: str, sites: Sequence[Mapping[int, Site]], samples: Sequence[str]) -> None:
        import numpy

        self._assembly = assembly
        self._samples = sorted(set(samples))
        self._sites = sites
        #: Positions from 0, as BAM counts them, by contig.
        self._positions = [numpy.array(sorted(each), "i8") - 1 for each in sites]
        self._positions_of_all = numpy.concatenate(self._positions)
        self._first_of_contig = numpy.cumsum([0, *map(len, self._positions)])
        self._counts = numpy.zeros((len(open_panel().sites), STRANDS, 2), "u2")
        self._votes: set[tuple[int, int]] = set()

    def take(self, buffer: bytes, starts: Sequence[int]) -> None:
        """Takes records in; only those that may cover a site are looked at."""
        for start in self._near(buffer, starts):
            self._take_record(buffer, start)

    def _near(self, buffer: bytes, starts: Sequence[int]) -> Iterator[int]:
        """Where the records begin that span a site of the panel."""
        import numpy

        if not isinstance(starts, list):  # an array of a large file, for which compiled code is loaded already
            from catalog.kernels.bam_sites import near

            found = numpy.empty(len(starts), "i8")
            count = near(numpy.frombuffer(buffer, "u1"), starts, self._positions_of_all, self._first_of_contig, found)
            yield from found[:count].tolist()
            return
        stored = numpy.frombuffer(buffer, "u1")
        begins = numpy.asarray(starts, "i8")

        def field(offset: int | Any, kind: str) -> Any:
            width = numpy.dtype(kind).itemsize
            return stored[(begins + offset)[:, None] + numpy.arange(width)].view(kind)[:, 0]

        contigs, positions = field(0, "<i4"), field(4, "<i4").astype("i8")
        steps, name_bytes = field(12, "<u2"), stored[begins + 8].astype("i8")
        spans = numpy.zeros(len(begins), "i8")
        for step in range(min(_MOST_STEPS, int(steps.max(initial=0)))):
            has = numpy.flatnonzero(steps > step)
            at = begins[has] + 32 + name_bytes[has] + 4 * step
            codes = stored[at[:, None] + numpy.arange(4)].view("<u4")[:, 0]
            spans[has] += numpy.where(numpy.isin(codes & 15, list(_ON_REFERENCE)), codes >> 4, 0)
        spans[steps > _MOST_STEPS] = _ANY_SPAN
        for contig in numpy.unique(contigs):
            wanted = self._positions[contig] if 0 <= contig < len(self._positions) else ()
            if not len(wanted):
                continue
            here = numpy.flatnonzero(contigs == contig)
            first = numpy.searchsorted(wanted, positions[here])
            last = numpy.searchsorted(wanted, positions[here] + spans[here])
            yield from begins[here[last > first]].tolist()

    def _take_record(self, buffer: bytes, start: int) -> None:
        contig, position, name_bytes, quality, _, steps, flags, bases, *_ = _FIXED.unpack_from(buffer, start)
        if flags & _LEFT_OUT or quality < _LEAST_MAPPING_QUALITY or not bases:
            return
        name = start + 32
        cigar = name + name_bytes
        sequence = cigar + 4 * steps
        qualities = sequence + (bases + 1) // 2
        strand = -1
        wanted = self._positions[contig]
        for on_reference, on_read, length in _aligned(buffer, cigar, steps, position):
            first, last = wanted.searchsorted((on_reference, on_reference + length))
            for place in wanted[first:last].tolist():
                at = on_read + place - on_reference
                if at >= bases or buffer[qualities + at] < _LEAST_BASE_QUALITY:
                    continue
                if strand < 0:
                    strand = self._strand(buffer, start, qualities + bases)
                base = _BASES[buffer[sequence + at // 2] >> (0 if at % 2 else 4) & 15]
                self._vote(self._sites[contig][place + 1], strand, base, hash(buffer[name : cigar - 1]))

    @staticmethod
    def _strand(buffer: bytes, start: int, tags: int) -> int:
        """0, or the number of the converted strand by Bismark's tag."""
        end = start + int.from_bytes(buffer[start - 4 : start], "little")
        at = buffer.find(b"XGZ", tags, end)
        return _CONVERTED.get(bytes(buffer[at + 3 : at + 5]), 0) if at >= 0 else 0

    def _vote(self, site: Site, strand: int, base: str, name: int) -> None:
        counts = self._counts[site.number]
        if base not in (site.a, site.b) or counts.sum() >= _MOST_VOTES or (site.number, name) in self._votes:
            return
        self._votes.add((site.number, name))
        counts[strand][int(base == site.b)] += 1

    def evidence(self) -> dict[str, object]:
        """``fingerprint``: ``panel``, ``kind`` (``counts``), ``assembly``, ``samples`` (of the read groups), and ``counts``:
        for each site six 16-bit numbers (little-endian): of ``a`` and ``b`` on unconverted, CT and GA strands.
        """
        if not self._counts.any():
            return {}
        return {
            "fingerprint": {
                "panel": open_panel().version, "kind": "counts", "assembly": self._assembly,
                "samples": self._samples, "counts": self._counts.astype("<u2").tobytes(),
            }
        }  # fmt: skip


def _aligned(buffer: bytes, cigar: int, steps: int, position: int) -> Iterator[tuple[int, int, int]]:
    """The aligned stretches of a record: where on the reference, where on the read, how long."""
    on_read = 0
    for step in range(steps):
        code = int.from_bytes(buffer[cigar + 4 * step : cigar + 4 * step + 4], "little")
        length, operation = code >> 4, code & 15
        if operation in _ALIGNED:
            yield position, on_read, length
        position += length if operation in _ON_REFERENCE else 0
        on_read += length if operation in _ON_READ else 0
