"""What an index says about the file that it belongs to: the evidence that its companions compare with that file."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

#: Under this name the content of an index stands in the evidence of its subject.
INDEX = "index"
#: Beyond these, references and places are not kept; what is not kept is not compared.
MOST_REFERENCES = 250_000
_MOST_PLACES = 1_000_000
_IN_BLOCK_BITS, _IN_BLOCK = 16, 0xFFFF
_HIGHEST_OFFSET = (1 << 64) - 1


@dataclass(slots=True, kw_only=True)
class Reference:
    """What an index says about one reference sequence.

    Attributes:
        is_used: whether any place in the file is given for it.
        mapped: its mapped records (of a text file: all its records); None where the index does not say.
        unmapped: its placed records that are not mapped; None likewise.
    """

    is_used: bool = False
    mapped: int | None = None
    unmapped: int | None = None


class Places:
    """The places that an index points at, as virtual offsets: the start of a block and how far into its content.

    Attributes:
        furthest: the start of the last block, in bytes of the stored file; of a container in CRAM.
    """

    __slots__ = ("_all", "furthest")

    def __init__(self) -> None:
        self.furthest = 0
        self._all: array[int] | None = array("Q")

    def add(self, offset: int) -> None:
        """Takes one in; when there are too many, only the furthest is kept."""
        self.furthest = max(self.furthest, offset >> _IN_BLOCK_BITS)
        if self._all is not None:
            self._all.append(min(offset, _HIGHEST_OFFSET))
            if len(self._all) > _MOST_PLACES:
                self._all = None

    def first_outside(self, blocks: Sequence[int], contents: Sequence[int], size: int) -> tuple[int, int] | None:
        """The first place, as block and offset in it, that is in no block; None where there is none, or nothing is known.

        Args:
            blocks: where each block starts, in order.
            contents: where the content of each starts.
            size: of the stored file: what ends behind the last block is well.
        """
        for offset in sorted(set(self._all or ())):
            start, within = offset >> _IN_BLOCK_BITS, offset & _IN_BLOCK
            number = bisect_left(blocks, start)
            if number == len(blocks) or blocks[number] != start:
                if start != size or within:
                    return start, within
            elif number + 1 < len(contents) and within > contents[number + 1] - contents[number]:
                return start, within
        return None


@dataclass(slots=True, kw_only=True)
class IndexContent:
    """What one index says.

    Attributes:
        kind: ``bai``, ``csi``, ``tbi``, ``crai`` or ``gzi``.
        preset: of an index of text: 0 for columns by number, 1 for SAM, 2 for VCF; None for other indexes.
        names: the names of the references in the order of their numbers; None where they have numbers only.
        count: the number of references that the index claims; None for a kind that has none.
        references: what it says about each by number; None when there are too many, or none in this kind.
        unplaced: records without reference; None where the index does not say.
        longest: the longest reference, in bases, that its bins can hold; None where nothing says so.
        places: what it points at.
    """

    kind: str
    preset: int | None = None
    names: tuple[str, ...] | None = None
    count: int | None = None
    references: dict[int, Reference] | None = None
    unplaced: int | None = None
    longest: int | None = None
    places: Places = field(default_factory=Places)
