"""The compiled path through BAM records: passes over those of which the plain path would say nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.kernels import bam_state as counter
from catalog.kernels import kernel
from catalog.kernels.bam_fields import are_tags_good, bin_of, count_record, has_good_flag, name_order, span_of
from catalog.kernels.bam_loads import load8, load32
from catalog.kernels.bam_text import count_scores, digest_of, is_name, read_key

#: Numbers of the setting.
ORDER, WITH_NAMES, OFFSET, WITH_STARTS, STARTS, IS_FULL, SETTING_NUMBERS = range(7)
BY_COORDINATE, BY_NAME = 0, 1
CLAIM_ROWS = 16384
_LONGEST = 64 << 20


@kernel
def walk(
    buffer: Any, begin: int, setting: Any, state: Any, lengths: Any, per_contig: Any, tables: Any, known: Any, last_name: Any,
    claims: Any, names: Any, starts: Any,
) -> int:  # fmt: skip
    """Passes over records as long as the plain path would say nothing about them.

    Args:
        buffer: bytes.
        begin: where a record begins, with its block_size.
        setting: what is wanted, by :data:`ORDER` and the numbers after it.
        state: the counters of :mod:`catalog.kernels.bam_state`.
        lengths: of the references; below zero for circular ones, 0 where not known.
        per_contig: mapped and unmapped records of each reference.
        tables: see :func:`are_tags_good`.
        known: digests of what the header has.
        last_name: the name of the record before.
        claims: rows for :func:`match`.
        names: for each record of the file the key of its read.
        starts: for each record of the buffer where it begins.

    Returns:
        Where the first record begins that was not passed over.
    """
    references, size_of_buffer, number = lengths.size, buffer.size, tables[2]
    at = begin
    setting[IS_FULL] = 0
    while at + 36 <= size_of_buffer:
        size = load32(buffer, at)
        stop = at + 4 + size
        if size < 32 or size > _LONGEST or stop > size_of_buffer:
            break
        if state[counter.CLAIMS] >= CLAIM_ROWS or (setting[WITH_STARTS] and setting[STARTS] >= starts.size):
            setting[IS_FULL] = 1
            break
        contig, position = load32(buffer, at + 4), load32(buffer, at + 8)
        word = load32(buffer, at + 12) & 0xFFFFFFFF
        name_bytes, mapq, bin_number = word & 0xFF, word >> 8 & 0xFF, word >> 16
        word = load32(buffer, at + 16) & 0xFFFFFFFF
        operations, flag = word & 0xFFFF, word >> 16
        bases, next_contig = load32(buffer, at + 20), load32(buffer, at + 24)
        next_position, template = load32(buffer, at + 28), load32(buffer, at + 32)
        name_at = at + 36
        name_end = name_at + name_bytes - 1
        cigar_at = name_end + 1
        scores_at = cigar_at + 4 * operations + (bases + 1 >> 1)
        if bases < 0 or scores_at + bases > stop or name_bytes < 2 or name_bytes > 255 or flag > 0xFFF:
            break
        if contig < -1 or contig >= references or next_contig < -1 or next_contig >= references:
            break
        if position < -1 or position >= 0x7FFFFFFF or next_position < -1 or next_position >= 0x7FFFFFFF:
            break
        if template == -0x80000000:
            break
        if not has_good_flag(flag, (contig, next_contig), (position, next_position), template, (mapq, operations)):
            break
        span = span_of(buffer, cigar_at, operations, bases)
        if span < 0:
            break
        # Lengths of circular references are below zero; 0 is not known.
        length = lengths[contig] if contig >= 0 else 0
        if length != 0 and (position >= abs(length) or (length > 0 and operations and position + span > length)):
            break
        length = lengths[next_contig] if next_contig >= 0 else 0
        if length != 0 and next_position >= abs(length):
            break
        covered = position + (span if span > 0 and flag & 0x4 == 0 else 1)
        if covered <= 0x20000000 and bin_number != bin_of(position, covered):
            break
        if load8(buffer, name_end) != 0 or not is_name(buffer, name_at, name_end):
            break
        if bases & 1 and load8(buffer, scores_at - 1) & 15:
            break
        place, last, last_position = (
            contig if contig >= 0 else counter.PAST_ALL,
            state[counter.LAST_CONTIG],
            state[counter.LAST_POSITION],
        )
        is_before = contig >= 0 and (contig < last or (contig == last and position + 1 < last_position))
        if is_before and setting[ORDER] == BY_COORDINATE:
            break
        orders = 3
        if setting[ORDER] == BY_NAME:
            orders = name_order(buffer, name_at, name_end, state, last_name)
            if orders == 0:
                break
        number[0] = np.int32(state[counter.RECORDS] & 0x3FFFFFFF) + 1
        if not are_tags_good(buffer, scores_at + bases, stop, tables, known):
            break
        if bases > 0 and not count_scores(buffer, scores_at, bases, state):
            break
        if is_before:
            state[counter.IS_SORTED] = 0
        state[counter.LAST_CONTIG], state[counter.LAST_POSITION] = place, position + 1
        if setting[ORDER] == BY_NAME:
            state[counter.IS_LEXICOGRAPHICAL], state[counter.IS_NATURAL] = orders & 1, orders >> 1
            state[counter.LAST_NAME_BYTES] = name_end - name_at
            for byte in range(name_end - name_at):
                last_name[byte] = load8(buffer, name_at + byte)
        if setting[WITH_STARTS]:
            starts[setting[STARTS]] = at + 4
            setting[STARTS] += 1
        record = state[counter.RECORDS]
        is_named = flag & 0x900 == 0 and not (name_bytes == 2 and load8(buffer, name_at) == 42)
        digest = digest_of(buffer, name_at, name_end - name_at)
        if setting[WITH_NAMES] and record < names.size:
            names[record] = read_key(digest, flag) if is_named else 0
        if is_named and flag & 0x1:
            which = flag & 0xC0
            if which == 0xC0:
                state[counter.MIDDLE_SEGMENTS] += 1
            elif which != 0:
                row = claims[state[counter.CLAIMS]]
                row[0] = np.int64(digest)
                row[1] = (contig + 1) << 32 | (position + 1)
                row[2] = (next_contig + 1) << 32 | (next_position + 1)
                row[3] = (template << 8 | (flag >> 2 & 0xF)) << 2 | (1 if which == 0x40 else 2)
                row[4], row[5] = record + 1, setting[OFFSET] + at
                state[counter.CLAIMS] += 1
        if mapq == 255 and flag & 0x4 == 0:
            if state[counter.NO_QUALITY_GIVEN] == 0:
                state[counter.NO_QUALITY_RECORD], state[counter.NO_QUALITY_OFFSET] = record + 1, setting[OFFSET] + at
            state[counter.NO_QUALITY_GIVEN] += 1
        count_record(state, flag, contig, bases, per_contig)
        at = stop
    return at
