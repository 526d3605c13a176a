"""Which part of the sex chromosomes a position is in: outside the pseudoautosomal regions men have one X and one Y.

Regions as the Genome Reference Consortium gives them for GRCh37 and GRCh38, and the T2T Consortium for CHM13v2.0.
"""

from __future__ import annotations

from catalog.formats.assemblies import GRCH37, GRCH38, T2T, chromosome_of

#: The parts that are told apart: everything else, X and Y outside the pseudoautosomal regions.
OTHER, X, Y = range(3)

#: The first base after the first pseudoautosomal region and the last one before the second.
_OUTSIDE = {
    GRCH37: {"X": (2_699_521, 154_931_043), "Y": (2_649_521, 59_034_049)},
    GRCH38: {"X": (2_781_480, 155_701_382), "Y": (2_781_480, 56_887_902)},
    T2T: {"X": (2_394_411, 153_925_833), "Y": (2_458_321, 62_122_808)},
}
#: Where the assembly is not known: what is outside in all of them.
_ANYWHERE = {"X": (2_781_480, 153_925_833), "Y": (2_781_480, 56_887_902)}


class Regions:
    """The region of a position on the contig that the records are on.

    Attributes:
        chromosome: the chromosome that the contig is, such as ``1`` or ``X``; empty for another contig.
        region: the region of positions from ``first`` to ``last``.
        first: the first position of the region.
        last: the last one.
    """

    def __init__(self, assembly: str | None) -> None:
        self.chromosome = ""
        self.region = OTHER
        self.first = 0
        self.last = -1
        self._outside = _OUTSIDE.get(assembly or "", _ANYWHERE)

    def enter(self, contig: bytes) -> None:
        """Another contig begins."""
        self.chromosome = chromosome_of(contig.decode("utf-8", "replace")) or ""
        self.region = {"X": X, "Y": Y}.get(self.chromosome, OTHER)
        self.first, self.last = self._outside.get(self.chromosome, (0, -1))

    @property
    def is_autosome(self) -> bool:
        """Whether everybody has two copies of the contig."""
        return self.chromosome.isdigit()

    def of(self, pos: int) -> int:
        """The region of a position."""
        return self.region if self.first <= pos <= self.last else OTHER
