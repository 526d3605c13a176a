"""The chunks of an index and the blocks of the file that it belongs to, held against each other (SAMv1, 5)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from catalog.findings import Place
from catalog.formats.indexes.binning import AGAIN, forbidden
from catalog.formats.indexes.evidence import Found, IndexContent, Reference, join

_MISLED = "A program that follows the index misses records, or reads from the middle of one."
COVER = forbidden(
    "index-cover",
    "the chunks of {contig} are not where the index says that its records begin and end",
    AGAIN,
    "SAMv1, 5.1 (each alignment is associated with a bin) and 5.2 (ref_beg, ref_end)",
    _MISLED,
)
ORDER = forbidden(
    "index-chunk-order",
    "the chunks of {contig} do not lie behind those of the reference before",
    AGAIN,
    "SAMv1, 5.1: the index is of a file that is sorted by reference and position",
    _MISLED,
)
BEHIND = forbidden(
    "index-bin-behind-contig",
    "a bin of {contig} begins behind the end of the contig",
    AGAIN,
    "SAMv1, 5.3 (reg2bin); CSIv1 (bins of minimal interval and depth)",
    "The records of the bin would not be found.",
)
BLOCKS = forbidden(
    "index-blocks",
    "the index does not list the blocks of the file",
    "make the index again (bgzip -r)",
    "bgzip(1), gzi format: the compressed and the uncompressed offset of every block but the first",
    "A program that follows the index reads other bytes than were asked for.",
)
_IN_BLOCK_BITS, _IN_BLOCK = 16, 0xFFFF
#: References that are named in findings.
_LISTED = 20


class Content:
    """Where the content of a block-compressed file lies, by virtual offset."""

    def __init__(self, blocks: Sequence[int], contents: Sequence[int], size: int) -> None:
        """Of one file.

        Args:
            blocks: where each block starts, in order.
            contents: where the content of each starts.
            size: of the stored file.
        """
        self._blocks = blocks
        self._contents = contents
        self._size = size

    def place_of(self, offset: int) -> int | None:
        """A virtual offset as a place in the content; None for what is in no block."""
        start, within = offset >> _IN_BLOCK_BITS, offset & _IN_BLOCK
        number = bisect_left(self._blocks, start)
        if number < len(self._blocks) and self._blocks[number] == start:
            return self._contents[number] + within
        return self._contents[-1] if start == self._size and self._contents else None

    def entries(self) -> Iterator[tuple[int, int, bool]]:
        """Start, start of the content, and whether it surely has some, of every block but the first."""
        last = len(self._blocks) - 1
        for number in range(1, last + 1):
            begin = self._contents[number]
            yield self._blocks[number], begin, number < last and self._contents[number + 1] > begin


def judge_cover(references: Mapping[int, Reference], names: Sequence[str], content: Content) -> Iterator[Found]:
    """Whether the chunks of each reference are together what the index says of its records."""
    left = _LISTED
    for number, reference in references.items():
        if reference.extent is None or not reference.spans:
            continue
        stated = content.place_of(reference.extent[0]), content.place_of(reference.extent[1])
        places = [content.place_of(each) for each in reference.spans]
        known = [each for each in places if each is not None]
        if None in stated or len(known) < len(places):
            continue
        spans = join(zip(known[::2], known[1::2], strict=True))
        if spans != [stated] and left:
            left -= 1
            got = ", ".join(f"{begin} to {end}" for begin, end in spans[:3])
            expected = f"bytes {stated[0]} to {stated[1]} of the content"
            yield COVER, _place(number, names), expected, got, {"contig": _name(number, names)}


def judge_order(references: Mapping[int, Reference], names: Sequence[str], *, is_sorted: bool) -> Iterator[Found]:
    """Whether the references lie one behind the other; in the order of their numbers where the file is sorted so."""
    used = [(each.spans[0], each.spans[-1], number) for number, each in references.items() if each.spans]
    behind = 0
    for begin, end, number in used if is_sorted else sorted(used):
        if begin < behind:
            got = f"{begin:#x}, the one before ends at {behind:#x}"
            words: dict[str, object] = {"contig": _name(number, names)}
            yield ORDER, _place(number, names), "chunks behind those before", got, words
            return
        behind = end


def judge_reach(
    references: Mapping[int, Reference], names: Sequence[str], lengths: Mapping[str, int]
) -> Iterator[Found]:
    """Whether every bin begins on its contig; one base behind the end is a telomere."""
    left = _LISTED
    for number, reference in references.items():
        name = _name(number, names)
        length = lengths.get(name)
        if length is not None and reference.furthest > length and left:
            left -= 1
            yield (
                BEHIND,
                _place(number, names),
                f"bins of {length} bases",
                f"base {reference.furthest + 1}",
                {"contig": name},
            )


def judge_blocks(index: IndexContent, content: Content) -> Iterator[Found]:
    """Whether a list of blocks has all of them but the first; those without content may stand there or not."""
    if index.blocks is None:
        return
    listed = iter(zip(index.blocks[::2], index.blocks[1::2], strict=True))
    line, entry = 1, next(listed, None)
    for start, begin, is_needed in content.entries():
        if entry == (start, begin):
            line, entry = line + 1, next(listed, None)
        elif is_needed:
            got = f"{entry[0]}, {entry[1]}" if entry else "no entry"
            yield BLOCKS, Place(record=line), f"{start}, {begin}", got, {}
            return
    if entry is not None:
        yield BLOCKS, Place(record=line), "no more entries", f"{entry[0]}, {entry[1]}", {}


def _name(number: int, names: Sequence[str]) -> str:
    return names[number] if number < len(names) else f"reference number {number}"


def _place(number: int, names: Sequence[str]) -> Place:
    return Place(record=number + 1, column=names[number] if number < len(names) else None)
