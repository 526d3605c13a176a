"""Records of BCF written as lines of VCF, as long as nothing about their encoding needs a word."""

from __future__ import annotations

from catalog.kernels import bcf_state as at_
from catalog.kernels import kernel
from catalog.kernels.bcf_values import (
    integer,
    key,
    put_float,
    put_genotype,
    put_number,
    put_text,
    put_vector,
    typed,
    width_of,
)
from catalog.kernels.memory import load_32, load_64, load_byte, store_64, store_byte

_TAB, _LF, _COMMA, _COLON, _SEMICOLON, _EQUALS, _DOT, _LESS = 9, 10, 44, 58, 59, 61, 46, 60
#: CHROM to n_fmt, behind the two lengths.
_FIXED_BYTES = 24
_NOT_SAID = -(1 << 40)
#: The longest text of a number is that of an integer of one byte: four characters and a comma.
_GROWTH = 6


@kernel
def get(state, place):  # type: ignore[no-untyped-def]
    """A number of the state."""
    return load_64(state + 8 * place)


@kernel
def put_name(state, out, names, number):  # type: ignore[no-untyped-def]
    """Writes a name of a dictionary, given by the place of its table; nothing (0) when there is none of that number."""
    if number < 0 or number >= get(state, names - 1):
        return 0
    size = load_64(get(state, names + 2) + 8 * number)
    begin = get(state, names) + load_64(get(state, names + 1) + 8 * number)
    if size < 0:
        return 0
    for place in range(size):
        store_byte(out + place, load_byte(begin + place))
    return out + size


@kernel
def declared_kind(state, kinds, number):  # type: ignore[no-untyped-def]
    """The declared type of a key."""
    if number < 0 or number >= get(state, at_.STRINGS):
        return at_.NOT_DECLARED
    return load_byte(get(state, kinds) + number)


@kernel
def is_stored_as(kind, declared):  # type: ignore[no-untyped-def]
    """Whether a type is the one of a declared type."""
    if declared == at_.TEXT:
        return kind == 7
    return kind == 5 if declared == at_.FLOAT else 1 <= kind <= 3


@kernel
def put_filters(state, out, at, end):  # type: ignore[no-untyped-def]
    """Writes FILTER; where the next byte goes, and the place behind it."""
    kind, count, at = typed(at, end)
    if count == 0 and kind >= 0:
        store_byte(out, _DOT)
        return out + 1, at
    if kind < 1 or kind > 3:
        return 0, at
    for number in range(count):
        if number:
            store_byte(out, _SEMICOLON)
            out += 1
        entry = integer(at, kind)
        if declared_kind(state, at_.FILTER_KINDS, entry) == at_.NOT_DECLARED:
            return 0, at
        out = put_name(state, out, at_.NAMES, entry)
        if out == 0:
            return 0, at
        at += width_of(kind)
    return out, at


@kernel
def put_info(state, out, at, end):  # type: ignore[no-untyped-def]
    """Writes one field of INFO; where the next byte goes, the place behind it, and the value of END when it is that."""
    number, at = key(at, end)
    declared = declared_kind(state, at_.INFO_KINDS, number)
    kind, count, at = typed(at, end)
    if declared == at_.NOT_DECLARED or kind < 0:
        return 0, at, _NOT_SAID
    out = put_name(state, out, at_.NAMES, number)
    behind = at + count * width_of(kind)
    if declared == at_.FLAG:
        is_plain = kind == 0 or (kind == 1 and count == 1 and load_byte(at) == 1)
        return (out if is_plain else 0), behind, _NOT_SAID
    store_byte(out, _EQUALS)
    out += 1
    if count == 0:
        store_byte(out, _DOT)
        return out + 1, behind, _NOT_SAID
    if not is_stored_as(kind, declared):
        return 0, behind, _NOT_SAID
    if kind == 7:
        return put_text(out, at, count, _SEMICOLON), behind, _NOT_SAID
    out = put_vector(out, at, kind, count)
    if number == get(state, at_.END_KEY):
        return (out if count == 1 else 0), behind, integer(at, kind)
    return out, behind, _NOT_SAID


@kernel
def put_alleles(out, at, end, count):  # type: ignore[no-untyped-def]
    """Writes REF and ALT; where the next byte goes, the place behind, bases of REF, and whether ALT is symbolic."""
    bases, is_symbolic = 0, False
    for number in range(count):
        kind, size, at = typed(at, end)
        if kind != 7 or size == 0:
            return 0, at, 0, False
        if number:
            store_byte(out, _TAB if number == 1 else _COMMA)
            out += 1
            is_symbolic = is_symbolic or load_byte(at) == _LESS
        else:
            bases = size
        out = put_text(out, at, size, _COMMA)
        if out == 0:
            return 0, at, 0, False
        at += size
    if count == 1:
        store_byte(out, _TAB)
        store_byte(out + 1, _DOT)
        out += 2
    store_byte(out, _TAB)
    return out + 1, at, bases, is_symbolic


