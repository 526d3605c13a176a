"""The compiled path of FASTQ: whole runs of records of four lines, stopping at the first that needs the plain one."""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.formats.fastq.counts import Counts
from catalog.formats.fastq.names import MOST_COMMENTS, NUMBER_KEY, Names
from catalog.kernels import fastq as kernels
from catalog.kernels.fastq_layout import (
    AT,
    BAD_LETTER,
    BAD_QUALITY,
    FIRST_QUALITY,
    GC,
    LAST_QUALITY,
    LETTER_SLOTS,
    LETTERS,
    OTHER,
    QUALITIES,
    ROW,
    N,
)

_MOST_RECORDS = 8192
#: After a stop only so many are looked at, so that a file full of stops takes no more than a few times longer.
_FEWEST_RECORDS = 16
#: Where every record is a stop, so many are left to the plain path before the next try.
_LONGEST_PAUSE = 63
_BAD_LETTERS = LETTERS + LETTER_SLOTS * BAD_LETTER
_BAD_QUALITIES = QUALITIES + ROW * BAD_QUALITY
_NUMBERS = 10


class FastPath:
    """Takes records at once, with the same effect on counts and names as the plain path."""

    def __init__(self, counts: Counts, names: Names, letters: bytes) -> None:
        """Begins after the first reads were judged.

        Args:
            counts: of the file; both paths add to them.
            names: likewise.
            letters: that a sequence may have without a finding.
        """
        self._counts = np.frombuffer(counts.table, np.int64)
        self._names = names
        self._places = _places(letters)
        self._bad = np.array([_BAD_LETTERS, _BAD_QUALITIES])
        self._records = np.zeros((_MOST_RECORDS, kernels.COLUMNS), np.int64)
        self._keys = np.zeros(_MOST_RECORDS + 1, np.uint64)
        self._numbers = np.zeros(_MOST_RECORDS + 1, np.int64)
        self._memory = np.zeros(5, np.int64)
        self._comments = np.zeros(4 * MOST_COMMENTS, np.uint64)
        self._comments_known = 0
        self._limit = _MOST_RECORDS
        self._pause = self._rest = 0
        self._length = 0

    def take(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Takes records until one needs the plain path.

        Args:
            buffer: whole lines.
            at: where the next title begins.
            number: its line.

        Returns:
            Where the first line begins that was not taken, and its number.
        """
        if self._rest:
            self._rest -= 1
            return at, number
        began = number
        text = np.frombuffer(buffer, np.uint8)
        while at < len(text):
            records = self._records[: self._limit]
            found = count = int(kernels.find_records(text, at, self._length, records))
            if not found:
                break
            if self._names.is_wanted:
                count = self._pass_names(text, count)
            count = self._tally(text, count)
            if count:
                kernels.measure(records, count, self._counts)
                self._remember(count, number)
                last = records[count - 1]
                self._length = int(last[kernels.LENGTH])
                at = int(last[kernels.QUALITY]) + self._length + 1
                number += 4 * count
            if count < found:
                self._limit = _FEWEST_RECORDS
                break
            if found < len(records):
                break
            self._limit = min(2 * self._limit, _MOST_RECORDS)
        self._pause = 0 if number > began else min(2 * self._pause + 1, _LONGEST_PAUSE)
        self._rest = self._pause
        return at, number

    def _pass_names(self, text: Any, count: int) -> int:
        names = self._names
        lane = np.frombuffer(names.lane, np.uint8)
        count = kernels.hash_names(text, self._records, count, lane, self._keys, self._numbers)
        if names.comments is not None:
            self._learn_comments(names.comments)
            count = kernels.pass_comments(text, self._records, count, self._comments)
        is_waiting = names.waiting is not None
        self._memory[:] = (names.is_interleaved, is_waiting, *names.expected, names.takes_any_number)
        if names.waiting is not None:
            self._keys[0] = names.waiting[0]
        return int(kernels.pass_numbers(self._keys, self._numbers, count, self._memory))

    def _learn_comments(self, comments: dict[int, None]) -> None:
        """Brings the hash table up to date with the comments that the plain path has judged."""
        if len(comments) == self._comments_known:
            return
        for key in list(comments)[self._comments_known :]:
            slot = key % len(self._comments)
            while self._comments[slot]:
                slot = (slot + 1) % len(self._comments)
            self._comments[slot] = key
        self._comments_known = len(comments)

    def _tally(self, text: Any, count: int) -> int:
        """Counts letters and qualities of records; those from the first bad one on are taken back."""
        kernels.tally(text, self._records, count, 1, self._places, self._counts)
        bad = self._counts[_BAD_LETTERS : _BAD_LETTERS + LETTER_SLOTS].any()
        if not bad and not self._counts[_BAD_QUALITIES : _BAD_QUALITIES + ROW].any():
            return count
        kernels.tally(text, self._records, count, -1, self._places, self._counts)
        count = int(kernels.count_good(text, self._records, count, self._places, self._bad))
        kernels.tally(text, self._records, count, 1, self._places, self._counts)
        return count

    def _remember(self, count: int, number: int) -> None:
        names = self._names
        if not names.is_wanted:
            return
        keys, numbers = self._keys[1 : count + 1], self._numbers[1 : count + 1]
        times = np.bincount(numbers, minlength=_NUMBERS)
        found = {each: int(times[each]) for each in range(_NUMBERS) if times[each]}
        names.take_run(number, count, keys.astype("<u8").tobytes(), found)
        names.keys.add_all(keys + numbers.astype(np.uint64) * np.uint64(NUMBER_KEY))
        if names.is_interleaved and (names.waiting is not None) != bool(count % 2):
            names.waiting = (int(keys[-1]), number + 4 * (count - 1))
        elif names.is_interleaved:
            names.waiting = None


def _places(letters: bytes) -> Any:
    """Where the counts of each letter begin, and of each quality."""
    places = np.full((2, 256), _BAD_LETTERS, np.uint32)
    for group, members in ((OTHER, letters), (GC, b"GCgc"), (AT, b"ATUatu"), (N, b"Nn")):
        for letter in members:
            if letter in letters:
                places[0, letter] = LETTERS + LETTER_SLOTS * group
    places[1] = _BAD_QUALITIES
    for quality in range(FIRST_QUALITY, LAST_QUALITY + 1):
        places[1, quality] = QUALITIES + (quality - FIRST_QUALITY) * ROW
    return places
