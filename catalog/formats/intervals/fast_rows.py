"""The fast path of tables of intervals: whole blocks of lines through a compiled reader and a judge."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.kernels.intervals_layout import TALLY_SIZE

#: Lines at a time: handing their columns over costs as much for a few, and a core's cache still holds them.
_LINES = 8192
_TAB = 9
_LONGEST_WAIT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How a table is read fast.

    Attributes:
        kinds: the kind of each column (:mod:`catalog.kernels.intervals_layout`).
        judge: the name of the judge in :mod:`catalog.kernels.intervals_rules`.
        blank: a separator that is allowed besides the tab.
    """

    kinds: tuple[int, ...]
    judge: str
    blank: int = _TAB


class FastRows:
    """Passes over lines of which there is nothing to say, with the tally that plain code counts in."""

    def __init__(self, table: Table, tally: array[int], reals: array[float]) -> None:
        """Prepares to read; compiled code is loaded at the first call of :meth:`take` only.

        Args:
            table: the columns.
            tally: shared with plain code.
            reals: likewise.
        """
        self._table = table
        self._shared = (tally, reals)
        self._buffer = b""
        self._kernels: tuple[Callable[..., int], Callable[..., int]] | None = None
        self._wait = self._waited = 0
        assert len(tally) == TALLY_SIZE

    def take(
        self, buffer: bytes, at: int, number: int, contig: bytes, emit: Callable[[Any], None] | None = None
    ) -> tuple[int, int]:
        """Passes over lines, as :meth:`catalog.formats.protocol.LineJudge.take_clean` does.

        Args:
            buffer: whole lines.
            at: where the next one begins.
            number: its number.
            contig: the contig of the line before.
            emit: is given the columns of the lines that were passed over.
        """
        if self._waited < self._wait:
            self._waited += 1
            return at, number
        if buffer is not self._buffer:
            self._open(buffer)
        begun = number
        read, judge = self._load()
        rows, self._span[0] = _LINES, at
        taken = _LINES
        while taken == _LINES and self._span[0] < self._span[1]:
            rows = read(self._address, self._span, self._kinds, self._contig(contig), self._cells, self._words)
            taken = judge(self._cells, rows, *self._views)
            if emit is not None and taken:
                emit(self._cells[:, :taken])
            self._span[0] = self._cells[0, taken]
            number += taken
        # Files that need plain code for most lines shall not pay for trying.
        self._wait = 0 if number > begun + 1 else min(_LONGEST_WAIT, 2 * self._wait + 1)
        self._waited = 0
        return int(self._span[0]), number

    def _load(self) -> tuple[Callable[..., int], Callable[..., int]]:
        if self._kernels is None:
            import numpy

            from catalog.kernels import intervals, intervals_rules

            self._kinds = numpy.array(self._table.kinds, numpy.int64)
            self._cells = numpy.zeros((len(self._table.kinds), _LINES + 1), numpy.int64)
            self._words = numpy.zeros((2, len(self._table.kinds)), numpy.uint64)
            tally, reals = self._shared
            self._views = (numpy.frombuffer(tally, numpy.int64), numpy.frombuffer(reals, numpy.float64))
            self._kernels = (intervals.read_rows, getattr(intervals_rules, self._table.judge))
        return self._kernels

    def _open(self, buffer: bytes) -> None:
        import numpy

        from catalog.kernels import intervals

        self._buffer = buffer
        self._address = intervals.address_of(buffer)
        end = buffer.rfind(b"\n", 0, max(0, len(buffer) - intervals.MARGIN_BYTES)) + 1
        self._span = numpy.array([0, end, self._table.blank], numpy.int64)

    def _contig(self, name: bytes) -> Any:
        import numpy

        return numpy.frombuffer(name + b"\t", numpy.uint8)
