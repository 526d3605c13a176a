"""FORMAT and the samples of a record. Functions return the address of the next mark, 0 when plain code has to look.

Samples that the program of their FORMAT fits are taken by :mod:`catalog.kernels.vcf_program`, the others field by field. Of a
record with many samples only the columns before them are marked, and samples of the other kind.
"""

from __future__ import annotations

from catalog.kernels import kernel
from catalog.kernels.memory import (
    get,
    load_32,
    load_64,
    load_byte,
    part,
    put,
    store_32,
    store_64,
    store_byte,
)
from catalog.kernels.vcf_marks import mark_columns
from catalog.kernels.vcf_program import code_of, prepare, run_program
from catalog.kernels.vcf_state import (
    ALTERNATIVES,
    ANY,
    ANY_NUMBER,
    CHARACTER,
    DEPTHS,
    FORM,
    FORM_ALTERNATIVES,
    FORM_DEPTH,
    FORM_FIELDS,
    FORM_HAS_GENOTYPE,
    FORM_KINDS,
    FORM_MARKS,
    FORM_QUALITY,
    FORM_ROW,
    FORM_SIZE,
    FORM_TEXT,
    FORMS,
    FORMS_NUMBER,
    GENOTYPE_ALLELES,
    GENOTYPE_SIGNS,
    GENOTYPES,
    IS_AUTOSOME,
    IS_ODD,
    KIND_MASK,
    KINDS,
    LIMIT,
    MOST_FIELDS,
    PROGRAM_SAMPLE,
    PROGRAM_SIZE,
    QUALITIES,
    SAMPLES,
    STRING,
    TEXT,
    TOKENS,
    TOKENS_ROOM,
    WANTED,
)
from catalog.kernels.vcf_values import is_same, is_value, whole_number

_TAB, _LINE_END, _COLON, _COMMA, _DOT = 9, 10, 58, 44, 46
_HOM_REF, _HET, _HOM_ALT, _MISSING = range(4)


@part
def take_form(state, text, at, mark):  # type: ignore[no-untyped-def]
    """FORMAT, and what the samples of a record with so many ALT alleles must have."""
    at += text
    number, found = get(state, FORMS_NUMBER), get(state, FORM)
    for _ in range(number):
        row = get(state, FORMS) + 8 * FORM_ROW * found
        size = get(row, FORM_SIZE)
        if load_byte(at + size) == _TAB and is_same(at, get(row, FORM_TEXT), size):
            mark += 4 * get(row, FORM_MARKS)
            if text + load_32(mark) != at + size:
                return 0
            if found != get(state, FORM) or get(state, ALTERNATIVES) != get(state, FORM_ALTERNATIVES):
                put(state, FORM, found)
                put(state, FORM_ALTERNATIVES, get(state, ALTERNATIVES))
                prepare(state, row)
            return mark + 4
        found = found + 1 if found + 1 < number else 0
    return 0


@kernel
def genotype_kind(state, address, size):  # type: ignore[no-untyped-def]
    """The kind of a genotype with one or two alleles of one digit, 8 more for one allele; -1 for another genotype."""
    highest = get(state, ALTERNATIVES)
    one = load_byte(address) - 48
    if size == 1:
        if one == _DOT - 48:
            return 8 + _MISSING
        if one < 0 or one > min(highest, 9) or get(state, IS_AUTOSOME) != 0:
            return -1
        return 8 + (_HOM_REF if one == 0 else _HOM_ALT)
    other, sign = load_byte(address + 2) - 48, load_byte(address + 1)
    if size != 3 or not (sign == 47 or sign == 124):
        return -1
    is_one_missing, is_other_missing = one == _DOT - 48, other == _DOT - 48
    if not (is_one_missing or (one >= 0 and one <= min(highest, 9))):
        return -1
    if not (is_other_missing or (other >= 0 and other <= min(highest, 9))):
        return -1
    if is_one_missing or is_other_missing:
        return _MISSING
    if one != other:
        return _HET
    return _HOM_REF if one == 0 else _HOM_ALT


