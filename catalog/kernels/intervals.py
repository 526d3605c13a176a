"""Tables of intervals: a reader of lines by the kinds of their columns.

Separators are marked 64 bytes at a time, so that the columns of a line do not wait for each other; digits are taken eight
at a time as bytes of one word. The reader stops at the first line that plain code has to look at; the judges of
:mod:`catalog.kernels.intervals_rules` see only numbers.
"""

from __future__ import annotations

from typing import Any

import numpy
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from catalog.kernels import intervals_layout as layout
from catalog.kernels import kernel
from catalog.kernels.memory import MARKED, count_zeros, load_bits, load_byte, part

_WHOLE, _SIGNED, _LETTER, _WORD, _LIKE = layout.WHOLE, layout.SIGNED, layout.LETTER, layout.WORD, layout.LIKE
_MINUS = layout.MINUS
_TENS = numpy.array([10**exponent for exponent in range(18)], numpy.int64)
_NO_CODE = 255
_CODES = numpy.full(256, _NO_CODE, numpy.int64)
_CODES[numpy.frombuffer(layout.ALPHABET, numpy.uint8)] = numpy.arange(64)
_U = numpy.uint64
_0, _1, _8, _63, _64 = _U(0), _U(1), _U(8), _U(63), _U(64)
_LONGEST_WORD, _LONGEST_TEXT = layout.LONGEST_WORD, 255
#: Characters of a number: its digits fit into 53 bits.
_LONGEST_NUMBER = 16
_ZEROS, _POINTS, _ONES = _U(0x3030303030303030), _U(0x2E2E2E2E2E2E2E2E), _U(0x0101010101010101)
_NOT_DIGIT, _TOP_BITS = _U(0x7676767676767676), _U(0x8080808080808080)
#: What may be looked at behind the last byte of a line.
MARGIN_BYTES = MARKED + 8

_BYTE_TYPE, _WORD_TYPE = ir.IntType(8), ir.IntType(64)
_ROW_TYPE = ir.VectorType(_BYTE_TYPE, MARKED)


def address_of(buffer: bytes) -> int:
    """Where the bytes of a buffer are in memory; whoever asks keeps the buffer."""
    return int(numpy.frombuffer(buffer, numpy.uint8).ctypes.data)


@intrinsic  # type: ignore[untyped-decorator]
def separators(_context: Any, address: Any, is_blank: Any) -> Any:
    """Which of 64 bytes are tabs or line ends, or blanks where these separate: one bit each."""

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        row = builder.load(builder.inttoptr(arguments[0], _ROW_TYPE.as_pointer()), align=1)

        def equal(byte: int) -> Any:
            others = ir.Constant(_ROW_TYPE, [ir.Constant(_BYTE_TYPE, byte)] * MARKED)
            return builder.bitcast(builder.icmp_unsigned("==", row, others), _WORD_TYPE)

        wanted = builder.select(arguments[1], ir.Constant(_WORD_TYPE, -1), ir.Constant(_WORD_TYPE, 0))
        return builder.or_(builder.or_(equal(9), equal(10)), builder.and_(equal(32), wanted))

    return types.uint64(types.intp, types.boolean), generate


@part
def eight(place, size):  # type: ignore[no-untyped-def]
    """The value of one to eight digits, and bits where a character is none."""
    value = (load_bits(place) ^ _ZEROS) << ((_64 - (_U(size) << _U(3))) & _63)
    others = ((value + _NOT_DIGIT) | value) & _TOP_BITS
    value = (value * _U(10) + (value >> _8)) & _U(0x00FF00FF00FF00FF)
    value = (value * _U(100) + (value >> _U(16))) & _U(0x0000FFFF0000FFFF)
    value = (value * _U(10000) + (value >> _U(32))) & _U(0xFFFFFFFF)
    return numpy.int64(value), others


@part
def digits(place, size):  # type: ignore[no-untyped-def]
    """The value of one to sixteen digits, and bits where a character is none, or there are fewer or more."""
    if size <= 8:
        value, others = eight(place, size)
        return value, others | _U(size <= 0)
    value, others = eight(place, size - 8)
    low, more = eight(place + size - 8, 8)
    return value * 100_000_000 + low, others | more | _U(size > _LONGEST_NUMBER)


