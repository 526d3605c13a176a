"""The contigs of a table of intervals: their order, their blocks, and whether the positions fit on them."""

from __future__ import annotations

from array import array

from catalog.formats.assemblies import GRCH37, LENGTHS, assembly_named, chromosome_of
from catalog.formats.protocol import Facts
from catalog.kernels.intervals_layout import END, HIGHEST, LENGTH, SEEN, START, WAITING

#: No sequence is longer; positions are unsigned 64-bit integers (GA4GH BEDv1.0, 1.5).
NO_LENGTH = (1 << 63) - 1
_LISTED = 1000
#: Contigs that are remembered, so that memory stays bounded.
_MOST_CONTIGS = 1 << 18
_LONGEST_NAME = 255
#: What no line can begin with.
_NO_NAME = b"\n"
#: The first release of hg19 had this mitochondrial genome; GRCh37 has another one.
_MITOCHONDRION_OF_HG19 = 16571


def _length(assembly: str, chromosome: str) -> int:
    if (assembly, chromosome) == (GRCH37, "M"):
        return _MITOCHONDRION_OF_HG19
    return LENGTHS[assembly][chromosome]


class Contigs:
    """The contigs of one file, in its order.

    Attributes:
        name: the contig of the line before; what no line has before the first.
        assembly: the declared assembly, where it is a known one.
    """

    def __init__(self, tally: array[int], declared_assembly: str) -> None:
        """Nothing is read yet.

        Args:
            tally: see :mod:`catalog.kernels.intervals_layout`; its cells about the contig are kept here.
            declared_assembly: what is said about the file.
        """
        self.name = _NO_NAME
        self.assembly = assembly_named(declared_assembly)
        self._tally = tally
        self._first_line: dict[bytes, int] = {}
        self._ends: dict[str, int] = {}

    def enter(self, name: bytes, line: int) -> int:
        """The next line is of another contig than the one before.

        Returns:
            The line where the contig was met first, when it is met again; else 0.
        """
        self._leave()
        tally = self._tally
        tally[START], tally[END], tally[HIGHEST], tally[SEEN], tally[WAITING] = -1, -1, 0, 0, -1
        tally[LENGTH] = self._length_of(name)
        self.name = name
        before = self._first_line.get(name, 0)
        if not before and len(self._first_line) < _MOST_CONTIGS and len(name) <= _LONGEST_NAME:
            self._first_line[name] = line
        return before

    def _length_of(self, name: bytes) -> int:
        chromosome = chromosome_of(name.decode("latin-1")) if self.assembly else None
        return _length(self.assembly, chromosome) if self.assembly and chromosome else NO_LENGTH

    def _leave(self) -> None:
        """Remembers how far the intervals of the contig reach."""
        name = self.name.decode("latin-1")
        if self.name in self._first_line and (len(self._ends) < _LISTED or name in self._ends):
            self._ends[name] = max(self._ends.get(name, 0), self._tally[HIGHEST])

    def other_naming(self, name: bytes) -> bytes:
        """The same name with or without ``chr``, when the file has that one too; else empty."""
        other = name[3:] if name.startswith(b"chr") else b"chr" + name
        return other if other in self._first_line and chromosome_of(name.decode("latin-1")) else b""

    def ends(self) -> dict[str, int]:
        """The highest end on each of the first 1,000 contigs."""
        self._leave()
        return dict(self._ends)

    def misfit(self) -> tuple[str, int] | None:
        """A contig and a position on it that no known human assembly has, when the positions fit on none of them."""
        found = None
        for assembly in LENGTHS:
            beyond = [each for each in self.ends().items() if self._is_beyond(assembly, *each)]
            if not beyond:
                return None
            found = found or beyond[0]
        return found

    def _is_beyond(self, assembly: str, name: str, end: int) -> bool:
        chromosome = chromosome_of(name)
        return chromosome is not None and end > _length(assembly, chromosome)

    def facts(self) -> Facts:
        """``contigs`` (the first 1,000 in order) and ``fits_assemblies``: the known ones on which all positions are."""
        ends = self.ends()
        fitting = [each for each in LENGTHS if not any(self._is_beyond(each, *end) for end in ends.items())]
        says_something = any(chromosome_of(name) for name in ends)
        names = [name.decode("latin-1") for name in self._first_line]
        return {"contigs": names[:_LISTED], "fits_assemblies": fitting if says_something else None}
