"""Marks of the bytes that can end a value: their distances from the begin of the text, 32 bits each."""

from __future__ import annotations

import numpy

from catalog.kernels import kernel
from catalog.kernels.memory import MARKED, column_ends, count_ones, count_zeros, marks, part, store_32
from catalog.kernels.vcf_state import MOST_PROGRAM

_ONE = numpy.uint64(1)


@part
def note_marks(found, at, tokens):  # type: ignore[no-untyped-def]
    """Writes the distances of 64 bytes' marks, and up to seven numbers more; how many marks there are."""
    number = count_ones(found)
    for group in range(0, number, 8):
        for place in range(8):
            store_32(tokens + 4 * (group + place), at + count_zeros(found))
            found &= found - _ONE
    return number


@kernel
def mark_ends(address, size, tokens):  # type: ignore[no-untyped-def]
    """Writes the distances of all marked bytes; how many there are. A few more marks stand at the end of the text."""
    number = 0
    for at in range(0, size, MARKED):
        found = marks(address + at)
        if at + MARKED > size:
            found &= (_ONE << numpy.uint64(size - at)) - _ONE
        number += note_marks(found, at, tokens + 4 * number)
    for place in range(MOST_PROGRAM + 8):
        store_32(tokens + 4 * (number + place), size)
    return number


@kernel
def mark_columns(text, at, size, tokens, columns, room):  # type: ignore[no-untyped-def]
    """Writes the distances of the marked bytes of so many columns from a place on, and of some behind them.

    How many there are; -1 without room for all.
    """
    number = 0
    for place in range(at, size, MARKED):
        if number + MARKED > room:
            return -1
        number += note_marks(marks(text + place), place, tokens + 4 * number)
        columns -= count_ones(column_ends(text + place))
        if columns <= 0:
            break
    return number
