"""Mates, compared when both have been met; and reads that are there twice.

Only primary records of a template with two reads are compared. What waits for its mate is bounded: in a sorted file few
reads wait at a time.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from catalog.findings import Place, Rule
from catalog.formats.alignment.margin import SAM, Margin, leaning, refused, unwanted
from catalog.kernels import bam_state as at

MATES = leaning(
    "sam-mates",
    "two mates say different things about each other",
    "run samtools fixmate on the file sorted by name, then sort it again",
    f"{SAM}, 1.4 (FLAG 0x8 and 0x20, RNEXT, PNEXT, TLEN)",
    "Variant callers judge pairs by these fields.",
)
ALONE = unwanted(
    "sam-mate-missing",
    "reads of pairs have no mate in the file",
    "look whether the file is a part of another, or was cut",
    "fairline",
)
TWICE = refused(
    "sam-read-twice",
    "a read has two primary records",
    "look whether the file was merged with itself; keep one record of each read",
    f"{SAM}, 1.4 (FLAG): one and only one line of a read is its primary line",
    "It counts twice as evidence.",
)

MATES_RULES: tuple[Rule, ...] = (*MATES.both, ALONE, TWICE)

#: Reads that can wait for their mates; those beyond are not compared.
MOST_WAITING = 500_000
#: Reads whose names are kept, to see whether one comes twice; those beyond are not compared.
MOST_NAMES = 8_000_000
_FAULTS = (
    (at.OTHER_PLACE, "PNEXT", "RNEXT and PNEXT as the mate's RNAME and POS"),
    (at.OTHER_FLAG, "FLAG", "0x8 and 0x20 as the mate's 0x4 and 0x10"),
    (at.OTHER_TEMPLATE, "TLEN", "the mate's TLEN with the other sign"),
)

_PLACE = (1 << 64) - 1

Claim = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MateCounts:
    """How many pairs were compared, how many reads wait for a mate still, and how many were passed over as too many waited."""

    pairs: int
    alone: int
    not_compared: int


class Mates:
    """Compares mates; the plain path."""

    def __init__(self) -> None:
        self._pairs = 0
        self._passed_over = 0
        self.first: dict[int, Place] = {}
        self.counts: dict[int, int] = {}
        self._waiting: dict[int, int] = {}

    def counts_so_far(self) -> MateCounts:
        """What was counted of the reads that were given so far."""
        return MateCounts(pairs=self._pairs, alone=len(self._waiting), not_compared=self._passed_over)

    def add(self, name: bytes, claim: Claim, place: Place) -> None:
        """Takes one read of a pair.

        Args:
            name: of the template.
            claim: own place, place of the mate, rest (see :func:`~catalog.kernels.bam_state.compare_mates`), and
                1 for the first and 2 for the last read.
            place: of the record.
        """
        key = hash(name)
        waiting = self._waiting.get(key)
        own, mate, rest, segment = claim
        if waiting is None:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[key] = (
                    (rest << 64 | mate) << 64 | own
                ) << 2 | segment  # one number takes the least memory
            else:
                self._passed_over += 1
        elif waiting & 3 != segment:
            del self._waiting[key]
            self._pairs += 1
            other = waiting >> 2 & _PLACE, waiting >> 66 & _PLACE, waiting >> 130
            self.note(at.compare_mates(*other, own, mate, rest), place)

    def note(self, found: int, place: Place) -> None:
        """Notes what two mates disagree on, at the second of them."""
        for bit, _, _ in _FAULTS:
            if found & bit:
                self.first.setdefault(bit, place)
                self.counts[bit] = self.counts.get(bit, 0) + 1

    def finish(self, margin: Margin, *, has_middles: bool) -> None:
        """Puts the findings down.

        Args:
            margin: for findings.
            has_middles: whether there are templates of more than two reads; then nothing can be said by pairs.
        """
        if has_middles:
            return
        for bit, column, expected in _FAULTS:
            if bit in self.counts:
                margin.note_many(self.first[bit], self.counts[bit], MATES, column, expected)
        so_far = self.counts_so_far()
        if so_far.alone and not so_far.not_compared:
            margin.note_whole(ALONE, "RNEXT", "both reads of a pair", f"{so_far.alone} alone, {so_far.pairs} pairs")


class Names:
    """Digests of the names of primary records, in the order of the records; 0 for others.

    Attributes:
        digests: one for each record, at most :data:`MOST_NAMES`.
        lines: the lines of the records, in text only.
    """

    def __init__(self) -> None:
        self.digests = array("q")
        self.lines = array("q")

    def add(self, name: bytes, flag: int, line: int | None) -> None:
        """Takes the next record."""
        if len(self.digests) >= MOST_NAMES:
            return
        self.digests.append(self.digest(name, flag) if is_named_primary(name, flag) else 0)
        if line is not None:
            self.lines.append(line)

    def pass_over(self) -> None:
        """Leaves the place of a record empty that could not be read."""
        if len(self.digests) < MOST_NAMES:
            self.digests.append(0)

    def digest(self, name: bytes, flag: int) -> int:
        """A number for a name and which read of its template it is; never 0."""
        return hash((name, flag & (at.PAIRED_BIT | at.FIRST_BIT | at.LAST_BIT))) or 1

    def finish(self, margin: Margin) -> None:
        """Puts the finding down; the place is the second record of the first read that is there twice."""
        twice = set(self._twice())
        if not twice:
            return
        seen: set[int] = set()
        first, count = 0, 0
        for number, digest in enumerate(self.digests):
            if digest in twice:
                if digest in seen:
                    first = first or number
                    count += 1
                seen.add(digest)
        self.note(first, count, margin)

    def note(self, number: int, count: int, margin: Margin) -> None:
        """Puts the finding down, at a record counted from 0."""
        place = Place(line=self.lines[number]) if self.lines else Place(record=number + 1)
        margin.note_many(place, count, TWICE, "QNAME", "one primary record of each read")

    def _twice(self) -> Iterator[int]:
        """Digests that are there more than once."""
        ordered = sorted(self.digests)
        return (one for one, other in pairwise(ordered) if one == other != 0)


def is_named_primary(name: bytes, flag: int) -> bool:
    """Whether a record is a primary one of a read with a name."""
    return not flag & (at.SECONDARY_BIT | at.SUPPLEMENTARY_BIT) and name != b"*"
