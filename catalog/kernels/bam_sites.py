"""Which BAM records span one of some sites on the reference."""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.kernels import kernel
from catalog.kernels.bam_loads import load8, load32

#: Operations that go on along the reference: M, D, N, =, X.
_ON_REFERENCE = 0b110001101


@kernel
def near(buffer: Any, starts: Any, positions: Any, bounds: Any, found: Any) -> int:
    """Finds the records that span a site.

    Args:
        buffer: bytes that hold well-formed records.
        starts: where they begin, behind their block_size.
        positions: of the sites from 0, in rising order on each contig, one contig after the other.
        bounds: where the sites of each contig begin among these, and at last where they end.
        found: receives where the records begin that span a site.

    Returns:
        How many these are.
    """
    count = place = 0
    last_contig = last_position = np.int64(-1)
    for number in range(starts.size):
        start = starts[number]
        contig, position = load32(buffer, start), load32(buffer, start + 4)
        if contig < 0 or contig >= bounds.size - 1:
            continue
        if contig != last_contig or position < last_position:
            place = bounds[contig]
        last_contig, last_position = contig, position
        end = bounds[contig + 1]
        # Records are mostly in order: the next site is that of the record before, or one soon after it.
        while place < end and positions[place] < position:
            place += 1
        if place == end:
            continue
        at = start + 32 + load8(buffer, start + 8)
        covered = position
        for step in range(load32(buffer, start + 12) & 0xFFFF):
            code = load32(buffer, at + 4 * step) & 0xFFFFFFFF
            covered += (code >> 4) * (_ON_REFERENCE >> (code & 15) & 1)
        if positions[place] < covered:
            found[count] = start
            count += 1
    return count
