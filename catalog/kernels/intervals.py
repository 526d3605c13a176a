"""Tables of intervals: a reader of lines by the kinds of their columns.

The reader takes eight digits at once (as bytes of one 64-bit word) and stops at the first line that plain code has to
look at; the judges of :mod:`catalog.kernels.intervals_rules` see only numbers.
"""

from __future__ import annotations

from typing import Any

import numpy

from catalog.kernels import intervals_layout as layout
from catalog.kernels import kernel

_WHOLE, _SIGNED, _LETTER, _WORD, _LIKE = layout.WHOLE, layout.SIGNED, layout.LETTER, layout.WORD, layout.LIKE
_MINUS = layout.MINUS
_TENS = numpy.array([10**exponent for exponent in range(9)], numpy.int64)
_NO_CODE = 255
_CODES = numpy.full(256, _NO_CODE, numpy.int64)
_CODES[numpy.frombuffer(layout.ALPHABET, numpy.uint8)] = numpy.arange(64)
#: Places are unsigned throughout: numba tests signed ones for being negative, which costs a fifth.
_U = numpy.uint64
_0, _1, _8 = _U(0), _U(1), _U(8)
_LONGEST_WORD, _LONGEST_TEXT = _U(layout.LONGEST_WORD), _U(255)
#: Characters of a number: its digits fit into 53 bits.
_LONGEST_NUMBER = _U(16)
_ZEROS, _NOT_DIGIT, _TOP_BITS = _U(0x3030303030303030), _U(0x7676767676767676), _U(0x8080808080808080)


def text_of(buffer: bytes) -> tuple[Any, Any]:
    """A buffer as bytes, and as the 64-bit words that begin at each of them."""
    words: Any = numpy.ndarray((max(0, len(buffer) - 7),), "<u8", buffer, strides=(1,))
    return numpy.frombuffer(buffer, numpy.uint8), words


@kernel
def digits(word):  # type: ignore[no-untyped-def]
    """How many digits a word of eight bytes begins with (unsigned), and their value."""
    value = word ^ _ZEROS
    others = ((value + _NOT_DIGIT) | value) & _TOP_BITS
    if others == _0:
        count = _8
    else:
        first = others & (~others + _1)
        count = ((first >> _U(7)) * _U(0x0001020304050607)) >> _U(56)
        value = (value << _8) << (_U(56) - (count << _U(3)))
    value = (value * _U(10) + (value >> _8)) & _U(0x00FF00FF00FF00FF)
    value = (value * _U(100) + (value >> _U(16))) & _U(0x0000FFFF0000FFFF)
    value = (value * _U(10000) + (value >> _U(32))) & _U(0xFFFFFFFF)
    return count, numpy.int64(value)


@kernel
def read_rows(text, span, kinds, contig, table):  # type: ignore[no-untyped-def]
    """Reads lines into a table as long as they have the contig and the kinds of columns; how many were read.

    Args:
        text: see :func:`text_of`.
        span: where the first line begins, where the last one ends at the latest (eight bytes before the buffer's end), and
            a separator that is allowed besides the tab (9 for none).
        kinds: the kind of each column.
        contig: the contig's name and a tab.
        table: see the layout; it has room for the beginning of one more line.
    """
    data, words = text
    line, end, blank = _U(span[0]), _U(span[1]), span[2]
    refused = len(kinds)
    begins = numpy.empty(refused + 1, numpy.uint64)
    contig_size = _U(len(contig))
    contig_word = _0
    for step in range(min(8, len(contig))):
        contig_word |= _U(contig[step]) << _U(8 * step)
    unused_bits = _U(64 - 8 * min(8, len(contig)))
    rows = 0
    while line < end and rows < table.shape[1] - 1:
        place = line
        if (words[line] ^ contig_word) << unused_bits == _0:
            place = line + contig_size
            for step in range(8, len(contig)):
                if data[line + _U(step)] != contig[step]:
                    place = line
                    break
        column = 1
        value = numpy.int64(0)
        while place > line:
            begin = place
            begins[column] = begin
            kind = kinds[column]
            size = _0
            if kind >= _LIKE:
                other = begins[kind - _LIKE]
                size = begins[kind - _LIKE + 1] - other - _1
                differs = words[other] ^ words[place]
                if size < _8:
                    differs <<= _U(64) - _8 * size
                else:
                    differs |= words[other + size - _8] ^ words[place + size - _8]
                if differs == _0:
                    value = table[kind - _LIKE, rows]
                    place += size
                kind = _WHOLE
            if place > begin:
                pass
            elif kind <= _SIGNED:
                if kind == _SIGNED and data[place] == 45:
                    place += _1
                first = place
                count, value = digits(words[place])
                place += count
                if count == _8:
                    digit = numpy.int64(data[place]) - 48
                    while 0 <= digit <= 9:
                        value = value * 10 + digit
                        place += _1
                        digit = numpy.int64(data[place]) - 48
                if count == _0:
                    column = refused
                    break
                if kind != _WHOLE:
                    point = place
                    if data[place] == 46:
                        point += _1
                        count, more = digits(words[point])
                        place = point + count
                        value = value * _TENS[count] + more
                        if count == _8:
                            digit = numpy.int64(data[place]) - 48
                            while 0 <= digit <= 9:
                                value = value * 10 + digit
                                place += _1
                                digit = numpy.int64(data[place]) - 48
                        if count == _0:
                            column = refused
                            break
                    value = (value << 5) | numpy.int64(place - point)
                    if data[begin] == 45:
                        value |= _MINUS
                if place - first > _LONGEST_NUMBER:
                    column = refused
                    break
            elif kind == _LETTER:
                value = numpy.int64(data[place])
                if value <= 32:
                    column = refused
                    break
                place += _1
            elif kind == _WORD:
                value = numpy.int64(1)
                while _CODES[data[place]] != _NO_CODE:
                    value = (value << 6) | _CODES[data[place]]
                    place += _1
                if place == begin or place - begin > _LONGEST_WORD:
                    column = refused
                    break
            else:
                while 32 < data[place] < 127:
                    place += _1
                if place == begin or place - begin > _LONGEST_TEXT:
                    column = refused
                    break
            after = data[place]
            if after != 9 and after != blank:
                break
            table[column, rows] = value
            place += _1
            column += 1
            if column == refused:
                break
        # The last column is left in the loop at its line end, which is no separator.
        if data[place] != 10 or column != refused - 1:
            break
        table[column, rows] = value
        table[0, rows] = numpy.int64(line)
        line = place + _1
        rows += 1
    table[0, rows] = numpy.int64(line)
    return rows
