"""The fields of one BAM record: operations, optional fields, bins, order of names, and what FLAG says of places."""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.kernels import bam_state as counter
from catalog.kernels import kernel
from catalog.kernels.bam_loads import load8, load32
from catalog.kernels.bam_text import digest_of, mixed, text_end
from catalog.kernels.memory import part

#: What a type stands for, as bits of what a name may have.
IS_A, IS_WHOLE, IS_FLOAT, IS_TEXT, IS_ARRAY, IS_LOOKED_UP, IS_BYTES, IS_SHORTS = 1, 2, 4, 8, 16, 32, 64, 128
ANY_TYPE = IS_A | IS_WHOLE | IS_FLOAT | IS_TEXT | IS_ARRAY
_TURN = np.uint64(29)

compare_natural = kernel(counter.compare_natural)


@part
def span_of(buffer: Any, at: int, count: int, bases: int) -> Any:
    """The bases of the reference that a CIGAR covers; -1 when there is something to say about it."""
    query = span = 0
    before = -1
    for number in range(count):
        value = load32(buffer, at + 4 * number) & 0xFFFFFFFF
        operation, length = value & 15, value >> 4
        if operation > 8 or length == 0 or operation == before:
            return -1
        if operation == 5 and number != 0 and number != count - 1:
            return -1
        if operation == 4 and number != 0 and number != count - 1:
            after = load32(buffer, at + 4 * (number + 1)) & 15
            if not ((number == 1 and before == 5) or (number == count - 2 and after == 5)):
                return -1
        query += length * (0b110010011 >> operation & 1)
        span += length * (0b110001101 >> operation & 1)
        before = operation
    return -1 if bases > 0 and count > 0 and query != bases else span


@part
def array_end(buffer: Any, at: int, end: int, allowed: int) -> Any:
    """Where an array of numbers ends; -1 when there is something to say about it."""
    if at + 5 > end:
        return -1
    kind = load8(buffer, at)
    count = load32(buffer, at + 1) & 0xFFFFFFFF
    if kind == 67 or kind == 99:  # C, c
        size = 1
    elif kind == 83 or kind == 115:  # S, s
        size = 2
    elif kind == 73 or kind == 105 or kind == 102:  # I, i, f
        size = 4
    else:
        return -1
    at += 5
    if not (allowed & IS_ARRAY or (allowed & IS_BYTES and kind == 67) or (allowed & IS_SHORTS and kind == 83)):
        return -1
    if count * size > end - at:
        return -1
    if kind == 102:
        for number in range(count):
            if load32(buffer, at + 4 * number) & 0x7F800000 == 0x7F800000:
                return -1
    return at + count * size


@part
def is_known(buffer: Any, at: int, end: int, name: int, known: Any) -> bool:
    """Whether the header has a value for a name, by digests."""
    digest = mixed(digest_of(buffer, at, end - at), np.uint64(name))
    mask = known.size - 1
    place = np.int64(digest >> _TURN) & mask
    while known[place] != 0:
        if known[place] == digest:
            return True
        place = (place + 1) & mask
    return False


@part
def are_tags_good(buffer: Any, at: int, end: int, tables: Any, known: Any) -> bool:
    """Whether there is nothing to say about the optional fields of a record.

    ``tables`` is: what each name may have, and in which record it was met last; then the number of this record.
    """
    allowed_by_name, met, number = tables
    while at < end:
        if at + 4 > end:
            return False
        name = load32(buffer, at) & 0xFFFF
        kind = load8(buffer, at + 2)
        allowed = allowed_by_name[name]
        if met[name] == number[0]:
            return False
        met[name] = number[0]
        at += 3
        if kind == 90:  # Z
            stop = text_end(buffer, at, end)
            if stop < 0 or not allowed & IS_TEXT:
                return False
            if allowed & IS_LOOKED_UP and not is_known(buffer, at, stop, name, known):
                return False
            at = stop + 1
        elif kind == 67 or kind == 99:  # C, c
            if not allowed & IS_WHOLE:
                return False
            at += 1
        elif kind == 83 or kind == 115:  # S, s
            if not allowed & IS_WHOLE:
                return False
            at += 2
        elif kind == 73 or kind == 105:  # I, i
            if not allowed & IS_WHOLE:
                return False
            at += 4
        elif kind == 65:  # A
            byte = load8(buffer, at)
            if not allowed & IS_A or byte < 33 or byte > 126:
                return False
            at += 1
        elif kind == 102:  # f
            if not allowed & IS_FLOAT or at + 4 > end or load32(buffer, at) & 0x7F800000 == 0x7F800000:
                return False
            at += 4
        elif kind == 66:  # B
            at = array_end(buffer, at, end, allowed)
            if at < 0:
                return False
        else:
            return False
    return at == end