@kernel
def take_field(state, text, mark, row):  # type: ignore[no-untyped-def]
    """The values of one field that begins after the mark before; ``row`` has its place (0), begin (1), ploidy (2)."""
    field, at = load_64(row), load_64(row + 8)
    kind = get(get(state, FORMS) + 8 * FORM_ROW * get(state, FORM), FORM_KINDS + field)
    of = kind & KIND_MASK
    count = 0
    while True:
        end = load_32(mark)
        byte = load_byte(text + end)
        if of in (STRING, ANY):
            while byte in (32, 59, 61):
                mark += 4
                end = load_32(mark)
                byte = load_byte(text + end)
        is_missing = end == at + 1 and load_byte(text + at) == _DOT
        if not is_missing and not is_value(state, text + at, end - at, kind):
            return 0
        if of == CHARACTER and not is_missing and byte == 32:
            return 0
        count += 1
        if byte != _COMMA:
            break
        at = end + 1
        mark += 4
    wanted = load_64(get(state, WANTED) + 8 * (MOST_FIELDS * load_64(row + 16) + field))
    if wanted != ANY_NUMBER and count != wanted and not (count == 1 and is_missing):
        return 0
    return mark


@kernel
def genotype_code(address, size):  # type: ignore[no-untyped-def]
    """The code of a genotype that :func:`genotype_kind` knows; -1 for a dot."""
    one = load_byte(address) - 48
    if size == 1:
        return (one + 2) * GENOTYPE_SIGNS * GENOTYPE_ALLELES if one >= 0 else -1
    return code_of(one, load_byte(address + 1), load_byte(address + 2) - 48)


@kernel
def count_of(state, address, size):  # type: ignore[no-untyped-def]
    """DP or GQ, -1 for none; notes down that it is another number than digits."""
    value = whole_number(address, size)
    if value < 0 and not (size == 1 and load_byte(address) == _DOT):
        put(state, IS_ODD, 1)
    return value


@kernel
def take_sample(state, text, mark, sample):  # type: ignore[no-untyped-def]
    """One sample of any form, field by field; ``mark`` is the one after the mark before the sample."""
    form = get(state, FORMS) + 8 * FORM_ROW * get(state, FORM)
    fields, scratch = get(form, FORM_FIELDS), get(state, WANTED) + 8 * 3 * MOST_FIELDS
    at = load_32(mark - 4) + 1
    ploidy = 2
    field = 0
    while True:
        if field == fields:
            return 0
        begin = at
        if field == 0 and get(form, FORM_HAS_GENOTYPE) != 0:
            end = load_32(mark)
            kind = genotype_kind(state, text + at, end - at)
            if kind < 0:
                return 0
            store_byte(get(state, KINDS) + sample, kind & 7)
            store_32(get(state, GENOTYPES) + 4 * sample, genotype_code(text + at, end - at))
            if kind & 8 != 0:
                ploidy = 0 if kind & 7 == _MISSING else 1
        else:
            store_64(scratch, field)
            store_64(scratch + 8, at)
            store_64(scratch + 16, ploidy)
            mark = take_field(state, text, mark, scratch)
            if mark == 0:
                return 0
            end = load_32(mark)
        if field == get(form, FORM_DEPTH):
            store_32(get(state, DEPTHS) + 4 * sample, count_of(state, text + begin, end - begin))
        if field == get(form, FORM_QUALITY):
            store_32(get(state, QUALITIES) + 4 * sample, count_of(state, text + begin, end - begin))
        byte = load_byte(text + end)
        mark += 4
        if byte != _COLON:
            break
        at = end + 1
        field += 1
    return mark if byte == (_LINE_END if sample + 1 == get(state, SAMPLES) else _TAB) else 0


@kernel
def take_samples(state, text, mark):  # type: ignore[no-untyped-def]
    """All samples; ``mark`` is the one after FORMAT's."""
    depths, qualities, samples, size = (
        get(state, DEPTHS),
        get(state, QUALITIES),
        get(state, SAMPLES),
        get(state, PROGRAM_SIZE),
    )
    sample = 0
    while sample < samples:
        if size > 0:
            run_program(state, text, load_32(mark - 4) + 1, sample)
            mark += 4 * (size + 1) * (get(state, PROGRAM_SAMPLE) - sample)
            sample = get(state, PROGRAM_SAMPLE)
            if sample == samples:
                break
        store_32(depths + 4 * sample, -1)
        store_32(qualities + 4 * sample, -1)
        mark = take_sample(state, text, mark, sample)
        if mark == 0:
            return 0
        sample += 1
    return mark


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
        at = run_program(state, text, at, sample)
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
