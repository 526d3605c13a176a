"""Identifiers of the whole file, in bounded memory: one that stands in two records (VCFv4.3, 1.6.1, ID)."""

from __future__ import annotations

from array import array
from itertools import pairwise

#: Identifiers that are remembered; later ones are not compared.
MOST_IDENTIFIERS = 1 << 21
_PRIME = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_WORD = 8


def digest(name: bytes) -> int:
    """64 bits that stand for an identifier, the same as the kernel's: its words multiplied and mixed."""
    value = len(name)
    for at in range(0, len(name), _WORD):
        value = ((value ^ int.from_bytes(name[at : at + _WORD], "little")) * _PRIME) & _MASK
        value ^= value >> 32
    return value


class Identifiers:
    """The identifiers of records, each with its line or record.

    Attributes:
        digests: of identifiers in the order of the file.
        numbers: the line or record of each.
    """

    def __init__(self) -> None:
        self.digests = array("Q")
        self.numbers = array("q")

    def take(self, name: bytes, number: int) -> None:
        """Takes the column ID of one record."""
        if name == b".":
            return
        for each in dict.fromkeys(name.split(b";")):
            self.add(digest(each), number)

    def add(self, digest: int, number: int) -> None:
        """Adds one identifier."""
        if len(self.digests) < MOST_IDENTIFIERS:
            self.digests.append(digest)
            self.numbers.append(number)

    def repeated(self) -> list[int]:
        """The lines or records with an identifier that an earlier one has, in their order; one entry for each."""
        ordered = sorted(self.digests)
        twice = {this for this, following in pairwise(ordered) if this == following}
        if not twice:
            return []
        seen: set[int] = set()
        found = []
        for value, number in zip(self.digests, self.numbers, strict=True):
            if value in twice:
                if value in seen:
                    found.append(number)
                seen.add(value)
        return found
