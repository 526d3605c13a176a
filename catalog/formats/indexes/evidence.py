"""What an index says about the file that it belongs to: the evidence that its companions compare with that file."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from catalog.findings import Place, Rule

#: Of an index beside its file: the rule, its place, what was expected and what is there, and words of the message.
Found = tuple[Rule, Place, str, str, dict[str, object]]
#: Under this name the content of an index stands in the evidence of its subject.
INDEX = "index"
#: Under this name the slices of a CRAM stand in its evidence.
SLICES = "slices"
#: Beyond these, references and places are not kept; what is not kept is not compared.
MOST_REFERENCES = 250_000
MOST_PLACES = 1_000_000
_MOST_SLICES = 500_000
_MOST_CHUNKS = 300_000
_SLICE_NUMBERS = 6
_IN_BLOCK_BITS, _IN_BLOCK = 16, 0xFFFF
_HIGHEST_OFFSET = (1 << 64) - 1


@dataclass(slots=True, kw_only=True)
class Reference:
    """What an index says about one reference sequence.

    Attributes:
        is_used: whether any place in the file is given for it.
        mapped: its mapped records (of a text file: all its records); None where the index does not say.
        unmapped: its placed records that are not mapped; None likewise.
        extent: where its records begin and end, as virtual offsets; None likewise.
        spans: its chunks, joined where they touch: begin and end of each in turn; None when there are too many.
        furthest: the first base of the furthest bin that has chunks.
    """

    is_used: bool = False
    mapped: int | None = None
    unmapped: int | None = None
    extent: tuple[int, int] | None = None
    spans: array[int] | None = None
    furthest: int = 0


class Chunks:
    """The chunks of one reference."""

    __slots__ = ("_begins", "_ends")

    def __init__(self) -> None:
        self._begins: array[int] | None = array("Q")
        self._ends = array("Q")

    def add(self, begin: int, end: int) -> None:
        """Takes one in; when there are too many, none is kept."""
        if self._begins is not None:
            self._begins.append(min(begin, _HIGHEST_OFFSET))
            self._ends.append(min(end, _HIGHEST_OFFSET))
            if len(self._begins) > _MOST_CHUNKS:
                self._begins, self._ends = None, array("Q")

    def joined(self) -> array[int] | None:
        """Begin and end of each in turn, in order and joined where they touch; None when there are too many."""
        if self._begins is None:
            return None
        return array("Q", (each for span in join(zip(self._begins, self._ends, strict=True)) for each in span))


def join(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, joined where they touch."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


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
            if len(self._all) > MOST_PLACES:
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


class Slices:
    """The slices of a CRAM: as the file has them, or as an index lists them."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers: array[int] | None = array("q")

    def add(self, numbers: tuple[int, ...]) -> None:
        """Takes one in; when there are too many, none is kept.

        Args:
            numbers: the columns of CRAI: reference, start, span, offset of the container, offset in it, size.
        """
        if self._numbers is not None:
            self._numbers.extend(numbers)
            if len(self._numbers) > _MOST_SLICES * _SLICE_NUMBERS:
                self._numbers = None

    def forget(self) -> None:
        """Keeps none: some are not known."""
        self._numbers = None

    @property
    def is_known(self) -> bool:
        """Whether all of them are kept."""
        return self._numbers is not None

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        """The numbers of each, in order."""
        return zip(*[iter(self._numbers or ())] * _SLICE_NUMBERS, strict=True)


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
        slices: what it lists, of an index of CRAM.
        blocks: what it lists, of an index of blocks: offset and offset of the content in turn; None when there are too
            many, or none in this kind.
    """

    kind: str
    preset: int | None = None
    names: tuple[str, ...] | None = None
    count: int | None = None
    references: dict[int, Reference] | None = None
    unplaced: int | None = None
    longest: int | None = None
    places: Places = field(default_factory=Places)
    slices: Slices = field(default_factory=Slices)
    blocks: array[int] | None = None