@part
def point_of(place, size):  # type: ignore[no-untyped-def]
    """How many characters stand before the point in a number; all where it has none."""
    word = load_bits(place) ^ _POINTS
    before = count_zeros((word - _ONES) & ~word & _TOP_BITS) >> 3
    if before == 8 and size > 8:
        word = load_bits(place + 8) ^ _POINTS
        before += count_zeros((word - _ONES) & ~word & _TOP_BITS) >> 3
    return min(before, size)


@part
def decimal(place, size, is_signed):  # type: ignore[no-untyped-def]
    """A number with a fraction or without, as the layout says, and bits where it is none."""
    has_minus = is_signed and load_byte(place) == 45
    place += has_minus
    size -= has_minus
    before = point_of(place, size)
    value, others = digits(place, before)
    decimals = size - before - 1
    if decimals < 0:
        return value << 5 | _MINUS * has_minus, others
    fraction, more = digits(place + before + 1, decimals)
    others |= more | _U(size > _LONGEST_NUMBER)
    return (value * _TENS[decimals & 15] + fraction) << 5 | decimals | _MINUS * has_minus, others


@part
def word_of(place, size):  # type: ignore[no-untyped-def]
    """A packed word, and 1 where it is none."""
    value = 1
    if size == 0 or size > _LONGEST_WORD:
        return value, _1
    for step in range(size):
        code = _CODES[load_byte(place + step)]
        if code == _NO_CODE:
            return value, _1
        value = (value << 6) | code
    return value, _0


@part
def is_text(place, size):  # type: ignore[no-untyped-def]
    """Whether a column is printable and not too long."""
    if size == 0 or size > _LONGEST_TEXT:
        return False
    for step in range(size):
        byte = load_byte(place + step)
        if byte <= 32 or byte >= 127:
            return False
    return True


@kernel
def read_rows(base, span, kinds, contig, table, words):  # type: ignore[no-untyped-def]
    """Reads lines into a table as long as they have the contig and the kinds of columns; how many were read.

    Args:
        base: see :func:`address_of`.
        span: where the first line begins, where the last one ends at the latest (:data:`MARGIN_BYTES` before the buffer's
            end), and a separator that is allowed besides the tab (9 for none).
        kinds: the kind of each column.
        contig: the contig's name and a tab.
        table: see the layout; it has room for the beginning of one more line.
        words: room for two numbers a column: the word that was read last, and its size.
    """
    line, end, is_blank = base + span[0], base + span[1], span[2] == 32
    refused = len(kinds)
    contig_word = _0
    for step in range(min(8, len(contig))):
        contig_word |= _U(contig[step]) << _U(8 * step)
    unused_bits = _U(64 - 8 * min(8, len(contig)))
    rows = 0
    chunk = line
    found = separators(chunk, is_blank) if line < end else _0
    while line < end and rows < table.shape[1] - 1:
        bad = (load_bits(line) ^ contig_word) << unused_bits
        for step in range(8, len(contig)):
            bad |= _U(load_byte(line + step) != contig[step])
        column = 0
        begin = stop = line
        while True:
            while found == _0:
                chunk += MARKED
                found = separators(chunk, is_blank)
            stop = chunk + count_zeros(found)
            found &= found - _1
            size = stop - begin
            kind = kinds[column]
            if column == 0:
                bad |= _U(size != len(contig) - 1)
            elif kind == _WHOLE or kind >= _LIKE:
                table[column, rows], others = digits(begin, size)
                bad |= others
            elif kind <= _SIGNED:
                table[column, rows], others = decimal(begin, size, kind == _SIGNED)
                bad |= others
            elif kind == _LETTER:
                letter = load_byte(begin)
                bad |= _U(size != 1 or letter <= 32)
                table[column, rows] = letter
            elif kind == _WORD:
                # Most words are those of the line before.
                word = load_bits(begin) << ((_64 - (_U(size) << _U(3))) & _63)
                if rows > 0 and 0 < size <= 8 and word == words[0, column] and _U(size) == words[1, column]:
                    table[column, rows] = table[column, rows - 1]
                else:
                    table[column, rows], others = word_of(begin, size)
                    bad |= others
                    words[0, column], words[1, column] = word, _U(size)
            else:
                bad |= _U(not is_text(begin, size))
            column += 1
            if column == refused or load_byte(stop) == 10:
                break
            begin = stop + 1
        if bad != _0 or column != refused or load_byte(stop) != 10:
            break
        table[0, rows] = line - base
        line = stop + 1
        rows += 1
    table[0, rows] = line - base
    return rows
