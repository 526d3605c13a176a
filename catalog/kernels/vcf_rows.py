"""Rows of the derived table ``variants-1``: one record after the other into columns, texts that repeat as codes.

The record at hand was found right before; where a value is unusual, plain code takes the record.
"""

from __future__ import annotations

import numpy

from catalog.kernels import kernel
from catalog.kernels.memory import add, get, load_32, load_64, load_bits, load_byte, part, put, store_32, store_64
from catalog.kernels.vcf_state import (
    ALT_END,
    CHROM,
    CHROM_SIZE,
    COLUMNS,
    DEPTHS,
    FILTER,
    FILTER_ROW,
    FILTER_SIZE,
    FILTERS,
    FORM,
    FORM_HAS_GENOTYPE,
    FORM_ROW,
    FORMS,
    GENOTYPES,
    ID_AT,
    ID_SIZE,
    IS_ODD,
    POS,
    QUALITIES,
    REF_AT,
    REF_SIZE,
    ROW_ALT,
    ROW_AT,
    ROW_CHROM,
    ROW_CODES,
    ROW_COLUMNS,
    ROW_FILTER,
    ROW_REF,
    ROW_TEXT_SIZE,
    ROW_WIDTH,
    ROW_WORDS,
    ROWS,
    ROWS_ARE_FULL,
    ROWS_ID_ENDS,
    ROWS_IDS,
    ROWS_IDS_ROOM,
    ROWS_NUMBER,
    ROWS_POS,
    ROWS_QUAL,
    ROWS_ROOM,
    ROWS_WORDS,
    SAMPLES,
    WORDS_ENDS,
    WORDS_HEADS,
    WORDS_NUMBER,
    WORDS_ROOM,
    WORDS_SLOTS,
    WORDS_SLOTS_NUMBER,
    WORDS_TEXT,
    WORDS_TEXT_ROOM,
)
from catalog.kernels.vcf_values import is_same

_TAB, _DOT = 9, 46
_ONE, _EIGHT, _PRIME, _TOP = map(numpy.uint64, (1, 8, 0x9E3779B97F4A7C15, 40))
_HIGHEST_POSITION = 2_147_483_647
#: Digits that a float of 64 bits holds exactly.
_MOST_DIGITS = 15
_NO_CODE, _NO_ROOM = -1, -2


@kernel
def copy(target, source, size):  # type: ignore[no-untyped-def]
    """Copies bytes, up to seven more than are asked for."""
    for at in range(0, size, 8):
        store_64(target + at, load_64(source + at))


@kernel
def start_of(address, size):  # type: ignore[no-untyped-def]
    """The first eight bytes of a text, fewer where it is shorter."""
    word = load_bits(address)
    return word & ((_ONE << (_EIGHT * numpy.uint64(size))) - _ONE) if size < 8 else word


@kernel
def word_of(words, address, size):  # type: ignore[no-untyped-def]
    """The code of a text, which is remembered: :data:`_NO_CODE` for a dot, :data:`_NO_ROOM` where nothing more fits."""
    head = start_of(address, size)
    if size == 1 and head == numpy.uint64(_DOT):
        return _NO_CODE
    value = (head ^ numpy.uint64(size)) * _PRIME
    for at in range(8, size, 8):
        value = (value ^ start_of(address + at, size - at)) * _PRIME
        value ^= value >> _TOP
    slot = numpy.int64(value >> _TOP) & (WORDS_SLOTS_NUMBER - 1)
    slots, heads, ends, text = (
        get(words, WORDS_SLOTS),
        get(words, WORDS_HEADS),
        get(words, WORDS_ENDS),
        get(words, WORDS_TEXT),
    )
    while True:
        code = load_32(slots + 4 * slot) - 1
        if code < 0:
            break
        begin = load_32(ends + 4 * code)
        is_near = load_bits(heads + 8 * code) == head and load_32(ends + 4 * code + 4) - begin == size
        if is_near and (size <= 8 or is_same(text + begin, address, size)):
            return code
        slot = (slot + 1) & (WORDS_SLOTS_NUMBER - 1)
    code = get(words, WORDS_NUMBER)
    end = load_32(ends + 4 * code)
    if code == get(words, WORDS_ROOM) or end + size > get(words, WORDS_TEXT_ROOM):
        return _NO_ROOM
    copy(text + end, address, size)
    store_64(heads + 8 * code, numpy.int64(head))
    store_32(ends + 4 * code + 4, end + size)
    store_32(slots + 4 * slot, code + 1)
    put(words, WORDS_NUMBER, code + 1)
    return code


