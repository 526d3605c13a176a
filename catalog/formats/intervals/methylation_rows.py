"""Rows of the derived table ``methylation-1`` (``schemas/derived``), from plain code and from the fast path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from catalog.kernels.intervals_layout import TOO_MANY

if TYPE_CHECKING:
    from catalog.columns import TableSink

_NAMES = ("chrom", "start", "end", "strand", "code", "context", "modified", "unmodified")
_ROWS_AT_ONCE = 4096


class MethylationRows:
    """Writes rows in the order of the file."""

    def __init__(self, sink: TableSink) -> None:
        """Nothing is written yet."""
        self._sink = sink
        self._waiting: list[tuple[object, ...]] = []

    def add(
        self,
        contig: bytes,
        span: tuple[int, int],
        kind: tuple[str | None, str | None, str | None],
        calls: tuple[int, int],
    ) -> None:
        """Adds one row; one with numbers that no genome and no machine has is left out.

        Args:
            contig: the contig's name.
            span: start and end, counted from 0, half-open.
            kind: strand, code and context, None where the file does not say.
            calls: modified and other calls.
        """
        if max(*span, *calls) <= TOO_MANY:
            self._waiting.append((contig.decode("latin-1"), *span, *kind, *calls))
            if len(self._waiting) >= _ROWS_AT_ONCE:
                self.flush()

    def add_columns(self, contig: bytes, columns: Mapping[str, Any]) -> None:
        """Adds rows of one contig.

        Args:
            contig: the contig's name.
            columns: arrays of equal length by the column's name; pairs of codes and words for words.
        """
        import numpy

        self.flush()
        arrays = {name: each if isinstance(each, tuple) else each.astype(numpy.int32) for name, each in columns.items()}
        codes = numpy.zeros(len(arrays["start"]), numpy.int32)
        self._sink.write({"chrom": (codes, [contig.decode("latin-1")]), **arrays})

    def flush(self) -> None:
        """Writes the rows that wait."""
        if self._waiting:
            self._sink.write(
                {name: list(column) for name, column in zip(_NAMES, zip(*self._waiting, strict=True), strict=True)}
            )
            self._waiting = []
