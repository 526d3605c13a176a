"""The compiled path over the rows of a table; imported only for a large file."""

from __future__ import annotations

import numpy

from catalog.kernels.table_classes import byte_classes, grams
from catalog.kernels.tables import take_table_rows


class FastTable:
    """Passes over rows in blocks."""

    def __init__(self, delimiter: str, columns: int, looked: tuple[int, int], *, is_bank: bool) -> None:
        """Begins behind the header.

        Args:
            delimiter: between cells.
            columns: of the header.
            looked: up to which line every row is looked at for signs of genotypes, and then every how manieth.
            is_bank: whether the bank's rules are wanted.
        """
        self._layout = numpy.array([ord(delimiter), columns, is_bank, False, *looked])
        self._classes = numpy.array(byte_classes(), numpy.uint16)
        self._grams = numpy.frombuffer(grams(), numpy.uint8)
        self._last = b""

    def take(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """See :meth:`catalog.formats.protocol.LineJudge.take_clean`."""
        if buffer is not self._last:
            self._last = buffer
            self._layout[3] = _is_utf8(buffer)
        data = numpy.frombuffer(buffer, numpy.uint8)
        at, rows = take_table_rows(data, at, number, self._layout, self._classes, self._grams)
        return at, number + rows


def _is_utf8(buffer: bytes) -> bool:
    try:
        buffer.decode()
    except UnicodeDecodeError:
        return False
    return True
