"""CHROM to FILTER of a record. Each function returns the address of the next mark, 0 when plain code has to look."""

from __future__ import annotations

from catalog.kernels import kernel
from catalog.kernels.memory import add, get, load_32, load_64, load_byte, part, put, store_64
from catalog.kernels.vcf_state import (
    ALLELES,
    ALLOWS_NON_REF,
    ALLOWS_STAR,
    ALT_END,
    ALTERNATIVES,
    CHROM,
    CHROM_SIZE,
    FILTER,
    FILTER_MARKS,
    FILTER_ROW,
    FILTER_SIZE,
    FILTER_TEXT,
    FILTERS,
    FILTERS_NUMBER,
    FLOAT,
    HAS_UNSPECIFIED,
    HERE,
    HERE_NUMBER,
    HIGHEST,
    ID_AT,
    ID_SIZE,
    IS_NEW,
    LAST,
    MOST_ALTERNATIVES,
    MOST_HERE,
    POS,
    RECORD_INDELS,
    RECORD_SNVS,
    RECORD_TRANSITIONS,
    REF_AT,
    REF_SIZE,
    UNSIGNED,
)
from catalog.kernels.vcf_values import is_float, is_same, whole_number

_TAB = 9
#: A, C, G, T and N as bits of their places in the alphabet; the difference of two bases in a transition.
_BASES = 1 << 1 | 1 << 3 | 1 << 7 | 1 << 14 | 1 << 20
_N = 14
_NON_REF = int.from_bytes(b"<NON_REF", "little")
_PURINES, _PYRIMIDINES = ord("A") ^ ord("G"), ord("C") ^ ord("T")


@kernel
def position(address, size):  # type: ignore[no-untyped-def]
    """POS; -1 when it has no one to ten digits."""
    if size == 10:
        head = load_byte(address) - 48
        rest = whole_number(address + 1, 9)
        return head * 1_000_000_000 + rest if 0 <= head <= 9 and rest >= 0 else -1
    return whole_number(address, size)


@part
def take_place(state, text, at, mark):  # type: ignore[no-untyped-def]
    """CHROM, POS and ID; the marks are distances from ``text``."""
    size = get(state, CHROM_SIZE)
    end = load_32(mark)
    if end - at != size or load_byte(text + end) != _TAB or not is_same(text + at, get(state, CHROM), size):
        return 0
    at = end + 1
    mark += 4
    end = load_32(mark)
    pos = position(text + at, end - at)
    last = get(state, LAST)
    if load_byte(text + end) != _TAB or pos < last or pos < 0 or pos > get(state, HIGHEST):
        return 0
    if pos == last and get(state, HERE_NUMBER) >= MOST_HERE:
        return 0
    put(state, POS, pos)
    put(state, IS_NEW, pos != last)
    at = end + 1
    mark += 4
    end = load_32(mark)
    byte = load_byte(text + end)
    while byte != _TAB:
        if byte <= 32 or byte >= 127 or byte == 59:
            return 0
        mark += 4
        end = load_32(mark)
        byte = load_byte(text + end)
    put(state, ID_AT, text + at)
    put(state, ID_SIZE, end - at)
    return mark + 4 if end > at else 0


@kernel
def base_bits(address, size):  # type: ignore[no-untyped-def]
    """Which bases a sequence has, as bits; -1 when there is something else."""
    bits = 0
    for at in range(size):
        letter = (load_byte(address + at) | 32) - 96
        if letter < 1 or letter > 26 or load_byte(address + at) < 65 or _BASES >> letter & 1 == 0:
            return -1
        bits |= 1 << letter
    return bits


@kernel
def is_same_sequence(one, other, size):  # type: ignore[no-untyped-def]
    """Whether two sequences are equal but for upper and lower case."""
    at = 0
    while at < size and load_byte(one + at) | 32 == load_byte(other + at) | 32:
        at += 1
    return at == size


@kernel
def is_unspecified(state, address, size):  # type: ignore[no-untyped-def]
    """Whether it is <*> or <NON_REF>, and nothing is to be said about that."""
    if size == 3 and load_byte(address + 1) == 42 and load_byte(address + 2) == 62:
        return get(state, ALLOWS_STAR) != 0
    if size == 9 and load_byte(address + 8) == 62 and load_64(address) == _NON_REF:
        return get(state, ALLOWS_NON_REF) != 0
    return False


