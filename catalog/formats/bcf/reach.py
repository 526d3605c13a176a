"""How far a record reaches on the reference: the field rlen of BCF (VCFv4.3, 6.3.1; VCFv4.5, 6.3.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Symbolic alleles that take no place on the reference behind POS.
_INSERTED = "<INS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What says how far a record reaches.

    Attributes:
        start: POS, zero-based.
        ref_length: bases of REF.
        alternatives: the ALT alleles.
        end: INFO/END; None where there is none.
        lengths: INFO/SVLEN for each ALT allele, None for a missing one.
        longest_block: the highest FORMAT/LEN of a sample; None where there is none.
        minor: the minor version of VCF.
    """

    start: int
    ref_length: int
    alternatives: Sequence[str]
    end: int | None
    lengths: Sequence[int | None]
    longest_block: int | None
    minor: int

    def possible(self) -> set[int]:
        """The lengths that the specification allows; versions differ in what a symbolic allele says."""
        is_symbolic = any(allele.startswith("<") for allele in self.alternatives)
        declared = list(self._declared()) if is_symbolic else []
        end = self.end - self.start if self.end is not None and self.end > self.start else None
        found = {length for length in (end, *declared) if length is not None}
        if found:
            found.add(max(self.ref_length, *found))
        if declared:
            found.add(max(self.ref_length, *declared))
        if not is_symbolic or (end is None and (self.minor < 5 or not declared)):
            found.add(self.ref_length)
        return found

    def _declared(self) -> Iterator[int]:
        """The lengths of symbolic alleles; POS is the base before a structural variant."""
        for allele, length in zip(self.alternatives, self.lengths, strict=False):
            if allele.startswith("<") and length is not None:
                yield self.ref_length if allele.startswith(_INSERTED) else abs(length) + 1
        if self.longest_block is not None:
            yield self.longest_block
