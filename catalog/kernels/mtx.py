"""The entries of a Matrix Market file; stops at the first line that plain code has to look at.

A layout is an array: rows, columns, entries, indices and numbers of an entry, whether these are whole; whether entries
stand only on and below (1) or below (2) the diagonal; whether a sign is forbidden; whether places are kept, and how many.
"""

from __future__ import annotations

import numpy

from catalog.kernels import kernel

_NO = -1
_MOST_DIGITS = 18
_POWERS = numpy.array([10.0**exponent for exponent in range(23)])


@kernel
def take_word(data, at, whole, plain):  # type: ignore[no-untyped-def]
    """A number behind any blanks: where it ends (-1: plain code), its value, and whether it is only digits."""
    while data[at] == 32 or data[at] == 9:
        at += 1
    negative = data[at] == 45
    if negative or data[at] == 43:
        if plain:
            return _NO, 0.0
        at += 1
    mantissa = 0
    begin = at
    while 48 <= data[at] <= 57:
        mantissa = mantissa * 10 + (data[at] - 48)
        at += 1
    digits = at - begin
    scale = 0
    if not whole:
        if data[at] == 46:
            at += 1
            places = at
            while 48 <= data[at] <= 57:
                mantissa = mantissa * 10 + (data[at] - 48)
                at += 1
            scale = places - at
            digits += at - places
        if digits and (data[at] | 32) == 101:
            at += 1
            sign = -1 if data[at] == 45 else 1
            at += data[at] == 45 or data[at] == 43
            if not (48 <= data[at] <= 57):
                return _NO, 0.0
            exponent = 0
            while 48 <= data[at] <= 57:
                exponent = min(exponent * 10 + (data[at] - 48), 1000)
                at += 1
            scale += sign * exponent
    if digits == 0 or digits > _MOST_DIGITS or scale < -22 or scale > 22:
        return _NO, 0.0
    value = mantissa / _POWERS[-scale] if scale < 0 else mantissa * _POWERS[scale]
    return at, -value if negative else value


@kernel
def take_entries(data, at, layout, state, out):  # type: ignore[no-untyped-def]
    """Lines of entries of which there is nothing to say: where the first begins that was not taken, how many were."""
    keys, sums, marks = out
    rows, columns, coordinates, numbers = layout[0], layout[1], layout[3], layout[4]
    lines = 0
    while at < len(data) and lines < len(keys) and state[0] < layout[2]:
        start = at
        row = column = 1
        value = 0.0
        for part in range(coordinates + numbers):
            if part and data[at] != 32 and data[at] != 9:
                return start, lines
            is_index = part < coordinates
            at, number = take_word(data, at, is_index or layout[5] != 0, is_index or layout[7] != 0)
            if at < 0:
                return start, lines
            if is_index:
                if number < 1 or number > (rows if part == 0 else columns) or number > 9e15:
                    return start, lines
                if part == 0:
                    row = int(number)
                else:
                    column = int(number)
            elif part == coordinates:
                value = number
        while data[at] == 32 or data[at] == 9:
            at += 1
        if data[at] == 13:
            at += 1
        if data[at] != 10 or at - start > 1024 or (layout[6] and (row < column or (row == column and layout[6] == 2))):
            return start, lines
        if layout[8]:
            state[3] &= state[2] < column or (state[2] == column and state[1] < row)
            state[4] &= state[1] < row or (state[1] == row and state[2] < column)
            state[1] = row
            state[2] = column
            if lines < layout[9]:
                keys[lines] = row * (columns + 1) + column
        if len(sums):
            sums[column - 1] += value
            marks[row - 1] |= value != 0
        state[0] += 1
        lines += 1
        at += 1
    return at, lines
