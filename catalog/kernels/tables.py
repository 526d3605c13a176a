"""The rows of a CSV or TSV table; stops at the first row that plain code has to look at.

Bytes have classes (:mod:`catalog.kernels.table_classes`). A layout is an array: separator, columns, whether the bank's
rules are wanted, whether bytes from 128 on are well-formed UTF-8; up to which line every row is looked at for genotypes,
and then every how manieth.
"""

from __future__ import annotations

from catalog.kernels import kernel
from catalog.kernels.table_classes import (
    BAD,
    BASE,
    IN_NUMBERS,
    KINDS,
    LONG_SEQUENCE,
    LONG_TOKEN,
    LOOK,
    LOOK_AT_PAIR,
    OTHER,
    TOKEN,
    WORD,
)

_NO = -1


@kernel
def take_text(data, at, layout, looks, classes, grams):  # type: ignore[no-untyped-def]
    """A cell that is no number, with its quotes: where it ends, -1 when plain code has to look at it."""
    separator = layout[0]
    quoted = data[at] == 34 and separator != 9
    before = last = OTHER
    word = token = bases = 0
    at += quoted
    first = at
    while True:
        byte = data[at]
        if byte == 10 or byte == 13 or (byte == separator and not quoted) or (byte == 34 and separator != 9):
            break
        kind = classes[byte]
        if kind & BAD or (byte >= 128 and not layout[3]):
            return _NO
        if looks:
            found = grams[(before * KINDS + last) * KINDS + (kind & 255)]
            token = token + 1 if kind & TOKEN else 0
            bases = bases + 1 if kind & BASE else 0
            if found == LOOK or (found == LOOK_AT_PAIR and word == 2) or token >= LONG_TOKEN or bases >= LONG_SEQUENCE:
                return _NO
            word = word + 1 if kind & WORD else 0
            before = last
            last = kind & 255
        at += 1
    if looks and word == 2 and grams[(before * KINDS + last) * KINDS + OTHER]:
        return _NO
    size = at - first
    if layout[2] and size > 1:
        byte = data[first]
        if byte == 61 or byte == 64 or byte == 43 or byte == 45:
            return _NO
        if 2 < size < 7:
            dashed = 48 <= byte <= 57 and (data[first + 1] == 45 or data[first + 2] == 45)
            september = byte == 83 and data[first + 1] == 69 and data[first + 2] == 80
            march = byte == 77 and data[first + 1] == 65 and data[first + 2] == 82
            if dashed or data[first + 3] == 45 or september or march:
                return _NO
    if quoted:
        return at + 1 if data[at] == 34 else _NO
    return at


@kernel
def take_table_rows(data, at, number, layout, classes, grams):  # type: ignore[no-untyped-def]
    """Rows of which there is nothing to say: where the first begins that was not taken, and how many were."""
    separator, columns = layout[0], layout[1]
    rows = 0
    while at < len(data):
        start = at
        looks = number + rows <= layout[4] or (number + rows) % layout[5] == 0
        cells = 0
        while True:
            first = at
            while classes[data[at]] & 255 < IN_NUMBERS:
                at += 1
            byte = data[at]
            if (byte != separator and byte != 10 and byte != 13) or at - first >= LONG_TOKEN:
                at = take_text(data, first, layout, looks, classes, grams)
                if at < 0:
                    return start, rows
                byte = data[at]
            elif layout[2] and (data[first] == 43 or data[first] == 45):
                place = first + 1
                while 46 <= data[place] <= 57:
                    place += 1
                if place < at and (place == first + 1 or data[place] == 43 or data[place] == 45):
                    return start, rows
            cells += 1
            if byte != separator:
                break
            at += 1
        is_empty = at == start
        if byte == 13:
            at += 1
        if data[at] != 10 or cells != columns or is_empty:
            return start, rows
        at += 1
        rows += 1
    return at, rows
