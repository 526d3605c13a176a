"""The records of a VCF: marks of the ends of values first, then line by line what lies between them.

It stops at the first record of which plain code would say anything, or which only plain code can judge.
"""

from __future__ import annotations

import numpy

from catalog.kernels import kernel
from catalog.kernels.memory import (
    add,
    get,
    load_32,
    load_64,
    load_bits,
    load_byte,
    part,
    put,
    store_32,
    store_64,
)
from catalog.kernels.vcf_information import count_keys, take_information
from catalog.kernels.vcf_marks import mark_columns, mark_ends
from catalog.kernels.vcf_rows import commit_row, take_row
from catalog.kernels.vcf_samples import take_cohort, take_form, take_samples
from catalog.kernels.vcf_sites import take_alleles, take_filter, take_place
from catalog.kernels.vcf_state import (
    ALT_END,
    ALTERNATIVES,
    AT,
    BLOCK_END,
    BLOCKS,
    CALLS,
    CHOSEN,
    CHOSEN_AT,
    CHOSEN_NUMBER,
    COLUMNS,
    COUNTED,
    DEPTH_COUNTS,
    DEPTHS,
    DIGESTS,
    END,
    FILTER,
    FILTER_COUNT,
    FILTER_ROW,
    FILTERS,
    FIRST_PART,
    FORM,
    FORM_COUNT,
    FORM_HAS_GENOTYPE,
    FORM_ROW,
    FORMS,
    HAS_UNSPECIFIED,
    HERE,
    HERE_IS_TOLD,
    HERE_NUMBER,
    ID_AT,
    ID_SIZE,
    IDENTIFIERS,
    IDENTIFIERS_ROOM,
    INDELS,
    IS_COHORT,
    IS_GVCF,
    IS_NEW,
    KINDS,
    LAST,
    LIMIT,
    LINES,
    NUMBER,
    PART,
    POS,
    QUALITIES,
    QUALITY_COUNTS,
    RECORD_INDELS,
    RECORD_SNVS,
    RECORD_TRANSITIONS,
    RECORDS,
    REF_AT,
    REF_SIZE,
    REGION,
    REGION_FIRST,
    REGION_LAST,
    ROWS,
    SNVS,
    TEXT,
    TOKENS,
    TOKENS_ROOM,
    TRANSITIONS,
)

_LINE_END = 10
#: CHROM to FORMAT.
_FIXED_COLUMNS = 9
_ONE = numpy.uint64(1)
_EIGHT, _HALF, _PRIME = numpy.uint64(8), numpy.uint64(32), numpy.uint64(0x9E3779B97F4A7C15)
_KINDS, _CELLS = 4, 12
_HIGHEST_DEPTH, _HIGHEST_QUALITY = 2_000, 100


@kernel
def end_of_part(text, at, limit, size):  # type: ignore[no-untyped-def]
    """The end of the last whole line among so many bytes; of the first line where it is longer."""
    end = min(at + size, limit)
    while end > at and load_byte(text + end - 1) != _LINE_END:
        end -= 1
    if end == at:
        end = at + 1
        while end < limit and load_byte(text + end - 1) != _LINE_END:
            end += 1
    return end


@kernel
def is_expected(state):  # type: ignore[no-untyped-def]
    """Whether a record fits to the reference blocks before it, and nobody listens to its positions."""
    pos, end = get(state, POS), get(state, END)
    if get(state, IS_GVCF) != 0 and get(state, HAS_UNSPECIFIED) == 0:
        return False
    is_block = get(state, HAS_UNSPECIFIED) != 0 and get(state, ALTERNATIVES) == 1
    is_block = is_block or (get(state, ALTERNATIVES) == 0 and end >= 0)
    if is_block and pos <= get(state, BLOCK_END):
        return False
    chosen, number, at = get(state, CHOSEN), get(state, CHOSEN_NUMBER), get(state, CHOSEN_AT)
    while at < number and load_64(chosen + 8 * at) < pos:
        at += 1
    put(state, CHOSEN_AT, at)
    last = max(pos + get(state, REF_SIZE) - 1, end)
    if at < number and load_64(chosen + 8 * at) <= last:
        return False
    if is_block:
        put(state, BLOCK_END, max(get(state, BLOCK_END), end if end >= 0 else pos))
        add(state, BLOCKS, 1)
    return True


@kernel
def remember_identifier(state):  # type: ignore[no-untyped-def]
    """Keeps a digest of ID, if there is one."""
    number, address, size = get(state, IDENTIFIERS), get(state, ID_AT), get(state, ID_SIZE)
    if number >= get(state, IDENTIFIERS_ROOM) or (size == 1 and load_byte(address) == 46):
        return
    value = numpy.uint64(size)
    while size > 0:
        word = load_bits(address)
        if size < 8:
            word &= (_ONE << (_EIGHT * numpy.uint64(size))) - _ONE
        value = (value ^ word) * _PRIME
        value ^= value >> _HALF
        address += 8
        size -= 8
    store_64(get(state, DIGESTS) + 8 * number, numpy.int64(value))
    store_64(get(state, LINES) + 8 * number, get(state, NUMBER))
    put(state, IDENTIFIERS, number + 1)


