"""The program of a FORMAT: which byte follows which value of a sample, so that nothing is decided from value to value.

It serves samples that have all their fields, a genotype of two alleles, and whole numbers in all other fields.
What is no digit among the next 64 bytes says where their values end.
"""

from __future__ import annotations

import numpy

from catalog.kernels import kernel
from catalog.kernels.memory import (
    count_zeros,
    get,
    load_32,
    load_64,
    load_bits,
    load_byte,
    other_than_digits,
    part,
    put,
    store_32,
    store_64,
    store_byte,
)
from catalog.kernels.vcf_state import (
    ALTERNATIVES,
    ANY_NUMBER,
    DEPTHS,
    FORM_DEPTH,
    FORM_FIELDS,
    FORM_HAS_GENOTYPE,
    FORM_KINDS,
    FORM_NUMBERS,
    FORM_QUALITY,
    GENOTYPE_ALLELES,
    GENOTYPE_SIGNS,
    GENOTYPES,
    INTEGER,
    KIND_MASK,
    KINDS,
    MOST_FIELDS,
    MOST_PROGRAM,
    PER_ALLELE,
    PER_ALTERNATIVE,
    PER_GENOTYPE,
    PROGRAM,
    PROGRAM_DEPTH,
    PROGRAM_QUALITY,
    PROGRAM_SAMPLE,
    PROGRAM_SIZE,
    QUALITIES,
    SAMPLES,
    WANTED,
)
from catalog.kernels.vcf_values import number_of

_TAB, _LINE_END, _COLON, _COMMA = 9, 10, 58, 44
_HOM_REF, _HET, _HOM_ALT, _MISSING = range(4)
_ONE, _TWO, _FOUR, _EIGHT, _ALL, _LAST_BIT = map(numpy.uint64, (1, 2, 4, 8, 2**64 - 1, 63))
#: Of a genotype of two digits and what follows: the second and the fourth byte are no digits.
_GENOTYPE_BITS, _GENOTYPE_MASK, _GENOTYPE_BYTES = numpy.uint64(0b1010), numpy.uint64(0b1111), 4
_BYTES = 64


@kernel
def wanted_of(code, alternatives, ploidy):  # type: ignore[no-untyped-def]
    """How many values a Number stands for, :data:`ANY_NUMBER` where that is open; no ploidy where GT is missing."""
    if code == PER_ALTERNATIVE:
        return alternatives
    if code == PER_ALLELE:
        return alternatives + 1
    if code == PER_GENOTYPE:
        if ploidy == 0:
            return ANY_NUMBER
        return alternatives + 1 if ploidy == 1 else (alternatives + 1) * (alternatives + 2) >> 1
    return code


@kernel
def prepare(state, row):  # type: ignore[no-untyped-def]
    """How many values each field has for two, one and no known alleles, and the program."""
    alternatives, wanted, program = get(state, ALTERNATIVES), get(state, WANTED), get(state, PROGRAM)
    fields = get(row, FORM_FIELDS)
    size = 0
    has_program = get(row, FORM_HAS_GENOTYPE) != 0
    put(state, PROGRAM_DEPTH, -1)
    put(state, PROGRAM_QUALITY, -1)
    for field in range(fields):
        code = get(row, FORM_NUMBERS + field)
        for ploidy in range(3):
            value = wanted_of(code, alternatives, ploidy)
            store_64(wanted + 8 * (MOST_FIELDS * ploidy + field), value)
        count = load_64(wanted + 8 * (2 * MOST_FIELDS + field))
        if field == 0:
            continue
        if get(row, FORM_KINDS + field) & KIND_MASK != INTEGER or count < 1 or size + count > MOST_PROGRAM:
            has_program = False
        if not has_program:
            continue
        if field == get(row, FORM_DEPTH):
            put(state, PROGRAM_DEPTH, size)
        if field == get(row, FORM_QUALITY):
            put(state, PROGRAM_QUALITY, size)
        for place in range(count):
            put(program, size + place, _COLON if place + 1 == count else _COMMA)
            put(program, MOST_PROGRAM + size + place, get(program, size + place))
        size += count
    put(state, PROGRAM_SIZE, size if has_program and size > 0 else 0)
    if size > 0:
        put(program, size - 1, _TAB)
        put(program, MOST_PROGRAM + size - 1, _LINE_END)


@part
def kind_of(one, other):  # type: ignore[no-untyped-def]
    """The kind of a genotype of two known alleles."""
    return (one != other) * _HET + (one == other) * (one != 0) * _HOM_ALT


@kernel
def code_of(one, sign, other):  # type: ignore[no-untyped-def]
    """The code of a genotype of two alleles, by their digits (-2 for a dot) and the sign between them; see vcf_state."""
    return ((one + 2) * GENOTYPE_SIGNS + 1 + (sign == 124)) * GENOTYPE_ALLELES + other + 2


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
def run_program(state, text, at, sample):  # type: ignore[no-untyped-def]
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
