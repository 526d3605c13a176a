"""Typed values of BCF written as VCF writes them. What is unusual is left to the plain path: then nothing is written.

Functions take addresses; those that write return where the next byte goes, 0 for what they leave to the plain path.
"""

from __future__ import annotations

import math

import numpy

from catalog.kernels import kernel
from catalog.kernels.memory import load_32, load_byte, store_byte

_BYTES_16, _BYTES_32 = 16, 32
_FLOAT_MISSING, _FLOAT_END, _NOT_FINITE = 0x7F800001, 0x7F800002, 0x7F800000
_DIGITS = 7
_SEVEN_DIGITS = 10_000_000


@kernel
def width_of(kind):  # type: ignore[no-untyped-def]
    """The bytes of one element of a type."""
    if kind == 3 or kind == 5:
        return 4
    if kind == 2:
        return 2
    return 0 if kind == 0 else 1


@kernel
def integer(at, kind):  # type: ignore[no-untyped-def]
    """The integer of a type at an address."""
    if kind == 1:
        value = load_byte(at)
        return value - 256 if value > 127 else value
    value = load_32(at)
    if kind == 2:
        value &= 0xFFFF
        return value - 65536 if value > 32767 else value
    return value - 4294967296 if value > 2147483647 else value


@kernel
def typed(at, end):  # type: ignore[no-untyped-def]
    """Type, number of elements and place of the next value; the type is -1 for an unusual one, and beyond the end."""
    if at >= end:
        return -1, 0, at
    first = load_byte(at)
    kind, count = first & 15, first >> 4
    at += 1
    if count == 15:
        size = load_byte(at)
        if size != 0x11 and size != 0x12 and size != 0x13:
            return -1, 0, at
        count = integer(at + 1, size & 15)
        at += 1 + width_of(size & 15)
        if count < 15:
            return -1, 0, at
    if kind == 4 or kind == 6 or kind > 7 or (kind == 0 and count != 0):
        return -1, 0, at
    if at + count * width_of(kind) > end:
        return -1, 0, at
    return kind, count, at


@kernel
def key(at, end):  # type: ignore[no-untyped-def]
    """The number of a key and the place behind it; -1 for an unusual one."""
    kind, count, at = typed(at, end)
    if count != 1 or kind < 1 or kind > 3:
        return -1, at
    return integer(at, kind), at + width_of(kind)


@kernel
def put_number(out, value):  # type: ignore[no-untyped-def]
    """Writes an integer."""
    if value < 0:
        store_byte(out, 45)
        out += 1
        value = -value
    digits, bound = 1, 10
    while value >= bound:
        bound *= 10
        digits += 1
    for place in range(digits - 1, -1, -1):
        store_byte(out + place, 48 + value % 10)
        value //= 10
    return out + digits