@kernel
def count_samples(state):  # type: ignore[no-untyped-def]
    """Counts genotypes, depths and qualities of a record that was taken."""
    pos = get(state, POS)
    region = get(state, REGION) if get(state, REGION_FIRST) <= pos <= get(state, REGION_LAST) else 0
    calls = get(state, CALLS) + 8 * _KINDS * region
    kinds, depths, qualities = get(state, KINDS), get(state, DEPTHS), get(state, QUALITIES)
    for sample in range(get(state, COUNTED)):
        cell = calls + 8 * (_CELLS * sample + load_byte(kinds + sample))
        store_64(cell, load_64(cell) + 1)
        depth, quality = load_32(depths + 4 * sample), load_32(qualities + 4 * sample)
        if depth >= 0:
            cell = get(state, DEPTH_COUNTS) + 8 * min(depth, _HIGHEST_DEPTH)
            store_64(cell, load_64(cell) + 1)
        if quality >= 0:
            cell = get(state, QUALITY_COUNTS) + 8 * min(quality, _HIGHEST_QUALITY)
            store_64(cell, load_64(cell) + 1)


@part
def remember_record(state):  # type: ignore[no-untyped-def]
    """Counts a record that was taken, and keeps what the next ones are compared with."""
    add(state, RECORDS, 1)
    add(state, SNVS, get(state, RECORD_SNVS))
    add(state, TRANSITIONS, get(state, RECORD_TRANSITIONS))
    add(state, INDELS, get(state, RECORD_INDELS))
    row = get(state, FILTERS) + 8 * FILTER_ROW * get(state, FILTER)
    add(row, FILTER_COUNT, 1)
    count_keys(state)
    remember_identifier(state)
    if get(state, COLUMNS) > 8:
        row = get(state, FORMS) + 8 * FORM_ROW * get(state, FORM)
        add(row, FORM_COUNT, 1)
        if get(row, FORM_HAS_GENOTYPE) != 0:
            count_samples(state)
    if get(state, IS_NEW) != 0:
        put(state, HERE_NUMBER, 0)
        put(state, HERE_IS_TOLD, 0)
        put(state, LAST, get(state, POS))
    number, here = get(state, HERE_NUMBER), get(state, HERE)
    put(here, 2 * number, get(state, REF_AT))
    put(here, 2 * number + 1, get(state, ALT_END))
    put(state, HERE_NUMBER, number + 1)
    if get(state, ROWS) != 0:
        commit_row(state)


@part
def take_record(state, text, mark):  # type: ignore[no-untyped-def]
    """One record that begins after the mark before; the mark after it, 0 when plain code has to look at it."""
    at = load_32(mark - 4) + 1
    mark = take_place(state, text, at, mark)
    if mark != 0:
        mark = take_alleles(state, text, load_32(mark - 4) + 1, mark)
    if mark != 0:
        mark = take_filter(state, text, load_32(mark - 4) + 1, mark)
    if mark != 0:
        mark = take_information(state, text, load_32(mark - 4) + 1, mark)
    if mark != 0 and get(state, COLUMNS) > 8:
        mark = take_form(state, text, load_32(mark - 4) + 1, mark)
        if mark != 0:
            mark = take_cohort(state, text, mark) if get(state, IS_COHORT) != 0 else take_samples(state, text, mark)
    if mark != 0 and get(state, ROWS) != 0 and not take_row(state):
        mark = 0
    if mark != 0 and not is_expected(state):
        mark = 0
    return mark


@part
def mark_next(state, text, limit, at, size):  # type: ignore[no-untyped-def]
    """Marks what comes next: some lines, or up to FORMAT of one; the address behind the last mark, 0 without room."""
    tokens, room = get(state, TOKENS), get(state, TOKENS_ROOM)
    store_32(tokens, -1)
    if get(state, IS_COHORT) != 0:
        number = mark_columns(text + at, 0, limit - at, tokens + 4, _FIXED_COLUMNS, room)
        return tokens + 8 if number >= 0 else 0
    end = end_of_part(text, at, limit, size)
    if end - at > room:
        return 0
    return tokens + 4 * (mark_ends(text + at, end - at, tokens + 4) + 1)


@kernel
def pass_over(state):  # type: ignore[no-untyped-def]
    """Takes records until the limit, or until one that plain code has to look at; where it stopped is in the state."""
    text, limit, at = get(state, TEXT), get(state, LIMIT), get(state, AT)
    is_cohort = get(state, IS_COHORT) != 0
    size = FIRST_PART
    while at < limit:
        last = mark_next(state, text, limit, at, size)
        mark = get(state, TOKENS) + 4
        while mark < last:
            after = take_record(state, text + at, mark)
            if after == 0 or (after > last and not is_cohort):
                put(state, AT, at + load_32(mark - 4) + 1)
                return
            remember_record(state)
            add(state, NUMBER, 1)
            mark = after
        if last == 0:
            return
        at += load_32(mark - 4) + 1
        put(state, AT, at)
        size = min(4 * size, get(state, PART))
