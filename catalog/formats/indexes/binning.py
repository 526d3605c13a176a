"""The binning index that BAI, TBI and CSI share: bins, chunks, linear index and pseudo-bins (SAMv1 5, CSIv1, tabix)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.cursor import Cursor
from catalog.formats.indexes.evidence import MOST_REFERENCES, Chunks, IndexContent, Reference
from catalog.formats.protocol import Reading

#: What to do about most findings.
AGAIN = "make the index again (samtools index, bcftools index or tabix)"
_MISLED = "A program that follows the index misses records, or reads from the middle of one."
#: Bins of one reference that are compared for repetition.
_MOST_BINS = 300_000
#: Bins of one reference whose offset is told to be wrong.
_MOST_LATE = 100
_LONGEST_TEXT_BYTES = 64 << 20
_CHUNK_BYTES = 16
_OFFSET_BYTES = 8
#: 16 kb windows of the longest sequence that BAI and TBI can hold.
_MOST_WINDOWS = 1 << 15


class Stopped(Exception):
    """Reading cannot go on, for the reason in the finding. Never leaves the formats package."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def forbidden(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    """A rule that the specification states as a layout or a definition: an error."""
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, source, why)


class BinningRules:
    """The rules that every kind of binning index has, under the kind's own codes.

    Attributes:
        offset: of kinds whose bins have an offset each, else None.
        linear: of kinds with a linear index, else None.
    """

    def __init__(self, kind: str, source: str, *, has_offsets: bool) -> None:
        """Makes the rules of one kind.

        Args:
            kind: the prefix of the codes, such as ``bai``.
            source: the document of the format.
            has_offsets: whether every bin has an offset, in place of a linear index.
        """

        def rule(code: str, message: str, what: str, why: str = "") -> Rule:
            return forbidden(f"{kind}-{code}", message, AGAIN, f"{source} ({what})", why)

        self.magic = rule("magic", f"the file does not start as {kind.upper()} index", "magic")
        self.truncated = rule("truncated", "the index ends inside {part}", "layout", _MISLED)
        self.trailing = rule("trailing-bytes", "bytes follow the end of the index", "n_no_coor is the last field")
        self.count = rule("count", "the number of {part} cannot be right", "counts of what follows")
        self.bin = rule("bin", "a bin has a number that the binning scheme does not have", "bin, reg2bin", _MISLED)
        self.repeated = rule("bin-repeated", "a bin stands twice in one reference", "list of distinct bins", _MISLED)
        self.chunk = rule("chunk", "a chunk does not end behind its start", "start and end of the chunk", _MISLED)
        self.pseudo = rule("pseudo-bin", "the pseudo-bin that counts records is not as it must be", "two chunks")
        self.offset: Rule | None = None
        self.linear: Rule | None = None
        if has_offsets:
            what = "loffset: file offset of the first overlapping record"
            self.offset = rule("offset", "the offset of a bin lies behind its first chunk", what, _MISLED)
        else:
            what = "ioffset: file offset of the first alignment in the interval; sequences up to 2^29-1"
            self.linear = rule("linear", "the linear index is not one of sorted records", what, _MISLED)

    @property
    def all(self) -> tuple[Rule, ...]:
        """Every one of them."""
        return tuple(each for each in vars(self).values() if isinstance(each, Rule))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The sizes of bins.

    Attributes:
        minimal_bits: bases of the smallest bins, as a power of two.
        depth: the level of the smallest bins; level 0 is the one bin over everything.
    """

    minimal_bits: int = 14
    depth: int = 5

    @property
    def limit(self) -> int:
        """The number behind that of the last bin."""
        return ((1 << 3 * (self.depth + 1)) - 1) // 7

    @property
    def first_leaf(self) -> int:
        """The number of the first of the smallest bins."""
        return ((1 << 3 * self.depth) - 1) // 7

    def first_base(self, number: int) -> int:
        """The first base of a bin, counted from 0."""
        if number == self.first_leaf - 1 and self.depth:
            # Records at position 0 or without one are put there (SAMv1, 4.2.1).
            return 0
        first, level = 0, 0
        while number >= first + (1 << 3 * level):
            first += 1 << 3 * level
            level += 1
        return number - first << self.minimal_bits + 3 * (self.depth - level)

    @property
    def pseudo_bin(self) -> int:
        """The number that counts of records stand under."""
        return self.limit + 1


