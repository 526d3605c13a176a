"""The rows of an expression matrix: a gene, then one number a sample; stops at the first row that needs plain code.

A layout is an array: separator, columns before the values, samples, whether values are whole numbers, samples whose
values are kept, the divisor of the codes of genes whose values are kept, room for such genes.
"""

from __future__ import annotations

import numpy

from catalog.kernels import kernel

_NO = -1
#: More digits than these do not fit into 63 bits; whole numbers from this on not into a number of 64 bits with a point.
_MOST_DIGITS = 18
_INEXACT_FROM = 1 << 53
_POWERS = numpy.array([10.0**exponent for exponent in range(23)])


@kernel
def take_gene(data, at, layout, table):  # type: ignore[no-untyped-def]
    """The cells before the values: where the values begin (-1: plain code), where the gene begins and ends, 1 for a plain
    and 2 for a versioned identifier of Ensembl (else 0), and the CRC-32 of the identifier without version.
    """
    separator = layout[0]
    start = at
    end = at
    if data[at] == 34:
        start = at = at + 1
        while 32 <= data[at] < 128 and data[at] != 34:
            at += 1
        end = at
        if layout[1] > 1 or data[at] != 34 or data[at + 1] != separator:
            return _NO, 0, 0, 0, 0
        at += 1
    else:
        for column in range(layout[1]):
            while data[at] != separator and 32 <= data[at] < 128 and data[at] != 34:
                at += 1
            if data[at] != separator:
                return _NO, 0, 0, 0, 0
            if column == 0:
                end = at
            if column < layout[1] - 1:
                at += 1
    if start == end or data[start] == 95 or (data[start] == 78 and data[start + 1] == 95):
        return _NO, 0, 0, 0, 0
    kind = 0
    root = end
    if end - start > 15 and data[start] == 69 and data[start + 1] == 78 and data[start + 2] == 83:
        at_digit = start + 3
        while 65 <= data[at_digit] <= 90:
            at_digit += 1
        root = at_digit
        while root < end and data[root] != 46:
            root += 1
        digits = at_digit
        while 48 <= data[digits] <= 57:
            digits += 1
        last = data[at_digit - 1]
        if digits - at_digit == 11 and 0 < at_digit - start - 3 < 6 and (last == 71 or last == 84):
            kind = 1 if digits == end else 0
            if data[digits] == 46 and end > digits + 1:
                digits += 1
                while 48 <= data[digits] <= 57:
                    digits += 1
                kind = 2 if digits == end else 0
    code = numpy.uint32(0xFFFFFFFF)
    for place in range(start, root):
        code = table[(code ^ data[place]) & numpy.uint32(255)] ^ (code >> numpy.uint32(8))
    return at + 1, start, end, kind, numpy.int64(code ^ numpy.uint32(0xFFFFFFFF))


@kernel
def take_values(data, at, layout, row):  # type: ignore[no-untyped-def]
    """The values of a row: where its line ends, -1 when plain code has to look at it; whether one may be the neighbour of
    the number that is written.
    """
    separator = layout[0]
    samples = layout[2]
    whole = layout[3]
    is_inexact = False
    for column in range(samples):
        mantissa = 0
        begin = at
        while 48 <= data[at] <= 57:
            mantissa = mantissa * 10 + (data[at] - 48)
            at += 1
        digits = at - begin
        if digits > _MOST_DIGITS or (digits == _MOST_DIGITS and data[at] == 46):
            return _NO, False
        scale = 0
        if whole == 0:
            if data[at] == 46:
                at += 1
                while 48 <= data[at] <= 57:
                    if digits < _MOST_DIGITS:
                        mantissa = mantissa * 10 + (data[at] - 48)
                        scale -= 1
                        digits += mantissa > 0
                    at += 1
                digits = max(digits, at - begin - 1)
            if digits and (data[at] | 32) == 101:
                at += 1
                sign = -1 if data[at] == 45 else 1
                at += data[at] == 45 or data[at] == 43
                if not (48 <= data[at] <= 57 and 48 <= data[at + 1] <= 57) or 48 <= data[at + 2] <= 57:
                    return _NO, False
                scale += sign * ((data[at] - 48) * 10 + data[at + 1] - 48)
                at += 2
        if digits == 0 or scale < -22 or scale > 22:
            return _NO, False
        is_inexact |= mantissa >= _INEXACT_FROM
        row[column] = mantissa / _POWERS[-scale] if scale < 0 else mantissa * _POWERS[scale]
        if column < samples - 1:
            if data[at] != separator:
                return _NO, False
            at += 1
    if data[at] == 13:
        at += 1
    return (at if data[at] == 10 else _NO), is_inexact


@kernel
def take_rows(data, at, layout, genes, sums, kept):  # type: ignore[no-untyped-def]
    """Rows of which there is nothing to say.

    Args:
        data: whole lines.
        at: where the next begins.
        layout: see above.
        genes: the table of CRC-32; which codes (their low 16 bits) plain code wants to see; room for seven numbers a row:
            where the line, its values, its gene begin, where the gene ends, its kind, where the line ends, and whether
            a value may be the neighbour of the number that is written.
        sums: of each sample the total, how many genes it expresses, and room for the values of rows, the last ones of
            which are left there.
        kept: room for codes and values of the genes that are kept.

    Returns:
        Where the first row begins that was not taken; how many were; how many are kept; whether there was no room left.
    """
    table, watched, spans = genes
    totals, detected, room = sums
    codes, values = kept
    rows = 0
    chosen = 0
    while at < len(data):
        first, start, end, kind, code = take_gene(data, at, layout, table)
        if first < 0 or watched[code & 0xFFFF]:
            return at, rows, chosen, False
        is_kept = layout[6] > 0 and code % layout[5] == 0
        if rows == len(spans) or (is_kept and chosen == layout[6]):
            return at, rows, chosen, True
        row = room[rows % len(room)]
        after, is_inexact = take_values(data, first, layout, row)
        if after < 0:
            return at, rows, chosen, False
        for column in range(layout[2]):
            totals[column] += row[column]
            detected[column] += row[column] > 0
        if is_kept:
            codes[chosen] = code
            for column in range(layout[4]):
                values[chosen, column] = row[column]
            chosen += 1
        spans[rows, 0], spans[rows, 1], spans[rows, 2], spans[rows, 3], spans[rows, 4] = at, first, start, end, kind
        spans[rows, 5], spans[rows, 6] = after, is_inexact
        rows += 1
        at = after + 1
    return at, rows, chosen, False
