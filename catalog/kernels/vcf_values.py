"""Single values of a VCF: numbers, eight characters at once, and text."""

from __future__ import annotations

import numpy

from catalog.kernels import kernel
from catalog.kernels.memory import count_zeros, get, load_64, load_bits, load_byte, part
from catalog.kernels.vcf_state import CHARACTER, FLOAT, INTEGER, KIND_MASK, MINOR, NAME, SHARE, UNSIGNED

_ZEROS = numpy.uint64(0x3030303030303030)
_ABOVE_NINE = numpy.uint64(0x7676767676767676)
_HIGH_BITS = numpy.uint64(0x8080808080808080)
_ONE, _EIGHT, _SIXTEEN, _HALF, _FULL = map(numpy.uint64, (1, 8, 16, 32, 64))
_TEN, _HUNDRED, _MYRIAD = map(numpy.uint64, (10, 100, 10_000))
_PAIRS, _QUADS, _OCTETS = map(numpy.uint64, (0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF, 0xFFFFFFFF))
_SHIFTS, _BYTE = numpy.uint64(63), numpy.uint64(255)
_MINUS = 45
_DOT, _DIGIT_0, _DIGIT_1 = map(numpy.uint64, b".01")
_NAN, _INF = (numpy.uint64(int.from_bytes(word, "little")) for word in (b"nan", b"inf"))
_THREE_LOWER = numpy.uint64(0x202020)
_THREE = numpy.uint64(0xFFFFFF)


@kernel
def is_same(one, other, size):  # type: ignore[no-untyped-def]
    """Whether so many bytes at two addresses are equal."""
    at = 0
    while at + 8 <= size:
        if load_64(one + at) != load_64(other + at):
            return False
        at += 8
    while at < size:
        if load_byte(one + at) != load_byte(other + at):
            return False
        at += 1
    return True


@kernel
def not_digits(word, size):  # type: ignore[no-untyped-def]
    """Bits (the highest of each byte) of the first bytes of a word that are no digits; for one to eight bytes."""
    low = word ^ _ZEROS
    bits = ((low + _ABOVE_NINE) | low) & _HIGH_BITS
    shift = (_FULL - _EIGHT * numpy.uint64(size)) & _SHIFTS
    return (bits << shift) >> shift


@kernel
def are_digits(word, size):  # type: ignore[no-untyped-def]
    """Whether the first one to eight bytes of a word are digits."""
    low = word ^ _ZEROS
    bits = ((low + _ABOVE_NINE) | low) & _HIGH_BITS
    return (bits << ((_FULL - _EIGHT * numpy.uint64(size)) & _SHIFTS)) == 0


@kernel
def number_of(word, size):  # type: ignore[no-untyped-def]
    """The number that one to eight digits stand for."""
    value = (word ^ _ZEROS) << ((_FULL - _EIGHT * numpy.uint64(size)) & _SHIFTS)
    value = (value * _TEN + (value >> _EIGHT)) & _PAIRS
    value = (value * _HUNDRED + (value >> _SIXTEEN)) & _QUADS
    return numpy.int64((value * _MYRIAD + (value >> _HALF)) & _OCTETS)


@part
def whole_number(address, size):  # type: ignore[no-untyped-def]
    """The number that one to nine digits stand for; -1 when they are none, or are more."""
    if size < 1 or size > 9:
        return -1
    first = min(size, 8)
    word = load_bits(address)
    if not_digits(word, first) != 0:
        return -1
    value = number_of(word, first)
    if size == 9:
        last = load_byte(address + 8) - 48
        if last < 0 or last > 9:
            return -1
        value = 10 * value + last
    return value


@kernel
def digits_from(address, at, size):  # type: ignore[no-untyped-def]
    """Where a run of digits that begins at a place ends."""
    while at < size:
        byte = load_byte(address + at)
        if byte < 48 or byte > 57:
            break
        at += 1
    return at


@part
def is_integer(address, size, kind):  # type: ignore[no-untyped-def]
    """Whether it is an Integer of at most nine digits."""
    first = load_byte(address)
    if first == 43 or (first == 45 and kind & UNSIGNED == 0):
        address += 1
        size -= 1
    return whole_number(address, size) >= 0


@kernel
def is_any_float(state, address, size, kind):  # type: ignore[no-untyped-def]
    """Whether it is a Float of the grammar; of a share only what is plainly between 0 and 1."""
    at = 0
    first = load_byte(address)
    if first == 43 or (first == 45 and kind & UNSIGNED == 0):
        at = 1
    if size - at == 3:
        word = (load_bits(address + at) | _THREE_LOWER) & _THREE
        if word == _NAN:
            return True
        if word == _INF:
            return kind & SHARE == 0
    whole = digits_from(address, at, size)
    digits = whole - at
    is_zero = digits == 0 or (digits == 1 and load_byte(address + at) == 48)
    at = whole
    if at < size and load_byte(address + at) == 46:
        end = digits_from(address, at + 1, size)
        if end == at + 1 and (get(state, MINOR) >= 3 or digits == 0):
            return False
        at = end
    elif digits == 0:
        return False
    is_small = is_zero
    if at < size and load_byte(address + at) | 32 == 101:
        at += 1
        sign = load_byte(address + at) if at < size else 0
        if sign == 43 or sign == 45:
            at += 1
        end = digits_from(address, at, size)
        if end == at:
            return False
        is_small = sign == 45 and digits < 2 and (is_zero or load_byte(address + end - 1) != 48)
        at = end
    return at == size and (kind & SHARE == 0 or is_small)


@part
def is_float(state, address, size, kind):  # type: ignore[no-untyped-def]
    """The same; the usual forms, digits with one dot, without a look at each character and without a guess."""
    is_signed = (load_byte(address) == _MINUS) & (kind & UNSIGNED == 0)
    word = load_bits(address + is_signed)
    rest = size - is_signed
    if rest >= 1 and rest <= 8:
        others = not_digits(word, rest)
        if others == 0:
            return kind & SHARE == 0 or (rest == 1 and word & _BYTE <= _DIGIT_1)
        dot = count_zeros(others) >> 3
        is_dot = (word >> numpy.uint64(8 * dot)) & _BYTE == _DOT
        if is_dot & (others & (others - _ONE) == 0) & (dot < rest - 1):
            if kind & SHARE == 0:
                return True
            first = word & _BYTE
            is_one = (first == _DIGIT_1) & (number_of(word >> _SIXTEEN, rest - 2) == 0)
            if (dot == 0) | (dot == 1) & ((first == _DIGIT_0) | is_one):
                return True
    return is_any_float(state, address, size, kind)


@part
def is_value(state, address, size, kind):  # type: ignore[no-untyped-def]
    """Whether it is a value of a kind, other than the missing one; text was looked at when its end was looked for."""
    if size < 1:
        return False
    of = kind & KIND_MASK
    if of == INTEGER:
        return is_integer(address, size, kind)
    if of == FLOAT:
        return is_float(state, address, size, kind)
    if of == CHARACTER:
        return size == 1
    if of == NAME:
        return size != 1 or load_byte(address) != 48
    return True