@part
def bin_of(begin: int, end: int) -> int:
    """The smallest bin that holds a stretch (SAMv1, 5.3)."""
    end -= 1
    if begin >> 14 == end >> 14:
        return 4681 + (begin >> 14)
    if begin >> 17 == end >> 17:
        return 585 + (begin >> 17)
    if begin >> 20 == end >> 20:
        return 73 + (begin >> 20)
    if begin >> 23 == end >> 23:
        return 9 + (begin >> 23)
    return 1 + (begin >> 26) if begin >> 26 == end >> 26 else 0


@part
def name_order(buffer: Any, at: int, end: int, state: Any, last_name: Any) -> Any:
    """Which orders the names are in still, with this one: 1 lexicographical, 2 natural."""
    length = state[counter.LAST_NAME_BYTES]
    orders = state[counter.IS_LEXICOGRAPHICAL] | state[counter.IS_NATURAL] << 1
    if length < 0:
        return orders
    place = 0
    while place < length and at + place < end and last_name[place] == load8(buffer, at + place):
        place += 1
    if place < length and (at + place == end or last_name[place] > load8(buffer, at + place)):
        orders &= 2
    if orders & 2 and compare_natural(last_name, 0, length, buffer, at, end) > 0:
        orders &= 1
    return orders


@part
def has_good_flag(flag: int, contigs: Any, positions: Any, template: int, other: Any) -> bool:
    """Whether FLAG, places and TLEN fit each other; ``other`` is MAPQ and the number of operations."""
    contig, next_contig = contigs
    position, next_position = positions
    mapq, operations = other
    if flag & 0x4:
        if operations or mapq or flag & 0x902 or (contig >= 0) != (position >= 0):
            return False
    elif contig < 0 or position < 0 or operations == 0:
        return False
    if flag & 0x1:
        if (next_contig >= 0) != (next_position >= 0):
            return False
    elif flag & counter.MATE_BITS or next_contig >= 0 or next_position >= 0:
        return False
    if template != 0 and flag & 0x900 == 0:
        return flag & 0x1 != 0 and flag & 0xC == 0 and next_contig >= 0 and contig == next_contig
    return True


@part
def count_record(state: Any, flag: int, contig: int, bases: int, per_contig: Any) -> None:
    """Counts one record."""
    unmapped = flag >> 2 & 1
    state[counter.RECORDS] += 1
    state[counter.MAPPED] += 1 - unmapped
    if contig < 0:
        state[counter.UNPLACED] += 1
    else:
        per_contig[2 * contig + unmapped] += 1
    state[counter.PAIRED] += flag & 1
    state[counter.PROPER] += flag & flag >> 1 & 1
    state[counter.SECONDARY] += flag >> 8 & 1
    state[counter.FAILED] += flag >> 9 & 1
    state[counter.DUPLICATES] += flag >> 10 & 1
    state[counter.SUPPLEMENTARY] += flag >> 11 & 1
    if flag & 0x900 == 0:
        state[counter.SHORTEST] = bases if state[counter.READS] == 0 else min(state[counter.SHORTEST], bases)
        state[counter.LONGEST] = max(state[counter.LONGEST], bases)
        state[counter.READS] += 1
        state[counter.BASES] += bases
