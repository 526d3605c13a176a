"""Rows of the derived table ``cnv-1`` (``schemas/derived``) from a line's ``cnv.csv`` (``schemas/tables/cnv-1.json``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from catalog.formats.protocol import Reading

if TYPE_CHECKING:
    from catalog.columns import TableSink

_TABLE = "cnv-1"
_FILE = "cnv.csv"
_REQUIRED = frozenset({"band", "type"})
_KINDS = frozenset({"gain", "loss", "loh"})
_TEXTS = ("chrom", "band", "assembly")
_HIGHEST = (1 << 31) - 1
_DIGITS = 10
_ROWS_AT_ONCE = 4096


class CopyNumberRows:
    """Takes the rows of one table; one that is not as its schema says takes the derived table back."""

    def __init__(self, reading: Reading, sink: TableSink, columns: Sequence[str]) -> None:
        """Nothing is taken yet.

        Args:
            reading: the file.
            sink: the derived table.
            columns: the header.
        """
        self._reading = reading
        self._sink = sink
        self._columns = columns
        self._rows: list[dict[str, str | int | float | None]] = []
        self._is_dropped = False

    def take(self, cells: Sequence[str]) -> None:
        """The cells of a row, as many as there are columns."""
        if self._is_dropped:
            return
        try:
            self._rows.append(_segment(dict(zip(self._columns, cells, strict=True))))
        except ValueError:
            self._is_dropped = True
            self._reading.sinks.drop(_TABLE)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Hands over the rows that wait."""
        if self._rows and not self._is_dropped:
            self._sink.write({name: [row[name] for row in self._rows] for name in self._rows[0]})
        self._rows = []


def copy_number_rows(reading: Reading, columns: Sequence[str]) -> CopyNumberRows | None:
    """The rows of the derived table, where the file is a ``cnv.csv`` and the table is wanted."""
    if PurePath(reading.path).name != _FILE or not _REQUIRED.issubset(columns):
        return None
    sink = reading.sink(_TABLE)
    return CopyNumberRows(reading, sink, columns) if sink is not None else None


def _segment(row: dict[str, str]) -> dict[str, str | int | float | None]:
    """A row of the derived table.

    Raises:
        ValueError: a cell is not as the schema of the table says.
    """
    start, end = _whole(row.get("start", "")), _whole(row.get("end", ""))
    copies = float(row["copy_number"]) if row.get("copy_number") else None
    if row["type"] not in _KINDS or (copies is not None and not (math.isfinite(copies) and copies >= 0)):
        raise ValueError
    if start is not None and end is not None and end < start:
        raise ValueError
    return {
        **{name: row.get(name) or None for name in _TEXTS},
        "start": None if start is None else start - 1,
        "end": end,
        "copy_number": copies,
        "kind": row["type"],
        "markers": _whole(row.get("markers", "")),
    }


def _whole(text: str) -> int | None:
    """A whole number from 1; None for an empty cell."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS or not 1 <= int(text) <= _HIGHEST:
        raise ValueError
    return int(text)