@kernel
def take_allele(state, address, size, number):  # type: ignore[no-untyped-def]
    """One ALT allele; false when plain code has to look at it."""
    first = load_byte(address)
    alleles, ref, ref_size = get(state, ALLELES), get(state, REF_AT), get(state, REF_SIZE)
    store_64(alleles + 16 * number, address)
    store_64(alleles + 16 * number + 8, size)
    if first == 60:
        put(state, HAS_UNSPECIFIED, 1)
        return is_unspecified(state, address, size)
    if first == 42:
        if size != 1:
            return False
    else:
        bits = base_bits(address, size)
        if bits < 0 or (size == ref_size and is_same_sequence(address, ref, size)):
            return False
        if bits >> _N & 1 == 0:
            if size != ref_size:
                add(state, RECORD_INDELS, 1)
            elif size == 1:
                difference = (first ^ load_byte(ref)) & 31
                add(state, RECORD_SNVS, 1)
                if difference == _PURINES & 31 or difference == _PYRIMIDINES & 31:
                    add(state, RECORD_TRANSITIONS, 1)
    for other in range(number):
        before = load_64(alleles + 16 * other)
        if load_64(alleles + 16 * other + 8) == size and is_same_sequence(address, before, size):
            return False
    return True


@part
def take_alleles(state, text, at, mark):  # type: ignore[no-untyped-def]
    """REF and ALT."""
    end = load_32(mark)
    size = end - at
    if load_byte(text + end) != _TAB or size < 1 or base_bits(text + at, size) < 0:
        return 0
    put(state, REF_AT, text + at)
    put(state, REF_SIZE, size)
    put(state, RECORD_SNVS, 0)
    put(state, RECORD_TRANSITIONS, 0)
    put(state, RECORD_INDELS, 0)
    put(state, HAS_UNSPECIFIED, 0)
    at = end + 1
    mark += 4
    end = load_32(mark)
    number = 0
    if not (end == at + 1 and load_byte(text + at) == 46 and load_byte(text + end) == _TAB):
        while True:
            byte = load_byte(text + end)
            is_last = byte == _TAB
            if not (is_last or byte == 44) or end == at or number == MOST_ALTERNATIVES:
                return 0
            if not take_allele(state, text + at, end - at, number):
                return 0
            number += 1
            if is_last:
                break
            at = end + 1
            mark += 4
            end = load_32(mark)
    put(state, ALTERNATIVES, number)
    put(state, ALT_END, text + end)
    return mark + 4 if get(state, IS_NEW) != 0 or is_first_here(state) else 0


@kernel
def is_first_here(state):  # type: ignore[no-untyped-def]
    """Whether no record at this position had the same REF and ALT."""
    here, start = get(state, HERE), get(state, REF_AT)
    size = get(state, ALT_END) - start
    for number in range(get(state, HERE_NUMBER)):
        begin = get(here, 2 * number)
        if get(here, 2 * number + 1) - begin == size and is_same(begin, start, size):
            return False
    return True


@part
def take_filter(state, text, at, mark):  # type: ignore[no-untyped-def]
    """QUAL and FILTER."""
    end = load_32(mark)
    size = end - at
    is_missing = size == 1 and load_byte(text + at) == 46
    if load_byte(text + end) != _TAB or size < 1:
        return 0
    if not is_missing and not is_float(state, text + at, size, FLOAT | UNSIGNED):
        return 0
    at = text + end + 1
    mark += 4
    number = get(state, FILTERS_NUMBER)
    found = get(state, FILTER)
    for _ in range(number):
        row = get(state, FILTERS) + 8 * FILTER_ROW * found
        size = get(row, FILTER_SIZE)
        if load_byte(at + size) == _TAB and is_same(at, get(row, FILTER_TEXT), size):
            mark += 4 * get(row, FILTER_MARKS)
            put(state, FILTER, found)
            return mark + 4 if text + load_32(mark) == at + size else 0
        found = found + 1 if found + 1 < number else 0
    return 0
