"""What the names of reads say together: mates in one file, lanes, barcodes, names that come twice."""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePath

from catalog.findings import Place, Rule
from catalog.formats.fastq.keys import Keys
from catalog.formats.fastq.rules import (
    BARCODE,
    FLOW_CELLS,
    INTERLEAVED_MATE,
    INTERLEAVING,
    LANES,
    MATES_MIXED,
    TWICE,
)
from catalog.formats.fastq.titles import (
    Title,
    are_one_sample,
    barcode_of,
    illumina_facts,
    key_of,
    lane_of,
    parse_title,
)
from catalog.formats.protocol import Facts, Reading

#: Reads whose names are digested together, so that mates that differ are found again quickly.
BLOCK_READS = 1 << 16
#: Where reads of several lanes take turns, or comments never repeat, they are not followed for ever.
_MOST_LANE_CHANGES = 1_000
MOST_COMMENTS = 1 << 13
#: Interleaved mates without numbers are told from reads of one name by two pairs.
_READS_TO_DECIDE = 4
_MOST_BREAKS = 100_000
_MASK = (1 << 64) - 1
#: Keeps mates of one name apart where names are compared.
NUMBER_KEY = 0x9E3779B97F4A7C15


class Lines:
    """On which line each record begins; records of four lines need no memory."""

    def __init__(self) -> None:
        self._records = array("q")
        self._lines = array("q")
        self._next = -1

    def begin(self, record: int, line: int, count: int = 1) -> None:
        """Notes where records of four lines begin that follow each other."""
        if line != self._next and len(self._records) < _MOST_BREAKS:
            self._records.append(record)
            self._lines.append(line)
        self._next = line + 4 * count

    def line_of(self, record: int) -> int | None:
        """The line of a record; None where too many records have other than four lines."""
        at = bisect_right(self._records, record) - 1
        if at < 0 or (at == len(self._records) - 1 and at + 1 >= _MOST_BREAKS):
            return None
        return self._lines[at] + 4 * (record - self._records[at])


