"""INFO of a record. Each function returns the address of the next mark, 0 when plain code has to look."""

from __future__ import annotations

import numpy

from catalog.kernels import kernel
from catalog.kernels.memory import add, get, load_32, load_64, load_byte, part, put, store_32
from catalog.kernels.vcf_state import (
    ALTERNATIVES,
    ANY,
    ANY_NUMBER,
    CHARACTER,
    COLUMNS,
    END,
    END_KEY,
    EXPECTED,
    FLAG,
    FOUND,
    HAS_UNSPECIFIED,
    KEY_COUNT,
    KEY_HEAD,
    KEY_HEAD_MASK,
    KEY_IS_COUNTED,
    KEY_KIND,
    KEY_LINE,
    KEY_NUMBER,
    KEY_ROW,
    KEY_SIZE,
    KEY_TAIL,
    KEY_TAIL_MASK,
    KEY_TEXT,
    KEYS,
    KIND_MASK,
    LENGTH,
    MINOR,
    MOST_RECORD_KEYS,
    NUMBER,
    PER_ALLELE,
    PER_ALTERNATIVE,
    POS,
    RECORD_KEYS,
    SLOTS,
    SLOTS_MASK,
)
from catalog.kernels.vcf_values import is_same, is_value, whole_number

_TAB, _LINE_END = 9, 10
_MULTIPLIER = numpy.uint64(0x9E3779B97F4A7C15)
_HIGH_HALF = numpy.uint64(32)


@part
def is_key(row, address, size):  # type: ignore[no-untyped-def]
    """Whether a key of a row stands at an address."""
    if get(row, KEY_SIZE) != size:
        return False
    if load_64(address) & get(row, KEY_HEAD_MASK) != get(row, KEY_HEAD):
        return False
    if size <= 8:
        return True
    if load_64(address + 8) & get(row, KEY_TAIL_MASK) != get(row, KEY_TAIL):
        return False
    return size <= 16 or is_same(address + 16, get(row, KEY_TEXT) + 16, size - 16)


@kernel
def hash_of(address, size):  # type: ignore[no-untyped-def]
    """A number that a key's text gives, for the table of keys; the plain side has the same."""
    value = numpy.uint64(size)
    for at in range(size):
        value = (value ^ numpy.uint64(load_byte(address + at))) * _MULTIPLIER
    return numpy.int64(value >> _HIGH_HALF)


@kernel
def find_key(state, address, size, expected):  # type: ignore[no-untyped-def]
    """The row of a key that is not the expected one, which it is from now on; 0 for an unknown one."""
    keys, slots, mask = get(state, KEYS), get(state, SLOTS), get(state, SLOTS_MASK)
    slot = hash_of(address, size) & mask
    while True:
        number = get(slots, slot)
        if number < 0:
            return 0
        distance = 8 * KEY_ROW * number
        if is_key(keys + distance, address, size):
            store_32(expected, distance)
            return keys + distance
        slot = (slot + 1) & mask


@part
def take_values(state, text, mark, row):  # type: ignore[no-untyped-def]
    """The values of a key; ``mark`` is that of its equals sign. Returns the mark after the last value."""
    kind = get(row, KEY_KIND)
    of = kind & KIND_MASK
    wanted = get(row, KEY_NUMBER)
    at = load_32(mark) + 1
    if of == FLAG:
        return 0
    count = 0
    while True:
        mark += 4
        end = load_32(mark)
        byte = load_byte(text + end)
        if of > 1 and of != CHARACTER:
            while byte == 58 or (byte == 32 and get(state, MINOR) >= 3):
                mark += 4
                end = load_32(mark)
                byte = load_byte(text + end)
        is_missing = end == at + 1 and load_byte(text + at) == 46
        if not is_missing and not is_value(state, text + at, end - at, kind):
            return 0
        count += 1
        if byte != 44:
            break
        at = end + 1
    if wanted != ANY_NUMBER:
        if wanted == PER_ALTERNATIVE:
            wanted = get(state, ALTERNATIVES)
        elif wanted == PER_ALLELE:
            wanted = get(state, ALTERNATIVES) + 1
        if count != wanted and not (count == 1 and is_missing):
            return 0
    return mark


@kernel
def take_end(state, text, at, mark):  # type: ignore[no-untyped-def]
    """INFO END, whose value was found to be an Integer; false when plain code has to look at it."""
    size = load_32(mark) - at
    if size == 1 and load_byte(text + at) == 46:
        return True
    end = whole_number(text + at, size)
    pos = get(state, POS)
    if end < pos or end > max(get(state, LENGTH), pos):
        return False
    put(state, END, end)
    return get(state, MINOR) < 5 or get(state, HAS_UNSPECIFIED) != 0


@part
def take_information(state, text, at, mark):  # type: ignore[no-untyped-def]
    """The whole column."""
    put(state, END, -1)
    put(state, FOUND, 0)
    last = _TAB if get(state, COLUMNS) > 8 else _LINE_END
    end = load_32(mark)
    if end == at + 1 and load_byte(text + at) == 46:
        return mark + 4 if load_byte(text + end) == last else 0
    line, keys, expected, records = get(state, NUMBER), get(state, KEYS), get(state, EXPECTED), get(state, RECORD_KEYS)
    end_of_expected = expected + 4 * MOST_RECORD_KEYS
    counted = 0
    while True:
        row = keys + load_32(expected)
        if not is_key(row, text + at, end - at):
            row = find_key(state, text + at, end - at, expected)
        if row == 0 or get(row, KEY_LINE) == line or expected == end_of_expected:
            return 0
        put(row, KEY_LINE, line)
        expected += 4
        if get(row, KEY_IS_COUNTED) != 0:
            put(records, counted, row)
            counted += 1
        byte = load_byte(text + end)
        if byte == 61:
            mark = take_values(state, text, mark, row)
            if mark == 0 or (row == keys + get(state, END_KEY) and not take_end(state, text, end + 1, mark)):
                return 0
            end = load_32(mark)
            byte = load_byte(text + end)
        elif get(row, KEY_KIND) != FLAG and get(row, KEY_KIND) != ANY:
            return 0
        if byte != 59:
            break
        at = end + 1
        mark += 4
        end = load_32(mark)
    put(state, FOUND, counted)
    return mark + 4 if byte == last else 0


@kernel
def count_keys(state):  # type: ignore[no-untyped-def]
    """Counts those keys of a record that was taken of which something is to be said each time."""
    records = get(state, RECORD_KEYS)
    for place in range(get(state, FOUND)):
        add(get(records, place), KEY_COUNT, 1)