class BinningReader:
    """Reads the references of one index.

    Attributes:
        bins: how many bins were read, pseudo-bins not counted.
        chunks: how many chunks of these.
    """

    def __init__(self, cursor: Cursor, reading: Reading, rules: BinningRules, content: IndexContent) -> None:
        self.bins = 0
        self.chunks = 0
        self._cursor = cursor
        self._reading = reading
        self._rules = rules
        self._content = content
        self._number = 0

    def take(self, size: int, part: str) -> bytes:
        """The next bytes.

        Raises:
            Stopped: the file ends before.
        """
        taken = self._cursor.take(size)
        if len(taken) < size:
            self.stop_cut(part)
        return taken

    def stop_cut(self, part: str) -> NoReturn:
        """Ends the reading of an index that ends too early."""
        raise Stopped(self._rules.truncated.at(self._place(), expected=f"the rest of {part}", part=part))

    def number(self, part: str) -> int:
        """The next signed number of four bytes."""
        return int.from_bytes(self.take(4, part), "little", signed=True)

    def count_of(self, part: str) -> int:
        """The next count.

        Raises:
            Stopped: it is below zero, so that nothing behind it can be found.
        """
        place = self._place()
        count = self.number(part)
        if count < 0:
            raise Stopped(self._rules.count.at(place, expected="0 or more", got=count, part=part))
        return count

    def text(self, size: int, part: str) -> bytes:
        """The next bytes, many or few.

        Raises:
            Stopped: there are not so many, or more than can be right.
        """
        if size > _LONGEST_TEXT_BYTES:
            expected = f"at most {_LONGEST_TEXT_BYTES}"
            raise Stopped(self._rules.count.at(self._place(-4), expected=expected, got=size, part=f"bytes of {part}"))
        taken = b"".join(self._cursor.pieces(size))
        if len(taken) < size:
            self.stop_cut(part)
        return taken

    def references(self, scheme: Scheme) -> None:
        """Reads every reference that the content claims, and what stands behind them.

        Raises:
            Stopped: the rest cannot be read.
        """
        kept: dict[int, Reference] | None = {} if (self._content.count or 0) <= MOST_REFERENCES else None
        for index in range(self._content.count or 0):
            self._number = index + 1
            reference = Reference()
            leaves = self._bins(scheme, reference)
            if self._rules.linear is not None:
                # Older htslib does not put reads that are placed and not mapped into the linear index.
                is_exact = reference.unmapped == 0 or self._content.preset is not None
                self._windows(self._rules.linear, leaves if is_exact else {})
            if kept is not None and (reference.is_used or reference.mapped is not None):
                kept[index] = reference
        self._number = 0
        rest = self._cursor.take(9)
        if len(rest) >= _OFFSET_BYTES:
            self._content.unplaced = int.from_bytes(rest[:_OFFSET_BYTES], "little")
        elif rest:
            self.stop_cut("the number of records without coordinate")
        if len(rest) > _OFFSET_BYTES:
            self.find(self._rules.trailing, self._place(-1), expected="the end of the file")
        self._content.references = kept

    def find(self, rule: Rule, place: Place, *, expected: object, got: object = None) -> None:
        """Puts a finding down."""
        self._reading.find(rule.at(place, expected=expected, got=got))

    def _place(self, back: int = 0) -> Place:
        return Place(record=self._number or None, offset=self._cursor.offset + back)

    def _bins(self, scheme: Scheme, reference: Reference) -> dict[int, int]:
        """Reads the bins of a reference; where the chunks of each of the smallest begin, by window."""
        leaves: dict[int, int] = {}
        all_chunks = Chunks()
        late: list[Finding] = []
        seen: set[int] = set()
        form = struct.Struct("<IQi" if self._rules.offset is not None else "<Ii")
        for _ in range(self.count_of("bins")):
            place = self._place()
            number, *offset, chunks = form.unpack(self.take(form.size, "a bin"))
            if number in seen:
                self.find(self._rules.repeated, place, expected="each bin once", got=number)
            elif len(seen) < _MOST_BINS:
                seen.add(number)
            if chunks < 0:
                rule = self._rules.count
                raise Stopped(rule.at(self._place(-4), expected="0 or more", got=chunks, part="chunks"))
            if number == scheme.pseudo_bin:
                self._pseudo_bin(reference, chunks)
                continue
            if number >= scheme.limit:
                expected = f"a bin below {scheme.limit}, or the pseudo-bin {scheme.pseudo_bin}"
                self.find(self._rules.bin, place, expected=expected, got=number)
            self.bins += 1
            self.chunks += chunks
            first = self._chunks(chunks, all_chunks)
            if chunks and number < scheme.limit:
                reference.is_used = True
                reference.furthest = max(reference.furthest, scheme.first_base(number))
                if offset:
                    self._content.places.add(offset[0])
                if number >= scheme.first_leaf and self._rules.linear is not None:
                    leaves[number - scheme.first_leaf] = first
            if self._rules.offset is not None and chunks and offset[0] > first and len(late) < _MOST_LATE:
                wanted = "an offset not behind the first chunk"
                late.append(self._rules.offset.at(place, expected=wanted, got=f"{offset[0]:#x}"))
        # Older htslib takes only mapped reads into account for the offsets, and every read for the chunks.
        for finding in late if not reference.unmapped or self._content.preset is not None else ():
            self._reading.find(finding)
        reference.spans = all_chunks.joined()
        return leaves

    def _chunks(self, count: int, into: Chunks) -> int:
        """Reads the chunks of one bin; where the first of them begins, in virtual offsets."""
        left = count * _CHUNK_BYTES
        place = self._cursor.offset
        first = 1 << 64
        add = self._content.places.add
        for piece in self._cursor.pieces(left, _CHUNK_BYTES):
            left -= len(piece)
            if len(piece) % _CHUNK_BYTES:
                break
            for begin, end in struct.iter_unpack("<QQ", piece):
                if begin >= end:
                    at = Place(record=self._number, offset=place)
                    self.find(self._rules.chunk, at, expected="begin below end", got=f"{begin:#x} to {end:#x}")
                place += _CHUNK_BYTES
                first = min(first, begin)
                add(begin)
                add(end)
                into.add(begin, end)
        if left:
            self.stop_cut("a chunk")
        return first

    def _pseudo_bin(self, reference: Reference, chunks: int) -> None:
        """Two chunks that are none: where the records of the reference begin and end, and how many there are."""
        place = self._place()
        if chunks != 2:
            self.find(self._rules.pseudo, place, expected="two chunks", got=chunks)
            for _ in self._cursor.pieces(chunks * _CHUNK_BYTES):
                pass
            return
        begin, end, mapped, unmapped = struct.unpack("<QQQQ", self.take(2 * _CHUNK_BYTES, "a pseudo-bin"))
        if begin > end:
            self.find(self._rules.pseudo, place, expected="begin not behind end", got=f"{begin:#x} to {end:#x}")
        else:
            reference.extent = begin, end
            self._content.places.add(begin)
            self._content.places.add(end)
        reference.mapped, reference.unmapped = mapped, unmapped

    def _windows(self, rule: Rule, leaves: Mapping[int, int]) -> None:
        """The linear index: the first record that overlaps each window; 0 for a window without."""
        place = self._place()
        count = self.count_of("windows")
        if count > _MOST_WINDOWS:
            self.find(rule, place, expected=f"at most {_MOST_WINDOWS} windows of 16 kb", got=count)
        left = count * _OFFSET_BYTES
        at = begin = self._cursor.offset
        last = 0
        for piece in self._cursor.pieces(left, _OFFSET_BYTES):
            left -= len(piece)
            if len(piece) % _OFFSET_BYTES:
                break
            for (offset,) in struct.iter_unpack("<Q", piece):
                if offset:
                    if offset < last:
                        where = Place(record=self._number, offset=at)
                        self.find(rule, where, expected="offsets that never decrease", got=f"{offset:#x}")
                    elif offset > leaves.get((at - begin) // _OFFSET_BYTES, offset):
                        where = Place(record=self._number, offset=at)
                        expected = "an offset not behind the chunks of the window's bin"
                        self.find(rule, where, expected=expected, got=f"{offset:#x}")
                    last = offset
                    self._content.places.add(offset)
                at += _OFFSET_BYTES
        if left:
            self.stop_cut("the linear index")
