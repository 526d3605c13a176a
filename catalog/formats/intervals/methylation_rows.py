"""Rows of the derived table ``methylation-1`` (``schemas/derived``), from plain code and from the fast path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from catalog.kernels.intervals_layout import TOO_MANY

if TYPE_CHECKING:
    from catalog.columns import TableSink

_NUMBERS = ("start", "end", "modified", "unmodified")
_WORDS = ("chrom", "strand", "code", "context")
#: Rows that are handed over at once: one row group.
_ROWS_AT_ONCE = 122_880
_NO_WORD = -1


class MethylationRows:
    """Gathers rows in the order of the file and hands them over in large pieces.

    Every word of a column has one code throughout the file, so that pieces need not be recoded.
    """

    def __init__(self, sink: TableSink) -> None:
        """Nothing is gathered yet."""
        self._sink = sink
        self._codes: dict[str, dict[str, int]] = {name: {} for name in _WORDS}
        self._plain: list[tuple[int, ...]] = []
        self._columns: dict[str, Any] = {}
        self._rows = 0

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
        if max(*span, *calls) > TOO_MANY:
            return
        words = zip(_WORDS, (contig.decode("latin-1"), *kind), strict=True)
        self._plain.append((*span, *calls, *(self._code(name, word) for name, word in words)))
        if len(self._plain) >= _ROWS_AT_ONCE:
            self._gather()

    def _code(self, column: str, word: str | None) -> int:
        codes = self._codes[column]
        return _NO_WORD if word is None else codes.setdefault(word, len(codes))

    def add_columns(self, contig: bytes, columns: Mapping[str, Any]) -> None:
        """Adds rows of one contig.

        Args:
            contig: the contig's name.
            columns: arrays of equal length by the column's name; of words pairs of codes (-1 for none) and the words
                they stand for, or the one word of all rows.
        """
        import numpy

        self._gather()
        piece = {name: columns[name] for name in _NUMBERS}
        for name, words in {"chrom": contig.decode("latin-1"), **columns}.items():
            if isinstance(words, str):
                piece[name] = self._code(name, words)
            elif isinstance(words, tuple):
                codes, words = words
                ours = [*(self._code(name, word) for word in words), _NO_WORD]
                piece[name] = numpy.array(ours, numpy.int32)[codes]
        self._take(piece, len(columns["start"]))

    def _gather(self) -> None:
        """Takes the plain rows."""
        import numpy

        if self._plain:
            columns = numpy.array(self._plain, numpy.int32).T
            rows, self._plain = len(self._plain), []
            self._take(dict(zip((*_NUMBERS, *_WORDS), columns, strict=True)), rows)

    def _take(self, piece: Mapping[str, Any], rows: int) -> None:
        """Writes rows behind those that wait, so that they are copied only once."""
        import numpy

        if self._rows + rows > _ROWS_AT_ONCE:
            self._hand_over()
        size = max(rows, _ROWS_AT_ONCE)
        for name in (*_NUMBERS, *(name for name in _WORDS if self._codes[name])):
            if name not in self._columns:
                self._columns[name] = numpy.empty(size, numpy.int32)
                self._columns[name][: self._rows] = _NO_WORD  # there was no word of it so far
            self._columns[name][self._rows : self._rows + rows] = piece.get(name, _NO_WORD)
        self._rows += rows

    def _hand_over(self) -> None:
        """Hands over what waits; a column without words is left out."""
        if self._rows:
            columns: dict[str, Any] = {name: self._columns[name][: self._rows] for name in _NUMBERS}
            for name, codes in self._codes.items():
                if name in self._columns:
                    columns[name] = (self._columns[name][: self._rows], list(codes))
            self._sink.write(columns)
        self._columns, self._rows = {}, 0

    def flush(self) -> None:
        """Hands over the rows that wait."""
        self._gather()
        self._hand_over()
