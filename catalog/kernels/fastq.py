"""FASTQ over whole buffers: records of four lines are found, their names hashed, their letters and qualities counted.

Each pass goes over all records that the one before has found, and says how many of them it takes; what is left is for
the plain path. Separate passes let the compiler and the processor do each at several bytes a nanosecond.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.kernels import kernel
from catalog.kernels.fastq_layout import (
    BASES,
    CYCLES,
    EXACT_LENGTHS,
    FIRST_PRIME,
    LENGTHS,
    LETTER_MASK,
    LONGEST,
    LONGEST_TITLE,
    RECORDS,
    SECOND_PRIME,
    SHORTEST,
    TAIL_MASK,
)

#: Columns of the table of records: title, end of its name, its end, sequence, number of bases, quality.
TITLE, NAME_END, TITLE_END, SEQUENCE, LENGTH, QUALITY = range(6)
COLUMNS = 6
#: Members of the memory of names.
IS_INTERLEAVED, IS_WAITING, FIRST_NUMBER, SECOND_NUMBER, ANY_NUMBER = range(5)

_FIRST = np.uint64(FIRST_PRIME)
_SECOND = np.uint64(SECOND_PRIME)
_BYTE, _TWO, _THREE, _WORD = np.uint64(8), np.uint64(16), np.uint64(24), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_NOTHING = np.uint64(0)
#: Bytes that the compiler compares at once.
_STEP = 32


@kernel
def line_end(text: Any, at: int) -> int:
    """Where the line ends that ``at`` is in; the text ends with LF."""
    size = len(text)
    while at + _STEP <= size:
        is_there = False
        for letter in text[at : at + _STEP]:
            is_there |= letter == 10
        if is_there:
            break
        at += _STEP
    while text[at] != 10:
        at += 1
    return at


@kernel
def find_records(text: Any, at: int, length: int, records: Any) -> int:
    """Finds records of four lines whose title is named, whose + fits and whose quality is as long as the sequence.

    Args:
        text: whole lines, each ended by LF.
        at: where the first title line begins.
        length: how many bases the first read probably has.
        records: the table that is filled.

    Returns:
        How many were found before one that is not so, or the end.
    """
    size = len(text)
    found = 0
    while found < len(records) and at < size and text[at] == 64:
        title_end = line_end(text, at + 1)
        sequence = title_end + 1
        if sequence >= size:
            break
        # Most reads are as long as the one before: a guess that fits at four places needs no search.
        plus = sequence + length + 1
        end = plus + length + 2
        if end >= size or text[plus - 1] != 10 or text[plus] != 43 or text[plus + 1] != 10 or text[end] != 10:
            plus = line_end(text, sequence) + 1
        length = plus - sequence - 1
        if not 2 <= title_end - at <= LONGEST_TITLE or text[at + 1] <= 32 or text[title_end - 1] == 13:
            break
        if length < 1 or plus + 1 >= size or text[plus] != 43:
            break
        quality = plus + 2
        if text[plus + 1] != 10:
            shift = plus - at
            mark = at + 1
            while mark < title_end and text[mark] == text[mark + shift]:
                mark += 1
            if text[mark + shift] != 10 or text[mark] > 32:
                break
            quality = mark + shift + 1
        if quality + length >= size or text[quality + length] != 10:
            break
        records[found, TITLE] = at + 1
        records[found, TITLE_END] = title_end
        records[found, SEQUENCE] = sequence
        records[found, LENGTH] = length
        records[found, QUALITY] = quality
        found += 1
        at = quality + length + 1
    return found


@kernel
def key_of(name: Any, before: Any) -> Any:
    """The key of some bytes, which is the number they spell modulo two primes, after bytes whose key is known."""
    first = before >> _WORD
    second = before & _LOW
    whole = len(name) >> 2
    for word in range(whole):
        place = 4 * word
        letters = (
            np.uint64(name[place]) << _THREE
            | np.uint64(name[place + 1]) << _TWO
            | np.uint64(name[place + 2]) << _BYTE
            | np.uint64(name[place + 3])
        )
        first = (first << _WORD | letters) % _FIRST
        second = (second << _WORD | letters) % _SECOND
    for place in range(4 * whole, len(name)):
        first = (first << _BYTE | np.uint64(name[place])) % _FIRST
        second = (second << _BYTE | np.uint64(name[place])) % _SECOND
    return first << _WORD | second


@kernel
def is_run_read(text: Any, start: int, end: int) -> bool:
    """Whether a name is of the kind SRR123.4.1: run, spot and number of the mate."""
    if end - start < 8 or text[start + 1] != 82 or text[start + 2] != 82 or text[end - 2] != 46:
        return False
    if text[start] != 83 and text[start] != 69 and text[start] != 68:
        return False
    if text[end - 1] != 49 and text[end - 1] != 50:
        return False
    dots = 0
    for place in range(start + 3, end - 2):
        if text[place] == 46:
            dots += 1
            if place == start + 3 or place == end - 3:
                return False
        elif text[place] < 48 or text[place] > 57:
            return False
    return dots == 1


@kernel
def hash_names(text: Any, records: Any, count: int, lane: Any, keys: Any, numbers: Any) -> int:
    """Hashes the names of reads without the number of the mate, and takes that number.

    Args:
        text: whole lines.
        records: the table of records; the end of each name is filled in.
        count: how many there are.
        lane: what each name begins with; empty when that does not matter.
        keys: receives the keys, from the second element on.
        numbers: receives the numbers of mates, likewise; 0 where a title says none.

    Returns:
        How many were taken before one of another lane.
    """
    same = len(lane)
    lane_key = key_of(lane, _NOTHING)
    for record in range(count):
        start = records[record, TITLE]
        title_end = records[record, TITLE_END]
        for place in range(min(same, title_end - start)):
            if text[start + place] != lane[place]:
                return record
        if title_end - start < same:
            return record
        end = start + same
        while text[end] > 32:
            end += 1
        records[record, NAME_END] = end
        number: Any = 0
        root_end = end
        if (end - start > 2 and text[end - 2] == 47 and 49 <= text[end - 1] <= 57) or (
            text[start + 1] == 82 and is_run_read(text, start, end)
        ):
            number = np.int64(text[end - 1]) - 48
            root_end = end - 2
        elif end + 4 < title_end and text[end + 2] == 58 and text[end + 4] == 58:
            is_told = text[end + 3] == 78 or text[end + 3] == 89
            number = np.int64(text[end + 1]) - 48 if is_told and 49 <= text[end + 1] <= 57 else 0
        keys[record + 1] = key_of(text[start + same : root_end], lane_key)
        numbers[record + 1] = number
    return count


@kernel
def pass_comments(text: Any, records: Any, count: int, known: Any) -> int:
    """Passes over records whose comment is that of the record before, or one that was judged already.

    Args:
        text: whole lines.
        records: the table of records.
        count: how many there are.
        known: a hash table of keys of comments, its size a power of two, 0 for a free place.

    Returns:
        How many were passed before one that is not known.
    """
    mask = np.uint64(len(known) - 1)
    last = 0
    last_size = -1
    for record in range(count):
        start = records[record, NAME_END] + 1
        size = records[record, TITLE_END] - start
        same = size == last_size
        if same:
            for place in range(size):
                same &= text[start + place] == text[last + place]
        if not same:
            key = key_of(text[start : start + size], _NOTHING)
            slot = key & mask
            while known[slot] != key:
                if known[slot] == 0:
                    return record
                slot = (slot + np.uint64(1)) & mask
        last = start
        last_size = size
    return count


@kernel
def pass_numbers(keys: Any, numbers: Any, count: int, memory: Any) -> int:
    """Passes over reads whose mates' numbers are as expected, and in an interleaved file follow each other.

    Args:
        keys: of the names, the first one of the read before.
        numbers: of the mates, likewise; filled in where an interleaved file gives none.
        count: how many reads there are.
        memory: what is expected; ``IS_WAITING`` is brought up to date.

    Returns:
        How many were passed before one that is not so.
    """
    for place in range(1, count + 1):
        if memory[IS_INTERLEAVED]:
            if numbers[place] != memory[FIRST_NUMBER + memory[IS_WAITING]]:
                return place - 1
            if memory[IS_WAITING] and keys[place] != keys[place - 1]:
                return place - 1
            if numbers[place] == 0:
                numbers[place] = 1 + memory[IS_WAITING]
            memory[IS_WAITING] = 1 - memory[IS_WAITING]
        elif numbers[place] != memory[FIRST_NUMBER] and not memory[ANY_NUMBER]:
            return place - 1
    return count


@kernel
def tally(text: Any, records: Any, count: int, sign: int, places: Any, counts: Any) -> None:
    """Counts letters by their class and qualities by cycle.

    Args:
        text: whole lines.
        records: the table of records.
        count: how many there are.
        sign: 1, or -1 to take them back.
        places: where the counts of each letter and of each quality begin: two rows of 256, unsigned.
        counts: all counts of the file.
    """
    letters = places[0]
    qualities = places[1]
    for record in range(count):
        start = records[record, SEQUENCE]
        sequence = text[start : start + records[record, LENGTH]]
        for cycle in range(len(sequence)):
            counts[letters[sequence[cycle]] + (cycle & LETTER_MASK)] += sign
        start = records[record, QUALITY]
        quality = text[start : start + min(len(sequence), CYCLES)]
        for cycle in range(len(quality)):
            counts[qualities[quality[cycle]] + cycle] += sign
        tail = text[start + len(quality) : start + len(sequence)]
        for cycle in range(len(tail)):
            counts[qualities[tail[cycle]] + CYCLES + (cycle & TAIL_MASK)] += sign


@kernel
def count_good(text: Any, records: Any, count: int, places: Any, bad: Any) -> int:
    """How many records there are before the first with a letter or a quality whose counts begin at a bad place."""
    for record in range(count):
        for row, column in ((0, SEQUENCE), (1, QUALITY)):
            start = records[record, column]
            for letter in text[start : start + records[record, LENGTH]]:
                if places[row, letter] == bad[row]:
                    return record
    return count


@kernel
def measure(records: Any, count: int, counts: Any) -> None:
    """Counts reads by their lengths."""
    for record in range(count):
        length = records[record, LENGTH]
        counts[RECORDS] += 1
        counts[BASES] += length
        if counts[SHORTEST] < 0 or length < counts[SHORTEST]:
            counts[SHORTEST] = length
        counts[LONGEST] = max(counts[LONGEST], length)
        shift = 0
        while length >> shift >= 2 * EXACT_LENGTHS:
            shift += 1
        counts[LENGTHS + EXACT_LENGTHS * shift + (length >> shift)] += 1
