"""The compiled path through the records of a BAM: its arrays, and the memories that it shares with the plain path.

Imported only for a large file; numpy and the compiled kernels come with it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np

from catalog.findings import Place
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.margin import Margin
from catalog.formats.alignment.mates import MOST_NAMES, MOST_WAITING, Claim, MateCounts, Mates, Names, is_named_primary
from catalog.formats.alignment.order import COORDINATE, QUERYNAME
from catalog.formats.alignment.records import RecordJudge
from catalog.formats.alignment.tags import RESERVED
from catalog.kernels import bam as walking
from catalog.kernels import bam_fields, bam_mates, bam_text
from catalog.kernels import bam_state as at

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALLOWED = {
    b"A": bam_fields.IS_A,
    b"i": bam_fields.IS_WHOLE,
    b"Z": bam_fields.IS_TEXT,
    b"BC": bam_fields.IS_BYTES,
    b"BS": bam_fields.IS_SHORTS,
    b"BI": 0,
}
_ORDERS = {COORDINATE: walking.BY_COORDINATE, QUERYNAME: walking.BY_NAME}
_NO_ORDER = 2
_STARTS = 65536
_ROOM_BYTES = 8
#: Makes every place in the stream one below zero, which is not shown.
_NOWHERE = -(1 << 62)
_FIRST_ROWS = 1 << 14
#: A table of mates grows when it is fuller than this share of eight.
_FULL_EIGHTHS = 5


def _bytes_of(text: bytes) -> Any:
    """A text as an array, with room before and behind it for reading eight bytes at once."""
    return np.frombuffer(bytes(_ROOM_BYTES) + text + bytes(_ROOM_BYTES), np.uint8)


def _digest_of(text: bytes) -> int:
    return int(bam_text.digest_of(_bytes_of(text), _ROOM_BYTES, len(text)))


class FastMates(Mates):
    """Compares mates through a compiled table; the claims of both paths go through it in their order."""

    def __init__(self, state: array[int]) -> None:
        super().__init__()
        self._state = state
        self.claims = np.zeros((walking.CLAIM_ROWS, 6), np.int64)
        self._table = np.zeros((_FIRST_ROWS, 4), np.int64)
        self._memory = np.zeros(bam_mates.MEMORY_NUMBERS, np.int64)

    def add(self, name: bytes, claim: Claim, place: Place) -> None:
        """Takes one read of a pair; see :meth:`~catalog.formats.alignment.mates.Mates.add`."""
        if self._state[at.CLAIMS] >= walking.CLAIM_ROWS:
            self.flush()
        own, mate, rest, segment = claim
        digest = np.uint64(_digest_of(name)).astype(np.int64)
        self.claims[self._state[at.CLAIMS]] = (
            digest,
            own,
            mate,
            rest << 2 | segment,
            place.record or 0,
            place.offset or 0,
        )
        self._state[at.CLAIMS] += 1

    def flush(self) -> None:
        """Compares the claims so far."""
        count = self._state[at.CLAIMS]
        rows = len(self._table)
        while (self._memory[bam_mates.WAITING] + count) * 8 > rows * _FULL_EIGHTHS:
            rows *= 2
        if rows > len(self._table):
            larger = np.zeros((rows, 4), np.int64)
            bam_mates.grow(self._table, larger)
            self._table = larger
        bam_mates.match(self.claims, count, self._table, self._memory, MOST_WAITING)
        self._state[at.CLAIMS] = 0

    def counts_so_far(self) -> MateCounts:
        """What was counted of the reads that were given so far."""
        self.flush()
        pairs, alone, not_compared = (
            int(self._memory[number]) for number in (bam_mates.PAIRS, bam_mates.WAITING, bam_mates.PASSED_OVER)
        )
        return MateCounts(pairs=pairs, alone=alone, not_compared=not_compared)

    def finish(self, margin: Margin, *, has_middles: bool) -> None:
        """Puts the findings down."""
        self.flush()
        for kind, bit in enumerate((at.OTHER_PLACE, at.OTHER_FLAG, at.OTHER_TEMPLATE)):
            count, record, offset = map(int, self._memory[bam_mates.FAULTS + 3 * kind :][:3])
            if count:
                self.first[bit] = Place(record=record, offset=offset if offset > 0 else None)
                self.counts[bit] = count
        super().finish(margin, has_middles=has_middles)


class FastNames(Names):
    """Keys of reads in a numpy array."""

    def __init__(self, state: array[int]) -> None:
        super().__init__()
        self._state = state
        self.keys = np.zeros(MOST_NAMES, np.int64)  # memory comes with use

    def add(self, name: bytes, flag: int, line: int | None) -> None:
        """Takes the record that was counted last."""
        number = self._state[at.RECORDS] - 1
        if number < MOST_NAMES:
            self.keys[number] = self.digest(name, flag) if is_named_primary(name, flag) else 0

    def pass_over(self) -> None:
        """Nothing: places are those of the records."""

    def digest(self, name: bytes, flag: int) -> int:
        """A number for a name and which read of its template it is; never 0."""
        return int(bam_text.read_key(np.uint64(_digest_of(name)), flag))

    def finish(self, margin: Margin) -> None:
        """Puts the finding down."""
        keys = self.keys[: min(self._state[at.RECORDS], MOST_NAMES)]
        count = _repetitions(keys)
        if not count:
            return
        # Sorting parts of it anew takes no memory but that of one copy.
        without, having = 0, len(keys)
        while having - without > 1:
            middle = (without + having) // 2
            if _repetitions(keys[:middle]):
                having = middle
            else:
                without = middle
        self.note(having - 1, count, margin)


def _repetitions(keys: np.ndarray) -> int:
    """How many keys other than 0 are there again."""
    ordered = np.sort(keys)
    return int(np.count_nonzero((ordered[1:] == ordered[:-1]) & (ordered[1:] != 0)))


class FastWalk:
    """Goes over records as long as there is nothing to say about them."""

    def __init__(self, judge: RecordJudge, header: Header, margin: Margin, *, with_starts: bool) -> None:
        """Takes the place of the plain memories of mates and names.

        Args:
            judge: whose counters, order and memories are shared.
            header: of the file.
            margin: for what is wanted.
            with_starts: whether somebody asks where records begin.
        """
        state = judge.tally.state
        self._mates = judge.mates = FastMates(state)
        self._names = np.zeros(0, np.int64)
        if margin.wants_bank_rules:
            names = judge.names = FastNames(state)
            self._names = names.keys
        self._setting = np.zeros(walking.SETTING_NUMBERS, np.int64)
        self._setting[walking.ORDER] = _ORDERS.get(judge.order.wanted, _NO_ORDER)
        self._setting[walking.WITH_NAMES] = margin.wants_bank_rules
        self._setting[walking.WITH_STARTS] = with_starts
        self._state = np.frombuffer(state, np.int64)
        self._per_contig = np.frombuffer(judge.tally.per_contig, np.int64) if header.lengths else np.zeros(0, np.int64)
        self._lengths = np.array(
            [-length if number in header.circular else length for number, length in enumerate(header.lengths)], np.int64
        )
        self._tables = (_allowed(header), np.zeros(1 << 16, np.int32), np.zeros(1, np.int32))
        self._known = _known(header)
        self._last_name = np.frombuffer(judge.order.last_name, np.uint8)
        self._starts = np.zeros(_STARTS if with_starts else 0, np.int64)
        self._found: list[Any] = []

    def pass_over(self, buffer: bytes, begin: int, offset: int | None) -> int:
        """Passes over records; see :class:`~catalog.formats.alignment.bam.Walk`."""
        view = np.frombuffer(buffer, np.uint8)
        self._setting[walking.OFFSET] = _NOWHERE if offset is None else offset
        self._found = []
        while True:
            self._setting[walking.STARTS] = 0
            begin = walking.walk(
                view, begin, self._setting, self._state, self._lengths, self._per_contig, self._tables, self._known,
                self._last_name, self._mates.claims, self._names, self._starts,
            )  # fmt: skip
            if self._setting[walking.STARTS]:
                self._found.append(self._starts[: self._setting[walking.STARTS]].copy())
            if not self._setting[walking.IS_FULL]:
                return begin
            if self._state[at.CLAIMS] >= walking.CLAIM_ROWS:
                self._mates.flush()

    def starts(self) -> Any:
        """Where the records begin that were passed over last, behind their block_size."""
        found: Any = np.concatenate(self._found) if self._found else ()
        return found


def _allowed(header: Header) -> Any:
    """What each name of an optional field may have; nothing for what is no name."""
    allowed = np.zeros(1 << 16, np.uint8)
    for first in _LETTERS:
        for second in _LETTERS + b"0123456789":
            allowed[second << 8 | first] = bam_fields.ANY_TYPE
    for name, kind in RESERVED.items():
        allowed[int.from_bytes(name, "little")] = _ALLOWED[kind]
    for name in (b"RG", b"PG", b"LB", b"PU") if header.read_groups else (b"RG", b"PG"):
        allowed[int.from_bytes(name, "little")] |= bam_fields.IS_LOOKED_UP
    return allowed


def _values(header: Header) -> Iterator[tuple[bytes, bytes]]:
    yield from ((b"RG", value) for value in header.read_groups)
    yield from ((b"PG", value) for value in header.programs)
    for tag in (b"LB", b"PU"):
        yield from ((tag, group[tag]) for group in header.read_groups.values() if tag in group)


def _known(header: Header) -> Any:
    """Digests of the values that records may name, each where it is looked for first or behind that place."""
    values = set(_values(header))
    known = np.zeros(max(16, 1 << (2 * len(values)).bit_length()), np.uint64)
    for tag, value in values:
        digest = int(bam_text.mixed(np.uint64(_digest_of(value)), np.uint64(int.from_bytes(tag, "little"))))
        place = (digest >> 29) & (len(known) - 1)
        while known[place]:
            place = (place + 1) & (len(known) - 1)
        known[place] = digest
    return known