@kernel
def put_site(rows, pos, address, size):  # type: ignore[no-untyped-def]
    """Writes POS, ID and the texts at hand behind the last row; false, and full, where there is no room for them."""
    number = get(rows, ROWS_NUMBER)
    end = load_32(get(rows, ROWS_ID_ENDS) + 4 * number)
    if size == 1 and load_byte(address) == _DOT:
        size = 0
    if number == get(rows, ROWS_ROOM) or end + size > get(rows, ROWS_IDS_ROOM):
        put(rows, ROWS_ARE_FULL, 1)
        return False
    copy(get(rows, ROWS_IDS) + end, address, size)
    store_32(get(rows, ROWS_ID_ENDS) + 4 * number + 4, end + size)
    store_32(get(rows, ROWS_POS) + 4 * number, pos)
    for column in range(ROW_COLUMNS):
        here = rows + 8 * (ROWS_WORDS + ROW_WIDTH * column)
        code = word_of(get(here, ROW_WORDS), get(here, ROW_AT), get(here, ROW_TEXT_SIZE))
        if code == _NO_ROOM:
            put(rows, ROWS_ARE_FULL, 1)
            return False
        store_32(get(here, ROW_CODES) + 4 * number, code)
    return True


@kernel
def put_text(rows, column, address, size):  # type: ignore[no-untyped-def]
    """Says where a text of the record at hand is."""
    put(rows, column + ROW_AT, address)
    put(rows, column + ROW_TEXT_SIZE, size)


@kernel
def power_of_ten(exponent):  # type: ignore[no-untyped-def]
    """10 to a small power, exactly."""
    value = 1.0
    for _ in range(exponent):
        value *= 10.0
    return value


@kernel
def quality(address):  # type: ignore[no-untyped-def]
    """QUAL and its size; NaN for a dot, size 0 where plain code has to read it. Digits are exact, so the quotient is right."""
    if load_byte(address) == _DOT and load_byte(address + 1) == _TAB:
        return numpy.nan, 1
    value, digits, point = 0, 0, -1
    at = 0
    while True:
        byte = load_byte(address + at)
        if byte == _TAB:
            break
        if byte == _DOT:
            point = digits
        else:
            value = 10 * value + byte - 48
            digits += 1
            if byte < 48 or byte > 57 or digits > _MOST_DIGITS:
                return 0.0, 0
        at += 1
    if point < 0 or point == digits:
        return float(value), at
    return value / power_of_ten(digits - point), at


@kernel
def take_row(state):  # type: ignore[no-untyped-def]
    """Writes the record at hand behind the last row; false when it has to be taken by plain code, or when there is no room."""
    rows = get(state, ROWS)
    is_odd = get(state, IS_ODD) != 0
    put(state, IS_ODD, 0)
    begin = get(state, ALT_END) + 1
    value, size = quality(begin)
    if is_odd or size == 0 or get(state, POS) > _HIGHEST_POSITION:
        return False
    row = get(state, FILTERS) + 8 * FILTER_ROW * get(state, FILTER)
    ref, ref_size = get(state, REF_AT), get(state, REF_SIZE)
    put_text(rows, ROW_CHROM, get(state, CHROM), get(state, CHROM_SIZE))
    put_text(rows, ROW_REF, ref, ref_size)
    put_text(rows, ROW_ALT, ref + ref_size + 1, begin - ref - ref_size - 2)
    put_text(rows, ROW_FILTER, begin + size + 1, get(row, FILTER_SIZE))
    if not put_site(rows, get(state, POS), get(state, ID_AT), get(state, ID_SIZE)):
        return False
    bits = numpy.float64(value).view(numpy.int64)
    store_64(get(rows, ROWS_QUAL) + 8 * get(rows, ROWS_NUMBER), bits)
    form = get(state, FORMS) + 8 * FORM_ROW * get(state, FORM)
    if get(state, COLUMNS) > 8 and get(form, FORM_HAS_GENOTYPE) == 0:
        for sample in range(get(state, SAMPLES)):
            store_32(get(state, GENOTYPES) + 4 * sample, _NO_CODE)
    return True


@part
def commit_row(state):  # type: ignore[no-untyped-def]
    """The row that was written last is one; samples of the next record come behind its samples."""
    add(get(state, ROWS), ROWS_NUMBER, 1)
    width = 4 * get(state, SAMPLES)
    add(state, DEPTHS, width)
    add(state, QUALITIES, width)
    add(state, GENOTYPES, width)
