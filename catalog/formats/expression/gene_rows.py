"""Rows of the derived table ``expression-1`` (``schemas/derived``): a matrix turned into long form, sorted by gene.

Genes of a matrix come in any order. Its values are held as they come, in memory or, where they are many, in a file without
a name in the table's folder, which the system removes however the program ends; then they are written gene by gene.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.columns import TableSink

TABLE = "expression-1"
#: No annotation has more genes. Of a longer matrix (of transcripts, bins) no table is made, so that names fit into memory.
MOST_GENES = 200_000
_MOST_HELD_BYTES = 16 << 20
_WRITTEN_BYTES = 1 << 20
_ROWS_AT_ONCE = 122_880
_VALUE_BYTES = 8


class GeneRows:
    """Gathers the rows of one matrix."""

    def __init__(self, sink: TableSink, samples: Sequence[str], unit: str) -> None:
        """Nothing is gathered yet.

        Args:
            sink: where the table goes.
            samples: the names of the columns.
            unit: of all values.
        """
        self._sink = sink
        self._samples = list(samples)
        self._unit = unit
        self._genes: list[bytes] = []
        self._held = bytearray()
        self._spilled: IO[bytes] | None = None
        self._is_too_long = False

    def take(self, gene: bytes, values: Sequence[float]) -> None:
        """One row: the gene and a value for each sample."""
        self._put([gene], array("d", values).tobytes())

    def take_many(self, genes: Sequence[bytes], values: Any) -> None:
        """Many rows: the genes, and a numpy array with a row for each."""
        self._put(genes, values.tobytes())

    def _put(self, genes: Sequence[bytes], values: bytes) -> None:
        if self._is_too_long or len(self._genes) + len(genes) > MOST_GENES:
            self._is_too_long = True
            self._close()
            return
        self._genes += genes
        self._held += values
        if len(self._held) > (_MOST_HELD_BYTES if self._spilled is None else _WRITTEN_BYTES):
            self._spill()

    def _spill(self) -> None:
        if self._spilled is None:
            # It must outlive this call; the system removes it as soon as nobody has it open.
            self._spilled = tempfile.TemporaryFile(dir=self._sink.path.parent, prefix=".", buffering=0)  # noqa: SIM115
        left = memoryview(self._held)
        while left:
            left = left[self._spilled.write(left) :]
        self._held = bytearray()

    def _close(self) -> None:
        self._genes, self._held = [], bytearray()
        if self._spilled is not None:
            self._spilled.close()

    def finish(self) -> bool:
        """Writes the table, gene by gene in the order of their bytes; whether there is one."""
        import numpy

        if self._is_too_long:
            return False
        if self._spilled is not None:
            self._spill()
        genes = self._genes
        order = sorted(range(len(genes)), key=genes.__getitem__)
        samples = len(self._samples)
        step = max(1, _ROWS_AT_ONCE // samples)
        for start in range(0, len(order), step):
            some = order[start : start + step]
            names = [genes[row].decode("utf-8", "replace") for row in some]
            self._sink.write(
                {
                    "gene": (numpy.repeat(numpy.arange(len(some), dtype="i4"), samples), names),
                    "sample": (numpy.tile(numpy.arange(samples, dtype="i4"), len(some)), self._samples),
                    "value": self._values(some),
                    "unit": (numpy.zeros(len(some) * samples, "i4"), [self._unit]),
                }
            )
        self._close()
        return True

    def _values(self, rows: Sequence[int]) -> Any:
        """The values of some rows, one row after the other."""
        import numpy

        samples = len(self._samples)
        if self._spilled is None:
            return numpy.frombuffer(self._held).reshape(-1, samples)[rows].ravel()
        size = samples * _VALUE_BYTES
        descriptor = self._spilled.fileno()
        return numpy.frombuffer(b"".join(os.pread(descriptor, size, row * size) for row in rows))
