"""The compiled path over the entries of a Matrix Market file; imported only for a large file."""

from __future__ import annotations

from typing import Any

import numpy

from catalog.kernels.mtx import take_entries

_KEYS = 1 << 16


class FastEntries:
    """Passes over entries in blocks; shares state, sums and marks with its judge."""

    def __init__(self, judge: Any) -> None:
        """Begins.

        Args:
            judge: the :class:`~catalog.formats.mtx.entries.Entries` of the file.
        """
        banner, sizes = judge.banner, judge.sizes
        lower = {"symmetric": 1, "skew-symmetric": 2}.get(banner.symmetry, 0) if banner.coordinates else 0
        entries = min(sizes.entries, (1 << 63) - 1)
        is_unsigned = banner.field == "unsigned-integer"
        self._repeats = judge.repeats
        self._is_numbered = judge.is_numbered
        shape = (sizes.rows, sizes.columns, entries)
        values = (banner.coordinates, banner.numbers, banner.is_whole, lower, is_unsigned)
        self._layout = numpy.array([*shape, *values, judge.is_numbered, 0])
        self._state = numpy.frombuffer(judge.state, numpy.int64)
        self._keys = numpy.empty(_KEYS, numpy.uint64)
        sums = numpy.frombuffer(judge.sums, numpy.float64) if judge.sums else numpy.empty(0)
        marks = numpy.frombuffer(judge.marks, numpy.uint8) if judge.marks else numpy.empty(0, numpy.uint8)
        self._out = (self._keys, sums, marks)

    def take(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """See :meth:`catalog.formats.protocol.LineJudge.take_clean`."""
        data = numpy.frombuffer(buffer, numpy.uint8)
        while True:
            room = min(_KEYS, self._repeats.room)
            self._layout[9] = room
            at, lines = take_entries(data, at, self._layout, self._state, self._out)
            number += lines
            if self._is_numbered:
                self._repeats.keys.frombytes(self._keys[: min(lines, room)].tobytes())
                self._repeats.unseen = self._repeats.unseen or lines > room
            if lines < _KEYS:
                return at, number