@kernel
def put_site(state, out, at, end):  # type: ignore[no-untyped-def]
    """Writes CHROM to INFO of a record whose fixed fields begin here; where the next byte goes."""
    start, reach = integer(at + 4, 3), integer(at + 8, 3)
    infos, alleles = load_32(at + 16) & 0xFFFF, load_32(at + 16) >> 16
    out = put_name(state, out, at_.CONTIG_NAMES, integer(at, 3))
    if out == 0 or alleles == 0:
        return 0
    store_byte(out, _TAB)
    out = put_number(out + 1, start + 1)
    store_byte(out, _TAB)
    quality = at + 12
    kind, size, at = typed(at + _FIXED_BYTES, end)
    if kind != 7 and size:
        return 0
    out = put_text(out + 1, at, size, _TAB) if kind >= 0 else 0
    if out == 0:
        return 0
    store_byte(out, _TAB)
    out, at, bases, is_symbolic = put_alleles(out + 1, at + size, end, alleles)
    if out == 0:
        return 0
    out = put_float(out, quality)
    if out == 0:
        return 0
    store_byte(out, _TAB)
    out, at = put_filters(state, out + 1, at, end)
    last = _NOT_SAID
    for number in range(infos):
        if out == 0:
            return 0
        store_byte(out, _SEMICOLON if number else _TAB)
        out, at, said = put_info(state, out + 1, at, end)
        last = said if said != _NOT_SAID else last
    if out == 0 or at != end:
        return 0
    if infos == 0:
        store_byte(out, _TAB)
        store_byte(out + 1, _DOT)
        out += 2
    if last != _NOT_SAID:
        return out if last > start and reach == last - start else 0
    return out if reach == bases and (not is_symbolic or get(state, at_.MINOR) < 5) else 0


@kernel
def read_fields(state, at, end, fields):  # type: ignore[no-untyped-def]
    """Reads types and places of the fields of a record; whether nothing is unusual."""
    samples = get(state, at_.SAMPLES)
    for number in range(fields):
        name, at = key(at, end)
        declared = declared_kind(state, at_.FORMAT_KINDS, name)
        if declared == at_.NOT_DECLARED or at >= end:
            return False
        kind, count, at = typed(at, end)
        if kind < 0 or (count and not is_stored_as(kind, declared)):
            return False
        field = get(state, at_.FIELDS) + 32 * number
        store_64(field, at_.GENOTYPE if declared == at_.GENOTYPE else kind)
        store_64(field + 8, kind)
        store_64(field + 16, count)
        store_64(field + 24, at)
        behind = at + samples * count * width_of(kind)
        if behind > end:
            return False
        at = behind
    return at == end


@kernel
def put_field(state, out, field, sample):  # type: ignore[no-untyped-def]
    """Writes one field of one sample."""
    kind, count = load_64(field + 8), load_64(field + 16)
    at = load_64(field + 24) + sample * count * width_of(kind)
    if count == 0:
        store_byte(out, _DOT)
        return out + 1
    if load_64(field) == at_.GENOTYPE:
        return put_genotype(out, at, kind, count, get(state, at_.MINOR))
    if kind == 7:
        while count and load_byte(at + count - 1) == 0:
            count -= 1
        return put_text(out, at, count, _COLON)
    return put_vector(out, at, kind, count)


@kernel
def put_samples(state, out, at, end, fields):  # type: ignore[no-untyped-def]
    """Writes FORMAT and the samples; where the next byte goes."""
    if not read_fields(state, at, end, fields):
        return 0
    for number in range(fields):
        store_byte(out, _COLON if number else _TAB)
        name, at = key(at, end)
        out = put_name(state, out + 1, at_.NAMES, name)
        field = get(state, at_.FIELDS) + 32 * number
        at = load_64(field + 24) + get(state, at_.SAMPLES) * load_64(field + 16) * width_of(load_64(field + 8))
    for sample in range(get(state, at_.SAMPLES)):
        for number in range(fields):
            store_byte(out, _COLON if number else _TAB)
            out = put_field(state, out + 1, get(state, at_.FIELDS) + 32 * number, sample)
            if out == 0:
                return 0
    return out


@kernel
def put_record(state, out, at, shared, individual):  # type: ignore[no-untyped-def]
    """Writes one record that begins behind its lengths; where the next byte goes."""
    samples = get(state, at_.SAMPLES)
    count, fields = load_32(at + 20) & 0xFFFFFF, load_32(at + 20) >> 24
    if count != samples or (samples and (fields == 0 or samples > 8 * individual)):
        return 0
    room = _GROWTH * (shared + individual) + 2 * fields * samples + 64
    room += (fields + (shared >> 1)) * (get(state, at_.LONGEST_NAME) + 2)
    if out + room > get(state, at_.OUT_END):
        return 0
    out = put_site(state, out, at, at + shared)
    if out and samples:
        out = put_samples(state, out, at + shared, at + shared + individual, fields)
    elif individual:
        return 0
    if out:
        store_byte(out, _LF)
        return out + 1
    return 0


@kernel
def put_records(state, at, end, out):  # type: ignore[no-untyped-def]
    """Writes records as lines until one needs a word, the bytes end or the room; how many there were."""
    number = 0
    places = get(state, at_.PLACES)
    while number < get(state, at_.MOST_RECORDS) and at + 8 + _FIXED_BYTES <= end:
        shared, individual = load_32(at), load_32(at + 4)
        if shared < _FIXED_BYTES or at + 8 + shared + individual > end:
            break
        written = put_record(state, out, at + 8, shared, individual)
        if written == 0:
            break
        store_64(places + 8 * number, at)
        number += 1
        out = written
        at += 8 + shared + individual
    store_64(state + 8 * at_.DONE, at)
    store_64(state + 8 * at_.WRITTEN, out)
    return number
