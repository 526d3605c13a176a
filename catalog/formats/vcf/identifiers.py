"""Identifiers of the whole file, in bounded memory: one that stands in two records (VCFv4.3, 1.6.1, ID)."""

from __future__ import annotations

from array import array
from itertools import pairwise

#: Identifiers that are remembered; later ones are not compared.
MOST_IDENTIFIERS = 1 << 21
_OFFSET = 14695981039346656037
_PRIME = 1099511628211
_MASK = (1 << 64) - 1


def digest(name: bytes) -> int:
    """64 bits that stand for an identifier (FNV-1a), the same as the kernel's."""
    value = _OFFSET
    for byte in name:
        value = ((value ^ byte) * _PRIME) & _MASK
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
            if len(self.digests) < MOST_IDENTIFIERS:
                self.digests.append(digest(each))
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