class Digests:
    """Digests of the names of every :data:`BLOCK_READS` reads, in order, and where each block begins."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self._digests: list[bytes] = []
        self._hash = hashlib.blake2b(digest_size=8)
        self._in_block = 0

    @property
    def room(self) -> int:
        """Reads until a block is full, or a whole block where the next read begins one."""
        return BLOCK_READS - self._in_block

    def add(self, line: int, keys: bytes, count: int) -> None:
        """Takes names that follow each other, of at most :attr:`room` reads.

        Args:
            line: where the first read begins.
            keys: eight bytes a read, the lowest first.
            count: of reads.
        """
        if self._in_block == 0:
            self.lines.append(line)
        self._hash.update(keys)
        self._in_block += count
        if self._in_block == BLOCK_READS:
            self._end_block()

    def _end_block(self) -> None:
        self._digests.append(self._hash.digest())
        self._hash = hashlib.blake2b(digest_size=8)
        self._in_block = 0

    def finish(self) -> list[bytes]:
        """The digests of all blocks, the last one of fewer reads."""
        if self._in_block:
            self._end_block()
        return self._digests


class Names:
    """Judges the names of reads in their order.

    The compiled path reads and changes the public attributes; it stops where :meth:`take` would find something or
    learn something new.

    Attributes:
        is_wanted: whether the bank's rules are asked for; else only the first reads are looked at.
        is_interleaved: whether mates follow each other.
        expected: the numbers of mates that titles give: of first and second reads, equal where not interleaved.
        takes_any_number: whether numbers are not compared, after they were found mixed.
        lane: what names begin with; empty when lanes are not followed.
        comments: keys of the comments that were judged; None when they are not followed.
        waiting: key and line of a first read whose mate comes next.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._first: list[tuple[int, bytes]] = []
        self._facts: Facts = {}
        self._records = 0
        self._keys = Keys()
        self._lines = Lines()
        self._digests = Digests()
        self._numbers: dict[int, int] = {}
        self._lanes: set[bytes] = set()
        self._lane_changes = 0
        self._barcode = b""
        self._is_decided = False
        self.is_wanted = reading.wants_bank_rules
        self.is_interleaved = False
        self.expected = (0, 0)
        self.takes_any_number = False
        self.lane = b""
        self.comments: dict[int, None] | None = None
        self.waiting: tuple[int, int] | None = None

    @property
    def is_decided(self) -> bool:
        """Whether the first reads told how names are to be read."""
        return self._is_decided

    def take(self, line: int, title: bytes) -> None:
        """Takes the title of the next read and the line on which it stands."""
        if self._is_decided:
            if self.is_wanted:
                self._judge(line, title)
            return
        self._first.append((line, title))
        if len(self._first) == _READS_TO_DECIDE:
            self._decide()

    def finish(self, *, is_whole: bool) -> Facts:
        """The file is over: facts, and the evidence that mates are compared by.

        Args:
            is_whole: whether the file could be read to its end.
        """
        if not self._is_decided:
            self._decide()
        if self.is_wanted and is_whole:
            self._reading.evidence["fastq-names"] = {
                "digests": self._digests.finish(),
                "lines": self._digests.lines,
                "numbers": self._numbers,
                "is_sound": not self._reading.has_errors,
            }
            self._judge_whole()
        self._keys.close()
        return self._facts

    def _decide(self) -> None:
        """Learns from the first reads whether mates are interleaved, and what is to stay the same."""
        self._is_decided = True
        first, self._first = self._first, []
        if not first:
            return
        titles = [parse_title(title) for _, title in first]
        self.is_interleaved = _are_interleaved(titles)
        self._facts = {**illumina_facts(first[0][1]), "interleaved": self.is_interleaved}
        if b"synthetic" in first[0][1].lower():
            self._facts["synthetic"] = True
        has_numbers = any(title.number for title in titles)
        number = titles[0].number
        self.expected = ((1, 2) if has_numbers else (0, 0)) if self.is_interleaved else (number, number)
        self.lane = lane_of(first[0][1])
        self._lanes.add(self.lane)
        self._barcode = barcode_of(titles[0].comment)
        self.comments = {} if self._barcode else None
        if self.is_wanted:
            for line, title in first:
                self._judge(line, title)

    def _judge(self, line: int, title: bytes) -> None:
        parts = parse_title(title)
        key = key_of(parts.root)
        number = self._pair(line, parts, key) if self.is_interleaved else self._same_number(line, parts)
        if self.lane and not title.startswith(self.lane):
            self._judge_lane(line, title)
        if self.comments is not None and (comment := key_of(parts.comment)) not in self.comments:
            self._judge_comment(line, parts.comment, comment)
        self._lines.begin(self._records, line)
        self._digests.add(line, key.to_bytes(8, "little"), 1)
        self._keys.add(key + NUMBER_KEY * number & _MASK)
        self._numbers[number] = self._numbers.get(number, 0) + 1
        self._records += 1

    def take_run(self, line: int, count: int, keys: bytes, numbers: dict[int, int]) -> None:
        """Takes reads of four lines that follow each other and that nothing is to be said about.

        Args:
            line: of the first read.
            count: of reads.
            keys: of their names, eight bytes each, the lowest first.
            numbers: how many of them have which number of a mate.
        """
        self._lines.begin(self._records, line, count)
        done = 0
        while done < count:
            part = min(count - done, self._digests.room)
            self._digests.add(line + 4 * done, keys[8 * done : 8 * (done + part)], part)
            done += part
        for number, times in numbers.items():
            self._numbers[number] = self._numbers.get(number, 0) + times
        self._records += count

    @property
    def keys(self) -> Keys:
        """The keys by which names are compared: of a name plus :data:`NUMBER_KEY` times the number of the mate."""
        return self._keys

    def _pair(self, line: int, title: Title, key: int) -> int:
        """Follows the pairs of an interleaved file; the number of the mate that the read is."""
        first, second = self.expected
        if self.waiting is not None:
            if title.number == second and key == self.waiting[0]:
                self.waiting = None
                return 2
            self._find(INTERLEAVED_MATE, self.waiting[1], "name", "the other mate on the next record", "another read")
            self.waiting = None
        if title.number == first:
            self.waiting = (key, line)
            return 1
        self._find(INTERLEAVED_MATE, line, "name", "the first mate on the record before", title.root)
        return title.number

    def _same_number(self, line: int, title: Title) -> int:
        if title.number != self.expected[0] and not self.takes_any_number:
            self.takes_any_number = True
            if title.number and self.expected[0]:
                expected = f"reads of mate {self.expected[0]} only, or mates one after the other"
                self._find(MATES_MIXED, line, "name", expected, f"a read of mate {title.number}")
        return title.number

    def _judge_lane(self, line: int, title: bytes) -> None:
        """Another lane than that of the read before: noted once."""
        self._lane_changes += 1
        if self._lane_changes > _MOST_LANE_CHANGES:
            self.lane = b""
            return
        lane = lane_of(title)
        if not lane:
            return
        if lane not in self._lanes:
            flow_cells = {each.rsplit(b":", 2)[0] for each in self._lanes}
            rule = LANES if lane.rsplit(b":", 2)[0] in flow_cells else FLOW_CELLS
            self._find(rule, line, "name", "one lane", lane.removesuffix(b":"))
            self._lanes.add(lane)
        self.lane = lane

    def _judge_comment(self, line: int, comment: bytes, key: int) -> None:
        """A comment that was not met before: its barcode is compared with that of the first read."""
        assert self.comments is not None
        barcode = barcode_of(comment)
        if barcode and not are_one_sample(self._barcode, barcode):
            self._find(BARCODE, line, "name", self._barcode.decode("utf-8", "replace"), barcode)
        self.comments[key] = None
        if len(self.comments) >= MOST_COMMENTS:
            self.comments = None

    def _judge_whole(self) -> None:
        if self.waiting is not None:
            self._find(
                INTERLEAVED_MATE, self.waiting[1], "name", "the other mate on the next record", "end of the file"
            )
        name = PurePath(self._reading.path).name
        if self._records and self.is_interleaved != ("interleaved" in name.lower()):
            expected = "'interleaved' in the name" if self.is_interleaved else "mates one after the other"
            self._reading.find(INTERLEAVING.at(expected=expected, got=name))
        repeated = self._keys.repeated()
        if len(self._keys) < self._records:
            self._facts["names_compared"] = len(self._keys)
        if repeated is not None:
            place = Place(line=self._lines.line_of(repeated.record), record=repeated.record + 1, column="name")
            got = f"that of read {repeated.earlier + 1}"
            self._reading.find(replace(TWICE.at(place, expected="a name of its own", got=got), count=repeated.times))

    def _find(self, rule: Rule, line: int, column: str, expected: str, got: object) -> None:
        self._reading.find(rule.at(Place(line=line, column=column), expected=expected, got=got))


def _are_interleaved(titles: list[Title]) -> bool:
    """Whether the first reads are pairs: by their numbers, else by two pairs of names."""
    pairs = list(pairwise(titles))
    if any(one.root == two.root and (one.number, two.number) == (1, 2) for one, two in pairs):
        return True
    if len(titles) < _READS_TO_DECIDE or any(title.number for title in titles):
        return False
    first, second, third, fourth = (title.root for title in titles)
    return first == second != third == fourth
