"""The samples of a record with many of them, read without marks: what is no digit among 64 bytes says where values end.

A sample that the program of its FORMAT fits (see :mod:`catalog.kernels.vcf_samples`) is judged by a few instructions for
each value; another one is marked and taken field by field.
"""

from __future__ import annotations

import numpy

from catalog.kernels import kernel
from catalog.kernels.memory import (
    count_zeros,
    get,
    load_32,
    load_bits,
    load_byte,
    other_than_digits,
    part,
    put,
    store_32,
    store_byte,
)
from catalog.kernels.vcf_marks import mark_columns
from catalog.kernels.vcf_samples import code_of, kind_of, take_sample, take_samples
from catalog.kernels.vcf_state import (
    ALTERNATIVES,
    DEPTHS,
    GENOTYPES,
    KINDS,
    LIMIT,
    MOST_PROGRAM,
    PROGRAM,
    PROGRAM_DEPTH,
    PROGRAM_QUALITY,
    PROGRAM_SAMPLE,
    PROGRAM_SIZE,
    QUALITIES,
    SAMPLES,
    TEXT,
    TOKENS,
    TOKENS_ROOM,
)
from catalog.kernels.vcf_values import number_of

_COLON = 58
_ONE, _TWO, _FOUR, _EIGHT, _ALL, _LAST_BIT = map(numpy.uint64, (1, 2, 4, 8, 2**64 - 1, 63))
#: Of a genotype of two digits and what follows: the second and the fourth byte are no digits.
_GENOTYPE_BITS, _GENOTYPE_MASK, _GENOTYPE_BYTES = numpy.uint64(0b1010), numpy.uint64(0b1111), 4
_BYTES = 64


@part
def are_short(others, end):  # type: ignore[no-untyped-def]
    """Whether each value before a bit is one to eight digits; ``others`` are the bytes that are none."""
    within = _ALL >> ((_LAST_BIT - numpy.uint64(end)) & _LAST_BIT)
    digits = ~others
    nine = digits & digits >> _ONE
    nine &= nine >> _TWO
    nine &= nine >> _FOUR
    nine &= digits >> _EIGHT
    return ((others & others >> _ONE) | nine) & (within >> _ONE) == 0


@part
def number_at(address, places, place):  # type: ignore[no-untyped-def]
    """The number of a value, by the places where values end; -1 for no value."""
    if place < 0:
        return -1
    begin = load_32(places + 4 * place) + 1
    return number_of(load_bits(address + begin), load_32(places + 4 * place + 4) - begin)


@kernel
def walk(state, text, at, sample):  # type: ignore[no-untyped-def]
    """Takes samples from one on as long as the program fits; where the first one begins that does not.

    Which one that is stands in the state.
    """
    size, program, samples = get(state, PROGRAM_SIZE), get(state, PROGRAM), get(state, SAMPLES)
    depth, quality = get(state, PROGRAM_DEPTH), get(state, PROGRAM_QUALITY)
    kinds, depths, qualities = get(state, KINDS), get(state, DEPTHS), get(state, QUALITIES)
    genotypes, highest = get(state, GENOTYPES), min(get(state, ALTERNATIVES), 9)
    places = program + 8 * 2 * MOST_PROGRAM
    store_32(places, _GENOTYPE_BYTES - 1)
    while sample < samples:
        address = text + at
        following = program if sample + 1 < samples else program + 8 * MOST_PROGRAM
        others = other_than_digits(address)
        one, sign, other = load_byte(address) - 48, load_byte(address + 1), load_byte(address + 2) - 48
        is_right = (others & _GENOTYPE_MASK == _GENOTYPE_BITS) & ((sign == 47) | (sign == 124))
        is_right &= (load_byte(address + 3) == _COLON) & (one <= highest) & (other <= highest)
        left = others & ~_GENOTYPE_MASK
        end = difference = 0
        for place in range(size):
            end = count_zeros(left)
            left &= left - _ONE
            difference |= load_byte(address + end) ^ get(following, place)
            store_32(places + 4 * place + 4, end)
        if not (is_right & (difference == 0) & (end < _BYTES) & are_short(others, end)):
            break
        store_byte(kinds + sample, kind_of(one, other))
        store_32(genotypes + 4 * sample, code_of(one, sign, other))
        store_32(depths + 4 * sample, number_at(address, places, depth))
        store_32(qualities + 4 * sample, number_at(address, places, quality))
        at += end + 1
        sample += 1
    put(state, PROGRAM_SAMPLE, sample)
    return at


@kernel
def take_cohort(state, text, mark):  # type: ignore[no-untyped-def]
    """All samples; ``mark`` is the one after FORMAT's, and is written over. The mark after the end of the line."""
    size = get(state, TEXT) + get(state, LIMIT) - text
    room = get(state, TOKENS_ROOM) - ((mark - get(state, TOKENS)) >> 2)
    depths, qualities, samples = get(state, DEPTHS), get(state, QUALITIES), get(state, SAMPLES)
    at = load_32(mark - 4) + 1
    if get(state, PROGRAM_SIZE) == 0:
        return take_samples(state, text, mark) if mark_columns(text, at, size, mark, samples, room) >= 0 else 0
    sample = 0
    while True:
        at = walk(state, text, at, sample)
        sample = get(state, PROGRAM_SAMPLE)
        if sample == samples:
            break
        if mark_columns(text, at, size, mark, 1, room) < 0:
            return 0
        store_32(mark - 4, at - 1)
        store_32(depths + 4 * sample, -1)
        store_32(qualities + 4 * sample, -1)
        after = take_sample(state, text, mark, sample)
        if after == 0:
            return 0
        at = load_32(after - 4) + 1
        sample += 1
    store_32(mark, at - 1)
    return mark + 4
