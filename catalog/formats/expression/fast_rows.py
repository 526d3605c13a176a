"""The compiled path over the rows of an expression matrix; imported only for a large file."""

from __future__ import annotations

import zlib
from typing import Any

import numpy

from catalog.formats.expression.evidence import CHOSEN_BY, LISTED_SAMPLES, MARKED_CODES
from catalog.formats.expression.tally import Tally
from catalog.kernels.matrix import take_rows

_ROWS = 8192
_CHOSEN = 1024
_CHOSEN_VALUES = 1 << 18
_OTHER, _VERSIONED = 0, 2
_NUMBERS_OF_A_ROW = 7
#: Room for the values of rows that go to the derived table.
_TABLE_VALUES = 1 << 18


class FastRows:
    """Passes over rows in blocks; shares the tally with the plain path."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        samples = len(tally.samples)
        self._listed = min(samples, LISTED_SAMPLES)
        self._room = max(1, min(_CHOSEN, _CHOSEN_VALUES // self._listed))
        watched = numpy.zeros(1 << 16, numpy.bool_)
        watched[[code & 0xFFFF for code in MARKED_CODES]] = True
        # Without a derived table the values of one row after another take the same room.
        rows = _ROWS if tally.rows is None else max(1, min(_ROWS, _TABLE_VALUES // samples))
        self._spans = numpy.empty((rows, _NUMBERS_OF_A_ROW), numpy.int64)
        self._rows = numpy.empty((1 if tally.rows is None else rows, samples))
        table = numpy.array([_table_entry(byte) for byte in range(256)], numpy.uint32)
        self._genes = (table, watched, self._spans)
        totals = numpy.frombuffer(tally.totals, numpy.float64)
        self._sums = (totals, numpy.frombuffer(tally.detected, numpy.int64), self._rows)
        self._codes = numpy.empty(self._room, numpy.int64)
        self._values = numpy.empty((self._room, self._listed))

    def take(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """See :meth:`catalog.formats.protocol.LineJudge.take_clean`."""
        tally = self._tally
        data = numpy.frombuffer(buffer, numpy.uint8)
        while True:
            room = min(self._room, tally.expression.wanted)
            layout = numpy.array(
                [tally.delimiter[0], tally.described, len(tally.samples), tally.whole, self._listed, CHOSEN_BY, room]
            )
            kept = (self._codes, self._values)
            at, rows, chosen, is_full = take_rows(data, at, layout, self._genes, self._sums, kept)
            if rows:
                self._take_genes(buffer, self._spans[:rows], number)
                number += rows
            if chosen:
                tally.expression.take_chosen(self._codes[:chosen].tolist(), self._values[:chosen].tobytes())
            if not is_full:
                return at, number

    def _take_genes(self, buffer: bytes, spans: Any, number: int) -> None:
        tally = self._tally
        first, described, start, end, kinds = (spans[:, column].tolist() for column in range(5))
        genes = [buffer[begin:stop] for begin, stop in zip(start, end, strict=True)]
        if tally.rows is not None:
            for row in spans[:, 6].nonzero()[0]:
                values = buffer[described[row] : spans[row, 5]].split(tally.delimiter)
                self._rows[row] = list(map(float, values))
            tally.rows.take_many(genes, self._rows[: len(genes)])
        is_plain = tally.described == 1
        if is_plain and _OTHER not in kinds and tally.genes.take_ensembl(genes, kinds.count(_VERSIONED), number):
            return
        for row, gene in enumerate(genes):
            if kinds[row] == _OTHER or not is_plain:
                tally.see_described(gene if is_plain else buffer[first[row] : described[row] - 1])
            tally.genes.take(gene, number + row)


def _table_entry(byte: int) -> int:
    """One entry of the table of CRC-32 (reflected polynomial 0xEDB88320), found by the library's own CRC."""
    # The CRC of one byte b from register r is table[(r ^ b) & 255] ^ (r >> 8), with r = 0xFFFFFFFF at the start.
    return zlib.crc32(bytes([byte ^ 0xFF])) ^ 0xFFFFFFFF ^ 0x00FFFFFF
