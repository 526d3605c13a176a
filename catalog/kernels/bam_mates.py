"""Mates of BAM records, compared through a table of those that wait."""

from __future__ import annotations

from typing import Any

from catalog.kernels import bam_state, kernel

#: Numbers of the memory of mates.
PAIRS, WAITING, PASSED_OVER, FAULTS, MEMORY_NUMBERS = 0, 1, 2, 3, 12

compare_mates = kernel(bam_state.compare_mates)


@kernel
def place_of(table: Any, key: int) -> Any:
    """The row of a key, or the free one where it would stand."""
    mask = table.shape[0] - 1
    place = (key ^ key >> 32) & mask
    while table[place, 0] != 0 and table[place, 0] != key:
        place = (place + 1) & mask
    return place


@kernel
def take_out(table: Any, place: int) -> None:
    """Frees a row, and moves up those behind it that would not be found any more."""
    mask = table.shape[0] - 1
    free = place
    while True:
        place = (place + 1) & mask
        key = table[place, 0]
        if key == 0:
            break
        home = (key ^ key >> 32) & mask
        if (place - home) & mask >= (place - free) & mask:
            for column in range(4):
                table[free, column] = table[place, column]
            free = place
    table[free, 0] = 0


@kernel
def match(claims: Any, count: int, table: Any, memory: Any, most_waiting: int) -> None:
    """Compares each read with its mate, where that waits in the table; else it waits.

    Args:
        claims: for each read key, own place, place of its mate, rest and segment, record and offset.
        count: of the claims.
        table: key, own place, place of the mate, rest and segment of those that wait; its size is a power of two.
        memory: counters; from :data:`FAULTS` on for each kind of fault its number, and record and offset of the first.
        most_waiting: that many may wait.
    """
    for number in range(count):
        claim = claims[number]
        place = place_of(table, claim[0])
        row = table[place]
        if row[0] == 0:
            if memory[WAITING] < most_waiting:
                row[0], row[1], row[2], row[3] = claim[0], claim[1], claim[2], claim[3]
                memory[WAITING] += 1
            else:
                memory[PASSED_OVER] += 1
        elif row[3] & 3 != claim[3] & 3:
            found = compare_mates(row[1], row[2], row[3] >> 2, claim[1], claim[2], claim[3] >> 2)
            take_out(table, place)
            memory[PAIRS] += 1
            memory[WAITING] -= 1
            for kind in range(3):
                if found >> kind & 1:
                    at = FAULTS + 3 * kind
                    if memory[at] == 0:
                        memory[at + 1], memory[at + 2] = claim[4], claim[5]
                    memory[at] += 1


@kernel
def grow(table: Any, larger: Any) -> None:
    """Copies what waits into a larger table."""
    for number in range(table.shape[0]):
        if table[number, 0] != 0:
            place = place_of(larger, table[number, 0])
            for column in range(4):
                larger[place, column] = table[number, column]