@kernel
def put_digits(out, digits, first, last):  # type: ignore[no-untyped-def]
    """Writes some of seven digits, by their places from 0."""
    for place in range(first, last):
        store_byte(out, 48 + digits // 10 ** (_DIGITS - 1 - place) % 10)
        out += 1
    return out


@kernel
def seven_digits(value):  # type: ignore[no-untyped-def]
    """The seven leading digits of a number above zero, and the power of ten of the first."""
    power = math.floor(math.log10(value))
    digits = int(numpy.rint(value * 10.0 ** (6 - power)))
    if digits < _SEVEN_DIGITS // 10:
        power -= 1
        digits = int(numpy.rint(value * 10.0 ** (6 - power)))
    elif digits >= _SEVEN_DIGITS:
        power += 1
        digits = int(numpy.rint(value * 10.0 ** (6 - power)))
    return digits, power


@kernel
def put_float(out, at):  # type: ignore[no-untyped-def]
    """Writes a float of 32 bits with seven digits (``%.7g``)."""
    bits = load_32(at)
    if bits & _NOT_FINITE == _NOT_FINITE:
        if bits != _FLOAT_MISSING:
            return 0
        store_byte(out, 46)
        return out + 1
    if bits >> 31:
        store_byte(out, 45)
        out += 1
    if bits & 0x7FFFFFFF == 0:
        store_byte(out, 48)
        return out + 1
    digits, power = seven_digits(float(numpy.uint32(bits & 0x7FFFFFFF).view(numpy.float32)))
    last = _DIGITS
    while last > 1 and digits // 10 ** (_DIGITS - last) % 10 == 0:
        last -= 1
    if power < -4 or power >= _DIGITS:
        out = put_digits(out, digits, 0, 1)
        if last > 1:
            store_byte(out, 46)
            out = put_digits(out + 1, digits, 1, last)
        store_byte(out, 101)
        store_byte(out + 1, 45 if power < 0 else 43)
        out += 2
        if abs(power) < 10:
            store_byte(out, 48)
            out += 1
        return put_number(out, abs(power))
    if power < 0:
        store_byte(out, 48)
        store_byte(out + 1, 46)
        out += 2
        for _ in range(-power - 1):
            store_byte(out, 48)
            out += 1
        return put_digits(out, digits, 0, last)
    out = put_digits(out, digits, 0, power + 1)
    if last > power + 1:
        store_byte(out, 46)
        out = put_digits(out + 1, digits, power + 1, last)
    return out


@kernel
def is_end(at, kind):  # type: ignore[no-untyped-def]
    """Whether an element is END_OF_VECTOR."""
    if kind == 5:
        return load_32(at) == _FLOAT_END
    return integer(at, kind) == -(1 << 8 * width_of(kind) - 1) + 1


@kernel
def put_vector(out, at, kind, count):  # type: ignore[no-untyped-def]
    """Writes integers or floats with commas between them, a dot for one that is missing, up to the end of the vector."""
    width = width_of(kind)
    lowest = -(1 << 8 * width - 1)
    for number in range(count):
        place = at + width * number
        if is_end(place, kind):
            for rest in range(number + 1, count):
                if not is_end(at + width * rest, kind):
                    return 0
            if number == 0:
                store_byte(out, 46)
                out += 1
            return out
        if number:
            store_byte(out, 44)
            out += 1
        if kind == 5:
            out = put_float(out, place)
            if out == 0:
                return 0
            continue
        value = integer(place, kind)
        if value == lowest:
            store_byte(out, 46)
            out += 1
        elif value < lowest + 8:
            return 0
        else:
            out = put_number(out, value)
    return out


@kernel
def put_text(out, at, size, separator):  # type: ignore[no-untyped-def]
    """Writes a string of printable ASCII that does not have the separator; a dot for an empty one."""
    if size == 0:
        store_byte(out, 46)
        return out + 1
    for place in range(size):
        byte = load_byte(at + place)
        if byte < 32 or byte > 126 or byte == separator:
            return 0
        store_byte(out + place, byte)
    return out + size


@kernel
def put_genotype(out, at, kind, count, minor):  # type: ignore[no-untyped-def]
    """Writes one genotype; from VCFv4.4 on with the phase of the first allele where it is not what the others say."""
    width = width_of(kind)
    end = -(1 << 8 * width - 1) + 1
    length, is_phased = 0, True
    for number in range(count):
        value = integer(at + width * number, kind)
        if value == end:
            break
        if value < 0 or value > 2_000_000:
            return 0
        if number:
            is_phased = is_phased and value & 1 == 1
        length += 1
    for number in range(length, count):
        if integer(at + width * number, kind) != end:
            return 0
    if length == 0:
        store_byte(out, 46)
        return out + 1
    if minor >= 4 and (integer(at, kind) & 1 == 1) != is_phased:
        store_byte(out, 47 if is_phased else 124)
        out += 1
    for number in range(length):
        value = integer(at + width * number, kind)
        if number:
            store_byte(out, 124 if value & 1 else 47)
            out += 1
        if value < 2:
            store_byte(out, 46)
            out += 1
        else:
            out = put_number(out, (value >> 1) - 1)
    return out
