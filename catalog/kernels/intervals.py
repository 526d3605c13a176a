"""Tables of intervals: a reader of lines by the kinds of their columns.

The reader takes eight digits at once (as bytes of one 64-bit word) and stops at the first line that plain code has to
look at; the judges of :mod:`catalog.kernels.intervals_rules` see only numbers.
"""

from __future__ import annotations

from typing import Any

import numpy

from catalog.kernels import intervals_layout as layout
from catalog.kernels import kernel

_WHOLE, _SIGNED, _LETTER, _WORD = layout.WHOLE, layout.SIGNED, layout.LETTER, layout.WORD
_MINUS = layout.MINUS
_LONGEST_WORD = layout.LONGEST_WORD
_LONGEST_TEXT = 255
#: Characters of a number: its digits fit into 53 bits.
_LONGEST_NUMBER = 16
_TENS = numpy.array([10**exponent for exponent in range(9)], numpy.int64)
_NO_CODE = 255
_CODES = numpy.full(256, _NO_CODE, numpy.int64)
_CODES[numpy.frombuffer(layout.ALPHABET, numpy.uint8)] = numpy.arange(64)
_U = numpy.uint64
_ZEROS, _NOT_DIGIT, _TOP_BITS = _U(0x3030303030303030), _U(0x7676767676767676), _U(0x8080808080808080)


def text_of(buffer: bytes) -> tuple[Any, Any]:
    """A buffer as bytes, and as the 64-bit words that begin at each of them."""
    words: Any = numpy.ndarray((max(0, len(buffer) - 7),), "<u8", buffer, strides=(1,))
    return numpy.frombuffer(buffer, numpy.uint8), words


@kernel
def digits(word):  # type: ignore[no-untyped-def]
    """How many digits a word of eight bytes begins with, and their value."""
    value = word ^ _ZEROS
    others = ((value + _NOT_DIGIT) | value) & _TOP_BITS
    if others == _U(0):
        count = _U(8)
    else:
        first = others & (~others + _U(1))
        count = ((first >> _U(7)) * _U(0x0001020304050607)) >> _U(56)
        value = (value << _U(8)) << (_U(56) - (count << _U(3)))
    value = (value * _U(10) + (value >> _U(8))) & _U(0x00FF00FF00FF00FF)
    value = (value * _U(100) + (value >> _U(16))) & _U(0x0000FFFF0000FFFF)
    value = (value * _U(10000) + (value >> _U(32))) & _U(0xFFFFFFFF)
    return numpy.int64(count), numpy.int64(value)


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
    line, end, blank = span
    refused = len(kinds)
    rows = 0
    while line < end and rows < table.shape[1] - 1:
        place = line
        for step in range(len(contig)):
            if data[line + step] != contig[step]:
                break
        else:
            place = line + len(contig)
        column = 1
        value = numpy.int64(0)
        while place > line:
            begin = place
            kind = kinds[column]
            if kind <= _SIGNED:
                if kind == _SIGNED and data[place] == 45:
                    place += 1
                first = place
                count, value = digits(words[place])
                place += count
                if count == 8:
                    digit = numpy.int64(data[place]) - 48
                    while 0 <= digit <= 9:
                        value = value * 10 + digit
                        place += 1
                        digit = numpy.int64(data[place]) - 48
                if count == 0:
                    column = refused
                    break
                if kind != _WHOLE:
                    point = place
                    if data[place] == 46:
                        point += 1
                        count, more = digits(words[point])
                        place = point + count
                        value = value * _TENS[count] + more
                        if count == 8:
                            digit = numpy.int64(data[place]) - 48
                            while 0 <= digit <= 9:
                                value = value * 10 + digit
                                place += 1
                                digit = numpy.int64(data[place]) - 48
                        if count == 0:
                            column = refused
                            break
                    value = (value << 5) | (place - point)
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
                place += 1
            elif kind == _WORD:
                value = numpy.int64(1)
                while _CODES[data[place]] != _NO_CODE:
                    value = (value << 6) | _CODES[data[place]]
                    place += 1
                if place == begin or place - begin > _LONGEST_WORD:
                    column = refused
                    break
            else:
                while 32 < data[place] < 127:
                    place += 1
                if place == begin or place - begin > _LONGEST_TEXT:
                    column = refused
                    break
            after = data[place]
            if after != 9 and after != blank:
                break
            table[column, rows] = value
            place += 1
            column += 1
            if column == refused:
                break
        # The last column is left in the loop at its line end, which is no separator.
        if data[place] != 10 or column != refused - 1:
            break
        table[column, rows] = value
        table[0, rows] = line
        line = place + 1
        rows += 1
    table[0, rows] = line
    return rows
